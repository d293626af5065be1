/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planwatch.conf: what is read, what holds for which plan, and what is said of what is wrong, with its line. */
#include "unit.h"

#include "planwatch/cleanup.h"
#include "planwatch/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/planwatch-config-XXXXXX";

static void write_file(const char *text)
{
	cleanup_fclose FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
}

static void load(struct config *config, const char *text)
{
	struct error error;

	write_file(text);
	if (config_load(config, path, &error) < 0)
		fail_msg("%s\n%s", error.message, text);
}

/* ---- What is right ---- */

static void test_empty(void **unused)
{
	struct config config;

	(void)unused;
	load(&config, "");
	struct limits limits = config_limits(&config, "/any/plan.md");
	assert_true(limits.stall_after == 2 * USEC_PER_HOUR);
	assert_false(limits.stall_after_configured);
	assert_true(limits.draft_after == 10 * USEC_PER_MIN);
	assert_true(limits.stage_limit == 0 && limits.plan_limit == 0);
	assert_int_equal(limits.nearing_percent, 80);
	assert_false(limits.quiet);
	assert_null(config.roots);
	assert_null(config.places);
	assert_int_equal(config.quiet_count, 0);
	assert_int_equal(config.setting_count, 0);
	config_done(&config);
}

static void test_settings(void **unused)
{
	struct config config;

	(void)unused;
	assert_int_equal(setenv("HOME", "/home/me", 1), 0);
	load(&config, "\xef\xbb\xbf; a comment\r\n"
		      "[watch]\r\n"
		      "root = /srv/plans\n"
		      "  root = ~/src\n"
		      "\tpoll=/mnt\n"
		      "place = execplans/\n"
		      "  place = *Plan*.md\n"
		      "prune = .git\n"
		      "\n"
		      "# another = one\n"
		      "[limits]\n"
		      "stall_after = 1h30m ; with a reason\n"
		      "draft_after: 20m\n"
		      "stage_limit = 4h\n"
		      "plan_limit = 2d\n"
		      "nearing = 75%\n"
		      "alerts = no\n"
		      "[quiet]\n"
		      "hours = 22:00-07:00\n"
		      "hours = Sat Sun");
	assert_string_equal(config.roots[0], "/srv/plans");
	assert_string_equal(config.roots[1], "/home/me/src");
	assert_null(config.roots[2]);
	assert_string_equal(config.polled[0], "/mnt");
	assert_null(config.polled[1]);
	assert_string_equal(config.rules.places[0], "execplans/");
	assert_string_equal(config.rules.places[1], "*Plan*.md");
	assert_null(config.rules.places[2]);
	assert_string_equal(config.rules.prune[0], ".git");
	assert_null(config.rules.prune[1]);
	struct limits limits = config_limits(&config, "/x");
	assert_true(limits.stall_after == 90 * USEC_PER_MIN && limits.stall_after_configured);
	assert_true(limits.draft_after == 20 * USEC_PER_MIN);
	assert_true(limits.stage_limit == 4 * USEC_PER_HOUR);
	assert_true(limits.plan_limit == 2 * USEC_PER_DAY);
	assert_int_equal(limits.nearing_percent, 75);
	assert_true(limits.quiet);
	assert_int_equal(config.quiet_count, 2);
	assert_int_equal(config.quiet[0].from, 22 * 60);
	assert_int_equal(config.quiet[1].days, 1 << 6 | 1);
	config_done(&config);
}

static void test_later_wins(void **unused)
{
	struct config config;

	(void)unused;
	load(&config, "[limits]\nstall_after = 1h\nstage_limit = 4h\nplan_limit = 9h\nalerts = no\n"
		      "[watch]\n[limits]\nstall_after = 3h\nstage_limit = none\nplan_limit = none\n"
		      "alerts = yes\nnearing = 1%\nnearing = 99%\n");
	struct limits limits = config_limits(&config, "/x");
	assert_true(limits.stall_after == 3 * USEC_PER_HOUR);
	assert_true(limits.stage_limit == 0 && limits.plan_limit == 0);
	assert_int_equal(limits.nearing_percent, 99);
	assert_false(limits.quiet);
	config_done(&config);
}

