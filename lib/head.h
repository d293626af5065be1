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

#endif
