/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the edits share. */
#ifndef LIB_EDIT_PRIVATE_H
#define LIB_EDIT_PRIVATE_H

#include "planwatch/edit.h"

/* Bytes [from, to) of the file become `text`. */
struct splice {
	size_t from, to;
	const char *text;
};

/* Applies splices that follow each other in the file. -ENOMEM. */
int edit_splice(const struct edit *edit, const struct splice *splices, size_t count,
		struct edited *ret, struct error *error);

/*
 * Proves a result: the same plans with the same items, but for the state of `item` (-1: none) and the words at its head; the
 * status that is wanted, and a new note at the end (STATUS_UNKNOWN: both as before). Ends *ret and returns -ENOTSUP where it
 * is not so.
 */
int edit_check(const struct edit *edit, ptrdiff_t item, enum item_state state,
	       enum plan_status status, struct edited *ret, struct error *error);

/* "2026-01-02 03:04Z" */
void edit_format_time(usec_t at, char out[static INSTANT_MAX]);

static inline const struct plan *edit_plan(const struct edit *edit)
{
	return &edit->file->plans[edit->plan];
}

#endif
