/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan, as a checklist of another program, as a plan again: the same items, as far as the format can carry them. Random plans, made
 * of what formats trip over (PLANS and SEED in the environment; a failure tells its seed), and the files that the command line names.
 */
#include "unit.h"

#include <inttypes.h>
#include <stdio.h>

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

#define ROUND_TRIP_FAIL(format, ...)                                                       \
	fail_msg("%s SEED=%" PRIu64 " PLANS=1: " format, source ? source : "random", seed, \
		 __VA_ARGS__)

#include "../round_trip.h"

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
		      below(2) ? "## Tolerances\n\n- Time: 4 hours, [[a]]\n- b\n- [x] [ ] c\n\n"
			       : "");
	for (unsigned i = 0; i < items; i++) {
		depth = i ? below(depth + 2) : 0;
		add_item(out, depth);
	}
	assert_int_equal(fclose(out), 0);
	round_trip(bytes, length);
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
	round_trip(bytes, fread(bytes, 1, PLAN_SIZE_MAX, file));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };

	for (int i = 1; i < argc; i++)
		check_file(argv[i]);
	return argc > 1 ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
