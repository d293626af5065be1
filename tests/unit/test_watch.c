/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watch against the real kernel, in a folder of its own. Nothing sleeps: inotify queues an event before the writer's system
 * call returns, so that a drain after the writing hears it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../daemon/tree.h"
#include "../../daemon/watch.h"
#include "planwatch/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum report_kind {
	FILE_CHANGED = WATCH_CHANGED,
	FILE_MADE = WATCH_MADE,
	FILE_TOUCHED = WATCH_TOUCHED,
	FILE_GONE = WATCH_GONE,
	FOLDER_GONE = 10,
	LOST = 20, /* + enum watch_loss */
};

struct report {
	int kind;
	char *path;
	char *explanation;
};

struct fixture {
	char root[64]; /* the private folder */
	char *path;    /* the last one that at() made */
	struct watch *watch;
	struct discover_rules rules;
	struct watch_handlers handlers;
	struct report *reports;
	size_t n_reports, reports_capacity;
};

/* ---- what the watch reports ---- */

static void note(struct fixture *f, int kind, const char *path, const char *explanation)
{
	if (f->n_reports == f->reports_capacity) {
		f->reports_capacity = f->reports_capacity * 2 + 64;
		f->reports = reallocarray(f->reports, f->reports_capacity, sizeof(*f->reports));
		assert_non_null(f->reports);
	}
	f->reports[f->n_reports++] = (struct report){
		.kind = kind,
		.path = strdup(path),
		.explanation = explanation ? strdup(explanation) : NULL,
	};
}

static void on_file(void *userdata, const char *path, enum watch_change change)
{
	note(userdata, (int)change, path, NULL);
}

static void on_folder_gone(void *userdata, const char *path)
{
	note(userdata, FOLDER_GONE, path, NULL);
}

static void on_lost(void *userdata, const char *path, enum watch_loss loss, const char *explanation)
{
	note(userdata, LOST + (int)loss, path, explanation);
}

static void forget_reports(struct fixture *f)
{
	for (size_t i = 0; i < f->n_reports; i++) {
		free(f->reports[i].path);
		free(f->reports[i].explanation);
	}
	f->n_reports = 0;
}

static size_t count_reports(const struct fixture *f, int kind, const char *path)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_reports; i++)
		n += f->reports[i].kind == kind && (!path || strcmp(f->reports[i].path, path) == 0);
	return n;
}

/* The kind of the last report about a path; -1 for none. */
static int last_report(const struct fixture *f, const char *path)
{
	for (size_t i = f->n_reports; i-- > 0;)
		if (strcmp(f->reports[i].path, path) == 0)
			return f->reports[i].kind;
	return -1;
}

/* ---- what is done to the disk ---- */

static const char *at(struct fixture *f, const char *relative)
{
	free(f->path);
	assert_true(asprintf(&f->path, "%s%s%s", f->root, *relative ? "/" : "", relative) > 0);
	return f->path;
}

static void make_folder(struct fixture *f, const char *relative)
{
	assert_int_equal(mkdir(at(f, relative), 0700), 0);
}

/* mkdir -p */
static void make_folders(struct fixture *f, const char *relative)
{
	char *part = strdup(relative);

	for (char *slash = strchr(part, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(at(f, part), 0700);
		*slash = '/';
	}
	(void)mkdir(at(f, part), 0700);
	free(part);
}

static void save_path(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "- [ ] x\n", 8), 8);
	assert_int_equal(close(fd), 0);
}

static void save(struct fixture *f, const char *relative)
{
	save_path(at(f, relative));
}

static void move(struct fixture *f, const char *from, const char *to)
{
	cleanup_free char *source = strdup(at(f, from));

	assert_int_equal(rename(source, at(f, to)), 0);
}

static void remove_folder(struct fixture *f, const char *relative)
{
	assert_int_equal(rmdir(at(f, relative)), 0);
}

static void remove_file(struct fixture *f, const char *relative)
{
	assert_int_equal(unlink(at(f, relative)), 0);
}

static void remove_tree(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	cleanup_closedir DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (entry->d_type == DT_DIR)
			remove_tree(fd, entry->d_name);
		else
			(void)unlinkat(fd, entry->d_name, 0);
	}
	(void)unlinkat(parent, name, AT_REMOVEDIR);
}

/* ---- the watch ---- */

static void add(struct fixture *f, const char *relative)
{
	struct error error = { 0 };
	int r = watch_add(f->watch, at(f, relative), &error);

	if (r < 0)
		fail_msg("%s", error.message);
}

static int drain(struct fixture *f)
{
	int n = watch_drain(f->watch);

	assert_true(n >= 0);
	return n;
}

