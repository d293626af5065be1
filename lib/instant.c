/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/instant.h"

#include "planwatch/cleanup.h"
#include "planwatch/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DURATION_MAX (3653 * USEC_PER_DAY)

usec_t instant_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (usec_t)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

/* Days from 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms",
 * days_from_civil). */
static int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

usec_t instant_from_civil(int year, int month, int day, int hour, int minute, int second,
			  int offset_min)
{
	int64_t minutes =
	    (days_from_civil(year, month, day) * 24 + hour) * 60 + minute - offset_min;

	return minutes * USEC_PER_MIN + second * USEC_PER_SEC;
}

bool instant_is_date(int year, int month, int day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Floor division, so that times before 1970 come out right too. */
static time_t to_seconds(usec_t at, long *usec)
{
	usec_t rest = at % USEC_PER_SEC;

	if (rest < 0)
		rest += USEC_PER_SEC;
	*usec = (long)rest;
	return (time_t)((at - rest) / USEC_PER_SEC);
}

/* strftime()'s %Y has as many digits as the year has: RFC 3339 has four. Returns their number. */
static size_t put_year(const struct tm *tm, char out[static INSTANT_MAX])
{
	return (size_t)snprintf(out, INSTANT_MAX, "%04d", tm->tm_year + 1900);
}

const char *instant_format_utc(usec_t at, char out[static INSTANT_MAX])
{
	struct tm tm;
	long usec;
	time_t seconds;

	if (at == INSTANT_NONE)
		return strncpy(out, "-", INSTANT_MAX);
	seconds = to_seconds(at, &usec);
	/* It has room for every year of 64 bits of microseconds. */
	(void)gmtime_r(&seconds, &tm);
	size_t n = put_year(&tm, out);
	n += strftime(out + n, INSTANT_MAX - n, "-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out + n, INSTANT_MAX - n, ".%06ldZ", usec);
	return out;
}

const char *instant_format(usec_t at, bool utc, char out[static INSTANT_MAX])
{
	struct tm tm;
	long usec;
	time_t seconds;

	if (at == INSTANT_NONE)
		return strncpy(out, "-", INSTANT_MAX);
	seconds = to_seconds(at, &usec);
	(void)(utc ? gmtime_r(&seconds, &tm) : localtime_r(&seconds, &tm));
	size_t n = put_year(&tm, out);
	(void)strftime(out + n, INSTANT_MAX - n, utc ? "-%m-%d %H:%M:%SZ" : "-%m-%d %H:%M:%S %Z",
		       &tm);
	return out;
}

/* Reads exactly `digits` digits; returns false, and leaves *text, where they are not there. */
static bool read_digits(const char **text, int digits, int *ret)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		if (!isdigit((unsigned char)(*text)[i]))
			return false;
		value = value * 10 + ((*text)[i] - '0');
	}
	*text += digits;
	*ret = value;
	return true;
}

static bool read_char(const char **text, const char *set)
{
	if (!**text || !strchr(set, **text))
		return false;
	(*text)++;
	return true;
}

/* ".123456", at most microseconds count; returns 0 where there is none. */
static usec_t read_fraction(const char **text)
{
	usec_t value = 0, unit = USEC_PER_SEC / 10;

	if ((**text != '.' && **text != ',') || !isdigit((unsigned char)(*text)[1]))
		return 0;
	for ((*text)++; isdigit((unsigned char)**text); (*text)++, unit /= 10)
		value += (**text - '0') * unit;
	return value;
}

/* "Z", "+01:00", "-0530", "+02"; *local where there is none. */
static bool read_offset(const char **text, int *minutes, bool *local)
{
	int hour = 0, minute = 0, sign;

	*minutes = 0;
	*local = false;
	if (!**text) {
		*local = true;
		return true;
	}
	if (read_char(text, "Zz"))
		return true;
	sign = **text == '-' ? -1 : 1;
	if (!read_char(text, "+-") || !read_digits(text, 2, &hour))
		return false;
	if ((read_char(text, ":") || **text) && !read_digits(text, 2, &minute))
		return false;
	*minutes = sign * (hour * 60 + minute);
	return hour <= 23 && minute <= 59;
}

