/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect.h"

#include "fold.h"
#include "heading.h"
#include "planwatch/text.h"
#include "scan.h"
#include "section.h"
#include "status.h"

#include <string.h>
#include <strings.h>

/* What the headings above a line say, inherited from level to level. */
struct surroundings {
	bool progress, tolerances, proof, status;
};

struct collector {
	struct arena *arena;
	const char *bytes;
	struct scan scan;
	struct collection *into;
	struct section_tally *tallies; /* of each section */
	size_t region_capacity, section_capacity, tally_capacity, item_capacity, place_capacity,
	    tolerance_capacity;

	/* By level; a level without a heading of its own repeats the one above, so that [6] always holds for the next line. */
	struct surroundings around[7];
	size_t open_sections[7]; /* by level: index + 1 into the sections, 0 for none */

	/* The list items that the line lies in: index + 1 of their box, 0 for a plain one. */
	size_t list[SCAN_DEPTH_MAX];
	unsigned list_depth;
	size_t innermost; /* the last one of them that is a box */

	bool item_open, entry_open;  /* the last item, the last tolerance still takes text */
	struct found_status *status; /* the status that still takes text */
	struct fold item_text, entry_text, status_text, scratch;
};

static struct region *current_region(struct collector *c)
{
	return &c->into->regions[c->into->region_count - 1];
}

/* A string of its own, folded. Never NULL: out of memory is remembered by the arena. */
static const char *fold_string(struct collector *c, const char *text, const char *end)
{
	fold_add(&c->scratch, text, end);
	const char *string = fold_take(&c->scratch, c->arena);
	return string ? string : "";
}

static const char *take_text(struct collector *c, struct fold *fold)
{
	const char *string = fold_take(fold, c->arena);

	return string ? string : "";
}

static void add_region(struct collector *c, uint32_t line, const char *title)
{
	struct collection *into = c->into;
	struct region *regions = arena_grow(c->arena, into->regions, into->region_count,
					    &c->region_capacity, sizeof(*regions));

	if (!regions)
		return;
	into->regions = regions;
	regions[into->region_count++] =
	    (struct region){ .line = line, .has_h1 = title != NULL, .title = title };
}

static void finish_item(struct collector *c)
{
	if (c->item_open)
		c->into->items[c->into->item_count - 1].text = take_text(c, &c->item_text);
	c->item_open = false;
}

static void finish_entry(struct collector *c)
{
	if (c->entry_open)
		c->into->tolerances[c->into->tolerance_count - 1].text =
		    take_text(c, &c->entry_text);
	c->entry_open = false;
}

/* "**Status: COMPLETE**": the mark that closes the whole field is none of the value. */
static size_t closing_mark(const struct fold *text)
{
	const char *bytes = text->bytes;
	size_t length = text->length;

	return length > 2 && memcmp(bytes + length - 2, "**", 2) == 0 &&
		       memmem(bytes, length, "**", 2) == bytes + length - 2
		   ? 2
		   : 0;
}

static void finish_status(struct collector *c)
{
	size_t closing = closing_mark(&c->status_text);

	c->status_text.length -= closing;
	if (c->status && c->status_text.length) {
		c->status->raw = take_text(c, &c->status_text);
		c->status->end -= closing;
	}
	c->status = NULL;
}

/* Sections end before `line`, from this level on. */
static void close_sections(struct collector *c, unsigned level, uint32_t line)
{
	for (; level < 7; level++) {
		if (c->open_sections[level])
			c->into->sections[c->open_sections[level] - 1].end_line = line - 1;
		c->open_sections[level] = 0;
	}
}

static void add_section(struct collector *c, const struct section *section)
{
	struct collection *into = c->into;
	struct section *sections;
	struct section_tally *tallies;

	/* In the old table, before it is copied to a larger one. */
	close_sections(c, section->level, section->line);
	sections = arena_grow(c->arena, into->sections, into->section_count, &c->section_capacity,
			      sizeof(*sections));
	tallies = arena_grow(c->arena, c->tallies, into->section_count, &c->tally_capacity,
			     sizeof(*tallies));
	if (!sections || !tallies)
		return;
	into->sections = sections;
	c->tallies = tallies;
	tallies[into->section_count] = (struct section_tally){ 0 };
	sections[into->section_count++] = *section;
	c->open_sections[section->level] = into->section_count;
}

