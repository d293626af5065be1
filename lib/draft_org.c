/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Org mode: headlines with a keyword and list items with a box are items, nested as they stand; other headlines are what items stand
 * under, the first one of them, or #+TITLE, is the plan's title. Keywords are those of the file's #+TODO lines, else TODO and DONE.
 */
#include "draft_private.h"

#include "planwatch/cleanup.h"
#include "stamp.h"

#include <string.h>
#include <strings.h>

#define KEYWORDS_MAX 64
#define LEVELS_MAX 64

/* A headline or a list item that is open at the line at hand. */
struct open {
	size_t level; /* stars; behind those of headlines, the columns of a list item */
	bool item;
	const char *heading; /* of a headline without keyword */
};

struct keyword {
	const char *word;
	bool done;
};

struct reader {
	struct draft *draft;
	struct keyword keywords[KEYWORDS_MAX];
	size_t keyword_count;
	bool own_keywords; /* the file's, not Org's */
	struct open open[LEVELS_MAX];
	size_t depth;
	size_t stars; /* of the last headline */

	/* The item at hand: what belongs to it may still come. */
	struct draft_item item;
	bool any;
	bool in_list; /* it is one of a list, whose bullets are indented so far */
	size_t indent;
	char closed[24];
	char *text;
};

/* ---- Items ---- */

static void finish_item(struct reader *r)
{
	if (!r->any)
		return;
	if (!r->item.claim && *r->closed)
		r->item.claim = r->closed;
	r->item.text = r->text;
	draft_add(r->draft, &r->item);
	r->any = false;
	free(take(r->text));
}

/* Leaves what is not above this level. */
static void leave(struct reader *r, size_t level)
{
	while (r->depth && r->open[r->depth - 1].level >= level)
		r->depth--;
}

static void enter(struct reader *r, const struct open *open)
{
	if (r->depth < LEVELS_MAX)
		r->open[r->depth++] = *open;
}

static void start_item(struct reader *r, const char *mark, size_t level, const char *text)
{
	const char *heading = NULL;
	uint32_t depth = 0;

	for (size_t i = 0; i < r->depth; i++) {
		depth += r->open[i].item;
		if (!r->open[i].item && !depth)
			heading = r->open[i].heading;
	}
	r->item = (struct draft_item){ .depth = depth, .mark = mark, .heading = heading };
	*r->closed = '\0';
	r->text = strdup(text);
	r->draft->failed |= !r->text;
	r->any = r->text != NULL;
	enter(r, &(struct open){ .level = level, .item = true });
}

/* A list item's text goes on in the next line. */
static void continue_item(struct reader *r, const char *more)
{
	char *longer = NULL;

	if (asprintf(&longer, "%s %s", r->text, more) < 0) {
		r->draft->failed = true;
		return;
	}
	free(r->text);
	r->text = longer;
}

/* ---- Lines ---- */

/* "#+TODO: TODO(t) STARTED | DONE(d)": what follows the bar needs no more work; without one, the last. */
static void read_keywords(struct reader *r, char *words)
{
	bool bar = false;

	r->keyword_count = r->own_keywords ? r->keyword_count : 0;
	r->own_keywords = true;
	for (char *word; (word = strsep(&words, " "));) {
		bar |= strcmp(word, "|") == 0;
		if (!*word || *word == '|' || r->keyword_count == KEYWORDS_MAX)
			continue;
		word[strcspn(word, "(")] = '\0';
		r->keywords[r->keyword_count++] = (struct keyword){ word, bar };
	}
	if (!bar && r->keyword_count)
		r->keywords[r->keyword_count - 1].done = true;
}

/* The mark for the keyword that the headline begins with, which is taken off; NULL without. */
static const char *take_keyword(const struct reader *r, char **text)
{
	size_t length = strcspn(*text, " ");

	for (size_t i = 0; i < r->keyword_count; i++) {
		const struct keyword *keyword = &r->keywords[i];
		if (strlen(keyword->word) != length || strncmp(keyword->word, *text, length) != 0)
			continue;
		*text += length + ((*text)[length] == ' ');
		if (keyword->done)
			return strncmp(keyword->word, "CANCEL", 6) == 0 ? "~" : "x";
		return strcmp(keyword->word, "STARTED") == 0 ? "/" : " ";
	}
	return NULL;
}

/* What lib/convert_org.c has put where something would have been taken for what it is not. */
static char *drop_escapes(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (strncmp(from, "\xE2\x80\x8B", 3) == 0)
			from += 2;
		else
			*to++ = *from;
	}
	*to = '\0';
	return text;
}

