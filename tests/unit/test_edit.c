/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits: bytes in, bytes out. With a folder as its argument: every item of every plan below it is ticked and unticked, or the
 * other way round, and every plan is approved, blocked and completed where it may be.
 */
#include "unit.h"

#include "planwatch/edit.h"

#include <fts.h>
#include <stdio.h>
#include <string.h>

/* 2026-03-04 05:06:07 UTC */
#define NOW (1772600767 * USEC_PER_SEC)

static struct plan_file *parse(const char *bytes, size_t length)
{
	struct plan_file *file = NULL;

	assert_int_equal(plan_parse(bytes, length, &file), 0);
	return file;
}

typedef int edit_item(const struct edit *edit, size_t item, struct edited *ret,
		      struct error *error);

/* The new bytes; NULL and the reason where the edit was refused. */
static char *change(const char *bytes, size_t plan, size_t item, edit_item *change_item,
		    struct error *error)
{
	cleanup_plan struct plan_file *file = parse(bytes, strlen(bytes));
	struct edit edit = { bytes, strlen(bytes), file, plan, NOW };
	struct edited edited = { 0 };

	*error = (struct error){ 0 };
	if (change_item(&edit, item, &edited, error) < 0) {
		assert_null(edited.bytes);
		assert_true(error->code < 0 && *error->message);
		return NULL;
	}
	assert_int_equal(edited.length, strlen(edited.bytes));
	return edited.bytes;
}

/* ---- Ticks ---- */

