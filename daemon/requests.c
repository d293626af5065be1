/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon.h"

#include "planwatch/cleanup.h"
#include "planwatch/import.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int request_ping(struct daemon *d, struct json *answer)
{
	json_add_text(answer, "version", PLANWATCH_VERSION);
	json_add_int(answer, "pid", getpid());
	json_add_text(answer, "db", d->db_path);
	json_add_instant(answer, "started_at", d->started_at);
	json_add_int(answer, "folders", (int64_t)watch_count(d->watch));
	return 0;
}

static int request_sync(struct daemon *d, struct client *client, struct error *error)
{
	struct syncing *grown;
	uint64_t mark;
	int r;

	heads_look(d->heads);
	recorder_hurry(d->recorder);
	daemon_drain(d);
	r = recorder_try_again(d->recorder, error);
	if (r < 0)
		return r;
	mark = recorder_mark(d->recorder);
	if (recorder_has_settled(d->recorder, mark))
		return 0;
	grown = reallocarray(d->syncing, d->syncing_count + 1, sizeof(*grown));
	if (!grown)
		return error_set(error, -ENOMEM, "out of memory");
	d->syncing = grown;
	grown[d->syncing_count++] = (struct syncing){ client, mark };
	return 1;
}

static int request_watch(struct daemon *d, const char *path, struct error *error)
{
	cleanup_free char *canonical = realpath(path, NULL);
	size_t before = d->root_count;
	int r;

	if (!canonical)
		return error_set(error, -errno, "%s: %s", path, strerror(errno));
	r = roots_add(d, canonical, ROOT_NEW, error);
	/* One that the command line or the configuration has already stays theirs. */
	if (r == 0 && d->root_count > before) {
		d->roots[before].source = ROOT_REGISTERED;
		r = store_root_add(d->store, canonical, instant_now(), error);
	}
	if (r < 0)
		return r;
	roots_find_polled(d);
	(void)recorder_reconcile(d->recorder, roots_cover, d);
	recorder_flush(d->recorder, ORIGIN_LIVE, NULL);
	return 0;
}

static int request_unwatch(struct daemon *d, const char *path, struct error *error)
{
	int r = roots_remove(d, path, error);

	if (r == 0)
		r = store_root_remove(d->store, path, error);
	if (r == 0) {
		roots_find_polled(d);
		(void)recorder_reconcile(d->recorder, roots_cover, d);
		recorder_flush(d->recorder, ORIGIN_LIVE, NULL);
	}
	return r;
}

static int request_roots(struct daemon *d, struct json *answer)
{
	static const char *const sources[] = { "command line", "configuration", "registered",
					       "registered" };
	struct json *list = json_add_array(answer, "roots");

	for (size_t i = 0; i < d->root_count; i++) {
		struct json *root = json_add_object(list, NULL);
		json_add_text(root, "path", d->roots[i].path);
		json_add_text(root, "source", sources[d->roots[i].source]);
		json_add_bool(root, "file", d->roots[i].is_file);
		json_add_bool(root, "polled", d->roots[i].polled);
		json_add_text(root, "problem", d->roots[i].problem);
	}
	json_add_int(answer, "folders", (int64_t)watch_count(d->watch));
	json_add_bool(answer, "limited", d->limited);
	return 0;
}

/* What a person, or a notifier, says of an episode. */
static int request_episode(struct daemon *d, const char *method, const struct json *request,
			   struct error *error)
{
	int64_t id, until = INSTANT_NONE, step = 1;
	usec_t now = instant_now();
	int r;

	if (json_get_int(request, "episode", &id) < 0)
		return error_set(error, -EINVAL, "`%s` needs an episode", method);
	(void)json_get_int(request, "until", &until);
	(void)json_get_int(request, "step", &step);
	if (strcmp(method, "ack") == 0)
		r = store_episode_acknowledge(d->store, id, now, error);
	else if (strcmp(method, "snooze") == 0)
		r = store_episode_snooze(d->store, id, until, now, error);
	else
		r = store_episode_shown(d->store, id, step, now, error);
	if (r < 0)
		return r;
	/* A snooze ends at its own time; who shows alerts may take this one down. */
	patrol_soon(d->patrol);
	daemon_broadcast(d);
	return 0;
}

/* A file of the same user, written for us: only that is read. */
static int open_import(const char *name, struct error *error)
{
	cleanup_close int fd =
	    open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(error, -errno, "%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_uid != getuid())
		return error_set(error, -EPERM, "%s: not a file of this user", name);
	return take_fd(fd);
}

static void look_after_watches(void *userdata)
{
	daemon_drain(userdata);
}

/* planctl has collected a plan's history (import.h). */
static int request_import(struct daemon *d, const struct json *request, struct json *answer,
			  struct error *error)
{
	cleanup_import struct import import = { 0 };
	const char *name = json_get_text(request, "file");
	struct import_result result;
	cleanup_close int fd = -1;
	int r;

	if (!name || *name != '/')
		return error_set(error, -EINVAL, "`import` needs the absolute path of a file");
	fd = open_import(name, error);
	r = fd < 0 ? fd : import_read(fd, &import, error);
	if (r < 0)
		return r;
	/* What was witnessed comes first: the import goes before it. */
	look_after_watches(d);
	r = import_record(d->store, &import, (struct import_pause){ look_after_watches, d },
			  &result, error);
	import_done(&import);
	(void)malloc_trim(0);
	if (r < 0)
		return r;
	json_add_int(answer, "revisions", result.revisions);
	json_add_int(answer, "known", result.known);
	if (result.revisions > 0) {
		json_add_int(answer, "first", result.first);
		json_add_int(answer, "last", result.last);
		daemon_committed(d);
	}
	return 0;
}

int requests_answer(void *userdata, struct client *client, const struct json *request,
		    struct json *answer, struct error *error)
{
	struct daemon *d = userdata;
	const char *method = json_get_text(request, "method"),
		   *path = json_get_text(request, "path");
	bool needs_path =
	    method && (strcmp(method, "watch") == 0 || strcmp(method, "unwatch") == 0);

	if (!method)
		return error_set(error, -EINVAL, "a request needs a method");
	if (needs_path && (!path || *path != '/'))
		return error_set(error, -EINVAL, "`%s` needs an absolute path", method);
	if (strcmp(method, "ping") == 0)
		return request_ping(d, answer);
	if (strcmp(method, "sync") == 0)
		return request_sync(d, client, error);
	if (strcmp(method, "watch") == 0)
		return request_watch(d, path, error);
	if (strcmp(method, "unwatch") == 0)
		return request_unwatch(d, path, error);
	if (strcmp(method, "roots") == 0)
		return request_roots(d, answer);
	if (strcmp(method, "ack") == 0 || strcmp(method, "snooze") == 0 ||
	    strcmp(method, "shown") == 0)
		return request_episode(d, method, request, error);
	if (strcmp(method, "reload") == 0)
		return roots_reload(d, error);
	if (strcmp(method, "import") == 0)
		return request_import(d, request, answer, error);
	if (strcmp(method, "subscribe") == 0) {
		control_subscribe(client);
		return 0;
	}
	return error_set(error, -ENOSYS,
			 "planwatchd " PLANWATCH_VERSION " does not know the method `%s`", method);
}

void requests_client_gone(void *userdata, struct client *client)
{
	struct daemon *d = userdata;

	for (size_t i = 0; i < d->syncing_count; i++)
		if (d->syncing[i].client == client)
			d->syncing[i].client = NULL;
}
