/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comma-separated values (RFC 4180), a row for each item and each tolerance. Spreadsheets run a cell that begins with one of = + - @
 * or a tab as a formula, whatever its quotes (OWASP, "CSV Injection"): such a one gets an apostrophe in front.
 */
#include "convert_private.h"

#include <string.h>

static void put_cell(FILE *out, const char *text, char end)
{
	bool formula = *text && strchr("=+-@\t\r", *text);

	(void)fprintf(out, "\"%s", formula ? "'" : "");
	for (; *text; text++)
		(void)fprintf(out, *text == '"' ? "\"%c" : "%c", *text);
	(void)fputc('"', out);
	(void)fputs(end == '\n' ? "\r\n" : ",", out);
}

static void put_time(FILE *out, usec_t at)
{
	char time[INSTANT_MAX];

	put_cell(out, at == INSTANT_NONE ? "" : instant_format_utc(at, time), ',');
}

/* What every row begins with. */
static void put_plan(FILE *out, const struct checklist *list, const char *kind)
{
	put_cell(out, list->path, ',');
	put_cell(out, list->title, ',');
	put_cell(out, kind, ',');
}

static void put_item(FILE *out, const struct checklist *list, const struct checklist_item *item)
{
	const struct item *source = item->item;
	const char *stage = list->stage_names[item->stage];

	put_plan(out, list, "item");
	put_cell(out, stage ? stage : "", ',');
	(void)fprintf(out, "%u,%u,%u,", source->line, source->end_line, source->depth);
	put_cell(out, item_state_name(source->state), ',');
	put_cell(out, item->mark, ',');
	put_cell(out, item->text, ',');
	put_cell(out, item->claim ? item->claim : "", ',');
	put_time(out, item->claimed_at);
	put_time(out, item->first_seen_at);
	put_time(out, item->done_at);
	put_cell(out, item->uuid, '\n');
}

static void put_note(FILE *out, const struct checklist *list, size_t i)
{
	put_plan(out, list, "tolerance");
	(void)fprintf(out, ",%u,,,,,", list->plan->tolerances[i].line);
	put_cell(out, list->notes[i], ',');
	(void)fputs(",,,,\r\n", out);
}

void convert_write_csv(FILE *out, const struct checklist *lists, size_t count)
{
	(void)fputs("path,plan,kind,stage,line,end_line,depth,state,mark,text,claim,claimed_at,"
		    "first_seen_at,witnessed_at,uuid\r\n",
		    out);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < lists[i].count; k++)
			put_item(out, &lists[i], &lists[i].items[k]);
		for (size_t k = 0; k < lists[i].plan->tolerance_count; k++)
			put_note(out, &lists[i], k);
	}
}
