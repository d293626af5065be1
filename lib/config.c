/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/config.h"

#include "planwatch/cleanup.h"
#include "planwatch/command.h"

#include <fcntl.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
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

/* ---- Values ---- */

struct loading {
	struct config *config;
	FILE *file;
	const char *path;
	int line;	     /* that is being read, of the file */
	struct error *error; /* the first one, and its line */
	int error_line;
};

/* What a setting changes. `limits` is [limits]'s, or that of [limits NAME]. */
struct target {
	struct config *config;
	struct path_limits *named; /* NULL for the general ones */
	struct limits *limits;
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

/* "~/src" means the user's home, as everywhere. The caller frees. NULL without memory, or where it is not absolute. */
static char *expand(const char *value, int *result, const char **wrong)
{
	const char *home = getenv("HOME");
	char *expanded = NULL;

	*result = -ENOMEM;
	if (strncmp(value, "~/", 2) == 0 && home)
		return asprintf(&expanded, "%s/%s", home, value + 2) < 0 ? NULL : expanded;
	if (*value == '/')
		return strdup(value);
	*wrong = "an absolute path, or one that starts with ~/";
	*result = -EINVAL;
	return NULL;
}

static int add_path(char ***list, const char *value, const char **wrong)
{
	int result;
	cleanup_free char *path = expand(value, &result, wrong);

	return path ? add(list, path) : result;
}

static int set_root(struct target *target, const char *value, const char **wrong)
{
	return add_path(&target->config->roots, value, wrong);
}

static int set_poll(struct target *target, const char *value, const char **wrong)
{
	return add_path(&target->config->polled, value, wrong);
}

static int set_place(struct target *target, const char *value, const char **wrong)
{
	if (!*value) {
		*wrong = "a pattern, such as execplans/ or *ExecPlan*.md";
		return -EINVAL;
	}
	return add(&target->config->places, value);
}

static int set_prune(struct target *target, const char *value, const char **wrong)
{
	if (!*value || strchr(value, '/')) {
		*wrong = "the name of a folder, without a slash";
		return -EINVAL;
	}
	return add(&target->config->prune, value);
}

static int set_duration(usec_t *slot, const char *value, const char **wrong)
{
	*wrong = "a duration, such as 2h, 90m or 1d";
	return duration_parse(value, slot);
}

/* A limit that is none where it says so. */
static int set_budget(usec_t *slot, const char *value, const char **wrong)
{
	if (strcmp(value, "none") == 0) {
		*slot = 0;
		return 0;
	}
	*wrong = "a duration, such as 4h, or none";
	return duration_parse(value, slot);
}

static int set_stall_after(struct target *target, const char *value, const char **wrong)
{
	target->limits->stall_after_configured = true;
	return set_duration(&target->limits->stall_after, value, wrong);
}

static int set_draft_after(struct target *target, const char *value, const char **wrong)
{
	return set_duration(&target->limits->draft_after, value, wrong);
}

static int set_stage_limit(struct target *target, const char *value, const char **wrong)
{
	return set_budget(&target->limits->stage_limit, value, wrong);
}

static int set_plan_limit(struct target *target, const char *value, const char **wrong)
{
	return set_budget(&target->limits->plan_limit, value, wrong);
}

static int set_nearing(struct target *target, const char *value, const char **wrong)
{
	char *end;
	long percent = strtol(value, &end, 10);

	*wrong = "a part of the budget from 1% to 99%";
	if (end == value || strcmp(end, "%") != 0 || percent < 1 || percent > 99)
		return -EINVAL;
	target->limits->nearing_percent = (int)percent;
	return 0;
}

static int set_alerts(struct target *target, const char *value, const char **wrong)
{
	*wrong = "yes or no";
	target->limits->quiet = strcmp(value, "no") == 0;
	return target->limits->quiet || strcmp(value, "yes") == 0 ? 0 : -EINVAL;
}

static int set_path(struct target *target, const char *value, const char **wrong)
{
	int result;
	char *path = expand(value, &result, wrong);

	if (!target->named) {
		free(path);
		*wrong = "a section of its own for a path: [limits NAME]";
		return -EINVAL;
	}
	free(target->named->path);
	target->named->path = path;
	return path ? 0 : result;
}

static int set_hours(struct target *target, const char *value, const char **wrong)
{
	struct config *config = target->config;
	struct quiet_hours *grown =
	    reallocarray(config->quiet, config->quiet_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	config->quiet = grown;
	*wrong = "hours, such as 22:00-07:00, Mon-Fri 20:00-08:00 or Sat,Sun";
	if (quiet_hours_parse(value, &grown[config->quiet_count]) < 0)
		return -EINVAL;
	config->quiet_count++;
	return 0;
}

static int set_editor(struct target *target, const char *value, const char **wrong)
{
	struct config *config = target->config;

	command_free(config->editor);
	config->editor = NULL;
	*wrong = "a command with {file} in it, such as gvim +{line} {file}";
	return strstr(value, "{file}") ? command_split(value, &config->editor) : -EINVAL;
}

/* [lint] PLN012 = off, or by the rule's name. */
static int set_rule(struct lint_severities *severities, const char *key, const char *value,
		    const char **wrong)
{
	int rule = lint_rule_find(key, strlen(key));
	enum lint_severity severity;

	*wrong =
	    "the severity off, advice, warning or error, for a rule that `planctl lint --explain all` lists";
	if (rule < 0 || lint_severity_parse(value, &severity) < 0)
		return -EINVAL;
	severities->of[rule] = (unsigned char)severity;
	return 0;
}

/* ---- Settings ---- */

static const struct {
	const char *section, *key;
	int (*set)(struct target *target, const char *value, const char **wrong);
	const char *standard; /* what holds without it; NULL: nothing, or a list of our own */
} keys[] = {
	{ "watch", "root", set_root, NULL },
	{ "watch", "poll", set_poll, NULL },
	{ "watch", "place", set_place, NULL },
	{ "watch", "prune", set_prune, NULL },
	{ "limits", "stall_after", set_stall_after, "2h" },
	{ "limits", "draft_after", set_draft_after, "10m" },
	{ "limits", "stage_limit", set_stage_limit, "none" },
	{ "limits", "plan_limit", set_plan_limit, "none" },
	{ "limits", "nearing", set_nearing, "80%" },
	{ "limits", "alerts", set_alerts, "yes" },
	{ "limits", "path", set_path, NULL },
	{ "quiet", "hours", set_hours, NULL },
	{ "notify", "editor", set_editor, "xdg-open {file}" },
};

static void copy_limit(struct limits *to, const struct limits *from, const char *key)
{
	if (strcmp(key, "stall_after") == 0) {
		to->stall_after = from->stall_after;
		to->stall_after_configured = true;
	} else if (strcmp(key, "draft_after") == 0) {
		to->draft_after = from->draft_after;
	} else if (strcmp(key, "stage_limit") == 0) {
		to->stage_limit = from->stage_limit;
	} else if (strcmp(key, "plan_limit") == 0) {
		to->plan_limit = from->plan_limit;
	} else if (strcmp(key, "nearing") == 0) {
		to->nearing_percent = from->nearing_percent;
	} else if (strcmp(key, "alerts") == 0) {
		to->quiet = from->quiet;
	}
}

struct limits config_limits(const struct config *config, const char *path)
{
	struct limits limits = config->limits;

	for (size_t i = 0; i < config->path_limit_count; i++) {
		const struct path_limits *named = &config->path_limits[i];
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			if (named->set & 1u << k && path_is_below(path, named->path))
				copy_limit(&limits, &named->limits, keys[k].key);
	}
	return limits;
}

int config_each(const struct config *config,
		int (*each)(void *userdata, const char *section, const char *key, const char *value,
			    const char *origin),
		void *userdata)
{
	char origin[PATH_MAX + 16];
	int r = 0;

	for (size_t k = 0; k < ARRAY_SIZE(keys) && r == 0; k++) {
		bool given = false;
		for (size_t i = 0; i < config->setting_count; i++)
			given |= strcmp(config->settings[i].section, keys[k].section) == 0 &&
				 strcmp(config->settings[i].key, keys[k].key) == 0;
		if (!given && keys[k].standard)
			r = each(userdata, keys[k].section, keys[k].key, keys[k].standard,
				 "default");
	}
	for (size_t i = 0; i < config->setting_count && r == 0; i++) {
		const struct setting *setting = &config->settings[i];
		(void)snprintf(origin, sizeof(origin), "%s:%d", config->path, setting->line);
		r = each(userdata, setting->section, setting->key, setting->value, origin);
	}
	return r;
}

/* ---- The file ---- */

/* inih cuts a section's name off at 49 bytes, and says nothing. */
#define SECTION_MAX 48

/* The limits of "limits NAME", made at its first setting. */
static struct path_limits *named_limits(struct config *config, const char *section)
{
	const char *name = section + strlen("limits ");
	struct path_limits *grown;

	for (size_t i = 0; i < config->path_limit_count; i++)
		if (strcmp(config->path_limits[i].name, name) == 0)
			return &config->path_limits[i];
	grown = reallocarray(config->path_limits, config->path_limit_count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	config->path_limits = grown;
	grown += config->path_limit_count;
	*grown = (struct path_limits){ .name = strdup(name) };
	config->path_limit_count += grown->name != NULL;
	return grown->name ? grown : NULL;
}

static int remember(struct config *config, const char *section, const char *key, const char *value,
		    int line)
{
	struct setting *grown =
	    reallocarray(config->settings, config->setting_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	config->settings = grown;
	grown = &grown[config->setting_count++];
	*grown = (struct setting){ strdup(section), strdup(key), strdup(value), line };
	return grown->section && grown->key && grown->value ? 0 : -ENOMEM;
}

/* After a setting was made, or was wrong. */
static void finish_setting(struct loading *loading, int r, const char *section, const char *key,
			   const char *value, const char *wrong)
{
	if (r == 0)
		r = remember(loading->config, section, key, value, loading->line);
	if (r == -ENOMEM)
		(void)error_set(loading->error, r, "out of memory");
	else if (r < 0)
		(void)error_set(loading->error, r, "%s = %s: expected %s", key, value, wrong);
}

static void set(struct loading *loading, const char *section, const char *key, const char *value)
{
	struct config *config = loading->config;
	bool named = strncmp(section, "limits ", 7) == 0;
	struct target target = { config, NULL, &config->limits };
	struct error *error = loading->error;
	const char *wrong = "";

	if (strcmp(section, "lint") == 0) {
		int r = set_rule(&config->lint, key, value, &wrong);
		finish_setting(loading, r, section, key, value, wrong);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		int r;

		if (strcmp(keys[i].section, named ? "limits" : section) != 0 ||
		    strcmp(keys[i].key, key) != 0)
			continue;
		if (named) {
			target.named = named_limits(config, section);
			if (!target.named) {
				(void)error_set(error, -ENOMEM, "out of memory");
				return;
			}
			target.named->set |= 1u << i;
			target.limits = &target.named->limits;
		}
		r = keys[i].set(&target, value, &wrong);
		finish_setting(loading, r, section, key, value, wrong);
		return;
	}
	(void)error_set(error, -EINVAL, "[%s] %s: no such setting; see planwatch.conf(5)", section,
			key);
}

/* inih's handler: non-zero is success. */
static int handle(void *userdata, const char *section, const char *key, const char *value)
{
	struct loading *loading = userdata;

	if (loading->error->code)
		return 0;
	loading->error_line = loading->line;
	if (strlen(section) > SECTION_MAX)
		(void)error_set(
		    loading->error, -EINVAL,
		    "the name of a section has at most %d bytes; it takes a path = of its own",
		    SECTION_MAX);
	else
		set(loading, section, key, value);
	return loading->error->code == 0;
}

/* A line that inih has no room for would come to it as two. The rest of a comment is nothing to it, any other line is wrong. */
static void end_long_line(struct loading *loading, char *line)
{
	size_t length = strlen(line);
	int c = fgetc(loading->file);

	if (c == EOF)
		return;
	if (*line == '#' || *line == ';') {
		while (c != EOF && c != '\n')
			c = fgetc(loading->file);
		return;
	}
	loading->error_line = loading->line;
	(void)error_set(loading->error, -EINVAL, "a line has at most %zu bytes", length);
}

/*
 * inih's reader: Debian's build tells its handler no line, so the lines are counted here. Blanks before a setting mean nothing: inih
 * would take it for one more value of the setting before it.
 */
static char *read_line(char *line, int size, void *userdata)
{
	struct loading *loading = userdata;

	if (loading->error->code || !fgets(line, size, loading->file))
		return NULL;
	loading->line++;
	bool is_cut = strlen(line) == (size_t)size - 1 && line[size - 2] != '\n';
	size_t blanks = strspn(line, " \t");
	memmove(line, line + blanks, strlen(line + blanks) + 1);
	if (is_cut)
		end_long_line(loading, line);
	return loading->error->code ? NULL : line;
}

/* The limits of a path need one. */
static void check_paths(struct loading *loading)
{
	const struct config *config = loading->config;

	for (size_t i = 0; i < config->path_limit_count && !loading->error->code; i++)
		if (!config->path_limits[i].path)
			(void)error_set(loading->error, -EINVAL,
					"%s: [limits %s]: has no path = that it is for",
					loading->path, config->path_limits[i].name);
}

static int load(struct loading *loading)
{
	struct error *error = loading->error;
	int line = ini_parse_stream(read_line, loading, handle, loading);

	if (line < 0 || ferror(loading->file))
		return error_set(error, -EIO, "%s: cannot read: %s", loading->path,
				 strerror(errno));
	/* inih names the first line that is wrong, and goes on. */
	if (line > 0 && (!error->code || line < loading->error_line)) {
		(void)error_set(error, -EINVAL, "expected [section] or key = value");
		loading->error_line = line;
	}
	if (!error->code) {
		check_paths(loading);
		return error->code;
	}
	return error_prefix(error, "%s:%d", loading->path, loading->error_line);
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
	/* What stands behind one in its line would not be seen, and the lines after it would be counted wrong. */
	for (int c, line = 1; (c = getc(file)) != EOF; line += c == '\n')
		if (c == '\0')
			return error_set(error, -EINVAL, "%s:%d: a NUL is no text", path, line);
	rewind(file);
	return 0;
}

/* Of a pipe nobody is waited for who writes to it: a repository may have one in the place of its rules. */
static FILE *open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? NULL : stream_of(fd);
}

int config_load(struct config *ret, const char *path, struct error *error)
{
	cleanup_free char *usual = path ? NULL : config_default_path();
	cleanup_fclose FILE *file = NULL;
	int r = 0;

	*ret = (struct config){ .limits = LIMITS_DEFAULT };
	lint_severities_init(&ret->lint);
	*error = (struct error){ 0 };
	if (path || usual)
		file = open_file(path ? path : usual);
	if (!file && (path || (usual && errno != ENOENT)))
		return error_set(error, -errno, "%s: %s", path ? path : usual, strerror(errno));
	if (file) {
		ret->path = strdup(path ? path : usual);
		r = ret->path ? check_file(file, ret->path, error)
			      : error_set(error, -ENOMEM, "out of memory");
	}
	if (file && r == 0)
		r = load(&(struct loading){
		    .config = ret, .file = file, .path = ret->path, .error = error });
	ret->rules = (struct discover_rules){ (const char *const *)ret->places,
					      (const char *const *)ret->prune };
	if (r < 0)
		config_done(ret);
	return r;
}

int config_load_lint(const char *path, struct lint_severities *severities, struct error *error)
{
	cleanup(config_done) struct config config = { 0 };

	if (access(path, F_OK) < 0)
		return 0;
	int r = config_load(&config, path, error);
	for (size_t i = 0; i < config.setting_count && r == 0; i++) {
		const struct setting *setting = &config.settings[i];
		const char *wrong;
		if (strcmp(setting->section, "lint") != 0)
			r = error_set(error, -EINVAL,
				      "%s:%d: [%s]: a repository's file holds [lint] alone", path,
				      setting->line, setting->section);
		else
			r = set_rule(severities, setting->key, setting->value, &wrong);
	}
	return r < 0 ? r : 1;
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
	for (size_t i = 0; i < config->path_limit_count; i++) {
		free(config->path_limits[i].name);
		free(config->path_limits[i].path);
	}
	free(config->path_limits);
	for (size_t i = 0; i < config->setting_count; i++) {
		free(config->settings[i].section);
		free(config->settings[i].key);
		free(config->settings[i].value);
	}
	free(config->settings);
	free(config->quiet);
	command_free(config->editor);
	free(config->path);
	*config = (struct config){ 0 };
}
