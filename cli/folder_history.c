/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "folder_history.h"

#include "planwatch/cleanup.h"
#include "planwatch/plan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* "0012_1774516767_40044aff.md": the time, or INSTANT_NONE. */
static usec_t time_of_name(const char *name)
{
	size_t number = strspn(name, "0123456789"), digits, length = strlen(name);
	usec_t seconds;

	if (number == 0 || name[number] != '_' || length < 3 ||
	    strcmp(name + length - 3, ".md") != 0)
		return INSTANT_NONE;
	digits = strspn(name + number + 1, "0123456789");
	seconds = strtoll(name + number + 1, NULL, 10);
	return digits > 0 && digits < 12 && strchr("_.", name[number + 1 + digits]) && seconds > 0
		   ? seconds * USEC_PER_SEC
		   : INSTANT_NONE;
}

static int is_revision(const struct dirent *entry)
{
	return time_of_name(entry->d_name) != INSTANT_NONE;
}

/* Only a regular file, as the daemon reads plans; *ret stays NULL for what is none, or too large. */
static int read_revision(int folder, const char *name, char **ret, size_t *length,
			 struct error *error)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	cleanup_fclose FILE *file = fd < 0 ? NULL : stream_of(fd);
	cleanup_free char *bytes = NULL;
	struct stat st;

	if (!file || fstat(fd, &st) < 0)
		return error_set(error, -errno, "%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size > (off_t)PLAN_SIZE_MAX)
		return 0;
	bytes = malloc((size_t)st.st_size + 1);
	if (!bytes)
		return error_set(error, -ENOMEM, "out of memory");
	*length = fread(bytes, 1, (size_t)st.st_size, file);
	if (ferror(file))
		return error_set(error, -errno, "%s: %s", name, strerror(errno));
	*ret = take(bytes);
	return 0;
}

static int add_file(struct import *import, int folder, const char *name, struct error *error)
{
	struct import_revision revision = { .at = time_of_name(name), .parent = import->tip };
	int r = read_revision(folder, name, &revision.bytes, &revision.length, error);

	if (r < 0 || !revision.bytes)
		return r;
	r = import_add(import, &revision, error);
	import->tip = import->count - 1;
	return r;
}

/* versionsort: 10000 comes after 9999. */
int folder_history(struct import *import, const char *path, struct error *error)
{
	cleanup_close int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **entries = NULL;
	int n = folder < 0 ? -1 : scandirat(folder, ".", &entries, is_revision, versionsort);
	int r = n < 0 ? error_set(error, -errno, "%s: %s", path, strerror(errno)) : 0;

	import->tip = IMPORT_NONE;
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = add_file(import, folder, entries[i]->d_name, error);
		free(entries[i]);
	}
	free(entries);
	if (n == 0)
		r = error_set(error, -ENOENT, "%s: no file in it is named NUMBER_UNIXTIME_*.md",
			      path);
	return r;
}
