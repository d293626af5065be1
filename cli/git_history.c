/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "git_history.h"

#include "git_run.h"

#include "planwatch/cleanup.h"
#include "planwatch/git.h"

#include <string.h>
#include <sys/socket.h>

/* More names than any plan has had, and more commits than a day of asking. */
#define NAMES_MAX 32
#define COMMITS_MAX 200000
/* The end of the year 9999. */
#define SECONDS_MAX INT64_C(253402300799)

struct commit {
	char *hash, *reference;
	char *made_from; /* the hash of its first parent; NULL */
	usec_t at;
	size_t revision; /* what the plan was then, in the import; IMPORT_NONE */
	bool own;	 /* HEAD comes from it */
};

struct collecting {
	struct import *import;
	struct git_context context;
	char *names[NAMES_MAX]; /* in the working tree, the newest first */
	char *paths[NAMES_MAX]; /* the same, absolute */
	size_t name_count;
	int paths_to_come; /* of a line of names */
	bool copied;	   /* it was another file before */
	struct commit *commits;
	size_t count, size;
	size_t *by_hash; /* the commits' numbers, sorted */
	struct git_process git;
	char *line;
	size_t line_size;
	struct error *error;
};

static void collecting_done(struct collecting *c)
{
	for (size_t i = 0; i < c->name_count; i++) {
		free(c->names[i]);
		free(c->paths[i]);
	}
	for (size_t i = 0; i < c->count; i++) {
		free(c->commits[i].hash);
		free(c->commits[i].reference);
		free(c->commits[i].made_from);
	}
	free(c->commits);
	free(c->by_hash);
	free(c->line);
	git_context_done(&c->context);
}

static int out_of_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "out of memory");
}

/* Asks git, and gives each line of its answer. A negative result of `each` ends it. */
static int ask(struct collecting *c, const char *const *arguments, int delimiter,
	       int (*each)(struct collecting *c, char *line))
{
	int r = git_start(&c->git, c->context.repo, arguments, c->error);

	if (r < 0)
		return r;
	while ((r = git_read(&c->git, delimiter, &c->line, &c->line_size, c->error)) > 0) {
		r = each(c, c->line);
		if (r < 0)
			break;
	}
	if (r == 0)
		return git_end(&c->git, c->error);
	git_abandon(&c->git);
	return r;
}

/* ---- Names ---- */

static int add_name(struct collecting *c, const char *name)
{
	if (c->name_count == NAMES_MAX)
		return 0;
	for (size_t i = 0; i < c->name_count; i++)
		if (strcmp(c->names[i], name) == 0)
			return 0;
	if (asprintf(&c->paths[c->name_count], "%s/%s", c->context.repo, name) < 0)
		return out_of_memory(c->error);
	c->names[c->name_count] = strdup(name);
	return c->names[c->name_count++] ? 0 : out_of_memory(c->error);
}

/* "R093", "plans/a.md", "done/a.md", a line each; other letters than R and C have one path. */
static int note_name(struct collecting *c, char *line)
{
	line += strspn(line, "\n");
	if (!*line)
		return 0;
	if (c->paths_to_come == 0) {
		c->copied = c->copied || *line == 'C';
		c->paths_to_come = *line == 'R' || *line == 'C' ? 2 : 1;
		return 0;
	}
	return --c->paths_to_come == 1 && !c->copied ? add_name(c, line) : 0;
}

static int find_names(struct collecting *c, const char *name)
{
	const char *const arguments[] = { "log",
					  "--follow",
					  "-M",
					  "--format=",
					  "--name-status",
					  "-z",
					  "--no-ext-diff",
					  "--no-textconv",
					  "--no-color",
					  "HEAD",
					  "--",
					  name,
					  NULL };
	int r = add_name(c, name);

	return r < 0 ? r : ask(c, arguments, '\0', note_name);
}

/* ---- Commits ---- */

/* "HASH AUTHORTIME REFERENCE PARENT...": 0 with a time that nobody lives in is none. */
static int note_commit(struct collecting *c, char *line)
{
	char *hash = strsep(&line, " "), *at = strsep(&line, " "), *reference = strsep(&line, " "),
	     *parent = strsep(&line, " ");
	struct commit *commit = c->commits;
	int64_t seconds = at ? strtoll(at, NULL, 10) : 0;

	if (c->count == COMMITS_MAX)
		return error_set(c->error, -EFBIG, "%s: more than %d commits change it",
				 c->import->path, COMMITS_MAX);
	if (c->count == c->size) {
		c->size = c->size ? c->size * 2 : 64;
		commit = reallocarray(commit, c->size, sizeof(*commit));
		if (!commit)
			return out_of_memory(c->error);
		c->commits = commit;
	}
	commit += c->count++;
	*commit =
	    (struct commit){ .hash = strdup(hash),
			     .reference = strdup(reference ? reference : ""),
			     .made_from = parent && *parent ? strdup(parent) : NULL,
			     .at = seconds > 0 && seconds <= SECONDS_MAX ? seconds * USEC_PER_SEC
									 : INSTANT_NONE,
			     .revision = IMPORT_NONE };
	return commit->hash && commit->reference && (!parent || !*parent || commit->made_from)
		   ? 0
		   : out_of_memory(c->error);
}

