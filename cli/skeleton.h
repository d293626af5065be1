/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new plan: the format's skeleton, filled in as far as that needs no author. */
#ifndef PLANCTL_SKELETON_H
#define PLANCTL_SKELETON_H

#include "planwatch/instant.h"

/*
 * All sections in their order, DRAFT, limits with numbers, four stages. What only the author can say stands there as the
 * format asks for it. `rules`: the path of the repository's PLANS.md, NULL for none; `who` NULL: unknown. The caller frees;
 * NULL without memory.
 */
char *skeleton_write(const char *title, const char *rules, const char *who, usec_t now);

#endif
