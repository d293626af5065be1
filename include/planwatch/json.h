/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON (RFC 8259) in and out: the one door to cJSON, around its traps. Integers of 64 bits are
 * exact, text is always valid UTF-8 (repaired with U+FFFD), names are compared with case, trailing
 * bytes and deep nesting are refused.
 *
 * Writing: a document is built from its root down. A failed allocation anywhere leaves the document
 * marked, and json_print() tells it, so that the builders need no checks of their own. What a
 * json_add_* returns belongs to its parent.
 */
#ifndef PLANWATCH_JSON_H
#define PLANWATCH_JSON_H

#include "planwatch/cleanup.h"
#include "planwatch/instant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A frame on the control socket and a line on standard input are at most this long. */
#define JSON_FRAME_MAX ((size_t)64 << 10)
#define JSON_DEPTH_MAX 16

struct json; /* one value: an object, an array, a string, ... */

struct json *json_object(void);
struct json *json_array(void);
void json_free(struct json *json);

static inline void cleanup_json_pointer(struct json *const *json)
{
	json_free(*json);
}
#define cleanup_json cleanup(cleanup_json_pointer)

/* Into an object under `name`, or, with a NULL name, at the end of an array. A NULL parent is
 * ignored. */
struct json *json_add_object(struct json *parent, const char *name);
struct json *json_add_array(struct json *parent, const char *name);
void json_add_null(struct json *parent, const char *name);
void json_add_bool(struct json *parent, const char *name, bool value);
void json_add_int(struct json *parent, const char *name, int64_t value);
/* NULL text becomes null. */
void json_add_text(struct json *parent, const char *name, const char *value);
/* RFC 3339; INSTANT_NONE becomes null. */
void json_add_instant(struct json *parent, const char *name, usec_t at);
/* Hands `child` over to the parent. */
void json_add(struct json *parent, const char *name, struct json *child);

/* On one line, without a newline; the caller frees. NULL when memory was out while building or now.
 */
char *json_print(const struct json *json);

/* Reads a whole document of at most JSON_FRAME_MAX bytes. Returns 0, -EINVAL, -E2BIG (size or
 * depth), -ENOMEM. */
int json_parse(const char *text, size_t length, struct json **ret);

/* Members of an object; NULL, false or -ENOENT where there is no such member of that type. Strings
 * belong to the document. */
const struct json *json_get(const struct json *object, const char *name);
const char *json_get_text(const struct json *object, const char *name);
bool json_get_bool(const struct json *object, const char *name);
int json_get_int(const struct json *object, const char *name, int64_t *ret);

/* Elements of an array or object in order: NULL starts, NULL ends. */
const struct json *json_next(const struct json *parent, const struct json *previous);
/* The string that a value is; NULL for another type. */
const char *json_text(const struct json *value);

#endif
