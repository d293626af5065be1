/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl ping, sync, watch, unwatch, roots: what the daemon is asked, or told. */
#include "output.h"

#include "planwatch/ipc.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int ask(struct cli *cli, const char *method, const char *path, struct json **ret)
{
	cleanup_json struct json *request = json_object();

	json_add_text(request, "method", method);
	if (path)
		json_add_text(request, "path", path);
	return cli_call(cli, request, ret);
}

/* ---- ping, sync ---- */

static int run_ping(struct cli *cli, int argc, char **argv)
{
	cleanup_json struct json *answer = NULL;
	int64_t pid = 0, folders = 0;
	int r = ask(cli, "ping", NULL, &answer);
	struct json *data;

	(void)argc;
	(void)argv;
	if (r)
		return r;
	(void)json_get_int(answer, "pid", &pid);
	(void)json_get_int(answer, "folders", &folders);
	if (cli->options.json) {
		data = json_object();
		json_add_text(data, "version", json_get_text(answer, "version"));
		json_add_int(data, "pid", pid);
		json_add_text(data, "db", json_get_text(answer, "db"));
		json_add_text(data, "started_at", json_get_text(answer, "started_at"));
		json_add_int(data, "folders", folders);
		return cli_print_json(cli, data);
	}
	if (!cli->options.quiet)
		(void)printf("planwatchd %s, process %jd, watches %jd folders\n",
			     json_get_text(answer, "version"), (intmax_t)pid, (intmax_t)folders);
	return EXIT_DONE;
}

static int run_sync(struct cli *cli, int argc, char **argv)
{
	cleanup_json struct json *answer = NULL;
	int r = ask(cli, "sync", NULL, &answer);

	(void)argc;
	(void)argv;
	return r == 0 && cli->options.json ? cli_print_json(cli, json_object()) : r;
}

static int run_reload(struct cli *cli, int argc, char **argv)
{
	cleanup_json struct json *answer = NULL;
	int r = ask(cli, "reload", NULL, &answer);

	(void)argc;
	(void)argv;
	return r == 0 && cli->options.json ? cli_print_json(cli, json_object()) : r;
}

const struct command command_reload = {
	.name = "reload",
	.arguments = "",
	.summary = "Makes the daemon read its configuration again",
	.examples = "  planctl reload\n",
	.run = run_reload,
};

const struct command command_ping = {
	.name = "ping",
	.arguments = "",
	.summary = "Asks whether the daemon runs",
	.examples = "  planctl ping\n  planctl ping -q && echo it runs\n",
	.run = run_ping,
};

const struct command command_sync = {
	.name = "sync",
	.arguments = "",
	.summary = "Waits until everything that is on disk now is recorded",
	.examples = "  planctl sync && planctl status\n",
	.run = run_sync,
};

/* ---- watch, unwatch ---- */

