/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Second opinions on the block scanner. Where a file is plain CommonMark, the other reader must find the same boxes (the byte of
 * the mark, and the mark), the same headings, and put each line into the same kind of block, inside as many list items and quotes.
 * What the scanner reads otherwise on purpose is told in departures, counted, and nothing else of the file is left out.
 *
 * Files that people wrote are held against md4c. Random documents are held against cmark, CommonMark's own reader: in one of
 * eight of them md4c 0.4.8 is wrong (HTML indented within a paragraph, code behind a quotation's HTML, fences in lists).
 *
 * Without arguments: the project's own files and random documents. With a folder: all "*.md" below it, with the counts printed.
 */
#include "unit.h"

#include "../../lib/scan.h"
#include "planwatch/cleanup.h"

#include <cmark.h>
#include <ftw.h>
#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE SIZE_MAX

enum kind {
	KIND_NONE, /* no text, or none that the reader places */
	KIND_TEXT,
	KIND_HEADING,
	KIND_CODE,
	KIND_HTML,
	KIND_RULE,
};

struct place {
	enum kind kind;
	unsigned items, quotes;
};

struct box {
	size_t offset;
	char mark;
};

struct heading {
	size_t from, to; /* its text: md4c tells one byte of it, or NOWHERE for an empty one */
	unsigned level;
	bool maybe_definition;
};

/* What a reader saw of a file. The tables are as large as the file has bytes, which is more than enough. */
struct view {
	struct place *places; /* by line, from 0 */
	struct box *boxes;
	struct heading *headings;
	size_t box_count, heading_count;
};

/* The file, and while md4c reads it, where it is. */
struct document {
	char *bytes; /* a NUL behind it: md4c 0.4.8 reads one byte too far */
	size_t length;
	size_t *starts; /* of lines */
	size_t lines;
	struct place here;
	bool in_heading;
	struct view *view;
};

struct tally {
	size_t files, lines, boxes, headings;
	struct {
		size_t front_matter;	/* cut off for the other reader */
		size_t wrapping;	/* taken off for it */
		size_t carriage_return; /* alone it is white space here, a line ending there */
		size_t other_mark;	/* "[~]": a box here, text there */
		size_t quoted_box;	/* "- > [ ] a": a box here, the text of a quote there */
		size_t definition;	/* "[a]: /u" above "===": a heading here, a link there */
		size_t depth; /* lines in more than SCAN_DEPTH_MAX containers: text here */
	} departures;
	size_t differences; /* in so many files */
};

static size_t line_of(const struct document *document, size_t offset)
{
	size_t low = 0, high = document->lines;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		if (document->starts[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *data)
{
	struct document *document = data;
	struct view *view = document->view;
	const MD_BLOCK_LI_DETAIL *item = detail;
	const MD_BLOCK_H_DETAIL *heading = detail;

	document->here.items += type == MD_BLOCK_LI;
	document->here.quotes += type == MD_BLOCK_QUOTE;
	if (type == MD_BLOCK_LI && item->is_task)
		view->boxes[view->box_count++] =
		    (struct box){ item->task_mark_offset, item->task_mark };
	if (type == MD_BLOCK_H)
		view->headings[view->heading_count++] =
		    (struct heading){ .from = NOWHERE, .level = heading->level };
	document->here.kind = type == MD_BLOCK_H      ? KIND_HEADING
			      : type == MD_BLOCK_CODE ? KIND_CODE
			      : type == MD_BLOCK_HTML ? KIND_HTML
						      : KIND_TEXT;
	return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *data)
{
	struct document *document = data;

	(void)detail;
	document->here.items -= type == MD_BLOCK_LI;
	document->here.quotes -= type == MD_BLOCK_QUOTE;
	document->here.kind = KIND_TEXT;
	return 0;
}

static int ignore_span(MD_SPANTYPE type, void *detail, void *data)
{
	(void)type, (void)detail, (void)data;
	return 0;
}

/* What it does not take from the file (line breaks, NULs) has its text elsewhere. */
static int see_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *data)
{
	struct document *document = data;
	struct view *view = document->view;
	size_t offset = (size_t)(text - document->bytes);

	(void)type;
	if (text < document->bytes || offset >= document->length || size == 0)
		return 0;
	struct place *place = &view->places[line_of(document, offset)];
	if (place->kind == KIND_NONE)
		*place = document->here;
	if (document->here.kind == KIND_HEADING &&
	    view->headings[view->heading_count - 1].from == NOWHERE)
		view->headings[view->heading_count - 1].from = offset;
	return 0;
}

static struct view view_new(size_t length, size_t lines)
{
	struct view view = {
		.places = calloc(lines + 1, sizeof(*view.places)),
		.boxes = calloc(length + 1, sizeof(*view.boxes)),
		.headings = calloc(length + 1, sizeof(*view.headings)),
	};

	assert_true(view.places && view.boxes && view.headings);
	return view;
}

static void view_done(struct view *view)
{
	free(view->places);
	free(view->boxes);
	free(view->headings);
}

static void read_with_md4c(struct document *document, struct view *view)
{
	static const MD_PARSER parser = {
		.flags = MD_FLAG_TASKLISTS,
		.enter_block = enter_block,
		.leave_block = leave_block,
		.enter_span = ignore_span,
		.leave_span = ignore_span,
		.text = see_text,
	};

	document->view = view;
	document->here = (struct place){ .kind = KIND_TEXT };
	assert_int_equal(md_parse(document->bytes, (MD_SIZE)document->length, &parser, document),
			 0);
}

/* Where a block's first line has its text. cmark counts lines and bytes from 1. */
static const char *node_text(const struct document *document, cmark_node *node)
{
	return document->bytes + document->starts[cmark_node_get_start_line(node) - 1] +
	       cmark_node_get_start_column(node) - 1;
}

/* What cmark says of a last line may be one too many (the next block sets it right), or before the first. */
static void see_block(struct document *document, cmark_node *node, enum kind kind)
{
	size_t first = (size_t)cmark_node_get_start_line(node);
	size_t last = (size_t)cmark_node_get_end_line(node);

	document->here.kind = kind;
	document->view->places[first - 1] = document->here;
	for (size_t n = first + 1; n <= last && n <= document->lines; n++)
		document->view->places[n - 1] = document->here;
}

/*
 * A box is what the first paragraph of an item begins with (GFM 5.3), on the line of the item's marker, as for md4c; an underline
 * may make a heading of it.
 */
static void see_task(struct document *document, cmark_node *node)
{
	struct view *view = document->view;
	const char *text = node_text(document, node);

	if (cmark_node_get_type(cmark_node_parent(node)) == CMARK_NODE_ITEM &&
	    !cmark_node_previous(node) &&
	    cmark_node_get_start_line(cmark_node_parent(node)) == cmark_node_get_start_line(node) &&
	    text[0] == '[' && strchr(" xX", text[1]) && text[2] == ']' &&
	    strchr(" \t\r\n", text[3]))
		view->boxes[view->box_count++] =
		    (struct box){ (size_t)(text + 1 - document->bytes), text[1] };
}

static void enter_node(struct document *document, cmark_node *node)
{
	struct view *view = document->view;
	cmark_node_type type = cmark_node_get_type(node);

	document->here.items += type == CMARK_NODE_ITEM;
	document->here.quotes += type == CMARK_NODE_BLOCK_QUOTE;
	if (type == CMARK_NODE_PARAGRAPH) {
		see_block(document, node, KIND_TEXT);
		see_task(document, node);
	} else if (type == CMARK_NODE_HEADING) {
		unsigned level = (unsigned)cmark_node_get_heading_level(node);
		see_block(document, node, KIND_HEADING);
		see_task(document, node);
		view->headings[view->heading_count++] =
		    (struct heading){ .from = NOWHERE, .level = level };
	} else if (type == CMARK_NODE_CODE_BLOCK) {
		see_block(document, node, KIND_CODE);
	} else if (type == CMARK_NODE_HTML_BLOCK) {
		see_block(document, node, KIND_HTML);
	} else if (type == CMARK_NODE_THEMATIC_BREAK) {
		see_block(document, node, KIND_RULE);
	}
}

static void read_with_cmark(struct document *document, struct view *view)
{
	cmark_node *root =
	    cmark_parse_document(document->bytes, document->length, CMARK_OPT_DEFAULT);
	cmark_iter *iterator = cmark_iter_new(root);
	cmark_event_type event;

	document->view = view;
	document->here = (struct place){ .kind = KIND_NONE };
	while ((event = cmark_iter_next(iterator)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iterator);
		cmark_node_type type = cmark_node_get_type(node);
		if (event == CMARK_EVENT_ENTER) {
			enter_node(document, node);
		} else {
			document->here.items -= type == CMARK_NODE_ITEM;
			document->here.quotes -= type == CMARK_NODE_BLOCK_QUOTE;
		}
	}
	cmark_iter_free(iterator);
	cmark_node_free(root);
}

static enum kind kind_of(enum scan_block block)
{
	switch (block) {
	case SCAN_TEXT:
		return KIND_TEXT;
	case SCAN_HEADING:
	case SCAN_UNDERLINE:
		return KIND_HEADING;
	case SCAN_CODE:
	case SCAN_FENCE:
		return KIND_CODE;
	case SCAN_HTML:
		return KIND_HTML;
	case SCAN_RULE:
		return KIND_RULE;
	case SCAN_BLANK:
	case SCAN_FRONT_MATTER:
	default:
		return KIND_NONE;
	}
}

static void see_heading(struct view *view, const struct scan_line *line, const char *bytes)
{
	size_t length = (size_t)(line->end - line->text);

	view->headings[view->heading_count++] = (struct heading){
		.from = (size_t)(line->text - bytes),
		.to = (size_t)(line->end - bytes),
		.level = line->level,
		.maybe_definition = line->block == SCAN_UNDERLINE && *line->text == '[' &&
				    memmem(line->text, length, "]:", 2),
	};
	enum kind kind =
	    view->headings[view->heading_count - 1].maybe_definition ? KIND_NONE : KIND_HEADING;
	for (uint32_t n = line->heading_line; n <= line->number; n++)
		view->places[n - 1].kind = kind;
}

/* An item that begins with a quote: something stands between its marker and the text. */
static bool is_quoted(const struct scan_line *line)
{
	return memchr(line->marker, '>', (size_t)(line->text - line->marker));
}

static void see_box(struct view *view, const struct scan_line *line, const char *bytes,
		    struct tally *tally)
{
	const char *mark;
	size_t length;

	if (!line->opened || line->block != SCAN_TEXT ||
	    !scan_box(line->text, line->end, &mark, &length))
		return;
	if (length != 1 || !memchr(" xX", *mark, 3))
		tally->departures.other_mark++;
	else if (is_quoted(line))
		tally->departures.quoted_box++;
	else
		view->boxes[view->box_count++] = (struct box){ (size_t)(mark - bytes), *mark };
}

/* `scan` has left so many lines out in front. */
static void read_with_scan(struct scan *scan, const char *bytes, uint32_t skipped,
			   struct view *view, struct tally *tally)
{
	struct scan_line line;

	while (scan_next(scan, &line)) {
		line.number -= skipped;
		line.heading_line -= line.level ? skipped : 0;
		if (line.level || line.text < line.end)
			view->places[line.number - 1] =
			    (struct place){ kind_of(line.block), line.items, line.quotes };
		if (line.level)
			see_heading(view, &line, bytes);
		see_box(view, &line, bytes, tally);
	}
}

static struct document document_new(const char *bytes, size_t length)
{
	struct document document = { .bytes = calloc(length + 1, 1),
				     .length = length,
				     .starts = calloc(length + 1, sizeof(*document.starts)) };

	assert_true(document.bytes && document.starts);
	if (length)
		memcpy(document.bytes, bytes, length);
	for (size_t i = 0; i < length; i++)
		if (i == 0 || bytes[i - 1] == '\n')
			document.starts[document.lines++] = i;
	return document;
}

static void document_done(struct document *document)
{
	free(document->bytes);
	free(document->starts);
}

/* Lines that lie too deep are text for the scanner. */
static bool is_too_deep(const struct view *theirs, size_t line)
{
	return theirs->places[line].items + theirs->places[line].quotes > SCAN_DEPTH_MAX;
}

/* A difference in words, NULL for none. */
static char *compare_boxes(const struct document *document, const struct view *ours,
			   const struct view *theirs, struct tally *tally)
{
	char *text = NULL;

	for (size_t i = 0, n = 0; i < ours->box_count || n < theirs->box_count;) {
		struct box our =
		    i < ours->box_count ? ours->boxes[i] : (struct box){ NOWHERE, '\0' };
		struct box their =
		    n < theirs->box_count ? theirs->boxes[n] : (struct box){ NOWHERE, '\0' };
		if (our.offset == their.offset && our.mark == their.mark) {
			i++;
			n++;
			continue;
		}
		size_t at = our.offset < their.offset ? our.offset : their.offset;
		if (at == their.offset && is_too_deep(theirs, line_of(document, at))) {
			tally->departures.depth++;
			n++;
			continue;
		}
		assert_true(asprintf(&text, "line %zu: a box that only %s sees",
				     line_of(document, at) + 1,
				     at == our.offset ? "the scanner" : "the other reader") > 0);
		break;
	}
	return text;
}

static char *compare_headings(const struct document *document, const struct view *ours,
			      const struct view *theirs, struct tally *tally)
{
	char *text = NULL;
	size_t i = 0, n = 0;

	for (; i < ours->heading_count; i++) {
		const struct heading *our = &ours->headings[i], *their = &theirs->headings[n];
		bool same =
		    n < theirs->heading_count && our->level == their->level &&
		    (their->from == NOWHERE || (their->from >= our->from && their->from < our->to));
		if (!same && our->maybe_definition)
			tally->departures.definition++;
		else if (!same)
			break;
		else
			n++;
	}
	if (i == ours->heading_count && n == theirs->heading_count)
		return NULL;
	size_t at = i < ours->heading_count ? ours->headings[i].from : theirs->headings[n].from;
	assert_true(asprintf(&text, "line %zu: heading %zu of ours, %zu of theirs differ",
			     at == NOWHERE ? 0 : line_of(document, at) + 1, i + 1, n + 1) > 0);
	return text;
}

static char *compare_lines(const struct document *document, const struct view *ours,
			   const struct view *theirs)
{
	static const char *const names[] = { "none", "text", "heading", "code", "html", "rule" };
	char *text = NULL;

	for (size_t i = 0; i < document->lines; i++) {
		const struct place *our = &ours->places[i], *their = &theirs->places[i];
		/* cmark counts blank lines to the code around them; md4c places no line without text. */
		if (our->kind == KIND_NONE || their->kind == KIND_NONE ||
		    memcmp(our, their, sizeof(*our)) == 0 || is_too_deep(theirs, i))
			continue;
		assert_true(
		    asprintf(&text,
			     "line %zu: %s in %u items and %u quotes, theirs: %s in %u and %u",
			     i + 1, names[our->kind], our->items, our->quotes, names[their->kind],
			     their->items, their->quotes) > 0);
		return text;
	}
	return NULL;
}

typedef void read_function(struct document *document, struct view *view);

/* Returns the first difference in words, NULL for none; the caller frees it. */
static char *compare(const char *bytes, size_t length, read_function *read, struct tally *tally)
{
	cleanup_free char *copy = malloc(length + 1);
	struct scan scan;

	assert_non_null(copy);
	memcpy(copy, bytes, length);
	for (size_t i = 0; i < length; i++) {
		if (copy[i] == '\r' && !(i + 1 < length && copy[i + 1] == '\n')) {
			copy[i] = ' ';
			tally->departures.carriage_return++;
		}
	}
	scan_init(&scan, copy, length);
	/* What comes before CommonMark: the other reader is given the part behind it. */
	tally->departures.wrapping += scan.number > 0;
	tally->departures.front_matter += scan.front_end != NULL;
	struct scan_line line;
	while (scan.front_end)
		assert_true(scan_next(&scan, &line) && line.block == SCAN_FRONT_MATTER);

	const char *start = scan.next;
	struct document document = document_new(start, (size_t)(scan.end - start));
	struct view ours = view_new(document.length, document.lines);
	struct view theirs = view_new(document.length, document.lines);
	read_with_scan(&scan, start, scan.number, &ours, tally);
	read(&document, &theirs);
	char *difference = compare_boxes(&document, &ours, &theirs, tally);
	if (!difference)
		difference = compare_headings(&document, &ours, &theirs, tally);
	if (!difference)
		difference = compare_lines(&document, &ours, &theirs);

	tally->files++;
	tally->lines += document.lines;
	tally->boxes += theirs.box_count;
	tally->headings += theirs.heading_count;
	tally->differences += difference != NULL;
	view_done(&ours);
	view_done(&theirs);
	document_done(&document);
	return difference;
}

static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "re");
	char *bytes = malloc(1 << 22);

	assert_true(file && bytes);
	*length = fread(bytes, 1, 1 << 22, file);
	assert_true(feof(file));
	(void)fclose(file);
	return bytes;
}

