/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/record.h"

#include "planwatch/history.h"
#include "revision.h"

#include <string.h>

/* One recording under way. */
struct recording {
	struct store *store;
	const struct look *look;
	struct file_row file;
	struct revision old, new;
	struct observation observation; /* id 0 until it is added */
	bool switched;			/* another branch than at the last look */
	bool taken_as_is; /* the content is of a branch where the file was never seen */
	bool quiet;	  /* of the plan at hand: what changed is no event, a keyframe holds it */
	struct error *error;
};

static void recording_done(struct recording *r)
{
	file_row_done(&r->file);
	revision_done(&r->old);
	revision_done(&r->new);
}
#define cleanup_recording cleanup(recording_done)

static int out_of_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "out of memory");
}

/* ---- Events ---- */

static int add_plan_event(struct recording *r, int64_t plan, enum event_kind kind, uint32_t line,
			  const char *before, const char *text)
{
	if (r->quiet)
		return 0;
	return store_event_add(r->store,
			       &(struct event){ .plan = plan,
						.kind = kind,
						.line = line,
						.before = before,
						.text = text,
						.position = -1,
						.claimed_at = INSTANT_NONE },
			       r->error);
}

static int add_item_event(struct recording *r, int64_t plan, enum event_kind kind,
			  const struct item_row *row, const char *before, int64_t position)
{
	bool ticked =
	    kind == EVENT_ITEM_DONE || kind == EVENT_ITEM_ADDED || kind == EVENT_ITEM_SPLIT;
	bool claims = ticked && row->item.state == ITEM_DONE && row->item.stamp.raw;
	bool removed = kind == EVENT_ITEM_REMOVED;

	if (r->quiet)
		return 0;
	return store_event_add(
	    r->store,
	    &(struct event){ .plan = plan,
			     .kind = kind,
			     .item = row->id,
			     .line = row->item.line,
			     .before = before,
			     .after = removed ? NULL : row->item.mark,
			     .text = row->item.text,
			     .position = position,
			     .claimed_at = claims ? row->item.stamp.at : INSTANT_NONE,
			     .claimed_precision = row->item.stamp.precision },
	    r->error);
}

/* ---- Items ---- */

static bool same_place(const struct item_row *a, const struct item_row *b)
{
	return a->position == b->position && a->item.line == b->item.line &&
	       a->item.end_line == b->item.end_line && a->item.depth == b->item.depth &&
	       a->done_at == b->done_at;
}

/* One event for each kind of change of an item; the row itself where anything of it differs. */
static int record_item(struct recording *r, int64_t plan, const struct change *change,
		       const struct item_row *before, const struct item_row *after)
{
	static const struct {
		unsigned flag;
		enum event_kind kind;
	} state_events[] = {
		{ CHANGE_DONE, EVENT_ITEM_DONE },
		{ CHANGE_UNDONE, EVENT_ITEM_UNDONE },
		{ CHANGE_MARKED, EVENT_ITEM_MARKED },
	};
	unsigned flags = change->flags;
	char number[24];
	int result = 0;

	if (flags & CHANGE_ADDED) {
		enum event_kind kind = flags & CHANGE_SPLIT ? EVENT_ITEM_SPLIT : EVENT_ITEM_ADDED;
		const char *parent = NULL;
		if (flags & CHANGE_SPLIT) {
			/* The parent stands beside its part in the new list. */
			(void)snprintf(
			    number, sizeof(number), "%ld",
			    (long)(after + ((int64_t)change->parent - change->new_index))->id);
			parent = number;
		}
		result = add_item_event(r, plan, kind, after, parent, after->position);
		return result < 0 ? result : store_item_put(r->store, plan, after, r->error);
	}
	for (size_t i = 0; i < ARRAY_SIZE(state_events) && result == 0; i++)
		if (flags & state_events[i].flag)
			result = add_item_event(r, plan, state_events[i].kind, after,
						before->item.mark, -1);
	if (result == 0 && (flags & CHANGE_REWORDED))
		result = add_item_event(r, plan, EVENT_ITEM_REWORDED, after, before->item.text, -1);
	if (result == 0 && (flags & CHANGE_MOVED)) {
		(void)snprintf(number, sizeof(number), "%u", before->position);
		result = add_item_event(r, plan, EVENT_ITEM_MOVED, after, number, after->position);
	}
	if (result == 0 && (flags || !same_place(before, after)))
		result = store_item_put(r->store, plan, after, r->error);
	return result;
}

