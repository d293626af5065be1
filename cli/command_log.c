/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl log: what happened. */
#include "output.h"
#include "subscription.h"

#include "planwatch/claim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_LIMIT 50

struct logging {
	struct cli *cli;
	struct log_filter filter;
	int64_t last_id;   /* INT64_MIN: nothing yet */
	int64_t last_plan; /* whose heading stands above */
};

/* "open", "done" or "other" for a mark; other text as it is. */
static const char *state_of_mark(const char *mark)
{
	if (!mark)
		return NULL;
	if (strcmp(mark, " ") == 0)
		return "open";
	return strcmp(mark, "x") == 0 || strcmp(mark, "X") == 0 ? "done" : "other";
}

static bool is_mark_event(enum event_kind kind)
{
	return kind == EVENT_ITEM_DONE || kind == EVENT_ITEM_UNDONE || kind == EVENT_ITEM_MARKED ||
	       kind == EVENT_ITEM_ADDED || kind == EVENT_ITEM_SPLIT || kind == EVENT_ITEM_REMOVED;
}

/* What `from` and `to` mean is the kind's: states, texts, positions, values, numbers of entries. */
static void from_to(const struct event *event, const char **from, const char **to,
		    char position[static 24])
{
	*from = event->before;
	*to = event->text;
	if (is_mark_event(event->kind)) {
		*from = event->kind == EVENT_ITEM_SPLIT ? NULL : state_of_mark(event->before);
		*to = state_of_mark(event->after);
	} else if (event->kind == EVENT_ITEM_MOVED) {
		(void)snprintf(position, 24, "%jd", (intmax_t)event->position);
		*to = position;
	} else if (event->kind == EVENT_SECTION_CHANGED) {
		*to = event->after;
	}
}

/* "Decision Log: 4 entries, 3 before" */
static void print_entries(const struct event *event)
{
	if (!event->before || !event->after)
		(void)fputs(event->after ? " (new)" : " (gone)", stdout);
	else if (strcmp(event->before, event->after) != 0)
		(void)printf(": %ld %s, %ld before", strtol(event->after, NULL, 10),
			     strcmp(event->after, "1") == 0 ? "entry" : "entries",
			     strtol(event->before, NULL, 10));
}

/* What speaks against the time that the author claims for a tick. */
static enum claim_doubt doubt_of(const struct log_row *row)
{
	return claim_examine(&(struct claim){ .at = row->event.claimed_at,
					      .precision = row->event.claimed_precision,
					      .witnessed = row->observation.at,
					      .not_before = row->observation.not_before,
					      .plan_began = row->plan_began,
					      .same = row->same_claims });
}

static struct json *json_of_row(const struct log_row *row)
{
	struct json *json = json_object(), *object;
	const struct event *event = &row->event;
	const char *from, *to;
	char position[24];

	from_to(event, &from, &to, position);
	json_add_int(json, "id", row->id);
	json_add_instant(json, "at", row->observation.at);
	json_add_instant(json, "not_before", row->observation.not_before);
	json_add_text(json, "kind", event_kind_name(event->kind));
	if (row->path) {
		object = json_add_object(json, "plan");
		json_add_int(object, "id", event->plan);
		json_add_text(object, "path", row->path);
		json_add_text(object, "title", row->title);
	} else {
		json_add_null(json, "plan");
	}
	if (event->item) {
		object = json_add_object(json, "item");
		json_add_int(object, "id", event->item);
		json_add_text(object, "text", event->text);
		json_add_int(object, "line", event->line);
	} else {
		json_add_null(json, "item");
	}
	json_add_text(json, "from", from);
	json_add_text(json, "to", to);
	if (event->claimed_at != INSTANT_NONE) {
		object = json_add_object(json, "claimed");
		json_add_instant(object, "at", event->claimed_at);
		json_add_text(object, "precision", stamp_precision_name(event->claimed_precision));
		json_add_text(object, "doubt", claim_doubt_name(doubt_of(row)));
	} else {
		json_add_null(json, "claimed");
	}
	json_add_text(json, "remark", row->remark);
	json_add_text(json, "origin", origin_name(row->observation.origin));
	json_add_text(json, "repo", row->observation.repo);
	json_add_text(json, "branch",
		      row->observation.branch && *row->observation.branch ? row->observation.branch
									  : NULL);
	json_add_text(json, "commit",
		      row->observation.commit && *row->observation.commit ? row->observation.commit
									  : NULL);
	return json;
}

