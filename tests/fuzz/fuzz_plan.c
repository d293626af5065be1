/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader on any bytes: what it tells lies inside the file, in order, nested, counted and valid UTF-8. Then the marks of all
 * items are flipped in the bytes, and the file is read again: whoever ticks boxes must change their states and nothing else.
 */
#include "fuzz.h"

#include "planwatch/plan.h"
#include "planwatch/text.h"

#include <string.h>

static void check_text(const char *text)
{
	CHECK(text);
	size_t length = strlen(text);

	for (size_t i = 0; i < length;) {
		uint32_t code;
		bool valid;
		i += text_decode(text + i, length - i, &code, &valid);
		CHECK(valid);
	}
}

static void check_stamp(const struct item *item)
{
	/* Years have four digits, and a zone is less than a day away. */
	usec_t first = instant_from_civil(0, 1, 1, 0, 0, 0, 0) - USEC_PER_DAY;
	usec_t last = instant_from_civil(9999, 12, 31, 23, 59, 60, 0) + USEC_PER_DAY;
	const struct stamp *stamp = &item->stamp;

	if (!stamp->raw) {
		CHECK(stamp->at == INSTANT_NONE && !stamp->leading);
		return;
	}
	check_text(stamp->raw);
	const char *place = strstr(item->text, stamp->raw);
	CHECK(place && *stamp->raw);
	CHECK(!stamp->leading || place < item->gist);
	CHECK(stamp->at == INSTANT_NONE || (stamp->at > first && stamp->at < last));
	if (stamp->at != INSTANT_NONE && stamp->precision == STAMP_DAY)
		CHECK(stamp->at % USEC_PER_DAY == 0);
}

static void check_item(const struct item *item)
{
	check_text(item->text);
	check_text(item->mark);
	CHECK(item->gist >= item->text && item->gist <= item->text + strlen(item->text));
	CHECK((item->state == ITEM_OPEN) == (strcmp(item->mark, " ") == 0));
	CHECK((item->state == ITEM_DONE) ==
	      (strcmp(item->mark, "x") == 0 || strcmp(item->mark, "X") == 0));
	CHECK(!item->label.kind == !item->label.id);
	if (item->label.kind) {
		check_text(item->label.kind);
		check_text(item->label.id);
		CHECK(*item->label.kind && *item->label.id);
		CHECK(strcasestr(item->text, item->label.kind) &&
		      strstr(item->text, item->label.id));
		CHECK(item->gist > item->text);
	}
	check_stamp(item);
}

static void check_items(const struct plan *plan)
{
	struct plan_counts counts = { 0 };
	uint32_t last = plan->line - 1, depth = 0;

	for (size_t i = 0; i < plan->item_count; i++) {
		const struct item *item = &plan->items[i];

		CHECK(item->line > last && item->end_line >= item->line &&
		      item->end_line <= plan->end_line);
		/* One deeper than the item before, at most. */
		CHECK(item->depth <= depth);
		last = item->end_line;
		depth = item->depth + 1;
		check_item(item);
		counts.done += item->state == ITEM_DONE;
		counts.open += item->state == ITEM_OPEN;
		counts.other += item->state == ITEM_OTHER;
		counts.total += !item_is_dropped(item);
	}
	CHECK(memcmp(&counts, &plan->counts, sizeof(counts)) == 0);
	CHECK((plan->item_count == 0) == (plan->source == PROGRESS_NONE));
}

/* Backwards: a section ends before the next heading of its level or a higher one, the last ones with their plan. */
static void check_sections(const struct plan *plan)
{
	uint32_t next[7];

	for (unsigned level = 0; level < 7; level++)
		next[level] = plan->end_line + 1;
	for (size_t i = plan->section_count; i-- > 0;) {
		const struct section *section = &plan->sections[i];
		uint32_t end = next[1];

		CHECK(section->level >= 1 && section->level <= 6);
		for (unsigned level = 2; level <= section->level; level++)
			end = next[level] < end ? next[level] : end;
		CHECK(section->line >= plan->line && section->line <= section->end_line);
		CHECK(section->end_line + 1 == end);
		CHECK(i + 1 == plan->section_count || section->line < section[1].line);
		next[section->level] = section->line;
		check_text(section->title);
	}
}

