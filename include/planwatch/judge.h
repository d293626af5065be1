/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What we say of a plan at a moment: a pure function of how it stands, its limits, the time that does not count, and the clock. It says
 * what was observed, and never why.
 *
 * Clocks. A stage's budget runs from the start of the stage, a plan's from the first sign of work; silence is counted from the last sign
 * of life. None of them counts lapses (worktime.h) and waiting for a person, and those of a limit that is meant as effort also leave out
 * quiet hours. The person's own clock, of needs_you, is plain time.
 */
#ifndef PLANWATCH_JUDGE_H
#define PLANWATCH_JUDGE_H

#include "planwatch/plan.h"
#include "planwatch/worktime.h"

/* A time tolerance that the plan states. */
struct budget {
	int64_t seconds; /* -1: none that we time */
	uint32_t line;
	enum tolerance_basis basis;
};

/* What the format forbids and was seen: told beside the verdict, and with the events that did it. */
enum remark {
	REMARK_NONE,
	REMARK_DRAFT_TICKED,	   /* a stage's item is done while the status is draft */
	REMARK_TICKED_PAST_LIMIT,  /* ticks after a breach without an entry in the Decision Log */
	REMARK_LIMIT_RAISED,	   /* a time tolerance was raised, or taken out, after work began */
	REMARK_TOLERANCES_CHANGED, /* another tolerance was changed after work began */
	REMARK_CONSTRAINTS_CHANGED, /* the constraints were, after work began */
	REMARK_COUNT,
};

/* "draft_ticked", ... ; the sentence that a person reads. */
const char *remark_name(enum remark remark);
const char *remark_sentence(enum remark remark);

/* How a plan stands, as far as judging needs it. Instants are witnessed times; INSTANT_NONE: never. */
struct plan_state {
	enum plan_status status;
	enum progress_source source;
	struct plan_counts counts;
	bool problem; /* its file cannot be read now */
	bool
	    work_ticked; /* an item of a labelled stage is done: past the gate, whatever the status says */
	usec_t
	    stage_since; /* when the current stage started: the one before it done, or work first witnessed */
	usec_t
	    started_at; /* first tick or first look at it under way: the start of a limit for the whole plan */
	usec_t last_tick_at, last_edit_at, last_commit_at;
	usec_t status_since; /* first look at this status */
	usec_t waited_until; /* the last time that it ceased to wait for a person; INSTANT_NONE */
	usec_t decided_at;   /* the last new entry of the Decision Log; INSTANT_NONE */
	struct budget stage, plan;
	uint32_t remarks; /* bits 1 << enum remark */
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
struct limits {
	usec_t stall_after;
	usec_t draft_after; /* a draft that nobody edited for so long waits for its approval */
	usec_t stage_limit, plan_limit; /* 0: none */
	int nearing_percent;
	bool stall_after_configured;
	bool quiet; /* nothing is said of the plan */
};

#define LIMITS_DEFAULT                                                              \
	{                                                                           \
		.stall_after = 2 * USEC_PER_HOUR, .draft_after = 10 * USEC_PER_MIN, \
		.nearing_percent = 80                                               \
	}

/* Which clock the verdict was read from. */
enum judge_clock {
	CLOCK_NONE,
	CLOCK_STAGE,
	CLOCK_PLAN,
	CLOCK_SILENCE,
	CLOCK_PERSON,
};

struct verdict {
	enum verdict_kind kind;
	char reason
	    [200]; /* what was observed, in words; ASCII, nothing from the plan's text in it */
	int64_t
	    used_seconds; /* of the stage, or of the plan where its limit is for the whole; -1: no clock runs */
	int64_t limit_seconds;
	enum limit_source limit_source;
	uint32_t limit_line; /* of the plan's tolerance; 0 */
	enum judge_clock clock;
	usec_t clock_since;  /* when that clock started; INSTANT_NONE without one */
	unsigned clock_mask; /* what it leaves out: enum worktime_mask */
	usec_t
	    since; /* the moment from which this verdict holds, where time alone brought it about; INSTANT_NONE */
	usec_t
	    next; /* the next moment at which time alone can change the verdict; INSTANT_NONE: never */
	uint32_t remarks;
};

/* `time` is the plan's: its waits are its own. */
void judge(const struct plan_state *state, const struct limits *limits, const struct worktime *time,
	   usec_t now, struct verdict *ret);

/* "needs_you", ... */
const char *verdict_name(enum verdict_kind kind);
/* -1 for a word that is none. */
int verdict_parse(const char *word);
const char *limit_source_name(enum limit_source source);
/* "stage", ...; NULL for CLOCK_NONE. */
const char *judge_clock_name(enum judge_clock clock);

/* True where the plan waits for a person: the time is not the agent's. */
bool status_waits(enum plan_status status, bool work_ticked);

/*
 * True where work on the plan has begun and is not at its end: its tolerances and constraints were agreed to, its clocks have started.
 * A draft's ticks are of its writing, as long as none is of a stage; what is approved has begun with its first tick after that.
 */
bool plan_is_under_way(const struct plan_state *state);

#endif
