/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text_diff.h"
#include "output.h"

#include "planwatch/text.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* In memory: a revision need not be on the disk any more. -1 with errno. */
static int file_of(const char *bytes, size_t length)
{
	cleanup_close int fd = memfd_create("version", MFD_CLOEXEC);

	for (size_t done = 0; fd >= 0 && done < length;) {
		ssize_t n = write(fd, bytes + done, length - done);
		if (n < 0)
			return -1;
		done += (size_t)n;
	}
	return take_fd(fd);
}

/* diff reads the versions as descriptors 3 and 4. Its process, or a negative errno. */
static int spawn(int old, int new, int out, const char *old_name, const char *new_name, pid_t *ret)
{
	cleanup_free char *old_label = text_printable(old_name),
			  *new_label = text_printable(new_name);
	/* A NUL makes no plan a binary file. */
	const char *arguments[] = { "diff",    "-u", "--text",	  "--label",   old_label, "--label",
				    new_label, "--", "/dev/fd/3", "/dev/fd/4", NULL };
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);

	if (r == 0) {
		/* From descriptors out of the way, so that none of the targets is a source. */
		r = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
		if (r == 0)
			r = posix_spawn_file_actions_adddup2(&actions, old, 3);
		if (r == 0)
			r = posix_spawn_file_actions_adddup2(&actions, new, 4);
		if (r == 0)
			r = posix_spawnp(ret, "diff", &actions, NULL,
					 (char *const *)(uintptr_t)arguments, environ);
		(void)posix_spawn_file_actions_destroy(&actions);
	}
	return -r;
}

static enum style style_of_line(const char *line)
{
	switch (*line) {
	case '+':
		return STYLE_GREEN;
	case '-':
		return STYLE_RED;
	case '@':
		return STYLE_BLUE;
	default:
		return STYLE_PLAIN;
	}
}

static void print_lines(const struct cli *cli, FILE *in)
{
	cleanup_free char *line = NULL;
	size_t size = 0;
	ssize_t length;

	while ((length = getline(&line, &size, in)) > 0) {
		length -= line[length - 1] == '\n';
		length -= length > 0 && line[length - 1] == '\r';
		/* A NUL in it ends no line; tabs do no harm where a line is all that is shown. */
		cleanup_free char *text = text_repair(line, (size_t)length);
		char *rest = text, *piece;

		(void)fputs(style_on(cli, style_of_line(line)), stdout);
		while (rest && (piece = strsep(&rest, "\t"))) {
			print_text(cli, piece, 0);
			(void)fputs(rest ? "\t" : "", stdout);
		}
		(void)printf("%s\n", style_off(cli));
	}
}

/* A copy at 10 or above. */
static int move_up(int fd)
{
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);
}

int text_diff(const struct cli *cli, const char *old_name, const char *old_bytes, size_t old_length,
	      const char *new_name, const char *new_bytes, size_t new_length, struct error *error)
{
	cleanup_close int old_low = file_of(old_bytes, old_length);
	cleanup_close int new_low = file_of(new_bytes, new_length);
	cleanup_close int old = move_up(old_low), new = move_up(new_low);
	int pipes[2], status;
	pid_t child = -1;

	if (old < 0 || new < 0 || pipe2(pipes, O_CLOEXEC) < 0)
		return error_set(error, -errno, "cannot compare: %s", strerror(errno));
	cleanup_close int out = move_up(pipes[1]);
	(void)close(pipes[1]);
	cleanup_fclose FILE *in = stream_of(pipes[0]);
	int r = in && out >= 0 ? spawn(old, new, out, old_name, new_name, &child) : -errno;
	if (r < 0)
		return error_set(error, r, "cannot run diff: %s", strerror(-r));
	cleanup_close_fd(&out);
	out = -1;
	print_lines(cli, in);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return error_set(error, -EIO, "diff failed");
	return 0;
}
