/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration of any bytes: an error names the file, and a line of it or what is missing; what is read lies within its ranges, has
 * its place in the file, and written out again, setting by setting, it is the same configuration. The rules of lint of a repository
 * take nothing but those.
 */
#include "fuzz.h"

#include "planwatch/cleanup.h"
#include "planwatch/config.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A file with these bytes, and its name. */
static int file_of(const char *bytes, size_t length, char path[static 40])
{
	int fd = memfd_create("planwatch.conf", MFD_CLOEXEC);

	CHECK(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
	(void)snprintf(path, 40, "/proc/self/fd/%d", fd);
	return fd;
}

static void check_limits(const struct limits *limits)
{
	const usec_t longest = 10 * 366 * USEC_PER_DAY;

	CHECK(limits->stall_after > 0 && limits->stall_after <= longest);
	CHECK(limits->draft_after > 0 && limits->draft_after <= longest);
	CHECK(limits->stage_limit >= 0 && limits->stage_limit <= longest);
	CHECK(limits->plan_limit >= 0 && limits->plan_limit <= longest);
	CHECK(limits->nearing_percent >= 1 && limits->nearing_percent <= 99);
}

static void check_absolute(char *const *paths)
{
	for (; paths && *paths; paths++)
		CHECK(**paths == '/');
}

static void check_config(const struct config *config, int lines)
{
	check_limits(&config->limits);
	check_absolute(config->roots);
	check_absolute(config->polled);
	for (size_t i = 0; i < config->path_limit_count; i++) {
		struct limits limits = config_limits(config, config->path_limits[i].path);
		CHECK(*config->path_limits[i].path == '/');
		check_limits(&limits);
	}
	for (size_t i = 0; i < config->quiet_count; i++)
		CHECK(config->quiet[i].days && config->quiet[i].from < 1440 &&
		      config->quiet[i].until <= 1440);
	for (size_t i = 0; i < config->setting_count; i++)
		CHECK(config->settings[i].line >= 1 && config->settings[i].line <= lines &&
		      (i == 0 || config->settings[i].line > config->settings[i - 1].line));
}

static int write_setting(void *userdata, const char *section, const char *key, const char *value,
			 const char *origin)
{
	(void)fprintf(userdata, "%s.%s=%s%s\n", section, key, value,
		      strcmp(origin, "default") == 0 ? " (default)" : "");
	return 0;
}

/* Everything that holds, as `planctl config` tells it. */
static char *told(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK(out && config_each(config, write_setting, out) == 0 && fclose(out) == 0);
	return text;
}

static void check_again(const struct config *config)
{
	cleanup(config_done) struct config again = { 0 };
	cleanup_free char *text = NULL, *before = told(config), *after = NULL;
	struct error error = { 0 };
	char path[40];
	size_t length;
	FILE *out = open_memstream(&text, &length);

	CHECK(out);
	/* A blank before a semicolon would make a comment of it. */
	for (size_t i = 0; i < config->setting_count; i++)
		(void)fprintf(out, "[%s]\n%s=%s\n", config->settings[i].section,
			      config->settings[i].key, config->settings[i].value);
	CHECK(fclose(out) == 0);
	int fd = file_of(text, length, path);
	CHECK(config_load(&again, path, &error) == 0);
	after = told(&again);
	CHECK(strcmp(before, after) == 0);
	CHECK(close(fd) == 0);
}

static void check_lint(const char *path, const struct config *config)
{
	struct lint_severities severities;
	struct error error = { 0 };
	bool only = true;

	lint_severities_init(&severities);
	for (size_t i = 0; i < config->setting_count; i++)
		only = only && strcmp(config->settings[i].section, "lint") == 0;
	CHECK(config_load_lint(path, &severities, &error) == (only ? 1 : -EINVAL));
}

static void check_error(int r, const struct error *error, const char *path, int lines)
{
	const char *after = error->message + strlen(path) + 1;
	char *end;
	long line;

	CHECK(r == -EINVAL && error->code == r);
	CHECK(strncmp(error->message, path, strlen(path)) == 0 && after[-1] == ':');
	line = strtol(after, &end, 10);
	CHECK(*after == ' ' || (end > after && *end == ':' && line >= 1 && line <= lines));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(config_done) struct config config = { 0 };
	struct error error = { 0 };
	char path[40];
	int lines = 1, fd = file_of((const char *)data, size, path), r;

	for (size_t i = 0; i + 1 < size; i++)
		lines += data[i] == '\n';
	r = config_load(&config, path, &error);
	if (r < 0) {
		check_error(r, &error, path, lines);
	} else {
		CHECK(error.code == 0);
		check_config(&config, lines);
		check_again(&config);
		check_lint(path, &config);
	}
	CHECK(close(fd) == 0);
	return 0;
}
