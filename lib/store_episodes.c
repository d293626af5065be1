/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's episodes: each alert from firing to resolved. */
#include "store_private.h"

#include <errno.h>
#include <string.h>

#define EPISODE_COLUMNS                                                                      \
	"id, plan, verdict, reason, fired_at, acknowledged_at, snoozed_until, resolved_at, " \
	"shown_at,"                                                                          \
	" used_seconds, limit_seconds, limit_line"

static struct episode_row episode_of(sqlite3_stmt *s)
{
	return (struct episode_row){
		.id = sqlite3_column_int64(s, 0),
		.plan = sqlite3_column_int64(s, 1),
		.verdict = store_column_text(s, 2),
		.reason = store_column_text(s, 3),
		.fired_at = store_column_instant(s, 4),
		.acknowledged_at = store_column_instant(s, 5),
		.snoozed_until = store_column_instant(s, 6),
		.resolved_at = store_column_instant(s, 7),
		.shown_at = store_column_instant(s, 8),
		.used_seconds = sqlite3_column_int64(s, 9),
		.limit_seconds = sqlite3_column_int64(s, 10),
		.limit_line = (uint32_t)sqlite3_column_int(s, 11),
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
		[EPISODES_FIRING] =
		    "SELECT " EPISODE_COLUMNS " FROM episodes"
		    " WHERE resolved_at IS NULL AND (?1 = 0 OR plan = ?1) ORDER BY id",
		[EPISODES_TO_SHOW] =
		    "SELECT " EPISODE_COLUMNS " FROM episodes WHERE resolved_at IS NULL"
		    " AND shown_at IS NULL AND (?1 = 0 OR plan = ?1) ORDER BY id",
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
	    "INSERT INTO episodes (" EPISODE_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT (id) DO UPDATE SET (reason, acknowledged_at, snoozed_until, resolved_at,"
	    " shown_at, used_seconds) = (excluded.reason, excluded.acknowledged_at,"
	    " excluded.snoozed_until, excluded.resolved_at, excluded.shown_at, "
	    "excluded.used_seconds)",
	    "zittiuuuuiii", row->id, row->plan, row->verdict, row->reason, row->fired_at,
	    row->acknowledged_at, row->snoozed_until, row->resolved_at, row->shown_at,
	    row->used_seconds, row->limit_seconds, (int64_t)row->limit_line);

	if (r == 0 && row->id == 0)
		row->id = sqlite3_last_insert_rowid(store->db);
	return r;
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
