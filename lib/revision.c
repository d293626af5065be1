/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "revision.h"

#include <errno.h>
#include <string.h>

int revision_parse(struct revision *ret, const char *bytes, size_t length, struct error *error)
{
	int r = plan_parse(bytes, length, &ret->file);

	ret->whole_lines = length == 0 || bytes[length - 1] == '\n';

	return r < 0 ? error_set(error, r, "cannot read the plan: %s", strerror(-r)) : 0;
}

int revision_load(struct revision *ret, struct store *store, int64_t content, struct error *error)
{
	cleanup_free char *bytes = NULL;
	cleanup_free struct revision *kept = store_kept(store, content);
	size_t length;
	int r;

	if (kept) {
		*ret = *kept;
		return 0;
	}
	r = store_content_get(store, content, &bytes, &length, error);
	return r < 0 ? r : revision_parse(ret, bytes, length, error);
}

static void free_kept(void *value)
{
	revision_done(value);
	free(value);
}

void revision_keep(struct revision *revision, struct store *store, int64_t content)
{
	struct revision *kept = malloc(sizeof(*kept));

	if (!kept)
		return;
	*kept = *revision;
	*revision = (struct revision){ 0 };
	store_keep(store, content, kept, free_kept);
}

void revision_done(struct revision *revision)
{
	plan_free(revision->file);
	*revision = (struct revision){ 0 };
}

bool revision_is_plan(const struct revision *revision)
{
	for (size_t i = 0; i < revision->file->plan_count; i++)
		if (revision->file->plans[i].is_plan)
			return true;
	return false;
}

/* ---- Comparing ---- */

/* What a row must have to be taken for a plan of the new revision, in the order in which it is tried. */
static const struct way {
	bool present, by_title;
} ways[] = { { true, true }, { true, false }, { false, true }, { false, false } };

static const struct plan_row *find_row(const struct revision_change *change, const bool *used,
				       const struct plan *plan, const struct way *way)
{
	for (size_t i = 0; i < change->rows.count; i++) {
		const struct plan_row *row = &change->rows.rows[i];
		if (!used[i] && row->present == way->present &&
		    (way->by_title ? strcmp(row->title, plan->title) == 0
				   : row->part == plan->part))
			return row;
	}
	return NULL;
}

static bool any_present(const struct plan_list *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->rows[i].present)
			return true;
	return false;
}

/* A plan that is gone from a file that is there comes back by its title alone; with the whole file, by its place too. */
static void match_parts(struct revision_change *change, const struct revision *new, bool *used)
{
	size_t way_count = any_present(&change->rows) ? ARRAY_SIZE(ways) - 1 : ARRAY_SIZE(ways);

	for (size_t i = 0; i < new->file->plan_count; i++)
		change->parts[i].new = &new->file->plans[i];
	change->part_count = new->file->plan_count;
	for (size_t w = 0; w < way_count; w++) {
		for (size_t i = 0; i < change->part_count; i++) {
			struct part *part = &change->parts[i];
			if (part->row)
				continue;
			part->row = find_row(change, used, part->new, &ways[w]);
			if (part->row)
				used[part->row - change->rows.rows] = true;
		}
	}
}

static int compare_part(struct store *store, struct part *part, const struct revision *old,
			struct error *error)
{
	static const struct plan nothing = { .title = "" };
	size_t index = part->row ? part->row->part - 1 : SIZE_MAX;
	cleanup_free struct item *items = NULL;
	int r = 0;

	part->old = &nothing;
	/* The place of a plan that is gone may be another one's by now. */
	if (old->file && index < old->file->plan_count &&
	    (part->row->present || strcmp(old->file->plans[index].title, part->row->title) == 0))
		part->old = &old->file->plans[index];
	/* The items are those of the store, which have identities, not those that the old bytes would give today. */
	if (part->row)
		r = store_items(store, part->row->id, &part->old_items, error);
	if (r < 0)
		return r;
	items = calloc(part->old_items.count + 1, sizeof(*items));
	for (size_t i = 0; items && i < part->old_items.count; i++)
		items[i] = part->old_items.rows[i].item;
	r = items ? diff_items(items, part->old_items.count, part->new->items,
			       part->new->item_count, &part->diff)
		  : -ENOMEM;
	return r < 0 ? error_set(error, r, "out of memory") : 0;
}

/* Sections of one kind and their entries. */
static uint32_t size_of_sections(const struct plan *plan, enum section_kind kind)
{
	uint32_t size = 0;

	for (size_t i = 0; i < plan->section_count; i++)
		if (plan->sections[i].kind == kind)
			size += 1 + plan->sections[i].entries;
	return size;
}

/* A section of the format, or an entry of one, that was there and is not any more. */
static bool loses_section(const struct part *part)
{
	for (size_t i = 0; i < part->old->section_count; i++) {
		enum section_kind kind = part->old->sections[i].kind;
		if (kind != SECTION_UNKNOWN &&
		    size_of_sections(part->new, kind) < size_of_sections(part->old, kind))
			return true;
	}
	return false;
}

int revision_compare(struct store *store, int64_t file, const struct revision *old,
		     const struct revision *new, struct revision_change *ret, struct error *error)
{
	cleanup_free bool *used = NULL;
	int r = file ? store_plan_list(store, file, &ret->rows, error) : 0;

	if (r < 0)
		return r;
	used = calloc(ret->rows.count + 1, sizeof(*used));
	ret->parts = calloc(new->file->plan_count, sizeof(*ret->parts));
	ret->gone = calloc(ret->rows.count + 1, sizeof(*ret->gone));
	if (!used || !ret->parts || !ret->gone)
		return error_set(error, -ENOMEM, "out of memory");
	match_parts(ret, new, used);
	for (size_t i = 0; i < ret->rows.count; i++)
		if (!used[i] && ret->rows.rows[i].present)
			ret->gone[ret->gone_count++] = i;
	ret->loses = ret->gone_count > 0 || (old->file && old->whole_lines && !new->whole_lines);
	for (size_t i = 0; i < ret->part_count && r == 0; i++) {
		struct part *part = &ret->parts[i];

		r = compare_part(store, part, old, error);
		ret->loses |= r == 0 && loses_section(part);
		/* Removed items are the last changes. */
		if (part->diff.count &&
		    (part->diff.changes[part->diff.count - 1].flags & CHANGE_REMOVED))
			ret->loses = true;
	}
	return r;
}

void revision_change_done(struct revision_change *change)
{
	for (size_t i = 0; i < change->part_count; i++) {
		item_list_done(&change->parts[i].old_items);
		diff_done(&change->parts[i].diff);
	}
	free(change->parts);
	free(change->gone);
	plan_list_done(&change->rows);
	*change = (struct revision_change){ 0 };
}