static int remove_item(struct recording *r, int64_t plan, const struct item_row *before)
{
	int result = add_item_event(r, plan, EVENT_ITEM_REMOVED, before, before->item.mark, -1);

	return result < 0 ? result : store_item_remove(r->store, plan, before->id, r->error);
}

/* When an item was witnessed done. What the first look at a plan finds ticked was ticked before anybody looked. */
static usec_t witnessed_done(const struct recording *r, const struct part *part,
			     const struct item_row *before, const struct item *item)
{
	if (item->state != ITEM_DONE || !part->row)
		return INSTANT_NONE;
	if (before && before->item.state == ITEM_DONE)
		return before->done_at;
	return r->quiet ? INSTANT_NONE : r->look->at;
}

/* Gives each new item the identity of the old one that it continues. */
static struct item_row *make_rows(struct recording *r, struct plan_row *plan,
				  const struct part *part)
{
	struct item_row *rows = calloc(part->new->item_count + 1, sizeof(*rows));

	for (uint32_t i = 0; rows && i < part->new->item_count; i++) {
		const struct change *change = &part->diff.changes[i];
		const struct item_row *before = change->old_index == DIFF_NONE
						    ? NULL
						    : &part->old_items.rows[change->old_index];
		struct item_row *row = &rows[i];

		row->item = part->new->items[i];
		row->position = i;
		row->id = before ? before->id : plan->next_item++;
		row->first_seen_at = before ? before->first_seen_at : r->look->at;
		row->done_at = witnessed_done(r, part, before, &row->item);
	}
	return rows;
}

static int record_items(struct recording *r, const struct part *part, int64_t plan,
			const struct item_row *rows)
{
	int result = 0;

	for (size_t i = 0; i < part->diff.count && result == 0; i++) {
		const struct change *change = &part->diff.changes[i];

		if (change->flags & CHANGE_REMOVED)
			result = remove_item(r, plan, &part->old_items.rows[change->old_index]);
	}
	for (size_t i = 0; i < part->new->item_count &&result == 0; i++) {
		const struct change *change = &part->diff.changes[i];
		const struct item_row *before = change->old_index == DIFF_NONE
						    ? NULL
						    : &part->old_items.rows[change->old_index];

		result = record_item(r, plan, change, before, &rows[i]);
	}
	return result;
}

/* ---- Tolerances and sections ---- */

static const char *tolerance_text(const struct plan *plan, const char *label, size_t ordinal,
				  uint32_t *line)
{
	for (size_t i = 0; plan && i < plan->tolerance_count; i++) {
		const struct tolerance *tolerance = &plan->tolerances[i];
		if (strcmp(tolerance->label, label) == 0 && ordinal-- == 0) {
			*line = tolerance->line;
			return tolerance->text;
		}
	}
	return NULL;
}

/* Which of the entries with the same label this one is: labels name entries, and unlabelled ones count. */
static size_t tolerance_ordinal(const struct plan *plan, size_t index)
{
	size_t ordinal = 0;

	for (size_t i = 0; i < index; i++)
		ordinal += strcmp(plan->tolerances[i].label, plan->tolerances[index].label) == 0;
	return ordinal;
}

static int record_tolerances(struct recording *r, const struct part *part, int64_t plan)
{
	int result = 0;
	uint32_t line = 0;

	for (size_t i = 0; i < part->new->tolerance_count &&result == 0; i++) {
		const struct tolerance *now = &part->new->tolerances[i];
		const char *before =
		    tolerance_text(part->old, now->label, tolerance_ordinal(part->new, i), &line);
		if (!before || strcmp(before, now->text) != 0)
			result = add_plan_event(r, plan, EVENT_TOLERANCE_CHANGED, now->line, before,
						now->text);
	}
	for (size_t i = 0; i < part->old->tolerance_count && result == 0; i++) {
		const struct tolerance *then = &part->old->tolerances[i];
		if (!tolerance_text(part->new, then->label, tolerance_ordinal(part->old, i), &line))
			result = add_plan_event(r, plan, EVENT_TOLERANCE_CHANGED, then->line,
						then->text, NULL);
	}
	return result;
}

