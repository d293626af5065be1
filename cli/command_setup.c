/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl setup: from nothing to a daemon that watches, step by step, each asked for; and back. */
#include "output.h"
#include "repositories.h"
#include "setup_config.h"

#include "planwatch/ipc.h"
#include "planwatch/text.h"

#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define CALL_TIMEOUT (30 * USEC_PER_SEC)

extern char **environ;

struct setup {
	struct cli *cli;
	struct json *steps; /* with --json */
	size_t failed;
	char *config_path;
	char **roots; /* chosen, NULL-terminated */
	size_t root_count;
};

/* ---- Asking and telling ---- */

/* What a step came to; told, and counted where it failed. */
static void __attribute__((format(printf, 4, 5)))
tell(struct setup *setup, const char *step, bool good, const char *format, ...)
{
	cleanup_free char *message = NULL;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vasprintf(&message, format, arguments);
	va_end(arguments);
	if (n < 0)
		message = NULL;
	setup->failed += !good;
	if (setup->cli->options.json) {
		struct json *json = json_add_object(setup->steps, NULL);
		json_add_text(json, "step", step);
		json_add_bool(json, "done", good);
		json_add_text(json, "message", message);
		return;
	}
	(void)fputs(good ? "" : "not done: ", stdout);
	print_text(setup->cli, message ? message : "out of memory", 0);
	(void)putchar('\n');
}

/* With --yes, or by a person; anything but a yes is a no. */
static bool ask(const struct setup *setup, const char *question)
{
	char line[16];

	if (setup->cli->options.yes)
		return true;
	(void)printf("%s [y/n] ", question);
	(void)fflush(stdout);
	return fgets(line, sizeof(line), stdin) && (*line == 'y' || *line == 'Y');
}

/* For a person; each line made printable. */
static void __attribute__((format(printf, 2, 3)))
show(const struct setup *setup, const char *format, ...)
{
	cleanup_free char *text = NULL;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (n < 0)
		text = NULL;
	for (char *rest = text, *line;
	     !setup->cli->options.json && rest && (line = strsep(&rest, "\n"));) {
		print_text(setup->cli, line, 0);
		if (rest)
			(void)putchar('\n');
	}
}

/* ---- Programs ---- */

/*
 * Runs a program in the foreground, as a shell would, and waits for it: systemctl has systemd's own time limits. Its exit status;
 * -ENOENT where it is not installed.
 */
