/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/assess.h"

#include "planwatch/cleanup.h"

#include <string.h>

int assessor_init(struct assessor *assessor, struct store *store, const struct config *config,
		  struct error *error)
{
	*assessor = (struct assessor){ .store = store, .config = config };
	return store_lapses(store, INSTANT_NONE, &assessor->lapses, error);
}

void assessor_done(struct assessor *assessor)
{
	span_list_done(&assessor->lapses);
	free(assessor->repo);
	*assessor = (struct assessor){ 0 };
}

static void note_commit(struct assessor *assessor, struct plan_row *row)
{
	if (!row->repo)
		return;
	/* Rows come in the order of their paths: most are of the working tree of the one before. */
	if (!assessor->repo || strcmp(assessor->repo, row->repo) != 0) {
		free(assessor->repo);
		assessor->repo = strdup(row->repo);
		git_log_read(row->repo, &assessor->log);
	}
	if (assessor->log.committed_at > row->state.last_commit_at)
		row->state.last_commit_at = assessor->log.committed_at;
}

static usec_t earliest_clock(const struct plan_state *state)
{
	usec_t a = state->started_at, b = state->stage_since;

	return a == INSTANT_NONE || (b != INSTANT_NONE && b < a) ? b : a;
}

int assess(struct assessor *assessor, struct plan_row *row, usec_t now, struct verdict *ret,
	   struct worktime *ret_time, struct error *error)
{
	const struct config *config = assessor->config;
	struct limits limits = config_limits(config, row->path);
	struct span_list waits = { 0 };
	usec_t since = earliest_clock(&row->state);

	note_commit(assessor, row);
	/* Few plans have waited while they were under way. */
	if (row->state.waited_until != INSTANT_NONE && row->state.waited_until > since) {
		int r = store_waits(assessor->store, row->id, since, &waits, error);
		if (r < 0)
			return r;
	}
	struct worktime time = {
		assessor->lapses.spans, assessor->lapses.count, waits.spans, waits.count,
		config->quiet,		config->quiet_count
	};
	judge(&row->state, &limits, &time, now, ret);
	if (ret_time)
		*ret_time = time;
	else
		span_list_done(&waits);
	return 0;
}
