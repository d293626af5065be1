/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taskwarrior's import format (task(1), "import"): an array of tasks, a line each. The plan is a task that depends on its items, an item
 * on what is nested in it: so Taskwarrior shows as ready what can be done now. The identities stay, so a second import updates.
 *
 * Written as it goes, not built first: no text has a control character, so that two characters are all that JSON escapes.
 */
#include "convert_private.h"

#include <string.h>

static void put_text(FILE *out, const char *text)
{
	for (; *text; text++)
		(void)fprintf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
}

static void put_field(FILE *out, const char *name, const char *text)
{
	(void)fprintf(out, ",\"%s\":\"", name);
	put_text(out, text);
	(void)fputc('"', out);
}

static void put_time(FILE *out, const char *name, usec_t at)
{
	char time[CONVERT_TIME_MAX];

	put_field(out, name, convert_basic(at, time));
}

/* A level of a project: a point would begin the next one. */
static void put_level(FILE *out, const char *text)
{
	for (; *text; text++) {
		char c[] = { *text == '.' ? '-' : *text, '\0' };
		put_text(out, c);
	}
}

static void put_project(FILE *out, const struct checklist *list, const char *stage)
{
	(void)fputs(",\"project\":\"", out);
	put_level(out, list->name);
	if (stage) {
		(void)fputc('.', out);
		put_level(out, stage);
	}
	(void)fputc('"', out);
}

/* Annotations of one task have different times: Taskwarrior knows them by these. */
struct notes {
	FILE *out;
	usec_t next;
	bool any;
};

static void put_note(struct notes *notes, const char *what, const char *text)
{
	char time[CONVERT_TIME_MAX];

	(void)fprintf(notes->out, "%s{\"entry\":\"%s\",\"description\":\"%s ",
		      notes->any ? "," : ",\"annotations\":[", convert_basic(notes->next, time),
		      what);
	put_text(notes->out, text);
	(void)fputs("\"}", notes->out);
	notes->next += USEC_PER_SEC;
	notes->any = true;
}

static void put_place(struct notes *notes, uint32_t line, const char *path)
{
	char what[32];

	(void)snprintf(what, sizeof(what), "Line %u of", line);
	put_note(notes, what, path);
}

/*
 * When the task came to be, never after its end: as witnessed, else as claimed, else when the file was last changed. *end is when it
 * was done or dropped, INSTANT_NONE while it is neither.
 */
static usec_t find_times(const struct checklist *list, const struct checklist_item *item,
			 usec_t *end)
{
	usec_t entry = item->first_seen_at;

	*end = convert_done_at(item);
	if (*end == INSTANT_NONE && convert_mark(item->item) >= MARK_DONE)
		*end = list->revised_at;
	if (entry == INSTANT_NONE)
		entry = item->claimed_at != INSTANT_NONE ? item->claimed_at : list->revised_at;
	return *end != INSTANT_NONE && *end < entry ? *end : entry;
}

static void put_item_notes(FILE *out, const struct checklist *list,
			   const struct checklist_item *item, usec_t entry)
{
	struct notes notes = { out, entry, false };
	char time[CONVERT_TIME_MAX];

	put_place(&notes, item->item->line, list->path);
	if (item->claim)
		put_note(&notes, "Claimed", item->claim);
	if (item->done_at != INSTANT_NONE)
		put_note(&notes, "Witnessed", convert_minute(item->done_at, time));
	if (item->item->state == ITEM_OTHER)
		put_note(&notes, "Marked", item->mark);
	(void)fputc(']', out);
}

/* The items that lie in this one; CHECKLIST_NO_PARENT: in the plan. */
static void put_depends(FILE *out, const struct checklist *list, size_t parent, size_t children)
{
	size_t first = parent == CHECKLIST_NO_PARENT ? 0 : parent + 1;

	if (!children)
		return;
	(void)fputs(",\"depends\":[", out);
	for (size_t i = first; children; i++) {
		if (list->items[i].parent != parent)
			continue;
		(void)fprintf(out, "\"%s\"%s", list->items[i].uuid, --children ? "," : "]");
	}
}

static void put_item(FILE *out, const struct checklist *list, size_t index)
{
	const struct checklist_item *item = &list->items[index];
	enum standing_mark mark = convert_mark(item->item);
	usec_t end, entry = find_times(list, item, &end);

	(void)fprintf(out, "{\"uuid\":\"%s\",\"status\":\"%s\"", item->uuid,
		      mark == MARK_DONE	     ? "completed"
		      : mark == MARK_DROPPED ? "deleted"
					     : "pending");
	put_field(out, "description", *item->text ? item->text : "(no text)");
	put_project(out, list, list->stage_names[item->stage]);
	put_time(out, "entry", entry);
	if (mark == MARK_UNDER_WAY)
		put_time(out, "start", entry);
	if (end != INSTANT_NONE)
		put_time(out, "end", end);
	put_depends(out, list, index, item->children);
	put_item_notes(out, list, item, entry);
	(void)fputs("},\n", out);
}

static void put_plan(FILE *out, const struct checklist *list)
{
	const struct plan *plan = list->plan;
	bool done = plan->counts.total && plan->counts.done == plan->counts.total;
	struct notes notes = { out, list->revised_at, false };
	size_t top = 0;

	for (size_t i = 0; i < list->count; i++)
		top += list->items[i].parent == CHECKLIST_NO_PARENT;
	(void)fprintf(out, "{\"uuid\":\"%s\",\"status\":\"%s\"", list->uuid,
		      done ? "completed" : "pending");
	put_field(out, "description", list->title);
	put_project(out, list, NULL);
	put_time(out, "entry", list->revised_at);
	if (done)
		put_time(out, "end", list->revised_at);
	put_depends(out, list, CHECKLIST_NO_PARENT, top);
	put_note(&notes, "File", list->path);
	if (list->status)
		put_note(&notes, "Status:", list->status);
	for (size_t i = 0; i < plan->tolerance_count; i++)
		put_note(&notes, "Tolerance:", list->notes[i]);
	(void)fputs("]}", out);
}

/* What others depend on comes first. */
void convert_write_taskwarrior(FILE *out, const struct checklist *lists, size_t count)
{
	(void)fputs("[\n", out);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = lists[i].count; k > 0; k--)
			put_item(out, &lists[i], k - 1);
		put_plan(out, &lists[i]);
		(void)fputs(i + 1 < count ? ",\n" : "\n", out);
	}
	(void)fputs("]\n", out);
}
