/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written down while the work goes on: decisions, surprises, risks, the retrospective. */
#include "lint_private.h"

#include "stamp.h"

#include <string.h>

static bool holds_date(const char *text)
{
	struct stamp_span span;
	size_t at;

	return stamp_find(text, 0, &at, &span);
}

/* A field may have become an entry of its own: the lines up to the next "Decision:" belong to it. */
static const char *text_of_group(struct lint *lint, const struct lint_entry *entry,
				 struct lint_lines rest, const char *field)
{
	struct lint_lines lines = entry->lines;
	struct lint_entry next;

	while (lint_next_entry(lint, &rest, &next)) {
		if (lint_begins(next.text, field))
			break;
		lines.end = next.lines.end;
	}
	return lines.end == entry->lines.end ? entry->text : lint_text(lint, lines);
}

/* The field, and something behind its colon. */
static bool is_filled(const char *text, const char *field)
{
	const char *colon = strchr(text, ':');

	return lint_begins(text, field) && colon && strlen(colon) > 3;
}

/*
 * Only entries in the form of the skeleton are held to it: an entry in other words may say why in any of a thousand ways. A date may
 * also stand in a heading or a sentence above.
 */
static void check_decisions(struct lint *lint, const struct section *section)
{
	static const char *const reasons[] = { "rationale",	"reason",   "reasons", "because",
					       "why",		"since",    "so that", "reasoning",
					       "justification", "to avoid", NULL };
	struct lint_lines lines = lint_section_lines(lint, section), rest = lines;
	struct lint_entry entry;

	while (lint_next_entry(lint, &rest, &entry)) {
		if (!is_filled(entry.text, "decision"))
			continue;
		const char *text = text_of_group(lint, &entry, rest, "decision");
		if (!lint_holds_any(text, reasons))
			(void)lint_add(lint, RULE_DECISION_NO_RATIONALE, entry.lines.at->number,
				       NULL, "a decision without its rationale");
		struct lint_lines above = { lines.at, entry.lines.at };
		while (above.end > above.at && above.end[-1].items)
			above.end--;
		if (!holds_date(text) && !holds_date(lint_text(lint, above)))
			(void)lint_add(lint, RULE_DECISION_NO_DATE, entry.lines.at->number, NULL,
				       "a decision without a date");
	}
}

static void check_field(struct lint *lint, const struct section *section, enum lint_rule_id rule,
			const char *field, const char *const *wanted, const char *message)
{
	struct lint_lines rest = lint_section_lines(lint, section);
	struct lint_entry entry;

	while (lint_next_entry(lint, &rest, &entry))
		if (is_filled(entry.text, field) &&
		    !lint_holds_any(text_of_group(lint, &entry, rest, field), wanted))
			(void)lint_add(lint, rule, entry.lines.at->number, NULL, "%s", message);
}

void lint_logs(struct lint *lint, const struct plan *plan)
{
	static const char *const evidence[] = { "evidence", "proof", "shown by", NULL };
	static const char *const mitigation[] = { "mitigation",	 "mitigations", "mitigate",
						  "contingency", "response",	NULL };
	const struct section *outcomes = lint_section(plan, SECTION_OUTCOMES);

	for (size_t i = 0; i < plan->section_count; i++) {
		const struct section *section = &plan->sections[i];
		if (section->kind == SECTION_DECISION_LOG)
			check_decisions(lint, section);
		else if (section->kind == SECTION_SURPRISES)
			check_field(lint, section, RULE_SURPRISE_NO_EVIDENCE, "observation",
				    evidence, "an observation without its evidence");
		else if (section->kind == SECTION_RISKS)
			check_field(lint, section, RULE_RISK_NO_MITIGATION, "risk", mitigation,
				    "a risk without a mitigation or a contingency");
	}
	if (plan->status.state == STATUS_COMPLETE && outcomes && outcomes->entries == 0)
		(void)lint_add(lint, RULE_RETROSPECTIVE_EMPTY, outcomes->line, NULL,
			       "the plan is complete, and `%s` says nothing", outcomes->title);
}