static void print_stream(const struct log_row *row)
{
	cleanup_json struct json *json = json_of_row(row);

	(void)cli_print_line(json);
}

/* at, kind, path, item id, text, from, to */
static void print_line(const struct log_row *row)
{
	char time[INSTANT_MAX], position[24];
	const char *from, *to;

	from_to(&row->event, &from, &to, position);
	(void)printf("%s\t%s\t", instant_format_utc(row->observation.at, time),
		     event_kind_name(row->event.kind));
	print_field(row->path, '\t');
	if (row->event.item)
		(void)printf("%jd", (intmax_t)row->event.item);
	(void)putchar('\t');
	print_field(row->event.text, '\t');
	print_field(from, '\t');
	print_field(to, '\n');
}

static const struct {
	const char *sign, *word;
	enum style style;
} looks[] = {
	[EVENT_PLAN_FOUND] = { "+", "plan found", STYLE_BLUE },
	[EVENT_PLAN_GONE] = { "-", "plan gone", STYLE_YELLOW },
	[EVENT_PLAN_RETURNED] = { "+", "plan returned", STYLE_BLUE },
	[EVENT_PLAN_MOVED] = { ">", "plan moved", STYLE_BLUE },
	[EVENT_ITEM_ADDED] = { "+", "added", STYLE_BLUE },
	[EVENT_ITEM_DONE] = { "\u2713", "done", STYLE_GREEN },
	[EVENT_ITEM_UNDONE] = { "\u2717", "undone", STYLE_RED },
	[EVENT_ITEM_MARKED] = { "~", "marked", STYLE_YELLOW },
	[EVENT_ITEM_REWORDED] = { "\u270e", "reworded", STYLE_DIM },
	[EVENT_ITEM_MOVED] = { "\u2195", "moved", STYLE_DIM },
	[EVENT_ITEM_REMOVED] = { "-", "removed", STYLE_YELLOW },
	[EVENT_ITEM_SPLIT] = { "\u2442", "split off", STYLE_BLUE },
	[EVENT_STATUS_CHANGED] = { "=", "status", STYLE_BLUE },
	[EVENT_TOLERANCE_CHANGED] = { "=", "tolerance", STYLE_YELLOW },
	[EVENT_SECTION_CHANGED] = { "=", "section", STYLE_DIM },
	[EVENT_BRANCH_SWITCHED] = { "=", "branch", STYLE_BLUE },
	[EVENT_GAP] = { "!", "gap", STYLE_YELLOW },
};

/* The author's stamp in parentheses, which stands in the way where the witnessed time is shown. */
static const char *skip_stamp(const char *text)
{
	size_t length = *text == '(' && text[1] >= '0' && text[1] <= '9' ? strcspn(text, ")") : 0;

	return length > 0 && text[length] == ')' && text[length + 1] == ' ' ? text + length + 2
									    : text;
}

/* "claims 09:00, 3 h later": only where something speaks against the claim. */
static void print_doubt(const struct logging *logging, const struct log_row *row)
{
	static const char *const words[] = {
		[CLAIM_FUTURE] = "after it was seen",
		[CLAIM_BEFORE_PLAN] = "before the plan was here",
		[CLAIM_LATE] = "before it was seen",
		[CLAIM_BATCH] = "like other items of this revision",
		[CLAIM_MIDNIGHT] = "exactly 00:00",
	};
	const struct cli *cli = logging->cli;
	enum claim_doubt doubt = doubt_of(row);
	usec_t distance = row->event.claimed_at - row->observation.at;
	char time[INSTANT_MAX], length[INSTANT_MAX] = "";

	if (doubt == CLAIM_PLAUSIBLE)
		return;
	if (doubt == CLAIM_FUTURE || doubt == CLAIM_LATE)
		(void)duration_format(distance < 0 ? -distance : distance, length);
	(void)instant_format(row->event.claimed_at, cli->options.utc, time);
	(void)printf("%*s%sclaims %.11s, %s%s%s%s\n", 31, "", style_on(cli, STYLE_YELLOW), time + 5,
		     length, *length ? " " : "", words[doubt], style_off(cli));
}

