/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pending.h"

#include "planwatch/cleanup.h"

#include <errno.h>
#include <search.h>
#include <stddef.h>
#include <string.h>

#define MSEC (USEC_PER_SEC / 1000)
/* A loss is believed when it has stood so long; editors and git put the file back within milliseconds. */
#define SETTLE_LOSS (500 * MSEC)
#define SETTLE_GONE USEC_PER_SEC
/* A writer that keeps the file open is read when it has paused so long, and at the latest after SETTLE_TOUCHED_MAX. */
#define SETTLE_TOUCHED (200 * MSEC)
#define SETTLE_TOUCHED_MAX (2 * USEC_PER_SEC)
/* A file that is destroyed and made whole again and again is believed after so long, and so many looks: a disk may stall in between. */
#define SETTLE_LOSS_MAX (10 * USEC_PER_SEC)
#define SETTLE_LOOKS 10
#define SETTLE_READABLE (2 * USEC_PER_SEC)
#define SETTLE_READABLE_MAX USEC_PER_HOUR
/* How often git is asked whether it is done, and how long it may take. */
#define SETTLE_GIT (20 * MSEC)
#define SETTLE_GIT_MAX (30 * USEC_PER_SEC)

/* ---- The set ---- */

static int compare_paths(const void *a, const void *b)
{
	return strcmp(a, b);
}

void pending_init(struct pending_set *set)
{
	*set = (struct pending_set){ 0 };
	TAILQ_INIT(&set->list);
}

void pending_drop(struct pending_set *set, struct pending *p)
{
	(void)tdelete(p->path, &set->paths, compare_paths);
	TAILQ_REMOVE(&set->list, p, entry);
	pending_release(p);
	free(p);
}

void pending_drop_all(struct pending_set *set)
{
	while (!TAILQ_EMPTY(&set->list))
		pending_drop(set, TAILQ_FIRST(&set->list));
}

struct pending *pending_find(const struct pending_set *set, const char *path)
{
	char **found = tfind(path, &set->paths, compare_paths);

	return found ? (struct pending *)(void *)(*found - offsetof(struct pending, path)) : NULL;
}

static struct pending *add(struct pending_set *set, const char *path, usec_t now, usec_t looked)
{
	size_t size = strlen(path) + 1;
	struct pending *p = calloc(1, sizeof(*p) + size);

	if (!p)
		return NULL;
	memcpy(p->path, path, size);
	if (!tsearch(p->path, &set->paths, compare_paths)) {
		free(p);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&set->list, p, entry);
	p->since = now;
	p->not_before = looked;
	p->number = ++set->number;
	return p;
}

int pending_hear(struct pending_set *set, const char *path, enum watch_change change, usec_t now,
		 usec_t looked)
{
	struct pending *p = pending_find(set, path);

	if (!p)
		p = add(set, path, now, looked);
	if (!p)
		return -ENOMEM;
	p->heard++;
	p->open = change == WATCH_MADE || change == WATCH_TOUCHED;
	if (change != WATCH_TOUCHED)
		p->due = 0;
	else if (p->reason == WAIT_NOTHING && p->due == 0)
		pending_wait(p, WAIT_TOUCHED, now);
	return 0;
}

void pending_begin_again(struct pending_set *set, struct pending *p, usec_t now, usec_t looked)
{
	pending_release(p);
	p->reason = WAIT_NOTHING;
	p->since = now;
	p->due = p->git_since = 0;
	p->seen = false;
	p->not_before = looked;
	p->number = ++set->number;
}

/* ---- Settling ---- */

void pending_wait_anew(struct pending *p, usec_t now)
{
	p->since = now;
	p->looks = 0;
}

void pending_wait(struct pending *p, enum wait_reason reason, usec_t now)
{
	usec_t length = reason == WAIT_TOUCHED ? SETTLE_TOUCHED
			: reason == WAIT_LOSS  ? SETTLE_LOSS
					       : SETTLE_GONE;
	usec_t most = reason == WAIT_TOUCHED ? SETTLE_TOUCHED_MAX : SETTLE_LOSS_MAX;

	if (p->reason != reason)
		pending_wait_anew(p, now);
	p->reason = reason;
	p->looks++;
	p->due = now + length < p->since + most ? now + length : p->since + most;
}

void pending_wait_readable(struct pending *p, usec_t now)
{
	if (p->reason != WAIT_READABLE)
		p->since = now;
	p->reason = WAIT_READABLE;
	usec_t length = now - p->since;
	if (length < SETTLE_READABLE)
		length = SETTLE_READABLE;
	p->due = now + (length < SETTLE_READABLE_MAX ? length : SETTLE_READABLE_MAX);
}

bool pending_wait_for_git(struct pending *p, usec_t now)
{
	if (p->git_since == 0)
		p->git_since = now;
	if (now > p->git_since + SETTLE_GIT_MAX)
		return false;
	p->due = now + SETTLE_GIT;
	return true;
}

void pending_hold(struct pending_set *set, struct pending *p, char **bytes, size_t length,
		  usec_t at)
{
	if (pending_holds(p, *bytes, length))
		return;
	/* Whoever waits for what was there before needs not wait for what has replaced it. */
	if (p->reason == WAIT_LOSS || p->reason == WAIT_GONE)
		p->number = ++set->number;
	pending_release(p);
	p->held = take(*bytes);
	p->held_length = length;
	p->seen_at = at;
}

void pending_release(struct pending *p)
{
	free(take(p->held));
	p->held_length = 0;
}

bool pending_holds(const struct pending *p, const char *bytes, size_t length)
{
	return p->reason == WAIT_LOSS && p->held && p->held_length == length &&
	       memcmp(p->held, bytes, length) == 0;
}

bool pending_is_due(const struct pending *p, usec_t now)
{
	return p->due <= now;
}

bool pending_waits_too_long(const struct pending *p, usec_t now)
{
	return p->looks >= SETTLE_LOOKS && now >= p->since + SETTLE_LOSS_MAX;
}

/* ---- All of them ---- */

usec_t pending_next_due(const struct pending_set *set)
{
	usec_t due = INT64_MAX;
	const struct pending *p;

	TAILQ_FOREACH(p, &set->list, entry)
	if (p->due < due)
		due = p->due;
	return due;
}

usec_t pending_recorded_until(const struct pending_set *set, usec_t looked)
{
	const struct pending *p;

	TAILQ_FOREACH(p, &set->list, entry)
	if (p->reason != WAIT_READABLE && p->not_before < looked)
		looked = p->not_before;
	return looked;
}
