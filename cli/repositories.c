/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repositories.h"

#include "files.h"

#include "planwatch/cleanup.h"

#include <fts.h>
#include <string.h>

void repositories_done(struct repositories *repositories)
{
	for (size_t i = 0; i < repositories->count; i++)
		free(repositories->rows[i].path);
	free(repositories->rows);
}

/* Its index, or -ENOMEM. A folder of plans has been added by the plan before, where there was one. */
static long add(struct repositories *found, const char *path, size_t length)
{
	struct repository *grown;

	for (size_t i = 0; i < found->count; i++)
		if (strlen(found->rows[i].path) == length &&
		    strncmp(found->rows[i].path, path, length) == 0)
			return (long)i;
	grown = reallocarray(found->rows, found->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	found->rows = grown;
	grown[found->count] = (struct repository){ .path = strndup(path, length) };
	return grown[found->count].path ? (long)found->count++ : -ENOMEM;
}

static bool has_git(const char *path)
{
	cleanup_free char *git = NULL;

	/* A folder, or a worktree's file. */
	return asprintf(&git, "%s/.git", path) >= 0 && access(git, F_OK) == 0;
}

/* A plan by its content: 1 with an open item, 0 without; -1 where it is none, or cannot be read. */
static int read_plan(const char *path)
{
	cleanup_plan struct plan_file *file = NULL;
	struct error error = { 0 };
	int result = -1;

	if (file_parse(path, &file, &error) < 0)
		return -1;
	for (size_t i = 0; i < file->plan_count; i++)
		if (file->plans[i].is_plan && result < 1)
			result = file->plans[i].counts.open > 0;
	return result;
}

/* fts_number: 1 + the index of the repository that a folder belongs to; 0 outside of any. */
static int enter_folder(FTS *walk, FTSENT *entry, const struct discover_rules *rules,
			struct repositories *found)
{
	long index;

	if (entry->fts_level > FTS_ROOTLEVEL) {
		bool hidden = *entry->fts_name == '.' && entry->fts_parent->fts_number == 0;
		if (hidden || discover_is_pruned(rules, entry->fts_name)) {
			(void)fts_set(walk, entry, FTS_SKIP);
			return 0;
		}
		entry->fts_number = entry->fts_parent->fts_number;
	}
	if (!has_git(entry->fts_path))
		return 0;
	index = add(found, entry->fts_path, entry->fts_pathlen);
	entry->fts_number = index + 1;
	return index < 0 ? (int)index : 0;
}

static int visit_file(const FTSENT *entry, const char *folder, const struct discover_rules *rules,
		      struct repositories *found)
{
	const char *below = entry->fts_path + strlen(folder);
	long index = entry->fts_parent->fts_number - 1;
	int plan;

	if (!discover_is_candidate(rules, folder, below + (*below == '/')))
		return 0;
	plan = read_plan(entry->fts_path);
	if (plan < 0)
		return 0;
	if (index < 0)
		index = add(found, entry->fts_path, entry->fts_pathlen - entry->fts_namelen - 1u);
	if (index < 0)
		return (int)index;
	found->rows[index].plans++;
	found->rows[index].open += (uint32_t)plan;
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct repository *)a)->path, ((const struct repository *)b)->path);
}

static void keep_those_with_plans(struct repositories *found)
{
	size_t kept = 0;

	for (size_t i = 0; i < found->count; i++) {
		if (found->rows[i].plans > 0)
			found->rows[kept++] = found->rows[i];
		else
			free(found->rows[i].path);
	}
	found->count = kept;
	if (kept > 1)
		qsort(found->rows, kept, sizeof(*found->rows), by_path);
}

int repositories_find(const char *folder, const struct discover_rules *rules,
		      struct repositories *ret, struct error *error)
{
	cleanup_free char *path = strdup(folder);
	char *const paths[] = { path, NULL };
	FTS *walk = path ? fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL) : NULL;
	FTSENT *entry;
	int r = walk ? 0 : -ENOMEM;

	*ret = (struct repositories){ 0 };
	while (r == 0 && (entry = fts_read(walk))) {
		if (entry->fts_info == FTS_D)
			r = enter_folder(walk, entry, rules, ret);
		else if (entry->fts_info == FTS_F)
			r = visit_file(entry, folder, rules, ret);
		else if (entry->fts_level == FTS_ROOTLEVEL && entry->fts_errno)
			r = -entry->fts_errno;
	}
	if (walk)
		(void)fts_close(walk);
	keep_those_with_plans(ret);
	if (r == 0)
		return 0;
	repositories_done(ret);
	*ret = (struct repositories){ 0 };
	return error_set(error, r, "%s: %s", folder, strerror(-r));
}
