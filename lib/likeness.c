/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "likeness.h"

#include "ascii.h"
#include "planwatch/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* In so many items a word counts in full: the old and the new one that are compared. */
#define RARE 2
#define NAME_WEIGHT 2.0f

#define COMMON_MAX 9 /* letters of the longest of them */

/* Compares a word, NUL-terminated, in any case, with a common one. */
static int compare_common(const void *word, const void *common)
{
	return strcasecmp(word, *(const char *const *)common);
}

/* Words that say nothing about what an item is about. */
static bool is_common(const char *word, size_t length)
{
	/* In the order of strcmp(3). */
	static const char *const common[] = {
		"a",	"all", "an",   "and",  "are",  "as", "at",	  "be",	  "been", "by",
		"done", "for", "from", "has",  "have", "in", "into",	  "is",	  "it",	  "its",
		"no",	"not", "now",  "of",   "on",   "or", "remaining", "rest", "so",	  "still",
		"that", "the", "then", "this", "to",   "up", "was",	  "we",	  "were", "with",
	};
	char copy[COMMON_MAX + 1] = "";

	if (length > COMMON_MAX)
		return false;
	memcpy(copy, word, length);
	return bsearch(copy, common, ARRAY_SIZE(common), sizeof(*common), compare_common);
}

/* "running", "tests", "added", "reviewer" lose an ending, crudely: the aim is likeness, not grammar. */
static size_t cut_ending(const char *word, size_t length)
{
	static const char *const endings[] = { "ing", "ers", "ed", "er", "es", "s", "e" };

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		size_t n = strlen(endings[i]);
		if (length < n + 3 || strncasecmp(word + length - n, endings[i], n) != 0)
			continue;
		length -= n;
		/* "running", "stopped" */
		if (length > 3 && word[length - 1] == word[length - 2] &&
		    !is_digit(word[length - 1]))
			length--;
		return length;
	}
	return length;
}

/* "soldered" is cut to "solder", and "solder" to "sold": so both are. */
static size_t stem(const char *word, size_t length)
{
	return cut_ending(word, cut_ending(word, length));
}

/* FNV-1a: words are too short for anything better to pay. */
static uint32_t hash_word(const char *word, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)word[i];
		hash = (hash ^ (is_upper((char)c) ? c | 0x20u : c)) * 16777619u;
	}
	return hash;
}

static bool in_word(char c)
{
	return is_word(c) && c != '_';
}

/* The next word at or behind `at` that is not a common one. Returns its end, NULL for none. */
static const char *next_word(const char *at, const char *end, const char **start)
{
	for (;;) {
		while (at < end && !in_word(*at))
			at++;
		if (at == end)
			return NULL;
		*start = at;
		while (at < end && in_word(*at))
			at++;
		if (!is_common(*start, (size_t)(at - *start)))
			return at;
	}
}

static bool has_digit(const char *word, const char *end)
{
	for (; word < end; word++)
		if (is_digit(*word))
			return true;
	return false;
}

/* A part of a file's name, of code, or a number with a sign in front: "nachbarn" and "py" in "nachbarn.py", "15" in "#15". */
static bool is_name(const char *text, const char *word, const char *word_end, const char *end)
{
	char before = word > text ? word[-1] : ' ', after = word_end < end ? *word_end : ' ';
	bool joined = word_end + 1 < end && strchr("._/:-", after) && in_word(word_end[1]);
	bool joins = word - 1 > text && strchr("._/:-", before) && in_word(word[-2]);

	if (has_digit(word, word_end))
		return before == '#' || !is_digit(*word);
	return before == '`' || after == '`' ||
	       ((joined || joins) && after != '-' && before != '-');
}

static int compare_hashes(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static int compare_words(const void *a, const void *b)
{
	const struct word *left = a, *right = b;

	return (left->hash > right->hash) - (left->hash < right->hash);
}

/* ---- The vocabulary ---- */

static size_t most_words(const struct item *items, size_t count)
{
	size_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += strlen(items[i].gist) / 2 + 1;
	return sum;
}

/* Adds each word of an item once. */
static void add_item(struct vocabulary *vocabulary, const struct item *item)
{
	uint32_t *hashes = vocabulary->hashes + vocabulary->count;
	const char *word, *at = item->gist, *end = at + strlen(at);
	size_t count = 0, kept = 0;

	while ((at = next_word(at, end, &word)))
		hashes[count++] = hash_word(word, stem(word, (size_t)(at - word)));
	if (count)
		qsort(hashes, count, sizeof(*hashes), compare_hashes);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || hashes[i] != hashes[kept - 1])
			hashes[kept++] = hashes[i];
	vocabulary->count += kept;
}

