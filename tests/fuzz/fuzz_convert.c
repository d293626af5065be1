/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a plan: every format is printable text in the shape that its programs read, with nothing in it that they would obey; and
 * those that can be read again give the same items. Any bytes as a checklist of another program: what is taken is one plan with items
 * and a status, in printable text.
 */
#include "fuzz.h"

#include "planwatch/json.h"

#include <stdbool.h>

#define ROUND_TRIP_FAIL(format, ...)                             \
	do {                                                     \
		(void)fprintf(stderr, format "\n", __VA_ARGS__); \
		abort();                                         \
	} while (0)

#include "../round_trip.h"

/* Org is kept from reading what is none of its own by an empty character, which is ours. */
static void check_printable(const char *text, bool org)
{
	for (size_t i = 0, length = strlen(text); i < length;) {
		uint32_t code;
		bool valid;
		i += text_decode(text + i, length - i, &code, &valid);
		CHECK(valid);
		CHECK(code == '\n' || code == '\r' || (org && code == 0x200B) ||
		      !text_is_unprintable(code));
	}
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

/* RFC 4180; no cell is a formula. Returns the number of rows. */
static size_t check_csv(const char *at)
{
	size_t rows = 0, cells = 1;

	while (*at) {
		if (*at == '"') {
			CHECK(!at[1] || !strchr("=+-@\t\r", at[1]));
			for (at++; *at != '"' || at[1] == '"'; at += *at == '"' ? 2 : 1)
				CHECK(*at && *at != '\n' && *at != '\r');
			at++;
		} else {
			at += strspn(at, "0123456789abcdefghijklmnopqrstuvwxyz_");
		}
		if (*at == ',') {
			cells++;
			at++;
			continue;
		}
		CHECK(at[0] == '\r' && at[1] == '\n' && cells == 15);
		at += 2;
		rows++;
		cells = 1;
	}
	return rows;
}

/* RFC 5545, 3.1: lines of at most 75 octets, no bare newline, and unfolded each is a name and a value. */
static size_t check_ics(const char *at)
{
	size_t todos = 0;

	while (*at) {
		size_t length = strcspn(at, "\r\n");
		CHECK(length > 0 && length <= 75 && at[length] == '\r' && at[length + 1] == '\n');
		if (*at != ' ')
			CHECK(strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") > 1);
		todos += strncmp(at, "BEGIN:VTODO\r", 12) == 0;
		at += length + 2;
	}
	return todos;
}

/* Behind the style sheet, < and > come in turns: text of the plan is never a tag. */
static void check_html(const char *text)
{
	bool inside = false;

	text = strstr(text, "<body>");
	CHECK(text);
	for (; *text; text++) {
		if (*text == '<' || *text == '>') {
			CHECK(inside == (*text == '>'));
			inside = !inside;
		}
	}
	CHECK(!inside);
}

/* A line of JSON for each task; no string of it holds a newline. Returns the number of tasks. */
static size_t check_taskwarrior(const char *text)
{
	size_t tasks = 0;

	for (; *text; text += strcspn(text, "\n") + 1) {
		cleanup_json struct json *task = NULL;
		size_t length = strcspn(text, "\n");
		CHECK(text[length] == '\n');
		length -= text[length - 1] == ',';
		if (length == 1) {
			CHECK(*text == '[' || *text == ']');
			continue;
		}
		/* A longer one no frame of ours could hold. */
		CHECK(length > JSON_FRAME_MAX || json_parse(text, length, &task) == 0);
		CHECK(!task || (json_get_text(task, "uuid") && json_get_text(task, "description")));
		tasks++;
	}
	return tasks;
}

/* Items are told by lines that begin so, and nothing else begins so. */
static size_t count_starts(const char *text, const char *start, const char *other)
{
	size_t count = 0;

	for (; *text; text += strcspn(text, "\n") + 1)
		count += strncmp(text, start, strlen(start)) == 0 ||
			 strncmp(text, other, strlen(other)) == 0;
	return count;
}

static void check_format(const struct plan *plan, const char *format, const char *text)
{
	size_t items = plan->item_count, notes = plan->tolerance_count;

	if (strcmp(format, "csv") == 0)
		CHECK(check_csv(text) == 1 + items + notes);
	else if (strcmp(format, "ics") == 0)
		CHECK(check_ics(text) == 1 + items);
	else if (strcmp(format, "html") == 0)
		check_html(text);
	else if (strcmp(format, "taskwarrior") == 0)
		CHECK(check_taskwarrior(text) == 1 + items);
	else if (strcmp(format, "todo.txt") == 0)
		CHECK(count_lines(text) == items);
	else if (strcmp(format, "tap") == 0)
		CHECK(count_starts(text, "ok ", "not ok ") == items);
}

static void check_formats(const struct plan *plan)
{
	cleanup_checklist struct checklist list = { 0 };

	CHECK(checklist_make(plan, "/=a,\n<b>\x1b\".md", NULL, 1700000000 * USEC_PER_SEC, &list) ==
	      0);
	for (size_t i = 0; convert_format(i); i++) {
		cleanup_free char *text = NULL;
		const char *format = convert_format(i)->name;
		CHECK(convert(convert_format(i), &list, 1, &text) == 0);
		check_printable(text, strcmp(format, "org") == 0);
		check_format(plan, format, text);
	}
}

static void check_draft(const char *bytes, size_t size, const char *format)
{
	cleanup_plan struct plan_file *file = NULL;
	cleanup_free char *text = NULL;
	int r = draft_from(format, bytes, size, "name", &text);

	CHECK((r == 0 && text) || r == -EINVAL);
	if (r < 0)
		return;
	check_printable(text, false);
	CHECK(plan_parse(text, strlen(text), &file) == 0 && file->plan_count == 1);
	CHECK(file->plans->is_plan && file->plans->source == PROGRESS_SECTION &&
	      file->plans->item_count > 0 && file->plans->status.raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_plan struct plan_file *file = NULL;
	const char *bytes = (const char *)data;

	CHECK(plan_parse(bytes, size, &file) == 0);
	for (size_t i = 0; i < file->plan_count; i++)
		check_formats(&file->plans[i]);
	for (size_t i = 0; draft_format(i); i++)
		check_draft(bytes, size, draft_format(i));
	round_trip(bytes, size);
	return 0;
}
