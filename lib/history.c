/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/history.h"

#include "planwatch/cleanup.h"

#include <string.h>

static void free_item(struct history_item *item)
{
	free(item->mark);
	free(item->text);
}

void history_done(struct history *history)
{
	for (size_t i = 0; i < history->count + history->moving; i++)
		free_item(&history->items[i]);
	free(history->items);
	*history = (struct history){ 0 };
}

static struct history_item *find_item(struct history *history, int64_t id)
{
	for (size_t i = 0; i < history->count + history->moving; i++)
		if (history->items[i].id == id)
			return &history->items[i];
	return NULL;
}

static int set_text(char **slot, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (!text)
		return 0;
	free(*slot);
	*slot = copy;
	return copy ? 0 : -ENOMEM;
}

static bool is_done(const char *mark)
{
	return mark && (strcmp(mark, "x") == 0 || strcmp(mark, "X") == 0);
}

/* A place behind all others. NULL when memory is out. */
static struct history_item *append(struct history *history, const char *mark, const char *text)
{
	struct history_item *grown = history->items;

	if (history->count + history->moving == history->size) {
		size_t size = history->size ? history->size * 2 : 32;
		grown = reallocarray(grown, size, sizeof(*grown));
		if (!grown)
			return NULL;
		history->items = grown;
		history->size = size;
	}
	grown += history->count + history->moving;
	*grown = (struct history_item){ 0 };
	if (set_text(&grown->mark, mark) < 0 || set_text(&grown->text, text) < 0) {
		free_item(grown);
		return NULL;
	}
	return grown;
}

static int add_item(struct history *history, const struct history_row *row)
{
	struct history_item *item = append(history, row->event.after, row->event.text);
	bool ticked = is_done(row->event.after) && row->observation.id != history->found;

	if (!item)
		return -ENOMEM;
	history->moving++;
	item->id = row->event.item;
	item->first_seen_at = row->observation.at;
	item->done_at = ticked ? row->observation.at : INSTANT_NONE;
	item->to = row->event.position;
	return 0;
}

/* The items are those of the keyframe, whatever stood before. */
static int apply_keyframe(struct history *history, const struct keyframe_line *line)
{
	if (!line->item) {
		history_done(history);
		history->present = line->present;
		return 0;
	}
	struct history_item *item = append(history, line->mark, line->text);
	if (!item)
		return -ENOMEM;
	history->count++;
	item->id = line->item;
	item->first_seen_at = line->first_seen_at;
	item->done_at = line->done_at;
	return 0;
}

/* Out of its place: removed, or to be put in again. */
static void take_out(struct history *history, struct history_item *item, bool keep, int64_t to)
{
	struct history_item taken = *item;
	size_t index = (size_t)(item - history->items), all = history->count + history->moving;

	memmove(item, item + 1, (all - index - 1) * sizeof(*item));
	history->count--;
	if (!keep) {
		free_item(&taken);
		return;
	}
	taken.to = to;
	history->items[all - 1] = taken;
	history->moving++;
}

static int change_item(struct history *history, struct history_item *item,
		       const struct history_row *row)
{
	const struct event *event = &row->event;
	bool was_done = is_done(item->mark);

	if (event->kind == EVENT_ITEM_REMOVED) {
		take_out(history, item, false, 0);
		return 0;
	}
	if (set_text(&item->mark, event->after) < 0 || set_text(&item->text, event->text) < 0)
		return -ENOMEM;
	if (is_done(item->mark) != was_done)
		item->done_at = was_done ? INSTANT_NONE : row->observation.at;
	if (event->kind == EVENT_ITEM_MOVED)
		take_out(history, item, true, event->position);
	return 0;
}

static void note_plan(struct history *history, const struct history_row *row)
{
	switch ((int)row->event.kind) {
	case EVENT_PLAN_FOUND:
		history_done(history);
		history->found = row->observation.id;
		history->present = true;
		break;
	case EVENT_PLAN_RETURNED:
		history->present = true;
		break;
	case EVENT_PLAN_GONE:
		history->present = false;
		break;
	default:
		break;
	}
}

int history_apply(struct history *history, const struct history_row *row)
{
	const struct event *event = &row->event;

	if (row->is_keyframe) {
		int r = apply_keyframe(history, &row->keyframe);
		history->observation = row->observation.id;
		return r;
	}
	struct history_item *item = event->item ? find_item(history, event->item) : NULL;
	bool adds = event->kind == EVENT_ITEM_ADDED || event->kind == EVENT_ITEM_SPLIT;

	if (!event->item)
		note_plan(history, row);
	history->observation = row->observation.id;
	if (!event->item)
		return HISTORY_APPLIED;
	if (adds)
		return item ? HISTORY_ADDS_PRESENT : add_item(history, row);
	return item ? change_item(history, item, row) : HISTORY_NO_ITEM;
}

static int by_place(const void *a, const void *b)
{
	const struct history_item *left = a, *right = b;

	return (left->to > right->to) - (left->to < right->to);
}

bool history_settle(struct history *history)
{
	struct history_item *items = history->items;
	bool good = true;

	if (history->moving > 1)
		qsort(items + history->count, history->moving, sizeof(*items), by_place);
	for (; history->moving > 0; history->moving--, history->count++) {
		struct history_item item = items[history->count];
		size_t to = (size_t)item.to;

		if (item.to < 0 || to > history->count) {
			good = false;
			continue;
		}
		memmove(&items[to + 1], &items[to], (history->count - to) * sizeof(item));
		items[to] = item;
	}
	return good;
}

/* ---- Loading ---- */

struct loading {
	struct history *history;
	int64_t until;
};

enum { LOADED = 1 };

static int load_row(void *userdata, const struct history_row *row)
{
	struct loading *loading = userdata;
	struct history *history = loading->history;

	if (row->observation.id > loading->until)
		return LOADED;
	if (row->observation.id != history->observation)
		(void)history_settle(history);
	int r = history_apply(history, row);
	return r < 0 ? r : 0;
}

int history_load(struct store *store, int64_t plan, int64_t observation, struct history *ret,
		 struct error *error)
{
	struct loading loading = { ret, observation };
	int r;

	*ret = (struct history){ 0 };
	r = store_history(store, plan, load_row, &loading, error);
	if (r < 0)
		return r == -ENOMEM ? error_set(error, r, "out of memory") : r;
	(void)history_settle(ret);
	return 0;
}
