/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks folders: each is watched first and read afterwards, the upper ones before the lower ones, so that whatever appears while
 * we walk is either read or told by an event (inotify(7), "Limitations and caveats"). Nothing is opened by a stored path: each
 * folder is opened from its parent's descriptor without following links, and watched through its own descriptor.
 */
#include "planwatch/cleanup.h"
#include "watch_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* Descriptors of open levels; the outer ones are closed and, should they be needed again, opened again by their path. */
	MAX_OPEN = 32,
	DENTS_SIZE = 32768,
	/*
	 * IN_MOVE_SELF matters for roots only, but a mask for all keeps a second inotify_add_watch() from changing it. IN_DELETE_SELF is left
	 * out: IN_IGNORED, which is always told, follows it. No IN_DONT_FOLLOW: the link in /proc must be followed; the descriptor was opened
	 * with O_NOFOLLOW. IN_MASK_ADD, because without it the kernel empties the mask of a watch that exists for a moment before it sets it
	 * again (inotify_update_existing_watch() in fs/notify/inotify/inotify_user.c): events in that moment are lost.
	 */
	MASK = IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE |
	       IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK | IN_MASK_ADD,
	UNWATCHED = -1, /* the parent has no watch: its children cannot have a place in the table */
};

struct level {
	int fd;
	int wd;		    /* or UNWATCHED */
	size_t path_length; /* of this folder, in scan.path */
	size_t first;	    /* its subfolders' names, in scan.names */
	size_t next;
	size_t end;
};

struct scan {
	struct watch *watch;
	enum scan_mode mode;
	struct path path;
	struct level *levels;
	size_t depth, levels_capacity;
	char *names;
	size_t names_length, names_capacity;
};

