/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How alike the texts of items are, by the words that they have in common. Private to the matching of items.
 *
 * A word counts the less, the more items of both lists have it; a name or a number ("`nachbarn.py`", "#15") counts twice, because it
 * stays when everything around it is reworded, or translated.
 */
#ifndef PLANWATCH_LIKENESS_H
#define PLANWATCH_LIKENESS_H

#include "planwatch/plan.h"

#include <stddef.h>
#include <stdint.h>

struct word {
	uint32_t
	    hash; /* letters without case, endings cut: "tests", "tested", "test" are one word */
	float weight;
};

/* The words of a text, sorted by hash, each once. */
struct word_set {
	struct word *words;
	size_t count;
	float weight; /* of all of them */
};

/* Which words the items of both lists have, and how many items each. */
struct vocabulary {
	uint32_t *hashes; /* sorted; a word of k items stands k times */
	size_t count;
};

int vocabulary_read(struct vocabulary *ret, const struct item *a, size_t a_count,
		    const struct item *b, size_t b_count);
void vocabulary_done(struct vocabulary *vocabulary);

/* Reads text[0..length): runs of letters, digits and bytes beyond ASCII. The caller ends *ret with word_set_done(). -ENOMEM. */
int word_set_read(struct word_set *ret, const struct vocabulary *vocabulary, const char *text,
		  size_t length);
void word_set_done(struct word_set *set);

/* The part of the words of `a` that `b` has too: 0 to 1. Numbers do not count: "gauges 6 to 8" is a part of "all gauges". */
float word_set_share(const struct word_set *a, const struct word_set *b);

/*
 * How alike two texts are, 0 to 1: half by the share of the shorter one, because a tick often comes with five times as many
 * words, half by the share of both. A single word in common is chance as often as not, and counts half.
 */
float word_set_likeness(const struct word_set *a, const struct word_set *b);

#endif
