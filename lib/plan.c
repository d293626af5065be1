/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/plan.h"

#include "collect.h"
#include "head.h"
#include "planwatch/text.h"
#include "status.h"
#include "tolerance.h"

/* What plan_file.memory points to; the plan_file is its first member, so that one block holds both. */
struct plan_memory {
	struct plan_file file;
	struct arena arena;
};

/* Where a plan begins and ends in the tables of the collection: each is in the order of lines. */
struct slice {
	size_t region, section, item, tolerance;
};

bool item_is_dropped(const struct item *item)
{
	return item->state == ITEM_OTHER && (item->mark[0] == '~' || item->mark[0] == '-') &&
	       item->mark[1] == '\0';
}

static size_t count_plan_regions(const struct collection *found)
{
	size_t count = 0;

	for (size_t i = 0; i < found->region_count; i++)
		count += found->regions[i].has_h1 && found->regions[i].has_progress;
	return count;
}

/* Takes from places[*from..] those that begin before `line`. */
static struct slice slice_before(const struct collection *found, struct slice from, uint32_t line)
{
	while (from.region < found->region_count && found->regions[from.region].line < line)
		from.region++;
	while (from.section < found->section_count && found->sections[from.section].line < line)
		from.section++;
	while (from.item < found->item_count && found->items[from.item].line < line)
		from.item++;
	while (from.tolerance < found->tolerance_count &&
	       found->tolerances[from.tolerance].line < line)
		from.tolerance++;
	return from;
}

/* Keeps the boxes that count, in place. */
static void choose_items(struct plan *plan, const unsigned char *places, size_t count)
{
	bool section = false;

	for (size_t i = 0; i < count; i++)
		section |= places[i] == PLACE_PROGRESS;
	for (size_t i = 0; i < count; i++)
		if (places[i] == (section ? PLACE_PROGRESS : PLACE_BODY))
			plan->items[plan->item_count++] = plan->items[i];
	plan->other_boxes = (uint32_t)(count - plan->item_count);
	plan->source = section		  ? PROGRESS_SECTION
		       : plan->item_count ? PROGRESS_BODY
					  : PROGRESS_NONE;
}

static void count_items(struct plan *plan)
{
	for (size_t i = 0; i < plan->item_count; i++) {
		const struct item *item = &plan->items[i];
		plan->counts.done += item->state == ITEM_DONE;
		plan->counts.open += item->state == ITEM_OPEN;
		plan->counts.other += item->state == ITEM_OTHER;
		plan->counts.total += !item_is_dropped(item);
	}
}

static void choose_status(struct plan *plan, const struct region *regions, size_t count)
{
	const struct found_status *found = NULL;
	bool head = true;

	for (size_t i = 0; i < count && !found; i++)
		if (regions[i].front_matter.raw)
			found = &regions[i].front_matter;
	plan->status.front_matter = found != NULL;
	for (size_t i = 0; i < count && !found && head; i++) {
		if (regions[i].field.raw)
			found = &regions[i].field;
		head = !regions[i].has_subheading;
	}
	for (size_t i = 0; i < count && !found; i++)
		if (regions[i].heading.raw)
			found = &regions[i].heading;
	if (!found)
		return;
	plan->status.raw = found->raw;
	plan->status.line = found->line;
	plan->status.start = found->start;
	plan->status.end = found->end;
	plan->status.state = status_state(found->raw);
}

/*
 * A Progress without boxes and another section of the format beside it: a plan whose progress cannot be told, though it does
 * not name itself one.
 */
static bool has_form(const struct plan *plan)
{
	bool progress = false, other = false;

	for (size_t i = 0; i < plan->section_count; i++) {
		enum section_kind kind = plan->sections[i].kind;
		progress |= kind == SECTION_PROGRESS;
		other |= kind != SECTION_PROGRESS && kind != SECTION_UNKNOWN;
	}
	return progress && other;
}

/* The skeleton's own items: where nothing else stands, it is an instruction that shows the format. */
static bool is_example(const struct item *item)
{
	return text_starts(item->gist, "example completed step") ||
	       text_starts(item->gist, "example incomplete step") ||
	       text_starts(item->gist, "example partially completed step");
}

