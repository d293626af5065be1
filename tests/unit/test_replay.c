/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replays of a file with two plans: which of them is told, when, and when that ends. */
#include "unit.h"

#include "planwatch/cleanup.h"
#include "planwatch/replay.h"

#include <stdio.h>
#include <string.h>

#define BEGIN instant_from_civil(2026, 1, 5, 9, 0, 0, 0)

struct told {
	char moments[1000];
	int left; /* so many moments end the replay; 0: none do */
};

/* "90 1 over!" is 90 minutes from the beginning, the first plan, an episode. */
static int note(void *userdata, const struct replay_moment *moment)
{
	static const char *const kinds[] = {
		[REPLAY_VERDICT] = "", [REPLAY_EPISODE] = "!", [REPLAY_STEP] = "?"
	};
	struct told *told = userdata;
	size_t length = strlen(told->moments);

	(void)snprintf(told->moments + length, sizeof(told->moments) - length, "%s%d %u %s%s",
		       length ? ", " : "", (int)((moment->at - BEGIN) / USEC_PER_MIN),
		       moment->plan->part, verdict_name(moment->verdict->kind),
		       kinds[moment->kind]);
	return told->left && --told->left == 0 ? 7 : 0;
}

#define PLAN(name, limit, first, second)                                                     \
	"# " name                                                                            \
	"\n\nStatus: IN PROGRESS\n\n## Tolerances\n\n- Time: a stage takes more than " limit \
	"\n\n## Progress\n\n- [" first "] Stage A: one\n- [" second "] Stage B: two\n\n"

static const struct {
	int minutes;
	const char *text; /* NULL: the file is not there */
} looks[] = {
	{ 0, PLAN("A", "1 hour", " ", " ") PLAN("B", "2 hours", " ", " ") },
	{ 30, PLAN("A", "1 hour", "x", " ") PLAN("B", "2 hours", " ", " ") },
	{ 150, PLAN("A", "1 hour", "x", "x") PLAN("B", "2 hours", "x", " ") },
	{ 160, NULL },
	/* It says that it is older: it happens when the one before did. */
	{ 100, PLAN("A", "1 hour", "x", "x") PLAN("B", "2 hours", "x", "x") },
	{ 1000, PLAN("A", "1 hour", "x", "x") PLAN("B", "2 hours", "x", " ") },
};

static int replay_all(struct replay *replay, struct error *error)
{
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		struct look look = { .path = "/p/plan.md",
				     .at = BEGIN + looks[i].minutes * USEC_PER_MIN,
				     .not_before = INSTANT_NONE,
				     .modified = INSTANT_NONE,
				     .committed_at = INSTANT_NONE };
		const char *text = looks[i].text;
		int r = replay_look(replay, &look, text, text ? strlen(text) : 0, error);
		if (r != 0)
			return r;
	}
	return 0;
}

