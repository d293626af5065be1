/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iCalendar (RFC 5545): a VTODO for the plan, whose description has the tolerances, and one for each item, related to the one that it
 * is nested in. A line has at most 75 octets (3.1), a TEXT escapes \ ; , and newline (3.3.11).
 */
#include "convert_private.h"

#include "planwatch/text.h"

#include <string.h>

#define LINE_OCTETS 75

/* A content line that is being written. */
struct line {
	FILE *out;
	size_t octets;
};

/* What must stay together: one character, or one escape. */
static void put_unit(struct line *line, const char *unit, size_t length)
{
	if (line->octets + length > LINE_OCTETS) {
		(void)fputs("\r\n ", line->out);
		line->octets = 1;
	}
	(void)fwrite(unit, 1, length, line->out);
	line->octets += length;
}

static void put_raw(struct line *line, const char *text)
{
	for (size_t rest = strlen(text); rest;) {
		uint32_t code;
		size_t n = text_decode(text, rest, &code, NULL);
		put_unit(line, text, n);
		text += n;
		rest -= n;
	}
}

static void put_text(struct line *line, const char *text)
{
	for (size_t rest = strlen(text); rest;) {
		uint32_t code;
		size_t n = text_decode(text, rest, &code, NULL);
		char escape[] = { '\\', *text == '\n' ? 'n' : *text };
		if (strchr("\\;,\n", *text))
			put_unit(line, escape, sizeof(escape));
		else
			put_unit(line, text, n);
		text += n;
		rest -= n;
	}
}

static struct line begin(FILE *out, const char *name)
{
	struct line line = { out, 0 };

	put_raw(&line, name);
	put_raw(&line, ":");
	return line;
}

static void end(const struct line *line)
{
	(void)fputs("\r\n", line->out);
}

static void put_raw_line(FILE *out, const char *name, const char *value)
{
	struct line line = begin(out, name);

	put_raw(&line, value);
	end(&line);
}

static void put_text_line(FILE *out, const char *name, const char *value)
{
	struct line line = begin(out, name);

	put_text(&line, value);
	end(&line);
}

static void put_time(FILE *out, const char *name, usec_t at)
{
	char time[CONVERT_TIME_MAX];

	if (at != INSTANT_NONE)
		put_raw_line(out, name, convert_basic(at, time));
}

static void put_percent(FILE *out, size_t done, size_t total)
{
	char number[24];

	/* Rounded down, so that 100 means that all is done. */
	(void)snprintf(number, sizeof(number), "%zu", total ? done * 100 / total : 0);
	put_raw_line(out, "PERCENT-COMPLETE", number);
}

/* "name value" as a line of its own in a description. */
static void put_fact(struct line *line, const char *name, const char *value)
{
	put_text(line, "\n");
	put_text(line, name);
	put_text(line, " ");
	put_text(line, value);
}

static void put_item_description(FILE *out, const struct checklist *list,
				 const struct checklist_item *item)
{
	struct line line = begin(out, "DESCRIPTION");
	char number[24], time[CONVERT_TIME_MAX];

	(void)snprintf(number, sizeof(number), "Line %u of ", item->item->line);
	put_text(&line, number);
	put_text(&line, list->path);
	if (item->claim)
		put_fact(&line, "Claimed", item->claim);
	if (item->done_at != INSTANT_NONE)
		put_fact(&line, "Witnessed", convert_minute(item->done_at, time));
	if (item->item->state == ITEM_OTHER)
		put_fact(&line, "Marked", item->mark);
	end(&line);
}

static void put_item(FILE *out, const struct checklist *list, const struct checklist_item *item)
{
	static const char *const states[] = {
		[MARK_OPEN] = "NEEDS-ACTION",	 [MARK_UNDER_WAY] = "IN-PROCESS",
		[MARK_UNKNOWN] = "NEEDS-ACTION", [MARK_DONE] = "COMPLETED",
		[MARK_DROPPED] = "CANCELLED",
	};
	enum standing_mark mark = convert_mark(item->item);
	const char *stage = list->stage_names[item->stage];

	put_raw_line(out, "BEGIN", "VTODO");
	put_raw_line(out, "UID", item->uuid);
	put_time(out, "DTSTAMP", list->revised_at);
	put_time(out, "CREATED", item->first_seen_at);
	put_text_line(out, "SUMMARY", item->text);
	put_raw_line(out, "STATUS", states[mark]);
	put_percent(out, mark == MARK_DONE, 1);
	if (mark == MARK_DONE)
		put_time(out, "COMPLETED", convert_done_at(item));
	if (stage)
		put_text_line(out, "CATEGORIES", stage);
	put_raw_line(out, "RELATED-TO;RELTYPE=PARENT",
		     item->parent == CHECKLIST_NO_PARENT ? list->uuid
							 : list->items[item->parent].uuid);
	put_item_description(out, list, item);
	put_raw_line(out, "END", "VTODO");
}

static const char *plan_state(const struct plan *plan)
{
	const struct plan_counts *counts = &plan->counts;

	if (plan->status.state == STATUS_SUPERSEDED)
		return "CANCELLED";
	if (counts->total && counts->done == counts->total)
		return "COMPLETED";
	return counts->done ? "IN-PROCESS" : "NEEDS-ACTION";
}

static void put_plan(FILE *out, const struct checklist *list)
{
	struct line line;

	put_raw_line(out, "BEGIN", "VTODO");
	put_raw_line(out, "UID", list->uuid);
	put_time(out, "DTSTAMP", list->revised_at);
	put_text_line(out, "SUMMARY", list->title);
	put_raw_line(out, "STATUS", plan_state(list->plan));
	put_percent(out, list->plan->counts.done, list->plan->counts.total);
	line = begin(out, "DESCRIPTION");
	put_text(&line, list->path);
	if (list->status)
		put_fact(&line, "Status:", list->status);
	for (size_t i = 0; i < list->plan->tolerance_count; i++)
		put_fact(&line, "Tolerance:", list->notes[i]);
	end(&line);
	put_raw_line(out, "END", "VTODO");
}

void convert_write_ics(FILE *out, const struct checklist *lists, size_t count)
{
	put_raw_line(out, "BEGIN", "VCALENDAR");
	put_raw_line(out, "VERSION", "2.0");
	put_raw_line(out, "PRODID", "-//Planwatch//planctl checklist//EN");
	for (size_t i = 0; i < count; i++) {
		put_plan(out, &lists[i]);
		for (size_t k = 0; k < lists[i].count; k++)
			put_item(out, &lists[i], &lists[i].items[k]);
	}
	put_raw_line(out, "END", "VCALENDAR");
}