/* What holds where: each setting alone, and the last section that fits. */
static void test_paths(void **unused)
{
	static const char text[] = "[limits work]\nstall_after = 1h\npath = /work\nnearing = 50%\n"
				   "[limits]\nstall_after = 4h\nstage_limit = 8h\n"
				   "[limits deep]\npath = /work/deep/\nstage_limit = none\n"
				   "draft_after = 1m\nplan_limit = 1d\nalerts = no\n"
				   "[limits one]\npath = /work/deep/one.md\nalerts = yes\n"
				   "[limits work]\nstall_after = 2h\n";
	static const struct {
		const char *path;
		int stall_hours, stage_hours, plan_hours, draft_minutes, percent;
		bool quiet;
	} rows[] = {
		{ "/other/plan.md", 4, 8, 0, 10, 80, false },
		{ "/work/plan.md", 2, 8, 0, 10, 50, false },
		{ "/work", 2, 8, 0, 10, 50, false },
		{ "/workshop/plan.md", 4, 8, 0, 10, 80, false },
		{ "/work/deep/plan.md", 2, 0, 24, 1, 50, true },
		{ "/work/deep/one.md", 2, 0, 24, 1, 50, false },
	};
	struct config config;

	(void)unused;
	load(&config, text);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct limits l = config_limits(&config, rows[i].path);
		if (l.stall_after != rows[i].stall_hours * USEC_PER_HOUR ||
		    l.stage_limit != rows[i].stage_hours * USEC_PER_HOUR ||
		    l.plan_limit != rows[i].plan_hours * USEC_PER_HOUR ||
		    l.draft_after != rows[i].draft_minutes * USEC_PER_MIN ||
		    l.nearing_percent != rows[i].percent || l.quiet != rows[i].quiet ||
		    !l.stall_after_configured)
			fail_msg("%s has other limits", rows[i].path);
	}
	config_done(&config);
}

/* A silence that only a path's section configures is configured there, and nowhere else. */
static void test_path_is_configured(void **unused)
{
	struct config config;

	(void)unused;
	load(&config,
	     "[limits a]\npath = /a\nstall_after = 2h\n[limits b]\npath = /b\nalerts = yes\n");
	assert_true(config_limits(&config, "/a/plan.md").stall_after_configured);
	assert_false(config_limits(&config, "/b/plan.md").stall_after_configured);
	assert_false(config_limits(&config, "/c/plan.md").stall_after_configured);
	config_done(&config);
}

/* ---- What is wrong ---- */

#define LONG_50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG_250 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50

