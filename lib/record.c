/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/record.h"

#include "planwatch/history.h"
#include "planwatch/text.h"
#include "revision.h"
#include "standing.h"

#include <string.h>

#define KEPT_MAX ((size_t)256 << 10)

/* One recording under way. */
struct recording {
	struct store *store;
	const struct look *look;
	struct file_row file;
	struct revision old, new;
	struct observation observation; /* id 0 until it is added */
	bool switched;			/* another branch than at the last look */
	bool taken_as_is; /* the content is of a branch where the file was never seen */
	/* Of the plan at hand. */
	bool quiet;		 /* what changed is no event, a keyframe holds it */
	bool under_way;		 /* work on it had begun before */
	enum remark tick_remark; /* what is to be said of a tick */
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

static int add_remarked_event(struct recording *r, int64_t plan, enum event_kind kind,
			      uint32_t line, const char *before, const char *text,
			      enum remark remark)
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
						.claimed_at = INSTANT_NONE,
						.remark = remark },
			       r->error);
}

static int add_plan_event(struct recording *r, int64_t plan, enum event_kind kind, uint32_t line,
			  const char *before, const char *text)
{
	return add_remarked_event(r, plan, kind, line, before, text, REMARK_NONE);
}

static int add_item_event(struct recording *r, int64_t plan, enum event_kind kind,
			  const struct item_row *row, const char *before, int64_t position)
{
	bool ticks =
	    kind == EVENT_ITEM_DONE || kind == EVENT_ITEM_ADDED || kind == EVENT_ITEM_SPLIT;
	bool claims = ticks && row->item.state == ITEM_DONE && row->item.stamp.raw;
	bool removed = kind == EVENT_ITEM_REMOVED;
	/* A draft's own ticks are of its writing. */
	bool remarkable = ticks && row->item.state == ITEM_DONE &&
			  (r->tick_remark != REMARK_DRAFT_TICKED || row->item.label.kind);

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
			     .claimed_precision = row->item.stamp.precision,
			     .remark = remarkable ? r->tick_remark : REMARK_NONE },
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
	for (size_t i = 0; result == 0 && i < part->new->item_count; i++) {
		const struct change *change = &part->diff.changes[i];
		const struct item_row *before = change->old_index == DIFF_NONE
						    ? NULL
						    : &part->old_items.rows[change->old_index];

		result = record_item(r, plan, change, before, &rows[i]);
	}
	return result;
}

/* ---- Tolerances and sections ---- */

static const struct tolerance *find_tolerance(const struct plan *plan, const char *label,
					      size_t ordinal)
{
	for (size_t i = 0; i < plan->tolerance_count; i++)
		if (strcmp(plan->tolerances[i].label, label) == 0 && ordinal-- == 0)
			return &plan->tolerances[i];
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

/* Changing what was agreed to is remarkable once work has begun. Either may be NULL. */
static enum remark remark_of_tolerance(const struct recording *r, const struct tolerance *then,
				       const struct tolerance *now)
{
	int64_t before = then && then->kind == TOLERANCE_TIME ? then->seconds : -1,
		after = now && now->kind == TOLERANCE_TIME ? now->seconds : -1;

	if (!r->under_way)
		return REMARK_NONE;
	return before > 0 && (after < 0 || after > before) ? REMARK_LIMIT_RAISED
							   : REMARK_TOLERANCES_CHANGED;
}

static int record_tolerance(struct recording *r, struct plan_row *row, const struct tolerance *then,
			    const struct tolerance *now)
{
	enum remark remark = remark_of_tolerance(r, then, now);
	uint32_t line = now ? now->line : then->line;

	if (!r->quiet)
		row->state.remarks |= remark == REMARK_NONE ? 0 : 1u << remark;
	return add_remarked_event(r, row->id, EVENT_TOLERANCE_CHANGED, line,
				  then ? then->text : NULL, now ? now->text : NULL, remark);
}

static int record_tolerances(struct recording *r, const struct part *part, struct plan_row *row)
{
	const struct plan *old = part->old, *new = part->new;
	int result = 0;

	for (size_t i = 0; result == 0 && i < new->tolerance_count; i++) {
		const struct tolerance *now = &new->tolerances[i];
		const struct tolerance *then =
		    find_tolerance(old, now->label, tolerance_ordinal(new, i));
		if (!then || strcmp(then->text, now->text) != 0)
			result = record_tolerance(r, row, then, now);
	}
	for (size_t i = 0; i < old->tolerance_count && result == 0; i++) {
		const struct tolerance *then = &old->tolerances[i];
		if (!find_tolerance(new, then->label, tolerance_ordinal(old, i)))
			result = record_tolerance(r, row, then, NULL);
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

static int add_section_event(struct recording *r, int64_t plan, const struct sections *then,
			     const struct sections *now, enum remark remark)
{
	char before[12], after[12];

	if (r->quiet)
		return 0;
	(void)snprintf(before, sizeof(before), "%u", then->entries);
	(void)snprintf(after, sizeof(after), "%u", now->entries);
	return store_event_add(r->store,
			       &(struct event){ .plan = plan,
						.kind = EVENT_SECTION_CHANGED,
						.line = now->line,
						.before = then->title ? before : NULL,
						.after = now->title ? after : NULL,
						.text = now->title ? now->title : then->title,
						.position = -1,
						.claimed_at = INSTANT_NONE,
						.remark = remark },
			       r->error);
}

static int record_sections(struct recording *r, const struct part *part, struct plan_row *row)
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
		bool remarkable = kind == SECTION_CONSTRAINTS && r->under_way;
		if (remarkable && !r->quiet)
			row->state.remarks |= 1u << REMARK_CONSTRAINTS_CHANGED;
		result = add_section_event(r, row->id, &then, &now,
					   remarkable ? REMARK_CONSTRAINTS_CHANGED : REMARK_NONE);
	}
	return result;
}

/* ---- Plans ---- */

static bool same_status(const struct plan_row *row, const struct plan *plan)
{
	const char *then = row->status_text ? row->status_text : "",
		   *now = plan->status.raw ? plan->status.raw : "";

	return strcmp(then, now) == 0;
}

static int record_plan_events(struct recording *r, const struct part *part, struct plan_row *row,
			      bool file_returned)
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
		result = record_tolerances(r, part, row);
	if (result == 0)
		result = record_sections(r, part, row);
	return result;
}

