/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status, and the revision note that goes with it. */
#include "ascii.h"
#include "edit_private.h"

#include "planwatch/text.h"

#include <stdio.h>
#include <string.h>

/* The format's own plans are wrapped there. */
#define COLUMNS 80

/* ---- The gate ---- */

static int refuse(const struct plan *plan, const char *why, struct error *error)
{
	return error_set(error, -EPERM, "the plan's status is \"%s\"; %s", plan->status.raw, why);
}

static int may_complete(const struct plan *plan, struct error *error)
{
	uint32_t left = plan->counts.total - plan->counts.done;

	if (plan->status.state == STATUS_DRAFT)
		return refuse(plan, "a draft is approved before it is worked on", error);
	if (plan->item_count == 0)
		return error_set(error, -EPERM,
				 "the plan has no items, so nothing tells that it is complete");
	if (left)
		return error_set(error, -EPERM, "%u of %u items are not done", left,
				 plan->counts.total);
	return 0;
}

static int may_change(const struct plan *plan, enum plan_status status, struct error *error)
{
	enum plan_status now = plan->status.state;

	if (now == status && status != STATUS_BLOCKED)
		return error_set(error, -EALREADY, "the plan is %s already: \"%s\"",
				 plan_status_name(status), plan->status.raw);
	if (plan->status.raw && now == STATUS_UNKNOWN)
		return refuse(plan, "that is no state; write one there, such as DRAFT", error);
	if (now == STATUS_SUPERSEDED || now == STATUS_COMPLETE)
		return refuse(plan, "to take it up again is for its author: edit it by hand",
			      error);
	if (status == STATUS_COMPLETE)
		return may_complete(plan, error);
	if (status == STATUS_APPROVED && plan->status.raw && now != STATUS_DRAFT)
		return refuse(plan, "only a draft can be approved", error);
	if (status == STATUS_BLOCKED && now == STATUS_DRAFT)
		return refuse(plan, "a draft waits for its approval already", error);
	return 0;
}

/* ---- The status ---- */

/* "APPROVED", "Approved" or "approved", as the old value was written. */
static void write_word(FILE *out, const char *name, const char *old)
{
	while (*old && !is_upper(*old) && !is_lower(*old))
		old++;
	bool first = !*old || is_upper(*old), rest = !*old || !is_lower(old[1]);

	for (size_t i = 0; name[i]; i++)
		(void)fputc((i ? first && rest : first) && is_lower(name[i]) ? name[i] & ~0x20
									     : name[i],
			    out);
}

/* The marks around the old word: "**DRAFT**". */
static size_t emphasis(const char *value, const char *end)
{
	size_t length = 0;

	while (value + length < end && strchr("*_`", value[length]))
		length++;
	return value + length < end ? length : 0;
}

/* In front matter a value is one word for other programs; people find the reason in the revision note. */
static void write_value(FILE *out, const struct edit *edit, enum plan_status status,
			const char *reason)
{
	const struct plan *plan = edit_plan(edit);
	const char *old = edit->bytes + plan->status.start;
	size_t marks = plan->status.raw ? emphasis(old, edit->bytes + plan->status.end) : 0;

	(void)fwrite(old, 1, marks, out);
	write_word(out, plan_status_name(status), plan->status.raw ? plan->status.raw : "");
	for (size_t i = marks; i > 0; i--)
		(void)fputc(old[i - 1], out);
	if (reason && !plan->status.front_matter)
		(void)fprintf(out, " (%s)", reason);
}

/* ---- Places ---- */

/* Where a line begins; the end of the file for one beyond the last. */
static size_t line_offset(const struct edit *edit, uint32_t line)
{
	const char *at = edit->bytes, *end = at + edit->length;

	for (; line > 1 && at < end; line--) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		at = newline ? newline + 1 : end;
	}
	return (size_t)(at - edit->bytes);
}

/* Behind the last line before `line` that is not blank, before what ends it. */
static size_t last_text(const struct edit *edit, uint32_t line)
{
	size_t at = line_offset(edit, line);

	while (at > 0 && is_space(edit->bytes[at - 1]))
		at--;
	return at + strcspn(edit->bytes + at, "\r\n");
}

static const char *newline_of(const struct edit *edit)
{
	const char *newline = memchr(edit->bytes, '\n', edit->length);

	return newline && newline > edit->bytes && newline[-1] == '\r' ? "\r\n" : "\n";
}

/* A plan without a status gets it where the format has it: in front of its first section. */
static int place_status(const struct edit *edit, size_t *ret, struct error *error)
{
	const struct plan *plan = edit_plan(edit);

	for (size_t i = 0; i < plan->section_count; i++)
		if (plan->sections[i].level > 1) {
			*ret = line_offset(edit, plan->sections[i].line);
			return 0;
		}
	return error_set(error, -ENOTSUP, "the plan has no section to put a status before");
}

static const struct section *note_section(const struct plan *plan)
{
	const struct section *found = NULL;

	for (size_t i = 0; i < plan->section_count; i++)
		if (plan->sections[i].kind == SECTION_REVISION_NOTE)
			found = &plan->sections[i];
	return found;
}

/* The bullet of the list that a section ends with; NUL for prose. */
static char bullet_of(const struct edit *edit, const struct section *section)
{
	size_t at = line_offset(edit, section->line + 1),
	       end = line_offset(edit, section->end_line + 1);
	char bullet = '\0';

	for (; at < end; at += strcspn(edit->bytes + at, "\n") + 1) {
		const char *line = edit->bytes + at;
		if (!is_space(*line))
			bullet = *line && strchr("-*+", *line) && line[1] == ' ' ? *line : '\0';
	}
	return bullet;
}

/* ---- The revision note ---- */

