/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program.h"

#include "planwatch/cleanup.h"
#include "planwatch/json.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

extern char **environ;

int program_start(char *const *words, int in, int out, pid_t *pid, struct error *error)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int r;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attributes);
	/* Those that wait for us to finish are not for it to wait for. */
	(void)sigemptyset(&none);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
	if (in >= 0)
		(void)posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	else
		(void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
						       O_RDONLY, 0);
	if (out >= 0)
		(void)posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	r = posix_spawnp(pid, words[0], &actions, &attributes, words, environ);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return r ? error_set(error, -r, "%s: cannot start it: %s", words[0], strerror(r)) : 0;
}

/* ---- Opening ---- */

int program_open(struct opened *opened, char *const *words, const char *token, struct error *error)
{
	pid_t *grown = reallocarray(opened->pids, opened->count + 1, sizeof(*grown));
	int r;

	if (!grown)
		return error_set(error, -ENOMEM, "out of memory");
	opened->pids = grown;
	if (token)
		(void)setenv("XDG_ACTIVATION_TOKEN", token, 1);
	r = program_start(words, -1, -1, &grown[opened->count], error);
	(void)unsetenv("XDG_ACTIVATION_TOKEN");
	opened->count += r == 0;
	return r;
}

void program_collect(struct opened *opened)
{
	size_t kept = 0;

	for (size_t i = 0; i < opened->count; i++)
		if (waitpid(opened->pids[i], NULL, WNOHANG) == 0)
			opened->pids[kept++] = opened->pids[i];
	opened->count = kept;
}

/* ---- A user's command ---- */

int hook_start(struct hook_run *run, char *const *words, const struct json *document,
	       struct error *error)
{
	cleanup_free char *text = json_print(document);
	/* A file in memory: a command that does not read holds nobody up. */
	cleanup_close int in = memfd_create("alert", MFD_CLOEXEC);
	int r;

	*run = (struct hook_run){ .end = -1 };
	if (!text)
		return error_set(error, -ENOMEM, "out of memory");
	if (in < 0 || dprintf(in, "%s\n", text) < 0 || lseek(in, 0, SEEK_SET) < 0)
		return error_set(error, -errno, "cannot write an alert down: %s", strerror(errno));
	r = program_start(words, in, -1, &run->pid, error);
	if (r < 0)
		return r;
	run->end = pidfd_open(run->pid, 0);
	if (run->end >= 0)
		return 0;
	r = error_set(error, -errno, "%s: cannot wait for it: %s", words[0], strerror(errno));
	hook_kill(run);
	return r;
}

static int reap(struct hook_run *run)
{
	int status = -1;

	(void)waitpid(run->pid, &status, 0);
	cleanup_close_fd(&run->end);
	*run = (struct hook_run){ .end = -1 };
	return status;
}

int hook_result(struct hook_run *run, const char *name, struct error *error)
{
	int status = reap(run);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		return error_set(error, -EREMOTEIO, "%s: exited with %d", name,
				 WEXITSTATUS(status));
	return error_set(error, -EREMOTEIO, "%s: ended by signal %d", name, WTERMSIG(status));
}

void hook_kill(struct hook_run *run)
{
	if (run->pid <= 0)
		return;
	(void)kill(-run->pid, SIGKILL);
	(void)reap(run);
}
