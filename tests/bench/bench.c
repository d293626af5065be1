/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int compare_numbers(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
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

/* bench BUILD [REAL_PLANS]: the programs are in BUILD, and temporary files go below it. */
int main(int argc, char **argv)
{
	char folder[200];

	if (argc < 2) {
		(void)fputs("bench BUILD [REAL_PLANS]\n", stderr);
		return 2;
	}
	(void)snprintf(folder, sizeof(folder), "%s/bench-data.XXXXXX", argv[1]);
	if (!mkdtemp(folder)) {
		perror(folder);
		return 2;
	}
	(void)printf("medians of %d rounds, in %s\n", ROUNDS, folder);
	bench_reading(folder, argc > 2 ? argv[2] : NULL);
	bench_hostile();
	bench_recording(folder);
	bench_latency(folder, argv[1]);
	return 0;
}
