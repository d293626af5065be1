/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time that counts, held against a slow and obvious model: every minute is looked at on the zone's clock. The windows lie around the
 * nights in which clocks are set. The model goes by what a clock shows, and cannot tell the two hours that show the same, so that random
 * quiet hours neither begin nor end in one; those are told one by one (test_odd_hours).
 */
#include "unit.h"

#include "planwatch/cleanup.h"
#include "planwatch/worktime.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CASES 3000
#define DAYS 12
#define MINUTES (DAYS * 1440)
#define SPANS_MAX 3

static uint64_t random_state;

/* xorshift64 (G. Marsaglia, "Xorshift RNGs"). */
static int64_t below(int64_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (int64_t)(random_state % (uint64_t)bound);
}

static void set_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

static usec_t utc(const char *text)
{
	usec_t at;

	if (instant_parse(text, 0, &at) < 0)
		fail_msg("%s is no time", text);
	return at;
}

/* ---- The model ---- */

/* What the clock shows in each minute. */
static struct shown {
	int16_t minute;
	int8_t day;
} shown[MINUTES];
static usec_t window;

static void look_at_the_clock(const char *middle)
{
	window = utc(middle) - DAYS / 2 * USEC_PER_DAY;
	for (int i = 0; i < MINUTES; i++) {
		time_t at = (time_t)(window / USEC_PER_SEC) + (time_t)i * 60;
		struct tm tm;
		assert_non_null(localtime_r(&at, &tm));
		shown[i] =
		    (struct shown){ (int16_t)(tm.tm_hour * 60 + tm.tm_min), (int8_t)tm.tm_wday };
	}
}

static bool is_quiet(const struct quiet_hours *quiet, size_t count, int i)
{
	int minute = shown[i].minute, day = shown[i].day, eve = (day + 6) % 7;

	for (size_t k = 0; k < count; k++) {
		const struct quiet_hours *q = &quiet[k];
		bool today = q->days >> day & 1, yesterday = q->days >> eve & 1;
		bool over_midnight = q->until <= q->from;
		if (today && minute >= q->from && (over_midnight || minute < q->until))
			return true;
		if (yesterday && over_midnight && minute < q->until)
			return true;
	}
	return false;
}

static bool is_among(const struct span *spans, size_t count, usec_t at)
{
	for (size_t k = 0; k < count; k++)
		if (spans[k].from <= at && at < spans[k].until)
			return true;
	return false;
}

static usec_t slow_between(const struct worktime *t, unsigned mask, usec_t from, usec_t until)
{
	usec_t counted = 0;

	for (int i = (int)((from - window) / USEC_PER_MIN); i < MINUTES; i++) {
		usec_t begin = window + i * USEC_PER_MIN, end = begin + USEC_PER_MIN;
		if (begin >= until)
			break;
		if ((mask & WORKTIME_LAPSES && is_among(t->lapses, t->lapse_count, begin)) ||
		    (mask & WORKTIME_WAITS && is_among(t->waits, t->wait_count, begin)) ||
		    (mask & WORKTIME_QUIET && is_quiet(t->quiet, t->quiet_count, i)))
			continue;
		begin = begin > from ? begin : from;
		end = end < until ? end : until;
		counted += end > begin ? end - begin : 0;
	}
	return counted;
}

/* ---- Random cases ---- */

/* The night in which the clock is set, and the hour that it shows twice, or that is the same in both. */
static const struct night {
	const char *zone, *middle;
	int twice_from, twice_until;
} nights[] = {
	{ "UTC", "2026-03-04T00:00Z", 0, 0 },
	{ "Europe/Berlin", "2026-03-29T01:00Z", 0, 0 },
	{ "Europe/Berlin", "2026-10-25T01:00Z", 120, 180 },
	{ "America/New_York", "2026-03-08T07:00Z", 0, 0 },
	{ "America/New_York", "2026-11-01T06:00Z", 60, 120 },
	{ "America/St_Johns", "2026-11-01T04:30Z", 60, 120 },
	{ "America/Santiago", "2026-09-06T04:00Z", 0, 0 }, /* at midnight */
	{ "America/Santiago", "2026-04-05T03:00Z", 1380, 1440 },
	{ "Australia/Lord_Howe", "2026-10-03T15:30Z", 0, 0 }, /* by half an hour */
	{ "Australia/Lord_Howe", "2026-04-04T15:00Z", 90, 120 },
	{ "Asia/Kolkata", "2028-02-29T00:00Z", 0, 0 },
	{ "Asia/Kathmandu", "2027-01-01T00:00Z", 0, 0 },
};

static int16_t random_minute(const struct night *night, int last)
{
	int minute;

	do
		minute = below(3) == 0 ? (int)below(last + 1) : (int)below(last / 60 + 1) * 60;
	while (minute >= night->twice_from && minute < night->twice_until);
	return (int16_t)minute;
}

