/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	MIN_NODES = 64,
	MIN_NAMES = 1024,
};

/* Fibonacci hashing scales the product to any capacity, so that the table need not be a power of two. */
static uint32_t home(const struct tree *tree, int wd)
{
	uint32_t hash = (uint32_t)wd * UINT32_C(2654435769);
	return (uint32_t)(((uint64_t)hash * tree->capacity) >> 32);
}

static uint32_t following(const struct tree *tree, uint32_t place)
{
	return place + 1 == tree->capacity ? 0 : place + 1;
}

/* The place of `wd`, or the empty place where it belongs. The table always has an empty place. */
static struct node *place_of(const struct tree *tree, int wd)
{
	uint32_t i = home(tree, wd);

	while (tree->nodes[i].wd && tree->nodes[i].wd != wd)
		i = following(tree, i);
	return &tree->nodes[i];
}

void tree_done(struct tree *tree)
{
	free(tree->nodes);
	free(tree->names);
	*tree = (struct tree){ 0 };
}

struct node *tree_find(const struct tree *tree, int wd)
{
	if (wd <= 0 || !tree->capacity)
		return NULL;
	struct node *node = place_of(tree, wd);
	return node->wd ? node : NULL;
}

const char *tree_name(const struct tree *tree, const struct node *node)
{
	return tree->names + node->name;
}

static int resize(struct tree *tree, uint64_t capacity)
{
	struct tree old = *tree;

	if (capacity > INT32_MAX)
		return -ENOMEM;
	tree->nodes = calloc(capacity, sizeof(*tree->nodes));
	if (!tree->nodes) {
		tree->nodes = old.nodes;
		return -ENOMEM;
	}
	tree->capacity = (uint32_t)capacity;
	for (uint32_t i = 0; i < old.capacity; i++)
		if (old.nodes[i].wd)
			*place_of(tree, old.nodes[i].wd) = old.nodes[i];
	free(old.nodes);
	return 0;
}

/* Between three quarters and nine tenths of the places are in use: 13 to 16 bytes a node. */
static int make_room(struct tree *tree)
{
	uint64_t capacity = tree->capacity;

	if (capacity && (uint64_t)tree->count + 1 < capacity - capacity / 10)
		return 0;
	return resize(tree, capacity ? capacity + capacity / 5 : MIN_NODES);
}

/* Copies the names that are in use to a new pool with room for `spare` bytes. Offset 0 is the empty name. */
static int repack(struct tree *tree, uint64_t spare)
{
	uint64_t used = tree->names ? tree->names_length - tree->names_garbage : 1;
	uint64_t capacity = used + used / 8 + spare;

	if (capacity < MIN_NAMES)
		capacity = MIN_NAMES;
	if (capacity > UINT32_MAX)
		return -ENOMEM;
	char *names = malloc(capacity);
	if (!names)
		return -ENOMEM;
	names[0] = '\0';
	uint32_t length = 1;
	for (struct node *node = NULL; tree->names && (node = tree_next(tree, node));) {
		if (!node->name)
			continue;
		size_t size = strlen(tree->names + node->name) + 1;
		memcpy(names + length, tree->names + node->name, size);
		node->name = length;
		length += (uint32_t)size;
	}
	free(tree->names);
	tree->names = names;
	tree->names_length = length;
	tree->names_capacity = (uint32_t)capacity;
	tree->names_garbage = 0;
	return 0;
}

static int grow_names(struct tree *tree, uint64_t size)
{
	uint64_t capacity = tree->names_capacity + tree->names_capacity / 8 + size;

	if (capacity > UINT32_MAX)
		return -ENOMEM;
	char *names = realloc(tree->names, capacity);
	if (!names)
		return -ENOMEM;
	tree->names = names;
	tree->names_capacity = (uint32_t)capacity;
	return 0;
}

/*
 * Appends a name to the pool. A full pool is packed where that wins an eighth, so that under churn it neither grows nor is copied
 * more than once for each such share of it.
 */
static int add_name(struct tree *tree, const char *name, uint32_t *ret)
{
	size_t size = strlen(name) + 1;
	int r = 0;

	if (!tree->names || (uint64_t)tree->names_length + size > tree->names_capacity) {
		if (!tree->names || tree->names_garbage > tree->names_length / 8)
			r = repack(tree, size);
		else
			r = grow_names(tree, size);
	}
	if (r < 0)
		return r;
	if (size == 1) {
		*ret = 0;
		return 0;
	}
	memcpy(tree->names + tree->names_length, name, size);
	*ret = tree->names_length;
	tree->names_length += (uint32_t)size;
	return 0;
}

static void drop_name(struct tree *tree, const struct node *node)
{
	if (node->name)
		tree->names_garbage += (uint32_t)strlen(tree->names + node->name) + 1;
}