static size_t kernel_watches(const struct fixture *f)
{
	char name[64], line[256];
	size_t n = 0;

	(void)snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", watch_fd(f->watch));
	cleanup_fclose FILE *file = fopen(name, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		n += strncmp(line, "inotify wd:", 11) == 0;
	return n;
}

static void assert_watched(const struct fixture *f, size_t n)
{
	assert_int_equal(watch_count(f->watch), n);
	assert_int_equal(kernel_watches(f), n);
}

static void assert_last(struct fixture *f, const char *relative, int kind)
{
	if (last_report(f, at(f, relative)) != kind)
		fail_msg("last report about %s is %d, not %d", relative,
			 last_report(f, at(f, relative)), kind);
}

/* Saves a plan and hears of it under this path and no other. */
static void assert_heard(struct fixture *f, const char *relative)
{
	drain(f);
	forget_reports(f);
	save(f, relative);
	drain(f);
	assert_last(f, relative, FILE_CHANGED);
	for (size_t i = 0; i < f->n_reports; i++)
		assert_string_equal(f->reports[i].path, at(f, relative));
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *parent = getenv("TMPDIR");
	cleanup_free char *real = realpath(parent ? parent : "/tmp", NULL);
	struct error error = { 0 };

	assert_non_null(f);
	assert_non_null(real);
	assert_true(snprintf(f->root, sizeof(f->root), "%s/test_watch.XXXXXX", real) <
		    (int)sizeof(f->root));
	assert_non_null(mkdtemp(f->root));
	f->handlers = (struct watch_handlers){
		.file = on_file,
		.folder_gone = on_folder_gone,
		.lost = on_lost,
		.userdata = f,
	};
	if (watch_new(&f->watch, &f->rules, &f->handlers, &error) < 0)
		fail_msg("%s", error.message);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	watch_free(f->watch);
	remove_tree(AT_FDCWD, f->root);
	forget_reports(f);
	free(f->reports);
	free(f->path);
	free(f);
	return 0;
}

/* ---- the table ---- */

static void test_tree_churn(void **state)
{
	struct tree tree = { 0 };
	char name[32];
	int wd = 1;

	(void)state;
	for (; wd <= 100; wd++)
		assert_int_equal(tree_insert(&tree, wd, wd == 1 ? 0 : 1, wd == 1 ? "/r" : "sub"),
				 0);
	size_t before = tree_memory(&tree);
	for (; wd < 1000000; wd++) {
		(void)snprintf(name, sizeof(name), "folder-%d", wd);
		assert_int_equal(tree_insert(&tree, wd, 1, name), 0);
		if (wd % 3 == 0)
			assert_int_equal(tree_move(&tree, tree_find(&tree, wd), 2, "moved"), 0);
		tree_erase(&tree, tree_find(&tree, wd));
	}
	assert_int_equal(tree.count, 100);
	assert_true(tree_memory(&tree) <= before + 1024);
	for (wd = 1; wd <= 100; wd++)
		assert_non_null(tree_find(&tree, wd));
	tree_done(&tree);
}

static void test_tree_paths(void **state)
{
	struct tree tree = { 0 };
	struct path path = { 0 };

	(void)state;
	assert_int_equal(tree_insert(&tree, 7, 0, "/"), 0);
	assert_int_equal(tree_insert(&tree, 9, 7, "a"), 0);
	assert_int_equal(tree_insert(&tree, 3, 9, "b"), 0);
	assert_int_equal(tree_path(&tree, 7, NULL, &path), 0);
	assert_string_equal(path.bytes, "/");
	assert_int_equal(tree_path(&tree, 7, "x", &path), 0);
	assert_string_equal(path.bytes, "/x");
	assert_int_equal(tree_path(&tree, 3, "x", &path), 0);
	assert_string_equal(path.bytes, "/a/b/x");
	assert_int_equal(path.length, 6);
	assert_true(tree_is_below(&tree, 3, 7));
	assert_false(tree_is_below(&tree, 7, 3));
	tree_detach(&tree, tree_find(&tree, 9));
	assert_int_equal(tree_path(&tree, 3, NULL, &path), -ESTALE);
	tree_erase(&tree, tree_find(&tree, 9));
	assert_int_equal(tree_path(&tree, 3, NULL, &path), -ESTALE);
	assert_int_equal(tree_path(&tree, 4, NULL, &path), -ESTALE);
	free(path.bytes);
	tree_done(&tree);
}

/* 100,000 folders with names of 8 bytes and a NUL, as in a real tree. */
static void test_tree_memory(void **state)
{
	struct tree tree = { 0 };
	char name[16];
	size_t worst = 0;

	(void)state;
	for (int wd = 1; wd <= 100000; wd++) {
		(void)snprintf(name, sizeof(name), "f%07d", wd);
		assert_int_equal(tree_insert(&tree, wd, wd == 1 ? 0 : wd / 10 + 1, name), 0);
		size_t bytes = tree_memory(&tree) / tree.count;
		if (wd > 1000 && bytes > worst)
			worst = bytes;
	}
	assert_true(worst <= 32);
	for (struct node *node = tree_next(&tree, NULL); node;) {
		if (node->wd % 100 == 0) {
			node = tree_next(&tree, node);
			continue;
		}
		tree_erase(&tree, node);
		node = tree_first_from(&tree, node);
	}
	assert_int_equal(tree.count, 1000);
	tree_trim(&tree);
	assert_true(tree_memory(&tree) < 64000);
	for (int wd = 100; wd <= 100000; wd += 100)
		assert_non_null(tree_find(&tree, wd));
	tree_done(&tree);
}

/* ---- opening ---- */

static void test_one_instance(void **state)
{
	struct fixture *f = *state;
	struct watch *second = NULL;
	struct error error = { 0 };

	assert_int_equal(fcntl(watch_fd(f->watch), F_GETFD), FD_CLOEXEC);
	assert_int_equal(watch_new(&second, &f->rules, &f->handlers, &error), -EBUSY);
	assert_non_null(strstr(error.message, "inotify"));
}

/* The library keeps unread events in a static buffer; a new watch must not hear those of the one before. */
static void test_new_instance_hears_nothing_old(void **state)
{
	struct fixture *f = *state;
	struct error error = { 0 };

	make_folder(f, "plans");
	add(f, "");
	for (int i = 0; i < 100; i++)
		save(f, "plans/a.md");
	watch_free(f->watch);
	forget_reports(f);
	assert_int_equal(watch_new(&f->watch, &f->rules, &f->handlers, &error), 0);
	make_folder(f, "other");
	add(f, "other");
	assert_int_equal(drain(f), 0);
	assert_int_equal(f->n_reports, 0);
}

static void test_errors(void **state)
{
	struct fixture *f = *state;
	struct error error = { 0 };

	assert_int_equal(watch_add(f->watch, at(f, "none"), &error), -ENOENT);
	assert_non_null(strstr(error.message, "none"));
	assert_int_equal(watch_add(f->watch, "relative", &error), -EINVAL);
	assert_int_equal(mkfifo(at(f, "fifo"), 0600), 0);
	assert_int_equal(watch_add(f->watch, at(f, "fifo"), &error), -ENOTDIR);
	make_folder(f, "real");
	make_folder(f, "real/sub");
	assert_int_equal(symlink("real", at(f, "link")), 0);
	assert_int_equal(watch_add(f->watch, at(f, "link"), &error), -ENOTDIR);
	assert_int_equal(watch_add(f->watch, at(f, "link/sub"), &error), -ENOTDIR);
	assert_non_null(strstr(error.message, "real path"));
	assert_int_equal(watch_remove(f->watch, at(f, "none")), -ENOENT);
	assert_watched(f, 0);
}

/* ---- files ---- */

static void test_first_scan(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "a/plans/deep");
	save(f, "a/plans/one.md");
	save(f, "a/plans/deep/two.MD");
	save(f, "a/plans/code.c");
	save(f, "a/notes.md");
	add(f, "");
	assert_int_equal(f->n_reports, 2);
	assert_last(f, "a/plans/one.md", FILE_CHANGED);
	assert_last(f, "a/plans/deep/two.MD", FILE_CHANGED);
	assert_watched(f, 4);
	add(f, "");
	assert_int_equal(f->n_reports, 4);
	assert_watched(f, 4);
}

