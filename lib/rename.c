/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/rename.h"

#include "ascii.h"
#include "planwatch/cleanup.h"

#include <errno.h>
#include <string.h>
#include <xxhash.h>

struct line {
	XXH64_hash_t hash;
	size_t length;
};

struct lines {
	struct line *lines;
	size_t count, bytes;
};

/* Leaves out white space, a bullet and a box; empty where nothing counts. */
static const char *trim(const char *at, const char **end)
{
	while (at < *end && is_space(*at))
		at++;
	while (*end > at && is_space((*end)[-1]))
		(*end)--;
	if (at < *end && *at == '#')
		return *end;
	if (*end - at > 6 && strchr("-*+", *at) && at[1] == ' ' && at[2] == '[' && at[4] == ']')
		at += 6;
	return at;
}

static int by_hash(const void *a, const void *b)
{
	const struct line *left = a, *right = b;

	return (left->hash > right->hash) - (left->hash < right->hash);
}

static int read_lines(struct lines *ret, const char *bytes, size_t length)
{
	const char *end = bytes + length, *next;
	size_t size = 0;

	for (const char *at = bytes; at < end; at = next) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;
		next = newline ? newline + 1 : end;
		at = trim(at, &stop);
		if (at == stop)
			continue;
		if (ret->count == size) {
			size = size ? size * 2 : 128;
			struct line *grown = reallocarray(ret->lines, size, sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			ret->lines = grown;
		}
		size_t n = (size_t)(stop - at);
		ret->lines[ret->count++] = (struct line){ XXH3_64bits(at, n), n };
		ret->bytes += n;
	}
	if (ret->count)
		qsort(ret->lines, ret->count, sizeof(*ret->lines), by_hash);
	return 0;
}

/* Bytes of lines that both have, each line as often as both have it. */
static size_t common(const struct lines *a, const struct lines *b)
{
	size_t bytes = 0;

	for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
		if (a->lines[i].hash == b->lines[k].hash) {
			bytes += a->lines[i].length;
			i++;
			k++;
		} else if (a->lines[i].hash < b->lines[k].hash) {
			i++;
		} else {
			k++;
		}
	}
	return bytes;
}

static void lines_done(struct lines *lines)
{
	free(lines->lines);
}

int rename_likeness(const char *a, size_t a_length, const char *b, size_t b_length)
{
	cleanup(lines_done) struct lines left = { 0 }, right = { 0 };

	if (read_lines(&left, a, a_length) < 0 || read_lines(&right, b, b_length) < 0)
		return -ENOMEM;
	size_t longer = left.bytes > right.bytes ? left.bytes : right.bytes;
	return longer ? (int)(common(&left, &right) * 100 / longer) : 0;
}