static size_t random_quiet(const struct night *night, struct quiet_hours quiet[SPANS_MAX])
{
	size_t count = (size_t)below(SPANS_MAX + 1);

	for (size_t i = 0; i < count; i++) {
		quiet[i].days = below(2) == 0 ? 0x7f : (uint8_t)(1 + below(0x7f));
		do {
			quiet[i].from = random_minute(night, 1439);
			quiet[i].until = random_minute(night, 1440);
		} while (quiet[i].from == quiet[i].until);
	}
	return count;
}

/* Sorted, and not overlapping; some meet. */
static size_t random_spans(struct span spans[SPANS_MAX])
{
	size_t count = (size_t)below(SPANS_MAX + 1);
	int64_t minute = below(MINUTES / 2);

	for (size_t i = 0; i < count; i++) {
		minute += below(3) == 0 ? 0 : below(2000);
		spans[i].from = window + minute * USEC_PER_MIN;
		minute += 1 + below(below(2) == 0 ? 60 : 2000);
		spans[i].until = window + minute * USEC_PER_MIN;
	}
	return count;
}

static usec_t random_moment(void)
{
	usec_t minute = window + USEC_PER_DAY + below(MINUTES - 2880) * USEC_PER_MIN;

	return below(2) == 0 ? minute : minute + below(USEC_PER_MIN);
}

struct random_case {
	struct worktime time;
	struct quiet_hours quiet[SPANS_MAX];
	struct span lapses[SPANS_MAX], waits[SPANS_MAX];
	unsigned mask;
	usec_t from, until;
};

static void make_case(const struct night *night, struct random_case *c)
{
	c->time = (struct worktime){ .lapses = c->lapses,
				     .lapse_count = random_spans(c->lapses),
				     .waits = c->waits,
				     .wait_count = random_spans(c->waits),
				     .quiet = c->quiet,
				     .quiet_count = random_quiet(night, c->quiet) };
	c->mask = (unsigned)below(8);
	c->from = random_moment();
	c->until = random_moment();
}

static void for_random_cases(void (*check)(const struct random_case *c, const char *name))
{
	for (size_t n = 0; n < ARRAY_SIZE(nights); n++) {
		set_zone(nights[n].zone);
		look_at_the_clock(nights[n].middle);
		for (int i = 0; i < CASES / (int)ARRAY_SIZE(nights); i++) {
			struct random_case c;
			char name[100];
			random_state = 0x9e3779b97f4a7c15u + (uint64_t)i * 977 + n;
			(void)snprintf(name, sizeof(name), "%s %s, case %d", nights[n].zone,
				       nights[n].middle, i);
			make_case(&nights[n], &c);
			check(&c, name);
		}
	}
}

static void check_between(const struct random_case *c, const char *name)
{
	usec_t slow = slow_between(&c->time, c->mask, c->from, c->until);
	usec_t fast = worktime_between(&c->time, c->mask, c->from, c->until);

	if (slow != fast)
		fail_msg("%s: %ld us counted, %ld in the model", name, (long)fast, (long)slow);
}

static void test_between(void **unused)
{
	(void)unused;
	for_random_cases(check_between);
}

/* worktime_after() is where worktime_between() first reaches a length. */
static void check_after(const struct random_case *c, const char *name)
{
	usec_t length =
	    1 + (below(2) == 0 ? below(100) * USEC_PER_HOUR : below(100 * USEC_PER_HOUR));
	usec_t at = worktime_after(&c->time, c->mask, c->from, length);

	if (at == INSTANT_NONE) {
		if (worktime_between(&c->time, c->mask, c->from, c->from + 3650 * USEC_PER_DAY) >=
		    length)
			fail_msg("%s: is said to be never", name);
		return;
	}
	if (worktime_between(&c->time, c->mask, c->from, at) != length ||
	    worktime_between(&c->time, c->mask, c->from, at - 1) != length - 1)
		fail_msg("%s: is not the moment at which %ld us have counted", name, (long)length);
}

static void test_after(void **unused)
{
	(void)unused;
	for_random_cases(check_after);
}

/* Within a minute that the model sees; chains that leave its window are followed no further. */
static void check_quiet_until(const struct random_case *c, const char *name)
{
	usec_t at = c->from, end = quiet_until(c->quiet, c->time.quiet_count, at);
	int i = (int)((at - window) / USEC_PER_MIN), first = i;

	while (i < MINUTES && is_quiet(c->quiet, c->time.quiet_count, i))
		i++;
	if (i == MINUTES)
		return;
	usec_t slow = i == first ? at : window + i * USEC_PER_MIN;
	if (end != slow)
		fail_msg("%s: quiet for %ld us, %ld in the model", name, (long)(end - at),
			 (long)(slow - at));
}

