/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "section.h"

#include "ascii.h"
#include "planwatch/cleanup.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

/* ---- Placeholders ---- */

/*
 * How a placeholder starts, and what may follow: words, or the end of the phrase where the first character is "|". NULL: anything.
 * A real entry may well start with one of these words ("None of the callers ..."), hence the second column.
 */
static const struct {
	const char *start, *next;
} placeholders[] = {
	{ "none", "|yet|so|recorded|noted|at|currently|identified|beyond" },
	{ "nothing", "|yet|so|recorded|noted|to" },
	{ "n/a", NULL },
	{ "tbd", NULL },
	{ "todo", "|" },
	{ "pending", "|implementation|completion|execution|approval|work" },
	{ "empty", "|at|yet|until|for" },
	{ "not started", NULL },
	{ "not yet", NULL },
	{ "to be", "added|completed|decided|determined|documented|filled|populated|recorded|"
		   "updated|written" },
	{ "populate", "|at|during|as|after|on|upon|when|once" },
	{ "fill in", "|at|during|as|after|on|upon|when|once" },
	{ "this section will be", NULL },
};

/* An underscore is emphasis here. */
static bool is_letter(char c)
{
	return is_word(c) && c != '_';
}

static const char *skip_to_word(const char *at, const char *end)
{
	while (at < end && !is_letter(*at) && *at != '<')
		at++;
	return at;
}

static size_t word_length(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && is_letter(*at))
		at++;
	return (size_t)(at - start);
}

/* True where one of the words of "a|b|c" begins at `at`. */
static bool is_any_of(const char *at, const char *end, const char *words)
{
	size_t length = word_length(at, end);

	for (; *words; words += strspn(words, "|")) {
		size_t size = strcspn(words, "|");
		if (size == length && strncasecmp(at, words, size) == 0)
			return true;
		words += size;
	}
	return false;
}

static bool starts_like(const char *at, const char *end, const char *start, const char *next)
{
	if ((*at | 0x20) != *start) /* most entries end here */
		return false;
	size_t length = strlen(start);

	if ((size_t)(end - at) < length || strncasecmp(at, start, length) != 0 ||
	    word_length(at + length, end))
		return false;
	if (!next)
		return true;
	at += length;
	/* A blank alone goes on with the phrase. */
	const char *word = at < end && *at == ' ' ? at + 1 : at;
	return word_length(word, end) ? is_any_of(word, end, next) : *next == '|';
}

/* "No surprises yet.", "No decisions recorded." */
static bool says_no_yet(const char *at, const char *end)
{
	if (word_length(at, end) != 2 || strncasecmp(at, "no", 2) != 0)
		return false;
	for (int words = 0; words < 4 && at < end; words++) {
		at = skip_to_word(at + word_length(at, end), end);
		if (is_any_of(at, end, "yet|recorded"))
			return true;
	}
	return false;
}

static bool is_placeholder(const char *at, const char *end)
{
	at = skip_to_word(at, end);
	/* A field's name: "Observation: none yet". */
	const char *colon = at + word_length(at, end);
	if (colon < end && *colon == ':')
		at = skip_to_word(colon, end);
	if (at == end || (*at == '<' && memchr(at, '>', (size_t)(end - at))))
		return true;
	for (size_t i = 0; i < sizeof(placeholders) / sizeof(*placeholders); i++)
		if (starts_like(at, end, placeholders[i].start, placeholders[i].next))
			return true;
	return says_no_yet(at, end);
}

/* ---- Entries ---- */

/* "|---|:-:|" */
static bool is_table_rule(const char *at, const char *end)
{
	bool bar = false, dash = false;

	for (; at < end; at++) {
		bar |= *at == '|';
		dash |= *at == '-';
		if (!strchr("|-: \t", *at) || !*at)
			return false;
	}
	return bar && dash;
}

