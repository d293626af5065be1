/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The committed revisions of a plan, for an import.
 *
 * Names: those that the file had on the line of HEAD, followed through renames (git log --follow; a copy is another plan, and
 * ends it). Commits: all that changed the file under one of these names, from every branch, tag and worktree; git's
 * simplification of history leaves merges out that took one side as it was. Parents come before children, else the author's time
 * decides. Each revision comes from its first parent. A commit that has no such file, one too large, or that of its parent, is
 * passed over: its children come from its parent. Stashes are no history.
 *
 * The branch of a revision: the one that is checked out for all that HEAD comes from, else the reference by which git found it.
 */
#ifndef PLANCTL_GIT_HISTORY_H
#define PLANCTL_GIT_HISTORY_H

#include "planwatch/import.h"

/*
 * Of the plan at ret->path, which is set and lies in a working tree. -ENOENT: no working tree, or git has no such file.
 * -EREMOTEIO: git refuses, with its own words.
 */
int git_history(struct import *ret, struct error *error);

/* Calls `each` with every path of HEAD in a working tree's top folder, relative to it. */
int git_each_path(const char *repo, int (*each)(void *userdata, const char *path), void *userdata,
		  struct error *error);

#endif
