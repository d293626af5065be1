/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "html.h"

#include "planwatch/cleanup.h"

#include <string.h>
#include <strings.h>

enum {
	HTML_RAW = 1,
	HTML_COMMENT,
	HTML_INSTRUCTION,
	HTML_DECLARATION,
	HTML_CDATA,
	HTML_BLOCK_TAG,
	HTML_ANY_TAG,
};

static const char *const raw_tags[] = { "pre", "script", "style", "textarea" };

/* Sorted, for bsearch(). */
static const char *const block_tags[] = {
	"address", "article",  "aside",	  "base",     "basefont", "blockquote", "body",
	"caption", "center",   "col",	  "colgroup", "dd",	  "details",	"dialog",
	"dir",	   "div",      "dl",	  "dt",	      "fieldset", "figcaption", "figure",
	"footer",  "form",     "frame",	  "frameset", "h1",	  "h2",		"h3",
	"h4",	   "h5",       "h6",	  "head",     "header",	  "hr",		"html",
	"iframe",  "legend",   "li",	  "link",     "main",	  "menu",	"menuitem",
	"nav",	   "noframes", "ol",	  "optgroup", "option",	  "p",		"param",
	"section", "source",   "summary", "table",    "tbody",	  "td",		"tfoot",
	"th",	   "thead",    "title",	  "tr",	      "track",	  "ul",
};

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

static bool starts_with(const char *text, const char *end, const char *prefix)
{
	size_t length = strlen(prefix);

	return (size_t)(end - text) >= length && strncasecmp(text, prefix, length) == 0;
}

static int compare_tags(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

/* The tag name at `at`, lower case, into name[0..size); returns what follows it, or NULL where it is too long to be known. */
static const char *tag_name(const char *at, const char *end, char *name, size_t size)
{
	size_t length = 0;

	while (at < end && (is_alpha(*at) || is_digit(*at))) {
		if (length + 1 == size)
			return NULL;
		name[length++] = (char)(is_alpha(*at) ? *at | 0x20 : *at);
		at++;
	}
	name[length] = '\0';
	return at;
}

static bool is_raw_tag(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(raw_tags); i++)
		if (strcmp(name, raw_tags[i]) == 0)
			return true;
	return false;
}

static int named_tag(const char *text, const char *end)
{
	bool closing = text[1] == '/';
	char name[16];
	const char *after = tag_name(text + 1 + closing, end, name, sizeof(name));

	if (!after || !name[0])
		return 0;
	bool ends = after == end || *after == ' ' || *after == '\t' || *after == '>';
	if (ends && !closing && is_raw_tag(name))
		return HTML_RAW;
	if (!ends && !(end - after >= 2 && after[0] == '/' && after[1] == '>'))
		return 0;
	return bsearch(name, block_tags, ARRAY_SIZE(block_tags), sizeof(block_tags[0]),
		       compare_tags)
		   ? HTML_BLOCK_TAG
		   : 0;
}

/* An attribute's value behind its "=", or NULL. */
static const char *skip_value(const char *at, const char *end)
{
	if (at < end && (*at == '"' || *at == '\'')) {
		const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));
		return close ? close + 1 : NULL;
	}
	const char *start = at;
	while (at < end && !strchr(" \t\"'=<>`", *at))
		at++;
	return at > start ? at : NULL;
}

/* Attributes and the blanks before them; NULL where something is there that is none. */
static const char *skip_attributes(const char *at, const char *end)
{
	for (;;) {
		const char *name = skip_blanks(at, end);
		if (name == at || name == end || !(is_alpha(*name) || *name == '_' || *name == ':'))
			return name;
		at = name;
		while (at < end && (is_alpha(*at) || is_digit(*at) || (*at && strchr("_.:-", *at))))
			at++;
		const char *equals = skip_blanks(at, end);
		if (equals < end && *equals == '=') {
			at = skip_value(skip_blanks(equals + 1, end), end);
			if (!at)
				return NULL;
		}
	}
}

/* One complete tag and nothing behind it. */
static bool is_lone_tag(const char *text, const char *end)
{
	bool closing = text[1] == '/';
	const char *at = text + 1 + closing;

	if (at >= end || !is_alpha(*at))
		return false;
	while (at < end && (is_alpha(*at) || is_digit(*at) || *at == '-'))
		at++;
	at = closing ? skip_blanks(at, end) : skip_attributes(at, end);
	if (at && !closing && at < end && *at == '/')
		at++;
	return at && at < end && *at == '>' && skip_blanks(at + 1, end) == end;
}

int html_starts(const char *text, const char *end, bool in_paragraph)
{
	if (end - text < 2 || text[0] != '<')
		return 0;
	if (starts_with(text, end, "<!--"))
		return HTML_COMMENT;
	if (text[1] == '?')
		return HTML_INSTRUCTION;
	if (starts_with(text, end, "<![CDATA["))
		return HTML_CDATA;
	if (text[1] == '!')
		return end - text > 2 && is_alpha(text[2]) ? HTML_DECLARATION : 0;

	int kind = named_tag(text, end);
	if (kind)
		return kind;
	return !in_paragraph && is_lone_tag(text, end) ? HTML_ANY_TAG : 0;
}

/* All ends of blocks end with ">", which is rare; memmem() takes ten times as long as memchr(). */
static bool contains(const char *text, const char *end, const char *what)
{
	size_t before = strlen(what) - 1;

	if ((size_t)(end - text) <= before)
		return false;
	for (const char *at = text + before; (at = memchr(at, '>', (size_t)(end - at))); at++)
		if (memcmp(at - before, what, before) == 0)
			return true;
	return false;
}

static bool closes_raw_tag(const char *text, const char *end)
{
	for (const char *at = text; at < end; at++) {
		at = memchr(at, '<', (size_t)(end - at));
		if (!at)
			return false;
		if (end - at < 2 || at[1] != '/')
			continue;
		char name[16];
		const char *after = tag_name(at + 2, end, name, sizeof(name));
		if (after && after < end && *after == '>' && is_raw_tag(name))
			return true;
	}
	return false;
}

bool html_ends(int kind, const char *text, const char *end)
{
	switch (kind) {
	case HTML_RAW:
		return closes_raw_tag(text, end);
	case HTML_COMMENT:
		return contains(text, end, "-->");
	case HTML_INSTRUCTION:
		return contains(text, end, "?>");
	case HTML_DECLARATION:
		return contains(text, end, ">");
	case HTML_CDATA:
		return contains(text, end, "]]>");
	default:
		return false;
	}
}
