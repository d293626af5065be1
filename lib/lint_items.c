/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The items of the Progress: boxes that are boxes, and text that says what is done when it is done. */
#include "lint_private.h"

#include "ascii.h"

#include <string.h>
#include <strings.h>

/* ---- Boxes ---- */

/* What was meant for a box and is none: "[]", "[ x]", "[x]text". *mark is what stands in it; returns what follows. */
static const char *malformed_box(const char *at, const char *end, char *mark)
{
	const char *close = end - at > 1 && *at == '[' ? memchr(at, ']', (size_t)(end - at)) : NULL;
	unsigned marks = 0;

	if (!close || close - at > 4)
		return NULL;
	*mark = ' ';
	for (const char *c = at + 1; c < close; c++) {
		if (*c == ' ')
			continue;
		if (*c != 'x' && *c != 'X')
			return NULL;
		*mark = 'x';
		marks++;
	}
	/* "[x](address)", "[x][name]" and "[x]: address" are links. */
	if (marks > 1 || (close + 1 < end && strchr("([:", close[1])))
		return NULL;
	return close + 1;
}

/* Writes "[x] " in the place of `from` up to `rest`, with `bullet` in front. */
static void fix_box(struct lint *lint, struct lint_finding *finding, const char *from,
		    const char *rest, const char *bullet, char mark)
{
	char box[8];
	int length = snprintf(box, sizeof(box), "%s[%c] ", bullet, mark);

	while (*rest == ' ')
		rest++;
	lint_set_fix(lint, finding, from, rest, box, (size_t)length);
}

static void check_box(struct lint *lint, const struct lint_line *line)
{
	const char *mark_at, *rest = NULL, *bullet = "", *at = line->text;
	size_t length;
	char mark = ' ';

	if (line->block != SCAN_TEXT || line->quotes)
		return;
	if (line->opened) {
		if (!scan_box(at, line->end, &mark_at, &length))
			rest = malformed_box(at, line->end, &mark);
	} else if (line->end - at > 3 && strchr("-*+", *at) && at[1] == '[') {
		rest = malformed_box(at + 1, line->end, &mark);
		bullet = "- ";
	} else if ((!line->items || at == line->start) &&
		   scan_box(at, line->end, &mark_at, &length) && length == 1 &&
		   strchr(" xX", *mark_at)) {
		rest = scan_box(at, line->end, &mark_at, &length);
		mark = *mark_at == ' ' ? ' ' : 'x';
		bullet = "- ";
	}
	if (!rest || (rest == line->end && line->opened))
		return;
	struct lint_finding *finding =
	    lint_add(lint, RULE_BOX_MALFORMED, line->number, at,
		     "meant for a checkbox, but none: it is not counted; `%s[%c] ` is one",
		     *bullet ? bullet : "", mark);
	fix_box(lint, finding, at, rest, bullet, mark);
}

static void check_mark(struct lint *lint, const struct item *item)
{
	const struct lint_line *line = lint_line(lint, item->line);

	if (!line || *line->text != '[')
		return;
	if (strcmp(item->mark, "X") == 0) {
		struct lint_finding *finding =
		    lint_add(lint, RULE_ITEM_MARK, item->line, line->text,
			     "the format's mark is a small `x`");
		lint_set_fix(lint, finding, line->text + 1, line->text + 2, "x", 1);
	} else if (item->state == ITEM_OTHER && !strchr("~-/>", *item->mark)) {
		(void)lint_add(lint, RULE_ITEM_MARK, item->line, line->text,
			       "`[%s]` is neither open nor done", item->mark);
	}
}

/* ---- Indentation ---- */

static size_t indent_columns(const struct lint_line *line)
{
	size_t columns = 0;

	for (const char *at = line->start; *at == ' ' || *at == '\t'; at++)
		columns = *at == '\t' ? (columns / 4 + 1) * 4 : columns + 1;
	return columns;
}

/* The entry with its first line's indentation taken off each of its lines. */
static void fix_indent(struct lint *lint, struct lint_finding *finding,
		       const struct lint_entry *entry)
{
	const struct lint_line *first = entry->lines.at, *last = entry->lines.end - 1;
	size_t indent = (size_t)(first->marker - first->start), length = 0;

	while (last > first && last->block == SCAN_BLANK)
		last--;
	const char *end = last->line_end;
	cleanup_free char *text = malloc((size_t)(end - first->start) + 1);
	if (!text) {
		lint->arena.failed = true;
		return;
	}
	for (const char *at = first->start; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline ? newline + 1 : end;
		for (size_t cut = 0; cut < indent && (*at == ' ' || *at == '\t'); cut++)
			at++;
		memcpy(text + length, at, (size_t)(next - at));
		length += (size_t)(next - at);
		at = next;
	}
	lint_set_fix(lint, finding, first->start, end, text, length);
}

