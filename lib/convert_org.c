/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Org mode: a headline for the plan, each labelled stage and each item, with keywords, cookies that Org itself would compute, the
 * claim in a property and the witnessed moment in the LOGBOOK. Org's times have no zone: these are UTC.
 *
 * A zero width space is Org's escape character (Org manual 12.4); no text has one of its own, because it is not printable.
 */
#include "convert_private.h"

#include "ascii.h"

#include <string.h>

#define ESCAPE "\xE2\x80\x8B"

/* "[2026-01-05 Mon 10:02]" */
static void put_time(FILE *out, usec_t at, bool day)
{
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	char time[CONVERT_TIME_MAX];

	/* 1970-01-01 was a Thursday; nothing before it is told. */
	(void)convert_minute(at, time);
	(void)fprintf(out, "[%.10s %s", time, days[at / USEC_PER_DAY % 7]);
	(void)fprintf(out, day ? "]" : " %.5s]", time + strlen("2026-01-05 "));
}

/* Behind this byte something would begin that Org obeys: a cookie, a priority, a time, a link, a footnote, a target. */
static bool begins_markup(const char *at)
{
	if (*at == '[')
		return is_digit(at[1]) || (at[1] && strchr("%/#[", at[1])) ||
		       strncmp(at + 1, "fn:", 3) == 0;
	return *at == '<' && (is_digit(at[1]) || at[1] == '<');
}

static void put_text(FILE *out, const char *text)
{
	for (; *text; text++)
		(void)fprintf(out, "%c%s", *text, begins_markup(text) ? ESCAPE : "");
}

/* What Org obeys at the start of a headline. */
static bool begins_headline(const char *text)
{
	static const char *const words[] = { "COMMENT", "TODO", "STARTED", "DONE", "CANCELLED" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strncmp(text, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

/* In a headline a keyword at its start and tags at its end, too, are none. */
static void put_headline(FILE *out, const char *text)
{
	const char *word = strrchr(text, ' ');
	size_t length = strlen(text);

	word = word ? word + 1 : text;
	if (begins_headline(text))
		(void)fputs(ESCAPE, out);
	put_text(out, text);
	if (*word == ':' && text[length - 1] == ':')
		(void)fputs(ESCAPE, out);
	(void)fputc('\n', out);
}

static void put_note(FILE *out, const char *name, const char *text)
{
	(void)fprintf(out, "- %s: ", name);
	put_text(out, text);
	(void)fputc('\n', out);
}

/* What Org counts for a headline with all that is below it: everything that has a keyword; done is what needs no more work. */
static void put_cookie(FILE *out, const struct checklist_item *items, size_t count)
{
	size_t done = 0;

	for (size_t i = 0; i < count; i++)
		done += convert_mark(items[i].item) >= MARK_DONE;
	if (count)
		(void)fprintf(out, "[%zu/%zu] ", done, count);
}

static void put_stars(FILE *out, size_t level)
{
	while (level--)
		(void)fputc('*', out);
	(void)fputc(' ', out);
}

static void put_logbook(FILE *out, const struct checklist_item *item)
{
	if (item->done_at == INSTANT_NONE)
		return;
	(void)fputs(":LOGBOOK:\n- State \"DONE\"       from \"TODO\"       ", out);
	put_time(out, item->done_at, false);
	(void)fputs("\n:END:\n", out);
}

/* An item with the `nested` ones behind it. */
static void put_item(FILE *out, const struct checklist_item *item, size_t level, size_t nested)
{
	static const char *const keywords[] = {
		[MARK_OPEN] = "TODO", [MARK_UNDER_WAY] = "STARTED", [MARK_UNKNOWN] = "TODO",
		[MARK_DONE] = "DONE", [MARK_DROPPED] = "CANCELLED",
	};
	enum standing_mark mark = convert_mark(item->item);
	usec_t done_at = convert_done_at(item);

	put_stars(out, level + item->item->depth);
	(void)fprintf(out, "%s ", keywords[mark]);
	put_cookie(out, item + 1, nested);
	put_headline(out, item->text);
	if (done_at != INSTANT_NONE) {
		(void)fputs("CLOSED: ", out);
		put_time(out, done_at,
			 item->done_at == INSTANT_NONE && item->item->stamp.precision == STAMP_DAY);
		(void)fputc('\n', out);
	}
	(void)fprintf(out, ":PROPERTIES:\n:ID:       %s\n:LINE:     %u\n", item->uuid,
		      item->item->line);
	if (nested)
		(void)fputs(":COOKIE_DATA: todo recursive\n", out);
	if (item->item->state == ITEM_OTHER)
		(void)fprintf(out, ":MARK:     %s\n", item->mark);
	if (item->claim)
		(void)fprintf(out, ":CLAIMED:  %s\n", item->claim);
	(void)fputs(":END:\n", out);
	put_logbook(out, item);
}

static void put_stage(FILE *out, const struct checklist *list, size_t index)
{
	const struct stage *stage = &list->stages[index];
	const struct checklist_item *items = &list->items[stage->first];
	const char *name = list->stage_names[index];

	if (name) {
		(void)fputs("** ", out);
		put_cookie(out, items, stage->count);
		put_headline(out, name);
		(void)fputs(":PROPERTIES:\n:COOKIE_DATA: todo recursive\n:END:\n", out);
	}
	for (size_t i = 0; i < stage->count; i++) {
		size_t nested = 0;
		while (i + 1 + nested < stage->count &&
		       items[i + 1 + nested].item->depth > items[i].item->depth)
			nested++;
		put_item(out, &items[i], name ? 3 : 2, nested);
	}
}

static void put_plan(FILE *out, const struct checklist *list)
{
	char name[40];

	(void)fputs("* ", out);
	put_cookie(out, list->items, list->count);
	put_headline(out, list->title);
	(void)fprintf(out, ":PROPERTIES:\n:ID:       %s\n:COOKIE_DATA: todo recursive\n:END:\n",
		      list->uuid);
	put_note(out, "File", list->path);
	if (list->status)
		put_note(out, "Status", list->status);
	for (size_t i = 0; i < list->plan->tolerance_count; i++) {
		(void)snprintf(name, sizeof(name), "Tolerance, line %u",
			       list->plan->tolerances[i].line);
		put_note(out, name, list->notes[i]);
	}
	for (size_t i = 0; i < list->stage_count; i++)
		put_stage(out, list, i);
}

void convert_write_org(FILE *out, const struct checklist *lists, size_t count)
{
	(void)fputs("#+TODO: TODO STARTED | DONE CANCELLED\n# Times are UTC.\n", out);
	for (size_t i = 0; i < count; i++)
		put_plan(out, &lists[i]);
}
