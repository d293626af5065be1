/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same plan in several working trees of one repository is one plan with several copies: each has a history of its own, but only
 * the one that is worked on speaks for the plan. The others stand still, and that is no stall.
 */
#ifndef PLANWATCH_COPIES_H
#define PLANWATCH_COPIES_H

#include "planwatch/store.h"

/*
 * Copies have the repository, the path in the working tree and the part of the file in common. Sets leader[i] to the row that speaks for
 * row i: the copy that was ticked last, else edited last, else has more done; itself where there is no other. Reads .git of each working
 * tree once. -ENOMEM.
 */
int copies_find(const struct plan_row *rows, size_t count, size_t *leader);

#endif
