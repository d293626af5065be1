/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/episode.h"

#include <errno.h>
#include <string.h>

enum episode_family episode_family(enum verdict_kind kind)
{
	switch (kind) {
	case VERDICT_NEEDS_YOU:
		return FAMILY_PERSON;
	case VERDICT_OVER:
	case VERDICT_NEARING:
		return FAMILY_BUDGET;
	case VERDICT_STALLED:
	case VERDICT_DRIFTING:
	case VERDICT_CHURNING:
		return FAMILY_SILENCE;
	case VERDICT_MOVING:
	case VERDICT_IDLE:
	case VERDICT_DONE_DOUBTFUL:
	case VERDICT_DONE:
	case VERDICT_UNKNOWN:
		break;
	}
	return FAMILY_NONE;
}

/* True once it is time; else the moment is one to look again. */
static bool is_time(usec_t moment, usec_t now, usec_t *next)
{
	if (now >= moment)
		return true;
	if (*next == INSTANT_NONE || moment < *next)
		*next = moment;
	return false;
}

static enum episode_change begin(const struct verdict *verdict, usec_t watched_since, usec_t now,
				 usec_t *next)
{
	enum episode_family family = episode_family(verdict->kind);
	usec_t moment = verdict->since;

	if (family == FAMILY_NONE)
		return EPISODE_STAYS;
	if (moment == INSTANT_NONE || moment < watched_since)
		return EPISODE_STAYS;
	if (family == FAMILY_PERSON && !is_time(moment + EPISODE_PENDING, now, next))
		return EPISODE_STAYS;
	return EPISODE_FIRES;
}

static enum episode_change remind(const struct episode *open, usec_t now, usec_t *next)
{
	bool repeats = open->verdict == VERDICT_NEEDS_YOU || open->verdict == VERDICT_OVER;

	if (open->snoozed_until != INSTANT_NONE)
		return is_time(open->snoozed_until, now, next) ? EPISODE_REMINDS : EPISODE_STAYS;
	if (open->acknowledged || !repeats || open->step >= EPISODE_LAST_STEP)
		return EPISODE_STAYS;
	usec_t pause = open->step > EPISODE_REMINDERS ? USEC_PER_DAY
						      : EPISODE_REMIND_AFTER << (open->step - 1);
	return is_time(open->step_at + pause, now, next) ? EPISODE_REMINDS : EPISODE_STAYS;
}

enum episode_change episode_judge(const struct episode *open, const struct verdict *verdict,
				  usec_t watched_since, usec_t now, usec_t *next)
{
	if (!open)
		return begin(verdict, watched_since, now, next);
	if (episode_family(open->verdict) != episode_family(verdict->kind))
		return EPISODE_RESOLVED;
	if (open->verdict == VERDICT_NEARING && verdict->kind == VERDICT_OVER)
		return EPISODE_WORSENS;
	if (open->verdict != verdict->kind)
		return EPISODE_TURNS;
	return remind(open, now, next);
}

/* ---- Its record ---- */

static void fire(struct episode_row *row, int64_t plan, usec_t now)
{
	*row = (struct episode_row){ .plan = plan,
				     .fired_at = now,
				     .acknowledged_at = INSTANT_NONE,
				     .snoozed_until = INSTANT_NONE,
				     .resolved_at = INSTANT_NONE,
				     .step = 1,
				     .step_at = now,
				     .shown_at = INSTANT_NONE };
}

/* A turn within its family is told in its list only: no step of its life. */
static void retell(struct episode_row *row, enum episode_change change, usec_t now)
{
	if (change == EPISODE_TURNS)
		return;
	row->step++;
	row->step_at = now;
	row->snoozed_until = INSTANT_NONE;
	if (change == EPISODE_WORSENS)
		row->acknowledged_at = INSTANT_NONE;
}

static int set_words(struct episode_row *row, const struct verdict *verdict)
{
	char *name = strdup(verdict_name(verdict->kind)), *reason = strdup(verdict->reason);

	if (!name || !reason) {
		free(name);
		free(reason);
		return -ENOMEM;
	}
	episode_row_done(row);
	row->verdict = name;
	row->reason = reason;
	row->used_seconds = verdict->used_seconds;
	row->limit_seconds = verdict->limit_seconds;
	row->limit_line = verdict->limit_line;
	return 0;
}

void episode_resolve(struct episode_row *row, usec_t now)
{
	row->resolved_at = now;
	row->step_at = now;
	/* Where it was never shown nobody has to hear of it any more. */
	row->step = row->shown_step > 0 ? row->step + 1 : 0;
}

int episode_follow(struct episode_row *row, const struct plan_row *plan,
		   const struct verdict *verdict, usec_t watched_since, usec_t now, usec_t *next)
{
	bool is_open = row->step > 0;
	struct episode open = { 0 };

	if (is_open)
		open = (struct episode){ (enum verdict_kind)verdict_parse(row->verdict),
					 row->acknowledged_at != INSTANT_NONE, row->snoozed_until,
					 row->step, row->step_at };
	if (plan->first_seen_at > watched_since)
		watched_since = plan->first_seen_at;
	enum episode_change change =
	    episode_judge(is_open ? &open : NULL, verdict, watched_since, now, next);
	switch (change) {
	case EPISODE_STAYS:
		return change;
	case EPISODE_RESOLVED:
		episode_resolve(row, now);
		return change;
	case EPISODE_FIRES:
		fire(row, plan->id, now);
		break;
	case EPISODE_TURNS:
	case EPISODE_WORSENS:
	case EPISODE_REMINDS:
		retell(row, change, now);
	}
	return set_words(row, verdict) < 0 ? -ENOMEM : (int)change;
}
