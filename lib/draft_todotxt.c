/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * todo.txt: a task a line. A project and a context at its end or its start name the plan and what the task stands under, together
 * with the keys of lib/convert_todotxt.c. What else stands in a task (a priority, keys of other programs) stays in its text.
 */
#include "draft_private.h"

#include "convert_private.h"
#include "stamp.h"

#include <string.h>

/* A task with what was taken off it. */
struct task {
	struct draft_item item;
	char heading[80];
	char claim[CONVERT_TIME_MAX];
	char *text;
	bool ours; /* lib/convert_todotxt.c wrote it: what is in front of its project is text */
};

/* "2026-01-05 " at the text's start, which is taken off. */
static const char *take_date(char **text, char date[static 11])
{
	struct stamp_span span;

	(void)snprintf(date, 11, "%s", *text);
	if (!stamp_read(date, 0, &span) || (*text)[10] != ' ')
		return NULL;
	*text += 11;
	return date;
}

/* "Stage-A" is "Stage A", but "EP-M3" is itself. */
static bool set_heading(struct task *task, const char *context)
{
	size_t length = strlen(context);

	if (length >= sizeof(task->heading))
		return false;
	for (size_t i = 0; i <= length; i++)
		task->heading[i] = (char)(context[i] == '-' ? ' ' : context[i]);
	if (!draft_is_label(task->heading))
		memcpy(task->heading, context, length + 1);
	task->item.heading = task->heading;
	return true;
}

/* A claim as plans write it. */
static void set_claim(struct task *task, const char *word)
{
	struct stamp_span span;

	task->item.claim = word;
	if (stamp_read(word, 0, &span) && span.at >= 0 && span.precision == STAMP_MINUTE)
		task->item.claim = convert_minute(span.at, task->claim);
}

/* "line:5" and the others. */
static bool take_key(struct task *task, const char *word)
{
	static const char *const keys[] = { "line:", "witnessed:", "claimed:", "mark:", "depth:" };
	size_t key = 0;

	while (key < ARRAY_SIZE(keys) && strncmp(word, keys[key], strlen(keys[key])) != 0)
		key++;
	if (key == ARRAY_SIZE(keys))
		return false;
	word += strlen(keys[key]);
	task->ours |= key == 0;
	if (key == 2)
		set_claim(task, word);
	else if (key == 3)
		task->item.mark = word;
	else if (key == 4)
		task->item.depth = (uint32_t)strtoul(word, NULL, 10);
	return true;
}

static bool take_context(struct task *task, const char *word)
{
	return *word == '@' && word[1] && !task->item.heading && set_heading(task, word + 1);
}

static bool take_project(struct draft *draft, const char *word)
{
	if (*word != '+' || !word[1])
		return false;
	draft_set(draft, &draft->title, word + 1);
	return true;
}

/* "text +project @context line:5": from the right. */
static void take_tail(struct draft *draft, struct task *task)
{
	bool project = false;

	while (*task->text && !(project && task->ours)) {
		char *blank = strrchr(task->text, ' '), *word = blank ? blank + 1 : task->text;
		project = take_project(draft, word);
		if (!project && !take_context(task, word) &&
		    (task->item.heading || !take_key(task, word)))
			return;
		*(blank ? blank : word) = '\0';
	}
}

/* "+project @context line:5 text": from the left. */
static void take_front(struct draft *draft, struct task *task)
{
	bool first = true;

	for (;; first = false) {
		char *word = task->text, *blank = strchr(word, ' ');
		if (blank)
			*blank = '\0';
		if (!(first ? take_project(draft, word) : take_context(task, word)) &&
		    !take_key(task, word)) {
			if (blank)
				*blank = ' ';
			return;
		}
		task->text = blank ? blank + 1 : word + strlen(word);
	}
}

static void read_task(struct draft *draft, char *line)
{
	struct task task = { .item = { .mark = " " }, .text = line };
	char completed[11], created[11];
	const char *date = NULL;

	if (strncmp(line, "x ", 2) == 0) {
		task.item.mark = "x";
		task.text += 2;
		date = take_date(&task.text, completed);
	}
	(void)take_date(&task.text, created);
	if (*task.text == '+')
		take_front(draft, &task);
	else
		take_tail(draft, &task);
	if (!task.item.claim)
		task.item.claim = date;
	task.item.text = task.text;
	draft_add(draft, &task.item);
}

void draft_read_todotxt(struct draft *draft, char *text)
{
	for (char *line; (line = strsep(&text, "\n"));) {
		for (char *at = line; *at; at++)
			*at = (char)(*at == '\t' ? ' ' : *at);
		line += strspn(line, " ");
		if (*line)
			read_task(draft, line);
	}
}
