/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scan.h"

#include "html.h"
#include "planwatch/text.h"

#include <endian.h>
#include <string.h>
#include <strings.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CODE_INDENT 4
#define BLOCK 64

/*
 * A line that is being read: `column` is where its containers end, `text` the next byte that is no white space, in `text_column`.
 * Columns make tabs easy: what is left of a half-eaten one is text_column - column like any other indentation.
 */
struct cursor {
	const char *text, *end;
	uint32_t column, text_column;
	const char *
	    odd; /* a byte that is no white space, the last one of the line before is_rule() has found another */
};

struct fence {
	char mark;
	size_t length;
	const char *info;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

/* The spaces that eight bytes begin with. */
static size_t count_spaces(const char *at)
{
	uint64_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	bytes = le64toh(bytes) ^ 0x2020202020202020;
	return bytes ? (size_t)__builtin_ctzll(bytes) / 8 : 8;
}

static void cursor_set(struct cursor *cursor, const char *at, uint32_t column)
{
	cursor->column = column;
	/* Most indentation is of spaces; counted by eights, because in deep nesting it is the most of the file. */
	for (size_t spaces = 8; spaces == 8 && cursor->end - at >= 8; at += spaces) {
		spaces = count_spaces(at);
		column += (uint32_t)spaces;
	}
	for (; at < cursor->end && is_blank(*at); at++)
		column = *at == '\t' ? (column | 3) + 1 : column + 1;
	cursor->text = at;
	cursor->text_column = column;
}

static uint32_t indent_of(const struct cursor *cursor)
{
	return cursor->text_column - cursor->column;
}

/* The line from `at` to `stop`, without the white space at its end. */
static void cursor_init(struct cursor *line, const char *at, const char *stop)
{
	line->end = stop;
	cursor_set(line, at, 0);
	if (line->text == stop) {
		*line = (struct cursor){ .text = at, .end = at, .odd = at };
		return;
	}
	while (is_blank(stop[-1]))
		stop--;
	line->end = stop;
	line->odd = stop - 1;
}

/* The line at `at`, for a look ahead; returns the start of the next one. */
static const char *line_at(const char *at, const char *end, struct cursor *ret)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	cursor_init(ret, at, newline ? newline : end);
	return newline ? newline + 1 : end;
}

/* Bit i is set where block[i] is a newline. */
static uint64_t find_newlines(const char block[static BLOCK])
{
	uint64_t found = 0;

#ifdef __SSE2__
#pragma GCC unroll 4
	for (unsigned i = 0; i < BLOCK; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(block + i));
		__m128i equal = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
		found |= (uint64_t)(unsigned)_mm_movemask_epi8(equal) << i;
	}
#else
	for (unsigned i = 0; i < BLOCK; i++)
		found |= (uint64_t)(block[i] == '\n') << i;
#endif
	return found;
}

/* The file's next bytes into scan->newlines. */
static void next_block(struct scan *scan)
{
	size_t left = (size_t)(scan->end - scan->block_end);

	scan->block = scan->block_end;
	if (left >= BLOCK) {
		scan->newlines = find_newlines(scan->block);
		scan->block_end = scan->block + BLOCK;
	} else {
		char last[BLOCK] = { 0 };
		scan->newlines = find_newlines(memcpy(last, scan->block, left));
		scan->block_end = scan->end;
	}
}

/*
 * Takes the next line; returns where it ends. Newlines are looked for in blocks of 64 bytes and remembered as bits: a call of
 * memchr() for each line, as short as most are, took a third of the scanner's time.
 */
static const char *take_line(struct scan *scan)
{
	while (!scan->newlines) {
		if (scan->block_end == scan->end)
			return scan->next = scan->end;
		next_block(scan);
	}
	const char *newline = scan->block + __builtin_ctzll(scan->newlines);
	scan->newlines &= scan->newlines - 1;
	scan->next = newline + 1;
	return newline;
}

/* "```info" or "~~~info". A backtick in the info string of a backtick fence makes it inline code. */
static bool fence_opens(const struct cursor *line, struct fence *ret)
{
	const char *at = line->text;

	if (at == line->end || (*at != '`' && *at != '~') || indent_of(line) >= CODE_INDENT)
		return false;
	while (at < line->end && *at == *line->text)
		at++;
	*ret = (struct fence){ *line->text, (size_t)(at - line->text), skip_blanks(at, line->end) };
	return ret->length >= 3 && !(ret->mark == '`' && memchr(at, '`', (size_t)(line->end - at)));
}

