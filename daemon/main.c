/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planwatchd: watches plan files and records every change of their checkboxes. */
#include "absent.h"
#include "clocks.h"
#include "control.h"
#include "heads.h"
#include "log.h"
#include "patrol.h"
#include "poll.h"
#include "read.h"
#include "recorder.h"
#include "watch.h"

#include "planwatch/cleanup.h"
#include "planwatch/config.h"
#include "planwatch/filesystem.h"
#include "planwatch/import.h"

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

/* How often known plans are read though nothing was heard of them: for writes that no watched folder tells of. */
#define AUDIT_EVERY USEC_PER_HOUR
#define AUDIT_ACCURACY (10 * USEC_PER_MIN)

enum root_source {
	ROOT_COMMAND_LINE,
	ROOT_CONFIG,
	ROOT_REGISTERED,
	ROOT_NEW, /* being registered: unlike a registered one it must be there */
};

struct root {
	char *path;
	enum root_source source;
	bool is_file;
	bool polled;   /* changes there make no event, or not all do */
	char *problem; /* why it is not watched; NULL */
};

struct daemon {
	sd_event *event;
	struct config config;
	char *db_path, *socket_path;
	const char *config_path; /* NULL: the usual one */
	struct store *store;
	struct watch *watch;
	struct recorder *recorder;
	struct heads *heads;
	struct absent *absent;
	struct clocks *clocks;
	struct poll *poll;
	usec_t polled_at, audited_at; /* the last look at the polled roots, and at all plans */
	sd_event_source *audit;
	uint64_t commits;
	struct patrol *patrol;
	struct control *control;
	struct root *roots;
	size_t root_count;
	struct syncing {
		struct client *client;
		uint64_t mark; /* what was there before it must be recorded */
	} * syncing;
	size_t syncing_count;
	const char *rescan; /* why everything must be scanned again; NULL */
	usec_t started_at;
	bool limited; /* a limit keeps folders from being watched: all roots are polled */
};

/* ---- What the watch tells ---- */

static void on_file(void *userdata, const char *path, enum watch_change change)
{
	struct daemon *d = userdata;

	if (recorder_queue(d->recorder, path, change) < 0)
		d->rescan = "memory was out";
}

static void on_folder_gone(void *userdata, const char *path)
{
	struct daemon *d = userdata;

	if (recorder_queue_below(d->recorder, path) < 0)
		d->rescan = "the record could not be read";
}

/* Says of a root that it is not watched, and waits for it. Not a root: a folder below one, that its parent watches for. */
static void miss_root(struct daemon *d, const char *path, const char *problem)
{
	for (size_t i = 0; i < d->root_count; i++) {
		struct root *root = &d->roots[i];

		if (strcmp(root->path, path) != 0)
			continue;
		free(root->problem);
		root->problem = strdup(problem);
		int r = absent_add(d->absent, path);
		if (r < 0)
			log_warning("%s: cannot wait for it to come back: %s", path, strerror(-r));
	}
}

static void on_lost(void *userdata, const char *path, enum watch_loss loss, const char *explanation)
{
	struct daemon *d = userdata;

	switch (loss) {
	case WATCH_OVERFLOW:
		log_warning("%s; all plans are read again", explanation);
		d->rescan = "the kernel's queue of changes overflowed";
		break;
	case WATCH_LIMIT:
		log_warning("%s: not watched, but polled: %s", path, explanation);
		break;
	case WATCH_UNMOUNT:
	case WATCH_ROOT:
		log_warning("%s: not watched any more: %s", path, explanation);
		miss_root(d, path, explanation);
		break;
	}
}

static bool is_covered(void *userdata, const char *path)
{
	const struct daemon *d = userdata;

	for (size_t i = 0; i < d->root_count; i++)
		if (path_is_below(path, d->roots[i].path))
			return true;
	return false;
}

static bool is_registered(void *userdata, const char *path)
{
	const struct daemon *d = userdata;

	for (size_t i = 0; i < d->root_count; i++)
		if (d->roots[i].is_file && strcmp(path, d->roots[i].path) == 0)
			return true;
	return false;
}

/* A working tree that is new to us may have been switched while we were not there. */
static void on_repo(void *userdata, const char *repo, const char *branch, enum origin origin)
{
	struct daemon *d = userdata;

	if (heads_note(d->heads, repo, branch) > 0)
		recorder_switch(d->recorder, repo, NULL, branch ? branch : "", origin);
}

