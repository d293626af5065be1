/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written down while the work goes on: decisions, surprises, risks, the retrospective. */
#include "lint_private.h"

#include "ascii.h"
#include "stamp.h"

#include <string.h>

/* A year will do: "2026-01-05/mo", "5 Jan 2026" and "week 3 of 2026" say when, and are no stamps. */
static bool holds_date(const char *text)
{
	struct stamp_span span;
	size_t at;

	for (const char *year = strstr(text, "20"); year; year = strstr(year + 1, "20"))
		if ((year == text || !is_word(year[-1])) && is_digit(year[2]) &&
		    is_digit(year[3]) && !is_word(year[4]))
			return true;
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

/* "Decision: ..." or "**Decision**: ...", and something behind the colon: "none yet" is nothing. */
static bool is_filled(const char *text, const char *field)
{
	const char *behind = text + strlen(field);

	if (!lint_begins(text, field))
		return false;
	behind += strspn(behind, "*_ ");
	if (*behind != ':' || strlen(behind) <= 3)
		return false;
	behind += strspn(behind, ":*_ (");
	return !lint_begins(behind, "none") && !lint_begins(behind, "nothing") &&
	       !lint_begins(behind, "n/a") && !lint_begins(behind, "tbd");
}

/* Whoever writes a second sentence may have given the reason in it, in words that nobody can list. */
static bool has_sentences(const char *text)
{
	const char *stop = text;

	while ((stop = strpbrk(stop, ".;"))) {
		stop++;
		if (*stop == ' ' && (is_upper(stop[1]) || stop[1] == '`' || stop[-1] == ';'))
			return true;
	}
	return false;
}

static void check_decision(struct lint *lint, const struct lint_entry *entry,
			   struct lint_lines rest, bool dated)
{
	static const char *const reasons[] = {
		"rationale", "reason",	    "reasons",	 "because",	"why",
		"since",     "so that",	    "given",	 "reasoning",	"justification",
		"to avoid",  "due to",	    "therefore", "otherwise",	"would",
		"as",	     "in order to", "to keep",	 "to preserve", NULL
	};
	const char *text = text_of_group(lint, entry, rest, "decision");

	if (!lint_holds_any(text, reasons) && !has_sentences(text))
		(void)lint_add(lint, RULE_DECISION_NO_RATIONALE, entry->lines.at->number, NULL,
			       "a decision without its rationale");
	if (!dated && !holds_date(text))
		(void)lint_add(lint, RULE_DECISION_NO_DATE, entry->lines.at->number, NULL,
			       "a decision without a date");
}

/*
 * Only entries in the form of the skeleton are held to it: an entry in other words may say why in any of a thousand ways. A date may
 * also stand in the heading or the paragraph above the list.
 */
static void check_decisions(struct lint *lint, const struct section *section)
{
	struct lint_lines rest = lint_section_lines(lint, section);
	const struct lint_line *end = rest.at; /* of the entry before */
	struct lint_entry entry;
	bool dated = holds_date(section->title);

	while (lint_next_entry(lint, &rest, &entry)) {
		if (entry.lines.at > end)
			dated =
			    holds_date(lint_text(lint, (struct lint_lines){ end, entry.lines.at }));
		if (is_filled(entry.text, "decision"))
			check_decision(lint, &entry, rest, dated);
		end = entry.lines.end;
	}
}

static void check_field(struct lint *lint, const struct section *section, enum lint_rule_id rule,
			const char *field, const char *const *wanted, const char *message)
{
	struct lint_lines rest = lint_section_lines(lint, section);
	struct lint_entry entry;

	while (lint_next_entry(lint, &rest, &entry)) {
		if (!is_filled(entry.text, field))
			continue;
		/* A name, a path or a second sentence may be what is asked for. */
		const char *text = text_of_group(lint, &entry, rest, field);
		if (!lint_holds_any(text, wanted) && !has_sentences(text) && !strchr(text, '`'))
			(void)lint_add(lint, rule, entry.lines.at->number, NULL, "%s", message);
	}
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