static const struct {
	const char *what, *before;
	size_t item;
	const char *after;
} ticks[] = {
	{ "the format's stamp where the plan has none", "## Progress\n\n- [ ] One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [ ] One\n- [x] (2026-03-04 05:06Z) Two\n" },
	{ "the style of the others", "## Progress\n\n- [x] (2026-01-02T03:04:05Z) One\n- [ ] Two\n",
	  1,
	  "## Progress\n\n- [x] (2026-01-02T03:04:05Z) One\n- [x] (2026-03-04T05:06:07Z) Two\n" },
	{ "bare, with a dash, and a time where the others have a day",
	  "## Progress\n\n- [x] 2026-01-02 - One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [x] 2026-01-02 - One\n- [x] 2026-03-04 05:06Z - Two\n" },
	{ "bare, with a colon and a zone word",
	  "## Progress\n\n- [x] 2026-01-02 03:04 GMT: One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [x] 2026-01-02 03:04 GMT: One\n- [x] 2026-03-04 05:06 GMT: Two\n" },
	{ "another zone's word becomes UTC",
	  "## Progress\n\n- [x] (2026-01-02 03:04 EDT) One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [x] (2026-01-02 03:04 EDT) One\n- [x] (2026-03-04 05:06 UTC) Two\n" },
	{ "another zone's offset becomes Z",
	  "## Progress\n\n- [x] 2026-01-02T03:04:05+02:00 - One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [x] 2026-01-02T03:04:05+02:00 - One\n- [x] 2026-03-04T05:06:07Z - Two\n" },
	{ "bold", "## Progress\n\n- [x] **2026-01-02 03:04Z** One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [x] **2026-01-02 03:04Z** One\n- [x] **2026-03-04 05:06Z** Two\n" },
	{ "slashes", "## Progress\n\n- [x] 2026/01/02 One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [x] 2026/01/02 One\n- [x] 2026/03/04 05:06Z Two\n" },
	{ "most votes count, a time more than a day",
	  "## Progress\n\n- [x] 2026-01-02 a\n- [x] 2026-01-02 b\n- [x] (2026-01-02 03:04Z) c\n- [ ] Two\n",
	  3,
	  "## Progress\n\n- [x] 2026-01-02 a\n- [x] 2026-01-02 b\n- [x] (2026-01-02 03:04Z) c\n"
	  "- [x] (2026-03-04 05:06Z) Two\n" },
	{ "what else stands in a parenthesis is not repeated",
	  "## Progress\n\n- [x] (2026-01-02 03:04Z, late) One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [x] (2026-01-02 03:04Z, late) One\n- [x] (2026-03-04 05:06Z) Two\n" },
	{ "a stamp that is there is replaced, and what is around it stays",
	  "## Progress\n\n- [ ] (2026-01-02, begun) Two\n", 0,
	  "## Progress\n\n- [x] (2026-03-04 05:06Z, begun) Two\n" },
	{ "a stamp behind the label is replaced there",
	  "## Progress\n\n- [ ] Stage B (2026-01-02): Two\n", 0,
	  "## Progress\n\n- [x] Stage B (2026-03-04 05:06Z): Two\n" },
	{ "a time in the text is none of it", "## Progress\n\n- [ ] Read the log of 2026-01-02\n",
	  0, "## Progress\n\n- [x] (2026-03-04 05:06Z) Read the log of 2026-01-02\n" },
	{ "carriage returns, and no newline at the end",
	  "## Progress\r\n\r\n- [ ] One\r\n- [ ] Two", 1,
	  "## Progress\r\n\r\n- [ ] One\r\n- [x] (2026-03-04 05:06Z) Two" },
	{ "tabs and odd blanks", "## Progress\n\n-\t[ ]\t  Two  \n\tmore\t\n", 0,
	  "## Progress\n\n-\t[x]\t  (2026-03-04 05:06Z) Two  \n\tmore\t\n" },
	{ "a block quote", "## Progress\n\n> - [ ] Two\n>   more\n", 0,
	  "## Progress\n\n> - [x] (2026-03-04 05:06Z) Two\n>   more\n" },
	{ "a plan in a fence", "```md\n# T\n\n## Progress\n\n- [ ] Two\n```\n", 0,
	  "```md\n# T\n\n## Progress\n\n- [x] (2026-03-04 05:06Z) Two\n```\n" },
	{ "indented as code", "## Progress\n\n    - [ ] Two\n", 0,
	  "## Progress\n\n    - [x] (2026-03-04 05:06Z) Two\n" },
	{ "nested, numbered, another bullet", "## Progress\n\n1. [x] One\n   * [ ] Two\n", 1,
	  "## Progress\n\n1. [x] One\n   * [x] (2026-03-04 05:06Z) Two\n" },
	{ "capitals where all are", "## Progress\n\n- [X] One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [X] One\n- [X] (2026-03-04 05:06Z) Two\n" },
	{ "under way", "## Progress\n\n- [/] Two\n", 0,
	  "## Progress\n\n- [x] (2026-03-04 05:06Z) Two\n" },
	{ "a mark of several bytes", "## Progress\n\n- [\u2026] Two\n", 0,
	  "## Progress\n\n- [x] (2026-03-04 05:06Z) Two\n" },
	{ "text that begins like what stands behind a stamp", "## Progress\n\n- [ ] - Two\n", 0,
	  "## Progress\n\n- [x] (2026-03-04 05:06Z) - Two\n" },
	{ "an empty item", "## Progress\n\n- [ ]\n- [ ] Two\n", 0,
	  "## Progress\n\n- [x] (2026-03-04 05:06Z)\n- [ ] Two\n" },
	{ "an empty item at the end of the file", "## Progress\n\n- [ ]  ", 0,
	  "## Progress\n\n- [x] (2026-03-04 05:06Z)  " },
	{ "an empty item with a carriage return", "## Progress\r\n\r\n- [ ]\r\n- [ ] Two\r\n", 0,
	  "## Progress\r\n\r\n- [x] (2026-03-04 05:06Z)\r\n- [ ] Two\r\n" },
	{ "a lone carriage return behind the box", "## Progress\n\n- [ ]\rTwo\n", 0,
	  "## Progress\n\n- [x]\r(2026-03-04 05:06Z) Two\n" },
	{ "text from the second line on", "## Progress\n\n- [ ]\n  Two\n", 0,
	  "## Progress\n\n- [x] (2026-03-04 05:06Z)\n  Two\n" },
	{ "bytes that are no UTF-8", "## Progress\n\n- [ ] caf\xe9 Two\n", 0,
	  "## Progress\n\n- [x] (2026-03-04 05:06Z) caf\xe9 Two\n" },
	{ "a byte-order mark", "\xEF\xBB\xBF## Progress\n\n- [ ] Two\n", 0,
	  "\xEF\xBB\xBF## Progress\n\n- [x] (2026-03-04 05:06Z) Two\n" },
	{ "an offset behind a blank becomes Z",
	  "## Progress\n\n- [x] (2026-01-02 03:04 +02:00) One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [x] (2026-01-02 03:04 +02:00) One\n- [x] (2026-03-04 05:06Z) Two\n" },
	{ "an offset is no seconds",
	  "## Progress\n\n- [x] 2026-01-02T03:04+02:00 - One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [x] 2026-01-02T03:04+02:00 - One\n- [x] 2026-03-04T05:06Z - Two\n" },
	{ "another zone's word with a Z in it",
	  "## Progress\n\n- [x] (2026-01-02 03:04 NZDT) One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [x] (2026-01-02 03:04 NZDT) One\n- [x] (2026-03-04 05:06 UTC) Two\n" },
	{ "a day in words is no style", "## Progress\n\n- [x] (2 January 2026) One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [x] (2 January 2026) One\n- [x] (2026-03-04 05:06Z) Two\n" },
	{ "a day of fewer digits is no style", "## Progress\n\n- [x] 2026-1-2 One\n- [ ] Two\n", 1,
	  "## Progress\n\n- [x] 2026-1-2 One\n- [x] (2026-03-04 05:06Z) Two\n" },
	{ "fewer votes, though later",
	  "## Progress\n\n- [x] (2026-01-02 03:04Z) a\n- [x] (2026-01-02 03:04Z) b\n- [x] 2026-01-02 03:04Z - c\n- [ ] Two\n",
	  3,
	  "## Progress\n\n- [x] (2026-01-02 03:04Z) a\n- [x] (2026-01-02 03:04Z) b\n- [x] 2026-01-02 03:04Z - c\n"
	  "- [x] (2026-03-04 05:06Z) Two\n" },
	{ "what writes the plan may be done in a draft",
	  "Status: DRAFT\n\n## Progress\n\n- [ ] Write it\n- [ ] Stage A: do it\n", 0,
	  "Status: DRAFT\n\n## Progress\n\n- [x] (2026-03-04 05:06Z) Write it\n- [ ] Stage A: do it\n" },
};

