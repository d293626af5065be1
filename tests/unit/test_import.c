/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Imports over the store: random histories with branches, before and behind what is witnessed, and the laws after each. */
#include "unit.h"

#include "planwatch/import.h"
#include "planwatch/record.h"
#include "planwatch/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PATH "/w/plans/a.md"
#define FIRST_DAY ((usec_t)20000 * 24 * 3600 * USEC_PER_SEC)

static void print_finding(void *userdata, const char *finding)
{
	(void)userdata;
	print_error("%s\n", finding);
}

static struct verify_counts verify(struct store *store)
{
	struct verify_counts counts;
	struct error error = { 0 };

	assert_int_equal(verify_store(store, print_finding, NULL, &counts, &error), 0);
	assert_int_equal(counts.findings, 0);
	return counts;
}

/* ---- Histories ---- */

#define ITEMS_MAX 12

struct draft {
	struct {
		int number;
		char mark;
	} items[ITEMS_MAX];
	size_t count;
};

static void edit(struct draft *draft, unsigned *seed, int *next)
{
	size_t i = draft->count ? (size_t)rand_r(seed) % draft->count : 0;

	switch (rand_r(seed) % 4) {
	case 0:
		if (draft->count < ITEMS_MAX)
			draft->items[draft->count++] =
			    (__typeof__(draft->items[0])){ (*next)++, ' ' };
		break;
	case 1:
		if (draft->count > 1)
			draft->items[i] = draft->items[--draft->count];
		break;
	default:
		if (draft->count)
			draft->items[i].mark = draft->items[i].mark == ' ' ? 'x' : ' ';
	}
}

static char *text_of(const struct draft *draft)
{
	char *text = NULL;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	(void)fputs("# A plan\n\n## Progress\n\n", file);
	for (size_t i = 0; i < draft->count; i++)
		(void)fprintf(file, "- [%c] Do number %d of many.\n", draft->items[i].mark,
			      draft->items[i].number);
	(void)fclose(file);
	return text;
}

/* Each revision comes from a random one of the last few; a quarter of the clocks are wrong. */
static void make_history(struct import *import, struct draft *drafts, size_t count, unsigned seed)
{
	struct error error = { 0 };
	int next = 1;

	*import = (struct import){ .path = strdup(PATH), .repo = strdup("/w") };
	drafts[0] = (struct draft){ .items = { { next++, ' ' } }, .count = 1 };
	for (size_t i = 0; i < count; i++) {
		size_t parent = i ? i - 1 - (size_t)rand_r(&seed) % (i < 3 ? i : 3) : IMPORT_NONE;
		usec_t at = FIRST_DAY + (usec_t)i * USEC_PER_MIN;

		if (i) {
			drafts[i] = drafts[parent];
			edit(&drafts[i], &seed, &next);
		}
		if (rand_r(&seed) % 4 == 0)
			at -= rand_r(&seed) % 600 * USEC_PER_SEC;
		char *text = text_of(&drafts[i]);
		assert_int_equal(
		    import_add(import,
			       &(struct import_revision){ .at = at,
							  .bytes = text,
							  .length = strlen(text),
							  .parent = parent,
							  .branch = rand_r(&seed) % 2 ? "a" : "b",
							  .commit = "0123" },
			       &error),
		    0);
		import->tip = i;
	}
}

struct pauses {
	struct store *store;
	int count;
};

/* What the daemon does: something else is written in between. */
static void write_something(void *userdata)
{
	struct pauses *pauses = userdata;
	struct observation observation = { .at = FIRST_DAY,
					   .not_before = INSTANT_NONE,
					   .origin = ORIGIN_LIVE };
	struct error error = { 0 };

	pauses->count++;
	assert_int_equal(store_begin(pauses->store, &error), 0);
	assert_int_equal(
	    store_journal_add(pauses->store, &observation, EVENT_GAP, NULL, "a pause", &error), 0);
	assert_int_equal(store_commit(pauses->store, &error), 0);
}

static struct import_result record(struct store *store, const struct import *import)
{
	struct pauses pauses = { .store = store };
	struct import_result result;
	struct error error = { 0 };
	int r = import_record(store, import, (struct import_pause){ write_something, &pauses },
			      &result, &error);

	if (r < 0)
		print_error("%s\n", error.message);
	assert_int_equal(r, 0);
	assert_true(pauses.count > 0 || result.revisions == 0);
	return result;
}