static int parse_civil(const char *text, usec_t *ret)
{
	struct tm tm = { .tm_isdst = -1 };
	int year, month, day, hour = 0, minute = 0, second = 0, offset = 0;
	usec_t fraction = 0;
	bool local = true;

	if (!read_digits(&text, 4, &year) || !read_char(&text, "-") ||
	    !read_digits(&text, 2, &month) || !read_char(&text, "-") ||
	    !read_digits(&text, 2, &day) || !instant_is_date(year, month, day))
		return -EINVAL;
	if (read_char(&text, "Tt ")) {
		if (!read_digits(&text, 2, &hour) || !read_char(&text, ":") ||
		    !read_digits(&text, 2, &minute))
			return -EINVAL;
		if (read_char(&text, ":")) {
			if (!read_digits(&text, 2, &second))
				return -EINVAL;
			fraction = read_fraction(&text);
		}
		if (!read_offset(&text, &offset, &local))
			return -EINVAL;
	}
	if (*text || hour > 23 || minute > 59 || second > 60)
		return -EINVAL;
	if (!local) {
		*ret =
		    instant_from_civil(year, month, day, hour, minute, second, offset) + fraction;
		return 0;
	}
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = second;
	*ret = (usec_t)mktime(&tm) * USEC_PER_SEC + fraction;
	return 0;
}

/* Local midnight, `days` before the day of `now`: by the calendar, because a day is not always 24
 * hours long. */
static usec_t midnight(usec_t now, int days)
{
	long usec;
	time_t seconds = to_seconds(now, &usec);
	struct tm tm;

	localtime_r(&seconds, &tm);
	tm.tm_mday -= days;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return (usec_t)mktime(&tm) * USEC_PER_SEC;
}

int instant_parse(const char *text, usec_t now, usec_t *ret)
{
	usec_t ago;

	if (strcmp(text, "now") == 0)
		*ret = now;
	else if (strcmp(text, "today") == 0)
		*ret = midnight(now, 0);
	else if (strcmp(text, "yesterday") == 0)
		*ret = midnight(now, 1);
	else if (duration_parse(text, &ago) == 0)
		*ret = now - ago;
	else
		return parse_civil(text, ret);
	return 0;
}

const char *duration_format(usec_t length, char out[static INSTANT_MAX])
{
	const char *sign = length < 0 ? "-" : "";
	int64_t seconds = (length < 0 ? -length : length) / USEC_PER_SEC;
	int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (seconds < 60)
		(void)snprintf(out, INSTANT_MAX, "%s%ld s", sign, (long)seconds);
	else if (minutes < 60)
		(void)snprintf(out, INSTANT_MAX, "%s%ld m", sign, (long)minutes);
	else if (hours < 24 && minutes % 60 == 0)
		(void)snprintf(out, INSTANT_MAX, "%s%ld h", sign, (long)hours);
	else if (hours < 24)
		(void)snprintf(out, INSTANT_MAX, "%s%ld h %02ld m", sign, (long)hours,
			       (long)(minutes % 60));
	else if (hours % 24 == 0 || days >= 10)
		(void)snprintf(out, INSTANT_MAX, "%s%ld d", sign, (long)days);
	else
		(void)snprintf(out, INSTANT_MAX, "%s%ld d %ld h", sign, (long)days,
			       (long)(hours % 24));
	return out;
}

static usec_t unit_length(const char *word, size_t length)
{
	static const struct {
		const char *word;
		usec_t length;
	} units[] = {
		{ "s", USEC_PER_SEC },	      { "sec", USEC_PER_SEC },
		{ "second", USEC_PER_SEC },   { "seconds", USEC_PER_SEC },
		{ "m", USEC_PER_MIN },	      { "min", USEC_PER_MIN },
		{ "minute", USEC_PER_MIN },   { "minutes", USEC_PER_MIN },
		{ "h", USEC_PER_HOUR },	      { "hr", USEC_PER_HOUR },
		{ "hour", USEC_PER_HOUR },    { "hours", USEC_PER_HOUR },
		{ "d", USEC_PER_DAY },	      { "day", USEC_PER_DAY },
		{ "days", USEC_PER_DAY },     { "w", 7 * USEC_PER_DAY },
		{ "week", 7 * USEC_PER_DAY }, { "weeks", 7 * USEC_PER_DAY },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (strlen(units[i].word) == length &&
		    strncasecmp(units[i].word, word, length) == 0)
			return units[i].length;
	return 0;
}

int duration_parse(const char *text, usec_t *ret)
{
	usec_t total = 0;

	if (!*text)
		return -EINVAL;
	while (*text) {
		int64_t number = 0;
		usec_t fraction = 0, unit;
		size_t letters = 0;

		if (!isdigit((unsigned char)*text))
			return -EINVAL;
		for (; isdigit((unsigned char)*text) && number < DURATION_MAX; text++)
			number = number * 10 + (*text - '0');
		fraction = read_fraction(&text);
		while (*text == ' ')
			text++;
		while (isalpha((unsigned char)text[letters]))
			letters++;
		unit = unit_length(text, letters);
		if (unit == 0 || number > DURATION_MAX / unit)
			return -EINVAL;
		total += number * unit + fraction * (unit / USEC_PER_SEC);
		if (total > DURATION_MAX)
			return -EINVAL;
		for (text += letters; *text == ' ';)
			text++;
	}
	if (total == 0)
		return -EINVAL;
	*ret = total;
	return 0;
}
