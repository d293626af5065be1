/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the laws of the record over a whole database. Law 1: folding a plan's events in order gives, at each revision, the items
 * of that revision, and at the end the items as they stand; a plan_found begins it anew (store.h). Law 3: the last revision
 * compared with the items as they stand is no event.
 */
#ifndef PLANWATCH_VERIFY_H
#define PLANWATCH_VERIFY_H

#include "planwatch/store.h"

struct verify_counts {
	int64_t plans, revisions, events, findings;
};

/* Calls `found` with a sentence for each thing that is wrong. Returns 0 also then; negative errno where it cannot be told. */
int verify_store(struct store *store, void (*found)(void *userdata, const char *finding),
		 void *userdata, struct verify_counts *ret, struct error *error);

#endif
