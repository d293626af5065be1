/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl notify: hands episodes to planwatch-notify, the helper that talks to the desktop, and records which were shown. */
#include "output.h"

#include "planwatch/ipc.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* The desktop's bus gives up after 25 s; a helper that is silent for longer is ended. */
#define HELPER_TIMEOUT_MS 30000
/* More at once are one digest: a screen full of windows is read by nobody. */
#define DIGEST_FROM 4

extern char **environ;

struct shown_episode {
	int64_t id, step;
	char *summary, *body;
	bool urgent;
};

struct notifying {
	struct cli *cli;
	struct shown_episode *episodes;
	size_t count;
	struct error error;
};

static void notifying_done(struct notifying *n)
{
	for (size_t i = 0; i < n->count; i++) {
		free(n->episodes[i].summary);
		free(n->episodes[i].body);
	}
	free(n->episodes);
}

/* ---- What is to be shown ---- */

static int add_episode(void *userdata, const struct episode_row *row)
{
	struct notifying *n = userdata;
	cleanup(plan_row_done) struct plan_row plan = { 0 };
	struct shown_episode *grown = reallocarray(n->episodes, n->count + 1, sizeof(*grown)),
			     *entry;
	int r = grown ? store_plan_get(n->cli->store, row->plan, &plan, &n->error) : -ENOMEM;

	if (grown)
		n->episodes = grown;
	if (r < 0)
		return r;
	entry = &grown[n->count];
	*entry = (struct shown_episode){ .id = row->id,
					 .step = row->step,
					 .urgent = strcmp(row->verdict, "over") == 0 };
	if (asprintf(&entry->summary, "%s: %s", plan_name(&plan), row->reason) < 0)
		return -ENOMEM;
	n->count++;
	if (asprintf(&entry->body, "%s%s%s\n%s", plan.stage_label ? plan.stage_label : "",
		     plan.stage_label ? ": " : "", plan.stage_text ? plan.stage_text : "",
		     plan.path) < 0) {
		entry->body = NULL;
		return -ENOMEM;
	}
	return 0;
}

static struct json *request_of(const char *key, const char *summary, const char *body, bool urgent)
{
	struct json *json = json_object();

	json_add_text(json, "key", key);
	json_add_text(json, "summary", summary);
	json_add_text(json, "body", body);
	json_add_text(json, "urgency", urgent ? "critical" : "normal");
	json_add_text(json, "category", "x-planwatch.episode");
	json_add_bool(json, "resident", urgent);
	return json;
}

static int send_line(int fd, const struct json *json)
{
	cleanup_free char *text = json_print(json);

	return text && dprintf(fd, "%s\n", text) > 0 ? 0 : -EIO;
}

/* Few episodes one by one, each with its id as its key; many as one. */
static int send_requests(const struct notifying *n, int fd)
{
	cleanup_free char *body = NULL;
	char key[24], summary[64];
	size_t size;
	int r = 0;

	if (n->count < DIGEST_FROM) {
		for (size_t i = 0; i < n->count && r == 0; i++) {
			const struct shown_episode *e = &n->episodes[i];
			(void)snprintf(key, sizeof(key), "%jd", (intmax_t)e->id);
			cleanup_json struct json *request =
			    request_of(key, e->summary, e->body, e->urgent);
			r = send_line(fd, request);
		}
		return r;
	}
	FILE *lines = open_memstream(&body, &size);
	if (!lines)
		return -ENOMEM;
	for (size_t i = 0; i < n->count; i++)
		(void)fprintf(lines, "%s\n", n->episodes[i].summary);
	(void)fclose(lines);
	(void)snprintf(summary, sizeof(summary), "%zu plans need a look", n->count);
	cleanup_json struct json *request = request_of("digest", summary, body, false);
	return send_line(fd, request);
}

/* ---- What was shown ---- */

static int record_locally(struct cli *cli, int64_t id, int64_t step, struct error *error)
{
	cleanup_store struct store *store = NULL;
	int r = store_open(&store, cli->db_path, STORE_WRITE, error);

	return r == 0 ? store_episode_shown(store, id, step, instant_now(), error) : r;
}

/* Through the daemon, which is the writer while it runs; else with the lock. */
static int record_shown(struct notifying *n, int64_t id, int64_t step)
{
	struct cli *cli = n->cli;
	cleanup(ipc_buffer_done) struct ipc_buffer buffer = { 0 };
	cleanup_json struct json *request = json_object(), *answer = NULL;
	cleanup_close int fd = cli->socket_path ? ipc_connect(cli->socket_path, &n->error) : -1;

	if (fd < 0)
		return record_locally(cli, id, step, &n->error);
	json_add_text(request, "method", "shown");
	json_add_int(request, "episode", id);
	json_add_int(request, "step", step);
	return ipc_call(fd, &buffer, request, 10 * USEC_PER_SEC, &answer, &n->error);
}