static void test_quiet_until(void **unused)
{
	(void)unused;
	for_random_cases(check_quiet_until);
}

/* ---- What the model cannot tell, and edges ---- */

/* One zone, hours, a stretch of time, and how much of it they leave out. */
static const struct {
	const char *zone, *hours, *from, *until;
	int quiet_minutes;
} odd_hours[] = {
	/* 02:00 to 03:00 comes twice: an hour longer, wherever the hours begin and end. */
	{ "Europe/Berlin", "02:30-04:00", "2026-10-24T22:00Z", "2026-10-25T10:00Z", 150 },
	{ "Europe/Berlin", "01:00-02:30", "2026-10-24T22:00Z", "2026-10-25T10:00Z", 150 },
	{ "Europe/Berlin", "02:00-03:00", "2026-10-24T22:00Z", "2026-10-25T10:00Z", 120 },
	{ "Europe/Berlin", "02:10-02:50", "2026-10-24T22:00Z", "2026-10-25T10:00Z", 100 },
	{ "America/New_York", "22:00-01:30", "2026-11-01T00:00Z", "2026-11-01T12:00Z", 270 },
	{ "Australia/Lord_Howe", "01:45-03:00", "2026-04-04T12:00Z", "2026-04-05T00:00Z", 105 },
	{ "America/Santiago", "23:30-07:00", "2026-04-05T01:00Z", "2026-04-05T13:00Z", 510 },
	/* It does not come at all: hours begin or end as it is skipped. */
	{ "Europe/Berlin", "02:30-04:00", "2026-03-28T22:00Z", "2026-03-29T10:00Z", 60 },
	{ "Europe/Berlin", "01:00-02:30", "2026-03-28T22:00Z", "2026-03-29T10:00Z", 60 },
	{ "Europe/Berlin", "02:30-03:00", "2026-03-28T22:00Z", "2026-03-29T10:00Z", 0 },
	{ "Europe/Berlin", "02:10-02:50", "2026-03-28T22:00Z", "2026-03-29T10:00Z", 0 },
	{ "Europe/Berlin", "03:00-02:30", "2026-03-28T12:00Z", "2026-03-29T12:00Z", 1440 },
	{ "America/Santiago", "00:30-02:00", "2026-09-06T01:00Z", "2026-09-06T13:00Z", 60 },
	{ "Australia/Lord_Howe", "02:15-03:00", "2026-10-03T12:00Z", "2026-10-04T00:00Z", 30 },
	/* Once a week: the next ones, after those of the day itself. */
	{ "UTC", "Mon 10:00-12:00", "2026-03-09T13:00Z", "2026-03-17T00:00Z", 120 },
	{ "UTC", "Mon 22:00-02:00", "2026-03-10T01:00Z", "2026-03-18T00:00Z", 300 },
};

static void test_odd_hours(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(odd_hours); i++) {
		struct quiet_hours quiet;
		struct worktime time = { .quiet = &quiet, .quiet_count = 1 };
		usec_t from = utc(odd_hours[i].from), until = utc(odd_hours[i].until);
		set_zone(odd_hours[i].zone);
		assert_int_equal(quiet_hours_parse(odd_hours[i].hours, &quiet), 0);
		usec_t left_out =
		    until - from - worktime_between(&time, WORKTIME_QUIET, from, until);
		if (left_out != odd_hours[i].quiet_minutes * USEC_PER_MIN)
			fail_msg("%s %s: %ld minutes are left out, not %d", odd_hours[i].zone,
				 odd_hours[i].hours, (long)(left_out / USEC_PER_MIN),
				 odd_hours[i].quiet_minutes);
	}
}

static void test_edges(void **unused)
{
	const struct span lapses[] = { { 100, 200 }, { 200, 300 }, { 400, 500 } };
	struct worktime time = { .lapses = lapses, .lapse_count = 3 };

	(void)unused;
	assert_int_equal(worktime_between(&time, 0, 0, 1000), 1000);
	assert_int_equal(worktime_between(&time, WORKTIME_LAPSES, 0, 1000), 700);
	assert_int_equal(worktime_between(&time, WORKTIME_WAITS, 0, 1000), 1000);
	assert_int_equal(worktime_between(&time, WORKTIME_LAPSES, 500, 500), 0);
	assert_int_equal(worktime_between(&time, WORKTIME_LAPSES, 600, 500), 0);
	assert_int_equal(worktime_between(&time, WORKTIME_LAPSES, 100, 300), 0);
	assert_int_equal(worktime_between(&time, WORKTIME_LAPSES, 99, 301), 2);
	assert_int_equal(worktime_between(&time, WORKTIME_LAPSES, 450, 501), 1);
	assert_int_equal(worktime_after(&time, WORKTIME_LAPSES, 0, 100), 100);
	assert_int_equal(worktime_after(&time, WORKTIME_LAPSES, 0, 101), 301);
	assert_int_equal(worktime_after(&time, WORKTIME_LAPSES, 150, 1), 301);
	assert_int_equal(worktime_after(&time, WORKTIME_LAPSES, 0, 200), 400);
	assert_int_equal(worktime_after(&time, WORKTIME_LAPSES, 0, 201), 501);
	assert_int_equal(worktime_after(&time, 0, 0, 201), 201);
}

