/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sentence cut into words, numbers and signs, and the numbers and lengths of time in it: "1,200", "twenty-five", "half a
 * working day", "an hour and a half", "30-120 seconds" (the upper end). Pure functions over text; no memory of their own.
 */
#ifndef LIB_WORDS_H
#define LIB_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A limit says what it limits in its first sentences; what is behind so many words is explanation. */
#define WORDS_MAX 400

enum word_type {
	WORD_NAME,
	WORD_NUMBER,
	WORD_SIGN,
};

struct word {
	enum word_type type;
	bool glued;   /* nothing stands between it and the word before */
	char head[2]; /* its first two bytes in lower case, the second NUL where it has one byte */
	const char *text;
	size_t length;
};

struct words {
	size_t count;
	struct word at[WORDS_MAX];
};

struct length_of_time {
	int64_t seconds;
	bool effort, wall; /* the words around it say which; neither where they say nothing */
};

/* Emphasis and code marks are left out, dashes of all lengths become "-". */
void words_read(struct words *words, const char *text);

/* True where it is that word, compared without case; `name` is in lower case. */
bool word_equals(const struct word *word, const char *name);

static inline bool word_starts(const struct word *word, const char *name)
{
	return word->head[0] == name[0] && word->head[1] == name[1];
}

/*
 * The same of word i; false behind the end. Each word is compared with hundreds of names, and nearly all differ in their first
 * two bytes.
 */
static inline bool word_is(const struct words *words, size_t i, const char *name)
{
	return i < words->count && word_starts(&words->at[i], name) &&
	       word_equals(&words->at[i], name);
}

/* True where the word is one of a table of names. */
bool word_in(const struct words *words, size_t i, const char *const *names, size_t count);

/*
 * A number that begins at word i, in thousandths; of a range its upper end. Returns the index behind it, or i for none. "a" and
 * "an" are numbers here: whoever asks must find a unit behind.
 */
size_t words_number(const struct words *words, size_t i, int64_t *ret);

/* A length of time that begins at word i. Returns the index behind it, or i for none. */
size_t words_time(const struct words *words, size_t i, struct length_of_time *ret);

#endif
