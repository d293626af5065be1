/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sections of the format: there, filled, in order, well spelt. */
#include "lint_private.h"

#include "ascii.h"
#include "heading.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The format's own headings, in the order of its skeleton, which is that of enum section_kind. */
static const char *const titles[SECTION_KIND_COUNT] = {
	[SECTION_PURPOSE] = "Purpose / Big Picture",
	[SECTION_CONSTRAINTS] = "Constraints",
	[SECTION_TOLERANCES] = "Tolerances",
	[SECTION_RISKS] = "Risks",
	[SECTION_PROGRESS] = "Progress",
	[SECTION_SURPRISES] = "Surprises & Discoveries",
	[SECTION_DECISION_LOG] = "Decision Log",
	[SECTION_OUTCOMES] = "Outcomes & Retrospective",
	[SECTION_CONTEXT] = "Context and Orientation",
	[SECTION_PLAN_OF_WORK] = "Plan of Work",
	[SECTION_CONCRETE_STEPS] = "Concrete Steps",
	[SECTION_VALIDATION] = "Validation and Acceptance",
	[SECTION_RECOVERY] = "Idempotence and Recovery",
	[SECTION_ARTIFACTS] = "Artifacts and Notes",
	[SECTION_INTERFACES] = "Interfaces and Dependencies",
	[SECTION_REVISION_NOTE] = "Revision note",
};

const char *lint_section_title(enum section_kind kind)
{
	return titles[kind];
}

/* Where what is missing is told: the plan's title. */
static uint32_t title_line(const struct plan *plan)
{
	return plan->section_count && plan->sections[0].level == 1 ? plan->sections[0].line
								   : plan->line;
}

/* One finding for all of them: they are missing in one place. `meant`: there, but misspelt or of another level, which is told by itself. */
static void check_missing(struct lint *lint, const struct plan *plan, const bool *meant,
			  enum lint_rule_id rule, const enum section_kind *kinds, size_t count)
{
	const char *missing[SECTION_KIND_COUNT];
	char names[400] = "";
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		if (!lint_section(plan, kinds[i]) && !meant[kinds[i]])
			missing[found++] = titles[kinds[i]];
	for (size_t i = 0; i < found; i++) {
		size_t length = strlen(names);
		(void)snprintf(names + length, sizeof(names) - length, "%s`%s`",
			       i == 0	       ? ""
			       : i + 1 < found ? ", "
					       : " and ",
			       missing[i]);
	}
	if (found)
		(void)lint_add(lint, rule, title_line(plan), NULL, "the section%s %s %s missing",
			       found > 1 ? "s" : "", names, found > 1 ? "are" : "is");
}

#define MISSING(lint, plan, meant, rule, ...)                                              \
	check_missing(lint, plan, meant, rule, (const enum section_kind[]){ __VA_ARGS__ }, \
		      sizeof((const enum section_kind[]){ __VA_ARGS__ }) /                 \
			  sizeof(enum section_kind))

static void check_presence(struct lint *lint, const struct plan *plan, const bool *meant)
{
	MISSING(lint, plan, meant, RULE_SECTION_MISSING, SECTION_PROGRESS, SECTION_SURPRISES,
		SECTION_DECISION_LOG, SECTION_OUTCOMES);
	if (lint_has_limits(plan))
		MISSING(lint, plan, meant, RULE_LIMITS_SECTION_MISSING, SECTION_CONSTRAINTS,
			SECTION_TOLERANCES, SECTION_RISKS);
	else
		(void)lint_add(
		    lint, RULE_LIMITS_ABSENT, title_line(plan), NULL,
		    "no Constraints and no Tolerances: nothing says where the work must stop and ask");
	MISSING(lint, plan, meant, RULE_BODY_SECTION_MISSING, SECTION_PURPOSE, SECTION_CONTEXT,
		SECTION_PLAN_OF_WORK, SECTION_CONCRETE_STEPS, SECTION_VALIDATION);
	if (!*plan->title)
		(void)lint_add(lint, RULE_TITLE_MISSING, plan->line, NULL,
			       "the plan has no first-level heading, its title");
}

static void check_empty(struct lint *lint, const struct plan *plan)
{
	for (size_t i = 0; i < plan->section_count; i++) {
		const struct section *section = &plan->sections[i];
		bool has_parts =
		    i + 1 < plan->section_count && plan->sections[i + 1].line <= section->end_line;
		/* "## Plan of Work" above "## Stage A": its parts stand beside it. */
		bool has_stages = section->kind == SECTION_PLAN_OF_WORK &&
				  i + 1 < plan->section_count &&
				  plan->sections[i + 1].kind == SECTION_UNKNOWN;
		if (section->kind != SECTION_UNKNOWN && section->kind != SECTION_STATUS &&
		    section->digest == 0 && !has_parts && !has_stages)
			(void)lint_add(lint, RULE_SECTION_EMPTY, section->line, NULL,
				       "nothing stands below `%s`", section->title);
	}
}

/* ---- Order ---- */

