/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl diff: what changed between two versions of a plan, item by item, or in lines. */
#include "files.h"
#include "output.h"
#include "text_diff.h"

#include "planwatch/diff.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* One side. */
struct version {
	char *name; /* a path, or a path and a time */
	char *bytes;
	size_t length;
	struct plan_file *file;
};

static void version_done(struct version *version)
{
	free(version->name);
	free(version->bytes);
	plan_free(version->file);
}

struct comparison {
	struct cli *cli;
	struct version old, new;
	uint32_t part; /* 0: all plans of the files */
};

static void comparison_done(struct comparison *comparison)
{
	version_done(&comparison->old);
	version_done(&comparison->new);
}

/* ---- Item by item ---- */

static const struct {
	unsigned flag;
	enum event_kind kind;
	const char *sign;
	enum style style;
} kinds[] = {
	{ CHANGE_ADDED, EVENT_ITEM_ADDED, "+", STYLE_BLUE },
	{ CHANGE_SPLIT, EVENT_ITEM_SPLIT, "\u2442", STYLE_BLUE },
	{ CHANGE_REMOVED, EVENT_ITEM_REMOVED, "-", STYLE_YELLOW },
	{ CHANGE_DONE, EVENT_ITEM_DONE, "\u2713", STYLE_GREEN },
	{ CHANGE_UNDONE, EVENT_ITEM_UNDONE, "\u2717", STYLE_RED },
	{ CHANGE_MARKED, EVENT_ITEM_MARKED, "~", STYLE_YELLOW },
	{ CHANGE_MOVED, EVENT_ITEM_MOVED, "\u2195", STYLE_DIM },
	{ CHANGE_REWORDED, EVENT_ITEM_REWORDED, "\u270e", STYLE_DIM },
};

/* A split item is told as split off, not as added as well: as in the log. */
static bool has_kind(const struct change *change, size_t kind)
{
	if (kinds[kind].flag == CHANGE_ADDED && (change->flags & CHANGE_SPLIT))
		return false;
	return change->flags & kinds[kind].flag;
}

static void add_side(struct json *entry, const char *name, const struct item *item)
{
	struct json *side;

	if (!item) {
		json_add_null(entry, name);
		return;
	}
	side = json_add_object(entry, name);
	json_add_int(side, "line", item->line);
	json_add_text(side, "text", item->text);
	json_add_text(side, "state", item_state_name(item->state));
}

static void add_change(struct json *list, const struct change *change, const struct item *then,
		       const struct item *now, const struct item *parent)
{
	struct json *entry = json_add_object(list, NULL), *names = json_add_array(entry, "kinds");

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (has_kind(change, i))
			json_add_text(names, NULL, event_kind_name(kinds[i].kind));
	add_side(entry, "old", then);
	add_side(entry, "new", now);
	if (parent)
		json_add_int(entry, "parent_line", parent->line);
	else
		json_add_null(entry, "parent_line");
}

/* "OLD NEW KINDS TEXT" for programs, signs for people; unchanged items are not told. */
static void print_change(const struct cli *cli, const struct change *change,
			 const struct item *then, const struct item *now)
{
	const char *separator = "";
	size_t columns = terminal_columns(), used = 11;

	if (!change->flags)
		return;
	if (!cli->terminal) {
		(void)printf("%u\t%u\t", then ? then->line : 0, now ? now->line : 0);
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
			if (!has_kind(change, i))
				continue;
			(void)printf("%s%s", separator, event_kind_name(kinds[i].kind));
			separator = ",";
		}
		(void)putchar('\t');
		print_field(now ? now->text : then->text, '\n');
		return;
	}
	(void)printf("%s%5u%s ", style_on(cli, STYLE_DIM), now ? now->line : then->line,
		     style_off(cli));
	int room = 5;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!has_kind(change, i))
			continue;
		(void)printf("%s%s%s", style_on(cli, kinds[i].style), kinds[i].sign,
			     style_off(cli));
		room--;
	}
	(void)printf("%*s", room, "");
	print_text(cli, now ? now->text : then->text, columns - used);
	(void)putchar('\n');
	if (change->flags & CHANGE_REWORDED) {
		(void)printf("%*s%swas: ", 11, "", style_on(cli, STYLE_DIM));
		print_text(cli, then->text, columns - used - 5);
		(void)printf("%s\n", style_off(cli));
	}
}

