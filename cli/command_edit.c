/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl tick, untick, approve, block, complete: careful edits of one plan, in its file. */
#include "author.h"
#include "edit_file.h"
#include "files.h"
#include "output.h"

#include "planwatch/edit.h"
#include "planwatch/text.h"

#include <stdio.h>
#include <string.h>

/* One plan of one file, from reading to replacing. */
struct editing {
	struct cli *cli;
	char *path;
	struct edit_file file;
	struct plan_file *parsed;
	struct edit edit;
};

static void editing_done(struct editing *e)
{
	plan_free(e->parsed);
	edit_file_done(&e->file);
	free(e->path);
}

static int fail(struct cli *cli, const struct error *error)
{
	return cli_fail(cli, error->code == -ENOENT ? EXIT_NOT_FOUND : EXIT_USAGE, error);
}

/* What the library says of a plan, with its file in front. */
static int fail_plan(struct editing *e, struct error *error)
{
	(void)error_prefix(error, "%s", e->path);
	return fail(e->cli, error);
}

/* ---- Which plan ---- */

static int choose_part(struct editing *e, uint32_t part, struct error *error)
{
	const char *wanted = e->cli->options.part;
	size_t count = e->parsed->plan_count;
	char *end;

	if (wanted) {
		part = (uint32_t)strtoul(wanted, &end, 10);
		if (end == wanted || *end || part == 0)
			return error_set(error, -EINVAL, "--part %s: expected a number, from 1",
					 wanted);
	}
	if (part > count)
		return error_set(error, -ENOENT, "%s: has no part %u", e->path, part);
	if (part == 0 && count > 1)
		return error_set(error, -EINVAL, "%s: holds %zu plans; say which one with --part N",
				 e->path, count);
	e->edit = (struct edit){ .bytes = e->file.bytes,
				 .length = e->file.length,
				 .file = e->parsed,
				 .plan = part ? part - 1 : 0,
				 .now = e->cli->now };
	return 0;
}

/* 0, or the exit code after having said why. */
static int open_plan(struct cli *cli, const char *name, struct editing *ret)
{
	struct error error = { 0 };
	uint32_t part;
	int r = file_find(cli, name, &ret->path, &part);

	ret->cli = cli;
	if (r)
		return r;
	if (!ret->path)
		r = error_set(&error, -ENOMEM, "out of memory");
	else if (strcmp(ret->path, "-") == 0)
		r = error_set(&error, -EINVAL,
			      "-: name a file; standard input cannot be edited in place");
	else
		r = edit_file_read(ret->path, &ret->file, &error);
	if (r == 0)
		r = file_parse_bytes(ret->path, ret->file.bytes, ret->file.length, &ret->parsed,
				     &error);
	if (r == 0)
		r = choose_part(ret, part, &error);
	return r < 0 ? fail(cli, &error) : 0;
}

static const struct plan *plan_of(const struct editing *e)
{
	return &e->parsed->plans[e->edit.plan];
}

/* ---- Putting it back ---- */

/* Replaces the file, and parses what it is now. 0, or the exit code after having said why. */
static int put_back(struct editing *e, const struct edited *edited)
{
	struct error error = { 0 };

	if (edit_file_replace(e->path, &e->file, edited->bytes, edited->length, &error) < 0)
		return fail(e->cli, &error);
	plan_free(take(e->parsed));
	if (file_parse_bytes(e->path, edited->bytes, edited->length, &e->parsed, &error) < 0)
		return fail(e->cli, &error);
	return 0;
}

static struct json *json_of_plan(const struct editing *e)
{
	struct json *data = json_object();

	json_add_text(data, "path", e->path);
	json_add_int(data, "part", plan_of(e)->part);
	return data;
}

/* ---- tick, untick ---- */

static int report_item(struct editing *e, size_t place)
{
	const struct item *item = &plan_of(e)->items[place];

	if (e->cli->options.json) {
		struct json *data = json_of_plan(e), *json = json_add_object(data, "item");
		json_add_int(json, "number", (int64_t)place + 1);
		json_add_int(json, "line", item->line);
		json_add_text(json, "state", item_state_name(item->state));
		json_add_text(json, "text", item->text);
		return cli_print_json(e->cli, data);
	}
	if (e->cli->terminal) {
		(void)print_mark(item->mark);
		print_text(e->cli, item->text, terminal_columns() - 4);
		(void)putchar('\n');
		return EXIT_DONE;
	}
	print_field(e->path, '\t');
	(void)printf("%u\t%s\t", item->line, item_state_name(item->state));
	print_field(item->text, '\n');
	return EXIT_DONE;
}

