/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/git.h"

#include "planwatch/cleanup.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* HEAD, a "gitdir:" file, a loose reference, commondir: one short line each. */
#define LINE_MAX_BYTES 4096
/* A large repository has some thousand packed references; more than this is not searched. */
#define PACKED_REFS_MAX ((off_t)16 << 20)

/* -code for what is trouble of ours or the machine's and says nothing of the repository, else 0: then it is as if it were not there. */
static int trouble(int code)
{
	switch (code) {
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EIO:
	case EINTR:
		return -code;
	default:
		return 0;
	}
}

/* The first line of a small regular file; NULL where there is none. Returns 0 or trouble. The caller frees. */
static int read_line(int folder, const char *name, char **ret)
{
	char line[LINE_MAX_BYTES];
	cleanup_close int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n;

	*ret = NULL;
	if (fd < 0 || fstat(fd, &st) < 0)
		return trouble(errno);
	if (!S_ISREG(st.st_mode))
		return 0;
	n = read(fd, line, sizeof(line) - 1);
	if (n < 0)
		return trouble(errno);
	if (n == 0)
		return 0;
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	*ret = strdup(line);
	return *ret ? 0 : -ENOMEM;
}

/* Returns a descriptor, -ENOENT where there is none, or trouble. */
static int open_folder(int base, const char *path)
{
	int fd = openat(base, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? fd : trouble(errno) ? -errno : -ENOENT;
}

/* The git folder of a working tree: .git itself, or where the file .git of a worktree or submodule says. */
static int open_git_folder(int tree)
{
	cleanup_free char *line = NULL;
	int fd = open_folder(tree, ".git"), r;

	if (fd != -ENOENT)
		return fd;
	r = read_line(tree, ".git", &line);
	if (r < 0 || !line || strncmp(line, "gitdir: ", 8) != 0)
		return r < 0 ? r : -ENOENT;
	return open_folder(tree, line + 8);
}

static int open_repo(const char *repo)
{
	cleanup_close int tree = open_folder(AT_FDCWD, repo);

	return tree < 0 ? tree : open_git_folder(tree);
}

static bool is_commit(const char *text, size_t length)
{
	if (length != 40 && length != 64)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* "HASH REFERENCE" lines, gitrepository-layout(5). */
static char *find_packed(int common, const char *reference)
{
	cleanup_close int fd = openat(common, "packed-refs", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	cleanup_fclose FILE *file = NULL;
	cleanup_free char *line = NULL;
	size_t size = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > PACKED_REFS_MAX)
		return NULL;
	file = stream_of(take_fd(fd));
	if (!file)
		return NULL;
	while (getline(&line, &size, file) > 0) {
		size_t hash = strcspn(line, " \n");

		line[strcspn(line, "\n")] = '\0';
		if (line[hash] == ' ' && strcmp(line + hash + 1, reference) == 0 &&
		    is_commit(line, hash))
			return strndup(line, hash);
	}
	return NULL;
}

/* The references of a worktree are those of the repository it belongs to. */
static int open_common(int git)
{
	cleanup_free char *name = NULL;
	int r = read_line(git, "commondir", &name);

	return r < 0 ? r : open_folder(git, name ? name : ".");
}

/* The commit of a branch; NULL where it has none, or where that cannot be read now: only the branch tells of a switch. */
static char *read_reference(int git, const char *reference)
{
	cleanup_close int common = open_common(git);
	cleanup_free char *value = NULL;

	if (common < 0 || read_line(common, reference, &value) < 0)
		return NULL;
	return value && is_commit(value, strlen(value)) ? take(value)
							: find_packed(common, reference);
}

/* Returns 0 or trouble: a HEAD that cannot be read now is no detached one. */
static int read_head(int git, struct git_context *context)
{
	cleanup_free char *head = NULL;
	int r = read_line(git, "HEAD", &head);

	if (r < 0 || !head)
		return r;
	if (is_commit(head, strlen(head))) {
		context->commit = take(head);
		return 0;
	}
	/* A repository with reftables has "ref: refs/heads/.invalid" here: unknown. */
	if (strncmp(head, "ref: refs/heads/", 16) != 0 || strcmp(head + 16, ".invalid") == 0 ||
	    strstr(head, ".."))
		return 0;
	context->branch = strdup(head + 16);
	context->commit = read_reference(git, head + 5);
	return context->branch ? 0 : -ENOMEM;
}

/* Consumes `git`. What is read is all or nothing. */
static int read_context(int git, const char *repo, struct git_context *ret)
{
	cleanup_close int own = git;
	int r;

	ret->repo = strdup(*repo ? repo : "/");
	r = ret->repo ? read_head(own, ret) : -ENOMEM;
	if (r < 0)
		git_context_done(ret);
	return r;
}

int git_context_read(const char *path, struct git_context *ret)
{
	cleanup_free char *folder = strdup(path);

	*ret = (struct git_context){ 0 };
	if (!folder)
		return -ENOMEM;
	for (char *slash; (slash = strrchr(folder, '/'));) {
		*slash = '\0';
		int git = open_repo(*folder ? folder : "/");
		if (git >= 0)
			return read_context(git, folder, ret);
		if (git != -ENOENT)
			return git;
	}
	return 0;
}

int git_context_of(const char *repo, struct git_context *ret)
{
	int git = open_repo(repo);

	*ret = (struct git_context){ 0 };
	return git < 0 ? git : read_context(git, repo, ret);
}

void git_context_done(struct git_context *context)
{
	free(context->repo);
	free(context->branch);
	free(context->commit);
	*context = (struct git_context){ 0 };
}

/* ---- What git is doing, and has done ---- */

/* The last entries of logs/HEAD are enough: a line has about 200 bytes. */
#define LOG_TAIL 16384

static char *path_of(int fd)
{
	char link[sizeof("/proc/self/fd/") + 3 * sizeof(int)];

	if (fd < 0)
		return NULL;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return realpath(link, NULL);
}

char *git_folder(const char *repo)
{
	cleanup_close int git = open_repo(repo);

	return path_of(git);
}

char *git_common_folder(const char *repo)
{
	cleanup_close int git = open_repo(repo);
	cleanup_close int common = git < 0 ? git : open_common(git);

	return path_of(common);
}

static bool exists(int folder, const char *name)
{
	return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool git_is_busy(const char *repo, usec_t now)
{
	cleanup_close int git = open_repo(repo);
	struct stat st;

	if (git < 0)
		return false;
	if (exists(git, "index.lock") || exists(git, "HEAD.lock") || exists(git, "rebase-merge") ||
	    exists(git, "rebase-apply"))
		return true;
	if (fstatat(git, "index", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	usec_t written = (usec_t)st.st_mtim.tv_sec * USEC_PER_SEC + st.st_mtim.tv_nsec / 1000;
	return written <= now && now - written < GIT_SETTLE;
}

/* The end of the log, from the start of a line. NULL where there is none. */
static char *read_log_tail(int git)
{
	cleanup_close int fd =
	    openat(git, "logs/HEAD", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	cleanup_free char *tail = malloc(LOG_TAIL + 1);
	struct stat st;

	if (fd < 0 || !tail || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	off_t from = st.st_size > LOG_TAIL ? st.st_size - LOG_TAIL : 0;
	ssize_t n = pread(fd, tail, LOG_TAIL, from);
	if (n < 0)
		return NULL;
	tail[n] = '\0';
	if (from > 0) {
		const char *newline = strchr(tail, '\n');
		size_t cut = newline ? (size_t)(newline + 1 - tail) : (size_t)n;
		memmove(tail, tail + cut, (size_t)n - cut + 1);
	}
	return take(tail);
}

/* "OLD NEW NAME <MAIL> UNIXTIME ZONE\tWHAT: ..." */
static void read_log_line(char *line, struct git_log *log)
{
	char *what = strchr(line, '\t'),
	     *mail = what ? memrchr(line, '>', (size_t)(what - line)) : NULL;
	size_t old = strcspn(line, " ");
	size_t new = line[old] ? strcspn(line + old + 1, " ") : 0;

	if (!mail || old != new)
		return;
	what++;
	if (strncmp(what, "commit", 6) == 0) {
		usec_t seconds = strtoll(mail + 1, NULL, 10);
		if (seconds > 0 && seconds < INT64_MAX / USEC_PER_SEC)
			log->committed_at = seconds * USEC_PER_SEC;
	} else if (strncmp(what, "checkout: moving", 16) == 0) {
		log->switch_kept_files = strncmp(line, line + old + 1, old) == 0;
	}
}

void git_log_read(const char *repo, struct git_log *ret)
{
	cleanup_close int git = open_repo(repo);
	cleanup_free char *tail = git < 0 ? NULL : read_log_tail(git);
	char *rest = tail;

	*ret = (struct git_log){ .committed_at = INSTANT_NONE };
	for (char *line; rest && (line = strsep(&rest, "\n"));)
		read_log_line(line, ret);
}
