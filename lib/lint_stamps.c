/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The times that items claim. What can be seen in the file alone is told, nobody is accused: time zones are up to 14 hours apart, a
 * day is no time of day, and a stamp of an open item may be anything.
 */
#include "lint_private.h"

#include "ascii.h"
#include "planwatch/claim.h"
#include "planwatch/text.h"

#include <string.h>
#include <strings.h>

/* The farthest zone east: its day begins so long before ours. */
#define FARTHEST_ZONE (14 * USEC_PER_HOUR)

/* "14:52" in "2026-08-19 14:52Z"; NULL for a day. */
static const char *clock_of(const struct stamp *stamp)
{
	const char *colon = strchr(stamp->raw, ':');

	return colon && colon - stamp->raw >= 12 && is_digit(colon[-1]) && is_digit(colon[-2])
		   ? colon - 2
		   : NULL;
}

static bool is_impossible(const struct stamp *stamp)
{
	const char *clock = clock_of(stamp);

	if (stamp->at == INSTANT_NONE)
		return true;
	if (!clock || stamp->precision != STAMP_DAY || !is_digit(clock[3]) || !is_digit(clock[4]))
		return false;
	int hour = (clock[0] - '0') * 10 + clock[1] - '0';
	int minute = (clock[3] - '0') * 10 + clock[4] - '0';
	return hour > 24 || (hour == 24 && minute > 0) || minute > 59;
}

/* A time of day without a zone: it ends with a digit, and no offset is in it. */
static bool has_no_zone(const struct stamp *stamp)
{
	const char *clock = clock_of(stamp);
	size_t length = clock ? strlen(clock) : 0;

	return length && is_digit(clock[length - 1]) && !strpbrk(clock, "+-") &&
	       strspn(clock, "0123456789:., ") == length;
}

static bool is_midnight(const struct stamp *stamp)
{
	const char *clock = stamp->precision == STAMP_DAY ? NULL : clock_of(stamp);

	return clock && strncmp(clock, "00:00", 5) == 0 &&
	       (clock[5] != ':' || strncmp(clock + 5, ":00", 3) == 0);
}

/* To the minute, and meant so. */
static bool is_measured(const struct stamp *stamp)
{
	return stamp->raw && stamp->leading && stamp->precision != STAMP_DAY && !is_midnight(stamp);
}

/* "(YYYY-MM-DD HH:MMZ)", "(timestamp)", "<date>" at the head of an item. */
static bool is_placeholder(const struct item *item)
{
	static const char *const words[] = { "timestamp", "date", "tbd", "time", "date/time" };
	const char *at = item->text + strspn(item->text, "*_`");
	size_t length;

	if (text_starts(at + strspn(at, "([<{"), "yyyy"))
		return true;
	if (item->state != ITEM_DONE || !*at || !strchr("([<{", *at))
		return false;
	at++;
	length = strcspn(at, ")]>}");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i]) == length && strncasecmp(at, words[i], length) == 0)
			return true;
	return false;
}

static void check_one(struct lint *lint, const struct item *item)
{
	const struct stamp *stamp = &item->stamp;
	bool guessed = stamp->raw &&
		       (stamp->precision == STAMP_DAY || is_midnight(stamp) || has_no_zone(stamp));
	usec_t slack = guessed ? FARTHEST_ZONE : CLAIM_SLACK;

	if (is_placeholder(item)) {
		(void)lint_add(lint, RULE_STAMP_PLACEHOLDER, item->line, NULL,
			       "a placeholder stands where the time belongs");
		return;
	}
	if (item->state == ITEM_DONE && !stamp->raw && item->depth == 0)
		(void)lint_add(lint, RULE_STAMP_MISSING, item->line, NULL,
			       "done, and no word of when");
	if (!stamp->raw || !stamp->leading)
		return;
	if (is_impossible(stamp)) {
		(void)lint_add(lint, RULE_STAMP_IMPOSSIBLE, item->line, NULL,
			       "`%s` is no time that exists", stamp->raw);
		return;
	}
	if (has_no_zone(stamp))
		(void)lint_add(lint, RULE_STAMP_ZONE, item->line, NULL,
			       "`%s` has no time zone; the format has UTC: `Z`", stamp->raw);
	else if (stamp->precision == STAMP_DAY && clock_of(stamp))
		(void)lint_add(lint, RULE_STAMP_ZONE, item->line, NULL,
			       "the zone of `%s` names more than one time; the format has UTC: `Z`",
			       stamp->raw);
	if (item->state != ITEM_DONE)
		return;
	if (stamp->at > lint->input->now + slack)
		(void)lint_add(lint, RULE_STAMP_FUTURE, item->line, NULL,
			       "done at `%s`, which is in the future", stamp->raw);
}

