/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What we say of a plan at a moment: a pure function of how it stands, its limits and the clock. It says what was observed, and
 * never why.
 */
#ifndef PLANWATCH_JUDGE_H
#define PLANWATCH_JUDGE_H

#include "planwatch/plan.h"

/* How a plan stands, as far as judging needs it. Instants are witnessed times; INSTANT_NONE: never. */
struct plan_state {
	enum plan_status status;
	enum progress_source source;
	struct plan_counts counts;
	bool problem; /* its file cannot be read now */
	usec_t
	    stage_since; /* when the current stage started: the one before it done, or work first witnessed */
	usec_t
	    started_at; /* first tick or first look at it under way: the start of a limit for the whole plan */
	usec_t last_tick_at, last_edit_at, last_commit_at;
	usec_t status_since;   /* first look at this status */
	int64_t limit_seconds; /* the plan's own time tolerance; -1: it states none that we time */
	uint32_t limit_line;
	enum tolerance_applies limit_applies; /* APPLIES_MILESTONE or APPLIES_PLAN */
	enum tolerance_basis limit_basis;
};

/* In the order in which they need a person. */
enum verdict_kind {
	VERDICT_NEEDS_YOU,
	VERDICT_OVER,
	VERDICT_STALLED,
	VERDICT_DRIFTING,
	VERDICT_CHURNING,
	VERDICT_NEARING,
	VERDICT_MOVING,
	VERDICT_IDLE,
	VERDICT_DONE_DOUBTFUL, /* "done?": status and boxes contradict each other */
	VERDICT_DONE,
	VERDICT_UNKNOWN,
};

enum limit_source {
	LIMIT_PLAN,
	LIMIT_CONFIG,
	LIMIT_DEFAULT,
};

/* What holds where the plan itself says nothing. */
struct judge_limits {
	usec_t stall_after;
	bool stall_after_configured;
};

#define JUDGE_STALL_AFTER (2 * USEC_PER_HOUR)
/* "nearing" from this part of the budget on. */
#define JUDGE_NEARING_PERCENT 80

struct verdict {
	enum verdict_kind kind;
	char reason
	    [200]; /* what was observed, in words; ASCII, nothing from the plan's text in it */
	int64_t
	    used_seconds; /* of the current stage, or of the plan where its limit is for the whole; -1: no clock runs */
	int64_t limit_seconds;
	enum limit_source limit_source;
	uint32_t limit_line; /* of the plan's tolerance; 0 */
	usec_t
	    next; /* the next moment at which time alone could change the verdict; INSTANT_NONE: never */
};

void judge(const struct plan_state *state, const struct judge_limits *limits, usec_t now,
	   struct verdict *ret);

/* "needs_you", ... */
const char *verdict_name(enum verdict_kind kind);
const char *limit_source_name(enum limit_source source);

/* Verdicts that open an episode. */
bool verdict_alerts(enum verdict_kind kind);

#endif