static int handle_shown(struct notifying *n, const char *key)
{
	int r = 0;
	bool digest = strcmp(key, "digest") == 0;
	int64_t id = strtoll(key, NULL, 10);

	for (size_t i = 0; i < n->count && r == 0; i++)
		if (digest || n->episodes[i].id == id)
			r = record_shown(n, n->episodes[i].id, n->episodes[i].step);
	return r;
}

/* Reads the helper's answers until it ends. The number that were shown, or a negative errno. */
static int read_answers(struct notifying *n, int fd)
{
	cleanup(ipc_buffer_done) struct ipc_buffer buffer = { 0 };
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	int shown = 0, failure = 0;

	while (poll(&readable, 1, HELPER_TIMEOUT_MS) > 0) {
		cleanup_json struct json *line = NULL;
		const char *key, *message;
		int r = ipc_read(fd, &buffer, &line);

		if (r <= 0)
			return r < 0 ? error_set(&n->error, r, "planwatch-notify: %s", strerror(-r))
			       : failure ? failure
					 : shown;
		key = json_get_text(line, "shown");
		message = json_get_text(line, "message");
		if (key && (r = handle_shown(n, key)) < 0)
			return r;
		shown += key != NULL;
		if (json_get_text(line, "failed"))
			failure = error_set(&n->error, -EREMOTEIO,
					    "the desktop did not take the notification: %s",
					    message ? message : "no reason given");
	}
	return error_set(&n->error, -ETIMEDOUT, "planwatch-notify did not answer");
}

/* ---- The helper ---- */

/* Beside planctl where both were built or installed together, else where it was installed. */
static char *helper_path(void)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *path = NULL, *slash;

	self[length < 0 ? 0 : length] = '\0';
	slash = strrchr(self, '/');
	if (slash && asprintf(&path, "%.*s/planwatch-notify", (int)(slash - self), self) >= 0 &&
	    access(path, X_OK) == 0)
		return path;
	free(path);
	return strdup(PLANWATCH_LIBEXECDIR "/planwatch-notify");
}

static int start_helper(struct notifying *n, pid_t *pid, int *to, int *from)
{
	cleanup_free char *path = helper_path();
	int input[2], output[2], r;
	posix_spawn_file_actions_t actions;
	char name[] = "planwatch-notify", *arguments[] = { name, NULL };

	if (!path || pipe2(input, O_CLOEXEC) < 0)
		return error_set(&n->error, -errno, "cannot start planwatch-notify: %s",
				 strerror(errno));
	if (pipe2(output, O_CLOEXEC) < 0) {
		r = -errno;
		(void)close(input[0]);
		(void)close(input[1]);
		return error_set(&n->error, r, "cannot start planwatch-notify: %s", strerror(-r));
	}
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
	r = posix_spawn(pid, path, &actions, NULL, arguments, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(input[0]);
	(void)close(output[1]);
	*to = input[1];
	*from = output[0];
	return r ? error_set(&n->error, -r, "%s: cannot start: %s", path, strerror(r)) : 0;
}

static int show_all(struct notifying *n)
{
	cleanup_close int to = -1, from = -1;
	pid_t pid = 0;
	int r = start_helper(n, &pid, &to, &from), status;

	if (r < 0)
		return r;
	(void)signal(SIGPIPE, SIG_IGN);
	r = send_requests(n, to);
	cleanup_close_fd(&to);
	to = -1;
	if (r == 0)
		r = read_answers(n, from);
	if (r < 0)
		(void)kill(pid, SIGTERM);
	(void)waitpid(pid, &status, 0);
	return r;
}

static int run(struct cli *cli, int argc, char **argv)
{
	cleanup(notifying_done) struct notifying n = { .cli = cli };
	int r;

	(void)argc;
	(void)argv;
	if (!cli->options.once) {
		(void)error_set(&n.error, -EINVAL,
				"say --once: shows what was not shown yet, and ends");
		return cli_fail(cli, EXIT_USAGE, &n.error);
	}
	r = cli_open_store(cli);
	if (r)
		return r;
	r = store_episodes(cli->store, EPISODES_TO_SHOW, 0, add_episode, &n, &n.error);
	if (r == 0 && n.count > 0)
		r = show_all(&n);
	if (r < 0)
		return cli_fail(cli, n.error.code ? cli_exit_code(&n.error) : EXIT_USAGE, &n.error);
	if (cli->options.json) {
		struct json *data = json_object();
		json_add_int(data, "shown", (int64_t)n.count);
		return cli_print_json(cli, data);
	}
	if (!cli->options.quiet)
		(void)printf("%zu shown\n", n.count);
	return EXIT_DONE;
}

static const struct command_option options[] = {
	OPTION("once", NULL, once, "show what was not shown yet, and end"),
	{ 0 },
};

const struct command command_notify = {
	.name = "notify",
	.arguments = "--once",
	.summary = "Shows alerts on the desktop, each once",
	.examples = "  planctl notify --once\n",
	.options = options,
	.run = run,
};