/* All sections of one kind in a plan. */
struct sections {
	uint64_t digest; /* 0 where there is none, or nothing in it */
	uint32_t entries, line;
	const char *title; /* of the first; NULL where there is none */
};

static struct sections sections_of(const struct plan *plan, enum section_kind kind)
{
	struct sections all = { 0 };

	for (size_t i = 0; i < plan->section_count; i++) {
		const struct section *section = &plan->sections[i];
		if (section->kind != kind)
			continue;
		if (!all.title) {
			all.title = section->title;
			all.line = section->line;
		}
		all.entries += section->entries;
		all.digest = all.digest * 31 + section->digest;
	}
	return all;
}

static int record_sections(struct recording *r, const struct part *part, int64_t plan)
{
	int result = 0;

	for (enum section_kind kind = SECTION_UNKNOWN + 1; kind < SECTION_KIND_COUNT && result == 0;
	     kind++) {
		/* Progress, tolerances and status have events of their own. */
		if (kind == SECTION_PROGRESS || kind == SECTION_TOLERANCES ||
		    kind == SECTION_STATUS)
			continue;
		struct sections then = sections_of(part->old, kind),
				now = sections_of(part->new, kind);
		if (then.digest == now.digest && !then.title == !now.title)
			continue;
		char before[12], after[12];
		(void)snprintf(before, sizeof(before), "%u", then.entries);
		(void)snprintf(after, sizeof(after), "%u", now.entries);
		result =
		    store_event_add(r->store,
				    &(struct event){ .plan = plan,
						     .kind = EVENT_SECTION_CHANGED,
						     .line = now.line,
						     .before = then.title ? before : NULL,
						     .after = now.title ? after : NULL,
						     .text = now.title ? now.title : then.title,
						     .position = -1,
						     .claimed_at = INSTANT_NONE },
				    r->error);
	}
	return result;
}

/* ---- The plan's row ---- */

static int replace(char **slot, const char *value)
{
	char *copy = value ? strdup(value) : NULL;

	if (value && !copy)
		return -ENOMEM;
	free(*slot);
	*slot = copy;
	return 0;
}

static bool under_way(const struct plan_state *state)
{
	return state->counts.open > 0 &&
	       (state->counts.done > 0 || state->status == STATUS_IN_PROGRESS);
}

/* The stage that is being worked on: the first item that is not done or dropped, and those that share its label. */
static int set_stage(struct plan_row *row, const struct item_row *rows, size_t count,
		     bool was_under_way, usec_t at)
{
	const struct item_row *current = NULL;
	cleanup_free char *label = NULL;
	bool same;

	for (size_t i = 0; i < count && !current; i++)
		if (rows[i].item.state != ITEM_DONE && !item_is_dropped(&rows[i].item))
			current = &rows[i];
	if (current && current->item.label.kind &&
	    asprintf(&label, "%c%s %s", current->item.label.kind[0] - 'a' + 'A',
		     current->item.label.kind + 1, current->item.label.id) < 0)
		return -ENOMEM;
	same = current && (label && row->stage_label ? strcmp(label, row->stage_label) == 0
						     : row->stage_item == current->id);
	if (!current || !under_way(&row->state))
		row->state.stage_since = INSTANT_NONE;
	else if (!same || !was_under_way || row->state.stage_since == INSTANT_NONE)
		row->state.stage_since = at;
	row->stage_item = current ? current->id : 0;
	if (replace(&row->stage_text, !current		    ? NULL
				      : *current->item.gist ? current->item.gist
							    : current->item.text) < 0)
		return -ENOMEM;
	return replace(&row->stage_label, label);
}

/* The plan's own limit: the first time tolerance that we can hold it against, a stage's before the whole plan's. */
static void set_limit(struct plan_state *state, const struct plan *plan)
{
	const struct tolerance *found = NULL;

	for (size_t i = 0; i < plan->tolerance_count; i++) {
		const struct tolerance *t = &plan->tolerances[i];
		bool timed = t->kind == TOLERANCE_TIME && t->seconds > 0 &&
			     (t->applies_to == APPLIES_MILESTONE || t->applies_to == APPLIES_PLAN);
		if (timed && (!found || (found->applies_to == APPLIES_PLAN &&
					 t->applies_to == APPLIES_MILESTONE)))
			found = t;
	}
	state->limit_seconds = found ? found->seconds : -1;
	state->limit_line = found ? found->line : 0;
	state->limit_applies = found ? found->applies_to : APPLIES_OTHER;
	state->limit_basis = found ? found->basis : BASIS_WALL;
}

