/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Careful edits of a plan: bytes in, bytes out, everything but what is meant kept to the byte. Pure functions; time and
 * author are arguments. Each edit reads its own result again and fails (-ENOTSUP) where that is not exactly what was meant,
 * so that odd Markdown (an unclosed fence at the end, a heading inside a comment) is refused instead of damaged.
 *
 * They keep the approval gate (DESIGN 11, the format's "Approval gate"): what is a draft is not worked on.
 */
#ifndef PLANWATCH_EDIT_H
#define PLANWATCH_EDIT_H

#include "planwatch/error.h"
#include "planwatch/plan.h"

/* A plan to be edited. What it points to belongs to the caller. */
struct edit {
	const char *bytes; /* of the file, with a NUL beyond its length */
	size_t length;
	const struct plan_file *file; /* these bytes, parsed */
	size_t plan;		      /* which of its plans */
	usec_t now;
};

/* The new bytes, which the caller frees. */
struct edited {
	char *bytes;
	size_t length;
	char *
	    old_status; /* edit_status(): as it was written; "" where there was none. The caller frees. */
};

void edited_done(struct edited *edited);
#define cleanup_edited cleanup(edited_done)

/*
 * Words that a user gives for a plan, on one line, white space folded; the caller frees *ret. -EINVAL for nothing, and for
 * what is no plain text: nobody shall have to guess what it does in a file or at a terminal. `what` names them in the
 * message.
 */
int edit_plain(const char *what, const char *text, char **ret, struct error *error);

/*
 * The items that a person means by `what`: the number in the list, from 1; else the whole text; else the label ("B", "Stage
 * B"); else words in it, without case. Where items of the wanted state fit, those of another are left out. ret[0..*ret_count)
 * are places in plan->items, for which `ret` has room. -ENOENT for none.
 */
int edit_find(const struct plan *plan, const char *what, enum item_state wanted, size_t *ret,
	      size_t *ret_count, struct error *error);

/*
 * Ticks an item, and puts the time at its head, in the style of the plan's other stamps but always in UTC and to the minute
 * at least; a stamp that leads it already is replaced. -EALREADY; -EPERM for one of a stage of a draft, and for a dropped
 * one.
 */
int edit_tick(const struct edit *edit, size_t item, struct edited *ret, struct error *error);

/* Opens a ticked item, and takes a stamp away that reads as edit_tick() would have written it. -EALREADY. */
int edit_untick(const struct edit *edit, size_t item, struct edited *ret, struct error *error);

/*
 * Gives the plan the status STATUS_APPROVED, STATUS_BLOCKED or STATUS_COMPLETE, in the case and emphasis of the one before,
 * and says so at the plan's end, in its revision note: what, who, why (`reason`, for STATUS_BLOCKED alone), and what it means
 * for the work. -EALREADY; -EPERM where the plan's status or its open items stand against it; -EINVAL for a name or a reason
 * that is no plain text.
 */
int edit_status(const struct edit *edit, enum plan_status status, const char *who,
		const char *reason, struct edited *ret, struct error *error);

#endif
