/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl wait: blocks until a plan has come so far. */
#include "subscription.h"

#include "output.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum goal { GOAL_ITEM, GOAL_STAGE, GOAL_VERDICT, GOAL_STATUS };

struct waiting {
	struct cli *cli;
	enum goal goal;
	const char *value;
	int64_t plan;
	usec_t deadline; /* INSTANT_NONE: none */
	usec_t next;	 /* when time alone may change the verdict */
	struct error error;
};

/* ---- Whether it is there ---- */

static bool has_label(const struct item *item, const char *value)
{
	return item->label.kind && strcasecmp(item->label.id, value) == 0;
}

/* Items that the goal means: by the number in the list, or by words; those of a stage by its label. */
static bool is_meant(const struct waiting *w, const struct item_row *row)
{
	char *end;
	long number = strtol(w->value, &end, 10);

	if (w->goal == GOAL_STAGE)
		return has_label(&row->item, w->value);
	if (end != w->value && !*end)
		return row->position + 1 == (uint32_t)number;
	return strcasestr(row->item.text, w->value) != NULL;
}

/* 1 all of them are done, 0 not yet. None at all is an error: a word that was mistyped would wait for ever. */
static int items_done(struct waiting *w)
{
	struct item_list items = { 0 };
	int r = store_items(w->cli->store, w->plan, &items, &w->error);
	size_t meant = 0, done = 0;

	for (size_t i = 0; r == 0 && i < items.count; i++) {
		if (!is_meant(w, &items.rows[i]))
			continue;
		meant++;
		done +=
		    items.rows[i].item.state == ITEM_DONE || item_is_dropped(&items.rows[i].item);
	}
	item_list_done(&items);
	if (r == 0 && meant == 0)
		return error_set(&w->error, -ENOENT, "%s: the plan has no such %s", w->value,
				 w->goal == GOAL_STAGE ? "stage" : "item");
	return r < 0 ? r : meant == done;
}

/* 1 it is reached, 0 not yet, or a negative errno. */
static int look(struct waiting *w)
{
	cleanup(plan_row_done) struct plan_row row = { 0 };
	struct cli *cli = w->cli;
	struct verdict verdict = { 0 };
	int r = store_plan_get(cli->store, w->plan, &row, &w->error);

	cli->now = instant_now();
	w->next = INSTANT_NONE;
	if (r == 0 && (w->goal == GOAL_ITEM || w->goal == GOAL_STAGE))
		return items_done(w);
	if (r == 0 && w->goal == GOAL_STATUS)
		return strcmp(plan_status_name(row.state.status), w->value) == 0;
	assessor_done(&cli->assessor); /* what does not count may have grown */
	if (r == 0)
		r = cli_assess(cli, &row, &verdict, NULL, &w->error);
	if (r < 0)
		return r;
	w->next = verdict.next;
	return strcmp(verdict_name(verdict.kind), w->value) == 0;
}

/* ---- The goal ---- */

static int wrong(struct waiting *w, const char *expected)
{
	(void)error_set(&w->error, -EINVAL, "--until %s: expected %s",
			w->cli->options.until ? w->cli->options.until : "", expected);
	return cli_fail(w->cli, EXIT_USAGE, &w->error);
}

static bool is_status(const char *word)
{
	for (enum plan_status status = STATUS_UNKNOWN; status <= STATUS_SUPERSEDED; status++)
		if (strcmp(plan_status_name(status), word) == 0)
			return true;
	return false;
}

static int read_goal(struct waiting *w)
{
	static const char *const names[] = { "item=", "stage=", "verdict=", "status=" };
	static const char expected[] = "item=, stage=, verdict= or status=, and a value";
	const char *until = w->cli->options.until;
	usec_t length;

	for (size_t i = 0; until && i < ARRAY_SIZE(names); i++)
		if (strncmp(until, names[i], strlen(names[i])) == 0) {
			w->goal = (enum goal)i;
			w->value = until + strlen(names[i]);
		}
	if (!w->value || !*w->value)
		return wrong(w, expected);
	if (w->goal == GOAL_VERDICT && verdict_parse(w->value) < 0)
		return wrong(w, "a verdict, such as done or stalled");
	if (w->goal == GOAL_STATUS && !is_status(w->value))
		return wrong(w, "a status, such as approved or complete");
	w->deadline = INSTANT_NONE;
	if (!w->cli->options.timeout)
		return 0;
	if (duration_parse(w->cli->options.timeout, &length) < 0) {
		(void)error_set(&w->error, -EINVAL,
				"--timeout %s: expected a duration, such as 90s or 2h",
				w->cli->options.timeout);
		return cli_fail(w->cli, EXIT_USAGE, &w->error);
	}
	w->deadline = instant_now() + length;
	return 0;
}

static usec_t earlier(usec_t a, usec_t b)
{
	return a == INSTANT_NONE || (b != INSTANT_NONE && b < a) ? b : a;
}

static int wait_for(struct waiting *w)
{
	struct subscription subscription;
	int r = subscription_open(w->cli, &subscription), reached = 0;

	if (r)
		return r;
	while ((reached = look(w)) == 0) {
		if (w->deadline != INSTANT_NONE && w->cli->now >= w->deadline)
			break;
		reached =
		    subscription_wait(&subscription, earlier(w->deadline, w->next), &w->error);
		if (reached < 0)
			break;
	}
	subscription_close(&subscription);
	if (reached < 0)
		return cli_fail(w->cli, cli_exit_code(&w->error), &w->error);
	if (reached > 0)
		return w->cli->options.json ? cli_print_json(w->cli, json_object()) : EXIT_DONE;
	(void)error_set(&w->error, -ETIMEDOUT, "%s was not reached within %s",
			w->cli->options.until, w->cli->options.timeout);
	return cli_fail(w->cli, EXIT_TIMED_OUT, &w->error);
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct waiting waiting = { .cli = cli };
	cleanup(plan_row_done) struct plan_row row = { 0 };
	int r = read_goal(&waiting);

	(void)argc;
	if (r == 0)
		r = cli_open_store(cli);
	if (r == 0)
		r = cli_find_plan(cli, argv[0], &row);
	waiting.plan = row.id;
	return r ? r : wait_for(&waiting);
}

static const struct command_option options[] = {
	OPTION("until", "GOAL", until,
	       "item=WORDS or item=N is done, stage=B is done, verdict=done, status=approved"),
	OPTION("timeout", "DURATION", timeout, "give up after this long, with exit code 124"),
	{ 0 },
};

const struct command command_wait = {
	.name = "wait",
	.arguments = "PLAN --until GOAL",
	.summary = "Blocks until an item, a stage, a verdict or a status is reached",
	.examples = "  planctl wait add-parser --until stage=B && make deploy\n"
		    "  planctl wait add-parser --until status=approved --timeout 2h\n"
		    "  planctl wait add-parser --until verdict=done --timeout 8h || echo not yet\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
