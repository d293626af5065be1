/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl replay: what would have been said of a plan, and when, under the configuration in force. */
#include "folder_history.h"
#include "output.h"

#include "planwatch/replay.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A folder says nothing of what came after its last revision: long enough for a limit to pass, and too short for many reminders. */
#define AFTER_LAST_REVISION USEC_PER_DAY

struct replaying {
	struct cli *cli;
	usec_t until; /* --until; INSTANT_NONE */
	usec_t step;
	bool each; /* each moment is told: there is one source */
	struct json *sources;
	struct replay_totals total;
	size_t told; /* sources with a plan in them */
	/* Of the source at hand. */
	struct json *changes;
	int64_t headed; /* the plan whose title stands above what is told */
};

/* ---- Moments ---- */

static const char *word_of(const struct replay_moment *moment)
{
	static const char *const words[] = {
		[EPISODE_STAYS] = "",
		[EPISODE_FIRES] = "fired",
		[EPISODE_RESOLVED] = "resolved",
		[EPISODE_TURNS] = "turned",
		[EPISODE_WORSENS] = "worsened",
		[EPISODE_REMINDS] = "reminded",
	};

	return moment->kind == REPLAY_EPISODE ? words[moment->change]
	       : moment->kind == REPLAY_STEP  ? "step"
					      : "verdict";
}

static void add_moment(struct json *changes, const struct replay_moment *moment)
{
	const struct verdict *verdict = moment->verdict;
	struct json *json = json_add_object(changes, NULL), *part;

	json_add_instant(json, "at", moment->at);
	json_add_text(json, "what", word_of(moment));
	part = json_add_object(json, "plan");
	json_add_text(part, "title", moment->plan->title);
	json_add_int(part, "part", moment->plan->part);
	json_add_text(json, "verdict", verdict_name(verdict->kind));
	json_add_text(json, "reason", verdict->reason);
	json_add_limit(json, verdict);
	if (!moment->episode) {
		json_add_null(json, "episode");
		return;
	}
	part = json_add_object(json, "episode");
	json_add_text(part, "verdict", moment->episode->verdict);
	json_add_instant(part, "fired_at", moment->episode->fired_at);
}

/* at, what, episode, verdict, limit seconds, title, reason */
static void print_line(const struct replay_moment *moment)
{
	char at[INSTANT_MAX];

	(void)printf("%s\t%s\t%s\t%s\t%jd\t", instant_format_utc(moment->at, at), word_of(moment),
		     moment->episode ? moment->episode->verdict : "",
		     verdict_name(moment->verdict->kind), (intmax_t)moment->verdict->limit_seconds);
	print_field(moment->plan->title, '\t');
	print_field(moment->verdict->reason, '\n');
}

/* Silence names no limit, because status shows it beside: here it is what is tried. */
static void print_limit(const struct verdict *verdict)
{
	char limit[INSTANT_MAX];

	if (verdict->clock != CLOCK_SILENCE)
		return;
	(void)duration_format(verdict->limit_seconds * USEC_PER_SEC, limit);
	(void)printf(" (limit %s, ", limit);
	if (verdict->limit_line)
		(void)printf("line %u)", verdict->limit_line);
	else
		(void)printf("%s)", limit_source_name(verdict->limit_source));
}

static void print_moment(struct replaying *replaying, const struct replay_moment *moment)
{
	const struct cli *cli = replaying->cli;
	const struct verdict *verdict = moment->verdict;
	bool resolved = moment->kind == REPLAY_EPISODE && moment->change == EPISODE_RESOLVED;
	const char *name = resolved ? moment->episode->verdict : verdict_name(verdict->kind);
	char at[INSTANT_MAX], length[INSTANT_MAX];

	if (replaying->headed != moment->plan->id) {
		(void)fputs(style_on(cli, STYLE_BOLD), stdout);
		print_text(cli, plan_name(moment->plan), terminal_columns());
		(void)printf("%s\n", style_off(cli));
		replaying->headed = moment->plan->id;
	}
	(void)printf("%s  %-8s  %s%-9s%s  ", instant_format(moment->at, cli->options.utc, at),
		     word_of(moment),
		     style_on(cli, resolved ? STYLE_DIM : style_of_verdict(verdict->kind)), name,
		     style_off(cli));
	if (resolved) {
		/* It fired a microsecond past its limit. */
		usec_t stood = moment->at - moment->episode->fired_at + 1;
		(void)printf("after %s: %s, ", duration_format(stood, length),
			     verdict_name(verdict->kind));
	}
	(void)fputs(verdict->reason, stdout);
	print_limit(verdict);
	(void)putchar('\n');
}

static int on_moment(void *userdata, const struct replay_moment *moment)
{
	struct replaying *replaying = userdata;
	const struct options *o = &replaying->cli->options;

	if (moment->kind == REPLAY_VERDICT && !o->all)
		return 0;
	if (o->json)
		add_moment(replaying->changes, moment);
	else if (replaying->each && replaying->cli->terminal)
		print_moment(replaying, moment);
	else if (replaying->each)
		print_line(moment);
	return 0;
}