static void look_at(struct store *store, const struct draft *draft, usec_t at)
{
	cleanup_free char *text = text_of(draft);
	struct look look = { .path = PATH,
			     .at = at,
			     .not_before = INSTANT_NONE,
			     .modified = INSTANT_NONE,
			     .believe_loss = true,
			     .committed_at = INSTANT_NONE };
	struct error error = { 0 };

	assert_int_equal(store_begin(store, &error), 0);
	assert_true(record_content(store, &look, text, strlen(text), &error) >= 0);
	assert_int_equal(store_commit(store, &error), 0);
}

/* The plan's items, as they stand, are those of a draft. */
static void assert_stands_as(struct store *store, const struct draft *draft)
{
	struct item_list items;
	struct error error = { 0 };

	assert_int_equal(store_items(store, 1, &items, &error), 0);
	assert_int_equal(items.count, draft->count);
	for (size_t i = 0; i < items.count; i++) {
		char text[40];
		(void)snprintf(text, sizeof(text), "Do number %d of many.", draft->items[i].number);
		assert_string_equal(items.rows[i].item.text, text);
		assert_int_equal(items.rows[i].item.mark[0], draft->items[i].mark);
	}
	item_list_done(&items);
}

/* ---- Tests ---- */

enum { ROUNDS = 60, REVISIONS = 40 };

static void each_round(void (*check)(struct store *store, struct import *import,
				     struct draft *drafts, unsigned seed))
{
	for (unsigned seed = 0; seed < ROUNDS; seed++) {
		cleanup_store struct store *store = NULL;
		cleanup_import struct import import = { 0 };
		struct draft drafts[REVISIONS];
		struct error error = { 0 };

		assert_int_equal(store_open(&store, "test", STORE_MEMORY, &error), 0);
		make_history(&import, drafts, REVISIONS, seed);
		check(store, &import, drafts, seed);
	}
}

static void check_unknown(struct store *store, struct import *import, struct draft *drafts,
			  unsigned seed)
{
	struct import_result result = record(store, import);
	struct verify_counts counts = verify(store), again;

	(void)seed;
	assert_int_equal(result.revisions, REVISIONS);
	assert_stands_as(store, &drafts[import->tip]);
	result = record(store, import);
	assert_int_equal(result.revisions, 0);
	assert_int_equal(result.known, REVISIONS);
	again = verify(store);
	assert_int_equal(again.events, counts.events);
	/* The daemon finds the file as it is, and then changed. */
	look_at(store, &drafts[import->tip], FIRST_DAY + USEC_PER_SEC * 86400);
	again = verify(store);
	assert_int_equal(again.events, counts.events);
	look_at(store, &drafts[0], FIRST_DAY + USEC_PER_SEC * 86401);
	(void)verify(store);
}

static void test_of_an_unknown_plan(void **state)
{
	(void)state;
	each_round(check_unknown);
}

static int count_imported(void *userdata, const struct log_row *row)
{
	int64_t *counts = userdata;
	bool imported = row->observation.origin == ORIGIN_IMPORT;

	/* All that was imported comes first. */
	assert_true(imported == (row->id < 0));
	assert_true(!imported || counts[0] == 0);
	counts[imported]++;
	return 0;
}

static void count_events(struct store *store, int64_t counts[2])
{
	const struct log_filter filter = { .plan = 1,
					   .since = INSTANT_NONE,
					   .until = INSTANT_NONE };
	struct error error = { 0 };

	counts[0] = counts[1] = 0;
	assert_int_equal(store_log(store, &filter, count_imported, counts, &error), 0);
}

/* The first look at a random revision, or at something else, at a random time; then some more. */
static void check_witnessed(struct store *store, struct import *import, struct draft *drafts,
			    unsigned seed)
{
	size_t first = 5 + seed % (REVISIONS - 5);
	usec_t at = FIRST_DAY + (usec_t)first * USEC_PER_MIN + 1;
	struct draft own = drafts[first];
	int next = 1000;
	int64_t before[2], after[2], again[2];

	edit(&own, &seed, &next);
	look_at(store, &own, at);
	for (int i = 0; i < 5; i++) {
		edit(&own, &seed, &next);
		look_at(store, &own, at + i + 1);
	}
	count_events(store, before);
	assert_true(record(store, import).revisions > 0);
	(void)verify(store);
	assert_stands_as(store, &own);
	count_events(store, after);
	assert_int_equal(after[0], before[0]);
	assert_true(after[1] > 0);
	assert_int_equal(record(store, import).revisions, 0);
	count_events(store, again);
	assert_int_equal(again[1], after[1]);
	edit(&own, &seed, &next);
	look_at(store, &own, at + 10);
	(void)verify(store);
}

