/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * planctl lint: the format's rules over files. A file that is named is examined, whatever it is; in a folder, only what is a plan by
 * its place and its content.
 */
#include "edit_file.h"
#include "files.h"
#include "git_run.h"
#include "lint_output.h"
#include "text_diff.h"

#include "planwatch/discover.h"
#include "planwatch/text.h"

#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What a repository's own rules are in, at or above the plan, up to the top of its repository. */
#define RULES_FILE ".planwatch.conf"

struct linting {
	struct cli *cli;
	struct lint_output output;
	struct lint_severities severities; /* of the files in `folder` */
	char *folder;
	bool differs; /* --diff had something to show */
	struct error error;
};

static void linting_done(struct linting *linting)
{
	json_free(linting->output.list);
	free(linting->folder);
}

/* ---- What holds in a folder ---- */

/* The absolute folder that a file lies in; the caller frees. NULL without memory. */
static char *folder_of(const char *path)
{
	char *absolute = cli_absolute(strcmp(path, "-") == 0 ? "./-" : path);
	char *slash = absolute ? strrchr(absolute, '/') : NULL;

	if (slash)
		slash[slash == absolute] = '\0';
	return absolute;
}

static bool has(const char *folder, const char *name)
{
	cleanup_free char *path = NULL;

	return asprintf(&path, "%s/%s", folder, name) >= 0 && access(path, F_OK) == 0;
}

/* Files come folder by folder: the rules are read once for each. */
static int load_rules(struct linting *linting, const char *path)
{
	cleanup_free char *folder = folder_of(path), *above = folder ? strdup(folder) : NULL;
	int r = 0;

	if (!above)
		return error_set(&linting->error, -ENOMEM, "out of memory");
	if (linting->folder && strcmp(linting->folder, folder) == 0)
		return 0;
	linting->severities = linting->cli->config.lint;
	while (r == 0) {
		cleanup_free char *file = NULL;
		if (asprintf(&file, "%s/" RULES_FILE, above) < 0)
			return error_set(&linting->error, -ENOMEM, "out of memory");
		r = config_load_lint(file, &linting->severities, &linting->error);
		char *slash = strrchr(above, '/');
		if (!slash || !*above || has(above, ".git"))
			break;
		*slash = '\0';
	}
	free(linting->folder);
	linting->folder = take(folder);
	return r < 0 ? r : 0;
}

/* ---- What it was before ---- */

/* The file as HEAD has it; NULL where it does not: it is new, or there is no repository. */
static int read_committed(const char *path, char **ret, size_t *length, struct error *error)
{
	cleanup_free char *folder = folder_of(path), *name = NULL, *line = NULL;
	FILE *memory;
	struct git_process git = { 0 };
	size_t size = 0;
	int r;

	if (!folder || asprintf(&name, "HEAD:./%s", basename(path)) < 0)
		return error_set(error, -ENOMEM, "out of memory");
	const char *arguments[] = { "cat-file", "blob", name, NULL };
	r = git_start(&git, folder, arguments, error);
	if (r < 0)
		return r;
	memory = open_memstream(ret, length);
	if (!memory)
		r = -ENOMEM;
	while (memory && (r = git_read(&git, '\n', &line, &size, error)) > 0)
		(void)fprintf(memory, "%s\n", line);
	if (memory && !text_stream_end(memory, ret))
		r = -ENOMEM;
	if (r < 0) {
		git_abandon(&git);
		return r == -ENOMEM ? error_set(error, r, "out of memory") : r;
	}
	if (git_end(&git, error) < 0) {
		*error = (struct error){ 0 };
		free(take(*ret));
	}
	return 0;
}

/* ---- One file ---- */

static int mend(struct linting *linting, const struct lint_input *input, char **ret, size_t *length)
{
	size_t fixed;
	int r = lint_mend(input, ret, length, &fixed);

	if (r < 0)
		return error_set(&linting->error, r, "%s: %s", input->path, strerror(-r));
	linting->output.fixed += fixed;
	return 0;
}

static int show_diff(struct linting *linting, const struct lint_input *input)
{
	cleanup_free char *mended = NULL;
	size_t length;
	int r = mend(linting, input, &mended, &length);

	if (r < 0 || (length == input->length && memcmp(mended, input->bytes, length) == 0))
		return r;
	linting->differs = true;
	return text_diff(linting->cli, input->path, input->bytes, input->length, input->path,
			 mended, length, &linting->error);
}

/* `found`: in a folder, so that it is silently no plan. */
static int examine(struct linting *linting, const struct lint_input *input, bool found)
{
	cleanup_lint struct lint_report *report = NULL;
	int r;

	if (linting->cli->options.diff)
		return show_diff(linting, input);
	r = lint_run(input, &report);
	if (r == -EFBIG)
		return error_set(&linting->error, r, "%s: too large: a plan has at most %zu MiB",
				 input->path, PLAN_SIZE_MAX >> 20);
	if (r < 0)
		return error_set(&linting->error, r, "%s: %s", input->path, strerror(-r));
	if (report->is_plan || !found)
		lint_output_add(&linting->output, linting->cli, input->path, report);
	return 0;
}

