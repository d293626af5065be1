/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folding: pieces of a file joined to one string on one line, valid UTF-8, runs of white space folded to single blanks. One
 * buffer is filled and emptied again and again, so that a string costs no allocation but its final copy.
 *
 * fold_done() frees the buffer. Out of memory is remembered in `failed`.
 */
#ifndef LIB_FOLD_H
#define LIB_FOLD_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>

struct fold {
	char *bytes;
	size_t length, capacity;
	bool failed;
};

void fold_done(struct fold *fold);

static inline void fold_clear(struct fold *fold)
{
	fold->length = 0;
}

/* Appends text[..end), behind a blank where something is there already. Invalid bytes and NUL become U+FFFD. */
void fold_add(struct fold *fold, const char *text, const char *end);

/* The string so far, copied to the arena; NULL when memory is out. The fold is empty then. */
char *fold_take(struct fold *fold, struct arena *arena);

#endif
