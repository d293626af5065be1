/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store by itself: what it refuses to open, what is asked of it and not there, episodes, time that does not count. */
#include "unit.h"

#include "planwatch/cleanup.h"
#include "planwatch/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define T(minutes) ((minutes)*USEC_PER_MIN)

static int set_up(void **state)
{
	struct store *store = NULL;
	struct error error = { 0 };
	int r = store_open(&store, "memory", STORE_MEMORY, &error);

	*state = store;
	return r;
}

static int tear_down(void **state)
{
	store_close(*state);
	return 0;
}

/* ---- Opening ---- */

static void assert_refused(const char *path, enum store_mode mode, int code, const char *message)
{
	struct store *store = NULL;
	struct error error = { 0 };

	assert_int_equal(store_open(&store, path, mode, &error), code);
	assert_null(store);
	if (!strstr(error.message, message))
		fail_msg("%s, expected %s", error.message, message);
}

static void test_open(void **unused)
{
	char folder[] = "/tmp/test_store.XXXXXX", path[60], lock[70];
	int fd;

	(void)unused;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/db", folder);
	(void)snprintf(lock, sizeof(lock), "%s.lock", path);
	assert_refused(path, STORE_READ, -ENOENT, "No such file");
	assert_int_equal(store_last_looked(path), INSTANT_NONE);

	/* Made, and nothing more: planwatchd was stopped there. */
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_refused(path, STORE_READ, -EPROTO, "start planwatchd once to migrate it");
	assert_int_equal(pwrite(fd, "no database, and long enough to be one......", 44, 0), 44);
	assert_int_equal(ftruncate(fd, 4096), 0);
	(void)close(fd);
	assert_refused(path, STORE_READ, -EBADMSG, "the database is damaged");
	assert_int_equal(unlink(path), 0);

	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused(path, STORE_WRITE, -EISDIR, "Is a directory");
	assert_int_equal(rmdir(path), 0);

	/* Held by a program that has not said who it is. */
	fd = open(lock, O_RDWR | O_TRUNC | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_refused(path, STORE_WRITE, -EBUSY, "(it has not said who it is)");
	assert_int_equal(pwrite(fd, "vim, process 1\n", 15, 0), 15);
	assert_refused(path, STORE_WRITE, -EBUSY,
		       "another program writes this database: vim, process 1");
	(void)close(fd);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* An SQLite database without tables (sqlite.org/fileformat2.html, 1.3 and 1.6). */
static void make_database(const char *path, uint32_t version, uint32_t application)
{
	unsigned char page[4096] = "SQLite format 3";
	static const unsigned char head[] = { 0x10, 0, 1, 1, 0, 64, 32, 32 }, /* at 16 */
	    leaf[] = { 13, 0, 0, 0, 0, 0x10, 0, 0 };			      /* at 100 */
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	memcpy(page + 16, head, sizeof(head));
	page[31] = 1; /* pages */
	page[47] = 4; /* schema format */
	page[59] = 1; /* UTF-8 */
	for (int i = 0; i < 4; i++) {
		page[60 + i] = (unsigned char)(version >> (24 - 8 * i));
		page[68 + i] = (unsigned char)(application >> (24 - 8 * i));
	}
	memcpy(page + 100, leaf, sizeof(leaf));
	assert_int_equal(write(fd, page, sizeof(page)), sizeof(page));
	(void)close(fd);
}

static void test_foreign_databases(void **unused)
{
	static const struct {
		uint32_t version, application;
		int code;
		const char *message;
	} rows[] = {
		{ 0, 1, -EBADMSG, "not a Planwatch database; give another with --db" },
		{ 1, 0, -EBADMSG, "not a Planwatch database" },
		{ 9999, 0x506C5761, -EPROTO, "written by a newer Planwatch (schema 9999" },
		{ 0, 0x506C5761, -EPROTO, "start planwatchd once to migrate it" },
		{ 0, 0, -EPROTO, "start planwatchd once to migrate it" },
	};
	char folder[] = "/tmp/test_store.XXXXXX", path[60];

	(void)unused;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/db", folder);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		make_database(path, rows[i].version, rows[i].application);
		assert_refused(path, STORE_READ, rows[i].code, rows[i].message);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* ---- Roots, files, observations ---- */

static int stop_at_first(void *userdata, const char *path, usec_t added_at)
{
	assert_int_equal(added_at, T(1));
	(void)snprintf(userdata, 20, "%s", path);
	return 7;
}

static void test_roots(void **state)
{
	struct store *store = *state;
	struct error error = { 0 };
	char path[20] = "";

	assert_int_equal(store_root_add(store, "/b", T(2), &error), 0);
	assert_int_equal(store_root_add(store, "/a", T(1), &error), 0);
	assert_int_equal(store_root_add(store, "/a", T(3), &error), 0);
	assert_int_equal(store_roots(store, stop_at_first, path, &error), 7);
	assert_string_equal(path, "/a");
	assert_int_equal(store_root_remove(store, "/c", &error), -ENOENT);
	assert_string_equal(error.message, "/c: not a registered root; `planctl roots` lists them");
	assert_int_equal(store_root_remove(store, "/b", &error), 0);
	assert_int_equal(store_root_remove(store, "/b", &error), -ENOENT);
}

static int note_file(void *userdata, const struct file_row *row)
{
	char *paths = userdata;

	(void)snprintf(paths + strlen(paths), 100 - strlen(paths), "%s ", row->path);
	return strcmp(row->path, "/z") == 0;
}

static void test_files_below(void **state)
{
	static const char *const paths[] = { "/a/b/c", "/a/b", "/a/bc", "/a/b-c", "/z", "/zz" };
	static const struct {
		const char *below, *paths;
		int result;
	} rows[] = {
		{ "/a/b", "/a/b /a/b/c ", 0 },
		{ "/a", "/a/b /a/b-c /a/b/c /a/bc ", 0 },
		{ "/a/", "", 0 },
		{ "/", "/a/b /a/b-c /a/b/c /a/bc /z ", 1 },
	};
	struct store *store = *state;
	struct error error = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct file_row row = { .path = strdup(paths[i]), .present = true };
		assert_int_equal(store_file_put(store, &row, &error), 0);
		file_row_done(&row);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char found[100] = "";
		assert_int_equal(store_files_below(store, rows[i].below, note_file, found, &error),
				 rows[i].result);
		assert_string_equal(found, rows[i].paths);
	}
}

static void test_what_is_not_there(void **state)
{
	struct store *store = *state;
	struct observation observation;
	struct file_row file;
	struct plan_row plan;
	struct error error = { 0 };
	char *branch;

	assert_int_equal(store_file_by_path(store, "/a", &file, &error), -ENOENT);
	assert_int_equal(store_plan_get(store, 1, &plan, &error), -ENOENT);
	assert_int_equal(store_branch_of(store, "/a", &branch, &error), -ENOENT);
	assert_int_equal(store_observation_on(store, 1, "/a", "b", &observation, &error), -ENOENT);
	assert_int_equal(store_observation_with(store, 1, "x", 1, &observation, &error), -ENOENT);
	assert_int_equal(store_observation_at(store, 1, T(1), INT64_MAX, &observation, &error),
			 -ENOENT);
	assert_int_equal(store_context_differs(store, 1, "/a", "b", &error), 0);
}

/* Content that is kept, and was never found in this file. */
static void test_observations_of_a_content(void **state)
{
	struct store *store = *state;
	struct file_row one = { .path = strdup("/a"), .present = true },
			two = { .path = strdup("/b"), .present = true };
	struct observation look = { .at = T(1), .not_before = INSTANT_NONE }, found;
	struct error error = { 0 };

	assert_int_equal(store_file_put(store, &one, &error), 0);
	assert_int_equal(store_file_put(store, &two, &error), 0);
	assert_int_equal(store_content_put(store, "x", 1, &look.content, &error), 0);
	look.file = one.id;
	assert_int_equal(store_observation_add(store, &look, &error), 0);
	assert_int_equal(store_observation_with(store, one.id, "x", 1, &found, &error), 0);
	assert_int_equal(found.at, T(1));
	assert_int_equal(store_observation_with(store, two.id, "x", 1, &found, &error), -ENOENT);
	file_row_done(&one);
	file_row_done(&two);
}

/* ---- Time that does not count ---- */

static void gap(struct store *store, const char *lapse, usec_t from, usec_t until)
{
	struct observation observation = { .at = until, .not_before = from };
	struct error error = { 0 };

	assert_int_equal(store_journal_add(store, &observation, EVENT_GAP, lapse, "", &error), 0);
}

static void test_lapses(void **state)
{
	static const struct {
		usec_t since;
		struct span first;
		size_t count;
	} rows[] = {
		{ INSTANT_NONE, { T(10), T(30) }, 2 },
		{ T(25), { T(15), T(30) }, 2 },
		{ T(30), { T(40), T(70) }, 1 },
		{ T(70), { 0, 0 }, 0 },
	};
	struct store *store = *state;

	gap(store, LAPSE_SUSPENDED, T(10), T(20));
	gap(store, LAPSE_OFF, T(15), T(30));
	gap(store, NULL, T(31), T(39)); /* we were blind, they worked */
	gap(store, LAPSE_OFF, T(40), T(50));
	gap(store, LAPSE_SUSPENDED, T(42), T(45));
	gap(store, LAPSE_SUSPENDED, T(50), T(70));
	gap(store, LAPSE_CLOCK, T(60), T(35)); /* set back */
	gap(store, LAPSE_SUSPENDED, T(65), T(65));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct span_list list = { 0 };
		struct error error = { 0 };

		assert_int_equal(store_lapses(store, rows[i].since, &list, &error), 0);
		assert_int_equal(list.count, rows[i].count);
		if (list.count) {
			assert_int_equal(list.spans[0].from, rows[i].first.from);
			assert_int_equal(list.spans[0].until, rows[i].first.until);
			assert_int_equal(list.spans[list.count - 1].from, T(40));
			assert_int_equal(list.spans[list.count - 1].until, T(70));
		}
		span_list_done(&list);
	}
}

static int64_t put_plan(struct store *store)
{
	struct file_row file = { .path = strdup("/plan.md"), .present = true };
	struct plan_row plan = { .part = 1, .present = true, .title = strdup("A") };
	struct error error = { 0 };

	assert_int_equal(store_file_put(store, &file, &error), 0);
	plan.file = file.id;
	assert_int_equal(store_plan_put(store, &plan, &error), 0);
	int64_t id = plan.id;
	file_row_done(&file);
	plan_row_done(&plan);
	return id;
}

static void change_status(struct store *store, int64_t plan, usec_t at, const char *before,
			  const char *now)
{
	struct observation look = { .at = at, .not_before = INSTANT_NONE };
	struct event event = { .plan = plan,
			       .kind = EVENT_STATUS_CHANGED,
			       .before = before,
			       .text = now,
			       .position = -1,
			       .claimed_at = INSTANT_NONE };
	struct error error = { 0 };

	assert_int_equal(store_observation_add(store, &look, &error), 0);
	assert_int_equal(store_event_add(store, &event, &error), 0);
}

static void test_waits(void **state)
{
	struct store *store = *state;
	int64_t plan = put_plan(store);
	struct span_list list = { 0 };
	struct error error = { 0 };

	/* It was blocked when it was first seen. */
	change_status(store, plan, T(10), "BLOCKED", "IN PROGRESS");
	change_status(store, plan, T(20), "IN PROGRESS", "In review");
	change_status(store, plan, T(25), "In review", "Blocked: disk");
	change_status(store, plan, T(30), "Blocked: disk", NULL);
	change_status(store, plan, T(40), NULL, "DRAFT");
	change_status(store, plan, T(50), "DRAFT", "APPROVED");
	change_status(store, plan, T(60), "APPROVED", "BLOCKED");
	assert_int_equal(store_waits(store, plan, T(5), &list, &error), 0);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.spans[0].from, T(5));
	assert_int_equal(list.spans[0].until, T(10));
	assert_int_equal(list.spans[1].from, T(20));
	assert_int_equal(list.spans[1].until, T(30));
	span_list_done(&list);
	assert_int_equal(store_waits(store, plan, T(10), &list, &error), 0);
	assert_int_equal(list.count, 1);
	span_list_done(&list);
}

