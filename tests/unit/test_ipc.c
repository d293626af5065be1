/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames over a socket, and what is told where the other side does not keep to them. */
#include "unit.h"

#include "planwatch/cleanup.h"
#include "planwatch/ipc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct world {
	int ours, theirs;
	struct ipc_buffer buffer;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	int pair[2];

	if (!w || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	w->ours = pair[0];
	w->theirs = pair[1];
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	ipc_buffer_done(&w->buffer);
	(void)close(w->ours);
	if (w->theirs >= 0)
		(void)close(w->theirs);
	free(w);
	return 0;
}

static void say(const struct world *w, const char *text)
{
	assert_int_equal(write(w->theirs, text, strlen(text)), strlen(text));
}

static void test_frames(void **state)
{
	struct world *w = *state;
	cleanup_json struct json *one = NULL, *two = NULL, *three = NULL, *four = NULL;

	assert_false(ipc_has_more(&w->buffer));
	say(w, "{\"a\":\"1\"}\n{\"a\":\"2\"}\nno json\n{\"a\":");
	assert_int_equal(ipc_read(w->ours, &w->buffer, &one), 1);
	assert_string_equal(json_get_text(one, "a"), "1");
	assert_true(ipc_has_more(&w->buffer));
	assert_int_equal(ipc_read(w->ours, &w->buffer, &two), 1);
	assert_string_equal(json_get_text(two, "a"), "2");
	/* What is no JSON is passed over. */
	assert_int_equal(ipc_read(w->ours, &w->buffer, &three), -EINVAL);
	assert_null(three);
	assert_false(ipc_has_more(&w->buffer));
	say(w, "\"4\"}\n");
	assert_int_equal(ipc_read(w->ours, &w->buffer, &four), 1);
	assert_string_equal(json_get_text(four, "a"), "4");
	assert_false(ipc_has_more(&w->buffer));
	(void)close(w->theirs);
	w->theirs = -1;
	assert_int_equal(ipc_read(w->ours, &w->buffer, &four), 0);
}

static void test_frame_without_end(void **state)
{
	struct world *w = *state;
	struct json *frame = NULL;
	char block[1024];

	memset(block, ' ', sizeof(block));
	for (size_t i = 0; i < JSON_FRAME_MAX; i += sizeof(block))
		assert_int_equal(write(w->theirs, block, sizeof(block)), sizeof(block));
	assert_int_equal(ipc_read(w->ours, &w->buffer, &frame), -EMSGSIZE);
	/* Whoever asks whether there is more to do must not wait for more to come. */
	assert_true(ipc_has_more(&w->buffer));
}

static void test_answers(void **state)
{
	static const struct {
		const char *answer; /* NULL: none */
		int code;
		const char *message;
	} rows[] = {
		{ "{\"ok\":false,\"error\":{\"code\":2,\"message\":\"no such plan\"}}\n", -2,
		  "no such plan" },
		{ "{\"ok\":false,\"error\":{\"code\":4095,\"message\":\"x\"}}\n", -4095, "x" },
		/* A refusal is no success, whatever its number. */
		{ "{\"ok\":false,\"error\":{\"code\":4096,\"message\":\"x\"}}\n", -EIO, "x" },
		{ "{\"ok\":false,\"error\":{\"code\":0,\"message\":\"x\"}}\n", -EIO, "x" },
		{ "{\"ok\":false,\"error\":{\"code\":-2,\"message\":\"x\"}}\n", -EIO, "x" },
		{ "{\"ok\":false,\"error\":{\"code\":\"2\"}}\n", -EIO,
		  "planwatchd refused without a reason" },
		{ "{}\n", -EIO, "planwatchd refused without a reason" },
		{ "no json\n", -EINVAL, "planwatchd went away before it answered" },
		{ NULL, -ETIMEDOUT, "planwatchd did not answer within 0 s" },
	};
	struct world *w = *state;
	cleanup_json struct json *request = json_object(), *answer = NULL;
	struct error error = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].answer)
			say(w, rows[i].answer);
		assert_int_equal(
		    ipc_call(w->ours, &w->buffer, request, USEC_PER_SEC / 100, &answer, &error),
		    rows[i].code);
		assert_string_equal(error.message, rows[i].message);
		assert_null(answer);
	}
	say(w, "{\"ok\":true,\"data\":\"d\"}\n");
	assert_int_equal(
	    ipc_call(w->ours, &w->buffer, request, USEC_PER_SEC / 100, &answer, &error), 0);
	assert_string_equal(json_get_text(answer, "data"), "d");
}

static void test_nobody_answers(void **state)
{
	struct world *w = *state;
	cleanup_json struct json *request = json_object();
	struct json *answer = NULL;
	struct error error = { 0 };

	/* The request is taken, and no answer comes. */
	(void)shutdown(w->theirs, SHUT_WR);
	assert_int_equal(ipc_call(w->ours, &w->buffer, request, USEC_PER_SEC, &answer, &error),
			 -ECONNRESET);
	assert_string_equal(error.message, "planwatchd went away before it answered");
	(void)close(w->theirs);
	w->theirs = -1;
	assert_int_equal(ipc_call(w->ours, &w->buffer, request, USEC_PER_SEC, &answer, &error),
			 -EPIPE);
}

static void test_json(void **unused)
{
	static const struct {
		const char *text;
		size_t length;
		bool good;
	} rows[] = {
		{ "{}", 2, true },	   { " {} \r\n", 6, true }, { "{}x", 3, false },
		{ "{} {}", 5, false },	   { "{}\0", 3, false },    { "", 0, false },
		{ "{\"a\":1}", 3, false },
	};
	cleanup_free char *large = malloc(JSON_FRAME_MAX + 1);

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_json struct json *json = NULL;
		if ((json_parse(rows[i].text, rows[i].length, &json) == 0) != rows[i].good)
			fail_msg("%s", rows[i].text);
	}
	assert_non_null(large);
	memset(large, ' ', JSON_FRAME_MAX + 1);
	memcpy(large, "{}", 2);
	cleanup_json struct json *fits = NULL;
	struct json *longer = NULL;
	assert_int_equal(json_parse(large, JSON_FRAME_MAX, &fits), 0);
	assert_true(json_parse(large, JSON_FRAME_MAX + 1, &longer) < 0);
}

static void test_connect(void **unused)
{
	char path[200];
	struct error error = { 0 };

	(void)unused;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(ipc_connect(path, &error), -ENAMETOOLONG);
	assert_non_null(strstr(error.message, "the path of a socket has at most 107 bytes"));
	assert_int_equal(ipc_connect("/nowhere/socket", &error), -ECONNREFUSED);
	assert_string_equal(
	    error.message,
	    "planwatchd is not running (/nowhere/socket: No such file or directory); start it with `planwatchd FOLDER`");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_frames),	     TEST(test_frame_without_end),
		TEST(test_answers),	     TEST(test_nobody_answers),
		cmocka_unit_test(test_json), cmocka_unit_test(test_connect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