static void on_switched(void *userdata, const char *repo, const char *from, const char *to)
{
	struct daemon *d = userdata;

	recorder_switch(d->recorder, repo, from, to, ORIGIN_LIVE);
	recorder_flush(d->recorder, ORIGIN_LIVE, NULL);
}

static void find_polled(struct daemon *d);

/* Looks at everything there is; what it finds has a gap for `reason`, where that is not NULL. */
static void rescan(struct daemon *d, const char *reason)
{
	watch_rescan(d->watch);
	(void)recorder_reconcile(d->recorder, is_covered, d);
	recorder_flush(d->recorder, ORIGIN_RESCAN, reason);
}

/* Reads the kernel's queue to its end. */
static void on_hear(void *userdata)
{
	struct daemon *d = userdata;
	int r = watch_drain(d->watch);

	if (r < 0) {
		log_error("cannot read changes from the kernel: %s", strerror(-r));
		d->rescan = "changes could not be read from the kernel";
	}
}

/* Nothing is written before the queue is read to its end: a slow disk must not make it overflow. */
static void drain(struct daemon *d)
{
	recorder_look(d->recorder);
	on_hear(d);
	if (d->rescan)
		rescan(d, take(d->rescan));
	else
		recorder_flush(d->recorder, ORIGIN_LIVE, NULL);
	if (d->limited != watch_is_limited(d->watch))
		find_polled(d);
}

static int on_inotify(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	drain(userdata);
	return 0;
}

/* ---- What the recorder and the patrol tell ---- */

static void broadcast_change(void *userdata)
{
	struct daemon *d = userdata;
	cleanup_json struct json *line = json_object();

	json_add_text(line, "event", "changed");
	control_broadcast(d->control, line);
}

static void on_committed(void *userdata)
{
	struct daemon *d = userdata;

	d->commits++;
	patrol_soon(d->patrol);
	broadcast_change(d);
}

static void on_settled(void *userdata)
{
	struct daemon *d = userdata;
	size_t kept = 0, count;

	if (d->rescan) /* heard of meanwhile */
		rescan(d, take(d->rescan));
	count = d->syncing_count;
	/* An answer may end a client, and on_client_gone() must not find it here then. */
	for (size_t i = 0; i < count; i++) {
		struct syncing syncing = d->syncing[i];
		if (!syncing.client)
			continue;
		if (!recorder_has_settled(d->recorder, syncing.mark)) {
			d->syncing[kept++] = syncing;
			continue;
		}
		d->syncing[i].client = NULL;
		control_answer(syncing.client);
	}
	d->syncing_count = kept;
}

static void on_rescan(void *userdata)
{
	struct daemon *d = userdata;
	struct error error = { 0 };

	log_info("the database can be written again");
	/* It may be another one. */
	for (size_t i = 0; i < d->root_count; i++)
		if (d->roots[i].source == ROOT_REGISTERED &&
		    store_root_add(d->store, d->roots[i].path, instant_now(), &error) < 0)
			log_error("%s", error.message);
	d->rescan = "the database could not be written";
	drain(d);
}

/* ---- What the clocks tell ---- */

/* Nothing is heard while the machine sleeps, and a server's files may have changed meanwhile. */
static void on_jumped(void *userdata, enum clock_jump jump, usec_t from, usec_t until)
{
	struct daemon *d = userdata;
	char length[INSTANT_MAX], reason[128];
	bool back = until < from;

	(void)duration_format(back ? from - until : until - from, length);
	if (jump == CLOCK_SUSPENDED)
		(void)snprintf(reason, sizeof(reason), "the machine was suspended for %s", length);
	else
		(void)snprintf(reason, sizeof(reason), "the clock was set %s by %s",
			       back ? "back" : "forward", length);
	log_info("%s", reason);
	recorder_lapse(d->recorder, jump == CLOCK_SUSPENDED ? LAPSE_SUSPENDED : LAPSE_CLOCK, from,
		       until, reason);
	if (back) /* the last look was taken in what is the future now */
		recorder_doubt(d->recorder, until);
	if (jump == CLOCK_SUSPENDED)
		rescan(d, NULL);
	patrol_soon(d->patrol);
}

/* Whoever sleeps through a night switched off is not to blame for it. */
static void record_power_off(struct daemon *d, usec_t looked)
{
	usec_t boot = clocks_boot();

	if (looked != INSTANT_NONE && looked < boot)
		recorder_lapse(d->recorder, LAPSE_OFF, looked, boot, "the machine was off");
}

