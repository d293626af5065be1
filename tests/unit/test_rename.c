/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether one content continues another, as a table. */
#include "unit.h"

#include "planwatch/cleanup.h"
#include "planwatch/rename.h"

#include <string.h>

static void test_likeness(void **unused)
{
	static const struct {
		const char *name, *a, *b;
		int least, most;
	} rows[] = {
		{ "nothing", "", "", 0, 0 },
		{ "the same", "one\ntwo\n", "one\ntwo\n", 100, 100 },
		{ "headings alone are nothing in common", "# A\n## Progress\nx\n",
		  "# A\n## Progress\ny\n", 0, 0 },
		{ "ticked and indented", "- [ ] one\n- [ ] two\n", "  - [x] one\r\n- [X] two", 100,
		  100 },
		{ "a bullet, and no box", "- one two\n", "* one two\n", 0, 0 },
		{ "no bullet, and no box", "-[x] one\n", "-[ ] one\n", 0, 0 },
		{ "two marks are no box", "- [ab] one\n", "- [cd] one\n", 0, 0 },
		{ "a quarter of it", "aaaa\nbbbb\ncccc\ndddd\n", "aaaa\neeee\nffff\ngggg\n", 25,
		  25 },
		{ "order is nothing", "aaaa\nbbbb\n", "bbbb\naaaa\n", 100, 100 },
		{ "twice against once", "aaaa\naaaa\n", "aaaa\n", 50, 50 },
		{ "the longer one counts", "aaaa\n", "aaaa\nbbbb\ncccc\ndddd\n", 25, 25 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t a = strlen(rows[i].a), b = strlen(rows[i].b);
		int there = rename_likeness(rows[i].a, a, rows[i].b, b);
		int back = rename_likeness(rows[i].b, b, rows[i].a, a);
		if (there != back || there < rows[i].least || there > rows[i].most)
			fail_msg("%s: %d, %d", rows[i].name, there, back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_likeness) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
