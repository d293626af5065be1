/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of an alert: what becomes of a plan's episode when its verdict is read. Pure: the daemon and the replays come through here.
 *
 * A plan has at most one open episode. It fires once, when a verdict that alerts begins to hold; it goes on while the verdict stays in
 * its family, however it is worded; it is resolved when the verdict leaves the family, and only then can another one fire. What began to
 * hold before anybody watched the plan does not fire.
 */
#ifndef PLANWATCH_EPISODE_H
#define PLANWATCH_EPISODE_H

#include "planwatch/store.h"

#include <stdbool.h>

/* Of one family is what a person would take for the same alert. */
enum episode_family {
	FAMILY_NONE,	/* no alert */
	FAMILY_PERSON,	/* needs_you */
	FAMILY_BUDGET,	/* nearing, over */
	FAMILY_SILENCE, /* stalled, drifting, churning */
};
enum episode_family episode_family(enum verdict_kind kind);

/*
 * needs_you and over are told again after pauses of 4, 8 and 16 hours, and once more, a day later, in a digest: then they are silent until
 * they are resolved. The warning before a breach takes the place of the first reminder.
 */
#define EPISODE_REMIND_AFTER (4 * USEC_PER_HOUR)
#define EPISODE_REMINDERS 3
#define EPISODE_LAST_STEP (1 + EPISODE_REMINDERS + 1)

/* A person's turn is told when it has stood so long: an agent may take it back at once. */
#define EPISODE_PENDING USEC_PER_MIN

/* An open episode, as far as this is concerned. */
struct episode {
	enum verdict_kind verdict;
	bool acknowledged;
	usec_t snoozed_until; /* INSTANT_NONE */
	int64_t step;	      /* 1: it fired; up to EPISODE_LAST_STEP */
	usec_t step_at;
};

enum episode_change {
	EPISODE_STAYS,
	EPISODE_FIRES,	  /* there is none, and one begins */
	EPISODE_RESOLVED, /* look again: another one may fire at once */
	EPISODE_TURNS,	  /* into another verdict of its family, which is told in its list only */
	EPISODE_WORSENS,  /* the same, and it is told again, acknowledged or not */
	EPISODE_REMINDS,  /* it is told again */
};

/*
 * `open` is NULL where there is none. `watched_since` is when somebody began to watch the plan. *next, where it is later than `now` or
 * INSTANT_NONE, is moved forward to the moment at which the episode itself changes next.
 */
enum episode_change episode_judge(const struct episode *open, const struct verdict *verdict,
				  usec_t watched_since, usec_t now, usec_t *next);

/*
 * The same for the record of a plan's alert: brings `row` up to the verdict, with today's words where it is told again. `row` is the open
 * one and owns its strings, or is all zeros where there is none; then it becomes one. An enum episode_change: unless that is
 * EPISODE_STAYS the row is to be kept, and followed again, for only what stays says in *next when it changes; a resolved one by zeros.
 * -ENOMEM. `watched_since` as above, or the plan's own beginning where that is later.
 */
int episode_follow(struct episode_row *row, const struct plan_row *plan,
		   const struct verdict *verdict, usec_t watched_since, usec_t now, usec_t *next);

/* It is over, and who was told of it is told so. */
void episode_resolve(struct episode_row *row, usec_t now);

#endif