/* Reading a folder should not touch its access time; only its owner may say so (open(2)). */
static int open_folder(int parent, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(parent, name, flags | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = openat(parent, name, flags);
	return fd < 0 ? -errno : fd;
}

/*
 * Opens an absolute path one name at a time: no link is followed on the way, and its length is not limited to PATH_MAX.
 */
static int open_path(const char *path)
{
	char name[NAME_MAX + 1];
	cleanup_close int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	path += strspn(path, "/");
	if (!*path)
		return open_folder(fd, ".");
	for (;;) {
		size_t length = strcspn(path, "/");
		if (length > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, path, length);
		name[length] = '\0';
		path += length + strspn(path + length, "/");
		if (!*path)
			return open_folder(fd, name);
		int next = openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -errno;
		(void)close(fd);
		fd = next;
	}
}

/* By its descriptor: what is watched is what is read, whoever renames it meanwhile. */
static int add_watch(const struct watch *watch, int fd)
{
	char link[sizeof("/proc/self/fd/") + 3 * sizeof(int)];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	int wd = inotify_add_watch(watch->fd, link, MASK);
	return wd < 0 ? -errno : wd;
}

/*
 * By its path, which is a fifth faster in a whole tree. Where a folder above is replaced between our opening it and this call, that
 * may be another folder; but all above are watched already, so that the next drain hears of it and scans again (watch->unsure).
 */
static int add_watch_by_path(const struct watch *watch, const char *path)
{
	int wd = inotify_add_watch(watch->fd, path, MASK | IN_DONT_FOLLOW);
	return wd < 0 ? -errno : wd;
}

/* True where the folder that is open as `fd` is to be found at `path`, too. */
static bool is_at(int fd, const char *path)
{
	struct stat ours, theirs;
	cleanup_close int other = open_path(path);

	return other >= 0 && fstat(fd, &ours) == 0 && fstat(other, &theirs) == 0 &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/*
 * A folder that the table has at another place: it was moved, or it has two places (a bind mount). inotify gives one watch
 * descriptor for an inode, so we keep the place that we know as long as it is true.
 */
static int place_known(struct scan *scan, int fd, struct node *node, int parent, const char *name,
		       enum scan_result *result)
{
	struct tree *tree = &scan->watch->tree;
	struct path *old = &scan->watch->path;
	int wd = node->wd;
	int r = tree_path(tree, wd, NULL, old);

	if (r == -ENOMEM)
		return r;
	bool same = r == 0 && strcmp(old->bytes, scan->path.bytes) == 0;
	*result = same ? SCAN_KNOWN : SCAN_MOVED;
	if (same && !parent)
		return 0; /* a root in a folder that is watched: the node has its place already */
	if (!same && ((r == 0 && is_at(fd, old->bytes)) || tree_is_below(tree, parent, wd))) {
		*result = SCAN_ELSEWHERE;
		return 0;
	}
	if (!same) {
		scan->watch->check_roots = true;
		watch_settle_gone(scan->watch, (int)node->parent, tree_name(tree, node));
	}
	return tree_move(tree, node, parent, name);
}

static int place(struct scan *scan, int fd, int wd, int parent, const char *name,
		 enum scan_result *result)
{
	struct tree *tree = &scan->watch->tree;
	struct node *node = tree_find(tree, wd);

	if (!node) {
		*result = SCAN_NEW;
		return tree_insert(tree, wd, parent, name);
	}
	if ((int)node->parent == parent && strcmp(tree_name(tree, node), name) == 0) {
		*result = SCAN_KNOWN;
		return 0;
	}
	return place_known(scan, fd, node, parent, name, result);
}

/* Watches the folder that is open as `fd`, at scan->path. Returns its watch descriptor or UNWATCHED. */
static int watch_folder(struct scan *scan, int fd, int parent, const char *name,
			enum scan_result *result)
{
	struct watch *watch = scan->watch;

	*result = SCAN_UNWATCHED;
	if (parent == UNWATCHED)
		return UNWATCHED;
	bool by_path = !watch->draining && scan->path.length < PATH_MAX;
	watch->unsure |= by_path;
	int wd = by_path ? add_watch_by_path(watch, scan->path.bytes) : add_watch(watch, fd);
	if (scan_is_gone(wd))
		return UNWATCHED;
	if (wd < 0) {
		watch_report_limit(watch, scan->path.bytes, wd);
		return UNWATCHED;
	}
	int r = place(scan, fd, wd, parent, name, result);
	if (r < 0) {
		if (!tree_find(&watch->tree, wd))
			(void)inotify_rm_watch(watch->fd, wd);
		watch_report_limit(watch, scan->path.bytes, r);
		*result = SCAN_UNWATCHED;
		return UNWATCHED;
	}
	if (*result != SCAN_ELSEWHERE)
		watch_bind_roots(watch, scan->path.bytes, scan->path.length, wd);
	return wd;
}

/* A folder that this rescan has been in before (a root in a root) needs no second visit. */
static bool is_seen(struct watch *watch, int wd)
{
	struct node *node = watch->rescanning ? tree_find(&watch->tree, wd) : NULL;

	if (!node)
		return false;
	bool seen = node->mark;
	node->mark = 1;
	return seen;
}

static int add_subfolder(struct scan *scan, const char *name)
{
	size_t size = strlen(name) + 1;

	if (scan->names_length + size > scan->names_capacity) {
		size_t capacity = (scan->names_length + size) * 2 + 256;
		char *names = realloc(scan->names, capacity);
		if (!names)
			return -ENOMEM;
		scan->names = names;
		scan->names_capacity = capacity;
	}
	memcpy(scan->names + scan->names_length, name, size);
	scan->names_length += size;
	return 0;
}

static int read_entry(struct scan *scan, int fd, const struct dirent64 *entry)
{
	const char *name = entry->d_name;
	bool is_folder = entry->d_type == DT_DIR;

	if (name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2])))
		return 0;
	if (entry->d_type == DT_UNKNOWN) { /* some file systems do not tell: getdents(2) */
		struct stat status;
		if (fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			return scan_is_gone(-errno) ? 0 : -errno;
		is_folder = S_ISDIR(status.st_mode);
	}
	if (is_folder)
		return discover_is_pruned(scan->watch->rules, name) ? 0 : add_subfolder(scan, name);
	if (!watch_name_matters(scan->watch, name))
		return 0;
	size_t length = scan->path.length;
	int r = path_join(&scan->path, name);
	if (r < 0)
		return r;
	watch_report_file(scan->watch, scan->path.bytes, WATCH_CHANGED);
	path_cut(&scan->path, length);
	return 0;
}

/* Reads the whole folder at once, so that its descriptor's position need not outlive this call. */
static void read_folder(struct scan *scan, int fd)
{
	alignas(struct dirent64) char buffer[DENTS_SIZE];
	ssize_t n;

	while ((n = getdents64(fd, buffer, sizeof(buffer))) > 0) {
		for (ssize_t i = 0; i < n;) {
			const struct dirent64 *entry = (const void *)(buffer + i);
			i += entry->d_reclen;
			int r = read_entry(scan, fd, entry);
			if (r < 0)
				watch_report_limit(scan->watch, scan->path.bytes, r);
		}
	}
	if (n < 0 && !scan_is_gone(-errno))
		watch_report_limit(scan->watch, scan->path.bytes, -errno);
}

static struct level *push_level(struct scan *scan)
{
	if (scan->depth == scan->levels_capacity) {
		size_t capacity = scan->levels_capacity * 2 + 16;
		struct level *levels = realloc(scan->levels, capacity * sizeof(*levels));
		if (!levels)
			return NULL;
		scan->levels = levels;
		scan->levels_capacity = capacity;
	}
	if (scan->depth >= MAX_OPEN) {
		struct level *outer = &scan->levels[scan->depth - MAX_OPEN];
		cleanup_close_fd(&outer->fd);
		outer->fd = -1;
	}
	return &scan->levels[scan->depth++];
}

static void pop_level(struct scan *scan)
{
	struct level *level = &scan->levels[--scan->depth];

	cleanup_close_fd(&level->fd);
	scan->names_length = level->first;
}

