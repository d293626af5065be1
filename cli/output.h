/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What planctl puts on a terminal: safe text, colours, bars; and the JSON of what several commands tell. */
#ifndef PLANCTL_OUTPUT_H
#define PLANCTL_OUTPUT_H

#include "cli.h"

#include "planwatch/judge.h"

enum style {
	STYLE_PLAIN,
	STYLE_DIM,
	STYLE_BOLD,
	STYLE_RED,
	STYLE_YELLOW,
	STYLE_GREEN,
	STYLE_BLUE,
};

/* The escape sequences around styled text: "" where there is no colour. */
const char *style_on(const struct cli *cli, enum style style);
const char *style_off(const struct cli *cli);
enum style style_of_verdict(enum verdict_kind kind);

/* Text from a plan, made printable; at a terminal cut to `columns` (0: not cut). */
void print_text(const struct cli *cli, const char *text, size_t columns);
/* The same, and blanks up to `columns`. */
void print_padded(const struct cli *cli, const char *text, size_t columns);
/*
 * Text made printable behind `column` columns of its line; at a terminal it is broken at blanks, with `indent` blanks in front of
 * what follows. Returns the column where it ends.
 */
size_t print_wrapped(const struct cli *cli, const char *text, size_t column, size_t indent);
/* A field of a line that a program reads: tabs and newlines are escaped by being unprintable. */
void print_field(const char *text, char end);

/* "[x] ": a mark is any character that stands in a box, a control, too. Returns the columns that it takes. */
size_t print_mark(const char *mark);

/* "#####-----" of `columns`. */
void print_bar(const struct cli *cli, uint32_t done, uint32_t total, size_t columns);

/* Columns of the terminal: COLUMNS, else what it says, else 80. */
size_t terminal_columns(void);

/* What a person calls the plan: its title, else its file name. Belongs to the row. */
const char *plan_name(const struct plan_row *row);

struct json *json_of_plan_reference(const struct plan_row *row);
struct json *json_of_episode(const struct episode_row *row);
struct json *json_of_status(const struct plan_row *row, const struct verdict *verdict);
/* `limit` of a verdict: an object, or null. */
void json_add_limit(struct json *status, const struct verdict *verdict);
void json_add_label(struct json *parent, const char *name, const struct label *label);
void json_add_tolerances(struct json *parent, const char *name, const struct plan *plan);

#endif
