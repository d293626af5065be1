/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recorder.h"

#include "log.h"
#include "moved.h"
#include "pending.h"
#include "read.h"

#include "planwatch/cleanup.h"
#include "planwatch/record.h"

#include <string.h>
#include <time.h>

/* After a failed commit. */
#define RETRY_AFTER (5 * USEC_PER_SEC)

struct recorder {
	sd_event *event;
	sd_event_source *timer;
	struct store *store;
	const struct recorder_handlers *handlers;
	struct pending_set pending;
	usec_t looked;	/* what is older was heard of before the last flush */
	usec_t looking; /* what is older is heard of before the next one */
	usec_t turn;  /* CLOCK_MONOTONIC: what is older was heard of before this turn of the loop */
	bool writing; /* in a transaction */
	bool broken;  /* the database could not be written */
	struct error trouble; /* why, until it could be again */
	unsigned changes, changes_of_known;
	/* A start or rescan that found nothing new yet, but holds something: its gap is recorded with that. */
	struct owed_gap {
		const char *reason; /* NULL: none */
		enum origin origin;
		usec_t not_before;
		bool happened;
	} owed;
	struct missing_files missing; /* as this flush found them */
	struct git_context git;	      /* of the folder that was asked last, for one flush */
	struct git_log git_log;	      /* of the same */
	bool git_busy;
	char *git_folder;
};

/* ---- Queueing ---- */

/* Not the time of sd_event_now(3), when the loop woke up: what is read late in a long flush has not stood since then. */
static usec_t monotonic(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (usec_t)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata);