/* Takes the open folder at scan->path: watches it, reads it, and leaves it on the stack for its subfolders. Consumes `fd`. */
static int enter(struct scan *scan, int fd, int parent, const char *name, enum scan_result *result)
{
	cleanup_close int own = fd;
	int wd = watch_folder(scan, fd, parent, name, result);

	if (*result == SCAN_ELSEWHERE || (*result == SCAN_KNOWN && scan->mode == SCAN_NEWS))
		return wd;
	if (wd != UNWATCHED && is_seen(scan->watch, wd))
		return wd;
	if (*result == SCAN_MOVED) /* what is below it is known, and has new paths */
		scan->mode = SCAN_ALL;

	struct level *level = push_level(scan);
	if (!level) {
		watch_report_limit(scan->watch, scan->path.bytes, -ENOMEM);
		return wd;
	}
	*level = (struct level){
		.fd = take_fd(own),
		.wd = wd,
		.path_length = scan->path.length,
		.first = scan->names_length,
		.next = scan->names_length,
	};
	read_folder(scan, fd);
	level->end = scan->names_length;
	return wd;
}

/* Opens the subfolder at scan->path. */
static int open_subfolder(struct scan *scan, struct level *level, const char *name)
{
	if (level->fd >= 0)
		return open_folder(level->fd, name);
	return open_path(scan->path.bytes);
}

/* Goes into the next subfolder of the innermost level, or leaves it. */
static void step(struct scan *scan)
{
	struct level *level = &scan->levels[scan->depth - 1];
	char name[NAME_MAX + 1];
	enum scan_result result;

	if (level->next == level->end) {
		pop_level(scan);
		return;
	}
	/* The pool of names may move while the subfolder is read. */
	size_t size = strlen(scan->names + level->next) + 1;
	if (size > sizeof(name))
		size = sizeof(name);
	memcpy(name, scan->names + level->next, size);
	name[size - 1] = '\0';
	level->next += size;

	path_cut(&scan->path, level->path_length);
	int fd = path_join(&scan->path, name);
	if (fd == 0)
		fd = open_subfolder(scan, level, name);
	if (fd >= 0)
		(void)enter(scan, fd, level->wd, name, &result);
	else if (!scan_is_gone(fd))
		watch_report_limit(scan->watch, scan->path.bytes, fd);
}

static void scan_done(struct scan *scan)
{
	while (scan->depth)
		pop_level(scan);
	free(scan->levels);
	free(scan->names);
	free(scan->path.bytes);
}

/*
 * Opens the folder at `path`. Where it is told by an event of `parent`, only if that is still the folder that the path leads to:
 * it may have been renamed since, and another one put in its place. Then an event of that is to come, and we wait for it.
 */
static int open_top(const struct watch *watch, int parent, const char *name, const char *path)
{
	struct path above = { 0 };

	if (!parent)
		return open_path(path);
	int r = tree_path(&watch->tree, parent, NULL, &above);
	if (r < 0)
		return r;
	cleanup_close int fd = open_path(above.bytes);
	free(above.bytes);
	if (fd < 0)
		return fd;
	int wd = add_watch(watch, fd);
	if (wd == parent)
		return open_folder(fd, name);
	if (wd < 0)
		return wd;
	if (!tree_find(&watch->tree, wd))
		(void)inotify_rm_watch(watch->fd, wd);
	return -ESTALE;
}

int watch_scan(struct watch *watch, int parent, const char *path, enum scan_mode mode,
	       enum scan_result *result, int *wd)
{
	cleanup(scan_done) struct scan scan = { .watch = watch, .mode = mode };
	/* A top's name is its whole path. */
	cleanup_free char *name = strdup(parent ? strrchr(path, '/') + 1 : path);
	int r = path_set(&scan.path, path, strlen(path));

	if (r < 0 || !name)
		return -ENOMEM;
	int fd = open_top(watch, parent, name, scan.path.bytes);
	if (fd < 0) {
		if (fd != -ESTALE && !scan_is_gone(fd))
			watch_report_limit(watch, scan.path.bytes, fd);
		return fd;
	}
	*wd = enter(&scan, fd, parent, name, result);
	if (*wd == UNWATCHED)
		*wd = 0;
	while (scan.depth)
		step(&scan);
	return 0;
}

int watch_scan_folder(struct watch *watch, const char *path, int *wd)
{
	cleanup(scan_done) struct scan scan = { .watch = watch };
	enum scan_result result;
	int r = path_set(&scan.path, path, strlen(path));

	if (r < 0)
		return r;
	cleanup_close int fd = open_path(path);
	if (fd < 0)
		return fd;
	*wd = watch_folder(&scan, fd, 0, path, &result);
	if (*wd == UNWATCHED)
		*wd = 0;
	else
		(void)is_seen(watch, *wd);
	return 0;
}

int watch_scan_identify(const struct watch *watch, const char *path)
{
	cleanup_close int fd = open_path(path);

	return fd < 0 ? fd : add_watch(watch, fd);
}
