/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Self-containment: what the reader would need besides this file. */
#include "lint_private.h"

#include "ascii.h"
#include "planwatch/discover.h"

#include <string.h>
#include <strings.h>
#include <xxhash.h>

static bool is_path_byte(char c)
{
	return is_word(c) || c == '.' || c == '-' || c == '/';
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A set of names by their hashes, in the arena; half of it stays free. */
struct names {
	uint64_t *at;
	size_t count, size;
};

static size_t place_of(const struct names *names, uint64_t hash)
{
	size_t place = hash & (names->size - 1);

	while (names->at[place] && names->at[place] != hash)
		place = (place + 1) & (names->size - 1);
	return place;
}

static bool grow(struct lint *lint, struct names *names)
{
	struct names grown = { .size = names->size ? names->size * 2 : 64, .count = names->count };

	grown.at = arena_alloc(&lint->arena, grown.size * sizeof(*grown.at));
	if (!grown.at)
		return false;
	for (size_t i = 0; i < names->size; i++)
		if (names->at[i])
			grown.at[place_of(&grown, names->at[i])] = names->at[i];
	*names = grown;
	return true;
}

static uint64_t hash_of(const char *name, size_t length)
{
	return XXH3_64bits(name, length) | 1; /* 0 is a free place */
}

static bool has_name(const struct names *names, const char *name, size_t length)
{
	uint64_t hash = hash_of(name, length);

	return names->size && names->at[place_of(names, hash)] == hash;
}

/* False where it was there already. */
static bool add_name(struct lint *lint, struct names *names, const char *name, size_t length)
{
	if (has_name(names, name, length) ||
	    (names->count * 2 >= names->size && !grow(lint, names)))
		return false;
	uint64_t hash = hash_of(name, length);
	names->at[place_of(names, hash)] = hash;
	names->count++;
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
	return in_folder && strcasecmp(path + length - 3, ".md") == 0 &&
	       !discover_is_excluded(path) && strcasecmp(base_name(path), "PLANS.md") != 0 &&
	       strcmp(base_name(path), base_name(lint->input->path)) != 0;
}

static void check_paths(struct lint *lint, const struct lint_line *line, struct names *names)
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
		if (path && is_other_plan(lint, path) &&
		    add_name(lint, names, base_name(path), strlen(base_name(path))))
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

/* What stands behind a slash anywhere: "src/parser.c" tells where `parser.c` is. */
static void collect_paths(struct lint *lint, const struct plan *plan, struct names *names)
{
	struct lint_lines lines = lint_plan_lines(lint, plan);
	const char *at = lines.at < lines.end ? lines.at->start : NULL;
	const char *end = at ? lines.end[-1].line_end : NULL;

	while (at && (at = memchr(at, '/', (size_t)(end - at)))) {
		const char *name = ++at;
		while (at < end && *at != '/' && is_path_byte(*at))
			at++;
		while (at > name && at[-1] == '.')
			at--;
		if (at > name)
			(void)add_name(lint, names, name, (size_t)(at - name));
	}
}

/* A path in the lines above tells where the files that are named below it are. */
#define PATH_REACHES 20

static bool holds_path(const struct lint_line *line)
{
	const char *at = line->text;

	while ((at = memchr(at, '/', (size_t)(line->line_end - at)))) {
		if (at > line->text && is_path_byte(at[-1]))
			return true;
		at++;
	}
	return false;
}

static void check_spans(struct lint *lint, const struct lint_line *line, const struct names *paths,
			struct names *told)
{
	for (const char *at = line->text; at < line->end; at++) {
		const char *open = memchr(at, '`', (size_t)(line->end - at));
		const char *close =
		    open ? memchr(open + 1, '`', (size_t)(line->end - open - 1)) : NULL;
		if (!close)
			return;
		at = close;
		size_t length = (size_t)(close - open - 1);
		if (is_source_name(open + 1, length) && !has_name(paths, open + 1, length) &&
		    add_name(lint, told, open + 1, length))
			(void)lint_add(
			    lint, RULE_PATH_BARE, line->number, open,
			    "`%.*s`: in which folder? Its path stands nowhere in the plan",
			    (int)length, open + 1);
	}
}

static void check_section(struct lint *lint, const struct section *section,
			  const struct names *paths, struct names *plans, struct names *files)
{
	struct lint_lines lines = lint_section_lines(lint, section);
	const struct lint_line *path = NULL; /* the last line with one */

	for (const struct lint_line *line = lines.at; line < lines.end; line++) {
		if (line->block != SCAN_TEXT)
			continue;
		if (holds_path(line)) {
			path = line;
			if (lint->input->path && strcmp(lint->input->path, "-") != 0)
				check_paths(lint, line, plans);
		}
		if (!path || line - path > PATH_REACHES)
			check_spans(lint, line, paths, files);
	}
}

void lint_references(struct lint *lint, const struct plan *plan)
{
	struct names paths = { 0 }, plans = { 0 }, files = { 0 };

	collect_paths(lint, plan, &paths);
	for (size_t i = 0; i < plan->section_count; i++) {
		const struct section *section = &plan->sections[i];
		if (section->level == 2 && is_about_the_work(section->kind))
			check_section(lint, section, &paths, &plans, &files);
	}
}
