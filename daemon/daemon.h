/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon as a whole, for the three rooms that put its parts together: main (life, and what each part tells the others), roots (what is
 * watched) and requests (what a client asks). Nobody else includes it.
 */
#ifndef PLANWATCHD_DAEMON_H
#define PLANWATCHD_DAEMON_H

#include "absent.h"
#include "clocks.h"
#include "control.h"
#include "heads.h"
#include "patrol.h"
#include "poll.h"
#include "recorder.h"
#include "watch.h"

#include "planwatch/config.h"

enum root_source {
	ROOT_COMMAND_LINE,
	ROOT_CONFIG,
	ROOT_REGISTERED,
	ROOT_NEW, /* being registered: unlike a registered one it must be there */
};

struct root {
	char *path;
	enum root_source source;
	bool is_file;
	bool polled;   /* changes there make no event, or not all do */
	char *problem; /* why it is not watched; NULL */
};

struct daemon {
	sd_event *event;
	struct config config;
	char *db_path, *socket_path;
	const char *config_path; /* NULL: the usual one */
	struct store *store;
	struct watch *watch;
	struct recorder *recorder;
	struct heads *heads;
	struct absent *absent;
	struct clocks *clocks;
	struct poll *poll;
	usec_t polled_at, audited_at; /* the last look at the polled roots, and at all plans */
	sd_event_source *audit;
	uint64_t commits;
	struct patrol *patrol;
	struct control *control;
	struct root *roots;
	size_t root_count;
	struct syncing {
		struct client *client;
		uint64_t mark; /* what was there before it must be recorded */
	} * syncing;
	size_t syncing_count;
	const char *rescan; /* why everything must be scanned again; NULL */
	usec_t started_at;
	bool limited; /* a limit keeps folders from being watched: all roots are polled */
};

/* ---- main ---- */

/* Reads the kernel's queue to its end and records what it tells. */
void daemon_drain(struct daemon *d);

/* Tells those who follow that something was recorded; the second, that it changes verdicts, too. */
void daemon_broadcast(void *userdata);
void daemon_committed(void *userdata);

/* ---- roots: paths are absolute ---- */

/*
 * Watches one more, or scans a known one again. One that is not there is an error where it is named now, else it is waited for.
 */
int roots_add(struct daemon *d, const char *path, enum root_source source, struct error *error);
/* Those of the command line (NULL-terminated), of the configuration, and the registered ones. */
int roots_add_all(struct daemon *d, char **names, struct error *error);
/* A registered one. -EPERM for others, -ENOENT. */
int roots_remove(struct daemon *d, const char *path, struct error *error);
/* Reads the configuration again. One that is wrong changes nothing. */
int roots_reload(struct daemon *d, struct error *error);

/* Says of a root that it is not watched, and waits for it. */
void roots_miss(struct daemon *d, const char *path, const char *problem);
/* Which are polled: after roots have come or gone, or a limit was reached or raised. */
void roots_find_polled(struct daemon *d);

/* Handlers, with a struct daemon: a root covers the path; it is the path; a missing one is back; it is time to look at the polled ones. */
bool roots_cover(void *userdata, const char *path);
bool roots_name(void *userdata, const char *path);
void roots_returned(void *userdata, const char *path);
bool roots_look_at_polled(void *userdata);

/* ---- requests: handlers of the control socket ---- */

int requests_answer(void *userdata, struct client *client, const struct json *request,
		    struct json *answer, struct error *error);
void requests_client_gone(void *userdata, struct client *client);

#endif
