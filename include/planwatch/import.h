/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Day-one history: revisions of a plan that were made before anybody watched it, recorded as if they had been read then. They
 * pass through the same reader, comparison and store as what is witnessed; their origin is "import", and each says with
 * not_before that its changes lie anywhere between the revision before and itself.
 *
 * A plan that was never witnessed: the revisions are recorded in their order, and whoever finds the file later goes on from the
 * last. Those not later than the last imported one are left out, so that a repeat adds nothing.
 *
 * A plan that was witnessed: what is older than its first look is put before it, with observations of negative ids; nothing that
 * was witnessed changes. The revisions are first recorded in a store of their own, the content of the first look as the last of
 * them; that tells which items of the prefix became which of the plan's, and the prefix is copied with their ids. The first
 * look's own plan_found begins the fold anew (store.h). A plan that has imported history before its witnessed one is left alone:
 * there is no place between.
 *
 * Histories branch. Each revision is compared with the one that it was made from; where that is not the last one recorded, the
 * plan goes back to it first, without an event, as it does when a branch is checked out (record.h). So two branches at once never
 * tick and untick each other's boxes. At the end the plan stands as on the working tree's own line.
 *
 * Who writes (DESIGN 5): planctl collects the revisions, because that takes as long as git takes. Without a daemon it records
 * them itself, under the writer's lock. With one it writes them to a file beside the socket, where both may write under any
 * sandbox, and sends its name: revisions have up to 4 MiB, a frame of the socket 64 KiB. The daemon records them on its loop and
 * looks after its watches in between, so that a long history does not swallow what is saved meanwhile.
 */
#ifndef PLANWATCH_IMPORT_H
#define PLANWATCH_IMPORT_H

#include "planwatch/store.h"

/* All bytes of one import. A larger history is refused. */
#define IMPORT_SIZE_MAX ((size_t)256 << 20)
#define IMPORT_NONE SIZE_MAX

struct import_revision {
	usec_t at;
	char *bytes;
	size_t length;
	size_t
	    parent; /* the index of the revision that this one was made from, which is smaller; IMPORT_NONE */
	const char *name;	     /* the plan's path then, absolute; NULL: as now */
	const char *branch, *commit; /* NULL outside of git, for a detached HEAD */
};

struct import {
	char *path; /* of the plan, absolute */
	char *repo; /* its working tree; NULL outside of git */
	struct import_revision *revisions;
	size_t count, size; /* `size`: places allocated */
	size_t bytes;	    /* of all revisions */
	size_t
	    tip; /* the revision that is checked out: where the plan stands at the end; IMPORT_NONE */
};

/* Appends a revision; its bytes are taken, also on failure, its strings copied. -EFBIG over IMPORT_SIZE_MAX, -ENOMEM. */
int import_add(struct import *import, const struct import_revision *revision, struct error *error);
void import_done(struct import *import);

static inline void cleanup_import_value(struct import *import)
{
	import_done(import);
}
#define cleanup_import cleanup(cleanup_import_value)

struct import_result {
	int64_t revisions;  /* recorded now */
	int64_t known;	    /* left out: imported before, or not older than what was witnessed */
	usec_t first, last; /* times of the recorded ones; INSTANT_NONE */
};

/* Who has other things to do looks after them between the revisions, when no transaction of `store` is open. */
struct import_pause {
	void (*call)(void *userdata); /* NULL: nothing */
	void *userdata;
};

/*
 * Neither a plan nor known: 0 revisions, 0 known. Behind an error, or a crash, the record is sound and may have the older part of
 * the history; a repeat goes on from there.
 */
int import_record(struct store *store, const struct import *import, struct import_pause pause,
		  struct import_result *ret, struct error *error);

/* The file in between, at its start. Reading checks all that it says: -EINVAL. */
int import_write(int fd, const struct import *import, struct error *error);
int import_read(int fd, struct import *ret, struct error *error);

#endif
