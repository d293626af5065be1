/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in a section: its entries counted, its text digested. The walk over the file (lib/collect.c) tells each line to the
 * tally of the section that it lies in; section_finish() turns the tallies into numbers.
 *
 * An entry is an outermost list item, or a row of a table; where a section has neither, a paragraph. The format's own skeleton
 * indents its lists by four spaces, so a list in indented code counts, too. A placeholder ("None yet", "(To be completed)") is none.
 */
#ifndef LIB_SECTION_H
#define LIB_SECTION_H

#include "planwatch/plan.h"
#include "scan.h"

struct section_tally {
	const char *start,
	    *end; /* the section's own lines, its heading and its subsections left out */
	uint32_t entries, paragraphs;
	bool counted;  /* the paragraph at hand is among them */
	bool in_table; /* the paragraph at hand is a table, its head is read */
	uint32_t
	    code_indent; /* bytes in front of the first entry in indented code: what is deeper is a part of one; 0 for none */
};

void section_tally_line(struct section_tally *tally, const struct scan_line *line);

/*
 * Sets the entries and the digests of sections[0..count), which stand in the order of their lines. A section without a name of the
 * format is counted and digested with the one above it, but not with the plan's own title. -ENOMEM.
 */
int section_finish(struct section *sections, const struct section_tally *tallies, size_t count);

#endif
