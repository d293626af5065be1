/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of the time between two moments counts: not that in which the machine slept or was off, nor that in which a person was
 * waited for; where quiet hours are left out, too, it is the effort that could have been made.
 *
 * Instants are wall-clock UTC; all arithmetic is exact to the microsecond and linear in the number of spans and of days.
 */
#ifndef PLANWATCH_WORKTIME_H
#define PLANWATCH_WORKTIME_H

#include "planwatch/instant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From a moment up to another, which is not in it. */
struct span {
	usec_t from, until;
};

/*
 * Hours of the week, in the time zone of TZ: from a minute of the day on which it begins until another, of the next day where that is
 * not later. Daylight saving is the zone's: the night in which the clock is set is an hour shorter or longer.
 */
struct quiet_hours {
	uint8_t days;	     /* bit 1 << tm_wday: on which it begins */
	int16_t from, until; /* minutes; 0 to 1440 */
};

struct worktime {
	/* Each sorted by `from`, and not overlapping in itself; overlaps between them count once. */
	const struct span *
	    lapses; /* nobody's time: suspended, off, or never there because the clock was set forward */
	size_t lapse_count;
	const struct span *waits; /* the person's time */
	size_t wait_count;
	const struct quiet_hours *quiet;
	size_t quiet_count;
};

/* Which time is left out. */
enum worktime_mask {
	WORKTIME_LAPSES = 1,
	WORKTIME_WAITS = 2,
	WORKTIME_QUIET = 4,
};

/* How much counts between two moments; 0 where `until` is not after `from`. */
usec_t worktime_between(const struct worktime *time, unsigned mask, usec_t from, usec_t until);

/*
 * The first moment at which `length`, which is not 0, has counted since `from`. INSTANT_NONE where that is never: not within
 * a hundred years, or where quiet hours leave nothing of a whole one.
 */
usec_t worktime_after(const struct worktime *time, unsigned mask, usec_t from, usec_t length);

/* The end of the quiet hours that `at` lies in; `at` where it lies in none. */
usec_t quiet_until(const struct quiet_hours *quiet, size_t count, usec_t at);

/*
 * Quiet hours as a user writes them: "22:00-07:00", "Mon-Fri 20:00-08:00", "Sat Sun" or "Sat,Sun" (whole days). 0 or -EINVAL.
 */
int quiet_hours_parse(const char *text, struct quiet_hours *ret);

#endif
