/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper planwatch-notify, as a process that may hang, fail or end; its lines are in cli/notify/main.c. */
#ifndef PLANCTL_DESKTOP_H
#define PLANCTL_DESKTOP_H

#include "planwatch/ipc.h"

#include <sys/types.h>

/*
 * Until when the helper has answered: the bus gives up after 25 s, and to show something takes a question, the notification, and perhaps
 * the closing of another one before it.
 */
#define DESKTOP_TIMEOUT (90 * USEC_PER_SEC)

struct desktop {
	pid_t pid; /* 0: it does not run */
	int fd;	   /* -1; does not block */
	struct ipc_buffer buffer;
};
#define DESKTOP_NONE ((struct desktop){ .fd = -1 })

/* Sends a line, starting the helper where it does not run. 0, or -errno and a message. */
int desktop_send(struct desktop *desktop, const struct json *request, struct error *error);
/* The next line, which the caller frees: 1; 0 where there is none now; negative, with a message, where the helper has ended. */
int desktop_read(struct desktop *desktop, struct json **ret, struct error *error);
/* The same within DESKTOP_TIMEOUT; never 0. */
int desktop_wait(struct desktop *desktop, struct json **ret, struct error *error);
/* Ends the helper at once. What it showed stays, but its buttons do nothing any more. */
void desktop_end(struct desktop *desktop);

#endif
