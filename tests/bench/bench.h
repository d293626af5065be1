/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measurements as ratios against a floor or a peer in the same run. Floor, peer and product take turns in every round, because
 * the machine's own speed changes, and what is told is the median of the rounds. Nothing here passes or fails.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stddef.h>

#define ROUNDS 7

/* Monotonic. */
double seconds(void);

/* Ends the program. */
_Noreturn void fail(const char *what);

/* For qsort() of doubles. */
int compare_numbers(const void *a, const void *b);

/* Sorts the values. */
double median(double values[static ROUNDS]);

/* What reads Markdown here: the product's two halves, and its peers. `bytes` ends with a NUL behind `length`. */
typedef void reader(const char *bytes, size_t length);

void reader_scan(const char *bytes, size_t length);  /* the block scanner alone */
void reader_parse(const char *bytes, size_t length); /* plan_parse() */
void reader_md4c(const char *bytes, size_t length);  /* with task lists and empty callbacks */
void reader_cmark(const char *bytes,
		  size_t length); /* cmark-gfm, 4 extensions, and a walk over its tree */

/* Plans that it writes into `folder`, and, unless NULL, the *.md files below `real`. */
void bench_reading(const char *folder, const char *real);

/* Input made to be slow, against ordinary text. */
void bench_hostile(void);

void bench_recording(const char *folder);

/* With the planwatchd that is in the folder `build`. */
void bench_latency(const char *folder, const char *build);

/*
 * Records the saves FIRST to FIRST + SAVES - 1 of so many plans, one second apart from START_AT on (seconds since 1970), and prints how
 * many seconds that took.
 */
void bench_history(const char *db, long plans, long first, long saves, long start_at);

/* A plan of about 7 kB, as long as the median item of real ones. The caller frees it. */
char *make_plan(int done, int salt);

#endif
