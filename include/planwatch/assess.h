/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verdicts on recorded plans: gathers what judge() needs of a plan's row beside the row. One assessor serves a walk over many plans.
 */
#ifndef PLANWATCH_ASSESS_H
#define PLANWATCH_ASSESS_H

#include "planwatch/config.h"
#include "planwatch/git.h"
#include "planwatch/store.h"

struct assessor {
	struct store *store;
	const struct config *config;
	struct span_list lapses;
	char *repo; /* the working tree that was asked last, and what it said */
	struct git_log log;
};

/* Keeps the references. */
int assessor_init(struct assessor *assessor, struct store *store, const struct config *config,
		  struct error *error);
void assessor_done(struct assessor *assessor);

/*
 * The verdict at `now`. A commit that no save has told the record of is noted in the row first: commits make no event of a plan, they are
 * looked for when a verdict is due. `ret_time`, where it is not NULL, gets the time that does not count, for explaining; the caller ends
 * its waits with free().
 */
int assess(struct assessor *assessor, struct plan_row *row, usec_t now, struct verdict *ret,
	   struct worktime *ret_time, struct error *error);

#endif
