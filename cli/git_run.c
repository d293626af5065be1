/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "git_run.h"

#include "planwatch/cleanup.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#define ARGUMENTS_MAX 64

/* git(1), "Environment Variables", and git-config(1): only what reads objects is left. */
static const char *const before_arguments[] = {
	"git",
	"--no-pager",
	"--literal-pathspecs",
	"-c",
	"core.fsmonitor=false",
	"-c",
	"core.hooksPath=/dev/null",
	"-c",
	"log.showSignature=false",
	"-c",
	"protocol.allow=never",
};

static const char *const settings[] = {
	"LC_ALL=C",
	"GIT_CONFIG_NOSYSTEM=1",
	"GIT_CONFIG_GLOBAL=/dev/null",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_OPTIONAL_LOCKS=0",
	"GIT_NO_REPLACE_OBJECTS=1",
	/* A partial clone would fetch what it lacks: no such protocol, and since git 2.45 not at all. */
	"GIT_ALLOW_PROTOCOL=none",
	"GIT_NO_LAZY_FETCH=1",
};

static int start(struct git_process *git, int child, const char *folder,
		 const char *const *arguments)
{
	/* posix_spawn(3) takes them without const, and leaves them alone. */
	const void *argv[ARGUMENTS_MAX], *environment[ARRAY_SIZE(settings) + 2] = { 0 };
	const char *path = getenv("PATH");
	cleanup_free char *path_setting = NULL;
	posix_spawn_file_actions_t actions;
	size_t n = ARRAY_SIZE(before_arguments);
	int r;

	memcpy(argv, before_arguments, sizeof(before_arguments));
	while (*arguments && n < ARGUMENTS_MAX - 1)
		argv[n++] = *arguments++;
	argv[n] = NULL;
	if (*arguments)
		return -E2BIG;
	memcpy(environment, settings, sizeof(settings));
	if (asprintf(&path_setting, "PATH=%s", path ? path : "/usr/bin:/bin") < 0)
		return -ENOMEM;
	environment[ARRAY_SIZE(settings)] = path_setting;
	r = posix_spawn_file_actions_init(&actions);
	if (r != 0)
		return -r;
	r = posix_spawn_file_actions_addchdir_np(&actions, folder);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && r == 0; fd++)
		r = posix_spawn_file_actions_adddup2(
		    &actions, fd == STDERR_FILENO ? git->messages : child, fd);
	if (r == 0)
		r = posix_spawnp(&git->pid, "git", &actions, NULL, (char **)(void *)argv,
				 (char **)(void *)environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	return -r;
}

int git_start(struct git_process *ret, const char *folder, const char *const *arguments,
	      struct error *error)
{
	const struct timeval patience = { .tv_sec = GIT_PATIENCE / USEC_PER_SEC };
	cleanup_close int child = -1;
	int pair[2] = { -1, -1 }, r = 0;

	*ret = (struct git_process){ .messages = memfd_create("git", MFD_CLOEXEC) };
	/* A socket, not pipes: a read can be given a time, and writing to a git that has gone is an error, no signal. */
	if (ret->messages < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		r = -errno;
	if (r == 0) {
		child = pair[1];
		(void)setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		ret->out = stream_of(pair[0]);
		r = ret->out ? start(ret, child, folder, arguments) : -errno;
	}
	if (r == 0)
		return 0;
	git_abandon(ret);
	return r == -ENOENT && access(folder, F_OK) == 0
		   ? error_set(error, -ENOSYS, "git is not installed; its history cannot be read")
		   : error_set(error, r, "%s: cannot start git: %s", folder, strerror(-r));
}

int git_say(struct git_process *git, const char *bytes, size_t length, struct error *error)
{
	while (length > 0) {
		ssize_t n = send(fileno(git->out), bytes, length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(error, -EREMOTEIO, "git does not listen: %s",
					 strerror(errno));
		bytes += n;
		length -= (size_t)n;
	}
	return 0;
}

int git_read(struct git_process *git, int delimiter, char **line, size_t *size, struct error *error)
{
	ssize_t n = getdelim(line, size, delimiter, git->out);

	if (n > 0 && (*line)[n - 1] == delimiter)
		(*line)[n - 1] = '\0';
	if (n > 0 || feof(git->out))
		return n > 0;
	return errno == EAGAIN
		   ? error_set(error, -EREMOTEIO, "git did not answer within %jd s",
			       (intmax_t)(GIT_PATIENCE / USEC_PER_SEC))
		   : error_set(error, -EREMOTEIO, "git cannot be read: %s", strerror(errno));
}

/* Waits for its end, and hastens it where it does not come. */
static int reap(struct git_process *git, bool now)
{
	cleanup_close int handle = git->pid > 0 ? pidfd_open(git->pid, 0) : -1;
	struct pollfd end = { .fd = handle, .events = POLLIN };
	int status = -1;

	if (git->out)
		(void)fclose(take(git->out));
	if (git->pid > 0) {
		if (now || handle < 0 || poll(&end, 1, (int)(GIT_PATIENCE / 1000)) <= 0)
			(void)kill(git->pid, SIGKILL);
		(void)waitpid(git->pid, &status, 0);
	}
	git->pid = 0;
	return status;
}

int git_end(struct git_process *git, struct error *error)
{
	int status = reap(git, false);
	char message[2048];
	const char *reason;
	ssize_t n = pread(git->messages, message, sizeof(message) - 1, 0);

	message[n > 0 ? n : 0] = '\0';
	/* Warnings may come before what it died of. */
	reason = strstr(message, "fatal: ");
	reason = reason ? reason : *message ? message : "it failed without a reason";
	git_abandon(git);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return error_set(error, -EREMOTEIO, "git: %.*s", (int)strcspn(reason, "\n"), reason);
}

void git_abandon(struct git_process *git)
{
	(void)reap(git, true);
	cleanup_close_fd(&git->messages);
	git->messages = -1;
}
