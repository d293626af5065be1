/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's tables of how things stand: plans and their items. */
#include "store_private.h"

#include <errno.h>
#include <string.h>

/* ---- Plans ---- */

#define PLAN_COLUMNS                                                                        \
	"p.id, p.file, p.part, f.present AND p.present, p.title, p.status, p.status_text, " \
	"p.source,"                                                                         \
	" p.done, p.open, p.other, p.total, p.stage_label, p.stage_text, p.stage_since,"    \
	" p.first_seen_at, p.started_at, p.last_tick_at, p.last_edit_at, p.last_commit_at," \
	" p.status_since, p.problem, p.next_item, f.path, c.repo, c.branch,"                \
	" coalesce(p.stage_item, 0), coalesce(p.stage_limit, -1), p.stage_limit_line,"      \
	" p.stage_limit_basis, coalesce(p.plan_limit, -1), p.plan_limit_line,"              \
	" p.plan_limit_basis, p.waited_until, p.work_ticked, p.remarks,"                    \
	" p.decided_at"
#define PLAN_TABLES \
	" FROM plans p JOIN files f ON f.id = p.file LEFT JOIN contexts c ON c.id = f.context"

/* The enumerations are kept as the words of the JSON contract. */
#define WORD_PARSER(function, type, name, count)              \
	static type function(const char *word)                \
	{                                                     \
		for (int i = 1; i < (count); i++)             \
			if (strcmp(word, name((type)i)) == 0) \
				return (type)i;               \
		return (type)0;                               \
	}

WORD_PARSER(status_of, enum plan_status, plan_status_name, STATUS_SUPERSEDED + 1)
WORD_PARSER(source_of, enum progress_source, progress_source_name, PROGRESS_BODY + 1)
WORD_PARSER(basis_of, enum tolerance_basis, tolerance_basis_name, BASIS_EFFORT + 1)

static struct budget budget_of(sqlite3_stmt *s, int column)
{
	return (struct budget){ .seconds = store_column_seconds(s, column),
				.line = (uint32_t)sqlite3_column_int(s, column + 1),
				.basis = basis_of(store_column_required(s, column + 2)) };
}

static struct plan_row plan_of(sqlite3_stmt *s)
{
	return (struct plan_row){
		.id = sqlite3_column_int64(s, 0),
		.file = sqlite3_column_int64(s, 1),
		.part = (uint32_t)sqlite3_column_int(s, 2),
		.present = sqlite3_column_int(s, 3),
		.title = store_column_required(s, 4),
		.status_text = store_column_text(s, 6),
		.stage_label = store_column_text(s, 12),
		.stage_text = store_column_text(s, 13),
		.problem = store_column_text(s, 21),
		.first_seen_at = store_column_instant(s, 15),
		.next_item = sqlite3_column_int64(s, 22),
		.state = { .status = status_of(store_column_required(s, 5)),
			   .source = source_of(store_column_required(s, 7)),
			   .counts = { .done = (uint32_t)sqlite3_column_int(s, 8),
				       .open = (uint32_t)sqlite3_column_int(s, 9),
				       .other = (uint32_t)sqlite3_column_int(s, 10),
				       .total = (uint32_t)sqlite3_column_int(s, 11) },
			   .problem = sqlite3_column_type(s, 21) != SQLITE_NULL,
			   .work_ticked = sqlite3_column_int(s, 34),
			   .stage_since = store_column_instant(s, 14),
			   .started_at = store_column_instant(s, 16),
			   .last_tick_at = store_column_instant(s, 17),
			   .last_edit_at = store_column_instant(s, 18),
			   .last_commit_at = store_column_instant(s, 19),
			   .status_since = store_column_instant(s, 20),
			   .waited_until = store_column_instant(s, 33),
			   .stage = budget_of(s, 27),
			   .plan = budget_of(s, 30),
			   .remarks = (uint32_t)sqlite3_column_int(s, 35),
			   .decided_at = store_column_instant(s, 36) },
		.path = store_column_required(s, 23),
		.repo = store_column_text(s, 24),
		.branch = store_column_text(s, 25),
		.stage_item = sqlite3_column_int64(s, 26),
	};
}

