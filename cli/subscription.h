/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Being told by the daemon that something was recorded; what it was is read from the store. */
#ifndef PLANCTL_SUBSCRIPTION_H
#define PLANCTL_SUBSCRIPTION_H

#include "cli.h"

#include "planwatch/ipc.h"

struct subscription {
	int fd;
	struct ipc_buffer buffer;
};

/* 0, or a negative errno and a message; either way ended with subscription_close(). */
int subscription_try(struct cli *cli, struct subscription *ret, struct error *error);
/* 0, or the exit code after having said why. Something may have been recorded before it: look once after this. */
int subscription_open(struct cli *cli, struct subscription *ret);
void subscription_close(struct subscription *subscription);

/*
 * Waits until something was recorded, or until the moment (INSTANT_NONE: for ever). 1 it was, 0 the moment has come; negative errno and a
 * message where the daemon went away. Several that came meanwhile are one.
 */
int subscription_wait(struct subscription *subscription, usec_t until, struct error *error);

#endif
