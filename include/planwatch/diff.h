/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From two revisions of a plan to what changed, item by item. Pure functions.
 *
 * Matching finds for each new item the old one that it continues, as a person would say:
 *   1. Equal texts, then equal gists (the text without its leading stamp and label), nested ones below the same parent: what stands once
 *      on either side first, then what stands several times, by the neighbours and labels that agree, else in order.
 *   2. What is left is weighed, each old item against each new one: words in common (rare words and names count more), label, number of
 *      a milestone, stamp, mark, the gap between matched neighbours, the parent. The heaviest pair is taken first, while it weighs enough.
 *   3. In each gap between neighbours that stayed, the alignment in order of greatest weight, where the place itself is evidence: an open
 *      item that comes back ticked is the same one, whatever it says now.
 * An added item was split off its neighbour where that one was open, was changed too, and had its words.
 *
 * Cost: 1 is n log n. 2 and 3 are quadratic in the items that differ, for up to two million pairs in all; beyond, they are matched by
 * place. Measured on tests/matching (`make matching`).
 */
#ifndef PLANWATCH_DIFF_H
#define PLANWATCH_DIFF_H

#include "planwatch/plan.h"

#define DIFF_NONE UINT32_MAX

/* What happened to an item. One without any flag is unchanged. */
enum change_flags {
	CHANGE_ADDED = 1 << 0,
	CHANGE_REMOVED = 1 << 1,
	CHANGE_DONE = 1 << 2,	/* now done, was not */
	CHANGE_UNDONE = 1 << 3, /* now open, was done */
	CHANGE_MARKED = 1 << 4, /* any other change of the mark */
	CHANGE_REWORDED =
	    1 << 5, /* the text differs, in more than the stamp and label that come with a tick */
	CHANGE_MOVED = 1 << 6, /* its place among the items that stayed */
	CHANGE_SPLIT = 1 << 7, /* added, and split off another item */
};

struct change {
	uint32_t old_index; /* DIFF_NONE for an added item */
	uint32_t new_index; /* DIFF_NONE for a removed one */
	uint32_t parent;    /* new index of the item that this one was split off; DIFF_NONE */
	unsigned flags;	    /* enum change_flags */
};

struct diff {
	struct change *changes; /* the new items in their order, then the removed ones in theirs */
	size_t count;
};

/* Compares two lists. The caller ends *ret with diff_done(). -ENOMEM. */
int diff_items(const struct item *old_items, size_t old_count, const struct item *new_items,
	       size_t new_count, struct diff *ret);
void diff_done(struct diff *diff);

static inline void cleanup_diff_value(struct diff *diff)
{
	diff_done(diff);
}
#define cleanup_diff cleanup(cleanup_diff_value)

#endif
