/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "desktop.h"

#include "program.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* Beside planctl where both were built or installed together, else where it was installed. */
static char *helper_path(void)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *path = NULL, *slash;

	self[length < 0 ? 0 : length] = '\0';
	slash = strrchr(self, '/');
	if (slash && asprintf(&path, "%.*s/planwatch-notify", (int)(slash - self), self) >= 0 &&
	    access(path, X_OK) == 0)
		return path;
	free(path);
	return strdup(PLANWATCH_LIBEXECDIR "/planwatch-notify");
}

static int start(struct desktop *desktop, struct error *error)
{
	cleanup_free char *path = helper_path();
	cleanup_close int ours = -1, its = -1;
	char *words[] = { path, NULL };
	int pair[2], r;

	/* A socket, not pipes: writing to a helper that has gone is an error, no signal. */
	if (!path || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set(error, -errno, "cannot start planwatch-notify: %s",
				 strerror(errno));
	ours = pair[0];
	its = pair[1];
	if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
		return error_set(error, -errno, "cannot start planwatch-notify: %s",
				 strerror(errno));
	r = program_start(words, its, its, &desktop->pid, error);
	if (r == 0)
		desktop->fd = take_fd(ours);
	return r;
}

int desktop_send(struct desktop *desktop, const struct json *request, struct error *error)
{
	int r = desktop->pid > 0 ? 0 : start(desktop, error);

	if (r < 0)
		return r;
	r = ipc_write(desktop->fd, request);
	if (r == 0)
		return 0;
	desktop_end(desktop);
	return error_set(error, r, "planwatch-notify: %s", strerror(-r));
}

int desktop_read(struct desktop *desktop, struct json **ret, struct error *error)
{
	int r = ipc_read(desktop->fd, &desktop->buffer, ret);

	if (r > 0 || r == -EAGAIN)
		return r > 0;
	desktop_end(desktop);
	return r < 0 ? error_set(error, r, "planwatch-notify: %s", strerror(-r))
		     : error_set(error, -EREMOTEIO,
				 "planwatch-notify ended: is there a session bus?");
}

int desktop_wait(struct desktop *desktop, struct json **ret, struct error *error)
{
	struct pollfd readable = { .fd = desktop->fd, .events = POLLIN };
	int r;

	while ((r = desktop_read(desktop, ret, error)) == 0)
		if (poll(&readable, 1, DESKTOP_TIMEOUT / 1000) == 0)
			return error_set(error, -ETIMEDOUT, "planwatch-notify did not answer");
	return r;
}

void desktop_end(struct desktop *desktop)
{
	/* Nothing is lost with it, and it may be waiting for a server that hangs. */
	if (desktop->pid > 0) {
		(void)kill(desktop->pid, SIGKILL);
		(void)waitpid(desktop->pid, NULL, 0);
	}
	cleanup_close_fd(&desktop->fd);
	ipc_buffer_done(&desktop->buffer);
	*desktop = DESKTOP_NONE;
}
