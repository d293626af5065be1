/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "heads.h"

#include "planwatch/cleanup.h"
#include "planwatch/git.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

struct head {
	struct heads *heads;
	sd_event_source *source; /* NULL where it cannot be watched */
	char *repo, *branch;
	struct stat file; /* HEAD, when it was asked last: git replaces it by renaming */
};

struct heads {
	sd_event *event;
	void (*switched)(void *userdata, const char *repo, const char *from, const char *to);
	void *userdata;
	struct head **heads;
	size_t count;
};

static void head_free(struct head *head)
{
	(void)sd_event_source_unref(head->source);
	free(head->repo);
	free(head->branch);
	free(head);
}

static int on_event(sd_event_source *source, const struct inotify_event *event, void *userdata);

static void watch_head(struct head *head)
{
	cleanup_free char *folder = git_folder(head->repo);

	/* The old one goes first: a folder that was made anew may have its inode number, by which sd-event finds its watch. */
	head->source = sd_event_source_unref(head->source);
	if (folder)
		(void)sd_event_add_inotify(head->heads->event, &head->source, folder,
					   IN_MOVED_TO | IN_ONLYDIR, on_event, head);
}

/* True where HEAD was replaced since it was asked last. False where there is none: `git worktree remove`. */
static bool was_replaced(struct head *head)
{
	cleanup_free char *folder = git_folder(head->repo), *path = NULL;
	struct stat now;

	if (!folder || asprintf(&path, "%s/HEAD", folder) < 0 || stat(path, &now) < 0)
		return false;
	if (now.st_ino == head->file.st_ino && now.st_ctim.tv_sec == head->file.st_ctim.tv_sec &&
	    now.st_ctim.tv_nsec == head->file.st_ctim.tv_nsec)
		return false;
	head->file = now;
	return true;
}

static void look_at(struct head *head)
{
	struct git_context now;

	if (!was_replaced(head))
		return;
	if (git_context_of(head->repo, &now) < 0) {
		head->file = (struct stat){ 0 }; /* asked again with the next look */
		return;
	}
	char *branch = strdup(now.branch ? now.branch : "");
	if (branch) {
		cleanup_free char *from = head->branch;
		head->branch = branch;
		head->heads->switched(head->heads->userdata, head->repo, from, branch);
	}
	git_context_done(&now);
}

static int on_event(sd_event_source *source, const struct inotify_event *event, void *userdata)
{
	struct head *head = userdata;

	(void)source;
	/* `git worktree remove`; where it was added again already, it goes on. */
	if (event->mask & IN_IGNORED)
		watch_head(head);
	if (event->len == 0 || strcmp(event->name, "HEAD") == 0)
		look_at(head);
	return 0;
}

void heads_look(struct heads *heads)
{
	for (size_t i = 0; i < heads->count; i++)
		look_at(heads->heads[i]);
}

/* From here on each switch is seen: also one since the branch was read. */
static void begin(struct head *head)
{
	struct git_context now;

	watch_head(head);
	(void)was_replaced(head);
	if (git_context_of(head->repo, &now) < 0)
		return;
	if (strcmp(now.branch ? now.branch : "", head->branch) != 0)
		head->file = (struct stat){ 0 };
	git_context_done(&now);
}

/* A working tree that was away is there again. */
static int note_again(struct head *head, const char *branch)
{
	char *copy = strdup(branch ? branch : "");

	if (!copy)
		return -ENOMEM;
	free(head->branch);
	head->branch = copy;
	begin(head);
	return 1;
}

int heads_note(struct heads *heads, const char *repo, const char *branch)
{
	struct head *head, **grown;

	for (size_t i = 0; i < heads->count; i++)
		if (strcmp(heads->heads[i]->repo, repo) == 0)
			return heads->heads[i]->source ? 0 : note_again(heads->heads[i], branch);
	grown = reallocarray(heads->heads, heads->count + 1, sizeof(struct head *));
	head = calloc(1, sizeof(*head));
	if (grown)
		heads->heads = grown;
	if (head)
		*head = (struct head){ .heads = heads,
				       .repo = strdup(repo),
				       .branch = strdup(branch ? branch : "") };
	if (!grown || !head || !head->repo || !head->branch) {
		if (head)
			head_free(head);
		return -ENOMEM;
	}
	heads->heads[heads->count++] = head;
	begin(head);
	return 1;
}

int heads_new(struct heads **ret, sd_event *event,
	      void (*switched)(void *userdata, const char *repo, const char *from, const char *to),
	      void *userdata)
{
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	**ret = (struct heads){ .event = event, .switched = switched, .userdata = userdata };
	return 0;
}

void heads_free(struct heads *heads)
{
	if (!heads)
		return;
	for (size_t i = 0; i < heads->count; i++)
		head_free(heads->heads[i]);
	free(heads->heads);
	free(heads);
}
