/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/judge.h"

#include "planwatch/cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const verdict_names[] = { "needs_you", "over",    "stalled", "drifting",
					     "churning",  "nearing", "moving",	"idle",
					     "done?",	  "done",    "unknown" };

const char *verdict_name(enum verdict_kind kind)
{
	return verdict_names[kind];
}

int verdict_parse(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(verdict_names); i++)
		if (strcmp(word, verdict_names[i]) == 0)
			return (int)i;
	return -1;
}

const char *limit_source_name(enum limit_source source)
{
	static const char *const names[] = { "plan", "config", "default" };

	return names[source];
}

const char *judge_clock_name(enum judge_clock clock)
{
	static const char *const names[] = { NULL, "stage", "plan", "silence", "person" };

	return names[clock];
}

static const struct {
	const char *name, *sentence;
} remarks[REMARK_COUNT] = {
	[REMARK_DRAFT_TICKED] = { "draft_ticked", "work is ticked while the status is draft" },
	[REMARK_TICKED_PAST_LIMIT] = { "ticked_past_limit",
				       "ticked past its limit, without an entry in the Decision Log" },
	[REMARK_LIMIT_RAISED] = { "limit_raised", "a time limit was raised after work began" },
	[REMARK_TOLERANCES_CHANGED] = { "tolerances_changed",
					"tolerances were changed after work began" },
	[REMARK_CONSTRAINTS_CHANGED] = { "constraints_changed",
					 "constraints were changed after work began" },
};

const char *remark_name(enum remark remark)
{
	return remarks[remark].name;
}

const char *remark_sentence(enum remark remark)
{
	return remarks[remark].sentence;
}

bool status_waits(enum plan_status status, bool work_ticked)
{
	return status == STATUS_BLOCKED || status == STATUS_IN_REVIEW ||
	       (status == STATUS_DRAFT && !work_ticked);
}

bool plan_is_under_way(const struct plan_state *state)
{
	if (state->counts.done == state->counts.total)
		return false;
	if (state->status == STATUS_DRAFT)
		return state->work_ticked;
	if (state->status == STATUS_APPROVED)
		return state->work_ticked || (state->last_tick_at != INSTANT_NONE &&
					      state->last_tick_at >= state->status_since);
	return state->counts.done > 0 || state->status == STATUS_IN_PROGRESS;
}

/* ---- Concluding ---- */

struct judgement {
	const struct plan_state *state;
	const struct limits *limits;
	const struct worktime *time;
	usec_t now;
	struct verdict *verdict;
};

static void __attribute__((format(printf, 3, 4)))
conclude(struct judgement *j, enum verdict_kind kind, const char *format, ...)
{
	va_list arguments;

	j->verdict->kind = kind;
	va_start(arguments, format);
	(void)vsnprintf(j->verdict->reason, sizeof(j->verdict->reason), format, arguments);
	va_end(arguments);
}

static usec_t later(usec_t a, usec_t b)
{
	return a > b ? a : b;
}

static bool conclude_without_clock(struct judgement *j)
{
	const struct plan_state *s = j->state;
	const struct plan_counts *c = &s->counts;
	bool all_done = c->done == c->total;

	if (s->problem)
		conclude(j, VERDICT_UNKNOWN, "the file cannot be read now");
	else if (s->status == STATUS_SUPERSEDED)
		conclude(j, VERDICT_DONE, "superseded");
	else if (s->source == PROGRESS_NONE && s->status == STATUS_COMPLETE)
		conclude(j, VERDICT_DONE, "status is complete; no boxes to compare it with");
	/* Whose turn it is needs no boxes. */
	else if (s->source == PROGRESS_NONE &&
		 (s->status == STATUS_BLOCKED || s->status == STATUS_IN_REVIEW))
		return false;
	else if (s->source == PROGRESS_NONE)
		conclude(j, VERDICT_UNKNOWN, "no checkboxes: progress is not determinable");
	else if (s->status == STATUS_COMPLETE && c->done < c->total)
		conclude(j, VERDICT_DONE_DOUBTFUL,
			 "status is complete, but %u of %u boxes are not ticked",
			 c->total - c->done, c->total);
	else if (c->total == 0)
		conclude(j, VERDICT_DONE, "every box was dropped");
	/* A review comes when all is ticked, and is the person's turn. */
	else if (!all_done || s->status == STATUS_IN_REVIEW)
		return false;
	else if (s->status != STATUS_COMPLETE && s->status != STATUS_UNKNOWN)
		conclude(j, VERDICT_DONE_DOUBTFUL, "every box is ticked, but the status is %s",
			 plan_status_name(s->status));
	else
		conclude(j, VERDICT_DONE, "every box is ticked");
	return true;
}

