/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read from .git, as files that git, or something else, may have written there. */
#include "unit.h"

#include "planwatch/cleanup.h"
#include "planwatch/copies.h"
#include "planwatch/git.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "0123456789ABCDEFabcdef0123456789abcdef01"
#define HASH_256 HASH_A "000000000000000000000000"
#define NOW (1772600767 * USEC_PER_SEC)

/* The folder of a repository, and that it lies in. */
struct world {
	char folder[40], repo[60];
};

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int tear_down(void **state)
{
	struct world *w = *state;
	int r = nftw(w->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);

	free(w);
	return r;
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/test_git.XXXXXX");
	if (!mkdtemp(w->folder))
		return -1;
	(void)snprintf(w->repo, sizeof(w->repo), "%s/repo", w->folder);
	*state = w;
	return mkdir(w->repo, 0700);
}

/* Writes a file below the repository, its folders made; a name that ends with a slash is a folder alone. */
static void put(const struct world *w, const char *name, const char *text)
{
	char path[200];

	(void)snprintf(path, sizeof(path), "%s/%s", w->repo, name);
	for (char *slash = path + strlen(w->repo); (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
		*slash = '/';
	}
	if (path[strlen(path) - 1] == '/')
		return;
	cleanup_fclose FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
}

static void assert_text(const char *what, const char *found, const char *wanted)
{
	if (!found != !wanted || (found && strcmp(found, wanted) != 0))
		fail_msg("%s: %s instead of %s", what, found ? found : "none",
			 wanted ? wanted : "none");
}

struct file {
	const char *name, *text;
};

static const struct {
	const char *what;
	struct file files[4];
	const char *branch, *commit;
} heads[] = {
	{ "a branch",
	  { { ".git/HEAD", "ref: refs/heads/a/b\n" }, { ".git/refs/heads/a/b", HASH_B "\n" } },
	  "a/b",
	  HASH_B },
	{ "carriage returns",
	  { { ".git/HEAD", "ref: refs/heads/a\r\n" }, { ".git/refs/heads/a", HASH_A "\r\n" } },
	  "a",
	  HASH_A },
	{ "detached", { { ".git/HEAD", HASH_A "\n" } }, NULL, HASH_A },
	{ "detached, SHA-256, no newline", { { ".git/HEAD", HASH_256 } }, NULL, HASH_256 },
	{ "no digits", { { ".git/HEAD", "g" HASH_A } }, NULL, NULL },
	{ "as long as a commit",
	  { { ".git/HEAD", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\n" } },
	  NULL,
	  NULL },
	{ "a branch without commits", { { ".git/HEAD", "ref: refs/heads/a\n" } }, "a", NULL },
	{ "reftables", { { ".git/HEAD", "ref: refs/heads/.invalid\n" } }, NULL, NULL },
	{ "out of the folder", { { ".git/HEAD", "ref: refs/heads/../../../x\n" } }, NULL, NULL },
	{ "no branch", { { ".git/HEAD", "ref: refs/tags/a\n" } }, NULL, NULL },
	{ "empty", { { ".git/HEAD", "" } }, NULL, NULL },
	{ "a folder", { { ".git/HEAD/", NULL } }, NULL, NULL },
	{ "none", { { ".git/", NULL } }, NULL, NULL },
	{ "packed",
	  { { ".git/HEAD", "ref: refs/heads/a\n" },
	    { ".git/packed-refs",
	      "# pack-refs with: peeled fully-peeled sorted\n" HASH_B " refs/heads/ab\n^" HASH_B
	      "\nno-commit refs/heads/a\n" HASH_A " refs/heads/a\n" } },
	  "a",
	  HASH_A },
	{ "packed, the last line without an end",
	  { { ".git/HEAD", "ref: refs/heads/a\n" },
	    { ".git/packed-refs", HASH_A " refs/heads/a" } },
	  "a",
	  HASH_A },
	{ "loose before packed",
	  { { ".git/HEAD", "ref: refs/heads/a\n" },
	    { ".git/refs/heads/a", HASH_B "\n" },
	    { ".git/packed-refs", HASH_A " refs/heads/a\n" } },
	  "a",
	  HASH_B },
	{ "a loose one that is half written",
	  { { ".git/HEAD", "ref: refs/heads/a\n" },
	    { ".git/refs/heads/a", "0123\n" },
	    { ".git/packed-refs", HASH_A " refs/heads/a\n" } },
	  "a",
	  HASH_A },
	{ "not among the packed ones",
	  { { ".git/HEAD", "ref: refs/heads/a\n" }, { ".git/packed-refs", "\nx\n" } },
	  "a",
	  NULL },
	{ "packed into a folder",
	  { { ".git/HEAD", "ref: refs/heads/a\n" }, { ".git/packed-refs/", NULL } },
	  "a",
	  NULL },
	{ "a worktree",
	  { { ".git", "gitdir: main/worktrees/w\n" },
	    { "main/worktrees/w/commondir", "../..\n" },
	    { "main/worktrees/w/HEAD", "ref: refs/heads/a\n" },
	    { "main/refs/heads/a", HASH_A "\n" } },
	  "a",
	  HASH_A },
	{ "a worktree whose repository is gone",
	  { { ".git", "gitdir: main/worktrees/w\n" },
	    { "main/worktrees/w/commondir", "../../gone\n" },
	    { "main/worktrees/w/HEAD", "ref: refs/heads/a\n" } },
	  "a",
	  NULL },
};

static void test_heads(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		void *state;
		cleanup(git_context_done) struct git_context below = { 0 }, here = { 0 };
		char path[100];

		assert_int_equal(set_up(&state), 0);
		const struct world *w = state;
		for (const struct file *file = heads[i].files;
		     file < heads[i].files + ARRAY_SIZE(heads[i].files) && file->name; file++)
			put(w, file->name, file->text);
		(void)snprintf(path, sizeof(path), "%s/docs/plans/plan.md", w->repo);
		assert_int_equal(git_context_read(path, &below), 0);
		assert_text(heads[i].what, below.repo, w->repo);
		assert_text(heads[i].what, below.branch, heads[i].branch);
		assert_text(heads[i].what, below.commit, heads[i].commit);
		assert_int_equal(git_context_of(w->repo, &here), 0);
		assert_text(heads[i].what, here.branch, heads[i].branch);
		assert_int_equal(tear_down(&state), 0);
	}
}

static void test_no_repository(void **state)
{
	static const char *const files[] = { NULL, "", "nothing\n", "gitdir: gone\n" };
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		cleanup(git_context_done) struct git_context context = { 0 };
		struct git_log log;
		char path[100];

		if (files[i])
			put(w, ".git", files[i]);
		(void)snprintf(path, sizeof(path), "%s/plan.md", w->repo);
		assert_int_equal(git_context_read(path, &context), 0);
		assert_null(context.repo);
		assert_int_equal(git_context_of(w->repo, &context), -ENOENT);
		assert_null(git_folder(w->repo));
		assert_null(git_common_folder(w->repo));
		assert_false(git_is_busy(w->repo, NOW));
		git_log_read(w->repo, &log);
		assert_int_equal(log.committed_at, INSTANT_NONE);
		assert_false(log.switch_kept_files);
	}
}

/* Nobody has so many references: it is not searched. */
static void test_too_many_packed(void **state)
{
	struct world *w = *state;
	cleanup(git_context_done) struct git_context context = { 0 };
	char path[100];

	put(w, ".git/HEAD", "ref: refs/heads/a\n");
	put(w, ".git/packed-refs", HASH_A " refs/heads/a\n");
	(void)snprintf(path, sizeof(path), "%s/.git/packed-refs", w->repo);
	assert_int_equal(truncate(path, (off_t)17 << 20), 0);
	assert_int_equal(git_context_of(w->repo, &context), 0);
	assert_string_equal(context.branch, "a");
	assert_null(context.commit);
}

/* What cannot be read now is trouble: no file outside of a repository, and no detached HEAD. */
static void test_out_of_descriptors(void **state)
{
	struct world *w = *state;
	struct rlimit before, now;
	unsigned failed = 0;
	int next = dup(STDIN_FILENO), r = -EMFILE;
	char path[100];

	put(w, ".git", "gitdir: main/worktrees/w\n");
	put(w, "main/worktrees/w/commondir", "../..\n");
	put(w, "main/worktrees/w/HEAD", "ref: refs/heads/a\n");
	put(w, "main/refs/heads/a", HASH_A "\n");
	(void)snprintf(path, sizeof(path), "%s/plan.md", w->repo);
	assert_true(next >= 0);
	(void)close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	now = before;
	for (int more = 0; more < 10 && r < 0; more++) {
		cleanup(git_context_done) struct git_context context = { 0 };
		now.rlim_cur = (rlim_t)(next + more);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
		r = git_context_read(path, &context);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		if (r < 0) {
			assert_int_equal(r, -EMFILE);
			assert_null(context.repo);
			failed++;
		} else {
			assert_string_equal(context.branch, "a");
		}
	}
	assert_int_equal(r, 0);
	assert_true(failed > 0);
}

static void set_time(const struct world *w, const char *name, usec_t at)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
				     { at / USEC_PER_SEC, at % USEC_PER_SEC * 1000 } };
	char path[100];

	(void)snprintf(path, sizeof(path), "%s/%s", w->repo, name);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void test_busy(void **state)
{
	static const char *const signs[] = { ".git/index.lock", ".git/HEAD.lock",
					     ".git/rebase-merge/", ".git/rebase-apply/" };
	struct world *w = *state;
	char path[100];

	put(w, ".git/HEAD", "ref: refs/heads/a\n");
	assert_false(git_is_busy(w->repo, NOW));
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		put(w, signs[i], "");
		assert_true(git_is_busy(w->repo, NOW));
		(void)snprintf(path, sizeof(path), "%s/%s", w->repo, signs[i]);
		assert_int_equal(remove(path), 0);
	}
	put(w, ".git/index", "");
	set_time(w, ".git/index", NOW - GIT_SETTLE + 1);
	assert_true(git_is_busy(w->repo, NOW));
	set_time(w, ".git/index", NOW - GIT_SETTLE);
	assert_false(git_is_busy(w->repo, NOW));
	/* The clock was set back: nobody knows how long ago that is. */
	set_time(w, ".git/index", NOW + 1);
	assert_false(git_is_busy(w->repo, NOW));
}

