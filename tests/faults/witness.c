/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness FOLDER FILES STATES: the least that can see what `ticker` does. On each event it reads the plan and notes which state it
 * saw. Prints "ready"; when its standard input ends it reads what is queued and prints a line "PLAN STATE" for each state that it saw,
 * then "torn N overflows N".
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define STEPS 40
#define TEXT_SIZE 8192

struct witness {
	const char *folder;
	int files, states, torn, overflows;
	bool *seen;
};

/* Goes on behind `words` and the number after them. -1, where they are not there. */
static long number_after(const char **at, const char *words)
{
	size_t length = strlen(words);
	char *end;

	if (strncmp(*at, words, length) != 0)
		return -1;
	long number = strtol(*at + length, &end, 10);
	if (end == *at + length)
		return -1;
	*at = end;
	return number;
}

/* The state whose text this is: its highest number, if all of it is there. -1: torn. */
static int state_of(const char *text)
{
	const char *at = strstr(text, "\n- [");
	long highest = 0;

	for (long step = 0; step < STEPS; step++) {
		if (!at || strnlen(at, 6) < 6)
			return -1;
		at += strlen("\n- [ ]");
		if (number_after(&at, " Step ") != step)
			return -1;
		long save = number_after(&at, ": as of save ");
		if (save < 0 || strncmp(at, ".\n", 2) != 0)
			return -1;
		at++;
		highest = save > highest ? save : highest;
	}
	return (int)highest;
}

static void look(struct witness *w, int plan)
{
	char path[PATH_MAX], text[TEXT_SIZE];

	(void)snprintf(path, sizeof(path), "%s/plan-%d.md", w->folder, plan);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		(void)close(fd);
	if (n < 0)
		return;
	text[n] = '\0';
	int state = n ? state_of(text) : -1;
	if (state < 0)
		w->torn++;
	else if (state <= w->states)
		w->seen[(size_t)plan * ((size_t)w->states + 1) + (size_t)state] = true;
}

/* Returns false when nothing was queued. */
static bool drain(struct witness *w, int fd)
{
	_Alignas(struct inotify_event) char events[65536];
	ssize_t n = read(fd, events, sizeof(events));

	for (const char *at = events; at < events + n;) {
		const struct inotify_event *event = (const void *)at;
		const char *name = event->len ? event->name : "";
		at += sizeof(*event) + event->len;
		if (event->mask & IN_Q_OVERFLOW)
			w->overflows++;
		long plan = number_after(&name, "plan-");
		if (plan >= 0 && plan < w->files)
			look(w, (int)plan);
	}
	return n > 0;
}

int main(int argc, char **argv)
{
	struct witness w = { 0 };
	struct pollfd waiting[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
				     { .events = POLLIN } };

	if (argc != 4) {
		(void)fputs("witness FOLDER FILES STATES\n", stderr);
		return 2;
	}
	w.folder = argv[1];
	w.files = (int)strtol(argv[2], NULL, 10);
	w.states = (int)strtol(argv[3], NULL, 10);
	w.seen = calloc((size_t)w.files, (size_t)w.states + 1);
	waiting[1].fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (!w.seen ||
	    inotify_add_watch(waiting[1].fd, w.folder, IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
		perror(w.folder);
		return 2;
	}
	(void)puts("ready");
	(void)fflush(stdout);
	while (!waiting[0].revents) {
		if (poll(waiting, 2, -1) < 0 && errno != EINTR)
			return 2;
		(void)drain(&w, waiting[1].fd);
	}
	while (drain(&w, waiting[1].fd))
		;
	for (int plan = 0; plan < w.files; plan++)
		for (int state = 1; state <= w.states; state++)
			if (w.seen[(size_t)plan * ((size_t)w.states + 1) + (size_t)state])
				(void)printf("%d %d\n", plan, state);
	(void)printf("torn %d overflows %d\n", w.torn, w.overflows);
	free(w.seen);
	return 0;
}
