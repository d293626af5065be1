/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's reading side of history: the log and the revisions. */
#include "store_private.h"

#include <string.h>

static const char *const event_names[] = {
	[EVENT_PLAN_FOUND] = "plan_found",
	[EVENT_PLAN_GONE] = "plan_gone",
	[EVENT_PLAN_RETURNED] = "plan_returned",
	[EVENT_PLAN_MOVED] = "plan_moved",
	[EVENT_ITEM_ADDED] = "item_added",
	[EVENT_ITEM_DONE] = "item_done",
	[EVENT_ITEM_UNDONE] = "item_undone",
	[EVENT_ITEM_MARKED] = "item_marked",
	[EVENT_ITEM_REWORDED] = "item_reworded",
	[EVENT_ITEM_MOVED] = "item_moved",
	[EVENT_ITEM_REMOVED] = "item_removed",
	[EVENT_ITEM_SPLIT] = "item_split",
	[EVENT_STATUS_CHANGED] = "status_changed",
	[EVENT_TOLERANCE_CHANGED] = "tolerance_changed",
	[EVENT_SECTION_CHANGED] = "section_changed",
	[EVENT_BRANCH_SWITCHED] = "branch_switched",
	[EVENT_GAP] = "gap",
};

const char *event_kind_name(enum event_kind kind)
{
	return event_names[kind];
}

enum event_kind event_kind_parse(const char *word)
{
	for (int kind = 1; kind < EVENT_KIND_COUNT; kind++)
		if (strcmp(word, event_names[kind]) == 0)
			return (enum event_kind)kind;
	return (enum event_kind)0;
}

const char *origin_name(enum origin origin)
{
	static const char *const names[] = { "live", "startup", "rescan", "import" };

	return names[origin];
}

/* The two arms of a log have the same columns: events of plans, and events about the watching
 * itself. */
#define EVENT_ARM                                                                                         \
	"SELECT e.seq AS id, o.at, o.not_before, o.origin, coalesce(o.file, 0), "                         \
	"coalesce(o.content, 0),"                                                                         \
	" c.repo, c.branch, c.commit_id, e.plan, e.kind, coalesce(e.item, 0), coalesce(e.line, "          \
	"0),"                                                                                             \
	" CASE WHEN e.kind IN (4, 9, 13, 14)"                                                             \
	"  THEN (SELECT b.text FROM texts b WHERE b.id = e.before) ELSE e.before END,"                    \
	" e.after, t.text, coalesce(e.position, -1), e.claimed_at, coalesce(e.claimed_precision, "        \
	"0),"                                                                                             \
	" f.path, p.title, p.part,"                                                                       \
	" CASE WHEN e.claimed_at IS NOT NULL THEN (SELECT b.not_before FROM events a JOIN observations b" \
	"  ON b.id = a.seq >> 20 WHERE a.plan = e.plan ORDER BY a.seq LIMIT 1) END,"                      \
	" CASE WHEN e.claimed_at IS NOT NULL THEN (SELECT count(*) FROM (SELECT a.claimed_at AS at"       \
	"  FROM events a WHERE a.plan = e.plan AND a.seq >= (e.seq >> 20) << 20"                          \
	"  AND a.seq < ((e.seq >> 20) + 1) << 20 LIMIT 2000) WHERE at = e.claimed_at) ELSE 0 END,"        \
	" (SELECT r.remark FROM remarks r WHERE r.plan = e.plan AND r.seq = e.seq)"
#define EVENT_JOINS                                                         \
	" JOIN files f ON f.id = p.file LEFT JOIN texts t ON t.id = e.text" \
	" LEFT JOIN contexts c ON c.id = o.context"
#define EVENT_WHERE                                                         \
	" AND (?4 = 0 OR ?4 >> e.kind & 1) AND (?7 IS NULL OR c.repo = ?7)" \
	" AND (?8 = 0 OR e.item = ?8)"
#define TIME_WHERE " AND (?2 IS NULL OR o.at >= ?2) AND (?3 IS NULL OR o.at <= ?3)"

