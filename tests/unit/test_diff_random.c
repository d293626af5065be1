/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random lists, randomly edited: what the comparison says, applied to the old list, gives the new one; and edits of one kind are told
 * as so many changes of that kind. PAIRS and SEED in the environment; a failure tells its seed.
 */
#include "unit.h"

#include "planwatch/cleanup.h"
#include "planwatch/diff.h"

#include <stdio.h>
#include <string.h>

enum { ITEMS_MAX = 24, TEXT_MAX = 120 };

struct list {
	struct item items[ITEMS_MAX];
	char texts[ITEMS_MAX][TEXT_MAX];
	int origin
	    [ITEMS_MAX]; /* the index in the list that it was copied from; -1 for an added one */
	size_t count;
};

/* xorshift64* (Vigna, 2016) */
static uint64_t state, seed;

#define CHECK(condition)                                                               \
	do {                                                                           \
		if (!(condition))                                                      \
			fail_msg("SEED=%ju PAIRS=1: %s", (uintmax_t)seed, #condition); \
	} while (0)

static unsigned below(unsigned limit)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned)((state * 2685821657736338717u) >> 33) % limit;
}

static const char *const words[] = { "write",  "test",	 "parser", "lexer", "docs",   "ship",
				     "review", "bench",	 "fix",	   "wire",  "schema", "cache",
				     "socket", "timer",	 "unit",   "plan",  "read",   "merge",
				     "token",  "output", "config", "queue", "index",  "log" };

static void set_text(struct list *list, size_t i, unsigned length)
{
	char *text = list->texts[i];

	for (unsigned k = 0; k < length; k++)
		text += snprintf(text, 12, "%s%s", k ? " " : "", words[below(ARRAY_SIZE(words))]);
	if (below(3) == 0)
		(void)snprintf(text, 12, " %u", below(1000));
	list->items[i].text = list->items[i].gist = list->texts[i];
}

static void set_mark(struct item *item, bool done)
{
	item->state = done ? ITEM_DONE : ITEM_OPEN;
	item->mark = done ? "x" : " ";
}

static void insert(struct list *list, size_t at)
{
	memmove(&list->items[at + 1], &list->items[at], (list->count - at) * sizeof(*list->items));
	memmove(&list->texts[at + 1], &list->texts[at], (list->count - at) * sizeof(*list->texts));
	memmove(&list->origin[at + 1], &list->origin[at],
		(list->count - at) * sizeof(*list->origin));
	list->count++;
	list->items[at] = (struct item){ 0 };
	list->origin[at] = -1;
	set_text(list, at, 2 + below(5));
	set_mark(&list->items[at], below(2));
}

static void take_out(struct list *list, size_t at)
{
	list->count--;
	memmove(&list->items[at], &list->items[at + 1], (list->count - at) * sizeof(*list->items));
	memmove(&list->texts[at], &list->texts[at + 1], (list->count - at) * sizeof(*list->texts));
	memmove(&list->origin[at], &list->origin[at + 1],
		(list->count - at) * sizeof(*list->origin));
}

/* The texts have moved with their rows. */
static void repair(struct list *list)
{
	unsigned depth = 0;

	for (size_t i = 0; i < list->count; i++) {
		list->items[i].text = list->items[i].gist = list->texts[i];
		depth =
		    list->items[i].depth > depth + (i > 0) ? depth + (i > 0) : list->items[i].depth;
		list->items[i].depth = depth;
	}
}

static void make(struct list *list, size_t count)
{
	list->count = 0;
	while (list->count < count) {
		insert(list, list->count);
		list->items[list->count - 1].depth = below(4) == 0;
	}
	repair(list);
}

static void copy(const struct list *from, struct list *to)
{
	*to = *from;
	for (size_t i = 0; i < to->count; i++)
		to->origin[i] = (int)i;
	repair(to);
}

static void move(struct list *list, size_t from, size_t to)
{
	static struct list moved;

	moved.items[0] = list->items[from];
	memcpy(moved.texts[0], list->texts[from], TEXT_MAX);
	int origin = list->origin[from];
	take_out(list, from);
	insert(list, to);
	list->items[to] = moved.items[0];
	memcpy(list->texts[to], moved.texts[0], TEXT_MAX);
	list->origin[to] = origin;
	repair(list);
}

static void edit(struct list *list)
{
	size_t at = list->count ? below((unsigned)list->count) : 0;

	switch (below(8)) {
	case 0:
		if (list->count < ITEMS_MAX)
			insert(list, below((unsigned)list->count + 1));
		break;
	case 1:
		if (list->count > 0)
			take_out(list, at);
		break;
	case 2:
		if (list->count > 1)
			move(list, at, below((unsigned)list->count));
		break;
	case 3:
		if (list->count > 0)
			set_text(list, at, 1 + below(8));
		break;
	case 4: /* the same text twice */
		if (list->count > 1)
			memcpy(list->texts[at], list->texts[below((unsigned)list->count)],
			       TEXT_MAX);
		break;
	default:
		if (list->count > 0)
			set_mark(&list->items[at], list->items[at].state != ITEM_DONE);
		break;
	}
	repair(list);
}

/* ---- Law 1, on the changes themselves ---- */

