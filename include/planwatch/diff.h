/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From two revisions of a plan to what changed, item by item. Pure functions.
 *
 * Matching finds for each new item the old one that it continues, in three passes, each over what the ones before left over:
 *   1. the same text: from both ends inwards, then anywhere, equal texts in their order;
 *   2. the same gist (the text without its leading stamp and label), an empty gist by its label;
 *   3. in each gap between matched neighbours, the alignment in order that keeps most likeness: words in common, the same label,
 *      and, where as many items stand in the gap as before, the same place for an open item that comes back done.
 * Passes 1 and 2 are linear; 3 is quadratic in the items of a gap, up to four million pairs in all: beyond, items are matched by place.
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