static void test_ticks(void **unused)
{
	struct error error;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(ticks); i++) {
		cleanup_free char *after =
		    change(ticks[i].before, 0, ticks[i].item, edit_tick, &error);

		if (!after || strcmp(after, ticks[i].after) != 0)
			fail_msg("%s: \"%s\" (%s)", ticks[i].what, after ? after : "",
				 error.message);
	}
}

static void test_untick_undoes_a_tick(void **unused)
{
	struct error error;
	unsigned same = 0;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(ticks); i++) {
		cleanup_plan struct plan_file *file =
		    parse(ticks[i].before, strlen(ticks[i].before));
		const struct item *item = &file->plans->items[ticks[i].item];
		cleanup_free char *back =
		    change(ticks[i].after, 0, ticks[i].item, edit_untick, &error);

		if (!back)
			fail_msg("%s: %s", ticks[i].what, error.message);
		/* A stamp that was replaced is gone, and so is a mark of another kind. */
		if (item->stamp.leading || item->state != ITEM_OPEN)
			continue;
		if (strcmp(back, ticks[i].before) != 0)
			fail_msg("%s: \"%s\"", ticks[i].what, back);
		same++;
	}
	assert_true(same > 20);
}

static void test_untick_keeps_stamps_of_others(void **unused)
{
	struct error error;
	cleanup_free char *day =
	    change("## Progress\n\n- [x] (2026-01-02) One\n", 0, 0, edit_untick, &error);
	cleanup_free char *zone =
	    change("## Progress\n\n- [x] (2026-01-02 03:04 EDT) One\n", 0, 0, edit_untick, &error);
	cleanup_free char *none =
	    change("## Progress\n\n- [x] (2026-02-30 03:04Z) One\n", 0, 0, edit_untick, &error);
	cleanup_free char *joined =
	    change("## Progress\n\n- [x] (2026-01-02 03:04Z)One\n", 0, 0, edit_untick, &error);
	cleanup_free char *own =
	    change("## Progress\n\n- [x] (2026-01-02 03:04Z) One\n", 0, 0, edit_untick, &error);

	(void)unused;
	assert_string_equal(day, "## Progress\n\n- [ ] (2026-01-02) One\n");
	assert_string_equal(zone, "## Progress\n\n- [ ] (2026-01-02 03:04 EDT) One\n");
	assert_string_equal(none, "## Progress\n\n- [ ] (2026-02-30 03:04Z) One\n");
	assert_string_equal(joined, "## Progress\n\n- [ ] (2026-01-02 03:04Z)One\n");
	assert_string_equal(own, "## Progress\n\n- [ ] One\n");
}

