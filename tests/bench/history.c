/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record of many plans, made by the library as fast as it goes: scale.py makes ten million events of it. Each save of a plan ticks
 * the next items, and unticks them again when all are done, so that CYCLE saves lead back to where they began.
 */
#include "bench.h"

#include "planwatch/cleanup.h"
#include "planwatch/record.h"

#include <stdio.h>
#include <string.h>

enum {
	ITEMS = 40,
	TICKED_AT_ONCE =
	    5, /* about the mean of real revisions that change any; their median is 1 */
	CYCLE = 2 * ITEMS / TICKED_AT_ONCE,
	GROUP = 100, /* saves in a transaction, as of a burst that is drained at once */
};

static char *plan_at(long plan, long save)
{
	long step = save % CYCLE * TICKED_AT_ONCE;
	long done = step <= ITEMS ? step : 2 * ITEMS - step;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)fprintf(
	    out,
	    "# Plan %ld\n\nThis ExecPlan is a living document.\n\nStatus: IN PROGRESS\n\n## Tolerances\n\n"
	    "- Time: if a stage takes more than 4 hours, stop.\n\n## Progress\n\n",
	    plan);
	for (long i = 0; i < ITEMS; i++)
		(void)fprintf(
		    out,
		    "- [%c] (2026-01-02 03:04Z) Stage %c: do part %ld of the work of plan %ld, run its tests.\n",
		    i < done ? 'x' : ' ', 'A' + (char)(i / 10), i, plan);
	(void)fclose(out);
	return text;
}

static void save_plan(struct store *store, long plan, long save, usec_t at)
{
	char path[100];
	cleanup_free char *text = plan_at(plan, save);
	struct error error = { 0 };

	(void)snprintf(path, sizeof(path), "/home/somebody/src/repository-%ld/execplans/plan.md",
		       plan);
	struct look look = { .path = path,
			     .at = at,
			     .not_before = at - USEC_PER_SEC,
			     .modified = at,
			     .believe_loss = true };
	if (record_content(store, &look, text, strlen(text), &error) < 0)
		fail(error.message);
}

void bench_history(const char *db, long plans, long first, long saves, long start_at)
{
	cleanup_store struct store *store = NULL;
	struct error error = { 0 };
	long end = (first + saves) * plans;

	if (store_open(&store, db, STORE_WRITE, &error) < 0)
		fail(error.message);
	double start = seconds();
	for (long n = first * plans; n < end; n += GROUP) {
		if (store_begin(store, &error) < 0)
			fail(error.message);
		for (long i = n; i < n + GROUP && i < end; i++)
			save_plan(store, i % plans, i / plans, (start_at + i) * USEC_PER_SEC);
		if (store_commit(store, &error) < 0)
			fail(error.message);
	}
	(void)printf("%f\n", seconds() - start);
}