/* Without a daemon the root is written down, under the writer's lock, for its next start. */
static int write_down(struct cli *cli, const char *path, bool add)
{
	cleanup_store struct store *store = NULL;
	struct error error = { 0 };
	int r = cli->db_path ? store_open(&store, cli->db_path, STORE_WRITE, &error)
			     : error_set(&error, -EINVAL, "HOME is not set: give --db FILE");

	if (r == 0)
		r = add ? store_root_add(store, path, cli->now, &error)
			: store_root_remove(store, path, &error);
	if (r < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	cli_warn(cli, "planwatchd is not running: this takes effect when it starts");
	return 0;
}

static int change_root(struct cli *cli, const char *name, bool add)
{
	cleanup_free char *path = cli_absolute(name);
	cleanup_json struct json *answer = NULL;
	struct error error = { 0 };
	struct stat st;
	int r;

	if (!path) {
		(void)error_set(&error, -ENOMEM, "out of memory");
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	if (add && (stat(path, &st) < 0 || (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)))) {
		(void)error_set(&error, -ENOENT, "%s: no such folder or file", name);
		return cli_fail(cli, EXIT_NOT_FOUND, &error);
	}
	r = cli_daemon_runs(cli) ? ask(cli, add ? "watch" : "unwatch", path, &answer)
				 : write_down(cli, path, add);
	if (r)
		return r;
	if (!cli->options.quiet && !cli->options.json) {
		(void)fputs(add ? "watching " : "not watching ", stdout);
		print_field(path, '\n');
	}
	return 0;
}

static int change_roots(struct cli *cli, int argc, char **argv, bool add)
{
	int r = 0;

	for (int i = 0; i < argc && r == 0; i++)
		r = change_root(cli, argv[i], add);
	return r == 0 && cli->options.json ? cli_print_json(cli, json_object()) : r;
}

static int run_watch(struct cli *cli, int argc, char **argv)
{
	return change_roots(cli, argc, argv, true);
}

static int run_unwatch(struct cli *cli, int argc, char **argv)
{
	return change_roots(cli, argc, argv, false);
}

const struct command command_watch = {
	.name = "watch",
	.arguments = "PATH...",
	.summary = "Watches a folder with all below it, or one file, from now on",
	.examples = "  planctl watch ~/src             every plan below it\n"
		    "  planctl watch notes/todo.md     one file, whatever its name and place\n",
	.min_arguments = 1,
	.max_arguments = -1,
	.run = run_watch,
};

const struct command command_unwatch = {
	.name = "unwatch",
	.arguments = "PATH...",
	.summary = "Stops watching; what was recorded stays",
	.examples = "  planctl unwatch ~/src\n",
	.min_arguments = 1,
	.max_arguments = -1,
	.run = run_unwatch,
};

/* ---- roots ---- */

static int add_stored_root(void *userdata, const char *path, usec_t added_at)
{
	struct json *root = json_add_object(userdata, NULL);

	(void)added_at;
	json_add_text(root, "path", path);
	json_add_text(root, "source", "registered");
	json_add_text(root, "problem", "planwatchd is not running");
	return 0;
}

/* What would be watched if the daemon ran. */
static int stored_roots(struct cli *cli, struct json *list)
{
	struct error error = { 0 };
	int r = cli_open_store(cli);

	if (r == 0 && store_roots(cli->store, add_stored_root, list, &error) < 0)
		r = cli_fail(cli, cli_exit_code(&error), &error);
	if (r == 0)
		(void)cli_warn_without_daemon(cli);
	return r;
}

static void copy_roots(struct json *list, const struct json *answer)
{
	const struct json *roots = json_get(answer, "roots");

	for (const struct json *from = NULL; (from = json_next(roots, from));) {
		struct json *root = json_add_object(list, NULL);
		json_add_text(root, "path", json_get_text(from, "path"));
		json_add_text(root, "source", json_get_text(from, "source"));
		json_add_text(root, "problem", json_get_text(from, "problem"));
		json_add_bool(root, "polled", json_get_bool(from, "polled"));
	}
}

static int run_roots(struct cli *cli, int argc, char **argv)
{
	cleanup_json struct json *answer = NULL;
	struct json *list = json_array();
	int r = cli_daemon_runs(cli) ? ask(cli, "roots", NULL, &answer) : stored_roots(cli, list);

	(void)argc;
	(void)argv;
	if (r == 0 && answer)
		copy_roots(list, answer);
	if (r == 0 && cli->options.json)
		return cli_print_json(cli, list);
	for (const struct json *root = NULL; r == 0 && (root = json_next(list, root));) {
		const char *problem = json_get_text(root, "problem");
		print_field(json_get_text(root, "path"), '\t');
		if (!problem && json_get_bool(root, "polled"))
			problem = "polled: changes there make no event";
		print_field(json_get_text(root, "source"), problem ? '\t' : '\n');
		if (problem)
			print_field(problem, '\n');
	}
	json_free(list);
	return r;
}

const struct command command_roots = {
	.name = "roots",
	.arguments = "",
	.summary = "What is watched",
	.examples = "  planctl roots\n",
	.run = run_roots,
};
