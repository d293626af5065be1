/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan, as a checklist of another program, as a plan again: the same items, as far as the format can carry them. For the random
 * plans of the unit test and for the fuzzer's: who includes it defines ROUND_TRIP_FAIL(format, ...), which does not return.
 */
#ifndef PLANWATCH_TESTS_ROUND_TRIP_H
#define PLANWATCH_TESTS_ROUND_TRIP_H

#include "planwatch/convert.h"
#include "planwatch/draft.h"
#include "planwatch/text.h"

#include <string.h>

#define MUST(format, condition)                                        \
	do {                                                           \
		if (!(condition))                                      \
			ROUND_TRIP_FAIL("%s: %s", format, #condition); \
	} while (0)

static void differ(const char *format, size_t i, const char *what, const char *was, const char *is)
{
	ROUND_TRIP_FAIL("%s: item %zu: %s was \"%s\", is \"%s\"", format, i, what, was, is);
}

static char *printable(const char *text)
{
	char *clean = text_printable(text);

	MUST("memory", clean);
	return clean;
}

static void check_text(const char *format, size_t i, const char *what, const char *was,
		       const char *is)
{
	cleanup_free char *left = printable(was ? was : ""), *right = printable(is ? is : "");

	if (strcmp(left, right) != 0)
		differ(format, i, what, left, right);
}

/* todo.txt has no place for a claim without a date that exists, from before 1970 or, by its zone, after 9999. */
static bool is_lost(const char *format, const struct stamp *stamp)
{
	return strcmp(format, "todo.txt") == 0 && stamp->raw && stamp->leading &&
	       (stamp->at < 0 || stamp->at >= 253402300800 * USEC_PER_SEC);
}

static void check_stamp(const char *format, size_t i, const struct stamp *was,
			const struct stamp *is)
{
	/* Only a leading one is a claim; todo.txt has whole seconds. */
	usec_t unit = strcmp(format, "todo.txt") == 0 ? USEC_PER_SEC : 1;

	if (!was->raw || !was->leading)
		return;
	check_text(format, i, "precision", stamp_precision_name(was->precision),
		   is->raw ? stamp_precision_name(is->precision) : "none");
	if (was->at / unit != is->at / unit)
		differ(format, i, "stamp", was->raw, is->raw);
	if (!is->leading)
		differ(format, i, "stamp", "leading", "not");
}

/* A control is no mark to another program. */
static const char *known_mark(const char *mark)
{
	uint32_t code;

	(void)text_decode(mark, strlen(mark), &code, NULL);
	return text_is_unprintable(code) ? "\uFFFD" : mark;
}

static void check_items(const char *format, const struct checklist *list, const struct plan *is)
{
	const struct plan *was = list->plan;

	MUST(format, is->source == PROGRESS_SECTION);
	if (was->item_count != is->item_count)
		ROUND_TRIP_FAIL("%s: %zu items became %zu", format, was->item_count,
				is->item_count);
	for (size_t i = 0; i < was->item_count; i++) {
		const struct item *a = &was->items[i], *b = &is->items[i];
		const char *mark = strcmp(a->mark, "X") == 0 ? "x" : known_mark(a->mark);
		check_text(format, i, "mark", mark, b->mark);
		if (a->depth != b->depth)
			differ(format, i, "depth", a->text, b->text);
		/* Where the claim is lost, a date that followed it takes its place, and what follows that. */
		if (is_lost(format, &a->stamp))
			continue;
		check_text(format, i, "gist", list->items[i].gist, b->gist);
		check_text(format, i, "label", a->label.kind, b->label.kind);
		check_text(format, i, "label", a->label.id, b->label.id);
		check_stamp(format, i, &a->stamp, &b->stamp);
	}
}

/* An entry without a word is none to who reads it. */
static size_t count_notes(const struct plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->tolerance_count; i++)
		count += *plan->tolerances[i].text != '\0';
	return count;
}

/* A plan without limits comes back with those of the skeleton. */
#define SKELETON_LIMITS 6

static void check_plan(const struct plan *plan)
{
	for (size_t i = 0; draft_format(i); i++) {
		cleanup_checklist struct checklist list = { 0 };
		cleanup_plan struct plan_file *again = NULL;
		cleanup_free char *text = NULL, *skeleton = NULL;
		const char *format = draft_format(i);

		int r;

		MUST(format,
		     checklist_make(plan, "/p.md", NULL, 1700000000 * USEC_PER_SEC, &list) == 0);
		MUST(format, convert(convert_format_find(format), &list, 1, &text) == 0);
		r = draft_from(format, text, strlen(text), "p", &skeleton);
		MUST(format, r == (plan->item_count ? 0 : -EINVAL));
		if (r < 0)
			continue;
		MUST(format, plan_parse(skeleton, strlen(skeleton), &again) == 0);
		MUST(format, again->plan_count == 1);
		check_items(format, &list, again->plans);
		if (strcmp(format, "todo.txt") == 0)
			continue;
		check_text(format, 0, "title", list.title, again->plans->title);
		MUST(format, again->plans->tolerance_count ==
				 (count_notes(plan) ? count_notes(plan) : SKELETON_LIMITS));
	}
}

static void round_trip(const char *bytes, size_t length)
{
	cleanup_plan struct plan_file *file = NULL;

	MUST("the plan", plan_parse(bytes, length, &file) == 0);
	for (size_t i = 0; i < file->plan_count; i++)
		check_plan(&file->plans[i]);
}

#endif
