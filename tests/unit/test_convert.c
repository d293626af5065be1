/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each format escapes, how lines are folded, and identities. */
#include "unit.h"

#include "planwatch/convert.h"

#include <string.h>

#define REVISED instant_from_civil(2026, 1, 5, 10, 2, 0, 0)

/* A plan with these lines as its Progress, in a format. The caller frees. */
static char *converted(const char *format, const char *path, const char *progress)
{
	cleanup_plan struct plan_file *file = NULL;
	cleanup_checklist struct checklist list = { 0 };
	cleanup_free char *bytes = NULL;
	char *text = NULL;

	assert_true(asprintf(&bytes, "# Plan\n\n## Progress\n\n%s", progress) >= 0);
	assert_int_equal(plan_parse(bytes, strlen(bytes), &file), 0);
	assert_int_equal(checklist_make(file->plans, path, NULL, REVISED, &list), 0);
	assert_int_equal(convert(convert_format_find(format), &list, 1, &text), 0);
	return text;
}

static void test_escapes(void **unused)
{
	static const struct {
		const char *format, *progress, *has;
	} rows[] = {
		{ "html", "- [ ] <script>alert(\"a\" & 'b')</script>\n",
		  "&lt;script&gt;alert(&quot;a&quot; &amp; &#39;b&#39;)&lt;/script&gt;" },
		{ "html", "- [ ] run `a <b>` and ``c`d`` or `e\n",
		  "run <code>a &lt;b&gt;</code> and <code>c`d</code> or `e<" },
		{ "html", "- [ ] a\n  - [x] b\n- [ ] c\n", "</label>\n<ul>\n<li id=" },
		{ "csv", "- [ ] =1+1\n", ",\"'=1+1\"," },
		{ "csv", "- [ ] +1\n", ",\"'+1\"," },
		{ "csv", "- [ ] @sum\n", ",\"'@sum\"," },
		{ "csv", "- [-] say \"no\", then\n", ",\"'-\",\"say \"\"no\"\", then\"," },
		{ "csv", "- [ ] - a\n", ",\"'- a\"," },
		{ "ics", "- [ ] a;b,c\\d\n", "SUMMARY:a\\;b\\,c\\\\d\r\n" },
		{ "ics", "- [ ] Stage A: a\n", "CATEGORIES:Stage A\r\n" },
		{ "tap", "- [x] see #12 # TODO c:\\x\n", "ok 1 - see \\#12 \\# TODO c:\\\\x\n" },
		{ "tap", "- [~] a\n", "ok 1 - a # SKIP dropped\n" },
		{ "tap", "- [?] a\n", "not ok 1 - a\n#   line 5, marked ?\n" },
		{ "tap", "prose\n", "1..0 # SKIP no boxes\n" },
		{ "org", "- [ ] COMMENT a\n", "** TODO \u200BCOMMENT a\n" },
		{ "org", "- [ ] DONE a\n", "** TODO \u200BDONE a\n" },
		{ "org", "- [ ] [#A] 3 of [3/4], [50%] on <2026-01-01 Thu> :a:\n",
		  "** TODO [\u200B#A] 3 of [\u200B3/4], [\u200B50%] on <\u200B2026-01-01 Thu> :a:\u200B\n" },
		{ "org", "- [ ] [[a]] [fn:1] <<b>>\n", "[\u200B[a]] [\u200Bfn:1] <\u200B<b>>\n" },
		{ "org", "- [>] * a\n", "** STARTED * a\n" },
		{ "org", "- [x] (2026-01-05) a\n", "CLOSED: [2026-01-05 Mon]\n" },
		{ "csv", "- [x] (2026-01-05, `7fc57169`, in (part)) Stage A: a\n",
		  ",\"a (`7fc57169`, in (part))\",\"2026-01-05\"," },
		{ "org", "- [x] 2026-01-05T10:02:03+02:00 - a\n",
		  "CLOSED: [2026-01-05 Mon 08:02]\n" },
		{ "org", "- [ ] a\n  - [~] b\n  - [ ] c\n", "** TODO [1/2] a\n" },
		{ "todo.txt", "- [ ] (A) a\n", "+plan line:5 (A) a\n" },
		{ "todo.txt", "- [ ] x a\n", "+plan line:5 x a\n" },
		{ "todo.txt", "- [x] (2026-01-05) Stage A: a\n",
		  "x 2026-01-05 a +plan @Stage-A line:5 claimed:2026-01-05\n" },
		{ "todo.txt", "- [ ] (2026-01-05 10:02Z) a\n",
		  "a +plan line:5 claimed:20260105T1002Z\n" },
		{ "taskwarrior", "- [ ] say \"a\\b\"\n", "\"description\":\"say \\\"a\\\\b\\\"\"" },
		{ "taskwarrior", "- [ ] M2.5: a\n", "\"project\":\"plan.M2-5\"" },
		{ "taskwarrior", "- [ ]\n", "\"description\":\"(no text)\"" },
		{ "taskwarrior", "- [x] (1969-01-01) a\n", "\"end\":\"20260105T100200Z\"" },
		{ "md", "- [~] a\n", "- [ ] ~~a~~ (dropped) <!-- line 5, mark ~ -->\n" },
		{ "md", "- [x] M2.5 (2026-01-05): a\n",
		  "## M2.5\n\n- [x] (2026-01-05) a <!-- line 5 -->\n" },
		{ "md", "- [ ] PR 12: a\n", "## PR 12\n" },
		{ "md", "- [ ] Stage A: Stage B: a\n", "- [ ] Stage A: Stage B: a <!--" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_free char *text =
		    converted(rows[i].format, "/home/me/plan.md", rows[i].progress);
		if (!strstr(text, rows[i].has))
			fail_msg("%s of %s has no \"%s\":\n%s", rows[i].format, rows[i].progress,
				 rows[i].has, text);
	}
}

/* Neither a terminal's controls, nor what is not UTF-8, nor a mark that is one. */
static void test_controls(void **unused)
{
	static const char progress[] =
	    "- [ ] a\x1B[2J\x07 \xC2\x9B \xE2\x80\xAE \xFF b\n- [\x1B] Stage \x7F\n";

	(void)unused;
	for (size_t i = 0; convert_format(i); i++) {
		cleanup_free char *text =
		    converted(convert_format(i)->name, "/a\x1B\n/b.md", progress);
		assert_null(strpbrk(text, "\x1B\x07\x7F\xFF"));
		assert_null(strstr(text, "\xC2\x9B"));
		assert_null(strstr(text, "\xE2\x80\xAE"));
		assert_non_null(strstr(text, "x1B"));
	}
}

/* RFC 5545, 3.1: at most 75 octets, and no character is cut; unfolded it is the text again. */
static void test_folding(void **unused)
{
	static const char *const letters[] = { "a", "\u00E9", "\u20AC", "\U0001F600", ",", "\\" };

	(void)unused;
	for (size_t shift = 0; shift < 80; shift++) {
		for (size_t i = 0; i < ARRAY_SIZE(letters); i++) {
			char progress[1024] = "- [ ] ", *at = progress + 6;
			for (size_t k = 0; k <= shift; k++)
				*at++ = 'x';
			for (size_t k = 0; k < 60; k++)
				at = stpcpy(at, letters[i]);
			cleanup_free char *text = converted("ics", "/p.md", progress);
			cleanup_free char *unfolded = strdup(text);
			char *to = unfolded;

			for (const char *line = text; *line;) {
				size_t length = strcspn(line, "\r\n");
				assert_true(length <= 75);
				assert_int_equal(strncmp(line + length, "\r\n", 2), 0);
				assert_int_not_equal(line[length + 2] & 0xC0, 0x80);
				line += length + 2;
			}
			for (const char *from = text; *from;) {
				if (strncmp(from, "\r\n ", 3) == 0)
					from += 3;
				else
					*to++ = *from++;
			}
			*to = '\0';
			at = strstr(unfolded, "SUMMARY:xx");
			at = shift ? at + 8 + shift + 1 : strstr(unfolded, "SUMMARY:x") + 9;
			for (size_t k = 0; k < 60; k++) {
				at += *at == '\\';
				assert_int_equal(strncmp(at, letters[i], strlen(letters[i])), 0);
				at += strlen(letters[i]);
			}
		}
	}
}

/* The value of an item's UID, which stands behind the plan's. */
static void find_uuid(const char *calendar, unsigned index, char ret[static 37])
{
	const char *at = calendar;

	for (unsigned i = 0; i <= index; i++)
		at = strstr(at, "\r\nUID:") + 6;
	memcpy(ret, at, 36);
	ret[36] = '\0';
}

static void test_identities(void **unused)
{
	/* Python: uuid.uuid5(uuid.NAMESPACE_URL, ...) of "file:///p.md#1", ".../text/0/ /a", ".../text/1/ /a", ".../text/0/stage B/a" */
	static const char *const expected[] = { "4f7e64c2-8d15-5ba5-8317-313420c00bbb",
						"d0235d42-7388-5854-90d2-2844b4eef6db",
						"91c1b6a5-67c9-5db5-847c-697123a23bb2",
						"2325bc81-887c-50b9-a705-6e7c91702957" };
	cleanup_free char *text =
	    converted("ics", "/p.md", "- [ ] a\n- [ ] a\n- [ ] (2026-01-05) Stage B: a\n");
	cleanup_free char *later = converted(
	    "ics", "/p.md", "- [ ] new\n- [x] (2026-02-02) a\n- [ ] a\n- [x] Stage B: a\n");
	char uuid[37], again[37];

	(void)unused;
	for (unsigned i = 0; i < 4; i++) {
		find_uuid(text, i, uuid);
		assert_string_equal(uuid, expected[i]);
		find_uuid(later, i ? i + 1 : 0, again);
		assert_string_equal(again, uuid);
	}
}

/* SHA-1 pads by the length of what it hashes: with 26 bytes around it, names that end 55, 56, 64 and 65 bytes into its blocks. */
static void test_long_identities(void **unused)
{
	static const struct {
		size_t length;
		const char *uuid;
	} rows[] = {
		{ 29, "6bd0f53a-d9a7-53aa-8249-9ba2370e539a" },
		{ 30, "a96bf5ca-9c9e-5046-904d-92685b12e289" },
		{ 38, "7a59c1ca-3d3d-5979-a563-6fab16a64d37" },
		{ 39, "c657d3a7-126f-5f53-ada5-919b61e32dd3" },
		{ 139, "c90ff5f1-9448-559f-975e-019a2dfe8963" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char path[160] = "/", uuid[37];
		memset(path + 1, 'a', rows[i].length);
		cleanup_free char *text = converted("ics", path, "- [ ] a\n");
		find_uuid(text, 0, uuid);
		assert_string_equal(uuid, rows[i].uuid);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_folding),		cmocka_unit_test(test_identities),
		cmocka_unit_test(test_long_identities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
