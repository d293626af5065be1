/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an edit of a plan owes: the note that says so, and a decision where a limit moved. Needs the plan as it was before. */
#include "lint_private.h"

#include <string.h>
#include <strings.h>

/* What a revision changes; the living sections are kept as the work goes on, and their own entries say why. */
static const enum section_kind revised[] = {
	SECTION_PURPOSE,	SECTION_CONTEXT,     SECTION_PLAN_OF_WORK,
	SECTION_CONCRETE_STEPS, SECTION_VALIDATION,  SECTION_RECOVERY,
	SECTION_INTERFACES,	SECTION_CONSTRAINTS, SECTION_TOLERANCES,
};

static uint64_t digest_of(const struct plan *plan, enum section_kind kind)
{
	const struct section *section = lint_section(plan, kind);

	return section ? section->digest : 0;
}

static size_t count_words(const char *bytes, size_t length, const char *words)
{
	size_t count = 0, size = strlen(words);

	for (const char *at = bytes, *end = bytes + length;
	     (at = memmem(at, (size_t)(end - at), words, size)); at += size)
		count++;
	return count;
}

/* A section of its own, or paragraphs that begin so. */
static bool has_new_note(const struct lint_input *input, const struct plan *now,
			 const struct plan *before)
{
	static const char *const words[] = { "evision note", "hange note", "evision history" };

	if (digest_of(now, SECTION_REVISION_NOTE) != digest_of(before, SECTION_REVISION_NOTE))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (count_words(input->bytes, input->length, words[i]) >
		    count_words(input->previous, input->previous_length, words[i]))
			return true;
	return false;
}

static void check_note(struct lint *lint, const struct plan *now, const struct plan *before)
{
	for (size_t i = 0; i < ARRAY_SIZE(revised); i++) {
		const struct section *section = lint_section(now, revised[i]);
		if (!section || !digest_of(before, revised[i]) ||
		    section->digest == digest_of(before, revised[i]))
			continue;
		if (!has_new_note(lint->input, now, before))
			(void)lint_add(
			    lint, RULE_REVISION_NOTE, section->line, NULL,
			    "`%s` was edited, and no revision note says what changed and why",
			    section->title);
		return;
	}
}

static bool is_same_limit(const struct tolerance *a, const struct tolerance *b)
{
	return a->seconds == b->seconds && a->files == b->files && a->lines == b->lines &&
	       a->attempts == b->attempts;
}

static bool has_number(const struct tolerance *limit)
{
	return limit->seconds >= 0 || limit->files >= 0 || limit->lines >= 0 ||
	       limit->attempts >= 0;
}

/* The limit with the label of before->tolerances[index]; of several with one label the same one of them. */
static const struct tolerance *find_limit(const struct plan *now, const struct plan *before,
					  size_t index)
{
	const char *label = before->tolerances[index].label;
	size_t skip = 0;

	for (size_t i = 0; i < index; i++)
		skip += strcasecmp(before->tolerances[i].label, label) == 0;
	for (size_t i = 0; i < now->tolerance_count; i++)
		if (strcasecmp(now->tolerances[i].label, label) == 0 && skip-- == 0)
			return &now->tolerances[i];
	return NULL;
}

/* Only numbers count, and limits that are gone: most edits of the section mend spelling. */
static void compare_limits(struct lint *lint, const struct plan *now, const struct plan *before)
{
	const struct section *section = lint_section(now, SECTION_TOLERANCES);

	for (size_t i = 0; i < before->tolerance_count; i++) {
		const struct tolerance *old = &before->tolerances[i],
				       *new = find_limit(now, before, i);
		if (*old->label && new && !is_same_limit(old, new))
			(void)lint_add(
			    lint, RULE_LIMITS_CHANGED, new->line, NULL,
			    "the limit `%s` is another than before, and the Decision Log does not say why",
			    new->label);
		if (*old->label && !new &&section && has_number(old) &&
		    now->tolerance_count < before->tolerance_count)
			(void)lint_add(
			    lint, RULE_LIMITS_CHANGED, section->line, NULL,
			    "the limit `%s` is gone, and the Decision Log does not say why",
			    old->label);
	}
}

/* The limits of a draft may change freely; afterwards it takes a decision. */
static void check_limits(struct lint *lint, const struct plan *now, const struct plan *before)
{
	bool begun = before->status.raw ? before->status.state != STATUS_DRAFT &&
					      before->status.state != STATUS_UNKNOWN
					: before->counts.done > 0;

	if (!begun ||
	    digest_of(now, SECTION_DECISION_LOG) != digest_of(before, SECTION_DECISION_LOG))
		return;
	compare_limits(lint, now, before);
}

void lint_revision(struct lint *lint, const struct plan *plan, const struct plan *previous)
{
	check_note(lint, plan, previous);
	check_limits(lint, plan, previous);
}
