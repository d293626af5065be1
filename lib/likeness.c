/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "likeness.h"

#include "planwatch/cleanup.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Words that say nothing about what an item is about. */
static bool is_common(const char *word, size_t length)
{
	static const char *const common[] = { "a",    "an",   "and", "as",   "at",  "by",
					      "for",  "from", "in",  "is",   "it",  "of",
					      "on",   "or",   "so",  "that", "the", "then",
					      "this", "to",   "up",  "we",   "with" };

	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		if (strlen(common[i]) == length && strncasecmp(common[i], word, length) == 0)
			return true;
	return false;
}

/* "running", "tests", "added" lose their endings, crudely: the aim is likeness, not grammar. */
static size_t stem(const char *word, size_t length)
{
	static const char *const endings[] = { "ing", "ed", "es", "s", "e" };

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		size_t n = strlen(endings[i]);
		if (length >= n + 3 && strncasecmp(word + length - n, endings[i], n) == 0)
			return length - n;
	}
	return length;
}

/* FNV-1a: words are too short for anything better to pay. */
static uint32_t hash_word(const char *word, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint32_t)tolower((unsigned char)word[i])) * 16777619u;
	return hash;
}

static int compare_hashes(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

int word_set_read(struct word_set *ret, const char *text)
{
	size_t kept = 0;

	*ret = (struct word_set){ .hashes = calloc(strlen(text) / 2 + 1, sizeof(*ret->hashes)) };
	if (!ret->hashes)
		return -ENOMEM;
	for (const char *p = text; *p;) {
		size_t length = 0;

		while (p[length] && in_word(p[length]))
			length++;
		if (length > 0 && !is_common(p, length))
			ret->hashes[ret->count++] = hash_word(p, stem(p, length));
		p += length > 0 ? length : 1;
	}
	qsort(ret->hashes, ret->count, sizeof(*ret->hashes), compare_hashes);
	for (size_t i = 0; i < ret->count; i++)
		if (kept == 0 || ret->hashes[i] != ret->hashes[kept - 1])
			ret->hashes[kept++] = ret->hashes[i];
	ret->count = kept;
	return 0;
}

void word_set_done(struct word_set *set)
{
	free(set->hashes);
	*set = (struct word_set){ 0 };
}

static size_t common_words(const struct word_set *a, const struct word_set *b)
{
	size_t common = 0;

	for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
		if (a->hashes[i] == b->hashes[k]) {
			common++;
			i++;
			k++;
		} else if (a->hashes[i] < b->hashes[k]) {
			i++;
		} else {
			k++;
		}
	}
	return common;
}

float word_set_share(const struct word_set *a, const struct word_set *b)
{
	return a->count ? (float)common_words(a, b) / (float)a->count : 0;
}

float word_set_likeness(const struct word_set *a, const struct word_set *b)
{
	size_t shorter = a->count < b->count ? a->count : b->count;
	size_t common = shorter ? common_words(a, b) : 0;

	if (common == 0)
		return 0;
	return 0.5f * (float)common / (float)shorter + (float)common / (float)(a->count + b->count);
}
