/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/episode.h"

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
