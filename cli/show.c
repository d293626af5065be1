/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* ---- JSON ---- */

static void add_item(struct json *list, const struct item_row *row)
{
	const struct item *item = &row->item;
	struct json *json = json_add_object(list, NULL), *claimed;

	if (row->id)
		json_add_int(json, "id", row->id);
	else
		json_add_null(json, "id");
	json_add_int(json, "line", item->line);
	json_add_int(json, "end_line", item->end_line);
	json_add_int(json, "depth", item->depth);
	json_add_text(json, "state", item_state_name(item->state));
	json_add_text(json, "mark", item->mark);
	json_add_text(json, "text", item->text);
	json_add_label(json, "label", &item->label);
	json_add_instant(json, "first_seen_at", row->first_seen_at);
	json_add_instant(json, "done_at", row->done_at);
	if (item->stamp.raw) {
		claimed = json_add_object(json, "claimed");
		json_add_instant(claimed, "at", item->stamp.at);
		json_add_text(claimed, "precision", stamp_precision_name(item->stamp.precision));
	} else {
		json_add_null(json, "claimed");
	}
}

static void add_stages(struct json *data, const struct showing *showing)
{
	struct json *list = json_add_array(data, "stages");

	for (size_t i = 0; i < showing->stages.count; i++) {
		const struct stage_time *time = &showing->stages.stages[i];
		const struct item_row *first = &showing->items.rows[time->stage.first];
		struct json *stage = json_add_object(list, NULL);

		json_add_label(stage, "label", &first->item.label);
		json_add_text(stage, "text", first->item.text);
		json_add_int(stage, "line", first->item.line);
		json_add_int(stage, "done", (int64_t)time->done);
		json_add_int(stage, "total", (int64_t)time->total);
		json_add_instant(stage, "started_at", time->started_at);
		json_add_instant(stage, "ended_at", time->ended_at);
		if (time->used_seconds >= 0)
			json_add_int(stage, "used_seconds", time->used_seconds);
		else
			json_add_null(stage, "used_seconds");
	}
}

struct json *show_json(struct showing *showing)
{
	struct json *data = json_object(), *items;

	json_add(data, "plan", json_of_status(&showing->row, &showing->verdict));
	items = json_add_array(data, "items");
	for (size_t i = 0; i < showing->items.count; i++)
		add_item(items, &showing->items.rows[i]);
	add_stages(data, showing);
	if (showing->plan)
		json_add_tolerances(data, "tolerances", showing->plan);
	else
		(void)json_add_array(data, "tolerances");
	json_add(data, "episodes", take(showing->episodes));
	return data;
}

/* ---- For programs ---- */

void show_lines(const struct showing *showing)
{
	for (size_t i = 0; i < showing->items.count; i++) {
		const struct item_row *row = &showing->items.rows[i];
		char time[INSTANT_MAX];

		(void)printf("%jd\t%u\t%s\t%s\t", (intmax_t)row->id, row->item.line,
			     item_state_name(row->item.state),
			     instant_format_utc(row->done_at, time));
		print_field(row->item.text, '\n');
	}
}

/* ---- For people ---- */

/* "01-02 03:04"; only the day of a claim that says no more. */
#define TIME_COLUMNS 11
/* "123 12345 ": the number that `tick` takes, and the line */
#define PLACE_COLUMNS 10
/* "[x] " */
#define MARK_COLUMNS 4

static void print_time(const struct cli *cli, usec_t at, bool day)
{
	char time[INSTANT_MAX];

	if (at == INSTANT_NONE)
		(void)printf(" %*s", TIME_COLUMNS, "");
	else
		(void)printf(" %-*.*s", TIME_COLUMNS, day ? 5 : TIME_COLUMNS,
			     instant_format(at, day || cli->options.utc, time) + 5);
}

static void print_item(const struct showing *showing, size_t index, size_t columns)
{
	const struct cli *cli = showing->cli;
	const struct item_row *row = &showing->items.rows[index];
	const struct item *item = &row->item;
	enum style style = item->state == ITEM_DONE    ? STYLE_GREEN
			   : item->state == ITEM_OTHER ? STYLE_YELLOW
						       : STYLE_PLAIN;
	size_t indent = item->depth < 10 ? item->depth * 2 : 20;
	size_t taken = PLACE_COLUMNS + MARK_COLUMNS + indent +
		       (showing->source == SHOW_FILE ? 1 : 2) * (TIME_COLUMNS + 1);
	bool in_stage = item->depth == 0 && *item->gist;

	(void)printf("%3zu %s%5u%s %*s%s[", index + 1, style_on(cli, STYLE_DIM), item->line,
		     style_off(cli), (int)indent, "", style_on(cli, style));
	print_text(cli, item->mark, 1);
	(void)printf("]%s ", style_off(cli));
	print_padded(cli, in_stage ? item->gist : item->text,
		     columns > taken + 20 ? columns - taken : 20);
	(void)fputs(style_on(cli, STYLE_DIM), stdout);
	print_time(cli, item->stamp.raw ? item->stamp.at : INSTANT_NONE,
		   item->stamp.precision == STAMP_DAY);
	if (showing->source != SHOW_FILE)
		print_time(cli, row->done_at, false);
	(void)printf("%s\n", style_off(cli));
}

