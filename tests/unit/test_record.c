/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The recording over the store: random edits of a plan, and the laws after each. */
#include "unit.h"

#include "planwatch/record.h"
#include "planwatch/verify.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct world {
	char folder[40], *path;
	struct store *store;
	usec_t now;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct error error = { 0 };

	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/test_record.XXXXXX");
	if (!mkdtemp(w->folder) || asprintf(&w->path, "%s/state/planwatch.db", w->folder) < 0)
		return -1;
	w->now = instant_from_civil(2026, 1, 1, 0, 0, 0, 0);
	*state = w;
	return store_open(&w->store, w->path, STORE_WRITE, &error);
}

static int tear_down(void **state)
{
	static const char *const files[] = { "state/planwatch.db",
					     "state/planwatch.db-wal",
					     "state/planwatch.db-shm",
					     "state/planwatch.db.lock",
					     "state",
					     "" };
	struct world *w = *state;

	store_close(w->store);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[100];
		(void)snprintf(path, sizeof(path), "%s/%s", w->folder, files[i]);
		if (remove(path) < 0 && errno != ENOENT)
			return -1;
	}
	free(w->path);
	free(w);
	return 0;
}

static int record(struct world *w, const char *path, const char *text, bool believe_loss)
{
	struct look look = { .path = path,
			     .at = w->now += USEC_PER_MIN,
			     .not_before = INSTANT_NONE,
			     .modified = INSTANT_NONE,
			     .device = 1,
			     .inode = 1,
			     .believe_loss = believe_loss };
	struct error error = { 0 };
	int r;

	assert_int_equal(store_begin(w->store, &error), 0);
	r = record_content(w->store, &look, text, strlen(text), &error);
	assert_true(r >= 0);
	assert_int_equal(store_commit(w->store, &error), 0);
	return r;
}

static void print_finding(void *userdata, const char *finding)
{
	(void)userdata;
	print_error("%s\n", finding);
}

static struct verify_counts verify(struct world *w)
{
	struct verify_counts counts;
	struct error error = { 0 };

	assert_int_equal(verify_store(w->store, print_finding, NULL, &counts, &error), 0);
	assert_int_equal(counts.findings, 0);
	return counts;
}

#define HEAD "# Plan\n\nStatus: IN PROGRESS\n\n## Progress\n\n"

static void test_same_bytes_again(void **state)
{
	struct world *w = *state;

	assert_int_equal(record(w, "/p/plan.md", HEAD "- [ ] one\n", false), RECORD_FOUND);
	assert_int_equal(record(w, "/p/plan.md", HEAD "- [ ] one\n", false), RECORD_UNCHANGED);
	assert_int_equal(verify(w).revisions, 1);
}

static void test_loss_is_not_believed(void **state)
{
	struct world *w = *state;

	(void)record(w, "/p/plan.md", HEAD "- [ ] one\n- [ ] two\n", false);
	assert_int_equal(record(w, "/p/plan.md", HEAD "- [ ] one\n", false), RECORD_LOSS);
	assert_int_equal(record(w, "/p/plan.md", "", false), RECORD_LOSS);
	assert_int_equal(verify(w).revisions, 1);
	assert_int_equal(record(w, "/p/plan.md", HEAD "- [ ] one\n", true), RECORD_CHANGED);
	assert_int_equal(verify(w).revisions, 2);
}

static void test_no_plan(void **state)
{
	struct world *w = *state;

	assert_int_equal(record(w, "/p/notes.md", "# Notes\n\nnothing\n", false), RECORD_NO_PLAN);
	assert_int_equal(verify(w).plans, 0);
}

static int note_section(void *userdata, const struct log_row *row)
{
	(void)snprintf(userdata, 20, "%s>%s", row->event.before, row->event.after);
	return 0;
}

#define LOGGED(entries) HEAD "- [ ] one\n\n## Decision Log\n\n" entries

/* The last change of a section, as "before>after". */
static void assert_last_section(struct world *w, const char *wanted)
{
	struct log_filter filter = { .since = INSTANT_NONE,
				     .until = INSTANT_NONE,
				     .kinds = 1u << EVENT_SECTION_CHANGED,
				     .limit = 1 };
	struct error error = { 0 };
	char counts[20] = "";

	assert_int_equal(store_log(w->store, &filter, note_section, counts, &error), 0);
	assert_string_equal(counts, wanted);
}

/* Too large for it to be kept itself. */
static void record_large(struct world *w, int width)
{
	cleanup_free char *large = NULL;

	assert_true(asprintf(&large, LOGGED("- a\n\n%*s\n"), width, "word") > 0);
	(void)record(w, "/p/plan.md", large, true);
}

/* The next content gets the id of one that was rolled back; what was kept of that is not taken for it. */
static void check_rollback(struct world *w)
{
	const char *three = LOGGED("- a\n- b\n- c\n");
	struct look look = { .path = "/p/plan.md",
			     .at = w->now + USEC_PER_MIN,
			     .not_before = INSTANT_NONE,
			     .modified = INSTANT_NONE };
	struct error error = { 0 };

	assert_int_equal(store_begin(w->store, &error), 0);
	assert_int_equal(record_content(w->store, &look, three, strlen(three), &error),
			 RECORD_CHANGED);
	store_rollback(w->store);
	record_large(w, 300000);
	(void)record(w, "/p/plan.md", LOGGED("- a\n- b\n"), true);
	assert_last_section(w, "1>2");
	(void)verify(w);
}

