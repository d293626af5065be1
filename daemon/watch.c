/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Roots and events. What the kernel says is a hint of where to look: names in events are looked up on the disk, and whatever an
 * event says of a place that has changed again since is set right by the event that told of that change.
 */
#include "watch.h"
#include "planwatch/cleanup.h"
#include "watch_private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inotifytools/inotify.h>
#include <inotifytools/inotifytools.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <unistd.h>

/* The part of `path` that is below the folder root; "" for the root itself, NULL for a path elsewhere. */
static const char *below(const struct root *root, const char *path)
{
	size_t length = root->folder_length;

	if (root->is_file || strncmp(path, root->path, length) != 0)
		return NULL;
	if (root->path[length - 1] == '/') /* the root is "/" */
		return path + length;
	if (path[length] == '/')
		return path + length + 1;
	return path[length] ? NULL : path + length;
}

/* True where one of the folders in a relative path is not entered. `length` bytes of it count. */
static bool has_pruned(const struct watch *watch, const char *path, size_t length)
{
	char name[NAME_MAX + 1];

	while (length) {
		const char *slash = memchr(path, '/', length);
		size_t size = slash ? (size_t)(slash - path) : length;
		if (size > NAME_MAX)
			return true;
		memcpy(name, path, size);
		name[size] = '\0';
		if (discover_is_pruned(watch->rules, name))
			return true;
		size += slash ? 1 : 0;
		path += size;
		length -= size;
	}
	return false;
}

bool watch_wants_folder(const struct watch *watch, const char *path)
{
	for (size_t i = 0; i < watch->n_roots; i++) {
		const char *rest = below(&watch->roots[i], path);
		if (rest && !has_pruned(watch, rest, strlen(rest)))
			return true;
	}
	return false;
}

static bool is_root_folder(const struct root *root, const char *path, size_t length)
{
	return root->folder_length == length && memcmp(root->path, path, length) == 0;
}

/* True where a node at this path is of use: in a folder root, or the folder of a file root. */
static bool needs_folder(const struct watch *watch, const char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; i < watch->n_roots; i++)
		if (is_root_folder(&watch->roots[i], path, length))
			return true;
	return watch_wants_folder(watch, path);
}

static bool has_plan_suffix(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (strcasecmp(dot, ".md") == 0 || strcasecmp(dot, ".markdown") == 0);
}

/* Asked of every entry and every event, before a path is put together. */
bool watch_name_matters(const struct watch *watch, const char *name)
{
	if (has_plan_suffix(name))
		return true;
	if (!watch->n_odd_names)
		return false;
	for (size_t i = 0; i < watch->n_roots; i++) {
		const struct root *root = &watch->roots[i];
		if (root->is_file && strcmp(strrchr(root->path, '/') + 1, name) == 0)
			return true;
	}
	return false;
}

static bool is_candidate(const struct watch *watch, const char *path)
{
	for (size_t i = 0; i < watch->n_roots; i++) {
		const struct root *root = &watch->roots[i];
		const char *rest = below(root, path);
		if (root->is_file && strcmp(root->path, path) == 0)
			return true;
		if (!rest || !*rest || !has_plan_suffix(rest))
			continue;
		const char *slash = strrchr(rest, '/');
		if (discover_is_candidate(watch->rules, root->path, rest) &&
		    !has_pruned(watch, rest, slash ? (size_t)(slash - rest) : 0))
			return true;
	}
	return false;
}

void watch_report_file(struct watch *watch, const char *path, enum watch_change change)
{
	if (is_candidate(watch, path))
		watch->handlers->file(watch->handlers->userdata, path, change);
}

static void report_lost(struct watch *watch, const char *path, enum watch_loss loss,
			const char *explanation)
{
	watch->handlers->lost(watch->handlers->userdata, path, loss, explanation);
}

/* Something keeps us from watching a folder. Told once, until a rescan gets through without it. */
void watch_report_limit(struct watch *watch, const char *path, int code)
{
	char explanation[512];

	watch->limit_hit = true;
	if (watch->limit_told)
		return;
	watch->limit_told = true;
	if (code == -ENOSPC) { /* inotify_add_watch(2) */
		int limit = inotifytools_get_max_user_watches();
		(void)snprintf(
		    explanation, sizeof(explanation),
		    "not every folder is watched: the limit fs.inotify.max_user_watches = %d is reached; "
		    "raise it with \"sysctl fs.inotify.max_user_watches=%d\" and keep it in "
		    "/etc/sysctl.d/, or watch fewer folders (in a container, also see user.max_inotify_watches)",
		    limit, limit < INT_MAX / 2 && limit > 262144 ? limit * 2 : 524288);
	} else {
		(void)snprintf(explanation, sizeof(explanation),
			       "not every folder is watched: %s%s", strerror(-code),
			       code == -EMFILE ? " (raise LimitNOFILE= or ulimit -n)" : "");
	}
	report_lost(watch, path, WATCH_LIMIT, explanation);
}

