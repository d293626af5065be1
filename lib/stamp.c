/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stamp.h"

#include "ascii.h"

#include <string.h>
#include <strings.h>

#define NO_OFFSET INT32_MIN
#define ZONE_MAX 40

/* Zone names with one meaning in practice. CST, IST and BST have two or more, so they are missing on purpose. */
static const struct {
	const char *name;
	int offset_min;
} zones[] = {
	{ "Z", 0 },	 { "UTC", 0 },	  { "GMT", 0 },	   { "WET", 0 },     { "WEST", 60 },
	{ "CET", 60 },	 { "CEST", 120 }, { "EET", 120 },  { "EEST", 180 },  { "MSK", 180 },
	{ "PKT", 300 },	 { "WIB", 420 },  { "HKT", 480 },  { "SGT", 480 },   { "AWST", 480 },
	{ "JST", 540 },	 { "KST", 540 },  { "ACST", 570 }, { "AEST", 600 },  { "ACDT", 630 },
	{ "AEDT", 660 }, { "NZST", 720 }, { "NZDT", 780 }, { "BRT", -180 },  { "NST", -210 },
	{ "NDT", -150 }, { "EDT", -240 }, { "EST", -300 }, { "CDT", -300 },  { "MDT", -360 },
	{ "MST", -420 }, { "PDT", -420 }, { "PST", -480 }, { "AKDT", -480 }, { "AKST", -540 },
	{ "HST", -600 },
};

/* Names that people use and that do not tell one time. */
static const char *const vague_zones[] = {
	"CST", "IST", "BST", "AST", "ADT", "ECT", "AMT", "local"
};

/* What stands behind the date, as far as it could be read. */
struct clock {
	int hour, minute, second;
	int64_t usec;
	bool seconds;	/* were written */
	int offset_min; /* NO_OFFSET: a zone that tells no time */
};

