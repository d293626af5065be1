/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl checklist: a plan as a checklist in another format. */
#include "files.h"
#include "output.h"

#include "planwatch/convert.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void add_item(struct json *list, const struct item *item)
{
	struct json *json = json_add_object(list, NULL);

	json_add_text(json, "text", item->text);
	json_add_text(json, "state", item_state_name(item->state));
	json_add_text(json, "mark", item->mark);
	json_add_int(json, "depth", item->depth);
	json_add_int(json, "line", item->line);
	if (item->stamp.raw)
		json_add_instant(json, "claimed_at", item->stamp.at);
	else
		json_add_null(json, "claimed_at");
}

static int print_checklist_json(struct cli *cli, const struct plan_file *file)
{
	struct json *data = json_array();

	for (size_t i = 0; i < file->plan_count; i++) {
		const struct plan *plan = &file->plans[i];
		cleanup_free struct stage *stages = calloc(plan->item_count + 1, sizeof(*stages));
		struct json *json = json_add_object(data, NULL), *list;
		size_t count = stages ? convert_stages(plan->items, plan->item_count, stages) : 0;

		json_add_text(json, "title", plan->title);
		json_add_text(json, "status", plan_status_name(plan->status.state));
		json_add_int(json, "done", plan->counts.done);
		json_add_int(json, "total", plan->counts.total);
		list = json_add_array(json, "stages");
		for (size_t k = 0; k < count; k++) {
			const struct item *first = &plan->items[stages[k].first];
			struct json *stage = json_add_object(list, NULL), *items;

			json_add_label(stage, "label", &first->label);
			items = json_add_array(stage, "items");
			for (size_t n = 0; n < stages[k].count; n++)
				add_item(items, first + n);
		}
		json_add_tolerances(json, "tolerances", plan);
	}
	return cli_print_json(cli, data);
}

static int print_markdown(const struct plan_file *file)
{
	for (size_t i = 0; i < file->plan_count; i++) {
		cleanup_free char *text = convert_markdown(&file->plans[i]);
		if (text)
			(void)printf("%s%s", i > 0 ? "\n" : "", text);
	}
	return EXIT_DONE;
}

static int run(struct cli *cli, int argc, char **argv)
{
	const char *format = cli->options.format ? cli->options.format
			     : cli->options.json ? "json"
						 : "md";
	cleanup_plan struct plan_file *file = NULL;
	cleanup_free char *path = NULL;
	struct error error = { 0 };
	int r;

	(void)argc;
	if (strcmp(format, "md") != 0 && strcmp(format, "json") != 0) {
		(void)error_set(&error, -EINVAL, "--format %s: expected md or json", format);
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	r = file_find(cli, argv[0], &path);
	if (r)
		return r;
	if (!path || file_parse(path, &file, &error) < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	return strcmp(format, "json") == 0 ? print_checklist_json(cli, file) : print_markdown(file);
}

static const struct command_option options[] = {
	OPTION("format", "md|json", format, "md is a GitHub task list"),
	{ 0 },
};

const struct command command_checklist = {
	.name = "checklist",
	.arguments = "FILE|PLAN",
	.summary = "A plan as a checklist",
	.examples = "  planctl checklist docs/execplans/add-parser.md > TODO.md\n"
		    "  planctl checklist add-parser --format json\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
