/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of an alert, as a table: at a time, in minutes, the plan's verdict is read, and something is to become of its episode. Somebody
 * watches from minute 1000 on.
 */
#include "unit.h"

#include "planwatch/cleanup.h"
#include "planwatch/episode.h"

#include <stdio.h>
#include <string.h>

#define WATCHED 1000
#define HOUR 60
#define DAY 1440
#define NEVER (-1)

/* What a person has said just before. */
enum said { SAID_NOTHING, SAID_KNOWN, SAID_SNOOZE_AN_HOUR };

struct moment {
	const char *life; /* the first one of it; NULL: it goes on */
	int at;
	enum said said;
	enum verdict_kind verdict;
	int since; /* the verdict's */
	enum episode_change change;
	int next; /* to look again: of the episode alone */
};

#define NEEDS VERDICT_NEEDS_YOU
#define OVER VERDICT_OVER
#define NEARING VERDICT_NEARING
#define STALLED VERDICT_STALLED
#define DRIFTING VERDICT_DRIFTING
#define CHURNING VERDICT_CHURNING
#define MOVING VERDICT_MOVING
#define FIRES EPISODE_FIRES
#define STAYS EPISODE_STAYS
#define RESOLVED EPISODE_RESOLVED
#define TURNS EPISODE_TURNS
#define WORSENS EPISODE_WORSENS
#define REMINDS EPISODE_REMINDS

