/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The schema, as numbered migrations: entry N takes a database from user_version N to N + 1. An
 * entry that was released is never edited. Times are UTC microseconds. What others may read are the
 * views (planwatch-db(7)); tables may change.
 */
#include "store_private.h"

/* SQL reads better in its own lines than in the formatter's. */
/* clang-format off */
#define APPEND_ONLY(table) \
    "CREATE TRIGGER " table "_no_update BEFORE UPDATE ON " table \
    " BEGIN SELECT RAISE(ABORT, '" table " is append-only'); END;" \
    "CREATE TRIGGER " table "_no_delete BEFORE DELETE ON " table \
    " BEGIN SELECT RAISE(ABORT, '" table " is append-only'); END;"
#define ORIGIN_NAME \
    "CASE o.origin WHEN 0 THEN 'live' WHEN 1 THEN 'startup' WHEN 2 THEN 'rescan' ELSE 'import' END"
#define PRECISION_NAME(column) \
    "CASE " column " WHEN 0 THEN 'day' WHEN 1 THEN 'minute' WHEN 2 THEN 'second' END"

static const char version_1[] =
    "CREATE TABLE roots ("
    " path TEXT NOT NULL PRIMARY KEY, added_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

    /* Bytes of plan files, each once; `hash` (XXH3) finds candidates, the bytes themselves decide. */
    "CREATE TABLE contents ("
    " id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, size INTEGER NOT NULL, zstd BLOB NOT NULL) STRICT;"
    "CREATE INDEX contents_by_hash ON contents (hash);"

    "CREATE TABLE contexts ("
    " id INTEGER PRIMARY KEY, repo TEXT NOT NULL, branch TEXT NOT NULL, commit_id TEXT NOT NULL,"
    " UNIQUE (repo, branch, commit_id)) STRICT;"

    /* `path` has the kernel's bytes, which need not be UTF-8. `content` is the last one read. */
    "CREATE TABLE files ("
    " id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, present INTEGER NOT NULL, watched INTEGER NOT NULL,"
    " content INTEGER REFERENCES contents, context INTEGER REFERENCES contexts,"
    " device INTEGER, inode INTEGER) STRICT;"
    "CREATE INDEX files_by_content ON files (content);"

    /* One look that found something new. Its id gives history its order; `at` is what the clock said. */
    "CREATE TABLE observations ("
    " id INTEGER PRIMARY KEY, at INTEGER NOT NULL, not_before INTEGER, origin INTEGER NOT NULL,"
    " file INTEGER REFERENCES files, content INTEGER REFERENCES contents,"
    " context INTEGER REFERENCES contexts) STRICT;"
    "CREATE INDEX observations_by_file ON observations (file);"

    /* Item texts, status values, paths of moves: each once. */
    "CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;"

    "CREATE TABLE plans ("
    " id INTEGER PRIMARY KEY, file INTEGER NOT NULL REFERENCES files, part INTEGER NOT NULL,"
    " present INTEGER NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL, status_text TEXT,"
    " source TEXT NOT NULL, done INTEGER NOT NULL, open INTEGER NOT NULL, other INTEGER NOT NULL,"
    " total INTEGER NOT NULL, stage_label TEXT, stage_text TEXT, stage_since INTEGER,"
    " stage_limit INTEGER, stage_limit_line INTEGER NOT NULL, stage_limit_basis TEXT NOT NULL,"
    " plan_limit INTEGER, plan_limit_line INTEGER NOT NULL, plan_limit_basis TEXT NOT NULL,"
    " first_seen_at INTEGER, started_at INTEGER, last_tick_at INTEGER, last_edit_at INTEGER,"
    " last_commit_at INTEGER, status_since INTEGER, waited_until INTEGER, work_ticked INTEGER NOT NULL,"
    " decided_at INTEGER, remarks INTEGER NOT NULL, problem TEXT, stage_item INTEGER, next_item INTEGER NOT NULL) STRICT;"
    "CREATE INDEX plans_by_file ON plans (file, part);"

    /* How each item stands; what happened to it is in `events`. */
    "CREATE TABLE items ("
    " plan INTEGER NOT NULL REFERENCES plans, id INTEGER NOT NULL, position INTEGER NOT NULL,"
    " line INTEGER NOT NULL, end_line INTEGER NOT NULL, depth INTEGER NOT NULL, state INTEGER NOT NULL,"
    " mark TEXT NOT NULL, text INTEGER NOT NULL REFERENCES texts, gist INTEGER NOT NULL,"
    " label_kind TEXT, label_id TEXT, stamp TEXT, claimed_at INTEGER, claimed_precision INTEGER NOT NULL,"
    " stamp_leads INTEGER NOT NULL, first_seen_at INTEGER NOT NULL, done_at INTEGER,"
    " PRIMARY KEY (plan, id)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE event_kinds (kind INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"
    "INSERT INTO event_kinds VALUES (1,'plan_found'),(2,'plan_gone'),(3,'plan_returned'),(4,'plan_moved'),"
    " (5,'item_added'),(6,'item_done'),(7,'item_undone'),(8,'item_marked'),(9,'item_reworded'),"
    " (10,'item_moved'),(11,'item_removed'),(12,'item_split'),(13,'status_changed'),"
    " (14,'tolerance_changed'),(15,'section_changed'),(16,'branch_switched'),(17,'gap');"

    /* seq = observation << 20 | ordinal, so that it rises over all plans and needs no column for its observation. */
    "CREATE TABLE events ("
    " plan INTEGER NOT NULL REFERENCES plans, seq INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " item INTEGER, line INTEGER, before ANY, after TEXT, text INTEGER REFERENCES texts,"
    " position INTEGER, claimed_at INTEGER, claimed_precision INTEGER,"
    " PRIMARY KEY (plan, seq)) STRICT, WITHOUT ROWID;"

    /*
     * How a plan's items stand on another branch: what an observation begins with, in place of what was there. Position -1 says whether
     * the plan is there at all.
     */
    "CREATE TABLE keyframes ("
    " plan INTEGER NOT NULL REFERENCES plans, observation INTEGER NOT NULL REFERENCES observations,"
    " position INTEGER NOT NULL, item INTEGER NOT NULL, mark TEXT NOT NULL, text INTEGER REFERENCES texts,"
    " first_seen_at INTEGER, done_at INTEGER, PRIMARY KEY (plan, observation, position)) STRICT, WITHOUT ROWID;"

    /* What the format forbids, beside the event that did it: most have none. */
    "CREATE TABLE remarks ("
    " plan INTEGER NOT NULL REFERENCES plans, seq INTEGER NOT NULL, remark TEXT NOT NULL,"
    " PRIMARY KEY (plan, seq)) STRICT, WITHOUT ROWID;"

    /* Events about the watching itself. */
    "CREATE TABLE journal ("
    " observation INTEGER PRIMARY KEY REFERENCES observations, kind INTEGER NOT NULL,"
    " before TEXT, text TEXT) STRICT;"

    "CREATE TABLE episodes ("
    " id INTEGER PRIMARY KEY, plan INTEGER NOT NULL REFERENCES plans, verdict TEXT NOT NULL,"
    " reason TEXT NOT NULL, fired_at INTEGER NOT NULL, acknowledged_at INTEGER, snoozed_until INTEGER,"
    " resolved_at INTEGER, step INTEGER NOT NULL, step_at INTEGER NOT NULL, shown_step INTEGER NOT NULL,"
    " shown_at INTEGER, used_seconds INTEGER NOT NULL, limit_seconds INTEGER NOT NULL,"
    " limit_line INTEGER NOT NULL) STRICT;"
    "CREATE INDEX episodes_by_plan ON episodes (plan, fired_at);"
    "CREATE INDEX episodes_open ON episodes (plan) WHERE resolved_at IS NULL;"
    "CREATE INDEX episodes_to_show ON episodes (id) WHERE step > shown_step;"

    APPEND_ONLY("events") APPEND_ONLY("remarks") APPEND_ONLY("keyframes") APPEND_ONLY("journal") APPEND_ONLY("observations")
    APPEND_ONLY("contents") APPEND_ONLY("texts")

    "CREATE VIEW v_plans AS SELECT p.id, f.path, p.part, p.title, p.status, p.status_text,"
    " p.source AS progress_source, p.done, p.open, p.other, p.total, p.stage_label, p.stage_text,"
    " p.stage_since, coalesce(p.stage_limit, p.plan_limit) AS limit_seconds,"
    " CASE WHEN p.stage_limit IS NOT NULL THEN p.stage_limit_line WHEN p.plan_limit IS NOT NULL"
    " THEN p.plan_limit_line END AS limit_line, p.first_seen_at, p.last_tick_at, p.last_edit_at,"
    " p.last_commit_at, f.present AND p.present AS present, f.watched, p.problem"
    " FROM plans p JOIN files f ON f.id = p.file;"

    "CREATE VIEW v_items AS SELECT i.plan, i.id, i.position, i.line, i.end_line, i.depth,"
    " CASE i.state WHEN 0 THEN 'open' WHEN 1 THEN 'done' ELSE 'other' END AS state, i.mark, t.text,"
    " i.label_kind, i.label_id, i.claimed_at,"
    " CASE WHEN i.stamp IS NOT NULL THEN " PRECISION_NAME("i.claimed_precision") " END AS claimed_precision,"
    " i.first_seen_at, i.done_at FROM items i JOIN texts t ON t.id = i.text;"

    "CREATE VIEW v_events AS SELECT e.seq AS id, o.at, o.not_before, k.name AS kind, e.plan, e.item,"
    " e.line, t.text, CASE WHEN e.kind IN (4, 9, 13, 14)"
    " THEN (SELECT b.text FROM texts b WHERE b.id = e.before) ELSE e.before END AS before, e.after,"
    " e.position, e.claimed_at, " PRECISION_NAME("e.claimed_precision") " AS claimed_precision,"
    " (SELECT r.remark FROM remarks r WHERE r.plan = e.plan AND r.seq = e.seq) AS remark,"
    " " ORIGIN_NAME " AS origin, c.repo, c.branch, c.commit_id"
    " FROM events e JOIN event_kinds k ON k.kind = e.kind"
    " JOIN observations o ON o.id = e.seq >> 20 LEFT JOIN texts t ON t.id = e.text"
    " LEFT JOIN contexts c ON c.id = o.context"
    " UNION ALL SELECT j.observation << 20, o.at, o.not_before, k.name, NULL, NULL, NULL,"
    " j.text, j.before, NULL, NULL, NULL, NULL, NULL, " ORIGIN_NAME ", c.repo, c.branch, c.commit_id"
    " FROM journal j JOIN event_kinds k ON k.kind = j.kind"
    " JOIN observations o ON o.id = j.observation LEFT JOIN contexts c ON c.id = o.context;"

    "CREATE VIEW v_episodes AS SELECT id, plan, verdict, reason, fired_at, acknowledged_at,"
    " snoozed_until, resolved_at, step, step_at, shown_step, shown_at, nullif(used_seconds, -1) AS used_seconds,"
    " nullif(limit_seconds, -1) AS limit_seconds, nullif(limit_line, 0) AS limit_line FROM episodes;"

    "CREATE VIEW v_revisions AS SELECT o.id, f.path, o.at, o.not_before, " ORIGIN_NAME " AS origin,"
    " c.size, x.repo, x.branch, x.commit_id FROM observations o JOIN files f ON f.id = o.file"
    " JOIN contents c ON c.id = o.content LEFT JOIN contexts x ON x.id = o.context;"

    "CREATE VIEW v_coverage AS SELECT o.not_before AS blind_from, o.at AS blind_until, j.before AS cause, j.text AS reason"
    " FROM journal j JOIN observations o ON o.id = j.observation WHERE j.kind = 17;";
/* clang-format on */

const char *const store_migrations[] = { version_1 };
const int store_migration_count = sizeof(store_migrations) / sizeof(store_migrations[0]);