/* "Stage A" above its items, with how many of them are done, and the time that it used. */
static void print_stage(const struct showing *showing, const struct stage_time *time,
			size_t columns)
{
	const struct cli *cli = showing->cli;
	const struct stage *stage = &time->stage;
	const struct label *label = &showing->items.rows[stage->first].item.label;
	char used[INSTANT_MAX] = "";

	if (time->used_seconds >= 0)
		(void)duration_format(time->used_seconds * USEC_PER_SEC, used);
	if (label->kind) {
		(void)printf("%*s%s%c%s ", PLACE_COLUMNS, "", style_on(cli, STYLE_BOLD),
			     toupper((unsigned char)*label->kind), label->kind + 1);
		print_text(cli, label->id, 20);
		(void)printf("%s  %zu/%zu%s%s\n", style_off(cli), time->done, time->total,
			     *used ? ", " : "", used);
	}
	for (size_t i = 0; i < stage->count; i++)
		print_item(showing, stage->first + i, columns);
}

static void print_items(const struct showing *showing, size_t columns)
{
	const struct cli *cli = showing->cli;
	bool file = showing->source == SHOW_FILE;
	size_t left = columns - (file ? 1 : 2) * (TIME_COLUMNS + 1);

	if (showing->stages.count == 0)
		return;
	(void)printf("\n%s%-*s %-*s%s%s\n", style_on(cli, STYLE_DIM), (int)left, "  #  line",
		     TIME_COLUMNS, "claimed", file ? "" : " witnessed", style_off(cli));
	for (size_t i = 0; i < showing->stages.count; i++)
		print_stage(showing, &showing->stages.stages[i], columns);
}

static void print_head(const struct showing *showing, size_t columns)
{
	const struct cli *cli = showing->cli;
	const struct plan_row *row = &showing->row;
	char time[INSTANT_MAX];

	(void)fputs(style_on(cli, STYLE_BOLD), stdout);
	print_text(cli, plan_name(row), columns);
	(void)printf("%s\n%s", style_off(cli), style_on(cli, STYLE_DIM));
	print_text(cli, row->path, 0);
	if (row->branch && *row->branch) {
		(void)fputs(", branch ", stdout);
		print_text(cli, row->branch, 40);
	}
	(void)printf("%s\n", style_off(cli));
	if (row->status_text) {
		(void)fputs("Status: ", stdout);
		print_text(cli, row->status_text, columns - 8);
		(void)putchar('\n');
	}
	print_bar(cli, row->state.counts.done, row->state.counts.total, 20);
	(void)printf(" %u/%u  ", row->state.counts.done, row->state.counts.total);
	switch (showing->source) {
	case SHOW_PRESENT:
		(void)printf("%s%s%s: %s\n", style_on(cli, style_of_verdict(showing->verdict.kind)),
			     verdict_name(showing->verdict.kind), style_off(cli),
			     showing->verdict.reason);
		break;
	case SHOW_THEN:
		(void)printf("as it stood at %s\n",
			     instant_format(showing->at, cli->options.utc, time));
		break;
	case SHOW_FILE:
		(void)puts("not watched: as the file says");
		break;
	}
}

/* What a limit means, as far as it was understood: "4 h each stage", "12 files, 400 lines", "3 attempts". */
static void format_limit(const struct tolerance *t, char *out, size_t size)
{
	char length[INSTANT_MAX];

	*out = '\0';
	if (t->seconds >= 0)
		(void)snprintf(out, size, "%s %s",
			       duration_format(t->seconds * USEC_PER_SEC, length),
			       t->applies_to == APPLIES_MILESTONE  ? "each stage"
			       : t->applies_to == APPLIES_PLAN	   ? "in all"
			       : t->applies_to == APPLIES_ACTIVITY ? "for an activity, not timed"
								   : "");
	else if (t->kind == TOLERANCE_TIME)
		(void)snprintf(out, size, "%s",
			       t->applies_to == APPLIES_NONE ? "no limit" : "not understood");
	else if (t->files >= 0 && t->lines >= 0)
		(void)snprintf(out, size, "%jd files, %jd lines", (intmax_t)t->files,
			       (intmax_t)t->lines);
	else if (t->files >= 0)
		(void)snprintf(out, size, "%jd files", (intmax_t)t->files);
	else if (t->lines >= 0)
		(void)snprintf(out, size, "%jd lines", (intmax_t)t->lines);
	else if (t->attempts >= 0)
		(void)snprintf(out, size, "%jd attempts", (intmax_t)t->attempts);
}

static void print_tolerances(const struct showing *showing, size_t columns)
{
	const struct cli *cli = showing->cli;
	const struct plan *plan = showing->plan;
	char limit[80];

	if (!plan || plan->tolerance_count == 0)
		return;
	(void)printf("\n%sTolerances%s\n", style_on(cli, STYLE_BOLD), style_off(cli));
	for (size_t i = 0; i < plan->tolerance_count; i++) {
		const struct tolerance *t = &plan->tolerances[i];
		format_limit(t, limit, sizeof(limit));
		size_t taken = 8 + strlen(limit);
		(void)printf("%s%5u%s ", style_on(cli, STYLE_DIM), t->line, style_off(cli));
		print_padded(cli, t->text, columns > taken + 20 ? columns - taken : 20);
		(void)printf("  %s%s%s\n", style_on(cli, STYLE_BLUE), limit, style_off(cli));
	}
}

void show_for_person(const struct showing *showing)
{
	size_t columns = terminal_columns();

	print_head(showing, columns);
	print_items(showing, columns);
	print_tolerances(showing, columns);
	if (showing->firing > 0)
		(void)printf("\n%zu %s firing\n", showing->firing,
			     showing->firing == 1 ? "episode" : "episodes");
}
