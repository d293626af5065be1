/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Status field: what state its words name, and how a field stands in a line ("Status: X", "**Status:** X", "**Status**: X").
 * Pure functions over text.
 */
#ifndef LIB_STATUS_H
#define LIB_STATUS_H

#include "planwatch/plan.h"

#include <stdbool.h>

/*
 * The state that the first words of a value name, without case and emphasis, "-" and "_" read as blanks. A list of choices
 * ("DRAFT | APPROVED | ...") is the skeleton's placeholder and names none.
 */
enum plan_status status_state(const char *raw);

/* Where text[..end) is a field "Key: value", the value's start (bold marks and white space skipped), else NULL. */
const char *status_field(const char *text, const char *end, bool *is_status);

/* Where a second bold field ("... **Issue:** #12") begins in text[..end); `end` without one. */
const char *status_value_end(const char *text, const char *end);

#endif
