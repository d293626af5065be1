/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl show: one plan with its items, limits and episodes; now, as it stood at a moment, or as an unwatched file says. */
#include "files.h"
#include "show.h"

#include "planwatch/history.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void showing_done(struct showing *showing)
{
	plan_row_done(&showing->row);
	item_list_done(&showing->items);
	json_free(showing->episodes);
	free((void *)(uintptr_t)showing->time.waits);
	free(showing->stages.stages);
}

static int out_of_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "out of memory");
}

static int tell(struct showing *showing)
{
	struct cli *cli = showing->cli;
	struct error error = { 0 };

	if (stages_find(&showing->row, &showing->items, &showing->time, cli->now,
			&showing->stages) < 0) {
		(void)out_of_memory(&error);
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	if (cli->options.json)
		return cli_print_json(cli, show_json(showing));
	if (cli->terminal)
		show_for_person(showing);
	else
		show_lines(showing);
	return EXIT_DONE;
}

/* ---- As the record has it now ---- */

static int add_episode(void *userdata, const struct episode_row *row)
{
	struct showing *showing = userdata;

	showing->firing += row->resolved_at == INSTANT_NONE;
	json_add(showing->episodes, NULL, json_of_episode(row));
	return 0;
}

/* Reads a content of the plan's file. *ret stays NULL where there is none. */
static int read_content(struct showing *showing, int64_t content, struct plan_file **ret,
			struct error *error)
{
	cleanup_free char *bytes = NULL;
	size_t length;
	int r;

	if (!content)
		return 0;
	r = store_content_get(showing->cli->store, content, &bytes, &length, error);
	if (r < 0)
		return r;
	return plan_parse(bytes, length, ret) < 0 ? out_of_memory(error) : 0;
}

static int load_present(struct showing *showing, struct plan_file **ret, struct error *error)
{
	struct store *store = showing->cli->store;
	cleanup(file_row_done) struct file_row file = { 0 };
	int r = store_items(store, showing->row.id, &showing->items, error);

	if (r == 0)
		r = cli_assess(showing->cli, &showing->row, &showing->verdict, &showing->time,
			       error);
	if (r == 0)
		r = store_episodes(store, EPISODES_ALL, showing->row.id, add_episode, showing,
				   error);
	if (r == 0)
		r = store_file_by_path(store, showing->row.path, &file, error);
	if (r == 0)
		r = read_content(showing, file.content, ret, error);
	if (r == 0 && *ret && showing->row.part <= (*ret)->plan_count)
		showing->plan = &(*ret)->plans[showing->row.part - 1];
	return r;
}

/* ---- As it stood at a moment ---- */

static bool has_items(const struct plan *plan, const struct history *history)
{
	if (plan->item_count != history->count)
		return false;
	for (size_t i = 0; i < history->count; i++)
		if (strcmp(plan->items[i].text, history->items[i].text) != 0)
			return false;
	return true;
}

/* The plan of the file that has these items: the part was perhaps another one then. */
static const struct plan *find_part(const struct plan_file *file, const struct history *history)
{
	for (size_t i = 0; i < file->plan_count; i++)
		if (has_items(&file->plans[i], history))
			return &file->plans[i];
	return NULL;
}

/* The plan's row is of now: what is known of then replaces it, the rest is left out. */
static int set_row(struct showing *showing, const struct plan *plan)
{
	struct plan_row *row = &showing->row;
	char **gone[] = { &row->stage_label, &row->stage_text, &row->problem, &row->status_text,
			  &row->title };

	for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
		free(*gone[i]);
		*gone[i] = NULL;
	}
	row->state = (struct plan_state){ .status = plan->status.state,
					  .source = plan->source,
					  .counts = plan->counts,
					  .stage_since = INSTANT_NONE,
					  .last_tick_at = INSTANT_NONE,
					  .last_edit_at = INSTANT_NONE,
					  .last_commit_at = INSTANT_NONE };
	row->title = strdup(plan->title);
	if (plan->status.raw)
		row->status_text = strdup(plan->status.raw);
	return row->title ? 0 : -ENOMEM;
}