static void test_refused_ticks(void **unused)
{
	static const struct {
		const char *bytes;
		size_t item;
		edit_item *change;
		int code;
	} rows[] = {
		{ "## Progress\n\n- [x] One\n", 0, edit_tick, -EALREADY },
		{ "## Progress\n\n- [ ] One\n", 0, edit_untick, -EALREADY },
		{ "## Progress\n\n- [~] One\n", 0, edit_tick, -EPERM },
		{ "## Progress\n\n- [~] One\n", 0, edit_untick, -EALREADY },
		{ "Status: DRAFT\n\n## Progress\n\n- [ ] Stage A: one\n", 0, edit_tick, -EPERM },
		{ "Status: DRAFT\n\n## Progress\n\n- [ ] Stage A: one\n  - [ ] its part\n", 1,
		  edit_tick, -EPERM },
		{ "Status: DRAFT\n\n## Progress\n\n- [ ] one\n  - [ ] Stage A: its part\n", 1,
		  edit_tick, -EPERM },
		{ "## Progress\n\n- [ ] (2026-01-02\n  03:04Z) One\n", 0, edit_tick, -ENOTSUP },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error error;
		assert_null(change(rows[i].bytes, 0, rows[i].item, rows[i].change, &error));
		assert_int_equal(error.code, rows[i].code);
	}
}

/* ---- Which item ---- */

static const char list[] = "## Progress\n\n"
			   "- [x] Stage A: read the grammar\n"
			   "- [x] Stage B: sketch the tokenizer\n"
			   "- [ ] Stage B: write the tokenizer\n"
			   "- [ ] Stage C: test the tokenizer\n"
			   "- [ ] Stage C: test the parser\n"
			   "- [ ] M2: ship\n"
			   "- [ ] ship it all\n"
			   "- [~] a paper\n";

static void test_find(void **unused)
{
	static const struct {
		const char *what;
		enum item_state wanted;
		const char *found; /* numbers; NULL: none */
	} rows[] = {
		{ "3", ITEM_OPEN, "3" },
		{ "1", ITEM_OPEN, "1" },
		{ "0", ITEM_OPEN, NULL },
		{ "9", ITEM_OPEN, NULL },
		{ "B", ITEM_OPEN, "3" },
		{ "stage b", ITEM_OPEN, "3" },
		{ "Stage B", ITEM_DONE, "2" },
		{ "Stage A", ITEM_OPEN, "1" },
		{ "C", ITEM_OPEN, "4 5" },
		{ "M2", ITEM_OPEN, "6" },
		{ "the parser", ITEM_OPEN, "5" },
		{ "TOKENIZER", ITEM_OPEN, "3 4" },
		{ "ship", ITEM_OPEN, "6" },
		{ "ship it", ITEM_OPEN, "7" },
		{ "paper", ITEM_OPEN, "8" },
		{ "Stage D", ITEM_OPEN, NULL },
		{ "", ITEM_OPEN, NULL },
		{ "Stage C: test the parser", ITEM_OPEN, "5" },
		{ "Stage B: nothing", ITEM_OPEN, NULL },
		{ "Phase B", ITEM_OPEN, NULL },
		{ "Milestone 2", ITEM_OPEN, NULL },
	};
	cleanup_plan struct plan_file *file = parse(list, strlen(list));

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error error = { 0 };
		size_t places[16], count = 0;
		char found[64] = "", *at = found;
		int r =
		    edit_find(file->plans, rows[i].what, rows[i].wanted, places, &count, &error);

		for (size_t k = 0; r == 0 && k < count; k++)
			at += snprintf(at, sizeof(found) - (size_t)(at - found), "%s%zu",
				       k ? " " : "", places[k] + 1);
		assert_int_equal(r, rows[i].found ? 0 : -ENOENT);
		if (strcmp(found, rows[i].found ? rows[i].found : "") != 0)
			fail_msg("\"%s\": %s", rows[i].what, found);
	}
}

static void test_find_in_nothing(void **unused)
{
	static const char empty[] = "## Progress\n\nNothing yet.\n";
	cleanup_plan struct plan_file *file = parse(empty, strlen(empty));
	struct error error = { 0 };
	size_t place, count;

	(void)unused;
	assert_int_equal(edit_find(file->plans, "1", ITEM_OPEN, &place, &count, &error), -ENOENT);
	assert_string_equal(error.message, "the plan has no items");
}

/* ---- Status ---- */

static char *set_status(const char *bytes, size_t plan, enum plan_status status, const char *reason,
			struct error *error)
{
	cleanup_plan struct plan_file *file = parse(bytes, strlen(bytes));
	struct edit edit = { bytes, strlen(bytes), file, plan, NOW };
	struct edited edited = { 0 };

	*error = (struct error){ 0 };
	if (edit_status(&edit, status, "Ada", reason, &edited, error) < 0) {
		assert_null(edited.bytes);
		return NULL;
	}
	return edited.bytes;
}

#define P "\n## Progress\n\n- [x] One\n"
#define APPROVAL(old) \
	"2026-03-04 05:06Z: status changed from \"" old "\" to APPROVED by Ada. The work"
#define SECTION "\n## Revision note\n\n"

