/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rules of lint share: the file as lines with their blocks and sections, and how a finding is made. One file for each
 * subject, lib/lint_*.c; each of its functions looks at one plan, or at the file.
 */
#ifndef LIB_LINT_PRIVATE_H
#define LIB_LINT_PRIVATE_H

#include "arena.h"
#include "planwatch/lint.h"
#include "planwatch/plan.h"
#include "scan.h"

/* In the order of their codes: the table is lib/lint_rules.c. */
enum lint_rule_id {
	RULE_NOT_A_PLAN,

	RULE_SECTION_MISSING,
	RULE_LIMITS_SECTION_MISSING,
	RULE_LIMITS_ABSENT,
	RULE_BODY_SECTION_MISSING,
	RULE_SECTION_EMPTY,
	RULE_SECTION_ORDER,
	RULE_SECTION_MISSPELT,
	RULE_SECTION_TWICE,
	RULE_SECTION_LEVEL,
	RULE_TITLE_MISSING,

	RULE_STATUS_MISSING,
	RULE_STATUS_UNKNOWN,
	RULE_STATUS_WORD,
	RULE_COMPLETE_BUT_OPEN,
	RULE_DONE_BUT_NOT_COMPLETE,
	RULE_DRAFT_TICKED,
	RULE_COMPLETE_IN_ACTIVE,

	RULE_STAMP_MISSING,
	RULE_STAMP_IMPOSSIBLE,
	RULE_STAMP_FUTURE,
	RULE_STAMP_ORDER,
	RULE_STAMP_PLACEHOLDER,
	RULE_STAMP_MIDNIGHT,
	RULE_STAMP_BATCH,
	RULE_STAMP_ZONE,

	RULE_TOLERANCE_NO_NUMBER,
	RULE_TOLERANCE_PLACEHOLDER,
	RULE_TOLERANCE_NO_TIME,
	RULE_TOLERANCE_TIME_UNCLEAR,

	RULE_PROGRESS_NO_BOXES,
	RULE_BOX_MALFORMED,
	RULE_ITEM_EMPTY,
	RULE_ITEM_VAGUE,
	RULE_ITEM_INDENTED,
	RULE_ITEM_MARK,
	RULE_ITEM_REMAINS,

	RULE_FENCE_NESTED,
	RULE_FENCE_AROUND,
	RULE_HEADING_BLANK,
	RULE_LIST_MARKER,
	RULE_LIST_FOR_PROSE,
	RULE_COMMAND_NO_OUTPUT,
	RULE_PLACEHOLDER,
	RULE_SKELETON_TEXT,

	RULE_DECISION_NO_RATIONALE,
	RULE_DECISION_NO_DATE,
	RULE_SURPRISE_NO_EVIDENCE,
	RULE_RISK_NO_MITIGATION,
	RULE_RETROSPECTIVE_EMPTY,

	RULE_OTHER_PLAN,
	RULE_PATH_BARE,

	RULE_REVISION_NOTE,
	RULE_LIMITS_CHANGED,

	RULE_COUNT
};

extern const struct lint_rule lint_rules[RULE_COUNT];

struct lint_line {
	const char *start, *text, *end; /* as in struct scan_line; text[..end) is the content */
	const char *marker;
	const char *line_end; /* where its line break begins */
	uint32_t number;
	unsigned char block; /* enum scan_block */
	unsigned char level, items, opened, quotes;
	bool continues;
};

struct lint {
	const struct lint_input *input;
	const struct plan_file *file;
	struct lint_report *report;
	struct arena arena;
	struct lint_line *lines;
	size_t line_count, line_capacity, finding_capacity;
	bool fenced;	     /* a fence around the whole file was taken off */
	const char *counted; /* up to here the columns of its line are counted */
	uint32_t column;
};

/* The line with this number; NULL where it is none of the plan's (a fence around it). */
const struct lint_line *lint_line(const struct lint *lint, uint32_t number);

struct lint_lines {
	const struct lint_line *at, *end;
};
struct lint_lines lint_lines_between(const struct lint *lint, uint32_t first, uint32_t last);

struct lint_lines lint_plan_lines(const struct lint *lint, const struct plan *plan);

/* The lines of a section without its heading. */
static inline struct lint_lines lint_section_lines(const struct lint *lint,
						   const struct section *section)
{
	return lint_lines_between(lint, section->line + 1, section->end_line);
}

/*
 * A finding at `at` within the line, NULL for where its text begins. NULL where the rule is off, or memory is out (which the arena
 * remembers).
 */
struct lint_finding *lint_add(struct lint *lint, enum lint_rule_id rule, uint32_t line,
			      const char *at, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* What mends it: the bytes from `from` up to `to` become text[0..length). */
void lint_set_fix(struct lint *lint, struct lint_finding *finding, const char *from, const char *to,
		  const char *text, size_t length);

/* The plan's first section of a kind, NULL for none. */
const struct section *lint_section(const struct plan *plan, enum section_kind kind);
/* The name that the format gives it: "Surprises & Discoveries"; NULL for none. */
const char *lint_section_title(enum section_kind kind);
/* It has one of the sections that only the newer form of the format has: Constraints, Tolerances. */
bool lint_has_limits(const struct plan *plan);

/* What the lines say: text and headings, in indented code, too, fences left out; folded on one line. Belongs to the arena. */
const char *lint_text(struct lint *lint, struct lint_lines lines);
/* True where the text holds the words, letters compared without case, no letter beside them. */
bool lint_holds(const char *text, const char *words);
/* The same with a table of words, NULL at its end. */
bool lint_holds_any(const char *text, const char *const *words);
/* True where it begins with them. */
bool lint_begins(const char *text, const char *words);

/* An entry of a section: an outermost list item, also one in indented code, with all that is in it. */
struct lint_entry {
	struct lint_lines lines;
	const char *text; /* behind its marker, as lint_text(); emphasis in front left out */
};
/* The next entry in `rest`, which is moved behind it; false at the end. */
bool lint_next_entry(struct lint *lint, struct lint_lines *rest, struct lint_entry *ret);

void lint_sections(struct lint *lint, const struct plan *plan);
void lint_status(struct lint *lint, const struct plan *plan);
void lint_stamps(struct lint *lint, const struct plan *plan);
void lint_tolerances(struct lint *lint, const struct plan *plan);
void lint_items(struct lint *lint, const struct plan *plan);
void lint_form(struct lint *lint, const struct plan *plan);
void lint_logs(struct lint *lint, const struct plan *plan);
void lint_references(struct lint *lint, const struct plan *plan);
void lint_revision(struct lint *lint, const struct plan *plan, const struct plan *previous);

#endif