/* The strings that a row owns. */
#define PLAN_STRINGS(row)                                                                    \
	{                                                                                    \
		&(row)->title, &(row)->status_text, &(row)->stage_label, &(row)->stage_text, \
		    &(row)->problem, &(row)->path, &(row)->repo, &(row)->branch              \
	}

void plan_row_done(struct plan_row *row)
{
	char **owned[] = PLAN_STRINGS(row);

	for (size_t i = 0; i < ARRAY_SIZE(owned); i++) {
		free(*owned[i]);
		*owned[i] = NULL;
	}
}

static int walk(struct store *store, sqlite3_stmt *query,
		int (*each)(void *userdata, const struct plan_row *row), void *userdata,
		struct error *error)
{
	cleanup_statement sqlite3_stmt *statement = query;
	int r;

	while ((r = store_step(store, statement, error)) > 0) {
		struct plan_row row = plan_of(statement);
		int stop = each(userdata, &row);
		if (stop)
			return stop;
	}
	return r;
}

int store_plans(struct store *store, int (*each)(void *userdata, const struct plan_row *row),
		void *userdata, struct error *error)
{
	return walk(
	    store,
	    store_query(store, error,
			"SELECT " PLAN_COLUMNS PLAN_TABLES
			" WHERE f.watched AND f.present AND p.present ORDER BY f.path, p.part",
			""),
	    each, userdata, error);
}

int plan_row_copy(const struct plan_row *row, struct plan_row *ret)
{
	char **owned[] = PLAN_STRINGS(ret);
	bool complete = true;

	*ret = *row;
	for (size_t i = 0; i < ARRAY_SIZE(owned); i++) {
		char *original = *owned[i];
		*owned[i] = original ? strdup(original) : NULL;
		complete = complete && (!original || *owned[i]);
	}
	if (complete)
		return 0;
	plan_row_done(ret);
	return -ENOMEM;
}

static int copy_only(void *userdata, const struct plan_row *row)
{
	int r = plan_row_copy(row, userdata);

	return r < 0 ? r : 1;
}

int store_plan_get(struct store *store, int64_t id, struct plan_row *ret, struct error *error)
{
	int r = walk(store,
		     store_query(store, error, "SELECT " PLAN_COLUMNS PLAN_TABLES " WHERE p.id = ?",
				 "i", id),
		     copy_only, ret, error);

	return r > 0 ? 0 : r == 0 ? -ENOENT : r;
}

