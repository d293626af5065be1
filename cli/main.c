/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl: asks the record, and talks to the daemon. */
#include "cli.h"

#include "planwatch/ipc.h"
#include "planwatch/text.h"

#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* `sync` waits for held changes, at most two seconds; the rest is answered at once. */
#define CALL_TIMEOUT (30 * USEC_PER_SEC)

/* In the order of the help: what people ask first comes first. */
static const struct command *const commands[] = {
	&command_status, &command_show,	   &command_log,	&command_diff,	  &command_stalled,
	&command_alerts, &command_ack,	   &command_snooze,	&command_explain, &command_wait,
	&command_config, &command_parse,   &command_checklist,	&command_lint,	  &command_new,
	&command_tick,	 &command_untick,  &command_approve,	&command_block,	  &command_complete,
	&command_watch,	 &command_unwatch, &command_roots,	&command_sync,	  &command_ping,
	&command_reload, &command_import,  &command_replay,	&command_notify,  &command_verify,
	&command_doctor, &command_setup,   &command_completion, &command_version,
};

static const struct command_option global_options[] = {
	OPTION("db", "FILE", db, "database (default: $XDG_STATE_HOME/planwatch/planwatch.db)"),
	OPTION("socket", "FILE", socket,
	       "the daemon's socket (default: $XDG_RUNTIME_DIR/planwatch/socket)"),
	OPTION("config", "FILE", config,
	       "configuration (default: $XDG_CONFIG_HOME/planwatch/planwatch.conf)"),
	OPTION("json", NULL, json, "one JSON document; streams one object a line"),
	OPTION("plain", NULL, plain, "lines with tabs, as in a pipe"),
	OPTION("color", "auto|always|never", color, "colours"),
	OPTION("utc", NULL, utc, "times in UTC"),
	OPTION("now", "TIME", now, "judge as of this time"),
	OPTION("quiet", NULL, quiet, "no remarks (-q)"),
	OPTION("verbose", NULL, verbose, "more to read (-v)"),
	OPTION("help", NULL, help, "this help (-h)"),
	OPTION("version", NULL, version, "the version"),
	{ 0 },
};

const struct command *cli_command(size_t i)
{
	return i < ARRAY_SIZE(commands) ? commands[i] : NULL;
}

const struct command_option *cli_global_options(void)
{
	return global_options;
}

/* ---- Errors and remarks ---- */

static struct json *envelope(struct cli *cli, struct json *data)
{
	struct json *json = json_object();

	json_add_int(json, "schema_version", 1);
	json_add_text(json, "kind", cli->command ? cli->command->name : "planctl");
	json_add_instant(json, "generated_at", cli->now);
	if (data)
		json_add(json, "data", data);
	else
		json_add_null(json, "data");
	json_add(json, "warnings", cli->warnings ? take(cli->warnings) : json_array());
	if (cli->coverage)
		json_add(json, "coverage", take(cli->coverage));
	return json;
}

int cli_fail_memory(void)
{
	(void)fputs("planctl: out of memory\n", stderr);
	return EXIT_USAGE;
}

int cli_print_line(const struct json *json)
{
	cleanup_free char *text = json_print(json);

	if (!text)
		return cli_fail_memory();
	return puts(text) < 0 ? EXIT_USAGE : EXIT_DONE;
}

int cli_print_json(struct cli *cli, struct json *data)
{
	cleanup_json struct json *json = envelope(cli, data);

	return cli_print_line(json);
}

int cli_fail(struct cli *cli, int exit_code, const struct error *error)
{
	cleanup_free char *message = text_printable(error->message);

	if (cli->options.json) {
		cleanup_json struct json *json = envelope(cli, NULL);
		struct json *details = json_add_object(json, "error");
		json_add_int(details, "code", exit_code);
		json_add_text(details, "message", error->message);
		(void)cli_print_line(json);
		(void)fflush(stdout); /* in front of the message, where both go to one file */
	}
	(void)fprintf(stderr, "planctl: %s\n", message ? message : "out of memory");
	return exit_code;
}

int cli_exit_code(const struct error *error)
{
	switch (-error->code) {
	case ECONNREFUSED:
	case ETIMEDOUT:
	case ECONNRESET:
		return EXIT_NO_DAEMON;
	case ENOENT:
		return EXIT_NOT_FOUND;
	case EBADMSG:
	case EPROTO:
	case EBUSY:
	case EIO:
	case ENOSPC:
	case EACCES:
		return EXIT_DATABASE;
	default:
		return EXIT_USAGE;
	}
}

