/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/verify.h"

#include "planwatch/cleanup.h"
#include "planwatch/history.h"
#include "revision.h"

#include <stdarg.h>
#include <string.h>

struct verification {
	struct store *store;
	void (*found)(void *userdata, const char *finding);
	void *userdata;
	struct verify_counts *counts;
	struct error *error;
	/* The plan at hand. */
	const struct plan_row *row;
	struct history history;
	int64_t content; /* of the observation whose events are being applied; 0: none */
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

static int apply(struct verification *v, const struct history_row *row)
{
	int r = history_apply(&v->history, row);

	if (r == HISTORY_ADDS_PRESENT)
		report(v, "law 1: event adds item %ld, which is there", (long)row->event.item);
	if (r == HISTORY_NO_ITEM)
		report(v, "law 1: event %s is of item %ld, which is not there",
		       event_kind_name(row->event.kind), (long)row->event.item);
	return r < 0 ? r : 0;
}

/* ---- Comparing ---- */

static const char *state_of(const char *mark)
{
	/* Law 1 is about states: "x" and "X" are one. */
	return mark && strcmp(mark, "X") == 0 ? "x" : mark ? mark : "";
}

static bool equals_items(const struct history *history, const struct item *items, size_t count,
			 size_t stride)
{
	if (history->count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct item *item =
		    (const struct item *)(const void *)((const char *)items + i * stride);
		if (strcmp(state_of(history->items[i].mark), state_of(item->mark)) != 0 ||
		    strcmp(history->items[i].text, item->text) != 0)
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
		if (equals_items(&v->history, plan->items, plan->item_count, sizeof(*plan->items)))
			return 0;
	}
	if (r == 0)
		report(v, "law 1: the events up to revision %ld do not give its items",
		       (long)v->history.observation);
	return r;
}

static int end_observation(struct verification *v)
{
	if (!v->history.observation)
		return 0;
	if (!history_settle(&v->history))
		report(v, "law 1: an event of revision %ld puts an item where no place is",
		       (long)v->history.observation);
	return v->content && v->history.present ? check_revision(v) : 0;
}

static int each_row(void *userdata, const struct history_row *row)
{
	struct verification *v = userdata;
	int r = 0;

	if (row->observation.id != v->history.observation) {
		r = end_observation(v);
		v->content = row->observation.content;
	}
	v->counts->events += !row->is_keyframe;
	return r < 0 ? r : apply(v, row);
}

/* The items as they stand: law 1 at its end, and law 3. */
static int check_present(struct verification *v)
{
	struct item_list list = { 0 };
	int r = store_items(v->store, v->row->id, &list, v->error);

	if (r < 0)
		return r;
	if (!equals_items(&v->history, list.count ? &list.rows[0].item : NULL, list.count,
			  sizeof(*list.rows)))
		report(v, "law 1: the events do not give the items as they stand");
	for (size_t i = 0; i < list.count && i < v->history.count; i++) {
		const struct item_row *row = &list.rows[i];
		const struct history_item *item = &v->history.items[i];
		if (row->id != item->id)
			report(v, "law 1: item %ld stands where the events have item %ld",
			       (long)row->id, (long)item->id);
		else if (row->done_at != item->done_at)
			report(v, "law 1: item %ld was done at another time than its events say",
			       (long)row->id);
	}
	item_list_done(&list);
	return 0;
}

static int each_plan(struct verification *v, const struct plan_row *row)
{
	int r;

	v->row = row;
	v->content = 0;
	v->counts->plans++;
	r = store_history(v->store, row->id, each_row, v, v->error);
	if (r == 0)
		r = end_observation(v);
	if (r == 0)
		r = check_present(v);
	history_done(&v->history);
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
