/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "patrol.h"

#include "log.h"

#include "planwatch/assess.h"
#include "planwatch/cleanup.h"
#include "planwatch/copies.h"
#include "planwatch/episode.h"

#include <errno.h>
#include <string.h>

/* A storm of saves is judged ten times a second, not once a save. */
#define SOON (USEC_PER_SEC / 10)
/* After a failed write. */
#define RETRY_AFTER (5 * USEC_PER_SEC)

struct patrol {
	sd_event *event;
	sd_event_source *timer;
	struct store *store;
	const struct config *config;
	usec_t watched_since; /* what began to hold before that is not told */
	void (*changed)(void *userdata);
	void *userdata;
};

/* One walk over all plans. Rows are copies: nothing is written during a walk. */
struct round {
	struct patrol *patrol;
	usec_t now, next;
	struct assessor assessor;
	struct plan_row *rows;
	size_t row_count;
	struct episode_row *open;
	size_t open_count;
	bool writing;
	struct error *error;
};

static void round_done(struct round *round)
{
	for (size_t i = 0; i < round->open_count; i++)
		episode_row_done(&round->open[i]);
	for (size_t i = 0; i < round->row_count; i++)
		plan_row_done(&round->rows[i]);
	free(round->rows);
	free(round->open);
	assessor_done(&round->assessor);
}

