/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Labels: "Stage A", "Milestone 1c", "Phase 2", "M2.5", "EP-M3". A pure function over text.
 */
#ifndef LIB_LABEL_H
#define LIB_LABEL_H

#include <stddef.h>

struct label_span {
	size_t kind_length, id_start, id_length, length; /* all from the label's start */
};

/* The bytes of a label that begins at `text`, 0 for none. */
size_t label_read(const char *text, struct label_span *ret);

#endif
