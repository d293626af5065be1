/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a heading says about the section below it. Headings are known by how they start, without case, emphasis, a number in
 * front and a parenthesis behind; "&" is "and". A pure function over one title.
 */
#ifndef LIB_HEADING_H
#define LIB_HEADING_H

#include "planwatch/plan.h"

#include <stdbool.h>

struct heading {
	enum section_kind
	    kind; /* SECTION_UNKNOWN at level 1: a first-level heading names the plan, never a section */
	/* It is about acceptance, validation, verification, criteria, evidence or risk: boxes below it are not progress. */
	bool about_proof;
};

/* `title` is valid UTF-8. */
struct heading heading_read(const char *title, unsigned level);

#endif
