/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl import: the history of plans from before anybody watched them, out of git or a folder. */
#include "folder_history.h"
#include "git_history.h"
#include "output.h"

#include "planwatch/discover.h"
#include "planwatch/git.h"
#include "planwatch/import.h"
#include "planwatch/ipc.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* The largest history takes the daemon some seconds. */
#define IMPORT_TIMEOUT (600 * USEC_PER_SEC)

struct importing {
	struct cli *cli;
	int daemon; /* a connection; -1: it does not run, and `store` is open for writing */
	struct ipc_buffer buffer;
	struct store *store;
	char *folder; /* where the daemon finds what it is handed */
	struct json *list;
	/* Of --all. */
	char **plans;
	size_t count, done;
};

static void importing_done(struct importing *importing)
{
	cleanup_close_fd(&importing->daemon);
	ipc_buffer_done(&importing->buffer);
	store_close(importing->store);
	free(importing->folder);
	json_free(importing->list);
	for (size_t i = 0; i < importing->count; i++)
		free(importing->plans[i]);
	free(importing->plans);
}

static int out_of_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "out of memory");
}

/* ---- Who writes ---- */

/* The daemon, or, where none runs, we, with the writer's lock. */
static int find_writer(struct importing *importing, struct error *error)
{
	struct cli *cli = importing->cli;
	struct error none;

	importing->daemon = cli->socket_path ? ipc_connect(cli->socket_path, &none) : -1;
	if (importing->daemon < 0)
		return cli->db_path
			   ? store_open(&importing->store, cli->db_path, STORE_WRITE, error)
			   : error_set(error, -EINVAL, "HOME is not set: give --db FILE");
	importing->folder =
	    strndup(cli->socket_path, (size_t)(strrchr(cli->socket_path, '/') - cli->socket_path));
	return importing->folder ? 0 : out_of_memory(error);
}

static int call(struct importing *importing, const char *file, struct import_result *ret,
		struct error *error)
{
	cleanup_json struct json *request = json_object(), *answer = NULL;
	int r;

	json_add_text(request, "method", "import");
	json_add_text(request, "file", file);
	r = ipc_call(importing->daemon, &importing->buffer, request, IMPORT_TIMEOUT, &answer,
		     error);
	*ret = (struct import_result){ .first = INSTANT_NONE, .last = INSTANT_NONE };
	if (r < 0)
		return r;
	(void)json_get_int(answer, "revisions", &ret->revisions);
	(void)json_get_int(answer, "known", &ret->known);
	(void)json_get_int(answer, "first", &ret->first);
	(void)json_get_int(answer, "last", &ret->last);
	return 0;
}

static int hand_over(struct importing *importing, const struct import *import,
		     struct import_result *ret, struct error *error)
{
	cleanup_free char *file = NULL;
	cleanup_close int fd = -1;
	int r;

	if (asprintf(&file, "%s/import-XXXXXX", importing->folder) < 0)
		return out_of_memory(error);
	fd = mkostemp(file, O_CLOEXEC);
	if (fd < 0)
		return error_set(error, -errno, "%s: %s", file, strerror(errno));
	r = import_write(fd, import, error);
	if (r == 0)
		r = call(importing, file, ret, error);
	(void)unlink(file);
	return r;
}

/* ---- What came of it ---- */

/* On a terminal: how far --all is, on a line that the next one writes over. */
static void show_progress(const struct importing *importing, bool visible)
{
	enum { WIDTH = 20 };

	if (importing->count == 0 || !isatty(STDERR_FILENO) || importing->cli->options.quiet)
		return;
	(void)fputs("\r\033[K", stderr);
	if (!visible)
		return;
	for (size_t i = 0; i < WIDTH; i++)
		(void)fputs(i < importing->done * WIDTH / importing->count ? "█" : "░", stderr);
	(void)fprintf(stderr, " %zu/%zu", importing->done, importing->count);
}

static void tell(struct importing *importing, const struct import *import,
		 const struct import_result *result)
{
	struct cli *cli = importing->cli;
	struct json *json = json_add_object(importing->list, NULL);
	char first[INSTANT_MAX], last[INSTANT_MAX];

	json_add_text(json, "path", import->path);
	json_add_int(json, "revisions", result->revisions);
	json_add_int(json, "known", result->known);
	json_add_instant(json, "first_at", result->first);
	json_add_instant(json, "last_at", result->last);
	if (cli->options.quiet || cli->options.json)
		return;
	show_progress(importing, false);
	print_field(import->path, '\t');
	if (result->revisions > 0)
		(void)printf("%jd revisions, %s to %s\n", (intmax_t)result->revisions,
			     instant_format(result->first, cli->options.utc, first),
			     instant_format(result->last, cli->options.utc, last));
	else
		(void)puts("nothing new");
}

static int record(struct importing *importing, const struct import *import,
		  struct import_result *ret, struct error *error)
{
	return importing->daemon >= 0 ? hand_over(importing, import, ret, error)
				      : import_record(importing->store, import,
						      (struct import_pause){ 0 }, ret, error);
}

/* ---- One plan ---- */