static bool fence_closes(const struct cursor *line, char mark, size_t length)
{
	struct fence fence;

	return fence_opens(line, &fence) && fence.mark == mark && fence.length >= length &&
	       fence.info == line->end;
}

/* Front matter opens the file with "---", begins with a key or a comment, and is closed by "---" or "...". */
static const char *find_front_matter(const char *at, const char *end)
{
	struct cursor line;
	const char *next = line_at(at, end, &line);
	bool keyed = false;

	if (line.end - at != 3 || memcmp(at, "---", 3) != 0)
		return NULL;
	for (at = next; at < end; at = next) {
		next = line_at(at, end, &line);
		size_t length = (size_t)(line.end - at);
		if (length == 3 && (memcmp(at, "---", 3) == 0 || memcmp(at, "...", 3) == 0))
			return keyed ? next : NULL;
		if (!keyed && line.text < line.end && *line.text != '#') {
			if (!memchr(at, ':', length) || strchr("-*>|`", *line.text))
				return NULL;
			keyed = true;
		}
	}
	return NULL;
}

/* What lies between a fence that opens the file and the file's last line that is not blank. */
struct wrapping {
	/* Where that line begins; the end of the file where it does not close the fence. */
	const char *last;
	/* CommonMark sees the fence closed before. */
	bool closes_early;
	/* The fences between the two pair up among themselves. */
	bool paired;
};

static const char *last_line(const char *start, const char *end)
{
	while (end > start && (is_blank(end[-1]) || end[-1] == '\n'))
		end--;
	const char *newline = memrchr(start, '\n', (size_t)(end - start));
	return newline ? newline + 1 : start;
}

static struct wrapping examine_wrapping(const char *at, const char *end, const struct fence *outer)
{
	struct wrapping wrapping = { .last = last_line(at, end) };
	struct fence inner = { 0 };
	struct cursor line;
	bool open = false;

	(void)line_at(wrapping.last, end, &line);
	if (!fence_closes(&line, outer->mark, outer->length))
		wrapping.last = end;
	while (at < wrapping.last) {
		at = line_at(at, end, &line);
		wrapping.closes_early |= fence_closes(&line, outer->mark, outer->length);
		if (open ? fence_closes(&line, inner.mark, inner.length)
			 : fence_opens(&line, &inner))
			open = !open;
	}
	wrapping.paired = !open;
	return wrapping;
}

static bool is_markdown_name(const char *info, const char *end)
{
	size_t length = 0;

	while (info + length < end && !is_blank(info[length]))
		length++;
	return (length == 2 && strncasecmp(info, "md", 2) == 0) ||
	       (length == 8 && strncasecmp(info, "markdown", 8) == 0);
}

/*
 * Takes off a fence around the whole file. CommonMark would close a "```md" at the first bare "```" inside it; people nest fences
 * all the same, so a named fence counts as one around the file when it is closed by the last line and those between pair up.
 */
static void unwrap(struct scan *scan)
{
	const char *inner = scan->next;
	struct cursor line;
	struct fence outer;
	uint32_t lines = 1;

	for (const char *at = inner; at < scan->end && (is_blank(*at) || *at == '\n'); at++) {
		if (*at == '\n') {
			inner = at + 1;
			lines++;
		}
	}
	inner = line_at(inner, scan->end, &line);
	if (!fence_opens(&line, &outer))
		return;
	bool named = is_markdown_name(outer.info, line.end);
	if (!named && outer.info != line.end)
		return;

	struct wrapping wrapping = examine_wrapping(inner, scan->end, &outer);
	if (wrapping.closes_early && !(named && wrapping.last < scan->end && wrapping.paired))
		return;
	scan->next = inner;
	scan->end = wrapping.last;
	scan->number = lines;
}

void scan_init(struct scan *scan, const char *bytes, size_t length)
{
	*scan = (struct scan){ .next = bytes, .end = bytes + length };
	if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		scan->next += 3;
	if (scan->next == scan->end)
		return;
	unwrap(scan);
	scan->block_end = scan->next;
	scan->front_end = find_front_matter(scan->next, scan->end);
}

const char *scan_box(const char *text, const char *end, const char **mark, size_t *mark_length)
{
	uint32_t code;

	if (end - text < 3 || text[0] != '[' || text[1] == ']')
		return NULL;
	size_t length = text_decode(text + 1, (size_t)(end - text - 1), &code, NULL);
	const char *close = text + 1 + length;
	if (close >= end || *close != ']' || (close + 1 < end && !is_blank(close[1])))
		return NULL;
	*mark = text + 1;
	*mark_length = length;
	return skip_blanks(close + 1, end);
}

