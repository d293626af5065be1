/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control.h"

#include "log.h"

#include "planwatch/cleanup.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

/* One user has a handful of terminals and status lines; more is a mistake or a flood. */
#define CLIENTS_MAX 64
/* In microseconds. */
#define ACCEPT_PAUSE 200000

struct client {
	struct client *next;
	struct control *control;
	sd_event_source *source;
	int fd;
	struct ipc_buffer buffer;
	bool subscribed, waiting;
};

struct control {
	sd_event *event;
	sd_event_source *source, *pause;
	int fd, lock;
	char *path; /* NULL where systemd owns the socket, which outlives us */
	dev_t device;
	ino_t inode; /* of the socket's name, as we bound it */
	const struct control_handlers *handlers;
	struct client *clients;
	size_t client_count;
};

static void client_free(struct client *client)
{
	struct control *control = client->control;

	for (struct client **slot = &control->clients; *slot; slot = &(*slot)->next) {
		if (*slot == client) {
			*slot = client->next;
			control->client_count--;
			break;
		}
	}
	control->handlers->gone(control->handlers->userdata, client);
	(void)sd_event_source_unref(client->source);
	(void)close(client->fd);
	ipc_buffer_done(&client->buffer);
	free(client);
}

/* A client that does not read its answers is not waited for. */
static bool send_or_drop(struct client *client, const struct json *json)
{
	int r = ipc_write(client->fd, json);

	if (r < 0)
		client_free(client);
	return r == 0;
}

static bool answer(struct client *client, struct json *json, int result, const struct error *error)
{
	struct json *refusal;

	json_add_bool(json, "ok", result >= 0);
	if (result < 0) {
		refusal = json_add_object(json, "error");
		json_add_int(refusal, "code", -result);
		json_add_text(refusal, "message", error->message);
	}
	return send_or_drop(client, json);
}

/* Returns false where the client is gone. */
static bool handle(struct client *client, const struct json *request)
{
	const struct control_handlers *handlers = client->control->handlers;
	cleanup_json struct json *json = json_object();
	struct error error = { 0 };
	int r;

	if (client->waiting)
		r = error_set(&error, -EBUSY, "the answer to the last request is still to come");
	else
		r = handlers->request(handlers->userdata, client, request, json, &error);
	client->waiting = client->waiting || r == 1;
	return r == 1 || answer(client, json, r, &error);
}

/* Says what is wrong with a line. False where the client is gone. */
static bool refuse(struct client *client, int reason)
{
	cleanup_json struct json *json = json_object();
	struct error error = { 0 };

	(void)error_set(&error, reason,
			reason == -EINVAL ? "a request is one JSON object on a line"
					  : "a request has at most %zu bytes",
			JSON_FRAME_MAX);
	return answer(client, json, reason, &error);
}

/* What has arrived at once, and no more: a client that sends as fast as it is answered must not keep the others, and the plans, waiting. */
static int on_client(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct client *client = userdata;
	bool there = true;

	(void)source;
	(void)events;
	do {
		cleanup_json struct json *request = NULL;
		int r = ipc_read(fd, &client->buffer, &request);

		if (r == -EAGAIN)
			return 0;
		if (r == 1) {
			there = handle(client, request);
			continue;
		}
		if (r == -EINVAL || r == -EMSGSIZE)
			there = refuse(client, r);
		if (r == -EINVAL)
			continue;
		if (there)
			client_free(client);
		return 0;
	} while (there && ipc_has_more(&client->buffer));
	return 0;
}

/* The oldest that only holds its place makes room. False where all of them wait for something. */
static bool make_room(struct control *control)
{
	struct client *oldest = NULL;

	for (struct client *client = control->clients; client; client = client->next)
		if (!client->subscribed && !client->waiting)
			oldest = client;
	if (oldest)
		client_free(oldest);
	return oldest;
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct control *control = userdata;

	(void)source;
	(void)usec;
	return sd_event_source_set_enabled(control->source, SD_EVENT_ON);
}

/* Who cannot be let in, for want of descriptors or memory, would wake the loop again and again. */
static void pause_listening(struct control *control)
{
	if (sd_event_source_set_time_relative(control->pause, ACCEPT_PAUSE) >= 0 &&
	    sd_event_source_set_enabled(control->pause, SD_EVENT_ONESHOT) >= 0)
		(void)sd_event_source_set_enabled(control->source, SD_EVENT_OFF);
}

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct control *control = userdata;
	cleanup_close int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred who;
	socklen_t size = sizeof(who);
	struct client *client;

	(void)source;
	(void)events;
	if (peer < 0 && errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
		pause_listening(control);
	/* The folder's mode keeps others out already; this holds where somebody has loosened it. */
	if (peer < 0 || getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0 ||
	    who.uid != getuid() || (control->client_count >= CLIENTS_MAX && !make_room(control)))
		return 0;
	client = calloc(1, sizeof(*client));
	if (!client)
		return 0;
	client->control = control;
	client->fd = take_fd(peer);
	client->next = control->clients;
	control->clients = client;
	control->client_count++;
	if (sd_event_add_io(control->event, &client->source, client->fd, EPOLLIN, on_client,
			    client) < 0)
		client_free(client);
	return 0;
}

/* ---- Listening ---- */

static int make_folder(const char *path, struct error *error)
{
	cleanup_free char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;

	if (!folder)
		return error_set(error, -ENOMEM, "out of memory");
	if (!slash || slash == folder)
		return 0;
	*slash = '\0';
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return error_set(error, -errno, "%s: cannot create the folder: %s", folder,
				 strerror(errno));
	return 0;
}