static void test_before_what_was_witnessed(void **state)
{
	(void)state;
	each_round(check_witnessed);
}

static void test_handed_over(void **state)
{
	cleanup_close int fd = memfd_create("test", MFD_CLOEXEC);
	cleanup_import struct import import = { 0 }, back = { 0 };
	struct draft drafts[REVISIONS];
	struct error error = { 0 };

	(void)state;
	make_history(&import, drafts, REVISIONS, 7);
	import.revisions[3].name = strdup("/w/plans/b.md");
	assert_int_equal(import_write(fd, &import, &error), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(import_read(fd, &back, &error), 0);
	assert_string_equal(back.path, PATH);
	assert_string_equal(back.repo, "/w");
	assert_int_equal(back.tip, import.tip);
	assert_int_equal(back.count, import.count);
	for (size_t i = 0; i < back.count; i++) {
		assert_int_equal(back.revisions[i].at, import.revisions[i].at);
		assert_int_equal(back.revisions[i].parent, import.revisions[i].parent);
		assert_int_equal(back.revisions[i].length, import.revisions[i].length);
		assert_memory_equal(back.revisions[i].bytes, import.revisions[i].bytes,
				    back.revisions[i].length);
		assert_string_equal(back.revisions[i].branch, import.revisions[i].branch);
	}
	assert_string_equal(back.revisions[3].name, "/w/plans/b.md");
	/* A path that JSON cannot carry is not changed in silence. */
	import.path[3] = '\xff';
	assert_int_equal(import_write(fd, &import, &error), -EILSEQ);
}

/* What was handed over by whoever may write there: nothing of it is believed unseen. */
static void test_damaged(void **state)
{
#define HEAD "{\"path\":\"/p\",\"revisions\":1}\n"
	static const struct {
		const char *text;
		int result;
	} rows[] = {
		{ HEAD "{\"at\":1,\"length\":2}\nab", 0 },
		{ HEAD "{\"at\":1,\"length\":0}\n", 0 },
		{ "{\"path\":\"/p\",\"revisions\":0}\n", 0 },
		{ "{\"path\":\"/p\",\"revisions\":1,\"tip\":0}\n{\"at\":1,\"length\":0}\n", 0 },
		{ "", -EINVAL },
		{ "no JSON\n", -EINVAL },
		{ "{\"path\":\"/p\"}\n", -EINVAL },
		{ "{\"revisions\":0}\n", -EINVAL },
		{ "{\"path\":\"p\",\"revisions\":0}\n", -EINVAL },
		{ "{\"path\":\"/p\",\"revisions\":1,\"tip\":-1}\n{\"at\":1,\"length\":0}\n",
		  -EINVAL },
		{ "{\"path\":\"/p\",\"revisions\":1,\"tip\":1}\n{\"at\":1,\"length\":0}\n",
		  -EINVAL },
		{ HEAD, -EINVAL },
		{ HEAD "\n", -EINVAL },
		{ HEAD "{\"length\":0}\n", -EINVAL },
		{ HEAD "{\"at\":1}\n", -EINVAL },
		{ HEAD "{\"at\":1,\"length\":-1}\n", -EINVAL },
		{ HEAD "{\"at\":1,\"length\":99999999}\n", -EINVAL },
		{ HEAD "{\"at\":1,\"length\":3}\nab", -EINVAL },
		{ HEAD "{\"at\":1,\"length\":0,\"parent\":0}\n", -EINVAL },
		{ HEAD "{\"at\":1,\"length\":0,\"parent\":-1}\n", -EINVAL },
	};
#undef HEAD

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_close int fd = memfd_create("test", MFD_CLOEXEC);
		cleanup_import struct import import = { 0 };
		struct error error = { 0 };
		size_t length = strlen(rows[i].text);

		assert_int_equal(write(fd, rows[i].text, length), (ssize_t)length);
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		if (import_read(fd, &import, &error) != rows[i].result)
			fail_msg("%s: %s", rows[i].text, error.message);
		assert_true(rows[i].result == 0 ||
			    strcmp(error.message, "the history that was handed over is damaged") ==
				0);
	}
}

static void test_not_handed_over(void **state)
{
	cleanup_close int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	cleanup_import struct import import = { 0 }, back = { 0 };
	struct draft drafts[REVISIONS];
	struct error error = { 0 };

	(void)state;
	make_history(&import, drafts, REVISIONS, 7);
	assert_int_equal(import_write(full, &import, &error), -EIO);
	assert_non_null(strstr(error.message, "cannot hand the history over"));
	assert_int_equal(import_write(-1, &import, &error), -EBADF);
	assert_int_equal(import_read(-1, &back, &error), -EBADF);
}

