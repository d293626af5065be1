/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crawl FOLDER: the least that a watcher of folders must do to begin: watches each folder, then reads it, and leaves out node_modules,
 * target and .git. Prints how many folders there were and how many microseconds it took.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#define MASK                                                                                \
	(IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | \
	 IN_ONLYDIR)

static bool is_pruned(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, ".git") == 0 ||
	       strcmp(name, "node_modules") == 0 || strcmp(name, "target") == 0;
}

/* `path` has room for more. Returns the number of folders. */
static long crawl(int watch, int parent, const char *name, char path[static PATH_MAX],
		  size_t length)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	long count = 1;

	if (!folder || inotify_add_watch(watch, path, MASK) < 0) {
		perror(path);
		exit(2);
	}
	while ((entry = readdir(folder))) {
		size_t size = strlen(entry->d_name);
		if (entry->d_type != DT_DIR || is_pruned(entry->d_name) ||
		    length + size + 2 > PATH_MAX)
			continue;
		path[length] = '/';
		memcpy(path + length + 1, entry->d_name, size + 1);
		count += crawl(watch, fd, entry->d_name, path, length + 1 + size);
		path[length] = '\0';
	}
	(void)closedir(folder);
	return count;
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	char path[PATH_MAX];

	if (argc != 2) {
		(void)fputs("crawl FOLDER\n", stderr);
		return 2;
	}
	int length = snprintf(path, sizeof(path), "%s", argv[1]);
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	int watch = inotify_init1(IN_CLOEXEC);
	long count = crawl(watch, AT_FDCWD, path, path, (size_t)length);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	(void)printf("%ld %.0f\n", count,
		     (double)(end.tv_sec - start.tv_sec) * 1e6 +
			 (double)(end.tv_nsec - start.tv_nsec) / 1e3);
	return 0;
}
