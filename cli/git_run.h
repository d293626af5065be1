/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking git (DESIGN 7): the program itself, started without a shell, with an environment of our own, and so that nothing of the
 * repository runs: it may come from anywhere. Its configuration can name programs (core.fsmonitor, hooks, pagers, diff drivers,
 * gpg, remote helpers that fetch what a partial clone lacks); each is switched off by name, and no protocol is allowed. Each read
 * waits at most GIT_PATIENCE.
 */
#ifndef PLANCTL_GIT_RUN_H
#define PLANCTL_GIT_RUN_H

#include "planwatch/error.h"
#include "planwatch/instant.h"

#include <stdio.h>
#include <sys/types.h>

#define GIT_PATIENCE (60 * USEC_PER_SEC)

struct git_process {
	FILE *out;    /* what it says */
	int messages; /* what it complains */
	pid_t pid;
};

/*
 * Starts `git ARGUMENTS...` in a folder. It reads what git_say() sends. End it with git_end() or, when its answer does not matter
 * any more, git_abandon(). -ENOSYS: git is not installed.
 */
int git_start(struct git_process *ret, const char *folder, const char *const *arguments,
	      struct error *error);
int git_say(struct git_process *git, const char *bytes, size_t length, struct error *error);

/* Reads up to and without `delimiter`: 1, 0 at the end of all, -EREMOTEIO. getdelim(3)'s line and size. */
int git_read(struct git_process *git, int delimiter, char **line, size_t *size,
	     struct error *error);

/* 0 where it ended well; else -EREMOTEIO with its own words. Only after all was read. */
int git_end(struct git_process *git, struct error *error);
void git_abandon(struct git_process *git);

#endif
