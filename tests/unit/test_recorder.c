/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's recorder over a store in memory: what has to stand before it is believed. */
#include "unit.h"

#include "../../daemon/recorder.h"

#include "planwatch/cleanup.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PLAN_HEAD "# A plan\n\n## Progress\n\n"
#define PLAN_TEXT PLAN_HEAD "- [ ] One.\n- [x] Two.\n"

/* Seconds that CLOCK_MONOTONIC is ahead; in front of the C library's function. */
static time_t ahead;

int clock_gettime(clockid_t id, struct timespec *ret)
{
	long r = syscall(SYS_clock_gettime, id, ret);

	ret->tv_sec += id == CLOCK_MONOTONIC ? ahead : 0;
	return (int)r;
}

struct world {
	char folder[40], path[60];
	double read_at; /* not before */
	sd_event *event;
	struct store *store;
	struct recorder *recorder;
};

static void nothing(void *userdata)
{
	(void)userdata;
}

static bool no(void *userdata, const char *path)
{
	(void)userdata;
	(void)path;
	return false;
}

static bool no_repo(void *userdata, const char *repo, const char *branch)
{
	(void)branch;
	return no(userdata, repo);
}

static const struct recorder_handlers handlers = { nothing, nothing, nothing, no,
						   nothing, no_repo, NULL };

static void put(const struct world *w, const char *text)
{
	cleanup_fclose FILE *file = fopen(w->path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct error error = { 0 };

	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/test_recorder.XXXXXX");
	if (!mkdtemp(w->folder) || sd_event_new(&w->event) < 0 ||
	    store_open(&w->store, "memory", STORE_MEMORY, &error) < 0)
		return -1;
	(void)snprintf(w->path, sizeof(w->path), "%s/PLAN.md", w->folder);
	*state = w;
	return recorder_new(&w->recorder, w->event, w->store, INSTANT_NONE, &handlers);
}

static int tear_down(void **state)
{
	struct world *w = *state;

	recorder_free(w->recorder);
	store_close(w->store);
	(void)sd_event_unref(w->event);
	(void)remove(w->path);
	(void)remove(w->folder);
	free(w);
	return 0;
}

static void save(const struct world *w, const char *text)
{
	put(w, text);
	assert_int_equal(recorder_queue(w->recorder, w->path, WATCH_CHANGED), 0);
	recorder_flush(w->recorder, ORIGIN_LIVE, NULL);
}

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool is_empty(const struct world *w)
{
	cleanup(file_row_done) struct file_row file = { 0 };
	cleanup_free char *bytes = NULL;
	struct error error = { 0 };
	size_t length = 0;

	assert_int_equal(store_file_by_path(w->store, w->path, &file, &error), 0);
	assert_int_equal(store_content_get(w->store, file.content, &bytes, &length, &error), 0);
	return length == 0;
}

static int busy(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct world *w = userdata;
	double began = seconds();

	(void)source;
	(void)usec;
	while (seconds() < began + 0.6)
		;
	w->read_at = seconds();
	assert_int_equal(recorder_queue(w->recorder, w->path, WATCH_CHANGED), 0);
	recorder_flush(w->recorder, ORIGIN_LIVE, NULL);
	return 0;
}

/* A loss stands from when it was read on, not from when the loop woke up: the turn in which it is read may be a long one. */
static void test_loss_in_long_turn(void **state)
{
	struct world *w = *state;
	uint64_t mark;

	save(w, PLAN_TEXT);
	assert_false(is_empty(w));
	put(w, "");
	assert_true(sd_event_add_time_relative(w->event, NULL, CLOCK_MONOTONIC, 0, 0, busy, w) >=
		    0);
	assert_true(sd_event_run(w->event, UINT64_MAX) > 0);
	mark = recorder_mark(w->recorder);
	assert_false(recorder_has_settled(w->recorder, mark));
	while (!recorder_has_settled(w->recorder, mark))
		assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
	assert_true(seconds() - w->read_at >= 0.5);
	assert_true(is_empty(w));
}

/*
 * Items go, and others, for as long as the daemon believes anything at last: each state was overwritten, and is on record. The half of a
 * save that is read then is none of them.
 */
static void test_half_after_many_losses(void **state)
{
	struct world *w = *state;
	char text[400] = PLAN_HEAD;
	size_t head = strlen(text);

	for (int i = 0; i < 30; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "- [ ] %d.\n", i);
	(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "- [ ] Last.\n");
	save(w, text);
	for (int i = 0; i < 10; i++) {
		char *first = text + head;
		const char *second = strchr(first, '\n') + 1;

		memmove(first, second, strlen(second) + 1);
		save(w, text);
		ahead += 2;
	}
	save(w, "");
	assert_false(is_empty(w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_loss_in_long_turn, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_half_after_many_losses, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
