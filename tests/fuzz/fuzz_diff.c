/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two versions of a plan, of any bytes: what the comparison says, applied to the items of the one, gives those of the other, either way
 * round (law 1); its flags say all that differs and nothing else; a version compared with itself has no change (law 3). A byte 0xFF
 * stands between the versions; without one the second is the first half of the first, as a torn save leaves it.
 */
#include "fuzz.h"

#include "planwatch/diff.h"

#include <stdbool.h>
#include <string.h>

static void insert(uint32_t *list, size_t count, size_t at, uint32_t value)
{
	CHECK(at <= count);
	memmove(&list[at + 1], &list[at], (count - at) * sizeof(*list));
	list[at] = value;
}

/* Takes out what is removed and moved, then puts in what is added and moved by rising position: all new indices, in order. */
static void apply(const struct diff *diff, size_t old_count, size_t new_count)
{
	cleanup_free uint32_t *new_of = malloc((old_count + 1) * sizeof(*new_of));
	cleanup_free uint32_t *list = malloc((old_count + new_count + 1) * sizeof(*list));
	size_t count = 0;

	CHECK(new_of && list);
	memset(new_of, 0xFF, (old_count + 1) * sizeof(*new_of));
	for (size_t i = 0; i < diff->count; i++) {
		const struct change *change = &diff->changes[i];
		if (change->old_index != DIFF_NONE && change->new_index != DIFF_NONE &&
		    !(change->flags & CHANGE_MOVED))
			new_of[change->old_index] = change->new_index;
	}
	for (size_t i = 0; i < old_count; i++)
		if (new_of[i] != DIFF_NONE)
			list[count++] = new_of[i];
	for (size_t i = 0; i < diff->count; i++) {
		const struct change *change = &diff->changes[i];
		if (change->flags & (CHANGE_ADDED | CHANGE_MOVED))
			insert(list, count++, change->new_index, change->new_index);
	}
	CHECK(count == new_count);
	for (size_t i = 0; i < count; i++)
		CHECK(list[i] == i);
}

static bool is_done(const struct item *item)
{
	return item->state == ITEM_DONE;
}

static void check_stayed(const struct change *change, const struct item *was, const struct item *is)
{
	bool marked = strcmp(was->mark, is->mark) != 0;
	unsigned flags = change->flags;

	CHECK(!(flags & (CHANGE_ADDED | CHANGE_REMOVED | CHANGE_SPLIT)) &&
	      change->parent == DIFF_NONE);
	CHECK(!(flags & CHANGE_DONE) == !(is_done(is) && !is_done(was)));
	CHECK(!(flags & CHANGE_UNDONE) || (is_done(was) && !is_done(is)));
	/* A mark that changes is told in one way; "x" and "X" are the same. */
	CHECK(!marked || (is_done(was) && is_done(is)) ||
	      flags & (CHANGE_DONE | CHANGE_UNDONE | CHANGE_MARKED));
	CHECK(!(flags & CHANGE_MARKED) || marked);
	CHECK(!(flags & CHANGE_REWORDED) || strcmp(was->text, is->text) != 0);
	CHECK(flags & CHANGE_REWORDED || strcmp(was->gist, is->gist) == 0);
}

static void check_change(const struct change *change, const struct plan *was, const struct plan *is)
{
	bool added = change->old_index == DIFF_NONE, removed = change->new_index == DIFF_NONE;

	CHECK(!(added && removed));
	CHECK(added || change->old_index < was->item_count);
	CHECK(removed || change->new_index < is->item_count);
	CHECK(added == ((change->flags & CHANGE_ADDED) != 0));
	CHECK(removed == ((change->flags & CHANGE_REMOVED) != 0));
	CHECK(!(change->flags & CHANGE_SPLIT) == (change->parent == DIFF_NONE));
	if (change->flags & CHANGE_SPLIT)
		CHECK(added && change->parent < is->item_count &&
		      change->parent != change->new_index);
	if (!added && !removed)
		check_stayed(change, &was->items[change->old_index], &is->items[change->new_index]);
}

static void compare(const struct plan *was, const struct plan *is)
{
	cleanup_diff struct diff diff = { 0 };
	cleanup_free uint8_t *seen = calloc(was->item_count + is->item_count + 1, 1);

	CHECK(seen &&
	      diff_items(was->items, was->item_count, is->items, is->item_count, &diff) == 0);
	for (size_t i = 0; i < diff.count; i++) {
		const struct change *change = &diff.changes[i];
		check_change(change, was, is);
		if (change->old_index != DIFF_NONE)
			CHECK(!seen[change->old_index]++);
		if (change->new_index != DIFF_NONE)
			CHECK(!seen[was->item_count + change->new_index]++);
		CHECK(was != is || change->flags == 0);
	}
	CHECK(!memchr(seen, 0, was->item_count + is->item_count));
	apply(&diff, was->item_count, is->item_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *gap = size ? memchr(data, 0xFF, size) : NULL;
	const char *first = (const char *)data, *second = gap ? (const char *)gap + 1 : first;
	size_t first_length = gap ? (size_t)(gap - data) : size;
	size_t second_length = gap ? size - first_length - 1 : size / 2;
	cleanup_plan struct plan_file *was = NULL, *is = NULL;

	CHECK(plan_parse(first, first_length, &was) == 0);
	CHECK(plan_parse(second, second_length, &is) == 0);
	compare(was->plans, is->plans);
	compare(is->plans, was->plans);
	compare(was->plans, was->plans);
	return 0;
}