static void check_tolerances(const struct plan *plan)
{
	uint32_t last = plan->line - 1;

	for (size_t i = 0; i < plan->tolerance_count; i++) {
		const struct tolerance *tolerance = &plan->tolerances[i];

		CHECK(tolerance->line > last && tolerance->line <= plan->end_line);
		last = tolerance->line;
		check_text(tolerance->text);
		check_text(tolerance->label);
		CHECK(tolerance->seconds >= -1 && tolerance->files >= -1 &&
		      tolerance->lines >= -1 && tolerance->attempts >= -1);
		bool timed = tolerance->seconds >= 0;
		bool limits =
		    tolerance->applies_to != APPLIES_OTHER && tolerance->applies_to != APPLIES_NONE;
		CHECK(timed == limits);
	}
}

static void check_plan(const struct plan *plan)
{
	CHECK(plan->line <= plan->end_line);
	check_text(plan->title);
	CHECK((plan->status.raw != NULL) == (plan->status.line != 0));
	if (plan->status.raw) {
		check_text(plan->status.raw);
		CHECK(plan->status.line >= plan->line && plan->status.line <= plan->end_line);
	} else {
		CHECK(plan->status.state == STATUS_UNKNOWN);
	}
	check_items(plan);
	check_sections(plan);
	check_tolerances(plan);
}

static void check_file(const struct plan_file *file, uint32_t lines)
{
	uint32_t last = 0;

	CHECK(file->plan_count >= 1);
	for (size_t i = 0; i < file->plan_count; i++) {
		const struct plan *plan = &file->plans[i];

		CHECK(plan->part == i + 1);
		CHECK(plan->line > last && plan->end_line <= lines);
		last = plan->end_line;
		check_plan(plan);
	}
}

/* The mark of the item's box in the bytes: the first bracket on its line, because no container's marker has one. */
static char *find_mark(char *line, const char *end, const struct item *item)
{
	uint32_t code;
	bool valid;
	char *open = memchr(line, '[', (size_t)(end - line));

	CHECK(open && end - open >= 3);
	char *mark = open + 1;
	size_t length = text_decode(mark, (size_t)(end - mark), &code, &valid);
	CHECK(mark + length < end && mark[length] == ']');
	if (valid && code && strcmp(item->mark, " ") != 0)
		CHECK(strlen(item->mark) == length && memcmp(item->mark, mark, length) == 0);
	else if (strcmp(item->mark, " ") == 0)
		CHECK(*mark == ' ' || (*mark >= '\t' && *mark <= '\r'));
	return mark;
}

