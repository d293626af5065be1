/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl status, planctl stalled: the attention queue. */
#include "coverage.h"
#include "output.h"
#include "status_line.h"
#include "subscription.h"

#include "planwatch/copies.h"
#include "planwatch/text.h"

#include <stdio.h>
#include <string.h>

struct entry {
	struct plan_row row;
	struct verdict verdict;
	struct json *copies; /* in other working trees; NULL for none */
	size_t copy_count;
};

struct queue {
	struct cli *cli;
	struct entry *entries;
	size_t count;
	struct error error;
};

static void entry_done(struct entry *entry)
{
	plan_row_done(&entry->row);
	json_free(entry->copies);
}

static void queue_done(struct queue *queue)
{
	for (size_t i = 0; i < queue->count; i++)
		entry_done(&queue->entries[i]);
	free(queue->entries);
}

static int add_entry(void *userdata, const struct plan_row *row)
{
	struct queue *queue = userdata;
	/* Grows at powers of two: a queue of a thousand plans is copied ten times. */
	bool full = (queue->count & (queue->count - 1)) == 0;
	struct entry *entries = queue->entries;

	if (full) {
		entries =
		    reallocarray(entries, queue->count ? queue->count * 2 : 1, sizeof(*entries));
		if (!entries)
			return -ENOMEM;
		queue->entries = entries;
	}
	entries[queue->count] = (struct entry){ 0 };
	if (plan_row_copy(row, &entries[queue->count].row) < 0)
		return -ENOMEM;
	struct entry *entry = &entries[queue->count++];
	return cli_assess(queue->cli, &entry->row, &entry->verdict, NULL, &queue->error);
}

static usec_t last_sign(const struct plan_state *state)
{
	usec_t last =
	    state->last_tick_at > state->last_edit_at ? state->last_tick_at : state->last_edit_at;

	return last > state->last_commit_at ? last : state->last_commit_at;
}

/* Who needs a person first; among equals the one that changed last. */
static int by_need(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	usec_t l = last_sign(&left->row.state), r = last_sign(&right->row.state);

	if (left->verdict.kind != right->verdict.kind)
		return left->verdict.kind < right->verdict.kind ? -1 : 1;
	if (l != r)
		return l > r ? -1 : 1;
	return strcmp(left->row.path, right->row.path);
}

/* ---- Copies ---- */

static void add_copy(struct entry *leader, const struct entry *copy)
{
	struct json *json;

	if (!leader->copies)
		leader->copies = json_array();
	leader->copy_count++;
	json = json_add_object(leader->copies, NULL);
	json_add_int(json, "id", copy->row.id);
	json_add_text(json, "path", copy->row.path);
	json_add_text(json, "branch",
		      copy->row.branch && *copy->row.branch ? copy->row.branch : NULL);
	json_add_int(json, "done", copy->row.state.counts.done);
	json_add_int(json, "total", copy->row.state.counts.total);
}

/* Of each plan the copy that is worked on; the others hang on it. */
static int fold_copies(struct queue *queue)
{
	cleanup_free struct plan_row *rows = calloc(queue->count + 1, sizeof(*rows));
	cleanup_free size_t *leader = calloc(queue->count + 1, sizeof(*leader));
	size_t kept = 0;

	if (!rows || !leader)
		return -ENOMEM;
	for (size_t i = 0; i < queue->count; i++)
		rows[i] = queue->entries[i].row;
	if (copies_find(rows, queue->count, leader) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < queue->count; i++)
		if (leader[i] != i)
			add_copy(&queue->entries[leader[i]], &queue->entries[i]);
	for (size_t i = 0; i < queue->count; i++) {
		if (leader[i] == i)
			queue->entries[kept++] = queue->entries[i];
		else
			entry_done(&queue->entries[i]);
	}
	queue->count = kept;
	return 0;
}

/* ---- Output ---- */

static int print_json(struct queue *queue)
{
	struct json *data = json_array();

	for (size_t i = 0; i < queue->count; i++) {
		struct entry *entry = &queue->entries[i];
		struct json *json = json_of_status(&entry->row, &entry->verdict);
		json_add(json, "copies", entry->copies ? take(entry->copies) : json_array());
		json_add(data, NULL, json);
	}
	return cli_print_json(queue->cli, data);
}

/* verdict, done, total, used seconds, limit seconds, path, title, stage, reason */
static void print_line(const struct entry *entry)
{
	const struct plan_row *row = &entry->row;
	char number[24] = "";

	print_field(verdict_name(entry->verdict.kind), '\t');
	(void)printf("%u\t%u\t", row->state.counts.done, row->state.counts.total);
	if (entry->verdict.used_seconds >= 0)
		(void)snprintf(number, sizeof(number), "%jd",
			       (intmax_t)entry->verdict.used_seconds);
	(void)printf("%s\t%jd\t", number, (intmax_t)entry->verdict.limit_seconds);
	print_field(row->path, '\t');
	print_field(row->title, '\t');
	print_field(row->stage_label ? row->stage_label : row->stage_text, '\t');
	print_field(row->problem ? row->problem : entry->verdict.reason, '\n');
}

