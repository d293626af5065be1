/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

#include "planwatch/cleanup.h"
#include "planwatch/instant.h"
#include "planwatch/record.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define SAVES 400
#define EVENTS 20000
#define GROUP 1000 /* in a transaction */

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

/* ---- Events in groups ---- */

/* As a drain of the queue records them: the change, and how the item stands. Returns events a second. */
static double record_events(struct store *store, int64_t plan)
{
	struct item_list list = { 0 };
	struct error error = { 0 };

	if (store_items(store, plan, &list, &error) < 0)
		fail(error.message);
	double start = seconds();
	for (size_t n = 0; n < EVENTS; n++) {
		const struct item_row *row = &list.rows[n % list.count];
		struct observation observation = { .at = instant_now(),
						   .not_before = INSTANT_NONE };
		struct event event = { .plan = plan,
				       .kind = EVENT_ITEM_DONE,
				       .item = row->id,
				       .line = row->item.line,
				       .before = " ",
				       .after = "x",
				       .text = row->item.text,
				       .position = -1,
				       .claimed_at = INSTANT_NONE };
		if ((n % GROUP == 0 && (store_begin(store, &error) < 0 ||
					store_observation_add(store, &observation, &error) < 0)) ||
		    store_event_add(store, &event, &error) < 0 ||
		    store_item_put(store, plan, row, &error) < 0 ||
		    (n % GROUP == GROUP - 1 && store_commit(store, &error) < 0))
			fail(error.message);
	}
	double took = seconds() - start;
	item_list_done(&list);
	return EVENTS / took;
}

static void bench_events(struct store *store)
{
	double rates[ROUNDS];

	for (int round = 0; round < ROUNDS; round++)
		rates[round] = record_events(store, 1);
	double rate = median(rates);
	cleanup_free char *ours = join("%.0f", rate);
	(void)printf("events in groups of %d             %7.0f a second\n", GROUP, rate);
	tell_goal(7, "events a second in groups", ours, "", "", "", "150000", rate >= 150000);
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
	bench_events(store);
	free(plans[0]);
	free(plans[1]);
}