/* ---- Several ---- */

/* How much later `b` must claim to be than `a` to be seen as later: a day has no order with a time on it. */
static int compare(const struct stamp *a, const struct stamp *b)
{
	usec_t slack = is_measured(a) && is_measured(b) && !has_no_zone(a) && !has_no_zone(b)
			   ? CLAIM_SLACK
			   : USEC_PER_DAY;

	return b->at > a->at + slack ? 1 : b->at + slack < a->at ? -1 : 0;
}

static bool takes_part(const struct item *item)
{
	return item->depth == 0 && item->state == ITEM_DONE && item->stamp.raw &&
	       item->stamp.leading && item->stamp.at != INSTANT_NONE;
}

/* Newest first is an order, too; one pair alone does not make it. */
static bool is_newest_first(const struct plan *plan)
{
	const struct item *before = NULL;
	int balance = 0;

	for (size_t i = 0; i < plan->item_count; i++) {
		if (!takes_part(&plan->items[i]))
			continue;
		balance += before ? compare(&before->stamp, &plan->items[i].stamp) : 0;
		before = &plan->items[i];
	}
	return balance < -1;
}

static void check_order(struct lint *lint, const struct plan *plan)
{
	const struct item *before = NULL;
	int wrong = is_newest_first(plan) ? 1 : -1;

	for (size_t i = 0; i < plan->item_count; i++) {
		const struct item *item = &plan->items[i];
		if (!takes_part(item))
			continue;
		if (before && compare(&before->stamp, &item->stamp) == wrong)
			(void)lint_add(lint, RULE_STAMP_ORDER, item->line, NULL,
				       "`%s` stands below `%s`: out of the order of the list",
				       item->stamp.raw, before->stamp.raw);
		before = item;
	}
}

/* Told once, at the first of them: who writes it writes it everywhere. */
static void check_midnights(struct lint *lint, const struct plan *plan)
{
	const struct item *first = NULL;
	size_t more = 0;
	char others[40] = "";

	for (size_t i = 0; i < plan->item_count; i++) {
		const struct item *item = &plan->items[i];
		if (item->state != ITEM_DONE || !item->stamp.leading || !item->stamp.raw ||
		    !is_midnight(&item->stamp))
			continue;
		more += first != NULL;
		first = first ? first : item;
	}
	if (!first)
		return;
	if (more)
		(void)snprintf(others, sizeof(others), ", and %zu below it", more);
	(void)lint_add(
	    lint, RULE_STAMP_MIDNIGHT, first->line, NULL,
	    "`%s` is midnight to the minute%s; where only the day is known, write the day",
	    first->stamp.raw, others);
}

/* Items that claim the same time, told once, at the first of them. Neighbours only: the list is in order. */
static void check_batches(struct lint *lint, const struct plan *plan)
{
	for (size_t i = 0, next; i < plan->item_count; i = next) {
		const struct stamp *stamp = &plan->items[i].stamp;
		for (next = i + 1; next < plan->item_count; next++)
			if (plan->items[next].state != ITEM_DONE ||
			    !is_measured(&plan->items[next].stamp) ||
			    plan->items[next].stamp.at != stamp->at)
				break;
		if (plan->items[i].state == ITEM_DONE && is_measured(stamp) &&
		    next - i >= CLAIM_BATCH_MIN)
			(void)lint_add(lint, RULE_STAMP_BATCH, plan->items[i].line, NULL,
				       "%zu items claim the same time, `%s`", next - i, stamp->raw);
	}
}

void lint_stamps(struct lint *lint, const struct plan *plan)
{
	if (plan->source != PROGRESS_SECTION)
		return;
	for (size_t i = 0; i < plan->item_count; i++)
		check_one(lint, &plan->items[i]);
	check_order(lint, plan);
	check_midnights(lint, plan);
	check_batches(lint, plan);
}
