/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl show: one plan with its items, limits and episodes. */
#include "output.h"

#include <stdio.h>
#include <string.h>

struct showing {
	struct cli *cli;
	struct plan_row row;
	struct verdict verdict;
	struct item_list items;
	struct plan_file *file; /* of the last revision, for what the store has no rows of; NULL */
	struct json *episodes;
	size_t firing;
};

static void showing_done(struct showing *showing)
{
	plan_row_done(&showing->row);
	item_list_done(&showing->items);
	plan_free(showing->file);
	json_free(showing->episodes);
}

static const struct plan *plan_of(const struct showing *showing)
{
	const struct plan_file *file = showing->file;
	size_t index = showing->row.part - 1;

	return file && index < file->plan_count ? &file->plans[index] : NULL;
}

/* ---- JSON ---- */

static int add_episode(void *userdata, const struct episode_row *row)
{
	struct showing *showing = userdata;
	struct json *json = json_add_object(showing->episodes, NULL);

	showing->firing += row->resolved_at == INSTANT_NONE;
	json_add_int(json, "id", row->id);
	json_add_text(json, "verdict", row->verdict);
	json_add_text(json, "reason", row->reason);
	json_add_instant(json, "fired_at", row->fired_at);
	json_add_instant(json, "acknowledged_at", row->acknowledged_at);
	json_add_instant(json, "snoozed_until", row->snoozed_until);
	json_add_instant(json, "resolved_at", row->resolved_at);
	json_add_instant(json, "shown_at", row->shown_at);
	return 0;
}

static void add_item(struct json *list, const struct item_row *row)
{
	const struct item *item = &row->item;
	struct json *json = json_add_object(list, NULL), *claimed;

	json_add_int(json, "id", row->id);
	json_add_int(json, "line", item->line);
	json_add_int(json, "end_line", item->end_line);
	json_add_int(json, "depth", item->depth);
	json_add_text(json, "state", item_state_name(item->state));
	json_add_text(json, "mark", item->mark);
	json_add_text(json, "text", item->text);
	json_add_label(json, "label", &item->label);
	json_add_instant(json, "first_seen_at", row->first_seen_at);
	json_add_instant(json, "done_at", row->done_at);
	if (item->stamp.raw) {
		claimed = json_add_object(json, "claimed");
		json_add_instant(claimed, "at", item->stamp.at);
		json_add_text(claimed, "precision", stamp_precision_name(item->stamp.precision));
	} else {
		json_add_null(json, "claimed");
	}
}

static int print_json(struct showing *showing)
{
	struct json *data = json_object(), *items;

	json_add(data, "plan", json_of_status(&showing->row, &showing->verdict));
	items = json_add_array(data, "items");
	for (size_t i = 0; i < showing->items.count; i++)
		add_item(items, &showing->items.rows[i]);
	if (plan_of(showing))
		json_add_tolerances(data, "tolerances", plan_of(showing));
	else
		(void)json_add_array(data, "tolerances");
	json_add(data, "episodes", take(showing->episodes));
	return cli_print_json(showing->cli, data);
}

/* ---- For people ---- */

static void print_item(const struct cli *cli, const struct item_row *row, size_t columns)
{
	const struct item *item = &row->item;
	enum style style = item->state == ITEM_DONE    ? STYLE_GREEN
			   : item->state == ITEM_OTHER ? STYLE_YELLOW
						       : STYLE_PLAIN;
	size_t indent = item->depth < 10 ? item->depth * 2 : 20;
	char time[INSTANT_MAX] = "";

	if (row->done_at != INSTANT_NONE)
		(void)instant_format(row->done_at, cli->options.utc, time);
	(void)printf("%s%5u%s %*s%s[%s]%s ", style_on(cli, STYLE_DIM), item->line, style_off(cli),
		     (int)indent, "", style_on(cli, style), item->mark, style_off(cli));
	/* "2026-01-02 03:04" at the right edge */
	print_padded(cli, item->text, columns > indent + 40 ? columns - indent - 28 : 24);
	(void)printf(" %s%.16s%s\n", style_on(cli, STYLE_DIM), time, style_off(cli));
}

