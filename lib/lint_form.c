/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The envelope and the Markdown: fences, headings, lists, what is left of the skeleton. */
#include "lint_private.h"

#include "ascii.h"
#include "planwatch/text.h"

#include <string.h>
#include <strings.h>

/* ---- Fences ---- */

static void check_fences(struct lint *lint, struct lint_lines lines)
{
	bool inside = false;

	for (const struct lint_line *line = lines.at; line < lines.end; line++) {
		bool mark =
		    line->block == SCAN_FENCE && line->end - line->text >= 3 &&
		    (memcmp(line->text, "```", 3) == 0 || memcmp(line->text, "~~~", 3) == 0);
		if (mark && !inside)
			(void)lint_add(
			    lint, RULE_FENCE_NESTED, line->number, NULL,
			    "a fence inside the plan's own: it ends the plan early; indent the block instead");
		inside = line->block == SCAN_FENCE && inside != mark;
	}
}

static void check_envelope(struct lint *lint, const struct plan *plan)
{
	const char *path = lint->input->path;

	if (!lint->fenced)
		return;
	/* What came by standard input may be an answer, where the fence belongs. */
	if (path && strcmp(path, "-") != 0 && plan->part == 1)
		(void)lint_add(lint, RULE_FENCE_AROUND, 1, NULL,
			       "a file that is only the plan needs no fence around it");
	check_fences(lint, lint_plan_lines(lint, plan));
}

/* ---- Headings and lists ---- */

static void check_heading(struct lint *lint, const struct lint_line *line,
			  const struct lint_line *end)
{
	if ((line->block != SCAN_HEADING && line->block != SCAN_UNDERLINE) || line->items ||
	    line->quotes || line + 1 == end || line[1].block == SCAN_BLANK)
		return;
	struct lint_finding *finding = lint_add(lint, RULE_HEADING_BLANK, line->number, NULL,
						"no blank line below the heading");
	bool carriage = line->line_end[0] == '\r';
	lint_set_fix(lint, finding, line->line_end, line->line_end, carriage ? "\r\n" : "\n",
		     carriage ? 2 : 1);
}

/* Bullets that Markdown does not know. */
static void check_marker(struct lint *lint, const struct lint_line *line)
{
	static const char *const bullets[] = { "\u2022 ", "\u25e6 ", "\u25aa ",
					       "\u2023 ", "\u25cf ", "\u25cb " };

	if (line->block != SCAN_TEXT)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(bullets); i++) {
		size_t length = strlen(bullets[i]);
		if ((size_t)(line->end - line->text) <= length ||
		    memcmp(line->text, bullets[i], length) != 0)
			continue;
		struct lint_finding *finding =
		    lint_add(lint, RULE_LIST_MARKER, line->number, line->text,
			     "`%.*s` is no list in Markdown: `-` is", (int)length - 1, bullets[i]);
		lint_set_fix(lint, finding, line->text, line->text + length, "- ", 2);
	}
}

/* A section that the format wants in prose, and that is nothing but a list. */
static void check_prose(struct lint *lint, const struct section *section)
{
	struct lint_lines lines = lint_section_lines(lint, section);
	unsigned entries = 0;

	for (; lines.at < lines.end; lines.at++) {
		if (lines.at->block == SCAN_TEXT && !lines.at->items)
			return;
		entries += lines.at->opened > 0 && lines.at->opened == lines.at->items;
	}
	if (entries >= 3)
		(void)lint_add(lint, RULE_LIST_FOR_PROSE, section->line, NULL,
			       "`%s` is a list of %u entries; the format asks for prose",
			       section->title, entries);
}

/* ---- Commands ---- */

static bool is_command(const struct lint_line *line)
{
	static const char *const programs[] = {
		"make",	   "cargo",  "npm",    "pnpm",	 "yarn", "npx",	  "go",	    "python",
		"python3", "pytest", "uv",     "git",	 "just", "cmake", "ctest",  "bundle",
		"mix",	   "dotnet", "gradle", "mvn",	 "bun",	 "deno",  "docker", "curl",
		"bash",	   "sh",     "rg",     "poetry", "ruff", "tox",	  NULL
	};
	const char *at = line->text;

	if (line->block != SCAN_CODE && line->block != SCAN_FENCE)
		return false;
	if (line->end - at > 2 && at[0] == '$' && at[1] == ' ')
		return true;
	for (size_t i = 0; programs[i]; i++) {
		size_t length = strlen(programs[i]);
		if ((size_t)(line->end - at) > length && at[length] == ' ' &&
		    memcmp(at, programs[i], length) == 0)
			return true;
	}
	return false;
}

