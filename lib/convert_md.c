/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GitHub's task lists (GitHub Flavored Markdown 5.3): a heading for the plan and for each labelled stage. A plan's text is Markdown
 * already, so it passes as it is. A task list has two states; the others are told in words, and in a comment for who reads it back.
 */
#include "convert_private.h"

#include "scan.h"

#include <string.h>

/* A label stays in front of what is struck through: there it is still read as one. */
static void put_struck(FILE *out, const struct checklist_item *item)
{
	bool behind = *item->gist && item->text != item->gist;

	(void)fprintf(out, "%s%s~~%s~~ (dropped)", behind ? item->label : "", behind ? ": " : "",
		      behind ? item->gist : item->text);
}

static void write_item(FILE *out, const struct checklist_item *item)
{
	enum standing_mark mark = convert_mark(item->item);
	char time[CONVERT_TIME_MAX];

	(void)fprintf(out, "%*s- [%s] ", (int)item->item->depth * 2, "",
		      mark == MARK_DONE ? "x" : " ");
	if (item->claim)
		(void)fprintf(out, "(%s) ", item->claim);
	if (mark == MARK_DROPPED)
		put_struck(out, item);
	else
		(void)fputs(item->text, out);
	if (mark == MARK_UNDER_WAY || mark == MARK_UNKNOWN)
		(void)fprintf(out, " (marked `%s`)", item->mark);
	if (item->done_at != INSTANT_NONE)
		(void)fprintf(out, " (witnessed %s)", convert_minute(item->done_at, time));
	(void)fprintf(out, " <!-- line %u", item->item->line);
	if (item->item->state == ITEM_OTHER)
		(void)fprintf(out, ", mark %s", item->mark);
	(void)fputs(" -->\n", out);
}

/* Behind a bullet it would be an item's. */
static bool begins_with_box(const char *note)
{
	const char *mark;
	size_t mark_length;

	return scan_box(note, note + strlen(note), &mark, &mark_length);
}

static void write_notes(FILE *out, const struct checklist *list)
{
	if (list->plan->tolerance_count)
		(void)fputs("\n## Tolerances\n\n", out);
	for (size_t i = 0; i < list->plan->tolerance_count; i++)
		(void)fprintf(out, "- %s%s <!-- line %u -->\n",
			      begins_with_box(list->notes[i]) ? "\\" : "", list->notes[i],
			      list->plan->tolerances[i].line);
}

void convert_write_markdown(FILE *out, const struct checklist *lists, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct checklist *list = &lists[i];
		(void)fprintf(out, "%s# %s\n\n", i > 0 ? "\n" : "", list->title);
		if (list->status)
			(void)fprintf(out, "Status: %s\n\n", list->status);
		for (size_t k = 0; k < list->stage_count; k++) {
			const struct stage *stage = &list->stages[k];
			if (list->stage_names[k])
				(void)fprintf(out, "%s## %s\n\n", k > 0 ? "\n" : "",
					      list->stage_names[k]);
			else if (k > 0 && list->stage_names[k - 1])
				(void)fputs("\n## Other\n\n", out);
			for (size_t n = 0; n < stage->count; n++)
				write_item(out, &list->items[stage->first + n]);
		}
		write_notes(out, list);
	}
}
