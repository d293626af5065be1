/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/judge.h"

#include <stdarg.h>
#include <stdio.h>

const char *verdict_name(enum verdict_kind kind)
{
	static const char *const names[] = { "needs_you", "over",    "stalled", "drifting",
					     "churning",  "nearing", "moving",	"idle",
					     "done?",	  "done",    "unknown" };

	return names[kind];
}

const char *limit_source_name(enum limit_source source)
{
	static const char *const names[] = { "plan", "config", "default" };

	return names[source];
}

bool verdict_alerts(enum verdict_kind kind)
{
	return kind <= VERDICT_CHURNING;
}

struct judgement {
	const struct plan_state *state;
	usec_t now, limit; /* the limit that holds */
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

/*
 * True once `length` has passed since `start`. While it has not, the moment after it is one at which the verdict can change. A start
 * in the future (a clock that was set back) has not passed.
 */
static bool passed(struct judgement *j, usec_t start, usec_t length)
{
	usec_t moment;

	if (start == INSTANT_NONE)
		return false;
	moment = start + length + 1;
	if (j->now >= moment)
		return true;
	if (j->verdict->next == INSTANT_NONE || moment < j->verdict->next)
		j->verdict->next = moment;
	return false;
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

/* The clock of waiting for a person is not the agent's. */
static bool conclude_waiting(struct judgement *j)
{
	const struct plan_state *s = j->state;
	usec_t since =
	    later(s->status_since, s->status == STATUS_DRAFT ? s->last_edit_at : INSTANT_NONE);
	char waited[INSTANT_MAX] = "";

	if (since != INSTANT_NONE && j->now > since)
		(void)duration_format(j->now - since, waited);
	const char *for_word = *waited ? " for " : "";
	if (s->status == STATUS_BLOCKED)
		conclude(j, VERDICT_NEEDS_YOU, "blocked%s%s", for_word, waited);
	else if (s->status == STATUS_IN_REVIEW)
		conclude(j, VERDICT_NEEDS_YOU, "waits for review%s%s", for_word, waited);
	else if (s->status == STATUS_DRAFT && s->counts.done == 0)
		conclude(j, VERDICT_NEEDS_YOU, "draft waits for approval%s%s", for_word, waited);
	else
		return false;
	return true;
}

/* How long nothing was seen of one kind, for a sentence. */
static const char *since(const struct judgement *j, usec_t start, char out[static INSTANT_MAX])
{
	return duration_format(j->now - start, out);
}

static void conclude_by_clock(struct judgement *j)
{
	const struct plan_state *s = j->state;
	usec_t tick = later(s->last_tick_at, s->started_at),
	       plan_sign = later(tick, s->last_edit_at);
	usec_t sign = later(plan_sign, s->last_commit_at);
	bool own_limit = j->verdict->limit_source == LIMIT_PLAN;
	usec_t clock =
	    s->limit_applies == APPLIES_PLAN && own_limit ? s->started_at : s->stage_since;
	const char *what =
	    clock == s->started_at && s->limit_applies == APPLIES_PLAN ? "plan" : "stage";
	char used[INSTANT_MAX] = "", limit[INSTANT_MAX], silent[INSTANT_MAX];
	bool over, stalled, drifting, churning, nearing;

	(void)duration_format(j->limit, limit);
	if (clock != INSTANT_NONE) {
		usec_t length = j->now > clock ? j->now - clock : 0;
		j->verdict->used_seconds = length / USEC_PER_SEC;
		(void)duration_format(length, used);
	}
	/* All are asked, so that `next` knows of each moment. */
	over = own_limit && passed(j, clock, j->limit);
	stalled = passed(j, sign, j->limit);
	drifting = passed(j, plan_sign, j->limit);
	churning = passed(j, tick, j->limit);
	nearing = own_limit && passed(j, clock, j->limit / 100 * JUDGE_NEARING_PERCENT);
	if (over)
		conclude(j, VERDICT_OVER, "%s has used %s, limit %s", what, used, limit);
	else if (stalled)
		conclude(j, VERDICT_STALLED, "no tick, edit or commit for %s",
			 since(j, sign, silent));
	else if (drifting)
		conclude(j, VERDICT_DRIFTING, "commits go on, the plan is silent for %s",
			 since(j, plan_sign, silent));
	else if (churning)
		conclude(j, VERDICT_CHURNING, "edited, but nothing ticked for %s",
			 since(j, tick, silent));
	else if (nearing)
		conclude(j, VERDICT_NEARING, "%s has used %s of %s", what, used, limit);
	else if (*used)
		conclude(j, VERDICT_MOVING, "%s under way for %s", what, used);
	else
		conclude(j, VERDICT_MOVING, "under way");
}

void judge(const struct plan_state *state, const struct judge_limits *limits, usec_t now,
	   struct verdict *ret)
{
	bool own_limit = state->limit_seconds > 0;
	struct judgement j = { state, now,
			       own_limit ? state->limit_seconds * USEC_PER_SEC
					 : limits->stall_after,
			       ret };

	*ret = (struct verdict){
		.used_seconds = -1,
		.limit_seconds = j.limit / USEC_PER_SEC,
		.limit_source = own_limit			 ? LIMIT_PLAN
				: limits->stall_after_configured ? LIMIT_CONFIG
								 : LIMIT_DEFAULT,
		.limit_line = own_limit ? state->limit_line : 0,
		.next = INSTANT_NONE,
	};
	if (conclude_without_clock(&j) || conclude_waiting(&j))
		return;
	if (state->counts.done == 0 && state->status != STATUS_IN_PROGRESS)
		conclude(&j, VERDICT_IDLE, "not started");
	else
		conclude_by_clock(&j);
}
