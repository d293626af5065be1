/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plan files edited in place: read, changed in memory, put back whole. A reader sees the old bytes or the new ones, never a
 * part; mode, owner, group and access list stay; a link stays a link, its target is edited. A hard link is cut loose, as by
 * git and sed -i.
 *
 *	cleanup_edit_file struct edit_file file = { 0 };
 *
 *	r = edit_file_read(path, &file, &error);
 *	...
 *	r = edit_file_replace(path, &file, bytes, length, &error);
 *
 * Two planctls that edit one file take turns, from reading to replacing (flock(2)). Other programs do not know that lock:
 * what they saved in between is seen and refused, up to the moment of the rename itself.
 */
#ifndef PLANCTL_EDIT_FILE_H
#define PLANCTL_EDIT_FILE_H

#include "planwatch/cleanup.h"
#include "planwatch/error.h"

#include <stddef.h>
#include <sys/stat.h>

/* What was read, and which file it was. All zero is an empty one. */
struct edit_file {
	char *bytes; /* with a final NUL beyond its length */
	size_t length;
	int lock;	  /* the file, open and locked */
	struct stat stat; /* device, inode, size, times */
};

/*
 * Reads a regular file of at most PLAN_SIZE_MAX and keeps others from editing it. The caller ends *ret with edit_file_done(),
 * whatever is returned. -ENOENT, -EISDIR, -EINVAL not a regular file, -EFBIG, -EBUSY another planctl has held it for seconds.
 */
int edit_file_read(const char *path, struct edit_file *ret, struct error *error);

/*
 * Puts these bytes in its place; the same bytes as before write nothing. -ESTALE where the file is no longer what was read;
 * -EACCES where it may not be written; -EPERM where its owner could not be kept. On every error the file is as it was.
 */
int edit_file_replace(const char *path, const struct edit_file *read, const char *bytes,
		      size_t length, struct error *error);

/* A new file, never in the place of another: -EEXIST. On every error there is none. */
int edit_file_create(const char *path, const char *bytes, size_t length, struct error *error);

void edit_file_done(struct edit_file *file);
#define cleanup_edit_file cleanup(edit_file_done)

#endif
