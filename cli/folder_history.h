/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The revisions of a plan from the files of a folder, for an import and for a replay. */
#ifndef PLANCTL_FOLDER_HISTORY_H
#define PLANCTL_FOLDER_HISTORY_H

#include "planwatch/import.h"

/*
 * Appends each regular file NUMBER_UNIXTIME_*.md of `path`, in the order of their numbers, one made from the other. -ENOENT where there
 * is no such folder, or no such file in it.
 */
int folder_history(struct import *import, const char *path, struct error *error);

#endif