static int import_plan(struct importing *importing, const char *path, struct import_result *ret,
		       struct error *error)
{
	cleanup_import struct import import = { .path = strdup(path) };
	const char *folder = importing->cli->options.dir;
	int r = !import.path ? out_of_memory(error)
		: folder     ? folder_history(&import, folder, error)
			     : git_history(&import, error);

	if (r == 0)
		r = record(importing, &import, ret, error);
	if (r == 0 && (ret->revisions > 0 || ret->known > 0))
		tell(importing, &import, ret);
	return r;
}

static int import_one(struct importing *importing, const char *name, struct error *error)
{
	cleanup_free char *path = cli_absolute(name);
	struct import_result result = { 0 };
	int r = path ? import_plan(importing, path, &result, error) : out_of_memory(error);

	if (r == 0 && result.revisions == 0 && result.known == 0)
		r = error_set(
		    error, -ENOENT,
		    "%s: nothing in its history is a plan: no Progress with boxes, and it does not call itself an ExecPlan",
		    name);
	return r;
}

/* ---- All plans of a repository ---- */

struct finding {
	struct importing *importing;
	const char *repo;
};

static bool is_pruned(const struct discover_rules *rules, const char *path)
{
	for (const char *slash; (slash = strchr(path, '/')); path = slash + 1) {
		cleanup_free char *name = strndup(path, (size_t)(slash - path));
		if (!name || discover_is_pruned(rules, name))
			return true;
	}
	return false;
}

static int find_plan(void *userdata, const char *path)
{
	const struct finding *finding = userdata;
	struct importing *importing = finding->importing;
	const struct discover_rules *rules = &importing->cli->config.rules;
	char **grown;

	if (!discover_is_candidate(rules, finding->repo, path) || is_pruned(rules, path))
		return 0;
	grown = reallocarray(importing->plans, importing->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	importing->plans = grown;
	if (asprintf(&grown[importing->count], "%s/%s", finding->repo, path) < 0)
		return -ENOMEM;
	importing->count++;
	return 0;
}

/* One plan that git cannot tell about does not keep the others out; a record that cannot be written does. */
static int import_found(struct importing *importing, struct error *error)
{
	int r = 0;

	for (; importing->done < importing->count && r == 0; importing->done++) {
		struct import_result result = { 0 };

		show_progress(importing, true);
		r = import_plan(importing, importing->plans[importing->done], &result, error);
		if (r == -ENOENT || r == -EFBIG || r == -EINVAL || r == -EREMOTEIO) {
			show_progress(importing, false);
			cli_warn(importing->cli, "%s", error->message);
			*error = (struct error){ 0 };
			r = 0;
		}
	}
	show_progress(importing, false);
	return r;
}

static int import_all(struct importing *importing, const char *name, struct error *error)
{
	cleanup_free char *folder = cli_absolute(name), *inside = NULL;
	cleanup(git_context_done) struct git_context context = { 0 };
	struct finding finding = { .importing = importing };
	int r;

	if (!folder || asprintf(&inside, "%s/.", folder) < 0)
		return out_of_memory(error);
	r = git_context_read(inside, &context);
	if (r < 0)
		return error_set(error, r, "%s: %s", name, strerror(-r));
	if (!context.repo)
		return error_set(error, -ENOENT, "%s: not in a working tree of git", name);
	finding.repo = context.repo;
	r = git_each_path(context.repo, find_plan, &finding, error);
	if (r == -ENOMEM)
		return out_of_memory(error);
	if (r == 0 && importing->count == 0)
		return error_set(error, -ENOENT,
				 "%s: no file in it is a plan by its place (planwatch.conf(5))",
				 context.repo);
	return r < 0 ? r : import_found(importing, error);
}

/* ---- The command ---- */

static int run(struct cli *cli, int argc, char **argv)
{
	cleanup(importing_done) struct importing importing = { .cli = cli, .daemon = -1 };
	const struct options *o = &cli->options;
	struct error error = { 0 };
	int r;

	if (o->all ? o->git || o->dir : argc != 1 || o->git == (o->dir != NULL)) {
		(void)error_set(&error, -EINVAL,
				"expected PLAN --git, PLAN --dir DIR, or --all [REPO]");
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	importing.list = json_array();
	r = find_writer(&importing, &error);
	if (r == 0)
		r = o->all ? import_all(&importing, argc ? argv[0] : ".", &error)
			   : import_one(&importing, argv[0], &error);
	if (r < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	return o->json ? cli_print_json(cli, take(importing.list)) : EXIT_DONE;
}

static const struct command_option options[] = {
	OPTION("git", NULL, git, "every committed revision, of all branches and worktrees"),
	OPTION("dir", "DIR", dir, "the files NUMBER_UNIXTIME_*.md of a folder"),
	OPTION("all", NULL, all, "every plan of a repository (default: this one)"),
	{ 0 },
};

const struct command command_import = {
	.name = "import",
	.arguments = "[PLAN|REPO]",
	.summary = "Records the history of a plan from before it was watched; safe to repeat",
	.examples =
	    "  planctl import plans/add-parser.md --git    as it was committed\n"
	    "  planctl import --all ~/src/project          every plan of a repository\n"
	    "  planctl import plan.md --dir backups        from 0001_1767225600_first.md, ...\n",
	.options = options,
	.max_arguments = 1,
	.run = run,
};
