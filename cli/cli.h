/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * planctl's frame: what every command gets, and the table entry by which it describes itself. Help, the completion of names and
 * the parsing of options come from these entries alone.
 */
#ifndef PLANCTL_CLI_H
#define PLANCTL_CLI_H

#include "planwatch/assess.h"
#include "planwatch/cleanup.h"
#include "planwatch/config.h"
#include "planwatch/error.h"
#include "planwatch/git.h"
#include "planwatch/instant.h"
#include "planwatch/json.h"
#include "planwatch/store.h"

#include <stdbool.h>
#include <stddef.h>

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FINDINGS = 1,
	EXIT_USAGE = 2,
	EXIT_NO_DAEMON = 3,
	EXIT_NOT_FOUND = 4,
	EXIT_DATABASE = 5,
	EXIT_TIMED_OUT = 124,
};

/* Every option of every command, and the global ones. A flag is a bool, an option with a value a string. */
struct options {
	const char *db, *socket, *config, *folder, *color, *now;
	bool json, plain, utc, quiet, verbose, help, version;
	const char *duration, *timeout;
	const char *since, *until, *at, *kind, *repo, *item, *limit, *format, *step, *from;
	bool follow, exit_code, once, text, watch, show_origin, test;
	const char *dir, *exec;
	bool git, all;
	bool yes, undo;
	bool init, in_place;
	const char *by, *reason, *part;
	bool fix, diff;
	const char *explain;
};

struct command;

struct cli {
	const struct command *command;
	struct options options;
	struct config config;
	char *db_path, *socket_path; /* NULL where the environment names none */
	struct store *store;	     /* after cli_open_store() */
	usec_t now;
	bool terminal; /* a person reads standard output: tables, bars */
	bool color;
	struct json *warnings, *coverage; /* for the JSON envelope; NULL: none */
	struct assessor assessor;	  /* of cli_assess() */
};

struct command_option {
	const char *name;
	const char *argument; /* NULL for a flag */
	const char *help;
	size_t offset; /* in struct options */
};

struct command {
	const char *name;
	const char *arguments; /* "[PLAN]..." */
	const char *summary;
	const char *examples;		      /* lines for --help */
	const struct command_option *options; /* ends with a NULL name; NULL: none */
	int min_arguments, max_arguments;     /* -1: no limit */
	int (*run)(struct cli *cli, int argc, char **argv);
};

#define OPTION(name_, argument_, member, help_)                           \
	{                                                                 \
		name_, argument_, help_, offsetof(struct options, member) \
	}

extern const struct command command_ack, command_alerts, command_checklist, command_completion,
    command_config, command_explain, command_snooze, command_wait, command_diff, command_doctor,
    command_import, command_lint, command_log, command_notify, command_parse, command_ping,
    command_reload, command_replay, command_roots, command_setup, command_show, command_stalled,
    command_status, command_sync, command_unwatch, command_verify, command_version, command_watch,
    command_tick, command_untick, command_approve, command_block, command_complete, command_new;

/* The commands in the order of the help, NULL beyond the last; the global options. For what describes planctl itself. */
const struct command *cli_command(size_t i);
const struct command_option *cli_global_options(void);

/* Prints JSON on a line of standard output, or says that memory is out. Returns the exit code. */
int cli_print_line(const struct json *json);

/* Says that memory is out. Returns the exit code. */
int cli_fail_memory(void);

/* Says what went wrong, on standard error or, with --json, in the envelope. Returns `exit_code`. */
int cli_fail(struct cli *cli, int exit_code, const struct error *error);

/* The exit code for an error of the store, the socket, or a file. */
int cli_exit_code(const struct error *error);

/* Opens the database for reading. 0, or the exit code after having said why. */
int cli_open_store(struct cli *cli);

/* assess() at cli->now, once the store is open. */
int cli_assess(struct cli *cli, struct plan_row *row, struct verdict *ret,
	       struct worktime *ret_time, struct error *error);

/* Says, where no daemon runs, so and since when the history may have a gap. True where one runs. */
bool cli_warn_without_daemon(struct cli *cli);

/* A remark: on standard error, and among the envelope's warnings. */
void cli_warn(struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool cli_daemon_runs(struct cli *cli);

/* Sends one request to the daemon. 0 and the answer, which the caller frees, or the exit code after having said why. */
int cli_call(struct cli *cli, const struct json *request, struct json **ret);

/* Prints the envelope around `data`, which is taken. Returns the exit code. */
int cli_print_json(struct cli *cli, struct json *data);

/*
 * The plan that a user means: an id, a path, a file name with or without its ending, or a part of the path that only one plan has. 0
 * and a copy, which the caller ends with plan_row_done(); else the exit code after having said why.
 */
int cli_find_plan(struct cli *cli, const char *name, struct plan_row *ret);

/* The absolute path that a user's argument names, links followed where it exists. NULL without memory. */
char *cli_absolute(const char *path);

#endif
