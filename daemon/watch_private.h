/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What watch.c (roots, events) and watch_scan.c (walking folders) share; nobody else includes it. */
#ifndef PLANWATCHD_WATCH_PRIVATE_H
#define PLANWATCHD_WATCH_PRIVATE_H

#include "tree.h"
#include "watch.h"

#include <errno.h>
#include <stdint.h>

struct root {
	char *path;
	size_t
	    folder_length; /* of the folder's part of the path: all of it where the root is a folder */
	bool is_file;
	int wd; /* of that folder; 0 while it is not there, or not watched */
};

/* A place in a folder that lost its folder (IN_DELETE, IN_MOVED_FROM). */
struct gone {
	int parent;
	bool unsettled; /* renamed away, and not found at another place of ours yet */
	char *name;
};

struct watch {
	int fd;
	const struct discover_rules *rules;
	const struct watch_handlers *handlers;
	struct tree tree;
	struct root *roots; /* sorted by path, so that a folder comes before what is in it */
	size_t n_roots;
	size_t n_odd_names; /* file roots that no suffix gives away */
	struct gone *gone;  /* during a drain */
	size_t n_gone;
	struct path path; /* of the event in hand */
	bool busy;	  /* handlers may be running: no call may come in */
	bool draining;
	bool rescanning;
	bool unsure;	  /* folders were watched by their paths since the last drain */
	bool verify;	  /* and one of these was taken away meanwhile: scan again */
	bool check_roots; /* a root may have gone or come back: look when the queue is empty */
	bool garbage;	  /* there are nodes without a path */
	bool unmounted;	  /* there are nodes whose file system went away: marked */
	bool limit_hit;	  /* since the last rescan began */
	bool limit_told;  /* once an episode */
};

/* watch.c: the rules of place. Paths are absolute. */
bool watch_wants_folder(const struct watch *watch, const char *path);
bool watch_name_matters(const struct watch *watch, const char *name);
void watch_report_file(struct watch *watch, const char *path, enum watch_change change);
void watch_report_limit(struct watch *watch, const char *path, int code);
void watch_settle_gone(struct watch *watch, int parent, const char *name);
void watch_bind_roots(struct watch *watch, const char *path, size_t length, int wd);

enum scan_result {
	SCAN_NEW,   /* not watched before */
	SCAN_KNOWN, /* watched already, at this place */
	SCAN_MOVED, /* watched already, at a place where it is not any more */
	SCAN_ELSEWHERE, /* watched already, and still at its other place, too (a bind mount): left alone */
	SCAN_UNWATCHED, /* a limit was reached */
};

enum scan_mode {
	SCAN_NEWS, /* does not enter the folder where it is known at this place: it was read when its watch was made */
	SCAN_ALL,
};

/*
 * Watches the folder at `path`, which is the whole name of `parent`'s child or, with parent 0, a top, and everything below it that
 * is not pruned, and reports the candidates. Sets *result and *wd (0: unwatched). Negative errno where the folder cannot be opened.
 */
int watch_scan(struct watch *watch, int parent, const char *path, enum scan_mode mode,
	       enum scan_result *result, int *wd);

/* Watches the one folder at `path`, a top, without reading it: a file root's. */
int watch_scan_folder(struct watch *watch, const char *path, int *wd);

/* Which watch descriptor the folder at `path` has on the disk now; it may be one that is not in the table yet. */
int watch_scan_identify(const struct watch *watch, const char *path);

/* True where it is the errno of a folder that is gone, or that is none any more. */
static inline bool scan_is_gone(int code)
{
	return code == -ENOENT || code == -ENOTDIR || code == -ELOOP || code == -EACCES;
}

#endif
