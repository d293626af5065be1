/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "episodes.h"

#include "planwatch/ipc.h"

#define CALL_TIMEOUT (10 * USEC_PER_SEC)

static int write_down(struct cli *cli, enum saying what, int64_t id, int64_t value,
		      struct error *error)
{
	cleanup_store struct store *store = NULL;
	int r = store_open(&store, cli->db_path, STORE_WRITE, error);

	if (r < 0)
		return r;
	if (what == SAY_ACKNOWLEDGED)
		return store_episode_acknowledge(store, id, cli->now, error);
	return what == SAY_SNOOZED ? store_episode_snooze(store, id, value, cli->now, error)
				   : store_episode_shown(store, id, value, cli->now, error);
}

int episode_say(struct cli *cli, enum saying what, int64_t id, int64_t value, struct error *error)
{
	static const struct {
		const char *method, *argument;
	} words[] = {
		[SAY_ACKNOWLEDGED] = { "ack", NULL },
		[SAY_SNOOZED] = { "snooze", "until" },
		[SAY_SHOWN] = { "shown", "step" },
	};
	cleanup(ipc_buffer_done) struct ipc_buffer buffer = { 0 };
	cleanup_json struct json *request = json_object(), *answer = NULL;
	cleanup_close int fd = cli->socket_path ? ipc_connect(cli->socket_path, error) : -1;

	if (fd < 0)
		return write_down(cli, what, id, value, error);
	json_add_text(request, "method", words[what].method);
	json_add_int(request, "episode", id);
	if (words[what].argument)
		json_add_int(request, words[what].argument, value);
	return ipc_call(fd, &buffer, request, CALL_TIMEOUT, &answer, error);
}
