/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl doctor: whether everything is as it must be for nothing to be missed, and what to do where it is not. */
#include "output.h"

#include "planwatch/filesystem.h"
#include "planwatch/ipc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#define CALL_TIMEOUT (5 * USEC_PER_SEC)
/* The kernel's watches are shared by all programs of a user: with fewer free ones the next editor may take the last. */
#define WATCHES_USED_PERCENT 80
/* A database that cannot grow loses what comes. */
#define DISK_FREE_MIN ((uint64_t)64 << 20)
#define GAPS_SHOWN 5

enum health { HEALTH_GOOD, HEALTH_NOTE, HEALTH_BAD };

struct doctor {
	struct cli *cli;
	struct json *checks; /* with --json */
	size_t bad;
	int64_t folders; /* that the daemon watches; -1: nobody told */
	bool limited;	 /* it could not watch all */
};

/* One check. `advice` is what to do, NULL where nothing is. */
static void __attribute__((format(printf, 5, 6)))
tell(struct doctor *doctor, enum health health, const char *name, const char *advice,
     const char *format, ...)
{
	static const char *const words[] = { "good", "note", "bad" };
	static const char *const signs[] = { "\u2713", "\u2022", "\u2717" };
	static const enum style styles[] = { STYLE_GREEN, STYLE_DIM, STYLE_RED };
	const struct cli *cli = doctor->cli;
	char message[1024];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	doctor->bad += health == HEALTH_BAD;
	if (cli->options.json) {
		struct json *check = json_add_object(doctor->checks, NULL);
		json_add_text(check, "name", name);
		json_add_text(check, "health", words[health]);
		json_add_text(check, "message", message);
		json_add_text(check, "advice", advice);
	} else if (!cli->terminal) {
		(void)printf("%s\t%s\t", words[health], name);
		print_field(message, '\t');
		print_field(advice, '\n');
	} else {
		(void)printf("%s%s%s %-10s ", style_on(cli, styles[health]), signs[health],
			     style_off(cli), name);
		print_text(cli, message, 0);
		(void)putchar('\n');
		if (advice)
			(void)printf("%13s%s%s%s\n", "", style_on(cli, STYLE_YELLOW), advice,
				     style_off(cli));
	}
}

/* ---- The daemon and what it watches ---- */

static void check_root(struct doctor *doctor, const struct json *root)
{
	const char *path = json_get_text(root, "path"), *problem = json_get_text(root, "problem");
	const char *silent = path ? filesystem_silent(path) : NULL;

	if (!path)
		return;
	if (problem)
		tell(doctor, HEALTH_BAD, "root",
		     "make it again, or take it out with `planctl unwatch`", "%s", problem);
	else if (json_get_bool(root, "polled"))
		tell(
		    doctor, HEALTH_NOTE, "root", NULL,
		    "%s: on %s, polled: of several saves between two looks only the last is seen",
		    path,
		    silent
			? silent
			: "a file system that is configured to be, or beyond the limit of watches");
	else
		tell(doctor, HEALTH_GOOD, "root", NULL, "%s", path);
}

static int check_roots(struct doctor *doctor, int fd, struct ipc_buffer *buffer)
{
	cleanup_json struct json *request = json_object(), *answer = NULL;
	struct error error = { 0 };
	const struct json *list;

	json_add_text(request, "method", "roots");
	if (ipc_call(fd, buffer, request, CALL_TIMEOUT, &answer, &error) < 0)
		return -1;
	list = json_get(answer, "roots");
	doctor->limited = json_get_bool(answer, "limited");
	for (const struct json *root = NULL; (root = json_next(list, root));)
		check_root(doctor, root);
	if (!json_next(list, NULL))
		tell(doctor, HEALTH_BAD, "root", "planctl watch FOLDER", "nothing is watched");
	return 0;
}