static void test_ways_to_save(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "plans");
	add(f, "");
	save(f, "plans/a.md");
	drain(f);
	assert_last(f, "plans/a.md", FILE_CHANGED);

	forget_reports(f);
	int fd = open(at(f, "plans/a.md"), O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "x", 1), 1);
	drain(f);
	assert_last(f, "plans/a.md", FILE_TOUCHED);
	assert_int_equal(close(fd), 0);
	drain(f);
	assert_last(f, "plans/a.md", FILE_CHANGED);

	forget_reports(f);
	save(f, "plans/.tmp");
	move(f, "plans/.tmp", "plans/a.md");
	drain(f);
	assert_int_equal(f->n_reports, 1);
	assert_last(f, "plans/a.md", FILE_CHANGED);

	forget_reports(f);
	save(f, "outside");
	cleanup_free char *outside = strdup(at(f, "outside"));
	assert_int_equal(link(outside, at(f, "plans/linked.md")), 0);
	drain(f);
	assert_last(f, "plans/linked.md", FILE_MADE);

	forget_reports(f);
	cleanup_free char *a = strdup(at(f, "plans/a.md"));
	assert_int_equal(
	    renameat2(AT_FDCWD, a, AT_FDCWD, at(f, "plans/linked.md"), RENAME_EXCHANGE), 0);
	drain(f);
	assert_int_equal(count_reports(f, FILE_CHANGED, a), 1);
	assert_int_equal(count_reports(f, FILE_CHANGED, at(f, "plans/linked.md")), 1);

	remove_file(f, "plans/a.md");
	move(f, "plans/linked.md", "linked.md");
	drain(f);
	assert_last(f, "plans/a.md", FILE_GONE);
	assert_last(f, "plans/linked.md", FILE_GONE);
}

static void test_file_becomes_folder(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "plans");
	add(f, "");
	for (int i = 0; i < 100; i++) {
		save(f, "plans/a.md");
		drain(f);
		assert_last(f, "plans/a.md", FILE_CHANGED);
		remove_file(f, "plans/a.md");
		make_folder(f, "plans/a.md");
		save(f, "plans/a.md/b.md");
		drain(f);
		assert_last(f, "plans/a.md/b.md", FILE_CHANGED);
		assert_watched(f, 3);
		remove_file(f, "plans/a.md/b.md");
		remove_folder(f, "plans/a.md");
		drain(f);
		assert_last(f, "plans/a.md", FOLDER_GONE);
		assert_watched(f, 2);
	}
}

static void test_strange_names(void **state)
{
	static const char *const names[] = { "line\nbreak", " blanks ", "\xff\xfe\x80",
					     "tab\tand\\",  "*?[a]",	"-rf",
					     "\x1b[31m" };
	struct fixture *f = *state;
	char folder[300], file[600], longest[NAME_MAX + 1];

	add(f, "");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		(void)snprintf(folder, sizeof(folder), "%s/plans", names[i]);
		make_folders(f, folder);
		(void)snprintf(file, sizeof(file), "%s/%s.md", folder, names[i]);
		save(f, file);
		drain(f);
		assert_last(f, file, FILE_CHANGED);
		assert_heard(f, file);
	}
	memset(longest, 'x', NAME_MAX);
	longest[NAME_MAX] = '\0';
	(void)snprintf(folder, sizeof(folder), "%s", longest);
	make_folders(f, folder);
	drain(f);
	memcpy(longest + NAME_MAX - 11, "ExecPlan.md", 11);
	(void)snprintf(file, sizeof(file), "%s/%s", folder, longest);
	save(f, file);
	drain(f);
	assert_last(f, file, FILE_CHANGED);
	assert_watched(f, 2 * ARRAY_SIZE(names) + 2);
}

/* Paths beyond PATH_MAX and more levels than open descriptors. */
static void test_deep(void **state)
{
	struct fixture *f = *state;
	enum { DEPTH = 600 };
	char name[64];
	int fd = open(f->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	memset(name, 'd', 20);
	name[20] = '\0';
	for (int i = 0; i < DEPTH; i++) {
		assert_int_equal(mkdirat(fd, name, 0700), 0);
		assert_int_equal(mkdirat(fd, "plans", 0700), 0);
		int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		int file = openat(fd, "plans/a.md", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_true(next >= 0 && file >= 0);
		(void)close(file);
		(void)close(fd);
		fd = next;
	}
	add(f, "");
	assert_watched(f, 2 * DEPTH + 1);
	assert_int_equal(count_reports(f, FILE_CHANGED, NULL), DEPTH);
	forget_reports(f);
	assert_int_equal(mkdirat(fd, "plans", 0700), 0);
	int file = openat(fd, "plans/last.md", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	(void)close(file);
	(void)close(fd);
	drain(f);
	assert_true(f->n_reports >= 1);
	assert_true(strlen(f->reports[0].path) > 3 * PATH_MAX);
	assert_watched(f, 2 * DEPTH + 2);
}

/* ---- folders ---- */

static void test_burst(void **state)
{
	struct fixture *f = *state;
	char path[64];

	add(f, "");
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(path, sizeof(path), "new_%d/docs/execplans", i);
		make_folders(f, path);
		(void)snprintf(path, sizeof(path), "new_%d/docs/execplans/plan.md", i);
		save(f, path);
		if (i % 7 == 0)
			drain(f);
	}
	drain(f);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(path, sizeof(path), "new_%d/docs/execplans/plan.md", i);
		assert_last(f, path, FILE_CHANGED);
	}
	assert_watched(f, 3001);
}

static void *burst_thread(void *userdata)
{
	const char *root = userdata;
	char path[128];

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(path, sizeof(path), "%s/new_%d", root, i);
		(void)mkdir(path, 0700);
		(void)snprintf(path, sizeof(path), "%s/new_%d/execplans", root, i);
		(void)mkdir(path, 0700);
		(void)snprintf(path, sizeof(path), "%s/new_%d/execplans/plan.md", root, i);
		save_path(path);
	}
	return NULL;
}

/* Folders that are made while the first scan runs, and while the queue is drained. */
static void test_burst_beside(void **state)
{
	struct fixture *f = *state;
	pthread_t thread;
	char path[64];

	for (int i = 0; i < 300; i++) {
		(void)snprintf(path, sizeof(path), "old_%d/a/b/c", i);
		make_folders(f, path);
	}
	assert_int_equal(pthread_create(&thread, NULL, burst_thread, f->root), 0);
	add(f, "");
	while (pthread_tryjoin_np(thread, NULL) == EBUSY)
		drain(f);
	drain(f);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(path, sizeof(path), "new_%d/execplans/plan.md", i);
		assert_last(f, path, FILE_CHANGED);
	}
	assert_watched(f, 1 + 4 * 300 + 2 * 1000);
	forget_reports(f);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(path, sizeof(path), "new_%d/execplans/plan.md", i);
		save(f, path);
	}
	drain(f);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(path, sizeof(path), "new_%d/execplans/plan.md", i);
		assert_last(f, path, FILE_CHANGED);
	}
}

