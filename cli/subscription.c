/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "subscription.h"

#include <errno.h>
#include <poll.h>

#define CALL_TIMEOUT (10 * USEC_PER_SEC)

int subscription_try(struct cli *cli, struct subscription *ret, struct error *error)
{
	cleanup_json struct json *request = json_object(), *answer = NULL;

	*ret = (struct subscription){ .fd = -1 };
	if (!cli->socket_path)
		return error_set(error, -ECONNREFUSED,
				 "XDG_RUNTIME_DIR is not set: give --socket FILE");
	ret->fd = ipc_connect(cli->socket_path, error);
	json_add_text(request, "method", "subscribe");
	return ret->fd < 0 ? ret->fd
			   : ipc_call(ret->fd, &ret->buffer, request, CALL_TIMEOUT, &answer, error);
}

int subscription_open(struct cli *cli, struct subscription *ret)
{
	struct error error = { 0 };

	return subscription_try(cli, ret, &error) < 0 ? cli_fail(cli, EXIT_NO_DAEMON, &error) : 0;
}

void subscription_close(struct subscription *subscription)
{
	cleanup_close_fd(&subscription->fd);
	ipc_buffer_done(&subscription->buffer);
}

/* Milliseconds for poll(2), rounded up; a moment far off is waited for in parts. */
static int milliseconds(usec_t until)
{
	usec_t left;

	if (until == INSTANT_NONE)
		return -1;
	left = until - instant_now();
	if (left <= 0)
		return 0;
	return left > USEC_PER_DAY ? 86400000 : (int)((left + 999) / 1000);
}

int subscription_wait(struct subscription *subscription, usec_t until, struct error *error)
{
	struct pollfd readable = { .fd = subscription->fd, .events = POLLIN };
	bool heard = false;

	for (;;) {
		cleanup_json struct json *line = NULL;
		int timeout = heard ? 0 : milliseconds(until);
		int ready = poll(&readable, 1, timeout);

		if (ready < 0 && errno != EINTR)
			return error_set(error, -errno, "cannot wait: %s", strerror(errno));
		if (ready == 0 && (heard || instant_now() >= until))
			return heard;
		if (ready <= 0)
			continue;
		int r = ipc_read(subscription->fd, &subscription->buffer, &line);
		if (r <= 0 && r != -EAGAIN)
			return error_set(error, -ECONNRESET, "planwatchd went away");
		heard |= r > 0;
	}
}