static const struct {
	const char *what, *before;
	enum plan_status status;
	const char *reason, *after;
} statuses[] = {
	{ "a field", "# T\n\nStatus: DRAFT\n" P, STATUS_APPROVED, NULL,
	  "# T\n\nStatus: APPROVED\n" P SECTION APPROVAL("DRAFT") " of\nthe plan may begin.\n" },
	{ "bold key, small letters", "# T\n\n**Status:** draft\n" P, STATUS_APPROVED, NULL,
	  "# T\n\n**Status:** approved\n" P SECTION APPROVAL(
	      "draft") " of\nthe plan may begin.\n" },
	{ "a bold field", "# T\n\n**Status: Draft**\n" P, STATUS_APPROVED, NULL,
	  "# T\n\n**Status: Approved**\n" P SECTION APPROVAL(
	      "Draft") " of\nthe plan may begin.\n" },
	{ "a bold value", "# T\n\nStatus: **DRAFT**\n" P, STATUS_APPROVED, NULL,
	  "# T\n\nStatus: **APPROVED**\n" P SECTION APPROVAL(
	      "**DRAFT**") "\nof the plan may begin.\n" },
	{ "what stood behind it goes to the note",
	  "# T\n\nStatus: DRAFT (awaiting\napproval)  \n" P, STATUS_APPROVED, NULL,
	  "# T\n\nStatus: APPROVED  \n" P SECTION
	  "2026-03-04 05:06Z: status changed from \"DRAFT (awaiting approval)\" to APPROVED\n"
	  "by Ada. The work of the plan may begin.\n" },
	{ "the next field stays", "# T\n\n**Status:** DRAFT **Issue:** #1\n" P, STATUS_APPROVED,
	  NULL,
	  "# T\n\n**Status:** APPROVED **Issue:** #1\n" P SECTION APPROVAL(
	      "DRAFT") " of\nthe plan may begin.\n" },
	{ "front matter", "---\ntitle: T\nstatus: 'in_progress' # mine\n---\n" P, STATUS_BLOCKED,
	  "no: disk",
	  "---\ntitle: T\nstatus: 'blocked' # mine\n---\n" P SECTION
	  "2026-03-04 05:06Z: status changed from \"in_progress\" to BLOCKED by Ada: no:\n"
	  "disk. The work that remains waits until this is settled.\n" },
	{ "a heading", "# T\n\n## Status: Active\n" P, STATUS_BLOCKED, "no disk!",
	  "# T\n\n## Status: Blocked (no disk!)\n" P SECTION
	  "2026-03-04 05:06Z: status changed from \"Active\" to BLOCKED by Ada: no disk! The\n"
	  "work that remains waits until this is settled.\n" },
	{ "below a heading", "# T\n\n## Status\n\nActive\n" P, STATUS_COMPLETE, NULL,
	  "# T\n\n## Status\n\nComplete\n" P SECTION
	  "2026-03-04 05:06Z: status changed from \"Active\" to COMPLETE by Ada: all 1 items\n"
	  "are done. No work remains.\n" },
	{ "none yet", "# T\n\nText.\n" P, STATUS_APPROVED, NULL,
	  "# T\n\nText.\n\nStatus: APPROVED\n" P SECTION
	  "2026-03-04 05:06Z: status set to APPROVED by Ada. The work of the plan may\nbegin.\n" },
	{ "none yet, and no blank line", "# T\nText.\n## Progress\n- [x] One", STATUS_APPROVED,
	  NULL,
	  "# T\nText.\n\nStatus: APPROVED\n\n## Progress\n- [x] One\n\n## Revision note\n\n"
	  "2026-03-04 05:06Z: status set to APPROVED by Ada. The work of the plan may\nbegin." },
	{ "carriage returns", "# T\r\n\r\nStatus: DRAFT\r\n\r\n## Progress\r\n\r\n- [x] One\r\n",
	  STATUS_APPROVED, NULL,
	  "# T\r\n\r\nStatus: APPROVED\r\n\r\n## Progress\r\n\r\n- [x] One\r\n\r\n## Revision note\r\n\r\n" APPROVAL(
	      "DRAFT") " of\r\nthe plan may begin.\r\n" },
	{ "a plan in a fence", "```md\n# T\n\nStatus: DRAFT\n" P "```\n", STATUS_APPROVED, NULL,
	  "```md\n# T\n\nStatus: APPROVED\n" P SECTION APPROVAL(
	      "DRAFT") " of\nthe plan may begin.\n```\n" },
	{ "behind the notes that are there",
	  "# T\n\nStatus: DRAFT\n" P "\n## Revision note\n\nFirst draft.\n\n\n## Links\n\nx\n",
	  STATUS_APPROVED, NULL,
	  "# T\n\nStatus: APPROVED\n" P "\n## Revision note\n\nFirst draft.\n\n" APPROVAL(
	      "DRAFT") " of\nthe plan may begin.\n\n\n## Links\n\nx\n" },
	{ "notes in a list",
	  "# T\n\nStatus: DRAFT\n" P "\n## Revision notes\n\n* 2026: first\n  draft.\n",
	  STATUS_APPROVED, NULL,
	  "# T\n\nStatus: APPROVED\n" P "\n## Revision notes\n\n* 2026: first\n  draft.\n"
	  "* " APPROVAL("DRAFT") " of\n  the plan may begin.\n" },
	{ "words that could begin a list do not begin a line", "# T\n\nStatus: active\n" P,
	  STATUS_BLOCKED, "1. 2. 3. 4. - # 7. then go",
	  "# T\n\nStatus: blocked (1. 2. 3. 4. - # 7. then go)\n" P SECTION
	  "2026-03-04 05:06Z: status changed from \"active\" to BLOCKED by Ada: 1. 2. 3. 4. - # 7.\n"
	  "then go. The work that remains waits until this is settled.\n" },
	{ "an empty line first", "\n# T\n\nStatus: DRAFT\n" P, STATUS_APPROVED, NULL,
	  "\n# T\n\nStatus: APPROVED\n" P SECTION APPROVAL("DRAFT") " of\nthe plan may begin.\n" },
	{ "a line without an end", "Status: DRAFT", STATUS_APPROVED, NULL,
	  "Status: APPROVED\n" SECTION APPROVAL("DRAFT") " of\nthe plan may begin." },
	{ "none yet, and blanks on the line in front of the section",
	  "# T\n\nText.\n \t\n## Progress\n\n- [x] One\n", STATUS_APPROVED, NULL,
	  "# T\n\nText.\n \t\nStatus: APPROVED\n" P SECTION
	  "2026-03-04 05:06Z: status set to APPROVED by Ada. The work of the plan may\nbegin.\n" },
	{ "notes that end in emphasis are no list",
	  "# T\n\nStatus: DRAFT\n" P "\n## Revision notes\n\n- one\n\n*First* draft.\n",
	  STATUS_APPROVED, NULL,
	  "# T\n\nStatus: APPROVED\n" P
	  "\n## Revision notes\n\n- one\n\n*First* draft.\n\n" APPROVAL(
	      "DRAFT") " of\nthe plan may begin.\n" },
	{ "words that begin a line", "# T\n\nStatus: active\n" P, STATUS_BLOCKED,
	  "7777 88888 (no  disk was found for it, and no other either, so that I asked for a) \u00e9tat",
	  "# T\n\nStatus: blocked (7777 88888 (no disk was found for it, and no other either, so that I asked for a) \u00e9tat)\n" P
	      SECTION
	  "2026-03-04 05:06Z: status changed from \"active\" to BLOCKED by Ada: 7777 88888\n"
	  "(no disk was found for it, and no other either, so that I asked for a) \u00e9tat. The\n"
	  "work that remains waits until this is settled.\n" },
	{ "another reason", "# T\n\nStatus: BLOCKED (old)\n" P, STATUS_BLOCKED, " new\none ",
	  "# T\n\nStatus: BLOCKED (new one)\n" P SECTION
	  "2026-03-04 05:06Z: status changed from \"BLOCKED (old)\" to BLOCKED by Ada: new\n"
	  "one. The work that remains waits until this is settled.\n" },
};

