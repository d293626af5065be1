/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl explain: why a plan has its verdict: the rule, the limit and its line, the clock, what it leaves out, and what comes next. */
#include "output.h"

#include "planwatch/episode.h"

#include <stdio.h>
#include <string.h>

static const char *const rules[] = {
	[VERDICT_NEEDS_YOU] =
	    "a draft that nobody edits waits for approval; the plan is blocked, or in review",
	[VERDICT_OVER] = "the stage, or the plan, has used more than its time limit",
	[VERDICT_STALLED] =
	    "under way, and for longer than the limit no tick, no edit of the plan, no commit",
	[VERDICT_DRIFTING] =
	    "commits go on, and for longer than the limit no tick and no edit of the plan",
	[VERDICT_CHURNING] = "the plan is edited, and for longer than the limit nothing is ticked",
	[VERDICT_NEARING] = "the stage, or the plan, has used most of its time limit",
	[VERDICT_MOVING] = "under way, and no limit is passed",
	[VERDICT_IDLE] = "not started, or alerts = no in the configuration",
	[VERDICT_DONE_DOUBTFUL] = "status and boxes contradict each other",
	[VERDICT_DONE] = "complete",
	[VERDICT_UNKNOWN] = "there is nothing to judge by",
};

/* How much of a clock's time was left out, and why. */
struct left_out {
	usec_t total, lapses, waits, quiet;
};

struct explaining {
	struct cli *cli;
	struct plan_row row;
	struct verdict verdict;
	struct worktime time;
	struct left_out left_out;
	usec_t counted;
	char *tolerance; /* the plan's own words; NULL */
	struct episode_row episode;
	bool has_episode;
};

static void explaining_done(struct explaining *e)
{
	plan_row_done(&e->row);
	episode_row_done(&e->episode);
	free((void *)(uintptr_t)e->time.waits);
	free(e->tolerance);
}

/* ---- Finding out ---- */

static void measure(struct explaining *e)
{
	const struct verdict *v = &e->verdict;
	usec_t from = v->clock_since, now = e->cli->now;
	unsigned mask = v->clock_mask;

	if (from == INSTANT_NONE || now <= from)
		return;
	usec_t lapses = worktime_between(&e->time, mask & WORKTIME_LAPSES, from, now);
	usec_t waits =
	    worktime_between(&e->time, mask & (WORKTIME_LAPSES | WORKTIME_WAITS), from, now);
	e->counted = worktime_between(&e->time, mask, from, now);
	e->left_out = (struct left_out){ now - from, now - from - lapses, lapses - waits,
					 waits - e->counted };
}

/* The entry of the Tolerances that the limit was read from. */
static int find_tolerance(struct explaining *e, struct error *error)
{
	cleanup(file_row_done) struct file_row file = { 0 };
	cleanup_free char *bytes = NULL;
	struct plan_file *parsed = NULL;
	size_t length = 0;
	int r;

	if (e->verdict.limit_source != LIMIT_PLAN || e->verdict.limit_line == 0)
		return 0;
	r = store_file_by_path(e->cli->store, e->row.path, &file, error);
	if (r == 0)
		r = store_content_get(e->cli->store, file.content, &bytes, &length, error);
	if (r < 0 || plan_parse(bytes, length, &parsed) < 0)
		return r;
	for (size_t p = 0; p < parsed->plan_count; p++)
		for (size_t i = 0; i < parsed->plans[p].tolerance_count && !e->tolerance; i++)
			if (parsed->plans[p].tolerances[i].line == e->verdict.limit_line)
				e->tolerance = strdup(parsed->plans[p].tolerances[i].text);
	plan_free(parsed);
	return 0;
}

static int keep_episode(void *userdata, const struct episode_row *row)
{
	struct explaining *e = userdata;

	e->episode = *row;
	e->episode.verdict = strdup(row->verdict);
	e->episode.reason = strdup(row->reason);
	e->has_episode = true;
	return 1;
}

/* When the open alert is told again; INSTANT_NONE: not by time alone. */
static usec_t next_reminder(const struct explaining *e)
{
	usec_t next = INSTANT_NONE;

	if (!e->has_episode)
		return INSTANT_NONE;
	struct episode open = { (enum verdict_kind)verdict_parse(e->episode.verdict),
				e->episode.acknowledged_at != INSTANT_NONE,
				e->episode.snoozed_until, e->episode.step, e->episode.step_at };
	return episode_judge(&open, &e->verdict, INSTANT_NONE, e->cli->now, &next) == EPISODE_STAYS
		   ? next
		   : e->cli->now;
}

/* ---- Telling ---- */

static void add_duration(struct json *json, const char *name, usec_t length)
{
	json_add_int(json, name, length / USEC_PER_SEC);
}

static int print_json(struct explaining *e)
{
	const struct verdict *v = &e->verdict;
	struct json *data = json_of_status(&e->row, v), *clock, *left_out;

	json_add_text(data, "rule", rules[v->kind]);
	json_add_text(data, "tolerance", e->tolerance);
	if (v->clock == CLOCK_NONE) {
		json_add_null(data, "clock");
	} else {
		clock = json_add_object(data, "clock");
		json_add_text(clock, "of", judge_clock_name(v->clock));
		json_add_instant(clock, "since", v->clock_since);
		add_duration(clock, "counted_seconds", e->counted);
		left_out = json_add_object(clock, "left_out_seconds");
		add_duration(left_out, "lapses", e->left_out.lapses);
		add_duration(left_out, "waiting", e->left_out.waits);
		add_duration(left_out, "quiet", e->left_out.quiet);
	}
	json_add_instant(data, "began_at", v->since);
	json_add_instant(data, "next_at", v->next);
	if (e->has_episode)
		json_add(data, "episode", json_of_episode(&e->episode));
	else
		json_add_null(data, "episode");
	json_add_instant(data, "reminder_at", next_reminder(e));
	return cli_print_json(e->cli, data);
}

