/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an edit of a plan owes: the note that says so, and a decision where a limit moved. Needs the plan as it was before. */
#include "lint_private.h"

#include "ascii.h"

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

/* The words of a section, as numbers. */
struct bag {
	uint64_t *at;
	size_t count, capacity;
};

static void add_word(struct lint *lint, struct bag *bag, uint64_t word)
{
	uint64_t *grown =
	    arena_grow(&lint->arena, bag->at, bag->count, &bag->capacity, sizeof(*bag->at));

	if (!grown)
		return;
	bag->at = grown;
	grown[bag->count++] = word;
}

static int compare_words(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static const char *line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline ? newline + 1 : end;
}

/* Without signs and case; in order. The hash is FNV-1a. */
static struct bag words_of(struct lint *lint, const char *bytes, size_t length,
			   const struct section *section)
{
	const uint64_t start = 14695981039346656037U, prime = 1099511628211U;
	const char *at = bytes, *end = bytes + length, *stop;
	uint64_t word = start;
	struct bag bag = { 0 };

	for (uint32_t line = 1; line <= section->line; line++)
		at = line_end(at, end);
	stop = at;
	for (uint32_t line = section->line; line < section->end_line; line++)
		stop = line_end(stop, end);
	for (; at < stop; at++) {
		if (is_word(*at)) {
			word = (word ^ (unsigned char)(is_upper(*at) ? *at | 0x20 : *at)) * prime;
		} else if (word != start) {
			add_word(lint, &bag, word);
			word = start;
		}
	}
	if (word != start)
		add_word(lint, &bag, word);
	if (bag.count)
		qsort(bag.at, bag.count, sizeof(*bag.at), compare_words);
	return bag;
}

/* How many words of one are not in the other; the larger number of the two sides. */
static size_t count_changed(const struct bag *a, const struct bag *b)
{
	size_t only_a = 0, only_b = 0, i = 0, k = 0;

	while (i < a->count || k < b->count) {
		bool take_a = k == b->count || (i < a->count && a->at[i] <= b->at[k]);
		bool take_b = i == a->count || (k < b->count && b->at[k] <= a->at[i]);
		only_a += take_a && !take_b;
		only_b += take_b && !take_a;
		i += take_a;
		k += take_b;
	}
	return only_a > only_b ? only_a : only_b;
}

/* A few words more or less are the mending of a sentence; most edits of real plans are. */
#define REVISION_WORDS 6

static bool is_revised(struct lint *lint, const struct section *now, const struct section *before)
{
	const struct lint_input *input = lint->input;

	if (!now || !before || !before->digest || now->digest == before->digest)
		return false;
	struct bag new = words_of(lint, input->bytes, input->length, now);
	struct bag old = words_of(lint, input->previous, input->previous_length, before);
	return count_changed(&new, &old) >= REVISION_WORDS;
}

static void check_note(struct lint *lint, const struct plan *now, const struct plan *before)
{
	if (has_new_note(lint->input, now, before))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(revised); i++) {
		const struct section *section = lint_section(now, revised[i]);
		if (!is_revised(lint, section, lint_section(before, revised[i])))
			continue;
		(void)lint_add(lint, RULE_REVISION_NOTE, section->line, NULL,
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
		if (*old->label && section && has_number(old) && !new &&
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