/* clang-format off */
static const struct moment moments[] = {
	{ "it fires once", 2000, 0, STALLED, 2000, FIRES, NEVER },
	{ NULL, 2000, 0, STALLED, 2000, STAYS, NEVER },
	{ NULL, 2001, 0, STALLED, 2000, STAYS, NEVER },
	{ NULL, 2000 + 9 * DAY, 0, STALLED, 2000, STAYS, NEVER },

	{ "it fires late, where nobody could look", 2500, 0, STALLED, 2000, FIRES, NEVER },

	{ "nothing to tell", 2000, 0, MOVING, NEVER, STAYS, NEVER },
	{ NULL, 2001, 0, VERDICT_IDLE, NEVER, STAYS, NEVER },
	{ NULL, 2002, 0, VERDICT_DONE, NEVER, STAYS, NEVER },
	{ NULL, 2003, 0, VERDICT_DONE_DOUBTFUL, NEVER, STAYS, NEVER },
	{ NULL, 2004, 0, VERDICT_UNKNOWN, NEVER, STAYS, NEVER },

	{ "what began before it was watched is not told", 2000, 0, STALLED, WATCHED - 1, STAYS, NEVER },
	{ NULL, 2000, 0, OVER, WATCHED - 1, STAYS, NEVER },
	{ NULL, 2000, 0, NEARING, WATCHED - 1, STAYS, NEVER },
	{ NULL, 2000, 0, NEEDS, WATCHED - 1, STAYS, NEVER },
	{ NULL, 2000, 0, NEEDS, 0, STAYS, NEVER },
	{ "what began as it was watched is", 2000, 0, OVER, WATCHED, FIRES, NEVER },
	{ "what began nobody knows when is not", 2000, 0, NEEDS, NEVER, STAYS, NEVER },
	{ "near before it was watched, over after that", 1001, 0, NEARING, 900, STAYS, NEVER },
	{ NULL, 1200, 0, OVER, 1200, FIRES, NEVER },
	{ "stalled before it was watched, and again", 1001, 0, STALLED, 900, STAYS, NEVER },
	{ NULL, 1100, 0, MOVING, NEVER, STAYS, NEVER },
	{ NULL, 1300, 0, STALLED, 1300, FIRES, NEVER },

	{ "a person's turn is pending for a minute", 2000, 0, NEEDS, 2000, STAYS, 2001 },
	{ NULL, 2001, 0, NEEDS, 2000, FIRES, NEVER },
	{ NULL, 2001, 0, NEEDS, 2000, STAYS, 2001 + 4 * HOUR },
	{ "a person's turn that is taken back at once", 2000, 0, NEEDS, 2000, STAYS, 2001 },
	{ NULL, 2000, 0, MOVING, NEVER, STAYS, NEVER },
	{ NULL, 2001, 0, MOVING, NEVER, STAYS, NEVER },
	{ "a person's turn that is seen late", 2030, 0, NEEDS, 2000, FIRES, NEVER },
	{ "a person's turn in a time to come", 2000, 0, NEEDS, 2060, STAYS, 2061 },
	{ "a breach is not pending", 2000, 0, OVER, 2000, FIRES, NEVER },
	{ "nor is a warning", 2000, 0, NEARING, 2000, FIRES, NEVER },
	{ "nor silence", 2000, 0, CHURNING, 2000, FIRES, NEVER },

	{ "a breach is told again, ever more seldom, then never", 2000, 0, OVER, 2000, FIRES, NEVER },
	{ NULL, 2000, 0, OVER, 2000, STAYS, 2000 + 4 * HOUR },
	{ NULL, 1999 + 4 * HOUR, 0, OVER, 2000, STAYS, 2000 + 4 * HOUR },
	{ NULL, 2000 + 4 * HOUR, 0, OVER, 2000, REMINDS, NEVER },
	{ NULL, 2000 + 4 * HOUR, 0, OVER, 2000, STAYS, 2000 + 12 * HOUR },
	{ NULL, 1999 + 12 * HOUR, 0, OVER, 2000, STAYS, 2000 + 12 * HOUR },
	{ NULL, 2000 + 12 * HOUR, 0, OVER, 2000, REMINDS, NEVER },
	{ NULL, 1999 + 28 * HOUR, 0, OVER, 2000, STAYS, 2000 + 28 * HOUR },
	{ NULL, 2000 + 28 * HOUR, 0, OVER, 2000, REMINDS, NEVER },
	{ NULL, 1999 + 52 * HOUR, 0, OVER, 2000, STAYS, 2000 + 52 * HOUR },
	{ NULL, 2000 + 52 * HOUR, 0, OVER, 2000, REMINDS, NEVER },
	{ NULL, 2000 + 52 * HOUR, 0, OVER, 2000, STAYS, NEVER },
	{ NULL, 2000 + 90 * DAY, 0, OVER, 2000, STAYS, NEVER },
	{ NULL, 2000 + 90 * DAY, 0, MOVING, NEVER, RESOLVED, NEVER },

	{ "a person's turn is told again", 2001, 0, NEEDS, 2000, FIRES, NEVER },
	{ NULL, 2001 + 4 * HOUR, 0, NEEDS, 2000, REMINDS, NEVER },
	{ NULL, 2001 + 12 * HOUR, 0, NEEDS, 2000, REMINDS, NEVER },
	{ NULL, 2001 + 28 * HOUR, 0, NEEDS, 2000, REMINDS, NEVER },
	{ NULL, 2001 + 52 * HOUR, 0, NEEDS, 2000, REMINDS, NEVER },
	{ NULL, 2001 + 90 * DAY, 0, NEEDS, 2000, STAYS, NEVER },
	{ "what was late is told once, and pauses from there", 2000, 0, OVER, 2000, FIRES, NEVER },
	{ NULL, 2000 + 30 * HOUR, 0, OVER, 2000, REMINDS, NEVER },
	{ NULL, 2000 + 30 * HOUR, 0, OVER, 2000, STAYS, 2000 + 38 * HOUR },
	{ "a warning is not told again", 2000, 0, NEARING, 2000, FIRES, NEVER },
	{ NULL, 2000 + 9 * DAY, 0, NEARING, 2000, STAYS, NEVER },
	{ "nor is silence", 2000, 0, DRIFTING, 2000, FIRES, NEVER },
	{ NULL, 2000 + 9 * DAY, 0, DRIFTING, 2000, STAYS, NEVER },

	{ "what is known is not told again", 2000, 0, OVER, 2000, FIRES, NEVER },
	{ NULL, 2010, SAID_KNOWN, OVER, 2000, STAYS, NEVER },
	{ NULL, 2000 + 4 * HOUR, 0, OVER, 2000, STAYS, NEVER },
	{ NULL, 2000 + 9 * DAY, 0, OVER, 2000, STAYS, NEVER },
	{ NULL, 2000 + 9 * DAY, 0, MOVING, NEVER, RESOLVED, NEVER },
	{ NULL, 2000 + 10 * DAY, 0, OVER, 2000 + 10 * DAY, FIRES, NEVER },
	{ NULL, 2000 + 10 * DAY, 0, OVER, 2000 + 10 * DAY, STAYS, 2000 + 10 * DAY + 4 * HOUR },
	{ "what is known after a reminder", 2000, 0, NEEDS, 1990, FIRES, NEVER },
	{ NULL, 2000 + 4 * HOUR, 0, NEEDS, 1990, REMINDS, NEVER },
	{ NULL, 2001 + 4 * HOUR, SAID_KNOWN, NEEDS, 1990, STAYS, NEVER },
	{ NULL, 2000 + 12 * HOUR, 0, NEEDS, 1990, STAYS, NEVER },

	{ "snoozed it is told again when that ends", 2000, 0, STALLED, 2000, FIRES, NEVER },
	{ NULL, 2010, SAID_SNOOZE_AN_HOUR, STALLED, 2000, STAYS, 2070 },
	{ NULL, 2069, 0, STALLED, 2000, STAYS, 2070 },
	{ NULL, 2070, 0, STALLED, 2000, REMINDS, NEVER },
	{ NULL, 2071, 0, STALLED, 2000, STAYS, NEVER },
	{ "snoozed over its reminder", 2000, 0, OVER, 2000, FIRES, NEVER },
	{ NULL, 1990 + 4 * HOUR, SAID_SNOOZE_AN_HOUR, OVER, 2000, STAYS, 1990 + 5 * HOUR },
	{ NULL, 2000 + 4 * HOUR, 0, OVER, 2000, STAYS, 1990 + 5 * HOUR },
	{ NULL, 1990 + 5 * HOUR, 0, OVER, 2000, REMINDS, NEVER },
	{ NULL, 1990 + 5 * HOUR, 0, OVER, 2000, STAYS, 1990 + 13 * HOUR },
	{ "snoozed, and over meanwhile", 2000, 0, NEEDS, 1990, FIRES, NEVER },
	{ NULL, 2010, SAID_SNOOZE_AN_HOUR, NEEDS, 1990, STAYS, 2070 },
	{ NULL, 2020, 0, MOVING, NEVER, RESOLVED, NEVER },
	{ NULL, 2070, 0, MOVING, NEVER, STAYS, NEVER },
	{ "known, and snoozed after all", 2000, 0, OVER, 2000, FIRES, NEVER },
	{ NULL, 2010, SAID_KNOWN, OVER, 2000, STAYS, NEVER },
	{ NULL, 2020, SAID_SNOOZE_AN_HOUR, OVER, 2000, STAYS, 2080 },
	{ NULL, 2080, 0, OVER, 2000, REMINDS, NEVER },
	{ NULL, 2090, 0, OVER, 2000, STAYS, NEVER },

	{ "a warning worsens", 2000, 0, NEARING, 2000, FIRES, NEVER },
	{ NULL, 2100, 0, OVER, 2100, WORSENS, NEVER },
	{ NULL, 2100, 0, OVER, 2100, STAYS, 2100 + 8 * HOUR },
	{ NULL, 2100 + 8 * HOUR, 0, OVER, 2100, REMINDS, NEVER },
	{ "a warning worsens that was known", 2000, 0, NEARING, 2000, FIRES, NEVER },
	{ NULL, 2010, SAID_KNOWN, NEARING, 2000, STAYS, NEVER },
	{ NULL, 2100, 0, OVER, 2100, WORSENS, NEVER },
	{ NULL, 2100, 0, OVER, 2100, STAYS, 2100 + 8 * HOUR },
	{ "a warning worsens that was snoozed", 2000, 0, NEARING, 2000, FIRES, NEVER },
	{ NULL, 2080, SAID_SNOOZE_AN_HOUR, NEARING, 2000, STAYS, 2140 },
	{ NULL, 2100, 0, OVER, 2100, WORSENS, NEVER },
	{ NULL, 2140, 0, OVER, 2100, STAYS, 2100 + 8 * HOUR },
	{ "a breach becomes a warning, of the next stage, and worsens again", 2000, 0, OVER, 2000, FIRES, NEVER },
	{ NULL, 2100, 0, NEARING, 2100, TURNS, NEVER },
	{ NULL, 2100 + 9 * HOUR, 0, NEARING, 2100, STAYS, NEVER },
	{ NULL, 2100 + 10 * HOUR, 0, OVER, 2100 + 10 * HOUR, WORSENS, NEVER },

	{ "silence turns into another", 2000, 0, CHURNING, 2000, FIRES, NEVER },
	{ NULL, 2010, 0, DRIFTING, 2010, TURNS, NEVER },
	{ NULL, 2010, 0, DRIFTING, 2010, STAYS, NEVER },
	{ NULL, 2020, 0, STALLED, 2020, TURNS, NEVER },
	{ NULL, 2030, 0, CHURNING, 2000, TURNS, NEVER },
	{ NULL, 2040, 0, MOVING, NEVER, RESOLVED, NEVER },
	{ "silence that is known stays so through its turns", 2000, 0, STALLED, 2000, FIRES, NEVER },
	{ NULL, 2010, SAID_KNOWN, STALLED, 2000, STAYS, NEVER },
	{ NULL, 2020, 0, DRIFTING, 1900, TURNS, NEVER },
	{ NULL, 2030, 0, STALLED, 2030, TURNS, NEVER },
	{ "silence that is snoozed stays so through its turns", 2000, 0, STALLED, 2000, FIRES, NEVER },
	{ NULL, 2010, SAID_SNOOZE_AN_HOUR, STALLED, 2000, STAYS, 2070 },
	{ NULL, 2020, 0, DRIFTING, 1900, TURNS, NEVER },
	{ NULL, 2030, 0, DRIFTING, 1900, STAYS, 2070 },
	{ NULL, 2070, 0, DRIFTING, 1900, REMINDS, NEVER },

	{ "it is resolved, and fires anew", 2000, 0, STALLED, 2000, FIRES, NEVER },
	{ NULL, 2100, 0, MOVING, NEVER, RESOLVED, NEVER },
	{ NULL, 2100, 0, MOVING, NEVER, STAYS, NEVER },
	{ NULL, 2300, 0, STALLED, 2300, FIRES, NEVER },
	{ "another family is another alert", 2000, 0, NEARING, 2000, FIRES, NEVER },
	{ NULL, 2100, 0, STALLED, 2100, RESOLVED, NEVER },
	{ NULL, 2100, 0, STALLED, 2100, FIRES, NEVER },
	{ NULL, 2200, 0, OVER, 2200, RESOLVED, NEVER },
	{ NULL, 2200, 0, OVER, 2200, FIRES, NEVER },
	{ NULL, 2300, 0, NEEDS, 2300, RESOLVED, NEVER },
	{ NULL, 2300, 0, NEEDS, 2300, STAYS, 2301 },
	{ NULL, 2301, 0, NEEDS, 2300, FIRES, NEVER },
	{ "all is done", 2000, 0, OVER, 2000, FIRES, NEVER },
	{ NULL, 2100, 0, VERDICT_DONE, NEVER, RESOLVED, NEVER },
	{ "quiet by configuration", 2000, 0, OVER, 2000, FIRES, NEVER },
	{ NULL, 2100, 0, VERDICT_IDLE, NEVER, RESOLVED, NEVER },
	{ "done in doubt", 2000, 0, STALLED, 2000, FIRES, NEVER },
	{ NULL, 2100, 0, VERDICT_DONE_DOUBTFUL, NEVER, RESOLVED, NEVER },
	{ "not to be read any more", 2000, 0, NEEDS, 1990, FIRES, NEVER },
	{ NULL, 2100, 0, VERDICT_UNKNOWN, NEVER, RESOLVED, NEVER },
};
/* clang-format on */

