/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page that stands alone and prints well: no script, nothing from elsewhere (its own policy forbids it), every text escaped. Of a
 * plan's Markdown only code spans are shown as such.
 */
#include "convert_private.h"

#include <string.h>

static const char head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<style>\n"
    ":root { color-scheme: light dark }\n"
    "body { font: 1rem/1.45 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }\n"
    "h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin: 1.5rem 0 .25rem }\n"
    "ul { list-style: none; padding-left: 0 } ul ul { padding-left: 1.75rem }\n"
    "li { margin: .35rem 0; break-inside: avoid }\n"
    "li > label { display: flex; gap: .5rem; align-items: baseline } .text { overflow-wrap: anywhere }\n"
    ".dropped { text-decoration: line-through } .notes li { list-style: disc; margin-left: 1.25rem }\n"
    "small { color: GrayText; white-space: nowrap } progress { width: 8rem }\n"
    "@media print { body { max-width: none; margin: 0; font-size: 10pt } h2 { break-after: avoid }\n"
    "  section + section { break-before: page } }\n"
    "</style>\n";

static void put_bytes(FILE *out, const char *text, size_t length)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = { { '&', "&amp;" },
			 { '<', "&lt;" },
			 { '>', "&gt;" },
			 { '"', "&quot;" },
			 { '\'', "&#39;" } };

	for (const char *end = text + length; text < end; text++) {
		const char *entity = NULL;
		for (size_t i = 0; i < ARRAY_SIZE(entities) && !entity; i++)
			entity = entities[i].c == *text ? entities[i].entity : NULL;
		if (entity)
			(void)fputs(entity, out);
		else
			(void)fputc(*text, out);
	}
}

static void put_text(FILE *out, const char *text)
{
	put_bytes(out, text, strlen(text));
}

/* The next run of exactly so many backticks, which ends a code span (CommonMark 6.1); NULL without. */
static const char *find_closing(const char *text, size_t ticks)
{
	for (text = strchr(text, '`'); text; text = strchr(text, '`')) {
		size_t length = strspn(text, "`");
		if (length == ticks)
			return text;
		text += length;
	}
	return NULL;
}

static void put_markdown(FILE *out, const char *text)
{
	bool closed = true; /* looking for an end in vain again and again would be quadratic */

	while (*text) {
		size_t plain = strcspn(text, "`"), ticks = strspn(text + plain, "`");
		const char *code = text + plain + ticks,
			   *close = ticks && closed ? find_closing(code, ticks) : NULL;
		put_bytes(out, text, close ? plain : plain + ticks);
		if (close) {
			(void)fputs("<code>", out);
			put_bytes(out, code, (size_t)(close - code));
			(void)fputs("</code>", out);
		}
		closed = closed && (close || !ticks);
		text = close ? close + ticks : code;
	}
}

static void put_item(FILE *out, const struct checklist_item *item)
{
	enum standing_mark mark = convert_mark(item->item);
	char time[CONVERT_TIME_MAX];

	(void)fprintf(out, "<li id=\"i%s\"><label><input type=\"checkbox\" disabled%s>", item->uuid,
		      mark == MARK_DONE ? " checked" : "");
	(void)fprintf(out, "<span class=\"text%s\">", mark == MARK_DROPPED ? " dropped" : "");
	put_markdown(out, item->text);
	(void)fputs("</span> <small>", out);
	if (mark == MARK_UNDER_WAY || mark == MARK_UNKNOWN) {
		(void)fputs("marked ", out);
		put_text(out, item->mark);
		(void)fputs(" · ", out);
	}
	if (item->claim) {
		(void)fputs("claimed ", out);
		put_text(out, item->claim);
		(void)fputs(" · ", out);
	}
	if (item->done_at != INSTANT_NONE)
		(void)fprintf(out, "witnessed %s · ", convert_minute(item->done_at, time));
	(void)fprintf(out, "line %u</small></label>", item->item->line);
}

/* A list in a list for each level of depth. */
static void put_items(FILE *out, const struct checklist_item *items, size_t count)
{
	(void)fputs("<ul>\n", out);
	for (size_t i = 0; i < count; i++) {
		uint32_t depth = items[i].item->depth,
			 next = i + 1 < count ? items[i + 1].item->depth : 0;
		put_item(out, &items[i]);
		if (next > depth) {
			(void)fputs("\n<ul>\n", out);
			continue;
		}
		for (; depth > next; depth--)
			(void)fputs("</li>\n</ul>\n", out);
		(void)fputs("</li>\n", out);
	}
	(void)fputs("</ul>\n", out);
}

static void put_stages(FILE *out, const struct checklist *list)
{
	for (size_t i = 0; i < list->stage_count; i++) {
		const struct stage *stage = &list->stages[i];
		if (list->stage_names[i]) {
			(void)fputs("<h2>", out);
			put_text(out, list->stage_names[i]);
			(void)fputs("</h2>\n", out);
		} else if (i > 0 && list->stage_names[i - 1]) {
			(void)fputs("<h2>Other</h2>\n", out);
		}
		put_items(out, &list->items[stage->first], stage->count);
	}
}

static void put_notes(FILE *out, const struct checklist *list)
{
	if (list->plan->tolerance_count)
		(void)fputs("<h2>Tolerances</h2>\n<ul class=\"notes\">\n", out);
	for (size_t i = 0; i < list->plan->tolerance_count; i++) {
		(void)fputs("<li>", out);
		put_markdown(out, list->notes[i]);
		(void)fprintf(out, " <small>line %u</small></li>\n",
			      list->plan->tolerances[i].line);
	}
	(void)fputs(list->plan->tolerance_count ? "</ul>\n" : "", out);
}

static void put_plan(FILE *out, const struct checklist *list)
{
	const struct plan_counts *counts = &list->plan->counts;
	char time[CONVERT_TIME_MAX];

	(void)fputs("<section>\n<h1>", out);
	put_text(out, list->title);
	(void)fputs("</h1>\n<p>", out);
	if (list->status) {
		(void)fputs("Status: ", out);
		put_markdown(out, list->status);
		(void)fputs("<br>\n", out);
	}
	if (counts->total)
		(void)fprintf(out,
			      "<progress max=\"%u\" value=\"%u\"></progress> %u of %u done<br>\n",
			      counts->total, counts->done, counts->done, counts->total);
	(void)fputs("<small>", out);
	put_text(out, list->path);
	(void)fprintf(out, ", %s</small></p>\n", convert_minute(list->revised_at, time));
	put_stages(out, list);
	put_notes(out, list);
	(void)fputs("</section>\n", out);
}

void convert_write_html(FILE *out, const struct checklist *lists, size_t count)
{
	(void)fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n%s<title>", head);
	put_text(out, lists[0].title);
	(void)fputs("</title>\n</head>\n<body>\n", out);
	for (size_t i = 0; i < count; i++)
		put_plan(out, &lists[i]);
	(void)fputs("</body>\n</html>\n", out);
}
