/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan's items as its events tell them: the fold of law 1. Applying a plan's events in order to nothing gives its items at any
 * moment; `planctl show --at` shows that, `planctl verify` proves that the end of it is how the items stand now.
 */
#ifndef PLANWATCH_HISTORY_H
#define PLANWATCH_HISTORY_H

#include "planwatch/store.h"

struct history_item {
	int64_t id;
	char *mark, *text;
	usec_t first_seen_at;
	usec_t
	    done_at; /* witnessed; INSTANT_NONE for what is not done, or was done before anybody looked */
	int64_t to; /* private: where it is to be put in */
};

/* Zero it to begin; history_done() ends it. */
struct history {
	struct history_item *items; /* in their order, after history_settle() */
	size_t count;
	bool present;	     /* the plan is there */
	int64_t observation; /* the last one applied; 0 for none */
	/* Private. */
	int64_t found;	     /* the observation that the fold begins with */
	size_t moving, size; /* the items behind `count` wait for their places */
};

enum history_result {
	HISTORY_APPLIED,
	HISTORY_ADDS_PRESENT, /* the event adds an item that is there: not applied */
	HISTORY_NO_ITEM,      /* the event is of an item that is not there: not applied */
};

/*
 * Applies the next row of store_history(). A plan_found begins from nothing: what an import put before it stays history. So does a
 * keyframe. The events of an observation belong together: call history_settle() behind the last one. An enum history_result, or
 * -ENOMEM.
 */
int history_apply(struct history *history, const struct history_row *row);

/* The end of an observation: what moved or was added is put in, by rising position. False where a position does not exist. */
bool history_settle(struct history *history);

/* Folds a plan's events up to an observation, that one included. */
int history_load(struct store *store, int64_t plan, int64_t observation, struct history *ret,
		 struct error *error);

void history_done(struct history *history);

static inline void cleanup_history_value(struct history *history)
{
	history_done(history);
}
#define cleanup_history cleanup(cleanup_history_value)

#endif