static void check_daemon(struct doctor *doctor)
{
	static const char start[] = "systemctl --user start planwatchd, or planwatchd FOLDER";
	struct cli *cli = doctor->cli;
	cleanup(ipc_buffer_done) struct ipc_buffer buffer = { 0 };
	cleanup_json struct json *request = json_object(), *answer = NULL;
	struct error error = { 0 };
	cleanup_close int fd = cli->socket_path ? ipc_connect(cli->socket_path, &error) : -1;
	const char *version;
	int64_t pid = 0;

	json_add_text(request, "method", "ping");
	if (fd < 0) {
		tell(doctor, HEALTH_BAD, "daemon", start, "planwatchd does not answer at %s",
		     cli->socket_path ? cli->socket_path
				      : "any socket: XDG_RUNTIME_DIR is not set");
		return;
	}
	if (ipc_call(fd, &buffer, request, CALL_TIMEOUT, &answer, &error) < 0) {
		tell(doctor, HEALTH_BAD, "daemon", "systemctl --user restart planwatchd", "%s",
		     error.message);
		return;
	}
	version = json_get_text(answer, "version");
	(void)json_get_int(answer, "pid", &pid);
	(void)json_get_int(answer, "folders", &doctor->folders);
	if (version && strcmp(version, PLANWATCH_VERSION) == 0)
		tell(doctor, HEALTH_GOOD, "daemon", NULL,
		     "planwatchd %s, process %jd, watches %jd folders", version, (intmax_t)pid,
		     (intmax_t)doctor->folders);
	else
		tell(doctor, HEALTH_BAD, "daemon", "systemctl --user restart planwatchd",
		     "planwatchd is version %s, planctl " PLANWATCH_VERSION,
		     version ? version : "unknown");
	if (check_roots(doctor, fd, &buffer) < 0)
		tell(doctor, HEALTH_BAD, "root", start, "planwatchd does not tell its roots");
}

/* ---- The kernel's limits ---- */

static int64_t read_number(const char *path)
{
	cleanup_fclose FILE *file = fopen(path, "re");
	char line[32];

	return file && fgets(line, sizeof(line), file) ? strtoll(line, NULL, 10) : -1;
}

static void check_limits(struct doctor *doctor)
{
	int64_t watches = read_number("/proc/sys/fs/inotify/max_user_watches");
	int64_t instances = read_number("/proc/sys/fs/inotify/max_user_instances");
	int64_t queued = read_number("/proc/sys/fs/inotify/max_queued_events");
	bool short_of = doctor->limited || (doctor->folders > 0 && watches > 0 &&
					    doctor->folders * 100 > watches * WATCHES_USED_PERCENT);

	tell(doctor, short_of ? HEALTH_BAD : HEALTH_GOOD, "limits",
	     short_of ? "sysctl fs.inotify.max_user_watches=524288, and keep it in /etc/sysctl.d/"
		      : NULL,
	     "fs.inotify: max_user_watches %jd%s, max_user_instances %jd, max_queued_events %jd",
	     (intmax_t)watches,
	     doctor->limited ? ", reached: not every folder is watched, all are polled"
	     : short_of	     ? ", most of them used by planwatchd"
			     : "",
	     (intmax_t)instances, (intmax_t)queued);
}

/* ---- The record ---- */

static void on_finding(void *userdata, const char *finding)
{
	struct doctor *doctor = userdata;

	tell(doctor, HEALTH_BAD, "database",
	     "stop planwatchd and put a backup back; planctl verify says more", "%s", finding);
}