/* ---- Totals ---- */

static unsigned count(const struct replay_totals *totals)
{
	unsigned all = 0;

	for (size_t i = 0; i < ARRAY_SIZE(totals->episodes); i++)
		all += totals->episodes[i];
	return all;
}

static double per_day(const struct replay_totals *totals)
{
	return totals->open > 0 ? count(totals) * (double)USEC_PER_DAY / (double)totals->open : 0;
}

static void add_totals(struct json *json, const struct replay_totals *totals)
{
	struct json *episodes;

	json_add_int(json, "plans", (int64_t)totals->plans);
	json_add_int(json, "open_seconds", totals->open / USEC_PER_SEC);
	episodes = json_add_object(json, "episodes");
	for (enum verdict_kind kind = VERDICT_NEEDS_YOU; kind <= VERDICT_NEARING; kind++)
		json_add_int(episodes, verdict_name(kind), totals->episodes[kind]);
}

/* "total", plans, open seconds, episodes, of them a plan and day, then each verdict's, source */
static void print_totals_line(const struct replay_totals *totals, const char *source)
{
	(void)printf("total\t%zu\t%jd\t%u\t%.3f", totals->plans,
		     (intmax_t)(totals->open / USEC_PER_SEC), count(totals), per_day(totals));
	for (enum verdict_kind kind = VERDICT_NEEDS_YOU; kind <= VERDICT_NEARING; kind++)
		(void)printf("\t%u", totals->episodes[kind]);
	(void)putchar('\t');
	print_field(source, '\n');
}

/* "3 episodes in 1 plan, open for 2 d 4 h, 1.4 a day: 2 stalled, 1 churning" */
static void print_totals(const struct replay_totals *totals)
{
	const char *before = ": ";
	char open[INSTANT_MAX];
	unsigned all = count(totals);

	(void)printf("%u episode%s in %zu plan%s, open for %s", all, all == 1 ? "" : "s",
		     totals->plans, totals->plans == 1 ? "" : "s",
		     duration_format(totals->open, open));
	if (all > 0)
		(void)printf(", %.2f per plan and day", per_day(totals));
	for (enum verdict_kind kind = VERDICT_NEEDS_YOU; kind <= VERDICT_NEARING; kind++) {
		if (totals->episodes[kind] == 0)
			continue;
		(void)printf("%s%u %s", before, totals->episodes[kind], verdict_name(kind));
		before = ", ";
	}
	(void)putchar('\n');
}

static void tell_totals(const struct replaying *replaying, const struct replay_totals *totals,
			const char *source)
{
	const struct cli *cli = replaying->cli;

	if (!cli->terminal) {
		print_totals_line(totals, source);
		return;
	}
	if (!replaying->each) {
		(void)fputs(style_on(cli, STYLE_BOLD), stdout);
		print_text(cli, source, terminal_columns());
		(void)printf("%s: ", style_off(cli));
	}
	print_totals(totals);
}

static void add_up(struct replay_totals *total, const struct replay_totals *totals)
{
	total->plans += totals->plans;
	total->open += totals->open;
	for (size_t i = 0; i < ARRAY_SIZE(total->episodes); i++)
		total->episodes[i] += totals->episodes[i];
}

/* ---- Sources ---- */

static int finish(struct replaying *replaying, struct replay *replay, const char *source,
		  usec_t until, struct error *error)
{
	struct replay_totals totals;
	struct json *json;
	int r = replay_finish(replay, &totals, error);

	if (r < 0)
		return r;
	if (totals.plans == 0) {
		cli_warn(replaying->cli, "%s: there was no plan in it by then", source);
		return 0;
	}
	replaying->told++;
	add_up(&replaying->total, &totals);
	if (!replaying->cli->options.json) {
		tell_totals(replaying, &totals, source);
		return 0;
	}
	json = json_add_object(replaying->sources, NULL);
	json_add_text(json, "source", source);
	json_add_instant(json, "from", totals.first);
	json_add_instant(json, "until", until);
	add_totals(json, &totals);
	json_add(json, "changes", take(replaying->changes));
	return 0;
}

static struct replay_rules rules_of(struct replaying *replaying, usec_t until)
{
	json_free(replaying->changes);
	replaying->changes = json_array();
	replaying->headed = 0;
	return (struct replay_rules){ .config = &replaying->cli->config,
				      .until = replaying->until == INSTANT_NONE ? until
										: replaying->until,
				      .step = replaying->step,
				      .each = on_moment,
				      .userdata = replaying };
}

static usec_t last_revision(const struct import *import)
{
	usec_t last = INSTANT_NONE;

	for (size_t i = 0; i < import->count; i++)
		if (import->revisions[i].at > last)
			last = import->revisions[i].at;
	return last;
}

