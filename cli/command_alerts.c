/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl alerts, ack, snooze: episodes, and what a person says of them. */
#include "episodes.h"
#include "output.h"

#include "planwatch/episode.h"

#include <stdio.h>
#include <string.h>

#define SNOOZE_FOR USEC_PER_HOUR

struct listing {
	struct cli *cli;
	struct json *data; /* with --json */
	size_t count;
	struct error error;
};

/* ---- alerts ---- */

static const char *state_of(const struct episode_row *row, const struct cli *cli,
			    char out[static 64])
{
	char time[INSTANT_MAX];

	if (row->resolved_at != INSTANT_NONE)
		(void)snprintf(out, 64, "over since %.16s",
			       instant_format(row->resolved_at, cli->options.utc, time));
	else if (row->acknowledged_at != INSTANT_NONE)
		(void)snprintf(out, 64, "acknowledged");
	else if (row->snoozed_until != INSTANT_NONE)
		(void)snprintf(out, 64, "snoozed until %.16s",
			       instant_format(row->snoozed_until, cli->options.utc, time));
	else
		(void)snprintf(out, 64, "open");
	return out;
}

/* id, verdict, state, fired, path, reason */
static void print_line(const struct cli *cli, const struct episode_row *row,
		       const struct plan_row *plan)
{
	char time[INSTANT_MAX], state[64];

	(void)printf("%jd\t%s\t%s\t%s\t", (intmax_t)row->id, row->verdict,
		     state_of(row, cli, state), instant_format_utc(row->fired_at, time));
	print_field(plan->path, '\t');
	print_field(row->reason, '\n');
}

static void print_for_person(const struct cli *cli, const struct episode_row *row,
			     const struct plan_row *plan)
{
	char time[INSTANT_MAX], state[64];
	size_t columns = terminal_columns();
	enum verdict_kind kind = (enum verdict_kind)verdict_parse(row->verdict);

	(void)printf("%4jd %s%-10s%s ", (intmax_t)row->id, style_on(cli, style_of_verdict(kind)),
		     row->verdict, style_off(cli));
	(void)fputs(style_on(cli, STYLE_BOLD), stdout);
	print_text(cli, plan_name(plan), columns - 16);
	(void)printf("%s\n%16s", style_off(cli), "");
	print_text(cli, row->reason, 0);
	(void)printf(", %s\n%16s%ssince %.16s%s\n", state_of(row, cli, state), "",
		     style_on(cli, STYLE_DIM),
		     instant_format(row->fired_at, cli->options.utc, time), style_off(cli));
}

static int add_episode(void *userdata, const struct episode_row *row)
{
	struct listing *listing = userdata;
	struct cli *cli = listing->cli;
	cleanup(plan_row_done) struct plan_row plan = { 0 };
	int r = store_plan_get(cli->store, row->plan, &plan, &listing->error);

	if (r < 0)
		return r;
	listing->count++;
	if (listing->data) {
		struct json *json = json_of_episode(row);
		json_add(json, "plan", json_of_plan_reference(&plan));
		json_add(listing->data, NULL, json);
	} else if (cli->terminal) {
		print_for_person(cli, row, &plan);
	} else {
		print_line(cli, row, &plan);
	}
	return 0;
}

static int run_alerts(struct cli *cli, int argc, char **argv)
{
	struct listing listing = { .cli = cli };
	cleanup(plan_row_done) struct plan_row plan = { 0 };
	int r = cli_open_store(cli);

	if (r == 0 && argc > 0)
		r = cli_find_plan(cli, argv[0], &plan);
	if (r)
		return r;
	(void)cli_warn_without_daemon(cli);
	listing.data = cli->options.json ? json_array() : NULL;
	if (store_episodes(cli->store, cli->options.all ? EPISODES_ALL : EPISODES_OPEN, plan.id,
			   add_episode, &listing, &listing.error) < 0) {
		json_free(listing.data);
		return cli_fail(cli, cli_exit_code(&listing.error), &listing.error);
	}
	if (listing.data)
		return cli_print_json(cli, listing.data);
	if (cli->terminal && listing.count == 0)
		(void)puts(cli->options.all ? "There was no alert yet." : "No alert is open.");
	return EXIT_DONE;
}

/* ---- ack, snooze ---- */