/* What no event tells: a write through a hard link elsewhere, behind an overlay or below a new mount. */
static int on_audit(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *d = userdata;
	usec_t now = instant_now();

	recorder_doubt(d->recorder, d->audited_at);
	if (recorder_queue_known(d->recorder) < 0)
		log_warning("plans could not be read again: the record could not be read");
	recorder_flush(d->recorder, ORIGIN_RESCAN, NULL);
	d->audited_at = now;
	(void)sd_event_source_set_time(source, usec + (uint64_t)AUDIT_EVERY);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* ---- Roots ---- */

static bool is_polled(const struct daemon *d, const char *path)
{
	for (size_t i = 0; d->config.polled && d->config.polled[i]; i++)
		if (path_is_below(path, d->config.polled[i]))
			return true;
	return filesystem_silent(path) != NULL;
}

/* After roots have come or gone, or a limit was reached or raised. */
static void find_polled(struct daemon *d)
{
	bool any = false, before = false;

	if (d->limited && !watch_is_limited(d->watch))
		log_info("every folder is watched now");
	d->limited = watch_is_limited(d->watch);
	for (size_t i = 0; i < d->root_count; i++) {
		struct root *root = &d->roots[i];
		bool polled = !root->problem && (d->limited || is_polled(d, root->path));
		if (polled && !root->polled && !d->limited)
			log_info("%s: polled: changes there make no event", root->path);
		before |= root->polled;
		any |= polled;
		root->polled = polled;
	}
	if (!before)
		d->polled_at = instant_now();
	poll_enable(d->poll, any);
}

/* Reads again what is below the polled roots: what a scan finds, and what is known and may be gone. */
static bool look_at_polled(void *userdata)
{
	struct daemon *d = userdata;
	uint64_t before = d->commits;
	usec_t now = instant_now();

	drain(d); /* what events tell is no older than they are */
	recorder_doubt(d->recorder, d->polled_at);
	if (d->limited) /* it may have been raised */
		watch_rescan(d->watch);
	for (size_t i = 0; i < d->root_count; i++) {
		struct root *root = &d->roots[i];
		struct error error = { 0 };
		if (!root->polled)
			continue;
		if (!d->limited && watch_add(d->watch, root->path, &error) < 0)
			log_warning("%s", error.message);
		if (recorder_queue_below(d->recorder, root->path) < 0)
			log_warning("%s: the record could not be read", root->path);
	}
	recorder_flush(d->recorder, ORIGIN_RESCAN, NULL);
	d->polled_at = now;
	if (d->limited && !watch_is_limited(d->watch))
		find_polled(d);
	return d->commits != before;
}

static int add_root(struct daemon *d, const char *path, enum root_source source,
		    struct error *error)
{
	struct root *grown, *root;
	struct stat st;
	int r;

	for (size_t i = 0; i < d->root_count; i++)
		if (strcmp(d->roots[i].path, path) == 0)
			return watch_add(d->watch, path, error);
	grown = reallocarray(d->roots, d->root_count + 1, sizeof(*grown));
	if (!grown)
		return error_set(error, -ENOMEM, "out of memory");
	d->roots = grown;
	root = &grown[d->root_count];
	*root = (struct root){ .path = strdup(path), .source = source };
	if (!root->path)
		return error_set(error, -ENOMEM, "out of memory");
	root->is_file = stat(path, &st) == 0 && S_ISREG(st.st_mode);
	r = watch_add(d->watch, path, error);
	if (r < 0 && (source == ROOT_NEW || source == ROOT_COMMAND_LINE)) {
		free(root->path);
		return r;
	}
	d->root_count++;
	if (r < 0) {
		/* It was there when it was registered, or is to come. */
		log_warning("%s", error->message);
		miss_root(d, path, error->message);
	}
	return 0;
}

static int add_registered(void *userdata, const char *path, usec_t added_at)
{
	struct error error = { 0 };

	(void)added_at;
	return add_root(userdata, path, ROOT_REGISTERED, &error);
}

/* A root is kept as its canonical path: links in it are followed once, now. */
static int add_named_root(struct daemon *d, const char *name, enum root_source source,
			  struct error *error)
{
	cleanup_free char *path = realpath(name, NULL);

	if (!path && errno == ENOENT && *name == '/' && source == ROOT_CONFIG)
		path = strdup(name);
	if (!path)
		return error_set(error, -errno, "%s: %s", name, strerror(errno));
	return add_root(d, path, source, error);
}

static void drop_root(struct daemon *d, size_t i)
{
	struct root *root = &d->roots[i];

	(void)watch_remove(d->watch, root->path);
	absent_remove(d->absent, root->path);
	free(root->path);
	free(root->problem);
	*root = d->roots[--d->root_count];
}

static int remove_root(struct daemon *d, const char *path, struct error *error)
{
	for (size_t i = 0; i < d->root_count; i++) {
		struct root *root = &d->roots[i];

		if (strcmp(root->path, path) != 0)
			continue;
		if (root->source != ROOT_REGISTERED)
			return error_set(
			    error, -EPERM, "%s: watched by the %s; take it out there", path,
			    root->source == ROOT_CONFIG ? "configuration file"
							: "command line of planwatchd");
		drop_root(d, i);
		return 0;
	}
	return error_set(error, -ENOENT, "%s: not a root; `planctl roots` lists them", path);
}

/* A root is there again. */
static void on_returned(void *userdata, const char *path)
{
	struct daemon *d = userdata;
	struct error error = { 0 };
	struct stat st;

	for (size_t i = 0; i < d->root_count; i++) {
		struct root *root = &d->roots[i];

		if (strcmp(root->path, path) != 0)
			continue;
		if (watch_add(d->watch, path, &error) < 0) {
			log_warning("%s", error.message);
			miss_root(d, path, error.message);
			return;
		}
		log_info("%s: watched again", path);
		root->is_file = stat(path, &st) == 0 && S_ISREG(st.st_mode);
		free(root->problem);
		root->problem = NULL;
	}
	find_polled(d);
	(void)recorder_reconcile(d->recorder, is_covered, d);
	recorder_flush(d->recorder, ORIGIN_LIVE, NULL);
}

/* ---- Reloading ---- */

static bool has_root(char **roots, const char *path)
{
	for (size_t i = 0; roots && roots[i]; i++) {
		cleanup_free char *real = realpath(roots[i], NULL);
		if (strcmp(real ? real : roots[i], path) == 0)
			return true;
	}
	return false;
}

/* Reads the configuration again. One that is wrong changes nothing. */
static int reload(struct daemon *d, struct error *error)
{
	struct config config;
	int r = config_load(&config, d->config_path, error);

	if (r < 0)
		return r;
	/* The watch and the patrol refer to the structure, not to what it held. */
	config_done(&d->config);
	d->config = config;
	for (size_t i = d->root_count; i-- > 0;)
		if (d->roots[i].source == ROOT_CONFIG &&
		    !has_root(d->config.roots, d->roots[i].path))
			drop_root(d, i);
	for (size_t i = 0; d->config.roots && d->config.roots[i]; i++)
		if (add_named_root(d, d->config.roots[i], ROOT_CONFIG, error) < 0)
			log_warning("%s", error->message);
	watch_rescan(d->watch);
	find_polled(d);
	(void)recorder_reconcile(d->recorder, is_covered, d);
	recorder_flush(d->recorder, ORIGIN_LIVE, NULL);
	patrol_soon(d->patrol);
	log_info("configuration read again: %zu roots", d->root_count);
	return 0;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *d = userdata;
	struct error error = { 0 };

	(void)source;
	(void)info;
	/* systemd waits for the second message (sd_notify(3), Type=notify-reload). */
	(void)sd_notify(0, "RELOADING=1");
	if (reload(d, &error) < 0)
		log_error("%s; the last good configuration stays", error.message);
	(void)sd_notify(0, "READY=1");
	return 0;
}

/* ---- Requests ---- */

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

	heads_look(d->heads);
	recorder_hurry(d->recorder);
	drain(d);
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
	r = add_root(d, canonical, ROOT_NEW, error);
	/* One that the command line or the configuration has already stays theirs. */
	if (r == 0 && d->root_count > before) {
		d->roots[before].source = ROOT_REGISTERED;
		r = store_root_add(d->store, canonical, instant_now(), error);
	}
	if (r < 0)
		return r;
	find_polled(d);
	(void)recorder_reconcile(d->recorder, is_covered, d);
	recorder_flush(d->recorder, ORIGIN_LIVE, NULL);
	return 0;
}

