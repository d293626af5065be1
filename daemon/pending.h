/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The paths that are to be read, now or when they have settled, in the order of their changes; each stands there once. What is believed
 * when is told here, too: editors truncate and replace, git deletes and creates, and a writer may keep its file open.
 *
 * Times are of CLOCK_MONOTONIC, where nothing else is said.
 */
#ifndef PLANWATCHD_PENDING_H
#define PLANWATCHD_PENDING_H

#include "watch.h"

#include "planwatch/instant.h"
#include "planwatch/store.h"

#include <sys/queue.h>

enum wait_reason {
	WAIT_NOTHING,  /* read it now */
	WAIT_TOUCHED,  /* its writer has it open */
	WAIT_LOSS,     /* what was read would destroy: `held` */
	WAIT_GONE,     /* it is missing */
	WAIT_READABLE, /* it is there and cannot be read now: no event tells when it can */
	WAIT_COPY, /* it is new, and the same as another plan: that may go away now, as with mv to another file system */
};

struct pending {
	TAILQ_ENTRY(pending) entry;
	enum wait_reason reason;
	uint64_t number; /* rises with what is found: of the state that is held or to be read */
	usec_t since, due;
	/* Since when git is changing files of its working tree, and this one is not looked at, whatever it waits for; 0: git is not. */
	usec_t git_since;
	usec_t seen_at; /* when what is held was seen, by the clock */
	unsigned heard; /* how often the watch told of it */
	unsigned heard_at_look,
	    heard_at_hold; /* so often before the last look, and that which found what is held */
	unsigned looks;	   /* that found it so, one after the other */
	bool open;	   /* to be closed yet, by what the watch told last */
	bool whole; /* what is held was no half of a save: nobody was writing when it was read */
	usec_t
	    not_before; /* when everything was looked at last before this was heard of, by the clock */
	enum origin origin;
	bool seen;  /* looked at: `origin` stays that of the first look */
	char *held; /* bytes, with WAIT_LOSS */
	size_t held_length;
	char path[];
};

struct pending_set {
	TAILQ_HEAD(pending_list, pending) list;
	void *paths;	 /* a tree of tsearch(3) */
	uint64_t number; /* the highest of them, and of those that have gone */
};

void pending_init(struct pending_set *set);
void pending_drop(struct pending_set *set, struct pending *p);
void pending_drop_all(struct pending_set *set);

/* NULL for none. */
struct pending *pending_find(const struct pending_set *set, const char *path);

/* The watch tells of a path: `looked` is when everything was looked at last. -ENOMEM. */
int pending_hear(struct pending_set *set, const char *path, enum watch_change change, usec_t now,
		 usec_t looked);

/* The watch has told of it again since it was read: what is there now is another state. */
void pending_begin_again(struct pending_set *set, struct pending *p, usec_t now, usec_t looked);

/* It is looked at again when it has stood as it is; how long that takes is the reason's. */
void pending_wait(struct pending *p, enum wait_reason reason, usec_t now);

/* The longest that it may wait begins now. */
void pending_wait_anew(struct pending *p, usec_t now);

/* It cannot be read: it is looked at again after as long as it could not be already, from seconds to an hour. */
void pending_wait_readable(struct pending *p, usec_t now);

/* Not to be looked at now: git is at work. False where git had its time: a lock that is older was left behind by a crash. */
bool pending_wait_for_git(struct pending *p, usec_t now);

/* Keeps what was read and would destroy, seen at `at`, by the clock; takes the bytes where they are others than those that are held. */
void pending_hold(struct pending_set *set, struct pending *p, char **bytes, size_t length,
		  usec_t at);
void pending_release(struct pending *p);
bool pending_holds(const struct pending *p, const char *bytes, size_t length);

bool pending_is_due(const struct pending *p, usec_t now);

/* Destroyed and made whole again and again: it is believed now. */
bool pending_waits_too_long(const struct pending *p, usec_t now);

/* Of all of them; INT64_MAX for none. */
usec_t pending_next_due(const struct pending_set *set);

/*
 * Until then everything is on record, by the clock: what waits was not, when it was heard of; but for what cannot be read, of which that
 * is on record. At most `looked`.
 */
usec_t pending_recorded_until(const struct pending_set *set, usec_t looked);

#endif