static void print_remark(const struct cli *cli, const struct log_row *row)
{
	for (enum remark remark = REMARK_NONE + 1; row->remark && remark < REMARK_COUNT; remark++)
		if (strcmp(row->remark, remark_name(remark)) == 0)
			(void)printf("%*s%s! %s%s\n", 31, "", style_on(cli, STYLE_YELLOW),
				     remark_sentence(remark), style_off(cli));
}

/* The plan's name above its events, where they are not all of one plan. */
static void print_plan(struct logging *logging, const struct log_row *row)
{
	const struct cli *cli = logging->cli;
	struct plan_row plan = { .path = (char *)(uintptr_t)row->path,
				 .title = (char *)(uintptr_t)row->title };

	if (logging->filter.plan || row->event.plan == logging->last_plan)
		return;
	logging->last_plan = row->event.plan;
	if (!row->path)
		return;
	(void)fputs(style_on(cli, STYLE_BOLD), stdout);
	print_text(cli, plan_name(&plan), terminal_columns());
	(void)printf("%s\n", style_off(cli));
}

static void print_for_person(struct logging *logging, const struct log_row *row)
{
	const struct cli *cli = logging->cli;
	const struct event *event = &row->event;
	size_t columns = terminal_columns(), used = 0;
	char time[INSTANT_MAX];
	const char *text = event->text ? event->text : event->before ? event->before : "";

	print_plan(logging, row);
	(void)instant_format(row->observation.at, cli->options.utc, time);
	if (event->item)
		text = skip_stamp(text);
	/* "01-02 03:04:05": the year is known, or asked for with --json. */
	(void)printf("%s%.14s%s %s%s %-13s%s ", style_on(cli, STYLE_DIM), time + 5, style_off(cli),
		     style_on(cli, looks[event->kind].style), looks[event->kind].sign,
		     looks[event->kind].word, style_off(cli));
	used += 31;
	if (event->kind == EVENT_ITEM_ADDED || event->kind == EVENT_ITEM_SPLIT)
		used += print_mark(event->after);
	print_text(cli, text, columns > used + 20 ? columns - used : 20);
	if (event->kind == EVENT_SECTION_CHANGED)
		print_entries(event);
	(void)putchar('\n');
	print_doubt(logging, row);
	print_remark(cli, row);
}

static int print_row(void *userdata, const struct log_row *row)
{
	struct logging *logging = userdata;
	const struct cli *cli = logging->cli;

	if (row->id > logging->last_id)
		logging->last_id = row->id;
	if (cli->options.json)
		print_stream(row);
	else if (cli->terminal)
		print_for_person(logging, row);
	else
		print_line(row);
	return 0;
}

static int collect_json(void *userdata, const struct log_row *row)
{
	json_add(userdata, NULL, json_of_row(row));
	return 0;
}

/* ---- Following ---- */

static int print_new(struct logging *logging, struct error *error)
{
	int r;

	logging->filter.after_id = logging->last_id == INT64_MIN ? 0 : logging->last_id;
	logging->filter.limit = 0;
	r = store_log(logging->cli->store, &logging->filter, print_row, logging, error);
	(void)fflush(stdout);
	return r;
}

static int follow(struct logging *logging)
{
	struct cli *cli = logging->cli;
	struct subscription subscription;
	struct error error = { 0 };
	int r = subscription_open(cli, &subscription);

	if (r)
		return r;
	/* Between the first look and the subscription something may have been committed. */
	do
		r = print_new(logging, &error);
	while (r == 0 && subscription_wait(&subscription, INSTANT_NONE, &error) > 0);
	subscription_close(&subscription);
	return cli_fail(cli, cli_exit_code(&error), &error);
}

/* ---- The filter ---- */

static int bad_value(struct cli *cli, const char *option, const char *value, const char *expected)
{
	struct error error = { 0 };

	(void)error_set(&error, -EINVAL, "--%s %s: expected %s", option, value, expected);
	return cli_fail(cli, EXIT_USAGE, &error);
}

