/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is freed all at once: the strings and tables of one parsed plan file. Blocks come from malloc() and double in size,
 * so that a file costs a handful of allocations, whatever its number of lines.
 *
 * Whoever calls arena_init() ends it with arena_done(); everything handed out dies with it. Out of memory is remembered:
 * functions return NULL, and `failed` stays set, so that a caller may check once at its end.
 */
#ifndef LIB_ARENA_H
#define LIB_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks; /* the newest first */
	char *at;		    /* free memory of the newest block */
	size_t left;
	size_t next_size;
	bool failed;
};

void arena_init(struct arena *arena);
void arena_done(struct arena *arena);

/* Aligned for any type, filled with zeros. NULL when memory is out. */
void *arena_alloc(struct arena *arena, size_t size);

/* A NUL-terminated copy of bytes[0..length). */
char *arena_string(struct arena *arena, const char *bytes, size_t length);

/*
 * Room for one more element behind `count`: returns the table, moved to a larger place (twice as large) when it is full. The old
 * place stays with the arena, which therefore holds at most twice the final size. NULL, with the table untouched, when memory is
 * out.
 */
void *arena_grow(struct arena *arena, void *table, size_t count, size_t *capacity, size_t element);

#endif
