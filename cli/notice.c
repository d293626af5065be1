/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notice.h"

#include "output.h"

#include "planwatch/episode.h"
#include "planwatch/text.h"

#include <stdio.h>
#include <string.h>

/* Of what a plan says; the helper cuts to what fits a window. */
#define PART_MAX 400
#define DIGEST_LINES 8

/* ---- What is due ---- */

struct reading {
	struct cli *cli;
	const struct step_list *shown;
	struct due_list *list;
	struct error *error;
};

int step_list_add(struct step_list *list, struct step step)
{
	struct step *grown = reallocarray(list->rows, list->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->rows = grown;
	grown[list->count++] = step;
	return 0;
}

void due_list_done(struct due_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->rows[i].summary);
		free(list->rows[i].body);
	}
	free(list->rows);
	step_list_done(&list->settled);
	*list = (struct due_list){ 0 };
}

static int describe(struct due *due, const struct episode_row *row, const struct plan_row *plan)
{
	const char *label = plan->stage_label, *text = plan->stage_text;
	int n;

	if (asprintf(&due->summary, "%.*s: %.*s", PART_MAX, plan_name(plan), PART_MAX,
		     due->over ? "resolved" : row->reason) < 0)
		due->summary = NULL;
	if (due->over)
		n = asprintf(&due->body, "it was %s: %.*s\n%s", row->verdict, PART_MAX, row->reason,
			     plan->path);
	else
		n = asprintf(&due->body, "%.*s%s%.*s\n%s%s", PART_MAX, label ? label : "",
			     label ? ": " : "", PART_MAX, text ? text : "", plan->path,
			     due->last ? "\nThis is the last reminder." : "");
	if (n < 0)
		due->body = NULL;
	return due->summary && due->body ? 0 : -ENOMEM;
}

static bool was_shown(const struct reading *reading, const struct episode_row *row)
{
	for (size_t i = 0; i < reading->shown->count; i++)
		if (reading->shown->rows[i].episode == row->id &&
		    reading->shown->rows[i].step >= row->step)
			return true;
	return false;
}

static enum urgency urgency_of(const struct due *due, const struct episode_row *row)
{
	if (due->over)
		return URGENCY_LOW;
	return verdict_parse(row->verdict) == VERDICT_OVER && !due->last ? URGENCY_CRITICAL
									 : URGENCY_NORMAL;
}

