/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The format's contract as rules: the bytes of a plan file in, findings out. A pure function: no file, no clock, no output; what
 * the bytes do not hold (the time, the file's name, what was committed last) comes in as arguments.
 *
 * A finding says what can be seen. Where the contract says "must" and the text shows without doubt that it is broken, the rule
 * warns, or calls it an error where a reader is misled; what needs a person's judgement is advice. The sources of the rules are the
 * format's own definition and DESIGN.md 3, 8 and 9. A rule's code keeps its meaning for ever.
 */
#ifndef PLANWATCH_LINT_H
#define PLANWATCH_LINT_H

#include "planwatch/cleanup.h"
#include "planwatch/instant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lint_severity {
	LINT_OFF,
	LINT_ADVICE,
	LINT_WARNING,
	LINT_ERROR,
};

struct lint_rule {
	const char *code; /* "PLN001" */
	const char *name; /* "section-missing" */
	enum lint_severity severity;
	bool fixable;
	const char *summary;	 /* one line: what is wrong where it finds something */
	const char *explanation; /* for --explain: why, and what to do */
};

/* Rules are numbered from 0 in the order of their codes. */
#define LINT_RULES_MAX 64

size_t lint_rule_count(void);
const struct lint_rule *lint_rule(size_t index);
/* The number of the rule with this code or name, letters compared without case; -1 for none. */
int lint_rule_find(const char *name, size_t length);

/* "advice", "warning", "error", "off". */
const char *lint_severity_name(enum lint_severity severity);
/* -EINVAL where it is none of them. */
int lint_severity_parse(const char *name, enum lint_severity *ret);

/* How severe each rule is. */
struct lint_severities {
	unsigned char of[LINT_RULES_MAX]; /* enum lint_severity */
};
void lint_severities_init(struct lint_severities *severities);

struct lint_input {
	const char *bytes;
	size_t length;
	const char *path; /* as the user knows it; NULL for none */
	usec_t now;
	/* What the file was before its last edit; NULL where there is no witness: then the rules about edits are silent. */
	const char *previous;
	size_t previous_length;
	const struct lint_severities *severities;
};

/* What mends a finding: bytes[at..at + length) become `text`. */
struct lint_fix {
	size_t at, length;
	const char *text; /* NULL: nothing mends it but a person */
};

struct lint_finding {
	size_t rule;
	enum lint_severity severity;
	uint32_t line, column; /* from 1; a column is a code point */
	const char *message;
	/* Of the rule and the line's text: stays when lines above come and go. */
	uint64_t fingerprint;
	struct lint_fix fix;
};

/* In the order of lines. */
struct lint_report {
	struct lint_finding *findings;
	size_t count;
	bool is_plan; /* false: no plan, so that only that was found */
	void *memory; /* private */
};

/*
 * Examines a file. On success the caller owns *ret and ends it with lint_free(). Only the size can be wrong: -EFBIG over
 * PLAN_SIZE_MAX; -ENOMEM.
 */
int lint_run(const struct lint_input *input, struct lint_report **ret);

/* NULL is fine. */
void lint_free(struct lint_report *report);

static inline void cleanup_lint_pointer(struct lint_report *const *report)
{
	lint_free(*report);
}
#define cleanup_lint cleanup(cleanup_lint_pointer)

/*
 * The bytes with all that can be mended mended, until nothing is left; the same bytes where there is nothing. The caller frees *ret.
 * *fixed counts what was mended. As lint_run().
 */
int lint_mend(const struct lint_input *input, char **ret, size_t *length, size_t *fixed);

#endif
