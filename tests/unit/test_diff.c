/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "planwatch/diff.h"

#include <string.h>

/*
 * Two lists of items, one a line, and what must come out: for each new item, then each removed one, the letters of its changes
 * (a added, r removed, d done, u undone, m marked, w reworded, v moved, s split, . nothing), and for new items the old one, 1 to 9.
 */
struct row {
	const char *name, *before, *after, *changes;
};

static const struct row rows[] = {
	{ "nothing", "[ ] one\n[x] two\n", "[ ] one\n[x] two\n", "1. 2." },
	{ "from nothing", "", "[ ] one\n[x] two\n", "a a" },
	{ "to nothing", "[ ] one\n[x] two\n", "", "r r" },
	{ "tick", "[ ] one\n[ ] two\n", "[x] one\n[ ] two\n", "1d 2." },
	{ "untick", "[x] one\n[ ] two\n", "[ ] one\n[ ] two\n", "1u 2." },
	{ "mark", "[ ] one\n", "[~] one\n", "1m" },
	{ "a tick with a stamp is a tick", "[ ] run the tests\n",
	  "[x] (2026-01-02 03:04Z) run the tests\n", "1d" },
	{ "a stamp alone rewords", "[x] run the tests\n", "[x] (2026-01-02) run the tests\n",
	  "1w" },
	{ "tick and reword", "[ ] Run the parser tests\n[ ] Ship\n",
	  "[x] (2026-01-02) Ran the parser tests, found three failures in the lexer, fixed them\n[ ] Ship\n",
	  "1dw 2." },
	{ "tick and reword beyond likeness, by its place", "[ ] Bench\n[ ] Ship it\n[x] Read\n",
	  "[x] (2026-01-02) 3.1 ms against 4.0 ms before\n[ ] Ship it\n[x] Read\n", "1dw 2. 3." },
	{ "by its label", "[ ] Stage B: wire it\n[ ] Stage C: docs\n",
	  "[x] Stage B: complete, see log\n[ ] Stage C: docs\n", "1dw 2." },
	{ "added already ticked", "[ ] one\n", "[x] a new finding\n[ ] one\n", "a 1." },
	{ "added between", "[x] one\n[ ] three\n", "[x] one\n[x] the middle\n[ ] three\n",
	  "1. a 2." },
	{ "removed", "[ ] one\n[ ] two\n[ ] three\n", "[ ] one\n[ ] three\n", "1. 3. r" },
	{ "moved to the end", "[ ] one\n[ ] two\n[ ] three\n", "[ ] two\n[ ] three\n[ ] one\n",
	  "2. 3. 1v" },
	{ "moved and ticked", "[ ] one\n[ ] two\n[ ] three\n", "[ ] two\n[ ] three\n[x] one\n",
	  "2. 3. 1dv" },
	{ "the same text twice, the first ticked", "[ ] run\n[ ] run\n", "[x] run\n[ ] run\n",
	  "1d 2." },
	{ "the same text twice, the second ticked", "[ ] run\n[ ] run\n", "[ ] run\n[x] run\n",
	  "1. 2d" },
	{ "split in two", "[ ] write and test the tokenizer\n[ ] ship\n",
	  "[x] write the tokenizer\n[ ] test the tokenizer\n[ ] ship\n", "1dw as 2." },
	{ "different work is not merged", "[ ] Rotate keys in the vault\n[x] Read the spec\n",
	  "[x] Read the spec\n[ ] Document the exporter\n", "2. a r" },
};

static size_t read_items(const char *text, char *copy, struct item *items)
{
	static const char *const marks[] = { " ", "x", "~" };
	size_t count = 0;
	char *rest = memcpy(copy, text, strlen(text) + 1), *line;

	while ((line = strsep(&rest, "\n")) && *line) {
		struct item *item = &items[count++];
		const char *gist = line + 4;

		*item = (struct item){ .mark = marks[line[1] == 'x'   ? 1
						     : line[1] == '~' ? 2
								      : 0],
				       .text = line + 4 };
		item->state = line[1] == 'x' ? ITEM_DONE : line[1] == ' ' ? ITEM_OPEN : ITEM_OTHER;
		if (*gist == '(') {
			item->stamp.raw = "2026-01-02";
			gist = strchr(gist, ')') + 2;
		}
		if (strncmp(gist, "Stage ", 6) == 0) {
			item->label.kind = "stage";
			item->label.id = gist[6] == 'B' ? "B" : "C";
			gist += 9;
		}
		item->gist = gist;
	}
	return count;
}

static void describe(const struct diff *diff, char *out)
{
	static const struct {
		unsigned flag;
		char letter;
	} letters[] = { { CHANGE_ADDED, 'a' },	{ CHANGE_REMOVED, 'r' }, { CHANGE_DONE, 'd' },
			{ CHANGE_UNDONE, 'u' }, { CHANGE_MARKED, 'm' },	 { CHANGE_REWORDED, 'w' },
			{ CHANGE_MOVED, 'v' },	{ CHANGE_SPLIT, 's' } };

	for (size_t i = 0; i < diff->count; i++) {
		const struct change *change = &diff->changes[i];

		if (i > 0)
			*out++ = ' ';
		if (change->new_index != DIFF_NONE && change->old_index != DIFF_NONE)
			*out++ = (char)('1' + change->old_index);
		for (size_t k = 0; k < ARRAY_SIZE(letters); k++)
			if (change->flags & letters[k].flag)
				*out++ = letters[k].letter;
		if (!change->flags)
			*out++ = '.';
	}
	*out = '\0';
}

static void test_table(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char before_text[1000], after_text[1000], described[200];
		struct item before[10], after[10];
		size_t old_count = read_items(rows[i].before, before_text, before);
		size_t new_count = read_items(rows[i].after, after_text, after);
		cleanup_diff struct diff diff = { 0 };

		assert_int_equal(diff_items(before, old_count, after, new_count, &diff), 0);
		describe(&diff, described);
		if (strcmp(described, rows[i].changes) != 0)
			fail_msg("%s: %s, expected %s", rows[i].name, described, rows[i].changes);
	}
}

/* Ten thousand items of which all changed: the gap is matched by place, in time. */
static void test_large(void **unused)
{
	enum { COUNT = 10000 };
	struct item *before = calloc(COUNT, sizeof(*before)),
		    *after = calloc(COUNT, sizeof(*after));
	char(*texts)[2][24] = calloc(COUNT, sizeof(*texts));
	cleanup_diff struct diff diff = { 0 };

	(void)unused;
	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(texts[i][0], sizeof(texts[i][0]), "old work %d", i);
		(void)snprintf(texts[i][1], sizeof(texts[i][1]), "new doings %d", i);
		before[i] = (struct item){ .mark = " ", .text = texts[i][0], .gist = texts[i][0] };
		after[i] = (struct item){
			.mark = "x", .state = ITEM_DONE, .text = texts[i][1], .gist = texts[i][1]
		};
	}
	assert_int_equal(diff_items(before, COUNT, after, COUNT, &diff), 0);
	assert_int_equal(diff.count, COUNT);
	assert_int_equal(diff.changes[77].old_index, 77);
	free(before);
	free(after);
	free(texts);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_table),
					    cmocka_unit_test(test_large) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
