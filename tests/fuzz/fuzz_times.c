/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times as people write them: stamps in a text, times and durations on a command line, quiet hours. What is read is within its range and
 * reads the same when it is written out; the time that counts between two moments is the same counted from either end. The first eight
 * bytes are a moment, from 1960 to 2115; the text is what follows.
 */
#include "fuzz.h"

#include "planwatch/cleanup.h"
#include "planwatch/worktime.h"

#include "../../lib/stamp.h"

#include <string.h>
#include <time.h>

#define EARLIEST (-10 * 366 * USEC_PER_DAY)
#define LATEST (145 * 366 * USEC_PER_DAY)
/* Of what has a year of four digits. */
#define YEAR_1 INT64_C(-62135596800000000)
#define YEAR_10000 INT64_C(253402300800000000)

static bool is_civil(usec_t at)
{
	/* A zone may put it a day outside. */
	return at >= YEAR_1 - 366 * USEC_PER_DAY && at < YEAR_10000 + 2 * USEC_PER_DAY;
}

static void check_stamps(const char *text)
{
	struct stamp_span span, again;
	size_t at, length = strlen(text);

	for (size_t from = 0; from < length && stamp_find(text, from, &at, &span); from = at + 1) {
		CHECK(at >= from && span.length > 0 && at + span.length <= length);
		CHECK(stamp_read(text, at, &again) && again.length == span.length &&
		      again.at == span.at && again.precision == span.precision);
		if (span.at == INSTANT_NONE)
			continue;
		CHECK(is_civil(span.at));
		CHECK(span.precision != STAMP_DAY || span.at % USEC_PER_DAY == 0);
		CHECK(span.precision != STAMP_MINUTE || span.at % USEC_PER_MIN == 0);
		/* Alone it means the same. */
		cleanup_free char *alone = strndup(text + at, span.length);
		CHECK(alone && stamp_read(alone, 0, &again) && again.length == span.length &&
		      again.at == span.at && again.precision == span.precision);
	}
}

static void check_instant(const char *text, usec_t now)
{
	char written[INSTANT_MAX], shown[INSTANT_MAX];
	usec_t at, again;

	if (instant_parse(text, now, &at) < 0)
		return;
	CHECK(is_civil(at));
	(void)instant_format(at, true, shown);
	/* The year 10000 has one digit more than can be read. */
	if (at < YEAR_1 || at >= YEAR_10000)
		return;
	CHECK(instant_parse(instant_format_utc(at, written), now, &again) == 0 && again == at);
}

static void check_duration(const char *text)
{
	char written[INSTANT_MAX], rewritten[INSTANT_MAX];
	usec_t length, again;

	if (duration_parse(text, &length) < 0)
		return;
	CHECK(length > 0 && length <= 10 * 366 * USEC_PER_DAY);
	(void)duration_format(length, written);
	if (length < USEC_PER_SEC)
		return;
	/* Two units at most: never more than it was, and as it reads it is written again. */
	CHECK(duration_parse(written, &again) == 0 && again <= length);
	CHECK(strcmp(duration_format(again, rewritten), written) == 0);
}

static void check_worktime(const struct quiet_hours *quiet, usec_t from)
{
	struct span lapse = { from + USEC_PER_HOUR, from + 2 * USEC_PER_HOUR },
		    wait = { from + 90 * USEC_PER_MIN, from + 3 * USEC_PER_HOUR };
	const struct worktime time = { &lapse, 1, &wait, 1, quiet, quiet ? 1 : 0 };
	const unsigned all = WORKTIME_LAPSES | WORKTIME_WAITS | WORKTIME_QUIET;

	for (usec_t length = 1; length < 20 * USEC_PER_DAY; length = length * 37 + 11) {
		usec_t until = worktime_after(&time, all, from, length);
		CHECK(worktime_between(&time, all, from, from + length) <= length);
		if (until == INSTANT_NONE)
			continue;
		CHECK(until >= from + length &&
		      worktime_between(&time, all, from, until) == length);
		CHECK(worktime_between(&time, all, from, until - 1) == length - 1);
	}
}

static void check_quiet(const char *text, usec_t at)
{
	struct quiet_hours quiet;
	usec_t end;

	if (quiet_hours_parse(text, &quiet) < 0)
		return;
	CHECK(quiet.days > 0 && quiet.days < 128);
	CHECK(quiet.from >= 0 && quiet.from < 1440 && quiet.until >= 0 && quiet.until <= 1440);
	end = quiet_until(&quiet, 1, at);
	CHECK(end >= at && end <= at + 9 * USEC_PER_DAY);
	check_worktime(&quiet, at);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A zone with daylight saving, and one half-hour off. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	CHECK(setenv("TZ", "Australia/Adelaide", 1) == 0);
	tzset();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t moment;
	usec_t at;

	if (size < sizeof(moment))
		return 0;
	memcpy(&moment, data, sizeof(moment));
	at = EARLIEST + (usec_t)(moment % (uint64_t)(LATEST - EARLIEST));
	cleanup_free char *text =
	    strndup((const char *)data + sizeof(moment), size - sizeof(moment));
	CHECK(text);
	check_stamps(text);
	check_instant(text, at);
	check_duration(text);
	check_quiet(text, at);
	check_worktime(NULL, at);
	return 0;
}
