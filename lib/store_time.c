/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's time that does not count: derived from the gaps and the changes of status that are on record. */
#include "status.h"
#include "store_private.h"

#include <errno.h>

/* Appends a span, or lengthens the last one where they meet. */
static int add(struct span_list *list, usec_t from, usec_t until, struct error *error)
{
	struct span *last = list->count ? &list->spans[list->count - 1] : NULL;
	struct span *grown;

	if (until <= from)
		return 0;
	if (last && from <= last->until) {
		if (until > last->until)
			last->until = until;
		return 0;
	}
	grown = reallocarray(list->spans, list->count + 1, sizeof(*grown));
	if (!grown)
		return error_set(error, -ENOMEM, "out of memory");
	list->spans = grown;
	grown[list->count++] = (struct span){ from, until };
	return 0;
}

/* A list that could not be read to its end is none. */
static int finish(struct span_list *list, int result)
{
	if (result < 0) {
		span_list_done(list);
		*list = (struct span_list){ 0 };
	}
	return result;
}

int store_lapses(struct store *store, usec_t since, struct span_list *ret, struct error *error)
{
	cleanup_statement sqlite3_stmt *statement = store_query(
	    store, error,
	    "SELECT o.not_before, o.at FROM journal j JOIN observations o ON o.id = j.observation"
	    " WHERE j.kind = ? AND j.before IS NOT NULL AND o.at > ? ORDER BY o.not_before",
	    "ii", (int64_t)EVENT_GAP, since);
	int r, result = 0;

	*ret = (struct span_list){ 0 };
	while (result == 0 && (r = store_step(store, statement, error)) != 0)
		result = r < 0 ? r
			       : add(ret, store_column_instant(statement, 0),
				     store_column_instant(statement, 1), error);
	return finish(ret, result);
}

/* A draft is no wait: its clocks have not started, or its stages are ticked all the same. */
static bool waits(const char *status_text)
{
	enum plan_status status = status_text ? status_state(status_text) : STATUS_UNKNOWN;

	return status == STATUS_BLOCKED || status == STATUS_IN_REVIEW;
}

int store_waits(struct store *store, int64_t plan, usec_t since, struct span_list *ret,
		struct error *error)
{
	cleanup_statement sqlite3_stmt *statement = store_query(
	    store, error,
	    "SELECT o.at, b.text, t.text FROM events e JOIN observations o ON o.id = e.seq >> 20"
	    " LEFT JOIN texts b ON b.id = e.before LEFT JOIN texts t ON t.id = e.text"
	    " WHERE e.plan = ? AND e.kind = ? ORDER BY e.seq",
	    "ii", plan, (int64_t)EVENT_STATUS_CHANGED);
	usec_t began = INSTANT_NONE;
	int r, result = 0;

	*ret = (struct span_list){ 0 };
	while (result == 0 && (r = store_step(store, statement, error)) != 0) {
		if (r < 0) {
			result = r;
			break;
		}
		usec_t at = store_column_instant(statement, 0);
		bool waited = waits(store_column_text(statement, 1)),
		     now = waits(store_column_text(statement, 2));
		/* What it waited for before its first change began before we know of. */
		if (waited && !now && at > since)
			result = add(ret, began == INSTANT_NONE ? since : began, at, error);
		if (now && !waited)
			began = at;
	}
	return finish(ret, result);
}
