/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watched folders: which there are, and what the kernel says of them. libinotifytools opens the instance and reads its
 * events (it owns one per process, so there is one struct watch at a time); the tree of folders is ours, because the library's
 * own book-keeping is wrong after renames, deletes and re-creations.
 *
 * A folder is a node {parent, name, watch descriptor}: its path is found by walking up, never stored, so that a rename of any
 * folder above costs nothing and leaves nothing stale. Each folder is watched first and read afterwards: what appears in between
 * is reported twice, never lost. Events are hints: the receiver reads the file, its bytes decide.
 *
 * Memory: at most 32 bytes a folder. Paths in calls are absolute, valid for the call only.
 */
#ifndef PLANWATCHD_WATCH_H
#define PLANWATCHD_WATCH_H

#include "planwatch/discover.h"
#include "planwatch/error.h"

#include <stdbool.h>
#include <stddef.h>

enum watch_change {
	WATCH_CHANGED, /* closed after writing, renamed in, or found by a scan: read it now */
	WATCH_MADE, /* made, or linked in: read it now, and if somebody writes to it, it is not closed yet */
	WATCH_TOUCHED, /* written by somebody who keeps it open: read it when it has settled */
	WATCH_GONE,    /* deleted or renamed away */
};

enum watch_loss {
	WATCH_OVERFLOW, /* the kernel's queue was full (IN_Q_OVERFLOW): scan everything again */
	WATCH_UNMOUNT,	/* the file system of a watched folder went away */
	WATCH_LIMIT,	/* fs.inotify.max_user_watches reached: this folder is not watched */
	WATCH_ROOT,	/* a root itself was deleted or renamed away */
};

/*
 * What the owner wants to hear, during watch_add() and watch_drain() only. They must not call back into the watch. `path` of
 * file() is a candidate by place (discover_is_candidate) or a root that is a file; only the name decides, not what the file is.
 */
struct watch_handlers {
	void (*file)(void *userdata, const char *path, enum watch_change change);
	/* A folder was deleted or renamed away, with all that was below it. */
	void (*folder_gone)(void *userdata, const char *path);
	/* The watch is blind to something since now; `path` is "" for an overflow. */
	void (*lost)(void *userdata, const char *path, enum watch_loss loss,
		     const char *explanation);
	void *userdata;
};

struct watch;

/*
 * Opens the inotify instance. `rules` and `handlers` are kept by reference and must outlive the watch. -EBUSY where the process
 * has an inotify instance already, -EMFILE at the limit of instances (the message names the sysctl and its value).
 */
int watch_new(struct watch **ret, const struct discover_rules *rules,
	      const struct watch_handlers *handlers, struct error *error);
void watch_free(struct watch *watch);

/* To be polled for reading. It is close-on-exec. */
int watch_fd(const struct watch *watch);

/*
 * Watches a root, an absolute path without "." , ".." and links: a folder with all below it that is not pruned, or a single file
 * (its folder is watched, only its own name is heard). Reports every candidate that is there already. Again for a known root: scans
 * it again. -ENOENT, -ENOTDIR, -EACCES with a message. A limit that is reached is not an error but a lost().
 */
int watch_add(struct watch *watch, const char *root, struct error *error);

/* Stops watching a root. Folders that another root needs stay. -ENOENT for an unknown one. */
int watch_remove(struct watch *watch, const char *root);

/* Reads the kernel's queue to its end and reports. Returns the number of events read, or a negative errno. */
int watch_drain(struct watch *watch);

/* Scans all roots again, as after an overflow: watches what is new, forgets what is gone, reports every candidate. */
void watch_rescan(struct watch *watch);

/* A limit has kept folders from being watched since the last rescan began: a rescan tries again. */
bool watch_is_limited(const struct watch *watch);

/* Folders watched now: equals the kernel's count. */
size_t watch_count(const struct watch *watch);

#endif
