/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status: there, known, and what the boxes say. */
#include "lint_private.h"

#include "planwatch/text.h"

#include <string.h>
#include <strings.h>

/* What people write for the format's words, where it is those alone. */
static const struct {
	const char *word, *format;
} synonyms[] = {
	{ "completed", "COMPLETE" },	  { "done", "COMPLETE" },
	{ "in_progress", "IN PROGRESS" }, { "in-progress", "IN PROGRESS" },
	{ "inprogress", "IN PROGRESS" },  { "active", "IN PROGRESS" },
};

static void check_word(struct lint *lint, const struct plan *plan)
{
	const struct lint_line *line = lint_line(lint, plan->status.line);
	size_t length = strcspn(plan->status.raw, " (.,;");
	const char *behind = plan->status.raw + length;

	behind += *behind == ' ';
	if (!line || (*behind && !strchr("(.,;", *behind)))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(synonyms); i++) {
		if (strlen(synonyms[i].word) != length ||
		    strncasecmp(plan->status.raw, synonyms[i].word, length) != 0)
			continue;
		const char *at = memmem(line->text, (size_t)(line->line_end - line->text),
					plan->status.raw, length);
		struct lint_finding *finding = lint_add(
		    lint, RULE_STATUS_WORD, line->number, at, "the format's word for `%.*s` is %s",
		    (int)length, plan->status.raw, synonyms[i].format);
		if (at)
			lint_set_fix(lint, finding, at, at + length, synonyms[i].format,
				     strlen(synonyms[i].format));
	}
}

static const struct item *first_item(const struct plan *plan, enum item_state state)
{
	for (size_t i = 0; i < plan->item_count; i++)
		if (plan->items[i].state == state)
			return &plan->items[i];
	return NULL;
}

/* "PARTIALLY COMPLETED (the rest was descoped)", "INCOMPLETE": the author says more than the boxes can. */
static bool says_partial(const char *raw)
{
	raw += strspn(raw, "*_` ");
	return text_starts(raw, "partial") || text_starts(raw, "partly") ||
	       text_starts(raw, "incomplete") || text_starts(raw, "unfinished") ||
	       text_starts(raw, "not ") || text_starts(raw, "complete");
}

/* Only what the Progress itself says: boxes elsewhere may be anything. */
static void check_boxes(struct lint *lint, const struct plan *plan)
{
	enum plan_status state = plan->status.state;
	const struct item *open = first_item(plan, ITEM_OPEN);
	bool under_way =
	    state == STATUS_DRAFT || state == STATUS_APPROVED || state == STATUS_IN_PROGRESS;

	if (plan->source != PROGRESS_SECTION)
		return;
	if (state == STATUS_COMPLETE && open)
		(void)lint_add(
		    lint, RULE_COMPLETE_BUT_OPEN, plan->status.line, NULL,
		    "the status says complete, %u of %u items are open, the first in line %u",
		    plan->counts.open, plan->counts.total, open->line);
	if (under_way && !says_partial(plan->status.raw) && plan->counts.total > 0 &&
	    plan->counts.done == plan->counts.total)
		(void)lint_add(lint, RULE_DONE_BUT_NOT_COMPLETE, plan->status.line, NULL,
			       "all %u items are done, the status says %s", plan->counts.total,
			       plan_status_name(state));
}

/* Ticks of the plan's own writing ("Drafted the plan") are no work: those of a stage are. */
static void check_gate(struct lint *lint, const struct plan *plan)
{
	for (size_t i = 0; i < plan->item_count; i++) {
		const struct item *item = &plan->items[i];
		if (item->state != ITEM_DONE || !item->label.kind)
			continue;
		(void)lint_add(lint, RULE_DRAFT_TICKED, item->line, NULL,
			       "work is ticked while the status is draft");
		return;
	}
}

static bool is_in_active(const char *path)
{
	return path && (strstr(path, "/active/") || strncmp(path, "active/", 7) == 0);
}

void lint_status(struct lint *lint, const struct plan *plan)
{
	enum plan_status state = plan->status.state;

	if (!plan->status.raw) {
		if (lint_has_limits(plan))
			(void)lint_add(lint, RULE_STATUS_MISSING, plan->sections[0].line, NULL,
				       "the plan has no status");
		return;
	}
	if (state == STATUS_UNKNOWN)
		(void)lint_add(lint, RULE_STATUS_UNKNOWN, plan->status.line, NULL,
			       "the status `%.60s` names no state", plan->status.raw);
	check_word(lint, plan);
	check_boxes(lint, plan);
	if (state == STATUS_DRAFT)
		check_gate(lint, plan);
	if ((state == STATUS_COMPLETE || state == STATUS_SUPERSEDED) &&
	    is_in_active(lint->input->path))
		(void)lint_add(lint, RULE_COMPLETE_IN_ACTIVE, plan->status.line, NULL,
			       "the plan is %s and lies among the active ones",
			       plan_status_name(state));
}
