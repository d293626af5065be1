/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The patrol: judges every plan, keeps the episodes, and sleeps until the next moment at which time alone could change a verdict.
 * One timer for all plans.
 */
#ifndef PLANWATCHD_PATROL_H
#define PLANWATCHD_PATROL_H

#include "planwatch/config.h"
#include "planwatch/store.h"

#include <systemd/sd-event.h>

struct patrol;

/* Keeps references. `changed` is called after episodes were written. What began to hold before `watched_since` is not told. */
int patrol_new(struct patrol **ret, sd_event *event, struct store *store,
	       const struct config *config, usec_t watched_since, void (*changed)(void *userdata),
	       void *userdata);
void patrol_free(struct patrol *patrol);

/* Verdicts may have changed: judge all soon. Many calls in a burst are one patrol. */
void patrol_soon(struct patrol *patrol);

#endif
