/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Git context: the working tree that a file lies in, its branch and commit, read from .git without running git. Nothing of the
 * repository is executed or written; what cannot be read is unknown, never an error.
 */
#ifndef PLANWATCH_GIT_H
#define PLANWATCH_GIT_H

struct git_context {
	char *repo;   /* top folder of the working tree; NULL outside of one */
	char *branch; /* NULL for a detached HEAD */
	char *
	    commit; /* 40 or 64 hexadecimal digits; NULL on a branch without commits, or where the reference is packed away */
};

/* Of the file at an absolute path. The caller ends *ret with git_context_done(). Returns 0 or -ENOMEM. */
int git_context_read(const char *path, struct git_context *ret);
void git_context_done(struct git_context *context);

#endif
