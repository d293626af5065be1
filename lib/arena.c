/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)8 << 10)
#define LARGEST_BLOCK ((size_t)4 << 20)

struct arena_block {
	struct arena_block *next;
	max_align_t data[];
};

void arena_init(struct arena *arena)
{
	*arena = (struct arena){ .next_size = FIRST_BLOCK };
}

void arena_done(struct arena *arena)
{
	struct arena_block *block = arena->blocks;

	while (block) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
	*arena = (struct arena){ .next_size = FIRST_BLOCK };
}

static bool arena_refill(struct arena *arena, size_t size)
{
	size_t room = size > arena->next_size ? size : arena->next_size;
	struct arena_block *block = malloc(sizeof(*block) + room);

	if (!block) {
		arena->failed = true;
		return false;
	}
	block->next = arena->blocks;
	arena->blocks = block;
	arena->at = (char *)block->data;
	arena->left = room;
	if (arena->next_size < LARGEST_BLOCK)
		arena->next_size *= 2;
	return true;
}

static void *arena_take(struct arena *arena, size_t size, size_t align)
{
	size_t skip = -(uintptr_t)arena->at & (align - 1);

	if (arena->left < skip || arena->left - skip < size) {
		if (!arena_refill(arena, size))
			return NULL;
		skip = 0;
	}
	char *taken = arena->at + skip;
	arena->at += skip + size;
	arena->left -= skip + size;
	return taken;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	void *taken = arena_take(arena, size, _Alignof(max_align_t));

	return taken ? memset(taken, 0, size) : NULL;
}

char *arena_string(struct arena *arena, const char *bytes, size_t length)
{
	char *copy = arena_take(arena, length + 1, 1);

	if (!copy)
		return NULL;
	if (length)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

void *arena_grow(struct arena *arena, void *table, size_t count, size_t *capacity, size_t element)
{
	if (count < *capacity)
		return table;

	size_t larger = *capacity ? *capacity * 2 : 16;
	void *moved = arena_take(arena, larger * element, _Alignof(max_align_t));

	if (!moved)
		return NULL;
	if (count)
		memcpy(moved, table, count * element);
	*capacity = larger;
	return moved;
}
