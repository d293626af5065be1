/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * todo.txt (github.com/todotxt/todo.txt): a task a line, its file as project, its stage as context, what else there is as key:value,
 * where neither may hold a colon. They stand behind the text, or in front of one that would be read as something else there. It has
 * no place for notes, so the tolerances are left out.
 */
#include "convert_private.h"

#include "ascii.h"

#include <string.h>

/* A project or context: no white space. */
static void put_tag(FILE *out, const char *sign, const char *text)
{
	(void)fputs(sign, out);
	for (; *text; text++)
		(void)fputc(*text == ' ' ? '-' : *text, out);
}

/* At the start of a line these are a priority, a project, a date, a finished task. */
static bool reads_otherwise(const char *text)
{
	return *text == '(' || *text == '+' || is_digit(*text) ||
	       (*text == 'x' && (text[1] == ' ' || !text[1]));
}

/* "x 2026-01-05 2026-01-02 ": finished, and since when on the list; that only where it is known, as a date by itself would be the other. */
static void put_dates(FILE *out, const struct checklist_item *item)
{
	usec_t done_at = convert_done_at(item);
	bool done = convert_mark(item->item) >= MARK_DONE;
	char time[CONVERT_TIME_MAX];

	if (done)
		(void)fputs("x ", out);
	if (done_at != INSTANT_NONE)
		(void)fprintf(out, "%s ", convert_day(done_at, time));
	if (item->first_seen_at != INSTANT_NONE && (!done || done_at != INSTANT_NONE))
		(void)fprintf(out, "%s ", convert_day(item->first_seen_at, time));
}

static void put_tags(FILE *out, const struct checklist *list, const struct checklist_item *item)
{
	const char *stage = list->stage_names[item->stage];
	char time[CONVERT_TIME_MAX];

	put_tag(out, "+", list->name);
	if (stage)
		put_tag(out, " @", stage);
	(void)fprintf(out, " line:%u", item->item->line);
	if (item->item->depth)
		(void)fprintf(out, " depth:%u", item->item->depth);
	if (item->item->state == ITEM_OTHER)
		(void)fprintf(out, " mark:%s", item->mark);
	if (item->claimed_at != INSTANT_NONE)
		(void)fprintf(out, " claimed:%s", convert_claim(item, time));
	if (item->done_at != INSTANT_NONE)
		(void)fprintf(out, " witnessed:%s", convert_basic(item->done_at, time));
}

static void put_item(FILE *out, const struct checklist *list, const struct checklist_item *item)
{
	bool tags_first = !*item->text || reads_otherwise(item->text);

	put_dates(out, item);
	if (!tags_first)
		(void)fprintf(out, "%s ", item->text);
	put_tags(out, list, item);
	if (tags_first && *item->text)
		(void)fprintf(out, " %s", item->text);
	(void)fputc('\n', out);
}

void convert_write_todotxt(FILE *out, const struct checklist *lists, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < lists[i].count; k++)
			put_item(out, &lists[i], &lists[i].items[k]);
}