static int compare_commits(const void *a, const void *b, void *commits)
{
	const struct commit *all = commits;

	return strcmp(all[*(const size_t *)a].hash, all[*(const size_t *)b].hash);
}

static struct commit *find_commit(struct collecting *c, const char *hash)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct commit *commit = &c->commits[c->by_hash[middle]];
		int order = strcmp(hash, commit->hash);

		if (order == 0)
			return commit;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static int note_own(struct collecting *c, char *line)
{
	struct commit *commit = find_commit(c, line);

	if (commit)
		commit->own = true;
	return 0;
}

static int sort_commits(struct collecting *c)
{
	c->by_hash = calloc(c->count + 1, sizeof(*c->by_hash));
	if (!c->by_hash)
		return out_of_memory(c->error);
	for (size_t i = 0; i < c->count; i++)
		c->by_hash[i] = i;
	qsort_r(c->by_hash, c->count, sizeof(*c->by_hash), compare_commits, c->commits);
	return 0;
}

static int find_commits(struct collecting *c)
{
	static const char *const everywhere[] = { "log",
						  "--exclude=refs/stash",
						  "--all",
						  "HEAD",
						  "--source",
						  "--parents",
						  "--author-date-order",
						  "--reverse",
						  "--no-color",
						  "--format=%H %at %S %P",
						  "--" },
				 *const here[] = { "rev-list", "HEAD", "--" };
	const char *arguments[ARRAY_SIZE(everywhere) + NAMES_MAX + 1] = { 0 };
	int r;

	memcpy(arguments, everywhere, sizeof(everywhere));
	for (size_t i = 0; i < c->name_count; i++)
		arguments[ARRAY_SIZE(everywhere) + i] = c->names[i];
	r = ask(c, arguments, '\n', note_commit);
	if (r == 0)
		r = sort_commits(c);
	memset(arguments, 0, sizeof(arguments));
	memcpy(arguments, here, sizeof(here));
	for (size_t i = 0; i < c->name_count; i++)
		arguments[ARRAY_SIZE(here) + i] = c->names[i];
	return r < 0 ? r : ask(c, arguments, '\n', note_own);
}

/* ---- Contents ---- */

/* Bytes that are not wanted. */
static int pass_over(struct collecting *c, int64_t length)
{
	char rest[4096];

	while (length > 0) {
		size_t n = length < (int64_t)sizeof(rest) ? (size_t)length : sizeof(rest);
		if (fread(rest, 1, n, c->git.out) != n)
			return error_set(c->error, -EREMOTEIO,
					 "git stopped in the middle of a file");
		length -= (int64_t)n;
	}
	return 0;
}

/* "HASH blob SIZE", then the bytes and a newline; or "REQUEST missing". 1 where there is such a file. */
static int read_blob(struct collecting *c, struct import_revision *ret)
{
	cleanup_free char *bytes = NULL;
	char *type, *number = NULL;
	int64_t size;
	int r = git_read(&c->git, '\n', &c->line, &c->line_size, c->error);

	if (r <= 0)
		return r < 0 ? r : error_set(c->error, -EREMOTEIO, "git stopped answering");
	type = strrchr(c->line, ' ');
	if (type && strcmp(type, " missing") != 0) {
		number = type + 1;
		*type = '\0';
		type = strrchr(c->line, ' ');
	}
	if (!number || !type)
		return 0;
	size = strtoll(number, NULL, 10);
	if (strcmp(type, " blob") != 0 || size > (int64_t)PLAN_SIZE_MAX)
		return pass_over(c, size + 1);
	bytes = malloc((size_t)size + 1);
	if (!bytes)
		return out_of_memory(c->error);
	if (fread(bytes, 1, (size_t)size + 1, c->git.out) != (size_t)size + 1)
		return error_set(c->error, -EREMOTEIO, "git stopped in the middle of a file");
	ret->bytes = take(bytes);
	ret->length = (size_t)size;
	return 1;
}