/* ---- The person's clock ---- */

static void conclude_person(struct judgement *j, const char *what, usec_t since)
{
	char waited[INSTANT_MAX] = "";

	if (since != INSTANT_NONE && j->now > since)
		(void)duration_format(j->now - since, waited);
	conclude(j, VERDICT_NEEDS_YOU, "%s%s%s", what, *waited ? " for " : "", waited);
	j->verdict->clock = CLOCK_PERSON;
	j->verdict->clock_since = since;
	j->verdict->since = since;
}

/* A draft is complete when its author leaves it alone. */
static void conclude_draft(struct judgement *j)
{
	const struct plan_state *s = j->state;
	usec_t edited = later(s->status_since, s->last_edit_at);
	usec_t complete = edited == INSTANT_NONE ? INSTANT_NONE : edited + j->limits->draft_after;

	if (complete != INSTANT_NONE && j->now < complete) {
		conclude(j, VERDICT_MOVING, "the draft is being written");
		j->verdict->next = complete;
		return;
	}
	conclude_person(j, "draft waits for approval", edited);
	j->verdict->since = complete;
}

static bool conclude_waiting(struct judgement *j)
{
	const struct plan_state *s = j->state;

	if (!status_waits(s->status, s->work_ticked))
		return false;
	if (s->status == STATUS_BLOCKED)
		conclude_person(j, "blocked", s->status_since);
	else if (s->status == STATUS_IN_REVIEW)
		conclude_person(j, "waits for review", s->status_since);
	else
		conclude_draft(j);
	return true;
}

/* ---- Clocks that count work ---- */

struct clock {
	enum judge_clock clock;
	usec_t since;
	unsigned mask;
	usec_t limit; /* 0: none */
	enum limit_source source;
	uint32_t line;
	usec_t used;
	usec_t nearing_at, over_at;
};

/* The first moment at which more than `length` has counted on a clock; INSTANT_NONE where it does not run, or has no limit. */
static usec_t moment_past(const struct judgement *j, unsigned mask, usec_t since, usec_t length)
{
	if (since == INSTANT_NONE || length <= 0)
		return INSTANT_NONE;
	return worktime_after(j->time, mask, since, length + 1);
}

static bool has_come(const struct judgement *j, usec_t moment)
{
	return moment != INSTANT_NONE && j->now >= moment;
}

static usec_t sooner(usec_t a, usec_t b)
{
	return a == INSTANT_NONE || (b != INSTANT_NONE && b < a) ? b : a;
}

static unsigned mask_of(enum tolerance_basis basis)
{
	unsigned mask = WORKTIME_LAPSES | WORKTIME_WAITS;

	return basis == BASIS_EFFORT ? mask | WORKTIME_QUIET : mask;
}

