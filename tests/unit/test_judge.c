/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "planwatch/judge.h"

#include <string.h>

#define NOW (1000 * USEC_PER_HOUR)
#define AGO(minutes) (NOW - (minutes)*USEC_PER_MIN)
#define NEVER INSTANT_NONE

/* Minutes ago for each time; -1: never. */
struct row {
	const char *name;
	enum plan_status status;
	uint32_t done, open, other, total;
	int stage, tick, edit, commit;
	int limit_minutes; /* the plan's own; 0: none */
	enum tolerance_applies applies;
	enum verdict_kind verdict;
	const char *reason; /* a part of it */
};

static const struct row rows[] = {
	{ "draft untouched waits", STATUS_DRAFT, 0, 3, 0, 3, -1, -1, 30, -1, 0, 0,
	  VERDICT_NEEDS_YOU, "draft waits for approval for 30 m" },
	{ "draft with ticks is under way", STATUS_DRAFT, 1, 2, 0, 3, 30, 30, 30, -1, 0, 0,
	  VERDICT_MOVING, "" },
	{ "blocked waits", STATUS_BLOCKED, 1, 2, 0, 3, 30, 30, 30, -1, 0, 0, VERDICT_NEEDS_YOU,
	  "blocked for 30 m" },
	{ "review waits", STATUS_IN_REVIEW, 1, 2, 0, 3, 30, 30, 30, -1, 0, 0, VERDICT_NEEDS_YOU,
	  "waits for review" },
	{ "blocked is no stall", STATUS_BLOCKED, 1, 2, 0, 3, 900, 900, 900, -1, 60,
	  APPLIES_MILESTONE, VERDICT_NEEDS_YOU, "blocked" },
	{ "approved and untouched is idle", STATUS_APPROVED, 0, 3, 0, 3, -1, -1, 900, -1, 0, 0,
	  VERDICT_IDLE, "not started" },
	{ "no status and untouched is idle", STATUS_UNKNOWN, 0, 3, 0, 3, -1, -1, 900, -1, 0, 0,
	  VERDICT_IDLE, "not started" },
	{ "in progress without ticks runs", STATUS_IN_PROGRESS, 0, 3, 0, 3, 10, -1, 10, -1, 0, 0,
	  VERDICT_MOVING, "stage under way for 10 m" },
	{ "in progress without ticks stalls", STATUS_IN_PROGRESS, 0, 3, 0, 3, 121, -1, 121, -1, 0,
	  0, VERDICT_STALLED, "no tick, edit or commit for 2 h 01 m" },
	{ "exactly at the limit is not over it", STATUS_IN_PROGRESS, 1, 2, 0, 3, 60, 0, 0, -1, 60,
	  APPLIES_MILESTONE, VERDICT_NEARING, "1 h of 1 h" },
	{ "over its own limit", STATUS_IN_PROGRESS, 1, 2, 0, 3, 61, 0, 0, -1, 60, APPLIES_MILESTONE,
	  VERDICT_OVER, "stage has used 1 h 01 m, limit 1 h" },
	{ "nearing from 80 %", STATUS_IN_PROGRESS, 1, 2, 0, 3, 49, 0, 0, -1, 60, APPLIES_MILESTONE,
	  VERDICT_NEARING, "49 m of 1 h" },
	{ "below 80 % moves", STATUS_IN_PROGRESS, 1, 2, 0, 3, 47, 0, 0, -1, 60, APPLIES_MILESTONE,
	  VERDICT_MOVING, "" },
	{ "the default limit is no budget", STATUS_IN_PROGRESS, 1, 2, 0, 3, 500, 5, 5, -1, 0, 0,
	  VERDICT_MOVING, "" },
	{ "silent past the default", STATUS_IN_PROGRESS, 1, 2, 0, 3, 500, 121, 121, -1, 0, 0,
	  VERDICT_STALLED, "2 h 01 m" },
	{ "silent just below the default", STATUS_IN_PROGRESS, 1, 2, 0, 3, 500, 120, 120, -1, 0, 0,
	  VERDICT_MOVING, "" },
	{ "commits go on, the plan is silent", STATUS_IN_PROGRESS, 1, 2, 0, 3, 500, 300, 300, 5, 0,
	  0, VERDICT_DRIFTING, "the plan is silent for 5 h" },
	{ "edited but not ticked", STATUS_IN_PROGRESS, 1, 2, 0, 3, 500, 300, 5, -1, 0, 0,
	  VERDICT_CHURNING, "nothing ticked for 5 h" },
	{ "over before stalled", STATUS_IN_PROGRESS, 1, 2, 0, 3, 500, 500, 500, -1, 60,
	  APPLIES_MILESTONE, VERDICT_OVER, "limit 1 h" },
	{ "limit of the whole plan", STATUS_IN_PROGRESS, 1, 2, 0, 3, 5, 5, 5, -1, 60, APPLIES_PLAN,
	  VERDICT_OVER, "plan has used" },
	{ "all done without status", STATUS_UNKNOWN, 3, 0, 0, 3, -1, 5, 5, -1, 0, 0, VERDICT_DONE,
	  "every box is ticked" },
	{ "complete", STATUS_COMPLETE, 3, 0, 0, 3, -1, 5, 5, -1, 0, 0, VERDICT_DONE, "" },
	{ "complete with open boxes", STATUS_COMPLETE, 2, 1, 0, 3, -1, 5, 5, -1, 0, 0,
	  VERDICT_DONE_DOUBTFUL, "1 of 3 boxes are not ticked" },
	{ "all done, still in progress", STATUS_IN_PROGRESS, 3, 0, 0, 3, -1, 5, 5, -1, 0, 0,
	  VERDICT_DONE_DOUBTFUL, "the status is in_progress" },
	{ "dropped items do not count", STATUS_COMPLETE, 2, 0, 1, 2, -1, 5, 5, -1, 0, 0,
	  VERDICT_DONE, "" },
	{ "superseded", STATUS_SUPERSEDED, 1, 2, 0, 3, -1, 900, 900, -1, 0, 0, VERDICT_DONE,
	  "superseded" },
};