static const struct {
	const char *text;
	int line; /* 0: of the whole file */
	const char *sentence;
} wrong[] = {
	{ "[watch]\nroot = plans\n", 2, "root = plans: expected an absolute path" },
	{ "[watch]\nroot =\n", 2, "expected an absolute path" },
	{ "[watch]\nroot = ~you/plans\n", 2, "expected an absolute path" },
	{ "[watch]\npoll = mnt\n", 2, "poll = mnt: expected an absolute path" },
	{ "[watch]\nplace =\n", 2, "expected a pattern" },
	{ "[watch]\nprune =\n", 2, "expected the name of a folder" },
	{ "[watch]\nprune = a/b\n", 2, "expected the name of a folder" },
	{ "[limits]\nstall_after = soon\n", 2, "stall_after = soon: expected a duration" },
	{ "[limits]\nstall_after = 90\n", 2, "expected a duration" },
	{ "[limits]\nstall_after = none\n", 2, "expected a duration" },
	{ "[limits]\nstall_after = 0h\n", 2, "expected a duration" },
	{ "[limits]\nstall_after = -2h\n", 2, "expected a duration" },
	{ "[limits]\ndraft_after = x\n", 2, "draft_after = x: expected a duration" },
	{ "[limits]\nstage_limit = never\n", 2, "expected a duration, such as 4h, or none" },
	{ "[limits]\nplan_limit = 0m\n", 2, "expected a duration, such as 4h, or none" },
	{ "[limits]\nnearing = 80\n", 2, "nearing = 80: expected a part of the budget" },
	{ "[limits]\nnearing = 0%\n", 2, "from 1% to 99%" },
	{ "[limits]\nnearing = 100%\n", 2, "from 1% to 99%" },
	{ "[limits]\nnearing = %\n", 2, "from 1% to 99%" },
	{ "[limits]\nnearing = 80% or so\n", 2, "from 1% to 99%" },
	{ "[limits]\nalerts = off\n", 2, "alerts = off: expected yes or no" },
	{ "[limits]\nalerts = No\n", 2, "expected yes or no" },
	{ "[limits]\npath = /x\n", 2, "a section of its own for a path" },
	{ "[limits a]\npath = x\n", 2, "path = x: expected an absolute path" },
	{ "[limits a]\npath = /x\nnearing = x\n", 3, "from 1% to 99%" },
	{ "[limits a]\nalerts = no\n", 0, "[limits a]: has no path" },
	{ "[limits a]\nalerts = no\n[limits b]\nalerts = no\n", 0, "[limits a]: has no path" },
	{ "[quiet]\nhours = at night\n", 2, "hours = at night: expected hours" },
	{ "[quiet]\nhours = Sat Sun\nhours = 22:00\n", 3, "hours = 22:00: expected hours" },
	{ "[notify]\neditor = vim\n", 2, "editor = vim: expected a command with {file}" },
	{ "[notify]\neditor = 'vim {file}\n", 2, "expected a command with {file}" },
	{ "[limits]\nhours = 22:00-07:00\n", 2, "[limits] hours: no such setting" },
	{ "[limits a]\nroot = /x\n", 2, "[limits a] root: no such setting" },
	{ "[Limits]\nalerts = no\n", 2, "[Limits] alerts: no such setting" },
	{ "[limitsa]\nalerts = no\n", 2, "[limitsa] alerts: no such setting" },
	{ "[limits]\nAlerts = no\n", 2, "[limits] Alerts: no such setting" },
	{ "alerts = no\n", 1, "[] alerts: no such setting" },
	{ "[limits]\nalerts\n", 2, "expected [section] or key = value" },
	{ "[limits\nalerts = no\n", 1, "expected [section] or key = value" },
	{ "[limits]\nstall_after = 1h\n\n  2h\n", 4, "expected [section] or key = value" },
	/* Of two that are wrong the first is told, with its own line and words. */
	{ "[limits]\nalerts\nnearing = x\n", 2, "expected [section] or key = value" },
	{ "[limits]\nnearing = x\nalerts\n", 2, "nearing = x" },
	{ "[limits]\nnearing = x\nalerts = x\n", 2, "nearing = x" },
	/* Lines are counted, whatever is in them. */
	{ "# one\n\n; three\r\n[limits]\n\n\nalerts = x\n", 7, "alerts = x" },
	{ "\xef\xbb\xbf[limits]\nalerts = x", 2, "alerts = x" },
	{ "# " LONG_250 "\n[limits]\nalerts = x\n", 3, "alerts = x" },
	{ "  ; " LONG_250 " \n[limits]\n# " LONG_250 LONG_250 "\nalerts = x\n", 4, "alerts = x" },
	{ "[watch]\nroot = /" LONG_250 "\n", 2, "a line has at most" },
	{ "[watch]\nroot = /a\n[limits " LONG_250 "]\n", 3, "a line has at most" },
	{ "[limits " LONG_50 "]\npath = /x\n", 2, "the name of a section has at most 48 bytes" },
};

static void test_wrong(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct config config;
		struct error error;
		char place[100];
		write_file(wrong[i].text);
		if (config_load(&config, path, &error) != -EINVAL)
			fail_msg("is taken:\n%s", wrong[i].text);
		(void)snprintf(place, sizeof(place), wrong[i].line ? "%s:%d: " : "%s: ", path,
			       wrong[i].line);
		if (strncmp(error.message, place, strlen(place)) != 0 ||
		    !strstr(error.message, wrong[i].sentence))
			fail_msg("%s\n%s: expected line %d, %s", wrong[i].text, error.message,
				 wrong[i].line, wrong[i].sentence);
		assert_null(config.roots);
	}
}

/* What stands behind a NUL would not be seen. */
static void test_nul(void **unused)
{
	static const char text[] = "[limits]\nstall_after = 5h\0\n";
	struct config config;
	struct error error;
	FILE *file = fopen(path, "we");

	(void)unused;
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, sizeof(text) - 1, file), sizeof(text) - 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(config_load(&config, path, &error), -EINVAL);
	assert_non_null(strstr(error.message, ":2: a NUL"));
}

