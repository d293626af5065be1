/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The findings of planctl lint in the forms that editors and forges read. */
#ifndef PLANCTL_LINT_OUTPUT_H
#define PLANCTL_LINT_OUTPUT_H

#include "cli.h"

#include "planwatch/lint.h"

enum lint_format {
	LINT_TEXT,   /* "path:line:column: PLN012 warning: message" */
	LINT_JSON,   /* the envelope */
	LINT_SARIF,  /* SARIF 2.1.0, the OASIS standard of 2020 */
	LINT_GITHUB, /* the workflow commands that GitHub shows beside the lines */
};

/* What was found, written as it comes, or kept for a document. All zero but the format is an empty one. */
struct lint_output {
	enum lint_format format;
	struct json *list; /* of findings, or of SARIF's results; made at the first use */
	size_t files, fixed;
	size_t fixable;		   /* findings that --fix would mend */
	size_t of[LINT_ERROR + 1]; /* findings of each severity */
};

/* -EINVAL for a format that is none; NULL is text. */
int lint_format_parse(const char *name, enum lint_format *ret);

void lint_output_add(struct lint_output *output, const struct cli *cli, const char *path,
		     const struct lint_report *report);

/* The document, or the sum. Returns the exit code: findings of more than advice are EXIT_FINDINGS. */
int lint_output_finish(struct lint_output *output, struct cli *cli);

/* A rule, or with "all" every rule in a line. -ENOENT. */
int lint_output_explain(const struct cli *cli, const char *name);

#endif