static int add_due(void *userdata, const struct episode_row *row)
{
	struct reading *reading = userdata;
	struct due_list *list = reading->list;
	cleanup(plan_row_done) struct plan_row plan = { 0 };
	struct due *grown, *due;
	int r;

	if (was_shown(reading, row))
		return 0;
	if (row->acknowledged_at != INSTANT_NONE || row->snoozed_until != INSTANT_NONE)
		return step_list_add(&list->settled, (struct step){ row->id, row->step });
	grown = reallocarray(list->rows, list->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->rows = grown;
	r = store_plan_get(reading->cli->store, row->plan, &plan, reading->error);
	if (r < 0)
		return r;
	due = &grown[list->count++];
	*due = (struct due){ .step = { row->id, row->step },
			     .over = row->resolved_at != INSTANT_NONE };
	due->last = !due->over && row->step >= EPISODE_LAST_STEP;
	due->urgency = urgency_of(due, row);
	(void)snprintf(due->verdict, sizeof(due->verdict), "%s", row->verdict);
	return describe(due, row, &plan);
}

int due_list_read(struct cli *cli, const struct step_list *shown, struct due_list *ret,
		  struct error *error)
{
	struct reading reading = { cli, shown, ret, error };
	int r;

	*ret = (struct due_list){ 0 };
	r = store_episodes(cli->store, EPISODES_TO_SHOW, 0, add_due, &reading, error);
	return r == -ENOMEM ? error_set(error, r, "out of memory") : r;
}

/* ---- In which words ---- */

static void add_button(struct json *list, const char *name, const char *label)
{
	struct json *pair = json_add_array(list, NULL);

	json_add_text(pair, NULL, name);
	json_add_text(pair, NULL, label);
}

static struct json *make_request(const struct notice *notice, enum urgency urgency,
				 const char *summary, const char *body, const char *kind,
				 bool digest, bool buttons)
{
	static const char *const urgencies[] = { "low", "normal", "critical" };
	struct json *json = json_object(), *actions;
	char category[40];

	(void)snprintf(category, sizeof(category), "x-planwatch.%s", kind);
	json_add_text(json, "key", notice->key);
	json_add_text(json, "summary", summary);
	json_add_text(json, "body", body);
	json_add_text(json, "urgency", urgencies[urgency]);
	json_add_text(json, "category", category);
	json_add_bool(json, "resident", urgency == URGENCY_CRITICAL);
	json_add_bool(json, "transient", notice->over);
	if (!buttons)
		return json;
	actions = json_add_array(json, "actions");
	/* A click on the notification itself; some servers make a button of it, too. */
	if (!digest)
		add_button(actions, "default", "Open");
	if (!notice->over) {
		add_button(actions, "ack", digest ? "Acknowledge all" : "Acknowledge");
		add_button(actions, "snooze", digest ? "Snooze all 1 h" : "Snooze 1 h");
	}
	return json;
}

static int make_single(const struct due *due, bool buttons, struct notice *ret)
{
	*ret = (struct notice){ .urgency = due->urgency, .over = due->over };
	if (asprintf(&ret->key, "%jd", (intmax_t)due->step.episode) < 0) {
		ret->key = NULL;
		return -ENOMEM;
	}
	ret->request = make_request(ret, due->urgency, due->summary, due->body,
				    due->over ? "resolved" : due->verdict, false, buttons);
	return step_list_add(&ret->steps, due->step);
}

static char *digest_body(const struct due_list *list, enum urgency urgency, size_t count)
{
	char *body = NULL;
	size_t size, told = 0;
	FILE *lines = open_memstream(&body, &size);

	if (!lines)
		return NULL;
	for (size_t i = 0; i < list->count; i++)
		if (list->rows[i].urgency == urgency && told++ < DIGEST_LINES)
			(void)fprintf(lines, "%s\n", list->rows[i].summary);
	if (told > DIGEST_LINES)
		(void)fprintf(lines, "and %zu more: planctl alerts\n", count - DIGEST_LINES);
	return text_stream_end(lines, &body);
}

/* All of an urgency as one. Each digest is one for itself: one that is on the screen still tells of others. */
static int make_digest(const struct due_list *list, enum urgency urgency, size_t count,
		       bool buttons, struct notice *ret)
{
	static const char *const facts[] = { "alerts are resolved", "plans need a look",
					     "plans are over their limit" };
	cleanup_free char *body = digest_body(list, urgency, count);
	char summary[64];

	*ret = (struct notice){ .urgency = urgency, .over = urgency == URGENCY_LOW };
	if (!body)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		if (list->rows[i].urgency == urgency &&
		    step_list_add(&ret->steps, list->rows[i].step) < 0)
			return -ENOMEM;
	if (asprintf(&ret->key, "digest-%jd.%jd", (intmax_t)ret->steps.rows[0].episode,
		     (intmax_t)ret->steps.rows[0].step) < 0) {
		ret->key = NULL;
		return -ENOMEM;
	}
	(void)snprintf(summary, sizeof(summary), "%zu %s", count, facts[urgency]);
	ret->request = make_request(ret, urgency, summary, body, "digest", true, buttons);
	return 0;
}

void notice_done(struct notice *notice)
{
	free(notice->key);
	step_list_done(&notice->steps);
	json_free(notice->request);
	*notice = (struct notice){ 0 };
}

/* ---- Which together ---- */

static size_t count_of(const struct due_list *list, enum urgency urgency, const struct due **first)
{
	size_t count = 0;

	for (size_t i = list->count; i-- > 0;)
		if (list->rows[i].urgency == urgency) {
			*first = &list->rows[i];
			count++;
		}
	return count;
}

/* How long the ones of this urgency have to wait; INSTANT_NONE: they do not. */
static usec_t held_until(struct burst *burst, usec_t now)
{
	usec_t end = burst->began + NOTICE_GATHER;

	if (burst->shown >= NOTICE_SINGLES && now < end) {
		burst->gathers = true;
		return end;
	}
	if (now >= end)
		burst->shown = 0;
	return INSTANT_NONE;
}

int notice_next(const struct due_list *list, struct burst bursts[static URGENCIES],
		bool catching_up, bool buttons, usec_t now, struct notice *ret, usec_t *next)
{
	*next = INSTANT_NONE;
	for (int urgency = URGENCY_CRITICAL; urgency >= URGENCY_LOW; urgency--) {
		struct burst *burst = &bursts[urgency];
		const struct due *first = NULL;
		size_t count = count_of(list, (enum urgency)urgency, &first);
		usec_t held = count > 0 ? held_until(burst, now) : INSTANT_NONE;
		int r;

		if (held != INSTANT_NONE && (*next == INSTANT_NONE || held < *next))
			*next = held;
		if (count == 0 || held != INSTANT_NONE)
			continue;
		if (count > 1 &&
		    (catching_up || burst->gathers || count + burst->shown > NOTICE_SINGLES))
			r = make_digest(list, (enum urgency)urgency, count, buttons, ret);
		else
			r = make_single(first, buttons, ret);
		if (r < 0)
			notice_done(ret);
		return r < 0 ? r : 1;
	}
	return 0;
}

void notice_count(const struct notice *notice, struct burst bursts[static URGENCIES], usec_t now)
{
	struct burst *burst = &bursts[notice->urgency];

	if (burst->shown == 0)
		burst->began = now;
	burst->shown = notice->steps.count > 1 ? NOTICE_SINGLES : burst->shown + 1;
	burst->gathers = false;
}