/* Items of the reader as rows, with what the history knows of each. The strings stay the reader's. */
static int set_items(struct showing *showing, const struct history *history)
{
	const struct plan *plan = showing->plan;

	showing->items.rows = calloc(plan->item_count + 1, sizeof(*showing->items.rows));
	if (!showing->items.rows)
		return -ENOMEM;
	showing->items.count = plan->item_count;
	for (size_t i = 0; i < plan->item_count; i++) {
		struct item_row *row = &showing->items.rows[i];
		*row = (struct item_row){ .position = (uint32_t)i,
					  .item = plan->items[i],
					  .first_seen_at = INSTANT_NONE,
					  .done_at = INSTANT_NONE };
		if (!history)
			continue;
		row->id = history->items[i].id;
		row->first_seen_at = history->items[i].first_seen_at;
		row->done_at = history->items[i].done_at;
	}
	return 0;
}

static int load_then(struct showing *showing, struct plan_file **ret, struct error *error)
{
	struct cli *cli = showing->cli;
	cleanup_history struct history history = { 0 };
	struct observation observation;
	char time[INSTANT_MAX];
	int r = store_observation_at(cli->store, showing->row.id, showing->at, INT64_MAX,
				     &observation, error);

	if (r == 0)
		r = history_load(cli->store, showing->row.id, observation.id, &history, error);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == -ENOENT || !history.present || !observation.content)
		return error_set(error, -ENOENT, "%s: not there at %s", showing->row.path,
				 instant_format(showing->at, cli->options.utc, time));
	r = read_content(showing, observation.content, ret, error);
	if (r < 0)
		return r;
	showing->plan = find_part(*ret, &history);
	if (!showing->plan)
		return error_set(
		    error, -EBADMSG,
		    "%s: its events and its bytes of then disagree; run `planctl verify`",
		    showing->row.path);
	(void)snprintf(showing->verdict.reason, sizeof(showing->verdict.reason),
		       "as it stood at %s", instant_format(showing->at, true, time));
	showing->verdict.kind = VERDICT_UNKNOWN;
	showing->verdict.used_seconds = -1;
	return set_row(showing, showing->plan) < 0 || set_items(showing, &history) < 0
		   ? out_of_memory(error)
		   : 0;
}

/* ---- A file that nobody watches ---- */