int vocabulary_read(struct vocabulary *ret, const struct item *a, size_t a_count,
		    const struct item *b, size_t b_count)
{
	*ret = (struct vocabulary){ .hashes = malloc(
					(most_words(a, a_count) + most_words(b, b_count) + 1) *
					sizeof(*ret->hashes)) };
	if (!ret->hashes)
		return -ENOMEM;
	for (size_t i = 0; i < a_count; i++)
		add_item(ret, &a[i]);
	for (size_t i = 0; i < b_count; i++)
		add_item(ret, &b[i]);
	if (ret->count)
		qsort(ret->hashes, ret->count, sizeof(*ret->hashes), compare_hashes);
	return 0;
}

void vocabulary_done(struct vocabulary *vocabulary)
{
	free(vocabulary->hashes);
	*vocabulary = (struct vocabulary){ 0 };
}

/* Where `hash` would stand: before (or, with `behind`, after) its equals. */
static size_t find_place(const struct vocabulary *vocabulary, uint32_t hash, bool behind)
{
	size_t low = 0, high = vocabulary->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (vocabulary->hashes[middle] < hash ||
		    (behind && vocabulary->hashes[middle] == hash))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static float rarity(const struct vocabulary *vocabulary, uint32_t hash)
{
	size_t items = find_place(vocabulary, hash, true) - find_place(vocabulary, hash, false);

	return items > RARE ? 2.0f * RARE / (float)(RARE + items) : 1.0f;
}

/* ---- Word sets ---- */

int word_set_read(struct word_set *ret, const struct vocabulary *vocabulary, const char *text,
		  size_t length)
{
	const char *word, *at = text, *end = text + length;
	size_t kept = 0;

	*ret = (struct word_set){ .words = malloc((length / 2 + 1) * sizeof(*ret->words)) };
	if (!ret->words)
		return -ENOMEM;
	while ((at = next_word(at, end, &word))) {
		uint32_t hash = hash_word(word, stem(word, (size_t)(at - word)));
		bool name = is_name(text, word, at, end);
		ret->words[ret->count++] = (struct word){ hash, (name		       ? NAME_WEIGHT
								 : has_digit(word, at) ? 0.5f
										       : 1.0f) *
								    rarity(vocabulary, hash) };
	}
	if (ret->count)
		qsort(ret->words, ret->count, sizeof(*ret->words), compare_words);
	for (size_t i = 0; i < ret->count; i++)
		if (kept == 0 || ret->words[i].hash != ret->words[kept - 1].hash)
			ret->words[kept++] = ret->words[i];
	ret->count = kept;
	for (size_t i = 0; i < kept; i++)
		ret->weight += ret->words[i].weight;
	return 0;
}

void word_set_done(struct word_set *set)
{
	free(set->words);
	*set = (struct word_set){ 0 };
}

struct common {
	float weight;
	size_t count;
};

static struct common common_words(const struct word_set *a, const struct word_set *b)
{
	struct common common = { 0 };

	for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
		if (a->words[i].hash == b->words[k].hash) {
			common.weight += a->words[i].weight < b->words[k].weight
					     ? a->words[i].weight
					     : b->words[k].weight;
			common.count++;
			i++;
			k++;
		} else if (a->words[i].hash < b->words[k].hash) {
			i++;
		} else {
			k++;
		}
	}
	return common;
}

float word_set_share(const struct word_set *a, const struct word_set *b)
{
	return a->weight > 0 ? common_words(a, b).weight / a->weight : 0;
}

float word_set_likeness(const struct word_set *a, const struct word_set *b)
{
	float shorter = a->weight < b->weight ? a->weight : b->weight;
	struct common common = common_words(a, b);

	if (common.count == 0)
		return 0;
	float like = 0.5f * common.weight / shorter + common.weight / (a->weight + b->weight);
	return common.count == 1 && common.weight < NAME_WEIGHT ? like / 2 : like;
}