static int request_unwatch(struct daemon *d, const char *path, struct error *error)
{
	int r = remove_root(d, path, error);

	if (r == 0)
		r = store_root_remove(d->store, path, error);
	if (r == 0) {
		find_polled(d);
		(void)recorder_reconcile(d->recorder, is_covered, d);
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
	broadcast_change(d);
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
	drain(userdata);
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
		on_committed(d);
	}
	return 0;
}

static int on_request(void *userdata, struct client *client, const struct json *request,
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
		return reload(d, error);
	if (strcmp(method, "import") == 0)
		return request_import(d, request, answer, error);
	if (strcmp(method, "subscribe") == 0) {
		control_subscribe(client);
		return 0;
	}
	return error_set(error, -ENOSYS,
			 "planwatchd " PLANWATCH_VERSION " does not know the method `%s`", method);
}

static void on_client_gone(void *userdata, struct client *client)
{
	struct daemon *d = userdata;

	for (size_t i = 0; i < d->syncing_count; i++)
		if (d->syncing[i].client == client)
			d->syncing[i].client = NULL;
}

/* ---- Life ---- */

static int open_store(struct daemon *d, usec_t *looked, struct error *error)
{
	*looked = store_last_looked(d->db_path);
	return store_open(&d->store, d->db_path, STORE_WRITE, error);
}

