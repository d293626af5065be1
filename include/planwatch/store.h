/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record, kept in SQLite: what was read (contents), when (observations), what changed (events,
 * append-only), how it stands (plans, items) and what was said about it (episodes). planwatch-db(7)
 * describes the public views.
 *
 * One writer: whoever opens for writing holds the writer's lock, a flock(2) on "DATABASE.lock" that
 * names its holder; all others open read-only and never checkpoint (SQLite 3.7.0 to 3.51.2 can
 * corrupt a WAL database where two connections do both at once: sqlite.org/wal.html, "The WAL-Reset
 * Bug"). WAL with synchronous=FULL: what store_commit() acknowledged survives a power cut.
 *
 * Functions return 0, or a negative errno with the struct error filled in: -EBUSY the lock or the
 * database is held, -ENOSPC disk full, -EIO, -EBADMSG damaged or not ours, -EPROTO a newer schema,
 * -ENOENT. Times are UTC microseconds; ids are positive, but for observations that an import put before what was witnessed, and
 * their events (import.h). Strings handed out belong to the row they stand in, which its _done() or the end of the callback frees.
 */
#ifndef PLANWATCH_STORE_H
#define PLANWATCH_STORE_H

#include "planwatch/error.h"
#include "planwatch/instant.h"
#include "planwatch/judge.h"
#include "planwatch/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

struct store;

enum store_mode {
	STORE_READ,
	STORE_WRITE, /* creates what is missing: folder 0700, file 0600; migrates an older schema
			after a backup beside it */
	STORE_MEMORY, /* an empty one of the caller's own, gone when it is closed; the path only names it */
};

int store_open(struct store **ret, const char *path, enum store_mode mode, struct error *error);
void store_close(struct store *store);

/*
 * Whether the database of a writer was deleted or moved away below it: SQLite would go on writing into a file that nobody finds. Then
 * store_begin() fails with -ESTALE, until store_reopen() has begun a new one, or has opened what was put in its place.
 */
bool store_is_lost(struct store *store);
int store_reopen(struct store *store, struct error *error);

static inline void cleanup_store_pointer(struct store *const *store)
{
	store_close(*store);
}
#define cleanup_store cleanup(cleanup_store_pointer)

/* One transaction for each drain of the queue (BEGIN IMMEDIATE). A failed commit rolls back. */
int store_begin(struct store *store, struct error *error);
int store_commit(struct store *store, struct error *error);
void store_rollback(struct store *store);

/* The last time that a writer looked at the plans, kept as the lock file's own time so that looking
 * costs no row. */
void store_mark_looked(struct store *store, usec_t at);
usec_t store_last_looked(const char *path);

/* ---- Roots that were registered with `planctl watch` ---- */

int store_root_add(struct store *store, const char *path, usec_t at, struct error *error);
/* -ENOENT where it was not registered. */
int store_root_remove(struct store *store, const char *path, struct error *error);
int store_roots(struct store *store, int (*each)(void *userdata, const char *path, usec_t added_at),
		void *userdata, struct error *error);

/* ---- Files and what they contained ---- */

struct file_row {
	int64_t id;
	char *path;
	bool present;	 /* there at the last look */
	bool watched;	 /* below a root at the last reconcile */
	int64_t content; /* 0: nothing was ever read */
	int64_t context; /* repository, branch and commit at the last observation; 0: none */
	int64_t device, inode;
};

void file_row_done(struct file_row *row);

/* -ENOENT without a message where the path is not known. */
int store_file_by_path(struct store *store, const char *path, struct file_row *ret,
		       struct error *error);
/* Every file that was ever recorded, in order of path. */
int store_files(struct store *store, int (*each)(void *userdata, const struct file_row *row),
		void *userdata, struct error *error);
/* Those of them that have this absolute path, or lie below it. */
int store_files_below(struct store *store, const char *path,
		      int (*each)(void *userdata, const struct file_row *row), void *userdata,
		      struct error *error);
/* Files that had these bytes at the last look. */
int store_files_of(struct store *store, const char *bytes, size_t length,
		   int (*each)(void *userdata, const struct file_row *row), void *userdata,
		   struct error *error);
/* Creates a file with id 0, else updates every column. */
int store_file_put(struct store *store, struct file_row *row, struct error *error);

/* Keeps bytes, compressed, once. *ret_id is the content's id, the old one where the same bytes are
 * there. */
int store_content_put(struct store *store, const char *bytes, size_t length, int64_t *ret_id,
		      struct error *error);
/*
 * Keeps what the caller has made of a content, for when the next one is compared with it: one value at a time, until the transaction is
 * rolled back or the database is another. `done` ends it.
 */
void store_keep(struct store *store, int64_t content, void *value, void (*done)(void *value));
/* What was kept of this content, from now on the caller's; NULL where nothing was. */
void *store_kept(struct store *store, int64_t content);

/* The caller frees *ret_bytes, which has a final NUL beyond its length. */
int store_content_get(struct store *store, int64_t id, char **ret_bytes, size_t *ret_length,
		      struct error *error);
/* 1 where content `id` has these bytes, 0 where not. */
int store_content_equals(struct store *store, int64_t id, const char *bytes, size_t length,
			 struct error *error);

/* ---- Observations and events ---- */

enum origin {
	ORIGIN_LIVE,	/* seen while watching */
	ORIGIN_STARTUP, /* found at the first look after a start */
	ORIGIN_RESCAN,	/* found by a rescan after a gap */
	ORIGIN_IMPORT,
};

/* One look that found something new: a content of a file, its absence, or something about the
 * watching itself. */
struct observation {
	int64_t id; /* rises with the order of recording; history is ordered by it, never by the
		       clock; below 0 for what was imported afterwards */
	usec_t at;
	usec_t not_before; /* the last look before: the change happened between the two;
			      INSTANT_NONE: unknown */
	enum origin origin;
	int64_t file;			    /* 0: about the watching itself */
	int64_t content;		    /* 0: the file was not there, or could not be read */
	const char *repo, *branch, *commit; /* NULL outside of a repository */
	int64_t context; /* set by store_observation_add(): for struct file_row */
};

/* With id 0 it gets the next one. */
int store_observation_add(struct store *store, struct observation *observation,
			  struct error *error);

/* The last look at a plan's file at or before a moment, with an id below `below` (INT64_MAX: any); its strings are not set. -ENOENT where there was none. */
int store_observation_at(struct store *store, int64_t plan, usec_t at, int64_t below,
			 struct observation *ret, struct error *error);

/* The id of a context; 0 without a repository. Negative errno. */
int64_t store_context_put(struct store *store, const char *repo, const char *branch,
			  const char *commit, struct error *error);
/* 1 where a context (0: none) is of this working tree and of this branch (NULL: a detached HEAD), else 0. */
int store_context_is(struct store *store, int64_t context, const char *repo, const char *branch,
		     struct error *error);
/* 1 where it is of this working tree and of another branch, else 0. */
int store_context_differs(struct store *store, int64_t context, const char *repo,
			  const char *branch, struct error *error);
/* The branch of a working tree's last observation, "" for a detached HEAD. The caller frees. -ENOENT where there was none. */
int store_branch_of(struct store *store, const char *repo, char **ret, struct error *error);
/* The last observation of a file on a branch; its strings are not set. -ENOENT where there was none. */
int store_observation_on(struct store *store, int64_t file, const char *repo, const char *branch,
			 struct observation *ret, struct error *error);

/* The last observation of a file that found these bytes; its strings are not set. -ENOENT where there was none. */
int store_observation_with(struct store *store, int64_t file, const char *bytes, size_t length,
			   struct observation *ret, struct error *error);
/* Every observation of a file, oldest first. */
int store_observations(struct store *store, int64_t file,
		       int (*each)(void *userdata, const struct observation *observation),
		       void *userdata, struct error *error);

/* How far the history of a file reaches: what an import may add. */
struct import_bounds {
	struct observation
	    witnessed;		 /* the first look that was no import; id 0 where there was none */
	usec_t imported_until;	 /* the latest time of an imported observation; INSTANT_NONE */
	int64_t lowest, highest; /* ids of observations, of any file */
};
int store_import_bounds(struct store *store, int64_t file, struct import_bounds *ret,
			struct error *error);

enum event_kind {
	EVENT_PLAN_FOUND = 1,
	EVENT_PLAN_GONE,
	EVENT_PLAN_RETURNED,
	EVENT_PLAN_MOVED,
	EVENT_ITEM_ADDED,
	EVENT_ITEM_DONE,
	EVENT_ITEM_UNDONE,
	EVENT_ITEM_MARKED,
	EVENT_ITEM_REWORDED,
	EVENT_ITEM_MOVED,
	EVENT_ITEM_REMOVED,
	EVENT_ITEM_SPLIT,
	EVENT_STATUS_CHANGED,
	EVENT_TOLERANCE_CHANGED,
	EVENT_SECTION_CHANGED,
	EVENT_BRANCH_SWITCHED,
	EVENT_GAP,
	EVENT_KIND_COUNT,
};

/* "item_done", ...; event_kind_parse returns 0 for a word that is none. */
const char *event_kind_name(enum event_kind kind);
enum event_kind event_kind_parse(const char *word);
const char *origin_name(enum origin origin);

/*
 * What an event carries, and so what folding (law 1) needs:
 *   item_added, item_split   after = mark, text, position, parent item in `before` (item_split)
 *   item_done, _undone, _marked  before, after = marks; text
 *   item_reworded            before = old text, text
 *   item_moved               before = old position, position; text
 *   item_removed             before = mark, text
 *   plan_moved               before, text = paths
 *   status_changed           before, text = values
 *   tolerance_changed        before, text = entries
 *   gap                      before = a LAPSE_ of the interval, or NULL; text = why
 *   section_changed          before, after = how many entries, NULL where the section was not there; text = its title
 * Folding one observation: take out what is removed and moved, then put in what is added and moved, by rising position.
 * A plan_found starts from nothing: what an import put before it is folded for itself.
 */
struct event {
	int64_t plan;
	enum event_kind kind;
	int64_t item; /* 0: the plan itself */
	uint32_t line;
	const char *before; /* NULL where there is none */
	const char *after;
	const char *text;
	int64_t position; /* -1 where there is none */
	usec_t claimed_at;
	enum stamp_precision claimed_precision;
	enum remark remark; /* what is to be said of it; REMARK_NONE */
};

/* Appends the next event of the observation that was added last. */
int store_event_add(struct store *store, const struct event *event, struct error *error);

/*
 * Gaps that are not only blind intervals of ours, but time in which nobody worked: from `not_before` to `at`. With LAPSE_CLOCK `at` is
 * before it where the clock was set back.
 */
#define LAPSE_SUSPENDED "suspended"
#define LAPSE_OFF "off"
#define LAPSE_CLOCK "clock"

/* Appends an event about the watching itself (gap, branch_switched) as an observation of its own.
 */
int store_journal_add(struct store *store, struct observation *observation, enum event_kind kind,
		      const char *before, const char *text, struct error *error);

/* ---- How plans stand ---- */

/* Everything that `status` and the verdicts need: one row a plan. */
struct plan_row {
	int64_t id;
	int64_t file;
	uint32_t part;
	bool present; /* the file and this part of it are there */
	char *title;
	char *status_text;  /* NULL: the plan has no status */
	char *stage_label;  /* "Stage B"; NULL without a label, or without a current stage */
	char *stage_text;   /* first open item of the current stage; NULL where nothing is open */
	int64_t stage_item; /* the id of that item; 0 */
	char *problem;	    /* why it cannot be read now; NULL */
	usec_t first_seen_at;
	int64_t next_item; /* the id of the next new item */
	struct plan_state state;
	/* Of its file; not written by store_plan_put(). */
	char *path;
	char *repo, *branch; /* NULL outside of a repository */
};

void plan_row_done(struct plan_row *row);
/* A copy with strings of its own. -ENOMEM. */
int plan_row_copy(const struct plan_row *row, struct plan_row *ret);

/* Every plan below a root and there, in order of path and part. A callback's non-zero result ends
 * the walk and is returned. */
int store_plans(struct store *store, int (*each)(void *userdata, const struct plan_row *row),
		void *userdata, struct error *error);
/* All plans that a file ever had, in order of part. The caller ends *ret with plan_list_done(). */
struct plan_list {
	struct plan_row *rows;
	size_t count;
};
int store_plan_list(struct store *store, int64_t file, struct plan_list *ret, struct error *error);
void plan_list_done(struct plan_list *list);

int store_plan_get(struct store *store, int64_t id, struct plan_row *ret, struct error *error);
int store_plan_put(struct store *store, struct plan_row *row, struct error *error);

/* One item as it stands. `item` has text, gist, mark, state, label, stamp, lines and depth. */
struct item_row {
	int64_t id;
	uint32_t position;
	struct item item;
	usec_t first_seen_at;
	usec_t done_at; /* witnessed; INSTANT_NONE while not done */
};

struct item_list {
	struct item_row *rows; /* in order of position */
	size_t count;
	void *memory; /* private */
};

int store_items(struct store *store, int64_t plan, struct item_list *ret, struct error *error);
void item_list_done(struct item_list *list);
/* Inserts or replaces by id. */
int store_item_put(struct store *store, int64_t plan, const struct item_row *row,
		   struct error *error);
int store_item_remove(struct store *store, int64_t plan, int64_t id, struct error *error);

/* ---- History ---- */

/*
 * A keyframe: how a plan's items stand after a branch switch, put where the observation that was added last begins. What git did to
 * the file is no work, so it makes no events: the items are these, and events go on from here.
 */
struct item_row;
int store_keyframe_add(struct store *store, int64_t plan, bool present, const struct item_row *rows,
		       size_t count, struct error *error);

/* One line of a keyframe; the first, at position -1, has no item. */
struct keyframe_line;
int store_keyframe_line_add(struct store *store, int64_t plan, int64_t position,
			    const struct keyframe_line *line, struct error *error);

struct log_filter {
	int64_t plan;	     /* 0: all, and the events about the watching itself */
	int64_t after_id;    /* only events with a greater id; 0: all */
	usec_t since, until; /* INSTANT_NONE: open */
	uint32_t kinds;	     /* bit 1 << kind; 0: all */
	const char *repo;    /* NULL: any */
	int64_t item;	     /* of `plan`; 0: any */
	int64_t limit;	     /* the last so many, 0: all; they are told oldest first */
};

/* A line of a keyframe, as a row of the history of a plan: the first has no item. */
struct keyframe_line {
	bool present; /* the plan is there: of the first */
	int64_t item;
	const char *mark, *text;
	usec_t first_seen_at, done_at;
};

/* One row of the log. Strings live until the callback returns. */
struct log_row {
	int64_t id; /* rises; observation << 20 | ordinal */
	struct observation observation;
	struct event event;
	const char *path, *title; /* NULL for events about the watching itself */
	uint32_t part;
	/* Beside a claim, for claim_examine(). */
	usec_t plan_began;   /* the plan was not there yet at that time; INSTANT_NONE: unknown */
	int64_t same_claims; /* items that claim this time in the same revision */
	const char *remark;  /* the name of what is to be said of it; NULL */
};

/* One row of a plan's history: of a keyframe, or an event. */
struct history_row {
	struct observation observation; /* id, at, content */
	bool is_keyframe;
	struct keyframe_line keyframe;
	struct event event;
};

/* All of a plan's history, oldest first, what law 1 needs of it; a keyframe comes before the events of its observation. */
int store_history(struct store *store, int64_t plan,
		  int (*each)(void *userdata, const struct history_row *row), void *userdata,
		  struct error *error);

/* What one observation found, in order: all events with all that they carry; the lines of its keyframes, plan by plan. */
int store_observation_events(struct store *store, int64_t observation,
			     int (*each)(void *userdata, const struct event *event), void *userdata,
			     struct error *error);
int store_observation_keyframes(struct store *store, int64_t observation,
				int (*each)(void *userdata, int64_t plan, int64_t position,
					    const struct keyframe_line *line),
				void *userdata, struct error *error);

int store_log(struct store *store, const struct log_filter *filter,
	      int (*each)(void *userdata, const struct log_row *row), void *userdata,
	      struct error *error);
/* ---- Episodes ---- */

struct episode_row {
	int64_t id;
	int64_t plan;
	char *verdict;
	char *reason;
	usec_t fired_at;
	usec_t acknowledged_at, snoozed_until, resolved_at; /* INSTANT_NONE: not */
	/* Each step of its life is shown once: 1 it fired, one more for each reminder, and the last when it is resolved. */
	int64_t step, shown_step;
	usec_t step_at, shown_at;	     /* of these; INSTANT_NONE: nothing was shown */
	int64_t used_seconds, limit_seconds; /* -1: no clock */
	uint32_t limit_line;		     /* 0: not the plan's own limit */
};

void episode_row_done(struct episode_row *row);

enum episode_filter {
	EPISODES_ALL,
	EPISODES_OPEN,	  /* not resolved */
	EPISODES_TO_SHOW, /* at a step that was not shown yet */
};

int store_episodes(struct store *store, enum episode_filter filter, int64_t plan,
		   int (*each)(void *userdata, const struct episode_row *row), void *userdata,
		   struct error *error);
/* Inserts with id 0, else updates. */
int store_episode_put(struct store *store, struct episode_row *row, struct error *error);
/*
 * What is said of an open episode. -EALREADY where it is resolved, -ENOENT where there is none. A snooze must end after `at`; a step that
 * was shown before is shown no second time.
 */
int store_episode_acknowledge(struct store *store, int64_t id, usec_t at, struct error *error);
int store_episode_snooze(struct store *store, int64_t id, usec_t until, usec_t at,
			 struct error *error);
/* Of a resolved one, too: that it is over is its last step. */
int store_episode_shown(struct store *store, int64_t id, int64_t step, usec_t at,
			struct error *error);

int store_episode_get(struct store *store, int64_t id, struct episode_row *ret,
		      struct error *error);

/* ---- Time that does not count ---- */

/* Spans for a struct worktime; zeros are none. */
struct span_list {
	struct span *spans;
	size_t count;
};
static inline void span_list_done(const struct span_list *list)
{
	free(list->spans);
}

/* The lapses that end after `since`, sorted and joined where they overlap. The caller ends *ret with span_list_done(). */
int store_lapses(struct store *store, usec_t since, struct span_list *ret, struct error *error);

/* When a plan waited for a person, as far as it ended after `since`; a wait that goes on is not among them. */
int store_waits(struct store *store, int64_t plan, usec_t since, struct span_list *ret,
		struct error *error);

/* ---- Trust ---- */

/* The version of SQLite that is used: "3.40.1". */
const char *store_library_version(void);

/* SQLite's own checks: integrity and foreign keys. Calls `found` for each finding. */
int store_check(struct store *store, void (*found)(void *userdata, const char *finding),
		void *userdata, struct error *error);

#endif