/* A line that begins so is prose: "1." or "#" could begin a list or a heading. */
static bool may_begin_line(char c)
{
	return is_upper(c) || is_lower(c) || (unsigned char)c >= 0x80 || c == '(' || c == '"';
}

static void write_wrapped(FILE *out, const char *text, const char *newline, const char *indent)
{
	size_t column = strlen(indent);

	while (*text) {
		size_t length = strcspn(text, " ");
		cleanup_free char *word = strndup(text, length);
		size_t width = word ? text_width(word) : length;

		if (column + 1 + width > COLUMNS && may_begin_line(*text)) {
			(void)fprintf(out, "%s%s", newline, indent);
			column = strlen(indent);
		} else if (column > strlen(indent)) {
			(void)fputc(' ', out);
			column++;
		}
		(void)fwrite(text, 1, length, out);
		column += width;
		text += length + (text[length] == ' ');
	}
}

/* What changed, why, and how that affects the work that remains. The caller frees. */
static char *note_text(const struct edit *edit, enum plan_status status, const char *who,
		       const char *reason)
{
	const struct plan *plan = edit_plan(edit);
	const char *old = plan->status.raw;
	cleanup_free char *about = NULL;
	char time[INSTANT_MAX], word[16] = "", *text;
	int r = 0;

	edit_format_time(edit->now, time);
	for (size_t i = 0; plan_status_name(status)[i] && i + 1 < sizeof(word); i++)
		word[i] = (char)(plan_status_name(status)[i] & ~0x20);
	if (reason)
		r = asprintf(&about, ": %s%s The work that remains waits until this is settled.",
			     reason, strchr(".!?", reason[strlen(reason) - 1]) ? "" : ".");
	else if (status == STATUS_APPROVED)
		r = asprintf(&about, ". The work of the plan may begin.");
	else
		r = asprintf(&about, ": all %u items are done. No work remains.",
			     plan->counts.total);
	if (r < 0)
		return NULL;
	r = old ? asprintf(&text, "%s: status changed from \"%s\" to %s by %s%s", time, old, word,
			   who, about)
		: asprintf(&text, "%s: status set to %s by %s%s", time, word, who, about);
	return r < 0 ? NULL : text;
}

/* Behind the notes that are there, as an entry like them; else a section of its own, at the plan's end. */
static void write_note(FILE *out, const struct edit *edit, const char *note)
{
	const struct section *section = note_section(edit_plan(edit));
	const char *newline = newline_of(edit);
	char bullet = section ? bullet_of(edit, section) : '\0';

	if (!section)
		(void)fprintf(out, "%s%s## Revision note", newline, newline);
	if (bullet)
		(void)fprintf(out, "%s%c ", newline, bullet);
	else
		(void)fprintf(out, "%s%s", newline, newline);
	write_wrapped(out, note, newline, bullet ? "  " : "");
}

/* ---- The edit ---- */

static bool follows_blank_line(const struct edit *edit, size_t at)
{
	if (at > 0)
		at--;
	while (at > 0 && is_space(edit->bytes[at - 1]) && edit->bytes[at - 1] != '\n')
		at--;
	return at == 0 || edit->bytes[at - 1] == '\n';
}

/* The bytes for the splice of the status, at `at`. The caller frees. */
static char *status_text(const struct edit *edit, enum plan_status status, const char *reason,
			 size_t at)
{
	bool added = !edit_plan(edit)->status.raw;
	const char *newline = newline_of(edit);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (added)
		(void)fprintf(out, "%sStatus: ", follows_blank_line(edit, at) ? "" : newline);
	write_value(out, edit, status, reason);
	if (added)
		(void)fprintf(out, "%s%s", newline, newline);
	return text_stream_end(out, &text);
}

static char *note_bytes(const struct edit *edit, enum plan_status status, const char *who,
			const char *reason)
{
	cleanup_free char *note = note_text(edit, status, who, reason);
	char *text = NULL;
	size_t size;
	FILE *out = note ? open_memstream(&text, &size) : NULL;

	if (!out)
		return NULL;
	write_note(out, edit, note);
	return text_stream_end(out, &text);
}

static int apply(const struct edit *edit, enum plan_status status, const char *who,
		 const char *reason, struct edited *ret, struct error *error)
{
	const struct plan *plan = edit_plan(edit);
	const struct section *section = note_section(plan);
	size_t note_at = last_text(edit, (section ? section->end_line : plan->end_line) + 1);
	size_t from = plan->status.start, to = plan->status.end;
	cleanup_free char *value = NULL, *note = note_bytes(edit, status, who, reason);
	struct splice splices[2];
	bool note_first;
	int r = plan->status.raw ? 0 : place_status(edit, &from, error);

	if (r < 0)
		return r;
	to = plan->status.raw ? to : from;
	value = status_text(edit, status, reason, from);
	if (!value || !note)
		return error_set(error, -ENOMEM, "out of memory");
	note_first = note_at < from;
	splices[note_first] = (struct splice){ from, to, value };
	splices[!note_first] = (struct splice){ note_at, note_at, note };
	r = edit_splice(edit, splices, 2, ret, error);
	return r < 0 ? r : edit_check(edit, -1, ITEM_OPEN, status, ret, error);
}

int edit_status(const struct edit *edit, enum plan_status status, const char *who,
		const char *reason, struct edited *ret, struct error *error)
{
	cleanup_free char *plain_who = NULL, *plain_reason = NULL;
	int r = may_change(edit_plan(edit), status, error);

	*ret = (struct edited){ 0 };
	if (r == 0)
		r = edit_plain("the name", who, &plain_who, error);
	if (r == 0 && status == STATUS_BLOCKED)
		r = edit_plain("the reason", reason, &plain_reason, error);
	return r < 0 ? r : apply(edit, status, plain_who, plain_reason, ret, error);
}
