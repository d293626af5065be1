/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person does with a notification: the buttons of cli/notice.c. */
#ifndef PLANCTL_RESPOND_H
#define PLANCTL_RESPOND_H

#include "notice.h"
#include "program.h"

/*
 * Acknowledges or snoozes the episodes of a notice, or opens the first one's plan. `token` (may be NULL) is the desktop's permission to
 * come to the front. Negative errno and a message.
 */
int respond(struct cli *cli, const struct step_list *steps, const char *action, const char *token,
	    struct opened *opened, struct error *error);

#endif
