/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket's wire format (planwatch-ipc(7)): JSON objects, one a line, at most JSON_FRAME_MAX bytes each. A request is
 * {"method": "...", ...}; its answer has "ok": true, or "ok": false with "error": {"code", "message"}.
 */
#ifndef PLANWATCH_IPC_H
#define PLANWATCH_IPC_H

#include "planwatch/error.h"
#include "planwatch/json.h"

/* Collects what arrives until a line is complete. */
struct ipc_buffer {
	char *data;
	size_t used;
};

void ipc_buffer_done(struct ipc_buffer *buffer);

/*
 * Takes the next document out of the buffer, reading from the descriptor when it has none. 1: *ret is one, the caller frees it.
 * 0: the other side has closed. -EAGAIN: nothing more now (a descriptor that does not block). -EMSGSIZE: a line is too long.
 * -EINVAL: a line is not JSON. -errno of read(2), -ENOMEM.
 */
int ipc_read(int fd, struct ipc_buffer *buffer, struct json **ret);

/* Whether ipc_read() would find something in the buffer without reading: a line, or one that is too long. */
bool ipc_has_more(const struct ipc_buffer *buffer);

/* Sends one document, all of it or an error: -EAGAIN where the other side does not read, -EPIPE where it is gone. */
int ipc_write(int fd, const struct json *json);

/* Connects to the daemon. Returns the descriptor; -ECONNREFUSED with a message where no daemon of this user listens there. */
int ipc_connect(const char *path, struct error *error);

/*
 * Sends a request and waits for its answer, at most `timeout`. On success the caller frees *ret, whose "ok" is true. An answer
 * with "ok": false becomes the error. -ETIMEDOUT.
 */
int ipc_call(int fd, struct ipc_buffer *buffer, const struct json *request, usec_t timeout,
	     struct json **ret, struct error *error);

#endif
