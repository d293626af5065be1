/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket (planwatch-ipc(7)): who may connect, framing, and answers; what a request means is the owner's business.
 */
#ifndef PLANWATCHD_CONTROL_H
#define PLANWATCHD_CONTROL_H

#include "planwatch/ipc.h"

#include <systemd/sd-event.h>

struct control;
struct client; /* one connection; valid until the owner has answered, or its gone() was called */

struct control_handlers {
	/*
	 * One request. Returns 0 and has filled `answer`; 1 where the answer comes later by control_answer(); a negative errno with
	 * `error` for a refusal.
	 */
	int (*request)(void *userdata, struct client *client, const struct json *request,
		       struct json *answer, struct error *error);
	/* The connection has ended: forget it. */
	void (*gone)(void *userdata, struct client *client);
	void *userdata;
};

/*
 * Listens at `path` (folder 0700, socket 0600), or on the socket that systemd passed. A socket that nobody listens on any more is
 * replaced. -EADDRINUSE where another daemon listens.
 */
int control_new(struct control **ret, sd_event *event, const char *path,
		const struct control_handlers *handlers, struct error *error);
void control_free(struct control *control);

/* The late answer to a request that returned 1. */
void control_answer(struct client *client);

/* From now on this client gets a line for each control_broadcast(). */
void control_subscribe(struct client *client);
void control_broadcast(struct control *control, const struct json *line);

#endif
