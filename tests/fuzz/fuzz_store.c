/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A database with bytes changed at random, or its end cut off: whatever planctl reads of it, and what the daemon would write, either
 * works or fails with a sentence; what is handed out is what store.h promises. The input is a list of changes: three bytes that say
 * where, one that says how many bytes follow, and those.
 */
#include "fuzz.h"

#include "planwatch/assess.h"
#include "planwatch/history.h"
#include "planwatch/record.h"
#include "planwatch/verify.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define NOW (INT64_C(1772600767) * USEC_PER_SEC)

/* In memory: the writer waits for the disk at each commit. */
static char folder[] = "/dev/shm/fuzz_store.XXXXXX", path[60];
static uint8_t *whole;
static size_t whole_size;

/* ---- The database that is to be damaged ---- */

static const char *const revisions[] = {
	"# Parser\n\nStatus: IN PROGRESS\n\n## Tolerances\n\n- Time: if a stage takes more than 4 hours, stop.\n\n"
	"## Progress\n\n- [x] (2026-01-05 10:00Z) Stage A: read.\n- [ ] Stage B: write.\n- [ ] Stage C: wire.\n",
	"# Parser\n\nStatus: BLOCKED\n\n## Tolerances\n\n- Time: if a stage takes more than 2 hours, stop.\n\n"
	"## Progress\n\n- [x] (2026-01-05 10:00Z) Stage A: read.\n- [x] Stage B: wrote it, 90 lines.\n- [ ] Stage B: test.\n",
	"# Parser\n\nStatus: IN PROGRESS\n\n## Progress\n\n- [ ] Stage B: test.\n- [~] Stage A: read.\n- [/] Stage D: ship.\n",
};

static int record(struct store *store, const char *file, const char *text, usec_t at,
		  struct error *error)
{
	const struct git_context git = { 0 };
	const struct look look = { .path = file,
				   .at = at,
				   .not_before = at - USEC_PER_HOUR,
				   .modified = INSTANT_NONE,
				   .device = 1,
				   .inode = 1,
				   .believe_loss = true,
				   .git = &git,
				   .committed_at = INSTANT_NONE };
	int r = store_begin(store, error);

	if (r == 0)
		r = record_content(store, &look, text, strlen(text), error);
	if (r >= 0)
		r = store_commit(store, error);
	else
		store_rollback(store);
	return r;
}

static void make_database(void)
{
	cleanup_store struct store *store = NULL;
	struct episode_row episode = { .plan = 1,
				       .verdict = (char[]){ "over" },
				       .reason = (char[]){ "stage has used 5 h" },
				       .fired_at = NOW,
				       .acknowledged_at = INSTANT_NONE,
				       .snoozed_until = INSTANT_NONE,
				       .resolved_at = INSTANT_NONE,
				       .step = 1,
				       .step_at = NOW,
				       .shown_at = INSTANT_NONE };
	struct error error = { 0 };
	usec_t at = NOW - 30 * USEC_PER_DAY;

	CHECK(store_open(&store, path, STORE_WRITE, &error) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(revisions); i++) {
		CHECK(record(store, "/plans/a.md", revisions[i], at += USEC_PER_DAY, &error) == 0);
		CHECK(record(store, "/plans/b.md", revisions[i], at += USEC_PER_DAY, &error) == 0);
	}
	CHECK(store_begin(store, &error) == 0 && store_root_add(store, "/plans", at, &error) == 0);
	CHECK(store_episode_put(store, &episode, &error) == 0);
	CHECK(store_commit(store, &error) == 0);
}

static void remove_all(void)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal", ".lock" };
	char name[80];

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		(void)unlink(name);
	}
}

static void remove_folder(void)
{
	remove_all();
	(void)rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct stat st;

	(void)argc;
	(void)argv;
	CHECK(mkdtemp(folder) && atexit(remove_folder) == 0);
	(void)snprintf(path, sizeof(path), "%s/planwatch.db", folder);
	make_database();
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && fstat(fd, &st) == 0);
	whole_size = (size_t)st.st_size;
	whole = malloc(whole_size);
	CHECK(whole && read(fd, whole, whole_size) == st.st_size);
	remove_all();
	return 0;
}