static void test_statuses(void **unused)
{
	struct error error;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		cleanup_free char *after = set_status(statuses[i].before, 0, statuses[i].status,
						      statuses[i].reason, &error);

		if (!after || strcmp(after, statuses[i].after) != 0)
			fail_msg("%s: \"%s\" (%s)", statuses[i].what, after ? after : "",
				 error.message);
	}
}

static void test_one_of_several_plans(void **unused)
{
	static const char two[] = "# A\n\nStatus: DRAFT\n\n## Progress\n\n- [ ] One\n\n"
				  "# B\n\nStatus: DRAFT\n\n## Progress\n\n- [ ] Two\n";
	struct error error;
	cleanup_free char *first = set_status(two, 0, STATUS_APPROVED, NULL, &error);
	cleanup_free char *second = set_status(two, 1, STATUS_APPROVED, NULL, &error);
	cleanup_free char *tick = change(two, 1, 0, edit_tick, &error);

	(void)unused;
	assert_string_equal(
	    first, "# A\n\nStatus: APPROVED\n\n## Progress\n\n- [ ] One\n" SECTION APPROVAL(
		       "DRAFT") " of\nthe plan may begin.\n\n"
				"# B\n\nStatus: DRAFT\n\n## Progress\n\n- [ ] Two\n");
	assert_string_equal(
	    second, "# A\n\nStatus: DRAFT\n\n## Progress\n\n- [ ] One\n\n"
		    "# B\n\nStatus: APPROVED\n\n## Progress\n\n- [ ] Two\n" SECTION APPROVAL(
			"DRAFT") " of\nthe plan may begin.\n");
	assert_string_equal(
	    tick, "# A\n\nStatus: DRAFT\n\n## Progress\n\n- [ ] One\n\n"
		  "# B\n\nStatus: DRAFT\n\n## Progress\n\n- [x] (2026-03-04 05:06Z) Two\n");
}

