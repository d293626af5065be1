/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Roots that are not there, now: the nearest folder above each that exists is watched, and only that one, until the root is back. Nothing
 * is polled. A file system that is mounted over a folder makes no event (inotify(7)): such a root is seen at the next event in a folder
 * above it, or at a reload.
 */
#ifndef PLANWATCHD_ABSENT_H
#define PLANWATCHD_ABSENT_H

#include <systemd/sd-event.h>

struct absent;

/* `returned` is called from the loop when a path is there again; the path is forgotten then, and valid for the call. */
int absent_new(struct absent **ret, sd_event *event,
	       void (*returned)(void *userdata, const char *path), void *userdata);
void absent_free(struct absent *absent);

/* Waits for an absolute path. Known ones are fine. -ENOMEM, or why nothing above it can be watched. */
int absent_add(struct absent *absent, const char *path);
void absent_remove(struct absent *absent, const char *path);

#endif