/* The longest run in order is taken for right; what is not in it stands in the wrong place. */
static void check_order(struct lint *lint, const struct plan *plan)
{
	const struct section *found[SECTION_KIND_COUNT];
	unsigned length[SECTION_KIND_COUNT], best = 0;
	size_t before[SECTION_KIND_COUNT] = { 0 }, count = 0, last = 0;
	bool seen[SECTION_KIND_COUNT] = { false }, right[SECTION_KIND_COUNT] = { false };

	for (size_t i = 0; i < plan->section_count; i++) {
		const struct section *section = &plan->sections[i];
		if (section->level != 2 || !titles[section->kind] || seen[section->kind])
			continue;
		seen[section->kind] = true;
		length[count] = 1;
		before[count] = SIZE_MAX;
		for (size_t k = 0; k < count; k++)
			if (found[k]->kind < section->kind && length[k] >= length[count]) {
				length[count] = length[k] + 1;
				before[count] = k;
			}
		if (length[count] > best) {
			best = length[count];
			last = count;
		}
		found[count++] = section;
	}
	for (size_t i = count ? last : SIZE_MAX; i != SIZE_MAX; i = before[i])
		right[i] = true;
	for (size_t i = 0; i < count; i++)
		if (!right[i])
			(void)lint_add(lint, RULE_SECTION_ORDER, found[i]->line, NULL,
				       "`%s` stands elsewhere than in the format's skeleton",
				       found[i]->title);
}

/* ---- Spelling ---- */

#define NAME_MAX_LENGTH 40

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/*
 * Letters to insert, leave out, exchange or swap with the next one (Damerau and Levenshtein); more than `most` where the lengths alone
 * tell so.
 */
static unsigned distance(const char *a, size_t a_length, const char *b, unsigned most)
{
	unsigned rows[3][NAME_MAX_LENGTH + 1];
	unsigned *older = rows[0], *old = rows[1], *now = rows[2];
	size_t b_length = strlen(b);

	if (a_length > NAME_MAX_LENGTH || a_length + most < b_length || b_length + most < a_length)
		return most + 1;
	for (size_t k = 0; k <= b_length; k++)
		old[k] = (unsigned)k;
	for (size_t i = 1; i <= a_length; i++) {
		now[0] = (unsigned)i;
		for (size_t k = 1; k <= b_length; k++) {
			unsigned same = old[k - 1] + (lower(a[i - 1]) != lower(b[k - 1]));
			unsigned other = (old[k] < now[k - 1] ? old[k] : now[k - 1]) + 1;
			now[k] = same < other ? same : other;
			if (i > 1 && k > 1 && lower(a[i - 1]) == lower(b[k - 2]) &&
			    lower(a[i - 2]) == lower(b[k - 1]) && older[k - 2] + 1 < now[k])
				now[k] = older[k - 2] + 1;
		}
		unsigned *spare = older;
		older = old;
		old = now;
		now = spare;
	}
	return old[b_length];
}

/* "(exception triggers)" and a closing colon are not the name. */
static size_t name_length(const char *title)
{
	size_t length = strcspn(title, "(");

	while (length && strchr(" :", title[length - 1]))
		length--;
	return length;
}

static void check_spelling(struct lint *lint, const struct plan *plan,
			   const struct section *section, bool *meant)
{
	size_t length = name_length(section->title);

	if (section->kind != SECTION_UNKNOWN || section->level != 2 || length < 5)
		return;
	for (size_t kind = 0; kind < SECTION_KIND_COUNT; kind++) {
		unsigned allowed = length < 10 ? 1 : 2, d;
		if (!titles[kind])
			continue;
		d = distance(section->title, length, titles[kind], allowed);
		if (d == 0 || d > allowed)
			continue;
		meant[kind] = true;
		struct lint_finding *finding = lint_add(
		    lint, RULE_SECTION_MISSPELT, section->line, NULL,
		    "`%s`: no section of the format; `%s` is meant?", section->title, titles[kind]);
		const struct lint_line *line = lint_line(lint, section->line);
		/* Folded white space has another length; and one is enough. */
		if (line && !lint_section(plan, (enum section_kind)kind) &&
		    (size_t)(line->end - line->text) >= length &&
		    memcmp(line->text, section->title, length) == 0)
			lint_set_fix(lint, finding, line->text, line->text + length, titles[kind],
				     strlen(titles[kind]));
		return;
	}
}

/* ---- Levels, doubles ---- */

/* "# Progress": a first-level heading names a plan, so that the reader does not see the section. */
static void check_level(struct lint *lint, const struct section *section, bool *meant)
{
	const struct lint_line *line = lint_line(lint, section->line);
	size_t length = name_length(section->title);

	if (section->level != 1)
		return;
	for (size_t kind = SECTION_CONSTRAINTS; kind <= SECTION_OUTCOMES; kind++) {
		if (strlen(titles[kind]) != length ||
		    strncasecmp(section->title, titles[kind], length) != 0)
			continue;
		meant[kind] = true;
		struct lint_finding *finding =
		    lint_add(lint, RULE_SECTION_LEVEL, section->line, NULL,
			     "`%s` is a first-level heading, which names a plan; sections are `##`",
			     section->title);
		if (line && line->block == SCAN_HEADING)
			lint_set_fix(lint, finding, line->start, line->start, "#", 1);
	}
}

static void check_twice(struct lint *lint, const struct plan *plan, size_t index)
{
	const struct section *section = &plan->sections[index];

	if (!titles[section->kind] || section->level != 2)
		return;
	for (size_t i = 0; i < index; i++) {
		const struct section *other = &plan->sections[i];
		if (other->kind != section->kind || other->level != 2 ||
		    strcasecmp(other->title, section->title) != 0)
			continue;
		(void)lint_add(lint, RULE_SECTION_TWICE, section->line, NULL,
			       "`%s` stands in line %u already", section->title, other->line);
		return;
	}
}

void lint_sections(struct lint *lint, const struct plan *plan)
{
	bool meant[SECTION_KIND_COUNT] = { false };

	check_empty(lint, plan);
	check_order(lint, plan);
	for (size_t i = 0; i < plan->section_count; i++) {
		check_spelling(lint, plan, &plan->sections[i], meant);
		check_level(lint, &plan->sections[i], meant);
		check_twice(lint, plan, i);
	}
	check_presence(lint, plan, meant);
}
