/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double read_clock(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double seconds(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

double seconds_run(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void fail(const char *what)
{
	(void)fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(2);
}

int compare_numbers(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

char *join(const char *format, ...)
{
	char *joined = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&joined, format, arguments) < 0)
		fail("out of memory");
	va_end(arguments);
	return joined;
}

void tell_goal(int number, const char *what, const char *ours, const char *floor, const char *peer,
	       const char *ratio, const char *limit, bool holds)
{
	(void)printf("G%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", number, what, ours, floor, peer, ratio,
		     limit, holds ? "yes" : "no");
}

double median(double values[static ROUNDS])
{
	qsort(values, ROUNDS, sizeof(*values), compare_numbers);
	return values[ROUNDS / 2];
}

char *make_plan(int done, int salt)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)fputs("# Add a thing\n\nStatus: IN PROGRESS\n\n## Purpose\n\n", out);
	for (int i = 0; i < 30; i++)
		(void)fprintf(
		    out,
		    "Sentence %d of the purpose with `code`, *stress* and a [link](https://example.org).\n",
		    i);
	(void)fputs(
	    "\n## Tolerances\n\n- Time: if a stage takes more than 4 hours, stop.\n\n## Progress\n\n",
	    out);
	for (int i = 0; i < 16; i++)
		(void)fprintf(
		    out,
		    "- [%c] (2026-01-02 03:%02dZ) Stage %c: do part %d of the work, run its tests\n  and write down what was found.\n",
		    i < done ? 'x' : ' ', i, 'A' + i / 4, i);
	(void)fputs("\n## Decision Log\n\n", out);
	for (int i = 0; i < 20; i++)
		(void)fprintf(out, "- Decision: number %d.\n  Rationale: it was the simpler one.\n",
			      i + salt);
	(void)fclose(out);
	return text;
}

static long number(const char *text)
{
	return strtol(text, NULL, 10);
}

static const char usage[] =
    "bench reading FOLDER [REAL_PLANS]\nbench parse FOLDER\nbench hostile\nbench recording FOLDER\nbench latency FOLDER BUILD\n"
    "bench history DB PLANS FIRST SAVES START_AT\n";

/* What bench.py and scale.py call. Temporary files go below FOLDER; the programs are in BUILD. */
int main(int argc, char **argv)
{
	const char *subject = argc > 1 ? argv[1] : "";

	if (strcmp(subject, "reading") == 0 && argc > 2)
		bench_reading(argv[2], argc > 3 ? argv[3] : NULL);
	else if (strcmp(subject, "parse") == 0 && argc > 2)
		bench_parse(argv[2]);
	else if (strcmp(subject, "hostile") == 0)
		bench_hostile();
	else if (strcmp(subject, "recording") == 0 && argc > 2)
		bench_recording(argv[2]);
	else if (strcmp(subject, "latency") == 0 && argc > 3)
		bench_latency(argv[2], argv[3]);
	else if (strcmp(subject, "history") == 0 && argc > 6)
		bench_history(argv[2], number(argv[3]), number(argv[4]), number(argv[5]),
			      number(argv[6]));
	else {
		(void)fputs(usage, stderr);
		return 2;
	}
	return 0;
}
