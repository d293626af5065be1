/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "heading.h"

#include <string.h>

/* Longer than any title's part that decides; what is cut off cannot matter. */
#define PLAIN_MAX 160

/* The first row that a title starts with decides, so the longer ones come first. */
static const struct {
	const char *start;
	enum section_kind kind;
} starts[] = {
	{ "constraints and tolerances", SECTION_TOLERANCES },
	{ "purpose", SECTION_PURPOSE },
	{ "big picture", SECTION_PURPOSE },
	{ "constraints", SECTION_CONSTRAINTS },
	{ "tolerances", SECTION_TOLERANCES },
	{ "tolerance", SECTION_TOLERANCES },
	{ "exception triggers", SECTION_TOLERANCES },
	{ "risks", SECTION_RISKS },
	{ "risk", SECTION_RISKS },
	{ "progress", SECTION_PROGRESS },
	{ "surprises", SECTION_SURPRISES },
	{ "surprise", SECTION_SURPRISES },
	{ "discoveries", SECTION_SURPRISES },
	{ "decision log", SECTION_DECISION_LOG },
	{ "decisions log", SECTION_DECISION_LOG },
	{ "decisions", SECTION_DECISION_LOG },
	{ "outcomes", SECTION_OUTCOMES },
	{ "outcome", SECTION_OUTCOMES },
	{ "retrospective", SECTION_OUTCOMES },
	{ "context", SECTION_CONTEXT },
	{ "plan of work", SECTION_PLAN_OF_WORK },
	{ "concrete steps", SECTION_CONCRETE_STEPS },
	{ "validation", SECTION_VALIDATION },
	{ "acceptance", SECTION_VALIDATION },
	{ "idempotence", SECTION_RECOVERY },
	{ "idempotency", SECTION_RECOVERY },
	{ "recovery", SECTION_RECOVERY },
	{ "artifacts", SECTION_ARTIFACTS },
	{ "artefacts", SECTION_ARTIFACTS },
	{ "interfaces", SECTION_INTERFACES },
	{ "interface", SECTION_INTERFACES },
	{ "revision note", SECTION_REVISION_NOTE },
	{ "revision notes", SECTION_REVISION_NOTE },
	{ "revision history", SECTION_REVISION_NOTE },
	{ "revisions", SECTION_REVISION_NOTE },
};

/* The words that may stand before "Progress": "Live Progress", "Phase Progress Notes". */
static const char *const before_progress[] = {
	"phase",     "live",   "current",   "implementation", "overall", "migration", "work",
	"execution", "plan",   "project",   "milestone",      "stage",	 "task",      "delivery",
	"feature",   "sprint", "iteration", "development",    "step",	 "session",   "team",
	"today's",   "daily",  "weekly",    "release",	      "agent",	 "status",
};

/* What is about showing progress, not about making it. */
static const char *const shown_progress[] = {
	"bar",	    "bars",	 "indicator", "indicators", "spinner",
	"callback", "callbacks", "reporting", "reporter",   "meter",
};

/* What a section's number may stand behind: "Section 4: Progress", "Part IV - Progress". */
static const char *const numbered[] = { "section", "part", "chapter", "step", "phase", "stage" };

static const char *const proof_words[] = {
	"acceptance", "validation", "validate", "verification", "verify",
	"criteria",   "criterion",  "evidence", "risk",		"risks",
};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

/*
 * The title without what does not matter: lower case, emphasis and code marks gone, "&" written out, white space folded, a
 * parenthesis at the end cut off.
 */