/*
 * From the newest observation backwards, each one's events by their key: the cost is that of the
 * rows that are told, whatever the length of the history. CROSS JOIN keeps SQLite to this order of
 * the loops, and the plus in front of e.seq to the observation's own range of the key, where "after ?5" alone would begin at the plan's
 * first event (sqlite.org/optoverview.html, "Manual Control").
 */
static const char all_plans[] =
    "SELECT * FROM (SELECT * FROM (" EVENT_ARM
    " FROM observations o CROSS JOIN plans p ON p.file = o.file CROSS JOIN events e"
    "  ON e.plan = p.id AND e.seq >= o.id << 20 AND e.seq < (o.id + 1) << 20" EVENT_JOINS
    " WHERE o.id >= ?5 >> 20 AND +e.seq > ?5 AND ?1 = 0" EVENT_WHERE TIME_WHERE
    " ORDER BY o.id DESC, e.seq DESC LIMIT ?6)"
    " UNION ALL SELECT * FROM ("
    "SELECT j.observation << 20, o.at, o.not_before, o.origin, 0, 0, c.repo, c.branch, "
    "c.commit_id, 0,"
    " j.kind, 0, 0, j.before, NULL, j.text, -1, NULL, 0, NULL, NULL, 0, NULL, 0, NULL"
    " FROM journal j JOIN observations o ON o.id = j.observation LEFT JOIN contexts c ON c.id = "
    "o.context"
    " WHERE (?4 = 0 OR ?4 >> j.kind & 1) AND j.observation << 20 > ?5 AND ?8 = 0"
    " AND (?7 IS NULL OR c.repo = ?7)" TIME_WHERE " ORDER BY j.observation DESC LIMIT ?6)"
    " ORDER BY id DESC LIMIT ?6) ORDER BY id";

static const char one_plan[] =
    "SELECT * FROM (" EVENT_ARM " FROM events e JOIN plans p ON p.id = e.plan JOIN observations o "
    "ON o.id = e.seq >> 20" EVENT_JOINS " WHERE e.plan = ?1 AND e.seq > ?5" EVENT_WHERE TIME_WHERE
    " ORDER BY e.seq DESC LIMIT ?6) ORDER BY id";

/* An event of a kind that is none says no more than that we do not know what happened. */
static enum event_kind kind_of(sqlite3_stmt *s, int column)
{
	int kind = store_column_choice(s, column, EVENT_KIND_COUNT, EVENT_GAP);

	return kind ? (enum event_kind)kind : EVENT_GAP;
}

static enum origin origin_of(sqlite3_stmt *s, int column)
{
	return (enum origin)store_column_choice(s, column, ORIGIN_IMPORT + 1, ORIGIN_RESCAN);
}

static enum stamp_precision precision_of(sqlite3_stmt *s, int column)
{
	return (enum stamp_precision)store_column_choice(s, column, STAMP_SECOND + 1, STAMP_DAY);
}

static struct log_row row_of(sqlite3_stmt *s)
{
	return (struct log_row){
		.id = sqlite3_column_int64(s, 0),
		.observation = { .id = sqlite3_column_int64(s, 0) >> ORDINAL_BITS,
				 .at = store_column_instant(s, 1),
				 .not_before = store_column_instant(s, 2),
				 .origin = origin_of(s, 3),
				 .file = sqlite3_column_int64(s, 4),
				 .content = sqlite3_column_int64(s, 5),
				 .repo = store_column_text(s, 6),
				 .branch = store_column_text(s, 7),
				 .commit = store_column_text(s, 8) },
		.event = { .plan = sqlite3_column_int64(s, 9),
			   .kind = kind_of(s, 10),
			   .item = sqlite3_column_int64(s, 11),
			   .line = (uint32_t)sqlite3_column_int(s, 12),
			   .before = store_column_text(s, 13),
			   .after = store_column_text(s, 14),
			   .text = store_column_text(s, 15),
			   .position = sqlite3_column_int64(s, 16),
			   .claimed_at = store_column_instant(s, 17),
			   .claimed_precision = precision_of(s, 18) },
		.path = store_column_text(s, 19),
		.title = store_column_text(s, 19) ? store_column_required(s, 20) : NULL,
		.part = (uint32_t)sqlite3_column_int(s, 21),
		.plan_began = store_column_instant(s, 22),
		.same_claims = sqlite3_column_int64(s, 23),
		.remark = store_column_text(s, 24),
	};
}