static bool ticked(const struct part *part)
{
	for (size_t i = 0; i < part->diff.count; i++) {
		const struct change *change = &part->diff.changes[i];
		if ((change->flags & CHANGE_DONE) ||
		    ((change->flags & CHANGE_ADDED) &&
		     part->new->items[change->new_index].state == ITEM_DONE))
			return true;
	}
	return false;
}

/* What the first look finds has no witnessed history: the file's own time is the only sign of when it was last edited. */
static void set_times(struct recording *r, struct plan_state *state, const struct part *part,
		      bool was_under_way)
{
	usec_t at = r->look->at, modified = r->look->modified;

	if (r->look->committed_at > 0 && r->look->committed_at > state->last_commit_at)
		state->last_commit_at = r->look->committed_at;
	if (r->quiet)
		return;
	if (part->row)
		state->last_edit_at = at;
	else
		state->last_edit_at = modified != INSTANT_NONE && modified < at ? modified : at;
	if (!part->row || state->status != part->row->state.status)
		state->status_since = part->row ? at : state->last_edit_at;
	if (part->row && ticked(part))
		state->last_tick_at = at;
	if (under_way(state) && (!was_under_way || state->started_at == INSTANT_NONE))
		state->started_at = at;
}

static int make_row(struct recording *r, const struct part *part, struct plan_row *row)
{
	const struct plan *plan = part->new;
	int result;

	if (part->row) {
		result = plan_row_copy(part->row, row);
		if (result < 0)
			return out_of_memory(r->error);
	} else {
		*row = (struct plan_row){ .first_seen_at = r->look->at,
					  .next_item = 1,
					  .state = { .stage_since = INSTANT_NONE,
						     .started_at = INSTANT_NONE,
						     .last_tick_at = INSTANT_NONE,
						     .last_edit_at = INSTANT_NONE,
						     .last_commit_at = INSTANT_NONE,
						     .status_since = INSTANT_NONE } };
	}
	row->file = r->file.id;
	row->part = plan->part;
	row->present = true;
	row->state.problem = false;
	row->state.status = plan->status.state;
	row->state.source = plan->source;
	row->state.counts = plan->counts;
	set_limit(&row->state, plan);
	if (replace(&row->title, plan->title) < 0 ||
	    replace(&row->status_text, plan->status.raw) < 0 || replace(&row->problem, NULL) < 0)
		return out_of_memory(r->error);
	return 0;
}

static bool same_status(const struct plan_row *row, const struct plan *plan)
{
	const char *then = row->status_text ? row->status_text : "",
		   *now = plan->status.raw ? plan->status.raw : "";

	return strcmp(then, now) == 0;
}

static int record_plan_events(struct recording *r, const struct part *part,
			      const struct plan_row *row, bool file_returned)
{
	int result = 0;

	if (!part->row)
		return add_plan_event(r, row->id, EVENT_PLAN_FOUND, part->new->line, NULL,
				      part->new->title);
	if (file_returned || !part->row->present)
		result = add_plan_event(r, row->id, EVENT_PLAN_RETURNED, part->new->line, NULL,
					part->new->title);
	if (result == 0 && r->look->moved_from)
		result = add_plan_event(r, row->id, EVENT_PLAN_MOVED, 0, r->look->moved_from,
					r->look->path);
	if (result == 0 && r->look->renamed_from)
		result = add_plan_event(r, row->id, EVENT_PLAN_MOVED, 0, r->look->renamed_from,
					r->look->renamed_to);
	if (result == 0 && !same_status(part->row, part->new))
		result = add_plan_event(r, row->id, EVENT_STATUS_CHANGED, part->new->status.line,
					part->row->status_text, part->new->status.raw);
	if (result == 0)
		result = record_tolerances(r, part, row->id);
	if (result == 0)
		result = record_sections(r, part, row->id);
	return result;
}

