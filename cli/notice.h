/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be shown of the episodes, and how: which steps of their lives are due, in which words, and which of them together. Knows
 * neither the desktop nor the clock.
 */
#ifndef PLANCTL_NOTICE_H
#define PLANCTL_NOTICE_H

#include "cli.h"

/* As the desktop's servers know it. Only a breach is critical: that goes past do-not-disturb on some of them. */
enum urgency {
	URGENCY_LOW,
	URGENCY_NORMAL,
	URGENCY_CRITICAL,
	URGENCIES,
};

/* A step of an episode. */
struct step {
	int64_t episode, step;
};

/* A step that was not shown yet. */
struct due {
	struct step step;
	enum urgency urgency;
	bool over; /* tells that the alert is */
	bool last; /* the last reminder */
	char verdict[16];
	char *summary, *body;
};

struct step_list {
	struct step *rows;
	size_t count;
};
/* -ENOMEM. */
int step_list_add(struct step_list *list, struct step step);
static inline void step_list_done(const struct step_list *list)
{
	free(list->rows);
}

struct due_list {
	struct due *rows; /* by rising episode */
	size_t count;
	struct step_list
	    settled; /* of episodes that a person has dealt with: they count as shown */
};

/* All that the store has, but those that were `shown` already. The caller ends *ret with due_list_done(), also after an error. */
int due_list_read(struct cli *cli, const struct step_list *shown, struct due_list *ret,
		  struct error *error);
void due_list_done(struct due_list *list);

/*
 * Of one urgency at most three are shown one by one within 30 s, at once; more are gathered until then and become one. What gathered
 * while nothing could be shown becomes one from two on.
 */
#define NOTICE_GATHER (30 * USEC_PER_SEC)
#define NOTICE_SINGLES 3

struct burst {
	usec_t began; /* by the monotonic clock */
	size_t shown; /* since then; NOTICE_SINGLES after a digest */
	bool gathers; /* some are held back */
};

/* What is shown at once, with the steps that it tells of. Zeros are none. */
struct notice {
	char *key; /* one of the same key takes its place */
	struct step_list steps;
	enum urgency urgency;
	bool over;	      /* tells that an alert is */
	struct json *request; /* for planwatch-notify */
};
void notice_done(struct notice *notice);

/*
 * The next one. `catching_up`: nothing could be shown for some time. With `buttons`, what a person can do with it. 1; 0 where there is
 * none, or none before *next (by the monotonic clock; INSTANT_NONE: none). -ENOMEM.
 */
int notice_next(const struct due_list *list, struct burst bursts[static URGENCIES],
		bool catching_up, bool buttons, usec_t now, struct notice *ret, usec_t *next);
/* To be called when it was shown. */
void notice_count(const struct notice *notice, struct burst bursts[static URGENCIES], usec_t now);

#endif