/* A root is not where it was. Its old folder, wherever that is now, is of no interest unless it was seen at its new place. */
static void lose_root(struct watch *watch, struct root *root)
{
	const struct watch_handlers *handlers = watch->handlers;
	struct node *node = tree_find(&watch->tree, root->wd);

	if (node && tree_path(&watch->tree, node->wd, NULL, &watch->path) == 0 &&
	    is_root_folder(root, watch->path.bytes, watch->path.length)) {
		tree_detach(&watch->tree, node);
		watch->garbage = true;
	}
	root->wd = 0;
	report_lost(watch, root->path, WATCH_ROOT,
		    "the watched root was deleted or renamed; it is watched again when it is back");
	if (root->is_file)
		handlers->file(handlers->userdata, root->path, WATCH_GONE);
	else
		handlers->folder_gone(handlers->userdata, root->path);
}

/* The folder at this path has this watch now, whichever it had before. */
void watch_bind_roots(struct watch *watch, const char *path, size_t length, int wd)
{
	for (size_t i = 0; i < watch->n_roots; i++) {
		struct root *root = &watch->roots[i];
		if (root->wd == wd || !is_root_folder(root, path, length))
			continue;
		if (root->wd)
			lose_root(watch, root);
		root->wd = wd;
	}
}

/*
 * Ends the watches of all folders that are not marked, and then takes the marks away: not on the way, because an erasure at the end of
 * the table moves nodes from its beginning there, which come by a second time.
 */
static void sweep(struct watch *watch)
{
	struct tree *tree = &watch->tree;
	struct node *node = tree_next(tree, NULL);

	watch->garbage = false;
	while (node) {
		if (node->mark) {
			node = tree_next(tree, node);
			continue;
		}
		(void)inotify_rm_watch(watch->fd, node->wd);
		tree_erase(tree, node);
		node = tree_first_from(tree, node);
	}
	for (node = NULL; (node = tree_next(tree, node));)
		node->mark = 0;
	for (size_t i = 0; i < watch->n_roots; i++)
		if (!tree_find(tree, watch->roots[i].wd))
			watch->roots[i].wd = 0;
	tree_trim(tree);
}

/* Ends the watches of all folders that have no path or no root, after a root or a folder was taken out. */
static void collect_garbage(struct watch *watch)
{
	struct tree *tree = &watch->tree;
	struct node *node;

	for (node = NULL; (node = tree_next(tree, node));) {
		int r = tree_path(tree, node->wd, NULL, &watch->path);
		node->mark = r == -ENOMEM || (r == 0 && needs_folder(watch, watch->path.bytes));
	}
	/* A folder that stays although the one above it goes becomes a top. */
	for (node = NULL; (node = tree_next(tree, node));) {
		const struct node *parent = tree_find(tree, (int)node->parent);
		if (node->mark && node->parent && (!parent || !parent->mark) &&
		    tree_path(tree, node->wd, NULL, &watch->path) == 0)
			(void)tree_move(tree, node, 0, watch->path.bytes);
	}
	sweep(watch);
}

/* The path of a root's folder: the root itself, or where a file root lies. The caller frees. */
static char *folder_of(const struct root *root)
{
	return strndup(root->path, root->folder_length);
}

static int look_at_root(struct watch *watch, struct root *root)
{
	enum scan_result result;
	struct stat status;
	int wd = 0;

	if (!root->is_file)
		return watch_scan(watch, 0, root->path, SCAN_ALL, &result, &wd);
	cleanup_free char *folder = folder_of(root);
	if (!folder)
		return -ENOMEM;
	int r = watch_scan_folder(watch, folder, &wd);
	if (r == 0 && fstatat(AT_FDCWD, root->path, &status, AT_SYMLINK_NOFOLLOW) == 0)
		watch_report_file(watch, root->path, WATCH_CHANGED);
	return r;
}

