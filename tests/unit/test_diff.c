/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "planwatch/diff.h"
#include "planwatch/plan.h"

#include <stdio.h>
#include <string.h>

/*
 * Two lists of items, one a line as it stands behind its bullet, and what must come out: for each new item, then each removed one,
 * the letters of its changes (a added, r removed, d done, u undone, m marked, w reworded, v moved, s split, . nothing), and for new
 * items the old one, 1 to 9.
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
	{ "a short label becomes a long one", "[ ] M2: wire the store\n[ ] M3: docs\n",
	  "[x] Milestone 2: complete, see the log\n[ ] M3: docs\n", "1dw 2." },
	{ "a long label becomes a short one", "[ ] Milestone 2: wire the store\n[ ] M3: docs\n",
	  "[x] M2: complete, see the log\n[ ] M3: docs\n", "1dw 2." },
	{ "labels that only begin alike", "[ ] Stage 2: write the lexer\n[ ] Ship\n",
	  "[x] Step 2: drew the icons\n[ ] Ship\n", "a 2. r" },
	{ "a letter becomes a number", "[ ] Stage B: wire the store\n[ ] Ship\n",
	  "[x] Stage 2: wired the store to the recorder\n[ ] Ship\n", "1dw 2." },
	{ "numbers that only begin alike", "[ ] Stage 2.5: write the lexer\n[ ] Ship\n",
	  "[x] Phase 2: drew the icons\n[ ] Ship\n", "a 2. r" },
	{ "a label of its own kind", "[ ] Stage 2: write the lexer\n[ ] Ship\n",
	  "[x] Stage IX: drew the icons\n[ ] Ship\n", "a 2. r" },
	{ "the number of another kind", "[ ] Stage 2: write the lexer\n[ ] Ship\n",
	  "[x] Phase 2: drew the icons\n[ ] Ship\n", "a 2. r" },
	{ "another number, in its place", "[ ] Write step 2 of the lexer\n[ ] Ship\n",
	  "[x] Drew icons for step 3\n[ ] Ship\n", "a 2. r" },
	{ "a stage is opened again in other words", "[x] Stage B: wire the store\n[ ] Ship\n",
	  "[ ] Stage B: all over, from the journal on\n[ ] Ship\n", "1uw 2." },
	{ "a label is written out with the tick", "[ ] M2: go on\n",
	  "[x] (2026-01-02) Milestone 2: go on\n", "1d" },
	{ "a label goes with the tick", "[ ] Stage B: go on\n", "[x] go on\n", "1dw" },
	{ "a label comes with the tick", "[ ] go on\n", "[x] Stage B: go on\n", "1dw" },
	{ "an empty box ticked", "[ ]\n[ ] Ship\n", "[x] (2026-01-02)\n[ ] Ship\n", "1dw 2." },
	{ "TBD is filled", "[ ] TBD\n[ ] Ship\n", "[ ] Write the parser\n[ ] Ship\n", "1w 2." },
	{ "TODO is filled", "[ ] TODO\n[ ] Ship\n", "[ ] Write the parser\n[ ] Ship\n", "1w 2." },
	{ "TBA is filled", "[ ] TBA\n[ ] Ship\n", "[ ] Write the parser\n[ ] Ship\n", "1w 2." },
	{ "dots are filled", "[ ] ...\n[ ] Ship\n", "[x] Write the parser\n[ ] Ship\n", "1dw 2." },
	{ "what begins like one is none", "[ ] TBD parser\n[ ] Ship\n",
	  "[ ] Draw the icons\n[ ] Ship\n", "a 2. r" },
	{ "a placeholder that was ticked is not filled", "[x] TBD\n[ ] Ship\n",
	  "[x] Write the parser\n[ ] Ship\n", "a 2. r" },
	{ "placeholders are told apart by their labels", "[ ] Stage B: TBD\n[ ] Ship\n",
	  "[ ] Stage D: TBD\n[ ] Ship\n", "a 2. r" },
	{ "a mark for a tick, and no mark for another", "[x] one\n[~] two\n[~] three\n",
	  "[~] one\n[ ] two\n[~] three\n", "1m 2m 3." },
	{ "one of three equal ones goes", "[ ] run\n[ ] build\n[ ] run\n[ ] ship\n[ ] run\n",
	  "[ ] run\n[ ] build\n[ ] run\n[ ] ship\n", "1. 2. 3. 4. r" },
	{ "the same text under two parents", "[ ] one\n  [ ] run\n[ ] two\n  [ ] run\n",
	  "[ ] one\n  [ ] run\n[ ] two\n  [x] run\n", "1. 2. 3. 4d" },
	{ "nested ones, of which one is empty", "[ ] one\n  [ ] run\n  [ ]\n  [ ] ship\n",
	  "[ ] one\n  [x] run\n  [ ] build\n  [ ] ship\n", "1. 2d 3w 4." },
	{ "by the number in its text", "[ ] Implement Milestone 2\n[ ] Implement Milestone 3\n",
	  "[x] Milestone 2 stands, its cache too\n[ ] Implement Milestone 3\n", "1dw 2." },
	{ "another milestone is no part", "[ ] Implement Milestone 2\n",
	  "[x] Implemented Milestone 2\n[ ] Implement Milestone 3\n", "1dw a" },
	{ "text that goes on behind its full stop", "[ ] Webcam in box 4.\n[ ] Ship\n[ ] Tag\n",
	  "[ ] Ship\n[ ] Tag\n[ ] Webcam in box 4 (the cable is short, so another one must come first)\n",
	  "2. 3. 1wv" },
	{ "a number that goes on is another", "[ ] Webcam in box 4\n[ ] Ship\n",
	  "[ ] Ship\n[ ] Webcam in box 42, whose lid nobody could open so far without tools\n",
	  "2. a r" },
	{ "what is left of a stage is not its heir", "[ ] Stage B: wire the store\n",
	  "[ ] Stage B, rest: the cache\n[x] Stage B: wired the store\n", "as 1dw" },
	{ "a copy under a new milestone is not the heir",
	  "[x] M1: parser\n[ ] Run all of the checks\n",
	  "[x] M1: parser\n[x] All of the checks run, green\n[ ] M2: printer\n[ ] Run all of the checks\n",
	  "1. 2dw a a" },
	{ "a copy behind other work is the old one", "[x] M1: parser\n[ ] Run all of the checks\n",
	  "[x] M1: parser\n[x] Icons drawn\n[ ] M2: printer\n[ ] Run all of the checks\n",
	  "1. a a 2." },
	{ "split, with a story behind a dash", "[ ] write the tokenizer and the parser\n",
	  "[x] write the tokenizer\n[ ] the parser \u2014 nobody knows how long, as its grammar is open\n",
	  "1dw as" },
	{ "split, with a story behind a colon", "[ ] write the tokenizer and the parser\n",
	  "[x] write the tokenizer\n[ ] the parser: nobody knows how long \u2014 its grammar is open\n",
	  "1dw as" },
	{ "numbers of five digits", "[ ] Fix step 12345 of it\n[ ] Fix step 67890 of it\n",
	  "[ ] Fix step 12345 of it\n[x] Step 67890 is as it should be\n", "1. 2dw" },
	{ "different work is not merged", "[ ] Rotate keys in the vault\n[x] Read the spec\n",
	  "[x] Read the spec\n[ ] Document the exporter\n", "2. a r" },
};

static struct plan_file *read_items(const char *text)
{
	struct plan_file *file = NULL;
	cleanup_free char *plan = NULL;
	size_t size;
	FILE *out = open_memstream(&plan, &size);

	assert_non_null(out);
	(void)fputs("# P\n\n## Progress\n\n", out);
	while (*text) {
		size_t blanks = strspn(text, " "), length = strcspn(text, "\n") + 1;
		(void)fprintf(out, "%*s- %.*s", (int)blanks, "", (int)(length - blanks),
			      text + blanks);
		text += length;
	}
	(void)fclose(out);
	assert_int_equal(plan_parse(plan, size, &file), 0);
	return file;
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
		cleanup_plan struct plan_file *before = read_items(rows[i].before),
					      *after = read_items(rows[i].after);
		char described[200];
		cleanup_diff struct diff diff = { 0 };

		assert_int_equal(diff_items(before->plans->items, before->plans->item_count,
					    after->plans->items, after->plans->item_count, &diff),
				 0);
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