/* Takes out what is removed and moved, then puts in what is added and moved by rising position: new indices, in order. */
static size_t apply(const struct diff *diff, size_t old_count, uint32_t *out)
{
	uint32_t new_of[ITEMS_MAX];
	size_t count = 0;

	memset(new_of, 0xFF, sizeof(new_of));
	for (size_t i = 0; i < diff->count; i++) {
		const struct change *change = &diff->changes[i];
		if (change->old_index != DIFF_NONE && change->new_index != DIFF_NONE &&
		    !(change->flags & CHANGE_MOVED))
			new_of[change->old_index] = change->new_index;
	}
	for (size_t o = 0; o < old_count; o++)
		if (new_of[o] != DIFF_NONE)
			out[count++] = new_of[o];
	for (size_t i = 0; i < diff->count; i++) {
		const struct change *change = &diff->changes[i];
		if (!(change->flags & (CHANGE_ADDED | CHANGE_MOVED)))
			continue;
		size_t to = change->new_index;
		if (to > count)
			return SIZE_MAX;
		memmove(&out[to + 1], &out[to], (count - to) * sizeof(*out));
		out[to] = change->new_index;
		count++;
	}
	return count;
}

static void check_change(const struct change *change, const struct list *a, const struct list *b)
{
	if (change->new_index == DIFF_NONE || change->old_index == DIFF_NONE)
		return;
	const struct item *o = &a->items[change->old_index], *n = &b->items[change->new_index];
	bool was_done = o->state == ITEM_DONE, is_done = n->state == ITEM_DONE;

	/* The flags say all that differs, and nothing that does not. */
	CHECK(!(change->flags & CHANGE_DONE) == !(is_done && !was_done));
	CHECK(!(change->flags & CHANGE_UNDONE) == !(was_done && !is_done));
	CHECK(!(change->flags & CHANGE_REWORDED) == (strcmp(o->text, n->text) == 0));
}

static void check(const struct list *a, const struct list *b)
{
	cleanup_diff struct diff diff = { 0 };
	uint32_t applied[2 * ITEMS_MAX];
	size_t seen_old = 0, seen_new = 0;

	CHECK(diff_items(a->items, a->count, b->items, b->count, &diff) == 0);
	for (size_t i = 0; i < diff.count; i++) {
		const struct change *change = &diff.changes[i];
		seen_old += change->old_index != DIFF_NONE;
		seen_new += change->new_index != DIFF_NONE;
		check_change(change, a, b);
	}
	CHECK(seen_old == a->count);
	CHECK(seen_new == b->count);
	CHECK(apply(&diff, a->count, applied) == b->count);
	for (size_t i = 0; i < b->count; i++)
		CHECK(applied[i] == i);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 10) : otherwise;
}

static void test_law(void **unused)
{
	uint64_t pairs = from_environment("PAIRS", 20000), first = from_environment("SEED", 1);
	static struct list a, b;

	(void)unused;
	for (seed = first; seed < first + pairs; seed++) {
		state = seed * 0x9E3779B97F4A7C15u | 1;
		make(&a, below(14));
		copy(&a, &b);
		for (unsigned edits = below(6); edits > 0; edits--)
			edit(&b);
		if (below(50) == 0)
			make(&b, below(14));
		check(&a, &b);
	}
	print_message("%ju pairs\n", (uintmax_t)pairs);
}

/* ---- Edits of one kind ---- */

static size_t count_flags(const struct diff *diff, unsigned flags)
{
	size_t count = 0;

	for (size_t i = 0; i < diff->count; i++)
		count += (diff->changes[i].flags & flags) != 0;
	return count;
}

/* A list in which no text stands twice, and none begins like another. */
static void make_distinct(struct list *list, size_t count)
{
	make(list, count);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(list->texts[i], TEXT_MAX, "%s %s item-%zu", words[i],
			       words[ARRAY_SIZE(words) - 1 - i], i);
		list->items[i].depth = 0;
	}
	repair(list);
}

static void assert_only(const struct list *a, const struct list *b, unsigned flag, size_t expected)
{
	cleanup_diff struct diff diff = { 0 };

	CHECK(diff_items(a->items, a->count, b->items, b->count, &diff) == 0);
	CHECK(count_flags(&diff, flag) == expected);
	CHECK(count_flags(&diff, ~flag) == 0);
}

static void test_one_kind(void **unused)
{
	static struct list a, b;

	(void)unused;
	for (seed = 1; seed <= 2000; seed++) {
		size_t count, ticks = 0, at, to;

		state = seed * 0x9E3779B97F4A7C15u | 1;
		count = 3 + below(8);
		make_distinct(&a, count);
		for (size_t i = 0; i < count; i++)
			set_mark(&a.items[i], false);
		copy(&a, &b);
		assert_only(&a, &b, 0, 0);
		for (size_t i = 0; i < count; i++)
			if (below(2)) {
				set_mark(&b.items[i], true);
				ticks++;
			}
		assert_only(&a, &b, CHANGE_DONE, ticks);
		assert_only(&b, &a, CHANGE_UNDONE, ticks);
		copy(&a, &b);
		at = below((unsigned)count);
		take_out(&b, at);
		repair(&b);
		assert_only(&a, &b, CHANGE_REMOVED, 1);
		assert_only(&b, &a, CHANGE_ADDED, 1);
		copy(&a, &b);
		to = below((unsigned)count);
		move(&b, at, to);
		assert_only(&a, &b, CHANGE_MOVED, at != to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_law),
					    cmocka_unit_test(test_one_kind) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