static void check_indent(struct lint *lint, const struct section *section)
{
	struct lint_lines rest = lint_section_lines(lint, section);
	struct lint_entry entry;
	const char *mark;
	size_t length;

	while (lint_next_entry(lint, &rest, &entry)) {
		const struct lint_line *line = entry.lines.at;
		if (!line->marker || line->opened != 1 || indent_columns(line) < 4 ||
		    !scan_box(line->text, line->end, &mark, &length))
			continue;
		struct lint_finding *finding =
		    lint_add(lint, RULE_ITEM_INDENTED, line->number, line->marker,
			     "indented by %zu columns: Markdown shows it as code, without a box",
			     indent_columns(line));
		fix_indent(lint, finding, &entry);
	}
}

/* ---- Text ---- */

/* Words that say nothing about what is there when the item is done. */
static const char *const vague_words[] = {
	"implement", "implementation", "implemented", "code",	  "coding",	 "test",
	"tests",     "testing",	       "tested",      "docs",	  "document",	 "documentation",
	"cleanup",   "clean",	       "up",	      "fix",	  "fixes",	 "fixed",
	"bugs",	     "misc",	       "polish",      "finish",	  "finished",	 "finalize",
	"finalise",  "done",	       "review",      "refactor", "refactoring", "update",
	"updates",   "updated",	       "work",	      "todo",	  "stuff",	 "things",
	"improve",   "improvements",   "various",     "other",	  "etc",	 "complete",
	"completed", "start",	       "started",     "changes",  "the",	 "and",
	"some",	     "more",	       "everything",  "it",	  "all",	 "rest",
	"remaining", "wrap",	       "tbd",	      "verify",	  "validate",	 "add",
	"do",	     "write",	       "make",
};

static bool is_vague_word(const char *at, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(vague_words); i++)
		if (strlen(vague_words[i]) == length &&
		    strncasecmp(at, vague_words[i], length) == 0)
			return true;
	return false;
}

/* One to four words, and each of them such a one. */
static bool is_vague(const char *gist)
{
	unsigned words = 0;

	for (const char *at = gist; *at;) {
		if (!is_word(*at)) {
			at++;
			continue;
		}
		const char *start = at;
		while (is_word(*at))
			at++;
		if (++words > 4 || !is_vague_word(start, (size_t)(at - start)))
			return false;
	}
	return words > 0;
}

/* "(completed: X; remaining: Y)" in an item that is ticked. */
static bool has_rest(const char *text)
{
	const char *rest = strcasestr(text, "completed:");

	rest = rest ? strcasestr(rest, "remaining:") : NULL;
	if (!rest)
		return false;
	rest += strlen("remaining:");
	rest += strspn(rest, " *_`");
	return *rest && !strchr(")].-", *rest) && !lint_begins(rest, "none") &&
	       !lint_begins(rest, "nothing") && !lint_begins(rest, "n/a");
}

static void check_text(struct lint *lint, const struct item *item)
{
	if (!*item->text)
		(void)lint_add(lint, RULE_ITEM_EMPTY, item->line, NULL, "a box without text");
	else if (!item->label.kind && is_vague(item->gist))
		(void)lint_add(lint, RULE_ITEM_VAGUE, item->line, NULL,
			       "`%.60s`: what is there to see when this is done?", item->gist);
	if (item->state == ITEM_DONE && has_rest(item->text))
		(void)lint_add(lint, RULE_ITEM_REMAINS, item->line, NULL,
			       "ticked, and it says that something remains: split it in two");
}

void lint_items(struct lint *lint, const struct plan *plan)
{
	bool empty = true;

	for (size_t i = 0; i < plan->section_count; i++) {
		const struct section *section = &plan->sections[i];
		if (section->kind != SECTION_PROGRESS)
			continue;
		struct lint_lines lines = lint_section_lines(lint, section);
		for (const struct lint_line *line = lines.at; line < lines.end; line++)
			check_box(lint, line);
		check_indent(lint, section);
		empty &= section->digest == 0;
	}
	const struct section *progress = lint_section(plan, SECTION_PROGRESS);
	if (progress && !empty && plan->source != PROGRESS_SECTION)
		(void)lint_add(lint, RULE_PROGRESS_NO_BOXES, progress->line, NULL,
			       "`%s` has no checkboxes: how far the plan is cannot be told",
			       progress->title);
	for (size_t i = 0; i < plan->item_count && plan->source == PROGRESS_SECTION; i++) {
		check_mark(lint, &plan->items[i]);
		check_text(lint, &plan->items[i]);
	}
}
