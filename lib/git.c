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

/* The first line of a small regular file, or NULL. */
static char *read_line(int folder, const char *name)
{
	char line[LINE_MAX_BYTES];
	cleanup_close int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	n = read(fd, line, sizeof(line) - 1);
	if (n <= 0)
		return NULL;
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return strdup(line);
}

static int open_folder(int base, const char *path)
{
	return openat(base, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* The git folder of a working tree: .git itself, or where the file .git of a worktree or submodule says. */
static int open_git_folder(int tree)
{
	cleanup_free char *line = NULL;
	int fd = open_folder(tree, ".git");

	if (fd >= 0)
		return fd;
	line = read_line(tree, ".git");
	if (!line || strncmp(line, "gitdir: ", 8) != 0)
		return -1;
	return open_folder(tree, line + 8);
}

static int open_repo(const char *repo)
{
	cleanup_close int tree = open_folder(AT_FDCWD, repo);

	return tree < 0 ? -1 : open_git_folder(tree);
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
	file = fdopen(fd, "re");
	if (!file)
		return NULL;
	fd = -1;
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
	cleanup_free char *name = read_line(git, "commondir");

	return open_folder(git, name ? name : ".");
}

static void read_head(int git, struct git_context *context)
{
	cleanup_free char *head = read_line(git, "HEAD"), *value = NULL;
	cleanup_close int common = -1;
	const char *reference;

	if (!head)
		return;
	if (is_commit(head, strlen(head))) {
		context->commit = take(head);
		return;
	}
	/* A repository with reftables has "ref: refs/heads/.invalid" here: unknown. */
	if (strncmp(head, "ref: refs/heads/", 16) != 0 || strcmp(head + 16, ".invalid") == 0 ||
	    strstr(head, ".."))
		return;
	context->branch = strdup(head + 16);
	reference = head + 5;
	common = open_common(git);
	if (common < 0)
		return;
	value = read_line(common, reference);
	if (value && is_commit(value, strlen(value)))
		context->commit = take(value);
	else
		context->commit = find_packed(common, reference);
}

int git_context_read(const char *path, struct git_context *ret)
{
	cleanup_free char *folder = strdup(path);

	*ret = (struct git_context){ 0 };
	if (!folder)
		return -ENOMEM;
	for (char *slash; (slash = strrchr(folder, '/'));) {
		cleanup_close int tree = -1, git = -1;

		*slash = '\0';
		tree = open_folder(AT_FDCWD, *folder ? folder : "/");
		git = tree >= 0 ? open_git_folder(tree) : -1;
		if (git < 0)
			continue;
		ret->repo = strdup(*folder ? folder : "/");
		read_head(git, ret);
		return ret->repo ? 0 : -ENOMEM;
	}
	return 0;
}

int git_context_of(const char *repo, struct git_context *ret)
{
	cleanup_close int git = open_repo(repo);

	*ret = (struct git_context){ .repo = strdup(repo) };
	if (!ret->repo)
		return -ENOMEM;
	if (git >= 0)
		read_head(git, ret);
	return 0;
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
	cleanup_close int common = git < 0 ? -1 : open_common(git);

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
