/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/ipc.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

/* The greatest number that the kernel uses (include/linux/err.h, MAX_ERRNO): a refusal with another one is still a refusal. */
#define ERRNO_MAX 4095

void ipc_buffer_done(struct ipc_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct ipc_buffer){ 0 };
}

int ipc_read(int fd, struct ipc_buffer *buffer, struct json **ret)
{
	if (!buffer->data && !(buffer->data = malloc(JSON_FRAME_MAX)))
		return -ENOMEM;
	for (;;) {
		char *newline = memchr(buffer->data, '\n', buffer->used);
		ssize_t n;

		if (newline) {
			size_t length = (size_t)(newline - buffer->data);
			int r = json_parse(buffer->data, length, ret);

			buffer->used -= length + 1;
			memmove(buffer->data, newline + 1, buffer->used);
			return r == -ENOMEM ? r : r < 0 ? -EINVAL : 1;
		}
		if (buffer->used == JSON_FRAME_MAX)
			return -EMSGSIZE;
		n = read(fd, buffer->data + buffer->used, JSON_FRAME_MAX - buffer->used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		buffer->used += (size_t)n;
	}
}

bool ipc_has_more(const struct ipc_buffer *buffer)
{
	return buffer->used == JSON_FRAME_MAX ||
	       (buffer->used > 0 && memchr(buffer->data, '\n', buffer->used));
}

int ipc_write(int fd, const struct json *json)
{
	cleanup_free char *text = json_print(json), *line = NULL;
	int length = text ? asprintf(&line, "%s\n", text) : -1;

	if (length < 0)
		return -ENOMEM;
	for (size_t sent = 0; sent < (size_t)length;) {
		ssize_t n = send(fd, line + sent, (size_t)length - sent, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		sent += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int ipc_connect(const char *path, struct error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cleanup_close int fd = -1;
	struct ucred who;
	socklen_t size = sizeof(who);

	if (strlen(path) >= sizeof(address.sun_path))
		return error_set(error, -ENAMETOOLONG,
				 "%s: the path of a socket has at most %zu bytes", path,
				 sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(error, -errno, "cannot make a socket: %s", strerror(errno));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return error_set(
		    error, -ECONNREFUSED,
		    "planwatchd is not running (%s: %s); start it with `planwatchd FOLDER`", path,
		    strerror(errno));
	/* Of the process that called listen(2): unix(7). */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0 || who.uid != getuid())
		return error_set(error, -ECONNREFUSED,
				 "%s: it is another user who listens there; nothing was sent",
				 path);
	return take_fd(fd);
}

int ipc_call(int fd, struct ipc_buffer *buffer, const struct json *request, usec_t timeout,
	     struct json **ret, struct error *error)
{
	struct timeval limit = { .tv_sec = timeout / USEC_PER_SEC,
				 .tv_usec = timeout % USEC_PER_SEC };
	cleanup_json struct json *answer = NULL;
	int r;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	r = ipc_write(fd, request);
	if (r == 0)
		r = ipc_read(fd, buffer, &answer);
	if (r == -EAGAIN)
		return error_set(error, -ETIMEDOUT, "planwatchd did not answer within %jd s",
				 (intmax_t)(timeout / USEC_PER_SEC));
	if (r <= 0)
		return error_set(error, r < 0 ? r : -ECONNRESET,
				 "planwatchd went away before it answered");
	if (!json_get_bool(answer, "ok")) {
		const struct json *refusal = json_get(answer, "error");
		const char *message = json_get_text(refusal, "message");
		int64_t code;

		if (json_get_int(refusal, "code", &code) < 0 || code <= 0 || code > ERRNO_MAX)
			code = EIO;
		return error_set(error, -(int)code, "%s",
				 message ? message : "planwatchd refused without a reason");
	}
	*ret = take(answer);
	return 0;
}
