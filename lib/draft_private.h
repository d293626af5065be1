/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers of checklists fill: the parts of a plan that is being made. */
#ifndef LIB_DRAFT_PRIVATE_H
#define LIB_DRAFT_PRIVATE_H

#include "planwatch/draft.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Strings belong to the draft; NULL: none yet. */
struct draft {
	char *title, *status;
	FILE *progress,
	    *notes; /* Markdown, item by item, entry by entry; their texts after draft_finish() */
	char *progress_text, *notes_text;
	size_t progress_size, notes_size;
	size_t items, note_count;
	uint32_t depth; /* of the last item */
	char *heading;	/* the last group that was told */
	bool failed;	/* memory was out */
};

struct draft_item {
	uint32_t depth; /* deeper than one below the item before is taken as that */
	const char *mark;
	const char *claim;   /* a time stamp; NULL without */
	const char *heading; /* what it stands under; NULL: nothing */
	const char *text;    /* on one line */
};

/* The caller ends it with draft_done(), whatever is returned. -ENOMEM. */
int draft_start(struct draft *draft);
/* The texts are complete. -ENOMEM, also for what could not be added. */
int draft_finish(struct draft *draft);
void draft_done(struct draft *draft);

void draft_add(struct draft *draft, const struct draft_item *item);
/* The whole of it is a label: "Stage A", "M2.5". */
bool draft_is_label(const char *heading);
void draft_note(struct draft *draft, const char *text);
/* Sets a title or status that is not set yet. */
void draft_set(struct draft *draft, char **slot, const char *text);

/* Each reads a checklist whose bytes are valid UTF-8, of lines that end with LF. */
void draft_read_markdown(struct draft *draft, char *text);
void draft_read_org(struct draft *draft, char *text);
void draft_read_todotxt(struct draft *draft, char *text);

#endif
