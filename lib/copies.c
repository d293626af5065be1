/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/copies.h"

#include "planwatch/cleanup.h"
#include "planwatch/git.h"

#include <errno.h>
#include <string.h>

struct tree {
	const char *top; /* a row's */
	char *
	    common; /* the git folder that all working trees of its repository share; "" where it is not to be found */
};

struct trees {
	struct tree *trees;
	size_t count;
};

static void trees_done(struct trees *trees)
{
	for (size_t i = 0; i < trees->count; i++)
		free(trees->trees[i].common);
	free(trees->trees);
}

/* NULL when memory is out. */
static const char *common_of(struct trees *trees, const char *top)
{
	struct tree *grown;

	/* Plans come in the order of their paths: it is the last one, as a rule. */
	for (size_t i = trees->count; i-- > 0;)
		if (strcmp(trees->trees[i].top, top) == 0)
			return trees->trees[i].common;
	grown = reallocarray(trees->trees, trees->count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	trees->trees = grown;
	grown += trees->count;
	*grown = (struct tree){ top, git_common_folder(top) };
	if (!grown->common)
		grown->common = strdup("");
	trees->count += grown->common != NULL;
	return grown->common;
}

/* One of the rows, with what it has in common with its copies. */
struct copy {
	const struct plan_row *row;
	const char *common,
	    *path; /* the shared git folder, and the path below the working tree; "" and all of it outside */
	size_t index;
};

static int read_copy(struct trees *trees, const struct plan_row *row, struct copy *copy)
{
	size_t length = row->repo ? strlen(row->repo) : 0;

	copy->row = row;
	copy->common = "";
	copy->path = row->path;
	if (!length || strncmp(row->path, row->repo, length) != 0 || row->path[length] != '/')
		return 0;
	copy->common = common_of(trees, row->repo);
	if (!copy->common)
		return -ENOMEM;
	if (*copy->common)
		copy->path += length;
	return 0;
}

static int compare_plans(const struct copy *a, const struct copy *b)
{
	int order = strcmp(a->path, b->path);

	if (order == 0)
		order = strcmp(a->common, b->common);
	return order ? order : (a->row->part > b->row->part) - (a->row->part < b->row->part);
}

static int compare_copies(const void *a, const void *b)
{
	const struct copy *left = a, *right = b;
	const struct plan_state *l = &left->row->state, *r = &right->row->state;
	int order = compare_plans(left, right);

	if (order)
		return order;
	if (l->last_tick_at != r->last_tick_at)
		return l->last_tick_at > r->last_tick_at ? -1 : 1;
	if (l->last_edit_at != r->last_edit_at)
		return l->last_edit_at > r->last_edit_at ? -1 : 1;
	if (l->counts.done != r->counts.done)
		return l->counts.done > r->counts.done ? -1 : 1;
	return left->index < right->index ? -1 : 1;
}

int copies_find(const struct plan_row *rows, size_t count, size_t *leader)
{
	cleanup(trees_done) struct trees trees = { 0 };
	cleanup_free struct copy *copies = calloc(count + 1, sizeof(*copies));

	if (!copies)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		copies[i].index = i;
		if (read_copy(&trees, &rows[i], &copies[i]) < 0)
			return -ENOMEM;
	}
	if (count > 1)
		qsort(copies, count, sizeof(*copies), compare_copies);
	for (size_t i = 0, first = 0; i < count; i++) {
		if (compare_plans(&copies[first], &copies[i]) != 0)
			first = i;
		leader[copies[i].index] = copies[first].index;
	}
	return 0;
}