/* Whether a plan had used more than its own time when it was ticked, and nothing was decided about that. */
static int has_passed_limit(struct recording *r, const struct part *part, bool *ret)
{
	static const struct limits limits = LIMITS_DEFAULT;
	const struct plan_row *row = part->row;
	usec_t since = row->state.started_at, decided = row->state.decided_at;
	cleanup(span_list_done) struct span_list lapses = { 0 }, waits = { 0 };
	struct verdict verdict;
	int result;

	*ret = false;
	if ((row->state.stage.seconds < 0 && row->state.plan.seconds < 0) || since == INSTANT_NONE)
		return 0;
	result = store_lapses(r->store, since, &lapses, r->error);
	/* They are looked for in all of the plan's events. */
	if (result == 0 && row->state.waited_until != INSTANT_NONE &&
	    row->state.waited_until > since)
		result = store_waits(r->store, row->id, since, &waits, r->error);
	if (result < 0)
		return result;
	judge(&row->state, &limits,
	      &(struct worktime){ lapses.spans, lapses.count, waits.spans, waits.count, NULL, 0 },
	      r->look->at, &verdict);
	*ret = verdict.kind == VERDICT_OVER && (decided == INSTANT_NONE || decided < verdict.since);
	return 0;
}

/* What is to be said of this revision's ticks, and, in the row, of the plan from now on. */
static int find_remarks(struct recording *r, const struct part *part, struct plan_row *row)
{
	struct plan_state *state = &row->state;
	uint32_t past_limit = 1u << REMARK_TICKED_PAST_LIMIT;
	bool passed = false;
	int result = 0;

	r->tick_remark = REMARK_NONE;
	if (!part->row || r->quiet)
		return 0;
	/* Whoever approves a plan approves its limits as they are. */
	if (state->status == STATUS_APPROVED && part->row->state.status != STATUS_APPROVED)
		state->remarks = 0;
	if (standing_decides(part))
		state->remarks &= ~past_limit;
	else if (standing_ticks(part))
		result = has_passed_limit(r, part, &passed);
	if (passed)
		state->remarks |= past_limit;
	r->tick_remark = state->status == STATUS_DRAFT && state->work_ticked ? REMARK_DRAFT_TICKED
			 : passed ? REMARK_TICKED_PAST_LIMIT
				  : REMARK_NONE;
	return result;
}

