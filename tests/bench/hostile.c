/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

#include "planwatch/cleanup.h"
#include "planwatch/plan.h"

#include <stdio.h>
#include <string.h>

#define SMALL ((size_t)100000)
#define LARGE PLAN_SIZE_MAX

/*
 * Input that costs a Markdown reader more than its length, because something in it is looked for again and again, or nested. The
 * bytes are `head`, then `unit` over and over, then as much of `closer` where there is one. `growing` puts one blank more before
 * each unit than before the last one, from none up to `growing`.
 */
static const struct hostile {
	const char *name, *head, *unit, *closer;
	size_t growing;
} kinds[] = {
	{ .name = "ordinary text",
	  .unit =
	      "The quick brown fox jumps over the lazy dog, and nothing in this line is a mark.\n" },
	{ .name = "one line", .unit = "word " },
	{ .name = "short lines", .unit = "a b\n" },
	{ .name = "empty lines", .unit = "\n" },
	{ .name = "blanks, no newline", .unit = " " },
	{ .name = "[ x n, ] x n", .unit = "[", .closer = "]" },
	{ .name = "[a]( x n", .unit = "[a](" },
	{ .name = "](\\[ lines", .unit = "](\\[\n" },
	{ .name = "link definition", .head = "[x]: ", .unit = "x", .closer = "[x]" },
	{ .name = "link definitions", .unit = "[a]: /b\n" },
	{ .name = "www._", .unit = "www._" },
	{ .name = "backticks, one run", .unit = "`" },
	{ .name = "backticks, apart", .unit = "`a" },
	{ .name = "fence openings", .unit = "```a\n~~~b\n" },
	{ .name = "stars, apart", .unit = "a **b _c " },
	{ .name = "rules", .unit = "* * * * * * * *\n" },
	{ .name = "nearly rules", .unit = "- - - - - - - - - - - - - - - - - - - - x -\n" },
	{ .name = "underlines", .unit = "a\n===\n" },
	{ .name = "headings", .unit = "# a #\n" },
	{ .name = "<!-- openings", .unit = "<!--" },
	{ .name = "<!-- lines", .unit = "<!-- -- >\n" },
	{ .name = "in a comment", .head = "<!--\n", .unit = "->-- >>--\n" },
	{ .name = "<? openings", .unit = "<?" },
	{ .name = "<![CDATA[ openings", .unit = "<![CDATA[" },
	{ .name = "<a lines", .unit = "<a b=\"c\" d='e' f\n\n" },
	{ .name = "in <pre>", .head = "<pre>\n", .unit = "</p </pr </prf>\n" },
	{ .name = "table, one row", .unit = "|a", .closer = "|-" },
	{ .name = "table rows", .unit = "| a | b | c |\n" },
	{ .name = "> x n, one line", .unit = "> " },
	{ .name = "> x 64 lines",
	  .unit =
	      "> > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > "
	      "> > > > > > > > > > > > a\n" },
	{ .name = "- x n, one line", .unit = "- " },
	{ .name = "- x 64 lines",
	  .unit =
	      "- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - "
	      "- - - - - - - - - - - - a\n" },
	{ .name = "- x 64, then empty lines",
	  .head =
	      "- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - "
	      "- - - - - - - - - - - - a\n",
	  .unit = "\n" },
	{ .name = "nested lists", .unit = "- a\n", .growing = 128 },
	{ .name = "nested lists, deeper", .unit = "- a\n", .growing = 3000 },
	{ .name = "numbers", .unit = "1) 2. " },
	{ .name = "items", .unit = "- [ ] a\n" },
	{ .name = "items under Progress", .head = "## Progress\n\n", .unit = "- [x] a\n" },
	{ .name = "one long item", .head = "## Progress\n\n- [ ] ", .unit = "word " },
	{ .name = "an item of lines", .head = "## Progress\n\n- [ ] a\n", .unit = "  b c\n" },
	{ .name = "an item of dates", .head = "## Progress\n\n- [ ] a ", .unit = "2026-02-3" },
	{ .name = "an item of labels", .head = "## Progress\n\n- [ ] ", .unit = "M1: " },
	{ .name = "an item of brackets", .head = "## Progress\n\n- [ ] (2026-01-02 ", .unit = "(" },
	{ .name = "tolerances", .head = "## Tolerances\n\n", .unit = "- Time: 4 hours.\n" },
	{ .name = "a status of stars", .head = "Status: a", .unit = " **" },
	{ .name = "front matter", .head = "---\na: b\n", .unit = "c: d\n" },
	{ .name = "invalid bytes", .head = "- [ ] ", .unit = "\xff" },
};

static char *make_hostile(const struct hostile *kind, size_t size)
{
	char *bytes = malloc(size + 1);
	size_t at = 0, blanks = 0;

	if (!bytes)
		abort();
	for (const char *next = kind->head ? kind->head : ""; at < size; next = kind->unit) {
		if (kind->closer && at > size / 2)
			next = kind->closer;
		if (kind->growing && at + blanks < size) {
			memset(bytes + at, ' ', blanks);
			at += blanks;
			blanks = (blanks + 1) % kind->growing;
		}
		size_t length = strlen(next);
		length = length < size - at ? length : size - at;
		memcpy(bytes + at, next, length);
		at += length;
	}
	bytes[size] = '\0';
	return bytes;
}

/* Nanoseconds for each byte; about 4 MiB are read, so that the small size is measured as long as the large one. */
static double read_often(reader *read, const char *bytes, size_t size)
{
	size_t times = LARGE / size;
	double start = seconds_run();

	for (size_t i = 0; i < times; i++)
		read(bytes, size);
	return (seconds_run() - start) * 1e9 / (double)(times * size);
}

struct cost {
	double scan, parse;
};

static struct cost measure(const struct hostile *kind, size_t size)
{
	double scan[ROUNDS], parse[ROUNDS];
	cleanup_free char *bytes = make_hostile(kind, size);

	for (size_t round = 0; round < ROUNDS; round++) {
		scan[round] = read_often(reader_scan, bytes, size);
		parse[round] = read_often(reader_parse, bytes, size);
	}
	return (struct cost){ median(scan), median(parse) };
}

void bench_hostile(void)
{
	struct cost small = measure(&kinds[0], SMALL), large = measure(&kinds[0], LARGE);
	double worst = 0;
	const char *slowest = "";

	(void)printf("\n%-26s %21s   %21s\n%-26s %10s %10s   %10s %10s\n", "hostile input",
		     "block scan, ns a byte", "plan_parse, ns a byte", "(x ordinary text)",
		     "100 kB", "4 MiB", "100 kB", "4 MiB");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct cost s = measure(&kinds[i], SMALL), l = measure(&kinds[i], LARGE);
		(void)printf("%-26s %5.2f %3.0fx %5.2f %3.0fx   %5.2f %3.0fx %5.2f %3.0fx\n",
			     kinds[i].name, s.scan, s.scan / small.scan, l.scan,
			     l.scan / large.scan, s.parse, s.parse / small.parse, l.parse,
			     l.parse / large.parse);
		if (l.parse / s.parse > worst) {
			worst = l.parse / s.parse;
			slowest = kinds[i].name;
		}
	}
	cleanup_free char *what = join("a byte of 4 MiB, of one of 100 kB: %s", slowest),
			  *ratio = join("%.2f", worst);
	tell_goal(9, what, "", "", "", ratio, "1.5", worst <= 1.5);
}
