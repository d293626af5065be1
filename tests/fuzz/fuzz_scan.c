/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The block scanner on any bytes. The file is cut into lines once more, by newlines alone; then each line that the scanner tells
 * must be one of these, in order, and what it leaves out of a line must be nothing but white space, containers' markers (as many
 * as it says) and heading marks.
 */
#include "fuzz.h"

#include "../../lib/scan.h"

#include <stdbool.h>
#include <string.h>

struct file {
	const char **starts; /* of each line, from 0; one more at the end of the file */
	size_t lines;
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

static struct file cut(const char *bytes, size_t size)
{
	const char *end = bytes + size, *at = bytes;
	struct file file = { .starts = malloc((size + 2) * sizeof(*file.starts)) };

	CHECK(file.starts);
	if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		at += 3;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		file.starts[file.lines++] = at;
		at = newline ? newline + 1 : end;
	}
	file.starts[file.lines] = end;
	return file;
}

static const char *line_start(const struct file *file, uint32_t number)
{
	CHECK(number >= 1 && number <= file->lines);
	return file->starts[number - 1];
}

/* Without its newline. */
static const char *line_end(const struct file *file, uint32_t number)
{
	const char *start = line_start(file, number), *end = file->starts[number];

	return end > start && end[-1] == '\n' ? end - 1 : end;
}

static bool is_blank_line(const struct file *file, uint32_t number)
{
	return skip_blanks(line_start(file, number), line_end(file, number)) ==
	       line_end(file, number);
}

/* The fence mark that a line begins with, '\0' for none. */
static char fence_of(const struct file *file, uint32_t number)
{
	const char *end = line_end(file, number);
	const char *at = skip_blanks(line_start(file, number), end);

	return end - at >= 3 && (*at == '`' || *at == '~') && at[1] == *at && at[2] == *at ? *at
											   : '\0';
}

/* Lines first..last are not told: of a fence around the file, one fence and blank lines. Returns its mark. */
static char check_wrapping(const struct file *file, uint32_t first, uint32_t last)
{
	char mark = '\0';

	for (uint32_t number = first; number <= last; number++) {
		if (is_blank_line(file, number))
			continue;
		CHECK(!mark);
		mark = fence_of(file, number);
		CHECK(mark);
	}
	return mark;
}

/* A list marker at `at`: what follows it, or NULL. */
static const char *skip_marker(const char *at, const char *end)
{
	const char *start = at;

	if (strchr("-*+", *at) && *at)
		return at + 1;
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at > start && at < end && (*at == '.' || *at == ')') ? at + 1 : NULL;
}

/* What stands in front of a line's text. */
static void check_front(const struct scan_line *line, const char *at, const char *last_marker)
{
	unsigned quotes = 0, markers = 0, level = 0;
	const char *marker = NULL;

	while (at < line->text) {
		const char *after;
		if (is_blank(*at)) {
			at++;
		} else if (*at == '>') {
			CHECK(level == 0);
			quotes++;
			at++;
		} else if (*at == '#') {
			level++;
			at++;
		} else {
			CHECK(level == 0);
			after = skip_marker(at, line->text);
			CHECK(after && after <= line->text);
			CHECK(after == last_marker || is_blank(*after));
			markers++;
			marker = at;
			at = after;
		}
	}
	CHECK(level == (line->block == SCAN_HEADING ? line->level : 0));
	CHECK(markers == line->opened && marker == line->marker);
	/* A lazy line goes on with a paragraph without the marks of all its quotes. */
	CHECK(line->continues ? quotes <= line->quotes : quotes == line->quotes);
}

/* What stands behind it. */
static void check_back(const struct scan_line *line, const char *end)
{
	for (const char *at = line->end; at < end; at++)
		CHECK(is_blank(*at) || (line->block == SCAN_HEADING && *at == '#'));
}