/* ---- The log of HEAD ---- */

#define ENTRY(old, new, seconds, what) \
	old " " new " Mo <mo@example.org> " seconds " +0100\t" what "\n"

static const struct {
	const char *log;
	usec_t committed_at;
	bool kept;
} logs[] = {
	{ "", INSTANT_NONE, false },
	{ "\n\nno entry\nno\tmail\n", INSTANT_NONE, false },
	{ ENTRY(HASH_A, HASH_B, "1772600767", "commit: One"), NOW, false },
	{ ENTRY(HASH_A, HASH_B, "1772600700", "commit (initial): One")
	      ENTRY(HASH_B, HASH_A, "1772600767", "commit (amend): Two"),
	  NOW, false },
	{ ENTRY(HASH_A, HASH_B, "1772600767", "commit: One")
	      ENTRY(HASH_B, HASH_A, "1772600800", "reset: moving to HEAD~1"),
	  NOW, false },
	{ ENTRY(HASH_A, HASH_B, "-5", "commit: One"), INSTANT_NONE, false },
	{ ENTRY(HASH_A, HASH_B, "9223372036854775807", "commit: One"), INSTANT_NONE, false },
	{ ENTRY(HASH_A, "0123", "1772600767", "commit: One"), INSTANT_NONE, false },
	{ ENTRY(HASH_A, HASH_A, "1772600767", "checkout: moving from a to b"), INSTANT_NONE, true },
	{ ENTRY(HASH_A, HASH_A, "1772600767", "checkout: moving from a to b")
	      ENTRY(HASH_A, HASH_B, "1772600767", "checkout: moving from b to c"),
	  INSTANT_NONE, false },
};

