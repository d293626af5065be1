/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Self-containment: what the reader would need besides this file. */
#include "lint_private.h"

#include "ascii.h"
#include "planwatch/discover.h"

#include <string.h>
#include <strings.h>

static bool is_path_byte(char c)
{
	return is_word(c) || c == '.' || c == '-' || c == '/';
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The names told already, a chain in the arena. */
struct name {
	const char *text;
	struct name *next;
};

static bool is_new(struct lint *lint, struct name **names, const char *text)
{
	for (const struct name *name = *names; name; name = name->next)
		if (strcmp(name->text, text) == 0)
			return false;
	struct name *name = arena_alloc(&lint->arena, sizeof(*name));
	if (!name)
		return false;
	*name = (struct name){ text, *names };
	*names = name;
	return true;
}

/* What is said while the work goes on may name where things went. */
static bool is_about_the_work(enum section_kind kind)
{
	return kind == SECTION_PURPOSE || kind == SECTION_CONTEXT || kind == SECTION_PLAN_OF_WORK ||
	       kind == SECTION_CONCRETE_STEPS || kind == SECTION_INTERFACES ||
	       kind == SECTION_VALIDATION;
}

/* ---- Other plans ---- */

/* "docs/execplans/add-parser.md": a file in a folder of plans, not this one. */
static bool is_other_plan(const struct lint *lint, const char *path)
{
	static const char *const folders[] = { "execplans/", "exec-plans/" };
	bool in_folder = false;
	size_t length = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		in_folder |= strcasestr(path, folders[i]) != NULL;
	return in_folder && length > 3 && strcasecmp(path + length - 3, ".md") == 0 &&
	       !discover_is_excluded(path) && strcasecmp(base_name(path), "PLANS.md") != 0 &&
	       strcmp(base_name(path), base_name(lint->input->path)) != 0;
}

static void check_paths(struct lint *lint, const struct lint_line *line, struct name **names)
{
	for (const char *at = line->text; at < line->end;) {
		const char *start = at;
		while (at < line->end && is_path_byte(*at))
			at++;
		if (at == start) {
			at++;
			continue;
		}
		if (at - start < 8 || !memchr(start, '/', (size_t)(at - start)))
			continue;
		const char *path = arena_string(&lint->arena, start, (size_t)(at - start));
		if (path && is_other_plan(lint, path) && is_new(lint, names, base_name(path)))
			(void)lint_add(
			    lint, RULE_OTHER_PLAN, line->number, start,
			    "refers to another plan, `%s`: what is needed of it belongs here",
			    path);
	}
}

/* ---- Files without their path ---- */

static bool is_source_name(const char *name, size_t length)
{
	static const char *const endings[] = { ".c",	 ".h",	 ".cc",	  ".cpp", ".hpp",
					       ".rs",	 ".py",	 ".go",	  ".ts",  ".tsx",
					       ".js",	 ".jsx", ".java", ".kt",  ".rb",
					       ".swift", ".cs",	 ".ex",	  ".zig" };
	static const char *const at_the_top[] = { "setup.py", "build.rs", "Next.js", "Node.js",
						  "node.js",  "next.js",  "Vue.js" };

	for (size_t i = 0; i < length; i++)
		if (!is_word(name[i]) && name[i] != '.' && name[i] != '-')
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(at_the_top); i++)
		if (strlen(at_the_top[i]) == length && strncmp(name, at_the_top[i], length) == 0)
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		size_t ending = strlen(endings[i]);
		if (length > ending && memcmp(name + length - ending, endings[i], ending) == 0)
			return name[0] != '.';
	}
	return false;
}

/* "src/parser.c" anywhere tells where `parser.c` is. */
static bool has_path(const struct lint *lint, const char *name)
{
	const char *at = lint->input->bytes, *end = at + lint->input->length;
	size_t length = strlen(name);

	while ((at = memmem(at, (size_t)(end - at), name, length))) {
		if (at > lint->input->bytes && at[-1] == '/')
			return true;
		at += length;
	}
	return false;
}

static void check_spans(struct lint *lint, const struct lint_line *line, struct name **names)
{
	for (const char *at = line->text; at < line->end; at++) {
		const char *open = memchr(at, '`', (size_t)(line->end - at));
		const char *close =
		    open ? memchr(open + 1, '`', (size_t)(line->end - open - 1)) : NULL;
		if (!close)
			return;
		at = close;
		if (!is_source_name(open + 1, (size_t)(close - open - 1)))
			continue;
		const char *name = arena_string(&lint->arena, open + 1, (size_t)(close - open - 1));
		if (name && is_new(lint, names, name) && !has_path(lint, name))
			(void)lint_add(lint, RULE_PATH_BARE, line->number, open,
				       "`%s`: in which folder? Its path stands nowhere in the plan",
				       name);
	}
}

void lint_references(struct lint *lint, const struct plan *plan)
{
	struct name *plans = NULL, *files = NULL;

	for (size_t i = 0; i < plan->section_count; i++) {
		const struct section *section = &plan->sections[i];
		if (section->level != 2 || !is_about_the_work(section->kind))
			continue;
		struct lint_lines lines = lint_section_lines(lint, section);
		for (const struct lint_line *line = lines.at; line < lines.end; line++) {
			if (line->block != SCAN_TEXT)
				continue;
			if (lint->input->path && strcmp(lint->input->path, "-") != 0)
				check_paths(lint, line, &plans);
			check_spans(lint, line, &files);
		}
	}
}