static void print_head(const struct showing *showing, size_t columns)
{
	const struct cli *cli = showing->cli;
	const struct plan_row *row = &showing->row;

	(void)fputs(style_on(cli, STYLE_BOLD), stdout);
	print_text(cli, plan_name(row), columns);
	(void)printf("%s\n%s", style_off(cli), style_on(cli, STYLE_DIM));
	print_text(cli, row->path, 0);
	if (row->branch && *row->branch) {
		(void)fputs(", branch ", stdout);
		print_text(cli, row->branch, 40);
	}
	(void)printf("%s\n", style_off(cli));
	if (row->status_text) {
		(void)fputs("Status: ", stdout);
		print_text(cli, row->status_text, columns - 8);
		(void)putchar('\n');
	}
	print_bar(cli, row->state.counts.done, row->state.counts.total, 20);
	(void)printf(" %u/%u  %s%s%s: %s\n", row->state.counts.done, row->state.counts.total,
		     style_on(cli, style_of_verdict(showing->verdict.kind)),
		     verdict_name(showing->verdict.kind), style_off(cli), showing->verdict.reason);
}

static void print_for_person(const struct showing *showing)
{
	const struct cli *cli = showing->cli;
	const struct plan *plan = plan_of(showing);
	size_t columns = terminal_columns();

	print_head(showing, columns);
	if (showing->items.count > 0)
		(void)printf("\n%s line%*switnessed%s\n", style_on(cli, STYLE_DIM),
			     (int)columns - 22, "", style_off(cli));
	for (size_t i = 0; i < showing->items.count; i++)
		print_item(cli, &showing->items.rows[i], columns);
	if (plan && plan->tolerance_count > 0)
		(void)puts("\nTolerances");
	for (size_t i = 0; plan && i < plan->tolerance_count; i++) {
		(void)printf("%s%5u%s ", style_on(cli, STYLE_DIM), plan->tolerances[i].line,
			     style_off(cli));
		print_text(cli, plan->tolerances[i].text, columns - 7);
		(void)putchar('\n');
	}
	if (showing->firing > 0)
		(void)printf("\n%zu %s firing\n", showing->firing,
			     showing->firing == 1 ? "episode" : "episodes");
}

/* id, line, state, witnessed, text */
static void print_lines(const struct showing *showing)
{
	for (size_t i = 0; i < showing->items.count; i++) {
		const struct item_row *row = &showing->items.rows[i];
		char time[INSTANT_MAX];

		(void)printf("%jd\t%u\t%s\t%s\t", (intmax_t)row->id, row->item.line,
			     item_state_name(row->item.state),
			     instant_format_utc(row->done_at, time));
		print_field(row->item.text, '\n');
	}
}

/* ---- The command ---- */

static int load(struct showing *showing)
{
	struct cli *cli = showing->cli;
	cleanup(file_row_done) struct file_row file = { 0 };
	cleanup_free char *bytes = NULL;
	struct error error = { 0 };
	size_t length;
	int r;

	judge_row(cli, &showing->row, &showing->verdict);
	showing->episodes = json_array();
	r = store_items(cli->store, showing->row.id, &showing->items, &error);
	if (r == 0)
		r = store_episodes(cli->store, EPISODES_ALL, showing->row.id, add_episode, showing,
				   &error);
	if (r == 0)
		r = store_file_by_path(cli->store, showing->row.path, &file, &error);
	if (r == 0 && file.content)
		r = store_content_get(cli->store, file.content, &bytes, &length, &error);
	if (r == 0 && bytes)
		r = plan_parse(bytes, length, &showing->file);
	return r < 0 ? cli_fail(cli, cli_exit_code(&error), &error) : 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
	cleanup(showing_done) struct showing showing = { .cli = cli };
	int r = cli_open_store(cli);

	(void)argc;
	if (r == 0)
		r = cli_find_plan(cli, argv[0], &showing.row);
	if (r == 0)
		r = load(&showing);
	if (r)
		return r;
	cli_warn_without_daemon(cli);
	if (cli->options.json)
		return print_json(&showing);
	if (cli->terminal)
		print_for_person(&showing);
	else
		print_lines(&showing);
	return EXIT_DONE;
}

const struct command command_show = {
	.name = "show",
	.arguments = "PLAN",
	.summary = "One plan: its items with witnessed times, its limits, its episodes",
	.examples =
	    "  planctl show add-parser\n"
	    "  planctl show docs/execplans/add-parser.md --json | jq '.data.items[].done_at'\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
