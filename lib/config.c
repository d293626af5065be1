/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/config.h"

#include "planwatch/cleanup.h"

#include <ini.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* ---- Places ---- */

static char *place(const char *variable, const char *below_home, const char *file)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	char *path = NULL;
	int n;

	if (base && *base == '/')
		n = asprintf(&path, "%s/planwatch/%s", base, file);
	else if (below_home && home && *home == '/')
		n = asprintf(&path, "%s/%s/planwatch/%s", home, below_home, file);
	else
		return NULL;
	return n < 0 ? NULL : path;
}

char *config_default_path(void)
{
	return place("XDG_CONFIG_HOME", ".config", "planwatch.conf");
}

char *config_default_db(void)
{
	return place("XDG_STATE_HOME", ".local/state", "planwatch.db");
}

char *config_default_socket(void)
{
	return place("XDG_RUNTIME_DIR", NULL, "socket");
}

/* ---- The file ---- */

struct loading {
	struct config *config;
	const char *path;
	struct error *error; /* the first one */
};

static int add(char ***list, const char *value)
{
	size_t n = 0;
	char **grown;

	while (*list && (*list)[n])
		n++;
	grown = reallocarray(*list, n + 2, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	*list = grown;
	grown[n] = strdup(value);
	if (!grown[n])
		return -ENOMEM;
	grown[n + 1] = NULL;
	return 0;
}

/* "~/src" means the user's home, as everywhere. */
static int add_path(char ***list, const char *value, const char **wrong)
{
	cleanup_free char *expanded = NULL;
	const char *home = getenv("HOME");

	if (strncmp(value, "~/", 2) == 0 && home) {
		if (asprintf(&expanded, "%s/%s", home, value + 2) < 0)
			return -ENOMEM;
		value = expanded;
	}
	if (*value != '/') {
		*wrong = "an absolute path, or one that starts with ~/";
		return -EINVAL;
	}
	return add(list, value);
}

static int set_root(struct config *config, const char *value, const char **wrong)
{
	return add_path(&config->roots, value, wrong);
}

static int set_poll(struct config *config, const char *value, const char **wrong)
{
	return add_path(&config->polled, value, wrong);
}

static int set_place(struct config *config, const char *value, const char **wrong)
{
	if (!*value) {
		*wrong = "a pattern, such as execplans/ or *ExecPlan*.md";
		return -EINVAL;
	}
	return add(&config->places, value);
}

static int set_prune(struct config *config, const char *value, const char **wrong)
{
	if (!*value || strchr(value, '/')) {
		*wrong = "the name of a folder, without a slash";
		return -EINVAL;
	}
	return add(&config->prune, value);
}

static int set_stall_after(struct config *config, const char *value, const char **wrong)
{
	*wrong = "a duration, such as 2h, 90m or 1d";
	config->limits.stall_after_configured = true;
	return duration_parse(value, &config->limits.stall_after);
}

static const struct {
	const char *section, *key;
	int (*set)(struct config *config, const char *value, const char **wrong);
} keys[] = {
	{ "watch", "root", set_root },
	{ "watch", "poll", set_poll },
	{ "watch", "place", set_place },
	{ "watch", "prune", set_prune },
	{ "limits", "stall_after", set_stall_after },
};

static void set(struct loading *loading, const char *section, const char *key, const char *value)
{
	struct error *error = loading->error;
	const char *wrong = "";

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		int r;

		if (strcmp(keys[i].section, section) != 0 || strcmp(keys[i].key, key) != 0)
			continue;
		r = keys[i].set(loading->config, value, &wrong);
		if (r == -ENOMEM)
			(void)error_set(error, r, "out of memory");
		else if (r < 0)
			(void)error_set(error, r, "%s = %s: expected %s", key, value, wrong);
		return;
	}
	(void)error_set(error, -EINVAL, "[%s] %s: no such setting; see planwatch.conf(5)", section,
			key);
}

/* inih's handler: non-zero is success. It tells no line, but ini_parse_file() returns that of the first failure. */
static int handle(void *userdata, const char *section, const char *key, const char *value)
{
	struct loading *loading = userdata;

	if (!loading->error->code)
		set(loading, section, key, value);
	return loading->error->code == 0;
}

static int load(struct loading *loading, FILE *file)
{
	struct error *error = loading->error;
	int line = ini_parse_file(file, handle, loading);

	if (line == 0)
		return 0;
	if (line < 0)
		return error_set(error, -EIO, "%s: cannot read: %s", loading->path,
				 strerror(errno));
	if (!error->code)
		(void)error_set(error, -EINVAL, "expected [section] or key = value");
	char sentence[sizeof(error->message)];
	memcpy(sentence, error->message, sizeof(sentence));
	return error_set(error, error->code, "%s:%d: %s", loading->path, line, sentence);
}

/* A configuration is a file, not a device that never ends, and is no book. */
#define CONFIG_SIZE_MAX ((off_t)1 << 20)

static int check_file(FILE *file, const char *path, struct error *error)
{
	struct stat st;

	if (fstat(fileno(file), &st) < 0)
		return error_set(error, -errno, "%s: %s", path, strerror(errno));
	/* /dev/null is the usual way to say: none. */
	bool null = S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
	if (!S_ISREG(st.st_mode) && !null)
		return error_set(error, -EINVAL, "%s: is no regular file", path);
	if (st.st_size > CONFIG_SIZE_MAX)
		return error_set(error, -EFBIG, "%s: larger than a configuration can be (1 MiB)",
				 path);
	return 0;
}

int config_load(struct config *ret, const char *path, struct error *error)
{
	cleanup_free char *usual = path ? NULL : config_default_path();
	cleanup_fclose FILE *file = NULL;
	int r = 0;

	*ret = (struct config){ .limits = { .stall_after = JUDGE_STALL_AFTER } };
	*error = (struct error){ 0 };
	if (path || usual)
		file = fopen(path ? path : usual, "re");
	if (!file && (path || (usual && errno != ENOENT)))
		return error_set(error, -errno, "%s: %s", path ? path : usual, strerror(errno));
	if (file)
		r = check_file(file, path ? path : usual, error);
	if (file && r == 0)
		r = load(&(struct loading){ ret, path ? path : usual, error }, file);
	ret->rules = (struct discover_rules){ (const char *const *)ret->places,
					      (const char *const *)ret->prune };
	if (r < 0)
		config_done(ret);
	return r;
}

static void free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

void config_done(struct config *config)
{
	free_list(config->roots);
	free_list(config->polled);
	free_list(config->places);
	free_list(config->prune);
	*config = (struct config){ 0 };
}