static void test_logs(void **state)
{
	struct world *w = *state;
	struct git_log log;

	put(w, ".git/logs/", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		put(w, ".git/logs/HEAD", logs[i].log);
		git_log_read(w->repo, &log);
		if (log.committed_at != logs[i].committed_at ||
		    log.switch_kept_files != logs[i].kept)
			fail_msg("%zu: %s", i, logs[i].log);
	}
}

/* Only its end is read, from the first whole line on. */
static void test_long_log(void **state)
{
	struct world *w = *state;
	struct git_log log;
	cleanup_free char *text = NULL;

	put(w, ".git/logs/", NULL);
	assert_true(
	    asprintf(&text, "%s%20000s\n%s", ENTRY(HASH_A, HASH_B, "1772600767", "commit: One"),
		     "x", ENTRY(HASH_A, HASH_A, "1772600800", "checkout: moving from a to b")) > 0);
	put(w, ".git/logs/HEAD", text);
	git_log_read(w->repo, &log);
	assert_int_equal(log.committed_at, INSTANT_NONE);
	assert_true(log.switch_kept_files);

	/* The end of one line without an end is no line. */
	free(take(text));
	assert_true(asprintf(&text, "%20000s", "\tcommit: One") > 0);
	put(w, ".git/logs/HEAD", text);
	git_log_read(w->repo, &log);
	assert_int_equal(log.committed_at, INSTANT_NONE);
	assert_false(log.switch_kept_files);
}

