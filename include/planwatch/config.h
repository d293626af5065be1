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
#include "planwatch/lint.h"

struct path_limits {
	char *name, *path;
	struct limits limits;
	unsigned set; /* which of them are given: bits, private to config.c */
};

struct config {
	char **roots;  /* [watch] root=, absolute; NULL-terminated */
	char **polled; /* [watch] poll=, absolute: what is there or below makes no events */
	char **places,
	    **prune; /* [watch] place=, prune=: instead of the built-in lists; NULL: not given */
	struct discover_rules rules; /* of the above */
	/* [limits], and what [limits NAME] says otherwise of the plans at or below its path; the last that fits a plan holds. */
	struct limits limits;
	struct path_limits *path_limits;
	size_t path_limit_count;
	struct quiet_hours *quiet; /* [quiet] hours= */
	size_t quiet_count;
	char **editor; /* [notify] editor=, the words of a command_fill(); NULL: not given */
	struct lint_severities lint; /* [lint] */
	/* Every setting that a file makes, in its order. */
	struct setting {
		char *section, *key, *value;
		int line;
	} * settings;
	size_t setting_count;
	char *path; /* of the file; NULL where there is none */
};

/* What holds for a plan. */
struct limits config_limits(const struct config *config, const char *path);

/* Each setting with the value that holds and where it is from: "FILE:LINE", or "default". One without a default is left out. */
int config_each(const struct config *config,
		int (*each)(void *userdata, const char *section, const char *key, const char *value,
			    const char *origin),
		void *userdata);

/*
 * Reads a file; `path` NULL for the usual one, whose absence is no error. On success the caller ends *ret with config_done().
 * -EINVAL with file and line.
 */
int config_load(struct config *ret, const char *path, struct error *error);
void config_done(struct config *config);

/*
 * Adds what a repository says of the rules of lint: a file that may hold nothing but [lint]. 1 where there is such a file, 0 where not;
 * -EINVAL with file and line.
 */
int config_load_lint(const char *path, struct lint_severities *severities, struct error *error);

/*
 * The places of our files, from the environment. Each returns a new string, NULL without memory, or where HOME (for the
 * socket XDG_RUNTIME_DIR) is not set. A relative XDG value is ignored, as the specification demands.
 */
char *config_default_path(void);   /* $XDG_CONFIG_HOME/planwatch/planwatch.conf */
char *config_default_db(void);	   /* $XDG_STATE_HOME/planwatch/planwatch.db */
char *config_default_socket(void); /* $XDG_RUNTIME_DIR/planwatch/socket */

#endif
