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

/* The verdict may change at this moment. */
static void note_moment(struct judgement *j, usec_t moment)
{
	if (moment != INSTANT_NONE && moment > j->now &&
	    (j->verdict->next == INSTANT_NONE || moment < j->verdict->next))
		j->verdict->next = moment;
}

static bool conclude_without_clock(struct judgement *j)
{
	const struct plan_state *s = j->state;
	const struct plan_counts *c = &s->counts;
	bool all_done = c->total > 0 && c->open == 0 && c->done == c->total;

	if (s->problem)
		conclude(j, VERDICT_UNKNOWN, "the file cannot be read now");
	else if (s->status == STATUS_SUPERSEDED)
		conclude(j, VERDICT_DONE, "superseded");
	else if (s->source == PROGRESS_NONE && s->status == STATUS_COMPLETE)
		conclude(j, VERDICT_DONE, "status is complete; no boxes to compare it with");
	else if (s->source == PROGRESS_NONE)
		conclude(j, VERDICT_UNKNOWN, "no checkboxes: progress is not determinable");
	else if (s->status == STATUS_COMPLETE && c->done < c->total)
		conclude(j, VERDICT_DONE_DOUBTFUL,
			 "status is complete, but %u of %u boxes are not ticked",
			 c->total - c->done, c->total);
	else if (all_done && s->status != STATUS_COMPLETE && s->status != STATUS_UNKNOWN)
		conclude(j, VERDICT_DONE_DOUBTFUL, "every box is ticked, but the status is %s",
			 plan_status_name(s->status));
	else if (all_done || s->status == STATUS_COMPLETE)
		conclude(j, VERDICT_DONE, "every box is ticked");
	else if (c->total == 0)
		conclude(j, VERDICT_DONE, "every box was dropped");
	else
		return false;
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
		note_moment(j, complete);
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
	bool over, nearing;
	usec_t over_at, nearing_at;
};

/* A moment at which more than `length` has counted. */
static usec_t moment_past(const struct judgement *j, const struct clock *clock, usec_t length)
{
	return worktime_after(j->time, clock->mask, clock->since, length + 1);
}

/* A start in the future (a clock that was set back) has not passed. */
static bool passed(struct judgement *j, const struct clock *clock, usec_t length, usec_t *moment)
{
	*moment = INSTANT_NONE;
	if (clock->since == INSTANT_NONE || length <= 0)
		return false;
	*moment = moment_past(j, clock, length);
	note_moment(j, *moment);
	return *moment != INSTANT_NONE && j->now >= *moment;
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

	if (since != INSTANT_NONE)
		clock.used = worktime_between(j->time, clock.mask, since, j->now);
	/* Both are asked, so that `next` knows of each moment. */
	clock.nearing =
	    passed(j, &clock, clock.limit / 100 * j->limits->nearing_percent, &clock.nearing_at);
	clock.over = passed(j, &clock, clock.limit, &clock.over_at);
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

static void read_from(struct judgement *j, const struct clock *clock, usec_t since)
{
	j->verdict->clock = clock->clock;
	j->verdict->clock_since = clock->since;
	j->verdict->clock_mask = clock->mask;
	j->verdict->since = since;
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

static bool conclude_silence(struct judgement *j, enum verdict_kind kind, struct clock silence,
			     usec_t sign, const char *words)
{
	char length[INSTANT_MAX];
	usec_t moment;

	silence.since = sign;
	if (!passed(j, &silence, silence.limit, &moment))
		return false;
	/* The first that holds is the gravest. */
	if (j->verdict->clock != CLOCK_NONE)
		return true;
	(void)duration_format(worktime_between(j->time, silence.mask, sign, j->now), length);
	conclude(j, kind, "%s for %s", words, length);
	read_from(j, &silence, moment);
	return true;
}

static void conclude_budget(struct judgement *j, enum verdict_kind kind, const struct clock *clock)
{
	const char *what = judge_clock_name(clock->clock);
	char used[INSTANT_MAX], limit[INSTANT_MAX];
	bool over = kind == VERDICT_OVER;

	(void)duration_format(clock->used, used);
	(void)duration_format(clock->limit, limit);
	conclude(j, kind, over ? "%s has used %s, limit %s" : "%s has used %s of %s", what, used,
		 limit);
	read_from(j, clock, over ? clock->over_at : clock->nearing_at);
}

static void conclude_by_clock(struct judgement *j)
{
	const struct plan_state *s = j->state;
	struct clock stage =
	    budget_clock(j, CLOCK_STAGE, s->stage_since, &s->stage, j->limits->stage_limit);
	struct clock plan =
	    budget_clock(j, CLOCK_PLAN, s->started_at, &s->plan, j->limits->plan_limit);
	struct clock silence = silence_clock(j);
	/* Who gets an answer begins anew: what was silent before it asked is over. */
	usec_t tick = later(later(s->last_tick_at, s->started_at), s->waited_until);
	usec_t plan_sign = later(tick, s->last_edit_at);
	usec_t sign = later(plan_sign, s->last_commit_at);
	/* A stage's budget before the plan's, unless only that is passed. */
	bool of_plan = plan.limit > 0 && (stage.limit == 0 || (plan.over && !stage.over) ||
					  (plan.nearing && !stage.nearing));
	const struct clock *budget = of_plan ? &plan : stage.limit > 0 ? &stage : NULL;
	char used[INSTANT_MAX];

	show_limit(j, budget ? budget : &silence, of_plan ? &plan : &stage);
	if (budget && budget->over)
		conclude_budget(j, VERDICT_OVER, budget);
	/* All are asked, so that `next` knows of each moment. */
	(void)conclude_silence(j, VERDICT_STALLED, silence, sign, "no tick, edit or commit");
	(void)conclude_silence(j, VERDICT_DRIFTING, silence, plan_sign,
			       "commits go on, the plan is silent");
	(void)conclude_silence(j, VERDICT_CHURNING, silence, tick, "edited, but nothing ticked");
	if (j->verdict->clock != CLOCK_NONE)
		return;
	if (budget && budget->nearing) {
		conclude_budget(j, VERDICT_NEARING, budget);
	} else if (stage.since != INSTANT_NONE) {
		(void)duration_format(stage.used, used);
		conclude(j, VERDICT_MOVING, "stage under way for %s", used);
		read_from(j, &stage, INSTANT_NONE);
	} else {
		conclude(j, VERDICT_MOVING, "under way");
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
	else if (state->counts.done == 0 && state->status != STATUS_IN_PROGRESS)
		conclude(&j, VERDICT_IDLE, "not started");
	else
		conclude_by_clock(&j);
}
