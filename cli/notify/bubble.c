/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bubble.h"

#include "planwatch/text.h"

#include <libnotify/notify.h>
#include <string.h>

/* Of the desktop entry and of the icon, as they are installed. */
#define APPLICATION_ID "io.github.planwatch.planwatch"

#define SUMMARY_COLUMNS 120
#define BODY_LINE_COLUMNS 100
#define BODY_LINES 10
/* What passes by itself does so on every server. */
#define TRANSIENT_MS 10000

struct bubbles {
	bubbles_tell *tell;
	GHashTable *by_key;
	char
	    *owner; /* the server that they are on, by its unique name on the bus; NULL: none yet */
	bool markup, actions;
};

/* ---- The server ---- */

/* Why no server answers. */
static char *why_none(void)
{
	GError *error = NULL;
	GDBusConnection *bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, &error);
	char *reason = NULL;

	if (bus) {
		g_object_unref(bus);
		return strdup("no notification server answers");
	}
	if (asprintf(&reason, "there is no session bus: %s", error->message) < 0)
		reason = NULL;
	g_error_free(error);
	return reason;
}

/* NULL where no server runs, or no bus. */
static char *current_owner(void)
{
	GDBusConnection *bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, NULL);
	char *owner = NULL;
	GVariant *answer;

	if (!bus)
		return NULL;
	answer = g_dbus_connection_call_sync(
	    bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
	    "GetNameOwner", g_variant_new("(s)", "org.freedesktop.Notifications"),
	    G_VARIANT_TYPE("(s)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
	if (answer) {
		g_variant_get(answer, "(s)", &owner);
		g_variant_unref(answer);
	}
	g_object_unref(bus);
	return owner;
}

/*
 * An id means something to the server that gave it only: to its successor it is nobody's, or another program's. Each server is asked
 * once what it can.
 */
static void meet_server(struct bubbles *bubbles)
{
	char *owner = current_owner();
	GList *capabilities;

	if (owner && bubbles->owner && strcmp(owner, bubbles->owner) == 0) {
		g_free(owner);
		return;
	}
	g_free(bubbles->owner);
	bubbles->owner = owner;
	g_hash_table_remove_all(bubbles->by_key);
	bubbles->markup = bubbles->actions = false;
	capabilities = owner ? notify_get_server_caps() : NULL;
	for (GList *c = capabilities; c; c = c->next) {
		bubbles->markup |= strcmp(c->data, "body-markup") == 0;
		bubbles->actions |= strcmp(c->data, "actions") == 0;
	}
	g_list_free_full(capabilities, g_free);
}

/*
 * A question that leaves nothing behind comes before each notification: one that was sent to a server that hangs would be shown when it
 * comes back, beside those of all later attempts. It also starts a server that the bus can start.
 */
static char *find_server(struct bubbles *bubbles, struct json *ret)
{
	char *name = NULL, *vendor = NULL, *version = NULL, *spec = NULL;

	if (!notify_get_server_info(&name, &vendor, &version, &spec))
		return why_none();
	if (ret) {
		json_add_text(ret, "name", name);
		json_add_text(ret, "vendor", vendor);
		json_add_text(ret, "version", version);
		json_add_text(ret, "spec", spec);
	}
	g_free(name);
	g_free(vendor);
	g_free(version);
	g_free(spec);
	meet_server(bubbles);
	return NULL;
}

char *bubbles_describe(struct bubbles *bubbles, struct json *ret)
{
	char *problem = find_server(bubbles, ret);

	if (problem)
		return problem;
	struct json *list = json_add_array(ret, "capabilities");
	GList *capabilities = notify_get_server_caps();
	for (GList *c = capabilities; c; c = c->next)
		json_add_text(list, NULL, c->data);
	g_list_free_full(capabilities, g_free);
	return NULL;
}

/* ---- What a person does ---- */

static const char *key_of(NotifyNotification *notification)
{
	return g_object_get_data(G_OBJECT(notification), "key");
}

static void on_action(NotifyNotification *notification, char *action, gpointer userdata)
{
	const struct bubbles *bubbles = userdata;
	cleanup_json struct json *line = json_object();
	const char *token = notify_notification_get_activation_token(notification);

	json_add_text(line, "action", action);
	json_add_text(line, "key", key_of(notification));
	if (token)
		json_add_text(line, "token", token);
	bubbles->tell(line);
}

static void on_closed(NotifyNotification *notification, gpointer userdata)
{
	struct bubbles *bubbles = userdata;
	cleanup_json struct json *line = json_object();

	json_add_text(line, "closed", key_of(notification));
	json_add_int(line, "reason", notify_notification_get_closed_reason(notification));
	bubbles->tell(line);
	g_hash_table_remove(bubbles->by_key, key_of(notification));
}

/* ---- What it says ---- */

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
	bool transient = json_get_bool(request, "transient");

	notify_notification_clear_hints(notification);
	notify_notification_set_urgency(notification, urgency);
	/* "Never by itself" only for what must not be missed; else the server decides. */
	notify_notification_set_timeout(notification, transient ? TRANSIENT_MS
						      : urgency == NOTIFY_URGENCY_CRITICAL
							  ? NOTIFY_EXPIRES_NEVER
							  : NOTIFY_EXPIRES_DEFAULT);
	notify_notification_set_hint(notification, "desktop-entry",
				     g_variant_new_string(APPLICATION_ID));
	if (category)
		notify_notification_set_category(notification, category);
	if (transient)
		notify_notification_set_hint(notification, "transient",
					     g_variant_new_boolean(TRUE));
	if (json_get_bool(request, "resident"))
		notify_notification_set_hint(notification, "resident", g_variant_new_boolean(TRUE));
	/* Servers that stack by tag replace the notification of the same key, also one of a planctl before this. */
	notify_notification_set_hint(notification, "x-dunst-stack-tag", g_variant_new_string(key));
	notify_notification_set_hint(notification, "x-canonical-private-synchronous",
				     g_variant_new_string(key));
}

