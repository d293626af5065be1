/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "head.h"

#include "label.h"
#include "stamp.h"

#include <string.h>

/* What may stand around a stamp or a label: brackets, emphasis, code marks, strike-through, quotes. */
static bool is_wrapper(char c)
{
	return c && strchr("([{*_~`\"'", c);
}

/* A dash, with blanks around it or at the end; its bytes. */
static size_t dash_length(const char *at)
{
	size_t length = *at == '-' ? 1 + (at[1] == '-')
			: strncmp(at, "\u2013", 3) == 0 || strncmp(at, "\u2014", 3) == 0 ? 3
											 : 0;

	return length && (length == 3 || at[length] == ' ' || !at[length]) ? length : 0;
}

/* Skips what closes the brackets and emphasis that were open, and the punctuation behind a stamp or a label. */
static const char *skip_punctuation(const char *at)
{
	for (;;) {
		size_t dash = dash_length(at);
		/* The point of ".github" is no punctuation. */
		bool point = (*at == '.' || *at == ',') && (!at[1] || strchr(" :;,.)]*_", at[1]));

		if (dash)
			at += dash;
		else if (point || (*at && strchr(" :;)]}|", *at)))
			at++;
		else
			return at;
	}
}

/* Closing emphasis ("Stage A:** text"): only where it was opened in front. */
static const char *skip_closers(const char *at, const char *openers, const char *openers_end)
{
	while (*at && strchr("*_~`\"'", *at) &&
	       memchr(openers, *at, (size_t)(openers_end - openers)))
		at++;
	return at;
}

static const char *skip_tail(const char *at, const char *openers, const char *openers_end)
{
	for (;;) {
		const char *next = skip_punctuation(skip_closers(at, openers, openers_end));
		if (next == at)
			return at;
		at = next;
	}
}

/*
 * "(2026-06-24, in progress) Text": what else stands in the stamp's parenthesis is about the stamp. Where nothing follows the
 * parenthesis, its content is all there is.
 */
static const char *skip_parenthesis(const char *at, const char *openers, const char *openers_end)
{
	unsigned depth = 1;
	const char *close = at;

	if (!memchr(openers, '(', (size_t)(openers_end - openers)))
		return at;
	for (; *close && depth; close++)
		depth = *close == '(' ? depth + 1 : *close == ')' ? depth - 1 : depth;
	return !depth && *skip_punctuation(close) ? close : at;
}

static void set_stamp(struct arena *arena, struct item *item, const char *at,
		      const struct stamp_span *span, bool leading)
{
	item->stamp = (struct stamp){ .raw = arena_string(arena, at, span->length),
				      .at = span->at,
				      .precision = span->precision,
				      .leading = leading };
}

static void set_label(struct arena *arena, struct item *item, const char *at,
		      const struct label_span *span)
{
	char *kind = arena_string(arena, at, span->kind_length);

	for (char *c = kind; c && *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
	item->label.kind = kind;
	item->label.id = arena_string(arena, at + span->id_start, span->id_length);
}

void head_read(struct arena *arena, struct item *item)
{
	const char *text = item->text, *gist = text;
	struct stamp_span stamp;
	struct label_span label;

	item->stamp = (struct stamp){ .at = INSTANT_NONE };
	for (;;) {
		const char *at = gist;
		while (is_wrapper(*at))
			at++;
		const char *openers_end = at;
		if (!item->stamp.raw && stamp_read(text, (size_t)(at - text), &stamp)) {
			set_stamp(arena, item, at, &stamp, true);
			at = skip_parenthesis(at + stamp.length, gist, openers_end);
		} else if (!item->label.kind && label_read(at, &label)) {
			set_label(arena, item, at, &label);
			at += label.length;
		} else {
			break;
		}
		if (arena->failed)
			return;
		gist = skip_tail(at, gist, openers_end);
	}
	item->gist = gist;

	size_t at;
	if (!item->stamp.raw && stamp_find(text, (size_t)(gist - text), &at, &stamp))
		set_stamp(arena, item, text + at, &stamp, false);
}

const char *head_remark(const struct item *item, size_t *length)
{
	if (!item->stamp.leading)
		return NULL;

	const char *stamp = strstr(item->text, item->stamp.raw);
	const char *at = stamp + strlen(item->stamp.raw), *openers = stamp;
	while (openers > item->text && is_wrapper(openers[-1]))
		openers--;
	const char *close = skip_parenthesis(at, openers, stamp);
	const char *remark = skip_punctuation(at);
	if (remark >= close)
		return NULL;
	*length = (size_t)(close - 1 - remark);
	return remark;
}

bool head_has_label(const char *text)
{
	struct label_span label;

	while (is_wrapper(*text))
		text++;
	return label_read(text, &label) > 0;
}
