/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which files are plans, by place: what can be told from a path alone. Content (struct plan,
 * is_plan) has the other vote; a file that a user registers by name needs neither.
 */
#ifndef PLANWATCH_DISCOVER_H
#define PLANWATCH_DISCOVER_H

#include <stdbool.h>
#include <stddef.h>

/* A NULL-terminated list of patterns each; NULL for the built-in one. */
struct discover_rules {
	/*
	 * Where plans live: "execplans/" a folder of that name at any depth (a final slash),
	 * "*ExecPlan*.md" a file name. Patterns are those of fnmatch(3), compared without case.
	 */
	const char *const *places;
	/* Folders that are not entered: ".git", "node_modules", ... */
	const char *const *prune;
};

/*
 * True where a file may be a plan by its place below the root; `path` is relative to the root,
 * `root_path` the root's own absolute path (a root that lies in a plan folder makes every Markdown
 * file below it a candidate). Templates, skills, READMEs and agents' instructions are not plans,
 * wherever they lie.
 */
bool discover_is_candidate(const struct discover_rules *rules, const char *root_path,
			   const char *path);

/* True for the names that are never plans: README, SKILL, TEMPLATE, AGENTS, CLAUDE, index; folders
 * templates, examples, skills. */
bool discover_is_excluded(const char *path);

/* True where an absolute path is `folder` or lies below it; a final slash of the folder does not count. */
bool path_is_below(const char *path, const char *folder);

/* True where the folder of this name is not entered. */
bool discover_is_pruned(const struct discover_rules *rules, const char *name);

#endif
