/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that planctl notify starts: its helper, a user's command for alerts, and what opens a plan. None through a shell. */
#ifndef PLANCTL_PROGRAM_H
#define PLANCTL_PROGRAM_H

#include "planwatch/error.h"

#include <stdlib.h>
#include <sys/types.h>

struct json;

/* What has been opened and must be waited for some time. Zeros are none. */
struct opened {
	pid_t *pids;
	size_t count;
};

/*
 * Starts words[0], looked for in PATH, with `in` and `out` as its standard input and output where they are not negative, in a session
 * of its own. 0 and *pid, which the caller waits for; -errno and a message.
 */
int program_start(char *const *words, int in, int out, pid_t *pid, struct error *error);

/* Starts what opens a file, and leaves it alone: it lives on after planctl. `token` (may be NULL) lets it come to the front. */
int program_open(struct opened *opened, char *const *words, const char *token, struct error *error);
/* Collects those that have ended. */
void program_collect(struct opened *opened);
static inline void opened_done(const struct opened *opened)
{
	free(opened->pids);
}

/* A run of a user's command for one alert. */
struct hook_run {
	pid_t pid; /* 0: none */
	int end;   /* readable when it has ended; -1 */
};

/* Starts it with the document on its standard input. */
int hook_start(struct hook_run *run, char *const *words, const struct json *document,
	       struct error *error);
/* Once `end` is readable. 0, or a negative errno and a message where the command did not exit with 0. */
int hook_result(struct hook_run *run, const char *name, struct error *error);
/* Kills it, and what it started in its session's group. */
void hook_kill(struct hook_run *run);

#endif
