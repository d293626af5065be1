/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lint on any bytes: findings lie inside the file, in order, in valid UTF-8; mending is done after the first time, and leaves nothing
 * that it could mend.
 */
#include "fuzz.h"

#include "planwatch/lint.h"
#include "planwatch/text.h"

#include <string.h>

static void check_finding(const struct lint_report *report, size_t i, size_t size)
{
	const struct lint_finding *finding = &report->findings[i];

	CHECK(finding->rule < lint_rule_count());
	CHECK(finding->line >= 1 && finding->column >= 1 && finding->column <= size + 1);
	CHECK(i == 0 || finding[-1].line <= finding->line);
	for (size_t at = 0, length = strlen(finding->message); at < length;) {
		uint32_t code;
		bool valid;
		at += text_decode(finding->message + at, length - at, &code, &valid);
		CHECK(valid);
	}
	if (!finding->fix.text)
		return;
	CHECK(lint_rule(finding->rule)->fixable);
	CHECK(finding->fix.at <= size && finding->fix.length <= size - finding->fix.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lint_severities severities;
	cleanup_lint struct lint_report *report = NULL, *left = NULL;
	cleanup_free char *once = NULL, *twice = NULL;
	size_t length, fixed;

	lint_severities_init(&severities);
	/* The first half may have been there before. */
	struct lint_input input = { .bytes = (const char *)data,
				    .length = size,
				    .path = "docs/execplans/a.md",
				    .now = INT64_C(1767225600) * USEC_PER_SEC,
				    .previous = (const char *)data,
				    .previous_length = size / 2,
				    .severities = &severities };
	CHECK(lint_run(&input, &report) == 0);
	for (size_t i = 0; i < report->count; i++)
		check_finding(report, i, size);

	CHECK(lint_mend(&input, &once, &length, &fixed) == 0);
	input.bytes = once;
	input.length = length;
	CHECK(lint_run(&input, &left) == 0);
	for (size_t i = 0; i < left->count; i++)
		CHECK(!left->findings[i].fix.text);
	CHECK(lint_mend(&input, &twice, &length, &fixed) == 0);
	CHECK(fixed == 0 && length == input.length && memcmp(once, twice, length) == 0);
	return 0;
}