/* What a byte may begin where a block may; most lines begin with a letter, which is only text. */
enum opener {
	CONTAINER = 1,
	LEAF = 2,
	INDENT = 4, /* or a blank line */
};

static bool may_open(char first, enum opener what)
{
	static const unsigned char openers[256] = {
		[' '] = INDENT,
		['\t'] = INDENT,
		['\r'] = INDENT,
		['\n'] = INDENT,
		['-'] = CONTAINER | LEAF,
		['*'] = CONTAINER | LEAF,
		['+'] = CONTAINER,
		['>'] = CONTAINER,
		['0'] = CONTAINER,
		['1'] = CONTAINER,
		['2'] = CONTAINER,
		['3'] = CONTAINER,
		['4'] = CONTAINER,
		['5'] = CONTAINER,
		['6'] = CONTAINER,
		['7'] = CONTAINER,
		['8'] = CONTAINER,
		['9'] = CONTAINER,
		['#'] = LEAF,
		['`'] = LEAF,
		['~'] = LEAF,
		['<'] = LEAF,
		['='] = LEAF,
		['_'] = LEAF,
	};

	return openers[(unsigned char)first] & what;
}

/* Width of a list marker with nothing but white space or the end behind it; 0 for none. */
static uint32_t marker_width(const struct cursor *line)
{
	const char *at = line->text;

	if (at == line->end)
		return 0;
	if (*at == '-' || *at == '*' || *at == '+') {
		at++;
	} else {
		while (at < line->end && at - line->text < 9 && *at >= '0' && *at <= '9')
			at++;
		if (at == line->text || at == line->end || (*at != '.' && *at != ')'))
			return 0;
		at++;
	}
	return at == line->end || is_blank(*at) ? (uint32_t)(at - line->text) : 0;
}

/*
 * Three or more of '*', '-' or '_', blanks between them allowed. A line may open an item at each of its bytes and this be asked
 * each time: one byte that is known to differ answers at once.
 */
static bool is_rule(struct cursor *line)
{
	size_t count = 0;

	if (line->odd > line->text && *line->odd != *line->text)
		return false;
	for (const char *at = line->text; at < line->end; at++) {
		if (*at == *line->text) {
			count++;
		} else if (!is_blank(*at)) {
			line->odd = at;
			return false;
		}
	}
	return count >= 3;
}

static bool is_underline(const struct cursor *line)
{
	for (const char *at = line->text; at < line->end; at++)
		if (*at != *line->text)
			return false;
	return true;
}

/* ">" and the blank that belongs to it. */
static bool eat_quote(struct cursor *line)
{
	if (line->text == line->end || *line->text != '>' || indent_of(line) >= CODE_INDENT)
		return false;
	cursor_set(line, line->text + 1, line->text_column + 1);
	line->column += indent_of(line) > 0;
	return true;
}

static const struct scan_container *innermost(const struct scan *scan)
{
	return &scan->containers[scan->depth - 1];
}

static unsigned match_containers(struct scan *scan, struct cursor *line)
{
	unsigned matched = 0;

	for (; matched < scan->depth; matched++) {
		struct scan_container *container = &scan->containers[matched];

		if (container->quote) {
			if (!eat_quote(line))
				break;
		} else if (line->text == line->end) {
			/* A blank line belongs to every item up to the next quote; only the innermost can still be empty. */
			if (innermost(scan)->quotes == container->quotes)
				return scan->depth - innermost(scan)->empty;
		} else {
			if (indent_of(line) < container->width)
				break;
			line->column += container->width;
			container->empty = false;
		}
	}
	return matched;
}

/*
 * A list item may interrupt a paragraph only with content and, where it is numbered, with number 1 (CommonMark 5.2), so that a
 * line that happens to begin with "14. " is no list. A box leaves no doubt.
 */
static bool open_item(struct scan_container *container, struct cursor *line, bool in_paragraph,
		      bool loose)
{
	uint32_t indent = indent_of(line), width = marker_width(line);
	const char *mark;
	size_t mark_length;

	if (!width)
		return false;
	const char *text = skip_blanks(line->text + width, line->end);
	bool box = loose && scan_box(text, line->end, &mark, &mark_length);
	if (!box) {
		bool one = width < 2 || (width == 2 && *line->text == '1');
		if (indent >= CODE_INDENT || is_rule(line) ||
		    (in_paragraph && (text == line->end || !one)))
			return false;
	}
	cursor_set(line, line->text + width, line->text_column + width);
	uint32_t padding = indent_of(line);
	if (text == line->end || (padding > CODE_INDENT && !box))
		padding = 1;
	container->width = indent + width + padding;
	container->empty = text == line->end;
	container->quote = false;
	line->column += text == line->end ? 0 : padding;
	return true;
}

