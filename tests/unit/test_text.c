/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text, instants, durations, JSON: the small rooms. */
#include "unit.h"

#include "planwatch/instant.h"
#include "planwatch/json.h"
#include "planwatch/text.h"

#include <errno.h>
#include <string.h>

static void test_repair(void **unused)
{
	static const struct {
		const char *in;
		size_t length;
		const char *out;
	} rows[] = {
		{ "plain", 5, "plain" },
		{ "h\xC3\xA9", 3, "h\xC3\xA9" },
		{ "\xC3", 1, "\xEF\xBF\xBD" },
		{ "\xC0\xAF", 2, "\xEF\xBF\xBD\xEF\xBF\xBD" },		       /* overlong */
		{ "\xED\xA0\x80", 3, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" }, /* surrogate */
		{ "\xF5\x80\x80\x80", 4, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "a\0b", 3,
		  "a\xEF\xBF\xBD"
		  "b" },
		{ "\xF0\x9F\x98\x80", 4, "\xF0\x9F\x98\x80" },
		{ "\xE0\x80\xAF", 3, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "\xF4\x90\x80\x80", 4, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "\uE000", 3, "\uE000" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_free char *out = text_repair(rows[i].in, rows[i].length);
		assert_string_equal(out, rows[i].out);
	}
}

static void test_printable(void **unused)
{
	static const char *const rows[][2] = {
		{ "a\tb\nc", "a\\x09b\\x0Ac" },
		{ "\x1B[2J", "\\x1B[2J" },
		{ "\x7F", "\\x7F" },
		{ "\xC2\x9B", "\\u{9B}" },	      /* C1 CSI */
		{ "\xE2\x80\xAE", "\\u{202E}" },      /* right-to-left override */
		{ "\xF3\xA0\x81\x81", "\\u{E0041}" }, /* tag */
		{ "\xFF", "\xEF\xBF\xBD" },
		{ "\u061C", "\\u{61C}" }, /* Arabic letter mark */
		{ "\u200B\u200C\u200D", "\\u{200B}\\u{200C}\u200D" },
		{ "\uFFF9", "\\u{FFF9}" },	/* interlinear annotation */
		{ "\U000E0100", "\U000E0100" }, /* a variation selector */
		{ "\xE2\x9C\x93 done", "\xE2\x9C\x93 done" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_free char *out = text_printable(rows[i][0]), *printed = NULL;
		size_t size;
		FILE *stream = open_memstream(&printed, &size);
		assert_string_equal(out, rows[i][1]);
		text_print(rows[i][0], stream);
		assert_string_equal(text_stream_end(stream, &printed), rows[i][1]);
	}
}

static void test_cut(void **unused)
{
	static const struct {
		const char *in;
		size_t columns;
		const char *out;
	} rows[] = {
		{ "short", 10, "short" },
		{ "exactly", 7, "exactly" },
		{ "too long", 5, "too\xE2\x80\xA6" },
		{ "too long", 4, "too\xE2\x80\xA6" },
		{ "\xE6\xBC\xA2\xE5\xAD\x97", 3, "\xE6\xBC\xA2\xE2\x80\xA6" },
		{ "anything", 0, "" },
		{ "e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301" },
		{ "e\u0301e\u0301e\u0301", 2, "e\u0301\u2026" },
		{ "\u2705\uFE0F\u200Dok", 3, "\u2705\uFE0F\u200Dok" },
		{ "\uFE20\u0370", 3, "\uFE20\u0370" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_free char *out = text_cut(rows[i].in, rows[i].columns);
		assert_string_equal(out, rows[i].out);
		assert_true(text_width(out) <= rows[i].columns);
	}
}

static void test_instants(void **unused)
{
	usec_t now = instant_from_civil(2026, 3, 1, 12, 0, 0, 0);
	static const struct {
		const char *in, *out; /* NULL: refused */
	} rows[] = {
		{ "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z" },
		{ "2026-01-02 03:04:05.25+01:30", "2026-01-02T01:34:05.250000Z" },
		{ "2026-01-02T03:04-0500", "2026-01-02T08:04:00.000000Z" },
		{ "2024-02-29", "2024-02-29T00:00:00.000000Z" },
		{ "2026-02-29", NULL },
		{ "2026-13-01", NULL },
		{ "2026-01-02T25:00Z", NULL },
		{ "2026-01-02T03:04Zx", NULL },
		{ "now", "2026-03-01T12:00:00.000000Z" },
		{ "today", "2026-03-01T00:00:00.000000Z" },
		{ "yesterday", "2026-02-28T00:00:00.000000Z" },
		{ "90m", "2026-03-01T10:30:00.000000Z" },
		{ "0026-04-06T23:00Z", "0026-04-06T23:00:00.000000Z" },
		{ "2000-02-29", "2000-02-29T00:00:00.000000Z" },
		{ "1900-02-29", NULL },
		{ "2026-00-01", NULL },
		{ "2026-01-00", NULL },
		{ "2026-04-31", NULL },
		{ "1969-12-31T23:59:58.5Z", "1969-12-31T23:59:58.500000Z" },
		{ "0000-01-31T03:04Z", "0000-01-31T03:04:00.000000Z" },
		{ "2026-01-02t03:04:05,25z", "2026-01-02T03:04:05.250000Z" },
		{ "2026-01-02T03:04:05.1234567Z", "2026-01-02T03:04:05.123456Z" },
		{ "2026-01-02T03:04:60Z", "2026-01-02T03:05:00.000000Z" },
		{ "2026-01-02T03:04+02", "2026-01-02T01:04:00.000000Z" },
		{ "2026-01-02T03:04", "2026-01-02T03:04:00.000000Z" },
		{ "2026", NULL },
		{ "2026/01/02", NULL },
		{ "2026-1-02", NULL },
		{ "2026-01/02", NULL },
		{ "2026-01-2", NULL },
		{ "2026-01-02T3:04Z", NULL },
		{ "2026-01-02T03-04Z", NULL },
		{ "2026-01-02T03:4Z", NULL },
		{ "2026-01-02T03:60Z", NULL },
		{ "2026-01-02T03:04:5Z", NULL },
		{ "2026-01-02T03:04:61Z", NULL },
		{ "2026-01-02T03:04:05.Z", NULL },
		{ "2026-01-02T03:04 x", NULL },
		{ "2026-01-02T03:04+", NULL },
		{ "2026-01-02T03:04+2", NULL },
		{ "2026-01-02T03:04+02:", NULL },
		{ "2026-01-02T03:04+02:3", NULL },
		{ "2026-01-02T03:04+02:60", NULL },
		{ "2026-01-02T03:04+24:00", NULL },
		{ "", NULL },
		{ "soon", NULL },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[INSTANT_MAX];
		usec_t at;
		int r = instant_parse(rows[i].in, now, &at);

		assert_int_equal(r, rows[i].out ? 0 : -EINVAL);
		if (rows[i].out)
			assert_string_equal(instant_format_utc(at, text), rows[i].out);
	}
}

static void test_durations(void **unused)
{
	static const struct {
		const char *in;
		int64_t seconds; /* 0: refused */
		const char *out;
	} rows[] = {
		{ "45s", 45, "45 s" },
		{ "90m", 5400, "1 h 30 m" },
		{ "1h30m", 5400, "1 h 30 m" },
		{ "1.5h", 5400, "1 h 30 m" },
		{ "2d", 172800, "2 d" },
		{ "2 d 4 h", 187200, "2 d 4 h" },
		{ "4 hours", 14400, "4 h" },
		{ "90 min", 5400, "1 h 30 m" },
		{ "0h", 0, NULL },
		{ "90", 0, NULL },
		{ "h", 0, NULL },
		{ "-1h", 0, NULL },
		{ "9999999999h", 0, NULL },
		{ "99999999999999999999s", 0, NULL },
		{ "3000d 3000d", 0, NULL },
		{ "1,5h", 5400, "1 h 30 m" },
		{ "5 fortnights", 0, NULL },
		{ "", 0, NULL },
		{ "1h x", 0, NULL },
		{ "20d", 1728000, "20 d" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[INSTANT_MAX];
		usec_t length = 0;
		int r = duration_parse(rows[i].in, &length);

		assert_int_equal(r, rows[i].seconds ? 0 : -EINVAL);
		assert_int_equal(length / USEC_PER_SEC, rows[i].seconds);
		if (rows[i].out)
			assert_string_equal(duration_format(length, text), rows[i].out);
	}
}

/* The first and the last instant that there are, and none. */
static void test_outermost_instants(void **unused)
{
	char text[INSTANT_MAX];

	(void)unused;
	assert_string_equal(instant_format_utc(INT64_MAX, text), "294247-01-10T04:00:54.775807Z");
	assert_string_equal(instant_format(INT64_MAX, true, text), "294247-01-10 04:00:54Z");
	assert_string_equal(instant_format_utc(INT64_MIN + 1000000, text),
			    "-290308-12-21T19:59:06.224192Z");
	assert_string_equal(instant_format_utc(INSTANT_NONE, text), "-");
	assert_string_equal(instant_format(INSTANT_NONE, false, text), "-");
}

/* What is over a budget is told with its sign. */
static void test_negative_durations(void **unused)
{
	char text[INSTANT_MAX];

	(void)unused;
	assert_string_equal(duration_format(-5400 * USEC_PER_SEC, text), "-1 h 30 m");
	assert_string_equal(duration_format(-45 * USEC_PER_SEC, text), "-45 s");
}

static void test_json_out(void **unused)
{
	cleanup_json struct json *json = json_object();
	cleanup_free char *text = NULL;

	(void)unused;
	json_add_int(json, "big", INT64_MAX);
	json_add_text(json, "bad", "\xFF\x1B \xC2\x9B");
	json_add_text(json, "none", NULL);
	json_add_instant(json, "at", 1500000);
	json_add_instant(json, "never", INSTANT_NONE);
	json_add_bool(json_add_object(json, "in"), "b", true);
	json_add_int(json_add_array(json, "list"), NULL, -1);
	text = json_print(json);
	assert_string_equal(
	    text,
	    "{\"big\":9223372036854775807,\"bad\":\"\xEF\xBF\xBD\\u001b \\u009b\",\"none\":null,"
	    "\"at\":\"1970-01-01T00:00:01.500000Z\",\"never\":null,\"in\":{\"b\":true},\"list\":[-1]}");
}

static void test_json_in(void **unused)
{
	static const struct {
		const char *text;
		int result;
	} rows[] = {
		{ "{\"a\":1}", 0 },
		{ " {} \n", 0 },
		{ "{} x", -EINVAL },
		{ "{\"a\":", -EINVAL },
		{ "", -EINVAL },
		{ "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", -E2BIG },
		{ "\"[[[[[[[[[[[[[[[[[[[[\"", 0 },
	};
	static const char numbers[] = "{\"n\":12,\"N\":13,\"f\":1.5,\"h\":1e300,\"s\":\"t\"}";
	cleanup_json struct json *kept = NULL;
	int64_t value;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_json struct json *json = NULL;
		assert_int_equal(json_parse(rows[i].text, strlen(rows[i].text), &json),
				 rows[i].result);
	}
	assert_int_equal(json_parse(numbers, strlen(numbers), &kept), 0);
	assert_int_equal(json_get_int(kept, "n", &value), 0);
	assert_int_equal(value, 12);
	assert_int_equal(json_get_int(kept, "f", &value), -ENOENT);
	assert_int_equal(json_get_int(kept, "h", &value), -ENOENT);
	assert_int_equal(json_get_int(kept, "s", &value), -ENOENT);
	assert_null(json_get_text(kept, "S"));
	assert_string_equal(json_get_text(kept, "s"), "t");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repair),
		cmocka_unit_test(test_printable),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_instants),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_negative_durations),
		cmocka_unit_test(test_outermost_instants),
		cmocka_unit_test(test_json_out),
		cmocka_unit_test(test_json_in),
	};

	(void)setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
