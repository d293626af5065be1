/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what was read to what is recorded: bytes of a plan file are compared with its last revision, and what changed becomes
 * events, all inside the caller's transaction. The daemon, `planctl import` and the replays all come through here.
 */
#ifndef PLANWATCH_RECORD_H
#define PLANWATCH_RECORD_H

#include "planwatch/git.h"
#include "planwatch/store.h"

/*
 * Branches. Where the branch of the file's working tree is another one than at the last look, the file's content is git's doing and
 * no work: it makes no events. On a branch where the file was seen before, the plan continues from how it stood there; on another
 * one it is taken as it is. A keyframe holds how the items stand (store.h).
 */

/* One look at a file: the circumstances. */
struct look {
	const char *path;
	usec_t at;	   /* now */
	usec_t not_before; /* the last look before; INSTANT_NONE: unknown */
	usec_t modified;   /* the file's own time of modification; INSTANT_NONE */
	enum origin origin;
	int64_t device, inode;
	bool registered;	/* by name: a plan whatever it contains */
	bool believe_loss;	/* record also what destroys: items gone, file empty, plan gone */
	const char *moved_from; /* where a file was that this one continues, and is no more; NULL */
	const struct git_context *git;
	usec_t committed_at;	/* the last commit in the working tree; INSTANT_NONE: unknown */
	bool switch_kept_files; /* git's last switch changed no file (git_log_read()) */
	/*
	 * An import's history has branches: the observation whose state this content continues, where that is not the last one. The plans
	 * go back to it without an event, as after a switch. One without content: taken as it is. NULL: the last one.
	 */
	const struct observation *continues;
	/* In an import's history the file got another name; the store's file has the one of today. NULL */
	const char *renamed_from, *renamed_to;
};

enum record_result {
	RECORD_UNCHANGED, /* the same bytes again: nothing was written (law 3) */
	RECORD_FOUND,	  /* a plan that was not known before */
	RECORD_CHANGED,
	RECORD_NO_PLAN, /* neither known nor a plan by its content: nothing was written */
	RECORD_LOSS,	/* would destroy, and was not to be believed: nothing was written */
};

/* Returns an enum record_result or a negative errno; then the caller rolls back. */
int record_content(struct store *store, const struct look *look, const char *bytes, size_t length,
		   struct error *error);

/* The file is not there any more. RECORD_NO_PLAN where it was not known. */
int record_absence(struct store *store, const struct look *look, struct error *error);

/* The file is there and cannot be read (too large, no permission, not a regular file): a gap in the history of its plans. */
int record_unreadable(struct store *store, const struct look *look, const char *reason,
		      struct error *error);

#endif