/* nftw() hands nothing through: the counts of the walk that goes on. */
static struct tally walked;

static int compare_file(const char *path, const struct stat *status, int type, struct FTW *at)
{
	size_t length, name = strlen(path);

	(void)status, (void)at;
	if (type != FTW_F || name < 3 || strcmp(path + name - 3, ".md") != 0)
		return 0;
	cleanup_free char *bytes = read_file(path, &length);
	cleanup_free char *difference = compare(bytes, length, read_with_md4c, &walked);
	if (difference)
		(void)printf("%s: %s\n", path, difference);
	return 0;
}

static void print_tally(const struct tally *tally)
{
	(void)printf("%zu files, %zu lines, %zu boxes, %zu headings; files that differ: %zu\n",
		     tally->files, tally->lines, tally->boxes, tally->headings, tally->differences);
	(void)printf(
	    "departures: %zu front matters, %zu fences around the file, %zu lone carriage returns, "
	    "%zu boxes with other marks, %zu boxes in quotes, %zu link definitions above an underline, "
	    "%zu boxes too deep\n",
	    tally->departures.front_matter, tally->departures.wrapping,
	    tally->departures.carriage_return, tally->departures.other_mark,
	    tally->departures.quoted_box, tally->departures.definition, tally->departures.depth);
}

