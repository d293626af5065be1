/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the recording: a content of a plan file as its plans, and two of them compared with what the store knows. */
#ifndef PLANWATCH_REVISION_H
#define PLANWATCH_REVISION_H

#include "planwatch/diff.h"
#include "planwatch/store.h"

struct revision {
	struct plan_file *file;
	bool whole_lines; /* it ends with a newline, or is empty */
};

int revision_parse(struct revision *ret, const char *bytes, size_t length, struct error *error);
int revision_load(struct revision *ret, struct store *store, int64_t content, struct error *error);
/* Spares the next revision_load() of this content its work. The revision becomes an empty one. */
void revision_keep(struct revision *revision, struct store *store, int64_t content);
void revision_done(struct revision *revision);

/* True where one of its plans is a plan by its content. */
bool revision_is_plan(const struct revision *revision);

/* One plan of the new revision, with what it continues. */
struct part {
	const struct plan *new;
	const struct plan *old;	    /* an empty one where there was none */
	const struct plan_row *row; /* NULL for a plan that was never seen */
	struct item_list old_items;
	struct diff diff;
};

struct revision_change {
	struct plan_list rows; /* the plans of the file that the store knows */
	struct part *parts;
	size_t part_count;
	size_t *gone; /* rows whose plan the new revision has no more */
	size_t gone_count;
	bool
	    loses; /* items, sections or plans are gone, or the last line is cut off: it may be half-written */
};

/* Matches the plans of both revisions, by title and then by place, and their items. The caller ends *ret with its _done(). */
int revision_compare(struct store *store, int64_t file, const struct revision *old,
		     const struct revision *new, struct revision_change *ret, struct error *error);
void revision_change_done(struct revision_change *change);

#endif
