/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A door in front of read(2), pread(2), write(2) and pwrite(2), for LD_PRELOAD: of those of more than a byte the SHORT_NTH-th does only
 * half of it, as it may (read(2), write(2)). How many there were is written to the file DOOR_COUNT when the program ends. What the C
 * library's own streams read and write does not come by here; they finish what came short by themselves.
 */
#include "door.h"

#include <sys/syscall.h>
#include <unistd.h>

static long nth;

__attribute__((constructor)) static void begin(void)
{
	nth = number("SHORT_NTH");
}

static size_t cut(size_t size)
{
	return size > 1 && ++count == nth ? size / 2 : size;
}

__attribute__((visibility("default"))) ssize_t read(int fd, void *buffer, size_t size)
{
	return syscall(SYS_read, fd, buffer, cut(size));
}

__attribute__((visibility("default"))) ssize_t write(int fd, const void *buffer, size_t size)
{
	return syscall(SYS_write, fd, buffer, cut(size));
}

__attribute__((visibility("default"))) ssize_t pread64(int fd, void *buffer, size_t size, off_t at)
{
	return syscall(SYS_pread64, fd, buffer, cut(size), at);
}

__attribute__((visibility("default"))) ssize_t pwrite64(int fd, const void *buffer, size_t size,
							off_t at)
{
	return syscall(SYS_pwrite64, fd, buffer, cut(size), at);
}

__attribute__((visibility("default"))) ssize_t pread(int fd, void *buffer, size_t size, off_t at)
{
	return pread64(fd, buffer, size, at);
}