/* ---- Episodes ---- */

static void test_episodes(void **state)
{
	struct store *store = *state;
	struct episode_row row = { .plan = put_plan(store),
				   .verdict = strdup("over"),
				   .reason = strdup("long"),
				   .fired_at = T(1),
				   .acknowledged_at = INSTANT_NONE,
				   .snoozed_until = INSTANT_NONE,
				   .resolved_at = INSTANT_NONE,
				   .step = 2,
				   .step_at = T(1),
				   .shown_at = INSTANT_NONE,
				   .used_seconds = -1,
				   .limit_seconds = -1 },
			   now = { 0 };
	struct error error = { 0 };

	assert_int_equal(store_episode_get(store, 1, &now, &error), -ENOENT);
	assert_string_equal(error.message, "no episode 1; `planctl alerts` lists them");
	assert_int_equal(store_episode_acknowledge(store, 1, T(2), &error), -ENOENT);
	assert_int_equal(store_episode_snooze(store, 1, T(3), T(2), &error), -ENOENT);
	assert_int_equal(store_episode_shown(store, 1, 1, T(2), &error), -ENOENT);
	assert_int_equal(store_episode_put(store, &row, &error), 0);
	assert_int_equal(row.id, 1);

	/* A snooze and an acknowledgement take each other's place; the first acknowledgement stands. */
	assert_int_equal(store_episode_snooze(store, 1, T(2), T(2), &error), -EINVAL);
	assert_string_equal(error.message, "a snooze must end in the future");
	assert_int_equal(store_episode_snooze(store, 1, T(9), T(2), &error), 0);
	assert_int_equal(store_episode_acknowledge(store, 1, T(3), &error), 0);
	assert_int_equal(store_episode_acknowledge(store, 1, T(4), &error), 0);
	assert_int_equal(store_episode_get(store, 1, &now, &error), 0);
	assert_int_equal(now.acknowledged_at, T(3));
	assert_int_equal(now.snoozed_until, INSTANT_NONE);
	episode_row_done(&now);

	/* No step is shown twice, and none that it has not come to. */
	assert_int_equal(store_episode_shown(store, 1, 9, T(5), &error), 0);
	assert_int_equal(store_episode_shown(store, 1, 2, T(6), &error), 0);
	assert_int_equal(store_episode_get(store, 1, &now, &error), 0);
	assert_int_equal(now.shown_step, 2);
	assert_int_equal(now.shown_at, T(5));
	episode_row_done(&now);

	row.resolved_at = T(7);
	assert_int_equal(store_episode_put(store, &row, &error), 0);
	assert_int_equal(store_episode_acknowledge(store, 1, T(8), &error), -EALREADY);
	assert_string_equal(error.message, "episode 1 is over");
	assert_int_equal(store_episode_snooze(store, 1, T(9), T(8), &error), -EALREADY);
	episode_row_done(&row);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_foreign_databases),
		TEST(test_roots),
		TEST(test_files_below),
		TEST(test_what_is_not_there),
		TEST(test_observations_of_a_content),
		TEST(test_lapses),
		TEST(test_waits),
		TEST(test_episodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
