/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The block scanner: Markdown cut into lines, each with the block that it belongs to (CommonMark 0.30, block structure only).
 *
 * A pull iterator over memory that the caller owns: no allocation, no recursion, every byte looked at a bounded number of times.
 * Containers (block quotes and list items) deeper than SCAN_DEPTH_MAX are read as text.
 *
 *	struct scan scan;
 *	struct scan_line line;
 *
 *	scan_init(&scan, bytes, length);
 *	while (scan_next(&scan, &line))
 *		...
 *
 * Two things come before CommonMark: YAML front matter, and a fence around the whole file, which is taken off. A line ends with
 * LF or CR LF; a lone CR is white space.
 */
#ifndef LIB_SCAN_H
#define LIB_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_DEPTH_MAX 64

enum scan_block {
	SCAN_BLANK,
	/* A line of a paragraph. */
	SCAN_TEXT,
	/* "## Title": text is the title. */
	SCAN_HEADING,
	/* The line under a setext heading: text is the title's, heading_line its first line. */
	SCAN_UNDERLINE,
	/* A thematic break. */
	SCAN_RULE,
	/* Indented code. */
	SCAN_CODE,
	/* A fenced block, its fences included. */
	SCAN_FENCE,
	/* An HTML block, comments included. */
	SCAN_HTML,
	/* The lines between the "---", and these. */
	SCAN_FRONT_MATTER,
};

struct scan_line {
	uint32_t number; /* from 1 */
	enum scan_block block;
	/* Of the line, containers included. */
	const char *start;
	/* The content behind the containers' markers, white space around it removed. */
	const char *text, *end;
	/* Of the innermost list item that begins on this line, NULL without. */
	const char *marker;
	/* Of a heading: 1 to 6, and where it begins. */
	unsigned level;
	uint32_t heading_line;
	/* Text: goes on with the paragraph of the line before. */
	bool continues;
	/* List items that this line lies in, and the innermost ones of them that begin on it. */
	unsigned items, opened;
	/* Block quotes that this line lies in. */
	unsigned quotes;
};

enum scan_leaf {
	SCAN_LEAF_NONE,
	SCAN_LEAF_PARAGRAPH,
	SCAN_LEAF_FENCE,
	SCAN_LEAF_HTML,
};

/* A block quote, or a list item whose content is indented by `width` columns. */
struct scan_container {
	bool quote;
	/* The item began with a blank line, and nothing has come since. */
	bool empty;
	/* Up to this one, itself included. */
	uint8_t items, quotes;
	uint32_t width;
};

struct scan {
	/*
	 * The caller's, at any time between two lines: an indented line that looks like a checkbox ("- [ ]") is a list item, even
	 * where CommonMark sees code or the rest of a paragraph.
	 */
	bool loose_boxes;

	/* Private. */
	const char *next, *end;
	/* The bytes that `newlines` tells about: its bit i is set where block[i] is one that no line has ended with yet. */
	const char *block, *block_end;
	uint64_t newlines;
	/* Where the front matter ends, NULL without. */
	const char *front_end;
	uint32_t number;
	unsigned depth;
	struct scan_container containers[SCAN_DEPTH_MAX];
	enum scan_leaf leaf;
	char fence_mark;
	size_t fence_length;
	int html_kind;
	const char *paragraph, *paragraph_end;
	uint32_t paragraph_line;
};

void scan_init(struct scan *scan, const char *bytes, size_t length);

/* False at the end. A last line without a newline is a line; an empty input has none. */
bool scan_next(struct scan *scan, struct scan_line *ret);

/*
 * Reads a box, "[ ]", "[x]" or "[" any one code point "]", followed by white space or the end. Returns what follows it (white
 * space skipped), or NULL where `text` begins with none. The mark is mark[0..*mark_length), not repaired.
 */
const char *scan_box(const char *text, const char *end, const char **mark, size_t *mark_length);

#endif
