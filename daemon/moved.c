/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "moved.h"

#include "planwatch/cleanup.h"
#include "planwatch/rename.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static bool is_missing(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 && errno == ENOENT;
}

/* Known files that are not there, found once a flush: what moves and what it leaves come in one drain. */
static int collect_missing(void *userdata, const struct file_row *row)
{
	struct missing_files *missing = userdata;
	struct file_row *grown;

	if (!row->present || !row->content || !is_missing(row->path))
		return 0;
	grown = reallocarray(missing->rows, missing->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	missing->rows = grown;
	grown[missing->count] = *row;
	grown[missing->count].path = strdup(row->path);
	return grown[missing->count++].path ? 0 : -ENOMEM;
}

void missing_files_forget(struct missing_files *missing)
{
	for (size_t i = 0; i < missing->count; i++)
		file_row_done(&missing->rows[i]);
	free(missing->rows);
	*missing = (struct missing_files){ 0 };
}

/* How much a reading has in common with what a missing file had, if that is enough to be the same plan; else 0. */
static int likeness_to(struct store *store, const struct reading *reading,
		       const struct file_row *row)
{
	cleanup_free char *bytes = NULL;
	struct error error = { 0 };
	size_t length;
	bool same_inode = row->device == reading->device && row->inode == reading->inode;

	if (store_content_get(store, row->content, &bytes, &length, &error) < 0)
		return 0;
	if (length == reading->length && memcmp(bytes, reading->bytes, length) == 0)
		return 100;
	int likeness = rename_likeness(bytes, length, reading->bytes, reading->length);
	return likeness >= (same_inode ? RENAME_LIKENESS_SAME_INODE : RENAME_LIKENESS)
		   ? likeness + (same_inode ? 100 : 0)
		   : 0;
}

/* What the store says of a new path's bytes. */
struct origin_search {
	const char *path;
	char *
	    gone; /* a path that had these bytes and is not there: the file was there once, or is moved */
	bool copied; /* a plan with these bytes is there */
};

static int look_for_bytes(void *userdata, const struct file_row *row)
{
	struct origin_search *search = userdata;

	if (strcmp(row->path, search->path) == 0)
		return 0;
	if (!is_missing(row->path)) {
		search->copied = true;
		return 0;
	}
	search->gone = strdup(row->path);
	return search->gone ? 1 : -ENOMEM;
}

char *moved_from(struct store *store, struct missing_files *missing, const char *path,
		 const struct reading *reading, bool *copied)
{
	struct origin_search search = { .path = path };
	cleanup(file_row_done) struct file_row known = { 0 };
	struct error error = { 0 };
	const char *best = NULL;
	int most = 0;

	if (store_file_by_path(store, path, &known, &error) != -ENOENT)
		return NULL;
	(void)store_files_of(store, reading->bytes, reading->length, look_for_bytes, &search,
			     &error);
	*copied = search.copied;
	if (search.gone)
		return search.gone;
	if (!missing->known) {
		missing->known = true;
		(void)store_files(store, collect_missing, missing, &error);
	}
	for (size_t i = 0; i < missing->count; i++) {
		int likeness = likeness_to(store, reading, &missing->rows[i]);
		if (likeness > most) {
			most = likeness;
			best = missing->rows[i].path;
		}
	}
	return best ? strdup(best) : NULL;
}
