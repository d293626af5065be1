/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each format escapes, how lines are folded, identities; checklists of other programs, and what becomes a Progress. */
#include "unit.h"

#include "planwatch/convert.h"
#include "planwatch/draft.h"

#include <errno.h>
#include <string.h>

#define REVISED instant_from_civil(2026, 1, 5, 10, 2, 0, 0)

/* A plan with these lines as its Progress, in a format. The caller frees. */
static char *converted_as(const char *format, const char *path, const char *progress,
			  const struct convert_witness *witnessed)
{
	cleanup_plan struct plan_file *file = NULL;
	cleanup_checklist struct checklist list = { 0 };
	cleanup_free char *bytes = NULL;
	char *text = NULL;

	assert_true(asprintf(&bytes, "# Plan\n\n## Progress\n\n%s", progress) >= 0);
	assert_int_equal(plan_parse(bytes, strlen(bytes), &file), 0);
	assert_int_equal(checklist_make(file->plans, path, witnessed, REVISED, &list), 0);
	assert_int_equal(convert(convert_format_find(format), &list, 1, &text), 0);
	return text;
}

static char *converted(const char *format, const char *path, const char *progress)
{
	return converted_as(format, path, progress, NULL);
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
		{ "html", "- [ ] `a ``b ```c\n", "`a ``b ```c<" },
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
		{ "org", "- [ ] ends in [\n", "** TODO ends in [\n" },
		{ "org", "- [ ] ends in :a\n", "** TODO ends in :a\n" },
		{ "org", "- [ ]\n", "** TODO \n" },
		{ "org", "- [x] (2026-01-05) a\n", "CLOSED: [2026-01-05 Mon]\n" },
		{ "csv", "- [x] (2026-01-05, `7fc57169`, in (part)) Stage A: a\n",
		  ",\"a (`7fc57169`, in (part))\",\"2026-01-05\"," },
		{ "org", "- [x] 2026-01-05T10:02:03+02:00 - a\n",
		  "CLOSED: [2026-01-05 Mon 08:02]\n" },
		{ "org", "- [ ] a\n  - [~] b\n  - [ ] c\n", "** TODO [1/2] a\n" },
		{ "todo.txt", "- [ ] (A) a\n", "+plan line:5 (A) a\n" },
		{ "todo.txt", "- [ ] x a\n", "+plan line:5 x a\n" },
		{ "todo.txt", "- [ ] x\n", "+plan line:5 x\n" },
		{ "todo.txt", "- [ ] xylophone\n", "xylophone +plan line:5\n" },
		{ "todo.txt", "- [x] (9999-12-31 23:00-05:00) a\n", "x a +plan line:5\n" },
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

/* What the record knows of an item, in the words of each format. */
static void test_witnessed(void **unused)
{
	static const struct {
		const char *format, *progress, *has;
		int first_seen, done; /* days of January; 0 for never */
	} rows[] = {
		{ "html", "- [x] a\n", "witnessed 2026-01-03 00:00Z", 2, 3 },
		{ "tap", "- [x] a\n", "witnessed 2026-01-03 00:00Z", 2, 3 },
		{ "md", "- [x] a\n", "- [x] a (witnessed 2026-01-03 00:00Z) <!-- line 5 -->", 2,
		  3 },
		{ "taskwarrior", "- [x] a\n", "20260103T000000Z", 2, 3 },
		{ "todo.txt", "- [x] a\n",
		  "x 2026-01-03 2026-01-02 a +plan line:5 witnessed:20260103T000000Z", 2, 3 },
		{ "todo.txt", "- [ ] a\n", "2026-01-02 a +plan line:5\n", 2, 0 },
		{ "todo.txt", "- [x] a\n", "x a +plan line:5\n", 2, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct convert_witness witness = { 1, INSTANT_NONE, INSTANT_NONE };

		witness.first_seen_at = instant_from_civil(2026, 1, rows[i].first_seen, 0, 0, 0, 0);
		if (rows[i].done)
			witness.done_at = instant_from_civil(2026, 1, rows[i].done, 0, 0, 0, 0);
		cleanup_free char *text =
		    converted_as(rows[i].format, "/plan.md", rows[i].progress, &witness);
		if (!strstr(text, rows[i].has))
			fail_msg("%s of %s has no \"%s\":\n%s", rows[i].format, rows[i].progress,
				 rows[i].has, text);
	}
}

/* A list is named by its file. */
static void test_file_names(void **unused)
{
	static const char *const rows[][2] = {
		{ "/p/a.md", "a +a line:5" },  { "/p/a.b.md", "a +a.b line:5" },
		{ "/p/.md", "a +.md line:5" }, { "/p.d/a", "a +a line:5" },
		{ "a", "a +a line:5" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_free char *text = converted("todo.txt", rows[i][0], "- [ ] a\n");
		if (!strstr(text, rows[i][1]))
			fail_msg("%s: %s", rows[i][0], text);
	}
}

/* Two plans in one document. */
static void test_two_plans(void **unused)
{
	static const char bytes[] =
	    "# One\n\n## Progress\n\n- [ ] a\n\n# Two\n\nStatus: SUPERSEDED\n\n"
	    "## Progress\n\n- [x] b\n";
	static const char *const rows[][2] = {
		{ "md", "line 5 -->\n\n# Two\n" },
		{ "taskwarrior", "},\n{" },
		{ "ics", "STATUS:CANCELLED\r\n" },
		{ "todo.txt", "x b +plan-2 line:13\n" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_plan struct plan_file *file = NULL;
		struct checklist lists[2];
		cleanup_free char *text = NULL;

		assert_int_equal(plan_parse(bytes, strlen(bytes), &file), 0);
		for (size_t k = 0; k < 2; k++)
			assert_int_equal(
			    checklist_make(&file->plans[k], "/plan.md", NULL, REVISED, &lists[k]),
			    0);
		assert_int_equal(convert(convert_format_find(rows[i][0]), lists, 2, &text), 0);
		if (!strstr(text, rows[i][1]))
			fail_msg("%s has no \"%s\":\n%s", rows[i][0], rows[i][1], text);
		checklist_done(&lists[0]);
		checklist_done(&lists[1]);
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

/* A checklist of another program, the Progress of the plan that is made of it, and something else that the plan says. */
static void test_drafts(void **unused)
{
	static const struct {
		const char *name, *format, *text, *progress, *has;
	} rows[] = {
		{ "keywords of the file, of which the last is done", "org",
		  "#+TITLE: T\n#+TODO: OPEN WAIT(w) CLOSED\n* OPEN a\n* WAIT b\n* CLOSED c\n* TODO d\n* TODO\n",
		  "- [ ] a\n- [ ] b\n- [x] c\n", "# T\n" },
		{ "keywords on two lines", "org",
		  "#+TODO: TODO | DONE\n#+TODO: BUG | FIXED CANCELLED\n* T\n* TODO a\n* FIXED b\n* CANCELLED c\n",
		  "- [ ] a\n- [x] b\n- [~] c\n", "# T\n" },
		{ "an empty line of keywords", "org", "#+TODO:\n* T\n* TODO a\n- [ ] b\n",
		  "### TODO a\n\n- [ ] b\n", "# T\n" },
		{ "a line of keywords without one", "org", "#+TODO: |\n* T\n* TODO a\n- [ ] b\n",
		  "### TODO a\n\n- [ ] b\n", "# T\n" },
		{ "cookies, and what looks like one", "org",
		  "* T\n* TODO [#A] [1/2] [50%] a\n* TODO [#] b\n* TODO [1/2 c\n* TODO [x] d\n* TODO [#\n",
		  "- [ ] a\n- [ ] [#] b\n- [ ] [1/2 c\n- [ ] [x] d\n- [ ] [#\n", NULL },
		{ "closed, with a time of day and without", "org",
		  "* T\n* DONE a\n   CLOSED: [2026-01-05 Mon 10:02]\n* DONE b\n   CLOSED: [2026-01-05 Mon]\n"
		  "* DONE c\n   CLOSED: [yesterday]\n* DONE d\n   CLOSED: [2026-01-05\n"
		  "* DONE e\n   CLOSED: [2026-01-05 Mon 10.02]\n",
		  "- [x] (2026-01-05 10:02) a\n- [x] (2026-01-05) b\n- [x] c\n- [x] d\n- [x] (2026-01-05) e\n",
		  NULL },
		{ "nested headlines, under one that is a label", "org",
		  "* T\n* Stage A\n** TODO a\n*** deeper\n**** DONE b\n*bold\n",
		  "- [ ] Stage A: a\n  - [x] b\n", NULL },
		{ "list items of all kinds", "org",
		  "* T\n- [ ] a\n  goes on\n+ [X] b\n  * [-] c\n1. [ ] d\n2) [x] e\n3- [x] no\n- [y] no\n- [x no\n*[x] no\n -x\n- [ ]x\n- [\n-\n",
		  "- [ ] a goes on\n- [x] b\n  - [/] c\n- [ ] d\n- [x] e\n- [ ] x\n", NULL },
		{ "text behind a blank line, at the margin or in another list is no item's", "org",
		  "* T\n- [ ] a\n\n  no\n- [ ] b\nno\n- [ ] c\n- no\n  no\n",
		  "- [ ] a\n- [ ] b\n- [ ] c\n", NULL },
		{ "tabs and carriage returns", "org", "* T\r\n*\tTODO\ta\rb\r\n", "- [ ] a\\x0Db\n",
		  NULL },
		{ "status and tolerances", "org",
		  "* T\n- Status: DRAFT\n- Tolerance, line 4: Time: 5 hours\n- Tolerance, line 5\n* TODO a\n",
		  "- [ ] a\n", "- Time: 5 hours\n" },
		{ "no character, and one that is a control, for a mark", "org",
		  "* T\n* TODO a\n:MARK:\n* TODO b\n:MARK: \x07\n* TODO c\n:MARK: ab\n* TODO d\n:MARK: ~\n:CLAIMED: 2026-01-05\n",
		  "- [ ] a\n- [\uFFFD] b\n- [\uFFFD] c\n- [~] (2026-01-05) d\n", NULL },
		{ "a label that the text has itself", "org",
		  "* T\n* Stage A\n** TODO Stage A: a\n** TODO stage-A b\n** TODO Step A c\n** TODO Stage B: d\n"
		  "** TODO Stage AB: e\n",
		  "- [ ] Stage A: a\n- [ ] stage-A b\n- [ ] Stage A: Step A c\n- [ ] Stage A: Stage B: d\n"
		  "- [ ] Stage A: Stage AB: e\n",
		  NULL },
		{ "a task with all", "todo.txt",
		  "x 2026-01-05 2026-01-01 a +proj @Stage-A line:5 claimed:20260106T1002Z\n",
		  "- [x] (2026-01-06 10:02Z) Stage A: a\n", "# proj\n" },
		{ "dates, and what is none", "todo.txt",
		  "x 20260105T1002Z a\nx 2026-01-05\nx 2026-01-99 b\nxylophone\n x c\n",
		  "- [x] 20260105T1002Z a\n- [x] 2026-01-05\n- [x] (2026-01-99) b\n- [ ] xylophone\n- [x] c\n",
		  "# name\n" },
		{ "claims as they were, where they are no minute", "todo.txt",
		  "a claimed:soon\nb claimed:2026-01-05\nc claimed:2026-02-30T10:02Z\nclaimed:2026-01-05\n",
		  "- [ ] (soon) a\n- [ ] (2026-01-05) b\n- [ ] (2026-02-30T10:02Z) c\n- [ ] (2026-01-05)\n",
		  NULL },
		{ "contexts and projects of one sign, of too many", "todo.txt",
		  "a @\nb +\n+ c\nd @home @work\n"
		  "e @aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
		  "- [ ] a @\n- [ ] b +\n- [ ] + c\n\n### work\n\n- [ ] d @home\n"
		  "- [ ] e @aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
		  NULL },
		{ "tabs, and a task that is its project", "todo.txt", "a\t+p\n+p line:3\n+p\n",
		  "- [ ] a\n- [ ]\n- [ ]\n", "# p\n" },
		{ "what was written behind the text", "md",
		  "# T\n\n- [ ] a <!-- line 3 -->\n- [ ] ~~b~~ (dropped) <!-- line 4, mark ~ -->\n"
		  "- [ ] c (dropped) <!-- line 5, mark - -->\n- [ ] d (marked `?`) <!-- line 6, mark ? -->\n"
		  "- [x] e (witnessed 2026-01-05 10:02Z) <!-- line 7 -->\n",
		  "- [ ] a\n- [~] b\n- [-] c\n- [?] d\n- [x] e\n", "# T\n" },
		{ "what only looks so", "md",
		  "# T\n\n- [ ] a <!-- line 3\n- [ ] b (dropped)\n- [x] c (witnessed by me) <!-- line 5 -->\n"
		  "- [ ] d~~ (dropped) <!-- line 6, mark ~ -->\n- [ ] x <!-- line 7 --> e\n",
		  "- [ ] a <!-- line 3\n- [ ] b (dropped)\n- [x] c (witnessed by me)\n- [~] d\n"
		  "- [ ] x <!-- line 7 --> e\n",
		  NULL },
		{ "headings, an empty item", "md",
		  "# T\n\n- [ ] a\n\n## Stage B\n\n- [ ] b\n\n### Groceries\n\n- [ ] c\n- [ ]\n\n# Two\n\n- [x] d\n",
		  "- [ ] a\n- [ ] Stage B: b\n\n### Groceries\n\n- [ ] c\n- [ ]\n- [x] d\n",
		  "# T\n" },
		{ "two plans", "md",
		  "# T\n\n## Progress\n\n- [ ] a\n\n# Two\n\n## Progress\n\n- [x] d\n",
		  "- [ ] a\n- [x] d\n", "# T\n" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_free char *plan = NULL;

		assert_int_equal(
		    draft_from(rows[i].format, rows[i].text, strlen(rows[i].text), "name", &plan),
		    0);
		char *progress = strstr(plan, "\n## Progress\n\n"), *end;
		assert_non_null(progress);
		if (rows[i].has && !strstr(plan, rows[i].has))
			fail_msg("%s: no \"%s\" in\n%s", rows[i].name, rows[i].has, plan);
		progress += strlen("\n## Progress\n\n");
		end = strstr(progress, "\n## ");
		assert_non_null(end);
		*end = '\0';
		if (strcmp(progress, rows[i].progress) != 0)
			fail_msg("%s:\n%s\nexpected\n%s", rows[i].name, progress, rows[i].progress);
	}
}

/* More keywords and deeper headlines than there is room for: no item is lost. */
static void test_large_drafts(void **unused)
{
	cleanup_free char *text = NULL, *plan = NULL, *deep = NULL;
	cleanup_plan struct plan_file *file = NULL;
	char stars[71] = "";
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)unused;
	assert_non_null(out);
	(void)fputs("#+TODO:", out);
	for (int i = 0; i < 70; i++)
		(void)fprintf(out, " K%d", i);
	(void)fputs("\n* T\n* K5 a\n* K63 b\n* K69 c\n* K6 d\n", out);
	(void)fclose(out);
	assert_int_equal(draft_from("org", text, size, "name", &plan), 0);
	assert_non_null(strstr(plan, "- [ ] a\n- [x] b\n- [ ] d\n\n"));
	free(text);
	out = open_memstream(&text, &size);
	assert_non_null(out);
	(void)fputs("#+TITLE: T\n", out);
	for (int i = 0; i < 70; i++) {
		stars[i] = '*';
		(void)fprintf(out, "%s TODO %d\n", stars, i);
	}
	(void)fclose(out);
	assert_int_equal(draft_from("org", text, size, "name", &deep), 0);
	assert_int_equal(plan_parse(deep, strlen(deep), &file), 0);
	assert_int_equal(file->plans->counts.open, 70);
}

static void test_no_draft(void **unused)
{
	cleanup_free char *large = calloc(1, PLAN_SIZE_MAX + 1);
	char *plan = NULL;

	(void)unused;
	assert_non_null(large);
	assert_int_equal(draft_from("md", "# T\n\nprose\n", 11, "name", &plan), -EINVAL);
	assert_int_equal(draft_from("html", "- [ ] a\n", 8, "name", &plan), -EINVAL);
	assert_int_equal(draft_from("md", large, PLAN_SIZE_MAX + 1, "name", &plan), -EFBIG);
	assert_null(plan);
}

/* A plan without boxes, and the Progress that is derived from it. */
static void test_derived(void **unused)
{
	static const struct {
		const char *name, *text, *section;
	} rows[] = {
		{ "labelled headings, each once, with the steps below their own",
		  "# P\n\n## Plan of Work\n\n### Stage A: read\n\n### Stage B: write\n\n### Stage A: read\n\n"
		  "## Concrete Steps\n\n### Stage A\n\n1. Run it. Then look.\n2. Run `it`:\n",
		  "## Progress\n\n- [ ] Stage A: read\n  - [ ] Run it.\n  - [ ] Run `it`\n- [ ] Stage B: write\n" },
		{ "labelled entries of the plan of work, and not of another section",
		  "# P\n\n## Context\n\n- Stage Z: not this\n\n## Plan of Work\n\n- Stage A: read. It is long.\n"
		  "- Stage B: write, e.g. this\n- what is no stage\n",
		  "## Progress\n\n- [ ] Stage A: read.\n- [ ] Stage B: write, e.g. this\n" },
		{ "headings without labels",
		  "# P\n\n## Plan of Work\n\n### Read\n\n### Write\n\n## Later\n",
		  "## Progress\n\n- [ ] Read\n- [ ] Write\n" },
		{ "plain entries, the outermost, in no quotation",
		  "- before all\n\n# P\n\n## Plan of Work\n\n- read\n  - deeper\n- # a heading\n\n> - quoted\n\n- write\n",
		  "## Progress\n\n- [ ] read\n- [ ] write\n" },
		{ "the concrete steps, where the plan of work is prose",
		  "# P\n\n## Plan of Work\n\nWe do it.\n\n## Concrete Steps\n\n- read\n- write\n",
		  "## Progress\n\n- [ ] read\n- [ ] write\n" },
		{ "sentences that end before a name in code",
		  "# P\n\n## Plan of Work\n\n- Read it. `make` runs it\n- :\n- Write: \n",
		  "## Progress\n\n- [ ] Read it.\n- [ ]\n- [ ] Write\n" },
		{ "steps under a label of their own, and under none",
		  "# P\n\n## Plan of Work\n\n### Stage A: read\n\n## Concrete Steps\n\n### Setup\n\n1. x\n\n### Stage B\n\n1. y\n",
		  "## Progress\n\n- [ ] Stage A: read\n- [ ] Stage B\n  - [ ] y\n" },
		{ "a validation with a list, and one without",
		  "# P\n\n## Plan of Work\n\n- read\n\n## Validation and Acceptance\n\nIt holds.\n",
		  "## Progress\n\n- [ ] read\n- [ ] Validate as told in Validation and Acceptance\n" },
		{ "into the Progress that is there",
		  "# P\n\n## Progress\n\nNothing yet.\n\n## Plan of Work\n\n- read\n\n## Validation\n\n- it holds\n",
		  "- [ ] read\n- [ ] Validate: it holds\n" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_free char *section = NULL, *file = NULL;
		cleanup_plan struct plan_file *parsed = NULL;

		assert_int_equal(
		    draft_progress(rows[i].text, strlen(rows[i].text), &section, &file), 0);
		if (strcmp(section, rows[i].section) != 0)
			fail_msg("%s:\n%s\nexpected\n%s", rows[i].name, section, rows[i].section);
		assert_int_equal(plan_parse(file, strlen(file), &parsed), 0);
		assert_int_equal(parsed->plans->source, PROGRESS_SECTION);
	}
}

/* Where the section goes: the file before and after. */
static void test_derived_place(void **unused)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{ "# P\n\n## Plan of Work\n\n- a\n\n## Interfaces\n",
		  "# P\n\n## Progress\n\n- [ ] a\n\n## Plan of Work\n\n- a\n\n## Interfaces\n" },
		{ "## Purpose\n\n## Stage A: a\n\n## Revision Notes\n\nNone.",
		  "## Purpose\n\n## Stage A: a\n\n## Revision Notes\n\nNone.\n\n## Progress\n\n- [ ] Stage A: a\n" },
		{ "## Decisions\n\n## Stage A: a\n",
		  "## Progress\n\n- [ ] Stage A: a\n\n## Decisions\n\n## Stage A: a\n" },
		{ "```md\n## Purpose\n\n## Stage A: a\n```\n",
		  "```md\n## Purpose\n\n## Stage A: a\n\n## Progress\n\n- [ ] Stage A: a\n```\n" },
		{ "~~~md\n## Purpose\n\n## Stage A: a\n~~~\n",
		  "~~~md\n## Purpose\n\n## Stage A: a\n\n## Progress\n\n- [ ] Stage A: a\n~~~\n" },
		{ "## Purpose\r\n\r\n## Stage A: a\r\n",
		  "## Purpose\r\n\r\n## Stage A: a\r\n\r\n## Progress\r\n\r\n- [ ] Stage A: a\r\n" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_free char *section = NULL, *file = NULL;
		int r = draft_progress(rows[i].before, strlen(rows[i].before), &section, &file);

		if (r < 0)
			fail_msg("%s: %s", rows[i].before, strerror(-r));
		if (strcmp(file, rows[i].after) != 0)
			fail_msg("%s\nbecame\n%s", rows[i].before, file);
	}
}

static void test_not_derived(void **unused)
{
	static const struct {
		const char *text;
		int result;
	} rows[] = {
		{ "", -ENODATA },
		{ "# P\n\nProse.\n", -ENODATA },
		{ "# P\n\n## Revision Note\n\n### Stage A: a\n", -ENODATA },
		{ "# P\n\n## Progress\n\n- [ ] a\n", -EEXIST },
		{ "# P\n\n## Work\n\n- [ ] a\n", -EEXIST },
		{ "# P\n\n## Progress\n\n- a\n\n# Q\n\n## Progress\n\n- b\n", -ENOTUNIQ },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *section = NULL, *file = NULL;

		if (draft_progress(rows[i].text, strlen(rows[i].text), &section, &file) !=
		    rows[i].result)
			fail_msg("%s", rows[i].text);
		assert_true(!section && !file);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),	      cmocka_unit_test(test_controls),
		cmocka_unit_test(test_witnessed),     cmocka_unit_test(test_two_plans),
		cmocka_unit_test(test_file_names),    cmocka_unit_test(test_folding),
		cmocka_unit_test(test_identities),    cmocka_unit_test(test_long_identities),
		cmocka_unit_test(test_drafts),	      cmocka_unit_test(test_large_drafts),
		cmocka_unit_test(test_no_draft),      cmocka_unit_test(test_derived),
		cmocka_unit_test(test_derived_place), cmocka_unit_test(test_not_derived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
