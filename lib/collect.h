/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first half of the reader: one walk over the lines of a file that collects its headings, its boxes with their text, the
 * entries of its Tolerances and the places where a status may stand. What of it makes which plan is decided afterwards
 * (lib/plan.c), because only the end of the file tells how many plans it holds and where their boxes are.
 */
#ifndef LIB_COLLECT_H
#define LIB_COLLECT_H

#include "arena.h"
#include "planwatch/plan.h"

/* Where a box stands. */
enum place {
	PLACE_PROGRESS,
	PLACE_BODY,
	PLACE_PROOF, /* acceptance criteria and the like: never progress */
};

struct found_status {
	const char *raw; /* NULL for none */
	uint32_t line;
	size_t start,
	    end; /* of the value, in bytes of the file, closing emphasis and quotes left out */
};

/* The file from one H1 to the next; the first region is what stands before the first H1. */
struct region {
	uint32_t line;
	bool has_h1;
	bool has_progress;
	/* Of level 2 or deeper: what looks like a status behind it is that of a part. */
	bool has_subheading;
	/* It says that it is an ExecPlan. */
	bool names_itself;
	const char *title;
	struct found_status front_matter, field, heading;
};

struct collection {
	uint32_t lines;
	const char *front_title; /* front matter's, NULL for none */
	struct region *regions;	 /* at least one */
	size_t region_count;
	struct section *sections;
	size_t section_count;
	struct item *items;    /* line, end_line, depth, state, mark, mark_at and text are set */
	unsigned char *places; /* of each item: enum place */
	size_t item_count;
	struct tolerance *tolerances; /* line and text are set */
	size_t tolerance_count;
};

/* All of it lives in the arena. -ENOMEM. */
int collect(struct arena *arena, const char *bytes, size_t length, struct collection *ret);

#endif