static void write_damaged(const uint8_t *data, size_t size)
{
	cleanup_free uint8_t *bytes = malloc(whole_size);
	size_t length = whole_size;

	CHECK(bytes);
	memcpy(bytes, whole, whole_size);
	while (size >= 4) {
		size_t at = ((size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2]) % whole_size;
		size_t count = data[3];
		data += 4;
		size -= 4;
		if (count == 0)
			length = at;
		count = count < size ? count : size;
		count = count < whole_size - at ? count : whole_size - at;
		memcpy(bytes + at, data, count);
		data += count;
		size -= count;
	}
	cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
}

/* ---- What is read of it ---- */

struct reading {
	struct store *store;
	struct assessor assessor;
	size_t told;
};

/* 0, or a failure with its sentence. A walk that the callback ended returns what that did. */
static bool went_well(int r, struct error *error)
{
	CHECK(r >= 0 || (error->code == r && *error->message));
	*error = (struct error){ 0 };
	return r >= 0;
}

/* Reads it to its end, as a printer would. */
static void touch(struct reading *reading, const char *text)
{
	CHECK(text);
	reading->told += strlen(text);
}

static int on_log(void *userdata, const struct log_row *row)
{
	struct reading *reading = userdata;

	CHECK(row->event.kind == 0 || event_kind_name(row->event.kind));
	CHECK(origin_name(row->observation.origin));
	if (row->path)
		touch(reading, row->path);
	if (row->event.text)
		touch(reading, row->event.text);
	return 0;
}

static int on_episode(void *userdata, const struct episode_row *row)
{
	touch(userdata, row->verdict);
	touch(userdata, row->reason);
	return 0;
}

static void read_items(struct reading *reading, int64_t plan)
{
	cleanup(item_list_done) struct item_list items = { 0 };
	struct error error = { 0 };

	if (!went_well(store_items(reading->store, plan, &items, &error), &error))
		return;
	for (size_t i = 0; i < items.count; i++) {
		const struct item *item = &items.rows[i].item;
		touch(reading, item->text);
		touch(reading, item->mark);
		CHECK(item->gist >= item->text && item->gist <= item->text + strlen(item->text));
		CHECK(item->state <= ITEM_OTHER && item->stamp.precision <= STAMP_SECOND);
	}
}

static int on_plan(void *userdata, const struct plan_row *row)
{
	struct reading *reading = userdata;
	const struct log_filter filter = { .plan = row->id,
					   .since = INSTANT_NONE,
					   .until = INSTANT_NONE };
	cleanup_history struct history history = { 0 };
	cleanup(plan_row_done) struct plan_row copy = { 0 };
	struct verdict verdict;
	struct error error = { 0 };

	touch(reading, row->path);
	touch(reading, row->title);
	CHECK(row->state.status <= STATUS_SUPERSEDED);
	read_items(reading, row->id);
	(void)went_well(store_log(reading->store, &filter, on_log, reading, &error), &error);
	(void)went_well(history_load(reading->store, row->id, INT64_MAX, &history, &error), &error);
	CHECK(plan_row_copy(row, &copy) == 0);
	if (went_well(assess(&reading->assessor, &copy, NOW, &verdict, NULL, &error), &error))
		touch(reading, verdict_name(verdict.kind));
	return 0;
}

static void on_finding(void *userdata, const char *finding)
{
	touch(userdata, finding);
}

static void read_all(struct store *store)
{
	const struct config config = { .limits = LIMITS_DEFAULT };
	struct reading reading = { .store = store };
	struct verify_counts counts;
	struct error error = { 0 };

	if (went_well(assessor_init(&reading.assessor, store, &config, &error), &error)) {
		(void)went_well(store_plans(store, on_plan, &reading, &error), &error);
		assessor_done(&reading.assessor);
	}
	(void)went_well(store_episodes(store, EPISODES_ALL, 0, on_episode, &reading, &error),
			&error);
	(void)went_well(verify_store(store, on_finding, &reading, &counts, &error), &error);
	(void)went_well(store_check(store, on_finding, &reading, &error), &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = { 0 };

	write_damaged(data, size);
	{
		cleanup_store struct store *store = NULL;
		if (went_well(store_open(&store, path, STORE_READ, &error), &error))
			read_all(store);
	}
	{
		cleanup_store struct store *store = NULL;
		if (went_well(store_open(&store, path, STORE_WRITE, &error), &error))
			(void)went_well(record(store, "/plans/a.md", revisions[0], NOW, &error),
					&error);
	}
	remove_all();
	return 0;
}
