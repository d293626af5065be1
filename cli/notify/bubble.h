/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is on the screen: notifications by their keys, through libnotify. Every call waits for the notification server, up to 25 s for
 * each of a few calls where it hangs.
 */
#ifndef PLANWATCH_NOTIFY_BUBBLE_H
#define PLANWATCH_NOTIFY_BUBBLE_H

#include "planwatch/json.h"

struct bubbles;

/* Hears of what a person does with a notification: a line for planctl. */
typedef void bubbles_tell(const struct json *line);

struct bubbles *bubbles_new(bubbles_tell *tell);
void bubbles_free(struct bubbles *bubbles);

/* Shows a request, in the place of the one with its key where that is still there. NULL, or why not: the caller frees it. */
char *bubbles_show(struct bubbles *bubbles, const struct json *request, const char *key);
/* Takes it from the screen; nothing where it is gone. */
void bubbles_close(struct bubbles *bubbles, const char *key);
/* Adds the server's name, vendor, version, spec and capabilities. NULL, or why not. */
char *bubbles_describe(struct bubbles *bubbles, struct json *ret);

#endif
