/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ticks: the mark, and the stamp at the item's head. */
#include "ascii.h"
#include "edit_private.h"

#include "planwatch/convert.h"

#include <stdio.h>
#include <string.h>

#define STYLES_MAX 16
#define STAMP_TEXT_MAX 64

/* How a plan writes its stamps. Compared as bytes: nothing but characters, unused ones zero. */
struct style {
	char before[8], after[8]; /* "(" and ") "; "" and " - " */
	char zone[8];		  /* "Z", " UTC" */
	char separator;		  /* between year, month and day */
	char joint;		  /* between day and time */
	char seconds;		  /* they are written */
};

static const struct style default_style = { "(", ") ", "Z", '-', ' ', false };

/* ---- Styles ---- */

/* The zone's place behind the time of day, as it can be written for UTC: other zones would need their rules of summer time. */
static const char *zone_style(const char *raw)
{
	static const char *const forms[] = { " UTC", "UTC", " GMT", "GMT", " Z", "Z" };
	const char *time = raw + 10;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		const char *at = strstr(time, forms[i]);
		if (at && !at[strlen(forms[i])])
			return forms[i];
	}
	/* " EDT", " Europe/Berlin", but not "+02:00". */
	const char *blank = strchr(time + (*time == ' '), ' ');
	return blank && is_upper(blank[1]) ? " UTC" : "Z";
}

static bool has_time(const struct stamp *stamp)
{
	return strlen(stamp->raw) > 10;
}

/* What stands behind a stamp, up to the item's text: closing marks, a colon or a dash, a blank. As many are closed as were
 * opened. Its length, 0 where it is otherwise. */
static size_t after_length(const char *at, size_t closing)
{
	static const char *const dashes[] = { " - ", " \u2013 ", " \u2014 " };
	size_t length = strspn(at, ")]}*_~`");

	if (length != closing)
		return 0;
	length += at[length] == ':';
	for (size_t i = 0; i < ARRAY_SIZE(dashes); i++)
		if (strncmp(at + length, dashes[i], strlen(dashes[i])) == 0)
			return length + strlen(dashes[i]);
	return at[length] == ' ' ? length + 1 : 0;
}

/* The style of an item's stamp; false where it has none that could be repeated at the head of another item. */
static bool style_read(const struct item *item, struct style *ret)
{
	const char *raw = item->stamp.raw, *at = raw ? strstr(item->text, raw) : NULL;
	size_t before = at ? (size_t)(at - item->text) : 0, after;

	if (!at || !item->stamp.leading || before >= sizeof(ret->before) ||
	    strspn(item->text, "([{*_~`") < before || (raw[4] != '-' && raw[4] != '/'))
		return false;
	after = after_length(at + strlen(raw), before);
	if (after == 0 || after >= sizeof(ret->after))
		return false;
	*ret = (struct style){ .separator = raw[4],
			       .joint = raw[10] == 'T' ? 'T' : ' ',
			       .seconds =
				   has_time(&item->stamp) && strlen(raw) > 16 && raw[16] == ':' };
	memcpy(ret->before, item->text, before);
	memcpy(ret->after, at + strlen(raw), after);
	memcpy(ret->zone, zone_style(raw), strlen(zone_style(raw)));
	return true;
}

/*
 * The style that most stamps with a time have, of two the later one; where no stamp has one, of those with a day alone,
 * because the true time is more than a day. `left_out` is asked nothing (NULL: all are).
 */
static struct style plan_style(const struct plan *plan, const struct item *left_out)
{
	struct style styles[STYLES_MAX], style;
	size_t votes[STYLES_MAX] = { 0 }, count = 0, best = 0;

