/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shows the steps of episodes, each once, and hears what a person does with them. One thing is asked of the desktop, or of a user's
 * command, at a time; what it did not confirm is tried again with growing pauses. What it did confirm is recorded, and until then
 * remembered: a record that fails is no reason to show a step twice.
 *
 * Never waits for either. Times but quiet_until are of the monotonic clock.
 */
#ifndef PLANCTL_NOTIFIER_H
#define PLANCTL_NOTIFIER_H

#include "desktop.h"
#include "notice.h"
#include "program.h"

struct notifier {
	struct cli *cli; /* with an open store; its `now` is today's */
	char *const
	    *hook;  /* the words of a user's command, which takes the desktop's place; NULL: none */
	bool stays; /* hears of buttons */
	bool ends;  /* asks for nothing more */
	bool catching_up; /* nothing could be shown for some time */

	/* Until when nothing is to be done; INSTANT_NONE: until something happens. */
	usec_t wake_at, quiet_until;
	bool idle;	      /* nothing is due, nor under way, nor to be recorded */
	size_t shown;	      /* steps */
	struct error problem; /* the last one, told once; code 0 since something went well */

	struct desktop desktop;
	struct hook_run run;
	struct notice asked; /* no key: nothing is */
	usec_t deadline;
	struct notice *live; /* on the screen, as far as we know */
	size_t live_count;
	struct step_list unrecorded;
	struct burst bursts[URGENCIES];
	unsigned failures, record_failures; /* in a row */
	usec_t retry_at, record_at;
	struct opened opened;
};

void notifier_init(struct notifier *notifier, struct cli *cli, char *const *hook);
void notifier_done(struct notifier *notifier);

/* Does what is due. To be called at wake_at and quiet_until, after the functions below, and when the store has changed. */
void notifier_step(struct notifier *notifier, usec_t now);
/* When desktop.fd, or run.end, is readable. */
void notifier_hear_desktop(struct notifier *notifier, usec_t now);
void notifier_hear_hook(struct notifier *notifier, usec_t now);

/* Says on standard error what went wrong, unless it has just been said. */
void notifier_tell(struct notifier *notifier, const struct error *error);

/* The pause before the next attempt: 1 s, doubled by each failure after the first, up to 5 min. */
usec_t backoff(unsigned failures);

#endif
