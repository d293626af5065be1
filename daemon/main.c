/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planwatchd: watches plan files and records every change of their checkboxes. */
#include "daemon.h"

#include "log.h"
#include "read.h"

#include "planwatch/cleanup.h"

#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* How often known plans are read though nothing was heard of them: for writes that no watched folder tells of. */
#define AUDIT_EVERY USEC_PER_HOUR
#define AUDIT_ACCURACY (10 * USEC_PER_MIN)

/* ---- What the watch tells ---- */

static void on_file(void *userdata, const char *path, enum watch_change change)
{
	struct daemon *d = userdata;

	if (recorder_queue(d->recorder, path, change) < 0)
		d->rescan = "memory was out";
}

static void on_folder_gone(void *userdata, const char *path)
{
	struct daemon *d = userdata;

	if (recorder_queue_below(d->recorder, path) < 0)
		d->rescan = "the record could not be read";
}

static void on_lost(void *userdata, const char *path, enum watch_loss loss, const char *explanation)
{
	struct daemon *d = userdata;

	switch (loss) {
	case WATCH_OVERFLOW:
		log_warning("%s; all plans are read again", explanation);
		d->rescan = "the kernel's queue of changes overflowed";
		break;
	case WATCH_LIMIT:
		log_warning("%s: not watched, but polled: %s", path, explanation);
		break;
	case WATCH_UNMOUNT:
	case WATCH_ROOT:
		log_warning("%s: not watched any more: %s", path, explanation);
		roots_miss(d, path, explanation);
		break;
	}
}

static bool on_repo(void *userdata, const char *repo, const char *branch)
{
	struct daemon *d = userdata;

	return heads_note(d->heads, repo, branch) > 0;
}

static void on_switched(void *userdata, const char *repo, const char *from, const char *to)
{
	struct daemon *d = userdata;

	recorder_switch(d->recorder, repo, from, to);
	recorder_flush(d->recorder, ORIGIN_LIVE, NULL);
}

/* Looks at everything there is; what it finds has a gap for `reason`, where that is not NULL. */
static void rescan(struct daemon *d, const char *reason)
{
	watch_rescan(d->watch);
	(void)recorder_reconcile(d->recorder, roots_cover, d);
	recorder_flush(d->recorder, ORIGIN_RESCAN, reason);
}

/* Reads the kernel's queue to its end. */
static void on_hear(void *userdata)
{
	struct daemon *d = userdata;
	int r = watch_drain(d->watch);

	if (r < 0) {
		log_error("cannot read changes from the kernel: %s", strerror(-r));
		d->rescan = "changes could not be read from the kernel";
	}
}

/* Nothing is written before the queue is read to its end: a slow disk must not make it overflow. */
void daemon_drain(struct daemon *d)
{
	recorder_look(d->recorder);
	on_hear(d);
	if (d->rescan)
		rescan(d, take(d->rescan));
	else
		recorder_flush(d->recorder, ORIGIN_LIVE, NULL);
	if (d->limited != watch_is_limited(d->watch))
		roots_find_polled(d);
}

static int on_inotify(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	daemon_drain(userdata);
	return 0;
}

/* ---- What the recorder and the patrol tell ---- */

void daemon_broadcast(void *userdata)
{
	struct daemon *d = userdata;
	cleanup_json struct json *line = json_object();

	json_add_text(line, "event", "changed");
	control_broadcast(d->control, line);
}

void daemon_committed(void *userdata)
{
	struct daemon *d = userdata;

	d->commits++;
	patrol_soon(d->patrol);
	daemon_broadcast(d);
}

static void on_settled(void *userdata)
{
	struct daemon *d = userdata;
	size_t kept = 0, count;

	if (d->rescan) /* heard of meanwhile */
		rescan(d, take(d->rescan));
	count = d->syncing_count;
	/* An answer may end a client, and requests_client_gone() must not find it here then. */
	for (size_t i = 0; i < count; i++) {
		struct syncing syncing = d->syncing[i];
		if (!syncing.client)
			continue;
		if (!recorder_has_settled(d->recorder, syncing.mark)) {
			d->syncing[kept++] = syncing;
			continue;
		}
		d->syncing[i].client = NULL;
		control_answer(syncing.client);
	}
	d->syncing_count = kept;
}

static void on_rescan(void *userdata)
{
	struct daemon *d = userdata;
	struct error error = { 0 };

	/* It may be another one. */
	for (size_t i = 0; i < d->root_count; i++)
		if (d->roots[i].source == ROOT_REGISTERED &&
		    store_root_add(d->store, d->roots[i].path, instant_now(), &error) < 0)
			log_error("%s", error.message);
	d->rescan = "the database could not be written";
	daemon_drain(d);
}

/* ---- What the clocks tell ---- */

