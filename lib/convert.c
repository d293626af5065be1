/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/convert.h"

#include "planwatch/cleanup.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool same_stage(const struct item *first, const struct item *item)
{
	if (item->depth > 0)
		return true;
	return first->label.kind && item->label.kind &&
	       strcmp(first->label.kind, item->label.kind) == 0 &&
	       strcmp(first->label.id, item->label.id) == 0;
}

size_t convert_stages(const struct item *items, size_t count, struct stage *ret)
{
	size_t stages = 0;

	for (size_t i = 0; i < count; i++) {
		if (stages == 0 || !same_stage(&items[ret[stages - 1].first], &items[i]))
			ret[stages++] = (struct stage){ .first = i };
		ret[stages - 1].count++;
	}
	return stages;
}

static bool has_labels(const struct plan *plan)
{
	for (size_t i = 0; i < plan->item_count; i++)
		if (plan->items[i].label.kind)
			return true;
	return false;
}

/* A task list has two states; the others are told in words. */
static void write_item(FILE *out, const struct item *item, bool labelled)
{
	const char *text = labelled && *item->gist && item->depth == 0 ? item->gist : item->text;

	(void)fprintf(out, "%*s- [%s] ", (int)(item->depth < 32 ? item->depth * 2 : 64), "",
		      item->state == ITEM_DONE ? "x" : " ");
	if (item_is_dropped(item))
		(void)fprintf(out, "~~%s~~ (dropped)", text);
	else if (item->state == ITEM_OTHER)
		(void)fprintf(out, "%s (marked `%s`)", text, item->mark);
	else
		(void)fputs(text, out);
	if (item->stamp.raw && text == item->gist)
		(void)fprintf(out, " (%s)", item->stamp.raw);
	(void)fputc('\n', out);
}

static void write_plan(FILE *out, const struct plan *plan, const struct stage *stages, size_t count)
{
	bool labels = has_labels(plan);

	(void)fprintf(out, "# %s\n\n", *plan->title ? plan->title : "Checklist");
	if (plan->status.raw)
		(void)fprintf(out, "Status: %s\n\n", plan->status.raw);
	for (size_t i = 0; i < count; i++) {
		const struct item *first = &plan->items[stages[i].first];

		if (labels && first->label.kind)
			(void)fprintf(out, "%s## %c%s %s\n\n", i > 0 ? "\n" : "",
				      toupper((unsigned char)first->label.kind[0]),
				      first->label.kind + 1, first->label.id);
		else if (labels && i > 0 && plan->items[stages[i - 1].first].label.kind)
			(void)fputs("\n## Other\n\n", out);
		for (size_t k = 0; k < stages[i].count; k++)
			write_item(out, first + k, first->label.kind != NULL);
	}
	for (size_t i = 0; i < plan->tolerance_count; i++)
		(void)fprintf(out, "%s> %s\n", i == 0 ? "\n" : "", plan->tolerances[i].text);
}

char *convert_markdown(const struct plan *plan)
{
	cleanup_free struct stage *stages = calloc(plan->item_count + 1, sizeof(*stages));
	char *text = NULL;
	size_t size;
	FILE *out = stages ? open_memstream(&text, &size) : NULL;
	bool failed;

	if (!out)
		return NULL;
	write_plan(out, plan, stages, convert_stages(plan->items, plan->item_count, stages));
	failed = ferror(out);
	if (fclose(out) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}