/*
 * Whoever holds the lock beside the socket owns its address: between asking whether somebody listens there and binding, another
 * planwatchd could bind. The lock goes with the process, so none is left behind.
 */
static int lock_address(const char *path, struct error *error)
{
	cleanup_free char *name = NULL;

	if (asprintf(&name, "%s.lock", path) < 0) {
		name = NULL;
		return error_set(error, -ENOMEM, "out of memory");
	}
	cleanup_close int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(error, -errno, "%s: cannot open: %s", name, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return error_set(
		    error, -EADDRINUSE,
		    "%s: another planwatchd listens there; stop it, or give another with --socket",
		    path);
	return take_fd(fd);
}

/* 1 where somebody answers at the address, 0 where what is there is a leftover. */
static int is_alive(const struct sockaddr_un *address)
{
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
}

static int listen_at(const char *path, int *lock, struct error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cleanup_close int fd = -1;
	struct stat st;
	mode_t mask;
	int r;

	if (strlen(path) >= sizeof(address.sun_path))
		return error_set(error, -ENAMETOOLONG,
				 "%s: the path of a socket has at most %zu bytes", path,
				 sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	r = make_folder(path, error);
	if (r == 0)
		r = *lock = lock_address(path, error);
	if (r < 0)
		return r;
	if (is_alive(&address))
		return error_set(
		    error, -EADDRINUSE,
		    "%s: another planwatchd listens there; stop it, or give another with --socket",
		    path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_set(error, -errno, "cannot make a socket: %s", strerror(errno));
	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return error_set(error, -EEXIST,
				 "%s: is there and is no socket; give another with --socket", path);
	(void)unlink(path);
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	(void)umask(mask);
	if (r == 0 && listen(fd, SOMAXCONN) < 0)
		r = -errno;
	if (r < 0)
		return error_set(error, r, "%s: cannot listen: %s", path, strerror(-r));
	return take_fd(fd);
}

/*
 * The socket that systemd passed (sd_listen_fds(3)). Its address is locked as one of our own is: a planwatchd that was started by
 * hand before the socket unit took the address from it still serves who connected then.
 */
static int adopt(int count, int *lock, struct error *error)
{
	struct sockaddr_un address = { 0 };
	socklen_t size = sizeof(address) - 1;
	int fd = SD_LISTEN_FDS_START, flags;

	if (count != 1 || sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) <= 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0 || !*address.sun_path)
		return error_set(error, -EINVAL,
				 "systemd must pass one listening stream socket with a path");
	/* A service manager hands it out blocking, and a client that is gone again must not hold us in accept4(). */
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return error_set(error, -errno, "cannot use the socket that systemd passed: %s",
				 strerror(errno));
	*lock = lock_address(address.sun_path, error);
	return *lock < 0 ? *lock : fd;
}

static int listen_alone(struct control *control, const char *path, struct error *error)
{
	struct stat st;
	int fd = listen_at(path, &control->lock, error);

	if (fd < 0)
		return fd;
	control->path = strdup(path);
	if (!control->path || lstat(path, &st) < 0) {
		(void)close(fd);
		return error_set(error, -errno, "%s: cannot listen: %s", path, strerror(errno));
	}
	control->device = st.st_dev;
	control->inode = st.st_ino;
	return fd;
}

int control_new(struct control **ret, sd_event *event, const char *path,
		const struct control_handlers *handlers, struct error *error)
{
	struct control *control = calloc(1, sizeof(*control));
	int passed = sd_listen_fds(1), r;

	if (!control)
		return error_set(error, -ENOMEM, "out of memory");
	*control = (struct control){ .event = event, .handlers = handlers, .lock = -1 };
	control->fd =
	    passed > 0 ? adopt(passed, &control->lock, error) : listen_alone(control, path, error);
	r = control->fd < 0 ? control->fd : 0;
	if (r == 0) {
		r = sd_event_add_io(event, &control->source, control->fd, EPOLLIN, on_connection,
				    control);
		if (r >= 0)
			r = sd_event_add_time_relative(event, &control->pause, CLOCK_MONOTONIC, 0,
						       0, on_pause_over, control);
		if (r >= 0)
			r = sd_event_source_set_enabled(control->pause, SD_EVENT_OFF);
		if (r < 0)
			(void)error_set(error, r, "cannot watch the socket: %s", strerror(-r));
	}
	if (r < 0)
		control_free(control);
	else
		*ret = control;
	return r;
}

/* Only our own: a socket unit that was started beside us has put its own in our name's place (systemd.socket(5)). */
static void remove_name(const struct control *control)
{
	struct stat st;

	if (control->path && lstat(control->path, &st) == 0 && st.st_dev == control->device &&
	    st.st_ino == control->inode)
		(void)unlink(control->path);
}

void control_free(struct control *control)
{
	if (!control)
		return;
	while (control->clients)
		client_free(control->clients);
	(void)sd_event_source_unref(control->source);
	(void)sd_event_source_unref(control->pause);
	remove_name(control);
	if (control->fd >= 0)
		(void)close(control->fd);
	cleanup_close_fd(&control->lock);
	free(control->path);
	free(control);
}

void control_answer(struct client *client)
{
	cleanup_json struct json *json = json_object();

	client->waiting = false;
	(void)answer(client, json, 0, NULL);
}

void control_subscribe(struct client *client)
{
	client->subscribed = true;
}

void control_broadcast(struct control *control, const struct json *line)
{
	for (struct client *client = control->clients; client; client = client->next) {
		if (!client->subscribed || ipc_write(client->fd, line) == 0)
			continue;
		/* It may be the one whose request is being handled: it is only hung up, and freed when its end is read. */
		client->subscribed = false;
		(void)shutdown(client->fd, SHUT_RDWR);
	}
}