static int record_part(struct recording *r, const struct part *part, bool file_returned)
{
	cleanup(plan_row_done) struct plan_row row = { 0 };
	cleanup_free struct item_row *rows = NULL;
	bool was_under_way = part->row && under_way(&part->row->state);
	int result = make_row(r, part, &row);

	r->quiet = r->taken_as_is && part->row;

	if (result == 0)
		rows = make_rows(r, &row, part);
	if (result == 0 && !rows)
		result = out_of_memory(r->error);
	if (result < 0)
		return result;
	set_times(r, &row.state, part, was_under_way);
	if (set_stage(&row, rows, part->new->item_count, was_under_way, r->look->at) < 0)
		return out_of_memory(r->error);
	result = store_plan_put(r->store, &row, r->error);
	if (result == 0)
		result = record_plan_events(r, part, &row, file_returned);
	if (result == 0)
		result = record_items(r, part, row.id, rows);
	if (result == 0 && r->quiet)
		result = store_keyframe_add(r->store, row.id, true, rows, part->new->item_count,
					    r->error);
	r->quiet = false;
	return result;
}

/* ---- Observations ---- */

static int add_observation(struct recording *r, int64_t content)
{
	const struct git_context *git = r->look->git;

	r->observation = (struct observation){ .at = r->look->at,
					       .not_before = r->look->not_before,
					       .origin = r->look->origin,
					       .file = r->file.id,
					       .content = content,
					       .repo = git ? git->repo : NULL,
					       .branch = git ? git->branch : NULL,
					       .commit = git ? git->commit : NULL };
	return store_observation_add(r->store, &r->observation, r->error);
}

/* The file's row: the one of its path, or of the path that it was moved from. */
static int find_file(struct recording *r)
{
	const char *from = r->look->moved_from;
	int result = store_file_by_path(r->store, from ? from : r->look->path, &r->file, r->error);

	if (result == -ENOENT) {
		r->file = (struct file_row){ .path = strdup(r->look->path) };
		return r->file.path ? 0 : out_of_memory(r->error);
	}
	if (result == 0 && from && replace(&r->file.path, r->look->path) < 0)
		return out_of_memory(r->error);
	return result;
}

/* Why the file's plans cannot be read now, or, with NULL, that they can. RECORD_CHANGED where that is new. */
static int set_problem(struct recording *r, const char *reason)
{
	cleanup(plan_list_done) struct plan_list plans = { 0 };
	int result = store_plan_list(r->store, r->file.id, &plans, r->error);
	bool changed = false;

	for (size_t i = 0; i < plans.count && result == 0; i++) {
		struct plan_row *plan = &plans.rows[i];

		if (plan->problem && reason ? strcmp(plan->problem, reason) == 0
					    : plan->problem == reason)
			continue;
		changed = true;
		if (replace(&plan->problem, reason) < 0)
			return out_of_memory(r->error);
		result = store_plan_put(r->store, plan, r->error);
	}
	return result < 0 ? result : changed ? RECORD_CHANGED : RECORD_UNCHANGED;
}

/* Where only the inode is new (a save by rename that changed nothing), that alone is kept: moves are recognised by it. */
static int unchanged(struct recording *r)
{
	const struct git_context *git = r->look->git;

	/* The branch of the last look is what a switch is told by; it is no history. */
	if (r->switched && git) {
		int64_t context =
		    store_context_put(r->store, git->repo, git->branch, git->commit, r->error);
		if (context < 0)
			return (int)context;
		r->file.context = context;
	}
	if (r->switched || r->file.device != r->look->device || r->file.inode != r->look->inode ||
	    !r->file.watched) {
		r->file.device = r->look->device;
		r->file.inode = r->look->inode;
		r->file.watched = true;
		int result = store_file_put(r->store, &r->file, r->error);
		if (result < 0)
			return result;
	}
	return set_problem(r, NULL);
}

static int put_file(struct recording *r, int64_t content)
{
	r->file.present = true;
	r->file.watched = true;
	r->file.content = content;
	r->file.device = r->look->device;
	r->file.inode = r->look->inode;
	return store_file_put(r->store, &r->file, r->error);
}

/* The look itself, and the file as it found it. */
static int observe(struct recording *r, int64_t content)
{
	int result = put_file(r, content);

	if (result == 0)
		result = add_observation(r, content);
	if (result < 0 || r->file.context == r->observation.context)
		return result;
	r->file.context = r->observation.context;
	return store_file_put(r->store, &r->file, r->error);
}