static bool shows_stage(const struct entry *entry)
{
	return entry->row.stage_text && entry->verdict.kind != VERDICT_DONE &&
	       entry->verdict.kind != VERDICT_UNKNOWN;
}

/* Two lines: who and how far; where it stands and why it is said. */
static void print_entry(const struct cli *cli, const struct entry *entry, size_t columns)
{
	const struct plan_row *row = &entry->row;
	char count[32], ago[INSTANT_MAX] = "";
	usec_t sign = last_sign(&row->state);
	size_t left = columns > 34 ? columns - 34 : 10;

	(void)printf("%s%-10s%s ", style_on(cli, style_of_verdict(entry->verdict.kind)),
		     verdict_name(entry->verdict.kind), style_off(cli));
	print_bar(cli, row->state.counts.done, row->state.counts.total, 10);
	(void)snprintf(count, sizeof(count), "%u/%u", row->state.counts.done,
		       row->state.counts.total);
	(void)printf(" %8s  %s", row->state.counts.total ? count : "-", style_on(cli, STYLE_BOLD));
	print_text(cli, plan_name(row), left);
	(void)printf("%s\n           %s", style_off(cli), style_on(cli, STYLE_DIM));
	if (entry->copy_count > 0) {
		(void)printf("in %zu working trees, worked on in ", entry->copy_count + 1);
		print_text(cli, row->branch && *row->branch ? row->branch : "a detached HEAD", 24);
		(void)fputs(": ", stdout);
	}
	if (sign != INSTANT_NONE && cli->now > sign)
		(void)duration_format(cli->now - sign, ago);
	(void)fputs(row->problem ? "" : entry->verdict.reason, stdout);
	if (row->problem)
		print_text(cli, row->problem, columns - 11);
	else if (*ago &&
		 (entry->verdict.kind == VERDICT_MOVING || entry->verdict.kind == VERDICT_NEARING ||
		  entry->verdict.kind == VERDICT_OVER))
		(void)printf(", last change %s ago", ago);
	(void)printf("%s\n", style_off(cli));
	if (shows_stage(entry)) {
		const char *label = row->stage_label ? row->stage_label : "next";
		size_t used = 13 + text_width(label);
		(void)fputs("           ", stdout);
		print_text(cli, label, 0);
		(void)fputs(": ", stdout);
		print_text(cli, row->stage_text, columns > used + 10 ? columns - used : 10);
		(void)putchar('\n');
	}
	for (enum remark remark = REMARK_NONE + 1; remark < REMARK_COUNT; remark++)
		if (entry->verdict.remarks & 1u << remark)
			(void)printf("           %s! %s%s\n", style_on(cli, STYLE_YELLOW),
				     remark_sentence(remark), style_off(cli));
}

static void print_queue(const struct queue *queue)
{
	const struct cli *cli = queue->cli;
	size_t columns = terminal_columns(), quiet = 0;

	for (size_t i = 0; i < queue->count; i++) {
		bool done = queue->entries[i].verdict.kind == VERDICT_DONE;

		quiet += done;
		if (!cli->terminal)
			print_line(&queue->entries[i]);
		else if (!done || queue->count == 1 || cli->options.verbose)
			print_entry(cli, &queue->entries[i], columns);
	}
	if (cli->terminal && quiet > 0 && queue->count > 1 && !cli->options.verbose)
		(void)printf("%s%zu done; -v shows them%s\n", style_on(cli, STYLE_DIM), quiet,
			     style_off(cli));
	if (cli->terminal && queue->count == 0)
		(void)puts(
		    "No plans. `planctl roots` shows what is watched; `planctl watch FOLDER` adds a folder.");
}

/* Fills the queue with the named plans, or with all. 0 or an exit code. */
static int fill(struct queue *queue, int argc, char **argv)
{
	int r = queue->cli->store ? 0 : cli_open_store(queue->cli);

	if (r)
		return r;
	for (int i = 0; i < argc && r == 0; i++) {
		cleanup(plan_row_done) struct plan_row row = { 0 };

		r = cli_find_plan(queue->cli, argv[i], &row);
		if (r)
			return r;
		r = add_entry(queue, &row);
	}
	if (argc == 0)
		r = store_plans(queue->cli->store, add_entry, queue, &queue->error);
	if (argc == 0 && r == 0)
		r = fold_copies(queue);
	if (r == -ENOMEM)
		(void)error_set(&queue->error, r, "out of memory");
	if (r < 0)
		return cli_fail(queue->cli, cli_exit_code(&queue->error), &queue->error);
	if (queue->count > 1)
		qsort(queue->entries, queue->count, sizeof(*queue->entries), by_need);
	return 0;
}

static int run_line(struct queue *queue, int argc, char **argv)
{
	struct cli *cli = queue->cli;
	cleanup(status_line_done) struct status_line line;
	struct error error = { 0 };
	int r = status_line_init(&line, cli->options.format, &error);

	if (r < 0)
		return cli_fail(cli, EXIT_USAGE, &error);
	r = fill(queue, argc, argv);
	if (r)
		return r;
	/* A bar shows remarks in its own way. */
	cli->options.quiet = true;
	bool watched = cli_warn_without_daemon(cli);
	for (size_t i = 0; i < queue->count; i++)
		status_line_add(&line, &queue->entries[i].row, &queue->entries[i].verdict);
	return status_line_print(&line, cli, watched);
}

