/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From "this path may have changed" to what is recorded: reads each file once, hands it to the library's recording, all that one
 * drain of the kernel's queue has brought in one transaction. A change that destroys (items gone, file empty or missing) is held
 * for a moment before it is believed, because editors truncate and replace, and git deletes and creates.
 */
#ifndef PLANWATCHD_RECORDER_H
#define PLANWATCHD_RECORDER_H

#include "watch.h"

#include "planwatch/store.h"

#include <systemd/sd-event.h>

struct recorder;

struct recorder_handlers {
	/* Something was committed: verdicts may have changed, and who follows the log wants to know. */
	void (*committed)(void *userdata);
	/* Something may have settled: ask recorder_has_settled(). */
	void (*settled)(void *userdata);
	/* The database could not be written for a while and can be again: all must be looked at again. */
	void (*rescan)(void *userdata);
	/* True where the path was registered by name: a plan whatever it contains. */
	bool (*registered)(void *userdata, const char *path);
	/* Queues what the watch has to tell by now. */
	void (*hear)(void *userdata);
	/*
	 * A plan lies in this working tree, on this branch (NULL: a detached HEAD). True where the tree is seen for the first time: it may
	 * have been switched while nobody looked.
	 */
	bool (*repo)(void *userdata, const char *repo, const char *branch);
	void *userdata;
};

/* Keeps references; `looked` is when the plans were last looked at before this start, INSTANT_NONE for never. */
int recorder_new(struct recorder **ret, sd_event *event, struct store *store, usec_t looked,
		 const struct recorder_handlers *handlers);
void recorder_free(struct recorder *recorder);

/* Queues a path; recorder_flush() reads it. -ENOMEM. */
int recorder_queue(struct recorder *recorder, const char *path, enum watch_change change);

/* Queues every known plan file at or below a path that is gone. */
int recorder_queue_below(struct recorder *recorder, const char *path);

/*
 * A working tree is on another branch: one event says so, and every plan in it is queued. `from` and `to`: "" for a detached HEAD; where
 * they are the same it was elsewhere for a moment, which is no event.
 */
void recorder_switch(struct recorder *recorder, const char *repo, const char *from, const char *to);

/* Reads and records all that is queued. What it finds has this origin; ORIGIN_RESCAN and ORIGIN_STARTUP with a gap for `reason`. */
void recorder_flush(struct recorder *recorder, enum origin origin, const char *reason);

/*
 * Time that passed for nobody (LAPSE_SUSPENDED, ...) goes on record as a gap, whether or not anything changed. `until` is before `from`
 * where the clock was set back.
 */
void recorder_lapse(struct recorder *recorder, const char *cause, usec_t from, usec_t until,
		    const char *reason);

/*
 * Before the kernel's queue is read to its end: what happened until now is in it, so that whatever is heard of after the next flush is
 * younger.
 */
void recorder_look(struct recorder *recorder);

/*
 * What is queued from here to the next flush can have happened from `since` on, though there was a look after that: it was no look at
 * these files.
 */
void recorder_doubt(struct recorder *recorder, usec_t since);

/* Queues every known file that is watched, to read it once more. */
int recorder_queue_known(struct recorder *recorder);

/* Reads at once what only waits for its writer to pause. */
void recorder_hurry(struct recorder *recorder);

/* Where the database could not be written it is tried again, now and not after some seconds. 0, or why it still cannot be. */
int recorder_try_again(struct recorder *recorder, struct error *error);

/*
 * For a barrier: what is queued or held at the time of the mark has settled when it was recorded, or replaced by something newer. So a
 * writer that never stops destroying holds up nobody else.
 */
uint64_t recorder_mark(struct recorder *recorder);
bool recorder_has_settled(const struct recorder *recorder, uint64_t mark);

/*
 * After all roots were scanned: known files that no root covers are not watched any more, the others were read, or are queued as
 * gone. `covered` tells whether a path lies below a root.
 */
int recorder_reconcile(struct recorder *recorder, bool (*covered)(void *userdata, const char *path),
		       void *userdata);

#endif