	for (int timed = 1; timed >= 0 && count == 0; timed--)
		for (size_t i = 0; i < plan->item_count; i++) {
			const struct item *item = &plan->items[i];
			size_t k = 0;
			if (item == left_out || !item->stamp.raw ||
			    has_time(&item->stamp) != timed || !style_read(item, &style))
				continue;
			while (k < count && memcmp(&styles[k], &style, sizeof(style)) != 0)
				k++;
			if (k == STYLES_MAX)
				continue;
			if (k == count)
				styles[count++] = style;
			votes[k]++;
			if (votes[k] >= votes[best])
				best = k;
		}
	return count ? styles[best] : default_style;
}

/* The time itself, without what stands around it. */
static void style_format(const struct style *style, usec_t at, char out[static STAMP_TEXT_MAX])
{
	time_t seconds = at / USEC_PER_SEC;
	char second[8] = "";
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	if (style->seconds)
		(void)snprintf(second, sizeof(second), ":%02d", tm.tm_sec);
	(void)snprintf(out, STAMP_TEXT_MAX, "%04d%c%02d%c%02d%c%02d:%02d%s%s", tm.tm_year + 1900,
		       style->separator, tm.tm_mon + 1, style->separator, tm.tm_mday, style->joint,
		       tm.tm_hour, tm.tm_min, second, style->zone);
}

/* ---- The head of an item, in bytes ---- */

struct head {
	size_t mark, mark_end; /* what is between the brackets */
	size_t text;	       /* where its text begins, or its line ends */
	size_t end;	       /* of its last line */
	bool bare;	       /* there is nothing on the line behind the box */
};

static struct head head_of(const struct edit *edit, const struct item *item)
{
	const char *bytes = edit->bytes, *end = bytes + edit->length;
	const char *mark = bytes + item->mark_at, *close = mark + 1, *text, *at = mark;

	/* "[]]" is a box, too; the reader has seen that there is a closing bracket. */
	while (*close != ']')
		close++;
	text = close + 1 + strspn(close + 1, " \t\r");
	bool bare = text == end || *text == '\n';
	if (bare) /* a carriage return is of the line's end */
		text = close + 1 + strspn(close + 1, " \t");
	for (uint32_t line = item->line; at && line <= item->end_line; line++) {
		at += line > item->line;
		at = memchr(at, '\n', (size_t)(end - at));
	}
	return (struct head){ .mark = item->mark_at,
			      .mark_end = (size_t)(close - bytes),
			      .text = (size_t)(text - bytes),
			      .end = at ? (size_t)(at - bytes) : edit->length,
			      .bare = bare };
}

/* The stamp as it is inserted: on an empty line it needs a blank in front of it, and none behind. */
static void insertion(const struct style *style, usec_t at, bool bare,
		      char out[static STAMP_TEXT_MAX * 2])
{
	char time[STAMP_TEXT_MAX];
	int length;

	style_format(style, at, time);
	length = snprintf(out, (size_t)STAMP_TEXT_MAX * 2, "%s%s%s%s", bare ? " " : "",
			  style->before, time, style->after);
	while (bare && length > 0 && out[length - 1] == ' ')
		out[--length] = '\0';
}

/* ---- The edits ---- */

static bool belongs_to_stage(const struct plan *plan, size_t item)
{
	cleanup_free struct stage *stages = calloc(plan->item_count + 1, sizeof(*stages));
	size_t count = stages ? convert_stages(plan->items, plan->item_count, stages) : 0;

	for (size_t i = 0; i < count; i++)
		if (item >= stages[i].first && item < stages[i].first + stages[i].count)
			return plan->items[stages[i].first].label.kind ||
			       plan->items[item].label.kind;
	return false;
}

static int may_tick(const struct plan *plan, size_t place, struct error *error)
{
	const struct item *item = &plan->items[place];

	if (item->state == ITEM_DONE)
		return error_set(error, -EALREADY, "item %zu (line %u) is done already", place + 1,
				 item->line);
	if (item_is_dropped(item))
		return error_set(error, -EPERM,
				 "item %zu (line %u) is dropped ([%s]); give it an open box first",
				 place + 1, item->line, item->mark);
	if (plan->status.state == STATUS_DRAFT && belongs_to_stage(plan, place))
		return error_set(
		    error, -EPERM,
		    "the plan is a draft, and item %zu (line %u) belongs to a stage of it; work begins after `planctl approve`",
		    place + 1, item->line);
	return 0;
}

