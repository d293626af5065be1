/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The branches of the working trees that plans lie in: each tree's HEAD is watched, so that a switch is known as one, whichever files it
 * changes. git replaces HEAD by renaming HEAD.lock over it (git's lockfile.h).
 */
#ifndef PLANWATCHD_HEADS_H
#define PLANWATCHD_HEADS_H

#include <systemd/sd-event.h>

struct heads;

/*
 * `switched` is called from the loop; `from` and `to` are branch names, "" for a detached HEAD, valid for the call. They are the same where
 * the tree was on another branch for a moment, in which plans may have been looked at, and after a commit on a detached HEAD.
 */
int heads_new(struct heads **ret, sd_event *event,
	      void (*switched)(void *userdata, const char *repo, const char *from, const char *to),
	      void *userdata);
void heads_free(struct heads *heads);

/* For a barrier: tells at once of every switch that there was, whether the loop has heard of it or not. */
void heads_look(struct heads *heads);

/*
 * A plan was seen in this working tree, on this branch (NULL: detached). Watches its HEAD from the first time on. Returns 1 for a tree
 * that was not known, or was away (git worktree remove), 0 for a known one, -ENOMEM. What cannot be watched is left alone: then a switch is seen by its files alone.
 */
int heads_note(struct heads *heads, const char *repo, const char *branch);

#endif
