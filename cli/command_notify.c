/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl notify: shows alerts as they come (--follow), those that are waiting (--once), or one to try it out (--test). */
#include "notifier.h"
#include "output.h"
#include "subscription.h"

#include "planwatch/command.h"
#include "planwatch/ipc.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

/* How long --test waits for somebody to press a button. */
#define TEST_SECONDS 15
/* How long one that is told to end waits for what it has asked: a step that is shown and not recorded would be shown again. */
#define END_AFTER (5 * USEC_PER_SEC)

struct notifying {
	struct cli *cli;
	struct notifier notifier;
	struct subscription subscription;
	unsigned failures;	  /* to reach the daemon, in a row */
	usec_t connect_at;	  /* INSTANT_NONE: it is reached, or not to be */
	int lock, timer, signals; /* -1 */
	int signal;		  /* that tells it to end; 0 */
	usec_t end_at;
	struct error error;
};

static usec_t monotonic_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

/* ---- The record and the daemon ---- */

/* Two notifiers would show a step twice: each looks before the other has recorded it. */
static int take_lock(struct notifying *n)
{
	cleanup_free char *path = NULL;

	if (asprintf(&path, "%s.notify.lock", n->cli->db_path) < 0) {
		path = NULL;
		return error_set(&n->error, -ENOMEM, "out of memory");
	}
	n->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (n->lock < 0)
		return error_set(&n->error, -errno, "%s: %s", path, strerror(errno));
	if (flock(n->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return error_set(&n->error, -errno, "%s: cannot lock: %s", path, strerror(errno));
	return error_set(&n->error, -EALREADY,
			 "another `planctl notify` shows the alerts of this record (it holds %s)",
			 path);
}

/* Makes what is missing: the connection, the database, the lock. False where the last cannot be had. */
static bool connect_all(struct notifying *n, usec_t now)
{
	struct cli *cli = n->cli;
	struct error no_daemon = { 0 };

	n->connect_at = INSTANT_NONE;
	if (subscription_try(cli, &n->subscription, &no_daemon) < 0) {
		subscription_close(&n->subscription);
		n->subscription = (struct subscription){ .fd = -1 };
		notifier_tell(&n->notifier, &no_daemon);
		n->connect_at = now + backoff(++n->failures);
	} else {
		n->failures = 0;
	}
	if (cli->store)
		return true;
	if (store_open(&cli->store, cli->db_path, STORE_READ, &n->error) < 0) {
		notifier_tell(&n->notifier, &n->error);
		if (n->connect_at == INSTANT_NONE)
			n->connect_at = now + backoff(++n->failures);
		return true;
	}
	return take_lock(n) == 0;
}

static void hear_daemon(struct notifying *n, usec_t now)
{
	if (subscription_wait(&n->subscription, 0, &n->error) >= 0)
		return;
	notifier_tell(&n->notifier, &n->error);
	subscription_close(&n->subscription);
	n->subscription = (struct subscription){ .fd = -1 };
	n->connect_at = now + backoff(++n->failures);
}

/* ---- Waiting ---- */

/* Quiet hours end by the wall clock, also where the machine slept or its clock was set (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET). */
static void set_timer(struct notifying *n)
{
	usec_t at = n->notifier.quiet_until;
	struct itimerspec spec = { 0 };

	if (at != INSTANT_NONE)
		spec.it_value = (struct timespec){ at / USEC_PER_SEC, at % USEC_PER_SEC * 1000 };
	(void)timerfd_settime(n->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, NULL);
}

static void hear_signal(struct notifying *n, usec_t now)
{
	struct signalfd_siginfo info;

	if (read(n->signals, &info, sizeof(info)) != sizeof(info) || n->signal)
		return;
	n->signal = (int)info.ssi_signo;
	n->end_at = now + END_AFTER;
	n->notifier.ends = true;
}

static int milliseconds(usec_t until, usec_t now)
{
	usec_t left;

	if (until == INSTANT_NONE)
		return -1;
	left = until - now;
	return left <= 0 ? 0 : left > USEC_PER_DAY ? 86400000 : (int)((left + 999) / 1000);
}

static usec_t earlier(usec_t a, usec_t b)
{
	return a == INSTANT_NONE || (b != INSTANT_NONE && b < a) ? b : a;
}

/* Until something happens, or is due; then it is heard. */
static void wait_for_something(struct notifying *n)
{
	struct notifier *notifier = &n->notifier;
	enum { DAEMON, DESKTOP, HOOK, TIMER, SIGNALS };
	struct pollfd fds[] = {
		[DAEMON] = { .fd = n->subscription.fd, .events = POLLIN },
		[DESKTOP] = { .fd = notifier->desktop.fd, .events = POLLIN },
		[HOOK] = { .fd = notifier->run.end, .events = POLLIN },
		[TIMER] = { .fd = n->timer, .events = POLLIN },
		[SIGNALS] = { .fd = n->signals, .events = POLLIN },
	};
	usec_t now = monotonic_now(), wake_at = earlier(notifier->wake_at, n->connect_at);
	uint64_t expirations;

	set_timer(n);
	if (n->signal)
		wake_at = earlier(wake_at, n->end_at);
	(void)poll(fds, ARRAY_SIZE(fds), milliseconds(wake_at, now));
	now = monotonic_now();
	n->cli->now = instant_now();
	if (fds[TIMER].revents)
		(void)!read(n->timer, &expirations, sizeof(expirations));
	if (fds[SIGNALS].revents)
		hear_signal(n, now);
	if (fds[DAEMON].revents)
		hear_daemon(n, now);
	if (fds[DESKTOP].revents)
		notifier_hear_desktop(notifier, now);
	if (fds[HOOK].revents)
		notifier_hear_hook(notifier, now);
}

/* ---- --follow, --once ---- */

/* Until it is told to end, or where another notifier is at work. */
static int follow(struct notifying *n)
{
	struct notifier *notifier = &n->notifier;
	sigset_t signals;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	n->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	notifier->stays = true;
	notifier->catching_up = true;
	n->connect_at = monotonic_now();
	for (;;) {
		usec_t now = monotonic_now();
		if (n->signal && (!notifier->asked.key || now >= n->end_at))
			return n->signal == SIGINT ? 128 + SIGINT : EXIT_DONE;
		if (n->connect_at != INSTANT_NONE && now >= n->connect_at && !connect_all(n, now))
			return cli_fail(n->cli, EXIT_USAGE, &n->error);
		if (n->cli->store)
			notifier_step(notifier, now);
		wait_for_something(n);
	}
}

static int once(struct notifying *n)
{
	struct notifier *notifier = &n->notifier;
	int r = cli_open_store(n->cli);

	if (r)
		return r;
	if (take_lock(n) < 0)
		return cli_fail(n->cli, EXIT_USAGE, &n->error);
	for (;;) {
		notifier_step(notifier, monotonic_now());
		if (notifier->idle || notifier->problem.code)
			break;
		wait_for_something(n);
	}
	if (notifier->problem.code)
		return EXIT_USAGE;
	if (n->cli->options.json) {
		struct json *data = json_object();
		json_add_int(data, "shown", (int64_t)notifier->shown);
		return cli_print_json(n->cli, data);
	}
	if (!n->cli->options.quiet)
		(void)printf("%zu shown\n", notifier->shown);
	return EXIT_DONE;
}

static int show_alerts(struct cli *cli, char *const *hook)
{
	struct notifying n = {
		.cli = cli, .subscription = { .fd = -1 }, .connect_at = INSTANT_NONE, .lock = -1
	};
	int r;

	notifier_init(&n.notifier, cli, hook);
	n.timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	r = cli->options.follow ? follow(&n) : once(&n);
	notifier_done(&n.notifier);
	subscription_close(&n.subscription);
	cleanup_close_fd(&n.timer);
	cleanup_close_fd(&n.signals);
	cleanup_close_fd(&n.lock);
	return r;
}

/* ---- --test ---- */

/* Buttons only where somebody waits for one to be pressed. */
static const char test_request[] =
    "{\"key\":\"test\",\"summary\":\"Planwatch: a test notification\","
    "\"body\":\"Alerts look like this.\",\"urgency\":\"normal\",\"category\":\"x-planwatch.test\"}";
static const char test_request_with_buttons[] =
    "{\"key\":\"test\",\"summary\":\"Planwatch: a test notification\","
    "\"body\":\"Alerts look like this. Press a button to see that it is heard.\","
    "\"urgency\":\"normal\",\"category\":\"x-planwatch.test\","
    "\"actions\":[[\"default\",\"Open\"],[\"ack\",\"Acknowledge\"],[\"snooze\",\"Snooze 1 h\"]]}";

static int ask_desktop(struct desktop *desktop, const char *request, struct json **answer,
		       struct error *error)
{
	cleanup_json struct json *json = NULL;
	const char *message;
	int r = json_parse(request, strlen(request), &json);

	if (r == 0)
		r = desktop_send(desktop, json, error);
	if (r == 0)
		r = desktop_wait(desktop, answer, error);
	if (r < 0)
		return r;
	message = json_get_text(*answer, "message");
	return json_get_text(*answer, "failed")
		   ? error_set(error, -EREMOTEIO, "the desktop did not take the notification: %s",
			       message ? message : "no reason given")
		   : 0;
}

static bool has_capability(const struct json *server, const char *name)
{
	const struct json *list = json_get(server, "capabilities"), *entry = NULL;

	while ((entry = json_next(list, entry)))
		if (strcmp(json_text(entry), name) == 0)
			return true;
	return false;
}

static void print_server(const struct cli *cli, const struct json *server)
{
	static const char *const names[] = { "name", "version", "vendor", "spec" };
	static const char *const labels[] = { "server", "version", "vendor", "specification" };
	const struct json *list = json_get(server, "capabilities"), *entry = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = json_get_text(server, names[i]);
		(void)printf("%-14s ", labels[i]);
		print_text(cli, value ? value : "-", 0);
		(void)putchar('\n');
	}
	(void)printf("%-14s", "capabilities");
	while ((entry = json_next(list, entry))) {
		(void)putchar(' ');
		print_text(cli, json_text(entry), 0);
	}
	(void)putchar('\n');
	if (!has_capability(server, "actions"))
		(void)puts("It has no buttons: use `planctl ack` and `planctl snooze`.");
}

/* What a person did with it; NULL: nothing in time. */
static const char *wait_for_press(struct desktop *desktop, struct json **line)
{
	usec_t until = monotonic_now() + TEST_SECONDS * USEC_PER_SEC;
	struct pollfd readable = { .fd = desktop->fd, .events = POLLIN };
	struct error error = { 0 };

	while (poll(&readable, 1, milliseconds(until, monotonic_now())) > 0) {
		if (desktop_read(desktop, line, &error) < 0)
			return NULL;
		if (json_get_text(*line, "action"))
			return json_get_text(*line, "action");
		if (json_get_text(*line, "closed"))
			return "close";
		json_free(take(*line));
	}
	return NULL;
}

static int test(struct cli *cli)
{
	struct desktop desktop = DESKTOP_NONE;
	cleanup_json struct json *server = NULL, *shown = NULL, *line = NULL;
	struct error error = { 0 };
	int r = ask_desktop(&desktop, "{\"describe\":true}", &server, &error);

	if (r == 0)
		r = ask_desktop(&desktop, cli->terminal ? test_request_with_buttons : test_request,
				&shown, &error);
	if (r < 0) {
		desktop_end(&desktop);
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	if (cli->options.json) {
		r = cli_print_json(cli, take(server));
	} else {
		print_server(cli, server);
		(void)fflush(stdout);
		if (cli->terminal && has_capability(server, "actions")) {
			const char *press = wait_for_press(&desktop, &line);
			(void)printf("%-14s %s\n", "pressed", press ? press : "nothing");
		}
	}
	desktop_end(&desktop);
	return r;
}

/* ---- The command ---- */

static int run(struct cli *cli, int argc, char **argv)
{
	const struct options *o = &cli->options;
	struct error error = { 0 };
	char **hook = NULL;
	int r;

	(void)argc;
	(void)argv;
	if (o->follow + o->once + o->test != 1 || (o->test && o->exec))
		(void)error_set(&error, -EINVAL,
				"say one of --follow, --once, and --test, which takes no --exec");
	else if (o->exec && command_split(o->exec, &hook) < 0)
		(void)error_set(&error, -EINVAL, "--exec %s: expected a command", o->exec);
	else if (!o->test && !cli->db_path)
		(void)error_set(&error, -EINVAL,
				"HOME is not set: say where the database is with --db FILE");
	if (error.code)
		return cli_fail(cli, EXIT_USAGE, &error);
	r = o->test ? test(cli) : show_alerts(cli, hook);
	command_free(hook);
	return r;
}

static const struct command_option options[] = {
	OPTION("follow", NULL, follow, "show alerts as they come; never ends"),
	OPTION("once", NULL, once, "show what was not shown yet, and end"),
	OPTION("test", NULL, test, "show one to try it out, and say what the desktop can do"),
	OPTION("exec", "COMMAND", exec,
	       "instead of the desktop run this for each alert, as JSON on its input"),
	{ 0 },
};

const struct command command_notify = {
	.name = "notify",
	.arguments = "--follow|--once|--test",
	.summary = "Shows alerts on the desktop, each step of theirs once",
	.examples =
	    "  planctl notify --follow\n"
	    "  planctl notify --test\n"
	    "  planctl notify --follow --exec 'curl -sS --data-binary @- https://example.org/hook'\n",
	.options = options,
	.run = run,
};
