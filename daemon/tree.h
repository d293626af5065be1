/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of watched folders: watch descriptor -> {parent, name}. One open-addressed table and one pool of names; no pointer,
 * no list and no path is stored, so that a folder costs 13 to 16 bytes and its name, and so that a rename touches one node.
 *
 * The parent is named by its watch descriptor, not by a place in the table: the kernel counts descriptors upwards and does not give
 * one again before it has used all 2^31 (idr_alloc_cyclic), so a parent that is gone is known to be gone.
 *
 * Lifecycle: a struct tree of zeros is empty; tree_done() frees it. Pointers to nodes hold until the next tree_insert(),
 * tree_erase() or tree_trim().
 */
#ifndef PLANWATCHD_TREE_H
#define PLANWATCHD_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node {
	int32_t wd;	      /* 0: an empty place of the table */
	uint32_t parent : 31; /* watch descriptor; 0: a top, its name is an absolute path or "" */
	uint32_t mark : 1;    /* for whoever goes through the whole table */
	uint32_t name;	      /* offset in the pool */
};

struct tree {
	struct node *nodes;
	uint32_t capacity;
	uint32_t count;
	char *names;
	uint32_t names_length;
	uint32_t names_capacity;
	uint32_t names_garbage; /* bytes of the pool that no node uses any more */
};

/* A string that grows; zeros are an empty one, free(bytes) ends it. */
struct path {
	char *bytes;
	size_t length;
	size_t capacity;
};

void tree_done(struct tree *tree);

struct node *tree_find(const struct tree *tree, int wd);
const char *tree_name(const struct tree *tree, const struct node *node);

/* Adds a folder that is not in the table. The name is copied. -ENOMEM. */
int tree_insert(struct tree *tree, int wd, int parent, const char *name);

/* Gives a folder another place. -ENOMEM. */
int tree_move(struct tree *tree, struct node *node, int parent, const char *name);

/* Takes the folder out of its place: it has no path from then on, and nor has anything below it. */
void tree_detach(struct tree *tree, struct node *node);

void tree_erase(struct tree *tree, struct node *node);

/* True where `wd` is `ancestor` or lies below it. */
bool tree_is_below(const struct tree *tree, int wd, int ancestor);

/*
 * The path of a folder, or of `name` in it. -ESTALE where the folder, or one above it, is not in the table any more or was
 * detached; -ENOMEM.
 */
int tree_path(const struct tree *tree, int wd, const char *name, struct path *ret);

/*
 * The node after `node`, the first one after NULL; in no order. After tree_erase(tree, node) the same pointer must be looked at again
 * (tree_first_from()), because another node may have moved there.
 */
struct node *tree_next(const struct tree *tree, const struct node *node);
struct node *tree_first_from(const struct tree *tree, struct node *node);

/* Gives memory back after many folders went. */
void tree_trim(struct tree *tree);

/* Bytes held. */
size_t tree_memory(const struct tree *tree);

int path_set(struct path *path, const char *bytes, size_t length);

/* Appends "/NAME" ("NAME" to a path that ends in a slash). */
int path_join(struct path *path, const char *name);

static inline void path_cut(struct path *path, size_t length)
{
	path->length = length;
	path->bytes[length] = '\0';
}

#endif