/* Nothing is heard while the machine sleeps, and a server's files may have changed meanwhile. */
static void on_jumped(void *userdata, enum clock_jump jump, usec_t from, usec_t until)
{
	struct daemon *d = userdata;
	char length[INSTANT_MAX], reason[128];
	bool back = until < from;

	(void)duration_format(back ? from - until : until - from, length);
	if (jump == CLOCK_SUSPENDED)
		(void)snprintf(reason, sizeof(reason), "the machine was suspended for %s", length);
	else
		(void)snprintf(reason, sizeof(reason), "the clock was set %s by %s",
			       back ? "back" : "forward", length);
	log_info("%s", reason);
	recorder_lapse(d->recorder, jump == CLOCK_SUSPENDED ? LAPSE_SUSPENDED : LAPSE_CLOCK, from,
		       until, reason);
	if (back) /* the last look was taken in what is the future now */
		recorder_doubt(d->recorder, until);
	if (jump == CLOCK_SUSPENDED)
		rescan(d, NULL);
	patrol_soon(d->patrol);
}

/* Whoever sleeps through a night switched off is not to blame for it. */
static void record_power_off(struct daemon *d, usec_t looked)
{
	usec_t boot = clocks_boot();

	if (looked != INSTANT_NONE && looked < boot)
		recorder_lapse(d->recorder, LAPSE_OFF, looked, boot, "the machine was off");
}

/* What no event tells: a write through a hard link elsewhere, behind an overlay or below a new mount. */
static int on_audit(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *d = userdata;
	usec_t now = instant_now();

	recorder_doubt(d->recorder, d->audited_at);
	if (recorder_queue_known(d->recorder) < 0)
		log_warning("plans could not be read again: the record could not be read");
	recorder_flush(d->recorder, ORIGIN_RESCAN, NULL);
	d->audited_at = now;
	(void)sd_event_source_set_time(source, usec + (uint64_t)AUDIT_EVERY);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* ---- Reloading ---- */

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *d = userdata;
	struct error error = { 0 };

	(void)source;
	(void)info;
	/* systemd waits for the second message (sd_notify(3), Type=notify-reload). */
	(void)sd_notify(0, "RELOADING=1");
	if (roots_reload(d, &error) < 0)
		log_error("%s; the last good configuration stays", error.message);
	(void)sd_notify(0, "READY=1");
	return 0;
}

/* ---- Life ---- */

static int open_store(struct daemon *d, usec_t *looked, struct error *error)
{
	*looked = store_last_looked(d->db_path);
	return store_open(&d->store, d->db_path, STORE_WRITE, error);
}

static int make_event_loop(struct daemon *d, struct error *error)
{
	sigset_t signals;
	int r;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	r = sd_event_new(&d->event);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGTERM, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGINT, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGHUP, on_hangup, d);
	if (r >= 0)
		r = sd_event_set_watchdog(d->event, true);
	return r < 0 ? error_set(error, r, "cannot make an event loop: %s", strerror(-r)) : 0;
}

/* Sets everything up; the first look at all plans is taken here, before anybody is told that we are ready. */
static int start(struct daemon *d, char **names, const struct watch_handlers *watching,
		 const struct recorder_handlers *recording,
		 const struct control_handlers *controlling, struct error *error)
{
	usec_t looked = INSTANT_NONE;
	int r = read_check(error);

	if (r == 0)
		r = open_store(d, &looked, error);
	if (r == 0)
		r = make_event_loop(d, error);
	if (r == 0)
		r = control_new(&d->control, d->event, d->socket_path, controlling, error);
	if (r == 0)
		r = watch_new(&d->watch, &d->config.rules, watching, error);
	if (r == 0) {
		r = recorder_new(&d->recorder, d->event, d->store, looked, recording);
		if (r == 0)
			r = poll_new(&d->poll, d->event, roots_look_at_polled, d);
		if (r == 0)
			r = absent_new(&d->absent, d->event, roots_returned, d);
		if (r == 0)
			r = clocks_new(&d->clocks, d->event, on_jumped, d);
		if (r == 0)
			r = sd_event_add_time_relative(d->event, &d->audit, CLOCK_MONOTONIC,
						       (uint64_t)AUDIT_EVERY,
						       (uint64_t)AUDIT_ACCURACY, on_audit, d);
		if (r >= 0)
			r = heads_new(&d->heads, d->event, on_switched, d);
		if (r == 0)
			r = patrol_new(&d->patrol, d->event, d->store, &d->config,
				       looked == INSTANT_NONE ? d->started_at : looked,
				       daemon_broadcast, d);
		if (r == 0)
			r = sd_event_add_io(d->event, NULL, watch_fd(d->watch), EPOLLIN, on_inotify,
					    d);
		if (r < 0)
			(void)error_set(error, r, "cannot start: %s", strerror(-r));
	}
	if (r >= 0)
		r = roots_add_all(d, names, error);
	if (r == 0) {
		record_power_off(d, looked);
		roots_find_polled(d);
		r = recorder_reconcile(d->recorder, roots_cover, d);
	}
	if (r == 0)
		recorder_flush(d->recorder, ORIGIN_STARTUP, "planwatchd was not running");
	d->audited_at = instant_now();
	return r;
}