/* Commands, and not one word on what they should do. */
static void check_commands(struct lint *lint, const struct section *section)
{
	static const char *const results[] = {
		"expect",   "expected", "expects",    "expectation", "output",	   "outputs",
		"print",    "prints",	"show",	      "shows",	     "should",	   "must",
		"result",   "results",	"return",     "returns",     "pass",	   "passes",
		"passed",   "succeed",	"succeeds",   "success",     "successful", "successfully",
		"exit",	    "exits",	"observe",    "see",	     "fail",	   "fails",
		"failed",   "failure",	"transcript", "produce",     "produces",   "report",
		"reports",  "confirm",	"verify",     "ensure",	     "clean",	   "green",
		"ok",	    "error",	"errors",     "0 failed",    "finished",   "completes",
		"evidence", "log",	"logs",	      "until",	     "record",	   "records",
		"recorded", NULL
	};
	struct lint_lines lines = lint_section_lines(lint, section);
	const struct lint_line *command = NULL;
	const char *text;

	for (const struct lint_line *line = lines.at; line < lines.end && !command; line++)
		command = is_command(line) ? line : NULL;
	if (!command)
		return;
	text = lint_text(lint, lines);
	if (lint_holds_any(text, results))
		return;
	/* What stands in a fence may be the transcript: more than commands. */
	for (const struct lint_line *line = lines.at; line < lines.end; line++)
		if (line->block == SCAN_FENCE && line->end > line->text && !is_command(line) &&
		    *line->text != '`' && *line->text != '#' && *line->text != '~')
			return;
	(void)lint_add(lint, RULE_COMMAND_NO_OUTPUT, command->number, NULL,
		       "commands, and no word in `%s` on what they should show", section->title);
}

/* ---- What is left of the skeleton ---- */

static const char *const placeholders[] = {
	"<Short, action-oriented description>",
	"<what was decided>",
	"<why this choice over alternatives>",
	"<timestamp and who decided>",
	"<what was unexpected>",
	"<how you know>",
	"<how it affects this plan or future work>",
	"<how to prevent or reduce impact>",
	"<what must pass>",
	"<commands and expected result>",
	"<any benchmarks or thresholds>",
	"<any scans or review requirements>",
	"<CI command or manual verification steps>",
	"<project's test command>",
};

/* They begin a line, or end it. */
static const char *const starts[] = {
	"Severity: low | medium | high",
	"Likelihood: low | medium | high",
	"- Risk: <description>",
	"Risk: <description>",
};
static const char *const ends[] = {
	" Example completed step.",
	" Example incomplete step.",
	" Example partially completed step (completed: X; remaining: Y).",
};

/* The skeleton's instructions to the author; they begin their paragraphs. */
static const char *const instructions[] = {
	"Explain in a few sentences what someone gains after this change and how",
	"Use a list with checkboxes to summari",
	"Describe the current state relevant to this task as if the reader knows",
	"Describe, in prose, the sequence of edits and additions.",
	"State the exact commands to run and where to run them",
	"Describe how to start or exercise the system and what to observe.",
	"If steps can be repeated safely, say so. If a step is risky, provide a safe",
	"Include the most important transcripts, diffs, or snippets as indented",
	"Be prescriptive. Name the libraries, modules, and services to use and why.",
	"If PLANS.md file is checked into the repo, reference the path to that file here",
	"Adjust these values based on the task. Small, well-understood changes warrant",
};

static bool begins(const char *at, const char *end, const char *words)
{
	size_t length = strlen(words);

	return (size_t)(end - at) >= length && memcmp(at, words, length) == 0;
}

static bool ends_with(const struct lint_line *line, const char *words)
{
	size_t length = strlen(words);

	return (size_t)(line->end - line->text) >= length &&
	       memcmp(line->end - length, words, length) == 0;
}

static const char *find_placeholder(const struct lint_line *line)
{
	const char *at = line->text;

	while ((at = memchr(at, '<', (size_t)(line->end - at)))) {
		for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++)
			if (begins(at, line->end, placeholders[i]))
				return at;
		at++;
	}
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (begins(line->text, line->end, starts[i]))
			return line->text;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends_with(line, ends[i]))
			return line->text;
	return NULL;
}

static void check_skeleton(struct lint *lint, const struct lint_line *line)
{
	const char *at;

	if (line->block == SCAN_BLANK || line->block == SCAN_FENCE)
		return;
	at = find_placeholder(line);
	if (at)
		(void)lint_add(lint, RULE_PLACEHOLDER, line->number, at,
			       "the skeleton's placeholder was not filled in");
	if (line->block != SCAN_TEXT || line->continues)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(instructions); i++)
		if (begins(line->text, line->end, instructions[i]))
			(void)lint_add(
			    lint, RULE_SKELETON_TEXT, line->number, NULL,
			    "the skeleton's instruction to the author was left standing");
}

void lint_form(struct lint *lint, const struct plan *plan)
{
	struct lint_lines lines = lint_plan_lines(lint, plan);

	check_envelope(lint, plan);
	for (const struct lint_line *line = lines.at; line < lines.end; line++) {
		check_heading(lint, line, lines.end);
		check_marker(lint, line);
		check_skeleton(lint, line);
	}
	for (size_t i = 0; i < plan->section_count; i++) {
		const struct section *section = &plan->sections[i];
		if (section->kind == SECTION_PURPOSE || section->kind == SECTION_CONTEXT ||
		    section->kind == SECTION_PLAN_OF_WORK)
			check_prose(lint, section);
		if (section->kind == SECTION_CONCRETE_STEPS)
			check_commands(lint, section);
	}
}
