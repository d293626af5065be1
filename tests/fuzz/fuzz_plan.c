/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader on any bytes: what it tells lies inside the file, in order, is valid UTF-8, and is the same when it is read again. */
#include "planwatch/plan.h"
#include "planwatch/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)          \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length;) {
		uint32_t code;
		bool valid;
		i += text_decode(text + i, length - i, &code, &valid);
		CHECK(valid);
	}
}

static void check_plan(const struct plan *plan, uint32_t lines)
{
	uint32_t last = 0;

	check_text(plan->title);
	CHECK(plan->counts.done + plan->counts.open + plan->counts.other == plan->item_count);
	CHECK(plan->counts.total <= plan->item_count);
	for (size_t i = 0; i < plan->item_count; i++) {
		const struct item *item = &plan->items[i];

		CHECK(item->line > last && item->line <= item->end_line && item->end_line <= lines);
		last = item->line;
		check_text(item->text);
		CHECK(item->gist >= item->text && item->gist <= item->text + strlen(item->text));
		CHECK((item->state == ITEM_OPEN) ==
		      (strcmp(item->mark, " ") == 0 || item->mark[0] == '\t'));
	}
	for (size_t i = 0; i < plan->section_count; i++)
		CHECK(plan->sections[i].line <= plan->sections[i].end_line &&
		      plan->sections[i].end_line <= lines);
	for (size_t i = 0; i < plan->tolerance_count; i++) {
		check_text(plan->tolerances[i].text);
		CHECK(plan->tolerances[i].line >= 1 && plan->tolerances[i].line <= lines);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_plan struct plan_file *file = NULL, *again = NULL;
	uint32_t lines = 1;

	/* A carriage return alone ends a line, too (CommonMark 2.1). */
	for (size_t i = 0; i < size; i++)
		lines +=
		    data[i] == '\n' || (data[i] == '\r' && (i + 1 == size || data[i + 1] != '\n'));
	CHECK(plan_parse((const char *)data, size, &file) == 0 &&
	      plan_parse((const char *)data, size, &again) == 0);
	CHECK(file->plan_count >= 1 && file->plan_count == again->plan_count);
	for (size_t i = 0; i < file->plan_count; i++) {
		check_plan(&file->plans[i], lines);
		CHECK(file->plans[i].item_count == again->plans[i].item_count);
	}
	return 0;
}