static void test_moments(void **unused)
{
	static const struct {
		uint32_t part;
		int step, until, left;
		const char *moments;
		int result;
		size_t plans;
		int open; /* minutes */
	} rows[] = {
		{ 0, 0, 500, 0,
		  "0 1 moving, 0 2 moving, 78 1 nearing!, 90 1 over!, 96 2 nearing!, 120 2 over!, 150 1 done?!, "
		  "150 2 moving!, 160 1 unknown, 160 2 unknown, 160 1 done?, 160 2 done?",
		  0, 2, 310 },
		{ 1, 0, 500, 0,
		  "0 1 moving, 78 1 nearing!, 90 1 over!, 150 1 done?!, 160 1 unknown, 160 1 done?",
		  0, 1, 150 },
		{ 2, 0, 500, 0,
		  "0 2 moving, 96 2 nearing!, 120 2 over!, 150 2 moving!, 160 2 unknown, 160 2 done?",
		  0, 1, 160 },
		/* In steps, and looks after the end are none. */
		{ 2, 60, 130, 0,
		  "0 2 moving, 0 2 moving?, 60 2 moving?, 96 2 nearing!, 100 2 done?!, 120 2 done??",
		  0, 1, 100 },
		{ 2, 0, 125, 0, "0 2 moving, 96 2 nearing!, 100 2 done?!", 0, 1, 100 },
		{ 2, 0, -1, 0, "", 0, 0, 0 },
		/* Ended by who is told: at a look, and between two. */
		{ 0, 0, 500, 1, "0 1 moving", 7, 0, 0 },
		{ 0, 0, 500, 4, "0 1 moving, 0 2 moving, 78 1 nearing!, 90 1 over!", 7, 0, 0 },
		{ 0, 0, 500, 7,
		  "0 1 moving, 0 2 moving, 78 1 nearing!, 90 1 over!, 96 2 nearing!, 120 2 over!, 150 1 done?!",
		  7, 0, 0 },
	};
	const struct config config = { .limits = LIMITS_DEFAULT };

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct told told = { .left = rows[i].left };
		struct replay_rules rules = { .config = &config,
					      .until = BEGIN + rows[i].until * USEC_PER_MIN,
					      .step = rows[i].step * USEC_PER_MIN,
					      .part = rows[i].part,
					      .each = note,
					      .userdata = &told };
		cleanup_replay struct replay *replay = NULL;
		struct replay_totals totals = { 0 };
		struct error error = { 0 };

		assert_int_equal(replay_new(&replay, &rules, &error), 0);
		int r = replay_all(replay, &error);
		if (r == 0)
			r = replay_finish(replay, &totals, &error);
		if (strcmp(told.moments, rows[i].moments) != 0)
			fail_msg("row %zu: %s", i, told.moments);
		assert_int_equal(r, rows[i].result);
		assert_int_equal(totals.plans, rows[i].plans);
		assert_int_equal(totals.open, rows[i].open * USEC_PER_MIN);
	}
}

/* What an import put on record is replayed with the branch that it had, or had not: a stage's clock goes on over both. */
static void test_recorded(void **unused)
{
	static const struct {
		const char *branch, *text;
	} commits[] = {
		{ "main", PLAN("A", "3 hours", " ", " ") },
		{ NULL, PLAN("A", "3 hours", " ", "x") },
		{ "main", PLAN("A", "3 hours", " ", " ") },
	};
	const struct config config = { .limits = LIMITS_DEFAULT };
	struct told told = { 0 };
	const struct replay_rules rules = { .config = &config,
					    .until = BEGIN + 500 * USEC_PER_MIN,
					    .each = note,
					    .userdata = &told };
	cleanup_store struct store *store = NULL;
	cleanup_replay struct replay *replay = NULL;
	struct replay_totals totals;
	struct error error = { 0 };

	(void)unused;
	assert_int_equal(store_open(&store, "memory", STORE_MEMORY, &error), 0);
	for (size_t i = 0; i < ARRAY_SIZE(commits); i++) {
		cleanup_free char *branch = commits[i].branch ? strdup(commits[i].branch) : NULL;
		char repo[] = "/p";
		const struct git_context git = { repo, branch, NULL };
		const struct look look = { .path = "/p/plan.md",
					   .at = BEGIN + (usec_t)i * 30 * USEC_PER_MIN,
					   .not_before = INSTANT_NONE,
					   .modified = INSTANT_NONE,
					   .committed_at = INSTANT_NONE,
					   .origin = ORIGIN_IMPORT,
					   .git = &git };
		assert_true(record_content(store, &look, commits[i].text, strlen(commits[i].text),
					   &error) >= 0);
	}
	assert_int_equal(replay_new(&replay, &rules, &error), 0);
	assert_int_equal(replay_recorded(replay, store, 1, "/p/plan.md", &error), 0);
	assert_int_equal(replay_finish(replay, &totals, &error), 0);
	assert_string_equal(told.moments, "0 1 moving, 144 1 nearing!, 180 1 over!");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