/* A comment is nothing to anybody, however long, also its end. */
static void test_long_comment(void **unused)
{
	struct config config;

	(void)unused;
	load(&config,
	     "[limits]\n#" LONG_50 LONG_50 LONG_50 LONG_50 "\nstall_after = 5h\n; " LONG_250
	     "\n   stall_after = 4h\n# " LONG_50 LONG_50 LONG_50
	     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa stall_after = 3h");
	assert_true(config.limits.stall_after == 4 * USEC_PER_HOUR);
	config_done(&config);
}

/* The longest section name and, to its last byte, the longest line that fit. */
static void test_as_long_as_it_may_be(void **unused)
{
	char text[400], root[320];
	struct config config;
	struct error error;

	(void)unused;
	load(&config,
	     "[limits aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\npath = /x\nalerts = no\n");
	assert_true(config_limits(&config, "/x").quiet);
	config_done(&config);
	size_t fits = 0;
	for (size_t length = 150; length < 300; length++) {
		(void)snprintf(root, sizeof(root), "/%0*d", (int)length, 0);
		(void)snprintf(text, sizeof(text), "[watch]\nroot = %s\nprune = x\n", root);
		write_file(text);
		if (config_load(&config, path, &error) < 0)
			break;
		assert_string_equal(config.roots[0], root);
		assert_null(config.roots[1]);
		assert_int_equal(config.settings[1].line, 3);
		config_done(&config);
		fits = length;
	}
	assert_in_range(fits, 180, 298);
	assert_non_null(strstr(error.message, ":2: a line has at most"));
	/* At the end of a file there is room for one byte more. */
	(void)snprintf(root, sizeof(root), "/%0*d", (int)fits + 1, 0);
	(void)snprintf(text, sizeof(text), "[watch]\nroot = %s", root);
	load(&config, text);
	assert_string_equal(config.roots[0], root);
	config_done(&config);
}

static void test_too_large(void **unused)
{
	cleanup_fclose FILE *file = fopen(path, "we");
	struct config config;
	struct error error;

	(void)unused;
	assert_non_null(file);
	for (int i = 0; i < 1 << 20; i++)
		assert_int_equal(putc('\n', file), '\n');
	assert_int_equal(fflush(file), 0);
	assert_int_equal(config_load(&config, path, &error), 0);
	config_done(&config);
	assert_int_equal(putc('\n', file), '\n');
	assert_int_equal(fflush(file), 0);
	assert_int_equal(config_load(&config, path, &error), -EFBIG);
	assert_non_null(strstr(error.message, "larger than a configuration can be"));
}

static void test_files(void **unused)
{
	struct config config;
	struct error error;

	(void)unused;
	assert_int_equal(config_load(&config, "/nonexistent/planwatch.conf", &error), -ENOENT);
	assert_int_equal(config_load(&config, "/tmp", &error), -EINVAL);
	assert_int_equal(config_load(&config, "/dev/null", &error), 0);
	config_done(&config);
	/* The usual one may be absent. */
	assert_int_equal(setenv("XDG_CONFIG_HOME", "/nonexistent", 1), 0);
	assert_int_equal(config_load(&config, NULL, &error), 0);
	assert_null(config.path);
	config_done(&config);
	/* But not be out of reach. */
	assert_int_equal(setenv("XDG_CONFIG_HOME", "/dev/null", 1), 0);
	assert_int_equal(config_load(&config, NULL, &error), -ENOTDIR);
	assert_non_null(strstr(error.message, "/dev/null/planwatch/planwatch.conf: "));
}

/* A base folder that is not absolute counts as none (XDG Base Directory Specification). */
static void test_places(void **unused)
{
	static const struct {
		const char *base, *home, *place; /* NULL: not set, no place */
	} rows[] = {
		{ "/base", "/home/me", "/base/planwatch/planwatch.conf" },
		{ "base", "/home/me", "/home/me/.config/planwatch/planwatch.conf" },
		{ "", "/home/me", "/home/me/.config/planwatch/planwatch.conf" },
		{ NULL, "/home/me", "/home/me/.config/planwatch/planwatch.conf" },
		{ NULL, "home", NULL },
		{ NULL, NULL, NULL },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
		assert_int_equal(unsetenv("HOME"), 0);
		if (rows[i].base)
			assert_int_equal(setenv("XDG_CONFIG_HOME", rows[i].base, 1), 0);
		if (rows[i].home)
			assert_int_equal(setenv("HOME", rows[i].home, 1), 0);
		cleanup_free char *place = config_default_path();
		if (strcmp(place ? place : "none", rows[i].place ? rows[i].place : "none") != 0)
			fail_msg("row %zu: %s", i, place ? place : "none");
	}
	/* A socket has no place in the home folder. */
	assert_int_equal(setenv("HOME", "/home/me", 1), 0);
	assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
	assert_null(config_default_socket());
}

/* Without a home nothing is below it, and nothing is guessed. */
static void test_no_home(void **unused)
{
	struct config config;
	struct error error;

	(void)unused;
	assert_int_equal(unsetenv("HOME"), 0);
	write_file("[watch]\nroot = ~/src\n");
	assert_int_equal(config_load(&config, path, &error), -EINVAL);
	assert_non_null(strstr(error.message, ":2: root = ~/src: expected an absolute path"));
	/* There is no usual file to read. */
	assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
	assert_int_equal(config_load(&config, NULL, &error), 0);
	config_done(&config);
	assert_int_equal(setenv("HOME", "/home/me", 1), 0);
}

/* What a repository says of its own plans. */
static void test_lint_file(void **unused)
{
	static const struct {
		const char *text;
		int result;
		const char *sentence;
	} rows[] = {
		{ "", 1, NULL },
		{ "[lint]\nPLN001 = off\nPLN002 = error\n", 1, NULL },
		{ "[watch]\nroot = /x\n[lint]\nPLN001 = off\n", -EINVAL,
		  ":2: [watch]: a repository's file holds [lint] alone" },
		{ "[lint]\nPLN001 = never\n", -EINVAL, "PLN001 = never: expected the severity" },
		{ "[lint]\nPLN999 = off\n", -EINVAL, "PLN999 = off: expected the severity" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct lint_severities severities, standard;
		struct error error = { 0 };

		lint_severities_init(&severities);
		lint_severities_init(&standard);
		write_file(rows[i].text);
		if (config_load_lint(path, &severities, &error) != rows[i].result)
			fail_msg("%s: %s", rows[i].text, error.message);
		if (rows[i].sentence && !strstr(error.message, rows[i].sentence))
			fail_msg("%s: %s", rows[i].text, error.message);
		bool changed = memcmp(&severities, &standard, sizeof(standard)) != 0;
		assert_true(changed == (rows[i].result == 1 && *rows[i].text));
	}
	assert_int_equal(config_load_lint("/nonexistent", NULL, NULL), 0);
}

/* ---- Where each value is from ---- */

static int list_setting(void *userdata, const char *section, const char *key, const char *value,
			const char *origin)
{
	FILE *list = userdata;
	const char *line = strrchr(origin, ':');

	assert_true(!line || strncmp(origin, path, strlen(path)) == 0);
	(void)fprintf(list, "[%s] %s=%s %s\n", section, key, value, line ? line + 1 : origin);
	return 0;
}

static void check_each(const char *text, const char *wanted)
{
	struct config config;
	cleanup_free char *found = NULL;
	size_t size;
	FILE *list = open_memstream(&found, &size);

	assert_non_null(list);
	load(&config, text);
	assert_int_equal(config_each(&config, list_setting, list), 0);
	config_done(&config);
	assert_int_equal(fclose(list), 0);
	assert_string_equal(found, wanted);
}

static void test_each(void **unused)
{
	(void)unused;
	check_each("", "[limits] stall_after=2h default\n[limits] draft_after=10m default\n"
		       "[limits] stage_limit=none default\n[limits] plan_limit=none default\n"
		       "[limits] nearing=80% default\n[limits] alerts=yes default\n"
		       "[notify] editor=xdg-open {file} default\n");
	check_each("[limits]\n\nstall_after = 3h\nnearing = 75%\n[limits a]\npath = /a\n"
		   "draft_after = 1h\n[watch]\nroot = /x\n[limits]\nstall_after = 4h\n",
		   "[limits] draft_after=10m default\n[limits] stage_limit=none default\n"
		   "[limits] plan_limit=none default\n[limits] alerts=yes default\n"
		   "[notify] editor=xdg-open {file} default\n"
		   "[limits] stall_after=3h 3\n[limits] nearing=75% 4\n[limits a] path=/a 6\n"
		   "[limits a] draft_after=1h 7\n[watch] root=/x 9\n[limits] stall_after=4h 11\n");
}

static int stop_at_once(void *userdata, const char *section, const char *key, const char *value,
			const char *origin)
{
	(void)section;
	(void)key;
	(void)value;
	(void)origin;
	++*(int *)userdata;
	return -EPIPE;
}

static void test_each_stops(void **unused)
{
	struct config config;
	int calls = 0;

	(void)unused;
	load(&config, "[limits]\nalerts = no\n");
	assert_int_equal(config_each(&config, stop_at_once, &calls), -EPIPE);
	assert_int_equal(calls, 1);
	config_done(&config);
}

static int make_file(void **unused)
{
	int fd = mkstemp(path);

	(void)unused;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **unused)
{
	(void)unused;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_later_wins),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_path_is_configured),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_long_comment),
		cmocka_unit_test(test_as_long_as_it_may_be),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_no_home),
		cmocka_unit_test(test_lint_file),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_each_stops),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