static int append_plan(void *userdata, const struct plan_row *row)
{
	struct plan_list *list = userdata;
	struct plan_row *grown = reallocarray(list->rows, list->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->rows = grown;
	int r = plan_row_copy(row, &grown[list->count]);
	if (r == 0)
		list->count++;
	return r;
}

int store_plan_list(struct store *store, int64_t file, struct plan_list *ret, struct error *error)
{
	int r;

	*ret = (struct plan_list){ 0 };
	r = walk(store,
		 store_query(store, error,
			     "SELECT " PLAN_COLUMNS PLAN_TABLES " WHERE p.file = ? ORDER BY p.part",
			     "i", file),
		 append_plan, ret, error);
	if (r == -ENOMEM)
		(void)error_set(error, r, "out of memory");
	if (r < 0)
		plan_list_done(ret);
	return r;
}

void plan_list_done(struct plan_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		plan_row_done(&list->rows[i]);
	free(list->rows);
	*list = (struct plan_list){ 0 };
}

int store_plan_put(struct store *store, struct plan_row *row, struct error *error)
{
	const struct plan_state *state = &row->state;
	int r = store_run(
	    store, error,
	    "INSERT INTO plans (id, file, present, title, status, status_text, source, done, open, other, total, stage_label, "
	    "stage_text, stage_since, stage_limit, stage_limit_line, stage_limit_basis, "
	    "plan_limit, plan_limit_line, plan_limit_basis, first_seen_at, started_at, "
	    "last_tick_at, last_edit_at, last_commit_at, status_since, waited_until, work_ticked, "
	    "remarks, problem, next_item, stage_item, decided_at, part)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
	    "?, ?, ?, ?)"
	    " ON CONFLICT (id) DO UPDATE SET (present, title, status, status_text, source, done, open, other, total, stage_label, "
	    "stage_text, stage_since, stage_limit, stage_limit_line, stage_limit_basis, "
	    "plan_limit, plan_limit_line, plan_limit_basis, first_seen_at, started_at, "
	    "last_tick_at, last_edit_at, last_commit_at, status_since, waited_until, work_ticked, "
	    "remarks, problem, next_item, stage_item, decided_at, part)"
	    " = (excluded.present, excluded.title, excluded.status, excluded.status_text, "
	    "excluded.source, excluded.done, excluded.open, excluded.other, excluded.total, "
	    "excluded.stage_label, excluded.stage_text, excluded.stage_since, "
	    "excluded.stage_limit, excluded.stage_limit_line, excluded.stage_limit_basis, "
	    "excluded.plan_limit, excluded.plan_limit_line, excluded.plan_limit_basis, "
	    "excluded.first_seen_at, excluded.started_at, excluded.last_tick_at, "
	    "excluded.last_edit_at, excluded.last_commit_at, excluded.status_since, "
	    "excluded.waited_until, excluded.work_ticked, excluded.remarks, excluded.problem, "
	    "excluded.next_item, excluded.stage_item, excluded.decided_at,"
	    " excluded.part)",
	    "ziittttiiiittunitnituuuuuuuiitizui", row->id, row->file, (int64_t)row->present,
	    row->title, plan_status_name(state->status), row->status_text,
	    progress_source_name(state->source), (int64_t)state->counts.done,
	    (int64_t)state->counts.open, (int64_t)state->counts.other, (int64_t)state->counts.total,
	    row->stage_label, row->stage_text, state->stage_since, state->stage.seconds,
	    (int64_t)state->stage.line, tolerance_basis_name(state->stage.basis),
	    state->plan.seconds, (int64_t)state->plan.line, tolerance_basis_name(state->plan.basis),
	    row->first_seen_at, state->started_at, state->last_tick_at, state->last_edit_at,
	    state->last_commit_at, state->status_since, state->waited_until,
	    (int64_t)state->work_ticked, (int64_t)state->remarks, row->problem, row->next_item,
	    row->stage_item, state->decided_at, (int64_t)row->part);

	if (r == 0 && row->id == 0)
		row->id = sqlite3_last_insert_rowid(store->db);
	return r;
}

/* ---- Items ---- */

/* Strings of a list live in blocks that hang on it: one block for each row. */
static const char *keep(struct item_list *list, const char *text)
{
	struct block {
		void *next;
		char text[];
	} * block;
	size_t size = strlen(text) + 1;

	block = malloc(sizeof(*block) + size);
	if (!block)
		return NULL;
	block->next = list->memory;
	list->memory = block;
	return memcpy(block->text, text, size);
}

void item_list_done(struct item_list *list)
{
	while (list->memory) {
		void *next = *(void **)list->memory;
		free(list->memory);
		list->memory = next;
	}
	free(list->rows);
	*list = (struct item_list){ 0 };
}

static bool item_of(struct item_list *list, sqlite3_stmt *s, struct item_row *row)
{
	const char *strings[5];
	/* Mark and text, which every item has; the words of its label, its stamp. */
	static const int columns[] = { 6, 7, 9, 10, 11 };
	int64_t gist;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		const char *text =
		    i < 2 ? store_column_required(s, columns[i]) : store_column_text(s, columns[i]);
		strings[i] = text ? keep(list, text) : NULL;
		if (text && !strings[i])
			return false;
	}
	gist = sqlite3_column_int64(s, 8);
	*row = (struct item_row){
		.id = sqlite3_column_int64(s, 0),
		.position = (uint32_t)sqlite3_column_int(s, 1),
		.item = { .line = (uint32_t)sqlite3_column_int(s, 2),
			  .end_line = (uint32_t)sqlite3_column_int(s, 3),
			  .depth = (uint32_t)sqlite3_column_int(s, 4),
			  .state =
			      (enum item_state)store_column_choice(s, 5, ITEM_OTHER + 1, ITEM_OPEN),
			  .mark = strings[0],
			  .text = strings[1],
			  .gist = strings[1] +
				  (gist >= 0 && (size_t)gist <= strlen(strings[1]) ? gist : 0),
			  .label = { strings[2], strings[3] },
			  .stamp = { .raw = strings[4],
				     .at = store_column_instant(s, 12),
				     .precision = (enum stamp_precision)store_column_choice(
					 s, 13, STAMP_SECOND + 1, STAMP_DAY),
				     .leading = sqlite3_column_int(s, 14) } },
		.first_seen_at = store_column_instant(s, 15),
		.done_at = store_column_instant(s, 16),
	};
	return true;
}