/* Looks at a root on the disk: watches what is not watched there and reports what is there. */
static int scan_root(struct watch *watch, struct root *root)
{
	int r = look_at_root(watch, root);

	if (r < 0 && !scan_is_gone(r))
		watch_report_limit(watch, root->path, r);
	return r;
}

static void check_root(struct watch *watch, struct root *root)
{
	cleanup_free char *folder = folder_of(root);
	int wd = folder ? watch_scan_identify(watch, folder) : -ENOMEM;
	bool full = wd == -ENOSPC; /* then it is a folder that we do not watch yet */

	if (wd < 0 && !full && !scan_is_gone(wd)) {
		watch_report_limit(watch, root->path, wd);
		return;
	}
	if (wd > 0 && wd == root->wd && tree_find(&watch->tree, wd))
		return;
	bool was_there = root->wd != 0;
	if (was_there)
		lose_root(watch, root);
	if (wd > 0 || (full && was_there))
		(void)scan_root(watch, root);
	if (wd > 0 && !tree_find(&watch->tree, wd)) /* replaced once more meanwhile */
		(void)inotify_rm_watch(watch->fd, wd);
}

/* Looks at the disk for every root, because no event tells of a rename further up, or of a root that is back. */
static void check_roots(struct watch *watch)
{
	for (size_t i = 0; i < watch->n_roots; i++)
		check_root(watch, &watch->roots[i]);
	watch->check_roots = false;
}

static bool is_roots(const struct watch *watch, int wd)
{
	for (size_t i = 0; i < watch->n_roots; i++)
		if (watch->roots[i].wd == wd)
			return true;
	return false;
}

static bool has_lost_root(const struct watch *watch)
{
	return is_roots(watch, 0);
}

/* Remembers the place of a folder that was deleted or renamed away, to look at it when the queue is empty. */
static void add_gone(struct watch *watch, const struct inotify_event *event)
{
	struct gone *gone = reallocarray(watch->gone, watch->n_gone + 1, sizeof(*gone));
	char *name = strdup(event->name);

	if (gone)
		watch->gone = gone;
	if (!gone || !name) {
		free(name);
		watch_report_limit(watch, watch->path.bytes, -ENOMEM);
		return;
	}
	gone[watch->n_gone++] = (struct gone){
		.parent = event->wd,
		.unsettled = event->mask & IN_MOVED_FROM,
		.name = name,
	};
}

/*
 * A folder of ours has left this place for another one that we have found. Not told by the cookie: where a folder above was
 * exchanged meanwhile, the name in IN_MOVED_TO may lead to a folder that is not the one that moved.
 */
void watch_settle_gone(struct watch *watch, int parent, const char *name)
{
	for (size_t i = watch->n_gone; i-- > 0;) {
		struct gone *gone = &watch->gone[i];
		if (!gone->unsettled || gone->parent != parent || strcmp(gone->name, name) != 0)
			continue;
		gone->unsettled = false;
		return;
	}
}

/*
 * What is at the place now is reported once more, though it may be known: a scan that ran ahead of the queue may have reported it
 * before we told that its predecessor is gone. What we have there but is not there any more was moved out of our sight.
 */
static void finish_one_gone(struct watch *watch, const struct gone *gone)
{
	struct tree *tree = &watch->tree;
	enum scan_result result;
	int there = 0;

	if (tree_path(tree, gone->parent, gone->name, &watch->path) < 0) {
		watch->garbage = true;
		return;
	}
	(void)watch_scan(watch, gone->parent, watch->path.bytes, SCAN_ALL, &result, &there);
	if (!gone->unsettled)
		return;
	for (struct node *node = NULL; (node = tree_next(tree, node));) {
		if ((int)node->parent != gone->parent || node->wd == there ||
		    strcmp(tree_name(tree, node), gone->name) != 0)
			continue;
		tree_detach(tree, node);
		watch->garbage = true;
	}
}

static void finish_gone(struct watch *watch)
{
	for (size_t i = 0; i < watch->n_gone; i++)
		finish_one_gone(watch, &watch->gone[i]);
	while (watch->n_gone)
		free(watch->gone[--watch->n_gone].name);
	free(watch->gone);
	watch->gone = NULL;
}