static void compare_folder(const char *path)
{
	walked = (struct tally){ 0 };
	assert_int_equal(nftw(path, compare_file, 16, FTW_PHYS), 0);
	print_tally(&walked);
}

static void test_own_files(void **unused)
{
	static const char *const folders[] = { "tests/data", "tests/fuzz/seeds", "examples" };

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		compare_folder(folders[i]);
		assert_true(walked.files > 0 && walked.boxes > 0);
		assert_int_equal(walked.differences, 0);
	}
}

/* ---- Random documents ---- */

/* xorshift64*: the same documents in every run. */
static uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545F4914F6CDD1DULL >> 33;
}

#define PICK(state, table) ((table)[random_next(state) % ARRAY_SIZE(table)])

static const char *const prefixes[] = {
	"- ", "- ", "* ", "+ ",	 "1. ", "2. ", "1) ", "10. ", "-\t",  "-   ", "-     ",
	"> ", "> ", ">",  ">\t", " ",	"  ",  "  ",  "   ",  "    ", "\t",   "     ",
};

static const char *const contents[] = {
	"",
	"",
	"text",
	"text",
	"more text",
	"[ ] box",
	"[x] box",
	"[X] box",
	"[ ] box",
	"[x]glued",
	"[ ]",
	"- [ ] box",
	"- [x] box",
	"1. [ ] box",
	"2) [x] box",
	"# heading",
	"## heading ##",
	"###### six",
	"#",
	"####### no",
	"#no",
	"===",
	"---",
	"-",
	"=",
	"***",
	"* * *",
	"_ _ _",
	"- - -",
	"```",
	"```sh",
	"~~~",
	"~~~~",
	"````",
	"``` a`b",
	"<div>",
	"</div>",
	"<!-- one -->",
	"<!--",
	"-->",
	"<pre>",
	"</pre>",
	"<?x",
	"?>",
	"<!DOCTYPE x>",
	"<b>",
	"<b>inline",
	"</b>",
	"<a href=\"x\">",
	"<![CDATA[",
	"]]>",
	"14. text",
	"1. text",
	"-",
	"1.",
	"text\\",
	"a  ",
};