static void test_what_was_rolled_back_is_forgotten(void **state)
{
	struct world *w = *state;
	struct error error = { 0 };
	char db[100];

	(void)record(w, "/p/plan.md", LOGGED(""), true);
	check_rollback(w);

	/* So is what was kept of another database: this one counts its contents anew, the kept one's id was 4. */
	(void)record(w, "/p/plan.md", LOGGED("- a\n- b\n- c\n"), true);
	(void)snprintf(db, sizeof(db), "%s/state/planwatch.db", w->folder);
	assert_int_equal(unlink(db), 0);
	assert_true(store_is_lost(w->store));
	assert_int_equal(store_reopen(w->store, &error), 0);
	for (int i = 1; i <= 4; i++)
		record_large(w, 300000 + i);
	(void)record(w, "/p/plan.md", LOGGED(""), true);
	assert_last_section(w, "1>0");
	check_rollback(w);
}

/* ---- Random edits ---- */

enum { ITEMS_MAX = 30 };

struct draft {
	struct {
		char text[64];
		char mark;
	} items[ITEMS_MAX];
	int count, next;
};

static unsigned pick(uint64_t *seed, unsigned below)
{
	/* xorshift64* (Vigna, 2016): the same sequence everywhere. */
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (unsigned)((*seed * 2685821657736338717u) >> 33) % below;
}

static void edit(struct draft *d, uint64_t *seed)
{
	static const char *const verbs[] = { "write", "test", "wire", "measure", "document" };
	unsigned at = d->count ? pick(seed, (unsigned)d->count) : 0, to;

	switch (pick(seed, 6)) {
	case 0:
	case 1:
		if (d->count == ITEMS_MAX)
			break;
		memmove(&d->items[at + 1], &d->items[at],
			((size_t)d->count - at) * sizeof(d->items[0]));
		(void)snprintf(d->items[at].text, sizeof(d->items[at].text),
			       "%s part %d of the thing", verbs[pick(seed, 5)],
			       pick(seed, 4) ? d->next++ : 0);
		d->items[at].mark = " x~"[pick(seed, 3)];
		d->count++;
		break;
	case 2:
		if (d->count)
			d->items[at].mark = " x~"[pick(seed, 3)];
		break;
	case 3:
		if (d->count)
			(void)snprintf(d->items[at].text, sizeof(d->items[at].text),
				       "(2026-01-%02u) %s it, %d cases", pick(seed, 28) + 1,
				       verbs[pick(seed, 5)], d->next++);
		break;
	case 4:
		if (d->count) {
			memmove(&d->items[at], &d->items[at + 1],
				((size_t)d->count - at - 1) * sizeof(d->items[0]));
			d->count--;
		}
		break;
	default:
		if (d->count) {
			to = pick(seed, (unsigned)d->count);
			__typeof__(d->items[0]) moved = d->items[at];
			d->items[at] = d->items[to];
			d->items[to] = moved;
		}
	}
}

static char *write_draft(const struct draft *d)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)fputs(HEAD, out);
	for (int i = 0; i < d->count; i++)
		(void)fprintf(out, "- [%c] %s\n", d->items[i].mark, d->items[i].text);
	(void)fclose(out);
	return text;
}

static void test_laws_over_random_edits(void **state)
{
	struct world *w = *state;
	int revisions = 0;

	for (uint64_t plan = 1; plan <= 40; plan++) {
		struct draft draft = { .next = 1 };
		uint64_t seed = plan * 7919;
		char path[40];

		(void)snprintf(path, sizeof(path), "/p/plan-%d.md", (int)plan);
		for (int revision = 0; revision < 50; revision++) {
			for (unsigned edits = pick(&seed, 5) + (revision == 0 ? 5 : 0); edits > 0;
			     edits--)
				edit(&draft, &seed);
			/* Before its first item nobody would take it for a plan. */
			if (draft.count == 0 && revision == 0)
				continue;
			cleanup_free char *text = write_draft(&draft);
			revisions += record(w, path, text, true) != RECORD_UNCHANGED;
		}
	}
	struct verify_counts counts = verify(w);
	assert_int_equal(counts.plans, 40);
	assert_in_range(counts.revisions, 1000, revisions);
}

static void test_second_writer_is_refused(void **state)
{
	struct world *w = *state;
	struct store *second = NULL;
	struct error error = { 0 };

	assert_int_equal(store_open(&second, w->path, STORE_WRITE, &error), -EBUSY);
	assert_non_null(strstr(error.message, "another program writes this database"));
	assert_int_equal(store_open(&second, w->path, STORE_READ, &error), 0);
	assert_true(store_root_add(second, "/x", 0, &error) < 0);
	store_close(second);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_same_bytes_again),
		TEST(test_loss_is_not_believed),
		TEST(test_no_plan),
		TEST(test_what_was_rolled_back_is_forgotten),
		TEST(test_laws_over_random_edits),
		TEST(test_second_writer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
