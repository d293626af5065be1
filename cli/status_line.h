/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attention queue as one line, for a bar that asks again and again: waybar's JSON (waybar-custom(5), "return-type": "json"),
 * tmux's status line, or anything that shows a line. Where nothing is under way and nobody is waited for the line is empty.
 */
#ifndef PLANCTL_STATUS_LINE_H
#define PLANCTL_STATUS_LINE_H

#include "cli.h"

#include "planwatch/judge.h"

struct status_line {
	char *name; /* of the plan that is first in the queue; NULL while there is none */
	enum verdict_kind kind; /* its verdict */
	struct plan_counts counts;
	size_t others; /* how many more are under way, or wait */
	FILE *tooltip; /* a line or two for each, into `tooltip_text` */
	char *tooltip_text;
	size_t tooltip_size;
};

/* What OPTION() names as the argument. */
#define STATUS_LINE_FORMATS "waybar|tmux|plain"

/* -EINVAL with a message for a format that is none, -ENOMEM. The caller ends it with status_line_done(). */
int status_line_init(struct status_line *line, const char *format, struct error *error);
void status_line_done(struct status_line *line);

/* One plan; the one that needs a person first comes first. */
void status_line_add(struct status_line *line, const struct plan_row *row,
		     const struct verdict *verdict);

/* Prints it, with what cli->warnings says and whether a daemon watches; returns the exit code. */
int status_line_print(struct status_line *line, struct cli *cli, bool watched);

#endif