int tree_insert(struct tree *tree, int wd, int parent, const char *name)
{
	uint32_t offset;
	int r = make_room(tree);

	if (r < 0)
		return r;
	r = add_name(tree, name, &offset);
	if (r < 0)
		return r;
	*place_of(tree, wd) = (struct node){
		.wd = wd,
		.parent = (uint32_t)parent & INT32_MAX,
		.name = offset,
	};
	tree->count++;
	return 0;
}

int tree_move(struct tree *tree, struct node *node, int parent, const char *name)
{
	uint32_t offset;
	int r = add_name(tree, name, &offset);

	if (r < 0)
		return r;
	drop_name(tree, node);
	node->name = offset;
	node->parent = (uint32_t)parent & INT32_MAX;
	return 0;
}

void tree_detach(struct tree *tree, struct node *node)
{
	drop_name(tree, node);
	node->name = 0;
	node->parent = 0;
}

/* Closes the gap by moving later nodes of the same run back (Knuth, 6.4 R), so that no tombstone is ever left. */
void tree_erase(struct tree *tree, struct node *node)
{
	uint32_t gap = (uint32_t)(node - tree->nodes);

	drop_name(tree, node);
	for (uint32_t i = following(tree, gap); tree->nodes[i].wd; i = following(tree, i)) {
		uint32_t wish = home(tree, tree->nodes[i].wd);
		bool stays = gap <= i ? gap < wish && wish <= i : gap < wish || wish <= i;
		if (stays)
			continue;
		tree->nodes[gap] = tree->nodes[i];
		gap = i;
	}
	tree->nodes[gap] = (struct node){ 0 };
	tree->count--;
}

bool tree_is_below(const struct tree *tree, int wd, int ancestor)
{
	const struct node *node;

	for (; wd != ancestor; wd = (int)node->parent) {
		node = tree_find(tree, wd);
		if (!node)
			return false;
	}
	return true;
}

static int reserve(struct path *path, size_t length)
{
	if (length < path->capacity)
		return 0;
	size_t capacity = length + length / 2 + 64;
	char *bytes = realloc(path->bytes, capacity);
	if (!bytes)
		return -ENOMEM;
	path->bytes = bytes;
	path->capacity = capacity;
	return 0;
}

int path_set(struct path *path, const char *bytes, size_t length)
{
	int r = reserve(path, length);

	if (r < 0)
		return r;
	memcpy(path->bytes, bytes, length);
	path_cut(path, length);
	return 0;
}

int path_join(struct path *path, const char *name)
{
	size_t size = strlen(name) + 1;
	int r = reserve(path, path->length + size);

	if (r < 0)
		return r;
	if (!path->length || path->bytes[path->length - 1] != '/')
		path->bytes[path->length++] = '/';
	memcpy(path->bytes + path->length, name, size);
	path->length += size - 1;
	return 0;
}

/* Two walks up: one for the length, one that writes from the end. */
int tree_path(const struct tree *tree, int wd, const char *name, struct path *ret)
{
	size_t length = name ? strlen(name) + 1 : 0;
	const struct node *node = tree_find(tree, wd);
	const char *top = "";

	for (; node; node = tree_find(tree, (int)node->parent)) {
		const char *own = tree_name(tree, node);
		length += strlen(own) + (node->parent ? 1 : 0);
		if (!node->parent) {
			top = own;
			break;
		}
	}
	if (top[0] != '/')
		return -ESTALE;
	bool slash_root = top[1] == '\0';
	if (reserve(ret, length) < 0)
		return -ENOMEM;

	char *end = ret->bytes + length;
	*end = '\0';
	if (name) {
		size_t size = strlen(name);
		end -= size;
		memcpy(end, name, size);
		*--end = '/';
	}
	for (node = tree_find(tree, wd); node; node = tree_find(tree, (int)node->parent)) {
		const char *own = tree_name(tree, node);
		size_t size = strlen(own);
		end -= size;
		memcpy(end, own, size);
		if (node->parent)
			*--end = '/';
	}
	/* The root folder "/" brings a slash of its own. */
	if (slash_root && length > 1)
		memmove(ret->bytes, ret->bytes + 1, length--);
	ret->length = length;
	return 0;
}

struct node *tree_first_from(const struct tree *tree, struct node *node)
{
	for (; node < tree->nodes + tree->capacity; node++)
		if (node->wd)
			return node;
	return NULL;
}

struct node *tree_next(const struct tree *tree, const struct node *node)
{
	if (!tree->capacity)
		return NULL;
	return tree_first_from(tree, tree->nodes + (node ? node - tree->nodes + 1 : 0));
}

void tree_trim(struct tree *tree)
{
	uint64_t capacity = (uint64_t)tree->count + tree->count / 4;

	if (tree->capacity > MIN_NODES && tree->count < tree->capacity / 4)
		(void)resize(tree, capacity < MIN_NODES ? MIN_NODES : capacity);
	if (tree->names_capacity > MIN_NAMES && tree->names_garbage > tree->names_length / 2)
		(void)repack(tree, 0);
}

size_t tree_memory(const struct tree *tree)
{
	return (size_t)tree->capacity * sizeof(*tree->nodes) + tree->names_capacity;
}