static int replay_folder(struct replaying *replaying, const char *name, struct error *error)
{
	cleanup_import struct import import = { .path = cli_absolute(name) };
	cleanup_replay struct replay *replay = NULL;
	struct replay_rules rules;
	int r = import.path ? folder_history(&import, name, error)
			    : error_set(error, -ENOMEM, "out of memory");

	if (r < 0)
		return r;
	rules = rules_of(replaying, last_revision(&import) + AFTER_LAST_REVISION);
	r = replay_new(&replay, &rules, error);
	for (size_t i = 0; i < import.count && r == 0; i++) {
		const struct import_revision *revision = &import.revisions[i];
		const struct look look = { .path = import.path,
					   .at = revision->at,
					   .not_before = INSTANT_NONE,
					   .modified = INSTANT_NONE,
					   .origin = ORIGIN_LIVE,
					   .committed_at = INSTANT_NONE };
		r = replay_look(replay, &look, revision->bytes, revision->length, error);
	}
	return r < 0 ? r : finish(replaying, replay, name, rules.until, error);
}

static int replay_plan(struct replaying *replaying, const struct plan_row *row, struct error *error)
{
	cleanup_replay struct replay *replay = NULL;
	struct replay_rules rules = rules_of(replaying, replaying->cli->now);
	int r;

	rules.part = row->part;
	r = replay_new(&replay, &rules, error);
	if (r == 0)
		r = replay_recorded(replay, replaying->cli->store, row->file, row->path, error);
	return r < 0 ? r : finish(replaying, replay, row->path, rules.until, error);
}

/* 0, or the exit code after having said why. */
static int replay_source(struct replaying *replaying, const char *name)
{
	struct cli *cli = replaying->cli;
	cleanup(plan_row_done) struct plan_row row = { 0 };
	struct error error = { 0 };
	struct stat st;
	int r = 0;

	if (stat(name, &st) == 0 && S_ISDIR(st.st_mode)) {
		(void)replay_folder(replaying, name, &error);
	} else {
		r = cli->store ? 0 : cli_open_store(cli);
		if (r == 0)
			r = cli_find_plan(cli, name, &row);
		if (r == 0)
			(void)replay_plan(replaying, &row, &error);
	}
	return error.code ? cli_fail(cli, cli_exit_code(&error), &error) : r;
}

/* ---- The command ---- */

static int read_times(struct replaying *replaying)
{
	struct cli *cli = replaying->cli;
	const struct options *o = &cli->options;
	struct error error = { 0 };

	if (o->until && instant_parse(o->until, cli->now, &replaying->until) < 0)
		(void)error_set(&error, -EINVAL, "--until %s: not a time", o->until);
	else if (o->step && duration_parse(o->step, &replaying->step) < 0)
		(void)error_set(&error, -EINVAL, "--step %s: not a duration such as 10m", o->step);
	return error.code ? cli_fail(cli, EXIT_USAGE, &error) : 0;
}

static int tell_all(struct replaying *replaying)
{
	struct cli *cli = replaying->cli;
	struct json *data;

	if (cli->options.json) {
		data = json_object();
		json_add(data, "sources", take(replaying->sources));
		add_totals(json_add_object(data, "total"), &replaying->total);
		return cli_print_json(cli, data);
	}
	if (!replaying->each)
		tell_totals(replaying, &replaying->total, "all");
	return EXIT_DONE;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct replaying replaying = {
		.cli = cli, .until = INSTANT_NONE, .each = argc == 1, .sources = json_array()
	};
	struct error error = { 0 };
	int r = read_times(&replaying);

	for (int i = 0; i < argc && r == 0; i++)
		r = replay_source(&replaying, argv[i]);
	if (r == 0 && replaying.told == 0) {
		(void)error_set(&error, -ENOENT, "nothing to replay");
		r = cli_fail(cli, EXIT_NOT_FOUND, &error);
	}
	if (r == 0)
		r = tell_all(&replaying);
	json_free(replaying.changes);
	json_free(replaying.sources);
	return r;
}

static const struct command_option options[] = {
	OPTION("until", "TIME", until,
	       "up to then (default: now; of a folder a day after its last revision)"),
	OPTION("step", "DURATION", step, "also the verdict each time that so long has passed"),
	OPTION("all", NULL, all, "also each change of the verdict that alerts nobody"),
	{ 0 },
};

const struct command command_replay = {
	.name = "replay",
	.arguments = "PLAN|DIR...",
	.summary = "What would have been said of a plan, and when, under these settings",
	.examples =
	    "  planctl replay add-parser                    its alerts, from its record\n"
	    "  planctl replay add-parser --config try.conf  and under other limits\n"
	    "  planctl replay backups --step 10m            from 0001_1767225600_first.md, ...\n"
	    "  planctl replay histories/*                   how many alerts a plan and day\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = -1,
	.run = run,
};
