/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * planwatch-notify: shows what planctl hands it, one JSON object a line on standard input, and answers the same way. A program of
 * its own, because linking libnotify costs every start 3 ms, and because its calls to the bus block: a notification server that hangs
 * holds up nobody but this process.
 *
 *   in   {"key","summary","body","urgency":"low"|"normal"|"critical","category","resident"}
 *   out  {"shown":KEY} or {"failed":KEY,"message"}
 */
#include "planwatch/json.h"
#include "planwatch/text.h"

#include <libnotify/notify.h>
#include <stdio.h>
#include <string.h>

#define SUMMARY_COLUMNS 120
#define BODY_LINE_COLUMNS 100
#define BODY_LINES 8

/* Asked once: a server does not change what it can while it runs. */
struct server {
	bool asked, markup;
};

static void ask_server(struct server *server)
{
	GList *capabilities = server->asked ? NULL : notify_get_server_caps();

	for (GList *c = capabilities; c; c = c->next)
		server->markup = server->markup || strcmp(c->data, "body-markup") == 0;
	g_list_free_full(capabilities, g_free);
	server->asked = true;
}

/* Without controls, cut to a length that fits a window. */
static char *tidy(const char *text, size_t columns)
{
	cleanup_free char *repaired = text_repair(text, strlen(text));
	cleanup_free char *printable = repaired ? text_printable(repaired) : NULL;

	return printable ? text_cut(printable, columns) : NULL;
}

/* Lines stay lines; where the server reads markup, text must not become it (Desktop Notifications Specification 1.2). */
static char *make_body(const char *text, bool markup)
{
	cleanup_free char *copy = strdup(text);
	GString *body = g_string_new(NULL);
	char *rest = copy, *line;

	for (int i = 0; i < BODY_LINES && rest && (line = strsep(&rest, "\n")); i++) {
		cleanup_free char *tidied = tidy(line, BODY_LINE_COLUMNS);
		char *escaped = markup && tidied ? g_markup_escape_text(tidied, -1) : NULL;

		if (tidied && *tidied)
			g_string_append_printf(body, "%s%s", body->len > 0 ? "\n" : "",
					       escaped ? escaped : tidied);
		g_free(escaped);
	}
	return g_string_free(body, FALSE);
}

static NotifyUrgency urgency_of(const char *word)
{
	if (word && strcmp(word, "critical") == 0)
		return NOTIFY_URGENCY_CRITICAL;
	return word && strcmp(word, "low") == 0 ? NOTIFY_URGENCY_LOW : NOTIFY_URGENCY_NORMAL;
}

static void set_hints(NotifyNotification *notification, const struct json *request, const char *key)
{
	NotifyUrgency urgency = urgency_of(json_get_text(request, "urgency"));
	const char *category = json_get_text(request, "category");

	notify_notification_set_urgency(notification, urgency);
	/* 0, "never by itself", only for what must not be missed; else the server decides. */
	notify_notification_set_timeout(notification, urgency == NOTIFY_URGENCY_CRITICAL
							  ? NOTIFY_EXPIRES_NEVER
							  : NOTIFY_EXPIRES_DEFAULT);
	if (category)
		notify_notification_set_category(notification, category);
	if (json_get_bool(request, "resident"))
		notify_notification_set_hint(notification, "resident", g_variant_new_boolean(TRUE));
	/* Servers that stack by tag replace the notification of the same key. */
	notify_notification_set_hint(notification, "x-dunst-stack-tag", g_variant_new_string(key));
	notify_notification_set_hint(notification, "x-canonical-private-synchronous",
				     g_variant_new_string(key));
}

static bool show(struct server *server, const struct json *request, const char *key, char **message)
{
	const char *body_text = json_get_text(request, "body");
	cleanup_free char *summary = tidy(json_get_text(request, "summary"), SUMMARY_COLUMNS);
	NotifyNotification *notification;
	GError *error = NULL;
	char *body;
	bool shown;

	ask_server(server);
	body = make_body(body_text ? body_text : "", server->markup);
	notification = notify_notification_new(summary ? summary : "", body, "planwatch");
	set_hints(notification, request, key);
	shown = notify_notification_show(notification, &error);
	if (error)
		*message = strdup(error->message);
	g_clear_error(&error);
	g_object_unref(notification);
	g_free(body);
	return shown;
}

static void answer(const char *key, bool shown, const char *message)
{
	cleanup_json struct json *json = json_object();
	cleanup_free char *text = NULL;

	json_add_text(json, shown ? "shown" : "failed", key);
	if (!shown)
		json_add_text(json, "message", message ? message : "no reason given");
	text = json_print(json);
	if (text)
		(void)puts(text);
	(void)fflush(stdout);
}

/* Returns false where something was not shown. */
static bool handle_line(struct server *server, const char *line, size_t length, size_t number)
{
	cleanup_json struct json *request = NULL;
	cleanup_free char *message = NULL;
	const char *key = NULL;
	bool shown;

	if (json_parse(line, length, &request) == 0 && json_get_text(request, "summary"))
		key = json_get_text(request, "key");
	if (!key) {
		(void)fprintf(
		    stderr, "planwatch-notify: line %zu: expected an object with key and summary\n",
		    number);
		return false;
	}
	shown = show(server, request, key, &message);
	answer(key, shown, message);
	return shown;
}

int main(int argc, char **argv)
{
	cleanup_free char *line = NULL;
	struct server server = { 0 };
	size_t size = 0, number = 0;
	bool good = true;
	ssize_t length;

	if (argc > 1) {
		bool help = strcmp(argv[1], "--help") == 0;
		(void)fputs(
		    "Usage: planwatch-notify\n\nShows notifications, one JSON object a line on standard input. "
		    "`planctl notify` runs it.\n",
		    help ? stdout : stderr);
		return help ? 0 : 2;
	}
	if (!notify_init("Planwatch"))
		return 1;
	while ((length = getline(&line, &size, stdin)) > 0)
		good = handle_line(&server, line, (size_t)length, ++number) && good;
	notify_uninit();
	return good ? 0 : 1;
}
