/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A door in front of fsync(2), for LD_PRELOAD: somebody else saves the file MEDDLE_DOOR right before our new bytes are safe
 * on disk, with what lies in MEDDLE_DOOR.new. MEDDLE_HOW says how: "rename" over it, "write" into it, "quiet" (the same, with
 * the old times), or "fail": nothing is saved, the disk is full.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void copy_into(const char *from, const char *to)
{
	char bytes[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ssize_t length = in < 0 ? -1 : read(in, bytes, sizeof(bytes));

	if (out < 0 || length < 0 || write(out, bytes, (size_t)length) != length)
		abort();
	(void)close(in);
	(void)close(out);
}

__attribute__((visibility("default"))) int fsync(int fd)
{
	const char *path = getenv("MEDDLE_DOOR"), *how = getenv("MEDDLE_HOW");
	char new[4096];
	struct stat st;

	(void)fd;
	if (!path || !how || stat(path, &st) < 0)
		abort();
	(void)snprintf(new, sizeof(new), "%s.new", path);
	if (strcmp(how, "fail") == 0) {
		errno = ENOSPC;
		return -1;
	}
	if (strcmp(how, "rename") == 0 ? rename(new, path) < 0 : (copy_into(new, path), 0))
		abort();
	if (strcmp(how, "quiet") == 0 &&
	    utimensat(AT_FDCWD, path, (struct timespec[]){ st.st_atim, st.st_mtim }, 0) < 0)
		abort();
	return 0;
}
