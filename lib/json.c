/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/json.h"

#include "planwatch/text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* 2^53: beyond it a double does not know its own neighbours. */
#define EXACT_MAX 9007199254740992.0

/* Its lookup ignores case; valueint saturates at INT_MAX. */
#pragma GCC poison cJSON_GetObjectItem valueint

static cJSON *from(struct json *json)
{
	return (cJSON *)json;
}

static const cJSON *from_const(const struct json *json)
{
	return (const cJSON *)json;
}

static struct json *to(cJSON *item)
{
	return (struct json *)item;
}

struct json *json_object(void)
{
	return to(cJSON_CreateObject());
}

struct json *json_array(void)
{
	return to(cJSON_CreateArray());
}

void json_free(struct json *json)
{
	cJSON_Delete(from(json));
}

/*
 * A failed allocation is remembered in the parent: it becomes a raw value without text, which cJSON
 * refuses to print. By itself cJSON would leave the member out in silence.
 */
static void spoil(cJSON *parent)
{
	if (parent)
		parent->type = (parent->type & ~0xFF) | cJSON_Raw;
}

static struct json *attach(struct json *parent, const char *name, cJSON *child)
{
	cJSON *owner = from(parent);
	bool attached = false;

	if (owner && child)
		attached = name ? cJSON_AddItemToObject(owner, name, child)
				: cJSON_AddItemToArray(owner, child);
	if (!attached) {
		cJSON_Delete(child);
		spoil(owner);
		return NULL;
	}
	return to(child);
}

struct json *json_add_object(struct json *parent, const char *name)
{
	return attach(parent, name, cJSON_CreateObject());
}

struct json *json_add_array(struct json *parent, const char *name)
{
	return attach(parent, name, cJSON_CreateArray());
}

void json_add_null(struct json *parent, const char *name)
{
	(void)attach(parent, name, cJSON_CreateNull());
}

void json_add_bool(struct json *parent, const char *name, bool value)
{
	(void)attach(parent, name, cJSON_CreateBool(value));
}

void json_add_int(struct json *parent, const char *name, int64_t value)
{
	char digits[24];

	/* cJSON's numbers are doubles: from 2^52 on they would be rounded. */
	(void)snprintf(digits, sizeof(digits), "%" PRId64, value);
	(void)attach(parent, name, cJSON_CreateRaw(digits));
}

void json_add_text(struct json *parent, const char *name, const char *value)
{
	cleanup_free char *repaired = value ? text_repair(value, strlen(value)) : NULL;

	if (!value)
		json_add_null(parent, name);
	else
		(void)attach(parent, name, repaired ? cJSON_CreateString(repaired) : NULL);
}

void json_add_instant(struct json *parent, const char *name, usec_t at)
{
	char text[INSTANT_MAX];

	json_add_text(parent, name, at == INSTANT_NONE ? NULL : instant_format_utc(at, text));
}

void json_add(struct json *parent, const char *name, struct json *child)
{
	(void)attach(parent, name, from(child));
}

/*
 * JSON is valid with C1 and bidirectional controls in its strings, but it is read on terminals too: they become \\uNNNN. Outside of
 * strings JSON is ASCII without them. What was read may hold bytes that are no UTF-8: they become \\ufffd.
 */
static char *escape_unprintable(char *text)
{
	size_t length = text ? strlen(text) : 0, size;
	char *escaped = NULL;
	FILE *out = text ? open_memstream(&escaped, &size) : NULL;

	for (size_t i = 0; out && i < length;) {
		uint32_t code;
		bool valid;
		size_t n = text_decode(text + i, length - i, &code, &valid);

		if (valid && (code < 0x7F || !text_is_unprintable(code)))
			(void)fwrite(text + i, 1, n, out);
		else if (code < 0x10000)
			(void)fprintf(out, "\\u%04x", code);
		else
			(void)fprintf(out, "\\u%04x\\u%04x", 0xD800 + ((code - 0x10000) >> 10),
				      0xDC00 + ((code - 0x10000) & 0x3FF));
		i += n;
	}
	free(text);
	return out ? text_stream_end(out, &escaped) : NULL;
}

char *json_print(const struct json *json)
{
	return json ? escape_unprintable(cJSON_PrintUnformatted(from_const(json))) : NULL;
}

/* Brackets outside strings: cJSON recurses on them, so the depth is bounded before it sees them. */
static bool too_deep(const char *text, size_t length)
{
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '[' || text[i] == '{') && ++depth > JSON_DEPTH_MAX)
			return true;
		else if (!quoted && (text[i] == ']' || text[i] == '}'))
			depth--;
	}
	return false;
}

int json_parse(const char *text, size_t length, struct json **ret)
{
	const char *end = NULL;
	cJSON *item;

	if (length > JSON_FRAME_MAX || too_deep(text, length))
		return -E2BIG;
	item = cJSON_ParseWithLengthOpts(text, length, &end, false);
	if (!item)
		return -EINVAL;
	while (end < text + length && strchr(" \t\r\n", *end) && *end)
		end++;
	if (end != text + length) {
		cJSON_Delete(item);
		return -EINVAL;
	}
	*ret = to(item);
	return 0;
}

const struct json *json_get(const struct json *object, const char *name)
{
	return to(cJSON_GetObjectItemCaseSensitive(from_const(object), name));
}

const char *json_get_text(const struct json *object, const char *name)
{
	return json_text(json_get(object, name));
}

bool json_get_bool(const struct json *object, const char *name)
{
	return cJSON_IsTrue(from_const(json_get(object, name)));
}

int json_get_int(const struct json *object, const char *name, int64_t *ret)
{
	const cJSON *item = from_const(json_get(object, name));

	if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= EXACT_MAX) ||
	    (double)(int64_t)item->valuedouble < item->valuedouble)
		return -ENOENT;
	*ret = (int64_t)item->valuedouble;
	return 0;
}

const struct json *json_next(const struct json *parent, const struct json *previous)
{
	const cJSON *item = previous ? from_const(previous)->next
			    : parent ? from_const(parent)->child
				     : NULL;

	return (const struct json *)item;
}

const char *json_text(const struct json *value)
{
	return cJSON_GetStringValue(from_const(value));
}
