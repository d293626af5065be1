/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Variables that clean up after themselves when they leave their scope (GCC's and Clang's cleanup
 * attribute), as systemd and GLib use them. `take` hands the value on and disarms the cleanup.
 */
#ifndef PLANWATCH_CLEANUP_H
#define PLANWATCH_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define cleanup(function) __attribute__((cleanup(function)))

static inline void cleanup_free_pointer(void *slot)
{
	free(*(void **)slot);
}

/* Keeps errno, so that a cleanup on an error path cannot hide the error. */
static inline void cleanup_close_fd(const int *fd)
{
	if (*fd >= 0) {
		int saved = errno;
		(void)close(*fd);
		errno = saved;
	}
}

static inline void cleanup_close_file(FILE *const *file)
{
	if (*file)
		(void)fclose(*file);
}

static inline void cleanup_close_dir(DIR *const *dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* fdopen() for reading; the descriptor is the stream's, and closed where there is none. */
static inline FILE *stream_of(int fd)
{
	FILE *file = fdopen(fd, "r");

	if (!file)
		cleanup_close_fd(&fd);
	return file;
}

#define cleanup_free cleanup(cleanup_free_pointer)
#define cleanup_close cleanup(cleanup_close_fd)
#define cleanup_fclose cleanup(cleanup_close_file)
#define cleanup_closedir cleanup(cleanup_close_dir)

/* The value of a pointer variable, which becomes NULL; of a descriptor, which becomes -1. */
#define take(pointer)                                   \
	__extension__({                                 \
		__typeof__(pointer) taken_ = (pointer); \
		(pointer) = NULL;                       \
		taken_;                                 \
	})
#define take_fd(fd)                \
	__extension__({            \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
