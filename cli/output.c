/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output.h"

#include "planwatch/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

const char *style_on(const struct cli *cli, enum style style)
{
	static const char *const sequences[] = { "",	     "\033[2m",	 "\033[1m", "\033[31m",
						 "\033[33m", "\033[32m", "\033[34m" };

	return cli->color ? sequences[style] : "";
}

const char *style_off(const struct cli *cli)
{
	return cli->color ? "\033[0m" : "";
}

enum style style_of_verdict(enum verdict_kind kind)
{
	static const enum style styles[] = {
		[VERDICT_NEEDS_YOU] = STYLE_YELLOW,   [VERDICT_OVER] = STYLE_RED,
		[VERDICT_STALLED] = STYLE_RED,	      [VERDICT_DRIFTING] = STYLE_YELLOW,
		[VERDICT_CHURNING] = STYLE_YELLOW,    [VERDICT_NEARING] = STYLE_YELLOW,
		[VERDICT_MOVING] = STYLE_GREEN,	      [VERDICT_IDLE] = STYLE_DIM,
		[VERDICT_DONE_DOUBTFUL] = STYLE_BLUE, [VERDICT_DONE] = STYLE_DIM,
		[VERDICT_UNKNOWN] = STYLE_DIM,
	};

	return styles[kind];
}

/* Valid UTF-8 without controls, at most so many columns. */
static char *fit(const char *text, size_t columns)
{
	cleanup_free char *printable = text_printable(text);

	return printable ? text_cut(printable, columns) : NULL;
}

void print_text(const struct cli *cli, const char *text, size_t columns)
{
	cleanup_free char *shown = cli->terminal && columns ? fit(text, columns) : NULL;

	if (shown)
		(void)fputs(shown, stdout);
	else /* out of memory, too: rather too wide than not at all */
		text_print(text, stdout);
}

void print_padded(const struct cli *cli, const char *text, size_t columns)
{
	cleanup_free char *shown = cli->terminal ? fit(text, columns) : text_printable(text);
	size_t width = shown ? text_width(shown) : columns;

	if (shown)
		(void)printf("%s%*s", shown, width < columns ? (int)(columns - width) : 0, "");
	else
		text_print(text, stdout);
}

size_t print_wrapped(const struct cli *cli, const char *text, size_t column, size_t indent)
{
	cleanup_free char *printable = cli->terminal ? text_printable(text) : NULL;
	size_t columns = terminal_columns();

	if (!printable) {
		text_print(text, stdout);
		return column;
	}
	for (const char *at = printable; *at;) {
		size_t length = strcspn(at + 1, " ") + 1;
		cleanup_free char *word = strndup(at, length);
		size_t width = word ? text_width(word) : length;
		bool wraps = *at == ' ' && column + width > columns;
		if (wraps)
			(void)printf("\n%*s", (int)indent, "");
		(void)printf("%.*s", (int)(length - wraps), at + wraps);
		column = wraps ? indent + width - 1 : column + width;
		at += length;
	}
	return column;
}

void print_field(const char *text, char end)
{
	text_print(text ? text : "", stdout);
	(void)putchar(end);
}

size_t print_mark(const char *mark)
{
	cleanup_free char *printable = text_printable(mark);

	(void)printf("[%s] ", printable ? printable : "");
	return 3 + (printable ? text_width(printable) : 0);
}

void print_bar(const struct cli *cli, uint32_t done, uint32_t total, size_t columns)
{
	/* Rounded down, so that a full bar means that all is done. */
	size_t full = total ? (size_t)done * columns / total : 0;

	(void)fputs(style_on(cli, STYLE_GREEN), stdout);
	for (size_t i = 0; i < full; i++)
		(void)fputs("\u2588", stdout);
	(void)printf("%s%s", style_off(cli), style_on(cli, STYLE_DIM));
	for (size_t i = full; i < columns; i++)
		(void)fputs("\u2591", stdout);
	(void)fputs(style_off(cli), stdout);
}

size_t terminal_columns(void)
{
	const char *variable = getenv("COLUMNS");
	struct winsize size;
	char *end;

	if (variable) {
		long columns = strtol(variable, &end, 10);
		if (columns >= 20 && columns <= 10000 && !*end)
			return (size_t)columns;
	}
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 ? size.ws_col : 80;
}

const char *plan_name(const struct plan_row *row)
{
	const char *slash = strrchr(row->path, '/');

	return *row->title ? row->title : slash ? slash + 1 : row->path;
}

struct json *json_of_plan_reference(const struct plan_row *row)
{
	struct json *plan = json_object();

