/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "draft_private.h"

#include "ascii.h"
#include "label.h"
#include "planwatch/cleanup.h"
#include "planwatch/plan.h"
#include "planwatch/skeleton.h"
#include "planwatch/text.h"
#include "scan.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	void (*read)(struct draft *draft, char *text);
} formats[] = {
	{ "md", draft_read_markdown },
	{ "org", draft_read_org },
	{ "todo.txt", draft_read_todotxt },
};

const char *draft_format(size_t i)
{
	return i < ARRAY_SIZE(formats) ? formats[i].name : NULL;
}

/* Without controls, and without white space around it. NULL when memory is out. */
static char *clean(const char *text)
{
	char *printable;
	size_t length;

	text += strspn(text, " \t");
	printable = text_printable(text);
	length = printable ? strlen(printable) : 0;
	while (length && printable[length - 1] == ' ')
		printable[--length] = '\0';
	return printable;
}

void draft_set(struct draft *draft, char **slot, const char *text)
{
	if (*slot || !*text)
		return;
	*slot = clean(text);
	draft->failed |= !*slot;
}

void draft_note(struct draft *draft, const char *text)
{
	cleanup_free char *cleaned = clean(text);

	draft->failed |= !cleaned;
	if (cleaned && *cleaned) {
		(void)fprintf(draft->notes, "- %s\n", cleaned);
		draft->note_count++;
	}
}

/* Reads a label as it will stand in front of an item: a sign follows. */
static bool read_label(const char *heading, struct label_span *ret)
{
	cleanup_free char *text = NULL;

	return asprintf(&text, "%s:", heading) >= 0 && label_read(text, ret) == strlen(heading);
}

bool draft_is_label(const char *heading)
{
	struct label_span span;

	return read_label(heading, &span);
}

/* A group that is no label gets a heading of its own, which the reader of plans takes no notice of. */
static void tell_heading(struct draft *draft, const char *heading)
{
	if (draft->heading && strcmp(draft->heading, heading) == 0)
		return;
	draft->failed |= text_replace(&draft->heading, heading) < 0;
	if (*heading)
		(void)fprintf(draft->progress, "%s### %s\n\n", draft->items ? "\n" : "", heading);
}

/* The label in front of an item's text, where the text does not begin with it itself. */
static const char *label_of(const char *heading, const char *text)
{
	struct label_span group, own;

	if (!heading || !read_label(heading, &group))
		return NULL;
	/* "Stage-3" and "stage 3" are one. */
	if (label_read(text, &own) && own.kind_length == group.kind_length &&
	    own.id_length == group.id_length && strncasecmp(text, heading, own.kind_length) == 0 &&
	    strncmp(text + own.id_start, heading + group.id_start, own.id_length) == 0)
		return NULL;
	return heading;
}

#define WIDTH 80

/* A paragraph indented by `indent`, of which `column` columns are written. A word that could open a block begins no line. */
static void put_wrapped(FILE *out, const char *text, size_t column, size_t indent)
{
	while (*text) {
		size_t blanks = strspn(text, " "), length = blanks + strcspn(text + blanks, " ");
		if (column + length > WIDTH && (is_lower(text[blanks]) || is_upper(text[blanks]))) {
			(void)fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
			text += blanks;
			length -= blanks;
		}
		(void)fwrite(text, 1, length, out);
		column += length;
		text += length;
	}
	(void)fputc('\n', out);
}

/* A mark is one character. Another one, and a control, is an unknown one: it stays a state that is neither open nor done. */
static const char *clean_mark(const char *mark)
{
	uint32_t code;
	size_t length = strlen(mark);

	if (!length)
		return " ";
	return text_decode(mark, length, &code, NULL) == length && !text_is_unprintable(code)
		   ? mark
		   : "\uFFFD";
}

void draft_add(struct draft *draft, const struct draft_item *item)
{
	cleanup_free char *text = clean(item->text), *line = NULL;
	cleanup_free char *heading = item->heading ? clean(item->heading) : NULL;
	uint32_t deepest = draft->items ? draft->depth + 1 : 0;
	const char *label;
	bool group;

	if (!text || (item->heading && !heading)) {
		draft->failed = true;
		return;
	}
	group = heading && !draft_is_label(heading) && strcmp(heading, "Other") != 0;
	/* The reader of plans takes what is deeper for text. */
	if (deepest > SCAN_DEPTH_MAX - 1)
		deepest = SCAN_DEPTH_MAX - 1;
	draft->depth = item->depth < deepest ? item->depth : deepest;
	if (draft->depth == 0)
		tell_heading(draft, group ? heading : "");
	label = draft->depth ? NULL : label_of(heading, text);
	if (asprintf(&line, "%s%s%s%s%s%s%s", item->claim ? " (" : "",
		     item->claim ? item->claim : "", item->claim ? ")" : "", label ? " " : "",
		     label ? label : "", label ? ":" : "", *text ? " " : "") < 0) {
		draft->failed = true;
		return;
	}
	(void)fprintf(draft->progress, "%*s- [%s]%s", (int)draft->depth * 2, "",
		      clean_mark(item->mark), line);
	put_wrapped(draft->progress, text, draft->depth * 2 + 5 + strlen(line),
		    draft->depth * 2 + 2);
	draft->items++;
}

int draft_start(struct draft *draft)
{
	*draft = (struct draft){ 0 };
	draft->progress = open_memstream(&draft->progress_text, &draft->progress_size);
	draft->notes = open_memstream(&draft->notes_text, &draft->notes_size);
	return draft->progress && draft->notes ? 0 : -ENOMEM;
}

int draft_finish(struct draft *draft)
{
	bool failed = draft->failed;

	failed |= draft->progress && !text_stream_end(draft->progress, &draft->progress_text);
	failed |= draft->notes && !text_stream_end(draft->notes, &draft->notes_text);
	draft->progress = draft->notes = NULL;
	return failed ? -ENOMEM : 0;
}

void draft_done(struct draft *draft)
{
	(void)draft_finish(draft);
	free(draft->progress_text);
	free(draft->notes_text);
	free(draft->title);
	free(draft->status);
	free(draft->heading);
}

/* ---- The plan ---- */

static void drop_carriage_returns(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (*from != '\r' || from[1] != '\n')
			*to++ = *from;
	*to = '\0';
}

int draft_from(const char *format, const char *bytes, size_t length, const char *name, char **ret)
{
	cleanup(draft_done) struct draft draft = { 0 };
	cleanup_free char *text = NULL;
	size_t i = 0;

	if (length > PLAN_SIZE_MAX)
		return -EFBIG;
	while (strcmp(formats[i].name, format) != 0)
		if (++i == ARRAY_SIZE(formats))
			return -EINVAL;
	text = text_repair(bytes, length);
	if (!text || draft_start(&draft) < 0)
		return -ENOMEM;
	drop_carriage_returns(text);
	formats[i].read(&draft, text);
	draft_set(&draft, &draft.title, name);
	if (draft_finish(&draft) < 0)
		return -ENOMEM;
	if (!draft.items)
		return -EINVAL;
	*ret =
	    skeleton_write(&(struct skeleton){ .title = draft.title,
					       .status = draft.status,
					       .limits = draft.note_count ? draft.notes_text : NULL,
					       .progress = draft.progress_text });
	return *ret ? 0 : -ENOMEM;
}