static int compare_positions(const void *a, const void *b)
{
	uint32_t left = ((const struct item_row *)a)->position,
		 right = ((const struct item_row *)b)->position;

	return (left > right) - (left < right);
}

/* Ordered here: SQLite's sorter would copy each row with its text. */
int store_items(struct store *store, int64_t plan, struct item_list *ret, struct error *error)
{
	cleanup_statement sqlite3_stmt *statement = store_query(
	    store, error,
	    "SELECT i.id, i.position, i.line, i.end_line, i.depth, i.state, i.mark, t.text, i.gist,"
	    " i.label_kind, i.label_id, i.stamp, i.claimed_at, i.claimed_precision, i.stamp_leads,"
	    " i.first_seen_at, i.done_at FROM items i JOIN texts t ON t.id = i.text"
	    " WHERE i.plan = ?",
	    "i", plan);
	size_t size = 0;
	int r;

	*ret = (struct item_list){ 0 };
	while ((r = store_step(store, statement, error)) > 0) {
		if (ret->count == size) {
			size = size ? size * 2 : 32;
			struct item_row *grown = reallocarray(ret->rows, size, sizeof(*grown));
			if (!grown) {
				r = error_set(error, -ENOMEM, "out of memory");
				break;
			}
			ret->rows = grown;
		}
		if (!item_of(ret, statement, &ret->rows[ret->count])) {
			r = error_set(error, -ENOMEM, "out of memory");
			break;
		}
		ret->count++;
	}
	if (r < 0)
		item_list_done(ret);
	else if (ret->count)
		qsort(ret->rows, ret->count, sizeof(*ret->rows), compare_positions);
	return r;
}

int store_item_put(struct store *store, int64_t plan, const struct item_row *row,
		   struct error *error)
{
	const struct item *item = &row->item;
	int64_t text = store_text_put(store, item->text, error);

	if (text < 0)
		return (int)text;
	return store_run(
	    store, error,
	    "INSERT OR REPLACE INTO items (plan, id, position, line, end_line, depth, state, mark,"
	    " text, gist, label_kind, label_id, stamp, claimed_at, claimed_precision, stamp_leads,"
	    " first_seen_at, done_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
	    "?)",
	    "iiiiiiitiitttuiiiu", plan, row->id, (int64_t)row->position, (int64_t)item->line,
	    (int64_t)item->end_line, (int64_t)item->depth, (int64_t)item->state, item->mark, text,
	    (int64_t)(item->gist - item->text), item->label.kind, item->label.id, item->stamp.raw,
	    item->stamp.at, (int64_t)item->stamp.precision, (int64_t)item->stamp.leading,
	    row->first_seen_at, row->done_at);
}

int store_item_remove(struct store *store, int64_t plan, int64_t id, struct error *error)
{
	return store_run(store, error, "DELETE FROM items WHERE plan = ? AND id = ?", "ii", plan,
			 id);
}
