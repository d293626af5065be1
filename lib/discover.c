/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/discover.h"

#include "planwatch/cleanup.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

/* A folder's pattern ends with a slash and may name several in a row; any other pattern is for the file's name. */
static const char *const default_places[] = {
	"execplans/",	  "exec-plans/",   "exec_plans/",   "plans/",
	".agent/done/",	  ".agents/done/", "*execplan*.md", "*exec-plan*.md",
	"*exec_plan*.md", "PLANS.md",	   "PLAN.md",	    NULL,
};

/* Folders that others own: repositories, packages, what builds leave behind. */
static const char *const default_prune[] = {
	".git",		".hg",
	".svn",		".jj",
	"node_modules", "bower_components",
	"target",	"build",
	"dist",		".venv",
	"venv",		"__pycache__",
	".tox",		".nox",
	".mypy_cache",	".pytest_cache",
	".ruff_cache",	".cache",
	".gradle",	".terraform",
	".direnv",	".next",
	".svelte-kit",	"_build",
	".stack-work",	".eggs",
	"*.egg-info",	NULL,
};

/* By the name without its ending. A plan about templates ("email-template") is a plan. */
static const char *const excluded_names[] = {
	"README",
	"README.*",
	"SKILL",
	"SKILLS",
	"TEMPLATE",
	"_TEMPLATE",
	".TEMPLATE",
	"*plan-template",
	"*plan_template",
	"*plan.template",
	"*_TEMPLATE",
	"AGENTS",
	"AGENTS.*",
	"CLAUDE",
	"CLAUDE.*",
	"GEMINI",
	"index",
	"CONTRIBUTING",
	"CHANGELOG",
	"tech-debt-tracker",
	"copilot-instructions",
};

static const char *const excluded_folders[] = { "template", "templates", "_templates",
						"example",  "examples",	 "skills" };

static const char *const endings[] = { ".md", ".markdown" };

/* fnmatch() takes a microsecond in a UTF-8 locale; most patterns are plain names. */
static bool matches(const char *pattern, const char *name)
{
	if (!strpbrk(pattern, "*?[\\"))
		return strcasecmp(pattern, name) == 0;
	return fnmatch(pattern, name, FNM_CASEFOLD) == 0;
}

/* Compares a pattern of `pattern_length` bytes with a name of `length` bytes, both cut from paths. */
static bool matches_part(const char *pattern, size_t pattern_length, const char *name,
			 size_t length)
{
	char pattern_copy[256], name_copy[256];

	if (pattern_length >= sizeof(pattern_copy) || length >= sizeof(name_copy))
		return false;
	*(char *)mempcpy(pattern_copy, pattern, pattern_length) = '\0';
	*(char *)mempcpy(name_copy, name, length) = '\0';
	return matches(pattern_copy, name_copy);
}

/*
 * True where the folders of `path` that start at `at` begin with the pattern's, each with its slash: ".agents/done/" with
 * ".agents/done/x/y.md".
 */
static bool folders_match(const char *pattern, const char *at)
{
	while (*pattern) {
		const char *pattern_end = strchr(pattern, '/'), *end = strchr(at, '/');
		if (!end ||
		    !matches_part(pattern, (size_t)(pattern_end - pattern), at, (size_t)(end - at)))
			return false;
		pattern = pattern_end + 1;
		at = end + 1;
	}
	return true;
}

static bool lies_in(const char *path, const char *pattern)
{
	for (const char *at = path; at; at = strchr(at, '/'), at += at != NULL)
		if (folders_match(pattern, at))
			return true;
	return false;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The name's length without ".md", or 0 where it is no Markdown. */
static size_t stem_length(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		size_t ending = strlen(endings[i]);
		if (length > ending && strcasecmp(name + length - ending, endings[i]) == 0)
			return length - ending;
	}
	return 0;
}

bool discover_is_excluded(const char *path)
{
	const char *name = base_name(path);
	size_t stem = stem_length(name);

	for (size_t i = 0; i < ARRAY_SIZE(excluded_names); i++)
		if (matches_part(excluded_names[i], strlen(excluded_names[i]), name,
				 stem ? stem : strlen(name)))
			return true;
	for (const char *at = path; (name = strchr(at, '/')) != NULL; at = name + 1)
		for (size_t i = 0; i < ARRAY_SIZE(excluded_folders); i++)
			if (matches_part(excluded_folders[i], strlen(excluded_folders[i]), at,
					 (size_t)(name - at)))
				return true;
	return false;
}

/* The root's path with a final slash, so that its last folder is one like the others. NULL when memory is out. */
static char *with_slash(const char *root_path)
{
	size_t length = strlen(root_path);
	char *copy = malloc(length + 2);

	if (!copy)
		return NULL;
	*(char *)mempcpy(mempcpy(copy, root_path, length), "/", 1) = '\0';
	return copy;
}

bool discover_is_candidate(const struct discover_rules *rules, const char *root_path,
			   const char *path)
{
	const char *const *places = rules && rules->places ? rules->places : default_places;
	cleanup_free char *root = root_path ? with_slash(root_path) : NULL;
	const char *name = base_name(path);

	if (!stem_length(name) || discover_is_excluded(path))
		return false;
	for (; *places; places++) {
		size_t length = strlen(*places);
		bool folder = length && (*places)[length - 1] == '/';
		if (!folder && matches(*places, name))
			return true;
		if (folder && (lies_in(path, *places) || (root && lies_in(root, *places))))
			return true;
	}
	return false;
}

bool discover_is_pruned(const struct discover_rules *rules, const char *name)
{
	const char *const *prune = rules && rules->prune ? rules->prune : default_prune;

	for (; *prune; prune++)
		if (matches(*prune, name))
			return true;
	return false;
}

bool path_is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	while (length > 1 && folder[length - 1] == '/')
		length--;
	return strncmp(path, folder, length) == 0 &&
	       (path[length] == '/' || path[length] == '\0' || length == 1);
}