static int keep_row(void *userdata, const struct plan_row *row)
{
	struct round *round = userdata;
	struct plan_row *grown = reallocarray(round->rows, round->row_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	round->rows = grown;
	if (plan_row_copy(row, &grown[round->row_count]) < 0)
		return -ENOMEM;
	round->row_count++;
	return 0;
}

static int keep_open(void *userdata, const struct episode_row *row)
{
	struct round *round = userdata;
	struct episode_row *grown =
	    reallocarray(round->open, round->open_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	round->open = grown;
	grown = &grown[round->open_count++];
	*grown = *row;
	grown->verdict = strdup(row->verdict);
	grown->reason = strdup(row->reason);
	return grown->verdict && grown->reason ? 0 : -ENOMEM;
}

static struct episode_row *open_of(const struct round *round, int64_t plan)
{
	for (size_t i = 0; i < round->open_count; i++)
		if (round->open[i].plan == plan && round->open[i].resolved_at == INSTANT_NONE)
			return &round->open[i];
	return NULL;
}

/* Nothing is written where nothing changes, and everything in one transaction. */
static int write_episode(struct round *round, struct episode_row *row)
{
	int r = round->writing ? 0 : store_begin(round->patrol->store, round->error);

	if (r < 0)
		return r;
	round->writing = true;
	return store_episode_put(round->patrol->store, row, round->error);
}

/* ---- One plan ---- */

/* Asked again until nothing changes: then it is known when something will. */
static int follow_episode(struct round *round, const struct plan_row *plan,
			  const struct verdict *verdict)
{
	cleanup(episode_row_done) struct episode_row fresh = { 0 };
	struct episode_row *open = open_of(round, plan->id), *row = open ? open : &fresh;
	int change, r = 0;

	do {
		change = episode_follow(row, plan, verdict, round->patrol->watched_since,
					round->now, &round->next);
		if (change < 0)
			return error_set(round->error, change, "out of memory");
		if (change != EPISODE_STAYS)
			r = write_episode(round, row);
		if (change == EPISODE_RESOLVED)
			row = &fresh;
	} while (r == 0 && change != EPISODE_STAYS);
	return r;
}

static void look_again(struct round *round, usec_t moment)
{
	if (moment != INSTANT_NONE && (round->next == INSTANT_NONE || moment < round->next))
		round->next = moment;
}

static int judge_plan(struct round *round, struct plan_row *row)
{
	struct verdict verdict = { 0 };
	int r = assess(&round->assessor, row, round->now, &verdict, NULL, round->error);

	if (r < 0)
		return r;
	look_again(round, verdict.next);
	return follow_episode(round, row, &verdict);
}

/* ---- All plans ---- */

static int resolve(struct round *round, struct episode_row *row)
{
	episode_resolve(row, round->now);
	return write_episode(round, row);
}

static bool is_among(const struct round *round, int64_t plan)
{
	for (size_t i = 0; i < round->row_count; i++)
		if (round->rows[i].id == plan)
			return true;
	return false;
}

/* Of the copies of a plan only the one that is worked on is judged; what is not there any more has no alert. */
static int judge_all(struct round *round)
{
	cleanup_free size_t *leader = calloc(round->row_count + 1, sizeof(*leader));
	int r = leader ? copies_find(round->rows, round->row_count, leader) : -ENOMEM;

	if (r < 0)
		return error_set(round->error, r, "out of memory");
	for (size_t i = 0; i < round->row_count && r == 0; i++) {
		if (leader[i] == i) {
			r = judge_plan(round, &round->rows[i]);
		} else {
			struct episode_row *row = open_of(round, round->rows[i].id);
			r = row ? resolve(round, row) : 0;
		}
	}
	for (size_t i = 0; i < round->open_count && r == 0; i++)
		if (round->open[i].resolved_at == INSTANT_NONE &&
		    !is_among(round, round->open[i].plan))
			r = resolve(round, &round->open[i]);
	return r;
}

static int go_round(struct round *round)
{
	struct store *store = round->patrol->store;
	int r = store_plans(store, keep_row, round, round->error);

	if (r == 0)
		r = store_episodes(store, EPISODES_OPEN, 0, keep_open, round, round->error);
	if (r == -ENOMEM)
		return error_set(round->error, r, "out of memory");
	if (r == 0)
		r = assessor_init(&round->assessor, store, round->patrol->config, round->error);
	if (r == 0)
		r = judge_all(round);
	if (!round->writing)
		return r;
	if (r == 0)
		return store_commit(store, round->error);
	store_rollback(store);
	return r;
}

static void arm(struct patrol *patrol, usec_t at)
{
	if (at == INSTANT_NONE) {
		(void)sd_event_source_set_enabled(patrol->timer, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time(patrol->timer, (uint64_t)at);
	(void)sd_event_source_set_enabled(patrol->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct patrol *patrol = userdata;
	struct error error = { 0 };
	cleanup(round_done) struct round round = {
		.patrol = patrol, .now = instant_now(), .next = INSTANT_NONE, .error = &error
	};

	(void)source;
	(void)usec;
	if (go_round(&round) < 0) {
		log_error("cannot record episodes: %s", error.message);
		arm(patrol, round.now + RETRY_AFTER);
		return 0;
	}
	arm(patrol, round.next);
	if (round.writing)
		patrol->changed(patrol->userdata);
	return 0;
}

void patrol_soon(struct patrol *patrol)
{
	usec_t soon = instant_now() + SOON;
	uint64_t armed = 0;
	int enabled = SD_EVENT_OFF;

	(void)sd_event_source_get_enabled(patrol->timer, &enabled);
	(void)sd_event_source_get_time(patrol->timer, &armed);
	if (enabled == SD_EVENT_OFF || (usec_t)armed > soon)
		arm(patrol, soon);
}

int patrol_new(struct patrol **ret, sd_event *event, struct store *store,
	       const struct config *config, usec_t watched_since, void (*changed)(void *userdata),
	       void *userdata)
{
	struct patrol *patrol = calloc(1, sizeof(*patrol));
	int r;

	if (!patrol)
		return -ENOMEM;
	*patrol = (struct patrol){ .event = event,
				   .store = store,
				   .config = config,
				   .watched_since = watched_since,
				   .changed = changed,
				   .userdata = userdata };
	/* On the wall clock, as recorded times are: where that is set the kernel's timer goes along (timerfd_create(2)). */
	r = sd_event_add_time(event, &patrol->timer, CLOCK_REALTIME, 0, 1000, on_timer, patrol);
	if (r < 0) {
		patrol_free(patrol);
		return r;
	}
	arm(patrol, INSTANT_NONE);
	*ret = patrol;
	return 0;
}

void patrol_free(struct patrol *patrol)
{
	if (!patrol)
		return;
	(void)sd_event_source_unref(patrol->timer);
	free(patrol);
}