/* Episodes that a user means: by their ids, or the open one of a plan. */
struct choice {
	int64_t id;
	size_t count;
};

static int choose(void *userdata, const struct episode_row *row)
{
	struct choice *choice = userdata;

	choice->id = row->id;
	choice->count++;
	return 0;
}

static int find_episode(struct cli *cli, const char *name, int64_t *ret)
{
	cleanup(plan_row_done) struct plan_row plan = { 0 };
	struct choice choice = { 0 };
	struct error error = { 0 };
	char *end;
	int r;

	*ret = strtoll(name, &end, 10);
	if (end != name && !*end && *ret > 0)
		return 0;
	r = cli_find_plan(cli, name, &plan);
	if (r)
		return r;
	r = store_episodes(cli->store, EPISODES_OPEN, plan.id, choose, &choice, &error);
	*ret = choice.id;
	if (r == 0 && choice.count == 0)
		r = error_set(&error, -ENOENT, "%s: has no open alert; `planctl alerts` lists them",
			      name);
	return r < 0 ? cli_fail(cli, cli_exit_code(&error), &error) : 0;
}

/* `until` is INSTANT_NONE for an acknowledgement. */
static int say(struct cli *cli, const char *name, usec_t until)
{
	enum saying what = until == INSTANT_NONE ? SAY_ACKNOWLEDGED : SAY_SNOOZED;
	struct error error = { 0 };
	char time[INSTANT_MAX];
	int64_t id;
	int r = find_episode(cli, name, &id);

	if (r)
		return r;
	if (episode_say(cli, what, id, until, &error) < 0)
		return cli_fail(cli, cli_exit_code(&error), &error);
	if (cli->options.json || cli->options.quiet)
		return 0;
	if (what == SAY_ACKNOWLEDGED)
		(void)printf("alert %jd is acknowledged\n", (intmax_t)id);
	else
		(void)printf("alert %jd is silent until %.16s\n", (intmax_t)id,
			     instant_format(until, cli->options.utc, time));
	return 0;
}

static int say_of_all(struct cli *cli, int argc, char **argv, usec_t until)
{
	int r = cli_open_store(cli);

	for (int i = 0; i < argc && r == 0; i++)
		r = say(cli, argv[i], until);
	return r == 0 && cli->options.json ? cli_print_json(cli, json_object()) : r;
}

static int run_ack(struct cli *cli, int argc, char **argv)
{
	return say_of_all(cli, argc, argv, INSTANT_NONE);
}

static int run_snooze(struct cli *cli, int argc, char **argv)
{
	const char *length = cli->options.duration;
	struct error error = { 0 };
	usec_t pause = SNOOZE_FOR;

	if (length && duration_parse(length, &pause) < 0) {
		(void)error_set(&error, -EINVAL,
				"--for %s: expected a duration, such as 30m, 2h or 1d", length);
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	return say_of_all(cli, argc, argv, cli->now + pause);
}

static const struct command_option alerts_options[] = {
	OPTION("all", NULL, all, "also those that are over"),
	{ 0 },
};

const struct command command_alerts = {
	.name = "alerts",
	.arguments = "[PLAN]",
	.summary = "The alerts that are open",
	.examples =
	    "  planctl alerts\n"
	    "  planctl alerts --all --json | jq '.data[] | {verdict, fired_at, resolved_at}'\n",
	.options = alerts_options,
	.max_arguments = 1,
	.run = run_alerts,
};

const struct command command_ack = {
	.name = "ack",
	.arguments = "ALERT|PLAN...",
	.summary = "Acknowledges an alert: it is not told again, unless it worsens",
	.examples = "  planctl ack 12\n  planctl ack add-parser\n",
	.min_arguments = 1,
	.max_arguments = -1,
	.run = run_ack,
};

static const struct command_option snooze_options[] = {
	OPTION("for", "DURATION", duration, "how long: 30m, 2h, 1d (default: 1h)"),
	{ 0 },
};

const struct command command_snooze = {
	.name = "snooze",
	.arguments = "ALERT|PLAN...",
	.summary = "Silences an alert for a while; it ends at once when work resumes",
	.examples = "  planctl snooze 12 --for 2h\n  planctl snooze add-parser\n",
	.options = snooze_options,
	.min_arguments = 1,
	.max_arguments = -1,
	.run = run_snooze,
};
