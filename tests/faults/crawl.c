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
#define FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NOATIME)

static bool is_pruned(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, ".git") == 0 ||
	       strcmp(name, "node_modules") == 0 || strcmp(name, "target") == 0;
}

struct crawl {
	int watch;
	char path[PATH_MAX];
	char *names; /* of the folders that are still to be gone into, of all levels */
	size_t used, size;
};

static void keep_name(struct crawl *c, const char *name)
{
	size_t size = strlen(name) + 1;

	if (c->used + size > c->size) {
		c->size = (c->used + size) * 2;
		c->names = realloc(c->names, c->size);
		if (!c->names)
			exit(2);
	}
	memcpy(c->names + c->used, name, size);
	c->used += size;
}

static void read_folder(struct crawl *c, int fd)
{
	_Alignas(struct dirent64) char buffer[32768];
	ssize_t n;

	while ((n = getdents64(fd, buffer, sizeof(buffer))) > 0)
		for (const char *at = buffer; at < buffer + n;) {
			const struct dirent64 *entry = (const void *)at;
			at += entry->d_reclen;
			if (entry->d_type == DT_DIR && !is_pruned(entry->d_name))
				keep_name(c, entry->d_name);
		}
}

/* The open folder at c->path, which is so long. Returns the number of folders. */
static long crawl(struct crawl *c, int fd, size_t length)
{
	size_t first = c->used;
	long count = 1;

	if (fd < 0 || inotify_add_watch(c->watch, c->path, MASK) < 0) {
		perror(c->path);
		exit(2);
	}
	read_folder(c, fd);
	c->path[length] = '/';
	for (size_t at = first, end = c->used; at < end; at += strlen(c->names + at) + 1) {
		size_t size = strlen(c->names + at);
		if (length + size + 2 > PATH_MAX)
			continue;
		memcpy(c->path + length + 1, c->names + at, size + 1);
		count += crawl(c, openat(fd, c->names + at, FLAGS), length + 1 + size);
	}
	c->path[length] = '\0';
	c->used = first;
	(void)close(fd);
	return count;
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	struct crawl c = { 0 };

	if (argc != 2) {
		(void)fputs("crawl FOLDER\n", stderr);
		return 2;
	}
	int length = snprintf(c.path, sizeof(c.path), "%s", argv[1]);
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	c.watch = inotify_init1(IN_CLOEXEC);
	long count = crawl(&c, open(c.path, FLAGS), (size_t)length);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	(void)printf("%ld %.0f\n", count,
		     (double)(end.tv_sec - start.tv_sec) * 1e6 +
			 (double)(end.tv_nsec - start.tv_nsec) / 1e3);
	return 0;
}
