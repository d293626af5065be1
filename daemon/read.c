/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "read.h"

#include "planwatch/plan.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* No component may be a link: a plan is never read from outside of its root (openat2(2), since Linux 5.6; glibc has no wrapper). */
static int open_without_links(const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

int read_check(struct error *error)
{
	cleanup_close int fd = open_without_links("/");

	return fd < 0
		   ? error_set(
			 error, fd,
			 "plans cannot be read: openat2(2): %s (Linux before 5.6, or a sandbox, such as "
			 "RestrictSUIDSGID= of systemd)",
			 strerror(-fd))
		   : 0;
}

/* Until the end of the file, which may grow while it is read. */
static int read_all(int fd, size_t expected, struct reading *ret)
{
	size_t size = expected + 2;

	ret->bytes = malloc(size);
	while (ret->bytes) {
		ssize_t n = read(fd, ret->bytes + ret->length, size - 1 - ret->length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		ret->length += (size_t)n;
		if (n == 0 || ret->length > PLAN_SIZE_MAX) {
			ret->bytes[ret->length] = '\0';
			return 0;
		}
		if (ret->length == size - 1) {
			char *grown = realloc(ret->bytes, size *= 2);
			if (!grown)
				break;
			ret->bytes = grown;
		}
	}
	return -ENOMEM;
}

static int problem(struct reading *ret, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int problem(struct reading *ret, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(ret->problem, sizeof(ret->problem), format, arguments);
	va_end(arguments);
	return 0;
}

static int cannot_be_read(struct reading *ret, int code)
{
	ret->passing = true;
	return problem(ret, "cannot be read: %s", strerror(code));
}

int read_plan(const char *path, struct reading *ret)
{
	cleanup_close int fd = -1;
	struct stat st;
	int r;

	/* Opening a device can do things: look first. */
	if (lstat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? -ENOENT : cannot_be_read(ret, errno);
	if (!S_ISREG(st.st_mode))
		return -ENOENT;
	fd = open_without_links(path);
	if (fd == -ELOOP || fd == -ENOTDIR)
		return -ENOENT;
	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd == -ENOENT)
		return fd;
	if (fd < 0)
		return cannot_be_read(ret, -fd);
	if (fstat(fd, &st) < 0)
		return cannot_be_read(ret, errno);
	if (!S_ISREG(st.st_mode))
		return -ENOENT;
	ret->device = (int64_t)st.st_dev;
	ret->inode = (int64_t)st.st_ino;
	ret->modified = (usec_t)st.st_mtim.tv_sec * USEC_PER_SEC + st.st_mtim.tv_nsec / 1000;
	if (st.st_size > (off_t)PLAN_SIZE_MAX)
		return problem(ret, "too large: more than %zu MiB", PLAN_SIZE_MAX >> 20);
	r = read_all(fd, (size_t)st.st_size, ret);
	if (r == 0 && ret->length > PLAN_SIZE_MAX)
		return problem(ret, "too large: more than %zu MiB", PLAN_SIZE_MAX >> 20);
	return r < 0 && r != -ENOMEM ? cannot_be_read(ret, -r) : r;
}
