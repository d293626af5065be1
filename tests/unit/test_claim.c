/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What speaks against a claimed time, as a table. */
#include "unit.h"

#include "planwatch/claim.h"

#include <string.h>

#define AT(hour, minute) instant_from_civil(2026, 3, 4, hour, minute, 0, 0)

static void test_doubts(void **unused)
{
	static const struct {
		const char *name, *doubt;
		int hour, minute; /* claimed; hour < 0: nothing is */
		enum stamp_precision precision;
		int not_before, began; /* hours; -1: unknown; seen at 12:00 */
		int64_t same;
	} rows[] = {
		{ "nothing claimed", NULL, -1, 0, STAMP_DAY, 0, 0, 9 },
		{ "just before it was seen", NULL, 11, 58, STAMP_MINUTE, 11, 1, 1 },
		{ "a clock that is a little ahead", NULL, 12, 9, STAMP_MINUTE, 11, 1, 1 },
		{ "in the future", "future", 12, 11, STAMP_MINUTE, 11, 1, 1 },
		{ "seconds", "future", 13, 0, STAMP_SECOND, 11, 1, 1 },
		{ "before the plan", "before_plan", 1, 30, STAMP_MINUTE, 11, 2, 1 },
		{ "nobody saw the plan begin", "late", 1, 30, STAMP_MINUTE, 11, -1, 1 },
		{ "ticked late", "late", 9, 0, STAMP_MINUTE, 11, 1, 1 },
		{ "since the last look", NULL, 9, 0, STAMP_MINUTE, 8, 1, 1 },
		{ "no look before", NULL, 9, 0, STAMP_MINUTE, -1, -1, 1 },
		{ "two at once", NULL, 11, 58, STAMP_MINUTE, 11, 1, 2 },
		{ "three at once", "batch", 11, 58, STAMP_MINUTE, 11, 1, 3 },
		{ "midnight with minutes", "midnight", 0, 0, STAMP_MINUTE, -1, -1, 1 },
		{ "midnight as a day", NULL, 0, 0, STAMP_DAY, -1, -1, 5 },
		{ "the day of the last look", NULL, 0, 0, STAMP_DAY, 11, 1, 1 },
		{ "tomorrow's day east of here", NULL, 24, 0, STAMP_DAY, 11, 1, 1 },
		{ "the day after tomorrow", "future", 48, 0, STAMP_DAY, 11, 1, 1 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *doubt = claim_doubt_name(claim_examine(&(struct claim){
		    .at = rows[i].hour < 0 ? INSTANT_NONE : AT(rows[i].hour, rows[i].minute),
		    .precision = rows[i].precision,
		    .witnessed = AT(12, 0),
		    .not_before = rows[i].not_before < 0 ? INSTANT_NONE : AT(rows[i].not_before, 0),
		    .plan_began = rows[i].began < 0 ? INSTANT_NONE : AT(rows[i].began, 0),
		    .same = rows[i].same }));
		if (doubt != rows[i].doubt &&
		    (!doubt || !rows[i].doubt || strcmp(doubt, rows[i].doubt) != 0))
			fail_msg("%s: %s", rows[i].name, doubt ? doubt : "plausible");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_doubts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