static void test_refused_statuses(void **unused)
{
	static const struct {
		const char *bytes;
		enum plan_status status;
		const char *reason;
		int code;
	} rows[] = {
		{ "Status: APPROVED\n" P, STATUS_APPROVED, NULL, -EALREADY },
		{ "Status: IN PROGRESS\n" P, STATUS_APPROVED, NULL, -EPERM },
		{ "Status: BLOCKED\n" P, STATUS_APPROVED, NULL, -EPERM },
		{ "Status: COMPLETE\n" P, STATUS_APPROVED, NULL, -EPERM },
		{ "Status: DRAFT | APPROVED | COMPLETE\n" P, STATUS_APPROVED, NULL, -EPERM },
		{ "Status: DRAFT\n" P, STATUS_BLOCKED, "x", -EPERM },
		{ "Status: COMPLETE\n" P, STATUS_BLOCKED, "x", -EPERM },
		{ "Status: APPROVED\n" P, STATUS_BLOCKED, " \n", -EINVAL },
		{ "Status: APPROVED\n" P, STATUS_BLOCKED, "\x1b[31m", -EINVAL },
		{ "Status: APPROVED\n" P, STATUS_BLOCKED, "\xff", -EINVAL },
		{ "Status: DRAFT\n" P, STATUS_COMPLETE, NULL, -EPERM },
		{ "Status: COMPLETE\n" P, STATUS_COMPLETE, NULL, -EALREADY },
		{ "Status: SUPERSEDED\n" P, STATUS_COMPLETE, NULL, -EPERM },
		{ "Status: APPROVED\n" P "- [ ] Two\n", STATUS_COMPLETE, NULL, -EPERM },
		{ "Status: APPROVED\n" P "- [/] Two\n", STATUS_COMPLETE, NULL, -EPERM },
		{ "Status: APPROVED\n\n## Progress\n\nGood.\n", STATUS_COMPLETE, NULL, -EPERM },
		/* There is no place for one. */
		{ "# T\n\n- [ ] One\n", STATUS_APPROVED, NULL, -ENOTSUP },
		/* The note would stand in the fence. */
		{ "Status: DRAFT\n" P "\n```\ncode\n", STATUS_APPROVED, NULL, -ENOTSUP },
		{ "Status: DRAFT\n" P "\n<!--\n", STATUS_APPROVED, NULL, -ENOTSUP },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error error;
		cleanup_free char *after =
		    set_status(rows[i].bytes, 0, rows[i].status, rows[i].reason, &error);
		if (after || error.code != rows[i].code)
			fail_msg("row %zu: %d \"%s\"", i, error.code,
				 after ? after : error.message);
	}
}

/* What was dropped does not stand in the way. */
static void test_complete_without_what_was_dropped(void **unused)
{
	struct error error;
	cleanup_free char *after =
	    set_status("Status: APPROVED\n" P "- [~] Two\n", 0, STATUS_COMPLETE, NULL, &error);

	(void)unused;
	assert_non_null(after);
}

/* ---- Real plans ---- */

static struct {
	unsigned files, items, same, stamped, dropped, broken, wrong;
	unsigned approved, blocked, completed, odd;
} walked;

static void complain(const char *path, const struct item *item, const char *what)
{
	walked.wrong++;
	(void)printf("%s:%u: %s\n", path, item->line, what);
}

/* Whether nothing but the item's own lines has changed. */
static bool same_around(const char *a, const char *b, const struct item *item)
{
	size_t before = item->mark_at, a_end = before, b_end = before;

	for (uint32_t line = item->line; line <= item->end_line; line++) {
		a_end += strcspn(a + a_end, "\n") + (line < item->end_line);
		b_end += strcspn(b + b_end, "\n") + (line < item->end_line);
	}
	return strncmp(a, b, before) == 0 && strcmp(a + a_end, b + b_end) == 0;
}