static usec_t instant(int minutes)
{
	return minutes == NEVER ? INSTANT_NONE : minutes * USEC_PER_MIN;
}

static const char *change_name(enum episode_change change)
{
	static const char *const names[] = { "stays", "fires",	 "resolved",
					     "turns", "worsens", "reminds" };

	return names[change];
}

static void say(struct episode_row *row, enum said said, usec_t now)
{
	if (said == SAID_KNOWN)
		row->acknowledged_at = now;
	if (said == SAID_SNOOZE_AN_HOUR)
		row->snoozed_until = now + USEC_PER_HOUR;
}

static void forget(struct episode_row *row)
{
	episode_row_done(row);
	*row = (struct episode_row){ 0 };
}

/* The episode's record is what the daemon keeps: it is carried from one moment to the next. */
static void check_moment(const struct moment *m, const char *life, struct episode_row *row)
{
	struct verdict verdict = { .kind = m->verdict, .since = instant(m->since) };
	const struct plan_row plan = { .id = 7, .first_seen_at = INSTANT_NONE };
	usec_t now = instant(m->at), next = INSTANT_NONE;

	say(row, m->said, now);
	int change = episode_follow(row, &plan, &verdict, instant(WATCHED), now, &next);
	if (change != (int)m->change)
		fail_msg("%s, %d: %s %s, expected it %s", life, m->at, verdict_name(m->verdict),
			 change_name((enum episode_change)change), change_name(m->change));
	if (next != instant(m->next))
		fail_msg("%s, %d: looks again at %ld, expected %d", life, m->at,
			 next == INSTANT_NONE ? -1L : (long)(next / USEC_PER_MIN), m->next);
	if (change == EPISODE_RESOLVED)
		forget(row);
}

