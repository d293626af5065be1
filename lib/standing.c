/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "standing.h"

#include "planwatch/cleanup.h"
#include "planwatch/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int standing_begin(const struct part *part, usec_t at, struct plan_row *ret)
{
	if (part->row)
		return plan_row_copy(part->row, ret);
	*ret = (struct plan_row){ .first_seen_at = at,
				  .next_item = 1,
				  .state = { .stage_since = INSTANT_NONE,
					     .started_at = INSTANT_NONE,
					     .last_tick_at = INSTANT_NONE,
					     .last_edit_at = INSTANT_NONE,
					     .last_commit_at = INSTANT_NONE,
					     .status_since = INSTANT_NONE,
					     .waited_until = INSTANT_NONE,
					     .decided_at = INSTANT_NONE } };
	return 0;
}

/* ---- What happened ---- */

bool standing_ticks(const struct part *part)
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

static uint32_t decisions(const struct plan *plan)
{
	uint32_t entries = 0;

	for (size_t i = 0; i < plan->section_count; i++)
		if (plan->sections[i].kind == SECTION_DECISION_LOG)
			entries += plan->sections[i].entries;
	return entries;
}

bool standing_decides(const struct part *part)
{
	return decisions(part->new) > decisions(part->old);
}

/* ---- Stage, budgets, times ---- */

/* The first item that is not done or dropped; NULL without. */
static const struct item_row *find_current(const struct item_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].item.state != ITEM_DONE && !item_is_dropped(&rows[i].item))
			return &rows[i];
	return NULL;
}

/* The stage that is being worked on: the current item, and those that share its label. */
static int set_stage(struct plan_row *row, const struct item_row *rows, size_t count,
		     bool was_under_way, usec_t at)
{
	const struct item_row *current = find_current(rows, count);
	cleanup_free char *label = NULL;
	bool same;

	if (current && current->item.label.kind &&
	    asprintf(&label, "%c%s %s", current->item.label.kind[0] - 'a' + 'A',
		     current->item.label.kind + 1, current->item.label.id) < 0)
		return -ENOMEM;
	same = current && (label && row->stage_label ? strcmp(label, row->stage_label) == 0
						     : row->stage_item == current->id);
	if (!current || !plan_is_under_way(&row->state))
		row->state.stage_since = INSTANT_NONE;
	else if (!same || !was_under_way || row->state.stage_since == INSTANT_NONE)
		row->state.stage_since = at;
	row->stage_item = current ? current->id : 0;
	if (text_replace(&row->stage_text, !current		 ? NULL
					   : *current->item.gist ? current->item.gist
								 : current->item.text) < 0)
		return -ENOMEM;
	return text_replace(&row->stage_label, label);
}

static bool shares_label(const struct item *a, const struct item *b)
{
	return a->label.kind && b->label.kind && strcmp(a->label.kind, b->label.kind) == 0 &&
	       strcmp(a->label.id, b->label.id) == 0;
}

/* When the current stage began: the last item of those before it was witnessed done then, or the work began. */
static usec_t stage_began(const struct plan_row *row, const struct item_row *rows, size_t count)
{
	const struct item_row *current = find_current(rows, count);
	usec_t at = row->state.started_at;

	for (const struct item_row *before = rows; current && before < current; before++)
		if (before->done_at != INSTANT_NONE && before->done_at > at &&
		    !shares_label(&before->item, &current->item))
			at = before->done_at;
	return at;
}

/* The first time tolerance that we can hold it against. */
static struct budget find_budget(const struct plan *plan, enum tolerance_applies applies)
{
	for (size_t i = 0; i < plan->tolerance_count; i++) {
		const struct tolerance *t = &plan->tolerances[i];
		if (t->kind == TOLERANCE_TIME && t->seconds > 0 && t->applies_to == applies)
			return (struct budget){ t->seconds, t->line, t->basis };
	}
	return (struct budget){ .seconds = -1 };
}

static bool has_work_ticked(const struct plan *plan)
{
	for (size_t i = 0; i < plan->item_count; i++)
		if (plan->items[i].state == ITEM_DONE && plan->items[i].label.kind)
			return true;
	return false;
}

/* What the first look finds has no witnessed history: the file's own time is the only sign of when it was last edited. */
static void set_times(struct plan_state *state, const struct part *part, bool was_under_way,
		      const struct standing_look *look)
{
	const struct plan_state *before = part->row ? &part->row->state : NULL;
	usec_t at = look->at;

	if (look->committed_at > state->last_commit_at)
		state->last_commit_at = look->committed_at;
	if (look->quiet)
		return;
	if (before || look->modified == INSTANT_NONE || look->modified > at)
		state->last_edit_at = at;
	else
		state->last_edit_at = look->modified;
	if (!before || state->status != before->status)
		state->status_since = before ? at : state->last_edit_at;
	if (before && status_waits(before->status, before->work_ticked) &&
	    !status_waits(state->status, state->work_ticked))
		state->waited_until = at;
	if (before && standing_ticks(part))
		state->last_tick_at = at;
	if (before && standing_decides(part))
		state->decided_at = at;
	if (plan_is_under_way(state) && (!was_under_way || state->started_at == INSTANT_NONE))
		state->started_at = before ? at : state->last_edit_at;
}

/* What the text says of the plan itself. */
static int take_text(struct plan_row *row, const struct plan *plan)
{
	struct plan_state *state = &row->state;

	state->status = plan->status.state;
	state->source = plan->source;
	state->counts = plan->counts;
	state->work_ticked = has_work_ticked(plan);
	state->stage = find_budget(plan, APPLIES_MILESTONE);
	state->plan = find_budget(plan, APPLIES_PLAN);
	if (text_replace(&row->title, plan->title) < 0)
		return -ENOMEM;
	return text_replace(&row->status_text, plan->status.raw);
}

int standing_restore(struct plan_row *row, const struct plan *then, const struct item_row *rows)
{
	row->present = true;
	row->part = then->part;
	row->state.stage_since = INSTANT_NONE;
	if (take_text(row, then) < 0)
		return -ENOMEM;
	return set_stage(row, rows, then->item_count, true,
			 stage_began(row, rows, then->item_count));
}

int standing_update(struct plan_row *row, const struct part *part, const struct item_row *rows,
		    const struct standing_look *look)
{
	bool was_under_way = part->row && plan_is_under_way(&part->row->state);

	row->present = true;
	row->state.problem = false;
	if (take_text(row, part->new) < 0)
		return -ENOMEM;
	set_times(&row->state, part, was_under_way, look);
	/* A stage that the first look finds under way was so when the file was saved. */
	if (set_stage(row, rows, part->new->item_count, was_under_way,
		      part->row ? look->at : row->state.last_edit_at) < 0)
		return -ENOMEM;
	return text_replace(&row->problem, NULL);
}