/* `list` is where the entries go, NULL for print. */
static int compare_plans(const struct comparison *comparison, const struct plan *then,
			 const struct plan *now, struct json *list)
{
	cleanup_diff struct diff diff = { 0 };

	if (diff_items(then->items, then->item_count, now->items, now->item_count, &diff) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < diff.count; i++) {
		const struct change *change = &diff.changes[i];
		const struct item *old_item =
		    change->old_index == DIFF_NONE ? NULL : &then->items[change->old_index];
		const struct item *new_item =
		    change->new_index == DIFF_NONE ? NULL : &now->items[change->new_index];

		if (list)
			add_change(list, change, old_item, new_item,
				   change->parent == DIFF_NONE ? NULL
							       : &now->items[change->parent]);
		else
			print_change(comparison->cli, change, old_item, new_item);
	}
	return 0;
}

/* The plan of the other version that this one continues: the one of its title, else of its place. */
static const struct plan *counterpart(const struct plan_file *file, const struct plan *plan)
{
	for (size_t i = 0; i < file->plan_count; i++)
		if (strcmp(file->plans[i].title, plan->title) == 0)
			return &file->plans[i];
	return plan->part <= file->plan_count ? &file->plans[plan->part - 1] : NULL;
}

static bool is_wanted(const struct comparison *comparison, const struct plan *plan)
{
	return comparison->part == 0 || comparison->part == plan->part;
}

static int compare_items(const struct comparison *comparison, struct json *list)
{
	static const struct plan nothing = { .title = "" };
	const struct plan_file *then = comparison->old.file, *now = comparison->new.file;
	int r = 0;

	for (size_t i = 0; i < now->plan_count && r == 0; i++) {
		const struct plan *before = counterpart(then, &now->plans[i]);
		if (is_wanted(comparison, &now->plans[i]))
			r = compare_plans(comparison, before ? before : &nothing, &now->plans[i],
					  list);
	}
	for (size_t i = 0; i < then->plan_count && r == 0; i++)
		if (!counterpart(now, &then->plans[i]) && is_wanted(comparison, &then->plans[i]))
			r = compare_plans(comparison, &then->plans[i], &nothing, list);
	return r;
}

