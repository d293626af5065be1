/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's episodes: each alert from firing to resolved. */
#include "planwatch/cleanup.h"
#include "store_private.h"

#include <errno.h>
#include <string.h>

#define EPISODE_COLUMNS                                                                      \
	"id, plan, verdict, reason, fired_at, acknowledged_at, snoozed_until, resolved_at, " \
	"step, step_at, shown_step, shown_at,"                                               \
	" used_seconds, limit_seconds, limit_line"

static char *verdict_of(sqlite3_stmt *s, int column)
{
	char *word = store_column_required(s, column);

	return verdict_parse(word) < 0 ? (char *)(uintptr_t)verdict_name(VERDICT_UNKNOWN) : word;
}

static struct episode_row episode_of(sqlite3_stmt *s)
{
	return (struct episode_row){
		.id = sqlite3_column_int64(s, 0),
		.plan = sqlite3_column_int64(s, 1),
		.verdict = verdict_of(s, 2),
		.reason = store_column_required(s, 3),
		.fired_at = store_column_instant(s, 4),
		.acknowledged_at = store_column_instant(s, 5),
		.snoozed_until = store_column_instant(s, 6),
		.resolved_at = store_column_instant(s, 7),
		.step = sqlite3_column_int64(s, 8),
		.step_at = store_column_instant(s, 9),
		.shown_step = sqlite3_column_int64(s, 10),
		.shown_at = store_column_instant(s, 11),
		.used_seconds = store_column_seconds(s, 12),
		.limit_seconds = store_column_seconds(s, 13),
		.limit_line = (uint32_t)sqlite3_column_int(s, 14),
	};
}

void episode_row_done(struct episode_row *row)
{
	free(row->verdict);
	free(row->reason);
	row->verdict = row->reason = NULL;
}

int store_episodes(struct store *store, enum episode_filter filter, int64_t plan,
		   int (*each)(void *userdata, const struct episode_row *row), void *userdata,
		   struct error *error)
{
	static const char *const queries[] = {
		[EPISODES_ALL] = "SELECT " EPISODE_COLUMNS
				 " FROM episodes WHERE (?1 = 0 OR plan = ?1) ORDER BY id",
		[EPISODES_OPEN] =
		    "SELECT " EPISODE_COLUMNS " FROM episodes"
		    " WHERE resolved_at IS NULL AND (?1 = 0 OR plan = ?1) ORDER BY id",
		[EPISODES_TO_SHOW] =
		    "SELECT " EPISODE_COLUMNS " FROM episodes WHERE step > shown_step"
		    " AND (?1 = 0 OR plan = ?1) ORDER BY id",
	};
	cleanup_statement sqlite3_stmt *statement =
	    store_query(store, error, queries[filter], "i", plan);
	int r;

	while ((r = store_step(store, statement, error)) > 0) {
		struct episode_row row = episode_of(statement);
		int stop = each(userdata, &row);
		if (stop)
			return stop;
	}
	return r;
}

int store_episode_put(struct store *store, struct episode_row *row, struct error *error)
{
	int r = store_run(
	    store, error,
	    "INSERT INTO episodes (" EPISODE_COLUMNS ")"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT (id) DO UPDATE SET (verdict, reason, acknowledged_at, snoozed_until, resolved_at,"
	    " step, step_at, shown_step, shown_at, used_seconds, limit_seconds, limit_line)"
	    " = (excluded.verdict, excluded.reason, excluded.acknowledged_at, excluded.snoozed_until,"
	    " excluded.resolved_at, excluded.step, excluded.step_at, excluded.shown_step,"
	    " excluded.shown_at, excluded.used_seconds, excluded.limit_seconds, excluded.limit_line)",
	    "zittuuuuiuiuiii", row->id, row->plan, row->verdict, row->reason, row->fired_at,
	    row->acknowledged_at, row->snoozed_until, row->resolved_at, row->step, row->step_at,
	    row->shown_step, row->shown_at, row->used_seconds, row->limit_seconds,
	    (int64_t)row->limit_line);

	if (r == 0 && row->id == 0)
		row->id = sqlite3_last_insert_rowid(store->db);
	return r;
}

static int get_open(struct store *store, int64_t id, struct episode_row *ret, struct error *error)
{
	int r = store_episode_get(store, id, ret, error);

	return r == 0 && ret->resolved_at != INSTANT_NONE
		   ? error_set(error, -EALREADY, "episode %ld is over", (long)id)
		   : r;
}

int store_episode_acknowledge(struct store *store, int64_t id, usec_t at, struct error *error)
{
	cleanup(episode_row_done) struct episode_row row = { 0 };
	int r = get_open(store, id, &row, error);

	if (r < 0 || row.acknowledged_at != INSTANT_NONE)
		return r;
	row.acknowledged_at = at;
	row.snoozed_until = INSTANT_NONE;
	return store_episode_put(store, &row, error);
}

int store_episode_snooze(struct store *store, int64_t id, usec_t until, usec_t at,
			 struct error *error)
{
	cleanup(episode_row_done) struct episode_row row = { 0 };
	int r = get_open(store, id, &row, error);

	if (r == 0 && until <= at)
		r = error_set(error, -EINVAL, "a snooze must end in the future");
	if (r < 0)
		return r;
	row.snoozed_until = until;
	row.acknowledged_at = INSTANT_NONE;
	return store_episode_put(store, &row, error);
}

int store_episode_shown(struct store *store, int64_t id, int64_t step, usec_t at,
			struct error *error)
{
	cleanup(episode_row_done) struct episode_row row = { 0 };
	int r = store_episode_get(store, id, &row, error);

	if (r < 0 || step <= row.shown_step)
		return r;
	row.shown_step = step < row.step ? step : row.step;
	row.shown_at = at;
	return store_episode_put(store, &row, error);
}

int store_episode_get(struct store *store, int64_t id, struct episode_row *ret, struct error *error)
{
	cleanup_statement sqlite3_stmt *statement = store_query(
	    store, error, "SELECT " EPISODE_COLUMNS " FROM episodes WHERE id = ?", "i", id);
	int r = store_step(store, statement, error);

	if (r <= 0)
		return r < 0 ? r
			     : error_set(error, -ENOENT,
					 "no episode %ld; `planctl alerts` lists them", (long)id);
	*ret = episode_of(statement);
	ret->verdict = strdup(ret->verdict);
	ret->reason = strdup(ret->reason);
	if (ret->verdict && ret->reason)
		return 0;
	episode_row_done(ret);
	return error_set(error, -ENOMEM, "out of memory");
}
