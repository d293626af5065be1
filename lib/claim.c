/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/claim.h"

/* How long the stretch of time is that a stamp names. */
static usec_t resolution(enum stamp_precision precision)
{
	return precision == STAMP_DAY	   ? USEC_PER_DAY
	       : precision == STAMP_MINUTE ? USEC_PER_MIN
					   : USEC_PER_SEC;
}

static bool is_after(usec_t later, usec_t earlier)
{
	return later != INSTANT_NONE && earlier != INSTANT_NONE && later > earlier + CLAIM_SLACK;
}

enum claim_doubt claim_examine(const struct claim *claim)
{
	if (claim->at == INSTANT_NONE)
		return CLAIM_PLAUSIBLE;
	usec_t end = claim->at + resolution(claim->precision);

	/* A day without a zone may be any zone's: up to 14 hours east of UTC it begins earlier. */
	usec_t earliest =
	    claim->precision == STAMP_DAY ? claim->at - 14 * USEC_PER_HOUR : claim->at;

	if (is_after(earliest, claim->witnessed))
		return CLAIM_FUTURE;
	if (is_after(claim->plan_began, end))
		return CLAIM_BEFORE_PLAN;
	if (is_after(claim->not_before, end))
		return CLAIM_LATE;
	if (claim->precision == STAMP_DAY)
		return CLAIM_PLAUSIBLE;
	if (claim->same >= CLAIM_BATCH_MIN)
		return CLAIM_BATCH;
	return claim->at % USEC_PER_DAY == 0 ? CLAIM_MIDNIGHT : CLAIM_PLAUSIBLE;
}

const char *claim_doubt_name(enum claim_doubt doubt)
{
	static const char *const names[] = {
		[CLAIM_PLAUSIBLE] = NULL,
		[CLAIM_FUTURE] = "future",
		[CLAIM_BEFORE_PLAN] = "before_plan",
		[CLAIM_LATE] = "late",
		[CLAIM_BATCH] = "batch",
		[CLAIM_MIDNIGHT] = "midnight",
	};

	return names[doubt];
}