static int run_program(const struct setup *setup, char *const *arguments)
{
	posix_spawn_file_actions_t actions;
	int r, status = 0;
	pid_t pid;

	(void)fflush(stdout);
	(void)posix_spawn_file_actions_init(&actions);
	/* Standard output is the document's alone. */
	if (setup->cli->options.json)
		(void)posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	r = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (r != 0)
		return -r;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Shows the command, asks, runs it. */
static void run_step(struct setup *setup, const char *step, char *const *arguments)
{
	int r;

	show(setup, "\n   ");
	for (char *const *word = arguments; *word; word++)
		show(setup, " %s", *word);
	show(setup, "\n\n");
	if (!ask(setup, "Run this?"))
		return;
	r = run_program(setup, arguments);
	if (r == 0)
		tell(setup, step, true, "done");
	else if (r < 0)
		tell(setup, step, false, "%s: %s", arguments[0], strerror(-r));
	else
		tell(setup, step, false, "%s ended with %d", arguments[0], r);
}

static bool has_screen(void)
{
	return getenv("DISPLAY") || getenv("WAYLAND_DISPLAY");
}

/* `verb`: enable or disable. Where there is no screen the notifier would only wait for one. */
static void change_units(struct setup *setup, const char *verb)
{
	bool notifier = has_screen() || strcmp(verb, "disable") == 0;
	char systemctl[] = "systemctl", user[] = "--user", now[] = "--now",
	     socket[] = "planwatchd.socket", service[] = "planwatchd.service",
	     notify[] = "planwatch-notify.service";
	cleanup_free char *copy = strdup(verb);
	char *arguments[] = { systemctl, user, copy, now, socket, service, notifier ? notify : NULL,
			      NULL };

	if (copy)
		run_step(setup, "units", arguments);
	if (!notifier)
		tell(setup, "notifier", true,
		     "no screen here: planwatch-notify.service is left as it is");
}

/* ---- What would be watched ---- */

static bool is_below(const char *path, const char *root)
{
	size_t length = strlen(root);

	return strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static int choose(struct setup *setup, const char *path)
{
	char **grown = reallocarray(setup->roots, setup->root_count + 2, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	setup->roots = grown;
	grown[setup->root_count] = strdup(path);
	grown[setup->root_count + 1] = NULL;
	if (!grown[setup->root_count])
		return -ENOMEM;
	setup->root_count++;
	return 0;
}

static int compare_root(void *userdata, const char *path, usec_t added_at)
{
	(void)added_at;
	return is_below(userdata, path);
}

/* By the configuration, by what was registered, or by one that has just been chosen. */
static bool is_watched(struct setup *setup, const char *path)
{
	struct cli *cli = setup->cli;
	struct error error = { 0 };

	for (size_t i = 0; cli->config.roots && cli->config.roots[i]; i++)
		if (is_below(path, cli->config.roots[i]))
			return true;
	for (size_t i = 0; i < setup->root_count; i++)
		if (is_below(path, setup->roots[i]))
			return true;
	cleanup_free char *copy = strdup(path);
	return copy && cli->store && store_roots(cli->store, compare_root, copy, &error) == 1;
}

static void show_repository(const struct setup *setup, const struct repository *row, bool watched)
{
	cleanup_free char *path = text_printable(row->path);
	const char *remark = watched			     ? "   (watched already)"
			     : setup_config_holds(row->path) ? ""
							     : "   (left out: say planctl watch)";

	show(setup, "  %4u %-5s %4u open   %s%s\n", row->plans, row->plans == 1 ? "plan" : "plans",
	     row->open, path ? path : "", remark);
}

/* What is found below `folder` is shown and chosen; a folder that was named is watched as it is. 0, or an exit code. */
static int look_below(struct setup *setup, const char *folder, bool named)
{
	cleanup(repositories_done) struct repositories found = { 0 };
	struct error error = { 0 };
	int r = repositories_find(folder, &setup->cli->config.rules, &found, &error);

	if (r < 0)
		return cli_fail(setup->cli, cli_exit_code(&error), &error);
	for (size_t i = 0; i < found.count && r == 0; i++) {
		bool watched = is_watched(setup, found.rows[i].path);
		show_repository(setup, &found.rows[i], watched);
		if (!watched && !named && setup_config_holds(found.rows[i].path))
			r = choose(setup, found.rows[i].path);
	}
	if (r == 0 && named && !is_watched(setup, folder))
		r = choose(setup, folder);
	if (r < 0) {
		(void)error_set(&error, r, "out of memory");
		return cli_fail(setup->cli, EXIT_USAGE, &error);
	}
	return 0;
}

static int look(struct setup *setup, int argc, char **argv)
{
	struct error error = { 0 };
	const char *home = getenv("HOME");
	int r = 0;

	if (argc == 0 && (!home || *home != '/')) {
		(void)error_set(&error, -EINVAL, "HOME is not set: name a folder");
		return cli_fail(setup->cli, EXIT_USAGE, &error);
	}
	if (argc == 0) {
		show(setup, "Plans below %s:\n", home);
		return look_below(setup, home, false);
	}
	for (int i = 0; i < argc && r == 0; i++) {
		cleanup_free char *folder = cli_absolute(argv[i]);
		if (folder)
			r = look_below(setup, folder, true);
	}
	return r;
}

/* ---- Steps ---- */

static int write_configuration(struct setup *setup)
{
	cleanup(setup_config_done) struct setup_config config = { 0 };
	const char *const *roots = (const char *const *)setup->roots;
	struct error error = { 0 };
	int r;

	if (setup->root_count == 0) {
		tell(
		    setup, "configuration", true,
		    "nothing new to watch; planctl setup FOLDER watches a folder without plans, too");
		return 0;
	}
	r = setup_config_make(setup->config_path, roots, &config, &error);
	if (r == 0) {
		show(setup, "\n%s gets:\n\n%s\n", config.path, config.block);
		if (!ask(setup, "Write this?"))
			return 0;
		r = setup_config_write(&config, roots, &error);
	}
	if (r < 0)
		return cli_fail(setup->cli, EXIT_USAGE, &error);
	tell(setup, "configuration", true, "written");
	return 0;
}

static int call(const struct setup *setup, const char *method, struct json **answer,
		struct error *error)
{
	cleanup(ipc_buffer_done) struct ipc_buffer buffer = { 0 };
	cleanup_json struct json *request = json_object();
	cleanup_close int fd = setup->cli->socket_path
				   ? ipc_connect(setup->cli->socket_path, error)
				   : error_set(error, -ECONNREFUSED, "XDG_RUNTIME_DIR is not set");

	json_add_text(request, "method", method);
	return fd < 0 ? fd : ipc_call(fd, &buffer, request, CALL_TIMEOUT, answer, error);
}

/* A daemon that ran before has to read its configuration again; either way it must keep the record that planctl reads. */
static void check_daemon(struct setup *setup)
{
	cleanup_json struct json *reloaded = NULL, *pong = NULL;
	struct error error = { 0 };
	const char *db;

	if (call(setup, "reload", &reloaded, &error) < 0 ||
	    call(setup, "ping", &pong, &error) < 0) {
		tell(setup, "daemon", false, "%s", error.message);
		return;
	}
	db = json_get_text(pong, "db");
	if (db && setup->cli->db_path && strcmp(db, setup->cli->db_path) != 0)
		tell(
		    setup, "daemon", false,
		    "planwatchd keeps its record in %s, planctl reads %s; is XDG_STATE_HOME set for one of them only?",
		    db, setup->cli->db_path);
	else
		tell(setup, "daemon", true, "planwatchd watches");
}

static void test_notification(struct setup *setup)
{
	char self[PATH_MAX], notify[] = "notify", test[] = "--test",
			     *arguments[] = { self, notify, test, NULL };
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[length < 0 ? 0 : length] = '\0';
	show(setup, "\nA test notification:\n");
	run_step(setup, "notification", arguments);
}

static int undo_configuration(struct setup *setup)
{
	cleanup(setup_config_done) struct setup_config config = { 0 };
	struct error error = { 0 };
	int r = setup_config_make(setup->config_path, NULL, &config, &error);

	if (r == 0 && !config.found) {
		tell(setup, "configuration", true, "%s: nothing of planctl setup is in it",
		     config.path);
		return 0;
	}
	if (r == 0) {
		bool empty = config.content[strspn(config.content, " \t\n")] == '\0';
		show(setup,
		     empty ? "\n%s goes: nothing else is in it.\n\n%s" : "\n%s becomes:\n\n%s\n",
		     config.path, empty ? "" : config.content);
		if (!ask(setup, "Write this?"))
			return 0;
		r = setup_config_write(&config, NULL, &error);
	}
	if (r < 0)
		return cli_fail(setup->cli, EXIT_USAGE, &error);
	tell(setup, "configuration", true, "taken out");
	return 0;
}

static int undo(struct setup *setup)
{
	cleanup_json struct json *answer = NULL;
	struct error error = { 0 };
	int r;

	change_units(setup, "disable");
	r = undo_configuration(setup);
	/* One that was started by hand goes on with what is left. */
	(void)call(setup, "reload", &answer, &error);
	if (r == 0 && setup->cli->db_path)
		tell(setup, "record", true, "the record stays: %s", setup->cli->db_path);
	return r;
}

static int set_up(struct setup *setup, int argc, char **argv)
{
	int r = look(setup, argc, argv);

	if (r == 0)
		r = write_configuration(setup);
	if (r)
		return r;
	change_units(setup, "enable");
	check_daemon(setup);
	if (has_screen())
		test_notification(setup);
	return 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
	const char *named = cli->options.config ? cli->options.config : getenv("PLANWATCH_CONFIG");
	struct setup setup = { .cli = cli, .steps = json_array() };
	struct error error = { 0 };
	struct json *data;
	int r;

	if (!cli->options.yes && (!isatty(STDIN_FILENO) || cli->options.json)) {
		json_free(setup.steps);
		(void)error_set(&error, -EINVAL,
				"each step is asked for: say --yes where nobody answers");
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	setup.config_path = named && *named ? cli_absolute(named) : config_default_path();
	if (!setup.config_path) {
		json_free(setup.steps);
		(void)error_set(
		    &error, -EINVAL,
		    "HOME is not set: say where the configuration is with --config FILE");
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	/* There may be none yet. */
	if (cli->db_path)
		(void)store_open(&cli->store, cli->db_path, STORE_READ, &error);
	r = cli->options.undo ? undo(&setup) : set_up(&setup, argc, argv);
	if (r == 0 && cli->options.json) {
		data = json_object();
		json_add(data, "steps", take(setup.steps));
		r = cli_print_json(cli, data);
	}
	json_free(setup.steps);
	for (size_t i = 0; i < setup.root_count; i++)
		free(setup.roots[i]);
	free(setup.roots);
	free(setup.config_path);
	return r == 0 && setup.failed > 0 ? EXIT_FINDINGS : r;
}

static const struct command_option options[] = {
	OPTION("yes", NULL, yes, "ask nothing"),
	OPTION("undo", NULL, undo, "take it back; the record stays"),
	{ 0 },
};

const struct command command_setup = {
	.name = "setup",
	.arguments = "[FOLDER]...",
	.summary = "Finds plans, writes the configuration, starts the daemon; every step asks",
	.examples = "  planctl setup                   repositories with plans below your home\n"
		    "  planctl setup ~/src             all of ~/src, also what comes later\n"
		    "  planctl setup --undo\n",
	.options = options,
	.max_arguments = -1,
	.run = run,
};