	json_add_int(plan, "id", row->id);
	json_add_text(plan, "path", row->path);
	json_add_text(plan, "title", row->title);
	json_add_text(plan, "repo", row->repo);
	json_add_text(plan, "branch", row->branch && *row->branch ? row->branch : NULL);
	return plan;
}

static void add_stage(struct json *status, const struct plan_row *row)
{
	struct json *stage;

	if (!row->stage_text) {
		json_add_null(status, "stage");
		return;
	}
	stage = json_add_object(status, "stage");
	json_add_text(stage, "label", row->stage_label);
	json_add_text(stage, "text", row->stage_text);
	json_add_instant(stage, "since", row->state.stage_since);
}

void json_add_limit(struct json *status, const struct verdict *verdict)
{
	struct json *limit;

	if (verdict->limit_seconds <= 0) {
		json_add_null(status, "limit");
		return;
	}
	limit = json_add_object(status, "limit");
	json_add_int(limit, "seconds", verdict->limit_seconds);
	json_add_text(limit, "source", limit_source_name(verdict->limit_source));
	if (verdict->limit_line)
		json_add_int(limit, "line", verdict->limit_line);
	else
		json_add_null(limit, "line");
}

static void add_remarks(struct json *status, const struct verdict *verdict)
{
	struct json *list = json_add_array(status, "remarks");

	for (enum remark remark = REMARK_NONE + 1; remark < REMARK_COUNT; remark++)
		if (verdict->remarks & 1u << remark)
			json_add_text(list, NULL, remark_name(remark));
}

struct json *json_of_status(const struct plan_row *row, const struct verdict *verdict)
{
	struct json *status = json_object();

	json_add(status, "plan", json_of_plan_reference(row));
	json_add_text(status, "verdict", verdict_name(verdict->kind));
	json_add_text(status, "status", plan_status_name(row->state.status));
	json_add_int(status, "done", row->state.counts.done);
	json_add_int(status, "open", row->state.counts.open);
	json_add_int(status, "other", row->state.counts.other);
	json_add_int(status, "total", row->state.counts.total);
	add_stage(status, row);
	if (verdict->used_seconds >= 0)
		json_add_int(status, "used_seconds", verdict->used_seconds);
	else
		json_add_null(status, "used_seconds");
	json_add_limit(status, verdict);
	json_add_instant(status, "last_tick_at", row->state.last_tick_at);
	json_add_instant(status, "last_edit_at", row->state.last_edit_at);
	json_add_instant(status, "last_commit_at", row->state.last_commit_at);
	json_add_text(status, "reason", row->problem ? row->problem : verdict->reason);
	add_remarks(status, verdict);
	return status;
}

struct json *json_of_episode(const struct episode_row *row)
{
	struct json *json = json_object();

	json_add_int(json, "id", row->id);
	json_add_text(json, "verdict", row->verdict);
	json_add_text(json, "reason", row->reason);
	json_add_instant(json, "fired_at", row->fired_at);
	json_add_instant(json, "acknowledged_at", row->acknowledged_at);
	json_add_instant(json, "snoozed_until", row->snoozed_until);
	json_add_instant(json, "resolved_at", row->resolved_at);
	json_add_int(json, "step", row->step);
	json_add_int(json, "shown_step", row->shown_step);
	json_add_instant(json, "shown_at", row->shown_at);
	return json;
}

void json_add_label(struct json *parent, const char *name, const struct label *label)
{
	struct json *object;

	if (!label->kind) {
		json_add_null(parent, name);
		return;
	}
	object = json_add_object(parent, name);
	json_add_text(object, "kind", label->kind);
	json_add_text(object, "id", label->id);
}

static void add_number(struct json *parent, const char *name, int64_t value)
{
	if (value < 0)
		json_add_null(parent, name);
	else
		json_add_int(parent, name, value);
}

void json_add_tolerances(struct json *parent, const char *name, const struct plan *plan)
{
	struct json *list = json_add_array(parent, name);

	for (size_t i = 0; i < plan->tolerance_count; i++) {
		const struct tolerance *t = &plan->tolerances[i];
		struct json *entry = json_add_object(list, NULL);

		json_add_int(entry, "line", t->line);
		json_add_text(entry, "label", t->label);
		json_add_text(entry, "kind", tolerance_kind_name(t->kind));
		json_add_text(entry, "text", t->text);
		json_add_text(entry, "applies_to", tolerance_applies_name(t->applies_to));
		add_number(entry, "seconds", t->seconds);
		json_add_text(entry, "basis", tolerance_basis_name(t->basis));
		add_number(entry, "files", t->files);
		add_number(entry, "lines", t->lines);
		add_number(entry, "attempts", t->attempts);
	}
}