static void flip_items(char *bytes, const char *end, const struct plan_file *file)
{
	uint32_t number = 1;
	char *at = bytes;

	for (size_t i = 0; i < file->plan_count; i++) {
		for (size_t n = 0; n < file->plans[i].item_count; n++) {
			const struct item *item = &file->plans[i].items[n];
			for (; number < item->line; number++) {
				at = memchr(at, '\n', (size_t)(end - at));
				CHECK(at);
				at++;
			}
			char *mark = find_mark(at, end, item);
			if (item->state != ITEM_OTHER)
				*mark = item->state == ITEM_OPEN ? 'x' : ' ';
		}
	}
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* A tolerance's text is its whole entry, with the boxes in it. */
static bool is_same_but_marks(const char *a, const char *b)
{
	size_t i = 0;

	if (!a || !b)
		return a == b;
	for (; a[i] && b[i]; i++)
		if (a[i] != b[i] && !(i > 0 && a[i - 1] == '[' && a[i + 1] == ']' &&
				      strchr(" xX", a[i]) && strchr(" xX", b[i])))
			return false;
	return a[i] == b[i];
}

static void check_flipped_item(const struct item *a, const struct item *b)
{
	CHECK(a->line == b->line && a->end_line == b->end_line && a->depth == b->depth);
	CHECK(is_same(a->text, b->text) && a->gist - a->text == b->gist - b->text);
	CHECK(is_same(a->label.kind, b->label.kind) && is_same(a->label.id, b->label.id));
	CHECK(is_same(a->stamp.raw, b->stamp.raw) && a->stamp.at == b->stamp.at &&
	      a->stamp.precision == b->stamp.precision && a->stamp.leading == b->stamp.leading);
	if (a->state == ITEM_OTHER)
		CHECK(b->state == ITEM_OTHER && is_same(a->mark, b->mark));
	else
		CHECK(b->state == (a->state == ITEM_OPEN ? ITEM_DONE : ITEM_OPEN));
}

static void check_flipped_tolerance(const struct tolerance *a, const struct tolerance *b)
{
	CHECK(a->line == b->line && is_same_but_marks(a->text, b->text));
	/* A box nested in the entry is words of it: "[x]" is one more than "[ ]", and may end a label or a limit. */
	if (!is_same(a->text, b->text))
		return;
	CHECK(is_same(a->label, b->label) && a->kind == b->kind && a->applies_to == b->applies_to &&
	      a->basis == b->basis && a->seconds == b->seconds && a->files == b->files &&
	      a->lines == b->lines && a->attempts == b->attempts);
}

static void check_flipped(const struct plan *a, const struct plan *b)
{
	CHECK(a->part == b->part && a->line == b->line && a->end_line == b->end_line &&
	      a->is_plan == b->is_plan && a->source == b->source);
	CHECK(is_same(a->title, b->title));
	CHECK(a->counts.done == b->counts.open && a->counts.open == b->counts.done &&
	      a->counts.other == b->counts.other && a->counts.total == b->counts.total &&
	      a->other_boxes == b->other_boxes);
	CHECK(a->status.line == b->status.line && is_same(a->status.raw, b->status.raw));
	CHECK(a->status.state == b->status.state);
	CHECK(a->section_count == b->section_count && a->item_count == b->item_count &&
	      a->tolerance_count == b->tolerance_count);
	for (size_t i = 0; i < a->section_count; i++)
		CHECK(a->sections[i].kind == b->sections[i].kind &&
		      a->sections[i].level == b->sections[i].level &&
		      a->sections[i].line == b->sections[i].line &&
		      a->sections[i].end_line == b->sections[i].end_line &&
		      a->sections[i].entries == b->sections[i].entries &&
		      is_same(a->sections[i].title, b->sections[i].title));
	for (size_t i = 0; i < a->item_count; i++)
		check_flipped_item(&a->items[i], &b->items[i]);
	for (size_t i = 0; i < a->tolerance_count; i++)
		check_flipped_tolerance(&a->tolerances[i], &b->tolerances[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_plan struct plan_file *file = NULL, *flipped = NULL;
	/* A copy of its exact size, so that a byte read behind it is seen. */
	char *bytes = malloc(size ? size : 1);
	uint32_t lines = 1;

	CHECK(bytes);
	if (size)
		memcpy(bytes, data, size);
	for (size_t i = 0; i + 1 < size; i++)
		lines += data[i] == '\n';
	CHECK(plan_parse(bytes, size, &file) == 0);
	check_file(file, lines);
	flip_items(bytes, bytes + size, file);
	CHECK(plan_parse(bytes, size, &flipped) == 0);
	CHECK(file->plan_count == flipped->plan_count);
	for (size_t i = 0; i < file->plan_count; i++)
		check_flipped(&file->plans[i], &flipped->plans[i]);
	free(bytes);
	return 0;
}
