/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The entries of a Tolerances section, understood: sentences such as "Time: if a milestone takes more than four working hours,
 * stop and escalate." become values. A wrong alarm costs more than a missing one, so what is not clear gets no number.
 */
#ifndef LIB_TOLERANCE_H
#define LIB_TOLERANCE_H

#include "arena.h"
#include "planwatch/plan.h"

/* Sets all but line and text from tolerance->text. The label comes from the arena. */
void tolerance_read(struct arena *arena, struct tolerance *tolerance);

#endif