static void stop(struct daemon *d)
{
	control_free(d->control);
	patrol_free(d->patrol);
	heads_free(d->heads);
	absent_free(d->absent);
	poll_free(d->poll);
	clocks_free(d->clocks);
	(void)sd_event_source_unref(d->audit);
	recorder_free(d->recorder);
	watch_free(d->watch);
	store_close(d->store);
	(void)sd_event_unref(d->event);
	for (size_t i = 0; i < d->root_count; i++) {
		free(d->roots[i].path);
		free(d->roots[i].problem);
	}
	free(d->roots);
	free(d->syncing);
	free(d->db_path);
	free(d->socket_path);
	config_done(&d->config);
}

static int serve(struct daemon *d)
{
	int r;

	if (d->root_count == 0)
		log_info("nothing to watch yet: `planctl watch FOLDER` adds a folder of plans");
	/* The crawl's memory is not needed any more. */
	(void)malloc_trim(0);
	log_info("watching %zu %s in %zu folders", d->root_count,
		 d->root_count == 1 ? "root" : "roots", watch_count(d->watch));
	patrol_soon(d->patrol);
	(void)sd_notify(0, "READY=1");
	r = sd_event_loop(d->event);
	if (r < 0)
		log_error("cannot wait for events any more: %s", strerror(-r));
	(void)sd_notify(0, "STOPPING=1");
	/* What is held is on disk and is found again by the next start. */
	daemon_drain(d);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run(struct daemon *d, char **names)
{
	const struct watch_handlers watching = { on_file, on_folder_gone, on_lost, d };
	const struct recorder_handlers recording = {
		daemon_committed, on_settled, on_rescan, roots_name, on_hear, on_repo, d
	};
	const struct control_handlers controlling = { requests_answer, requests_client_gone, d };
	struct error error = { 0 };
	int status = EXIT_FAILURE;

	if (start(d, names, &watching, &recording, &controlling, &error) < 0)
		log_error("%s", error.message);
	else
		status = serve(d);
	stop(d);
	return status;
}

static const char help[] =
    "Usage: planwatchd [OPTION]... [ROOT]...\n"
    "\n"
    "Watches ExecPlan files below the ROOTs and records every change of their checkboxes.\n"
    "Runs in the foreground and logs to standard error. A ROOT is a folder, or one file.\n"
    "\n"
    "  --config FILE   configuration (default: $XDG_CONFIG_HOME/planwatch/planwatch.conf)\n"
    "  --db FILE       database (default: $XDG_STATE_HOME/planwatch/planwatch.db)\n"
    "  --socket FILE   control socket (default: $XDG_RUNTIME_DIR/planwatch/socket)\n"
    "  -h, --help      this help\n"
    "  --version       the version\n"
    "\n"
    "Examples:\n"
    "  planwatchd ~/src            watch every plan below ~/src; stop with Ctrl-C\n"
    "  planctl status              in another terminal: who needs me now?\n";

struct arguments {
	const char *config, *db, *socket;
};

/* Returns -1 to go on, else the exit status. */
static int read_arguments(int argc, char **argv, struct arguments *ret)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "db", required_argument, NULL, 'd' },
		{ "socket", required_argument, NULL, 's' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },	    { 0 },
	};
	int option;

	*ret = (struct arguments){ getenv("PLANWATCH_CONFIG"), getenv("PLANWATCH_DB"),
				   getenv("PLANWATCH_SOCKET") };
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			ret->config = optarg;
			break;
		case 'd':
			ret->db = optarg;
			break;
		case 's':
			ret->socket = optarg;
			break;
		case 'h':
			(void)fputs(help, stdout);
			return EXIT_SUCCESS;
		case 'V':
			(void)puts("planwatchd " PLANWATCH_VERSION);
			return EXIT_SUCCESS;
		default:
			(void)fputs("Try `planwatchd --help`.\n", stderr);
			return 2;
		}
	}
	return -1;
}

static char *absolute(const char *path)
{
	cleanup_free char *folder = getcwd(NULL, 0);
	char *joined = NULL;

	if (*path == '/')
		return strdup(path);
	return folder && asprintf(&joined, "%s/%s", folder, path) >= 0 ? joined : NULL;
}

int main(int argc, char **argv)
{
	struct daemon d = { .started_at = instant_now() };
	struct arguments arguments;
	struct error error = { 0 };
	int status = read_arguments(argc, argv, &arguments);

	if (status >= 0)
		return status;
	(void)setvbuf(stderr, NULL, _IOLBF, 0); /* a line of the log is one write(2) */
	if (config_load(&d.config, arguments.config, &error) < 0) {
		log_error("%s", error.message);
		return 2;
	}
	d.config_path = arguments.config;
	d.db_path = arguments.db ? absolute(arguments.db) : config_default_db();
	d.socket_path = arguments.socket ? absolute(arguments.socket) : config_default_socket();
	if (d.db_path && d.socket_path)
		return run(&d, argv + optind);
	log_error("%s is not set: say where with %s", d.db_path ? "XDG_RUNTIME_DIR" : "HOME",
		  d.db_path ? "--socket FILE" : "--db FILE");
	stop(&d);
	return 2;
}
