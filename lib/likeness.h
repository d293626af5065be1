/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How alike two texts are, by the words that they have in common. Private to the matching of items. */
#ifndef PLANWATCH_LIKENESS_H
#define PLANWATCH_LIKENESS_H

#include <stddef.h>
#include <stdint.h>

/* The words of a text as a set. */
struct word_set {
	uint32_t *
	    hashes; /* sorted, each once; letters without case, endings cut: "tests", "tested", "test" are one word */
	size_t count;
};

/* Reads runs of letters, digits and bytes beyond ASCII. The caller ends *ret with word_set_done(). -ENOMEM. */
int word_set_read(struct word_set *ret, const char *text);
void word_set_done(struct word_set *set);

/* The part of the words of `a` that `b` has too: 0 to 1. */
float word_set_share(const struct word_set *a, const struct word_set *b);

/*
 * How alike two texts are, 0 to 1: half by the share of the shorter one, because a tick often comes with five times as many
 * words, half by the share of both.
 */
float word_set_likeness(const struct word_set *a, const struct word_set *b);

#endif