static struct clock budget_clock(struct judgement *j, enum judge_clock which, usec_t since,
				 const struct budget *own, usec_t configured)
{
	bool stated = own->seconds > 0;
	struct clock clock = {
		.clock = which,
		.since = since,
		.mask = mask_of(stated ? own->basis : BASIS_WALL),
		.limit = stated ? own->seconds * USEC_PER_SEC : configured,
		.source = stated ? LIMIT_PLAN : LIMIT_CONFIG,
		.line = stated ? own->line : 0,
	};
	usec_t nearing = clock.limit / 100 * j->limits->nearing_percent;

	if (since != INSTANT_NONE)
		clock.used = worktime_between(j->time, clock.mask, since, j->now);
	clock.nearing_at = moment_past(j, clock.mask, since, nearing);
	clock.over_at = moment_past(j, clock.mask, since, clock.limit);
	return clock;
}

/* The silence that is borne: the plan's own tolerance, for a stage before one for the whole, else what is configured. */
static struct clock silence_clock(const struct judgement *j)
{
	const struct plan_state *s = j->state;
	const struct budget *own = s->stage.seconds > 0 ? &s->stage : &s->plan;
	bool stated = own->seconds > 0;

	return (struct clock){
		.clock = CLOCK_SILENCE,
		.mask = mask_of(stated ? own->basis : BASIS_WALL),
		.limit = stated ? own->seconds * USEC_PER_SEC : j->limits->stall_after,
		.source = stated			      ? LIMIT_PLAN
			  : j->limits->stall_after_configured ? LIMIT_CONFIG
							      : LIMIT_DEFAULT,
		.line = stated ? own->line : 0,
	};
}

/* A stage's budget before the plan's, unless only that is passed. NULL where there is neither. */
static const struct clock *choose_budget(const struct judgement *j, const struct clock *stage,
					 const struct clock *plan)
{
	bool plan_alone = (has_come(j, plan->over_at) && !has_come(j, stage->over_at)) ||
			  (has_come(j, plan->nearing_at) && !has_come(j, stage->nearing_at));

	if (plan->limit > 0 && (stage->limit == 0 || plan_alone))
		return plan;
	return stage->limit > 0 ? stage : NULL;
}

static void read_from(struct judgement *j, const struct clock *clock)
{
	j->verdict->clock = clock->clock;
	j->verdict->clock_since = clock->since;
	j->verdict->clock_mask = clock->mask;
}

/* What the verdict shows of limit and use, whatever it says: the budget that matters, else the silence that is borne. */
static void show_limit(struct judgement *j, const struct clock *clock, const struct clock *used)
{
	j->verdict->limit_seconds = clock->limit / USEC_PER_SEC;
	j->verdict->limit_source = clock->source;
	j->verdict->limit_line = clock->line;
	j->verdict->used_seconds =
	    used->since == INSTANT_NONE ? -1 : (int64_t)(used->used / USEC_PER_SEC);
}

static void conclude_silence(struct judgement *j, enum verdict_kind kind,
			     const struct clock *silence)
{
	const char *words = kind == VERDICT_STALLED    ? "no tick, edit or commit"
			    : kind == VERDICT_DRIFTING ? "commits go on, the plan is silent"
						       : "edited, but nothing ticked";
	char length[INSTANT_MAX];

	(void)duration_format(worktime_between(j->time, silence->mask, silence->since, j->now),
			      length);
	conclude(j, kind, "%s for %s", words, length);
	read_from(j, silence);
}

static void conclude_budget(struct judgement *j, enum verdict_kind kind, const struct clock *clock)
{
	const char *what = judge_clock_name(clock->clock);
	char used[INSTANT_MAX], limit[INSTANT_MAX];

	(void)duration_format(clock->used, used);
	(void)duration_format(clock->limit, limit);
	conclude(j, kind,
		 kind == VERDICT_OVER ? "%s has used %s, limit %s" : "%s has used %s of %s", what,
		 used, limit);
	read_from(j, clock);
}

static void conclude_moving(struct judgement *j, const struct clock *stage)
{
	char used[INSTANT_MAX], limit[INSTANT_MAX];

	if (stage->since == INSTANT_NONE) {
		conclude(j, VERDICT_MOVING, "under way");
		return;
	}
	(void)duration_format(stage->used, used);
	(void)duration_format(stage->limit, limit);
	conclude(j, VERDICT_MOVING, "stage under way for %s%s%s", used,
		 stage->limit > 0 ? " of " : "", stage->limit > 0 ? limit : "");
	read_from(j, stage);
}