/* A week of nothing else has no end, and what has to wait for it never comes. */
static void test_never(void **unused)
{
	const struct quiet_hours week = { 0x7f, 0, 1440 };
	struct worktime time = { .quiet = &week, .quiet_count = 1 };
	usec_t at = utc("2026-03-04T12:00Z");

	(void)unused;
	set_zone("Europe/Berlin");
	assert_int_equal(worktime_after(&time, WORKTIME_QUIET, at, 1), INSTANT_NONE);
	assert_int_equal(worktime_between(&time, WORKTIME_QUIET, at, at + 400 * USEC_PER_DAY), 0);
	assert_true(quiet_until(&week, 1, at) > at);
	assert_int_equal(quiet_until(NULL, 0, at), at);
}

/* ---- Words ---- */

static void test_hours_right(void **unused)
{
	enum { SUN = 1, MON = 2, TUE = 4, WED = 8, THU = 16, FRI = 32, SAT = 64 };
	static const struct {
		const char *text;
		int days, from, until;
	} rows[] = {
		{ "22:00-07:00", 0x7f, 1320, 420 },
		{ "7:05-9:30", 0x7f, 425, 570 },
		{ "00:00-24:00", 0x7f, 0, 1440 },
		{ "22:00-24:00", 0x7f, 1320, 1440 },
		{ "22:00-00:00", 0x7f, 1320, 0 },
		{ "23:59-00:01", 0x7f, 1439, 1 },
		{ "Mon-Fri 20:00-08:00", MON | TUE | WED | THU | FRI, 1200, 480 },
		{ "Sat,Sun", SAT | SUN, 0, 1440 },
		{ "Sat Sun", SAT | SUN, 0, 1440 },
		{ "Sat, Sun 10:00-12:00", SAT | SUN, 600, 720 },
		{ "Sat-Sun", SAT | SUN, 0, 1440 },
		{ "Fri-Mon", FRI | SAT | SUN | MON, 0, 1440 },
		{ "Mon,Wed-Thu,Sat", MON | WED | THU | SAT, 0, 1440 },
		{ "tue-TUE 12:00-13:00", TUE, 720, 780 },
		{ "Sun", SUN, 0, 1440 },
		{ "Mon-Sun", 0x7f, 0, 1440 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct quiet_hours q;
		if (quiet_hours_parse(rows[i].text, &q) < 0)
			fail_msg("%s is refused", rows[i].text);
		if (q.days != rows[i].days || q.from != rows[i].from || q.until != rows[i].until)
			fail_msg("%s: days %x, from %d until %d", rows[i].text, q.days, q.from,
				 q.until);
	}
}

static void test_hours_wrong(void **unused)
{
	static const char *const rows[] = {
		"",
		" ",
		"never",
		"22:00",
		"22:00-",
		"-07:00",
		"22-07",
		"22:00-22:00",
		"24:00-07:00",
		"25:00-07:00",
		"22:00-24:01",
		"22:60-07:00",
		"22:0-7:00",
		"22:000-07:00",
		"022:00-07:00",
		"22:00-07:00:00",
		"+2:00-03:00",
		"22:+1-23:00",
		"22:00 - 07:00",
		" 22:00-07:00",
		"22:00-07:00 ",
		"22:00-07:00 Sat",
		"22:00-07:00,08:00-09:00",
		"10pm-7am",
		"Monday",
		"Mon-",
		"Mon-12:00",
		"Mon-Fri-Sat",
		"Mo-Fr",
		"Mon,",
		"MonTue",
		"Mon22:00-07:00",
		"Mon-Fri20:00-08:00",
		"Mon 22:00",
		"Mon x",
		",Mon",
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct quiet_hours q;
		if (quiet_hours_parse(rows[i], &q) != -EINVAL)
			fail_msg("\"%s\" is taken", rows[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_between),	    cmocka_unit_test(test_after),
		cmocka_unit_test(test_quiet_until), cmocka_unit_test(test_odd_hours),
		cmocka_unit_test(test_edges),	    cmocka_unit_test(test_never),
		cmocka_unit_test(test_hours_right), cmocka_unit_test(test_hours_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