static int make_event_loop(struct daemon *d, struct error *error)
{
	sigset_t signals;
	int r;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	r = sd_event_new(&d->event);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGTERM, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGINT, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGHUP, on_hangup, d);
	if (r >= 0)
		r = sd_event_set_watchdog(d->event, true);
	return r < 0 ? error_set(error, r, "cannot make an event loop: %s", strerror(-r)) : 0;
}

static int add_all_roots(struct daemon *d, char **names, struct error *error)
{
	int r = 0;

	for (size_t i = 0; names[i] && r == 0; i++)
		r = add_named_root(d, names[i], ROOT_COMMAND_LINE, error);
	for (size_t i = 0; d->config.roots && d->config.roots[i] && r == 0; i++)
		r = add_named_root(d, d->config.roots[i], ROOT_CONFIG, error);
	return r == 0 ? store_roots(d->store, add_registered, d, error) : r;
}

/* Sets everything up; the first look at all plans is taken here, before anybody is told that we are ready. */
static int start(struct daemon *d, char **names, const struct watch_handlers *watching,
		 const struct recorder_handlers *recording,
		 const struct control_handlers *controlling, struct error *error)
{
	usec_t looked = INSTANT_NONE;
	int r = read_check(error);

	if (r == 0)
		r = open_store(d, &looked, error);
	if (r == 0)
		r = make_event_loop(d, error);
	if (r == 0)
		r = control_new(&d->control, d->event, d->socket_path, controlling, error);
	if (r == 0)
		r = watch_new(&d->watch, &d->config.rules, watching, error);
	if (r == 0) {
		r = recorder_new(&d->recorder, d->event, d->store, looked, recording);
		if (r == 0)
			r = poll_new(&d->poll, d->event, look_at_polled, d);
		if (r == 0)
			r = absent_new(&d->absent, d->event, on_returned, d);
		if (r == 0)
			r = clocks_new(&d->clocks, d->event, on_jumped, d);
		if (r == 0)
			r = sd_event_add_time_relative(d->event, &d->audit, CLOCK_MONOTONIC,
						       (uint64_t)AUDIT_EVERY,
						       (uint64_t)AUDIT_ACCURACY, on_audit, d);
		if (r >= 0)
			r = heads_new(&d->heads, d->event, on_switched, d);
		if (r == 0)
			r = patrol_new(&d->patrol, d->event, d->store, &d->config,
				       looked == INSTANT_NONE ? d->started_at : looked,
				       broadcast_change, d);
		if (r == 0)
			r = sd_event_add_io(d->event, NULL, watch_fd(d->watch), EPOLLIN, on_inotify,
					    d);
		if (r < 0)
			(void)error_set(error, r, "cannot start: %s", strerror(-r));
	}
	if (r >= 0)
		r = add_all_roots(d, names, error);
	if (r == 0) {
		record_power_off(d, looked);
		find_polled(d);
		r = recorder_reconcile(d->recorder, is_covered, d);
	}
	if (r == 0)
		recorder_flush(d->recorder, ORIGIN_STARTUP, "planwatchd was not running");
	d->audited_at = instant_now();
	return r;
}

static void stop(struct daemon *d)
{
	control_free(d->control);
	patrol_free(d->patrol);
	heads_free(d->heads);
	absent_free(d->absent);
	poll_free(d->poll);
	clocks_free(d->clocks);
	(void)sd_event_source_unref(d->audit);
	recorder_free(d->recorder);
	watch_free(d->watch);
	store_close(d->store);
	(void)sd_event_unref(d->event);
	for (size_t i = 0; i < d->root_count; i++) {
		free(d->roots[i].path);
		free(d->roots[i].problem);
	}
	free(d->roots);
	free(d->syncing);
	free(d->db_path);
	free(d->socket_path);
	config_done(&d->config);
}

