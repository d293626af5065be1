/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan, as a checklist of another program, as a plan again: the same items, as far as the format can carry them. Random plans, made
 * of what formats trip over (PLANS and SEED in the environment; a failure tells its seed), and the files that the command line names.
 */
#include "unit.h"

#include "planwatch/convert.h"
#include "planwatch/draft.h"
#include "planwatch/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* xorshift64* (Vigna, 2016) */
static uint64_t state, seed;

static unsigned below(unsigned limit)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned)((state * 2685821657736338717u) >> 33) % limit;
}

/* Where the plan comes from, for a failure. */
static const char *source;

#define CHECK(condition)                                                                        \
	do {                                                                                    \
		if (!(condition))                                                               \
			fail_msg("%s SEED=%" PRIu64 " PLANS=1: %s", source ? source : "random", \
				 seed, #condition);                                             \
	} while (0)

static void differ(const char *format, size_t i, const char *what, const char *was, const char *is)
{
	fail_msg("%s SEED=%" PRIu64 " PLANS=1: %s: item %zu: %s was \"%s\", is \"%s\"",
		 source ? source : "random", seed, format, i, what, was, is);
}

static char *printable(const char *text)
{
	char *clean = text_printable(text);

	assert_non_null(clean);
	return clean;
}

static void check_text(const char *format, size_t i, const char *what, const char *was,
		       const char *is)
{
	cleanup_free char *left = printable(was ? was : ""), *right = printable(is ? is : "");

	if (strcmp(left, right) != 0)
		differ(format, i, what, left, right);
}

/* todo.txt has no place for a claim without a date that exists, or from before 1970. */
static bool is_lost(const char *format, const struct stamp *stamp)
{
	return strcmp(format, "todo.txt") == 0 && stamp->raw && stamp->leading && stamp->at < 0;
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

static void check_items(const char *format, const struct plan *was, const struct plan *is)
{
	CHECK(is->source == PROGRESS_SECTION);
	if (was->item_count != is->item_count)
		fail_msg("%s SEED=%" PRIu64 " PLANS=1: %s: %zu items became %zu",
			 source ? source : "random", seed, format, was->item_count, is->item_count);
	for (size_t i = 0; i < was->item_count; i++) {
		const struct item *a = &was->items[i], *b = &is->items[i];
		const char *mark = strcmp(a->mark, "X") == 0 ? "x" : a->mark;
		check_text(format, i, "mark", mark, b->mark);
		if (a->depth != b->depth)
			differ(format, i, "depth", a->text, b->text);
		/* Where the claim is lost, a date that followed it takes its place, and what follows that. */
		if (is_lost(format, &a->stamp))
			continue;
		check_text(format, i, "gist", a->gist, b->gist);
		check_text(format, i, "label", a->label.kind, b->label.kind);
		check_text(format, i, "label", a->label.id, b->label.id);
		check_stamp(format, i, &a->stamp, &b->stamp);
	}
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

		CHECK(checklist_make(plan, "/p.md", NULL, 1700000000 * USEC_PER_SEC, &list) == 0);
		CHECK(convert(convert_format_find(format), &list, 1, &text) == 0);
		r = draft_from(format, text, strlen(text), "p", &skeleton);
		CHECK(r == (plan->item_count ? 0 : -EINVAL));
		if (r < 0)
			continue;
		CHECK(plan_parse(skeleton, strlen(skeleton), &again) == 0);
		CHECK(again->plan_count == 1);
		check_items(format, plan, again->plans);
		if (strcmp(format, "todo.txt") == 0)
			continue;
		check_text(format, 0, "title", list.title, again->plans->title);
		CHECK(again->plans->tolerance_count ==
		      (plan->tolerance_count ? plan->tolerance_count : SKELETON_LIMITS));
	}
}

static void check_bytes(const char *bytes, size_t length)
{
	cleanup_plan struct plan_file *file = NULL;

	CHECK(plan_parse(bytes, length, &file) == 0);
	for (size_t i = 0; i < file->plan_count; i++)
		check_plan(&file->plans[i]);
}

/* ---- Random plans ---- */

static const char *const pieces[] = {
	"write",     "the parser", "`code`",
	"`+`",	     "**bold**",   "*",
	"_a_",	     "x",	   "(A)",
	"[3/4]",     "[50%]",	   "[#A]",
	"[ ]",	     "[x]",	   ":tag:",
	"a::b",	     "#12",	   "# TODO",
	"+1",	     "@me",	   "due:1",
	"line:3",    "mark:x",	   "=1+1",
	"-",	     "--",	   "<b>",
	"<!--",	     "-->",	   "a,b;c",
	"\\n",	     "\\",	   "\"q\"",
	"'s",	     "COMMENT",	   "DONE",
	"TODO",	     "* star",	   "|",
	"~~a~~",     "Stage A",	   "M2:",
	"phase",     "&amp;",	   "http://a/b",
	"\u00E9",    "\u20AC",	   "\u200B",
	"\xFF",	     "\x1B[2J",	   "\u202E",
	"1.",	     "2026-01-02", "on 2026-02-03 10:00Z",
	"(dropped)", "[[link]]",   "<2026-01-01>",
	"CLOSED:",   ":END:",	   "{{{m}}}",
};
static const char *const heads[] = {
	"",
	"",
	"",
	"",
	"(2026-01-05 10:02Z) ",
	"(2026-01-05) ",
	"2026-01-05T10:02:03.5Z - ",
	"(2026-03-25 14:40 EDT) ",
	"(2026-03-21 20:55 CST) ",
	"(1950-01-01 10:00Z) ",
	"(2026-99-99) ",
	"(2026-06-24, in progress) ",
};
static const char *const labels[] = {
	"",
	"",
	"",
	"Stage A: ",
	"Stage A: ",
	"**Stage B:** ",
	"Milestone 1c - ",
	"M2.5 ",
	"P1: ",
	"EP-M3: ",
	"Phase IV. ",
	"PR #12 ",
	"Stage a: ",
	"F1: ",
	"Stage C ",
};
static const char *const marks[] = {
	" ", " ", "x", "x", "X", "~", "-", "/", ">", "?", "\u2713", "!"
};

#define PICK(table) ((table)[below(ARRAY_SIZE(table))])

static void add_item(FILE *out, unsigned depth)
{
	unsigned words = below(6);

	(void)fprintf(out, "%*s- [%s] %s%s", (int)depth * 2, "", PICK(marks), PICK(heads),
		      PICK(labels));
	for (unsigned i = 0; i < words; i++)
		(void)fprintf(out, "%s%s", i ? " " : "", PICK(pieces));
	(void)fputc('\n', out);
}

static void check_random(void)
{
	cleanup_free char *bytes = NULL;
	size_t length;
	FILE *out = open_memstream(&bytes, &length);
	unsigned items = below(12), depth = 0;

	assert_non_null(out);
	(void)fprintf(out, "# %s %s\n\n%s## Progress\n\n", PICK(pieces), "plan",
		      below(2) ? "## Tolerances\n\n- Time: 4 hours, [[a]]\n- b\n\n" : "");
	for (unsigned i = 0; i < items; i++) {
		depth = i ? below(depth + 2) : 0;
		add_item(out, depth);
	}
	assert_int_equal(fclose(out), 0);
	check_bytes(bytes, length);
}

static void test_random(void **unused)
{
	const char *plans = getenv("PLANS"), *start = getenv("SEED");
	long count = plans ? strtol(plans, NULL, 10) : 4000;
	uint64_t first = start ? strtoull(start, NULL, 10) : 1;

	(void)unused;
	for (long i = 0; i < count; i++) {
		seed = first + (uint64_t)i;
		state = seed * 0x9E3779B97F4A7C15u;
		check_random();
	}
}

static void check_file(const char *path)
{
	cleanup_fclose FILE *file = fopen(path, "re");
	cleanup_free char *bytes = malloc(PLAN_SIZE_MAX);

	source = path;
	assert_non_null(file);
	assert_non_null(bytes);
	check_bytes(bytes, fread(bytes, 1, PLAN_SIZE_MAX, file));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };

	for (int i = 1; i < argc; i++)
		check_file(argv[i]);
	return argc > 1 ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
