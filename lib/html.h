/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTML blocks, as CommonMark 0.30 section 4.6 knows them: seven kinds, each with its start and its end. Pure functions on one
 * line, linear in it.
 */
#ifndef LIB_HTML_H
#define LIB_HTML_H

#include <stdbool.h>

/* The kind (1 to 7) of the block that starts with this line, its indentation removed; 0 for none. */
int html_starts(const char *text, const char *end, bool in_paragraph);

/* True where the block ends with this line. Kinds 6 and 7 end before a blank line instead: that is the caller's. */
bool html_ends(int kind, const char *text, const char *end);

#endif