/* Behind an error: an item that it is about, by the number that names it. "    2  line 15    " are 18 columns. */
static void tell_item(const struct editing *e, size_t place)
{
	const struct item *item = &plan_of(e)->items[place];
	cleanup_free char *raw = NULL, *text = NULL, *cut = NULL;

	if (asprintf(&raw, "[%s] %s", item->mark, item->text) < 0)
		return;
	text = text_printable(raw);
	cut = text && isatty(STDERR_FILENO) ? text_cut(text, terminal_columns() - 18) : take(text);
	(void)fprintf(stderr, "%5zu  line %-5u %s\n", place + 1, item->line, cut ? cut : "");
}

/* The candidates are part of the error, so that they come without being asked for. */
static int fail_ambiguous(struct editing *e, const char *what, const size_t *places, size_t count)
{
	struct error error = { 0 };

	(void)error_set(&error, -EINVAL, "%s: %s: %zu items fit; give the number of one:", e->path,
			what, count);
	for (size_t i = 0; i < count && e->cli->options.json; i++)
		cli_warn(e->cli, "%zu (line %u): %s", places[i] + 1,
			 plan_of(e)->items[places[i]].line, plan_of(e)->items[places[i]].text);
	(void)fail(e->cli, &error);
	for (size_t i = 0; i < count; i++)
		tell_item(e, places[i]);
	return EXIT_USAGE;
}

typedef int edit_item(const struct edit *edit, size_t item, struct edited *ret,
		      struct error *error);

static int change_item(struct cli *cli, char **argv, enum item_state wanted, edit_item *change)
{
	cleanup(editing_done) struct editing e = { 0 };
	cleanup_edited struct edited edited = { 0 };
	cleanup_free size_t *places = NULL;
	struct error error = { 0 };
	size_t count = 0;
	int r = open_plan(cli, argv[0], &e);

	if (r)
		return r;
	places = calloc(plan_of(&e)->item_count + 1, sizeof(*places));
	if (!places)
		r = error_set(&error, -ENOMEM, "out of memory");
	else
		r = edit_find(plan_of(&e), argv[1], wanted, places, &count, &error);
	if (r == 0 && count > 1)
		return fail_ambiguous(&e, argv[1], places, count);
	if (r == 0)
		r = change(&e.edit, places[0], &edited, &error);
	if (r < 0)
		return fail_plan(&e, &error);
	r = put_back(&e, &edited);
	return r ? r : report_item(&e, places[0]);
}

static int run_tick(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	return change_item(cli, argv, ITEM_OPEN, edit_tick);
}

static int run_untick(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	return change_item(cli, argv, ITEM_DONE, edit_untick);
}

/* ---- approve, block, complete ---- */

static int report_status(struct editing *e)
{
	const struct plan *plan = plan_of(e);

	if (e->cli->options.json) {
		struct json *data = json_of_plan(e), *json = json_add_object(data, "status");
		json_add_text(json, "state", plan_status_name(plan->status.state));
		json_add_text(json, "raw", plan->status.raw);
		json_add_int(json, "line", plan->status.line);
		return cli_print_json(e->cli, data);
	}
	if (e->cli->terminal) {
		(void)fputs("Status: ", stdout);
		print_text(e->cli, plan->status.raw, terminal_columns() - 8);
		(void)putchar('\n');
		return EXIT_DONE;
	}
	print_field(e->path, '\t');
	(void)printf("%u\t%s\t", plan->status.line, plan_status_name(plan->status.state));
	print_field(plan->status.raw, '\n');
	return EXIT_DONE;
}

/* In the plan's own folder, where its repository may name another author than the one that we stand in. */
static char *who(const struct editing *e)
{
	cleanup_free char *absolute = cli_absolute(e->path);
	char *slash = absolute ? strrchr(absolute, '/') : NULL;

	if (e->cli->options.by)
		return strdup(e->cli->options.by);
	if (slash)
		slash[slash == absolute] = '\0';
	return absolute ? author_name(absolute) : NULL;
}

