/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fold.h"

#include "ascii.h"
#include "planwatch/text.h"

#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"

void fold_done(struct fold *fold)
{
	free(fold->bytes);
	*fold = (struct fold){ 0 };
}

static bool fold_reserve(struct fold *fold, size_t more)
{
	size_t capacity = fold->capacity ? fold->capacity : 1024;

	while (capacity - fold->length < more)
		capacity *= 2;
	if (capacity == fold->capacity)
		return true;
	char *bytes = realloc(fold->bytes, capacity);
	if (!bytes) {
		fold->failed = true;
		return false;
	}
	fold->bytes = bytes;
	fold->capacity = capacity;
	return true;
}

/* ASCII and no white space. */
static bool is_visible(char c)
{
	return c > ' ';
}

void fold_add(struct fold *fold, const char *text, const char *end)
{
	/* An invalid byte grows to the three bytes of U+FFFD; one more for the blank in front. */
	if (text == end || !fold_reserve(fold, 3 * (size_t)(end - text) + 1))
		return;

	char *to = fold->bytes + fold->length;
	bool blank = fold->length > 0;

	while (text < end) {
		if (is_space(*text)) {
			blank = to > fold->bytes;
			text++;
			continue;
		}
		if (blank)
			*to++ = ' ';
		blank = false;
		if (*text > 0) {
			do
				*to++ = *text++;
			while (text < end && is_visible(*text));
			continue;
		}
		uint32_t code;
		bool valid;
		size_t length = text_decode(text, (size_t)(end - text), &code, &valid);
		if (valid && code != 0)
			to = mempcpy(to, text, length);
		else
			to = mempcpy(to, REPLACEMENT, sizeof(REPLACEMENT) - 1);
		text += length;
	}
	fold->length = (size_t)(to - fold->bytes);
}

char *fold_take(struct fold *fold, struct arena *arena)
{
	char *copy = arena_string(arena, fold->bytes, fold->length);

	fold->length = 0;
	return copy;
}