static void test_log_is_a_folder(void **state)
{
	struct world *w = *state;
	struct git_log log = { .committed_at = NOW, .switch_kept_files = true };

	put(w, ".git/logs/HEAD/", NULL);
	git_log_read(w->repo, &log);
	assert_int_equal(log.committed_at, INSTANT_NONE);
	assert_false(log.switch_kept_files);
}

/* ---- The same plan in several working trees ---- */

static void test_copies(void **state)
{
	/* Paths are below the world's folder; the trees a and b are of one repository, c is of its own, d of none. */
	static const struct {
		const char *repo, *path;
		uint32_t part;
		usec_t ticked, edited;
		uint32_t done;
		size_t leader;
	} rows[] = {
		/* The last tick tells, then the last edit, then what is done, then the order. */
		{ "a", "a/1.md", 1, 5, 5, 1, 1 },
		{ "b", "b/1.md", 1, 6, 4, 0, 1 },
		{ "a", "a/2.md", 1, 5, 4, 1, 3 },
		{ "b", "b/2.md", 1, 5, 5, 0, 3 },
		{ "a", "a/3.md", 1, 5, 5, 1, 5 },
		{ "b", "b/3.md", 1, 5, 5, 2, 5 },
		{ "b", "b/4.md", 1, 5, 5, 2, 6 },
		{ "a", "a/4.md", 1, 5, 5, 2, 6 },
		{ "a", "a/6.md", 1, 5, 5, 2, 8 },
		{ "b", "b/6.md", 1, 5, 5, 1, 8 },
		/* Another repository, part, path; outside of the working tree, of none. */
		{ "c", "c/1.md", 1, 9, 9, 9, 10 },
		{ "b", "b/1.md", 2, 9, 9, 9, 11 },
		{ "a", "a/5.md", 1, 9, 9, 9, 12 },
		{ "a", "ab/1.md", 1, 9, 9, 9, 13 },
		{ "d", "d/1.md", 1, 9, 9, 9, 14 },
		{ NULL, "e/1.md", 1, 9, 9, 9, 15 },
		{ "a", "d/1.md.md", 1, 9, 9, 9, 16 },
	};
	struct world *w = *state;
	struct plan_row plans[ARRAY_SIZE(rows)] = { 0 };
	size_t leader[ARRAY_SIZE(rows)];

	put(w, "a/.git/worktrees/b/commondir", "../..\n");
	put(w, "b/.git", "gitdir: ../a/.git/worktrees/b\n");
	put(w, "c/.git/HEAD", "ref: refs/heads/main\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		plans[i].part = rows[i].part;
		plans[i].state.last_tick_at = rows[i].ticked;
		plans[i].state.last_edit_at = rows[i].edited;
		plans[i].state.counts.done = rows[i].done;
		assert_true(asprintf(&plans[i].path, "%s/%s", w->repo, rows[i].path) > 0);
		if (rows[i].repo)
			assert_true(asprintf(&plans[i].repo, "%s/%s", w->repo, rows[i].repo) > 0);
	}
	assert_int_equal(copies_find(plans, ARRAY_SIZE(rows), leader), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (leader[i] != rows[i].leader)
			fail_msg("%s: copy of %s", rows[i].path, rows[leader[i]].path);
		plan_row_done(&plans[i]);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		TEST(test_no_repository),
		TEST(test_out_of_descriptors),
		TEST(test_busy),
		TEST(test_logs),
		TEST(test_long_log),
		TEST(test_log_is_a_folder),
		TEST(test_too_many_packed),
		TEST(test_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