static void test_lives(void **unused)
{
	struct episode_row row = { 0 };
	const char *life = NULL;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(moments); i++) {
		if (moments[i].life) {
			life = moments[i].life;
			forget(&row);
		}
		check_moment(&moments[i], life, &row);
	}
	forget(&row);
}

/* ---- One moment alone ---- */

/* `next` is only ever moved forward. */
static void test_next_is_shared(void **unused)
{
	const struct episode over = { VERDICT_OVER, false, INSTANT_NONE, 1, instant(2000) };
	const struct verdict verdict = { .kind = VERDICT_OVER, .since = instant(2000) };
	usec_t now = instant(2000), due = now + EPISODE_REMIND_AFTER;
	usec_t earlier = due - 1, later = due + 1;

	(void)unused;
	assert_int_equal(episode_judge(&over, &verdict, 0, now, &earlier), EPISODE_STAYS);
	assert_int_equal(earlier, due - 1);
	assert_int_equal(episode_judge(&over, &verdict, 0, now, &later), EPISODE_STAYS);
	assert_int_equal(later, due);
}

/* To the microsecond: of the pending minute, the reminder, and the beginning of the watch. */
static void test_exactly(void **unused)
{
	const struct episode over = { VERDICT_OVER, false, INSTANT_NONE, 1, 5000 };
	const struct verdict breach = { .kind = VERDICT_OVER, .since = 5000 };
	const struct verdict turn = { .kind = VERDICT_NEEDS_YOU, .since = 5000 };
	usec_t next = INSTANT_NONE, due = 5000 + 4 * USEC_PER_HOUR, fires = 5000 + USEC_PER_MIN;

	(void)unused;
	assert_int_equal(episode_judge(&over, &breach, 0, due - 1, &next), EPISODE_STAYS);
	assert_int_equal(episode_judge(&over, &breach, 0, due, &next), EPISODE_REMINDS);
	assert_int_equal(episode_judge(NULL, &turn, 0, fires - 1, &next), EPISODE_STAYS);
	assert_int_equal(episode_judge(NULL, &turn, 0, fires, &next), EPISODE_FIRES);
	assert_int_equal(episode_judge(NULL, &breach, 5001, 9000, &next), EPISODE_STAYS);
	assert_int_equal(episode_judge(NULL, &breach, 5000, 9000, &next), EPISODE_FIRES);
}

