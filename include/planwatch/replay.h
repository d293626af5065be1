/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replays: what would have been said of a plan, and when, under the limits of a configuration. Its revisions are recorded once more, into
 * a store in memory, at the times that they have; between them the clock goes from one moment at which a verdict or an episode changes
 * to the next. So it is exact, and takes as long as there is something to tell. Verdicts and episodes are made by the functions that the
 * daemon uses.
 *
 * What a replay does not know: commits that did not touch the plan (it says "stalled" where the daemon may have said "drifting", at the
 * same moment); what a person acknowledged or snoozed; how old the file was at the first look, and when it could not be read; and, of
 * an imported history with branches, from which revision another one was made: it takes a change of branch as the daemon does, for
 * git's doing.
 *
 * Its clock never goes back: a revision that says it is older than the one before it happens when that one did.
 */
#ifndef PLANWATCH_REPLAY_H
#define PLANWATCH_REPLAY_H

#include "planwatch/config.h"
#include "planwatch/episode.h"
#include "planwatch/record.h"

enum replay_kind {
	REPLAY_VERDICT, /* another verdict than before, or the first one, and no episode that says so */
	REPLAY_EPISODE, /* what became of an episode */
	REPLAY_STEP,	/* asked for: the verdict as it is */
};

/* References live until the callback returns. */
struct replay_moment {
	usec_t at;
	enum replay_kind kind;
	const struct plan_row *plan;
	const struct verdict *verdict;	   /* now, also where the episode is over */
	enum episode_change change;	   /* of an episode */
	const struct episode_row *episode; /* the one that is open, or is over now; NULL */
};

struct replay_rules {
	const struct config *config; /* kept as a reference */
	usec_t until;		     /* what is later is left out */
	usec_t step;		     /* from the first look on; 0: none */
	uint32_t part;		     /* only this plan of the file; 0: all */
	/* A result other than 0 ends the replay, and is returned. */
	int (*each)(void *userdata, const struct replay_moment *moment);
	void *userdata;
};

struct replay_totals {
	size_t plans;
	usec_t first; /* look at a plan; INSTANT_NONE: there was none */
	/* Of all plans together: how long there was something to do, their verdict neither "done", "done?" nor "unknown". */
	usec_t open;
	unsigned episodes[VERDICT_UNKNOWN + 1]; /* by the gravest verdict that they came to */
};

struct replay;

/* The caller ends *ret with replay_free(). */
int replay_new(struct replay **ret, const struct replay_rules *rules, struct error *error);
void replay_free(struct replay *replay);

/* The next look at the file, which is the same one each time; `bytes` NULL: it was not there. */
int replay_look(struct replay *replay, const struct look *look, const char *bytes, size_t length,
		struct error *error);

/* All looks at a file that are on record, and the time in which nobody worked. */
int replay_recorded(struct replay *replay, struct store *store, int64_t file, const char *path,
		    struct error *error);

/* Lets the clock go on until the end. */
int replay_finish(struct replay *replay, struct replay_totals *ret, struct error *error);

static inline void cleanup_replay_pointer(struct replay *const *replay)
{
	replay_free(*replay);
}
#define cleanup_replay cleanup(cleanup_replay_pointer)

#endif
