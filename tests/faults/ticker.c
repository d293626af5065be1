/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ticker FOLDER FILES SAVES RATE HOW LIVES: saves the plans plan-0.md, plan-1.md ... in turn, SAVES times in all, RATE times a second
 * (0: as fast as it can). Each save flips the box of one item and rewords it, so that every state has its number in it:
 *
 *     - [x] Step 3: as of save 44.
 *
 * HOW: "inplace" truncates and writes, "halves" does so with two writes, "rename" writes a temporary file and renames it. Each plan
 * begins as its state 0, written before anything is counted; "start" is printed then, and a line of standard input waited for. LIVES
 * is a file that gets a line "PLAN STATE MICROSECONDS" for each state: how long it was whole on disk before its plan was touched again.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEPS 40
#define TEXT_SIZE 4096

enum how { IN_PLACE, HALVES, RENAME };

struct plan {
	int state;
	double whole_since;
};

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void wait_until(double due)
{
	struct timespec at = { .tv_sec = (time_t)due };

	at.tv_nsec = (long)((due - (double)at.tv_sec) * 1e9);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

_Noreturn static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* The last save that concerned a step, and how many did. */
static int last_save(int state, int step, int *count)
{
	*count = state > step ? (state - step - 1) / STEPS + 1 : 0;
	return *count ? (*count - 1) * STEPS + step + 1 : 0;
}

static size_t compose(char text[static TEXT_SIZE], int plan, int state)
{
	size_t length = (size_t)snprintf(text, TEXT_SIZE,
					 "# Plan %d\n\nThis ExecPlan is a living document.\n\n"
					 "Status: IN PROGRESS\n\n## Progress\n\n",
					 plan);

	for (int step = 0; step < STEPS; step++) {
		int count, save = last_save(state, step, &count);
		length += (size_t)snprintf(text + length, TEXT_SIZE - length,
					   "- [%c] Step %d: as of save %d.\n",
					   count % 2 ? 'x' : ' ', step, save);
	}
	return length;
}

static void write_to(const char *path, const char *text, size_t length, int parts)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
	size_t half = parts == 2 ? length / 2 : length;

	if (fd < 0 || write(fd, text, half) < 0 ||
	    (parts == 2 && write(fd, text + half, length - half) < 0) || close(fd) < 0)
		die(path);
}

static void save(const char *folder, int plan, int state, enum how how)
{
	char path[PATH_MAX], temporary[PATH_MAX], text[TEXT_SIZE];
	size_t length = compose(text, plan, state);

	(void)snprintf(path, sizeof(path), "%s/plan-%d.md", folder, plan);
	if (how != RENAME) {
		write_to(path, text, length, how == HALVES ? 2 : 1);
		return;
	}
	(void)snprintf(temporary, sizeof(temporary), "%s/.plan-%d.tmp", folder, plan);
	write_to(temporary, text, length, 1);
	if (rename(temporary, path) < 0)
		die(path);
}

static void tell_life(FILE *lives, int plan, const struct plan *p, double until)
{
	(void)fprintf(lives, "%d %d %.0f\n", plan, p->state, (until - p->whole_since) * 1e6);
}

int main(int argc, char **argv)
{
	if (argc != 7) {
		(void)fputs("ticker FOLDER FILES SAVES RATE HOW LIVES\n", stderr);
		return 2;
	}
	const char *folder = argv[1];
	int files = (int)strtol(argv[2], NULL, 10), saves = (int)strtol(argv[3], NULL, 10);
	double rate = strtod(argv[4], NULL);
	enum how how = strcmp(argv[5], "rename") == 0	? RENAME
		       : strcmp(argv[5], "halves") == 0 ? HALVES
							: IN_PLACE;
	FILE *lives = fopen(argv[6], "we");
	struct plan *plans = calloc((size_t)files, sizeof(*plans));
	char line[8];

	if (!lives || !plans)
		die(argv[6]);
	for (int i = 0; i < files; i++)
		save(folder, i, 0, IN_PLACE);
	(void)puts("start");
	(void)fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 2;

	double start = seconds(), due = start;
	for (int i = 0; i < saves; i++) {
		struct plan *p = &plans[i % files];
		if (rate > 0) {
			wait_until(due);
			/* What is late is not made up for: states would live shorter than they are to. */
			double now = seconds();
			due = (now > due + 0.5 / rate ? now : due) + 1 / rate;
		}
		if (p->state)
			tell_life(lives, i % files, p, seconds());
		save(folder, i % files, ++p->state, how);
		p->whole_since = seconds();
	}
	double took = seconds() - start;
	for (int i = 0; i < files; i++) /* they stay */
		if (plans[i].state)
			tell_life(lives, i, &plans[i], seconds() + 3600);
	(void)printf("%.0f\n", saves / took);
	free(plans);
	return fclose(lives) == 0 ? 0 : 2;
}