static void print_key(const struct explaining *e, const char *key)
{
	(void)printf("%s%-9s%s ", style_on(e->cli, STYLE_DIM), key, style_off(e->cli));
}

static void print_limit(const struct explaining *e)
{
	const struct verdict *v = &e->verdict;
	char length[INSTANT_MAX];

	if (v->clock == CLOCK_PERSON || v->limit_seconds <= 0)
		return;
	print_key(e, "limit");
	(void)printf("%s, ", duration_format(v->limit_seconds * USEC_PER_SEC, length));
	if (v->limit_source == LIMIT_CONFIG)
		(void)puts("from the configuration; `planctl config --show-origin` says where");
	else if (v->limit_source == LIMIT_DEFAULT)
		(void)puts("the default: the plan states none, nor does the configuration");
	else
		(void)printf("from line %u of the plan%s\n", v->limit_line,
			     e->tolerance ? ":" : "");
	if (e->tolerance) {
		print_key(e, "");
		print_text(e->cli, e->tolerance, terminal_columns() - 10);
		(void)putchar('\n');
	}
}

static void print_left_out(const struct explaining *e)
{
	const struct {
		usec_t length;
		const char *words;
	} parts[] = { { e->left_out.lapses, "suspended or off" },
		      { e->left_out.waits, "waiting for a person" },
		      { e->left_out.quiet, "quiet hours" } };
	char length[INSTANT_MAX];
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (parts[i].length == 0)
			continue;
		print_key(e, any ? "" : "left out");
		(void)printf("%s %s\n", duration_format(parts[i].length, length), parts[i].words);
		any = true;
	}
	if (!any) {
		print_key(e, "left out");
		(void)puts("nothing");
	}
}

static void print_clock(const struct explaining *e)
{
	static const char *const words[] = { NULL, "of the stage", "of the plan", "of the silence",
					     "of the person whose turn it is" };
	const struct verdict *v = &e->verdict;
	char time[INSTANT_MAX], length[INSTANT_MAX];

	if (v->clock == CLOCK_NONE || v->clock_since == INSTANT_NONE)
		return;
	print_key(e, "clock");
	(void)printf("%s, since %s\n", words[v->clock],
		     instant_format(v->clock_since, e->cli->options.utc, time));
	print_key(e, "counted");
	(void)printf("%s", duration_format(e->counted, length));
	(void)printf(" of %s\n", duration_format(e->left_out.total, length));
	print_left_out(e);
}

static void print_instant(const struct explaining *e, const char *key, usec_t at, const char *words)
{
	char time[INSTANT_MAX];

	print_key(e, key);
	if (at == INSTANT_NONE)
		(void)puts(words);
	else
		(void)printf("%s\n", instant_format(at, e->cli->options.utc, time));
}

static void print_episode(const struct explaining *e)
{
	const struct episode_row *row = &e->episode;
	char time[INSTANT_MAX];

	if (!e->has_episode)
		return;
	print_key(e, "alert");
	(void)printf("%jd, since %s, step %jd%s\n", (intmax_t)row->id,
		     instant_format(row->fired_at, e->cli->options.utc, time), (intmax_t)row->step,
		     row->acknowledged_at != INSTANT_NONE ? ", acknowledged"
		     : row->snoozed_until != INSTANT_NONE ? ", snoozed"
							  : "");
	print_instant(e, "told", next_reminder(e), "not again, unless it changes");
}

static int print_for_person(struct explaining *e)
{
	struct cli *cli = e->cli;
	const struct verdict *v = &e->verdict;

	(void)fputs(style_on(cli, STYLE_BOLD), stdout);
	print_text(cli, plan_name(&e->row), terminal_columns());
	(void)printf("%s\n%s", style_off(cli), style_on(cli, STYLE_DIM));
	print_text(cli, e->row.path, 0);
	(void)printf("%s\n%s%s%s: %s\n\n", style_off(cli), style_on(cli, style_of_verdict(v->kind)),
		     verdict_name(v->kind), style_off(cli), v->reason);
	print_key(e, "rule");
	(void)puts(rules[v->kind]);
	print_limit(e);
	print_clock(e);
	if (v->since != INSTANT_NONE)
		print_instant(e, "began", v->since, "");
	print_instant(e, "next", v->next, "nothing changes by time alone");
	for (enum remark remark = REMARK_NONE + 1; remark < REMARK_COUNT; remark++)
		if (v->remarks & 1u << remark) {
			print_key(e, "remark");
			(void)puts(remark_sentence(remark));
		}
	print_episode(e);
	return EXIT_DONE;
}

static int run(struct cli *cli, int argc, char **argv)
{
	cleanup(explaining_done) struct explaining e = { .cli = cli };
	struct error error = { 0 };
	int r = cli_open_store(cli);

	(void)argc;
	if (r == 0)
		r = cli_find_plan(cli, argv[0], &e.row);
	if (r)
		return r;
	(void)cli_warn_without_daemon(cli);
	r = cli_assess(cli, &e.row, &e.verdict, &e.time, &error);
	if (r == 0)
		r = find_tolerance(&e, &error);
	if (r == 0)
		r = store_episodes(cli->store, EPISODES_OPEN, e.row.id, keep_episode, &e, &error);
	if (r < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	measure(&e);
	return cli->options.json ? print_json(&e) : print_for_person(&e);
}

const struct command command_explain = {
	.name = "explain",
	.arguments = "PLAN",
	.summary = "Why a plan has its verdict, and what comes next",
	.examples = "  planctl explain add-parser\n"
		    "  planctl explain add-parser --now 2026-01-02T18:00Z    as it would be then\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
