/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What arrives at a socket, in pieces of any size: the reader finds each line, as if all had come at once, and what a line is, it says
 * again when it is printed. The same bytes as the answer to a request of planctl: it succeeds where the first line says so, and nowhere
 * else. The first byte says how large the pieces are, the second one how often what follows is repeated, for lines that are too long.
 */
#include "fuzz.h"

#include "planwatch/ipc.h"
#include "planwatch/text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What is sent must fit into a socket's buffer (unix(7), wmem_default), because nobody reads while it is written. */
enum { SENT_MAX = 128 << 10, TIMES_MAX = 4 };

struct pair {
	int ours, its;
};

static struct pair connected(bool blocks)
{
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | (blocks ? 0 : SOCK_NONBLOCK), 0, ends) == 0);
	return (struct pair){ ends[0], ends[1] };
}

static void close_both(const struct pair *pair)
{
	CHECK(close(pair->ours) == 0 && close(pair->its) == 0);
}

/* JSON of ours is one line, with nothing in it that a terminal would obey. */
static char *print(const struct json *json)
{
	char *text = json_print(json);
	size_t length;

	CHECK(text);
	length = strlen(text);
	for (size_t i = 0; i < length;) {
		uint32_t code;
		bool valid;
		i += text_decode(text + i, length - i, &code, &valid);
		CHECK(valid && !text_is_unprintable(code));
	}
	return text;
}

/*
 * Printed and read again it is the same. Not so where a string of it holds bytes that are no UTF-8: those are shown as U+FFFD; nor is
 * what would become too long by the escapes.
 */
static void check_document(const struct json *json, const char *line, size_t length)
{
	cleanup_json struct json *again = NULL;
	cleanup_free char *first = print(json), *second = NULL;
	bool valid = true;

	for (size_t i = 0; i < length && valid;) {
		uint32_t code;
		i += text_decode(line + i, length - i, &code, &valid);
	}
	if (strlen(first) > JSON_FRAME_MAX)
		return;
	CHECK(json_parse(first, strlen(first), &again) == 0);
	second = print(again);
	CHECK(!valid || strcmp(first, second) == 0);
}

/* The next thing that the reader must say of bytes[*at..size), all of which have arrived; nothing more will. */
static int expected(const char *bytes, size_t size, size_t *at, struct json **ret)
{
	const char *newline = memchr(bytes + *at, '\n', size - *at);
	size_t length = newline ? (size_t)(newline - bytes) - *at : size - *at;
	const char *line = bytes + *at;
	int r;

	if (length >= JSON_FRAME_MAX)
		return -EMSGSIZE;
	if (!newline)
		return 0;
	*at += length + 1;
	r = json_parse(line, length, ret);
	if (r == 0)
		check_document(*ret, line, length);
	return r < 0 ? -EINVAL : 1;
}

static void check_reader(const char *bytes, size_t size, size_t piece)
{
	cleanup(ipc_buffer_done) struct ipc_buffer buffer = { 0 };
	struct pair pair = connected(false);
	size_t sent = 0, at = 0;
	int r = -EAGAIN, must;

	do {
		cleanup_json struct json *got = NULL, *want = NULL;
		r = ipc_read(pair.ours, &buffer, &got);
		if (r == -EAGAIN && sent < size) {
			size_t length = size - sent < piece ? size - sent : piece;
			CHECK(write(pair.its, bytes + sent, length) == (ssize_t)length);
			sent += length;
			continue;
		}
		if (r == -EAGAIN) {
			CHECK(shutdown(pair.its, SHUT_WR) == 0);
			continue;
		}
		must = expected(bytes, size, &at, &want);
		CHECK(r == must);
		if (r == 1) {
			cleanup_free char *a = print(got), *b = print(want);
			CHECK(strcmp(a, b) == 0);
		}
	} while (r == 1 || r == -EINVAL || r == -EAGAIN);
	close_both(&pair);
}

static void check_call(const char *bytes, size_t size)
{
	cleanup(ipc_buffer_done) struct ipc_buffer buffer = { 0 };
	cleanup_json struct json *request = json_object(), *answer = NULL, *want = NULL;
	struct pair pair = connected(true);
	struct error error = { 0 };
	size_t at = 0;
	int r;

	CHECK(write(pair.its, bytes, size) == (ssize_t)size && shutdown(pair.its, SHUT_WR) == 0);
	json_add_text(request, "method", "ping");
	r = ipc_call(pair.ours, &buffer, request, 10 * USEC_PER_SEC, &answer, &error);
	if (expected(bytes, size, &at, &want) == 1 && json_get_bool(want, "ok")) {
		CHECK(r == 0 && json_get_bool(answer, "ok") && error.code == 0);
	} else {
		CHECK(r < 0 && r >= -4095 && !answer);
		CHECK(error.code == r && *error.message);
	}
	close_both(&pair);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *bytes = NULL;
	size_t times, length;

	if (size < 3 || size * TIMES_MAX > SENT_MAX)
		return 0;
	times = data[1] % TIMES_MAX + 1u;
	length = size - 2;
	bytes = malloc(times * length);
	CHECK(bytes);
	for (size_t i = 0; i < times; i++)
		memcpy(bytes + i * length, data + 2, length);
	check_reader(bytes, times * length, (size_t)data[0] * data[0] + 1);
	check_call(bytes, times * length);
	return 0;
}