/* Every watch on a file system that is unmounted tells so, in no order: only the uppermost folders are reported. */
static void finish_unmount(struct watch *watch)
{
	struct tree *tree = &watch->tree;
	struct node *node;

	watch->unmounted = false;
	watch->check_roots = true;
	for (node = NULL; (node = tree_next(tree, node));) {
		const struct node *parent = tree_find(tree, (int)node->parent);
		if (!node->mark)
			continue;
		for (size_t i = 0; i < watch->n_roots; i++)
			if (watch->roots[i].wd == node->wd)
				watch->roots[i].wd = 0;
		if ((!parent || !parent->mark) &&
		    tree_path(tree, node->wd, NULL, &watch->path) == 0)
			report_lost(watch, watch->path.bytes, WATCH_UNMOUNT,
				    "the file system was unmounted");
	}
	for (node = tree_next(tree, NULL); node;) {
		if (!node->mark) {
			node = tree_next(tree, node);
			continue;
		}
		tree_erase(tree, node);
		node = tree_first_from(tree, node);
	}
}

static void on_file(struct watch *watch, const struct inotify_event *event)
{
	enum watch_change change = WATCH_CHANGED;

	if (!watch_name_matters(watch, event->name))
		return;
	if (event->mask & IN_MODIFY)
		change = WATCH_TOUCHED;
	else if (event->mask & (IN_DELETE | IN_MOVED_FROM))
		change = WATCH_GONE;
	else if (event->mask & IN_CREATE)
		change = WATCH_MADE;
	watch_report_file(watch, watch->path.bytes, change);
}

static void on_folder(struct watch *watch, const struct inotify_event *event)
{
	bool wanted = watch_wants_folder(watch, watch->path.bytes);
	enum scan_result result;
	int wd;

	if (watch->unsure && !(event->mask & IN_CREATE))
		watch->verify = true;
	if (event->mask & (IN_MOVED_FROM | IN_MOVED_TO))
		watch->check_roots = true; /* one may lie below, in a pruned folder */
	if (has_lost_root(watch))
		watch->check_roots = true;
	if (!wanted)
		return;
	if (event->mask & (IN_DELETE | IN_MOVED_FROM)) {
		watch->handlers->folder_gone(watch->handlers->userdata, watch->path.bytes);
		add_gone(watch, event);
		return;
	}
	/* A folder that was made is scanned but once; one that was moved here has new paths for all that is in it. */
	(void)watch_scan(watch, event->wd, watch->path.bytes,
			 event->mask & IN_MOVED_TO ? SCAN_ALL : SCAN_NEWS, &result, &wd);
}

/* The kernel has ended this watch: the folder is gone, or we asked for it (then it is not in the table any more). */
static void on_ignored(struct watch *watch, struct node *node)
{
	if (is_roots(watch, node->wd))
		watch->check_roots = true;
	if (!node->mark) /* else finish_unmount() has a use for it */
		tree_erase(&watch->tree, node);
}

static void on_event(struct watch *watch, const struct inotify_event *event)
{
	if (event->mask & IN_Q_OVERFLOW) {
		report_lost(
		    watch, "", WATCH_OVERFLOW,
		    "the kernel's queue of file events was full and events were lost; all roots are scanned "
		    "again (fs.inotify.max_queued_events sets its length)");
		return;
	}
	struct node *node = tree_find(&watch->tree, event->wd);
	if (!node) /* of a watch that we ended: the queue still had events of it */
		return;
	if (event->mask & IN_IGNORED) {
		on_ignored(watch, node);
	} else if (event->mask & IN_UNMOUNT) {
		node->mark = 1;
		watch->unmounted = true;
	} else if (event->mask & IN_MOVE_SELF) {
		if (is_roots(watch, node->wd))
			watch->check_roots = true;
	} else if (event->len) {
		bool is_folder = event->mask & IN_ISDIR;
		if (!is_folder && !watch_name_matters(watch, event->name))
			return;
		int r = tree_path(&watch->tree, event->wd, event->name, &watch->path);
		if (r == -ENOMEM) /* what this event tells is found by polling */
			watch_report_limit(watch, event->name, r);
		else if (r < 0)
			watch->garbage = true;
		else if (is_folder)
			on_folder(watch, event);
		else
			on_file(watch, event);
	}
}

