/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans made of something else. Pure functions over bytes; each returns text that the caller frees.
 */
#ifndef PLANWATCH_DRAFT_H
#define PLANWATCH_DRAFT_H

#include <stddef.h>

/* The formats that draft_from() reads: "md", "org", "todo.txt"; NULL beyond the last. */
const char *draft_format(size_t i);

/*
 * The skeleton of a plan whose Progress is a checklist of another program: boxes and keywords become marks, headings that read as
 * labels ("Stage A") the labels of the items below them, completion dates claims. `name` is its title where the checklist has none.
 * -EINVAL where it has no item, -EFBIG over PLAN_SIZE_MAX, -ENOMEM.
 */
int draft_from(const char *format, const char *bytes, size_t length, const char *name, char **ret);

#endif