static usec_t ago(int minutes)
{
	return minutes < 0 ? NEVER : AGO(minutes);
}

static struct plan_state state_of(const struct row *row)
{
	return (struct plan_state){
		.status = row->status,
		.source = PROGRESS_SECTION,
		.counts = { row->done, row->open, row->other, row->total },
		.stage_since = ago(row->stage),
		.started_at = row->stage < 0  ? NEVER
			      : row->tick < 0 ? AGO(row->stage)
					      : AGO(600),
		.last_tick_at = ago(row->tick),
		.last_edit_at = ago(row->edit),
		.last_commit_at = ago(row->commit),
		.status_since = AGO(30),
		.limit_seconds = row->limit_minutes ? row->limit_minutes * 60 : -1,
		.limit_line = 9,
		.limit_applies = row->applies,
	};
}

static const struct judge_limits defaults = { .stall_after = JUDGE_STALL_AFTER };

static void test_table(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_state state = state_of(&rows[i]);
		struct verdict verdict;

		judge(&state, &defaults, NOW, &verdict);
		if (verdict.kind != rows[i].verdict || !strstr(verdict.reason, rows[i].reason))
			fail_msg("%s: %s (%s), expected %s (%s)", rows[i].name,
				 verdict_name(verdict.kind), verdict.reason,
				 verdict_name(rows[i].verdict), rows[i].reason);
	}
}

/* Time alone changes nothing before the moment that is told. */
static void test_next_is_never_late(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_state state = state_of(&rows[i]);
		struct verdict first, later;

		judge(&state, &defaults, NOW, &first);
		for (int minute = 0; minute < 3000; minute++) {
			usec_t then = NOW + minute * USEC_PER_MIN;
			if (first.next != INSTANT_NONE && then >= first.next)
				break;
			judge(&state, &defaults, then, &later);
			assert_int_equal(later.kind, first.kind);
		}
		if (first.next != INSTANT_NONE) {
			assert_true(first.next > NOW);
			judge(&state, &defaults, first.next - 1, &later);
			assert_int_equal(later.kind, first.kind);
		}
	}
}

static void test_no_boxes_is_unknown(void **unused)
{
	struct plan_state state = { .status = STATUS_IN_PROGRESS,
				    .source = PROGRESS_NONE,
				    .limit_seconds = -1 };
	struct verdict verdict;

	(void)unused;
	judge(&state, &defaults, NOW, &verdict);
	assert_int_equal(verdict.kind, VERDICT_UNKNOWN);
	assert_true(verdict.next == INSTANT_NONE);
	state.problem = true;
	judge(&state, &defaults, NOW, &verdict);
	assert_non_null(strstr(verdict.reason, "cannot be read"));
}

static void test_clock_set_back(void **unused)
{
	struct plan_state state = state_of(&rows[7]);
	struct verdict verdict;

	(void)unused;
	judge(&state, &defaults, NOW - 10 * USEC_PER_HOUR, &verdict);
	assert_int_equal(verdict.kind, VERDICT_MOVING);
	assert_int_equal(verdict.used_seconds, 0);
}

static void test_configured_limit(void **unused)
{
	struct judge_limits limits = { .stall_after = 30 * USEC_PER_MIN,
				       .stall_after_configured = true };
	struct plan_state state = state_of(&rows[13]);
	struct verdict verdict;

	(void)unused;
	judge(&state, &limits, NOW, &verdict);
	assert_int_equal(verdict.limit_source, LIMIT_CONFIG);
	assert_int_equal(verdict.limit_seconds, 1800);
	judge(&state, &limits, NOW + 26 * USEC_PER_MIN, &verdict);
	assert_int_equal(verdict.kind, VERDICT_STALLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_next_is_never_late),
		cmocka_unit_test(test_no_boxes_is_unknown),
		cmocka_unit_test(test_clock_set_back),
		cmocka_unit_test(test_configured_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
