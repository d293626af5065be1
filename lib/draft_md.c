/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Task lists in Markdown, as GitHub has them, and as lib/convert_md.c writes them: what it says behind the text for states that a
 * task list does not have is read back where its comment proves that it wrote it.
 */
#include "draft_private.h"

#include "planwatch/cleanup.h"
#include "planwatch/convert.h"

#include <string.h>

/* Cuts `tail` off the end of the text. */
static bool cut_end(char *text, const char *tail)
{
	size_t length = strlen(text), size = strlen(tail);

	if (length < size || strcmp(text + length - size, tail) != 0)
		return false;
	text[length - size] = '\0';
	return true;
}

/* The last place of `sign` in the text; NULL without. */
static char *find_last(char *text, const char *sign)
{
	char *found = NULL;

	for (char *at = strstr(text, sign); at; at = strstr(at + 1, sign))
		found = at;
	return found;
}

/* Takes " <!-- line 4, mark ~ -->" off. Its mark, "" without one; NULL where there is no such comment. */
static char *cut_comment(char *text)
{
	char *comment = find_last(text, " <!-- line "), *mark;

	if (!comment || !cut_end(text, " -->"))
		return NULL;
	*comment = '\0';
	mark = strstr(comment + 1, ", mark ");
	return mark ? mark + strlen(", mark ") : comment;
}

/* What was said of the item for its readers. The text begins with a blank. */
static void cut_words(char *text, const char *mark)
{
	char *witnessed = find_last(text, " (witnessed "), marked[40];
	bool dropped = strcmp(mark, "~") == 0 || strcmp(mark, "-") == 0;

	if (witnessed && strlen(witnessed) == strlen(" (witnessed 2026-01-05 10:02Z)"))
		*witnessed = '\0';
	/* Of a label that is all of the text, the reader takes the signs around it for its own. */
	if (dropped && cut_end(text, "~~ (dropped)") && strncmp(text, " ~~", 3) == 0)
		memset(text, ' ', 3);
	else if (dropped)
		(void)cut_end(text, " (dropped)");
	(void)snprintf(marked, sizeof(marked), " (marked `%s`)", mark);
	if (*mark && !dropped)
		(void)cut_end(text, marked);
}

/* What an item stands under: moves on through the sections to its line. The plan's own title and its Progress say nothing. */
static const char *find_heading(const struct plan *plan, uint32_t line, size_t *next)
{
	const struct section *section;

	while (*next < plan->section_count && plan->sections[*next].line < line)
		++*next;
	section = *next ? &plan->sections[*next - 1] : NULL;
	return section && section->level > 1 && section->kind != SECTION_PROGRESS ? section->title
										  : NULL;
}

static void add_item(struct draft *draft, const struct checklist_item *item, const char *heading)
{
	cleanup_free char *rest = NULL, *text = NULL;
	const char *mark, *label = item->label ? item->label : "";
	struct draft_item drafted = { .depth = item->item->depth,
				      .mark = item->mark,
				      .claim = item->claim,
				      .heading = heading };

	if (asprintf(&rest, " %s", item->gist) < 0) {
		draft->failed = true;
		return;
	}
	mark = cut_comment(rest);
	if (mark)
		cut_words(rest, mark);
	if (mark && *mark)
		drafted.mark = mark;
	if (asprintf(&text, "%s%s%s", label, *label ? ": " : "", rest + strspn(rest, " ")) < 0) {
		draft->failed = true;
		return;
	}
	drafted.text = text;
	draft_add(draft, &drafted);
}

static void add_notes(struct draft *draft, const struct checklist *list)
{
	for (size_t i = 0; i < list->plan->tolerance_count; i++) {
		cleanup_free char *note = NULL;
		/* The comment may be all of it. */
		if (asprintf(&note, " %s", list->notes[i]) < 0) {
			draft->failed = true;
			return;
		}
		(void)cut_comment(note);
		draft_note(draft, note);
	}
}

void draft_read_markdown(struct draft *draft, char *text)
{
	cleanup_plan struct plan_file *file = NULL;
	size_t next;

	if (plan_parse_boxes(text, strlen(text), &file) < 0) {
		draft->failed = true;
		return;
	}
	for (size_t i = 0; i < file->plan_count; i++) {
		const struct plan *plan = &file->plans[i];
		cleanup_checklist struct checklist list = { 0 };
		if (checklist_make(plan, "", NULL, 0, &list) < 0) {
			draft->failed = true;
			return;
		}
		draft_set(draft, &draft->title, plan->title);
		if (list.status)
			draft_set(draft, &draft->status, list.status);
		next = 0;
		for (size_t k = 0; k < list.count; k++)
			add_item(draft, &list.items[k],
				 find_heading(plan, plan->items[k].line, &next));
		add_notes(draft, &list);
	}
}
