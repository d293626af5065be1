/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/worktime.h"

#include "ascii.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MINUTES_A_DAY 1440
#define NEVER_AFTER ((usec_t)100 * 365 * 24 * USEC_PER_HOUR)
/* Days of which quiet hours leave nothing: more than a year, for the nights in which the clock is set. */
#define NEVER_DAYS 400
#define END INT64_MAX

/* ---- Quiet hours ---- */

static time_t offset_at(time_t at)
{
	struct tm tm = { 0 };

	(void)localtime_r(&at, &tm);
	return tm.tm_gmtoff;
}

/*
 * When the zone's clock first, or last, shows a minute of a day: a clock that is set back shows it twice. Where it is set forward past
 * the minute, it is when that happens. mktime() leaves both open, and then hours may end before they begin.
 */
static usec_t moment(const struct tm *day, int minute, bool last)
{
	struct tm tm = { .tm_year = day->tm_year,
			 .tm_mon = day->tm_mon,
			 .tm_mday = day->tm_mday,
			 .tm_min = minute };
	time_t shown = timegm(&tm);
	time_t before = offset_at(shown - 24 * 3600), after = offset_at(shown + 24 * 3600);
	time_t early = shown - before, late = shown - after;

	if (before == after)
		return early * USEC_PER_SEC;
	bool shows_late = offset_at(late) == after;
	if (offset_at(early) == before && !(last && shows_late))
		return early * USEC_PER_SEC;
	while (!shows_late && early - late > 1) {
		time_t middle = late + (early - late) / 2;
		if (offset_at(middle) == after)
			early = middle;
		else
			late = middle;
	}
	return (shows_late ? late : early) * USEC_PER_SEC;
}

/* The first of these hours that end after `at`: the one that began the day before, or on one of the next seven days. */
static struct span next_quiet(const struct quiet_hours *quiet, usec_t at)
{
	time_t seconds = (time_t)(at / USEC_PER_SEC);
	struct tm today;

	if (!localtime_r(&seconds, &today))
		return (struct span){ END, END };
	for (int i = -1; i <= 7; i++) {
		struct tm day = today;
		int until =
		    quiet->until > quiet->from ? quiet->until : quiet->until + MINUTES_A_DAY;
		day.tm_mday += i;
		if (!(quiet->days & 1u << (today.tm_wday + i + 7) % 7))
			continue;
		struct span span = { moment(&day, quiet->from, false), moment(&day, until, true) };
		if (span.until > at)
			return span;
	}
	return (struct span){ END, END };
}

usec_t quiet_until(const struct quiet_hours *quiet, size_t count, usec_t at)
{
	/* One may end in another. A week of nothing else has no end. */
	for (size_t i = 0, rounds = 0; i < count && rounds < 7 * count + 1; i++) {
		struct span span = next_quiet(&quiet[i], at);
		if (span.from > at)
			continue;
		at = span.until;
		rounds++;
		i = (size_t)-1;
	}
	return at;
}

static bool is_letter(char c)
{
	return is_upper(c) || is_lower(c);
}

/* "HH:MM", up to 24:00. */
static int parse_minute(const char **text, int16_t *ret)
{
	char *colon, *end;
	long hour = strtol(*text, &colon, 10);
	long minute = *colon == ':' ? strtol(colon + 1, &end, 10) : -1;

	if (!is_digit(**text) || colon - *text > 2 || minute < 0 || !is_digit(colon[1]) ||
	    end - colon != 3 || minute > 59 || hour * 60 + minute > MINUTES_A_DAY)
		return -EINVAL;
	*text = end;
	*ret = (int16_t)(hour * 60 + minute);
	return 0;
}

static int parse_day(const char **text)
{
	static const char *const names[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

	for (int day = 0; day < 7; day++)
		if (strncasecmp(*text, names[day], 3) == 0) {
			*text += 3;
			return day;
		}
	return -EINVAL;
}

/* "Mon-Fri", "Sat,Sun", "Sat Sun", and a gap before what comes after them; every day where none is named. */
static int parse_days(const char **text, uint8_t *ret)
{
	*ret = 0;
	while (is_letter(**text)) {
		int first = parse_day(text), last = first;
		if (first >= 0 && **text == '-') {
			(*text)++;
			last = parse_day(text);
		}
		if (first < 0 || last < 0)
			return -EINVAL;
		for (int day = first;; day = (day + 1) % 7) {
			*ret |= (uint8_t)(1u << day);
			if (day == last)
				break;
		}
		size_t gap = strspn(*text, ", ");
		if ((gap > 0) != ((*text)[gap] != '\0'))
			return -EINVAL;
		*text += gap;
	}
	if (!*ret)
		*ret = 0x7f;
	return 0;
}

int quiet_hours_parse(const char *text, struct quiet_hours *ret)
{
	bool named = is_letter(*text);

	*ret = (struct quiet_hours){ .until = MINUTES_A_DAY };
	if (parse_days(&text, &ret->days) < 0)
		return -EINVAL;
	if (!*text)
		return named ? 0 : -EINVAL;
	if (parse_minute(&text, &ret->from) < 0 || *text++ != '-' ||
	    parse_minute(&text, &ret->until) < 0 || *text || ret->from == ret->until ||
	    ret->from == MINUTES_A_DAY)
		return -EINVAL;
	return 0;
}

/* ---- Time that counts ---- */

/* The first span that ends after `at`. */
static struct span next_span(const struct span *spans, size_t count, usec_t at)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (spans[middle].until > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low < count ? spans[low] : (struct span){ END, END };
}

static struct span earlier(struct span a, struct span b)
{
	return b.from < a.from ? b : a;
}

/* What is left out next, at `at` or after it. */
static struct span next_left_out(const struct worktime *time, unsigned mask, usec_t at)
{
	struct span next = { END, END };

	if (mask & WORKTIME_LAPSES)
		next = earlier(next, next_span(time->lapses, time->lapse_count, at));
	if (mask & WORKTIME_WAITS)
		next = earlier(next, next_span(time->waits, time->wait_count, at));
	for (size_t i = 0; mask & WORKTIME_QUIET && i < time->quiet_count; i++)
		next = earlier(next, next_quiet(&time->quiet[i], at));
	return next;
}

usec_t worktime_between(const struct worktime *time, unsigned mask, usec_t from, usec_t until)
{
	usec_t counted = 0;

	while (from < until) {
		struct span next = next_left_out(time, mask, from);
		usec_t stop = next.from < until ? next.from : until;
		if (stop > from)
			counted += stop - from;
		from = next.until;
	}
	return counted;
}

usec_t worktime_after(const struct worktime *time, unsigned mask, usec_t from, usec_t length)
{
	usec_t end = from + NEVER_AFTER;
	size_t patience = time->lapse_count + time->wait_count + NEVER_DAYS * time->quiet_count;

	for (size_t barren = 0; from < end && barren <= patience; barren++) {
		struct span next = next_left_out(time, mask, from);
		if (next.from >= from + length)
			return from + length;
		if (next.from > from) {
			length -= next.from - from;
			barren = 0;
		}
		from = next.until;
	}
	return INSTANT_NONE;
}