/* One revision behind the other, each under its name; nobody says which one is checked out. */
static void add_texts(struct import *import, const char *const *texts, const char *const *names,
		      size_t count)
{
	struct error error = { 0 };

	*import = (struct import){ .path = strdup(PATH), .tip = IMPORT_NONE };
	for (size_t i = 0; i < count; i++)
		assert_int_equal(import_add(import,
					    &(struct import_revision){
						.at = FIRST_DAY + (usec_t)i * USEC_PER_MIN,
						.bytes = strdup(texts[i]),
						.length = strlen(texts[i]),
						.parent = i ? i - 1 : IMPORT_NONE,
						.name = names[i] },
					    &error),
				 0);
}

/* A file that became a plan, and was renamed. */
static void test_from_what_was_no_plan(void **state)
{
	static const char *const texts[] = { "Notes.\n",
					     "# P\n\n## Progress\n\n- [ ] Do number 1 of many.\n",
					     "# P\n\n## Progress\n\n- [x] Do number 1 of many.\n" };
	static const char *const names[] = { "/w/a", "/w/a", "/w/b" };
	const struct draft last = { .items = { { 1, 'x' } }, .count = 1 };
	cleanup_store struct store *store = NULL;
	cleanup_import struct import import = { 0 };
	cleanup_close int fd = memfd_create("test", MFD_CLOEXEC);
	cleanup_import struct import back = { 0 };
	struct import_result result;
	struct error error = { 0 };

	(void)state;
	assert_int_equal(store_open(&store, "test", STORE_MEMORY, &error), 0);
	add_texts(&import, texts, names, ARRAY_SIZE(texts));
	result = record(store, &import);
	assert_int_equal(result.revisions, 2);
	assert_true(result.first == import.revisions[1].at &&
		    result.last == import.revisions[2].at);
	assert_stands_as(store, &last);
	(void)verify(store);
	assert_int_equal(import_write(fd, &import, &error), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(import_read(fd, &back, &error), 0);
	assert_true(back.tip == IMPORT_NONE && !back.repo);
}

static void test_never_a_plan(void **state)
{
	static const char *const texts[] = { "Notes.\n", "More notes.\n" }, *const names[2] = {
		NULL
	};
	cleanup_store struct store *store = NULL;
	cleanup_import struct import import = { 0 };
	struct import_result result;
	struct error error = { 0 };

	(void)state;
	assert_int_equal(store_open(&store, "test", STORE_MEMORY, &error), 0);
	add_texts(&import, texts, names, ARRAY_SIZE(texts));
	assert_int_equal(import_record(store, &import, (struct import_pause){ 0 }, &result, &error),
			 0);
	assert_true(result.revisions == 0 && result.known == 0);
	assert_int_equal(verify(store).events, 0);
}

/* All of the history is younger than the first look: that saw more. */
static void test_nothing_older(void **state)
{
	cleanup_store struct store *store = NULL;
	cleanup_import struct import import = { 0 };
	struct draft drafts[REVISIONS];
	struct import_result result;
	struct error error = { 0 };
	struct verify_counts before;

	(void)state;
	assert_int_equal(store_open(&store, "test", STORE_MEMORY, &error), 0);
	make_history(&import, drafts, REVISIONS, 3);
	look_at(store, &drafts[0], FIRST_DAY - USEC_PER_DAY);
	before = verify(store);
	result = record(store, &import);
	assert_true(result.revisions == 0 && result.known == REVISIONS);
	assert_int_equal(verify(store).events, before.events);
	assert_stands_as(store, &drafts[0]);
}

static void test_a_history_that_is_too_large(void **state)
{
	cleanup_import struct import import = { .path = strdup(PATH), .bytes = IMPORT_SIZE_MAX };
	struct error error = { 0 };

	(void)state;
	assert_int_equal(import_add(&import,
				    &(struct import_revision){ .bytes = strdup("x"), .length = 1 },
				    &error),
			 -EFBIG);
	assert_int_equal(import.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_an_unknown_plan),
		cmocka_unit_test(test_before_what_was_witnessed),
		cmocka_unit_test(test_handed_over),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_not_handed_over),
		cmocka_unit_test(test_from_what_was_no_plan),
		cmocka_unit_test(test_never_a_plan),
		cmocka_unit_test(test_nothing_older),
		cmocka_unit_test(test_a_history_that_is_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
