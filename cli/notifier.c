/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notifier.h"

#include "episodes.h"
#include "output.h"
#include "respond.h"

#include "planwatch/text.h"

#include <string.h>

#define HOOK_TIMEOUT (30 * USEC_PER_SEC)
#define BACKOFF_MAX (300 * USEC_PER_SEC)

usec_t backoff(unsigned failures)
{
	usec_t pause = USEC_PER_SEC;

	while (failures-- > 1 && pause < BACKOFF_MAX)
		pause *= 2;
	return pause < BACKOFF_MAX ? pause : BACKOFF_MAX;
}

void notifier_tell(struct notifier *n, const struct error *error)
{
	cleanup_free char *message = text_printable(error->message);

	if (message && (!n->problem.code || strcmp(n->problem.message, error->message) != 0))
		(void)fprintf(stderr, "planctl: %s\n", message);
	n->problem = *error;
}

static void wake(struct notifier *n, usec_t at)
{
	if (n->wake_at == INSTANT_NONE || at < n->wake_at)
		n->wake_at = at;
}

static struct notice *find_live(struct notifier *n, const char *key)
{
	for (size_t i = 0; key && i < n->live_count; i++)
		if (strcmp(n->live[i].key, key) == 0)
			return &n->live[i];
	return NULL;
}

static void drop_live(struct notifier *n, struct notice *live)
{
	if (!live)
		return;
	notice_done(live);
	*live = n->live[--n->live_count];
}

/* Nobody hears the buttons of what is on the screen any more. */
static void forget_live(struct notifier *n)
{
	while (n->live_count > 0)
		drop_live(n, n->live);
}

static void fail(struct notifier *n, const struct error *error, usec_t now)
{
	notifier_tell(n, error);
	if (n->desktop.pid == 0)
		forget_live(n);
	notice_done(&n->asked);
	n->retry_at = now + backoff(++n->failures);
	n->catching_up = true;
}

/* ---- What was shown ---- */

static void record(struct notifier *n, usec_t now)
{
	struct error error = { 0 };
	size_t done = 0;

	while (done < n->unrecorded.count &&
	       episode_say(n->cli, SAY_SHOWN, n->unrecorded.rows[done].episode,
			   n->unrecorded.rows[done].step, &error) == 0)
		done++;
	n->unrecorded.count -= done;
	memmove(n->unrecorded.rows, n->unrecorded.rows + done,
		n->unrecorded.count * sizeof(*n->unrecorded.rows));
	if (n->unrecorded.count == 0) {
		n->record_failures = 0;
		return;
	}
	notifier_tell(n, &error);
	n->record_at = now + backoff(++n->record_failures);
}

static void remember(struct notifier *n, const struct step_list *steps, usec_t now)
{
	for (size_t i = 0; i < steps->count; i++)
		if (step_list_add(&n->unrecorded, steps->rows[i]) < 0)
			notifier_tell(n, &(struct error){ -ENOMEM, "out of memory" });
	if (n->unrecorded.count > 0 && now >= n->record_at)
		record(n, now);
}

static void add_live(struct notifier *n, struct notice *notice)
{
	struct notice *grown;

	drop_live(n, find_live(n, notice->key));
	grown = reallocarray(n->live, n->live_count + 1, sizeof(*grown));
	if (!grown)
		return;
	n->live = grown;
	grown[n->live_count++] = *notice;
	*notice = (struct notice){ 0 };
}

static void succeed(struct notifier *n, usec_t now)
{
	n->failures = 0;
	n->problem = (struct error){ 0 };
	n->shown += n->asked.steps.count;
	if (!n->hook)
		notice_count(&n->asked, n->bursts, now);
	remember(n, &n->asked.steps, now);
	if (!n->hook && n->stays)
		add_live(n, &n->asked);
	notice_done(&n->asked);
}

/* ---- What comes back ---- */

static void handle_line(struct notifier *n, const struct json *line, usec_t now)
{
	const char *shown = json_get_text(line, "shown"), *failed = json_get_text(line, "failed"),
		   *action = json_get_text(line, "action"),
		   *message = json_get_text(line, "message");
	const struct notice *live = find_live(n, json_get_text(line, "key"));
	struct error error = { 0 };

	if (shown && n->asked.key && strcmp(shown, n->asked.key) == 0) {
		succeed(n, now);
	} else if (failed && n->asked.key && strcmp(failed, n->asked.key) == 0) {
		(void)error_set(&error, -EREMOTEIO, "the desktop did not take the notification: %s",
				message ? message : "no reason given");
		fail(n, &error, now);
	} else if (action && live) {
		if (respond(n->cli, &live->steps, action, json_get_text(line, "token"), &n->opened,
			    &error) < 0)
			notifier_tell(n, &error);
	} else {
		drop_live(n, find_live(n, json_get_text(line, "closed")));
	}
}

void notifier_hear_desktop(struct notifier *n, usec_t now)
{
	struct error error = { 0 };
	int r;

	for (;;) {
		cleanup_json struct json *line = NULL;
		r = desktop_read(&n->desktop, &line, &error);
		if (r <= 0)
			break;
		handle_line(n, line, now);
	}
	if (r == 0)
		return;
	forget_live(n);
	/* With the bus, at the end of a session; it is started anew when there is something to show. */
	if (n->asked.key)
		fail(n, &error, now);
}

void notifier_hear_hook(struct notifier *n, usec_t now)
{
	struct error error = { 0 };

	if (hook_result(&n->run, n->hook[0], &error) < 0)
		fail(n, &error, now);
	else
		succeed(n, now);
}