enum { SAVES_BESIDE = 5000 };

static void *save_thread(void *path)
{
	for (int i = 0; i < SAVES_BESIDE; i++)
		save_path(path);
	return NULL;
}

/* To watch a folder again must not make its watch deaf, not even for a moment. */
static void test_saves_beside_rescan(void **state)
{
	struct fixture *f = *state;
	char path[128];
	pthread_t thread;
	size_t heard = 0;

	make_folder(f, "execplans");
	save(f, "execplans/plan.md");
	add(f, "");
	drain(f);
	(void)snprintf(path, sizeof(path), "%s/execplans/plan.md", f->root);
	assert_int_equal(pthread_create(&thread, NULL, save_thread, path), 0);
	for (bool ended = false; !ended;) {
		watch_rescan(f->watch);
		ended = pthread_tryjoin_np(thread, NULL) == 0;
		forget_reports(f); /* what the scan found */
		drain(f);
		heard += count_reports(f, FILE_CHANGED, path);
	}
	assert_int_equal(heard, SAVES_BESIDE);
}

/* A root that cannot be looked at for a moment is not gone: what was watched there stays so, and that is told. */
static void test_rescan_without_descriptors(void **state)
{
	struct fixture *f = *state;
	struct rlimit usual, none;

	make_folder(f, "execplans");
	save(f, "execplans/plan.md");
	add(f, "");
	drain(f);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = usual.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	watch_rescan(f->watch);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
	assert_int_equal(count_reports(f, LOST + WATCH_LIMIT, f->root), 1);
	assert_true(watch_is_limited(f->watch));
	assert_watched(f, 2);
	forget_reports(f);
	save(f, "execplans/plan.md");
	drain(f);
	assert_int_equal(last_report(f, at(f, "execplans/plan.md")), FILE_CHANGED);
	watch_rescan(f->watch);
	assert_false(watch_is_limited(f->watch));
}

static void test_rename(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "a/b/plans");
	make_folder(f, "z");
	save(f, "a/b/plans/p.md");
	add(f, "");
	for (int i = 0; i < 1000; i++) {
		forget_reports(f);
		move(f, "a", "c");
		drain(f);
		assert_last(f, "a", FOLDER_GONE);
		assert_last(f, "c/b/plans/p.md", FILE_CHANGED);
		move(f, "c/b", "z/y");
		move(f, "z", "x");
		drain(f);
		assert_last(f, "x/y/plans/p.md", FILE_CHANGED);
		assert_heard(f, "x/y/plans/p.md");
		move(f, "x/y", "c/b");
		move(f, "c", "a");
		move(f, "x", "z");
		drain(f);
		assert_heard(f, "a/b/plans/p.md");
		assert_watched(f, 5);
	}
}

/* Candidates are such by their place: a rename of a folder above makes and unmakes them. */
static void test_rename_changes_candidacy(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "drafts/sub");
	save(f, "drafts/sub/x.md");
	add(f, "");
	assert_int_equal(f->n_reports, 0);
	move(f, "drafts", "plans");
	drain(f);
	assert_last(f, "plans/sub/x.md", FILE_CHANGED);
	move(f, "plans", "drafts");
	drain(f);
	assert_last(f, "plans", FOLDER_GONE);
	assert_last(f, "drafts/sub/x.md", -1);
	assert_watched(f, 3);
}

static void test_exchange_folders(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "a/plans");
	make_folders(f, "b/plans/sub");
	save(f, "a/plans/a.md");
	save(f, "b/plans/sub/b.md");
	add(f, "");
	cleanup_free char *a = strdup(at(f, "a"));
	assert_int_equal(renameat2(AT_FDCWD, a, AT_FDCWD, at(f, "b"), RENAME_EXCHANGE), 0);
	drain(f);
	assert_last(f, "b/plans/a.md", FILE_CHANGED);
	assert_last(f, "a/plans/sub/b.md", FILE_CHANGED);
	assert_heard(f, "b/plans/a.md");
	assert_heard(f, "a/plans/sub/b.md");
	assert_watched(f, 6);
}

static void test_move_out_and_in(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "in/a/plans/deep");
	make_folder(f, "out");
	save(f, "in/a/plans/p.md");
	add(f, "in");
	for (int i = 0; i < 300; i++) {
		forget_reports(f);
		move(f, "in/a", "out/a");
		drain(f);
		assert_last(f, "in/a", FOLDER_GONE);
		assert_watched(f, 1);
		save(f, "out/a/plans/p.md");
		forget_reports(f);
		drain(f); /* the ends of the watches, nothing else */
		assert_int_equal(f->n_reports, 0);
		move(f, "out/a", "in/a");
		drain(f);
		assert_last(f, "in/a/plans/p.md", FILE_CHANGED);
		assert_watched(f, 4);
		/* Renamed within and moved out before we look. */
		move(f, "in/a", "in/b");
		move(f, "in/b", "out/c");
		drain(f);
		assert_watched(f, 1);
		move(f, "out/c", "in/d");
		move(f, "in/d", "in/a");
		drain(f);
		assert_heard(f, "in/a/plans/p.md");
		assert_watched(f, 4);
	}
}

static void make_many(struct fixture *f, const char *folder)
{
	char name[64];

	for (int i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof(name), "%s/%d", folder, i);
		make_folders(f, name);
	}
}

/* Of a full table the older half goes and the newer one stays, wherever the table has put them: also round its end. */
static void test_move_out_beside_others(void **state)
{
	struct fixture *f = *state;
	char old[32], new[32];

	make_many(f, "in/0");
	make_folder(f, "out");
	add(f, "in");
	for (int round = 0; round < 100; round++) {
		(void)snprintf(old, sizeof(old), "in/%d", round);
		(void)snprintf(new, sizeof(new), "in/%d", round + 1);
		make_many(f, new);
		drain(f);
		assert_watched(f, 83);
		(void)snprintf(new, sizeof(new), "out/%d", round);
		move(f, old, new);
		drain(f);
		assert_watched(f, 42);
	}
}

