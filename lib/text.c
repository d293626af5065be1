/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/text.h"

#include "planwatch/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define REPLACEMENT 0xFFFDu

size_t text_decode(const char *text, size_t length, uint32_t *ret, bool *valid)
{
	const unsigned char *bytes = (const unsigned char *)text;
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t need = bytes[0] < 0x80	 ? 1
		      : bytes[0] < 0xC2	 ? 0
		      : bytes[0] < 0xE0	 ? 2
		      : bytes[0] < 0xF0	 ? 3
		      : bytes[0] <= 0xF4 ? 4
					 : 0;
	uint32_t code = need == 1 ? bytes[0] : need ? bytes[0] & (0x7Fu >> need) : 0;
	bool good = need > 0 && need <= length;

	for (size_t i = 1; good && i < need; i++) {
		good = (bytes[i] & 0xC0) == 0x80;
		code = code << 6 | (bytes[i] & 0x3F);
	}
	if (good && need > 1)
		good =
		    code >= smallest[need] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
	if (valid)
		*valid = good;
	*ret = good ? code : REPLACEMENT;
	return good ? need : 1;
}

char *text_repair(const char *text, size_t length)
{
	/* An invalid byte grows to the three bytes of U+FFFD. */
	char *out = malloc(length * 3 + 1);
	char *end = out;

	if (!out)
		return NULL;
	for (size_t i = 0; i < length;) {
		uint32_t code;
		bool valid;
		size_t n = text_decode(text + i, length - i, &code, &valid);
		if (valid && code != 0)
			end = mempcpy(end, text + i, n);
		else
			end = mempcpy(end, "\xEF\xBF\xBD", 3);
		i += n;
	}
	*end = '\0';
	return out;
}

bool text_is_unprintable(uint32_t code)
{
	return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C ||
	       (code >= 0x200B && code <= 0x200F && code != 0x200D) ||
	       (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
	       code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFB) ||
	       (code >= 0xE0000 && code <= 0xE007F);
}

/* The longest is "\u{10FFFF}". */
#define UNIT_MAX 11

/* How the character at the start of a text is shown: writes to *ret, whose end is returned, and sets how many bytes of the text it takes. */
static char *show_one(const char *text, size_t length, size_t *taken, char ret[static UNIT_MAX])
{
	uint32_t code;
	bool valid;

	*taken = text_decode(text, length, &code, &valid);
	if (!valid)
		return mempcpy(ret, "\xEF\xBF\xBD", 3);
	if (!text_is_unprintable(code))
		return mempcpy(ret, text, *taken);
	return ret + snprintf(ret, UNIT_MAX, code < 0x80 ? "\\x%02X" : "\\u{%X}", code);
}

/* How many bytes at the start of a text are shown as they are: of nearly all texts, all. */
static size_t plain_length(const char *text)
{
	size_t length = 0;

	while (text[length] >= ' ' && text[length] <= '~')
		length++;
	return length;
}

char *text_printable(const char *text)
{
	size_t length = strlen(text), taken;
	/* "\x1B" stands for one byte; the last one is written with all of its room. */
	char *out = malloc(length * 4 + UNIT_MAX);
	char *end = out;

	if (!out)
		return NULL;
	for (size_t i = 0; i < length; i += taken) {
		taken = plain_length(text + i);
		end = taken ? mempcpy(end, text + i, taken)
			    : show_one(text + i, length - i, &taken, end);
	}
	*end = '\0';
	return out;
}

void text_print(const char *text, FILE *out)
{
	size_t length = strlen(text), taken;
	char unit[UNIT_MAX];

	for (size_t i = 0; i < length; i += taken) {
		taken = plain_length(text + i);
		const char *start = taken ? text + i : unit;
		const char *end =
		    taken ? start + taken : show_one(text + i, length - i, &taken, unit);
		(void)fwrite(start, 1, (size_t)(end - start), out);
	}
}

/* Unicode 15 East Asian Wide and Fullwidth blocks and emoji, coarse: the locale's wcwidth() is right only in a UTF-8 locale. */
static size_t code_width(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} wide[] = {
		{ 0x1100, 0x115F },   { 0x231A, 0x231B },   { 0x2E80, 0x303E },
		{ 0x3041, 0x33FF },   { 0x3400, 0x4DBF },   { 0x4E00, 0x9FFF },
		{ 0xA000, 0xA4CF },   { 0xA960, 0xA97F },   { 0xAC00, 0xD7A3 },
		{ 0xF900, 0xFAFF },   { 0xFE30, 0xFE6F },   { 0xFF00, 0xFF60 },
		{ 0xFFE0, 0xFFE6 },   { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF },
		{ 0x1F900, 0x1FAFF }, { 0x20000, 0x3FFFD },
	};

	if ((code >= 0x0300 && code <= 0x036F) || code == 0x200D ||
	    (code >= 0xFE00 && code <= 0xFE0F))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(wide); i++)
		if (code >= wide[i].first && code <= wide[i].last)
			return 2;
	return 1;
}

size_t text_width(const char *text)
{
	size_t length = strlen(text), columns = 0;

	for (size_t i = 0; i < length;) {
		uint32_t code;
		i += text_decode(text + i, length - i, &code, NULL);
		columns += code_width(code);
	}
	return columns;
}

char *text_cut(const char *text, size_t columns)
{
	size_t length = strlen(text), used = 0, i = 0;
	char *out = NULL;

	if (text_width(text) <= columns)
		return strdup(text);
	while (i < length) {
		uint32_t code;
		size_t n = text_decode(text + i, length - i, &code, NULL);
		if (used + code_width(code) + 1 > columns)
			break;
		used += code_width(code);
		i += n;
	}
	while (i > 0 && text[i - 1] == ' ')
		i--;
	if (columns == 0)
		return strdup("");
	return asprintf(&out, "%.*s\u2026", (int)i, text) < 0 ? NULL : out;
}

bool text_starts(const char *text, const char *prefix)
{
	for (; *prefix; text++, prefix++)
		if (tolower((unsigned char)*text) != tolower((unsigned char)*prefix))
			return false;
	return true;
}

int text_replace(char **slot, const char *value)
{
	char *copy = value ? strdup(value) : NULL;

	if (value && !copy)
		return -ENOMEM;
	free(*slot);
	*slot = copy;
	return 0;
}

char *text_stream_end(FILE *stream, char **text)
{
	bool failed = ferror(stream) != 0;

	if (fclose(stream) != 0 || failed) {
		free(*text);
		*text = NULL;
	}
	return *text;
}