/* One timer, for the earliest of all that wait. */
static void arm(struct recorder *recorder)
{
	usec_t due = pending_next_due(&recorder->pending);

	if (recorder->broken)
		due = monotonic() + RETRY_AFTER;
	if (due == INT64_MAX) {
		(void)sd_event_source_set_enabled(recorder->timer, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time(recorder->timer, (uint64_t)due);
	(void)sd_event_source_set_enabled(recorder->timer, SD_EVENT_ONESHOT);
}

int recorder_queue(struct recorder *recorder, const char *path, enum watch_change change)
{
	return pending_hear(&recorder->pending, path, change, monotonic(), recorder->looked);
}

static int queue_present(void *userdata, const struct file_row *row)
{
	return row->present ? recorder_queue(userdata, row->path, WATCH_GONE) : 0;
}

/* One that is being looked at may not be on record yet. */
int recorder_queue_below(struct recorder *recorder, const char *path)
{
	struct error error = { 0 };
	struct pending *p;

	TAILQ_FOREACH(p, &recorder->pending.list, entry)
	if (path_is_below(p->path, path))
		(void)recorder_queue(recorder, p->path, WATCH_GONE);
	return store_files_below(recorder->store, path, queue_present, recorder, &error);
}

uint64_t recorder_mark(struct recorder *recorder)
{
	return ++recorder->pending.number;
}

bool recorder_has_settled(const struct recorder *recorder, uint64_t mark)
{
	const struct pending *p;

	if (recorder->broken)
		return false;
	TAILQ_FOREACH(p, &recorder->pending.list, entry)
	if (p->reason != WAIT_READABLE && p->number < mark)
		return false;
	return true;
}

/* ---- One look ---- */

static int begin(struct recorder *recorder, struct error *error)
{
	int r = recorder->writing ? 0 : store_begin(recorder->store, error);

	recorder->writing = r == 0;
	return r;
}

static int queue_known(void *userdata, const struct file_row *row)
{
	return row->watched ? recorder_queue(userdata, row->path, WATCH_CHANGED) : 0;
}

static int record_switch(struct recorder *recorder, struct observation *observation,
			 const char *from, struct error *error)
{
	bool differs = strcmp(from, observation->branch) != 0;
	int r = differs ? begin(recorder, error) : 0;

	if (r == 0 && differs)
		r = store_journal_add(recorder->store, observation, EVENT_BRANCH_SWITCHED, from,
				      observation->branch, error);
	recorder->changes += differs;
	return r < 0 ? r
		     : store_files_below(recorder->store, observation->repo, queue_known, recorder,
					 error);
}

/* Since the record was last told of its branch, and at the latest when this file of it was looked at. */
static int record_unseen_switch(struct recorder *recorder, const struct pending *p,
				struct error *error)
{
	const char *branch = recorder->git.branch ? recorder->git.branch : "";
	struct observation observation = { .at = instant_now(),
					   .not_before = p->not_before,
					   .origin = p->origin,
					   .repo = recorder->git.repo,
					   .branch = branch };
	cleanup_free char *last = NULL;
	int r = store_branch_of(recorder->store, recorder->git.repo, &last, error);

	if (r == -ENOENT || (r == 0 && strcmp(last, branch) == 0))
		return 0;
	return r < 0 ? r : record_switch(recorder, &observation, last, error);
}

/* Plans of one folder share their context; a flush asks once for each folder. */
static int find_context(struct recorder *recorder, const struct pending *p, struct error *error)
{
	const char *path = p->path;
	size_t folder = (size_t)(strrchr(path, '/') - path);
	int r = 0;

	if (recorder->git_folder && strlen(recorder->git_folder) == folder &&
	    strncmp(recorder->git_folder, path, folder) == 0)
		return 0;
	git_context_done(&recorder->git);
	free(recorder->git_folder);
	recorder->git_folder = strndup(path, folder);
	(void)git_context_read(path, &recorder->git);
	if (recorder->git.repo) {
		recorder->git_busy = git_is_busy(recorder->git.repo, instant_now());
		git_log_read(recorder->git.repo, &recorder->git_log);
		if (recorder->handlers->repo(recorder->handlers->userdata, recorder->git.repo,
					     recorder->git.branch))
			r = record_unseen_switch(recorder, p, error);
	} else {
		recorder->git_busy = false;
		recorder->git_log = (struct git_log){ .committed_at = INSTANT_NONE };
	}
	return r;
}

/*
 * When a change can have happened at the earliest: a live one that was heard of in this turn of the loop, and is looked at for the first
 * time, not before the file's own time, else after the last look before it was heard of.
 */
static usec_t earliest(struct recorder *recorder, const struct pending *p, const struct look *look)
{
	bool fresh = look->origin == ORIGIN_LIVE && !p->seen && p->since >= recorder->turn;
	usec_t bound = fresh && look->modified > p->not_before ? look->modified : p->not_before;

	return bound < look->at ? bound : look->at;
}

static int record_reading(struct recorder *recorder, struct look *look,
			  const struct reading *reading, struct error *error)
{
	int r = begin(recorder, error);

	if (r < 0)
		return r;
	if (reading->problem[0])
		return record_unreadable(recorder->store, look, reading->problem, error);
	return record_content(recorder->store, look, reading->bytes, reading->length, error);
}

/* The last line that is not blank. */
static const char *last_line(const char *bytes, size_t length, size_t *ret)
{
	while (length > 0 && strchr(" \t\r\n", bytes[length - 1]))
		length--;
	const char *newline = memrchr(bytes, '\n', length);
	const char *line = newline ? newline + 1 : bytes;
	*ret = length - (size_t)(line - bytes);
	return line;
}

/* True where what is held lacks the end of what is recorded: the first part of a save, of which the rest was overwritten unseen. */
static int lacks_end(struct recorder *recorder, const struct pending *p, const char *path,
		     struct error *error)
{
	cleanup(file_row_done) struct file_row file = { 0 };
	cleanup_free char *bytes = NULL;
	size_t length, line_length;
	int r = store_file_by_path(recorder->store, path, &file, error);

	if (r == 0 && file.content)
		r = store_content_get(recorder->store, file.content, &bytes, &length, error);
	if (r < 0 || !bytes)
		return r == -ENOENT ? 0 : r;
	const char *line = last_line(bytes, length, &line_length);
	return !memmem(p->held, p->held_length, line, line_length);
}

/*
 * What was held and is now overwritten: a state that stood, if it was whole. The new bytes alone cannot tell: of two fast saves, the first
 * half of one may have been read and then the other. Nor is it whole where the end of what is recorded is missing: a save may open the
 * file twice.
 */
static int record_overwritten(struct recorder *recorder, struct pending *p, struct look *now,
			      const struct reading *reading, struct error *error)
{
	struct look then = *now;
	bool torn = p->held_length <= reading->length &&
		    memcmp(p->held, reading->bytes, p->held_length) == 0;
	int r;

	if (torn || !p->whole || reading->problem[0])
		return 0;
	r = lacks_end(recorder, p, now->moved_from ? now->moved_from : now->path, error);
	if (r != 0)
		return r < 0 ? r : 0;
	then.at = p->seen_at;
	then.believe_loss = true;
	r = record_content(recorder->store, &then, p->held, p->held_length, error);
	if (r < 0)
		return r;
	now->moved_from = NULL; /* recorded just now */
	now->not_before = then.at;
	/* What is there now was not there before: it has to stand as long as anything. */
	now->believe_loss = false;
	pending_wait_anew(p, monotonic());
	return 0;
}

/*
 * True where the watch has not told of a path since. The kernel queues an event before the writer's system call returns, so that where a
 * half was read, the truncation is in the queue. Where nothing was read, that may be on its way.
 */
static bool is_quiet_since(struct recorder *recorder, const struct pending *p, unsigned heard)
{
	recorder->handlers->hear(recorder->handlers->userdata);
	return p->heard == heard;
}

static void hold(struct recorder *recorder, struct pending *p, struct reading *reading, usec_t at)
{
	bool closed = !p->open && p->origin == ORIGIN_LIVE;

	pending_hold(&recorder->pending, p, &reading->bytes, reading->length, at);
	pending_wait(p, WAIT_LOSS, monotonic());
	p->heard_at_hold = p->heard_at_look;
	p->whole = is_quiet_since(recorder, p, p->heard_at_look) && closed && p->held_length > 0;
}

/* What was found before and is found again stood, where the watch has not told of it in between. */
static bool has_stood(struct recorder *recorder, const struct pending *p)
{
	return p->due > 0 && pending_is_due(p, monotonic()) &&
	       is_quiet_since(recorder, p, p->heard_at_hold);
}

static int look_at_missing(struct recorder *recorder, struct pending *p, struct look *look,
			   struct error *error)
{
	bool settled = p->reason == WAIT_GONE &&
		       (has_stood(recorder, p) || pending_waits_too_long(p, monotonic()));
	int r = begin(recorder, error);

	if (r < 0)
		return r;
	look->believe_loss = settled;
	if (settled)
		look->at = p->seen_at;
	r = record_absence(recorder->store, look, error);
	if (r != RECORD_LOSS)
		return r;
	if (p->reason != WAIT_GONE) {
		pending_release(p);
		p->seen_at = look->at;
	}
	pending_wait(p, WAIT_GONE, monotonic());
	p->heard_at_hold = p->heard_at_look;
	return r;
}

static int look_at_file(struct recorder *recorder, struct pending *p, struct look *look,
			struct reading *reading, struct error *error)
{
	int r = begin(recorder, error); /* now: questions and answer in one transaction */
	bool copied = false;
	cleanup_free char *from =
	    r < 0 || reading->problem[0]
		? NULL
		: moved_from(recorder->store, &recorder->missing, p->path, reading, &copied);
	bool as_held = pending_holds(p, reading->bytes, reading->length) && has_stood(recorder, p);
	bool too_long = p->reason == WAIT_LOSS && pending_waits_too_long(p, monotonic());

	if (copied && !from && look->origin == ORIGIN_LIVE && p->reason != WAIT_COPY) {
		pending_wait(p, WAIT_COPY, monotonic());
		return RECORD_LOSS;
	}
	look->device = reading->device;
	look->inode = reading->inode;
	look->modified = reading->modified;
	look->moved_from = from;
	look->not_before = earliest(recorder, p, look);
	look->believe_loss = as_held || too_long;
	if (as_held)
		look->at = p->seen_at;
	if (r == 0 && p->reason == WAIT_LOSS && p->held &&
	    !pending_holds(p, reading->bytes, reading->length))
		r = record_overwritten(recorder, p, look, reading, error);
	if (r == 0)
		r = record_reading(recorder, look, reading, error);
	if (r == RECORD_LOSS)
		hold(recorder, p, reading, look->at);
	if (r >= 0 && reading->passing) {
		if (p->reason != WAIT_READABLE)
			log_warning("%s: %s", p->path, reading->problem);
		pending_wait_readable(p, monotonic());
	}
	return r;
}

/* Reads and records one path. RECORD_LOSS: it stays pending. */
static int look_at(struct recorder *recorder, struct pending *p, enum origin origin,
		   struct error *error)
{
	cleanup_reading struct reading reading = { 0 };
	struct look look = { .path = p->path, .modified = INSTANT_NONE };
	int r, looked;

	p->heard_at_look = p->heard;
	looked = read_plan(p->path, &reading);
	look.at = instant_now(); /* afterwards: what was read had happened */
	/* What is held keeps the circumstances of the look that found it. */
	if (!p->seen)
		p->origin = origin;
	r = find_context(recorder, p, error);
	if (r < 0)
		return r;
	look.origin = p->origin;
	look.not_before = p->not_before;
	look.registered = recorder->handlers->registered(recorder->handlers->userdata, p->path);
	look.git = &recorder->git;
	look.switch_kept_files = recorder->git_log.switch_kept_files;
	look.committed_at = recorder->git_log.committed_at;
	if (!recorder->git_busy)
		p->git_since = 0;
	else if (pending_wait_for_git(p, monotonic()))
		return RECORD_LOSS;
	if (looked == -ENOENT)
		return look_at_missing(recorder, p, &look, error);
	if (looked < 0)
		return error_set(error, looked, "%s: cannot read: %s", p->path, strerror(-looked));
	return look_at_file(recorder, p, &look, &reading, error);
}

/* ---- Flushing ---- */

static void fail(struct recorder *recorder, const struct error *error)
{
	store_rollback(recorder->store);
	recorder->writing = false;
	if (strcmp(recorder->trouble.message, error->message) != 0)
		log_error("%s (trying again every %jd s; what is missed is caught up)",
			  error->message, (intmax_t)(RETRY_AFTER / USEC_PER_SEC));
	recorder->trouble = *error;
	recorder->broken = true;
	pending_drop_all(&recorder->pending);
}

void recorder_lapse(struct recorder *recorder, const char *cause, usec_t from, usec_t until,
		    const char *reason)
{
	struct observation gap = { .at = until, .not_before = from, .origin = ORIGIN_RESCAN };
	struct error error = { 0 };
	int r = store_begin(recorder->store, &error);

	if (r == 0)
		r = store_journal_add(recorder->store, &gap, EVENT_GAP, cause, reason, &error);
	if (r == 0)
		r = store_commit(recorder->store, &error);
	if (r < 0)
		fail(recorder, &error);
	else
		recorder->handlers->committed(recorder->handlers->userdata);
}

void recorder_look(struct recorder *recorder)
{
	recorder->looking = instant_now();
	recorder->turn = monotonic();
}

void recorder_doubt(struct recorder *recorder, usec_t since)
{
	if (since < recorder->looked)
		recorder->looked = since;
}

static int record_gap(struct recorder *recorder, enum origin origin, usec_t not_before,
		      const char *reason, struct error *error)
{
	struct observation gap = { .at = instant_now(),
				   .not_before = not_before,
				   .origin = origin };

	return store_journal_add(recorder->store, &gap, EVENT_GAP, NULL, reason, error);
}

int recorder_queue_known(struct recorder *recorder)
{
	struct error error = { 0 };

	return store_files(recorder->store, queue_known, recorder, &error);
}

void recorder_switch(struct recorder *recorder, const char *repo, const char *from, const char *to)
{
	struct observation observation = { .at = instant_now(),
					   .not_before = recorder->looked,
					   .origin = ORIGIN_LIVE,
					   .repo = repo,
					   .branch = to };
	struct error error = { 0 };

	if (record_switch(recorder, &observation, from, &error) < 0)
		fail(recorder, &error);
}

/* What the record could not see: told once, with the first change that was found behind it. */
static int record_owed_gap(struct recorder *recorder, struct error *error)
{
	int r = begin(recorder, error);

	if (r == 0)
		r = record_gap(recorder, recorder->owed.origin, recorder->owed.not_before,
			       recorder->owed.reason, error);
	recorder->owed.reason = NULL;
	recorder->owed.happened = false;
	return r;
}

static bool holds_of(const struct recorder *recorder, enum origin origin)
{
	const struct pending *p;

	TAILQ_FOREACH(p, &recorder->pending.list, entry)
	if (p->origin == origin)
		return true;
	return false;
}

/* What is heard of meanwhile is left to the next flush: under writers that never stop this one would not come to its end. */
static int flush_due(struct recorder *recorder, enum origin origin, struct error *error)
{
	const struct pending *last = TAILQ_LAST(&recorder->pending.list, pending_list);
	struct pending *next;

	for (struct pending *p = TAILQ_FIRST(&recorder->pending.list); p; p = next) {
		int r;

		next = p == last ? NULL : TAILQ_NEXT(p, entry);
		if (!pending_is_due(p, monotonic()))
			continue;
		r = look_at(recorder, p, origin, error);
		if (r < 0)
			return r;
		recorder->changes += r == RECORD_CHANGED || r == RECORD_FOUND;
		recorder->changes_of_known += r == RECORD_CHANGED;
		recorder->owed.happened |= r == RECORD_CHANGED && recorder->owed.reason &&
					   p->origin == recorder->owed.origin;
		p->seen = true;
		if (r != RECORD_LOSS && p->heard != p->heard_at_look)
			pending_begin_again(&recorder->pending, p, monotonic(), recorder->looked);
		/* What cannot be read yet is due later. */
		else if (r != RECORD_LOSS && pending_is_due(p, monotonic()))
			pending_drop(&recorder->pending, p);
	}
	return 0;
}

void recorder_flush(struct recorder *recorder, enum origin origin, const char *reason)
{
	struct error error = { 0 };
	usec_t now = instant_now();
	bool changed;
	int r;

	recorder->changes = recorder->changes_of_known = 0;
	/* Asked here, too: where nothing changes nothing is written. */
	r = !recorder->broken && store_is_lost(recorder->store) ? begin(recorder, &error) : 0;
	if (r == 0)
		r = flush_due(recorder, origin, &error);
	if (r == 0 && reason)
		recorder->owed = (struct owed_gap){
			.reason = reason,
			.origin = origin,
			.not_before = recorder->looked,
			.happened = origin == ORIGIN_RESCAN || recorder->changes_of_known,
		};
	if (r == 0 && recorder->owed.happened)
		r = record_owed_gap(recorder, &error);
	if (recorder->owed.reason && !holds_of(recorder, recorder->owed.origin))
		recorder->owed.reason = NULL;
	changed = recorder->changes > 0;
	if (r == 0 && recorder->writing)
		r = store_commit(recorder->store, &error);
	recorder->writing = false;
	git_context_done(&recorder->git);
	free(take(recorder->git_folder));
	missing_files_forget(&recorder->missing);
	if (r < 0) {
		fail(recorder, &error);
	} else {
		/* While the database cannot be written nothing that was seen is kept: the last look is the one before. */
		if (!recorder->broken) {
			if (recorder->trouble.code)
				log_info("the database can be written again");
			recorder->trouble = (struct error){ 0 };
			recorder->looked = recorder->looking < now ? recorder->looking : now;
			store_mark_looked(
			    recorder->store,
			    pending_recorded_until(&recorder->pending, recorder->looked));
		}
		if (changed)
			recorder->handlers->committed(recorder->handlers->userdata);
	}
	arm(recorder);
	recorder->handlers->settled(recorder->handlers->userdata);
}

void recorder_hurry(struct recorder *recorder)
{
	struct pending *p;

	TAILQ_FOREACH(p, &recorder->pending.list, entry)
	if (p->reason == WAIT_TOUCHED)
		p->due = 0;
}

int recorder_try_again(struct recorder *recorder, struct error *error)
{
	int r = 0;

	if (!recorder->broken)
		return 0;
	if (store_is_lost(recorder->store))
		r = store_reopen(recorder->store, error);
	if (r == 0)
		r = store_begin(recorder->store, error);
	if (r == 0)
		r = store_commit(recorder->store, error);
	if (r < 0)
		return r;
	recorder->broken = false;
	recorder->handlers->rescan(recorder->handlers->userdata);
	return recorder->broken
		   ? error_set(error, recorder->trouble.code, "%s", recorder->trouble.message)
		   : 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct recorder *recorder = userdata;
	struct error error = { 0 };

	(void)source;
	(void)usec;
	if (recorder->broken) {
		if (recorder_try_again(recorder, &error) < 0)
			arm(recorder);
	} else {
		recorder->turn = monotonic();
		recorder_flush(recorder, ORIGIN_LIVE, NULL);
	}
	return 0;
}

/* ---- Reconciling ---- */

struct reconciling {
	struct recorder *recorder;
	bool (*covered)(void *userdata, const char *path);
	void *userdata;
	bool watched; /* which files are asked for: all, or those that are not covered */
};

static int queue_if_missing(void *userdata, const struct file_row *row)
{
	struct reconciling *r = userdata;

	if (row->present && r->covered(r->userdata, row->path) &&
	    !pending_find(&r->recorder->pending, row->path))
		return recorder_queue(r->recorder, row->path, WATCH_GONE);
	return 0;
}

/* Collects the files whose `watched` is wrong: the walk must not change what it walks over. */
struct wrong {
	struct reconciling *reconciling;
	struct file_row *rows;
	size_t count;
};

static int collect_wrong(void *userdata, const struct file_row *row)
{
	struct wrong *wrong = userdata;
	struct file_row *grown;

	if (row->watched == wrong->reconciling->covered(wrong->reconciling->userdata, row->path))
		return 0;
	grown = reallocarray(wrong->rows, wrong->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	wrong->rows = grown;
	grown[wrong->count] = *row;
	grown[wrong->count].path = strdup(row->path);
	return grown[wrong->count++].path ? 0 : -ENOMEM;
}

static int mend_watched(struct recorder *recorder, struct wrong *wrong, struct error *error)
{
	int r = wrong->count ? begin(recorder, error) : 0;

	for (size_t i = 0; i < wrong->count; i++) {
		wrong->rows[i].watched = !wrong->rows[i].watched;
		if (r == 0)
			r = store_file_put(recorder->store, &wrong->rows[i], error);
		file_row_done(&wrong->rows[i]);
	}
	free(wrong->rows);
	return r;
}

int recorder_reconcile(struct recorder *recorder, bool (*covered)(void *userdata, const char *path),
		       void *userdata)
{
	struct reconciling reconciling = { recorder, covered, userdata, false };
	struct wrong wrong = { .reconciling = &reconciling };
	struct error error = { 0 };
	int r = store_files(recorder->store, collect_wrong, &wrong, &error);

	if (r == 0)
		r = mend_watched(recorder, &wrong, &error);
	if (r == 0)
		r = store_files(recorder->store, queue_if_missing, &reconciling, &error);
	if (r < 0)
		fail(recorder, &error);
	return r;
}

/* ---- Life ---- */

int recorder_new(struct recorder **ret, sd_event *event, struct store *store, usec_t looked,
		 const struct recorder_handlers *handlers)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	int r;

	if (!recorder)
		return -ENOMEM;
	*recorder = (struct recorder){
		.event = event,
		.store = store,
		/* The clock may have been set back since. */
		.looked = looked < instant_now() ? looked : instant_now(),
		.looking = instant_now(),
		.turn = monotonic(),
		.handlers = handlers,
	};
	pending_init(&recorder->pending);
	r = sd_event_add_time(event, &recorder->timer, CLOCK_MONOTONIC, 0, 1000, on_timer,
			      recorder);
	if (r < 0) {
		recorder_free(recorder);
		return r;
	}
	(void)sd_event_source_set_enabled(recorder->timer, SD_EVENT_OFF);
	*ret = recorder;
	return 0;
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	pending_drop_all(&recorder->pending);
	(void)sd_event_source_unref(recorder->timer);
	git_context_done(&recorder->git);
	free(recorder->git_folder);
	free(recorder);
}