/* The gravest verdict whose moment has come, and the next moment of a graver one: of a lesser one nothing would be said. */
static enum verdict_kind find_gravest(struct judgement *j, const usec_t due[VERDICT_MOVING])
{
	enum verdict_kind kind = VERDICT_OVER;

	while (kind < VERDICT_MOVING && !has_come(j, due[kind])) {
		j->verdict->next = sooner(j->verdict->next, due[kind]);
		kind++;
	}
	if (kind < VERDICT_MOVING)
		j->verdict->since = due[kind];
	return kind;
}

static void conclude_by_clock(struct judgement *j)
{
	const struct plan_state *s = j->state;
	struct clock stage =
	    budget_clock(j, CLOCK_STAGE, s->stage_since, &s->stage, j->limits->stage_limit);
	struct clock plan =
	    budget_clock(j, CLOCK_PLAN, s->started_at, &s->plan, j->limits->plan_limit);
	struct clock silence = silence_clock(j);
	const struct clock *budget = choose_budget(j, &stage, &plan);
	/* Who gets an answer begins anew: what was silent before it asked is over. */
	usec_t tick = later(later(s->last_tick_at, s->started_at), s->waited_until);
	usec_t plan_sign = later(tick, s->last_edit_at);
	const usec_t signs[VERDICT_MOVING] = { [VERDICT_STALLED] =
						   later(plan_sign, s->last_commit_at),
					       [VERDICT_DRIFTING] = plan_sign,
					       [VERDICT_CHURNING] = tick };
	usec_t due[VERDICT_MOVING];

	due[VERDICT_OVER] = sooner(stage.over_at, plan.over_at);
	for (enum verdict_kind kind = VERDICT_STALLED; kind <= VERDICT_CHURNING; kind++)
		due[kind] = moment_past(j, silence.mask, signs[kind], silence.limit);
	due[VERDICT_NEARING] = sooner(stage.nearing_at, plan.nearing_at);

	show_limit(j, budget ? budget : &silence, budget == &plan ? &plan : &stage);
	enum verdict_kind kind = find_gravest(j, due);
	if (kind == VERDICT_MOVING) {
		conclude_moving(j, &stage);
	} else if (kind == VERDICT_OVER || kind == VERDICT_NEARING) {
		conclude_budget(j, kind, budget);
	} else {
		silence.since = signs[kind];
		conclude_silence(j, kind, &silence);
	}
}

static uint32_t find_remarks(const struct plan_state *state)
{
	uint32_t found = state->remarks;

	if (state->status == STATUS_DRAFT && state->work_ticked)
		found |= 1u << REMARK_DRAFT_TICKED;
	return found;
}

void judge(const struct plan_state *state, const struct limits *limits, const struct worktime *time,
	   usec_t now, struct verdict *ret)
{
	struct judgement j = { state, limits, time, now, ret };
	struct clock silence = silence_clock(&j);

	*ret = (struct verdict){
		.used_seconds = -1,
		.limit_seconds = silence.limit / USEC_PER_SEC,
		.limit_source = silence.source,
		.limit_line = silence.line,
		.clock_since = INSTANT_NONE,
		.since = INSTANT_NONE,
		.next = INSTANT_NONE,
		.remarks = find_remarks(state),
	};
	if (conclude_without_clock(&j))
		return;
	if (limits->quiet)
		conclude(&j, VERDICT_IDLE, "quiet by configuration");
	else if (conclude_waiting(&j))
		return;
	else if (!plan_is_under_way(state))
		conclude(&j, VERDICT_IDLE, "%s",
			 state->counts.done == 0 ? "not started"
						 : "approved, and nothing ticked since");
	else
		conclude_by_clock(&j);
}
