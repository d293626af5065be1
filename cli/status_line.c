/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status_line.h"

#include "output.h"

#include "planwatch/text.h"

#include <stdio.h>
#include <string.h>

/* A bar is shared with others, and a tooltip must fit on a screen. */
#define NAME_COLUMNS 40
#define TOOLTIP_PLANS 12

int status_line_init(struct status_line *line, const char *format, struct error *error)
{
	*line = (struct status_line){ .kind = VERDICT_IDLE };
	if (strcmp(format, "waybar") != 0 && strcmp(format, "tmux") != 0 &&
	    strcmp(format, "plain") != 0)
		return error_set(error, -EINVAL, "--format %s: expected waybar, tmux or plain",
				 format);
	line->tooltip = open_memstream(&line->tooltip_text, &line->tooltip_size);
	return line->tooltip ? 0 : error_set(error, -ENOMEM, "out of memory");
}

void status_line_done(struct status_line *line)
{
	if (line->tooltip)
		(void)fclose(line->tooltip);
	free(line->tooltip_text);
	free(line->name);
}

/* "needs you" */
static void put_verdict(FILE *out, enum verdict_kind kind)
{
	for (const char *c = verdict_name(kind); *c; c++)
		(void)fputc(*c == '_' ? ' ' : *c, out);
}

/* Nothing of a plan is obeyed by what shows it: one line, no controls. NULL without memory. */
static char *short_name(const struct plan_row *row)
{
	cleanup_free char *printable = text_printable(plan_name(row));

	return printable ? text_cut(printable, NAME_COLUMNS) : NULL;
}

void status_line_add(struct status_line *line, const struct plan_row *row,
		     const struct verdict *verdict)
{
	cleanup_free char *name = NULL;

	if (verdict->kind > VERDICT_MOVING)
		return;
	if (line->name && ++line->others >= TOOLTIP_PLANS)
		return;
	name = short_name(row);
	if (!name)
		return;
	if (ftell(line->tooltip) > 0)
		(void)fputc('\n', line->tooltip);
	put_verdict(line->tooltip, verdict->kind);
	(void)fprintf(line->tooltip, ": %s %u/%u\n    %s", name, row->state.counts.done,
		      row->state.counts.total, verdict->reason);
	if (line->name)
		return;
	line->name = take(name);
	line->kind = verdict->kind;
	line->counts = row->state.counts;
}

/* "needs you: Rotate the keys 0/3 (+2)" */
static void put_text(const struct status_line *line, FILE *out, bool watched)
{
	if (line->name) {
		put_verdict(out, line->kind);
		(void)fprintf(out, ": %s %u/%u", line->name, line->counts.done, line->counts.total);
	}
	if (line->others > 0)
		(void)fprintf(out, " (+%zu)", line->others);
	if (line->name && !watched)
		(void)fputs(" (not watched)", out);
}

/* waybar gives text and tooltip to Pango as markup; in tmux a # begins a format. */
static void put_escaped(FILE *out, const char *text, bool pango)
{
	static const char special[] = "&<>\"'#";
	static const char *const pangos[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "#" };
	static const char *const tmuxes[] = { "&", "<", ">", "\"", "'", "##" };

	for (; *text; text++) {
		const char *hit = strchr(special, *text);
		if (hit)
			(void)fputs((pango ? pangos : tmuxes)[hit - special], out);
		else
			(void)fputc(*text, out);
	}
}

static char *escaped(const char *text, bool pango)
{
	char *result = NULL;
	size_t size;
	FILE *out = text ? open_memstream(&result, &size) : NULL;

	if (!out)
		return NULL;
	put_escaped(out, text, pango);
	return text_stream_end(out, &result);
}

static bool finish_tooltip(struct status_line *line, const struct json *warnings)
{
	if (line->others >= TOOLTIP_PLANS)
		(void)fprintf(line->tooltip, "\nand %zu more", line->others - TOOLTIP_PLANS + 1);
	for (const struct json *warning = NULL; (warning = json_next(warnings, warning));)
		(void)fprintf(line->tooltip, "%s%s", ftell(line->tooltip) > 0 ? "\n" : "",
			      json_text(warning));
	return text_stream_end(take(line->tooltip), &line->tooltip_text) != NULL;
}

static int print_waybar(const struct status_line *line, const char *text, bool watched)
{
	cleanup_json struct json *json = json_object();
	cleanup_free char *markup = escaped(text, true),
			  *tooltip = escaped(line->tooltip_text, true);
	const char *class = line->name ? verdict_name(line->kind) : "quiet";
	struct json *classes;

	json_add_text(json, "text", markup);
	json_add_text(json, "alt", class);
	json_add_text(json, "tooltip", tooltip);
	classes = json_add_array(json, "class");
	json_add_text(classes, NULL, class);
	if (!watched)
		json_add_text(classes, NULL, "not-watched");
	json_add_int(json, "percentage",
		     line->counts.total
			 ? (int64_t)line->counts.done * 100 / (int64_t)line->counts.total
			 : 0);
	return markup && tooltip ? cli_print_line(json) : cli_fail_memory();
}

int status_line_print(struct status_line *line, struct cli *cli, bool watched)
{
	const char *format = cli->options.format;
	cleanup_free char *text = NULL, *doubled = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return cli_fail_memory();
	put_text(line, out, watched);
	if (!text_stream_end(out, &text) || !finish_tooltip(line, cli->warnings))
		return cli_fail_memory();
	if (strcmp(format, "waybar") == 0)
		return print_waybar(line, text, watched);
	if (strcmp(format, "tmux") == 0 && !(doubled = escaped(text, false)))
		return cli_fail_memory();
	return puts(doubled ? doubled : text) < 0 ? EXIT_USAGE : EXIT_DONE;
}
