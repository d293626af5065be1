/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl parse: plumbing; a file as the reader sees it, without daemon and database. */
#include "files.h"
#include "output.h"

#include "planwatch/discover.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void add_status(struct json *json, const struct plan *plan)
{
	struct json *status;

	if (!plan->status.raw) {
		json_add_null(json, "status");
		return;
	}
	status = json_add_object(json, "status");
	json_add_text(status, "state", plan_status_name(plan->status.state));
	json_add_text(status, "raw", plan->status.raw);
	json_add_int(status, "line", plan->status.line);
}

/* 64 bits are too many for a JSON number. */
static void add_digest(struct json *entry, uint64_t digest)
{
	char text[17];

	(void)snprintf(text, sizeof(text), "%016" PRIx64, digest);
	json_add_text(entry, "digest", text);
}

static void add_sections(struct json *json, const struct plan *plan)
{
	struct json *list = json_add_array(json, "sections");

	for (size_t i = 0; i < plan->section_count; i++) {
		const struct section *section = &plan->sections[i];
		struct json *entry = json_add_object(list, NULL);

		json_add_text(entry, "name", section_kind_name(section->kind));
		json_add_text(entry, "title", section->title);
		json_add_int(entry, "level", section->level);
		json_add_int(entry, "line", section->line);
		json_add_int(entry, "end_line", section->end_line);
		json_add_int(entry, "entries", section->entries);
		add_digest(entry, section->digest);
	}
}

static void add_stamp(struct json *json, const struct stamp *stamp)
{
	struct json *object;

	if (!stamp->raw) {
		json_add_null(json, "stamp");
		return;
	}
	object = json_add_object(json, "stamp");
	json_add_text(object, "raw", stamp->raw);
	json_add_instant(object, "at", stamp->at);
	json_add_text(object, "precision", stamp_precision_name(stamp->precision));
	json_add_bool(object, "leading", stamp->leading);
}

static void add_items(struct json *json, const struct plan *plan)
{
	struct json *list = json_add_array(json, "items");

	for (size_t i = 0; i < plan->item_count; i++) {
		const struct item *item = &plan->items[i];
		struct json *entry = json_add_object(list, NULL);

		json_add_int(entry, "line", item->line);
		json_add_int(entry, "end_line", item->end_line);
		json_add_int(entry, "depth", item->depth);
		json_add_text(entry, "state", item_state_name(item->state));
		json_add_text(entry, "mark", item->mark);
		json_add_text(entry, "text", item->text);
		json_add_label(entry, "label", &item->label);
		add_stamp(entry, &item->stamp);
	}
}

static void add_counts(struct json *json, const struct plan *plan)
{
	struct json *counts;

	if (plan->source == PROGRESS_NONE) {
		json_add_null(json, "counts");
		return;
	}
	counts = json_add_object(json, "counts");
	json_add_int(counts, "done", plan->counts.done);
	json_add_int(counts, "open", plan->counts.open);
	json_add_int(counts, "other", plan->counts.other);
	json_add_int(counts, "total", plan->counts.total);
}

static void add_plan(struct json *list, const char *path, const struct plan *plan)
{
	struct json *json = json_add_object(list, NULL);

	json_add_text(json, "path", path);
	json_add_text(json, "title", plan->title);
	json_add_bool(json, "is_plan", plan->is_plan && !discover_is_excluded(path));
	json_add_int(json, "part", plan->part);
	json_add_text(json, "progress_source", progress_source_name(plan->source));
	add_status(json, plan);
	add_sections(json, plan);
	add_items(json, plan);
	json_add_tolerances(json, "tolerances", plan);
	add_counts(json, plan);
	json_add_int(json, "other_boxes", plan->other_boxes);
}

/* path, line, state, text of each item */
static void print_items(const struct cli *cli, const char *path, const struct plan *plan)
{
	if (cli->terminal) {
		(void)fputs(style_on(cli, STYLE_BOLD), stdout);
		print_text(cli, *plan->title ? plan->title : path, terminal_columns() - 10);
		(void)printf("%s  %s %u/%u\n", style_off(cli), plan_status_name(plan->status.state),
			     plan->counts.done, plan->counts.total);
	}
	for (size_t i = 0; i < plan->item_count; i++) {
		const struct item *item = &plan->items[i];

		if (cli->terminal) {
			(void)printf("%5u %*s", item->line,
				     (int)(item->depth < 20 ? item->depth * 2 : 40), "");
			(void)print_mark(item->mark);
			print_text(cli, item->text, terminal_columns() - 11);
			(void)putchar('\n');
			continue;
		}
		print_field(path, '\t');
		(void)printf("%u\t%s\t", item->line, item_state_name(item->state));
		print_field(item->text, '\n');
	}
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct json *data = json_array();
	int result = EXIT_DONE;

	for (int i = 0; i < argc && result == EXIT_DONE; i++) {
		cleanup_plan struct plan_file *file = NULL;
		struct error error = { 0 };

		if (file_parse(argv[i], &file, &error) < 0)
			result = cli_fail(cli, cli_exit_code(&error), &error);
		for (size_t k = 0; file && k < file->plan_count; k++) {
			if (cli->options.json)
				add_plan(data, argv[i], &file->plans[k]);
			else
				print_items(cli, argv[i], &file->plans[k]);
		}
	}
	if (cli->options.json && result == EXIT_DONE)
		return cli_print_json(cli, data);
	json_free(data);
	return result;
}

const struct command command_parse = {
	.name = "parse",
	.arguments = "FILE...",
	.summary = "Reads plan files and shows what is in them; no daemon, no database",
	.examples = "  planctl parse docs/execplans/add-parser.md\n"
		    "  planctl parse --json PLAN.md | jq '.data[0].counts'\n"
		    "  planctl parse - < PLAN.md\n",
	.min_arguments = 1,
	.max_arguments = -1,
	.run = run,
};
