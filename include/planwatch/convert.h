/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a plan to checklists in other formats. Pure functions: text out, which the caller frees; NULL when memory is out. */
#ifndef PLANWATCH_CONVERT_H
#define PLANWATCH_CONVERT_H

#include "planwatch/plan.h"

/* One stage: items that share a label and stand together, or, without labels, a top-level item with what is nested in it. */
struct stage {
	size_t first, count; /* within the items */
};

/* Splits items into stages, in order. Returns their number, at most `count`; `ret` has room for so many. */
size_t convert_stages(const struct item *items, size_t count, struct stage *ret);

/* GitHub's task lists: a heading for the plan and for each labelled stage. */
char *convert_markdown(const struct plan *plan);

#endif
