/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/verify.h"

#include "planwatch/cleanup.h"
#include "revision.h"

#include <stdarg.h>
#include <string.h>

struct folded {
	int64_t id;
	char *mark, *text;
	int64_t to; /* where it is to be put in; -1 while it stands */
};

/* The items of one plan while its events are folded; the last `moving` ones wait for their places. */
struct fold {
	struct folded *items;
	size_t count, moving, size;
	bool present;
};

struct verification {
	struct store *store;
	void (*found)(void *userdata, const char *finding);
	void *userdata;
	struct verify_counts *counts;
	struct error *error;
	/* The plan at hand. */
	const struct plan_row *row;
	struct fold fold;
	int64_t observation, content; /* the one whose events are being folded */
	bool has_event;
};

static void __attribute__((format(printf, 2, 3)))
report(struct verification *v, const char *format, ...)
{
	cleanup_free char *sentence = NULL, *finding = NULL;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vasprintf(&sentence, format, arguments);
	va_end(arguments);
	v->counts->findings++;
	if (n >= 0 &&
	    asprintf(&finding, "%s (plan %ld): %s", v->row->path, (long)v->row->id, sentence) >= 0)
		v->found(v->userdata, finding);
}

static void free_item(struct folded *item)
{
	free(item->mark);
	free(item->text);
}

static void fold_done(struct fold *fold)
{
	for (size_t i = 0; i < fold->count + fold->moving; i++)
		free_item(&fold->items[i]);
	free(fold->items);
	*fold = (struct fold){ 0 };
}

/* ---- Folding ---- */