static void make_plain(const char *title, char plain[static PLAIN_MAX])
{
	size_t length = 0;

	for (; *title && length + 5 < PLAIN_MAX; title++) {
		char c = *title;
		bool at_end = !is_word(title[1]) || title[1] == '_';
		if (c == '*' || c == '`' || c == '[' ||
		    (c == '_' && (!length || plain[length - 1] == ' ' || at_end)))
			continue;
		if (c == '&') {
			memcpy(plain + length, "and", 3);
			length += 3;
		} else if (c != ' ' || (length && plain[length - 1] != ' ')) {
			plain[length++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
		}
	}
	plain[length] = '\0';
	char *parenthesis = strchr(plain, '(');
	if (parenthesis && parenthesis > plain)
		*parenthesis = '\0';
}

/* Skips decoration: "4. ", "2.1) ", a symbol. */
static const char *skip_signs(const char *plain)
{
	const char *at = plain;

	while (*at && !(*at >= 'a' && *at <= 'z'))
		at++;
	return at > plain && (*at == '\0' || at[-1] == ' ') ? at : plain;
}

/* "iv", "a", "4" or "2.1", with what ends it: "." or ")" or ":" or a dash. NULL where there is none. */
static const char *skip_ordinal(const char *plain)
{
	const char *at = plain + strspn(plain, "0123456789.");

	if (at == plain)
		at += strspn(plain, "ivx");
	if (at == plain && *at >= 'a' && *at <= 'z')
		at++;
	while (*at == ' ')
		at++;
	if (at > plain && at[-1] == '.')
		return at;
	if (*at == '.' || *at == ')' || *at == ':')
		return at + 1;
	if (strncmp(at, "- ", 2) == 0)
		return at + 2;
	return strncmp(at, "\u2013 ", 4) == 0 || strncmp(at, "\u2014 ", 4) == 0 ? at + 4 : NULL;
}

/* Skips a section's number: "IV. Progress", "A) Progress", "Section 4: Progress". */
static const char *skip_number(const char *plain)
{
	const char *at = skip_signs(plain), *behind = skip_ordinal(at);

	for (size_t i = 0; i < ARRAY_SIZE(numbered) && !behind; i++) {
		size_t length = strlen(numbered[i]);
		if (strncmp(at, numbered[i], length) == 0 && at[length] == ' ')
			behind = skip_ordinal(at + length + 1);
	}
	return behind && *skip_signs(behind) ? skip_signs(behind) : at;
}

/* True where the title starts with the whole word (or words): "progress" is in "progress / log", not in "progress.rs". */
static bool starts_with_word(const char *plain, const char *word)
{
	for (; *word; plain++, word++)
		if (*plain != *word)
			return false;
	bool joined = *plain == '-' || *plain == '.' || *plain == '\'';
	bool dash = strncmp(plain, "\u2013", 3) == 0 || strncmp(plain, "\u2014", 3) == 0;
	return (!is_word(*plain) || dash) && !(joined && is_word(plain[1]));
}

/* "Progress bar rendering" */
static bool is_about_showing(const char *plain)
{
	for (size_t i = 0; i < ARRAY_SIZE(shown_progress); i++)
		if (strncmp(plain, "progress ", 9) == 0 &&
		    starts_with_word(plain + 9, shown_progress[i]))
			return true;
	return false;
}

static bool is_progress(const char *plain)
{
	for (size_t i = 0; i < ARRAY_SIZE(before_progress); i++) {
		size_t length = strlen(before_progress[i]);
		if (strncmp(plain, before_progress[i], length) != 0 || plain[length] != ' ')
			continue;
		/* "Phase 2 Progress" */
		const char *next = plain + length + 1;
		next += strspn(next, "0123456789.");
		next += *next == ' ';
		return starts_with_word(next, "progress") && !is_about_showing(next);
	}
	return false;
}

/* "Status" and nothing more, or "Status: X": "Status quo" and "Status codes" are other things. */
static bool is_status(const char *plain)
{
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = { "status", "current status", "plan status" };
		size_t length = strlen(names[i]);
		if (strncmp(plain, names[i], length) == 0 &&
		    (plain[length] == ':' || plain[length + strspn(plain + length, " ")] == '\0'))
			return true;
	}
	return false;
}

static enum section_kind kind_of(const char *plain)
{
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (starts_with_word(plain, starts[i].start))
			return is_about_showing(plain) ? SECTION_UNKNOWN : starts[i].kind;
	if (is_progress(plain))
		return SECTION_PROGRESS;
	return is_status(plain) ? SECTION_STATUS : SECTION_UNKNOWN;
}

static bool is_about_proof(const char *plain)
{
	for (const char *at = plain; *at; at++) {
		if (at > plain && is_word(at[-1]))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(proof_words); i++)
			if (starts_with_word(at, proof_words[i]))
				return true;
	}
	return false;
}

struct heading heading_read(const char *title, unsigned level)
{
	char plain[PLAIN_MAX] = "";

	make_plain(title, plain);
	return (struct heading){ .kind = level < 2 ? SECTION_UNKNOWN : kind_of(skip_number(plain)),
				 .about_proof = is_about_proof(plain) };
}
