/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader, as a table: a file, and what is in it. */
#include "unit.h"

#include "planwatch/discover.h"
#include "planwatch/plan.h"

#include <stdio.h>
#include <string.h>

/* "SOURCE done/total; LINE[MARK]TEXT; ..." */
static char *describe_items(const struct plan *plan)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)fprintf(out, "%s %u/%u", progress_source_name(plan->source), plan->counts.done,
		      plan->counts.total);
	for (size_t i = 0; i < plan->item_count; i++) {
		const struct item *item = &plan->items[i];
		(void)fprintf(out, "; %u", item->line);
		if (item->end_line > item->line)
			(void)fprintf(out, "-%u", item->end_line);
		(void)fprintf(out, "%s[%s]%s", item->depth ? ">" : "", item->mark, item->text);
	}
	(void)fclose(out);
	return text;
}

static void test_items(void **unused)
{
	static const struct {
		const char *name, *text, *items;
	} rows[] = {
		{ "empty file", "", "none 0/0" },
		{ "bullets and marks",
		  "# P\n## Progress\n- [x] a\n* [X] b\n+ [ ] c\n1. [~] d\n2) [/] e\n",
		  "progress 2/4; 3[x]a; 4[X]b; 5[ ]c; 6[~]d; 7[/]e" },
		{ "the skeleton's four blanks",
		  "# P\n\n## Progress\n\nUse boxes.\n\n    - [x] a\n    - [ ] b\n",
		  "progress 1/2; 7[x]a; 8[ ]b" },
		{ "wrapped and nested",
		  "# P\n## Progress\n- [ ] one\n  goes on\n  - [x] in it\n- [ ] two\nlazy\n",
		  "progress 1/3; 3-4[ ]one goes on; 5>[x]in it; 6-7[ ]two lazy" },
		{ "quoted", "# P\n## Progress\n> - [x] a\n> - [ ] b\n",
		  "progress 1/2; 3[x]a; 4[ ]b" },
		{ "not in fences and comments",
		  "# P\n## Progress\n- [ ] a\n\n```\n- [x] fenced\n```\n\n<!-- - [x] hidden\n- [x] too -->\n\n- [ ] b\n",
		  "progress 0/2; 3[ ]a; 12[ ]b" },
		{ "links are no boxes", "# P\n## Progress\n- [a](u)\n- [x](u)\n- [x]y\n- [ ]\n",
		  "progress 0/1; 6[ ]" },
		{ "CRLF, byte-order mark, no last newline",
		  "\xEF\xBB\xBF# P\r\n## Progress\r\n- [x] a\r\n- [ ] b",
		  "progress 1/2; 3[x]a; 4[ ]b" },
		{ "any white space is an open mark",
		  "# P\n## Progress\n- [\t] a\n- [\f] b\n- [\v] c\n",
		  "progress 0/3; 3[ ]a; 4[ ]b; 5[ ]c" },
		{ "invalid UTF-8", "# P\n## Progress\n- [x] a\xFFz\n",
		  "progress 1/1; 3[x]a\xEF\xBF\xBDz" },
		{ "the Progress begins with its word",
		  "# P\n## progress log (live)\n- [x] a\n## Progressive work\n- [x] b\n",
		  "progress 1/1; 3[x]a" },
		{ "a word before it", "# P\n## Implementation Progress\n- [x] a\n",
		  "progress 1/1; 3[x]a" },
		{ "a lower heading belongs to it",
		  "# P\n## Progress\n### Today\n- [x] a\n## Next\n- [ ] b\n",
		  "progress 1/1; 4[x]a" },
		{ "boxes elsewhere count where it has none",
		  "# P\n## Progress Notes\n- 2026-01-02: began\n## Work\n- [x] a\n## Acceptance criteria\n- [ ] c\n",
		  "body 1/1; 5[x]a" },
		{ "acceptance boxes are no progress",
		  "# P\n## Progress\n- [x] a\n## Validation\n- [ ] b\n", "progress 1/1; 3[x]a" },
		{ "a fence around the whole file", "```md\n# P\n## Progress\n- [x] a\n```\n",
		  "progress 1/1; 4[x]a" },
		{ "a number of any kind before its word",
		  "# P\n## IV. Progress\n- [x] a\n## Section 4: Progress\n- [x] b\n## Phase 2 Progress\n- [ ] c\n",
		  "progress 2/3; 3[x]a; 5[x]b; 7[ ]c" },
		{ "what shows progress is none",
		  "# P\n## Progress\n- [x] a\n## Progress bar rendering\n- [x] b\n",
		  "progress 1/1; 3[x]a" },
		{ "emphasis around its word", "# P\n## _Progress_\n- [x] a\n",
		  "progress 1/1; 3[x]a" },
		{ "a dash behind it", "# P\n## Progress\u2014live\n- [x] a\n",
		  "progress 1/1; 3[x]a" },
		{ "names in a list of words are kept", "# P\n## progress_bar\n- [x] a\n",
		  "body 1/1; 3[x]a" },
		{ "headings and code in an item, and a rule that is one",
		  "# P\n## Progress\n- [ ] a\n  # b\n\n      code\n- ***\n- # [x] c\n- [ ] d\n",
		  "progress 0/2; 3-6[ ]a b; 9[ ]d" },
		{ "a control is another mark", "# P\n## Progress\n- [\x0E] a\n- [\x08] b\n",
		  "progress 0/2; 3[\x0E]a; 4[\x08]b" },
		{ "a quoted heading is none, nor one in a list",
		  "# P\n## Progress\n- [ ] a\n> ## Risks\n- # Risks\n- [ ] b\n",
		  "progress 0/2; 3[ ]a; 6[ ]b" },
		{ "a setext heading", "P\n=\n\nProgress\n--------\n\n- [x] a\n",
		  "progress 1/1; 7[x]a" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_plan struct plan_file *file = NULL;
		cleanup_free char *items = NULL;

		assert_int_equal(plan_parse(rows[i].text, strlen(rows[i].text), &file), 0);
		assert_int_equal(file->plan_count, 1);
		items = describe_items(&file->plans[0]);
		if (strcmp(items, rows[i].items) != 0)
			fail_msg("%s: %s, expected %s", rows[i].name, items, rows[i].items);
	}
}

static void test_status(void **unused)
{
	static const struct {
		const char *text;
		enum plan_status state;
		uint32_t line;
	} rows[] = {
		{ "# P\n\nStatus: DRAFT\n", STATUS_DRAFT, 3 },
		{ "# P\n\n**Status:** In-Progress (stage B)\n", STATUS_IN_PROGRESS, 3 },
		{ "---\nstatus: completed\n---\n# P\n", STATUS_COMPLETE, 2 },
		{ "# P\n\n## Status\n\nBlocked on the schema.\n", STATUS_BLOCKED, 5 },
		{ "# P\n\nStatus: INCOMPLETE\n", STATUS_IN_PROGRESS, 3 },
		{ "# P\n\nStatus: PARTIALLY COMPLETED (D descoped)\n", STATUS_IN_PROGRESS, 3 },
		{ "# P\n\nStatus: DONE. All merged.\n", STATUS_COMPLETE, 3 },
		{ "# P\n\nStatus: READY FOR REVIEW\n", STATUS_IN_REVIEW, 3 },
		{ "# P\n\nStatus: APPROVED\n", STATUS_APPROVED, 3 },
		{ "# P\n\nStatus: superseded by EP-7\n", STATUS_SUPERSEDED, 3 },
		{ "# P\n\nStatus: DRAFT | APPROVED | IN PROGRESS | BLOCKED | COMPLETE\n",
		  STATUS_UNKNOWN, 3 },
		{ "# P\n\n## Phase 1\n\n**Status:** pending\n", STATUS_UNKNOWN, 0 },
		{ "# P\n\n## Status\n\n- [ ] Draft\n- [x] Approved\n", STATUS_UNKNOWN, 0 },
		{ "# P\n\n## Status\n\n- Draft\n", STATUS_DRAFT, 5 },
		{ "# P\n\nStatus: Awaiting your approval\n", STATUS_DRAFT, 3 },
		{ "# P\n\nStatus: needs review by Friday\n", STATUS_IN_REVIEW, 3 },
		{ "# P\n\nStatus: on track\n", STATUS_IN_PROGRESS, 3 },
		{ "# P\n\nStatus: DRAFT / APPROVED / COMPLETE\n", STATUS_UNKNOWN, 3 },
		{ "# P\n\n**Status: COMPLETE**\n", STATUS_COMPLETE, 3 },
		{ "# P\n\nStatus: 100% complete\n", STATUS_COMPLETE, 3 },
		{ "# P\n\nStatus: 100% of stage A, 20% of B\n", STATUS_UNKNOWN, 3 },
		{ "# P\n\nStatus: \u2705 complete\n", STATUS_COMPLETE, 3 },
		{ "# P\n\nStatus: 80 % complete\n", STATUS_IN_PROGRESS, 3 },
		{ "# P\n\nStatus: `blocked` by x\n", STATUS_BLOCKED, 3 },
		{ "# P\n\nStatus: IN_PROGRESS\n", STATUS_IN_PROGRESS, 3 },
		{ "# P\n\nStatus: 3 of 5\n", STATUS_UNKNOWN, 3 },
		{ "# P\n\nStatus: DRAFT/APPROVED\n", STATUS_DRAFT, 3 },
		{ "# P\n\nStatus: done/dusted\n", STATUS_COMPLETE, 3 },
		{ "# P\n\nStatus: <state>\n", STATUS_UNKNOWN, 3 },
		{ "# P\n\nPlan status: approved\n", STATUS_APPROVED, 3 },
		{ "# P\n\nCurrent Status: draft\n", STATUS_DRAFT, 3 },
		{ "# P\n\nstatus : draft\n", STATUS_DRAFT, 3 },
		{ "# P\n\nStatuses: DRAFT\n", STATUS_UNKNOWN, 0 },
		{ "# P\n\nStatus:draft\n", STATUS_UNKNOWN, 0 },
		{ "# P\n\nStatus\n", STATUS_UNKNOWN, 0 },
		{ "# P\n\nStatus: | DRAFT | APPROVED\n", STATUS_UNKNOWN, 3 },
		{ "# P\n\nStatus: draft2\n", STATUS_UNKNOWN, 3 },
		{ "# P\n\nStatus: DRAFT / nonsense / x\n", STATUS_DRAFT, 3 },
		{ "# P\n\nStatus: draft/draft/approved\n", STATUS_DRAFT, 3 },
		{ "# P\n\n__Status:__ DRAFT\n", STATUS_DRAFT, 3 },
		{ "# P\n\n_Status_: DRAFT\n", STATUS_DRAFT, 3 },
		{ "# P\n\n(Status): DRAFT\n", STATUS_UNKNOWN, 0 },
		{ "# P\n\nKnown risks: DRAFT\n", STATUS_UNKNOWN, 0 },
		{ "# P\n\nCurrent states: DRAFT\n", STATUS_UNKNOWN, 0 },
		{ "# P\n\nStatus: \u2705\n", STATUS_UNKNOWN, 3 },
		{ "# P\n\nStatus: DRAFT\nStatus: COMPLETE\n", STATUS_DRAFT, 3 },
		{ "# P\n\n## Status\n\nDRAFT\nStatus: COMPLETE\n", STATUS_DRAFT, 5 },
		{ "---\nstatus: \"\"\n---\n# P\n\nStatus: DRAFT\n", STATUS_DRAFT, 6 },
		{ "# P\n\n: DRAFT\n", STATUS_UNKNOWN, 0 },
		{ "# P\n\nStatus:\nDRAFT\n", STATUS_DRAFT, 3 },
		{ "# P\n\nStatus:\tDRAFT\n", STATUS_DRAFT, 3 },
		{ "# P\n\nStatus: IN - PROGRESS\n", STATUS_IN_PROGRESS, 3 },
		{ "# P\n\n**Status:** DRAFT **Owner:** me\n", STATUS_DRAFT, 3 },
		{ "# P\n\nStatus: DRAFT\n\nStatus: COMPLETE\n", STATUS_DRAFT, 3 },
		{ "# P\n\n## Status: DRAFT\n\n## Status: COMPLETE\n", STATUS_DRAFT, 3 },
		{ "# P\n\n## Status:\n\nDRAFT\n", STATUS_DRAFT, 5 },
		{ "# P\n\n## Status: **DRAFT**\n\nCOMPLETE\n", STATUS_DRAFT, 3 },
		{ "# P\n\n## Status\n\nStatus: DRAFT\n", STATUS_DRAFT, 5 },
		{ "# P\n\n## Status\n\nDRAFT\n\n## Status\n\nCOMPLETE\n", STATUS_DRAFT, 5 },
		{ "# P\n\n## Status quo\n\nCOMPLETE\n", STATUS_UNKNOWN, 0 },
		{ "---\nstatus: \"in progress\" # since May\n---\n# P\n", STATUS_IN_PROGRESS, 2 },
		{ "---\nstatus: 'blocked'\n---\n# P\n", STATUS_BLOCKED, 2 },
		{ "---\nstatus: \"blocked\n---\n# P\n", STATUS_BLOCKED, 2 },
		{ "---\nstatus:\tdraft # complete\n---\n# P\n", STATUS_DRAFT, 2 },
		{ "---\ntags:\n- a\n\nstatus: draft  \nstatus: complete\n---\n# P\n", STATUS_DRAFT,
		  5 },
		{ "---\na: b\n  status: draft\nstatuses: draft\nstatus:\n---\n# P\n",
		  STATUS_UNKNOWN, 0 },
		{ "---\nstatus: # not yet\n---\n# P\n\nStatus: DRAFT\n", STATUS_DRAFT, 6 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_plan struct plan_file *file = NULL;

		assert_int_equal(plan_parse(rows[i].text, strlen(rows[i].text), &file), 0);
		const struct plan *plan = &file->plans[0];
		if (plan->status.state != rows[i].state || plan->status.line != rows[i].line)
			fail_msg("%s: %s at %u, expected %s at %u", rows[i].text,
				 plan_status_name(plan->status.state), plan->status.line,
				 plan_status_name(rows[i].state), rows[i].line);
	}
}

static void test_heads(void **unused)
{
	static const struct {
		const char *text, *kind, *id, *raw, *at, *gist;
		enum stamp_precision precision;
	} rows[] = {
		{ "(2026-08-19 14:52Z) Stage A: go", "stage", "A", "2026-08-19 14:52Z",
		  "2026-08-19T14:52:00.000000Z", "go", STAMP_MINUTE },
		{ "2026-04-06T23:20:59Z go", NULL, NULL, "2026-04-06T23:20:59Z",
		  "2026-04-06T23:20:59.000000Z", "go", STAMP_SECOND },
		{ "(2026-03-27) go", NULL, NULL, "2026-03-27", "2026-03-27T00:00:00.000000Z", "go",
		  STAMP_DAY },
		{ "(2026-05-01 09:24+02:00) go", NULL, NULL, "2026-05-01 09:24+02:00",
		  "2026-05-01T07:24:00.000000Z", "go", STAMP_MINUTE },
		{ "(2026-03-25 14:40 EDT) go", NULL, NULL, "2026-03-25 14:40 EDT",
		  "2026-03-25T18:40:00.000000Z", "go", STAMP_MINUTE },
		{ "(2026-03-21 20:55 CST) go", NULL, NULL, "2026-03-21 20:55 CST",
		  "2026-03-21T00:00:00.000000Z", "go", STAMP_DAY },
		{ "(2026-02-30 10:00Z) go", NULL, NULL, "2026-02-30 10:00Z", "-", "go", STAMP_DAY },
		{ "2026-01-05 2026-01-02 go", NULL, NULL, "2026-01-05",
		  "2026-01-05T00:00:00.000000Z", "2026-01-02 go", STAMP_DAY },
		{ "2026/01/05 2026/01/02 go", NULL, NULL, "2026/01/05",
		  "2026-01-05T00:00:00.000000Z", "2026/01/02 go", STAMP_DAY },
		{ "2026-01-05 2026-0102 go", NULL, NULL, "2026-01-05 2026-0102",
		  "2026-01-05T21:28:00.000000Z", "go", STAMP_MINUTE },
		{ "see docs/plans/2026-02-15-x.md", NULL, NULL, NULL, NULL,
		  "see docs/plans/2026-02-15-x.md", STAMP_DAY },
		{ "Milestone 1c (prototype): go", "milestone", "1c", NULL, NULL, NULL, STAMP_DAY },
		{ "M2.5 go", "m", "2.5", NULL, NULL, "go", STAMP_DAY },
		{ "Phase 2 - go", "phase", "2", NULL, NULL, "go", STAMP_DAY },
		{ "Stage complete", NULL, NULL, NULL, NULL, "Stage complete", STAMP_DAY },
		{ "Phase IV: go", "phase", "IV", NULL, NULL, "go", STAMP_DAY },
		{ "Phase IVx go", NULL, NULL, NULL, NULL, NULL, STAMP_DAY },
		{ "Stage a: go", "stage", "a", NULL, NULL, "go", STAMP_DAY },
		{ "Stage a fix", NULL, NULL, NULL, NULL, NULL, STAMP_DAY },
		{ "Stage A's end", NULL, NULL, NULL, NULL, NULL, STAMP_DAY },
		{ "Milestone 1C: go", "milestone", "1C", NULL, NULL, "go", STAMP_DAY },
		{ "Phase XXXVIII: go", "phase", "XXXVIII", NULL, NULL, "go", STAMP_DAY },
		{ "Phase XXXXXXXX: go", NULL, NULL, NULL, NULL, NULL, STAMP_DAY },
		{ "Stage B2 go", "stage", "B2", NULL, NULL, "go", STAMP_DAY },
		{ "PR #12: go", "pr", "12", NULL, NULL, "go", STAMP_DAY },
		{ "Milestone-3 go", "milestone", "3", NULL, NULL, "go", STAMP_DAY },
		{ "Milestone-x go", NULL, NULL, NULL, NULL, NULL, STAMP_DAY },
		{ "EP-M3 go", "ep-m", "3", NULL, NULL, "go", STAMP_DAY },
		{ "P1: go", "p", "1", NULL, NULL, "go", STAMP_DAY },
		{ "P99 latency is low", NULL, NULL, NULL, NULL, NULL, STAMP_DAY },
		{ "F1: go", "f", "1", NULL, NULL, "go", STAMP_DAY },
		{ "F1 go", NULL, NULL, NULL, NULL, NULL, STAMP_DAY },
		{ "S3 - go", "s", "3", NULL, NULL, "go", STAMP_DAY },
		{ "S3 \u2013 go", "s", "3", NULL, NULL, "go", STAMP_DAY },
		{ "S3 \u2014 go", "s", "3", NULL, NULL, "go", STAMP_DAY },
		{ "(S3) go", "s", "3", NULL, NULL, "go", STAMP_DAY },
		{ "[S3] go", "s", "3", NULL, NULL, "go", STAMP_DAY },
		{ "M2.5xy go", NULL, NULL, NULL, NULL, NULL, STAMP_DAY },
		{ "Stage 4-2-1: go", "stage", "4-2-1", NULL, NULL, "go", STAMP_DAY },
		{ "Stage 2.: go", "stage", "2", NULL, NULL, "go", STAMP_DAY },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_plan struct plan_file *file = NULL;
		char text[200], at[INSTANT_MAX];

		(void)snprintf(text, sizeof(text), "# P\n## Progress\n- [x] %s\n", rows[i].text);
		assert_int_equal(plan_parse(text, strlen(text), &file), 0);
		const struct item *item = &file->plans[0].items[0];
		if (rows[i].kind) {
			assert_string_equal(item->label.kind, rows[i].kind);
			assert_string_equal(item->label.id, rows[i].id);
		} else {
			assert_null(item->label.kind);
		}
		if (rows[i].raw) {
			assert_string_equal(item->stamp.raw, rows[i].raw);
			assert_string_equal(instant_format_utc(item->stamp.at, at), rows[i].at);
			assert_int_equal(item->stamp.precision, rows[i].precision);
		} else {
			assert_null(item->stamp.raw);
		}
		if (rows[i].gist)
			assert_string_equal(item->gist, rows[i].gist);
	}
}

/* Dates and times of day as people write them, with what follows them. */
static void test_stamps(void **unused)
{
	static const struct {
		const char *text, *raw, *at;
		enum stamp_precision precision;
	} rows[] = {
		{ "2026-01-02 10:00+0200", "2026-01-02 10:00+0200", "2026-01-02T08:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00 +02", "2026-01-02 10:00 +02", "2026-01-02T08:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00-05:30", "2026-01-02 10:00-05:30", "2026-01-02T15:30:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00+15:00", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00-13", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00+02:75", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00 UTC+2h", "2026-01-02 10:00 UTC", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00 UTC+02", "2026-01-02 10:00 UTC+02",
		  "2026-01-02T08:00:00.000000Z", STAMP_MINUTE },
		{ "2026-01-02 10:00 GMT-01:00", "2026-01-02 10:00 GMT-01:00",
		  "2026-01-02T11:00:00.000000Z", STAMP_MINUTE },
		{ "2026-01-02 10:00 GMT", "2026-01-02 10:00 GMT", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00 CEST", "2026-01-02 10:00 CEST", "2026-01-02T08:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00z", "2026-01-02 10:00z", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00 utc", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00 Zebra", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00 Europe/Berlin", "2026-01-02 10:00 Europe/Berlin",
		  "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "2026-01-02 10:00 either/or", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00 local", "2026-01-02 10:00 local", "2026-01-02T00:00:00.000000Z",
		  STAMP_DAY },
		{ "2026-01-02 10:00 locally", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "(2026-01-02 10:00 XYZ) go", "2026-01-02 10:00 XYZ",
		  "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "2026-01-02 10:00 XYZ - go", "2026-01-02 10:00 XYZ",
		  "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "2026-01-02 10:00 XYZ \u2013 go", "2026-01-02 10:00 XYZ",
		  "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "2026-01-02 10:00 XYZ \u2014 go", "2026-01-02 10:00 XYZ",
		  "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "2026-01-02 10:00 TDD cycle", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00 ABCDEF: go", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00 A: go", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 5:30 PM", "2026-01-02 5:30 PM", "2026-01-02T17:30:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 12:15 AM", "2026-01-02 12:15 AM", "2026-01-02T00:15:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 12:05pm", "2026-01-02 12:05pm", "2026-01-02T12:05:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 13:05 PM go", "2026-01-02 13:05", "2026-01-02T13:05:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 5:30 pmc", "2026-01-02 5:30", "2026-01-02T05:30:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 24:00Z", "2026-01-02 24:00Z", "2026-01-03T00:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 24:01Z", "2026-01-02 24:01Z", "2026-01-02T00:00:00.000000Z",
		  STAMP_DAY },
		{ "2026-01-02 25:00Z", "2026-01-02 25:00Z", "2026-01-02T00:00:00.000000Z",
		  STAMP_DAY },
		{ "2026-01-02 23:60Z", "2026-01-02 23:60Z", "2026-01-02T00:00:00.000000Z",
		  STAMP_DAY },
		{ "2026-01-02 23:59:60Z", "2026-01-02 23:59:60Z", "2026-01-03T00:00:00.000000Z",
		  STAMP_SECOND },
		{ "2026-01-02 23:59:61Z", "2026-01-02 23:59:61Z", "2026-01-02T00:00:00.000000Z",
		  STAMP_DAY },
		{ "2026-01-02T10:00:05.25Z", "2026-01-02T10:00:05.25Z",
		  "2026-01-02T10:00:05.250000Z", STAMP_SECOND },
		{ "2026-01-02T10:00:05,5Z", "2026-01-02T10:00:05,5Z", "2026-01-02T10:00:05.500000Z",
		  STAMP_SECOND },
		{ "2026-01-02T10:00:05. Go", "2026-01-02T10:00:05", "2026-01-02T10:00:05.000000Z",
		  STAMP_SECOND },
		{ "2026-01-02 10:00:5", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00+02:3", "2026-01-02 10:00+02", "2026-01-02T08:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00+02x", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00 America/New_York", "2026-01-02 10:00 America/New_York",
		  "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "2026-01-02 10:00 Internationalizationandlocalizationofeverything/of go",
		  "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z", STAMP_MINUTE },
		{ "2026-01-02 10:00 US/EASTERN", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00 READ/Me", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 0:30 PM", "2026-01-02 0:30 PM", "2026-01-02T00:00:00.000000Z",
		  STAMP_DAY },
		{ "2026-01-02 5:30 px", "2026-01-02 5:30", "2026-01-02T05:30:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 10:00:055", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02,10:00", "2026-01-02", "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "2026-01-02 10:00/ go", "2026-01-02 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 24:00:01Z", "2026-01-02 24:00:01Z", "2026-01-02T00:00:00.000000Z",
		  STAMP_DAY },
		{ "a-2026-01-02", NULL, NULL, STAMP_DAY },
		{ "a/2026-01-02", NULL, NULL, STAMP_DAY },
		{ "a\\2026-01-02", NULL, NULL, STAMP_DAY },
		{ "a@2026-01-02", NULL, NULL, STAMP_DAY },
		{ "20260102 1000Z", NULL, NULL, STAMP_DAY },
		{ "20260102T10Z", NULL, NULL, STAMP_DAY },
		{ "20260102T10000Z", NULL, NULL, STAMP_DAY },
		{ "2026-01-02 at 10:00", "2026-01-02 at 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02, 10:00", "2026-01-02, 10:00", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02_10:00Z", "2026-01-02_10:00Z", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02t10:00z", "2026-01-02t10:00z", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 1430Z", "2026-01-02 1430Z", "2026-01-02T14:30:00.000000Z",
		  STAMP_MINUTE },
		{ "2026-01-02 1430", "2026-01-02", "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "2026-01-02 10:000", "2026-01-02", "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "2026-01-02 10h", "2026-01-02", "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "2026-01-02 x", "2026-01-02", "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "2026-01-02 10:00/11:00", "2026-01-02", "2026-01-02T00:00:00.000000Z",
		  STAMP_DAY },
		{ "2026-01-02 10:00x", "2026-01-02", "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "20260102T1000Z", "20260102T1000Z", "2026-01-02T10:00:00.000000Z", STAMP_MINUTE },
		{ "20260102T100005Z", "20260102T100005Z", "2026-01-02T10:00:05.000000Z",
		  STAMP_SECOND },
		{ "20260102T1000", NULL, NULL, STAMP_DAY },
		{ "20260102T1000Zx", NULL, NULL, STAMP_DAY },
		{ "2026-1-02", NULL, NULL, STAMP_DAY },
		{ "2026-01/02", NULL, NULL, STAMP_DAY },
		{ "2026-01-2", NULL, NULL, STAMP_DAY },
		{ "x2026-01-02", NULL, NULL, STAMP_DAY },
		{ "see v.2026-01-02", NULL, NULL, STAMP_DAY },
		{ "issue #2026-01-02", NULL, NULL, STAMP_DAY },
		{ "2026-01-02.md", NULL, NULL, STAMP_DAY },
		{ "2026-01-02x", NULL, NULL, STAMP_DAY },
		{ "2026-01-02@home", NULL, NULL, STAMP_DAY },
		{ "2026-01-02- go", "2026-01-02", "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "2026-01-02\u00e9", "2026-01-02", "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "\u00e92026-01-02", "2026-01-02", "2026-01-02T00:00:00.000000Z", STAMP_DAY },
		{ "seen on 2026-01-02 10:00Z", "2026-01-02 10:00Z", "2026-01-02T10:00:00.000000Z",
		  STAMP_MINUTE },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_plan struct plan_file *file = NULL;
		char text[200], at[INSTANT_MAX];

		(void)snprintf(text, sizeof(text), "# P\n## Progress\n- [x] %s\n", rows[i].text);
		assert_int_equal(plan_parse(text, strlen(text), &file), 0);
		const struct stamp *stamp = &file->plans[0].items[0].stamp;
		if (strcmp(stamp->raw ? stamp->raw : "-", rows[i].raw ? rows[i].raw : "-") != 0)
			fail_msg("%s: read as %s", rows[i].text, stamp->raw ? stamp->raw : "none");
		if (!stamp->raw)
			continue;
		if (strcmp(instant_format_utc(stamp->at, at), rows[i].at) != 0 ||
		    stamp->precision != rows[i].precision)
			fail_msg("%s: read as %s, to the %s", rows[i].text, at,
				 stamp_precision_name(stamp->precision));
	}
}

static void test_tolerances(void **unused)
{
	static const struct {
		const char *text;
		enum tolerance_applies applies;
		int64_t seconds;
		enum tolerance_basis basis;
	} rows[] = {
		{ "Time: if a milestone takes more than 4 hours, stop.", APPLIES_MILESTONE, 14400,
		  BASIS_WALL },
		{ "**Time.** If any stage runs longer than an hour and a half, stop.",
		  APPLIES_MILESTONE, 5400, BASIS_WALL },
		{ "Time: 90 min per stage.", APPLIES_MILESTONE, 5400, BASIS_WALL },
		{ "Time: stop after half an hour on a milestone.", APPLIES_MILESTONE, 1800,
		  BASIS_WALL },
		{ "Time: two to four hours per milestone.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "Time: if a stage takes more than one focused day, stop.", APPLIES_MILESTONE,
		  28800, BASIS_EFFORT },
		{ "Time: if the whole plan takes more than 3 days, stop.", APPLIES_PLAN, 259200,
		  BASIS_WALL },
		{ "Time: if a milestone takes more than <T> hours, stop.", APPLIES_OTHER, -1,
		  BASIS_WALL },
		{ "Time: milestone 1: 2h, milestone 2: 4h", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "Time: a stage may take 1,5 hours.", APPLIES_MILESTONE, 5400, BASIS_WALL },
		{ "Time: quarter of an hour per step.", APPLIES_MILESTONE, 900, BASIS_WALL },
		{ "Time: three quarters of an hour per step.", APPLIES_MILESTONE, 2700,
		  BASIS_WALL },
		{ "Time: 4 hours of agent time per milestone.", APPLIES_MILESTONE, 14400,
		  BASIS_EFFORT },
		{ "[ ] Time: 4 hours per milestone.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "Time: no limit.", APPLIES_NONE, -1, BASIS_WALL },
		{ "Time: N/A.", APPLIES_NONE, -1, BASIS_WALL },
		{ "Time: N hours per stage.", APPLIES_OTHER, -1, BASIS_WALL },
		{ "Time: not timeboxed.", APPLIES_NONE, -1, BASIS_WALL },
		{ "Time: not time-boxed.", APPLIES_NONE, -1, BASIS_WALL },
		{ "Time: not applicable.", APPLIES_NONE, -1, BASIS_WALL },
		{ "Time: not limited.", APPLIES_NONE, -1, BASIS_WALL },
		{ "Time: not time critical.", APPLIES_OTHER, -1, BASIS_WALL },
		{ "Time: work without a deadline.", APPLIES_NONE, -1, BASIS_WALL },
		{ "Time: without any limit.", APPLIES_NONE, -1, BASIS_WALL },
		{ "Time: if a stage takes 4 hours, with no time to spare, stop.", APPLIES_MILESTONE,
		  14400, BASIS_WALL },
		{ "Time: do not spend more than 4 hours on the change.", APPLIES_PLAN, 14400,
		  BASIS_WALL },
		{ "Time: cannot finish a stage in 4 hours.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "Time: if it cannot be completed in 4 hours, stop.", APPLIES_PLAN, 14400,
		  BASIS_WALL },
		{ "Time: if it cannot pass in 4 hours, stop.", APPLIES_ACTIVITY, 14400,
		  BASIS_WALL },
		{ "Time: if a stage (say, of 2 hours) takes more than 6 hours, stop.",
		  APPLIES_MILESTONE, 21600, BASIS_WALL },
		{ "Time: a stage without a commit for 2 hours.", APPLIES_OTHER, -1, BASIS_WALL },
		{ "Time: 2 hours without a commit.", APPLIES_MILESTONE, 7200, BASIS_WALL },
		{ "Time: milestone 1: 4h, milestone 2: 2h", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "Time: if active work on a milestone exceeds 4 hours, stop.", APPLIES_MILESTONE,
		  14400, BASIS_EFFORT },
		{ "Time: if hands-on work on a milestone exceeds 4 hours, stop.", APPLIES_MILESTONE,
		  14400, BASIS_EFFORT },
		{ "Effort: 6 hours per milestone.", APPLIES_MILESTONE, 21600, BASIS_EFFORT },
		{ "Milestone duration: 4 hours; a stage may take 2 hours.", APPLIES_MILESTONE, 7200,
		  BASIS_WALL },
		{ "A stage that is at work for so long as this: 4 hours.", APPLIES_MILESTONE, 14400,
		  BASIS_WALL },
		{ "**", APPLIES_OTHER, -1, BASIS_WALL },
		{ "Milestone duration: 4 hours.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "Wall clock: 4 hours per stage.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "Wall-clock: 4 hours per stage.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "Wall of text: 4 hours per stage.", APPLIES_ACTIVITY, 14400, BASIS_WALL },
		{ "**Time** - 4 hours per stage.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "**Time** \u2013 4 hours per stage.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "**Time** \u2014 4 hours per stage.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "**Time**: 4 hours per stage.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "__Time:__ 4 hours per stage.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "_Time:_ 4 hours per stage.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "`Time`: 4 hours per stage.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "**Stop** if a stage takes more than 4 hours.", APPLIES_MILESTONE, 14400,
		  BASIS_WALL },
		{ "Time: if a stage takes\n  - more than 4 hours, stop.", APPLIES_MILESTONE, 14400,
		  BASIS_WALL },
		{ "**: 4 hours per stage.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "When a stage takes 4 hours: stop.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "If late: a stage takes 4 hours.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "Stop when: a stage takes 4 hours.", APPLIES_MILESTONE, 14400, BASIS_WALL },
		{ "If the plan takes more than 3 days, stop.", APPLIES_PLAN, 259200, BASIS_WALL },
		{ "Performance: stop if it takes longer than 10 minutes.", APPLIES_ACTIVITY, 600,
		  BASIS_WALL },
		{ "Regressions: if a milestone takes longer than 3 days, stop.", APPLIES_ACTIVITY,
		  259200, BASIS_WALL },
		{ "Regressions: if the plan takes longer than 3 days, stop.", APPLIES_ACTIVITY,
		  259200, BASIS_WALL },
		{ "Runtime: if the test suite takes more than 10 minutes, stop.", APPLIES_ACTIVITY,
		  600, BASIS_WALL },
		{ "Interface: if a public signature must change, stop.", APPLIES_OTHER, -1,
		  BASIS_WALL },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_plan struct plan_file *file = NULL;
		char text[300];

		(void)snprintf(text, sizeof(text),
			       "# P\n## Tolerances (Exception Triggers)\n\n- %s\n", rows[i].text);
		assert_int_equal(plan_parse(text, strlen(text), &file), 0);
		assert_int_equal(file->plans[0].tolerance_count, 1);
		const struct tolerance *t = &file->plans[0].tolerances[0];
		assert_int_equal(t->line, 4);
		if (t->applies_to != rows[i].applies || t->seconds != rows[i].seconds ||
		    t->basis != rows[i].basis)
			fail_msg("%s: %s, %jd s", rows[i].text,
				 tolerance_applies_name(t->applies_to), (intmax_t)t->seconds);
	}
}

/* How long a stage may take, as people say it. */
static void test_durations(void **unused)
{
	static const struct {
		const char *text;
		int64_t seconds;
		enum tolerance_basis basis;
	} rows[] = {
		{ "1h30m", 5400, BASIS_WALL },
		{ "1h30", 5400, BASIS_WALL },
		{ "1h 30", 3600, BASIS_WALL },
		{ "2 hours and 30 minutes", 9000, BASIS_WALL },
		{ "2 hours 30 minutes", 9000, BASIS_WALL },
		{ "30 minutes 2 hours", 1800, BASIS_WALL },
		{ "one and a half hours", 5400, BASIS_WALL },
		{ "an hour and a half", 5400, BASIS_WALL },
		{ "1\u00bd hours", 5400, BASIS_WALL },
		{ "\u00bc hour", 900, BASIS_WALL },
		{ "\u00be hour", 2700, BASIS_WALL },
		{ "half a day", 43200, BASIS_WALL },
		{ "half a working day", 14400, BASIS_EFFORT },
		{ "half of an hour", 1800, BASIS_WALL },
		{ "half-hour", 1800, BASIS_WALL },
		{ "half a dozen hours", 21600, BASIS_WALL },
		{ "a dozen hours", 43200, BASIS_WALL },
		{ "two dozen minutes", 1440, BASIS_WALL },
		{ "a couple of hours", 7200, BASIS_WALL },
		{ "a quarter of an hour", 900, BASIS_WALL },
		{ "three-quarters of an hour", 2700, BASIS_WALL },
		{ "twenty-five minutes", 1500, BASIS_WALL },
		{ "twenty-forty minutes", 2400, BASIS_WALL },
		{ "twenty forty minutes", 2400, BASIS_WALL },
		{ "ninety minutes", 5400, BASIS_WALL },
		{ "one hundred and twenty minutes", 7200, BASIS_WALL },
		{ "one hundred twenty-five minutes", 7500, BASIS_WALL },
		{ "two thousand seconds", 2000, BASIS_WALL },
		{ "1,200 seconds", 1200, BASIS_WALL },
		{ "1.5 hours", 5400, BASIS_WALL },
		{ "1,25 hours", 4500, BASIS_WALL },
		{ "2k seconds", 2000, BASIS_WALL },
		{ "3-5 hours", 18000, BASIS_WALL },
		{ "3 to 5 hours", 18000, BASIS_WALL },
		{ "between 3 and 5 hours", 18000, BASIS_WALL },
		{ "2 or 3 hours", 10800, BASIS_WALL },
		{ "2 full days", 172800, BASIS_WALL },
		{ "2 working days", 57600, BASIS_EFFORT },
		{ "2 calendar days", 172800, BASIS_WALL },
		{ "2 days of work", 57600, BASIS_EFFORT },
		{ "4 wall-clock hours", 14400, BASIS_WALL },
		{ "4 hands-on hours", 14400, BASIS_EFFORT },
		{ "one week", 604800, BASIS_WALL },
		{ "one week of engineering", 144000, BASIS_EFFORT },
		{ "two sessions", 28800, BASIS_EFFORT },
		{ "one workday", 28800, BASIS_EFFORT },
		{ "one morning", 14400, BASIS_EFFORT },
		{ "2 days' work", 57600, BASIS_EFFORT },
		{ "2 d", 172800, BASIS_WALL },
		{ "5 M", -1, BASIS_WALL },
		{ "4\u00a0hours\u00a0or so", 14400, BASIS_WALL },
		{ "4\u202fhours", 14400, BASIS_WALL },
		{ "a quarter of a day", 21600, BASIS_WALL },
		{ "a quarter hour", 900, BASIS_WALL },
		{ "ten an hour", 3600, BASIS_WALL },
		{ "a few dozen hours", 43200, BASIS_WALL },
		{ "2 and a bit hours", -1, BASIS_WALL },
		{ "an hour and a bit", 3600, BASIS_WALL },
		{ "between 3-5 hours", 18000, BASIS_WALL },
		{ "2 days of work on the parser", 57600, BASIS_EFFORT },
		{ "2 days in total", 172800, BASIS_WALL },
		{ "one week a session", 604800, BASIS_WALL },
		{ "1h90", 3600, BASIS_WALL },
		{ "5m30", 300, BASIS_WALL },
		{ "0 hours", -1, BASIS_WALL },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_plan struct plan_file *file = NULL;
		char text[300];

		(void)snprintf(text, sizeof(text), "# P\n## Tolerances\n\n- Time: %s per stage.\n",
			       rows[i].text);
		assert_int_equal(plan_parse(text, strlen(text), &file), 0);
		const struct tolerance *t = &file->plans[0].tolerances[0];
		enum tolerance_applies applies =
		    rows[i].seconds >= 0 ? APPLIES_MILESTONE : APPLIES_OTHER;
		if (t->applies_to != applies || t->seconds != rows[i].seconds ||
		    t->basis != rows[i].basis)
			fail_msg("%s: %s, %jd s", rows[i].text,
				 tolerance_applies_name(t->applies_to), (intmax_t)t->seconds);
	}
}

/* What is counted: files and lines, attempts. */
static void test_counts(void **unused)
{
	static const struct {
		const char *text;
		enum tolerance_kind kind;
		int64_t files, lines, attempts;
	} rows[] = {
		{ "Scope: more than 12 files or 1,200 lines.", TOLERANCE_SCOPE, 12, 1200, -1 },
		{ "Scope: ten files and five hundred lines.", TOLERANCE_SCOPE, 10, 500, -1 },
		{ "Scope: 1.2k net lines.", TOLERANCE_SCOPE, -1, 1200, -1 },
		{ "Scope: <N> files.", TOLERANCE_SCOPE, -1, -1, -1 },
		{ "Scope: files: 12; lines: 300.", TOLERANCE_SCOPE, 12, 300, -1 },
		{ "Scope: all the files. 12 tests.", TOLERANCE_SCOPE, -1, -1, -1 },
		{ "Scope: all the files, 12 tests.", TOLERANCE_SCOPE, -1, -1, -1 },
		{ "Scope: 300 changed lines across files.", TOLERANCE_SCOPE, -1, 300, -1 },
		{ "Scope: 5 source/test files.", TOLERANCE_SCOPE, 5, -1, -1 },
		{ "Scope: at most 5 (new files included).", TOLERANCE_SCOPE, 5, -1, -1 },
		{ "Scope: 5 modules and 12 files.", TOLERANCE_SCOPE, 12, -1, -1 },
		{ "Scope: 5 modules if files move.", TOLERANCE_SCOPE, -1, -1, -1 },
		{ "Scope: more than dozen files.", TOLERANCE_SCOPE, 12, -1, -1 },
		{ "Scope: a single file.", TOLERANCE_SCOPE, -1, -1, -1 },
		{ "Scope: an hour.", TOLERANCE_SCOPE, -1, -1, -1 },
		{ "Scope: 99999999999999999999 lines.", TOLERANCE_SCOPE, -1, 1000000000, -1 },
		{ "Stop at more than 12 files.", TOLERANCE_SCOPE, 12, -1, -1 },
		{ "Stop at more than 300 lines.", TOLERANCE_SCOPE, -1, 300, -1 },
		{ "Iterations: three fix attempts.", TOLERANCE_ITERATIONS, -1, -1, 3 },
		{ "Iterations: if a test fails on a third try.", TOLERANCE_ITERATIONS, -1, -1, 3 },
		{ "Iterations: if a test fails twice.", TOLERANCE_ITERATIONS, -1, -1, 2 },
		{ "Iterations: if a test fails thrice.", TOLERANCE_ITERATIONS, -1, -1, 3 },
		{ "Iterations: ask for a second opinion.", TOLERANCE_ITERATIONS, -1, -1, -1 },
		{ "Iterations: stop after 3.", TOLERANCE_ITERATIONS, -1, -1, 3 },
		{ "Iterations: no more than 5", TOLERANCE_ITERATIONS, -1, -1, 5 },
		{ "Iterations: must not exceed 4.", TOLERANCE_ITERATIONS, -1, -1, 4 },
		{ "Iterations: the count exceeds 4.", TOLERANCE_ITERATIONS, -1, -1, 4 },
		{ "Iterations: stop after 3 hours.", TOLERANCE_ITERATIONS, -1, -1, -1 },
		{ "Iterations: 3.", TOLERANCE_ITERATIONS, -1, -1, -1 },
		{ "Stop after three failed attempts.", TOLERANCE_ITERATIONS, -1, -1, 3 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_plan struct plan_file *file = NULL;
		char text[300];

		(void)snprintf(text, sizeof(text), "# P\n## Tolerances\n\n- %s\n", rows[i].text);
		assert_int_equal(plan_parse(text, strlen(text), &file), 0);
		const struct tolerance *t = &file->plans[0].tolerances[0];
		if (t->kind != rows[i].kind || t->files != rows[i].files ||
		    t->lines != rows[i].lines || t->attempts != rows[i].attempts)
			fail_msg("%s: %s, %jd files, %jd lines, %jd attempts", rows[i].text,
				 tolerance_kind_name(t->kind), (intmax_t)t->files,
				 (intmax_t)t->lines, (intmax_t)t->attempts);
	}
}

static void test_limits_of_size(void **unused)
{
	cleanup_free char *large = malloc(PLAN_SIZE_MAX + 1);
	cleanup_plan struct plan_file *file = NULL;

	(void)unused;
	memset(large, '>', PLAN_SIZE_MAX + 1);
	assert_int_equal(plan_parse(large, PLAN_SIZE_MAX + 1, &file), -EFBIG);
	assert_int_equal(plan_parse(large, PLAN_SIZE_MAX, &file), 0);
}

/* Tables grow while sections are open. */
static const struct section *find_section(const struct plan *plan, enum section_kind kind)
{
	for (size_t i = 0; i < plan->section_count; i++)
		if (plan->sections[i].kind == kind)
			return &plan->sections[i];
	abort();
}

static void test_section_entries(void **unused)
{
	static const struct {
		const char *name, *text;
		uint32_t entries;
	} rows[] = {
		{ "list items, outermost ones alone",
		  "- Decision: a\n  Rationale: b\n  - nested\n- Decision: c\n", 2 },
		{ "numbered", "1. a\n2. b\n", 2 },
		{ "the skeleton's four blanks",
		  "Say why.\n\n    - Decision: a\n      Rationale: b\n      - nested\n    - Decision: c\n",
		  2 },
		{ "paragraphs", "One thing\nwas found.\n\nAnother one.\n", 2 },
		{ "paragraphs beside a list", "As follows:\n\n- a\n", 1 },
		{ "table", "| Date | What |\n|------|:----:|\n| d | a |\n| e | b |\n", 2 },
		{ "lines that begin a table, but no rule below", "| a |\n| : |\n\n- - -\n", 1 },
		{ "a table without rows", "| Date | What |\n|---|---|\n", 0 },
		{ "subsections", "### 2026-01-02\n\nWe chose a.\n\n### Later\n\n- b\n- c\n", 3 },
		{ "parts of its own kind",
		  "### Decision log of May\n\n- a\n\n### Decision log of June\n\n- b\n", 2 },
		{ "fences are no entries", "- a\n\n```\n- b\n```\n", 1 },
		{ "empty", "", 0 },
		{ "placeholders",
		  "None yet.\n\n(To be completed at the end)\n\n_No decisions recorded yet._\n\n<what was decided>\n",
		  0 },
		{ "placeholders in fields",
		  "- Decision: none yet.\n- Decision: (pending)\n- Observation: _None yet_\n- n/a\n",
		  0 },
		{ "placeholders behind boxes", "- [ ] None yet\n- [x] TBD\n- [x] a\n", 1 },
		{ "what only begins like a placeholder",
		  "- None of the callers need it.\n- Pending requests are dropped.\n- No other parser was tried.\n- To be safe, copy it.\n- Empty files are plans, too.\n",
		  5 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_plan struct plan_file *file = NULL;
		cleanup_free char *text = NULL;

		assert_true(asprintf(&text,
				     "# P\n\n## Decision Log\n\n%s\n## Progress\n\n- [ ] a\n",
				     rows[i].text) > 0);
		assert_int_equal(plan_parse(text, strlen(text), &file), 0);
		const struct section *log = find_section(file->plans, SECTION_DECISION_LOG);
		if (log->entries != rows[i].entries)
			fail_msg("%s: %u entries", rows[i].name, log->entries);
	}
}

/* Two texts of a section, and whether they say the same. */
static void test_section_digests(void **unused)
{
	static const struct {
		const char *name, *then, *now;
		bool same;
	} rows[] = {
		{ "broken elsewhere", "- one two\n  three\n", "- one\n  two three\n", true },
		{ "line endings and blank lines", "a\nb\n", "a\r\n\r\nb  \r\n", true },
		{ "a word", "a b\n", "a c\n", false },
		{ "order", "- a\n- b\n", "- b\n- a\n", false },
		{ "a subsection's text", "### S\n\na\n", "### S\n\nb\n", false },
		{ "a subsection's title", "### S\n\na\n", "### T\n\na\n", false },
		{ "a named subsection is another section", "x\n### Risks\n\na\n",
		  "x\n### Risks\n\nb\n", true },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t digests[2];
		for (int k = 0; k < 2; k++) {
			cleanup_plan struct plan_file *file = NULL;
			cleanup_free char *text = NULL;

			assert_true(
			    asprintf(&text,
				     "# P\n\n## Constraints\n\n%s\n## Progress\n\n- [%c] a\n",
				     k ? rows[i].now : rows[i].then, k ? 'x' : ' ') > 0);
			assert_int_equal(plan_parse(text, strlen(text), &file), 0);
			digests[k] = find_section(file->plans, SECTION_CONSTRAINTS)->digest;
			assert_true(digests[k] != 0);
		}
		if ((digests[0] == digests[1]) != rows[i].same)
			fail_msg("%s", rows[i].name);
	}
}

/* What a heading of level 2 is the heading of. */
static void test_section_kinds(void **unused)
{
	static const struct {
		const char *title;
		enum section_kind kind;
	} rows[] = {
		{ "Purpose / Big Picture", SECTION_PURPOSE },
		{ "Surprises & Discoveries", SECTION_SURPRISES },
		{ "Constraints & Tolerances", SECTION_TOLERANCES },
		{ "_Decision_  `Log`", SECTION_DECISION_LOG },
		{ "Decision * Log", SECTION_DECISION_LOG },
		{ "decision_log", SECTION_UNKNOWN },
		{ "[ Risks ]", SECTION_RISKS },
		{ "~ Risks", SECTION_RISKS },
		{ "\u2705 Risks", SECTION_RISKS },
		{ "4.Risks", SECTION_RISKS },
		{ "2.1) Risks", SECTION_RISKS },
		{ "iv: Risks", SECTION_RISKS },
		{ "B - Risks", SECTION_RISKS },
		{ "B) Risks", SECTION_RISKS },
		{ "B \u2013 Risks", SECTION_RISKS },
		{ "B \u2014 Risks", SECTION_RISKS },
		{ "Part B \u2014 Risks", SECTION_RISKS },
		{ "Part 4:", SECTION_UNKNOWN },
		{ "Part of the risks", SECTION_UNKNOWN },
		{ "Risks\u2013open", SECTION_RISKS },
		{ "Risks - open", SECTION_RISKS },
		{ "Risk's end", SECTION_UNKNOWN },
		{ "Risk-free", SECTION_UNKNOWN },
		{ "Risks.md", SECTION_UNKNOWN },
		{ "Risks. Open ones", SECTION_RISKS },
		{ "Live Progress", SECTION_PROGRESS },
		{ "Live Progress bar", SECTION_UNKNOWN },
		{ "Live music", SECTION_UNKNOWN },
		{ "Progress (live)", SECTION_PROGRESS },
		{ "(Progress)", SECTION_UNKNOWN },
		{ "Current status:", SECTION_STATUS },
		{ "Status codes", SECTION_UNKNOWN },
		{ "4.", SECTION_UNKNOWN },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_plan struct plan_file *file = NULL;
		cleanup_free char *text = NULL;

		assert_true(asprintf(&text, "# P\n\n## %s\n", rows[i].title) > 0);
		assert_int_equal(plan_parse(text, strlen(text), &file), 0);
		assert_int_equal(file->plans->section_count, 2);
		if (file->plans->sections[1].kind != rows[i].kind)
			fail_msg("%s: %s, expected %s", rows[i].title,
				 section_kind_name(file->plans->sections[1].kind),
				 section_kind_name(rows[i].kind));
	}
}

/* Files without a Progress, and whether they say that they are plans. */
static void test_names_itself(void **unused)
{
	static const struct {
		const char *text;
		bool is_plan;
	} rows[] = {
		{ "# ExecPlan: a\n", true },
		{ "# ExecPlan a\n", true },
		{ "# ExecPlans\n", false },
		{ "# P\n\nThis ExecPlan is kept up to date.\n", true },
		{ "# P\n\nThis execplan\n", true },
		{ "# P\n\nAn ExecPlan is a document.\n", true },
		{ "# P\n\nThat ExecPlan is old.\n", false },
		{ "# P\n\nExecPlan is\n", false },
		{ "# P\n\nThe ExecPlan\n", false },
		{ "# P\n\n## S\n\nThis ExecPlan is below a heading.\n", false },
		{ "# P\n\n    This ExecPlan is code.\n", false },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_plan struct plan_file *file = NULL;

		assert_int_equal(plan_parse(rows[i].text, strlen(rows[i].text), &file), 0);
		if (file->plans->is_plan != rows[i].is_plan)
			fail_msg("%s: is %sa plan", rows[i].text, rows[i].is_plan ? "not " : "");
	}
}

static void test_many_sections(void **unused)
{
	cleanup_plan struct plan_file *file = NULL;
	cleanup_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)unused;
	for (int i = 0; i < 200; i++)
		(void)fprintf(out, "# A\n## B\n### C\n\n");
	(void)fclose(out);
	assert_int_equal(plan_parse(text, size, &file), 0);
	assert_int_equal(file->plans[0].section_count, 600);
	for (uint32_t i = 0; i < 600; i++)
		assert_int_equal(file->plans[0].sections[i].end_line, i / 3 * 4 + 4);
}

static void test_many_items(void **unused)
{
	cleanup_plan struct plan_file *file = NULL;
	cleanup_free char *text = NULL;
	char expected[40];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)unused;
	(void)fputs("# P\n## Tolerances\n", out);
	for (int i = 0; i < 200; i++)
		(void)fprintf(out, "- Time: if milestone %d takes\n  more than %d hours, stop.\n",
			      i, i + 1);
	(void)fputs("## Progress\n", out);
	for (int i = 0; i < 200; i++)
		(void)fprintf(out, "- [ ] item\n  number %d\n", i);
	(void)fclose(out);
	assert_int_equal(plan_parse(text, size, &file), 0);
	assert_int_equal(file->plans[0].item_count, 200);
	assert_int_equal(file->plans[0].tolerance_count, 200);
	for (int i = 0; i < 200; i++) {
		(void)snprintf(expected, sizeof(expected), "item number %d", i);
		assert_string_equal(file->plans[0].items[i].text, expected);
		assert_int_equal(file->plans[0].tolerances[i].seconds, (i + 1) * 3600);
	}
}

static void test_parts(void **unused)
{
	static const char text[] =
	    "# One\n## Progress\n- [x] a\n# Notes\n# Two\n## Progress\n- [ ] b\n";
	cleanup_plan struct plan_file *file = NULL;

	(void)unused;
	assert_int_equal(plan_parse(text, strlen(text), &file), 0);
	assert_int_equal(file->plan_count, 2);
	assert_string_equal(file->plans[1].title, "Two");
	assert_int_equal(file->plans[1].part, 2);
	assert_int_equal(file->plans[1].items[0].line, 7);
}

#define LONG_NAME                                                           \
	"a-name-of-more-than-255-bytes-as-some-file-systems-have-them-----" \
	"-----------------------------------------------------------------" \
	"-----------------------------------------------------------------" \
	"-----------------------------------------------------------------"

static void test_places(void **unused)
{
	static const struct {
		const char *path;
		bool candidate;
	} rows[] = {
		{ "docs/execplans/a.md", true },
		{ ".agents/exec-plans/active/a.md", true },
		{ "plans/2026-01-02-a.md", true },
		{ "my-ExecPlan-1.md", true },
		{ "PLANS.md", true },
		{ "docs/notes.md", false },
		{ "docs/execplans/README.md", false },
		{ "execplans/TEMPLATE.md", false },
		{ "execplans/a.txt", false },
		{ "skills/execplans/SKILL.md", false },
		{ "AGENTS.md", false },
		{ "examples/execplans/a.md", false },
		{ "execplans/.md", false },
		{ "README", false },
		{ LONG_NAME "/a.md", false },
		{ "execplans/" LONG_NAME ".md", true },
	};
	static const struct discover_rules built_in = { 0 };

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (discover_is_candidate(&built_in, "/home/me/src", rows[i].path) !=
		    rows[i].candidate)
			fail_msg("%s: %s expected", rows[i].path,
				 rows[i].candidate ? "a candidate was" : "no candidate was");
	assert_true(discover_is_candidate(&built_in, "/home/me/execplans", "a.md"));
	assert_true(discover_is_pruned(&built_in, "node_modules"));
	assert_false(discover_is_pruned(&built_in, "docs"));
	assert_true(discover_is_candidate(NULL, NULL, "docs/execplans/a.md"));
	assert_true(discover_is_pruned(NULL, "node_modules"));
}

static void test_configured_places(void **unused)
{
	static const char *const places[] = { "docs/work/", "*.plan.md", "", NULL };
	static const char *const prune[] = { "old*", NULL };
	static const struct discover_rules rules = { .places = places, .prune = prune };
	static const struct {
		const char *root, *path;
		bool candidate;
	} rows[] = {
		{ "/src", "docs/work/a.md", true },
		{ "/src", "x/docs/work/y/a.md", true },
		{ "/src", "docs/a.md", false },
		{ "/src", "docs/other/work/a.md", false },
		{ "/src", "docs/work.md", false },
		{ "/src", "A.PLAN.md", true },
		{ "/src", "execplans/a.md", false },
		{ "/src/docs/work", "a.md", true },
		{ NULL, "a.md", false },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (discover_is_candidate(&rules, rows[i].root, rows[i].path) != rows[i].candidate)
			fail_msg("%s: %d", rows[i].path, !rows[i].candidate);
	assert_true(discover_is_pruned(&rules, "older"));
	assert_false(discover_is_pruned(&rules, "node_modules"));
}

static void test_below(void **unused)
{
	static const struct {
		const char *path, *folder;
		bool below;
	} rows[] = {
		{ "/a/b", "/a", true },	 { "/a/b", "/a/", true }, { "/a/b", "/a//", true },
		{ "/a", "/a/", true },	 { "/a", "/a", true },	  { "/ab", "/a", false },
		{ "/ab", "/a/", false }, { "/a", "/", true },	  { "/b", "/a", false },
		{ "/a", "/a/b", false },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (path_is_below(rows[i].path, rows[i].folder) != rows[i].below)
			fail_msg("%s, %s: %d", rows[i].path, rows[i].folder, !rows[i].below);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items),		cmocka_unit_test(test_status),
		cmocka_unit_test(test_heads),		cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_tolerances),	cmocka_unit_test(test_durations),
		cmocka_unit_test(test_limits_of_size),	cmocka_unit_test(test_parts),
		cmocka_unit_test(test_many_sections),	cmocka_unit_test(test_many_items),
		cmocka_unit_test(test_places),		cmocka_unit_test(test_configured_places),
		cmocka_unit_test(test_below),		cmocka_unit_test(test_section_entries),
		cmocka_unit_test(test_section_digests), cmocka_unit_test(test_counts),
		cmocka_unit_test(test_section_kinds),	cmocka_unit_test(test_names_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
