/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

#include "planwatch/cleanup.h"
#include "planwatch/instant.h"
#include "planwatch/record.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define SAVES 400

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

void bench_recording(const char *folder)
{
	char db[300], flat[300];
	char *plans[] = { make_plan(5, 0), make_plan(6, 0) };
	double floor[ROUNDS], ours[ROUNDS];
	cleanup_store struct store *store = NULL;
	struct error error = { 0 };

	(void)snprintf(db, sizeof(db), "%s/bench.db", folder);
	(void)snprintf(flat, sizeof(flat), "%s/flat", folder);
	cleanup_close int fd = open(flat, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || store_open(&store, db, STORE_WRITE, &error) < 0)
		abort();
	for (int round = 0; round < ROUNDS; round++) {
		floor[round] = save_floor(fd);
		ours[round] = save_recorded(store, plans);
	}
	double low = median(floor), high = median(ours);
	(void)printf("\nwrite 4 KiB and fdatasync   floor %7.1f us\n", low * 1e6);
	(void)printf("record one tick, durably          %7.1f us   %.2f x floor\n", high * 1e6,
		     high / low);
	free(plans[0]);
	free(plans[1]);
}