static bool has_leading_stamp(const char *bytes, size_t plan, size_t place)
{
	cleanup_plan struct plan_file *file = parse(bytes, strlen(bytes));

	return file->plans[plan].items[place].stamp.leading;
}

static void check_item(const char *path, const char *bytes, size_t plan, size_t place,
		       const struct item *item)
{
	edit_item *one = item->state == ITEM_DONE ? edit_untick : edit_tick;
	edit_item *other = one == edit_tick ? edit_untick : edit_tick;
	struct error error;
	cleanup_free char *there = change(bytes, plan, place, one, &error);
	cleanup_free char *back = there ? change(there, plan, place, other, &error) : NULL;
	cleanup_free char *again = back ? change(back, plan, place, one, &error) : NULL;

	walked.items++;
	if (item_is_dropped(item)) {
		walked.dropped++;
		if (there)
			complain(path, item, "a dropped item was ticked");
		return;
	}
	if (!again) {
		complain(path, item, error.message);
		return;
	}
	if (!same_around(bytes, there, item) || !same_around(bytes, back, item))
		complain(path, item, "more than the item was changed");
	/* Tick and untick is nothing, begun with whichever is open, but for a stamp that stood there. */
	if (one == edit_tick && !item->stamp.leading && strcmp(back, bytes) != 0)
		complain(path, item, "ticked and unticked, it has other bytes");
	if (one == edit_untick && !has_leading_stamp(there, plan, place) &&
	    strcmp(again, there) != 0)
		complain(path, item, "unticked, ticked and unticked, it has other bytes");
	if (strcmp(back, bytes) == 0)
		walked.same++;
	else
		walked.stamped++;
}

static char *check_plan(const char *path, char *bytes, size_t plan)
{
	struct error error;
	char *approved = set_status(bytes, plan, STATUS_APPROVED, NULL, &error);

	/* A draft is approved before its items are ticked. */
	walked.approved += approved != NULL;
	walked.odd += error.code == -ENOTSUP;
	if (error.code == -ENOTSUP)
		(void)printf("%s: %s\n", path, error.message);
	if (approved) {
		free(bytes);
		bytes = approved;
	}
	cleanup_plan struct plan_file *file = parse(bytes, strlen(bytes));
	for (size_t i = 0; i < file->plans[plan].item_count; i++)
		check_item(path, bytes, plan, i, &file->plans[plan].items[i]);
	cleanup_free char *blocked = set_status(bytes, plan, STATUS_BLOCKED, "no disk", &error);
	cleanup_free char *completed = set_status(bytes, plan, STATUS_COMPLETE, NULL, &error);
	walked.blocked += blocked != NULL;
	walked.completed += completed != NULL;
	return bytes;
}

static void check_file(const char *path)
{
	cleanup_fclose FILE *file = fopen(path, "re");
	char *bytes = NULL;
	size_t size = 0;

	assert_non_null(file);
	if (getdelim(&bytes, &size, '\0', file) < 0) {
		free(bytes);
		return;
	}
	cleanup_plan struct plan_file *parsed = parse(bytes, strlen(bytes));
	walked.files++;
	for (size_t i = 0; i < parsed->plan_count; i++)
		bytes = check_plan(path, bytes, i);
	free(bytes);
}

static int walk(char *folder)
{
	char *paths[] = { folder, NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);

	assert_non_null(fts);
	for (FTSENT *entry; (entry = fts_read(fts));)
		if (entry->fts_info == FTS_F && strstr(entry->fts_name, ".md"))
			check_file(entry->fts_path);
	(void)fts_close(fts);
	(void)printf("%u files: %u approved, %u blocked, %u completed, %u too odd for a status\n",
		     walked.files, walked.approved, walked.blocked, walked.completed, walked.odd);
	(void)printf("%u items: %u to the byte, %u but for the stamp, %u dropped, %u wrong\n",
		     walked.items, walked.same, walked.stamped, walked.dropped, walked.wrong);
	return walked.wrong > 0 || walked.items == 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ticks),
		cmocka_unit_test(test_untick_undoes_a_tick),
		cmocka_unit_test(test_untick_keeps_stamps_of_others),
		cmocka_unit_test(test_refused_ticks),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_find_in_nothing),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_one_of_several_plans),
		cmocka_unit_test(test_refused_statuses),
		cmocka_unit_test(test_complete_without_what_was_dropped),
	};

	if (argc > 1)
		return walk(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