/* The file under the newest of its names that it had in a commit. 1 where it had one. */
static int read_plan(struct collecting *c, const struct commit *commit, struct import_revision *ret)
{
	int r = 0;

	for (size_t i = 0; i < c->name_count && r == 0; i++) {
		cleanup_free char *request = NULL;
		int n = asprintf(&request, "%s:%s\n", commit->hash, c->names[i]);

		r = n < 0 ? out_of_memory(c->error)
			  : git_say(&c->git, request, (size_t)n, c->error);
		if (r == 0)
			r = read_blob(c, ret);
		ret->name = c->paths[i];
	}
	return r;
}

static bool is_same(const struct import_revision *a, const struct import_revision *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, b->length) == 0 &&
	       strcmp(a->name, b->name) == 0;
}

/* A branch without the folders that references live in. */
static const char *branch_of(const struct collecting *c, const struct commit *commit)
{
	static const char *const folders[] = { "refs/heads/", "refs/remotes/", "refs/tags/",
					       "refs/" };

	if (commit->own)
		return c->context.branch;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (strncmp(commit->reference, folders[i], strlen(folders[i])) == 0)
			return commit->reference + strlen(folders[i]);
	return NULL; /* the detached HEAD of another worktree */
}

static int add_revision(struct collecting *c, struct commit *commit)
{
	struct import *import = c->import;
	const struct commit *from = commit->made_from ? find_commit(c, commit->made_from) : NULL;
	struct import_revision revision = { .at = commit->at,
					    .parent = from ? from->revision : IMPORT_NONE,
					    .branch = branch_of(c, commit),
					    .commit = commit->hash };
	int r = read_plan(c, commit, &revision);

	if (r < 0)
		return r;
	if (revision.bytes && commit->at != INSTANT_NONE &&
	    (revision.parent == IMPORT_NONE ||
	     !is_same(&import->revisions[revision.parent], &revision))) {
		commit->revision = import->count;
		r = import_add(import, &revision, c->error);
	} else {
		commit->revision = revision.parent;
		free(revision.bytes);
	}
	/* Behind all that it comes from, HEAD is the last. */
	if (commit->own)
		import->tip = commit->revision;
	return r < 0 ? r : 0;
}

static int read_contents(struct collecting *c)
{
	static const char *const arguments[] = { "cat-file", "--batch", NULL };
	int r = git_start(&c->git, c->context.repo, arguments, c->error);

	if (r < 0)
		return r;
	for (size_t i = 0; i < c->count && r == 0; i++)
		r = add_revision(c, &c->commits[i]);
	if (r == 0)
		(void)shutdown(fileno(c->git.out), SHUT_WR);
	if (r == 0)
		return git_end(&c->git, c->error);
	git_abandon(&c->git);
	return r;
}

/* ---- All of it ---- */

int git_history(struct import *ret, struct error *error)
{
	cleanup(collecting_done) struct collecting c = { .import = ret, .error = error };
	const char *name;
	int r = git_context_read(ret->path, &c.context);

	if (r < 0)
		return error_set(error, r, "%s: %s", ret->path, strerror(-r));
	if (!c.context.repo)
		return error_set(error, -ENOENT, "%s: not in a working tree of git", ret->path);
	ret->tip = IMPORT_NONE;
	name = ret->path + strlen(c.context.repo);
	name += strspn(name, "/");
	if (strchr(name, '\n'))
		return error_set(error, -EINVAL,
				 "%s: a newline in the path; git is not asked for it", ret->path);
	ret->repo = strdup(c.context.repo);
	if (!ret->repo)
		return out_of_memory(error);
	r = find_names(&c, name);
	if (r == 0)
		r = find_commits(&c);
	if (r == 0 && c.count == 0)
		return error_set(error, -ENOENT, "%s: git has no such file", ret->path);
	return r < 0 ? r : read_contents(&c);
}

int git_each_path(const char *repo, int (*each)(void *userdata, const char *path), void *userdata,
		  struct error *error)
{
	static const char *const arguments[] = { "ls-tree",	"-r",	"-z", "--name-only",
						 "--full-tree", "HEAD", NULL };
	struct git_process git;
	cleanup_free char *line = NULL;
	size_t size = 0;
	int r = git_start(&git, repo, arguments, error);

	if (r < 0)
		return r;
	while ((r = git_read(&git, '\0', &line, &size, error)) > 0) {
		r = each(userdata, line);
		if (r < 0)
			break;
	}
	if (r == 0)
		return git_end(&git, error);
	git_abandon(&git);
	return r;
}