static struct folded *find_item(struct fold *fold, int64_t id)
{
	for (size_t i = 0; i < fold->count + fold->moving; i++)
		if (fold->items[i].id == id)
			return &fold->items[i];
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

static int fold_in(struct fold *fold, const struct event *event)
{
	struct folded *grown = fold->items;

	if (fold->count + fold->moving == fold->size) {
		fold->size = fold->size ? fold->size * 2 : 32;
		grown = reallocarray(grown, fold->size, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		fold->items = grown;
	}
	grown += fold->count + fold->moving++;
	*grown = (struct folded){ .id = event->item, .to = event->position };
	return set_text(&grown->mark, event->after) < 0 ? -ENOMEM
							: set_text(&grown->text, event->text);
}

static void take_out(struct fold *fold, struct folded *item, bool keep, int64_t to)
{
	struct folded taken = *item;
	size_t index = (size_t)(item - fold->items), all = fold->count + fold->moving;

	memmove(item, item + 1, (all - index - 1) * sizeof(*item));
	fold->count--;
	if (!keep) {
		free_item(&taken);
		return;
	}
	taken.to = to;
	fold->items[all - 1] = taken;
	fold->moving++;
}

static int by_place(const void *a, const void *b)
{
	const struct folded *left = a, *right = b;

	return (left->to > right->to) - (left->to < right->to);
}

/* The end of an observation: what waits is put in by rising position. False where a place does not exist. */
static bool settle(struct fold *fold)
{
	bool good = true;

	if (fold->moving > 1)
		qsort(fold->items + fold->count, fold->moving, sizeof(*fold->items), by_place);
	for (; fold->moving > 0; fold->moving--, fold->count++) {
		struct folded item = fold->items[fold->count];
		size_t to = (size_t)item.to;

		if (item.to < 0 || to > fold->count) {
			good = false;
			continue;
		}
		memmove(&fold->items[to + 1], &fold->items[to], (fold->count - to) * sizeof(item));
		fold->items[to] = item;
	}
	return good;
}

static int fold_event(struct verification *v, const struct event *event)
{
	struct fold *fold = &v->fold;
	struct folded *item = event->item ? find_item(fold, event->item) : NULL;
	bool adds = event->kind == EVENT_ITEM_ADDED || event->kind == EVENT_ITEM_SPLIT;

	if (event->kind == EVENT_PLAN_FOUND || event->kind == EVENT_PLAN_RETURNED)
		fold->present = true;
	if (event->kind == EVENT_PLAN_GONE)
		fold->present = false;
	if (!event->item)
		return 0;
	if (adds && item)
		report(v, "event adds item %ld, which is there", (long)event->item);
	if (!adds && !item)
		report(v, "event %s is of item %ld, which is not there",
		       event_kind_name(event->kind), (long)event->item);
	if (adds != !item)
		return 0;
	if (adds)
		return fold_in(fold, event);
	if (event->kind == EVENT_ITEM_REMOVED) {
		take_out(fold, item, false, 0);
		return 0;
	}
	if (set_text(&item->mark, event->after) < 0 || set_text(&item->text, event->text) < 0)
		return -ENOMEM;
	if (event->kind == EVENT_ITEM_MOVED)
		take_out(fold, item, true, event->position);
	return 0;
}

/* ---- Comparing ---- */

static const char *state_of(const char *mark)
{
	/* Law 1 is about states: "x" and "X" are one. */
	return mark && strcmp(mark, "X") == 0 ? "x" : mark ? mark : "";
}

static bool equals_items(const struct fold *fold, const struct item *items, size_t count,
			 size_t stride)
{
	if (fold->count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct item *item =
		    (const struct item *)(const void *)((const char *)items + i * stride);
		if (strcmp(state_of(fold->items[i].mark), state_of(item->mark)) != 0 ||
		    strcmp(fold->items[i].text, item->text) != 0)
			return false;
	}
	return true;
}

/* A plan of a file of many is known by its items: its part may have been another one then. */
static int check_revision(struct verification *v)
{
	cleanup(revision_done) struct revision revision = { 0 };
	int r = revision_load(&revision, v->store, v->content, v->error);

	v->counts->revisions++;
	for (size_t i = 0; r == 0 && i < revision.file->plan_count; i++) {
		const struct plan *plan = &revision.file->plans[i];
		if (equals_items(&v->fold, plan->items, plan->item_count, sizeof(*plan->items)))
			return 0;
	}
	if (r == 0)
		report(v, "law 1: the events up to revision %ld do not give its items",
		       (long)v->observation);
	return r;
}

static int end_observation(struct verification *v)
{
	if (!v->has_event)
		return 0;
	if (!settle(&v->fold))
		report(v, "law 1: an event of revision %ld puts an item where no place is",
		       (long)v->observation);
	return v->content && v->fold.present ? check_revision(v) : 0;
}

static int each_event(void *userdata, const struct log_row *row)
{
	struct verification *v = userdata;
	int r = 0;

	if (row->observation.id != v->observation) {
		r = end_observation(v);
		v->observation = row->observation.id;
		v->content = row->observation.content;
	}
	v->has_event = true;
	v->counts->events++;
	return r < 0 ? r : fold_event(v, &row->event);
}

/* The items as they stand: law 1 at its end, and law 3. */
static int check_present(struct verification *v)
{
	struct item_list list = { 0 };
	int r = store_items(v->store, v->row->id, &list, v->error);

	if (r < 0)
		return r;
	if (!equals_items(&v->fold, list.count ? &list.rows[0].item : NULL, list.count,
			  sizeof(*list.rows)))
		report(v, "law 1: the events do not give the items as they stand");
	for (size_t i = 0; i < list.count && i < v->fold.count; i++)
		if (list.rows[i].id != v->fold.items[i].id)
			report(v, "law 1: item %ld stands where the events have item %ld",
			       (long)list.rows[i].id, (long)v->fold.items[i].id);
	item_list_done(&list);
	return 0;
}

static int each_plan(struct verification *v, const struct plan_row *row)
{
	struct log_filter filter = { .plan = row->id,
				     .since = INSTANT_NONE,
				     .until = INSTANT_NONE };
	int r;

	v->row = row;
	v->observation = v->content = 0;
	v->has_event = false;
	v->counts->plans++;
	r = store_log(v->store, &filter, each_event, v, v->error);
	if (r == 0)
		r = end_observation(v);
	if (r == 0)
		r = check_present(v);
	fold_done(&v->fold);
	return r;
}

/* Law 3: reading the last bytes again would be no event. */
static int check_reading_again(struct verification *v, const struct file_row *file)
{
	cleanup(revision_done) struct revision again = { 0 };
	cleanup(revision_change_done) struct revision_change change = { 0 };
	int r = revision_load(&again, v->store, file->content, v->error);

	if (r == 0)
		r = revision_compare(v->store, file->id, &again, &again, &change, v->error);
	for (size_t i = 0; r == 0 && i < change.part_count; i++) {
		v->row = change.parts[i].row;
		for (size_t k = 0; v->row && k < change.parts[i].diff.count; k++)
			if (change.parts[i].diff.changes[k].flags)
				report(
				    v,
				    "law 3: reading the last revision again would change item %zu",
				    k + 1);
	}
	return r;
}

static int each_file(void *userdata, const struct file_row *file)
{
	struct verification *v = userdata;
	cleanup(plan_list_done) struct plan_list plans = { 0 };
	int r = store_plan_list(v->store, file->id, &plans, v->error);

	for (size_t i = 0; i < plans.count && r == 0; i++)
		r = each_plan(v, &plans.rows[i]);
	if (r == 0 && file->content && file->present)
		r = check_reading_again(v, file);
	return r;
}

static void database_finding(void *userdata, const char *finding)
{
	struct verification *v = userdata;

	v->counts->findings++;
	v->found(v->userdata, finding);
}

int verify_store(struct store *store, void (*found)(void *userdata, const char *finding),
		 void *userdata, struct verify_counts *ret, struct error *error)
{
	struct verification v = {
		.store = store, .found = found, .userdata = userdata, .counts = ret, .error = error
	};
	int r;

	*ret = (struct verify_counts){ 0 };
	r = store_check(store, database_finding, &v, error);
	return r == 0 ? store_files(store, each_file, &v, error) : r;
}
