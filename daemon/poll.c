/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "poll.h"

#include "planwatch/instant.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define INTERVAL_MIN (2 * USEC_PER_SEC)
#define INTERVAL_MAX (60 * USEC_PER_SEC)
/* A look takes at most this part of the time: a large tree on a slow server is looked at the more seldom. */
#define LOOK_PART 20

struct poll {
	sd_event *event;
	sd_event_source *timer;
	bool (*look)(void *userdata);
	void *userdata;
	usec_t interval;
	bool enabled;
};

static usec_t monotonic(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (usec_t)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

static void arm(struct poll *poll)
{
	(void)sd_event_source_set_time(poll->timer, (uint64_t)(monotonic() + poll->interval));
	(void)sd_event_source_set_enabled(poll->timer,
					  poll->enabled ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct poll *poll = userdata;
	usec_t start = monotonic();
	bool changed = poll->look(poll->userdata);
	usec_t least = (monotonic() - start) * LOOK_PART;

	(void)source;
	(void)usec;
	poll->interval = changed ? INTERVAL_MIN : poll->interval * 2;
	if (poll->interval > INTERVAL_MAX)
		poll->interval = INTERVAL_MAX;
	if (poll->interval < least)
		poll->interval = least;
	arm(poll);
	return 0;
}

void poll_enable(struct poll *poll, bool enabled)
{
	if (poll->enabled == enabled)
		return;
	poll->enabled = enabled;
	poll->interval = INTERVAL_MIN;
	arm(poll);
}

int poll_new(struct poll **ret, sd_event *event, bool (*look)(void *userdata), void *userdata)
{
	struct poll *poll = calloc(1, sizeof(*poll));
	int r;

	if (!poll)
		return -ENOMEM;
	*poll = (struct poll){ .event = event, .look = look, .userdata = userdata };
	r = sd_event_add_time(event, &poll->timer, CLOCK_MONOTONIC, 0, USEC_PER_SEC / 2, on_timer,
			      poll);
	if (r < 0) {
		poll_free(poll);
		return r;
	}
	(void)sd_event_source_set_enabled(poll->timer, SD_EVENT_OFF);
	*ret = poll;
	return 0;
}

void poll_free(struct poll *poll)
{
	if (!poll)
		return;
	(void)sd_event_source_unref(poll->timer);
	free(poll);
}