static void list_open_items(const struct editing *e)
{
	for (size_t i = 0; i < plan_of(e)->item_count; i++) {
		const struct item *item = &plan_of(e)->items[i];
		if (item->state != ITEM_DONE && !item_is_dropped(item))
			tell_item(e, i);
	}
}

static int change_status(struct cli *cli, char **argv, enum plan_status status)
{
	cleanup(editing_done) struct editing e = { 0 };
	cleanup_edited struct edited edited = { 0 };
	cleanup_free char *name = NULL;
	struct error error = { 0 };
	int r = open_plan(cli, argv[0], &e);

	if (r)
		return r;
	name = who(&e);
	if (!name)
		r = error_set(&error, -EINVAL, "nobody says who you are; tell with --by NAME");
	else
		r = edit_status(&e.edit, status, name, cli->options.reason, &edited, &error);
	if (r < 0) {
		r = fail_plan(&e, &error);
		if (status == STATUS_COMPLETE && error.code == -EPERM)
			list_open_items(&e);
		return r;
	}
	r = put_back(&e, &edited);
	return r ? r : report_status(&e);
}

static int run_approve(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	return change_status(cli, argv, STATUS_APPROVED);
}

static int run_block(struct cli *cli, int argc, char **argv)
{
	struct error error = { 0 };

	(void)argc;
	if (cli->options.reason)
		return change_status(cli, argv, STATUS_BLOCKED);
	(void)error_set(&error, -EINVAL, "say what blocks the plan, with --reason TEXT");
	return cli_fail(cli, EXIT_USAGE, &error);
}

static int run_complete(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	return change_status(cli, argv, STATUS_COMPLETE);
}

/* ---- The commands ---- */

#define PART_OPTION OPTION("part", "N", part, "which plan of a file that holds several, from 1")
#define BY_OPTION OPTION("by", "NAME", by, "who (default: git's user.name, else $USER)")

static const struct command_option item_options[] = {
	PART_OPTION,
	{ 0 },
};

static const struct command_option status_options[] = {
	BY_OPTION,
	PART_OPTION,
	{ 0 },
};

static const struct command_option block_options[] = {
	OPTION("reason", "TEXT", reason, "what blocks it; stands behind the status"),
	BY_OPTION,
	PART_OPTION,
	{ 0 },
};

const struct command command_tick = {
	.name = "tick",
	.arguments = "FILE|PLAN ITEM",
	.summary = "Ticks an item in its file, with the time",
	.examples = "  planctl tick docs/execplans/add-parser.md 3\n"
		    "  planctl tick add-parser \"Stage B\"\n"
		    "  planctl tick add-parser 'write the tokenizer'\n",
	.options = item_options,
	.min_arguments = 2,
	.max_arguments = 2,
	.run = run_tick,
};

const struct command command_untick = {
	.name = "untick",
	.arguments = "FILE|PLAN ITEM",
	.summary = "Opens a ticked item again",
	.examples = "  planctl untick add-parser 3\n"
		    "  planctl untick docs/execplans/add-parser.md tokenizer\n",
	.options = item_options,
	.min_arguments = 2,
	.max_arguments = 2,
	.run = run_untick,
};

const struct command command_approve = {
	.name = "approve",
	.arguments = "FILE|PLAN",
	.summary = "Gives a draft the status APPROVED, and notes who did",
	.examples = "  planctl approve add-parser\n"
		    "  planctl approve docs/execplans/add-parser.md --by 'Ada Lovelace'\n",
	.options = status_options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run_approve,
};

const struct command command_block = {
	.name = "block",
	.arguments = "FILE|PLAN",
	.summary = "Gives a plan the status BLOCKED, and notes who and why",
	.examples = "  planctl block add-parser --reason 'the staging account is missing'\n",
	.options = block_options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run_block,
};

const struct command command_complete = {
	.name = "complete",
	.arguments = "FILE|PLAN",
	.summary = "Gives a plan whose items are all done the status COMPLETE",
	.examples = "  planctl complete add-parser\n"
		    "  planctl complete PLANS.md --part 2 --by Ada\n",
	.options = status_options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run_complete,
};