static void check_underline(const struct file *file, const struct scan_line *line)
{
	const char *end = line_end(file, line->number);
	const char *at = line_start(file, line->number);

	CHECK(line->heading_line >= 1 && line->heading_line < line->number);
	CHECK(line->text >= line_start(file, line->heading_line) &&
	      line->text < line_end(file, line->heading_line));
	CHECK(line->end > line_start(file, line->number - 1) &&
	      line->end <= line_end(file, line->number - 1));
	CHECK(line->level <= 2 && line->opened == 0 && !line->marker);
	while (at < end && (is_blank(*at) || *at == '>'))
		at++;
	CHECK(at < end && *at == (line->level == 1 ? '=' : '-'));
	for (char mark = *at; at < end && *at == mark;)
		at++;
	CHECK(skip_blanks(at, end) == end);
}

static void check_line(const struct file *file, const struct scan_line *line,
		       const struct scan_line *before)
{
	const char *start = line_start(file, line->number), *end = line_end(file, line->number);
	bool heading = line->block == SCAN_HEADING || line->block == SCAN_UNDERLINE;

	CHECK(heading == (line->level >= 1) && line->level <= 6);
	CHECK(line->items >= line->opened && (line->opened > 0) == (line->marker != NULL));
	CHECK(line->items + line->quotes <= SCAN_DEPTH_MAX);
	CHECK(line->text <= line->end && line->start == start);
	CHECK(line->text == line->end || (!is_blank(*line->text) && !is_blank(line->end[-1])));
	if (line->continues)
		CHECK(line->block == SCAN_TEXT && before->block == SCAN_TEXT && !line->opened &&
		      line->items == before->items && line->quotes == before->quotes);
	if (line->block == SCAN_UNDERLINE) {
		CHECK(before->block == SCAN_TEXT);
		check_underline(file, line);
		return;
	}
	CHECK(line->text >= start && line->end <= end);
	CHECK(line->block != SCAN_BLANK || line->text == line->end);
	CHECK(line->text < line->end || line->block == SCAN_BLANK || line->block == SCAN_HEADING ||
	      line->block == SCAN_FENCE || line->block == SCAN_HTML ||
	      line->block == SCAN_FRONT_MATTER);
	if (line->block == SCAN_HEADING)
		CHECK(line->heading_line == line->number);
	check_front(line, start, line->text == line->end ? end : NULL);
	check_back(line, end);
}

/* When the caller asks for loose boxes: never, always, or from heading to heading, as the collector does. */
enum loose {
	LOOSE_NEVER,
	LOOSE_ALWAYS,
	LOOSE_BY_HEADING,
	LOOSE_END,
};

static void check_file(const struct file *file, const char *bytes, size_t size, enum loose loose)
{
	struct scan scan;
	struct scan_line line, before = { 0 };
	char wrapped = '\0';

	scan_init(&scan, bytes, size);
	scan.loose_boxes = loose == LOOSE_ALWAYS;
	while (scan_next(&scan, &line)) {
		if (!before.number && line.number > 1) {
			wrapped = check_wrapping(file, 1, line.number - 1);
			CHECK(wrapped);
		} else {
			CHECK(line.number == before.number + 1);
		}
		check_line(file, &line, &before);
		if (loose == LOOSE_BY_HEADING && line.level)
			scan.loose_boxes = line.level % 2 == 0;
		before = line;
	}
	CHECK(!scan_next(&scan, &line));
	if (!before.number && file->lines) /* a fence around nothing: both of its lines, or one */
		CHECK(fence_of(file, scan.number));
	else if (before.number < file->lines)
		CHECK(check_wrapping(file, before.number + 1, (uint32_t)file->lines) == wrapped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of its exact size, so that a byte read behind it is seen. */
	char *bytes = malloc(size ? size : 1);

	CHECK(bytes);
	if (size)
		memcpy(bytes, data, size);
	struct file file = cut(bytes, size);
	for (enum loose loose = LOOSE_NEVER; loose < LOOSE_END; loose++)
		check_file(&file, bytes, size, loose);
	free(file.starts);
	free(bytes);
	return 0;
}