/* A plan that is not there any more: gone, or, which is no event, not there on this branch. */
static int record_gone(struct recording *r, struct plan_row *plan, bool quietly)
{
	struct item_list items = { 0 };
	int result;

	plan->present = false;
	result = store_plan_put(r->store, plan, r->error);
	if (result < 0 || !quietly)
		return result < 0
			   ? result
			   : add_plan_event(r, plan->id, EVENT_PLAN_GONE, 0, NULL, plan->title);
	result = store_items(r->store, plan->id, &items, r->error);
	if (result == 0)
		result = store_keyframe_add(r->store, plan->id, false, items.rows, items.count,
					    r->error);
	item_list_done(&items);
	return result;
}

static int record_revision(struct recording *r, const struct revision_change *change,
			   int64_t content)
{
	bool known = r->file.id != 0, returned = known && !r->file.present;
	int result = r->observation.id ? 0 : observe(r, content);

	for (size_t i = 0; i < change->gone_count && result == 0; i++)
		result = record_gone(r, &change->rows.rows[change->gone[i]], r->taken_as_is);
	for (size_t i = 0; i < change->part_count && result == 0; i++)
		result = record_part(r, &change->parts[i], returned);
	return result < 0 ? result : known ? RECORD_CHANGED : RECORD_FOUND;
}

/* ---- Branches ---- */

static int find_switch(struct recording *r)
{
	const struct git_context *git = r->look->git;
	int differs = 0;

	if (r->file.id && r->look->continues)
		differs = 1;
	else if (r->file.id && git && git->repo && !r->look->switch_kept_files)
		differs = store_context_differs(r->store, r->file.context, git->repo, git->branch,
						r->error);
	r->switched = differs > 0;
	return differs < 0 ? differs : 0;
}

/* The plan of a revision that has these items. */
static const struct plan *find_plan(const struct revision *revision, const struct history *history)
{
	for (size_t i = 0; i < revision->file->plan_count; i++) {
		const struct plan *plan = &revision->file->plans[i];
		bool same = plan->item_count == history->count;
		for (size_t k = 0; same && k < plan->item_count; k++)
			same = strcmp(plan->items[k].text, history->items[k].text) == 0;
		if (same)
			return plan;
	}
	return NULL;
}

/* Puts a plan's items back as they stood, with the identities that they had. */
static int restore_items(struct recording *r, int64_t plan, const struct plan *then,
			 const struct history *history)
{
	cleanup_free struct item_row *rows = calloc(history->count + 1, sizeof(*rows));
	struct item_list now = { 0 };
	int result = rows ? store_items(r->store, plan, &now, r->error) : out_of_memory(r->error);

	for (size_t i = 0; i < now.count && result == 0; i++)
		result = store_item_remove(r->store, plan, now.rows[i].id, r->error);
	item_list_done(&now);
	for (size_t i = 0; i < history->count && result == 0; i++) {
		rows[i] = (struct item_row){ .id = history->items[i].id,
					     .position = (uint32_t)i,
					     .item = then->items[i],
					     .first_seen_at = history->items[i].first_seen_at,
					     .done_at = history->items[i].done_at };
		result = store_item_put(r->store, plan, &rows[i], r->error);
	}
	return result < 0
		   ? result
		   : store_keyframe_add(r->store, plan, true, rows, history->count, r->error);
}

static int restore_plan(struct recording *r, struct plan_row *plan, int64_t observation)
{
	cleanup_history struct history history = { 0 };
	const struct plan *then;
	int result = history_load(r->store, plan->id, observation, &history, r->error);

	if (result < 0)
		return result;
	then = history.present ? find_plan(&r->old, &history) : NULL;
	if (!then) /* it was not there on this branch: what is there now is compared with nothing */
		return plan->present ? record_gone(r, plan, true) : 0;
	plan->present = true;
	plan->part = then->part;
	result = store_plan_put(r->store, plan, r->error);
	return result < 0 ? result : restore_items(r, plan->id, then, &history);
}

/*
 * The file is on another branch now. Where it was seen there before, its plans go back to how they stood then, and what the file says
 * now is compared with that.
 */
