/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stages.h"

#include "planwatch/cleanup.h"

#include <errno.h>

static void count_items(struct stage_time *stage, const struct item_row *rows)
{
	bool known = true;

	stage->ended_at = INSTANT_NONE;
	for (size_t i = 0; i < stage->stage.count; i++) {
		const struct item_row *row = &rows[i];
		if (item_is_dropped(&row->item))
			continue;
		stage->total++;
		stage->done += row->item.state == ITEM_DONE;
		known &= row->done_at != INSTANT_NONE;
		if (row->done_at > stage->ended_at)
			stage->ended_at = row->done_at;
	}
	if (!known || stage->done < stage->total)
		stage->ended_at = INSTANT_NONE;
}

/* A stage starts when the one before it was witnessed done, the first one with the plan; the current one's start is on record. */
int stages_find(const struct plan_row *row, const struct item_list *items,
		const struct worktime *time, usec_t now, struct stage_list *ret)
{
	cleanup_free struct item *plain = calloc(items->count + 1, sizeof(*plain));
	cleanup_free struct stage *stages = calloc(items->count + 1, sizeof(*stages));
	unsigned mask = WORKTIME_LAPSES | WORKTIME_WAITS |
			(row->state.stage.basis == BASIS_EFFORT ? WORKTIME_QUIET : 0);
	usec_t before = row->state.started_at;

	*ret = (struct stage_list){ calloc(items->count + 1, sizeof(*ret->stages)), 0 };
	if (!plain || !stages || !ret->stages) {
		free(take(ret->stages));
		return -ENOMEM;
	}
	for (size_t i = 0; i < items->count; i++)
		plain[i] = items->rows[i].item;
	ret->count = convert_stages(plain, items->count, stages);
	for (size_t i = 0; i < ret->count; i++) {
		struct stage_time *stage = &ret->stages[i];
		const struct item_row *first = &items->rows[stages[i].first];
		bool current = false;

		*stage = (struct stage_time){ .stage = stages[i],
					      .started_at = INSTANT_NONE,
					      .used_seconds = -1 };
		count_items(stage, first);
		for (size_t k = 0; k < stages[i].count; k++)
			current |= first[k].id && first[k].id == row->stage_item;
		if (current)
			stage->started_at = row->state.stage_since;
		else if (stage->ended_at != INSTANT_NONE && before != INSTANT_NONE)
			stage->started_at = before < stage->ended_at ? before : stage->ended_at;
		if (stage->ended_at > before)
			before = stage->ended_at;
		if (stage->started_at != INSTANT_NONE)
			stage->used_seconds =
			    worktime_between(time, mask, stage->started_at,
					     stage->ended_at == INSTANT_NONE ? now
									     : stage->ended_at) /
			    USEC_PER_SEC;
	}
	return 0;
}