/* Buttons where the server has them: "actions": [[NAME, LABEL], ...]. */
static void set_buttons(struct bubbles *bubbles, NotifyNotification *notification,
			const struct json *request)
{
	const struct json *actions = json_get(request, "actions"), *pair = NULL;

	notify_notification_clear_actions(notification);
	while (bubbles->actions && (pair = json_next(actions, pair))) {
		const struct json *first = json_next(pair, NULL);
		const char *name = json_text(first), *label = json_text(json_next(pair, first));
		if (name && label)
			notify_notification_add_action(notification, name, label, on_action,
						       bubbles, NULL);
	}
}

/* The one with this key, or a new one, which belongs to the table. */
static NotifyNotification *bubble_for(struct bubbles *bubbles, const char *key, const char *summary,
				      const char *body)
{
	NotifyNotification *notification = g_hash_table_lookup(bubbles->by_key, key);

	if (notification) {
		notify_notification_update(notification, summary, body, APPLICATION_ID);
		return notification;
	}
	notification = notify_notification_new(summary, body, APPLICATION_ID);
	g_object_set_data_full(G_OBJECT(notification), "key", g_strdup(key), g_free);
	g_signal_connect(notification, "closed", G_CALLBACK(on_closed), bubbles);
	g_hash_table_insert(bubbles->by_key, g_strdup(key), notification);
	return notification;
}

char *bubbles_show(struct bubbles *bubbles, const struct json *request, const char *key)
{
	const char *body_text = json_get_text(request, "body");
	cleanup_free char *summary = tidy(json_get_text(request, "summary"), SUMMARY_COLUMNS);
	NotifyNotification *notification;
	char *problem = find_server(bubbles, NULL), *body;
	GError *error = NULL;

	if (problem)
		return problem;
	body = make_body(body_text ? body_text : "", bubbles->markup);
	notification = bubble_for(bubbles, key, summary && *summary ? summary : "Planwatch", body);
	g_free(body);
	set_hints(notification, request, key);
	set_buttons(bubbles, notification, request);
	if (notify_notification_show(notification, &error))
		return NULL;
	problem = strdup(error ? error->message : "no reason given");
	g_clear_error(&error);
	g_hash_table_remove(bubbles->by_key, key);
	return problem;
}

void bubbles_close(struct bubbles *bubbles, const char *key)
{
	NotifyNotification *notification;

	meet_server(bubbles);
	notification = g_hash_table_lookup(bubbles->by_key, key);
	if (!notification)
		return;
	(void)notify_notification_close(notification, NULL);
	g_hash_table_remove(bubbles->by_key, key);
}

/* ---- Life ---- */

struct bubbles *bubbles_new(bubbles_tell *tell)
{
	struct bubbles *bubbles = g_new0(struct bubbles, 1);

	bubbles->tell = tell;
	bubbles->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_object_unref);
	(void)notify_init("Planwatch");
	return bubbles;
}

void bubbles_free(struct bubbles *bubbles)
{
	g_hash_table_unref(bubbles->by_key);
	g_free(bubbles->owner);
	g_free(bubbles);
	notify_uninit();
}