/* The number of `digits` digits at `text`, or -1. */
static int number(const char *text, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		if (!is_digit(text[i]))
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

/* "+02:00", "-0700", "+08". Returns what follows, or NULL. */
static const char *read_offset(const char *text, int *offset_min)
{
	int hours = *text == '+' || *text == '-' ? number(text + 1, 2) : -1, minutes = 0;
	const char *at = text + 3;

	if (hours < 0 || hours > (*text == '-' ? 12 : 14))
		return NULL;
	if (*at == ':' && number(at + 1, 2) >= 0) {
		minutes = number(at + 1, 2);
		at += 3;
	} else if (number(at, 2) >= 0) {
		minutes = number(at, 2);
		at += 2;
	}
	if (minutes > 59 || is_word(*at))
		return NULL;
	*offset_min = (*text == '-' ? -1 : 1) * (hours * 60 + minutes);
	return at;
}

/*
 * A name that we do not know is a zone only where nothing but one can stand: capitals right before a sign that ends a stamp, so
 * that "20:55 TDD cycle finished" keeps its time. "Europe/Berlin" shows itself.
 */
static const char *read_vague_zone(const char *text)
{
	const char *at = text;

	for (size_t i = 0; i < ARRAY_SIZE(vague_zones); i++) {
		size_t length = strlen(vague_zones[i]);
		if (strncmp(text, vague_zones[i], length) == 0 && !is_word(text[length]))
			return text + length;
	}
	if (!is_upper(*at))
		return NULL;
	while (at - text < ZONE_MAX && (is_upper(*at) || is_lower(*at) || *at == '_' || *at == '/'))
		at++;
	if (memchr(text, '/', (size_t)(at - text)) && is_lower(at[-1]) && is_lower(text[1]))
		return at;
	for (at = text; is_upper(*at);)
		at++;
	if (at - text < 2 || at - text > 5)
		return NULL;
	bool ends = *at == '\0' || strchr(")],;:", *at) || strncmp(at, " -", 2) == 0 ||
		    strncmp(at, " \u2013", 4) == 0 || strncmp(at, " \u2014", 4) == 0;
	return ends ? at : NULL;
}

/* Returns what follows the zone; `text` itself where there is none, which means UTC. */
static const char *read_zone(const char *text, int *offset_min)
{
	const char *name = text + (*text == ' '), *after = read_offset(name, offset_min);

	if (after)
		return after;
	for (size_t i = 0; i < ARRAY_SIZE(zones); i++) {
		if ((*name | 0x20) != (*zones[i].name | 0x20))
			continue;
		size_t length = strlen(zones[i].name);
		if (strncasecmp(name, zones[i].name, length) != 0)
			continue;
		/* "UTC+2" is a zone of its own, "UTC" and "Z" are zero. */
		after = length == 3 && zones[i].offset_min == 0 ? read_offset(name + 3, offset_min)
								: NULL;
		if (after)
			return after;
		if (is_word(name[length]) || (length > 1 && !is_upper(*name)))
			continue;
		*offset_min = zones[i].offset_min;
		return name + length;
	}
	*offset_min = NO_OFFSET;
	after = read_vague_zone(name);
	if (after)
		return after;
	*offset_min = 0;
	return text;
}

/* "5:30 PM" */
static const char *read_half_day(const char *text, struct clock *clock)
{
	const char *at = text + (*text == ' ');
	bool afternoon = *at == 'p' || *at == 'P';

	if ((!afternoon && *at != 'a' && *at != 'A') || (at[1] | 0x20) != 'm' || is_word(at[2]) ||
	    clock->hour < 1 || clock->hour > 12)
		return text;
	clock->hour = clock->hour % 12 + (afternoon ? 12 : 0);
	return at + 2;
}

/* ":05.123" behind hours and minutes. */
static const char *read_seconds(const char *at, struct clock *clock)
{
	int64_t unit = USEC_PER_SEC / 10;

	if (*at != ':' || number(at + 1, 2) < 0 || is_digit(at[3]))
		return at;
	clock->second = number(at + 1, 2);
	clock->seconds = true;
	at += 3;
	if ((*at != '.' && *at != ',') || !is_digit(at[1]))
		return at;
	for (at++; is_digit(*at); at++, unit /= 10)
		clock->usec += (*at - '0') * unit;
	return at;
}

/* "2026-08-19", "2026/08/19" */
static bool read_date(const char *text, int date[3])
{
	date[0] = number(text, 4);
	if (date[0] < 0 || (text[4] != '-' && text[4] != '/'))
		return false;
	date[1] = number(text + 5, 2);
	if (date[1] < 0 || text[7] != text[4])
		return false;
	date[2] = number(text + 8, 2);
	return date[2] >= 0;
}

/* The time of day behind a date, with its zone. Returns what follows it, or NULL where there is none. */
static const char *read_clock(const char *text, struct clock *ret)
{
	const char *at = text;
	struct clock clock = { 0 };
	int date[3];

	at += *at == ',' && at[1] == ' ';
	at += strncmp(at, " at ", 4) == 0 ? 3 : 0;
	if (*at != ' ' && *at != 'T' && *at != 't' && *at != '_')
		return NULL;
	at++;
	/* A second date begins like "2026" with the offset "-01". */
	if (read_date(at, date))
		return NULL;
	int digits = is_digit(at[0]) && is_digit(at[1]) ? 2 : 1;
	clock.hour = number(at, digits);
	if (clock.hour < 0)
		return NULL;
	at += digits;
	bool bare = digits == 2 && number(at, 2) >= 0; /* "1430Z" */
	if (!bare && (*at != ':' || number(at + 1, 2) < 0 || is_digit(at[3])))
		return NULL;
	clock.minute = number(at + !bare, 2);
	at = read_seconds(at + !bare + 2, &clock);
	at = read_half_day(at, &clock);
	const char *end = read_zone(at, &clock.offset_min);
	if ((bare && end == at) || is_word(*end) || (*end == '/' && is_word(end[1])))
		return NULL;
	*ret = clock;
	return end;
}

static bool is_clock(const struct clock *clock)
{
	if (clock->hour == 24)
		return clock->minute == 0 && clock->second == 0;
	/* A minute may have a 61st second. */
	return clock->hour < 24 && clock->minute < 60 && clock->second <= 60;
}

/* True where a date may end before `at`: "2026-02-15-x.md", "2026-02-15.md" and "2026-02-15_x" go on. */
static bool date_ends(const char *at)
{
	bool joint = *at == '-' || *at == '/' || *at == '.' || *at == '\\' || *at == '@';

	return !(is_word(*at) && (unsigned char)*at < 0x80) && !(joint && is_word(at[1]));
}

/* A date may not begin inside a word, a number, a path or an identifier. */
static bool date_begins(const char *text, size_t at)
{
	return at == 0 || !(strchr("-/.\\@#=", text[at - 1]) ||
			    (is_word(text[at - 1]) && (unsigned char)text[at - 1] < 0x80));
}

static void set_time(struct stamp_span *ret, const int date[3], const struct clock *clock)
{
	ret->precision = STAMP_DAY;
	ret->at = INSTANT_NONE;
	if (!instant_is_date(date[0], date[1], date[2]))
		return;
	ret->at = instant_from_civil(date[0], date[1], date[2], 0, 0, 0, 0);
	if (!clock || !is_clock(clock) || clock->offset_min == NO_OFFSET)
		return;
	ret->precision = clock->seconds ? STAMP_SECOND : STAMP_MINUTE;
	ret->at = instant_from_civil(date[0], date[1], date[2], clock->hour, clock->minute,
				     clock->second, clock->offset_min) +
		  clock->usec;
}

/* "20260819T1452Z", "20260819T145203Z": ISO 8601's basic form, known by its T and Z. */
static bool read_basic(const char *text, struct stamp_span *ret)
{
	int date[3] = { number(text, 4), -1, -1 };
	struct clock clock = { 0 };

	if (number(text, 8) < 0 || text[8] != 'T' || number(text + 9, 4) < 0)
		return false;
	date[1] = number(text + 4, 2);
	date[2] = number(text + 6, 2);
	clock.hour = number(text + 9, 2);
	clock.minute = number(text + 11, 2);
	clock.seconds = number(text + 13, 2) >= 0;
	clock.second = clock.seconds ? number(text + 13, 2) : 0;
	const char *end = text + (clock.seconds ? 15 : 13);
	if (*end != 'Z' || is_word(end[1]))
		return false;
	set_time(ret, date, &clock);
	ret->length = (size_t)(end + 1 - text);
	return true;
}

bool stamp_read(const char *text, size_t at, struct stamp_span *ret)
{
	const char *start = text + at;
	int date[3];
	struct clock clock;

	if (!is_digit(*start) || !date_begins(text, at))
		return false;
	if (read_basic(start, ret))
		return true;
	if (!read_date(start, date))
		return false;
	const char *end = read_clock(start + 10, &clock);
	if (!end && !date_ends(start + 10))
		return false;
	set_time(ret, date, end ? &clock : NULL);
	ret->length = end ? (size_t)(end - start) : 10;
	return true;
}

bool stamp_find(const char *text, size_t from, size_t *at, struct stamp_span *ret)
{
	for (size_t i = from; text[i]; i++) {
		if (is_digit(text[i]) && stamp_read(text, i, ret)) {
			*at = i;
			return true;
		}
	}
	return false;
}