/* Takes "## Title ##" apart; returns the level, 0 for no heading. */
static unsigned read_heading(struct cursor *line)
{
	const char *at = line->text, *end = line->end;
	unsigned level = 0;

	while (at < end && *at == '#' && level <= 6) {
		at++;
		level++;
	}
	if (level > 6 || (at < end && !is_blank(*at)))
		return 0;
	line->text = skip_blanks(at, end);
	while (end > line->text && end[-1] == '#')
		end--;
	if (end == line->text || is_blank(end[-1]))
		line->end = end;
	while (line->end > line->text && is_blank(line->end[-1]))
		line->end--;
	return level;
}

static enum scan_block start_fence(struct scan *scan, const struct fence *fence)
{
	scan->leaf = SCAN_LEAF_FENCE;
	scan->fence_mark = fence->mark;
	scan->fence_length = fence->length;
	return SCAN_FENCE;
}

static enum scan_block start_html(struct scan *scan, const struct cursor *line, int kind)
{
	scan->html_kind = kind;
	scan->leaf = html_ends(kind, line->text, line->end) ? SCAN_LEAF_NONE : SCAN_LEAF_HTML;
	return SCAN_HTML;
}

static enum scan_block underline(struct scan *scan, struct scan_line *ret, struct cursor *line)
{
	ret->level = *line->text == '=' ? 1 : 2;
	ret->heading_line = scan->paragraph_line;
	line->text = scan->paragraph;
	line->end = scan->paragraph_end;
	scan->leaf = SCAN_LEAF_NONE;
	return SCAN_UNDERLINE;
}

/*
 * What begins at the line's content, when its containers are settled. `in_paragraph`: a paragraph of the same containers stands
 * before it; `lazy`: a paragraph stands before it that this line may go on with.
 */
static enum scan_block start_leaf(struct scan *scan, struct scan_line *ret, struct cursor *line,
				  bool in_paragraph, bool lazy)
{
	struct fence fence;
	int kind;

	if (line->text == line->end)
		return SCAN_BLANK;
	if (indent_of(line) >= CODE_INDENT)
		return lazy ? SCAN_TEXT : SCAN_CODE;
	if (!may_open(*line->text, LEAF))
		return SCAN_TEXT;
	switch (*line->text) {
	case '#':
		ret->level = read_heading(line);
		ret->heading_line = ret->number;
		return ret->level ? SCAN_HEADING : SCAN_TEXT;
	case '`':
	case '~':
		return fence_opens(line, &fence) ? start_fence(scan, &fence) : SCAN_TEXT;
	case '<':
		kind = html_starts(line->text, line->end, lazy);
		return kind ? start_html(scan, line, kind) : SCAN_TEXT;
	case '=':
		return in_paragraph && is_underline(line) ? underline(scan, ret, line) : SCAN_TEXT;
	case '-':
		if (in_paragraph && is_underline(line))
			return underline(scan, ret, line);
		return is_rule(line) ? SCAN_RULE : SCAN_TEXT;
	case '*':
	case '_':
		return is_rule(line) ? SCAN_RULE : SCAN_TEXT;
	default:
		return SCAN_TEXT;
	}
}

static void note_paragraph(struct scan *scan, const struct scan_line *line)
{
	if (!line->continues) {
		scan->paragraph = line->text;
		scan->paragraph_line = line->number;
	}
	scan->paragraph_end = line->end;
	scan->leaf = SCAN_LEAF_PARAGRAPH;
}

static void open_blocks(struct scan *scan, struct scan_line *ret, struct cursor *line,
			unsigned matched)
{
	bool lazy = scan->leaf == SCAN_LEAF_PARAGRAPH;
	bool in_paragraph = lazy && matched == scan->depth;
	unsigned depth = matched;

	while (depth < SCAN_DEPTH_MAX && line->text < line->end &&
	       may_open(*line->text, CONTAINER)) {
		struct scan_container *container = &scan->containers[depth];
		const char *marker = line->text;
		if (open_item(container, line, in_paragraph, scan->loose_boxes)) {
			ret->marker = marker;
			ret->opened++;
		} else if (eat_quote(line)) {
			*container = (struct scan_container){ .quote = true };
		} else {
			break;
		}
		container->items = (uint8_t)((depth ? container[-1].items : 0) + !container->quote);
		container->quotes = (uint8_t)(depth + 1 - container->items);
		depth++;
		in_paragraph = lazy = false;
	}

	if (!lazy)
		scan->leaf = SCAN_LEAF_NONE;
	ret->block = start_leaf(scan, ret, line, in_paragraph, lazy);
	ret->continues = ret->block == SCAN_TEXT && lazy;
	if (!ret->continues)
		scan->depth = depth;
	ret->text = line->text;
	ret->end = line->end;
	if (ret->block == SCAN_TEXT)
		note_paragraph(scan, ret);
	else if (scan->leaf == SCAN_LEAF_PARAGRAPH)
		scan->leaf = SCAN_LEAF_NONE;
}