static void check_deadline(struct notifier *n, usec_t now)
{
	struct error error = { 0 };

	if (!n->asked.key || now < n->deadline)
		return;
	(void)error_set(&error, -ETIMEDOUT, "%s did not %s within %jd s",
			n->hook ? n->hook[0] : "planwatch-notify", n->hook ? "end" : "answer",
			(intmax_t)((n->hook ? HOOK_TIMEOUT : DESKTOP_TIMEOUT) / USEC_PER_SEC));
	hook_kill(&n->run);
	desktop_end(&n->desktop);
	fail(n, &error, now);
}

/* ---- What is asked ---- */

static bool is_settled(struct notifier *n, const struct notice *live)
{
	struct error error = { 0 };

	for (size_t i = 0; i < live->steps.count; i++) {
		cleanup(episode_row_done) struct episode_row row = { 0 };
		if (store_episode_get(n->cli->store, live->steps.rows[i].episode, &row, &error) < 0)
			return false;
		bool told = row.shown_step >= row.step;
		if (row.acknowledged_at == INSTANT_NONE && row.snoozed_until == INSTANT_NONE &&
		    (row.resolved_at == INSTANT_NONE || !told))
			return false;
	}
	return true;
}

/* What a person has dealt with elsewhere, and what is resolved, leaves the screen; that it is resolved leaves by itself. */
static void close_settled(struct notifier *n)
{
	struct error error = { 0 };

	for (size_t i = n->live_count; i-- > 0;) {
		struct notice *live = &n->live[i];
		if (live->over || !is_settled(n, live))
			continue;
		cleanup_json struct json *request = json_object();
		json_add_text(request, "close", live->key);
		if (desktop_send(&n->desktop, request, &error) < 0) {
			notifier_tell(n, &error);
			forget_live(n);
			return;
		}
		drop_live(n, live);
	}
}

/* What `planctl alerts --json` tells of it. */
static int alert_of(struct notifier *n, int64_t episode, struct json **ret, struct error *error)
{
	cleanup(episode_row_done) struct episode_row row = { 0 };
	cleanup(plan_row_done) struct plan_row plan = { 0 };
	int r = store_episode_get(n->cli->store, episode, &row, error);

	if (r == 0)
		r = store_plan_get(n->cli->store, row.plan, &plan, error);
	if (r < 0)
		return r;
	*ret = json_of_episode(&row);
	json_add(*ret, "plan", json_of_plan_reference(&plan));
	return 0;
}

static int ask_hook(struct notifier *n, const struct due *due, struct error *error)
{
	cleanup_json struct json *alert = NULL;
	int r = alert_of(n, due->step.episode, &alert, error);

	if (r == 0 &&
	    (!(n->asked.key = strdup("hook")) || step_list_add(&n->asked.steps, due->step) < 0))
		r = error_set(error, -ENOMEM, "out of memory");
	return r < 0 ? r : hook_start(&n->run, n->hook, alert, error);
}

/* The next of what is due, if it may be shown now. */
static int ask(struct notifier *n, const struct due_list *due, usec_t now, struct error *error)
{
	usec_t next;
	int r;

	if (due->count == 0)
		return 0;
	if (n->hook) {
		n->deadline = now + HOOK_TIMEOUT;
		return ask_hook(n, due->rows, error);
	}
	r = notice_next(due, n->bursts, n->catching_up, n->stays, now, &n->asked, &next);
	if (next != INSTANT_NONE)
		wake(n, next);
	if (r <= 0)
		return r < 0 ? error_set(error, r, "out of memory") : 0;
	n->deadline = now + DESKTOP_TIMEOUT;
	return desktop_send(&n->desktop, n->asked.request, error);
}

static bool is_quiet(struct notifier *n)
{
	const struct config *config = &n->cli->config;
	usec_t until = quiet_until(config->quiet, config->quiet_count, n->cli->now);

	if (until <= n->cli->now)
		return false;
	n->quiet_until = until;
	n->catching_up = true;
	return true;
}

/* Looks for what is due, and asks for the next of it. */
static void look(struct notifier *n, usec_t now)
{
	cleanup(due_list_done) struct due_list due = { 0 };
	struct error error = { 0 };
	int r = due_list_read(n->cli, &n->unrecorded, &due, &error);

	if (r == 0) {
		remember(n, &due.settled, now);
		r = ask(n, &due, now, &error);
	}
	if (r < 0)
		fail(n, &error, now);
	else if (due.count == 0)
		n->catching_up = false;
	n->idle = r == 0 && due.count == 0;
}

void notifier_step(struct notifier *n, usec_t now)
{
	n->wake_at = n->quiet_until = INSTANT_NONE;
	n->idle = false;
	program_collect(&n->opened);
	check_deadline(n, now);
	if (n->unrecorded.count > 0 && now >= n->record_at)
		record(n, now);
	if (!n->asked.key && !n->ends) {
		close_settled(n);
		if (is_quiet(n))
			n->idle = true;
		else if (now >= n->retry_at)
			look(n, now);
	}
	if (n->asked.key)
		wake(n, n->deadline);
	else if (now < n->retry_at)
		wake(n, n->retry_at);
	if (n->unrecorded.count > 0) {
		wake(n, n->record_at);
		n->idle = false;
	}
}

/* ---- Life ---- */

void notifier_init(struct notifier *n, struct cli *cli, char *const *hook)
{
	*n = (struct notifier){ .cli = cli,
				.hook = hook,
				.wake_at = INSTANT_NONE,
				.quiet_until = INSTANT_NONE,
				.desktop = DESKTOP_NONE,
				.run = { .end = -1 } };
}

void notifier_done(struct notifier *n)
{
	hook_kill(&n->run);
	desktop_end(&n->desktop);
	forget_live(n);
	free(n->live);
	notice_done(&n->asked);
	step_list_done(&n->unrecorded);
	opened_done(&n->opened);
}
