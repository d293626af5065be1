/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clocks.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct clocks {
	int fd;
	sd_event_source *source;
	void (*jumped)(void *userdata, enum clock_jump jump, usec_t from, usec_t until);
	void *userdata;
	/* What stays the same while nothing jumps. */
	usec_t suspended; /* CLOCK_BOOTTIME - CLOCK_MONOTONIC */
	usec_t boot;	  /* CLOCK_REALTIME - CLOCK_BOOTTIME */
};

static usec_t read_clock(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (usec_t)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

usec_t clocks_boot(void)
{
	return read_clock(CLOCK_REALTIME) - read_clock(CLOCK_BOOTTIME);
}

static usec_t suspended(void)
{
	return read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC);
}

static int arm(struct clocks *clocks)
{
	static const struct itimerspec never = { .it_value.tv_sec = (time_t)1 << 33 };
	int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;

	return timerfd_settime(clocks->fd, flags, &never, NULL) < 0 ? -errno : 0;
}

/* Two clocks cannot be read at once: to the second. */
static usec_t rounded(usec_t length)
{
	usec_t half = length < 0 ? -USEC_PER_SEC / 2 : USEC_PER_SEC / 2;

	return (length + half) / USEC_PER_SEC * USEC_PER_SEC;
}

static void compare(struct clocks *clocks)
{
	usec_t slept = rounded(suspended() - clocks->suspended);
	usec_t set = rounded(clocks_boot() - clocks->boot);
	usec_t now = read_clock(CLOCK_REALTIME);

	clocks->suspended += slept;
	clocks->boot += set;
	if (slept > 0)
		clocks->jumped(clocks->userdata, CLOCK_SUSPENDED, now - slept, now);
	if (set != 0)
		clocks->jumped(clocks->userdata, CLOCK_SET, now - set, now);
}

static int on_cancelled(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct clocks *clocks = userdata;
	uint64_t expirations;

	(void)source;
	(void)events;
	if (read(fd, &expirations, sizeof(expirations)) < 0 && errno != ECANCELED)
		return errno == EAGAIN ? 0 : -errno;
	(void)arm(clocks);
	compare(clocks);
	return 0;
}

int clocks_new(struct clocks **ret, sd_event *event,
	       void (*jumped)(void *userdata, enum clock_jump jump, usec_t from, usec_t until),
	       void *userdata)
{
	struct clocks *clocks = calloc(1, sizeof(*clocks));
	int r;

	if (!clocks)
		return -ENOMEM;
	*clocks = (struct clocks){
		.fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC),
		.jumped = jumped,
		.userdata = userdata,
		.suspended = suspended(),
		.boot = clocks_boot(),
	};
	r = clocks->fd < 0 ? -errno : arm(clocks);
	if (r == 0)
		r = sd_event_add_io(event, &clocks->source, clocks->fd, EPOLLIN, on_cancelled,
				    clocks);
	if (r >= 0)
		r = sd_event_source_set_priority(clocks->source, SD_EVENT_PRIORITY_IMPORTANT);
	if (r < 0) {
		clocks_free(clocks);
		return r;
	}
	*ret = clocks;
	return 0;
}

void clocks_free(struct clocks *clocks)
{
	if (!clocks)
		return;
	(void)sd_event_source_unref(clocks->source);
	if (clocks->fd >= 0)
		(void)close(clocks->fd);
	free(clocks);
}
