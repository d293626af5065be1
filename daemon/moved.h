/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a file was that a new one continues: renamed, moved, or moved and edited. */
#ifndef PLANWATCHD_MOVED_H
#define PLANWATCHD_MOVED_H

#include "read.h"

#include "planwatch/store.h"

/* Known files that are not where they were; found once for many new files. Begins as zeros. */
struct missing_files {
	struct file_row *rows;
	size_t count;
	bool known;
};

void missing_files_forget(struct missing_files *missing);

/*
 * The path that the file with this reading had, if it is new and what was there is no more; the caller frees. NULL for none. *copied:
 * the same bytes are a plan elsewhere, that is there.
 */
char *moved_from(struct store *store, struct missing_files *missing, const char *path,
		 const struct reading *reading, bool *copied);

#endif