static void test_families(void **unused)
{
	static const enum episode_family families[] = {
		[VERDICT_NEEDS_YOU] = FAMILY_PERSON,   [VERDICT_OVER] = FAMILY_BUDGET,
		[VERDICT_STALLED] = FAMILY_SILENCE,    [VERDICT_DRIFTING] = FAMILY_SILENCE,
		[VERDICT_CHURNING] = FAMILY_SILENCE,   [VERDICT_NEARING] = FAMILY_BUDGET,
		[VERDICT_MOVING] = FAMILY_NONE,	       [VERDICT_IDLE] = FAMILY_NONE,
		[VERDICT_DONE_DOUBTFUL] = FAMILY_NONE, [VERDICT_DONE] = FAMILY_NONE,
		[VERDICT_UNKNOWN] = FAMILY_NONE,
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		assert_int_equal(episode_family((enum verdict_kind)i), families[i]);
}

/* ---- Its record ---- */

static int follow(struct episode_row *row, enum verdict_kind kind, usec_t first_seen_at, usec_t now)
{
	const struct plan_row plan = { .id = 7, .first_seen_at = first_seen_at };
	struct verdict verdict = { .kind = kind,
				   .since = now,
				   .used_seconds = now / USEC_PER_SEC,
				   .limit_seconds = 60,
				   .limit_line = 9 };
	usec_t next = INSTANT_NONE;

	(void)snprintf(verdict.reason, sizeof(verdict.reason), "at %ld", (long)now);
	return episode_follow(row, &plan, &verdict, 0, now, &next);
}

static void test_record(void **unused)
{
	struct episode_row row = { 0 };

	(void)unused;
	assert_int_equal(follow(&row, NEARING, 0, 2000), FIRES);
	assert_int_equal(row.plan, 7);
	assert_int_equal(row.fired_at, 2000);
	assert_int_equal(row.step, 1);
	assert_int_equal(row.step_at, 2000);
	assert_int_equal(row.limit_line, 9);
	assert_int_equal(row.limit_seconds, 60);
	assert_string_equal(row.verdict, "nearing");
	assert_string_equal(row.reason, "at 2000");
	assert_int_equal(row.acknowledged_at, INSTANT_NONE);
	assert_int_equal(row.snoozed_until, INSTANT_NONE);
	assert_int_equal(row.resolved_at, INSTANT_NONE);
	assert_int_equal(row.shown_at, INSTANT_NONE);

	row.acknowledged_at = row.snoozed_until = 2500;
	row.shown_step = 1;
	assert_int_equal(follow(&row, OVER, 0, 2400 * USEC_PER_SEC), WORSENS);
	assert_int_equal(row.step, 2);
	assert_int_equal(row.step_at, 2400 * USEC_PER_SEC);
	assert_int_equal(row.used_seconds, 2400);
	assert_string_equal(row.verdict, "over");
	assert_string_equal(row.reason, "at 2400000000");
	assert_int_equal(row.acknowledged_at, INSTANT_NONE);
	assert_int_equal(row.snoozed_until, INSTANT_NONE);
	assert_int_equal(row.fired_at, 2000);

	/* A turn has other words, and is no step. */
	row.acknowledged_at = row.snoozed_until = 2500 * USEC_PER_SEC;
	assert_int_equal(follow(&row, NEARING, 0, 2600 * USEC_PER_SEC), TURNS);
	assert_string_equal(row.verdict, "nearing");
	assert_int_equal(row.step, 2);
	assert_int_equal(row.step_at, 2400 * USEC_PER_SEC);
	assert_int_equal(row.acknowledged_at, 2500 * USEC_PER_SEC);
	assert_int_equal(row.snoozed_until, 2500 * USEC_PER_SEC);

	/* Told again after a snooze it is still known. */
	assert_int_equal(follow(&row, NEARING, 0, 2700 * USEC_PER_SEC), REMINDS);
	assert_int_equal(row.step, 3);
	assert_int_equal(row.snoozed_until, INSTANT_NONE);
	assert_int_equal(row.acknowledged_at, 2500 * USEC_PER_SEC);

	/* Who was told of it is told that it is over; the words stay. */
	assert_int_equal(follow(&row, MOVING, 0, 2800 * USEC_PER_SEC), RESOLVED);
	assert_int_equal(row.resolved_at, 2800 * USEC_PER_SEC);
	assert_int_equal(row.step, 4);
	assert_int_equal(row.step_at, 2800 * USEC_PER_SEC);
	assert_string_equal(row.verdict, "nearing");
	forget(&row);
}

/* What nobody was told of needs no telling that it is over. */
static void test_never_shown(void **unused)
{
	struct episode_row row = { 0 };

	(void)unused;
	assert_int_equal(follow(&row, STALLED, 0, 2000), FIRES);
	assert_int_equal(follow(&row, MOVING, 0, 3000), RESOLVED);
	assert_int_equal(row.step, row.shown_step);
	forget(&row);
}

/* A plan that came later was not watched before. */
static void test_first_seen(void **unused)
{
	struct episode_row row = { 0 };

	(void)unused;
	assert_int_equal(follow(&row, STALLED, 2001, 2000), STAYS);
	assert_int_equal(row.step, 0);
	assert_int_equal(follow(&row, STALLED, 2000, 2000), FIRES);
	forget(&row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),	   cmocka_unit_test(test_next_is_shared),
		cmocka_unit_test(test_exactly),	   cmocka_unit_test(test_families),
		cmocka_unit_test(test_record),	   cmocka_unit_test(test_never_shown),
		cmocka_unit_test(test_first_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
