/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a plan stands after a revision: its row made from the one before and what the revision changed. What a clock needs is kept in the
 * row, so that a verdict costs the number of plans and not the length of their histories.
 */
#ifndef LIB_STANDING_H
#define LIB_STANDING_H

#include "planwatch/store.h"
#include "revision.h"

/* The circumstances of a look, as far as a plan's row is concerned. */
struct standing_look {
	usec_t at;
	usec_t modified;     /* the file's own time; INSTANT_NONE */
	usec_t committed_at; /* INSTANT_NONE */
	bool quiet;	     /* what changed is git's doing and no work */
};

/* A new plan's row, or a copy of the one before. -ENOMEM. The caller ends *ret with plan_row_done(). */
int standing_begin(const struct part *part, usec_t at, struct plan_row *ret);

/* Everything that the revision says: `rows` are its items with their identities. -ENOMEM. */
int standing_update(struct plan_row *row, const struct part *part, const struct item_row *rows,
		    const struct standing_look *look);

/* A plan goes back to how an earlier revision had it, with these items: its stage to when that began; its other times stay. -ENOMEM. */
int standing_restore(struct plan_row *row, const struct plan *then, const struct item_row *rows);

/* The revision ticks an item, or adds a ticked one. */
bool standing_ticks(const struct part *part);

/* The revision adds an entry to the Decision Log. */
bool standing_decides(const struct part *part);

#endif