/* "## Status: DRAFT" has its value in the title; else the first paragraph below has it. */
static void read_status_heading(struct collector *c, const struct scan_line *line)
{
	const char *value = memchr(line->text, ':', (size_t)(line->end - line->text));
	struct found_status *status = &current_region(c)->heading;

	if (status->raw || !value)
		return;
	while (value < line->end && strchr(": *_", *value))
		value++;
	if (value == line->end)
		return;
	*status = (struct found_status){ .raw = fold_string(c, value, line->end),
					 .line = line->heading_line,
					 .start = (size_t)(value - c->bytes),
					 .end = (size_t)(line->end - c->bytes) };
	c->around[6].status = false;
}

/* "ExecPlan: ..." as a title. */
static bool is_exec_plan_title(const char *title)
{
	return text_starts(title, "execplan") && (title[8] == ':' || title[8] == ' ');
}

/* "### Risk 1" below "## Risks" is one of its parts, not another section of that name. */
static bool is_part_of_its_kind(const struct collector *c, const struct section *section)
{
	for (unsigned level = 1; level < section->level; level++) {
		size_t open = c->open_sections[level];
		if (open && c->into->sections[open - 1].kind == section->kind)
			return true;
	}
	return false;
}

static void read_heading(struct collector *c, const struct scan_line *line)
{
	struct section section = { .level = line->level,
				   .line = line->heading_line,
				   .title = fold_string(c, line->text, line->end) };
	unsigned level = line->level;

	struct heading heading = heading_read(section.title, level);
	section.kind = heading.kind;
	if (level == 1) {
		add_region(c, section.line, section.title);
		current_region(c)->names_itself = is_exec_plan_title(section.title);
	} else {
		current_region(c)->has_subheading = true;
		current_region(c)->has_progress |= section.kind == SECTION_PROGRESS;
	}
	struct surroundings here = c->around[level - 1];
	here.progress |= section.kind == SECTION_PROGRESS;
	here.tolerances |= section.kind == SECTION_TOLERANCES;
	here.proof |= heading.about_proof;
	here.status = section.kind == SECTION_STATUS;
	if (is_part_of_its_kind(c, &section))
		section.kind = SECTION_UNKNOWN;
	add_section(c, &section);
	for (; level < 7; level++)
		c->around[level] = here;
	if (here.status)
		read_status_heading(c, line);
	c->scan.loose_boxes = here.progress;
}

static enum item_state state_of(char mark, size_t length)
{
	if (length != 1 || !mark)
		return ITEM_OTHER;
	if (mark == ' ' || (mark >= '\t' && mark <= '\r'))
		return ITEM_OPEN;
	return mark == 'x' || mark == 'X' ? ITEM_DONE : ITEM_OTHER;
}

static const char *mark_string(struct collector *c, const char *mark, size_t length)
{
	char *string = NULL;

	if (state_of(*mark, length) == ITEM_OPEN)
		return " ";
	if (length == 1 && *mark == 'x')
		return "x";
	fold_add(&c->scratch, mark, mark + length);
	string = fold_take(&c->scratch, c->arena);
	return string ? string : "";
}

static enum place place_of(const struct surroundings *around)
{
	if (around->progress)
		return PLACE_PROGRESS;
	return around->proof ? PLACE_PROOF : PLACE_BODY;
}

/* The line opens a list item with a box; its text begins at `text`. */
static void add_item(struct collector *c, const struct scan_line *line, const char *text,
		     const char *mark, size_t mark_length)
{
	struct collection *into = c->into;
	struct item *items;
	unsigned char *places;
	uint32_t depth = 0;

	/* In the old table, before it is copied to a larger one. */
	finish_item(c);
	items =
	    arena_grow(c->arena, into->items, into->item_count, &c->item_capacity, sizeof(*items));
	places = arena_grow(c->arena, into->places, into->item_count, &c->place_capacity,
			    sizeof(*places));
	if (!items || !places)
		return;
	for (unsigned i = 0; i < c->list_depth; i++)
		depth += c->list[i] != 0;
	into->items = items;
	into->places = places;
	places[into->item_count] = (unsigned char)place_of(&c->around[6]);
	items[into->item_count++] = (struct item){ .line = line->number,
						   .end_line = line->number,
						   .depth = depth,
						   .state = state_of(*mark, mark_length),
						   .mark = mark_string(c, mark, mark_length),
						   .mark_at = (uint32_t)(mark - c->bytes),
						   .text = "" };
	c->list[c->list_depth - 1] = into->item_count;
	c->innermost = into->item_count;
	c->item_open = true;
	fold_add(&c->item_text, text, line->end);
}

