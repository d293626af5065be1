/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "files.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int file_find(struct cli *cli, const char *name, char **ret, uint32_t *part)
{
	cleanup(plan_row_done) struct plan_row row = { 0 };
	struct stat st;
	int r = 0;

	*part = 0;
	if (strcmp(name, "-") == 0 || stat(name, &st) == 0) {
		*ret = strdup(name);
	} else {
		r = cli_open_store(cli);
		if (r == 0)
			r = cli_find_plan(cli, name, &row);
		if (r == 0) {
			*ret = take(row.path);
			*part = row.part;
		}
	}
	return r;
}

int file_read(const char *path, char **ret, size_t *length, struct error *error)
{
	cleanup_free char *bytes = malloc(PLAN_SIZE_MAX + 1);
	cleanup_fclose FILE *opened = strcmp(path, "-") == 0 ? NULL : fopen(path, "re");
	FILE *file = strcmp(path, "-") == 0 ? stdin : opened;
	struct stat st;

	if (!bytes)
		return error_set(error, -ENOMEM, "out of memory");
	if (!file)
		return error_set(error, -errno, "%s: %s", path, strerror(errno));
	if (fstat(fileno(file), &st) == 0 && S_ISDIR(st.st_mode))
		return error_set(error, -EISDIR, "%s: is a folder; name a file", path);
	*length = fread(bytes, 1, PLAN_SIZE_MAX + 1, file);
	if (ferror(file))
		return error_set(error, -EIO, "%s: cannot read it", path);
	*ret = take(bytes);
	return 0;
}

int file_parse_bytes(const char *path, const char *bytes, size_t length, struct plan_file **ret,
		     struct error *error)
{
	int r = plan_parse(bytes, length, ret);

	if (r == -EFBIG)
		return error_set(error, r, "%s: too large: a plan has at most %zu MiB", path,
				 PLAN_SIZE_MAX >> 20);
	return r < 0 ? error_set(error, r, "%s: %s", path, strerror(-r)) : 0;
}

int file_parse(const char *path, struct plan_file **ret, struct error *error)
{
	cleanup_free char *bytes = NULL;
	size_t length = 0;
	int r = file_read(path, &bytes, &length, error);

	return r < 0 ? r : file_parse_bytes(path, bytes, length, ret, error);
}
