/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "patrol.h"

#include "log.h"

#include "planwatch/cleanup.h"
#include "planwatch/copies.h"
#include "planwatch/git.h"

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
	const struct judge_limits *limits;
	void (*changed)(void *userdata);
	void *userdata;
};

/* What one patrol found: verdicts that alert, and the episodes that are firing. Rows are copies: nothing is written during a walk. */
struct round {
	struct patrol *patrol;
	usec_t now, next;
	struct plan_row *rows;
	size_t row_count;
	struct finding {
		int64_t plan;
		struct verdict verdict;
	} * findings;
	size_t finding_count;
	struct episode_row *firing;
	size_t firing_count;
};

static void round_done(struct round *round)
{
	for (size_t i = 0; i < round->firing_count; i++)
		episode_row_done(&round->firing[i]);
	for (size_t i = 0; i < round->row_count; i++)
		plan_row_done(&round->rows[i]);
	free(round->rows);
	free(round->firing);
	free(round->findings);
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

static int judge_plan(struct round *round, const struct plan_row *row)
{
	struct verdict verdict;
	struct finding *grown;

	judge(&row->state, round->patrol->limits, round->now, &verdict);
	if (verdict.next != INSTANT_NONE &&
	    (round->next == INSTANT_NONE || verdict.next < round->next))
		round->next = verdict.next;
	if (!verdict_alerts(verdict.kind))
		return 0;
	grown = reallocarray(round->findings, round->finding_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	round->findings = grown;
	grown[round->finding_count++] = (struct finding){ row->id, verdict };
	return 0;
}

/* Commits make no event of a plan: they are looked for when a verdict is due. */
static void note_commits(struct round *round)
{
	const char *repo = "";
	struct git_log log = { .committed_at = INSTANT_NONE };

	for (size_t i = 0; i < round->row_count; i++) {
		struct plan_row *row = &round->rows[i];
		if (!row->repo)
			continue;
		if (strcmp(repo, row->repo) != 0)
			git_log_read(repo = row->repo, &log);
		if (log.committed_at > row->state.last_commit_at)
			row->state.last_commit_at = log.committed_at;
	}
}

/* Of the copies of a plan only the one that is worked on is judged. */
static int judge_all(struct round *round, struct error *error)
{
	cleanup_free size_t *leader = calloc(round->row_count + 1, sizeof(*leader));
	int r = leader ? copies_find(round->rows, round->row_count, leader) : -ENOMEM;

	for (size_t i = 0; i < round->row_count && r == 0; i++)
		if (leader[i] == i)
			r = judge_plan(round, &round->rows[i]);
	return r < 0 ? error_set(error, r, "out of memory") : 0;
}

static int keep_firing(void *userdata, const struct episode_row *row)
{
	struct round *round = userdata;
	struct episode_row *grown =
	    reallocarray(round->firing, round->firing_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	round->firing = grown;
	grown = &grown[round->firing_count++];
	*grown = *row;
	grown->verdict = strdup(row->verdict);
	grown->reason = strdup(row->reason);
	return grown->verdict && grown->reason ? 0 : -ENOMEM;
}

static const struct finding *finding_of(const struct round *round,
					const struct episode_row *episode)
{
	for (size_t i = 0; i < round->finding_count; i++)
		if (round->findings[i].plan == episode->plan &&
		    strcmp(verdict_name(round->findings[i].verdict.kind), episode->verdict) == 0)
			return &round->findings[i];
	return NULL;
}

static bool is_firing(const struct round *round, const struct finding *finding)
{
	for (size_t i = 0; i < round->firing_count; i++)
		if (round->firing[i].plan == finding->plan &&
		    strcmp(round->firing[i].verdict, verdict_name(finding->verdict.kind)) == 0)
			return true;
	return false;
}

static int fire(struct round *round, const struct finding *finding, struct error *error)
{
	const struct verdict *verdict = &finding->verdict;
	char name[16] = "", reason[sizeof(verdict->reason)];
	struct episode_row row = {
		.plan = finding->plan,
		.verdict = name,
		.reason = memcpy(reason, verdict->reason, sizeof(reason)),
		.fired_at = round->now,
		.acknowledged_at = INSTANT_NONE,
		.snoozed_until = INSTANT_NONE,
		.resolved_at = INSTANT_NONE,
		.shown_at = INSTANT_NONE,
		.used_seconds = verdict->used_seconds,
		.limit_seconds = verdict->limit_seconds,
		.limit_line = verdict->limit_line,
	};

	(void)snprintf(name, sizeof(name), "%s", verdict_name(verdict->kind));
	return store_episode_put(round->patrol->store, &row, error);
}

/* Ends what is over and fires what is new, in one transaction; nothing is written where nothing changed. */
static int write_episodes(struct round *round, bool *changed, struct error *error)
{
	struct store *store = round->patrol->store;
	int r = 0;

	for (size_t i = 0; i < round->firing_count && r == 0; i++) {
		struct episode_row *episode = &round->firing[i];
		if (finding_of(round, episode))
			continue;
		r = *changed ? 0 : store_begin(store, error);
		*changed = true;
		episode->resolved_at = round->now;
		if (r == 0)
			r = store_episode_put(store, episode, error);
	}
	for (size_t i = 0; i < round->finding_count && r == 0; i++) {
		if (is_firing(round, &round->findings[i]))
			continue;
		r = *changed ? 0 : store_begin(store, error);
		*changed = true;
		if (r == 0)
			r = fire(round, &round->findings[i], error);
	}
	if (!*changed)
		return r;
	if (r == 0)
		return store_commit(store, error);
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
	cleanup(round_done) struct round round = { .patrol = patrol,
						   .now = instant_now(),
						   .next = INSTANT_NONE };
	struct error error = { 0 };
	bool changed = false;
	int r;

	(void)source;
	(void)usec;
	r = store_plans(patrol->store, keep_row, &round, &error);
	note_commits(&round);
	if (r == 0)
		r = judge_all(&round, &error);
	if (r == 0)
		r = store_episodes(patrol->store, EPISODES_FIRING, 0, keep_firing, &round, &error);
	if (r == 0)
		r = write_episodes(&round, &changed, &error);
	if (r < 0) {
		log_error("cannot record episodes: %s", error.message);
		arm(patrol, round.now + RETRY_AFTER);
		return 0;
	}
	arm(patrol, round.next);
	if (changed)
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
	       const struct judge_limits *limits, void (*changed)(void *userdata), void *userdata)
{
	struct patrol *patrol = calloc(1, sizeof(*patrol));
	int r;

	if (!patrol)
		return -ENOMEM;
	*patrol = (struct patrol){ .event = event,
				   .store = store,
				   .limits = limits,
				   .changed = changed,
				   .userdata = userdata };
	/* On the wall clock, as recorded times are: sd-event notices when it is set (TFD_TIMER_CANCEL_ON_SET). */
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