/* What a scan that runs ahead of the queue has found must outlive the older news that its predecessor is gone. */
static void test_recreate_before_drain(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "out");
	make_folder(f, "in");
	add(f, "in");
	for (int i = 0; i < 300; i++) {
		make_folder(f, "in/plans");
		remove_folder(f, "in/plans");
		make_folder(f, "in/plans");
		save(f, "in/plans/a.md");
		drain(f);
		assert_last(f, "in/plans/a.md", FILE_CHANGED);
		assert_true(last_report(f, at(f, "in/plans")) == FOLDER_GONE);
		assert_int_equal(f->reports[f->n_reports - 1].kind, FILE_CHANGED);
		/* The same by a rename. */
		move(f, "in/plans", "in/b");
		make_folder(f, "in/plans");
		save(f, "in/plans/a.md");
		move(f, "in/b", "out/b");
		drain(f);
		assert_int_equal(f->reports[f->n_reports - 1].kind, FILE_CHANGED);
		assert_heard(f, "in/plans/a.md");
		assert_watched(f, 2);
		remove_tree(AT_FDCWD, at(f, "in/plans"));
		remove_tree(AT_FDCWD, at(f, "out/b"));
		drain(f);
		assert_watched(f, 1);
		forget_reports(f);
	}
}

static void test_churn(void **state)
{
	struct fixture *f = *state;
	char path[64];

	make_folder(f, "stays");
	add(f, "");
	for (int i = 0; i < 12000; i++) {
		(void)snprintf(path, sizeof(path), "churn_%d", i % 5000);
		make_folder(f, path);
		if (i % 3 == 0)
			drain(f);
		remove_folder(f, path);
		if (i % 50 == 0) {
			drain(f);
			assert_watched(f, 2);
			forget_reports(f);
		}
	}
	drain(f);
	assert_watched(f, 2);
}

/* A folder that a process is in lives on after rmdir(2), without a name; its watch ends with the process's interest. */
static void test_deleted_folder_in_use(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "plans");
	add(f, "");
	int held = open(at(f, "plans"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	remove_folder(f, "plans");
	make_folder(f, "plans");
	drain(f);
	assert_heard(f, "plans/a.md");
	assert_int_equal(watch_count(f->watch), kernel_watches(f));
	assert_int_equal(close(held), 0);
	drain(f);
	assert_watched(f, 2);
	assert_heard(f, "plans/a.md");
}

static void test_pruning(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "node_modules/x/plans");
	make_folders(f, "a/.git/plans");
	save(f, "node_modules/x/plans/p.md");
	add(f, "");
	assert_watched(f, 2);
	assert_int_equal(f->n_reports, 0);
	/* A pruned folder gets a good name, a good one a pruned name. */
	move(f, "node_modules", "good");
	drain(f);
	assert_last(f, "good/x/plans/p.md", FILE_CHANGED);
	assert_watched(f, 5);
	move(f, "good", "node_modules");
	drain(f);
	assert_last(f, "good", FOLDER_GONE);
	assert_watched(f, 2);
	move(f, "node_modules", "a/target");
	drain(f);
	assert_watched(f, 2);
	make_folders(f, "target/plans");
	save(f, "target/plans/p.md");
	forget_reports(f);
	drain(f);
	assert_int_equal(f->n_reports, 0);
	assert_watched(f, 2);
}

static void test_links_are_not_followed(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "out/plans");
	save(f, "out/plans/p.md");
	make_folder(f, "in");
	assert_int_equal(symlink("../out", at(f, "in/before")), 0);
	add(f, "in");
	assert_int_equal(symlink("../out", at(f, "in/after")), 0);
	assert_int_equal(symlink("..", at(f, "in/loop")), 0);
	make_folder(f, "in/plans");
	drain(f);
	remove_folder(f, "in/plans");
	assert_int_equal(symlink("../out/plans", at(f, "in/plans")), 0);
	drain(f);
	watch_rescan(f->watch);
	assert_watched(f, 1);
	assert_int_equal(count_reports(f, FILE_CHANGED, NULL), 0);
}

/* ---- roots ---- */

static void test_overlapping_roots(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "r/a/b/plans");
	make_folders(f, "r/node_modules/x/plans");
	save(f, "r/a/b/plans/p.md");
	save(f, "r/node_modules/x/plans/q.md");
	add(f, "r/a/b");
	add(f, "r");
	add(f, "r/node_modules/x");
	assert_last(f, "r/node_modules/x/plans/q.md", FILE_CHANGED);
	assert_watched(f, 6);
	forget_reports(f);
	watch_rescan(f->watch);
	assert_int_equal(f->n_reports, 2);
	assert_watched(f, 6);
	assert_heard(f, "r/a/b/plans/p.md");
	assert_int_equal(count_reports(f, FILE_CHANGED, NULL), 1);
	assert_int_equal(watch_remove(f->watch, at(f, "r")), 0);
	assert_watched(f, 4);
	assert_heard(f, "r/a/b/plans/p.md");
	assert_heard(f, "r/node_modules/x/plans/q.md");
	add(f, "r");
	assert_int_equal(watch_remove(f->watch, at(f, "r/a/b")), 0);
	assert_int_equal(watch_remove(f->watch, at(f, "r/node_modules/x")), 0);
	assert_watched(f, 4);
	assert_heard(f, "r/a/b/plans/p.md");
	assert_int_equal(watch_remove(f->watch, at(f, "r")), 0);
	assert_watched(f, 0);
}

static void test_root_with_pruned_name(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "target/plans");
	add(f, "target");
	assert_watched(f, 2);
	assert_heard(f, "target/plans/p.md");
}

static void test_file_root(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "notes/plans");
	save(f, "notes/todo.txt");
	save(f, "notes/other.md");
	add(f, "notes/todo.txt");
	assert_int_equal(f->n_reports, 1);
	assert_last(f, "notes/todo.txt", FILE_CHANGED);
	assert_watched(f, 1);
	forget_reports(f);
	save(f, "notes/other.md");
	save(f, "notes/PLAN.md");
	make_folder(f, "notes/more");
	save(f, "notes/plans/p.md");
	drain(f);
	assert_int_equal(f->n_reports, 0);
	assert_watched(f, 1);
	assert_heard(f, "notes/todo.txt");
	remove_file(f, "notes/todo.txt");
	drain(f);
	assert_last(f, "notes/todo.txt", FILE_GONE);
	watch_rescan(f->watch);
	assert_int_equal(count_reports(f, LOST + WATCH_ROOT, NULL), 0);
	assert_heard(f, "notes/todo.txt");
	/* Shared with a folder root. */
	add(f, "");
	assert_watched(f, 4);
	assert_heard(f, "notes/todo.txt");
	assert_int_equal(watch_remove(f->watch, at(f, "")), 0);
	assert_watched(f, 1);
	add(f, "");
	assert_int_equal(watch_remove(f->watch, at(f, "notes/todo.txt")), 0);
	assert_watched(f, 4);
	forget_reports(f);
	save(f, "notes/todo.txt");
	drain(f);
	assert_int_equal(f->n_reports, 0);
}

