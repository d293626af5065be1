/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl new: a plan to be written, in its place. */
#include "author.h"
#include "edit_file.h"
#include "output.h"

#include "planwatch/discover.h"
#include "planwatch/edit.h"
#include "planwatch/git.h"
#include "planwatch/skeleton.h"
#include "planwatch/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_LENGTH_MAX 60

/* Where people keep plans, the most usual first; in the last one where there is none of them. */
static const char *const folders[] = {
	"docs/exec-plans/active",
	"docs/execplans",
	".agents/exec-plans",
	".agents/execplans",
	".agent/exec-plans",
	".agent/execplans",
	".agents/plans",
	".agent/plans",
	"docs/plans",
	"plans",
	"exec-plans",
	"execplans",
};

static const char *const rule_files[] = {
	"PLANS.md", ".agent/PLANS.md", ".agents/PLANS.md", ".codex/PLANS.md", "docs/PLANS.md",
};

/* A plan in the making. Strings are the caller's to free. */
struct creation {
	char *title, *top, *folder, *path;
};

static void creation_done(struct creation *c)
{
	free(c->title);
	free(c->top);
	free(c->folder);
	free(c->path);
}

static int out_of_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "out of memory");
}

/* ---- The name ---- */

/* General punctuation (dashes, quotes, ellipsis) and signs are no letters; what is beyond belongs to words. */
static bool is_letter(uint32_t code)
{
	if (code < 0x80)
		return (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9');
	return code >= 0xc0 && !(code >= 0x2000 && code < 0x2c00) &&
	       !(code >= 0x3000 && code < 0x3040);
}

/* "Add a CSV export!" -> "add-a-csv-export"; cut at a word. The caller frees. NULL without memory. */
static char *slug_of(const char *title)
{
	char *slug = calloc(1, strlen(title) + 1), *out = slug;
	uint32_t code;

	for (size_t n; slug && *title; title += n) {
		n = text_decode(title, strlen(title), &code, NULL);
		if (code >= 'A' && code <= 'Z')
			code |= 0x20;
		if (!is_letter(code) && out > slug && out[-1] != '-')
			*out++ = '-';
		else if (is_letter(code) && n == 1)
			*out++ = (char)code;
		else if (is_letter(code))
			out = mempcpy(out, title, n);
	}
	while (slug && out - slug > NAME_LENGTH_MAX) {
		char *dash = memrchr(slug, '-', (size_t)(out - slug));
		if (!dash || dash == slug)
			break;
		out = dash;
	}
	while (slug && out > slug && out[-1] == '-')
		out--;
	if (slug)
		*out = '\0';
	return slug;
}

/* ---- The place ---- */

static bool is_there(const char *top, const char *name, mode_t type)
{
	cleanup_free char *path = NULL;
	struct stat st;

	return asprintf(&path, "%s/%s", top, name) >= 0 && stat(path, &st) == 0 &&
	       (st.st_mode & S_IFMT) == type;
}

/* The working tree's top, else where we are. */
static int find_top(char **ret, struct error *error)
{
	cleanup_free char *here = getcwd(NULL, 0), *inside = NULL;
	struct git_context git = { 0 };
	int r;

	if (!here || asprintf(&inside, "%s/new", here) < 0)
		return error_set(error, -errno, "the current folder: %s", strerror(errno));
	r = git_context_read(inside, &git);
	if (r < 0)
		return error_set(error, r, "%s: cannot ask for its repository: %s", here,
				 strerror(-r));
	*ret = git.repo ? take(git.repo) : take(here);
	git_context_done(&git);
	return *ret ? 0 : out_of_memory(error);
}

static int choose_folder(struct cli *cli, struct creation *c, struct error *error)
{
	cleanup_free char *here = getcwd(NULL, 0);
	const char *name = NULL;
	int length;

	if (cli->options.dir) {
		c->folder = strdup(cli->options.dir);
		return c->folder ? 0 : out_of_memory(error);
	}
	for (size_t i = 0; i < ARRAY_SIZE(folders) && !name; i++)
		if (is_there(c->top, folders[i], S_IFDIR) || i + 1 == ARRAY_SIZE(folders))
			name = folders[i];
	length = here && strcmp(here, c->top) == 0 ? asprintf(&c->folder, "%s", name)
						   : asprintf(&c->folder, "%s/%s", c->top, name);
	return length < 0 ? out_of_memory(error) : 0;
}

static int choose_path(struct creation *c, struct error *error)
{
	cleanup_free char *slug = slug_of(c->title);
	size_t length = strlen(c->folder);

	while (length > 1 && c->folder[length - 1] == '/')
		length--;
	if (!slug || asprintf(&c->path, "%.*s/%s.md", (int)length, c->folder, slug) < 0)
		return out_of_memory(error);
	if (!*slug || discover_is_excluded(c->path))
		return error_set(
		    error, -EINVAL,
		    "%s: a file of that name would be taken for no plan; choose another title",
		    c->title);
	return 0;
}

/* The folder, and what is missing above it. */
static int make_folder(const char *path, struct error *error)
{
	cleanup_free char *copy = strdup(path);

	if (!copy)
		return out_of_memory(error);
	for (char *at = copy + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		(void)mkdir(copy, 0777);
		*at = '/';
	}
	if (mkdir(copy, 0777) < 0 && errno != EEXIST)
		return error_set(error, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

/* ---- The plan ---- */

static const char *find_rules(const char *top)
{
	for (size_t i = 0; i < ARRAY_SIZE(rule_files); i++)
		if (is_there(top, rule_files[i], S_IFREG))
			return rule_files[i];
	return NULL;
}

/* "2026-01-02 03:04Z: initial draft by Ada."; the caller frees. NULL without memory. */
static char *write_note(usec_t now, const char *who)
{
	time_t seconds = now / USEC_PER_SEC;
	char *note, stamp[INSTANT_MAX];
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	(void)strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%MZ", &tm);
	return asprintf(&note, "%s: initial draft%s%s.", stamp, who ? " by " : "", who ? who : "") <
		       0
		   ? NULL
		   : note;
}

static int write_plan(struct cli *cli, const struct creation *c, struct error *error)
{
	cleanup_free char *said = cli->options.by ? strdup(cli->options.by) : author_name(c->top);
	cleanup_free char *who = NULL, *note = NULL, *text = NULL;
	int r = said ? edit_plain("the name", said, &who, error) : 0;

	if (r < 0)
		return r;
	note = write_note(cli->now, who);
	text = note ? skeleton_write(&(struct skeleton){
			  .title = c->title, .rules = find_rules(c->top), .note = note })
		    : NULL;
	r = text ? make_folder(c->folder, error) : out_of_memory(error);
	return r < 0 ? r : edit_file_create(c->path, text, strlen(text), error);
}

static int create(struct cli *cli, const char *title, struct creation *c, struct error *error)
{
	int r = edit_plain("the title", title, &c->title, error);

	if (r == 0)
		r = find_top(&c->top, error);
	if (r == 0)
		r = choose_folder(cli, c, error);
	if (r == 0)
		r = choose_path(c, error);
	return r < 0 ? r : write_plan(cli, c, error);
}

static int run(struct cli *cli, int argc, char **argv)
{
	cleanup(creation_done) struct creation creation = { 0 };
	struct error error = { 0 };
	struct json *data;

	(void)argc;
	if (create(cli, argv[0], &creation, &error) < 0)
		return cli_fail(cli, EXIT_USAGE, &error);
	if (!cli->options.json) {
		print_field(creation.path, '\n');
		return EXIT_DONE;
	}
	data = json_object();
	json_add_text(data, "path", creation.path);
	json_add_text(data, "title", creation.title);
	return cli_print_json(cli, data);
}

static const struct command_option options[] = {
	OPTION("dir", "DIR", dir,
	       "where (default: the repository's folder of plans, else execplans)"),
	OPTION("by", "NAME", by, "who (default: git's user.name, else $USER)"),
	{ 0 },
};

const struct command command_new = {
	.name = "new",
	.arguments = "TITLE",
	.summary = "Writes the skeleton of a new plan, and prints its path",
	.examples = "  planctl new 'Add a CSV export'\n"
		    "  $EDITOR \"$(planctl new 'Add a CSV export' --dir docs/execplans)\"\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
