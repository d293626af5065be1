/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a plan file once: only regular files, never through a link, never more than the reader takes. */
#ifndef PLANWATCHD_READ_H
#define PLANWATCHD_READ_H

#include "planwatch/cleanup.h"
#include "planwatch/error.h"
#include "planwatch/instant.h"

struct reading {
	char *bytes; /* with a final NUL beyond its length */
	size_t length;
	int64_t device, inode;
	usec_t modified;
	char problem[96]; /* why it cannot be read, in words; "" */
	bool passing;	  /* that may be over before anything tells so: a failing disk, rights */
};

/*
 * 0: it was read, or `problem` says why it is there and cannot be. -ENOENT: there is no regular file at this path (nothing, a
 * folder, a link, a FIFO, a device). -ENOMEM, -EMFILE and the like: try again later. The caller frees bytes.
 */
int read_plan(const char *path, struct reading *ret);

static inline void cleanup_reading_value(struct reading *reading)
{
	free(reading->bytes);
}
#define cleanup_reading cleanup(cleanup_reading_value)

/* Whether the system call that read_plan() needs is there: without it every plan would be passed over. Negative errno with a message. */
int read_check(struct error *error);

#endif
