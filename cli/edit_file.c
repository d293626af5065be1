/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "edit_file.h"

#include "planwatch/plan.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/xattr.h>

/* How long another planctl may hold the file: it needs milliseconds. */
#define LOCK_TRIES 500
#define LOCK_PAUSE_NS 10000000

#define ACCESS_LIST "system.posix_acl_access"

static int fail(struct error *error, const char *path)
{
	return error_set(error, -errno, "%s: %s", path, strerror(errno));
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* ---- Reading ---- */

static int lock(int fd, const char *path, struct error *error)
{
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		/* A file system without locks (ENOLCK, EOPNOTSUPP): then only what was saved in between is seen. */
		if (errno != EWOULDBLOCK && errno != EINTR)
			return 0;
		if (i == LOCK_TRIES)
			return error_set(error, -EBUSY,
					 "%s: another planctl is editing it; try again", path);
		(void)nanosleep(&(struct timespec){ .tv_nsec = LOCK_PAUSE_NS }, NULL);
	}
	return 0;
}

/* Opens and locks what the path names. 1 where another one came into its place while we waited for the lock. */
static int open_locked(const char *path, struct edit_file *ret, struct error *error)
{
	struct stat now;

	/* Not to hang on a FIFO, which is refused below. */
	ret->lock = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (ret->lock < 0) {
		ret->lock = 0;
		return fail(error, path);
	}
	if (fstat(ret->lock, &ret->stat) < 0)
		return fail(error, path);
	if (S_ISDIR(ret->stat.st_mode))
		return error_set(error, -EISDIR, "%s: is a folder; name a file", path);
	if (!S_ISREG(ret->stat.st_mode))
		return error_set(error, -EINVAL, "%s: not a regular file", path);
	if (lock(ret->lock, path, error) < 0)
		return error->code;
	if (stat(path, &now) == 0 && is_same_file(&now, &ret->stat))
		return fstat(ret->lock, &ret->stat) < 0 ? fail(error, path) : 0;
	edit_file_done(ret);
	return 1;
}

/* All of an open file, from its start, into a buffer of its own. */
static int read_all(int fd, const char *path, char **ret, size_t *length, struct error *error)
{
	cleanup_free char *bytes = malloc(PLAN_SIZE_MAX + 2);
	size_t n = 0;
	ssize_t got;

	if (!bytes)
		return error_set(error, -ENOMEM, "out of memory");
	while ((got = pread(fd, bytes + n, PLAN_SIZE_MAX + 1 - n, (off_t)n)) > 0)
		n += (size_t)got;
	if (got < 0)
		return fail(error, path);
	if (n > PLAN_SIZE_MAX)
		return error_set(error, -EFBIG, "%s: too large: a plan has at most %zu MiB", path,
				 PLAN_SIZE_MAX >> 20);
	bytes[n] = '\0';
	*length = n;
	*ret = take(bytes);
	return 0;
}

int edit_file_read(const char *path, struct edit_file *ret, struct error *error)
{
	int r;

	*ret = (struct edit_file){ 0 };
	do
		r = open_locked(path, ret, error);
	while (r > 0);
	return r < 0 ? r : read_all(ret->lock, path, &ret->bytes, &ret->length, error);
}

void edit_file_done(struct edit_file *file)
{
	if (file->lock > 0)
		(void)close(file->lock);
	free(file->bytes);
	*file = (struct edit_file){ 0 };
}

/* ---- Writing ---- */

/*
 * Whether the path still names the file that was read, with the same bytes: an editor can save within one tick of the file's
 * clock.
 */
static int check_unchanged(const char *path, const struct edit_file *read, struct error *error)
{
	cleanup_free char *bytes = NULL;
	size_t length = 0;
	struct stat now;

	if (stat(path, &now) == 0 && is_same_file(&now, &read->stat) &&
	    now.st_size == read->stat.st_size && now.st_mtim.tv_sec == read->stat.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == read->stat.st_mtim.tv_nsec) {
		int r = read_all(read->lock, path, &bytes, &length, error);
		if (r < 0)
			return r;
		if (length == read->length && memcmp(bytes, read->bytes, length) == 0)
			return 0;
	}
	return error_set(
	    error, -ESTALE,
	    "%s: it was changed by somebody else meanwhile; nothing was written, try again", path);
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);
		if (n < 0 && errno != EINTR)
			return -errno;
		bytes += n < 0 ? 0 : n;
		length -= n < 0 ? 0 : (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* A mode without the access list that belongs to it would give the group what was the list's mask. */
static int copy_access_list(int from, int to)
{
	char list[4096];
	ssize_t length = fgetxattr(from, ACCESS_LIST, list, sizeof(list));

	if (length < 0)
		return errno == ENODATA || errno == EOPNOTSUPP ? 0 : -errno;
	return fsetxattr(to, ACCESS_LIST, list, (size_t)length, 0) < 0 ? -errno : 0;
}

/* Owner first: chown(2) takes special bits off. */
static int copy_rights(int fd, const struct edit_file *read, const char *path, struct error *error)
{
	struct stat own;
	int r;

	if (fstat(fd, &own) < 0)
		return fail(error, path);
	if ((own.st_uid != read->stat.st_uid || own.st_gid != read->stat.st_gid) &&
	    fchown(fd, read->stat.st_uid, read->stat.st_gid) < 0)
		return error_set(error, -EPERM, "%s: cannot keep its owner and group: %s", path,
				 strerror(errno));
	if (fchmod(fd, read->stat.st_mode & 07777) < 0)
		return fail(error, path);
	r = copy_access_list(read->lock, fd);
	return r < 0
		   ? error_set(error, r, "%s: cannot keep its access list: %s", path, strerror(-r))
		   : 0;
}

/* A file beside `target`, whose name no rule takes for a plan. Its descriptor. */
static int open_beside(const char *target, char **ret, struct error *error)
{
	const char *slash = strrchr(target, '/');
	int folder = slash ? (int)(slash + 1 - target) : 0, fd;

	if (asprintf(ret, "%.*s.planctl-XXXXXX", folder, target) < 0)
		return error_set(error, -ENOMEM, "out of memory");
	fd = mkostemp(*ret, O_CLOEXEC);
	return fd < 0 ? fail(error, target) : fd;
}

int edit_file_replace(const char *path, const struct edit_file *read, const char *bytes,
		      size_t length, struct error *error)
{
	cleanup_free char *target = realpath(path, NULL), *beside = NULL;
	cleanup_close int fd = -1;
	int r;

	if (length == read->length && memcmp(bytes, read->bytes, length) == 0)
		return 0;
	if (!target || access(target, W_OK) < 0)
		return fail(error, path);
	fd = open_beside(target, &beside, error);
	if (fd < 0)
		return fd;
	r = copy_rights(fd, read, path, error);
	if (r == 0)
		r = write_all(fd, bytes, length);
	if (r == 0)
		r = check_unchanged(target, read, error);
	if (r == 0 && rename(beside, target) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(beside);
	return r < 0 && error->code == 0 ? error_set(error, r, "%s: %s", path, strerror(-r)) : r;
}

int edit_file_create(const char *path, const char *bytes, size_t length, struct error *error)
{
	cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int r;

	if (fd < 0)
		return fail(error, path);
	r = write_all(fd, bytes, length);
	if (r == 0)
		return 0;
	(void)unlink(path);
	return error_set(error, r, "%s: %s", path, strerror(-r));
}