static int record_part(struct recording *r, const struct part *part, bool file_returned)
{
	cleanup(plan_row_done) struct plan_row row = { 0 };
	cleanup_free struct item_row *rows = NULL;
	int result;

	r->quiet = r->taken_as_is && part->row;
	r->under_way = part->row && plan_is_under_way(&part->row->state);
	if (standing_begin(part, r->look->at, &row) < 0)
		return out_of_memory(r->error);
	row.file = r->file.id;
	row.part = part->new->part;
	rows = make_rows(r, &row, part);
	if (!rows ||
	    standing_update(&row, part, rows,
			    &(struct standing_look){ r->look->at, r->look->modified,
						     r->look->committed_at, r->quiet }) < 0)
		return out_of_memory(r->error);
	result = find_remarks(r, part, &row);
	if (result == 0 && !row.id) /* its events refer to it */
		result = store_plan_put(r->store, &row, r->error);
	if (result == 0)
		result = record_plan_events(r, part, &row, file_returned);
	if (result == 0)
		result = record_items(r, part, row.id, rows);
	if (result == 0 && part->row)
		result = store_plan_put(r->store, &row, r->error);
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
	if (result == 0 && from && text_replace(&r->file.path, r->look->path) < 0)
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
		if (text_replace(&plan->problem, reason) < 0)
			return out_of_memory(r->error);
		result = store_plan_put(r->store, plan, r->error);
	}
	return result < 0 ? result : changed ? RECORD_CHANGED : RECORD_UNCHANGED;
}

/* Where only the inode is new (a save by rename that changed nothing), that alone is kept: moves are recognised by it. */
static int unchanged(struct recording *r)
{
	const struct git_context *git = r->look->git;
	bool moved = false;

	/* The branch of the last look is what a switch is told by; it is no history. A new branch may have been made that keeps the file. */
	if (git && git->repo) {
		int same =
		    store_context_is(r->store, r->file.context, git->repo, git->branch, r->error);
		int64_t context = same ? same
				       : store_context_put(r->store, git->repo, git->branch,
							   git->commit, r->error);
		if (context < 0)
			return (int)context;
		moved = !same;
		r->file.context = moved ? context : r->file.context;
	}
	if (moved || r->file.device != r->look->device || r->file.inode != r->look->inode ||
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

/* A plan's items as they stood, with the identities that they had. */
static struct item_row *make_past_rows(const struct plan *then, const struct history *history)
{
	struct item_row *rows = calloc(history->count + 1, sizeof(*rows));

	for (size_t i = 0; rows && i < history->count; i++)
		rows[i] = (struct item_row){ .id = history->items[i].id,
					     .position = (uint32_t)i,
					     .item = then->items[i],
					     .first_seen_at = history->items[i].first_seen_at,
					     .done_at = history->items[i].done_at };
	return rows;
}

static int replace_items(struct recording *r, int64_t plan, const struct item_row *rows,
			 size_t count)
{
	struct item_list now = { 0 };
	int result = store_items(r->store, plan, &now, r->error);

	for (size_t i = 0; i < now.count && result == 0; i++)
		result = store_item_remove(r->store, plan, now.rows[i].id, r->error);
	item_list_done(&now);
	for (size_t i = 0; i < count && result == 0; i++)
		result = store_item_put(r->store, plan, &rows[i], r->error);
	return result < 0 ? result
			  : store_keyframe_add(r->store, plan, true, rows, count, r->error);
}

static int restore_plan(struct recording *r, struct plan_row *plan, int64_t observation)
{
	cleanup_history struct history history = { 0 };
	cleanup_free struct item_row *rows = NULL;
	const struct plan *then;
	int result = history_load(r->store, plan->id, observation, &history, r->error);

	if (result < 0)
		return result;
	then = history.present ? find_plan(&r->old, &history) : NULL;
	if (!then) /* it was not there on this branch: what is there now is compared with nothing */
		return plan->present ? record_gone(r, plan, true) : 0;
	rows = make_past_rows(then, &history);
	if (!rows || standing_restore(plan, then, rows) < 0)
		return out_of_memory(r->error);
	result = store_plan_put(r->store, plan, r->error);
	return result < 0 ? result : replace_items(r, plan->id, rows, history.count);
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
	/* What is put where a plan once was is not that plan again, whatever it is. */
	if (result == 0 && (r.file.id == 0 || !r.file.present) && !look->registered &&
	    !revision_is_plan(&r.new))
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
	if (result == 0)
		result = record_revision(&r, &change, content);
	/* Most plans are saved many times in a row; a large one would be much to keep. */
	if (result >= 0 && length <= KEPT_MAX)
		revision_keep(&r.new, store, content);
	return result;
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
