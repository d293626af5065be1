/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the roots that make no events are to be looked at: soon after something changed, ever more seldom while nothing does. One timer,
 * and none where nothing is polled.
 */
#ifndef PLANWATCHD_POLL_H
#define PLANWATCHD_POLL_H

#include <stdbool.h>
#include <systemd/sd-event.h>

struct poll;

/* `look` is called from the loop. It returns whether something had changed. */
int poll_new(struct poll **ret, sd_event *event, bool (*look)(void *userdata), void *userdata);
void poll_free(struct poll *poll);

/* Whether there is something to look at. */
void poll_enable(struct poll *poll, bool enabled);

#endif