static void test_root_lost(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "up/root/plans");
	save(f, "up/root/plans/p.md");
	add(f, "up/root");
	move(f, "up/root", "up/moved");
	drain(f);
	assert_int_equal(count_reports(f, LOST + WATCH_ROOT, at(f, "up/root")), 1);
	assert_int_equal(count_reports(f, FOLDER_GONE, at(f, "up/root")), 1);
	assert_watched(f, 0);
	watch_rescan(f->watch);
	assert_int_equal(count_reports(f, LOST + WATCH_ROOT, NULL), 1);
	/* Back again: a rescan finds it. */
	forget_reports(f);
	move(f, "up/moved", "up/root");
	watch_rescan(f->watch);
	assert_last(f, "up/root/plans/p.md", FILE_CHANGED);
	assert_heard(f, "up/root/plans/p.md");
	/* Replaced by another folder of the same name. */
	forget_reports(f);
	move(f, "up/root", "up/moved");
	make_folders(f, "up/root/plans");
	save(f, "up/root/plans/q.md");
	drain(f);
	assert_int_equal(count_reports(f, LOST + WATCH_ROOT, at(f, "up/root")), 1);
	assert_last(f, "up/root/plans/q.md", FILE_CHANGED);
	assert_watched(f, 2);
	/* Deleted. */
	forget_reports(f);
	remove_tree(AT_FDCWD, at(f, "up/root"));
	drain(f);
	assert_last(f, "up/root", FOLDER_GONE);
	assert_int_equal(count_reports(f, LOST + WATCH_ROOT, at(f, "up/root")), 1);
	assert_watched(f, 0);
}

/* Away and back before we look: nothing was lost. */
static void test_root_moved_and_back(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "root/plans");
	add(f, "root");
	move(f, "root", "away");
	move(f, "away", "root");
	drain(f);
	assert_int_equal(f->n_reports, 0);
	assert_watched(f, 2);
	assert_heard(f, "root/plans/p.md");
}

static void test_root_in_root_moves(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "r/a/b/plans");
	save(f, "r/a/b/plans/p.md");
	add(f, "r");
	add(f, "r/a/b");
	forget_reports(f);
	move(f, "r/a", "r/z");
	drain(f);
	assert_int_equal(count_reports(f, LOST + WATCH_ROOT, at(f, "r/a/b")), 1);
	assert_last(f, "r/z/b/plans/p.md", FILE_CHANGED);
	assert_watched(f, 4);
	move(f, "r/z", "r/a");
	drain(f);
	assert_int_equal(watch_remove(f->watch, at(f, "r")), 0);
	assert_watched(f, 2);
	assert_heard(f, "r/a/b/plans/p.md");
}

/* A root that is replaced before the root around it has heard that it was made. */
static void test_root_in_root_replaced(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "r");
	add(f, "r");
	make_folders(f, "r/plans");
	add(f, "r/plans");
	move(f, "r/plans", "away");
	make_folder(f, "r/plans");
	save(f, "r/plans/p.md");
	drain(f);
	assert_int_equal(count_reports(f, LOST + WATCH_ROOT, at(f, "r/plans")), 1);
	assert_int_equal(f->reports[f->n_reports - 1].kind, FILE_CHANGED);
	assert_watched(f, 2);
	assert_heard(f, "r/plans/p.md");
}

/* ---- overflow ---- */

static size_t queue_limit(void)
{
	cleanup_fclose FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
	char line[32] = "";

	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	return strtoul(line, NULL, 10);
}

static void overflow_queue(struct fixture *f)
{
	cleanup_free char *one = strdup(at(f, "noise-1"));
	cleanup_free char *two = strdup(at(f, "noise-2"));

	save_path(one);
	for (size_t i = 0; i < queue_limit() / 2 + 10; i++)
		assert_int_equal(i % 2 ? rename(two, one) : rename(one, two), 0);
}

static void test_overflow(void **state)
{
	struct fixture *f = *state;

	if (queue_limit() > 1000000)
		skip();
	make_folders(f, "a/plans");
	make_folders(f, "gone/plans");
	make_folders(f, "c/plans");
	save(f, "a/plans/p.md");
	add(f, "");
	overflow_queue(f);
	/* The kernel tells of none of these. */
	move(f, "a", "b");
	make_folders(f, "a/new/plans");
	save(f, "a/new/plans/q.md");
	remove_tree(AT_FDCWD, at(f, "gone"));
	move(f, "c", "node_modules");
	drain(f);
	assert_int_equal(count_reports(f, LOST + WATCH_OVERFLOW, ""), 1);
	forget_reports(f);
	watch_rescan(f->watch);
	assert_last(f, "b/plans/p.md", FILE_CHANGED);
	assert_last(f, "a/new/plans/q.md", FILE_CHANGED);
	assert_int_equal(count_reports(f, FILE_CHANGED, NULL), 2);
	drain(f);
	assert_watched(f, 6);
	assert_heard(f, "b/plans/p.md");
	assert_heard(f, "a/new/plans/q.md");
}

/* ---- anything, in any order ---- */

struct model {
	struct fixture *f;
	uint64_t random;
	char **present; /* the plans that a listener knows of */
	size_t n_present;
	size_t n_folders;
	bool fits; /* what is on the disk is known */
	size_t n_plans;
};

static unsigned pick(struct model *m, unsigned n)
{
	m->random = m->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(m->random >> 33) % n;
}

static size_t find_present(const struct model *m, const char *path)
{
	size_t i = 0;

	while (i < m->n_present && strcmp(m->present[i], path) != 0)
		i++;
	return i;
}

/* What a listener does with a hint: it looks at the disk, and follows no link on the way. */
static void look(struct model *m, const char *path)
{
	cleanup_free char *real = realpath(path, NULL);
	struct stat status;
	bool there =
	    real && strcmp(real, path) == 0 && lstat(path, &status) == 0 && S_ISREG(status.st_mode);
	size_t i = find_present(m, path);

	if (there && i == m->n_present) {
		m->present = reallocarray(m->present, m->n_present + 1, sizeof(*m->present));
		assert_non_null(m->present);
		m->present[m->n_present++] = strdup(path);
	} else if (!there && i < m->n_present) {
		free(m->present[i]);
		m->present[i] = m->present[--m->n_present];
	}
}