/* "[2/5] ", "[40%] " and "[#A] " at the start. */
static char *skip_cookies(char *text)
{
	for (;;) {
		size_t length = *text == '[' ? 1 + strspn(text + 1, "0123456789/%") : 0;
		if (strncmp(text, "[#", 2) == 0 && text[2])
			length = 3;
		if (length < 2 || text[length] != ']')
			return text;
		text += length + 1;
		text += strspn(text, " ");
	}
}

static void read_headline(struct reader *r, char *line)
{
	size_t stars = strspn(line, "*");
	char *text = line + stars + strspn(line + stars, " ");
	const char *mark = take_keyword(r, &text);

	finish_item(r);
	r->stars = stars;
	r->in_list = false;
	leave(r, stars);
	text = drop_escapes(skip_cookies(text));
	if (mark) {
		start_item(r, mark, stars, text);
	} else if (!r->draft->title) {
		draft_set(r->draft, &r->draft->title, text);
	} else {
		enter(r, &(struct open){ .level = stars, .heading = text });
	}
}

/* Behind "- ", "+ ", "1. " or "1) ", and, indented, "* ": what the list item says. NULL for another line. */
static char *skip_bullet(char *line)
{
	char *at = line + strspn(line, " ");
	size_t digits = strspn(at, "0123456789");

	if (digits)
		at += digits;
	bool bullet = digits ? *at == '.' || *at == ')'
			     : *at == '-' || *at == '+' || (*at == '*' && at > line);
	return bullet && (at[1] == ' ' || !at[1]) ? at + 1 + strspn(at + 1, " ") : NULL;
}

static void read_list_item(struct reader *r, char *line, char *text)
{
	size_t indent = strspn(line, " "), level = r->stars + 1 + indent;
	bool box = text[0] == '[' && text[1] && strchr(" xX-", text[1]) && text[2] == ']';
	char *tolerance = strncmp(text, "Tolerance, line ", 16) == 0 ? strstr(text, ": ") : NULL;

	if (!box) {
		if (tolerance)
			draft_note(r->draft, drop_escapes(tolerance + 2));
		else if (strncmp(text, "Status: ", 8) == 0)
			draft_set(r->draft, &r->draft->status, drop_escapes(text + 8));
		r->in_list = false;
		return;
	}
	finish_item(r);
	leave(r, level);
	r->in_list = true;
	r->indent = indent;
	start_item(r,
		   text[1] == '-'   ? "/"
		   : text[1] == ' ' ? " "
				    : "x",
		   level, skip_cookies(text + 3 + strspn(text + 3, " ")));
}

/* "CLOSED: [2026-01-05 Mon 10:02]", as a stamp: the day's name in it goes. */
static void read_closed(struct reader *r, const char *line)
{
	const char *at = strstr(line, "CLOSED: ["), *end;
	struct stamp_span span;

	if (!at)
		return;
	at += strlen("CLOSED: [");
	end = strchr(at, ']');
	if (!end || !stamp_read(at, 0, &span))
		return;
	(void)snprintf(r->closed, sizeof(r->closed), "%.10s%.*s", at,
		       end - at > 16 && end[-3] == ':' ? 6 : 0, end - 6);
}

/* A line of an item's drawers; what else stands below a headline is no part of the checklist. */
static void read_property(struct reader *r, const char *line)
{
	line += strspn(line, " ");
	if (strncmp(line, ":MARK:", 6) == 0)
		r->item.mark = line + 6 + strspn(line + 6, " ");
	else if (strncmp(line, ":CLAIMED:", 9) == 0)
		r->item.claim = line + 9 + strspn(line + 9, " ");
	else
		read_closed(r, line);
}

static void read_line(struct reader *r, char *line)
{
	size_t stars = strspn(line, "*"), indent = strspn(line, " ");
	char *text = skip_bullet(line);

	if (stars && line[stars] == ' ')
		read_headline(r, line);
	else if (strncasecmp(line, "#+TITLE:", 8) == 0)
		draft_set(r->draft, &r->draft->title, line + 8);
	else if (strncasecmp(line, "#+TODO:", 7) == 0)
		read_keywords(r, line + 7);
	else if (text)
		read_list_item(r, line, text);
	else if (!line[indent])
		r->in_list = false;
	else if (r->any && r->in_list && indent > r->indent)
		continue_item(r, line + indent);
	else if (r->any)
		read_property(r, line);
}

void draft_read_org(struct draft *draft, char *text)
{
	struct reader r = { .draft = draft,
			    .keywords = { { "TODO", false }, { "DONE", true } },
			    .keyword_count = 2 };

	for (char *line; (line = strsep(&text, "\n"));) {
		for (char *at = line; *at; at++)
			*at = (char)(*at == '\t' ? ' ' : *at);
		read_line(&r, line);
	}
	finish_item(&r);
}
