/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * planwatch-notify: shows what planctl hands it, one JSON object a line on standard input, and answers the same way. A program of
 * its own, because linking libnotify costs every start 3 ms, and because its calls to the bus block: a notification server that hangs
 * holds up nobody but this process. It ends with its input, and (GDBusConnection's exit-on-close) with the session bus.
 *
 *   in   {"key","summary","body","urgency":"low"|"normal"|"critical","category","resident","transient","actions":[[NAME,LABEL],...]}
 *        {"close":KEY}   {"describe":true}
 *   out  {"shown":KEY} or {"failed":KEY,"message"}, for each that is to be shown
 *        {"name","vendor","version","spec","capabilities"} or {"failed":"server","message"}, when asked to describe the server
 *        {"action":NAME,"key":KEY,"token"}   {"closed":KEY,"reason":N}, when a person or the server does that
 */
#include "bubble.h"

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>

struct helper {
	GMainLoop *loop;
	struct bubbles *bubbles;
	GString *input; /* of a line that is not complete */
	size_t number;	/* of lines */
	bool good;
};

static void tell(const struct json *line)
{
	cleanup_free char *text = json_print(line);

	if (text)
		(void)puts(text);
	(void)fflush(stdout);
}

static void show(struct helper *helper, const struct json *request, const char *key)
{
	cleanup_free char *problem = bubbles_show(helper->bubbles, request, key);
	cleanup_json struct json *line = json_object();

	json_add_text(line, problem ? "failed" : "shown", key);
	if (problem)
		json_add_text(line, "message", problem);
	helper->good &= !problem;
	tell(line);
}

static void describe(struct helper *helper)
{
	cleanup_json struct json *line = json_object(), *failed = json_object();
	cleanup_free char *problem = bubbles_describe(helper->bubbles, line);

	json_add_text(failed, "failed", "server");
	json_add_text(failed, "message", problem);
	tell(problem ? failed : line);
}

static void handle_line(struct helper *helper, const char *line, size_t length)
{
	cleanup_json struct json *request = NULL;
	bool valid = json_parse(line, length, &request) == 0;
	const char *key = valid ? json_get_text(request, "key") : NULL,
		   *close_key = valid ? json_get_text(request, "close") : NULL;

	helper->number++;
	if (close_key)
		bubbles_close(helper->bubbles, close_key);
	else if (valid && json_get_bool(request, "describe"))
		describe(helper);
	else if (key && json_get_text(request, "summary"))
		show(helper, request, key);
	else
		(void)fprintf(
		    stderr, "planwatch-notify: line %zu: expected an object with key and summary\n",
		    helper->number);
}

/* One read for each time that there is something: it does not block. */
static gboolean on_input(int fd, GIOCondition condition, gpointer userdata)
{
	struct helper *helper = userdata;
	char bytes[4096], *newline;
	ssize_t n = read(fd, bytes, sizeof(bytes));

	(void)condition;
	if (n < 0 && errno == EINTR)
		return G_SOURCE_CONTINUE;
	if (n <= 0 || helper->input->len + (size_t)n > JSON_FRAME_MAX) {
		g_main_loop_quit(helper->loop);
		return G_SOURCE_REMOVE;
	}
	g_string_append_len(helper->input, bytes, n);
	while ((newline = memchr(helper->input->str, '\n', helper->input->len))) {
		size_t length = (size_t)(newline - helper->input->str);
		handle_line(helper, helper->input->str, length);
		g_string_erase(helper->input, 0, (gssize)length + 1);
	}
	return G_SOURCE_CONTINUE;
}

int main(int argc, char **argv)
{
	struct helper helper = { .good = true };

	if (argc > 1) {
		bool help = strcmp(argv[1], "--help") == 0;
		(void)fputs(
		    "Usage: planwatch-notify\n\nShows notifications, one JSON object a line on standard input. "
		    "`planctl notify` runs it.\n",
		    help ? stdout : stderr);
		return help ? 0 : 2;
	}
	helper.loop = g_main_loop_new(NULL, FALSE);
	helper.bubbles = bubbles_new(tell);
	helper.input = g_string_new(NULL);
	(void)g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, &helper);
	g_main_loop_run(helper.loop);
	bubbles_free(helper.bubbles);
	g_string_free(helper.input, TRUE);
	g_main_loop_unref(helper.loop);
	return helper.good ? 0 : 1;
}
