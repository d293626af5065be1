/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author.h"

#include "git_run.h"

#include "planwatch/cleanup.h"

#include <string.h>

/* `git config user.name` in the folder; NULL without. */
static char *ask_git(const char *folder, const char *const *arguments)
{
	struct git_process git;
	struct error error = { 0 };
	char *line = NULL;
	size_t size = 0;
	bool found;

	if (git_start(&git, folder, arguments, &error) < 0)
		return NULL;
	found = git_read(&git, '\n', &line, &size, &error) > 0;
	/* git-config(1) ends with 1 where it has no such key. */
	if (git_end(&git, &error) == 0 && found && *line)
		return line;
	free(line);
	return NULL;
}

/* The files of git-config(1), "FILES": by name, since the git that we start reads no configuration of the user. */
static char *ask_git_of_user(const char *folder, const char *base, const char *name)
{
	cleanup_free char *path = NULL;

	if (!base || *base != '/' || asprintf(&path, "%s/%s", base, name) < 0)
		return NULL;
	return ask_git(folder, (const char *const[]){ "config", "--includes", "--file", path,
						      "user.name", NULL });
}

char *author_name(const char *folder)
{
	const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME"),
		   *user = getenv("USER");
	char *name =
	    ask_git(folder, (const char *const[]){ "config", "--local", "user.name", NULL });

	if (!name)
		name = ask_git_of_user(folder, home, ".gitconfig");
	if (!name && config && *config)
		name = ask_git_of_user(folder, config, "git/config");
	else if (!name)
		name = ask_git_of_user(folder, home, ".config/git/config");
	if (!name && user && *user)
		name = strdup(user);
	return name;
}