static int tell(struct comparison *comparison)
{
	struct cli *cli = comparison->cli;
	struct error error = { 0 };
	struct json *data;
	int r;

	if (cli->options.text) {
		r = text_diff(cli, comparison->old.name, comparison->old.bytes,
			      comparison->old.length, comparison->new.name, comparison->new.bytes,
			      comparison->new.length, &error);
		return r < 0 ? cli_fail(cli, cli_exit_code(&error), &error) : EXIT_DONE;
	}
	data = cli->options.json ? json_object() : NULL;
	r = compare_items(comparison, data ? json_add_array(data, "changes") : NULL);
	if (r < 0) {
		json_free(data);
		(void)error_set(&error, r, "out of memory");
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	return data ? cli_print_json(cli, data) : EXIT_DONE;
}

/* ---- Two files ---- */

static int load_file(struct version *version, const char *path, struct error *error)
{
	version->name = strdup(path);
	if (!version->name)
		return error_set(error, -ENOMEM, "out of memory");
	int r = file_read(path, &version->bytes, &version->length, error);
	return r < 0
		   ? r
		   : file_parse_bytes(path, version->bytes, version->length, &version->file, error);
}

static int diff_files(struct comparison *comparison, const char *old, const char *new)
{
	struct cli *cli = comparison->cli;
	struct error error = { 0 };

	if (load_file(&comparison->old, old, &error) < 0 ||
	    load_file(&comparison->new, new, &error) < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	return tell(comparison);
}

/* ---- Two moments ---- */

/* The last look at `at` or before, below an observation; an empty version where there was none. */
static int load_moment(struct cli *cli, const struct plan_row *row, usec_t at, int64_t below,
		       struct version *version, struct observation *ret, struct error *error)
{
	char time[INSTANT_MAX];
	int r = store_observation_at(cli->store, row->id, at, below, ret, error);

	if (r == -ENOENT)
		*ret = (struct observation){ .at = INSTANT_NONE };
	else if (r < 0)
		return r;
	if (asprintf(&version->name, "%s  %s", row->path,
		     instant_format(ret->at, cli->options.utc, time)) < 0) {
		version->name = NULL;
		return error_set(error, -ENOMEM, "out of memory");
	}
	if (ret->content) {
		r = store_content_get(cli->store, ret->content, &version->bytes, &version->length,
				      error);
		if (r < 0)
			return r;
	}
	return file_parse_bytes(row->path, version->bytes ? version->bytes : "", version->length,
				&version->file, error);
}

static int read_times(struct cli *cli, int count, char **words, usec_t *times)
{
	struct error error = { 0 };

	for (int i = 0; i < count; i++)
		if (instant_parse(words[i], cli->now, &times[i]) < 0) {
			(void)error_set(
			    &error, -EINVAL,
			    "%s: neither a file nor a time; a time is 2h, yesterday or 2026-01-02T03:04Z",
			    words[i]);
			return cli_fail(cli, EXIT_USAGE, &error);
		}
	return 0;
}

static int diff_moments(struct comparison *comparison, int argc, char **argv)
{
	struct cli *cli = comparison->cli;
	cleanup(plan_row_done) struct plan_row row = { 0 };
	struct observation old, new;
	usec_t times[2] = { INT64_MAX, INT64_MAX };
	struct error error = { 0 };
	int r = read_times(cli, argc - 1, argv + 1, times);

	if (r == 0)
		r = cli_open_store(cli);
	if (r == 0)
		r = cli_find_plan(cli, argv[0], &row);
	if (r)
		return r;
	comparison->part = row.part;
	/* Without a time: what the last revision changed. With one: from then to now. */
	r = load_moment(cli, &row, argc == 3 ? times[1] : INT64_MAX, INT64_MAX, &comparison->new,
			&new, &error);
	if (r == 0)
		r = load_moment(cli, &row, times[0], argc == 1 ? new.id : INT64_MAX,
				&comparison->old, &old, &error);
	if (r < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	(void)cli_warn_without_daemon(cli);
	return tell(comparison);
}

/* ---- The command ---- */

static bool is_file(const char *name)
{
	struct stat st;

	return strcmp(name, "-") == 0 || (stat(name, &st) == 0 && !S_ISDIR(st.st_mode));
}

static int run(struct cli *cli, int argc, char **argv)
{
	cleanup(comparison_done) struct comparison comparison = { .cli = cli };
	struct error error = { 0 };

	if (cli->options.text && cli->options.json) {
		(void)error_set(&error, -EINVAL,
				"--json has the items that changed; --text has none");
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	if (argc == 2 && is_file(argv[0]) && is_file(argv[1]))
		return diff_files(&comparison, argv[0], argv[1]);
	return diff_moments(&comparison, argc, argv);
}

static const struct command_option options[] = {
	OPTION("text", NULL, text, "in lines, as diff -u"),
	{ 0 },
};

const struct command command_diff = {
	.name = "diff",
	.arguments = "PLAN [TIME] [TIME] | FILE FILE",
	.summary = "What changed between two versions of a plan, item by item",
	.examples =
	    "  planctl diff add-parser                what its last revision changed\n"
	    "  planctl diff add-parser yesterday      from then to now\n"
	    "  planctl diff add-parser 3h 1h --text   between the two, in lines\n"
	    "  planctl diff OLD.md NEW.md --json      two files, without daemon and database\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 3,
	.run = run,
};
