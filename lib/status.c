/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status.h"

#include "planwatch/text.h"

#include <string.h>
#include <strings.h>

#define WORDS_MAX 96
#define KEY_MAX 40

/*
 * How a value may start. The first row that fits decides, so what would be misread by a shorter one comes before it. A plan that
 * is put off counts as superseded: nobody owes it work, and an alarm about it would be wrong.
 */
static const struct {
	const char *start;
	enum plan_status state;
} starts[] = {
	{ "not started", STATUS_DRAFT },
	{ "not yet started", STATUS_DRAFT },
	{ "not begun", STATUS_DRAFT },
	{ "not approved", STATUS_DRAFT },
	{ "not yet approved", STATUS_DRAFT },
	{ "not blocked", STATUS_IN_PROGRESS },
	{ "not", STATUS_IN_PROGRESS },
	{ "incomplete", STATUS_IN_PROGRESS },
	{ "unfinished", STATUS_IN_PROGRESS },
	{ "partial", STATUS_IN_PROGRESS },
	{ "partially", STATUS_IN_PROGRESS },
	{ "partly", STATUS_IN_PROGRESS },
	{ "mostly", STATUS_IN_PROGRESS },
	{ "nearly", STATUS_IN_PROGRESS },
	{ "almost", STATUS_IN_PROGRESS },
	{ "complete except", STATUS_IN_PROGRESS },
	{ "complete but", STATUS_IN_PROGRESS },

	{ "ready for approval", STATUS_DRAFT },
	{ "awaiting approval", STATUS_DRAFT },
	{ "awaiting user approval", STATUS_DRAFT },
	{ "pending approval", STATUS_DRAFT },
	{ "waiting for approval", STATUS_DRAFT },
	{ "awaiting your approval", STATUS_DRAFT },
	{ "waiting for your approval", STATUS_DRAFT },
	{ "needs approval", STATUS_DRAFT },
	{ "needs review", STATUS_IN_REVIEW },
	{ "ready for review", STATUS_IN_REVIEW },
	{ "awaiting review", STATUS_IN_REVIEW },
	{ "pending review", STATUS_IN_REVIEW },
	{ "waiting for review", STATUS_IN_REVIEW },
	{ "in review", STATUS_IN_REVIEW },
	{ "in code review", STATUS_IN_REVIEW },
	{ "under review", STATUS_IN_REVIEW },
	{ "review", STATUS_IN_REVIEW },
	{ "reviewing", STATUS_IN_REVIEW },

	{ "implementation in progress", STATUS_IN_PROGRESS },
	{ "implementation complete", STATUS_COMPLETE },
	{ "implementation completed", STATUS_COMPLETE },
	{ "all done", STATUS_COMPLETE },
	{ "100% complete", STATUS_COMPLETE },
	{ "100 % complete", STATUS_COMPLETE },
	{ "100% done", STATUS_COMPLETE },
	{ "all stages complete", STATUS_COMPLETE },
	{ "all milestones complete", STATUS_COMPLETE },
	{ "fully", STATUS_COMPLETE },
	{ "code complete", STATUS_COMPLETE },
	{ "feature complete", STATUS_COMPLETE },
	{ "work complete", STATUS_COMPLETE },
	{ "investigation complete", STATUS_COMPLETE },
	{ "complete", STATUS_COMPLETE },
	{ "completed", STATUS_COMPLETE },
	{ "done", STATUS_COMPLETE },
	{ "delivered", STATUS_COMPLETE },
	{ "implemented", STATUS_COMPLETE },
	{ "shipped", STATUS_COMPLETE },
	{ "finished", STATUS_COMPLETE },
	{ "merged", STATUS_COMPLETE },
	{ "landed", STATUS_COMPLETE },
	{ "released", STATUS_COMPLETE },
	{ "closed", STATUS_COMPLETE },

	{ "in progress", STATUS_IN_PROGRESS },
	{ "inprogress", STATUS_IN_PROGRESS },
	{ "in development", STATUS_IN_PROGRESS },
	{ "in implementation", STATUS_IN_PROGRESS },
	{ "in execution", STATUS_IN_PROGRESS },
	{ "active", STATUS_IN_PROGRESS },
	{ "executing", STATUS_IN_PROGRESS },
	{ "implementing", STATUS_IN_PROGRESS },
	{ "on track", STATUS_IN_PROGRESS },
	{ "underway", STATUS_IN_PROGRESS },
	{ "under way", STATUS_IN_PROGRESS },
	{ "ongoing", STATUS_IN_PROGRESS },
	{ "started", STATUS_IN_PROGRESS },
	{ "reopened", STATUS_IN_PROGRESS },
	{ "working", STATUS_IN_PROGRESS },
	{ "work in progress", STATUS_IN_PROGRESS },
	{ "wip", STATUS_IN_PROGRESS },
	{ "stage", STATUS_IN_PROGRESS },
	{ "phase", STATUS_IN_PROGRESS },
	{ "milestone", STATUS_IN_PROGRESS },

	{ "draft", STATUS_DRAFT },
	{ "drafted", STATUS_DRAFT },
	{ "drafting", STATUS_DRAFT },
	{ "proposed", STATUS_DRAFT },
	{ "proposal", STATUS_DRAFT },
	{ "planned", STATUS_DRAFT },
	{ "planning", STATUS_DRAFT },
	{ "plan ready", STATUS_DRAFT },
	{ "pending", STATUS_DRAFT },
	{ "queued", STATUS_DRAFT },
	{ "todo", STATUS_DRAFT },
	{ "to do", STATUS_DRAFT },

	{ "approved", STATUS_APPROVED },
	{ "accepted", STATUS_APPROVED },
	{ "ready", STATUS_APPROVED },

	{ "blocked", STATUS_BLOCKED },
	{ "on hold", STATUS_BLOCKED },
	{ "paused", STATUS_BLOCKED },
	{ "waiting", STATUS_BLOCKED },
	{ "awaiting", STATUS_BLOCKED },
	{ "escalated", STATUS_BLOCKED },
	{ "stopped", STATUS_BLOCKED },

	{ "superseded", STATUS_SUPERSEDED },
	{ "abandoned", STATUS_SUPERSEDED },
	{ "cancelled", STATUS_SUPERSEDED },
	{ "canceled", STATUS_SUPERSEDED },
	{ "obsolete", STATUS_SUPERSEDED },
	{ "replaced", STATUS_SUPERSEDED },
	{ "withdrawn", STATUS_SUPERSEDED },
	{ "rejected", STATUS_SUPERSEDED },
	{ "dropped", STATUS_SUPERSEDED },
	{ "retired", STATUS_SUPERSEDED },
	{ "deprecated", STATUS_SUPERSEDED },
	{ "deferred", STATUS_SUPERSEDED },
	{ "postponed", STATUS_SUPERSEDED },
	{ "parked", STATUS_SUPERSEDED },
	{ "shelved", STATUS_SUPERSEDED },
	{ "archived", STATUS_SUPERSEDED },
	{ "won't do", STATUS_SUPERSEDED },
};

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The first words, lower case, single blanks between them; other signs stay, so that they end a word. */
static void first_words(const char *raw, char words[static WORDS_MAX])
{
	size_t length = 0;

	/* Emoji, check marks and quotes in front say nothing that the word does not. */
	while (*raw && !is_alpha(*raw) && !is_digit(*raw) && *raw != '<' && *raw != '|')
		raw++;
	for (; *raw && length + 1 < WORDS_MAX; raw++) {
		if (*raw == '*' || *raw == '`')
			continue;
		bool blank = *raw == ' ' || *raw == '-' || *raw == '_';
		if (blank && words[length - 1] == ' ')
			continue;
		words[length++] =
		    blank ? ' ' : (char)(*raw >= 'A' && *raw <= 'Z' ? *raw | 0x20 : *raw);
	}
	words[length] = '\0';
}