static int tell_status(struct queue *queue)
{
	struct cli *cli = queue->cli;

	(void)cli_warn_without_daemon(cli);
	if (cli->options.json) {
		cli->coverage = coverage_read(cli);
		return print_json(queue);
	}
	print_queue(queue);
	return EXIT_DONE;
}

/* When the queue would read otherwise, though nothing happens. A person reads minutes. */
static usec_t next_moment(const struct queue *queue)
{
	usec_t next = queue->cli->terminal ? queue->cli->now + USEC_PER_MIN : INSTANT_NONE;

	for (size_t i = 0; i < queue->count; i++) {
		usec_t moment = queue->entries[i].verdict.next;
		if (moment != INSTANT_NONE && (next == INSTANT_NONE || moment < next))
			next = moment;
	}
	return next;
}

static int draw(struct cli *cli, int argc, char **argv, usec_t *next)
{
	cleanup(queue_done) struct queue queue = { .cli = cli };
	int r;

	cli->now = instant_now();
	assessor_done(&cli->assessor); /* what does not count may have grown */
	r = fill(&queue, argc, argv);
	if (r)
		return r;
	if (cli->terminal) /* home, and what is below it cleared: ECMA-48 CUP and ED */
		(void)fputs("\033[H\033[J", stdout);
	*next = next_moment(&queue);
	r = tell_status(&queue);
	return fflush(stdout) == 0 ? r : EXIT_USAGE;
}

static int watch_status(struct cli *cli, int argc, char **argv)
{
	struct subscription subscription;
	struct error error = { 0 };
	usec_t next = INSTANT_NONE;
	int r = subscription_open(cli, &subscription);

	while (r == 0) {
		r = draw(cli, argc, argv, &next);
		if (r == 0 && subscription_wait(&subscription, next, &error) < 0)
			r = cli_fail(cli, EXIT_NO_DAEMON, &error);
	}
	subscription_close(&subscription);
	return r;
}

static int run_status(struct cli *cli, int argc, char **argv)
{
	cleanup(queue_done) struct queue queue = { .cli = cli };
	int r;

	if (cli->options.format)
		return run_line(&queue, argc, argv);
	if (cli->options.watch)
		return watch_status(cli, argc, argv);
	r = fill(&queue, argc, argv);
	return r ? r : tell_status(&queue);
}

static bool is_stalled(const struct entry *entry)
{
	return entry->verdict.kind == VERDICT_OVER || entry->verdict.kind == VERDICT_STALLED ||
	       entry->verdict.kind == VERDICT_DRIFTING || entry->verdict.kind == VERDICT_CHURNING;
}

static int run_stalled(struct cli *cli, int argc, char **argv)
{
	cleanup(queue_done) struct queue queue = { .cli = cli };
	size_t kept = 0;
	int r = fill(&queue, argc, argv);

	if (r)
		return r;
	(void)cli_warn_without_daemon(cli);
	for (size_t i = 0; i < queue.count; i++) {
		if (is_stalled(&queue.entries[i]))
			queue.entries[kept++] = queue.entries[i];
		else
			entry_done(&queue.entries[i]);
	}
	queue.count = kept;
	if (cli->options.json)
		r = print_json(&queue);
	else if (cli->terminal && kept == 0)
		(void)puts("Nothing has stalled.");
	else
		print_queue(&queue);
	return r ? r : cli->options.exit_code && kept > 0 ? EXIT_FINDINGS : EXIT_DONE;
}

static const struct command_option status_options[] = {
	OPTION("format", STATUS_LINE_FORMATS, format, "one line for a status bar"),
	OPTION("watch", NULL, watch, "go on, and draw it again as things change"),
	{ 0 },
};

const struct command command_status = {
	.name = "status",
	.arguments = "[PLAN]...",
	.summary = "The attention queue: who needs me first",
	.examples =
	    "  planctl status                  every watched plan\n"
	    "  planctl status add-parser -v    one plan, by a part of its path\n"
	    "  planctl status --json | jq -r '.data[] | select(.verdict==\"stalled\").plan.path'\n"
	    "  planctl status --format tmux    one line for a status bar\n",
	.options = status_options,
	.max_arguments = -1,
	.run = run_status,
};

static const struct command_option stalled_options[] = {
	OPTION("exit-code", NULL, exit_code, "exit with 1 where something has stalled"),
	{ 0 },
};

const struct command command_stalled = {
	.name = "stalled",
	.arguments = "[PLAN]...",
	.summary = "Plans that are over their limit, stalled, drifting or churning",
	.examples = "  planctl stalled\n"
		    "  planctl stalled --exit-code || notify-team\n",
	.options = stalled_options,
	.max_arguments = -1,
	.run = run_stalled,
};