static void hear(struct model *m)
{
	struct fixture *f = m->f;

	for (size_t i = 0; i < f->n_reports; i++) {
		const char *path = f->reports[i].path;
		size_t length = strlen(path);
		if (f->reports[i].kind < FOLDER_GONE)
			look(m, path);
		if (f->reports[i].kind != FOLDER_GONE)
			continue;
		for (size_t j = m->n_present; j-- > 0;)
			if (strncmp(m->present[j], path, length) == 0 &&
			    m->present[j][length] == '/') {
				cleanup_free char *known = strdup(m->present[j]);
				look(m, known);
			}
	}
	forget_reports(f);
}

/* Walks the disk: counts folders and plans, and compares the plans with what is known. */
static void walk(struct model *m, const char *root, const char *path)
{
	cleanup_closedir DIR *folder = opendir(path);
	const struct dirent *entry;

	assert_non_null(folder);
	m->n_folders++;
	while ((entry = readdir(folder))) {
		cleanup_free char *child = NULL;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		assert_true(asprintf(&child, "%s/%s", path, entry->d_name) > 0);
		if (entry->d_type == DT_DIR) {
			if (!discover_is_pruned(&m->f->rules, entry->d_name))
				walk(m, root, child);
		} else if (entry->d_type == DT_REG &&
			   discover_is_candidate(&m->f->rules, root, child + strlen(root) + 1)) {
			m->n_plans++;
			if (find_present(m, child) == m->n_present) {
				print_message("not known: %s\n", child);
				m->fits = false;
			}
		}
	}
}

static void compare(struct model *m, unsigned seed)
{
	cleanup_free char *root = strdup(at(m->f, "in"));

	m->n_folders = 0;
	m->n_plans = 0;
	m->fits = true;
	walk(m, root, root);
	if (!m->fits || m->n_plans != m->n_present)
		fail_msg("seed %u: %zu plans on the disk, %zu known", seed, m->n_plans,
			 m->n_present);
	if (m->n_folders != watch_count(m->f->watch) || m->n_folders != kernel_watches(m->f))
		fail_msg("seed %u: %zu folders on the disk, %zu watched, %zu by the kernel", seed,
			 m->n_folders, watch_count(m->f->watch), kernel_watches(m->f));
}

static char *random_place(struct model *m)
{
	static const char *const names[] = { "a", "b", "plans", "c", "node_modules", "d.md" };
	char path[256];
	size_t length =
	    (size_t)snprintf(path, sizeof(path), "%s/%s", m->f->root, pick(m, 5) ? "in" : "out");

	for (unsigned depth = 1 + pick(m, 4); depth > 0; depth--)
		length += (size_t)snprintf(path + length, sizeof(path) - length, "/%s",
					   names[pick(m, ARRAY_SIZE(names))]);
	return strdup(path);
}

/* Anything may fail: it is the disk that says what has become of it. */
static void random_act(struct model *m)
{
	static const char *const names[] = { "p.md", "PLAN.md", "note.txt", "d.md" };
	cleanup_free char *place = random_place(m);
	cleanup_free char *other = random_place(m);
	cleanup_free char *file = NULL;
	int fd;

	assert_true(asprintf(&file, "%s/%s", place, names[pick(m, ARRAY_SIZE(names))]) > 0);
	switch (pick(m, 14)) {
	case 0:
		(void)rmdir(place);
		break;
	case 1:
		remove_tree(AT_FDCWD, place);
		break;
	case 2:
		(void)unlink(file);
		break;
	case 3:
	case 4:
	case 5:
		(void)rename(place, other);
		break;
	case 6:
		(void)renameat2(AT_FDCWD, place, AT_FDCWD, other, RENAME_EXCHANGE);
		break;
	case 7:
		if (symlink(other, place) < 0)
			assert_int_not_equal(errno, 0);
		break;
	case 8:
	case 9:
	case 10:
		fd = open(file, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0)
			(void)close(fd);
		break;
	default:
		(void)mkdir(place, 0700);
		break;
	}
}

static void end_model(struct model *m)
{
	struct fixture *f = m->f;

	assert_int_equal(watch_remove(f->watch, at(f, "in")), 0);
	assert_watched(f, 0);
	drain(f);
	forget_reports(f);
	remove_tree(AT_FDCWD, at(f, "in"));
	remove_tree(AT_FDCWD, at(f, "out"));
	for (size_t i = 0; i < m->n_present; i++)
		free(m->present[i]);
	free(m->present);
}

static void run_model(struct fixture *f, unsigned seed)
{
	struct model m = { .f = f, .random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1 };

	make_folder(f, "in");
	make_folder(f, "out");
	add(f, "in");
	if (seed % 3 == 0) { /* a second root, which comes and goes */
		make_folder(f, "in/a");
		add(f, "in/a");
	}
	for (int round = 0; round < 40; round++) {
		for (unsigned n = 1 + pick(&m, 30); n > 0; n--)
			random_act(&m);
		drain(f);
		hear(&m);
		compare(&m, seed);
		if (pick(&m, 10) == 0) {
			watch_rescan(f->watch);
			hear(&m);
			compare(&m, seed);
		}
	}
	if (seed % 3 == 0)
		assert_int_equal(watch_remove(f->watch, at(f, "in/a")), 0);
	end_model(&m);
}

static unsigned model_seeds(unsigned usual)
{
	const char *seeds = getenv("WATCH_SEEDS");

	return seeds ? (unsigned)strtoul(seeds, NULL, 10) : usual;
}

static void test_model(void **state)
{
	for (unsigned seed = 1; seed <= model_seeds(300); seed++)
		run_model(*state, seed);
}

static void *act_thread(void *userdata)
{
	struct model *m = userdata;

	for (int i = 0; i < 400; i++)
		random_act(m);
	return NULL;
}

/* The same while we scan and drain. */
static void test_model_beside(void **state)
{
	struct fixture *f = *state;

	for (unsigned seed = 1; seed <= model_seeds(100); seed++) {
		struct model m = { .f = f, .random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1 };
		pthread_t thread;

		make_folder(f, "in");
		make_folder(f, "out");
		cleanup_free char *root = strdup(at(f, "in"));
		assert_int_equal(pthread_create(&thread, NULL, act_thread, &m), 0);
		assert_int_equal(watch_add(f->watch, root, NULL), 0);
		for (int i = 0; pthread_tryjoin_np(thread, NULL) == EBUSY; i++) {
			drain(f);
			if (i % 16 == 0)
				watch_rescan(f->watch);
		}
		drain(f);
		hear(&m);
		compare(&m, seed);
		end_model(&m);
	}
}