void cli_warn(struct cli *cli, const char *format, ...)
{
	cleanup_free char *message = NULL, *printable = NULL;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vasprintf(&message, format, arguments);
	va_end(arguments);
	if (n >= 0 && !cli->warnings)
		cli->warnings = json_array();
	if (n < 0 || !cli->warnings) {
		(void)cli_fail_memory();
		return;
	}
	json_add_text(cli->warnings, NULL, message);
	printable = text_printable(message);
	if (!cli->options.quiet && !cli->options.json)
		(void)fprintf(stderr, "planctl: %s\n", printable ? printable : "out of memory");
}

static int usage(struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int usage(struct cli *cli, const char *format, ...)
{
	struct error error = { .code = -EINVAL };
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(error.message, sizeof(error.message), format, arguments);
	va_end(arguments);
	(void)cli_fail(cli, EXIT_USAGE, &error);
	if (cli->command)
		(void)fprintf(stderr, "Try `planctl %s --help`.\n", cli->command->name);
	else
		(void)fputs("Try `planctl --help`.\n", stderr);
	return EXIT_USAGE;
}

/* ---- The store and the daemon ---- */

int cli_open_store(struct cli *cli)
{
	struct error error = { 0 };

	if (!cli->db_path)
		(void)error_set(&error, -EINVAL,
				"HOME is not set: say where the database is with --db FILE");
	else if (store_open(&cli->store, cli->db_path, STORE_READ, &error) == -ENOENT)
		(void)error_set(
		    &error, -ENOENT,
		    "%s: no database yet; start `planwatchd FOLDER` on your plans, or read one file with `planctl parse FILE`",
		    cli->db_path);
	return error.code ? cli_fail(cli, cli_exit_code(&error), &error) : 0;
}

int cli_assess(struct cli *cli, struct plan_row *row, struct verdict *ret,
	       struct worktime *ret_time, struct error *error)
{
	int r = cli->assessor.store
		    ? 0
		    : assessor_init(&cli->assessor, cli->store, &cli->config, error);

	return r < 0 ? r : assess(&cli->assessor, row, cli->now, ret, ret_time, error);
}

bool cli_daemon_runs(struct cli *cli)
{
	struct error error;
	int fd = cli->socket_path ? ipc_connect(cli->socket_path, &error) : -1;

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

bool cli_warn_without_daemon(struct cli *cli)
{
	usec_t looked = store_last_looked(cli->db_path);
	bool runs = cli_daemon_runs(cli);
	char time[INSTANT_MAX];

	if (!runs)
		cli_warn(cli, "planwatchd is not running: the history may have a gap since %s",
			 instant_format(looked, cli->options.utc, time));
	return runs;
}

int cli_call(struct cli *cli, const struct json *request, struct json **ret)
{
	cleanup(ipc_buffer_done) struct ipc_buffer buffer = { 0 };
	struct error error = { 0 };
	cleanup_close int fd = -1;

	if (!cli->socket_path) {
		(void)error_set(
		    &error, -ECONNREFUSED,
		    "XDG_RUNTIME_DIR is not set: say where the daemon's socket is with --socket FILE");
		return cli_fail(cli, EXIT_NO_DAEMON, &error);
	}
	fd = ipc_connect(cli->socket_path, &error);
	if (fd < 0 || ipc_call(fd, &buffer, request, CALL_TIMEOUT, ret, &error) < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	return 0;
}

/* ---- Plans by name ---- */

struct search {
	const char *name;
	char *path; /* the name as a path */
	int64_t id;
	int best; /* how well the found one matches: 3 exactly, 2 by its file name, 1 by a part of its path */
	size_t count; /* how many match so well */
	struct plan_row row;
};

static int match(const struct search *search, const struct plan_row *row)
{
	const char *slash = strrchr(row->path, '/'), *base = slash ? slash + 1 : row->path;
	size_t stem = strcspn(base, ".");

	if ((search->path && strcmp(row->path, search->path) == 0) || row->id == search->id)
		return 3;
	if (strcmp(base, search->name) == 0 ||
	    (strlen(search->name) == stem && strncmp(base, search->name, stem) == 0) ||
	    strcmp(row->title, search->name) == 0)
		return 2;
	return strstr(row->path, search->name) ? 1 : 0;
}

static int try_plan(void *userdata, const struct plan_row *row)
{
	struct search *search = userdata;
	int quality = match(search, row);

	if (quality == 0 || quality < search->best)
		return 0;
	search->count = quality == search->best ? search->count + 1 : 1;
	search->best = quality;
	if (search->count > 1)
		return 0;
	plan_row_done(&search->row);
	return plan_row_copy(row, &search->row);
}

int cli_find_plan(struct cli *cli, const char *name, struct plan_row *ret)
{
	cleanup_free char *path = cli_absolute(name);
	struct search search = { .name = name, .path = path };
	struct error error = { 0 };
	char *end;
	int r;

	search.id = strtoll(name, &end, 10);
	if (*end || end == name)
		search.id = 0;
	r = store_plans(cli->store, try_plan, &search, &error);
	if (r == 0 && search.count == 1) {
		*ret = search.row;
		return 0;
	}
	plan_row_done(&search.row);
	if (r < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	if (search.count > 1)
		(void)error_set(
		    &error, -EINVAL,
		    "%s: %zu plans match; give the path, or the id that `planctl status --json` tells",
		    name, search.count);
	else
		(void)error_set(&error, -ENOENT, "%s: no such plan; `planctl status` lists them",
				name);
	return cli_fail(cli, cli_exit_code(&error), &error);
}

char *cli_absolute(const char *path)
{
	cleanup_free char *folder = NULL;
	char *resolved = realpath(path, NULL), *joined = NULL;

	if (resolved || *path == '/')
		return resolved ? resolved : strdup(path);
	folder = getcwd(NULL, 0);
	return folder && asprintf(&joined, "%s/%s", folder, path) >= 0 ? joined : NULL;
}

/* ---- Help ---- */

static void print_options(const struct command_option *options)
{
	for (; options && options->name; options++) {
		size_t length = strlen(options->name) + 2;

		(void)printf("  --%s", options->name);
		if (options->argument)
			length += (size_t)printf(" %s", options->argument);
		/* One that is longer than its column has it for itself. */
		if (length > 18)
			(void)printf("\n%21s%s\n", "", options->help);
		else
			(void)printf("%*s%s\n", (int)(19 - length), "", options->help);
	}
}

static int print_help(const struct command *command)
{
	if (command) {
		(void)printf("Usage: planctl %s [OPTION]...%s%s\n\n%s.\n", command->name,
			     *command->arguments ? " " : "", command->arguments, command->summary);
		if (command->examples)
			(void)printf("\nExamples:\n%s", command->examples);
		if (command->options) {
			(void)puts("\nOptions:");
			print_options(command->options);
		}
		(void)puts("\nGlobal options are listed by `planctl --help`.");
		return EXIT_DONE;
	}
	(void)puts(
	    "Usage: planctl [OPTION]... COMMAND [ARGUMENT]...\n\n"
	    "Asks what planwatchd has recorded of your ExecPlans.\n\n"
	    "Examples:\n"
	    "  planctl status                  who needs me now?\n"
	    "  planctl log --follow            the ticks as they happen\n"
	    "  planctl show add-parser         one plan: its items, when each was done\n"
	    "  planctl parse PLAN.md --json    a file as JSON, without daemon and database\n\n"
	    "Commands:");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		(void)printf("  %-18s %s\n", commands[i]->name, commands[i]->summary);
	(void)puts("\nGlobal options, before or after the command:");
	(void)puts("  -C DIR             act as if started in DIR");
	print_options(global_options);
	(void)puts(
	    "\nExit codes: 0 done, 1 findings, 2 usage or internal error, 3 no daemon, 4 not found,\n"
	    "5 database, 124 timed out, 130 interrupted.");
	return EXIT_DONE;
}

/* ---- Options ---- */

#define OPTIONS_MAX 32

static size_t add_options(const struct command_option *from, const struct command_option **entries,
			  struct option *options, size_t n)
{
	for (; from && from->name && n < OPTIONS_MAX; from++, n++) {
		entries[n] = from;
		options[n] =
		    (struct option){ from->name, from->argument ? required_argument : no_argument,
				     NULL, 0 };
	}
	return n;
}

static void set_option(struct options *options, const struct command_option *entry,
		       const char *value)
{
	char *slot = (char *)options + entry->offset;

	if (entry->argument)
		*(const char **)(void *)slot = value;
	else
		*(bool *)(void *)slot = true;
}

static bool has_option(const struct command *command, const char *name)
{
	for (const struct command_option *o = command ? command->options : NULL; o && o->name; o++)
		if (strcmp(o->name, name) == 0)
			return true;
	return false;
}

/* Reads the options in argv[1..]; `command` NULL: only global ones, up to the command's name. 0 or an exit code. */
static int read_options(struct cli *cli, const struct command *command, int argc, char **argv)
{
	const struct command_option *entries[OPTIONS_MAX];
	struct option options[OPTIONS_MAX + 1] = { 0 };
	size_t n = add_options(global_options, entries, options, 0);
	int index = -1, option;

	(void)add_options(command ? command->options : NULL, entries, options, n);
	optind = 0; /* glibc: start again, also between two calls (getopt(3)) */
	opterr = 0;
	while ((option = getopt_long(argc, argv, command ? "hiqvC:" : "+hqvC:", options, &index)) !=
	       -1) {
		switch (option) {
		case 0:
			set_option(&cli->options, entries[index], optarg);
			break;
		case 'h':
			cli->options.help = true;
			break;
		case 'i':
			if (!has_option(command, "in-place"))
				return usage(cli, "unknown or incomplete option: -i");
			cli->options.in_place = true;
			break;
		case 'q':
			cli->options.quiet = true;
			break;
		case 'v':
			cli->options.verbose = true;
			break;
		case 'C':
			cli->options.folder = optarg;
			break;
		default:
			return usage(cli, "unknown or incomplete option: %s", argv[optind - 1]);
		}
	}
	return 0;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* Letters of `name` that a command's name has too, in order: enough to guess at a slip of the finger. */
static const char *guess_command(const char *name)
{
	const char *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		size_t common = 0;
		const char *letter = name;
		for (const char *c = commands[i]->name; *c; c++) {
			const char *hit = strchr(letter, *c);
			if (*letter && hit && hit - letter <= 1) {
				common++;
				letter = hit + 1;
			}
		}
		if (common > most && common * 3 >= strlen(name) * 2) {
			most = common;
			best = commands[i]->name;
		}
	}
	return best;
}

static int set_color(struct cli *cli)
{
	const char *when = cli->options.color ? cli->options.color : "auto", *term = getenv("TERM"),
		   *no_color = getenv("NO_COLOR");
	bool wanted =
	    cli->terminal && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;

	if (strcmp(when, "always") == 0)
		cli->color = true;
	else if (strcmp(when, "never") == 0)
		cli->color = false;
	else if (strcmp(when, "auto") == 0)
		cli->color = wanted;
	else
		return usage(cli, "--color %s: expected auto, always or never", when);
	return 0;
}

static const char *either(const char *option, const char *variable)
{
	const char *value = getenv(variable);

	return option ? option : value && *value ? value : NULL;
}

/* What all commands need: paths, configuration, the clock. 0 or an exit code. */
static int prepare(struct cli *cli)
{
	const struct options *o = &cli->options;
	const char *db, *socket;
	struct error error = { 0 };

	if (o->folder && chdir(o->folder) < 0) {
		(void)error_set(&error, -errno, "%s: %s", o->folder, strerror(errno));
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	db = either(o->db, "PLANWATCH_DB");
	socket = either(o->socket, "PLANWATCH_SOCKET");
	cli->db_path = db ? cli_absolute(db) : config_default_db();
	cli->socket_path = socket ? cli_absolute(socket) : config_default_socket();
	if (config_load(&cli->config, either(o->config, "PLANWATCH_CONFIG"), &error) < 0)
		return cli_fail(cli, EXIT_USAGE, &error);
	if (o->now && instant_parse(o->now, cli->now, &cli->now) < 0)
		return usage(
		    cli,
		    "--now %s: not a time; write 2026-01-02T03:04:05Z, or 2h for two hours ago",
		    o->now);
	cli->terminal = isatty(STDOUT_FILENO) && !o->plain && !o->json;
	return set_color(cli);
}

static int dispatch(struct cli *cli, int argc, char **argv)
{
	int r = read_options(cli, NULL, argc, argv), first = optind, count;
	const char *name = r == 0 && first < argc ? argv[first] : NULL;

	if (r != 0)
		return r;
	if (cli->options.version)
		return command_version.run(cli, 0, NULL);
	if (!name && cli->options.help)
		return print_help(NULL);
	if (!name)
		return usage(cli, "no command given");
	cli->command = find_command(name);
	if (!cli->command) {
		const char *guess = guess_command(name);
		return usage(cli, "%s: no such command%s%s%s", name,
			     guess ? "; did you mean `" : "", guess ? guess : "",
			     guess ? "`?" : "");
	}
	r = read_options(cli, cli->command, argc - first, argv + first);
	if (r != 0)
		return r;
	if (cli->options.help)
		return print_help(cli->command);
	count = argc - first - optind;
	if (count < cli->command->min_arguments ||
	    (cli->command->max_arguments >= 0 && count > cli->command->max_arguments))
		return usage(cli, "expected: planctl %s %s", cli->command->name,
			     cli->command->arguments);
	argv += first + optind;
	r = prepare(cli);
	return r ? r : cli->command->run(cli, count, argv);
}

/* A full disk shows when what was printed is written: on the way, or with the last byte. */
static int end_output(int status)
{
	bool lost = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) == 0 && !lost)
		return status;
	(void)fprintf(stderr, "planctl: standard output: %s\n",
		      errno ? strerror(errno) : "not all of it could be written");
	return status == EXIT_DONE ? EXIT_USAGE : status;
}

int main(int argc, char **argv)
{
	struct cli cli = { .now = instant_now() };
	int status;

	(void)setlocale(LC_CTYPE, "");
	status = dispatch(&cli, argc, argv);
	status = end_output(status);
	store_close(cli.store);
	config_done(&cli.config);
	json_free(cli.warnings);
	free(cli.db_path);
	free(cli.socket_path);
	assessor_done(&cli.assessor);
	return status;
}
