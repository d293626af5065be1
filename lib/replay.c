/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/replay.h"

#include "planwatch/assess.h"
#include "planwatch/cleanup.h"

#include <errno.h>

/* What was said last of a plan. */
struct track {
	int64_t plan;
	enum verdict_kind verdict;
	usec_t since; /* when it was judged last; INSTANT_NONE: never */
	struct episode_row episode;
	enum verdict_kind gravest; /* of the episode */
};

struct replay {
	struct replay_rules rules;
	struct store *store;
	struct assessor assessor;
	int64_t file; /* 0: no look found a plan yet */
	usec_t now;
	usec_t next, next_step; /* INSTANT_NONE: never */
	struct track *tracks;
	size_t count;
	struct replay_totals totals;
};

int replay_new(struct replay **ret, const struct replay_rules *rules, struct error *error)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	int r;

	if (!replay)
		return error_set(error, -ENOMEM, "out of memory");
	*replay = (struct replay){ .rules = *rules,
				   .now = INSTANT_NONE,
				   .next = INSTANT_NONE,
				   .next_step = INSTANT_NONE,
				   .totals = { .first = INSTANT_NONE } };
	r = store_open(&replay->store, "the replay", STORE_MEMORY, error);
	if (r == 0)
		r = assessor_init(&replay->assessor, replay->store, rules->config, error);
	/* One transaction, which is never committed: the store is gone with the replay. */
	if (r == 0)
		r = store_begin(replay->store, error);
	if (r < 0)
		replay_free(replay);
	else
		*ret = replay;
	return r;
}

void replay_free(struct replay *replay)
{
	if (!replay)
		return;
	for (size_t i = 0; i < replay->count; i++)
		episode_row_done(&replay->tracks[i].episode);
	free(replay->tracks);
	assessor_done(&replay->assessor);
	store_close(replay->store);
	free(replay);
}

/* ---- One plan at a moment ---- */

static struct track *track_of(struct replay *replay, int64_t plan)
{
	struct track *grown;

	for (size_t i = 0; i < replay->count; i++)
		if (replay->tracks[i].plan == plan)
			return &replay->tracks[i];
	grown = reallocarray(replay->tracks, replay->count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	replay->tracks = grown;
	grown += replay->count++;
	*grown = (struct track){ .plan = plan, .since = INSTANT_NONE };
	return grown;
}

static int tell(struct replay *replay, struct replay_moment *moment, enum replay_kind kind)
{
	moment->at = replay->now;
	moment->kind = kind;
	return replay->rules.each(replay->rules.userdata, moment);
}

/* An episode counts once, by the gravest verdict that it came to. */
static void count_episode(struct replay *replay, struct track *track, enum verdict_kind kind,
			  bool fires)
{
	if (!fires && kind >= track->gravest)
		return;
	if (!fires)
		replay->totals.episodes[track->gravest]--;
	replay->totals.episodes[kind]++;
	track->gravest = kind;
}

static int tell_episode(struct replay *replay, struct track *track, struct replay_moment *moment)
{
	int r;

	moment->episode = &track->episode;
	r = tell(replay, moment, REPLAY_EPISODE);
	if (moment->change == EPISODE_RESOLVED) {
		episode_row_done(&track->episode);
		track->episode = (struct episode_row){ 0 };
		moment->episode = NULL;
	} else {
		count_episode(replay, track, moment->verdict->kind,
			      moment->change == EPISODE_FIRES);
	}
	return r;
}

/* What becomes of the plan's episode. *told: of the verdict, too. */
static int follow(struct replay *replay, struct track *track, struct replay_moment *moment,
		  bool *told, struct error *error)
{
	int change, r = 0;

	do {
		change = episode_follow(&track->episode, moment->plan, moment->verdict,
					INSTANT_NONE, replay->now, &replay->next);
		if (change < 0)
			return error_set(error, change, "out of memory");
		if (change == EPISODE_STAYS)
			break;
		*told = true;
		moment->change = (enum episode_change)change;
		r = tell_episode(replay, track, moment);
	} while (r == 0);
	return r;
}

static bool is_open(enum verdict_kind kind)
{
	return kind != VERDICT_DONE && kind != VERDICT_DONE_DOUBTFUL && kind != VERDICT_UNKNOWN;
}

static void count_time(struct replay *replay, struct track *track)
{
	if (track->since == INSTANT_NONE)
		replay->totals.plans++;
	else if (is_open(track->verdict))
		replay->totals.open += replay->now - track->since;
	track->since = replay->now;
}

static int judge_row(struct replay *replay, struct plan_row *row, struct verdict *ret,
		     struct error *error)
{
	/* What is gone has no alert (daemon/patrol.c). */
	if (!row->present) {
		*ret = (struct verdict){ .kind = VERDICT_UNKNOWN,
					 .reason = "the plan is not there",
					 .used_seconds = -1,
					 .next = INSTANT_NONE };
		return 0;
	}
	/* The repository is asked for commits of today; then it was another one. */
	free(row->repo);
	row->repo = NULL;
	return assess(&replay->assessor, row, replay->now, ret, NULL, error);
}

static int judge_plan(struct replay *replay, struct plan_row *row, bool step, struct error *error)
{
	struct track *track = track_of(replay, row->id);
	struct verdict verdict;
	struct replay_moment moment = { .plan = row, .verdict = &verdict };
	int r = track ? judge_row(replay, row, &verdict, error)
		      : error_set(error, -ENOMEM, "out of memory");

	if (r < 0)
		return r;
	if (verdict.next != INSTANT_NONE &&
	    (replay->next == INSTANT_NONE || verdict.next < replay->next))
		replay->next = verdict.next;
	bool changes = track->since == INSTANT_NONE || track->verdict != verdict.kind, told = false;
	count_time(replay, track);
	track->verdict = verdict.kind;
	moment.episode = track->episode.step > 0 ? &track->episode : NULL;
	r = follow(replay, track, &moment, &told, error);
	if (r == 0 && changes && !told)
		r = tell(replay, &moment, REPLAY_VERDICT);
	if (r == 0 && step)
		r = tell(replay, &moment, REPLAY_STEP);
	return r;
}

/* ---- The clock ---- */

static int judge_all(struct replay *replay, struct error *error)
{
	cleanup(plan_list_done) struct plan_list plans = { 0 };
	bool step = replay->next_step != INSTANT_NONE && replay->now >= replay->next_step;
	int r = store_plan_list(replay->store, replay->file, &plans, error);

	replay->next = INSTANT_NONE;
	for (size_t i = 0; i < plans.count && r == 0; i++)
		if (!replay->rules.part || plans.rows[i].part == replay->rules.part)
			r = judge_plan(replay, &plans.rows[i], step, error);
	if (step)
		replay->next_step += replay->rules.step;
	return r;
}

static usec_t next_moment(const struct replay *replay)
{
	usec_t next = replay->next, step = replay->next_step;

	return next == INSTANT_NONE || (step != INSTANT_NONE && step < next) ? step : next;
}

/* Up to a moment, which is not among them: what is saved then comes first. */
static int advance(struct replay *replay, usec_t until, struct error *error)
{
	int r = 0;

	for (usec_t next; r == 0 && (next = next_moment(replay)) != INSTANT_NONE && next < until;) {
		replay->now = next;
		r = judge_all(replay, error);
	}
	return r;
}

/* ---- Looks ---- */

/* The file's id, once there is a plan in it. */
static int find_file(struct replay *replay, const char *path, struct error *error)
{
	cleanup(file_row_done) struct file_row file = { 0 };
	int r = store_file_by_path(replay->store, path, &file, error);

	if (r < 0)
		return r;
	replay->file = file.id;
	replay->totals.first = replay->now;
	if (replay->rules.step)
		replay->next_step = replay->now;
	return 0;
}

int replay_look(struct replay *replay, const struct look *look, const char *bytes, size_t length,
		struct error *error)
{
	struct look then = *look;
	int r;

