/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "coverage.h"

#include "planwatch/ipc.h"

/* A daemon that has more to do than to answer is as good as none, here. */
#define CALL_TIMEOUT USEC_PER_SEC
#define GAPS_SHOWN 5

/* Counts the roots that the daemon tells. False where there is none to ask. */
static bool ask_daemon(const struct cli *cli, struct json *coverage)
{
	cleanup(ipc_buffer_done) struct ipc_buffer buffer = { 0 };
	cleanup_json struct json *request = json_object(), *answer = NULL;
	struct error error = { 0 };
	cleanup_close int fd = cli->socket_path ? ipc_connect(cli->socket_path, &error) : -1;
	int64_t roots = 0, polled = 0, missing = 0, folders = 0;

	json_add_text(request, "method", "roots");
	if (fd < 0 || ipc_call(fd, &buffer, request, CALL_TIMEOUT, &answer, &error) < 0)
		return false;
	for (const struct json *root = NULL; (root = json_next(json_get(answer, "roots"), root));) {
		roots++;
		polled += json_get_bool(root, "polled");
		missing += json_get_text(root, "problem") != NULL;
	}
	(void)json_get_int(answer, "folders", &folders);
	json_add_int(coverage, "roots", roots);
	json_add_int(coverage, "missing", missing);
	json_add_int(coverage, "polled", polled);
	json_add_int(coverage, "folders", folders);
	json_add_bool(coverage, "limited", json_get_bool(answer, "limited"));
	return true;
}

static int add_gap(void *userdata, const struct log_row *row)
{
	struct json *gap = json_add_object(userdata, NULL);

	json_add_instant(gap, "from", row->observation.not_before);
	json_add_instant(gap, "until", row->observation.at);
	json_add_text(gap, "cause", row->event.before);
	json_add_text(gap, "reason", row->event.text);
	return 0;
}

struct json *coverage_read(struct cli *cli)
{
	struct log_filter filter = { .since = INSTANT_NONE,
				     .until = INSTANT_NONE,
				     .kinds = 1u << EVENT_GAP,
				     .limit = GAPS_SHOWN };
	struct json *coverage = json_object();
	struct error error = { 0 };
	bool watched = ask_daemon(cli, coverage);

	json_add_bool(coverage, "watching", watched);
	json_add_instant(coverage, "blind_since",
			 watched ? INSTANT_NONE : store_last_looked(cli->db_path));
	(void)store_log(cli->store, &filter, add_gap, json_add_array(coverage, "gaps"), &error);
	return coverage;
}