static int switch_branch(struct recording *r, int64_t content)
{
	const struct git_context *git = r->look->git;
	cleanup(plan_list_done) struct plan_list plans = { 0 };
	struct observation then;
	int result = -ENOENT;

	if (r->look->continues) {
		then = *r->look->continues;
		result = 0;
	} else if (git->branch) {
		result = store_observation_on(r->store, r->file.id, git->repo, git->branch, &then,
					      r->error);
	}
	revision_done(&r->old);
	if (result < 0 && result != -ENOENT)
		return result;
	if (result == -ENOENT || !then.content) {
		r->taken_as_is = true;
		return revision_load(&r->old, r->store, r->file.content, r->error);
	}
	result = revision_load(&r->old, r->store, then.content, r->error);
	if (result == 0)
		result = observe(r, content);
	if (result == 0)
		result = store_plan_list(r->store, r->file.id, &plans, r->error);
	for (size_t i = 0; i < plans.count && result == 0; i++)
		result = restore_plan(r, &plans.rows[i], then.id);
	return result;
}

int record_content(struct store *store, const struct look *look, const char *bytes, size_t length,
		   struct error *error)
{
	cleanup_recording struct recording r = { .store = store, .look = look, .error = error };
	cleanup(revision_change_done) struct revision_change change = { 0 };
	int64_t content = 0;
	int result = find_file(&r);

	if (result == 0)
		result = find_switch(&r);
	if (result < 0)
		return result;
	if (r.file.id && r.file.present && !look->moved_from && !look->renamed_from &&
	    r.file.content) {
		result = store_content_equals(store, r.file.content, bytes, length, error);
		if (result != 0)
			return result < 0 ? result : unchanged(&r);
	}
	if (result == 0)
		result = revision_parse(&r.new, bytes, length, error);
	if (result == 0 && r.file.id == 0 && !look->registered && !revision_is_plan(&r.new))
		return RECORD_NO_PLAN;
	if (result == 0 && r.file.content)
		result = revision_load(&r.old, store, r.file.content, error);
	if (result == 0 && r.switched && r.file.content) {
		result = store_content_put(store, bytes, length, &content, error);
		if (result == 0)
			result = switch_branch(&r, content);
	}
	if (result == 0)
		result = revision_compare(store, r.file.id, &r.old, &r.new, &change, error);
	if (result < 0)
		return result;
	if (change.loses && !look->believe_loss && !r.switched)
		return RECORD_LOSS;
	if (!content)
		result = store_content_put(store, bytes, length, &content, error);
	return result < 0 ? result : record_revision(&r, &change, content);
}

/* ---- Absence ---- */

int record_absence(struct store *store, const struct look *look, struct error *error)
{
	cleanup_recording struct recording r = { .store = store, .look = look, .error = error };
	cleanup(plan_list_done) struct plan_list plans = { 0 };
	int result = find_file(&r);

	if (result < 0)
		return result;
	if (r.file.id == 0)
		return RECORD_NO_PLAN;
	if (!r.file.present)
		return RECORD_UNCHANGED;
	if (!look->believe_loss)
		return RECORD_LOSS;
	result = find_switch(&r);
	if (result == 0)
		result = add_observation(&r, 0);
	if (result == 0)
		result = store_plan_list(store, r.file.id, &plans, error);
	for (size_t i = 0; i < plans.count && result == 0; i++)
		if (plans.rows[i].present)
			result = record_gone(&r, &plans.rows[i], r.switched);
	r.file.present = false;
	r.file.context = r.observation.context ? r.observation.context : r.file.context;
	if (result == 0)
		result = store_file_put(store, &r.file, error);
	return result < 0 ? result : RECORD_CHANGED;
}

int record_unreadable(struct store *store, const struct look *look, const char *reason,
		      struct error *error)
{
	cleanup_recording struct recording r = { .store = store, .look = look, .error = error };
	cleanup_free char *sentence = NULL;
	int result = find_file(&r);

	if (result < 0)
		return result;
	if (r.file.id == 0)
		return RECORD_NO_PLAN;
	result = set_problem(&r, reason);
	if (result != RECORD_CHANGED)
		return result;
	if (asprintf(&sentence, "%s: %s", look->path, reason) < 0)
		return out_of_memory(error);
	r.observation = (struct observation){ .at = look->at,
					      .not_before = look->not_before,
					      .origin = look->origin };
	result = store_journal_add(store, &r.observation, EVENT_GAP, NULL, sentence, error);
	return result < 0 ? result : RECORD_CHANGED;
}