static bool has_real_items(const struct plan *plan)
{
	for (size_t i = 0; i < plan->item_count; i++)
		if (!is_example(&plan->items[i]))
			return true;
	return false;
}

static void read_regions(struct plan *plan, const struct collection *found, size_t first,
			 size_t count)
{
	const struct region *regions = found->regions + first;

	plan->title = NULL;
	for (size_t i = 0; i < count; i++) {
		if (!plan->title && regions[i].has_h1)
			plan->title = regions[i].title;
		plan->is_plan |= regions[i].names_itself;
	}
	if (!plan->title)
		plan->title = found->front_title ? found->front_title : "";
	choose_status(plan, regions, count);
	plan->is_plan |= plan->source == PROGRESS_SECTION ? has_real_items(plan) : has_form(plan);
}

/* A table without entries is NULL, and NULL + 0 is undefined (C17 6.5.6). */
#define FROM(table, index) ((table) ? (table) + (index) : NULL)

static void make_plan(struct arena *arena, const struct collection *found, struct plan *plan,
		      const struct slice *from, const struct slice *to)
{
	plan->sections = FROM(found->sections, from->section);
	plan->section_count = to->section - from->section;
	plan->items = FROM(found->items, from->item);
	plan->tolerances = FROM(found->tolerances, from->tolerance);
	plan->tolerance_count = to->tolerance - from->tolerance;
	choose_items(plan, FROM(found->places, from->item), to->item - from->item);
	for (size_t i = 0; i < plan->item_count; i++)
		head_read(arena, &plan->items[i]);
	for (size_t i = 0; i < plan->tolerance_count; i++)
		tolerance_read(arena, &plan->tolerances[i]);
	count_items(plan);
	read_regions(plan, found, from->region, to->region - from->region);
}

static void make_only_plan(struct arena *arena, const struct collection *found, struct plan *plan)
{
	struct slice from = { 0 };
	struct slice to = { found->region_count, found->section_count, found->item_count,
			    found->tolerance_count };

	plan->part = 1;
	plan->line = 1;
	plan->end_line = found->lines ? found->lines : 1;
	make_plan(arena, found, plan, &from, &to);
}

/* One plan for each H1 with a Progress of its own. What stands under other H1s belongs to none. */
static void make_plans(struct arena *arena, const struct collection *found, struct plan_file *file)
{
	struct slice from = { 0 };
	uint32_t part = 0;

	for (size_t i = 0; i < found->region_count; i++) {
		const struct region *region = &found->regions[i];
		uint32_t next = i + 1 < found->region_count ? region[1].line : found->lines + 1;
		struct slice to = slice_before(found, from, next);
		if (region->has_h1 && region->has_progress) {
			struct plan *plan = &file->plans[part++];
			plan->part = part;
			plan->line = region->line;
			plan->end_line = next - 1;
			make_plan(arena, found, plan, &from, &to);
		}
		from = to;
	}
}

static int parse(const char *bytes, size_t length, bool all_boxes, struct plan_file **ret)
{
	struct collection found;
	struct plan_memory *memory;

	if (length > PLAN_SIZE_MAX)
		return -EFBIG;
	memory = calloc(1, sizeof(*memory));
	if (!memory)
		return -ENOMEM;

	struct plan_file *file = &memory->file;
	struct arena *arena = &memory->arena;
	file->memory = memory;
	arena_init(arena);
	if (collect(arena, bytes, length, &found) == 0) {
		for (size_t i = 0; all_boxes && i < found.item_count; i++)
			if (found.places[i] == PLACE_PROOF)
				found.places[i] = PLACE_BODY;
		size_t count = count_plan_regions(&found);
		file->plan_count = count > 1 ? count : 1;
		file->plans = arena_alloc(arena, file->plan_count * sizeof(*file->plans));
		if (file->plans && count > 1)
			make_plans(arena, &found, file);
		else if (file->plans)
			make_only_plan(arena, &found, file->plans);
	}
	if (arena->failed || !file->plans) {
		plan_free(file);
		return -ENOMEM;
	}
	*ret = file;
	return 0;
}

