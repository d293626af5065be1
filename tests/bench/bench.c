/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measurements as ratios against a floor or a peer in the same run: medians of RUNS rounds in which floor, peer and product take
 * turns, because the machine's own speed changes. Nothing here passes or fails.
 */
#include "planwatch/cleanup.h"
#include "planwatch/instant.h"
#include "planwatch/plan.h"
#include "planwatch/record.h"

#include <fcntl.h>
#include <md4c.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define RUNS 7
#define FILES 400
#define SAVES 400

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double *values)
{
	qsort(values, RUNS, sizeof(*values), compare);
	return values[RUNS / 2];
}

/* A plan of about 7 kB, as long as the median item of real ones. */
static char *make_plan(int done, int salt)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)fputs("# Add a thing\n\nStatus: IN PROGRESS\n\n## Purpose\n\n", out);
	for (int i = 0; i < 30; i++)
		(void)fprintf(
		    out,
		    "Sentence %d of the purpose with `code`, *stress* and a [link](https://example.org).\n",
		    i);
	(void)fputs(
	    "\n## Tolerances\n\n- Time: if a stage takes more than 4 hours, stop.\n\n## Progress\n\n",
	    out);
	for (int i = 0; i < 16; i++)
		(void)fprintf(
		    out,
		    "- [%c] (2026-01-02 03:%02dZ) Stage %c: do part %d of the work, run its tests\n  and write down what was found.\n",
		    i < done ? 'x' : ' ', i, 'A' + i / 4, i);
	(void)fputs("\n## Decision Log\n\n", out);
	for (int i = 0; i < 20; i++)
		(void)fprintf(out, "- Decision: number %d.\n  Rationale: it was the simpler one.\n",
			      i + salt);
	(void)fclose(out);
	return text;
}

static int ignore_block(MD_BLOCKTYPE type, void *detail, void *userdata)
{
	(void)type;
	(void)detail;
	(void)userdata;
	return 0;
}

static int ignore_span(MD_SPANTYPE type, void *detail, void *userdata)
{
	(void)type;
	(void)detail;
	(void)userdata;
	return 0;
}

static int ignore_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *userdata)
{
	(void)type;
	(void)text;
	(void)size;
	(void)userdata;
	return 0;
}

enum reading { READ_ONLY, READ_AND_PARSE, READ_AND_MD4C };

static double read_files(const char *folder, enum reading reading)
{
	static const MD_PARSER parser = {
		0,	     MD_FLAG_TASKLISTS, ignore_block, ignore_block, ignore_span,
		ignore_span, ignore_text,	NULL,	      NULL
	};
	static char bytes[65536];
	double start = seconds();

	for (int i = 0; i < FILES; i++) {
		char path[300];
		cleanup_plan struct plan_file *file = NULL;

		(void)snprintf(path, sizeof(path), "%s/plan-%d.md", folder, i);
		cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = read(fd, bytes, sizeof(bytes) - 1);
		if (n <= 0)
			abort();
		bytes[n] = '\0';
		if (reading == READ_AND_PARSE && plan_parse(bytes, (size_t)n, &file) < 0)
			abort();
		if (reading == READ_AND_MD4C && md_parse(bytes, (MD_SIZE)n, &parser, NULL) != 0)
			abort();
	}
	return (seconds() - start) / FILES;
}

static void bench_reading(const char *folder)
{
	double times[3][RUNS];

	for (int i = 0; i < FILES; i++) {
		char path[300];
		cleanup_free char *plan = make_plan(i % 16, i);

		(void)snprintf(path, sizeof(path), "%s/plan-%d.md", folder, i);
		cleanup_fclose FILE *out = fopen(path, "we");
		(void)fputs(plan, out);
	}
	for (int run = 0; run < RUNS; run++)
		for (int what = READ_ONLY; what <= READ_AND_MD4C; what++)
			times[what][run] = read_files(folder, (enum reading)what);
	double floor = median(times[READ_ONLY]), ours = median(times[READ_AND_PARSE]),
	       md4c = median(times[READ_AND_MD4C]);
	(void)printf("read a plan file            floor %7.1f us\n", floor * 1e6);
	(void)printf("read and parse, planwatch         %7.1f us   %.2f x floor\n", ours * 1e6,
		     ours / floor);
	(void)printf("read and parse, md4c callbacks    %7.1f us   planwatch takes %.2f x\n",
		     md4c * 1e6, ours / md4c);
}

static double save_floor(int fd)
{
	char block[4096] = { 0 };
	double start = seconds();

	for (int i = 0; i < SAVES; i++)
		if (pwrite(fd, block, sizeof(block), 0) < 0 || fdatasync(fd) < 0)
			abort();
	return (seconds() - start) / SAVES;
}

static double save_recorded(struct store *store, char **plans)
{
	struct look look = { .path = "/plans/plan.md",
			     .not_before = INSTANT_NONE,
			     .modified = INSTANT_NONE,
			     .believe_loss = true };
	double start = seconds();

	for (int i = 0; i < SAVES; i++) {
		struct error error = { 0 };
		look.at = instant_now();
		if (store_begin(store, &error) < 0 ||
		    record_content(store, &look, plans[i % 2], strlen(plans[i % 2]), &error) < 0 ||
		    store_commit(store, &error) < 0)
			abort();
	}
	return (seconds() - start) / SAVES;
}

static void bench_recording(const char *folder)
{
	char db[300], flat[300];
	char *plans[] = { make_plan(5, 0), make_plan(6, 0) };
	double floor[RUNS], ours[RUNS];
	cleanup_store struct store *store = NULL;
	struct error error = { 0 };

	(void)snprintf(db, sizeof(db), "%s/bench.db", folder);
	(void)snprintf(flat, sizeof(flat), "%s/flat", folder);
	cleanup_close int fd = open(flat, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || store_open(&store, db, STORE_WRITE, &error) < 0)
		abort();
	for (int run = 0; run < RUNS; run++) {
		floor[run] = save_floor(fd);
		ours[run] = save_recorded(store, plans);
	}
	double low = median(floor), high = median(ours);
	(void)printf("write 4 KiB and fdatasync   floor %7.1f us\n", low * 1e6);
	(void)printf("record one tick, durably          %7.1f us   %.2f x floor\n", high * 1e6,
		     high / low);
	free(plans[0]);
	free(plans[1]);
}

int main(int argc, char **argv)
{
	char folder[200];

	(void)snprintf(folder, sizeof(folder), "%s/bench-data.XXXXXX", argc > 1 ? argv[1] : "/tmp");
	if (!mkdtemp(folder)) {
		perror(folder);
		return 2;
	}
	(void)printf("medians of %d rounds, in %s\n", RUNS, folder);
	bench_reading(folder);
	bench_recording(folder);
	return 0;
}