static int serve(struct daemon *d)
{
	int r;

	if (d->root_count == 0)
		log_info("nothing to watch yet: `planctl watch FOLDER` adds a folder of plans");
	/* The crawl's memory is not needed any more. */
	(void)malloc_trim(0);
	log_info("watching %zu %s in %zu folders", d->root_count,
		 d->root_count == 1 ? "root" : "roots", watch_count(d->watch));
	patrol_soon(d->patrol);
	(void)sd_notify(0, "READY=1");
	r = sd_event_loop(d->event);
	(void)sd_notify(0, "STOPPING=1");
	/* What is held is on disk and is found again by the next start. */
	drain(d);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run(struct daemon *d, char **names)
{
	const struct watch_handlers watching = { on_file, on_folder_gone, on_lost, d };
	const struct recorder_handlers recording = {
		on_committed, on_settled, on_rescan, is_registered, on_hear, on_repo, d
	};
	const struct control_handlers controlling = { on_request, on_client_gone, d };
	struct error error = { 0 };
	int status = EXIT_FAILURE;

	if (start(d, names, &watching, &recording, &controlling, &error) < 0)
		log_error("%s", error.message);
	else
		status = serve(d);
	stop(d);
	return status;
}

static const char help[] =
    "Usage: planwatchd [OPTION]... [ROOT]...\n"
    "\n"
    "Watches ExecPlan files below the ROOTs and records every change of their checkboxes.\n"
    "Runs in the foreground and logs to standard error. A ROOT is a folder, or one file.\n"
    "\n"
    "  --config FILE   configuration (default: $XDG_CONFIG_HOME/planwatch/planwatch.conf)\n"
    "  --db FILE       database (default: $XDG_STATE_HOME/planwatch/planwatch.db)\n"
    "  --socket FILE   control socket (default: $XDG_RUNTIME_DIR/planwatch/socket)\n"
    "  -h, --help      this help\n"
    "  --version       the version\n"
    "\n"
    "Examples:\n"
    "  planwatchd ~/src            watch every plan below ~/src; stop with Ctrl-C\n"
    "  planctl status              in another terminal: who needs me now?\n";

struct arguments {
	const char *config, *db, *socket;
};

/* Returns -1 to go on, else the exit status. */
static int read_arguments(int argc, char **argv, struct arguments *ret)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "db", required_argument, NULL, 'd' },
		{ "socket", required_argument, NULL, 's' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },	    { 0 },
	};
	int option;

	*ret = (struct arguments){ getenv("PLANWATCH_CONFIG"), getenv("PLANWATCH_DB"),
				   getenv("PLANWATCH_SOCKET") };
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			ret->config = optarg;
			break;
		case 'd':
			ret->db = optarg;
			break;
		case 's':
			ret->socket = optarg;
			break;
		case 'h':
			(void)fputs(help, stdout);
			return EXIT_SUCCESS;
		case 'V':
			(void)puts("planwatchd " PLANWATCH_VERSION);
			return EXIT_SUCCESS;
		default:
			(void)fputs("Try `planwatchd --help`.\n", stderr);
			return 2;
		}
	}
	return -1;
}

static char *absolute(const char *path)
{
	cleanup_free char *folder = getcwd(NULL, 0);
	char *joined = NULL;

	if (*path == '/')
		return strdup(path);
	return folder && asprintf(&joined, "%s/%s", folder, path) >= 0 ? joined : NULL;
}

int main(int argc, char **argv)
{
	struct daemon d = { .started_at = instant_now() };
	struct arguments arguments;
	struct error error = { 0 };
	int status = read_arguments(argc, argv, &arguments);

	if (status >= 0)
		return status;
	if (config_load(&d.config, arguments.config, &error) < 0) {
		log_error("%s", error.message);
		return 2;
	}
	d.config_path = arguments.config;
	d.db_path = arguments.db ? absolute(arguments.db) : config_default_db();
	d.socket_path = arguments.socket ? absolute(arguments.socket) : config_default_socket();
	if (d.db_path && d.socket_path)
		return run(&d, argv + optind);
	log_error("%s is not set: say where with %s", d.db_path ? "XDG_RUNTIME_DIR" : "HOME",
		  d.db_path ? "--socket FILE" : "--db FILE");
	stop(&d);
	return 2;
}
