/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon.h"

#include "log.h"

#include "planwatch/cleanup.h"
#include "planwatch/filesystem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Says of a root that it is not watched, and waits for it. Not a root: a folder below one, that its parent watches for. */
void roots_miss(struct daemon *d, const char *path, const char *problem)
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

bool roots_cover(void *userdata, const char *path)
{
	const struct daemon *d = userdata;

	for (size_t i = 0; i < d->root_count; i++)
		if (path_is_below(path, d->roots[i].path))
			return true;
	return false;
}

bool roots_name(void *userdata, const char *path)
{
	const struct daemon *d = userdata;

	for (size_t i = 0; i < d->root_count; i++)
		if (d->roots[i].is_file && strcmp(path, d->roots[i].path) == 0)
			return true;
	return false;
}

static bool is_polled(const struct daemon *d, const char *path)
{
	for (size_t i = 0; d->config.polled && d->config.polled[i]; i++)
		if (path_is_below(path, d->config.polled[i]))
			return true;
	return filesystem_silent(path) != NULL;
}

/* After roots have come or gone, or a limit was reached or raised. */
void roots_find_polled(struct daemon *d)
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
bool roots_look_at_polled(void *userdata)
{
	struct daemon *d = userdata;
	uint64_t before = d->commits;
	usec_t now = instant_now();

	daemon_drain(d); /* what events tell is no older than they are */
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
		roots_find_polled(d);
	return d->commits != before;
}

int roots_add(struct daemon *d, const char *path, enum root_source source, struct error *error)
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
		roots_miss(d, path, error->message);
	}
	return 0;
}

static int add_registered(void *userdata, const char *path, usec_t added_at)
{
	struct error error = { 0 };

	(void)added_at;
	return roots_add(userdata, path, ROOT_REGISTERED, &error);
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
	return roots_add(d, path, source, error);
}

int roots_add_all(struct daemon *d, char **names, struct error *error)
{
	int r = 0;

	for (size_t i = 0; names[i] && r == 0; i++)
		r = add_named_root(d, names[i], ROOT_COMMAND_LINE, error);
	for (size_t i = 0; d->config.roots && d->config.roots[i] && r == 0; i++)
		r = add_named_root(d, d->config.roots[i], ROOT_CONFIG, error);
	return r == 0 ? store_roots(d->store, add_registered, d, error) : r;
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

int roots_remove(struct daemon *d, const char *path, struct error *error)
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
void roots_returned(void *userdata, const char *path)
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
			roots_miss(d, path, error.message);
			return;
		}
		log_info("%s: watched again", path);
		root->is_file = stat(path, &st) == 0 && S_ISREG(st.st_mode);
		free(root->problem);
		root->problem = NULL;
	}
	roots_find_polled(d);
	(void)recorder_reconcile(d->recorder, roots_cover, d);
	recorder_flush(d->recorder, ORIGIN_LIVE, NULL);
}

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
int roots_reload(struct daemon *d, struct error *error)
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
	roots_find_polled(d);
	(void)recorder_reconcile(d->recorder, roots_cover, d);
	recorder_flush(d->recorder, ORIGIN_LIVE, NULL);
	patrol_soon(d->patrol);
	log_info("configuration read again: %zu roots", d->root_count);
	return 0;
}
