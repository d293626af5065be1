/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "label.h"

#include "ascii.h"

#include "planwatch/cleanup.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char *const words[] = {
	"stage", "milestone", "phase", "step", "task", "batch",	 "gate",  "pr",	   "part",
	"slice", "wave",      "track", "unit", "epic", "sprint", "round", "chunk", "iteration",
};

/* Short kinds whose number joins them: "M2.5", "P1", "EP-M3". Longer ones first. */
static const char *const short_kinds[] = { "EP-M", "M", "P" };

/* "2", "2.5", "4-2-1", "1c": the length of such a number, 0 for none. */
static size_t numeric_id(const char *text)
{
	const char *at = text;

	if (!is_digit(*at))
		return 0;
	while (is_digit(*at) || ((*at == '.' || *at == '-') && is_digit(at[1])))
		at++;
	if ((is_lower(*at) || is_upper(*at)) && !is_word(at[1]))
		at++;
	return is_word(*at) ? 0 : (size_t)(at - text);
}

/* Roman numerals up to XXXIX: "Phase IV". */
static size_t roman_id(const char *text)
{
	size_t length = strspn(text, "IVX");

	return length > 1 && length < 8 && !is_word(text[length]) ? length : 0;
}

/*
 * One letter, "A" or "B2". A small one is an article more often than a name ("Stage a fix"), so it needs a sign behind it.
 */
static size_t letter_id(const char *text)
{
	if (is_upper(*text) || is_lower(*text)) {
		size_t digits = text[1] ? numeric_id(text + 1) : 0;
		if (digits)
			return 1 + digits;
		if (!is_word(text[1]) && text[1] != '\'' &&
		    (is_upper(*text) || (text[1] && strchr(":).", text[1]))))
			return 1;
	}
	return 0;
}

static size_t any_id(const char *text)
{
	size_t length = numeric_id(text);

	if (!length)
		length = roman_id(text);
	return length ? length : letter_id(text);
}

/* "Stage A", "PR #12", "Milestone-3" */
static size_t read_worded(const char *text, struct label_span *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if ((*text | 0x20) != *words[i])
			continue;
		size_t length = strlen(words[i]);
		if (strncasecmp(text, words[i], length) != 0)
			continue;
		const char *at = text + length;
		if (*at != ' ' && !(*at == '-' && (is_digit(at[1]) || is_upper(at[1]))))
			continue;
		at++;
		at += *at == '#';
		size_t id = any_id(at);
		if (!id)
			continue;
		ret->kind_length = length;
		ret->id_start = (size_t)(at - text);
		ret->id_length = id;
		return ret->id_start + id;
	}
	return 0;
}

/* Behind any other letter with a number ("F1", "S3") there must be a sign, else it is a name in a sentence. */
static bool ends_label(const char *at)
{
	return *at == ':' || *at == ')' || *at == ']' || strncmp(at, " - ", 3) == 0 ||
	       strncmp(at, " \u2013 ", 5) == 0 || strncmp(at, " \u2014 ", 5) == 0;
}

/* "P99 latency": what is measured, not a phase. */
static bool is_percentile(const char *text)
{
	static const char *const names[] = { "P50 ", "P75 ",   "P90 ", "P95 ",
					     "P99 ", "P99.9 ", "P999 " };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strncmp(text, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static size_t read_short(const char *text, struct label_span *ret)
{
	size_t kind = 0, id = 0;

	for (size_t i = 0; i < ARRAY_SIZE(short_kinds) && !id; i++) {
		kind = strlen(short_kinds[i]);
		if (strncmp(text, short_kinds[i], kind) == 0)
			id = numeric_id(text + kind);
	}
	if (!id && is_upper(*text)) {
		kind = 1;
		id = numeric_id(text + 1);
		if (id && !ends_label(text + 1 + id))
			id = 0;
	}
	if (!id || is_percentile(text))
		return 0;
	*ret = (struct label_span){ kind, kind, id, 0 };
	return kind + id;
}

size_t label_read(const char *text, struct label_span *ret)
{
	size_t length = read_worded(text, ret);

	if (!length)
		length = read_short(text, ret);
	ret->length = length;
	return length;
}
