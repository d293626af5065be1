/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tolerances: a limit that can be told to be reached. */
#include "lint_private.h"

#include "ascii.h"
#include "words.h"

#include <string.h>

/* "<N>", "<K>": the skeleton's, not filled in; "Entity<T>" is a type. */
static const char *find_placeholder(const struct lint_line *line)
{
	for (const char *at = line->text; at + 2 < line->end; at++)
		if (at[0] == '<' && is_upper(at[1]) && at[2] == '>' && at > line->text &&
		    at[-1] == ' ')
			return at;
	return NULL;
}

static void check_placeholders(struct lint *lint, const struct section *section)
{
	struct lint_lines lines = lint_section_lines(lint, section);

	for (; lines.at < lines.end; lines.at++) {
		const char *at = lines.at->items ? find_placeholder(lines.at) : NULL;
		if (at)
			(void)lint_add(lint, RULE_TOLERANCE_PLACEHOLDER, lines.at->number, at,
				       "`%.3s` stands where the limit's number belongs", at);
	}
}

static bool holds_number(const char *text)
{
	static const char *const counts[] = { "once",	    "twice", "any",	"every",
					      "single",	    "first", "second",	"third",
					      "same",	    "no",    "another", "repeated",
					      "repeatedly", "again", NULL };
	struct words words;

	words_read(&words, text);
	for (size_t i = 0; i < words.count; i++)
		if (words.at[i].type == WORD_NUMBER)
			return true;
	for (size_t i = 0; i < words.count; i++) {
		int64_t value;
		if (!word_is(&words, i, "a") && !word_is(&words, i, "an") &&
		    words_number(&words, i, &value) > i)
			return true;
	}
	return lint_holds_any(text, counts);
}

static void check_entry(struct lint *lint, const struct tolerance *entry)
{
	if (strchr(entry->text, '<'))
		return;
	if (entry->kind == TOLERANCE_ITERATIONS && entry->attempts < 0 &&
	    !holds_number(entry->text))
		(void)lint_add(lint, RULE_TOLERANCE_NO_NUMBER, entry->line, NULL,
			       "after how many attempts? The limit has no number");
	if (entry->kind == TOLERANCE_TIME && entry->seconds < 0 &&
	    entry->applies_to != APPLIES_NONE)
		(void)lint_add(
		    lint, RULE_TOLERANCE_TIME_UNCLEAR, entry->line, NULL,
		    "no length of time is understood here, so that nothing can hold the plan to it");
}

void lint_tolerances(struct lint *lint, const struct plan *plan)
{
	const struct section *section = lint_section(plan, SECTION_TOLERANCES);
	bool timed = false;

	if (!section)
		return;
	check_placeholders(lint, section);
	for (size_t i = 0; i < plan->tolerance_count; i++) {
		check_entry(lint, &plan->tolerances[i]);
		timed |= plan->tolerances[i].kind == TOLERANCE_TIME;
	}
	if (plan->tolerance_count && !timed)
		(void)lint_add(lint, RULE_TOLERANCE_NO_TIME, section->line, NULL,
			       "no tolerance limits the time of a milestone");
}