/* As the plan's other ticks: "X" only where all are. */
static const char *done_mark(const struct plan *plan)
{
	bool capital = false;

	for (size_t i = 0; i < plan->item_count; i++) {
		if (plan->items[i].state == ITEM_DONE && *plan->items[i].mark == 'x')
			return "x";
		capital |= plan->items[i].state == ITEM_DONE;
	}
	return capital ? "X" : "x";
}

int edit_tick(const struct edit *edit, size_t item, struct edited *ret, struct error *error)
{
	const struct plan *plan = edit_plan(edit);
	const struct stamp *stamp = &plan->items[item].stamp;
	struct style style = plan_style(plan, NULL);
	char text[STAMP_TEXT_MAX * 2];
	struct head head = head_of(edit, &plan->items[item]);
	struct splice splices[2] = { { head.mark, head.mark_end, done_mark(plan) },
				     { head.text, head.text, text } };
	int r = may_tick(plan, item, error);

	*ret = (struct edited){ 0 };
	if (r < 0)
		return r;
	insertion(&style, edit->now, head.bare, text);
	if (head.bare)
		splices[1].from = splices[1].to = head.mark_end + 1;
	if (stamp->raw && stamp->leading) {
		const char *old = memmem(edit->bytes + head.text, head.end - head.text, stamp->raw,
					 strlen(stamp->raw));
		if (!old)
			return error_set(
			    error, -ENOTSUP,
			    "line %u: its stamp is broken over two lines; join them first",
			    plan->items[item].line);
		splices[1].from = (size_t)(old - edit->bytes);
		splices[1].to = splices[1].from + strlen(stamp->raw);
		style_format(&style, edit->now, text);
	}
	r = edit_splice(edit, splices, 2, ret, error);
	return r < 0 ? r : edit_check(edit, (ptrdiff_t)item, ITEM_DONE, STATUS_UNKNOWN, ret, error);
}

int edit_untick(const struct edit *edit, size_t item, struct edited *ret, struct error *error)
{
	const struct plan *plan = edit_plan(edit);
	const struct item *meant = &plan->items[item];
	/* As it was for the tick, which the item's own stamp was no model for. */
	struct style style = plan_style(plan, meant);
	char text[STAMP_TEXT_MAX * 2];
	struct head head = head_of(edit, meant);
	struct splice splices[2] = { { head.mark, head.mark_end, " " }, { 0, 0, "" } };
	size_t count = 1;
	int r;

	*ret = (struct edited){ 0 };
	if (meant->state != ITEM_DONE)
		return error_set(error, -EALREADY, "item %zu (line %u) is not done", item + 1,
				 meant->line);
	if (meant->stamp.raw && meant->stamp.leading && meant->stamp.at != INSTANT_NONE) {
		/* It is there with a text behind it, or as all that its line has. */
		for (int bare = 0; bare <= 1 && count == 1; bare++) {
			size_t at = bare ? head.mark_end + 1 : head.text;
			insertion(&style, meant->stamp.at, bare, text);
			const char *after = edit->bytes + at + strlen(text);
			if (strncmp(edit->bytes + at, text, strlen(text)) != 0 ||
			    (bare && after[strspn(after, " \t\r")] != '\n' &&
			     after != edit->bytes + edit->length))
				continue;
			splices[count++] = (struct splice){ at, at + strlen(text), "" };
		}
	}
	r = edit_splice(edit, splices, count, ret, error);
	return r < 0 ? r : edit_check(edit, (ptrdiff_t)item, ITEM_OPEN, STATUS_UNKNOWN, ret, error);
}