int store_log(struct store *store, const struct log_filter *filter,
	      int (*each)(void *userdata, const struct log_row *row), void *userdata,
	      struct error *error)
{
	cleanup_statement sqlite3_stmt *statement =
	    store_query(store, error, filter->plan ? one_plan : all_plans, "iuuiiiti", filter->plan,
			filter->since, filter->until, (int64_t)filter->kinds,
			filter->after_id ? filter->after_id : INT64_MIN,
			filter->limit > 0 ? filter->limit : INT64_MAX, filter->repo, filter->item);
	int r;

	while ((r = store_step(store, statement, error)) > 0) {
		struct log_row row = row_of(statement);
		int stop = each(userdata, &row);
		if (stop)
			return stop;
	}
	return r;
}

static struct history_row history_row_of(sqlite3_stmt *s)
{
	struct history_row row = {
		.observation = { .id = sqlite3_column_int64(s, 0),
				 .at = store_column_instant(s, 1),
				 .content = sqlite3_column_int64(s, 2) },
		.is_keyframe = sqlite3_column_int(s, 3),
	};

	if (row.is_keyframe)
		row.keyframe = (struct keyframe_line){
			.present = strcmp(store_column_required(s, 7), "gone") != 0,
			.item = sqlite3_column_int64(s, 6),
			.mark = store_column_required(s, 7),
			.text = store_column_required(s, 8),
			.first_seen_at = store_column_instant(s, 9),
			.done_at = store_column_instant(s, 10),
		};
	else
		row.event = (struct event){ .kind = kind_of(s, 5),
					    .item = sqlite3_column_int64(s, 6),
					    .after = store_column_text(s, 7),
					    .text = store_column_required(s, 8),
					    .position = sqlite3_column_int64(s, 4) };
	return row;
}

int store_history(struct store *store, int64_t plan,
		  int (*each)(void *userdata, const struct history_row *row), void *userdata,
		  struct error *error)
{
	cleanup_statement sqlite3_stmt *statement = store_query(
	    store, error,
	    "SELECT o.id AS observation, o.at, coalesce(o.content, 0), h.is_keyframe, h.position, h.kind, h.item,"
	    " h.mark, t.text, h.first_seen_at, h.done_at FROM"
	    " (SELECT seq >> 20 AS observation, 0 AS is_keyframe, seq, coalesce(position, -1) AS position, kind,"
	    "   coalesce(item, 0) AS item, after AS mark, text, NULL AS first_seen_at, NULL AS done_at"
	    "   FROM events WHERE plan = ?1 UNION ALL"
	    "  SELECT observation, 1, position, position, 0, item, mark, text, first_seen_at, done_at"
	    "   FROM keyframes WHERE plan = ?1) h"
	    " JOIN observations o ON o.id = h.observation LEFT JOIN texts t ON t.id = h.text"
	    " ORDER BY h.observation, h.is_keyframe DESC, h.seq",
	    "i", plan);
	int r;

	while ((r = store_step(store, statement, error)) > 0) {
		struct history_row row = history_row_of(statement);
		int stop = each(userdata, &row);
		if (stop)
			return stop;
	}
	return r;
}

int store_observation_at(struct store *store, int64_t plan, usec_t at, int64_t below,
			 struct observation *ret, struct error *error)
{
	cleanup_statement sqlite3_stmt *s = store_query(
	    store, error,
	    "SELECT o.id, o.at, o.not_before, o.origin, o.file, coalesce(o.content, 0)"
	    " FROM observations o JOIN plans p ON p.file = o.file WHERE p.id = ? AND o.at <= ?"
	    " AND o.id < ? ORDER BY o.id DESC LIMIT 1",
	    "iui", plan, at, below);
	int r = store_step(store, s, error);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret = (struct observation){ .id = sqlite3_column_int64(s, 0),
				     .at = store_column_instant(s, 1),
				     .not_before = store_column_instant(s, 2),
				     .origin = origin_of(s, 3),
				     .file = sqlite3_column_int64(s, 4),
				     .content = sqlite3_column_int64(s, 5) };
	return 0;
}