/* A line inside a fence or an HTML block. False where that block has ended before it. */
static bool continue_leaf(struct scan *scan, struct scan_line *ret, const struct cursor *line)
{
	if (scan->leaf == SCAN_LEAF_FENCE) {
		ret->block = SCAN_FENCE;
		if (fence_closes(line, scan->fence_mark, scan->fence_length))
			scan->leaf = SCAN_LEAF_NONE;
		return true;
	}
	if (scan->leaf != SCAN_LEAF_HTML)
		return false;
	if (line->text == line->end && scan->html_kind >= 6) {
		scan->leaf = SCAN_LEAF_NONE;
		return false;
	}
	ret->block = SCAN_HTML;
	if (html_ends(scan->html_kind, line->text, line->end))
		scan->leaf = SCAN_LEAF_NONE;
	return true;
}

/*
 * A line that begins with a letter at the margin lies in no container, and is text unless it is one of a fence or an HTML block
 * at the margin. Most lines are such, so that they have a way of their own.
 */
static bool is_plain(const struct scan *scan, const char *at)
{
	return !may_open(*at, CONTAINER | LEAF | INDENT) &&
	       (scan->depth > 0 || scan->leaf <= SCAN_LEAF_PARAGRAPH);
}

static void read_plain(struct scan *scan, struct scan_line *ret, const char *at, const char *stop)
{
	while (is_blank(stop[-1]))
		stop--;
	ret->text = at;
	ret->end = stop;
	ret->block = SCAN_TEXT;
	ret->continues = scan->leaf == SCAN_LEAF_PARAGRAPH;
	if (!ret->continues)
		scan->depth = 0;
	note_paragraph(scan, ret);
}

/* True where an empty line only parts paragraphs: outside of quotes, which it ends, and of fences and HTML, which go on. */
static bool is_parted(const struct scan *scan)
{
	return scan->leaf <= SCAN_LEAF_PARAGRAPH && (!scan->depth || !innermost(scan)->quotes);
}

/* An item may begin with one blank line, not with two (CommonMark 5.2). */
static void read_empty(struct scan *scan, struct scan_line *ret, const char *at)
{
	ret->block = SCAN_BLANK;
	ret->text = ret->end = at;
	scan->leaf = SCAN_LEAF_NONE;
	scan->depth -= scan->depth && innermost(scan)->empty;
}

/* A line by all the rules; what the shorter ways read, it would read the same. */
static void read_any(struct scan *scan, struct scan_line *ret, const char *at, const char *stop)
{
	struct cursor line;

	cursor_init(&line, at, stop);
	unsigned matched = match_containers(scan, &line);
	ret->text = line.text;
	ret->end = line.end;
	if (matched < scan->depth || !continue_leaf(scan, ret, &line))
		open_blocks(scan, ret, &line, matched);
}

static void read_front_matter(struct scan *scan, struct scan_line *ret, const char *at,
			      const char *stop)
{
	struct cursor line;

	cursor_init(&line, at, stop);
	ret->block = SCAN_FRONT_MATTER;
	ret->text = line.text;
	ret->end = line.end;
	if (scan->next >= scan->front_end)
		scan->front_end = NULL;
}

bool scan_next(struct scan *scan, struct scan_line *ret)
{
	const char *at = scan->next;

	if (at >= scan->end)
		return false;
	const char *stop = take_line(scan);
	*ret = (struct scan_line){ .number = ++scan->number, .start = at };
	if (scan->front_end)
		read_front_matter(scan, ret, at, stop);
	else if (is_plain(scan, at))
		read_plain(scan, ret, at, stop);
	else if (at == stop && is_parted(scan))
		read_empty(scan, ret, at);
	else
		read_any(scan, ret, at, stop);
	if (scan->depth) {
		ret->items = innermost(scan)->items;
		ret->quotes = innermost(scan)->quotes;
	}
	return true;
}