/* Mended on disk; what is left is told of the mended one. */
static int examine_and_mend(struct linting *linting, struct lint_input *input, bool found)
{
	cleanup(edit_file_done) struct edit_file file = { 0 };
	cleanup_free char *mended = NULL;
	size_t length;
	int r = edit_file_read(input->path, &file, &linting->error);

	if (r < 0)
		return r;
	input->bytes = file.bytes;
	input->length = file.length;
	r = mend(linting, input, &mended, &length);
	if (r == 0)
		r = edit_file_replace(input->path, &file, mended, length, &linting->error);
	if (r < 0)
		return r;
	input->bytes = mended;
	input->length = length;
	return examine(linting, input, found);
}

static int lint_file(struct linting *linting, const char *path, bool found)
{
	const struct options *options = &linting->cli->options;
	cleanup_free char *bytes = NULL, *previous = NULL;
	struct lint_input input = { .path = path,
				    .now = linting->cli->now,
				    .severities = &linting->severities };
	int r = load_rules(linting, path);

	if (r == 0 && options->git && strcmp(path, "-") != 0)
		r = read_committed(path, &previous, &input.previous_length, &linting->error);
	input.previous = previous;
	if (r == 0 && options->fix)
		return examine_and_mend(linting, &input, found);
	if (r == 0)
		r = file_read(path, &bytes, &input.length, &linting->error);
	input.bytes = bytes;
	return r != 0 ? r : examine(linting, &input, found);
}

/* ---- Folders ---- */

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int lint_folder(struct linting *linting, const char *folder)
{
	const struct discover_rules *rules = &linting->cli->config.rules;
	cleanup_free char *absolute = cli_absolute(folder), *copy = strdup(folder);
	char *roots[] = { copy, NULL };
	FTS *walk = absolute && copy ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name) : NULL;
	FTSENT *entry;
	int r = 0;

	if (!walk)
		return error_set(&linting->error, -ENOMEM, "%s: out of memory", folder);
	while (r == 0 && (entry = fts_read(walk))) {
		if (entry->fts_info == FTS_D && entry->fts_level > FTS_ROOTLEVEL &&
		    discover_is_pruned(rules, entry->fts_name))
			(void)fts_set(walk, entry, FTS_SKIP);
		if (entry->fts_info != FTS_F)
			continue;
		const char *below = entry->fts_path + strlen(folder);
		below += strspn(below, "/");
		if (discover_is_candidate(rules, absolute, below))
			r = lint_file(linting, strcmp(folder, ".") == 0 ? below : entry->fts_path,
				      true);
	}
	(void)fts_close(walk);
	return r;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int usage(struct cli *cli, const char *message)
{
	struct error error;

	(void)error_set(&error, -EINVAL, "%s", message);
	return cli_fail(cli, EXIT_USAGE, &error);
}

static int run(struct cli *cli, int argc, char **argv)
{
	const struct options *options = &cli->options;
	cleanup(linting_done) struct linting linting = { .cli = cli };

	if (lint_format_parse(options->format, &linting.output.format) < 0)
		return usage(cli, "--format: expected text, json, sarif or github");
	if (options->json)
		linting.output.format = LINT_JSON;
	/* An error is told in the same form. */
	cli->options.json = linting.output.format == LINT_JSON;
	if (options->explain)
		return lint_output_explain(cli, options->explain) < 0
			   ? usage(cli, "--explain: no such rule; `--explain all` lists them")
			   : EXIT_DONE;
	if (argc == 0)
		return usage(cli, "expected: planctl lint FILE...");
	if (options->fix && options->diff)
		return usage(cli, "--diff shows what --fix would do: name one of them");
	for (int i = 0; i < argc; i++) {
		if (options->fix && strcmp(argv[i], "-") == 0)
			return usage(cli, "--fix: standard input cannot be edited; see --diff");
		if ((is_folder(argv[i]) ? lint_folder(&linting, argv[i])
					: lint_file(&linting, argv[i], false)) < 0)
			return cli_fail(cli, cli_exit_code(&linting.error), &linting.error);
	}
	if (options->diff)
		return linting.differs ? EXIT_FINDINGS : EXIT_DONE;
	return lint_output_finish(&linting.output, cli);
}

static const struct command_option options[] = {
	OPTION("format", "text|json|sarif|github", format, "how findings are told"),
	OPTION("fix", NULL, fix, "mends what can be mended, in place"),
	OPTION("diff", NULL, diff, "shows what --fix would do"),
	OPTION("git", NULL, git, "compares with the last commit: rules about edits"),
	OPTION("explain", "RULE", explain, "what a rule means; all: lists the rules"),
	{ 0 },
};

const struct command command_lint = {
	.name = "lint",
	.arguments = "FILE|DIR...",
	.summary = "Holds plan files against the rules of the format",
	.examples = "  planctl lint docs/execplans/add-parser.md\n"
		    "  planctl lint --fix .               mend every plan below this folder\n"
		    "  planctl lint --format github .     in a workflow\n"
		    "  planctl lint --explain PLN023\n",
	.options = options,
	.max_arguments = -1,
	.run = run,
};