/* A list in indented code: true for its outermost items. */
static bool opens_code_entry(struct section_tally *tally, const struct scan_line *line)
{
	uint32_t indent = (uint32_t)(line->text - line->start);

	if (line->end - line->text < 2 || !strchr("-*+", *line->text) || line->text[1] != ' ')
		return false;
	if (!tally->code_indent)
		tally->code_indent = indent;
	return indent <= tally->code_indent;
}

static void tally_text(struct section_tally *tally, const struct scan_line *line)
{
	if (!line->continues) {
		tally->in_table = false;
		tally->counted = !is_placeholder(line->text, line->end);
		tally->paragraphs += tally->counted;
	} else if (tally->in_table) {
		tally->entries++;
	} else if (is_table_rule(line->text, line->end)) {
		tally->in_table = true;
		tally->paragraphs -= tally->counted; /* it was the table's head */
	}
}

/* A box is no word of its entry: ticking "- [ ] None yet" adds nothing. */
static const char *behind_box(const struct scan_line *line)
{
	const char *mark, *text;
	size_t length;

	text = scan_box(line->text, line->end, &mark, &length);
	return text ? text : line->text;
}

void section_tally_line(struct section_tally *tally, const struct scan_line *line)
{
	if (!tally->start)
		tally->start = line->start;
	tally->end = line->end;
	if (line->items) {
		if (line->opened == line->items)
			tally->entries += !is_placeholder(behind_box(line), line->end);
	} else if (line->block == SCAN_TEXT) {
		tally_text(tally, line);
	} else if (line->block == SCAN_CODE && opens_code_entry(tally, line)) {
		tally->entries += !is_placeholder(line->text + 1, line->end);
	}
}

/* ---- Numbers ---- */

/* The lines without the white space around them, joined by blanks: breaking a paragraph elsewhere changes nothing. */
static uint64_t digest(const struct section_tally *tally, char *joined)
{
	char *to = joined;

	for (const char *at = tally->start, *next; at < tally->end; at = next) {
		const char *newline = memchr(at, '\n', (size_t)(tally->end - at));
		const char *end = newline ? newline : tally->end;
		next = newline ? newline + 1 : end;
		while (at < end && is_space(*at))
			at++;
		while (end > at && is_space(end[-1]))
			end--;
		if (at == end)
			continue;
		if (to > joined)
			*to++ = ' ';
		to = mempcpy(to, at, (size_t)(end - at));
	}
	return to > joined ? XXH3_64bits(joined, (size_t)(to - joined)) : 0;
}

static void add_subsection(struct section *above, const struct section *section)
{
	uint64_t parts[] = { above->digest, XXH3_64bits(section->title, strlen(section->title)),
			     section->digest };

	above->entries += section->entries;
	above->digest = XXH3_64bits(parts, sizeof(parts));
}

/* The open sections from this level on are whole: those without a name of the format belong to the one above. */
static void end_sections(struct section **open, unsigned level)
{
	for (unsigned from = 6; from >= level; from--) {
		unsigned above = from - 1;
		while (above > 1 && !open[above])
			above--;
		if (open[from] && open[from]->kind == SECTION_UNKNOWN && above > 1)
			add_subsection(open[above], open[from]);
		open[from] = NULL;
	}
}

/* Room for the text of the longest section. */
static char *make_room(const struct section_tally *tallies, size_t count)
{
	size_t size = 1;

	for (size_t i = 0; i < count; i++)
		if ((size_t)(tallies[i].end - tallies[i].start) > size)
			size = (size_t)(tallies[i].end - tallies[i].start);
	return malloc(size);
}

int section_finish(struct section *sections, const struct section_tally *tallies, size_t count)
{
	struct section *open[7] = { NULL }; /* by level */
	cleanup_free char *joined = make_room(tallies, count);

	if (!joined)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct section *section = &sections[i];

		end_sections(open, section->level);
		section->entries = tallies[i].entries ? tallies[i].entries : tallies[i].paragraphs;
		section->digest = digest(&tallies[i], joined);
		open[section->level] = section;
	}
	end_sections(open, 1);
	return 0;
}