/* The state whose words stand at the front, and what is behind them. */
static bool find_state(const char *words, enum plan_status *ret, const char **after)
{
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		size_t length = strlen(starts[i].start);
		if (strncmp(words, starts[i].start, length) != 0 || is_alpha(words[length]) ||
		    is_digit(words[length]))
			continue;
		*ret = starts[i].state;
		*after = words + length + strspn(words + length, " ");
		return true;
	}
	return false;
}

enum plan_status status_state(const char *raw)
{
	char words[WORDS_MAX];
	enum plan_status state, other;
	const char *after, *ignored;

	first_words(raw, words);
	if (find_state(words, &state, &after)) {
		/* "DRAFT | APPROVED | COMPLETE", "DRAFT / APPROVED / COMPLETE": the template's choice, not made yet. */
		bool choice =
		    *after == '|' ||
		    (*after == '/' && find_state(after + 1 + (after[1] == ' '), &other, &ignored) &&
		     other != state && *ignored == '/');
		return choice ? STATUS_UNKNOWN : state;
	}
	/* "80 % complete" */
	if (is_digit(words[0]) && strchr(words, '%') && strncmp(words, "100", 3) != 0)
		return STATUS_IN_PROGRESS;
	return STATUS_UNKNOWN;
}

static const char *skip_marks(const char *at, const char *end)
{
	while (at < end && (*at == '*' || *at == '_'))
		at++;
	return at;
}

static bool is_key_byte(char c)
{
	return is_alpha(c) || is_digit(c) || (c && strchr(" /_&()'-", c));
}

const char *status_field(const char *text, const char *end, bool *is_status)
{
	const char *key = skip_marks(text, end), *at = key;
	bool bold = key > text;

	while (at < end && at - key < KEY_MAX && is_key_byte(*at))
		at++;
	const char *key_end = at;
	at = skip_marks(at, end);
	/* A plain sentence may hold a colon too: a field's key is capitalised and short. */
	if (key_end == key || at == end || *at != ':' || !is_alpha(*key))
		return NULL;
	at = skip_marks(at + 1, end);
	if (at < end && *at != ' ' && *at != '\t')
		return NULL;
	/* It begins with a letter. */
	while (key_end[-1] == ' ' || key_end[-1] == '_')
		key_end--;
	size_t length = (size_t)(key_end - key);
	*is_status = (length == 6 && strncasecmp(key, "status", 6) == 0) ||
		     (length == 11 && strncasecmp(key, "plan status", 11) == 0) ||
		     (length == 14 && strncasecmp(key, "current status", 14) == 0);
	if (!*is_status && !bold && (length > 24 || *key < 'A' || *key > 'Z'))
		return NULL;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

const char *status_value_end(const char *text, const char *end)
{
	for (const char *at = text; at + 2 < end; at++) {
		bool is_status;
		at = memmem(at, (size_t)(end - at), " **", 3);
		if (!at)
			break;
		/* Only a bold mark that closes around the colon makes a field; "**very: much**" is emphasis. */
		if (status_field(at + 1, end, &is_status))
			return at;
	}
	return end;
}