/* Half of the lines go on where the one before stood: its markers become blanks, its quotes stay. */
static size_t next_prefix(uint64_t *state, char prefix[static 256], size_t length)
{
	if (random_next(state) % 2) {
		for (size_t i = 0; i < length; i++)
			if (prefix[i] != '>' && prefix[i] != '\t')
				prefix[i] = ' ';
		if (random_next(state) % 4)
			return length;
	} else if (random_next(state) % 2) {
		length = 0;
	}
	for (uint64_t more = random_next(state) % 4; more > 0 && length < 64; more--) {
		const char *piece = PICK(state, prefixes);
		memcpy(prefix + length, piece, strlen(piece));
		length += strlen(piece);
	}
	return length;
}

static char *random_document(uint64_t *state)
{
	char *text = NULL, prefix[256] = { 0 };
	size_t size, length = 0;
	FILE *out = open_memstream(&text, &size);
	const char *newline = random_next(state) % 8 ? "\n" : "\r\n";
	uint64_t lines = 1 + random_next(state) % 30;

	assert_non_null(out);
	for (; lines > 0; lines--) {
		length = next_prefix(state, prefix, length);
		const char *content = PICK(state, contents);
		size_t shown = length;
		/*
		 * Blanks alone are a blank line (CommonMark 2.1), and an item may begin with one at most; cmark
		 * lets a second one pass where its blanks reach as far as the item's content.
		 */
		while (!*content && shown && strchr(" \t", prefix[shown - 1]))
			shown--;
		(void)fprintf(out, "%.*s%s%s", (int)shown, prefix, content,
			      lines > 1 || random_next(state) % 4 ? newline : "");
	}
	(void)fclose(out);
	return text;
}

