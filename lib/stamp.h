/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time stamps as people and agents write them: "2026-08-19 14:52Z", "2026-04-06T23:20:59.5+02:00", "2026-03-25 14:40 EDT",
 * "2026/05/07", "2026-05-07". Pure functions over text.
 *
 * A time without a zone is taken as UTC, at the precision that it is written with: the format asks for UTC, and a claim is
 * never more than a claim. A zone name with two meanings (CST, IST, BST) or none that we know gives the day only.
 */
#ifndef LIB_STAMP_H
#define LIB_STAMP_H

#include "planwatch/plan.h"

#include <stdbool.h>
#include <stddef.h>

struct stamp_span {
	size_t length; /* bytes that the stamp takes */
	usec_t at;
	enum stamp_precision precision;
};

/*
 * Reads a stamp that begins at text[at]. False where none does, also for a date inside a path or an identifier
 * ("docs/plans/2026-02-15-x.md").
 */
bool stamp_read(const char *text, size_t at, struct stamp_span *ret);

/* The first stamp at or behind text[from]; its place in *at. */
bool stamp_find(const char *text, size_t from, size_t *at, struct stamp_span *ret);

#endif