static void rescan(struct watch *watch)
{
	struct tree *tree = &watch->tree;

	watch->rescanning = true;
	watch->limit_hit = false;
	for (struct node *node = NULL; (node = tree_next(tree, node));)
		node->mark = 0;
	bool complete = true;
	for (size_t i = 0; i < watch->n_roots; i++) {
		struct root *root = &watch->roots[i];
		int r = scan_root(watch, root);
		if (r < 0 && scan_is_gone(r) && root->wd)
			lose_root(watch, root);
		complete &= r == 0 || scan_is_gone(r);
	}
	/* Of what could not be looked at nothing is known: its watches stay. */
	for (struct node *node = NULL; !complete && (node = tree_next(tree, node));)
		node->mark = 1;
	/* What is swept may have been moved behind our back: what is left of its folders is looked at after the next events. */
	uint32_t before = tree->count;
	sweep(watch);
	watch->garbage = tree->count < before;
	watch->limit_told = watch->limit_hit;
	watch->rescanning = false;
}

/* What can be told only when the queue is empty: which folders found no new name, which roots are gone. */
static void finish_drain(struct watch *watch)
{
	if (watch->unmounted)
		finish_unmount(watch);
	if (watch->n_gone)
		finish_gone(watch);
	if (watch->check_roots)
		check_roots(watch);
	if (watch->verify)
		rescan(watch);
	if (watch->garbage)
		collect_garbage(watch);
	watch->unsure = false;
	watch->verify = false;
	tree_trim(&watch->tree);
}

int watch_drain(struct watch *watch)
{
	const struct inotify_event *event;
	int n = 0, r = 0;

	assert(!watch->busy);
	watch->busy = true;
	watch->draining = true;
	/*
	 * One event at a time until NULL: the library reads the whole queue into a buffer of its own, which polling does not see, and for more
	 * than one event it would spin until there are as many.
	 */
	for (;;) {
		event = inotifytools_next_events(0, 1);
		if (event) {
			on_event(watch, event);
			n++;
			continue;
		}
		r = -inotifytools_error();
		if (r != -EINTR)
			break;
	}
	finish_drain(watch);
	watch->draining = false;
	watch->busy = false;
	return r < 0 ? r : n;
}

void watch_rescan(struct watch *watch)
{
	assert(!watch->busy);
	watch->busy = true;
	rescan(watch);
	watch->busy = false;
}

static size_t find_root(const struct watch *watch, const char *path)
{
	size_t i = 0;

	while (i < watch->n_roots && strcmp(watch->roots[i].path, path) != 0)
		i++;
	return i;
}

/* Keeps the roots sorted: a folder's path is a prefix of those below it and comes before them. */
static int insert_root(struct watch *watch, const char *path, bool is_file, size_t *ret)
{
	struct root *roots = reallocarray(watch->roots, watch->n_roots + 1, sizeof(*roots));
	char *copy = strdup(path);
	size_t i = 0;

	if (roots)
		watch->roots = roots;
	if (!roots || !copy) {
		free(copy);
		return -ENOMEM;
	}
	while (i < watch->n_roots && strcmp(roots[i].path, path) < 0)
		i++;
	memmove(roots + i + 1, roots + i, (watch->n_roots - i) * sizeof(*roots));
	const char *slash = strrchr(copy, '/');
	size_t folder = slash == copy ? 1 : (size_t)(slash - copy);
	roots[i] = (struct root){
		.path = copy,
		.folder_length = is_file ? folder : strlen(copy),
		.is_file = is_file,
	};
	watch->n_roots++;
	watch->n_odd_names += is_file && !has_plan_suffix(slash + 1);
	*ret = i;
	return 0;
}

static void erase_root(struct watch *watch, size_t i)
{
	struct root *root = &watch->roots[i];

	watch->n_odd_names -= root->is_file && !has_plan_suffix(strrchr(root->path, '/') + 1);
	free(root->path);
	watch->n_roots--;
	memmove(root, root + 1, (watch->n_roots - i) * sizeof(*root));
}

static int root_error(struct error *error, const char *root, int code)
{
	switch (code) {
	case -ENOENT:
		return error_set(error, code, "there is no file or folder %s", root);
	case -EACCES:
		return error_set(
		    error, code,
		    "cannot watch %s: it, or a folder above it, may not be read by this user",
		    root);
	case -ENOTDIR:
	case -ELOOP:
		return error_set(
		    error, code,
		    "cannot watch %s: it is, or lies behind, something that is neither a folder "
		    "nor a regular file; give the real path of a link",
		    root);
	default:
		return error_set(error, code, "cannot watch %s: %s", root, strerror(-code));
	}
}

