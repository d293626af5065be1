/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl checklist: a plan as a checklist in another format. */
#include "edit_file.h"
#include "files.h"
#include "output.h"

#include "planwatch/convert.h"
#include "planwatch/draft.h"

#include <stdio.h>
#include <string.h>

/* The plans of one file, and what the record adds to them. */
struct source {
	char *path; /* absolute; "-" for standard input */
	struct plan_file *file;
	struct checklist *lists;
	size_t count;
};

static void source_done(struct source *source)
{
	for (size_t i = 0; i < source->count; i++)
		checklist_done(&source->lists[i]);
	free(source->lists);
	plan_free(source->file);
	free(source->path);
}

static int out_of_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "out of memory");
}

/* ---- A file, without daemon and database ---- */

/* Standard input has no time of its own. */
static usec_t revised_at(const struct cli *cli, const char *path)
{
	struct stat st;

	if (strcmp(path, "-") == 0 || stat(path, &st) < 0)
		return cli->now;
	return st.st_mtim.tv_sec * USEC_PER_SEC + st.st_mtim.tv_nsec / 1000;
}

static int load_file(struct cli *cli, const char *name, struct source *ret, struct error *error)
{
	usec_t revised = revised_at(cli, name);
	int r = file_parse(name, &ret->file, error);

	if (r < 0)
		return r;
	ret->path = strcmp(name, "-") == 0 ? strdup(name) : cli_absolute(name);
	ret->lists = calloc(ret->file->plan_count, sizeof(*ret->lists));
	if (!ret->path || !ret->lists)
		return out_of_memory(error);
	while (ret->count < ret->file->plan_count) {
		size_t i = ret->count++;
		if (checklist_make(&ret->file->plans[i], ret->path, NULL, revised, &ret->lists[i]) <
		    0)
			return out_of_memory(error);
	}
	return 0;
}

/* ---- A recorded plan ---- */

static int parse_content(struct cli *cli, const char *path, struct plan_file **ret,
			 struct error *error)
{
	cleanup(file_row_done) struct file_row file = { 0 };
	cleanup_free char *bytes = NULL;
	size_t length = 0;
	int r = store_file_by_path(cli->store, path, &file, error);

	if (r == 0 && !file.content)
		r = error_set(error, -ENOENT, "%s: not there now; see `planctl show --at`", path);
	if (r == 0)
		r = store_content_get(cli->store, file.content, &bytes, &length, error);
	return r < 0 ? r : file_parse_bytes(path, bytes, length, ret, error);
}

static int add_recorded(struct cli *cli, const struct plan_row *row, struct source *ret,
			struct error *error)
{
	cleanup(item_list_done) struct item_list items = { 0 };
	cleanup_free struct convert_witness *witnessed = NULL;
	const struct plan *plan =
	    row->part <= ret->file->plan_count ? &ret->file->plans[row->part - 1] : NULL;
	usec_t revised =
	    row->state.last_edit_at != INSTANT_NONE ? row->state.last_edit_at : row->first_seen_at;
	int r = store_items(cli->store, row->id, &items, error);

	if (r < 0)
		return r;
	if (!plan || plan->item_count != items.count)
		return error_set(error, -EBADMSG,
				 "%s: its record and its bytes disagree; run `planctl verify`",
				 row->path);
	witnessed = calloc(items.count + 1, sizeof(*witnessed));
	if (!witnessed)
		return out_of_memory(error);
	for (size_t i = 0; i < items.count; i++)
		witnessed[i] =
		    (struct convert_witness){ items.rows[i].id, items.rows[i].first_seen_at,
					      items.rows[i].done_at };
	return checklist_make(plan, row->path, witnessed,
			      revised != INSTANT_NONE ? revised : cli->now,
			      &ret->lists[ret->count++]) < 0
		   ? out_of_memory(error)
		   : 0;
}

/* All plans of the file that are there, or the one with `part`. */
static int load_recorded(struct cli *cli, int64_t file, const char *path, uint32_t part,
			 struct source *ret, struct error *error)
{
	cleanup(plan_list_done) struct plan_list list = { 0 };
	int r = store_plan_list(cli->store, file, &list, error);

	if (r == 0)
		r = parse_content(cli, path, &ret->file, error);
	if (r < 0)
		return r;
	ret->lists = calloc(list.count + 1, sizeof(*ret->lists));
	if (!ret->lists)
		return out_of_memory(error);
	for (size_t i = 0; i < list.count && r == 0; i++)
		if (list.rows[i].present && (!part || list.rows[i].part == part))
			r = add_recorded(cli, &list.rows[i], ret, error);
	if (r == 0 && ret->count == 0)
		r = error_set(error, -ENOENT, "%s: no plan there now", path);
	return r;
}

/* A file needs no record; where there is one that cannot be read, what it would add is missed aloud. */
static bool is_recorded(struct cli *cli, const char *path, struct file_row *ret)
{
	struct error error = { 0 };
	int r = path && cli->db_path ? store_open(&cli->store, cli->db_path, STORE_READ, &error)
				     : -ENOENT;

	if (r == 0)
		r = store_file_by_path(cli->store, path, ret, &error);
	if (r < 0 && r != -ENOENT)
		cli_warn(cli, "without what is on record: %s", error.message);
	return r == 0;
}

