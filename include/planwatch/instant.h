/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Points in time and lengths of time, as values: nothing here reads a clock, except instant_now(),
 * which the programs call once and hand down. The unit is the microsecond everywhere; points in
 * time are UTC, counted from 1970.
 */
#ifndef PLANWATCH_INSTANT_H
#define PLANWATCH_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t usec_t;

#define USEC_PER_SEC ((usec_t)1000000)
#define USEC_PER_MIN (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MIN)
#define USEC_PER_DAY (24 * USEC_PER_HOUR)

/* "No time": unknown, or never. It is the smallest value, so that the later of two times is a plain
 * maximum. */
#define INSTANT_NONE INT64_MIN

/* Bytes that any formatted instant or duration fits in, with its final NUL. */
#define INSTANT_MAX 40

usec_t instant_now(void);

/* Proleptic Gregorian civil time to UTC; offset_min is the zone's distance from UTC in minutes.
 * Ranges are the caller's. */
usec_t instant_from_civil(int year, int month, int day, int hour, int minute, int second,
			  int offset_min);

/* True where the date exists: month 1-12, day within its month, leap years counted. */
bool instant_is_date(int year, int month, int day);

/* RFC 3339 in UTC with microseconds, "2026-01-02T03:04:05.000000Z"; "-" for INSTANT_NONE. Returns
 * `out`. */
const char *instant_format_utc(usec_t at, char out[static INSTANT_MAX]);

/* For people: "2026-01-02 03:04:05 CET", in the zone of TZ, or in UTC with a final Z. Returns
 * `out`. */
const char *instant_format(usec_t at, bool utc, char out[static INSTANT_MAX]);

/*
 * A time as a user writes it: RFC 3339 ("2026-01-02T03:04:05Z", with offset, fraction, blank for
 * T), a date, "now", "today", "yesterday", or a duration ("2h": that long before now). A time
 * without zone is local. Returns 0 or -EINVAL.
 */
int instant_parse(const char *text, usec_t now, usec_t *ret);

/* For people, two units at most: "45 s", "12 m", "3 h 10 m", "2 d 4 h". Returns `out`. */
const char *duration_format(usec_t length, char out[static INSTANT_MAX]);

/* "90s", "90m", "1h30m", "2d", "1.5h", "90 min". A number needs a unit. Returns 0 or -EINVAL (also
 * for zero and over 10 years). */
int duration_parse(const char *text, usec_t *ret);

#endif
