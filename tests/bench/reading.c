/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

#include "planwatch/cleanup.h"
#include "planwatch/plan.h"

#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>

#define FILES 400

struct files {
	char **paths;
	size_t count;
	size_t bytes; /* of all, after they have been read */
};

static void add_file(struct files *files, const char *path)
{
	files->paths = reallocarray(files->paths, files->count + 1, sizeof(*files->paths));
	if (!files->paths)
		abort();
	files->paths[files->count++] = strdup(path);
}

static void free_files(struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->paths[i]);
	free(files->paths);
}

/* Opens, reads and closes each file: the floor, where `read_with` is NULL. Returns the seconds that it took. */
static double read_files(struct files *files, reader *read_with)
{
	static char bytes[PLAN_SIZE_MAX + 1];
	double start = seconds_run();

	files->bytes = 0;
	for (size_t i = 0; i < files->count; i++) {
		cleanup_close int fd = open(files->paths[i], O_RDONLY | O_CLOEXEC);
		ssize_t n = read(fd, bytes, PLAN_SIZE_MAX);
		if (n < 0)
			abort();
		bytes[n] = '\0';
		files->bytes += (size_t)n;
		if (read_with)
			read_with(bytes, (size_t)n);
	}
	return seconds_run() - start;
}

static void tell_goals(const double middle[static 5])
{
	cleanup_free char *of_floor = join("%.2f", middle[0] / middle[1]),
			  *of_md4c = join("%.1f", middle[3] / middle[1]),
			  *ours = join("%.1f ms", middle[1] * 1e3),
			  *floor = join("%.1f ms", middle[0] * 1e3),
			  *peer = join("md4c %.1f ms", middle[3] * 1e3);

	tell_goal(9, "speed of the block scan, of the read floor's", ours, floor, "", of_floor,
		  "0.75", middle[0] >= 0.75 * middle[1]);
	tell_goal(9, "speed of the block scan, of md4c's", ours, "", peer, of_md4c, "3.5",
		  middle[3] >= 3.5 * middle[1]);
}

/* `middle` gets the medians of the rows. */
static void compare_readers(const char *what, struct files *files, double middle[static 5])
{
	static const struct {
		const char *name;
		reader *reader;
	} rows[] = {
		{ "read only: the floor", NULL },    { "block scan", reader_scan },
		{ "plan_parse", reader_parse },	     { "md4c, empty callbacks", reader_md4c },
		{ "cmark-gfm, tree", reader_cmark },
	};
	double times[ARRAY_SIZE(rows)][ROUNDS];

	(void)read_files(files, NULL); /* into the page cache */
	for (size_t round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			times[i][round] = read_files(files, rows[i].reader);
	(void)printf("\n%s: %zu files, %.1f MB\n%-24s %9s %8s %9s %9s\n", what, files->count,
		     (double)files->bytes / 1e6, "", "us a file", "MB/s", "of floor", "of md4c");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		middle[i] = median(times[i]);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		(void)printf("%-24s %9.1f %8.0f %8.2fx %8.2fx\n", rows[i].name,
			     middle[i] / (double)files->count * 1e6,
			     (double)files->bytes / middle[i] / 1e6, middle[0] / middle[i],
			     middle[3] / middle[i]);
}

static void write_plans(const char *folder, struct files *files)
{
	for (int i = 0; i < FILES; i++) {
		char path[300];
		cleanup_free char *plan = make_plan(i % 16, i);

		(void)snprintf(path, sizeof(path), "%s/plan-%d.md", folder, i);
		cleanup_fclose FILE *out = fopen(path, "we");
		(void)fputs(plan, out);
		add_file(files, path);
	}
}

static void find_plans(const char *folder, struct files *files)
{
	char *const roots[] = { strdup(folder), NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);

	for (FTSENT *entry; walk && (entry = fts_read(walk)) != NULL;)
		if (entry->fts_info == FTS_F && entry->fts_namelen > 3 &&
		    strcmp(entry->fts_name + entry->fts_namelen - 3, ".md") == 0)
			add_file(files, entry->fts_path);
	if (walk)
		(void)fts_close(walk);
	free(roots[0]);
}

void bench_reading(const char *folder, const char *real)
{
	struct files made = { 0 }, found = { 0 };
	double middle[5];

	write_plans(folder, &made);
	compare_readers("plans made here", &made, middle);
	tell_goals(middle);
	free_files(&made);
	if (!real)
		return;
	find_plans(real, &found);
	compare_readers(real, &found, middle);
	free_files(&found);
}

void bench_parse(const char *folder)
{
	struct files files = { 0 };

	find_plans(folder, &files);
	(void)read_files(&files, reader_parse);
	(void)printf("%zu\n", files.count);
	free_files(&files);
}