	if (then.at > replay->rules.until)
		return 0;
	if (then.at < replay->now)
		then.at = replay->now;
	then.believe_loss = true;
	r = advance(replay, then.at, error);
	if (r != 0)
		return r;
	replay->now = then.at;
	r = bytes ? record_content(replay->store, &then, bytes, length, error)
		  : record_absence(replay->store, &then, error);
	if (r < 0 || r == RECORD_NO_PLAN)
		return r < 0 ? r : 0;
	r = replay->file ? 0 : find_file(replay, then.path, error);
	return r < 0 ? r : judge_all(replay, error);
}

struct recorded {
	struct replay *replay;
	struct store *store;
	const char *path;
	struct error *error;
};

static int note_keyframe(void *userdata, int64_t plan, int64_t position,
			 const struct keyframe_line *line)
{
	(void)plan;
	(void)position;
	(void)line;
	*(bool *)userdata = true;
	return 0;
}

/* The record has "" where there was none: a detached HEAD. */
static char *known(const char *text)
{
	return text && *text ? (char *)(uintptr_t)text : NULL;
}

static int look_again(void *userdata, const struct observation *observation)
{
	const struct recorded *recorded = userdata;
	const struct git_context git = { known(observation->repo), known(observation->branch),
					 known(observation->commit) };
	bool imported = observation->origin == ORIGIN_IMPORT, switched = false;
	cleanup_free char *bytes = NULL;
	size_t length = 0;
	int r = 0;

	if (observation->content)
		r = store_content_get(recorded->store, observation->content, &bytes, &length,
				      recorded->error);
	/* A keyframe is what a switch of the branch left behind (record.h). */
	if (r == 0)
		r = store_observation_keyframes(recorded->store, observation->id, note_keyframe,
						&switched, recorded->error);
	if (r < 0)
		return r;
	const struct look look = { .path = recorded->path,
				   .at = observation->at,
				   .not_before = observation->not_before,
				   .modified = INSTANT_NONE,
				   .origin = observation->origin,
				   .registered = true,
				   .git = git.repo ? &git : NULL,
				   .switch_kept_files = !switched,
				   .committed_at =
				       imported && git.repo ? observation->at : INSTANT_NONE };
	return replay_look(recorded->replay, &look, bytes, length, recorded->error);
}

int replay_recorded(struct replay *replay, struct store *store, int64_t file, const char *path,
		    struct error *error)
{
	struct recorded recorded = { replay, store, path, error };
	struct span_list lapses = { 0 };
	int r = store_lapses(store, INSTANT_NONE, &lapses, error);

	if (r < 0)
		return r;
	span_list_done(&replay->assessor.lapses);
	replay->assessor.lapses = lapses;
	return store_observations(store, file, look_again, &recorded, error);
}

int replay_finish(struct replay *replay, struct replay_totals *ret, struct error *error)
{
	usec_t until = replay->rules.until;
	int r = advance(replay, until + 1, error);

	if (r == 0 && replay->now < until)
		replay->now = until;
	for (size_t i = 0; i < replay->count && r == 0; i++)
		if (is_open(replay->tracks[i].verdict))
			replay->totals.open += until - replay->tracks[i].since;
	*ret = replay->totals;
	return r;
}
