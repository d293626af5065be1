/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stages of a recorded plan: when each began and ended, and the time that it used. */
#ifndef PLANCTL_STAGES_H
#define PLANCTL_STAGES_H

#include "planwatch/convert.h"
#include "planwatch/store.h"

struct stage_time {
	struct stage stage;
	size_t done, total;	     /* items; what is dropped does not count */
	usec_t started_at, ended_at; /* witnessed; INSTANT_NONE: not, or before anybody looked */
	int64_t used_seconds;	     /* -1: unknown */
};

struct stage_list {
	struct stage_time *stages;
	size_t count;
};

/* `time` is what does not count. The caller ends *ret with free(ret->stages). -ENOMEM. */
int stages_find(const struct plan_row *row, const struct item_list *items,
		const struct worktime *time, usec_t now, struct stage_list *ret);

#endif
