/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What speaks against the time that an author wrote into an item, given when it was witnessed. A pure function over values. It says
 * what can be seen and accuses nobody: a stamp without any of this may still be invented.
 */
#ifndef PLANWATCH_CLAIM_H
#define PLANWATCH_CLAIM_H

#include "planwatch/plan.h"

enum claim_doubt {
	CLAIM_PLAUSIBLE,
	CLAIM_FUTURE,	   /* later than when it was witnessed */
	CLAIM_BEFORE_PLAN, /* earlier than the plan itself */
	CLAIM_LATE,  /* the box was still open when last looked at, well after the claimed time */
	CLAIM_BATCH, /* one and the same time for several items that came together */
	CLAIM_MIDNIGHT, /* exactly 00:00, though written with minutes */
};

/* Clocks differ, and stamps are rounded: a difference of no more than this is none. */
#define CLAIM_SLACK (10 * USEC_PER_MIN)
/* Two items ticked at once are common; from so many on it is told. */
#define CLAIM_BATCH_MIN 3

struct claim {
	usec_t at; /* UTC; INSTANT_NONE: nothing is claimed */
	enum stamp_precision precision;
	usec_t witnessed,
	    not_before; /* seen at the first, not there yet at the second; INSTANT_NONE: unknown */
	usec_t plan_began; /* the plan was witnessed to begin then; INSTANT_NONE: nobody saw it */
	int64_t same;	   /* items that claim this time in the same revision, this one counted */
};

/* The strongest doubt. */
enum claim_doubt claim_examine(const struct claim *claim);

/* "future", "before_plan", ...; NULL for a plausible one. */
const char *claim_doubt_name(enum claim_doubt doubt);

#endif
