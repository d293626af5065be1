/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration: planwatch.conf(5), an INI file as systemd's users know it, and where our files are (XDG Base Directory
 * Specification). A wrong value is an error with file and line; nothing is guessed.
 */
#ifndef PLANWATCH_CONFIG_H
#define PLANWATCH_CONFIG_H

#include "planwatch/discover.h"
#include "planwatch/error.h"
#include "planwatch/judge.h"

struct config {
	char **roots;  /* [watch] root=, absolute; NULL-terminated */
	char **polled; /* [watch] poll=, absolute: what is there or below makes no events */
	char **places,
	    **prune; /* [watch] place=, prune=: instead of the built-in lists; NULL: not given */
	struct discover_rules rules; /* of the above */
	struct judge_limits limits;  /* [limits] stall_after= */
};

/*
 * Reads a file; `path` NULL for the usual one, whose absence is no error. On success the caller ends *ret with config_done().
 * -EINVAL with file and line.
 */
int config_load(struct config *ret, const char *path, struct error *error);
void config_done(struct config *config);

/*
 * The places of our files, from the environment. Each returns a new string, NULL without memory, or where HOME (for the
 * socket XDG_RUNTIME_DIR) is not set. A relative XDG value is ignored, as the specification demands.
 */
char *config_default_path(void);   /* $XDG_CONFIG_HOME/planwatch/planwatch.conf */
char *config_default_db(void);	   /* $XDG_STATE_HOME/planwatch/planwatch.db */
char *config_default_socket(void); /* $XDG_RUNTIME_DIR/planwatch/socket */

#endif
