/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Test Anything Protocol, version 13: an item that is done is "ok", one that is not is "not ok", so that `prove` fails while work
 * is left; what was dropped is skipped. "#" begins a directive and "\" escapes it, so both are escaped in a description.
 */
#include "convert_private.h"

static void put_text(FILE *out, const char *text)
{
	for (; *text; text++)
		(void)fprintf(out, *text == '#' || *text == '\\' ? "\\%c" : "%c", *text);
}

static void put_item(FILE *out, const struct checklist *list, const struct checklist_item *item,
		     size_t number)
{
	enum standing_mark mark = convert_mark(item->item);
	const char *stage = list->stage_names[item->stage];
	char time[CONVERT_TIME_MAX];

	(void)fprintf(out, "%sok %zu - %*s",
		      mark == MARK_DONE || mark == MARK_DROPPED ? "" : "not ", number,
		      (int)item->item->depth * 2, "");
	if (stage && item->item->depth == 0)
		(void)fprintf(out, "%s: ", stage);
	put_text(out, *item->text ? item->text : "(no text)");
	(void)fputs(mark == MARK_DROPPED ? " # SKIP dropped\n" : "\n", out);
	(void)fprintf(out, "#   line %u", item->item->line);
	if (mark == MARK_UNDER_WAY || mark == MARK_UNKNOWN)
		(void)fprintf(out, ", marked %s", item->mark);
	if (item->claim)
		(void)fprintf(out, ", claimed %s", item->claim);
	if (item->done_at != INSTANT_NONE)
		(void)fprintf(out, ", witnessed %s", convert_minute(item->done_at, time));
	(void)fputc('\n', out);
}

void convert_write_tap(FILE *out, const struct checklist *lists, size_t count)
{
	size_t total = 0, number = 0;

	for (size_t i = 0; i < count; i++)
		total += lists[i].count;
	(void)fprintf(out, "TAP version 13\n1..%zu%s\n", total, total ? "" : " # SKIP no boxes");
	for (size_t i = 0; i < count; i++) {
		const struct checklist *list = &lists[i];
		(void)fprintf(out, "# %s\n", list->title);
		if (list->status)
			(void)fprintf(out, "# Status: %s\n", list->status);
		for (size_t k = 0; k < list->plan->tolerance_count; k++)
			(void)fprintf(out, "# Tolerance: %s\n", list->notes[k]);
		for (size_t k = 0; k < list->count; k++)
			put_item(out, list, &list->items[k], ++number);
	}
}