/* ---- What one file's observations found ---- */

int store_observations(struct store *store, int64_t file,
		       int (*each)(void *userdata, const struct observation *observation),
		       void *userdata, struct error *error)
{
	cleanup_statement sqlite3_stmt *s = store_query(
	    store, error,
	    "SELECT o.id, o.at, o.not_before, o.origin, coalesce(o.content, 0), c.repo, c.branch,"
	    " c.commit_id FROM observations o LEFT JOIN contexts c ON c.id = o.context"
	    " WHERE o.file = ? ORDER BY o.id",
	    "i", file);
	int r;

	while ((r = store_step(store, s, error)) > 0) {
		int stop =
		    each(userdata, &(struct observation){ .id = sqlite3_column_int64(s, 0),
							  .at = store_column_instant(s, 1),
							  .not_before = store_column_instant(s, 2),
							  .origin = origin_of(s, 3),
							  .file = file,
							  .content = sqlite3_column_int64(s, 4),
							  .repo = store_column_text(s, 5),
							  .branch = store_column_text(s, 6),
							  .commit = store_column_text(s, 7) });
		if (stop)
			return stop;
	}
	return r;
}

int store_observation_events(struct store *store, int64_t observation,
			     int (*each)(void *userdata, const struct event *event), void *userdata,
			     struct error *error)
{
	cleanup_statement sqlite3_stmt *s = store_query(
	    store, error,
	    "SELECT e.plan, e.kind, coalesce(e.item, 0), coalesce(e.line, 0), CASE WHEN e.kind IN (4, 9, 13, 14)"
	    " THEN (SELECT b.text FROM texts b WHERE b.id = e.before) ELSE e.before END, e.after, t.text,"
	    " coalesce(e.position, -1), e.claimed_at, coalesce(e.claimed_precision, 0)"
	    " FROM observations o JOIN plans p ON p.file = o.file JOIN events e ON e.plan = p.id"
	    " AND e.seq >= o.id << 20 AND e.seq < (o.id + 1) << 20 LEFT JOIN texts t ON t.id = e.text"
	    " WHERE o.id = ? ORDER BY e.seq",
	    "i", observation);
	int r;

	while ((r = store_step(store, s, error)) > 0) {
		int stop =
		    each(userdata, &(struct event){ .plan = sqlite3_column_int64(s, 0),
						    .kind = kind_of(s, 1),
						    .item = sqlite3_column_int64(s, 2),
						    .line = (uint32_t)sqlite3_column_int(s, 3),
						    .before = store_column_text(s, 4),
						    .after = store_column_text(s, 5),
						    .text = store_column_text(s, 6),
						    .position = sqlite3_column_int64(s, 7),
						    .claimed_at = store_column_instant(s, 8),
						    .claimed_precision = precision_of(s, 9) });
		if (stop)
			return stop;
	}
	return r;
}

int store_observation_keyframes(struct store *store, int64_t observation,
				int (*each)(void *userdata, int64_t plan, int64_t position,
					    const struct keyframe_line *line),
				void *userdata, struct error *error)
{
	cleanup_statement sqlite3_stmt *s = store_query(
	    store, error,
	    "SELECT k.plan, k.position, k.item, k.mark, t.text, k.first_seen_at, k.done_at"
	    " FROM observations o JOIN plans p ON p.file = o.file JOIN keyframes k ON k.plan = p.id"
	    " AND k.observation = o.id LEFT JOIN texts t ON t.id = k.text WHERE o.id = ?"
	    " ORDER BY k.plan, k.position",
	    "i", observation);
	int r;

	while ((r = store_step(store, s, error)) > 0) {
		struct keyframe_line line = { .item = sqlite3_column_int64(s, 2),
					      .mark = store_column_text(s, 3),
					      .text = store_column_text(s, 4),
					      .first_seen_at = store_column_instant(s, 5),
					      .done_at = store_column_instant(s, 6) };
		int stop =
		    each(userdata, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), &line);
		if (stop)
			return stop;
	}
	return r;
}
