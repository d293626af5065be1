/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of an episode: told to the daemon, which writes while it runs, or written down under the writer's lock where none does. */
#ifndef PLANCTL_EPISODES_H
#define PLANCTL_EPISODES_H

#include "cli.h"

enum saying {
	SAY_ACKNOWLEDGED,
	SAY_SNOOZED, /* `value`: until when */
	SAY_SHOWN,   /* `value`: the step */
};

/* 0; -EALREADY where it is over, -ENOENT where there is none; another negative errno and a message. */
int episode_say(struct cli *cli, enum saying what, int64_t id, int64_t value, struct error *error);

#endif
