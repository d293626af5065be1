/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of an item: its stamp and its label, in either order, with the brackets, emphasis and punctuation around them; and
 * the gist, what is left behind them.
 */
#ifndef LIB_HEAD_H
#define LIB_HEAD_H

#include "arena.h"
#include "planwatch/plan.h"

#include <stdbool.h>

/* Sets stamp, label and gist from item->text. Strings come from the arena. */
void head_read(struct arena *arena, struct item *item);

/* Whether head_read() would find a label in front of a text that has no stamp there. */
bool head_has_label(const char *text);

/*
 * What else stands in the parenthesis of the leading stamp, which the gist leaves out: "7fc57169" of "(2026-08-14, 7fc57169) Document
 * it". NULL where nothing does.
 */
const char *head_remark(const struct item *item, size_t *length);

#endif