/* "item_done,item_undone" */
static int read_kinds(struct cli *cli, const char *list, uint32_t *ret)
{
	cleanup_free char *copy = strdup(list);
	char *rest = copy;

	for (char *word; rest && (word = strsep(&rest, ","));) {
		enum event_kind kind = event_kind_parse(word);
		if (!kind)
			return bad_value(
			    cli, "kind", word,
			    "item_done, item_added, status_changed, ... (planctl-log)");
		*ret |= 1u << kind;
	}
	return 0;
}

static int read_filter(struct cli *cli, struct log_filter *filter)
{
	const struct options *o = &cli->options;
	char *end;

	*filter =
	    (struct log_filter){ .since = INSTANT_NONE, .until = INSTANT_NONE, .limit = LOG_LIMIT };
	if (o->since && instant_parse(o->since, cli->now, &filter->since) < 0)
		return bad_value(cli, "since", o->since, "a time, or a duration such as 2h");
	if (o->until && instant_parse(o->until, cli->now, &filter->until) < 0)
		return bad_value(cli, "until", o->until, "a time, or a duration such as 2h");
	if (o->since && !o->limit)
		filter->limit = 0;
	if (o->limit) {
		errno = 0;
		filter->limit = strtoll(o->limit, &end, 10);
		if (*end || end == o->limit || filter->limit < 0 || errno)
			return bad_value(cli, "limit", o->limit, "a number; 0 means all");
	}
	if (o->item) {
		filter->item = strtoll(o->item, &end, 10);
		if (*end || end == o->item || filter->item <= 0)
			return bad_value(cli, "item", o->item,
					 "an item's id, as `planctl show PLAN --json` tells it");
	}
	return o->kind ? read_kinds(cli, o->kind, &filter->kinds) : 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct logging logging = { .cli = cli, .last_id = INT64_MIN };
	cleanup(plan_row_done) struct plan_row plan = { 0 };
	struct error error = { 0 };
	cleanup_free char *repo = cli->options.repo ? cli_absolute(cli->options.repo) : NULL;
	int r = read_filter(cli, &logging.filter);

	logging.filter.repo = repo;
	if (r == 0 && logging.filter.item && argc == 0)
		r = bad_value(cli, "item", cli->options.item, "a plan beside it");
	if (r == 0)
		r = cli_open_store(cli);
	if (r == 0 && argc == 1) {
		r = cli_find_plan(cli, argv[0], &plan);
		logging.filter.plan = plan.id;
	}
	if (r)
		return r;
	if (!cli->options.follow)
		(void)cli_warn_without_daemon(cli);
	if (cli->options.json && !cli->options.follow) {
		struct json *data = json_array();
		if (store_log(cli->store, &logging.filter, collect_json, data, &error) == 0)
			return cli_print_json(cli, data);
		json_free(data);
	} else if (store_log(cli->store, &logging.filter, print_row, &logging, &error) == 0) {
		return cli->options.follow ? follow(&logging) : EXIT_DONE;
	}
	return cli_fail(cli, cli_exit_code(&error), &error);
}

static const struct command_option options[] = {
	OPTION("since", "TIME", since, "from this time on: 2h, yesterday, 2026-01-02T03:04Z"),
	OPTION("until", "TIME", until, "up to this time"),
	OPTION("kind", "KINDS", kind, "only these kinds: item_done,item_undone,..."),
	OPTION("repo", "DIR", repo, "only plans in this repository"),
	OPTION("item", "ID", item, "only this item of PLAN"),
	OPTION("limit", "N", limit, "the last N events; 0: all (default: 50, with --since all)"),
	OPTION("follow", NULL, follow, "go on with what happens"),
	{ 0 },
};

const struct command command_log = {
	.name = "log",
	.arguments = "[PLAN]",
	.summary = "What happened: events, oldest first",
	.examples = "  planctl log --since yesterday --kind item_done\n"
		    "  planctl log add-parser --limit 10\n"
		    "  planctl log --repo . --since 2h\n"
		    "  planctl log --follow --json | jq -c '{at, kind, text: .item.text}'\n",
	.options = options,
	.max_arguments = 1,
	.run = run,
};