/* ---- what needs a name space of our own; the process stays in it, so these come last ---- */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		(void)close(fd);
	return written;
}

/* Root in a user name space of one's own may mount and lower limits; where that is forbidden, these are skipped. */
static bool enter_namespace(void)
{
	char users[64], groups[64];

	(void)snprintf(users, sizeof(users), "0 %u 1", geteuid());
	(void)snprintf(groups, sizeof(groups), "0 %u 1", getegid());
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       write_file("/proc/self/uid_map", users) &&
	       write_file("/proc/self/setgroups", "deny") &&
	       write_file("/proc/self/gid_map", groups) &&
	       mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
}

static void test_watch_limit(void **state)
{
	static const char limit[] = "/proc/sys/user/max_inotify_watches";
	struct fixture *f = *state;
	char path[64];

	if (!write_file(limit, "5"))
		skip();
	for (int i = 0; i < 10; i++) {
		(void)snprintf(path, sizeof(path), "d%d/plans", i);
		make_folders(f, path);
		(void)snprintf(path, sizeof(path), "d%d/plans/p.md", i);
		save(f, path);
	}
	add(f, "");
	assert_watched(f, 5);
	assert_int_equal(count_reports(f, LOST + WATCH_LIMIT, NULL), 1);
	for (size_t i = 0; i < f->n_reports; i++)
		if (f->reports[i].kind == LOST + WATCH_LIMIT)
			assert_non_null(strstr(f->reports[i].explanation, "max_user_watches="));
	/* What is not watched was read. */
	assert_int_equal(count_reports(f, FILE_CHANGED, NULL), 10);
	watch_rescan(f->watch);
	assert_int_equal(count_reports(f, LOST + WATCH_LIMIT, NULL), 1);
	assert_watched(f, 5);
	assert_true(write_file(limit, "100000"));
	watch_rescan(f->watch);
	assert_watched(f, 21);
	assert_int_equal(count_reports(f, LOST + WATCH_LIMIT, NULL), 1);
	/* Another episode is told again. */
	assert_true(write_file(limit, "21"));
	make_folder(f, "one-more");
	drain(f);
	assert_int_equal(count_reports(f, LOST + WATCH_LIMIT, at(f, "one-more")), 1);
	assert_true(write_file(limit, "100000"));
}

static void test_unmount(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "r/mnt");
	if (mount("none", at(f, "r/mnt"), "tmpfs", 0, "size=1m") < 0)
		skip();
	make_folders(f, "r/mnt/a/plans");
	make_folders(f, "r/mnt/b");
	save(f, "r/mnt/a/plans/p.md");
	add(f, "r");
	add(f, "r/mnt/a");
	assert_watched(f, 5);
	assert_int_equal(umount2(at(f, "r/mnt"), 0), 0);
	drain(f);
	assert_int_equal(count_reports(f, LOST + WATCH_UNMOUNT, NULL), 1);
	assert_int_equal(count_reports(f, LOST + WATCH_UNMOUNT, at(f, "r/mnt")), 1);
	assert_watched(f, 1);
	watch_rescan(f->watch);
	assert_watched(f, 2);
	make_folders(f, "r/mnt/a/plans");
	drain(f);
	assert_heard(f, "r/mnt/a/plans/p.md");
}

/* One folder at two places has one watch: it is heard at the place that was seen first, until that is gone. */
static void test_bind_mount(void **state)
{
	struct fixture *f = *state;

	make_folders(f, "a/plans");
	make_folder(f, "b");
	make_folders(f, "c/loop");
	save(f, "a/plans/p.md");
	cleanup_free char *a = strdup(at(f, "a"));
	if (mount(a, at(f, "b"), "none", MS_BIND, NULL) < 0)
		skip();
	assert_int_equal(mount(f->root, at(f, "c/loop"), "none", MS_BIND, NULL), 0);
	add(f, "");
	for (int i = 0; i < 3; i++) {
		assert_watched(f, 4);
		assert_int_equal(count_reports(f, FILE_CHANGED, NULL), 1);
		forget_reports(f);
		watch_rescan(f->watch);
	}
	forget_reports(f);
	save(f, "b/plans/p.md");
	drain(f);
	assert_true(f->n_reports > 0);
	assert_int_equal(umount2(at(f, "b"), MNT_DETACH), 0);
	assert_int_equal(umount2(at(f, "c/loop"), MNT_DETACH), 0);
	watch_rescan(f->watch);
	assert_heard(f, "a/plans/p.md");
	assert_watched(f, 6);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree_churn),
		cmocka_unit_test(test_tree_paths),
		cmocka_unit_test(test_tree_memory),
		TEST(test_one_instance),
		TEST(test_new_instance_hears_nothing_old),
		TEST(test_errors),
		TEST(test_first_scan),
		TEST(test_ways_to_save),
		TEST(test_file_becomes_folder),
		TEST(test_strange_names),
		TEST(test_deep),
		TEST(test_burst),
		TEST(test_burst_beside),
		TEST(test_saves_beside_rescan),
		TEST(test_rescan_without_descriptors),
		TEST(test_rename),
		TEST(test_rename_changes_candidacy),
		TEST(test_exchange_folders),
		TEST(test_move_out_and_in),
		TEST(test_move_out_beside_others),
		TEST(test_recreate_before_drain),
		TEST(test_churn),
		TEST(test_deleted_folder_in_use),
		TEST(test_pruning),
		TEST(test_links_are_not_followed),
		TEST(test_overlapping_roots),
		TEST(test_root_with_pruned_name),
		TEST(test_file_root),
		TEST(test_root_lost),
		TEST(test_root_moved_and_back),
		TEST(test_root_in_root_moves),
		TEST(test_root_in_root_replaced),
		TEST(test_overflow),
		TEST(test_model),
		TEST(test_model_beside),
	};
	const struct CMUnitTest apart[] = {
		TEST(test_watch_limit),
		TEST(test_unmount),
		TEST(test_bind_mount),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	if (!enter_namespace()) {
		print_message("no user name space: limits and mounts are not tested\n");
		return failed;
	}
	return failed + cmocka_run_group_tests_name("in a name space", apart, NULL, NULL);
}
