/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans as checklists in other formats. Pure functions over values: what the record knows and the time at which the plan was
 * revised come in as arguments, text comes out.
 *
 *	cleanup_checklist struct checklist list = { 0 };
 *
 *	r = checklist_make(plan, path, NULL, revised_at, &list);
 *	...
 *	r = convert(convert_format_find("org"), &list, 1, &text);
 */
#ifndef PLANWATCH_CONVERT_H
#define PLANWATCH_CONVERT_H

#include "planwatch/plan.h"

/* One stage: items that share a label and stand together, or, without labels, a top-level item with what is nested in it. */
struct stage {
	size_t first, count; /* within the items */
};

/* Splits items into stages, in order. Returns their number, at most `count`; `ret` has room for so many. */
size_t convert_stages(const struct item *items, size_t count, struct stage *ret);

/* ---- The value that is converted ---- */

/* What the record adds to an item. */
struct convert_witness {
	int64_t id;
	usec_t first_seen_at;
	usec_t done_at; /* INSTANT_NONE while not done */
};

/* No control character is in its strings (text_printable()). */
struct checklist_item {
	const struct item *item;
	const char *mark;
	const char *text;  /* without its stamp, and without the label that its stage is named by */
	const char *label; /* "Stage A"; NULL without */
	const char *gist;  /* behind the label, with what else stood beside the stamp */
	const char *claim; /* the leading stamp as written; NULL without */
	usec_t claimed_at; /* INSTANT_NONE also before 1970, after 9999: others refuse that */
	usec_t first_seen_at, done_at; /* witnessed; INSTANT_NONE where nobody watched */
	const char *uuid;	       /* the same whenever the item is exported */
	size_t stage;		       /* the index of its stage */
	size_t parent;		       /* its index; CHECKLIST_NO_PARENT at the top level */
	size_t children;	       /* directly nested */
};

#define CHECKLIST_NO_PARENT SIZE_MAX

struct checklist {
	const struct plan *plan;
	const char *path;
	const char *
	    name; /* the file's, without folder and ending, with "-2" behind it for a second part */
	const char *title;  /* the plan's, else the name */
	const char *status; /* NULL: the plan has none */
	const char *uuid;
	const char **notes;	      /* the tolerances, as many as the plan has */
	usec_t revised_at;	      /* when the file last changed */
	struct checklist_item *items; /* as many as the plan has */
	size_t count;
	struct stage *stages;
	const char **stage_names; /* "Stage A"; NULL for a stage without label */
	size_t stage_count;
	void *memory; /* private */
};

/*
 * `plan` must live as long as the checklist; `witnessed` has an entry for each of its items, or is NULL: nobody watched. An item's
 * identity is made of path, part and its id of the record; without a record, of its text and its place among those with the same.
 * The caller ends *ret with checklist_done(), whatever is returned. -ENOMEM.
 */
int checklist_make(const struct plan *plan, const char *path,
		   const struct convert_witness *witnessed, usec_t revised_at,
		   struct checklist *ret);
void checklist_done(struct checklist *list);
#define cleanup_checklist cleanup(checklist_done)

/* ---- Formats ---- */

struct convert_format {
	const char *name, *extension;
	void (*write)(FILE *out, const struct checklist *lists, size_t count);
};

/* In the order in which they are told; NULL beyond the last. */
const struct convert_format *convert_format(size_t i);
/* NULL: no such format. */
const struct convert_format *convert_format_find(const char *name);

/* One document of all these checklists, which the caller frees. -ENOMEM. */
int convert(const struct convert_format *format, const struct checklist *lists, size_t count,
	    char **ret);

#endif
