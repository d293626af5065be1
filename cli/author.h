/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who edits: for the revision note of a plan. */
#ifndef PLANCTL_AUTHOR_H
#define PLANCTL_AUTHOR_H

/*
 * The name that git would commit with in this folder (user.name of the repository, else of the user), else the login name.
 * The caller frees; NULL where nobody says.
 */
char *author_name(const char *folder);

#endif