/* A file that is there: as the record has it, where it is watched. */
static int load_named_file(struct cli *cli, const char *name, struct source *ret)
{
	cleanup(file_row_done) struct file_row row = { 0 };
	cleanup_free char *path = strcmp(name, "-") == 0 ? NULL : cli_absolute(name);
	struct error error = { 0 };
	int r;

	if (is_recorded(cli, path, &row))
		r = load_recorded(cli, row.id, path, 0, ret, &error);
	else
		r = load_file(cli, name, ret, &error);
	return r < 0 ? cli_fail(cli, cli_exit_code(&error), &error) : 0;
}

/* 0, or the exit code after having said why. */
static int load(struct cli *cli, const char *name, struct source *ret)
{
	cleanup(plan_row_done) struct plan_row row = { 0 };
	struct error error = { 0 };
	struct stat st;
	int r;

	if (strcmp(name, "-") == 0 || stat(name, &st) == 0)
		return load_named_file(cli, name, ret);
	r = cli_open_store(cli);
	if (r == 0)
		r = cli_find_plan(cli, name, &row);
	if (r)
		return r;
	if (load_recorded(cli, row.file, row.path, row.part, ret, &error) < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	return 0;
}

/* ---- JSON: the envelope is the command line's ---- */

static void add_item(struct json *array, const struct checklist_item *entry)
{
	const struct item *item = entry->item;
	struct json *json = json_add_object(array, NULL);

	json_add_text(json, "uuid", entry->uuid);
	json_add_text(json, "text", item->text);
	json_add_text(json, "state", item_state_name(item->state));
	json_add_text(json, "mark", item->mark);
	json_add_label(json, "label", &item->label);
	json_add_int(json, "depth", item->depth);
	json_add_int(json, "line", item->line);
	json_add_int(json, "end_line", item->end_line);
	if (item->stamp.raw)
		json_add_instant(json, "claimed_at", item->stamp.at);
	else
		json_add_null(json, "claimed_at");
	json_add_instant(json, "first_seen_at", entry->first_seen_at);
	json_add_instant(json, "done_at", entry->done_at);
}

static void add_checklist(struct json *data, const struct checklist *list)
{
	struct json *json = json_add_object(data, NULL), *stages;

	json_add_text(json, "uuid", list->uuid);
	json_add_text(json, "path", list->path);
	json_add_text(json, "title", list->plan->title);
	json_add_text(json, "status", plan_status_name(list->plan->status.state));
	json_add_int(json, "done", list->plan->counts.done);
	json_add_int(json, "total", list->plan->counts.total);
	json_add_instant(json, "revised_at", list->revised_at);
	stages = json_add_array(json, "stages");
	for (size_t i = 0; i < list->stage_count; i++) {
		const struct stage *stage = &list->stages[i];
		struct json *object = json_add_object(stages, NULL), *items;
		json_add_label(object, "label", &list->items[stage->first].item->label);
		items = json_add_array(object, "items");
		for (size_t k = 0; k < stage->count; k++)
			add_item(items, &list->items[stage->first + k]);
	}
	json_add_tolerances(json, "tolerances", list->plan);
}

static int print_json(struct cli *cli, const struct source *source)
{
	struct json *data = json_array();

	for (size_t i = 0; i < source->count; i++)
		add_checklist(data, &source->lists[i]);
	return cli_print_json(cli, data);
}

/* ---- The command ---- */

static int refuse_format(struct cli *cli, const char *format)
{
	struct error error = { 0 };
	size_t length;

	(void)error_set(&error, -EINVAL, "--format %s: expected json", format);
	for (size_t i = 0; convert_format(i); i++) {
		length = strlen(error.message);
		(void)snprintf(error.message + length, sizeof(error.message) - length, "%s %s",
			       convert_format(i + 1) ? "," : " or", convert_format(i)->name);
	}
	return cli_fail(cli, EXIT_USAGE, &error);
}

static int print_converted(struct cli *cli, const struct convert_format *format,
			   const struct source *source)
{
	cleanup_free char *text = NULL;
	struct error error = { 0 };

	if (convert(format, source->lists, source->count, &text) < 0) {
		(void)out_of_memory(&error);
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	return fputs(text, stdout) < 0 ? EXIT_USAGE : EXIT_DONE;
}

/* ---- A plan out of a checklist ---- */

static bool is_draft_format(const char *name)
{
	for (size_t i = 0; draft_format(i); i++)
		if (strcmp(draft_format(i), name) == 0)
			return true;
	return false;
}

/* The file's name without folder and ending, for a checklist that does not tell a title. */
static char *title_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	if (strcmp(path, "-") == 0)
		return strdup("Checklist");
	return strndup(base, *base == '.' ? strlen(base) : strcspn(base, "."));
}

static int print_draft(struct cli *cli, const char *format, const char *path)
{
	cleanup_free char *bytes = NULL, *text = NULL, *title = title_of(path);
	struct error error = { 0 };
	size_t length;
	int r = 0;

	if (!is_draft_format(format))
		(void)error_set(&error, -EINVAL, "--from %s: expected md, org or todo.txt", format);
	else if (!title)
		(void)out_of_memory(&error);
	else if (file_read(path, &bytes, &length, &error) == 0)
		r = draft_from(format, bytes, length, title, &text);
	if (r == -EINVAL)
		(void)error_set(&error, r, "%s: has no item", path);
	else if (r == -EFBIG)
		(void)error_set(&error, r, "%s: too large: a plan has at most %zu MiB", path,
				PLAN_SIZE_MAX >> 20);
	else if (r < 0)
		(void)out_of_memory(&error);
	if (error.code)
		return cli_fail(cli, cli_exit_code(&error), &error);
	return fputs(text, stdout) < 0 ? EXIT_USAGE : EXIT_DONE;
}

/* ---- A Progress for a plan that has none ---- */

static int explain_none(const char *path, int r, struct error *error)
{
	switch (-r) {
	case EEXIST:
		return error_set(error, r, "%s: has checkboxes already", path);
	case ENODATA:
		return error_set(
		    error, r,
		    "%s: names no stages or steps, in headings or the Plan of Work, that could become items",
		    path);
	case ENOTUNIQ:
		return error_set(error, r, "%s: has several plans, each with its Progress", path);
	case EFBIG:
		return error_set(error, r, "%s: too large: a plan has at most %zu MiB", path,
				 PLAN_SIZE_MAX >> 20);
	default:
		return out_of_memory(error);
	}
}

static int print_progress(struct cli *cli, const char *path)
{
	cleanup_free char *bytes = NULL, *section = NULL, *text = NULL;
	struct error error = { 0 };
	size_t length;
	int r = file_read(path, &bytes, &length, &error);

	if (r == 0) {
		r = draft_progress(bytes, length, &section, &text);
		if (r < 0)
			(void)explain_none(path, r, &error);
	}
	if (r < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	return fputs(section, stdout) < 0 ? EXIT_USAGE : EXIT_DONE;
}

static int refuse_in_place(struct cli *cli)
{
	struct error error = { 0 };

	(void)error_set(&error, -EINVAL, "--in-place: only with --init");
	return cli_fail(cli, EXIT_USAGE, &error);
}

static int write_progress(struct cli *cli, const char *path)
{
	cleanup_edit_file struct edit_file file = { 0 };
	cleanup_free char *section = NULL, *text = NULL;
	struct error error = { 0 };
	int r = edit_file_read(path, &file, &error);

	if (r == 0) {
		r = draft_progress(file.bytes, file.length, &section, &text);
		if (r < 0)
			(void)explain_none(path, r, &error);
	}
	if (r == 0)
		r = edit_file_replace(path, &file, text, strlen(text), &error);
	return r < 0 ? cli_fail(cli, cli_exit_code(&error), &error) : EXIT_DONE;
}

static int run(struct cli *cli, int argc, char **argv)
{
	const char *name = cli->options.format ? cli->options.format
			   : cli->options.json ? "json"
					       : "md";
	const struct convert_format *format = convert_format_find(name);
	cleanup(source_done) struct source source = { 0 };
	int r;

	(void)argc;
	if (cli->options.from)
		return print_draft(cli, cli->options.from, argv[0]);
	if (cli->options.in_place && !cli->options.init)
		return refuse_in_place(cli);
	if (cli->options.init)
		return cli->options.in_place ? write_progress(cli, argv[0])
					     : print_progress(cli, argv[0]);
	if (!format && strcmp(name, "json") != 0)
		return refuse_format(cli, name);
	r = load(cli, argv[0], &source);
	if (r)
		return r;
	return format ? print_converted(cli, format, &source) : print_json(cli, &source);
}

static const struct command_option options[] = {
	OPTION("format", "md|html|json|csv|org|todo.txt|taskwarrior|ics|tap", format,
	       "md, without it: a GitHub task list"),
	OPTION("init", NULL, init, "a Progress section for a plan that has no boxes"),
	OPTION("in-place", NULL, in_place, "with --init: write it into FILE (-i)"),
	OPTION("from", "md|org|todo.txt", from,
	       "FILE is such a checklist: the skeleton of a plan for it"),
	{ 0 },
};

const struct command command_checklist = {
	.name = "checklist",
	.arguments = "FILE|PLAN",
	.summary = "A plan as a checklist for other programs",
	.examples =
	    "  planctl checklist docs/execplans/add-parser.md > TODO.md\n"
	    "  planctl checklist add-parser --format taskwarrior | task import\n"
	    "  planctl checklist add-parser --format html > plan.html      to print\n"
	    "  planctl checklist add-parser --format tap | prove -v -      fails while work is left\n"
	    "  planctl checklist --init -i PLAN.md                         boxes for its stages and steps\n"
	    "  planctl checklist --from org errands.org > docs/execplans/errands.md\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