int plan_parse(const char *bytes, size_t length, struct plan_file **ret)
{
	return parse(bytes, length, false, ret);
}

int plan_parse_boxes(const char *bytes, size_t length, struct plan_file **ret)
{
	return parse(bytes, length, true, ret);
}

void plan_free(struct plan_file *file)
{
	struct plan_memory *memory = file ? file->memory : NULL;

	if (!memory)
		return;
	arena_done(&memory->arena);
	free(memory);
}

#define NAME(table, value) ((size_t)(value) < ARRAY_SIZE(table) ? (table)[value] : NULL)

const char *item_state_name(enum item_state state)
{
	static const char *const names[] = {
		[ITEM_OPEN] = "open",
		[ITEM_DONE] = "done",
		[ITEM_OTHER] = "other",
	};

	return NAME(names, state);
}

const char *stamp_precision_name(enum stamp_precision precision)
{
	static const char *const names[] = {
		[STAMP_DAY] = "day",
		[STAMP_MINUTE] = "minute",
		[STAMP_SECOND] = "second",
	};

	return NAME(names, precision);
}

const char *section_kind_name(enum section_kind kind)
{
	static const char *const names[] = {
		[SECTION_PURPOSE] = "purpose",
		[SECTION_CONSTRAINTS] = "constraints",
		[SECTION_TOLERANCES] = "tolerances",
		[SECTION_RISKS] = "risks",
		[SECTION_PROGRESS] = "progress",
		[SECTION_SURPRISES] = "surprises",
		[SECTION_DECISION_LOG] = "decision_log",
		[SECTION_OUTCOMES] = "outcomes",
		[SECTION_CONTEXT] = "context",
		[SECTION_PLAN_OF_WORK] = "plan_of_work",
		[SECTION_CONCRETE_STEPS] = "concrete_steps",
		[SECTION_VALIDATION] = "validation",
		[SECTION_RECOVERY] = "recovery",
		[SECTION_ARTIFACTS] = "artifacts",
		[SECTION_INTERFACES] = "interfaces",
		[SECTION_STATUS] = "status",
		[SECTION_REVISION_NOTE] = "revision_note",
	};

	return NAME(names, kind);
}

const char *plan_status_name(enum plan_status status)
{
	static const char *const names[] = {
		[STATUS_UNKNOWN] = "unknown",	[STATUS_DRAFT] = "draft",
		[STATUS_APPROVED] = "approved", [STATUS_IN_PROGRESS] = "in_progress",
		[STATUS_BLOCKED] = "blocked",	[STATUS_IN_REVIEW] = "in_review",
		[STATUS_COMPLETE] = "complete", [STATUS_SUPERSEDED] = "superseded",
	};

	return NAME(names, status);
}

const char *tolerance_kind_name(enum tolerance_kind kind)
{
	static const char *const names[] = {
		[TOLERANCE_TIME] = "time",
		[TOLERANCE_SCOPE] = "scope",
		[TOLERANCE_INTERFACE] = "interface",
		[TOLERANCE_DEPENDENCIES] = "dependencies",
		[TOLERANCE_ITERATIONS] = "iterations",
		[TOLERANCE_AMBIGUITY] = "ambiguity",
		[TOLERANCE_OTHER] = "other",
	};

	return NAME(names, kind);
}

const char *tolerance_applies_name(enum tolerance_applies applies)
{
	static const char *const names[] = {
		[APPLIES_OTHER] = "other", [APPLIES_MILESTONE] = "milestone",
		[APPLIES_PLAN] = "plan",   [APPLIES_ACTIVITY] = "activity",
		[APPLIES_NONE] = "none",
	};

	return NAME(names, applies);
}

const char *tolerance_basis_name(enum tolerance_basis basis)
{
	static const char *const names[] = {
		[BASIS_WALL] = "wall",
		[BASIS_EFFORT] = "effort",
	};

	return NAME(names, basis);
}

const char *progress_source_name(enum progress_source source)
{
	static const char *const names[] = {
		[PROGRESS_NONE] = "none",
		[PROGRESS_SECTION] = "progress",
		[PROGRESS_BODY] = "body",
	};

	return NAME(names, source);
}
