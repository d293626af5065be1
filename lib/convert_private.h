/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the converters share. Each of lib/convert_*.c writes one format, or one family. */
#ifndef LIB_CONVERT_PRIVATE_H
#define LIB_CONVERT_PRIVATE_H

#include "planwatch/convert.h"

void convert_write_csv(FILE *out, const struct checklist *lists, size_t count);
void convert_write_html(FILE *out, const struct checklist *lists, size_t count);
void convert_write_ics(FILE *out, const struct checklist *lists, size_t count);
void convert_write_markdown(FILE *out, const struct checklist *lists, size_t count);
void convert_write_org(FILE *out, const struct checklist *lists, size_t count);
void convert_write_tap(FILE *out, const struct checklist *lists, size_t count);
void convert_write_taskwarrior(FILE *out, const struct checklist *lists, size_t count);
void convert_write_todotxt(FILE *out, const struct checklist *lists, size_t count);

/* What an item's mark says. */
enum standing_mark {
	MARK_OPEN,
	MARK_UNDER_WAY, /* "/" ">" */
	MARK_UNKNOWN,	/* any other: never done */
	MARK_DONE,
	MARK_DROPPED, /* "~" "-" */
};
enum standing_mark convert_mark(const struct item *item);

/* When the item was done: as witnessed, else as claimed; INSTANT_NONE for one that is not done, or nobody knows. */
usec_t convert_done_at(const struct checklist_item *item);

/* All in UTC. INSTANT_NONE is not allowed. Each returns `out`. */
#define CONVERT_TIME_MAX 64
const char *convert_day(usec_t at, char out[static CONVERT_TIME_MAX]);	  /* 2026-01-05 */
const char *convert_minute(usec_t at, char out[static CONVERT_TIME_MAX]); /* 2026-01-05 10:02Z */
const char *convert_basic(usec_t at, char out[static CONVERT_TIME_MAX]);  /* 20260105T100200Z */

/* The claim at its own precision, without the signs that some formats keep for themselves: 2026-01-05, 20260105T1000Z. */
const char *convert_claim(const struct checklist_item *item, char out[static CONVERT_TIME_MAX]);

#endif