static void check_disk(struct doctor *doctor)
{
	cleanup_free char *folder = strdup(doctor->cli->db_path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	struct statvfs st;

	if (!slash)
		return;
	*slash = '\0';
	if (statvfs(*folder ? folder : "/", &st) < 0)
		return;
	uint64_t room = (uint64_t)st.f_bavail * st.f_frsize;
	bool full = room < DISK_FREE_MIN;
	tell(doctor, full ? HEALTH_BAD : HEALTH_GOOD, "disk",
	     full ? "make room: what cannot be written is caught up, with a gap" : NULL,
	     "%ju MiB free for the database", (uintmax_t)(room >> 20));
}

static int add_gap(void *userdata, const struct log_row *row)
{
	struct doctor *doctor = userdata;
	char from[INSTANT_MAX], until[INSTANT_MAX];
	bool utc = doctor->cli->options.utc;

	tell(doctor, HEALTH_NOTE, "blind", NULL, "%s to %s: %s",
	     instant_format(row->observation.not_before, utc, from),
	     instant_format(row->observation.at, utc, until),
	     row->event.text ? row->event.text : "no reason is recorded");
	return 0;
}

static void check_database(struct doctor *doctor)
{
	struct cli *cli = doctor->cli;
	struct log_filter filter = { .since = INSTANT_NONE,
				     .until = INSTANT_NONE,
				     .kinds = 1u << EVENT_GAP,
				     .limit = GAPS_SHOWN };
	struct error error = { 0 };
	size_t bad = doctor->bad;
	int r;

	if (!cli->db_path) {
		tell(doctor, HEALTH_BAD, "database", "give --db FILE", "HOME is not set");
		return;
	}
	r = store_open(&cli->store, cli->db_path, STORE_READ, &error);
	if (r < 0) {
		tell(doctor, HEALTH_BAD, "database",
		     r == -ENOENT ? "planwatchd makes it at its first start"
				  : "stop planwatchd and put a backup back",
		     "%s", error.message);
		return;
	}
	r = store_check(cli->store, on_finding, doctor, &error);
	if (r < 0)
		on_finding(doctor, error.message);
	if (doctor->bad == bad)
		tell(doctor, HEALTH_GOOD, "database", NULL, "%s, sound (SQLite %s)", cli->db_path,
		     store_library_version());
	check_disk(doctor);
	(void)store_log(cli->store, &filter, add_gap, doctor, &error);
}

/* ---- The desktop ---- */

/* "unix:path=/run/user/1000/bus", the first address that is a path (D-Bus specification, "Server Addresses"). */
static bool bus_answers(const char *address)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	const char *path = strstr(address, "unix:path=");
	size_t length = path ? strcspn(path + 10, ",;") : 0;

	if (!path || length >= sizeof(name.sun_path))
		return false;
	memcpy(name.sun_path, path + 10, length);
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd >= 0 && connect(fd, (const struct sockaddr *)&name, sizeof(name)) == 0;
}

static void check_desktop(struct doctor *doctor)
{
	const char *bus = getenv("DBUS_SESSION_BUS_ADDRESS"), *runtime = getenv("XDG_RUNTIME_DIR");
	cleanup_free char *usual = NULL;

	if (!bus && runtime && asprintf(&usual, "unix:path=%s/bus", runtime) > 0)
		bus = usual;
	if (bus && bus_answers(bus))
		tell(doctor, HEALTH_GOOD, "desktop", NULL, "the session bus answers");
	else
		tell(doctor, HEALTH_NOTE, "desktop", NULL,
		     "no session bus: alerts are recorded, and cannot be shown here");
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct doctor doctor = { .cli = cli, .checks = json_array(), .folders = -1 };
	struct utsname kernel = { 0 };
	struct json *data;
	int r;

	(void)argc;
	(void)argv;
	(void)uname(&kernel);
	tell(&doctor, HEALTH_GOOD, "version", NULL, "planctl " PLANWATCH_VERSION ", %s %s",
	     kernel.sysname, kernel.release);
	check_daemon(&doctor);
	check_limits(&doctor);
	check_database(&doctor);
	check_desktop(&doctor);
	if (cli->options.json) {
		data = json_object();
		json_add(data, "checks", take(doctor.checks));
		r = cli_print_json(cli, data);
	} else {
		json_free(doctor.checks);
		r = EXIT_DONE;
	}
	return r == EXIT_DONE && doctor.bad > 0 ? EXIT_FINDINGS : r;
}

const struct command command_doctor = {
	.name = "doctor",
	.arguments = "",
	.summary = "Whether something keeps changes from being seen, and what to do",
	.examples = "  planctl doctor\n"
		    "  planctl doctor --json | jq '.data.checks[] | select(.health == \"bad\")'\n",
	.run = run,
};
