/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setup_config.h"

#include "planwatch/cleanup.h"
#include "planwatch/config.h"
#include "planwatch/text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define BEGIN "# planctl setup wrote this; planctl setup --undo takes it out.\n"
#define END "# planctl setup: end\n"

void setup_config_done(struct setup_config *config)
{
	free(config->path);
	free(config->block);
	free(config->content);
}

/* The whole file; "" where there is none. */
static int read_file(const char *path, char **ret)
{
	cleanup_fclose FILE *file = fopen(path, "re");
	size_t size = 0;
	ssize_t length;

	*ret = NULL;
	if (!file && errno != ENOENT)
		return error_code(-errno);
	length = file ? getdelim(ret, &size, '\0', file) : 0;
	if (file && ferror(file))
		return -EIO;
	if (length <= 0) {
		free(*ret);
		*ret = strdup("");
	}
	return *ret ? 0 : -ENOMEM;
}

static void write_root(FILE *out, const char *root)
{
	const char *home = getenv("HOME");
	size_t length = home ? strlen(home) : 0;

	if (length > 1 && strncmp(root, home, length) == 0 && root[length] == '/')
		(void)fprintf(out, "root = ~%s\n", root + length);
	else
		(void)fprintf(out, "root = %s\n", root);
}

/* `old`: the block as it is, NULL for none; its roots stay. */
static int make_block(const char *old, const char *end, const char *const *roots, char **ret)
{
	size_t size;
	FILE *out = open_memstream(ret, &size);

	if (!out)
		return -ENOMEM;
	if (roots)
		(void)fputs(BEGIN "[watch]\n", out);
	for (const char *line = old; roots && line && line < end; line = strchr(line, '\n') + 1)
		if (strncmp(line, "root", 4) == 0)
			(void)fprintf(out, "%.*s\n", (int)strcspn(line, "\n"), line);
	for (size_t i = 0; roots && roots[i]; i++)
		write_root(out, roots[i]);
	if (roots)
		(void)fputs(END, out);
	return text_stream_end(out, ret) ? 0 : -ENOMEM;
}

int setup_config_make(const char *path, const char *const *roots, struct setup_config *ret,
		      struct error *error)
{
	cleanup_free char *text = NULL;
	const char *begin, *end, *gap = "";
	int r;

	*ret = (struct setup_config){ .path = realpath(path, NULL) };
	if (!ret->path)
		ret->path = strdup(path);
	r = read_file(path, &text);
	if (r < 0 || !ret->path)
		return error_set(error, r < 0 ? r : -ENOMEM, "%s: %s", path,
				 strerror(r < 0 ? -r : ENOMEM));
	begin = strstr(text, BEGIN);
	end = begin ? strstr(begin, END) : NULL;
	ret->found = end != NULL;
	if (begin && !end)
		return error_set(error, -EINVAL, "%s: the line `%.*s` is missing", path,
				 (int)strlen(END) - 1, END);
	end = end ? end + strlen(END) : text + strlen(text);
	if (!begin) {
		begin = end;
		gap = begin == text ? "" : begin[-1] == '\n' ? "\n" : "\n\n";
	}
	r = make_block(ret->found ? begin : NULL, end, roots, &ret->block);
	if (r == 0 && asprintf(&ret->content, "%.*s%s%s%s", (int)(begin - text), text,
			       roots ? gap : "", ret->block, end) < 0) {
		ret->content = NULL;
		r = -ENOMEM;
	}
	return r < 0 ? error_set(error, r, "out of memory") : 0;
}

/* ---- Writing ---- */

/* The folders above a file, private to the user where they are new (XDG Base Directory Specification). */
static int make_folders(const char *path)
{
	cleanup_free char *folder = strdup(path);

	if (!folder)
		return -ENOMEM;
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

static bool has_root(const struct config *config, const char *root)
{
	for (size_t i = 0; config->roots && config->roots[i]; i++)
		if (strcmp(config->roots[i], root) == 0)
			return true;
	return false;
}

bool setup_config_holds(const char *root)
{
	return !strchr(root, '\n') && !strstr(root, " ;");
}

/* What was written, read as the daemon will read it. */
static int check(const char *path, const char *const *roots, struct error *error)
{
	struct config config;
	int r = config_load(&config, path, error);

	for (size_t i = 0; roots && roots[i]; i++)
		if (!setup_config_holds(roots[i]) || (r == 0 && !has_root(&config, roots[i])))
			r = error_set(
			    error, -EINVAL,
			    "%s: this name cannot stand in a configuration; say planctl watch instead",
			    roots[i]);
	config_done(&config);
	return r;
}

static int write_all(int fd, const char *text)
{
	for (size_t left = strlen(text); left > 0;) {
		ssize_t n = write(fd, text, left);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int setup_config_write(const struct setup_config *config, const char *const *roots,
		       struct error *error)
{
	cleanup_free char *temporary = NULL;
	cleanup_close int fd = -1;
	struct stat st;
	int r;

	if (config->content[strspn(config->content, " \t\n")] == '\0')
		return unlink(config->path) == 0 || errno == ENOENT
			   ? 0
			   : error_set(error, -errno, "%s: %s", config->path, strerror(errno));
	r = make_folders(config->path);
	if (r == 0 && asprintf(&temporary, "%s.XXXXXX", config->path) < 0) {
		temporary = NULL;
		r = -ENOMEM;
	}
	if (r == 0 && (fd = mkostemp(temporary, O_CLOEXEC)) < 0)
		r = -errno;
	if (r == 0 && stat(config->path, &st) == 0 && fchmod(fd, st.st_mode & 07777) < 0)
		r = -errno;
	if (r == 0)
		r = write_all(fd, config->content);
	if (r < 0)
		(void)error_set(error, r, "%s: cannot write: %s", config->path, strerror(-r));
	else
		r = check(temporary, roots, error);
	if (r == 0 && rename(temporary, config->path) < 0)
		r = error_set(error, -errno, "%s: cannot write: %s", config->path, strerror(errno));
	if (r < 0 && fd >= 0)
		(void)unlink(temporary);
	return r;
}