/* Takes out every line that the difference does not need. */
static void shrink(char *text)
{
	struct tally ignored = { 0 };

	for (char *at = text; *at;) {
		char *next = strchrnul(at, '\n');
		cleanup_free char *shorter = NULL, *difference = NULL;

		next += *next == '\n';
		assert_true(asprintf(&shorter, "%.*s%s", (int)(at - text), text, next) >= 0);
		difference = compare(shorter, strlen(shorter), read_with_cmark, &ignored);
		if (difference)
			memmove(at, next, strlen(next) + 1);
		else
			at = next;
	}
}

static void test_random_documents(void **unused)
{
	uint64_t state = 0x9E3779B97F4A7C15ULL;
	struct tally tally = { 0 };
	unsigned shown = 0;

	(void)unused;
	for (int i = 0; i < 20000; i++) {
		cleanup_free char *text = random_document(&state);
		cleanup_free char *difference =
		    compare(text, strlen(text), read_with_cmark, &tally);
		if (!difference || shown++ >= 3)
			continue;
		shrink(text);
		(void)printf("document %d: %s\n%s\n----\n", i, difference, text);
	}
	print_tally(&tally);
	assert_int_equal(tally.differences, 0);
	assert_true(tally.boxes > 5000 && tally.headings > 5000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_files),
		cmocka_unit_test(test_random_documents),
	};

	if (argc < 2)
		return cmocka_run_group_tests(tests, NULL, NULL);
	compare_folder(argv[1]);
	return walked.differences > 0 || walked.files == 0;
}
