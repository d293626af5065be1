/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where plans are, before anybody watches them: repositories, and folders outside of any, that have some. */
#ifndef PLANCTL_REPOSITORIES_H
#define PLANCTL_REPOSITORIES_H

#include "planwatch/discover.h"
#include "planwatch/error.h"

#include <stdint.h>

struct repository {
	char *path;	      /* absolute; a working tree's top, else the folder of the plans */
	uint32_t plans, open; /* files that are plans; of them with an open item */
};

struct repositories {
	struct repository *rows; /* in order of path, those without plans left out */
	size_t count;
};

/*
 * Looks below `folder`, an absolute path, on its file system; links are not followed. Folders whose name begins with a dot are entered
 * only inside a repository: elsewhere they are other programs' own. The caller ends *ret with repositories_done(). -errno with a
 * message where the folder cannot be read, -ENOMEM.
 */
int repositories_find(const char *folder, const struct discover_rules *rules,
		      struct repositories *ret, struct error *error);
void repositories_done(struct repositories *repositories);

#endif