static int show_part(struct cli *cli, const char *path, const struct plan *plan)
{
	cleanup(showing_done) struct showing showing = {
		.cli = cli,
		.source = SHOW_FILE,
		.plan = plan,
		.episodes = json_array(),
		.verdict = { .kind = VERDICT_UNKNOWN,
			     .reason = "not watched: as the file says",
			     .used_seconds = -1 },
	};
	struct error error = { 0 };

	showing.row.path = strdup(path);
	if (!showing.row.path || set_row(&showing, plan) < 0 || set_items(&showing, NULL) < 0) {
		(void)out_of_memory(&error);
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	return tell(&showing);
}

/* A file of several plans is told as `parse` tells it: --json has room for one. */
static int show_file(struct cli *cli, const char *path)
{
	cleanup_plan struct plan_file *file = NULL;
	struct error error = { 0 };
	int result = EXIT_DONE;

	if (file_parse(path, &file, &error) < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	if (cli->options.json && file->plan_count > 1) {
		(void)error_set(
		    &error, -EINVAL,
		    "%s: has %zu plans, and nobody watches it; see `planctl parse --json`", path,
		    file->plan_count);
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	for (size_t i = 0; i < file->plan_count && result == EXIT_DONE; i++) {
		if (i > 0 && cli->terminal)
			(void)putchar('\n');
		result = show_part(cli, path, &file->plans[i]);
	}
	return result;
}

/* True for a file that is there and that the record does not know. */
static bool is_unwatched(struct cli *cli, const char *name)
{
	cleanup(file_row_done) struct file_row row = { 0 };
	cleanup_free char *path = cli_absolute(name);
	struct error error = { 0 };
	struct stat st;

	if (strcmp(name, "-") == 0)
		return true;
	if (!path || stat(path, &st) < 0 || S_ISDIR(st.st_mode))
		return false;
	if (!cli->db_path || store_open(&cli->store, cli->db_path, STORE_READ, &error) < 0)
		return error.code == -ENOENT;
	return store_file_by_path(cli->store, path, &row, &error) == -ENOENT;
}

/* ---- The file's text ---- */

/* Byte for byte for a file; made safe for a terminal. */
static int print_bytes(const struct cli *cli, const char *bytes, size_t length)
{
	cleanup_free char *copy = NULL;
	char *rest;

	if (!cli->terminal)
		return fwrite(bytes, 1, length, stdout) == length ? EXIT_DONE : EXIT_USAGE;
	copy = strndup(bytes, length);
	rest = copy;
	for (char *line; rest && (line = strsep(&rest, "\n"));) {
		if (!rest && !*line)
			break;
		print_text(cli, line, 0);
		(void)putchar('\n');
	}
	return EXIT_DONE;
}

/* What the plan's file held at a moment: what a later save has overwritten is not lost. */
static int print_revision(struct cli *cli, const char *name, usec_t at)
{
	cleanup(plan_row_done) struct plan_row row = { 0 };
	cleanup_free char *bytes = NULL;
	struct observation observation;
	struct error error = { 0 };
	char time[INSTANT_MAX];
	size_t length;
	int r = cli_open_store(cli);

	if (r == 0)
		r = cli_find_plan(cli, name, &row);
	if (r)
		return r;
	r = store_observation_at(cli->store, row.id, at == INSTANT_NONE ? INT64_MAX : at, INT64_MAX,
				 &observation, &error);
	if (r == -ENOENT || (r == 0 && !observation.content))
		(void)error_set(&error, -ENOENT, "%s: not there at %s", row.path,
				instant_format(at, cli->options.utc, time));
	else if (r == 0 &&
		 store_content_get(cli->store, observation.content, &bytes, &length, &error) == 0)
		return print_bytes(cli, bytes, length);
	return cli_fail(cli, cli_exit_code(&error), &error);
}

/* ---- The command ---- */

static int show_recorded(struct cli *cli, const char *name, usec_t at)
{
	cleanup_plan struct plan_file *file = NULL;
	cleanup(showing_done) struct showing showing = {
		.cli = cli,
		.source = at == INSTANT_NONE ? SHOW_PRESENT : SHOW_THEN,
		.at = at,
		.episodes = json_array(),
	};
	struct error error = { 0 };
	int r = cli->store ? 0 : cli_open_store(cli);

	if (r == 0)
		r = cli_find_plan(cli, name, &showing.row);
	if (r)
		return r;
	r = at == INSTANT_NONE ? load_present(&showing, &file, &error)
			       : load_then(&showing, &file, &error);
	if (r < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	(void)cli_warn_without_daemon(cli);
	return tell(&showing);
}

static int run(struct cli *cli, int argc, char **argv)
{
	const char *time = cli->options.at;
	usec_t at = INSTANT_NONE;
	struct error error = { 0 };

	(void)argc;
	if (time && instant_parse(time, cli->now, &at) < 0) {
		(void)error_set(&error, -EINVAL,
				"--at %s: expected a time, or a duration such as 2h", time);
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	if (cli->options.text)
		return print_revision(cli, argv[0], at);
	if (!time && is_unwatched(cli, argv[0]))
		return show_file(cli, argv[0]);
	return show_recorded(cli, argv[0], at);
}

static const struct command_option options[] = {
	OPTION("at", "TIME", at, "as it stood then: 2h, yesterday, 2026-01-02T03:04Z"),
	OPTION("text", NULL, text, "the text of its file, of now or --at TIME"),
	{ 0 },
};

const struct command command_show = {
	.name = "show",
	.arguments = "PLAN|FILE",
	.summary = "One plan: its stages and items, claimed and witnessed times, limits, episodes",
	.examples =
	    "  planctl show add-parser\n"
	    "  planctl show add-parser --at yesterday\n"
	    "  planctl show add-parser --at 2h --text > before.md\n"
	    "  planctl show PLAN.md                   a file that nobody watches, without daemon and database\n"
	    "  planctl show docs/execplans/add-parser.md --json | jq '.data.items[].done_at'\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