/* Leaves the list items that ended before this line, and enters the plain ones that it opens. */
static void follow_list(struct collector *c, const struct scan_line *line)
{
	unsigned kept = line->items - line->opened;

	if (kept == c->list_depth && !line->opened)
		return;
	if (kept < c->list_depth)
		c->list_depth = kept;
	while (c->list_depth < line->items)
		c->list[c->list_depth++] = 0;
	c->innermost = 0;
	for (unsigned i = c->list_depth; i > 0 && !c->innermost; i--)
		c->innermost = c->list[i - 1];
	if (c->innermost != c->into->item_count)
		finish_item(c);
}

/*
 * A line of a list: it opens an item, or it is one of the lines that belong to the item opened last. The block of an item ends
 * with its first nested box.
 */
static void read_list_line(struct collector *c, const struct scan_line *line)
{
	const char *mark, *text = NULL;
	size_t mark_length;

	if (line->opened && line->block == SCAN_TEXT)
		text = scan_box(line->text, line->end, &mark, &mark_length);
	if (text) {
		add_item(c, line, text, mark, mark_length);
		return;
	}
	if (!c->item_open || line->block == SCAN_BLANK || c->innermost != c->into->item_count)
		return;
	c->into->items[c->into->item_count - 1].end_line = line->number;
	if (line->block == SCAN_TEXT || line->block == SCAN_HEADING)
		fold_add(&c->item_text, line->marker ? line->marker : line->text, line->end);
}

/* Each outermost list item of a Tolerances section is an entry, with all that is nested in it, without its own box. */
static void read_tolerance_line(struct collector *c, const struct scan_line *line)
{
	struct collection *into = c->into;
	const char *mark, *text;
	size_t mark_length;

	if (line->items == 0 || line->opened == line->items)
		finish_entry(c);
	if (line->items && line->opened == line->items && c->around[6].tolerances) {
		struct tolerance *tolerances =
		    arena_grow(c->arena, into->tolerances, into->tolerance_count,
			       &c->tolerance_capacity, sizeof(*tolerances));
		if (!tolerances)
			return;
		into->tolerances = tolerances;
		tolerances[into->tolerance_count++] =
		    (struct tolerance){ .line = line->number, .text = "" };
		c->entry_open = true;
		text = scan_box(line->text, line->end, &mark, &mark_length);
		fold_add(&c->entry_text, text ? text : line->text, line->end);
	} else if (c->entry_open && line->block == SCAN_TEXT) {
		fold_add(&c->entry_text, line->marker ? line->marker : line->text, line->end);
	}
}

/* Of a line, up to the next field; that ends the status. */
static void add_status_text(struct collector *c, const struct scan_line *line, const char *value)
{
	const char *end = status_value_end(value, line->end);

	c->status->end = (size_t)(end - c->bytes);
	fold_add(&c->status_text, value, end);
	if (end < line->end)
		finish_status(c);
}

static void start_status(struct collector *c, struct found_status *status,
			 const struct scan_line *line, const char *value)
{
	status->line = line->number;
	status->start = (size_t)(value - c->bytes);
	c->status = status;
	add_status_text(c, line, value);
}

static void read_status_line(struct collector *c, const struct scan_line *line)
{
	struct region *region = current_region(c);
	bool is_status = false, wanted = c->around[6].status && !region->heading.raw;
	const char *mark;
	size_t mark_length;

	if (line->block != SCAN_TEXT || !line->continues)
		finish_status(c);
	if (line->block != SCAN_TEXT ||
	    (!c->status && !wanted && (region->has_subheading || region->field.raw)))
		return;

	const char *value = status_field(line->text, line->end, &is_status);
	if (c->status && value)
		finish_status(c);
	if (c->status) {
		add_status_text(c, line, line->text);
	} else if (wanted) {
		/* "- [ ] Draft" offers a state, it does not say that this is the plan's. */
		if (!scan_box(line->text, line->end, &mark, &mark_length))
			start_status(c, &region->heading, line, is_status ? value : line->text);
		c->around[6].status = false;
	} else if (is_status && !region->has_subheading && !region->field.raw) {
		start_status(c, &region->field, line, value);
	}
}

