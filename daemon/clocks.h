/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the wall clock still tells how much time has passed: it does not where the machine was suspended or the clock was set. Costs
 * no wake-up: a timer that never ends is cancelled by the kernel at either (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET; the resume of
 * the machine counts as setting: timerfd_resume()).
 */
#ifndef PLANWATCHD_CLOCKS_H
#define PLANWATCHD_CLOCKS_H

#include "planwatch/instant.h"

#include <systemd/sd-event.h>

enum clock_jump {
	CLOCK_SUSPENDED, /* CLOCK_BOOTTIME went on, CLOCK_MONOTONIC did not */
	CLOCK_SET,	 /* CLOCK_REALTIME went another way than CLOCK_BOOTTIME */
};

struct clocks;

/*
 * `jumped` is called from the loop, before anything else that is due: the wall clock went from one time to the other, while nobody
 * worked. `until` is before `from` where it was set back. Told to the second, and not at all below half of one.
 */
int clocks_new(struct clocks **ret, sd_event *event,
	       void (*jumped)(void *userdata, enum clock_jump jump, usec_t from, usec_t until),
	       void *userdata);
void clocks_free(struct clocks *clocks);

/* When the machine was started, on the wall clock of now. */
usec_t clocks_boot(void);

#endif