int watch_add(struct watch *watch, const char *root, struct error *error)
{
	struct stat status;
	size_t i = find_root(watch, root);
	bool known = i < watch->n_roots;

	assert(!watch->busy);
	if (root[0] != '/')
		return error_set(error, -EINVAL, "cannot watch %s: its path is not absolute", root);
	if (lstat(root, &status) < 0)
		return root_error(error, root, -errno);
	if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
		return root_error(error, root, -ENOTDIR);
	if (known && watch->roots[i].is_file == S_ISDIR(status.st_mode)) {
		erase_root(watch, i); /* a file became a folder, or a folder a file */
		known = false;
	}
	int r = known ? 0 : insert_root(watch, root, !S_ISDIR(status.st_mode), &i);
	if (r < 0)
		return root_error(error, root, r);
	watch->busy = true;
	r = scan_root(watch, &watch->roots[i]);
	if (r < 0 && !known) {
		erase_root(watch, i);
		collect_garbage(watch);
	}
	watch->busy = false;
	return r < 0 ? root_error(error, root, r) : 0;
}

int watch_remove(struct watch *watch, const char *root)
{
	size_t i = find_root(watch, root);

	assert(!watch->busy);
	if (i == watch->n_roots)
		return -ENOENT;
	erase_root(watch, i);
	collect_garbage(watch);
	return 0;
}

bool watch_is_limited(const struct watch *watch)
{
	return watch->limit_hit;
}

size_t watch_count(const struct watch *watch)
{
	return watch->tree.count;
}

int watch_fd(const struct watch *watch)
{
	return watch->fd;
}

/* The library does not tell its descriptor: the number of inotify instances of this process, and one of them. */
static int find_instance(int *ret)
{
	cleanup_closedir DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	char target[32];
	int n = 0;

	if (!folder)
		return -errno;
	while ((entry = readdir(folder))) {
		ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target));
		static const char wanted[] = "anon_inode:inotify";
		if (length != sizeof(wanted) - 1 || memcmp(target, wanted, sizeof(wanted) - 1) != 0)
			continue;
		*ret = (int)strtol(entry->d_name, NULL, 10);
		n++;
	}
	return n;
}

static int open_instance(struct watch *watch, struct error *error)
{
	int n = find_instance(&watch->fd);

	if (n < 0)
		return error_set(error, n, "cannot read /proc/self/fd: %s", strerror(-n));
	if (n > 0)
		return error_set(
		    error, -EBUSY,
		    "this process has an inotify instance already; there can be only one watch");
	if (!inotifytools_initialize()) {
		int code = inotifytools_error();
		if (code != EMFILE)
			return error_set(error, code > 0 ? -code : -EIO, "cannot open inotify: %s",
					 strerror(code > 0 ? code : EIO));
		return error_set(
		    error, -EMFILE,
		    "cannot open inotify: this user has fs.inotify.max_user_instances = %d "
		    "of them open, or this process too many files; raise the limit with "
		    "\"sysctl fs.inotify.max_user_instances=512\"",
		    inotifytools_get_max_user_instances());
	}
	n = find_instance(&watch->fd);
	/* The library waits with select(), which knows no higher descriptors (select(2)), and leaves this one open to children. */
	if (n == 1 && watch->fd < FD_SETSIZE && fcntl(watch->fd, F_SETFD, FD_CLOEXEC) == 0)
		return 0;
	inotifytools_cleanup();
	return error_set(error, n == 1 ? -EMFILE : -EIO,
			 n == 1 ? "cannot use inotify: too many files are open already"
				: "cannot find the descriptor that libinotifytools opened");
}

int watch_new(struct watch **ret, const struct discover_rules *rules,
	      const struct watch_handlers *handlers, struct error *error)
{
	cleanup_free struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return error_set(error, -ENOMEM, "out of memory");
	watch->fd = -1;
	watch->rules = rules;
	watch->handlers = handlers;
	int r = open_instance(watch, error);
	if (r < 0)
		return r;
	*ret = take(watch);
	return 0;
}

/*
 * The library's buffer outlives its instance, so that a later watch would read our events: ends all watches, for nothing new to come,
 * and reads the queue to its end.
 */
static void close_instance(struct watch *watch)
{
	for (struct node *node = NULL; (node = tree_next(&watch->tree, node));)
		(void)inotify_rm_watch(watch->fd, node->wd);
	while (inotifytools_next_events(0, 1))
		;
	inotifytools_cleanup();
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	assert(!watch->busy);
	close_instance(watch);
	while (watch->n_roots)
		erase_root(watch, watch->n_roots - 1);
	free(watch->roots);
	free(watch->path.bytes);
	tree_done(&watch->tree);
	free(watch);
}
