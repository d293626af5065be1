/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A door in front of the kernel's clocks, for LD_PRELOAD: a machine that sleeps, a clock that is set, and hours that pass, without any of
 * that. The file CLOCK_DOOR holds three 64-bit numbers, in microseconds: how long the machine has slept, by how much its clock was set,
 * and how much time has passed that nobody waited for; the last is seen by a loop when it wakes up. A byte written to the FIFO
 * CLOCK_DOOR.set cancels the timers that wait for the clock to be set, as the kernel does after the first two (timerfd_create(2),
 * TFD_TIMER_CANCEL_ON_SET).
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct door {
	int64_t slept, set, passed;
};

static const volatile struct door *door(void)
{
	static const struct door *mapped;
	const char *path = getenv("CLOCK_DOOR");

	if (mapped || !path)
		return mapped;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *memory =
	    fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*mapped), PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		abort();
	(void)close(fd);
	return mapped = memory;
}

static void add(struct timespec *time, int64_t microseconds)
{
	int64_t sum = (int64_t)time->tv_sec * 1000000000 + time->tv_nsec + microseconds * 1000;

	*time = (struct timespec){ .tv_sec = sum / 1000000000, .tv_nsec = sum % 1000000000 };
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *ret)
{
	static int (*real)(clockid_t, struct timespec *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	int r = real(clock, ret);
	if (r < 0 || !door())
		return r;
	if (clock == CLOCK_REALTIME)
		add(ret, door()->passed + door()->slept + door()->set);
	else if (clock == CLOCK_BOOTTIME)
		add(ret, door()->passed + door()->slept);
	else if (clock == CLOCK_MONOTONIC)
		add(ret, door()->passed);
	return r;
}

static int waits_for_set = -1;

__attribute__((visibility("default"))) int timerfd_settime(int fd, int flags,
							   const struct itimerspec *new_value,
							   struct itimerspec *old_value)
{
	static int (*real)(int, int, const struct itimerspec *, struct itimerspec *);
	char fifo[4096];

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "timerfd_settime");
	if (!door() || !(flags & TFD_TIMER_CANCEL_ON_SET))
		return real(fd, flags, new_value, old_value);
	if (waits_for_set != fd) {
		(void)snprintf(fifo, sizeof(fifo), "%s.set", getenv("CLOCK_DOOR"));
		int other = open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (other < 0 || dup3(other, fd, O_CLOEXEC) < 0)
			abort();
		(void)close(other);
		waits_for_set = fd;
	}
	return 0;
}

__attribute__((visibility("default"))) ssize_t read(int fd, void *buffer, size_t size)
{
	static ssize_t (*real)(int, void *, size_t);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "read");
	ssize_t n = real(fd, buffer, size);
	if (n <= 0 || fd != waits_for_set)
		return n;
	errno = ECANCELED;
	return -1;
}
