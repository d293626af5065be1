/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "respond.h"

#include "episodes.h"

#include "planwatch/command.h"

#include <string.h>

#define SNOOZE_FOR USEC_PER_HOUR

/* The line of the first open item of the current stage; without one that of the limit, else the first. */
static unsigned line_of(struct cli *cli, const struct plan_row *plan, unsigned otherwise)
{
	cleanup(item_list_done) struct item_list items = { 0 };
	struct error error = { 0 };

	if (store_items(cli->store, plan->id, &items, &error) == 0)
		for (size_t i = 0; i < items.count; i++)
			if (items.rows[i].id == plan->stage_item)
				return items.rows[i].item.line;
	return otherwise > 0 ? otherwise : 1;
}

static int open_plan(struct cli *cli, int64_t episode, const char *token, struct opened *opened,
		     struct error *error)
{
	static char xdg_open[] = "xdg-open", file[] = "{file}";
	char *usual[] = { xdg_open, file, NULL }, **words;
	cleanup(episode_row_done) struct episode_row row = { 0 };
	cleanup(plan_row_done) struct plan_row plan = { 0 };
	int r = store_episode_get(cli->store, episode, &row, error);

	if (r == 0)
		r = store_plan_get(cli->store, row.plan, &plan, error);
	if (r < 0)
		return r;
	words = command_fill(cli->config.editor ? cli->config.editor : usual, plan.path,
			     line_of(cli, &plan, row.limit_line));
	if (!words)
		return error_set(error, -ENOMEM, "out of memory");
	r = program_open(opened, words, token, error);
	command_free(words);
	return r;
}

int respond(struct cli *cli, const struct step_list *steps, const char *action, const char *token,
	    struct opened *opened, struct error *error)
{
	bool snooze = strcmp(action, "snooze") == 0;
	int r = 0;

	if (strcmp(action, "default") == 0)
		return open_plan(cli, steps->rows[0].episode, token, opened, error);
	if (!snooze && strcmp(action, "ack") != 0)
		return 0;
	for (size_t i = 0; i < steps->count && r == 0; i++) {
		r = episode_say(cli, snooze ? SAY_SNOOZED : SAY_ACKNOWLEDGED,
				steps->rows[i].episode, cli->now + SNOOZE_FOR, error);
		/* It may have ended while its notification was still to be seen. */
		if (r == -EALREADY)
			r = 0;
	}
	return r;
}