/* "This ExecPlan ...", "... ExecPlan is a ...". Looked for by its only rare letter. */
static bool names_itself(const char *text, const char *end)
{
	for (const char *at = text + 1; end - at >= (ptrdiff_t)strlen("xecplan"); at++) {
		if ((*at | 0x20) != 'x' || strncasecmp(at - 1, "execplan", 8) != 0)
			continue;
		if ((at - text >= 6 && strncasecmp(at - 6, "this ", 5) == 0) ||
		    (end - at >= 12 && strncasecmp(at + 7, " is a", 5) == 0))
			return true;
	}
	return false;
}

static void read_head_line(struct collector *c, const struct scan_line *line)
{
	struct region *region = current_region(c);

	if (line->block != SCAN_TEXT || region->has_subheading || region->names_itself)
		return;
	region->names_itself = names_itself(line->text, line->end);
}

/*
 * "status: draft" at the margin. Quotes around the value and a comment behind it are YAML's. Where it begins, and its end;
 * NULL for none.
 */
static const char *front_value(const struct scan_line *line, const char *key, const char **ret_end)
{
	size_t length = strlen(key);
	const char *at = line->text, *end = line->end;

	if ((size_t)(end - at) <= length || at[-1] != '\n' || strncasecmp(at, key, length) != 0 ||
	    at[length] != ':')
		return NULL;
	at += length + 1;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	/* A comment is all that stands there. */
	if (at < end && *at == '#')
		return NULL;
	if (at < end && (*at == '"' || *at == '\'')) {
		const char *close = memrchr(at + 1, *at, (size_t)(end - at - 1));
		end = close ? close : end;
		at++;
	} else {
		const char *comment = memmem(at, (size_t)(end - at), " #", 2);
		end = comment ? comment : end;
	}
	while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*ret_end = end;
	return at < end ? at : NULL;
}

static void read_front_matter(struct collector *c, const struct scan_line *line)
{
	struct found_status *status = &current_region(c)->front_matter;
	const char *value, *end;

	if (line->text == line->end || *line->text == '-')
		return;
	value = status->raw ? NULL : front_value(line, "status", &end);
	if (value)
		*status = (struct found_status){ .raw = fold_string(c, value, end),
						 .line = line->number,
						 .start = (size_t)(value - c->bytes),
						 .end = (size_t)(end - c->bytes) };
	value = c->into->front_title ? NULL : front_value(line, "title", &end);
	if (value)
		c->into->front_title = fold_string(c, value, end);
}

static void read_line(struct collector *c, const struct scan_line *line)
{
	bool heading = line->block == SCAN_HEADING || line->block == SCAN_UNDERLINE;

	if (line->block == SCAN_FRONT_MATTER) {
		read_front_matter(c, line);
		return;
	}
	follow_list(c, line);
	read_status_line(c, line);
	read_tolerance_line(c, line);
	/* A heading inside a list item or a quotation is text of that, not a part of the plan. */
	if (heading && !line->items && !line->quotes) {
		read_heading(c, line);
		return;
	}
	if (c->into->section_count)
		section_tally_line(&c->tallies[c->into->section_count - 1], line);
	if (line->items)
		read_list_line(c, line);
	read_head_line(c, line);
}

int collect(struct arena *arena, const char *bytes, size_t length, struct collection *ret)
{
	struct collector c = { .arena = arena, .bytes = bytes, .into = ret };
	struct scan_line line;

	*ret = (struct collection){ 0 };
	add_region(&c, 1, NULL);
	scan_init(&c.scan, bytes, length);
	while (!arena->failed && scan_next(&c.scan, &line))
		read_line(&c, &line);
	finish_item(&c);
	finish_entry(&c);
	finish_status(&c);
	ret->lines = c.scan.number;
	close_sections(&c, 0, ret->lines + 1);
	int r = section_finish(ret->sections, c.tallies, ret->section_count);

	bool failed = r < 0 || arena->failed || c.item_text.failed || c.entry_text.failed ||
		      c.status_text.failed || c.scratch.failed;
	fold_done(&c.item_text);
	fold_done(&c.entry_text);
	fold_done(&c.status_text);
	fold_done(&c.scratch);
	return failed ? -ENOMEM : 0;
}
