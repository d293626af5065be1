/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measurements as ratios against a floor or a peer in the same run. Floor, peer and product take turns in every round, because
 * the machine's own speed changes, and what is told is the median of the rounds. bench.py says how the subjects fit together.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#define ROUNDS 7

/* Monotonic. */
double seconds(void);

/* That this thread has run. For what never waits: other programs on the machine do not count. */
double seconds_run(void);

/* Ends the program. */
_Noreturn void fail(const char *what);

/* For qsort() of doubles. */
int compare_numbers(const void *a, const void *b);

/* A row of the table of goals (bench.py): what is measured, ours, the floor and the peer ("" for none), their ratio, the goal. */
void tell_goal(int number, const char *what, const char *ours, const char *floor, const char *peer,
	       const char *ratio, const char *limit, bool holds);

/* printf() into a string, which the caller frees. */
char *join(const char *format, ...) __attribute__((format(printf, 1, 2)));

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

/* Reads and parses the *.md files below `folder` once, and prints how many there were: a process to be timed (files.py). */
void bench_parse(const char *folder);

/* Input made to be slow, against ordinary text. */
void bench_hostile(void);

/* One save, durably; and events in groups, which the store takes as fast as it can. */
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
