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
 * The skeleton of a plan (skeleton.h) whose Progress is a checklist of another program: boxes and keywords become marks, headings
 * that read as labels ("Stage A") the labels of the items below them, completion dates claims. `name` is its title where the
 * checklist has none. -EINVAL where it has no item, -EFBIG over PLAN_SIZE_MAX, -ENOMEM.
 */
int draft_from(const char *format, const char *bytes, size_t length, const char *name, char **ret);

/*
 * A Progress for a plan that has no boxes: an item for each stage that its headings or its Plan of Work name (else for each part or
 * entry of that, else for each of the Concrete Steps), below it the Concrete Steps under a heading with its label, and one for each
 * entry of its Validation; what is ticked there is ticked here. *ret_section is the section, or what goes into the Progress that is
 * there; *ret_file the whole file with it, its line endings kept. The caller frees both. -EEXIST where the plan has boxes, -ENODATA
 * where there is nothing to derive from, -ENOTUNIQ where the file has several plans, -EFBIG over PLAN_SIZE_MAX, -ENOMEM.
 */
int draft_progress(const char *bytes, size_t length, char **ret_section, char **ret_file);

#endif
