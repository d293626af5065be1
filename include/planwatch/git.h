/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Git context: the working tree that a file lies in, its branch and commit, read from .git without running git. Nothing of the
 * repository is executed or written. What is not there, or not to be read by us, is unknown and no error; what cannot be read now
 * (-EIO, -EMFILE, -ENOMEM ...) is one: it must not pass for a detached HEAD.
 */
#ifndef PLANWATCH_GIT_H
#define PLANWATCH_GIT_H

#include "planwatch/instant.h"

#include <stdbool.h>

struct git_context {
	char *repo;   /* top folder of the working tree; NULL outside of one */
	char *branch; /* NULL for a detached HEAD */
	char *
	    commit; /* 40 or 64 hexadecimal digits; NULL on a branch without commits, or where the reference is packed away */
};

/* Of the file at an absolute path. The caller ends *ret with git_context_done(). Returns 0 or a negative errno, then *ret is empty. */
int git_context_read(const char *path, struct git_context *ret);
/* Of a working tree's top folder. Also -ENOENT where that is no working tree any more. */
int git_context_of(const char *repo, struct git_context *ret);
void git_context_done(struct git_context *context);

/*
 * True while git is in the middle of changing the files of a working tree: its index is locked, was written within the last
 * GIT_SETTLE, or a rebase is under way. A checkout writes the files first and HEAD last (git's builtin/checkout.c,
 * switch_branches()), so that HEAD does not tell the truth before.
 */
bool git_is_busy(const char *repo, usec_t now);
#define GIT_SETTLE (100 * (USEC_PER_SEC / 1000))

/* The folder that has the working tree's HEAD: .git, or .git/worktrees/NAME. The caller frees. NULL where there is none. */
char *git_folder(const char *repo);

/* The git folder that all working trees of the repository share. The caller frees. NULL where there is none. */
char *git_common_folder(const char *repo);

/* What the log of a working tree's HEAD (gitrepository-layout(5), logs/HEAD) says last. */
struct git_log {
	usec_t committed_at; /* the last commit made here; INSTANT_NONE: none in the last entries */
	bool
	    switch_kept_files; /* the last switch was to the commit that was checked out already, as with checkout -b */
};

/* Unknown things are INSTANT_NONE and false. */
void git_log_read(const char *repo, struct git_log *ret);

#endif
