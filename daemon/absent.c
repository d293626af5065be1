/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "absent.h"

#include "planwatch/cleanup.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	struct place *next;
	struct absent *absent;
	sd_event_source *source, *again; /* the folder above; a second look, from the loop */
	char path[];
};

struct absent {
	sd_event *event;
	void (*returned)(void *userdata, const char *path);
	void *userdata;
	struct place *places;
};

static void drop(struct place *place)
{
	struct place **at = &place->absent->places;

	while (*at != place)
		at = &(*at)->next;
	*at = place->next;
	(void)sd_event_source_unref(place->source);
	(void)sd_event_source_unref(place->again);
	free(place);
}

static int on_event(sd_event_source *source, const struct inotify_event *event, void *userdata);

/* On the nearest folder above that is there; its length within the path goes to *ret. -ENOENT where even "/" cannot be watched. */
static int watch_nearest(struct place *place, size_t *ret)
{
	cleanup_free char *folder = strdup(place->path);

	if (!folder)
		return -ENOMEM;
	for (char *slash; (slash = strrchr(folder, '/'));) {
		slash[slash == folder] = '\0';
		sd_event_source *source = NULL;
		int r = sd_event_add_inotify(place->absent->event, &source, folder,
					     IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF |
						 IN_MOVE_SELF | IN_ONLYDIR,
					     on_event, place);
		if (r >= 0) {
			(void)sd_event_source_unref(place->source);
			place->source = source;
			*ret = strlen(folder);
			return 0;
		}
		if (slash == folder || r == -ENOMEM)
			return r;
	}
	return -ENOENT;
}

/* Whether the folder next on the way down from one of this length is there. */
static bool has_next(const struct place *place, size_t length)
{
	const char *slash = strchr(place->path + length + 1, '/');
	cleanup_free char *next =
	    slash ? strndup(place->path, (size_t)(slash - place->path)) : NULL;
	struct stat status;

	return next && stat(next, &status) == 0 && S_ISDIR(status.st_mode);
}

/* What was made while it was looked for has made no event in the folder that was found: so again, a bit lower. */
static int watch_above(struct place *place)
{
	size_t length = 0, before;
	int r;

	do {
		before = length;
		r = watch_nearest(place, &length);
	} while (r == 0 && length != before && has_next(place, length));
	return r;
}

/* True, and the place is forgotten, where the path is there again. */
static int look(struct place *place)
{
	struct absent *absent = place->absent;

	if (access(place->path, F_OK) < 0)
		return 0;
	cleanup_free char *path = strdup(place->path);
	if (!path)
		return -ENOMEM;
	drop(place);
	absent->returned(absent->userdata, path);
	return 0;
}

/* Something was made or taken away above: watched first, then looked at. */
static int on_event(sd_event_source *source, const struct inotify_event *event, void *userdata)
{
	int r = watch_above(userdata);

	(void)source;
	(void)event;
	return r == -ENOMEM ? r : look(userdata);
}

static int on_again(sd_event_source *source, void *userdata)
{
	(void)source;
	return look(userdata);
}

int absent_add(struct absent *absent, const char *path)
{
	size_t size = strlen(path) + 1;
	struct place *place;
	int r;

	for (place = absent->places; place; place = place->next)
		if (strcmp(place->path, path) == 0)
			return 0;
	place = calloc(1, sizeof(*place) + size);
	if (!place)
		return -ENOMEM;
	memcpy(place->path, path, size);
	place->absent = absent;
	place->next = absent->places;
	absent->places = place;
	r = watch_above(place);
	/* It may have come back before it was waited for. */
	if (r >= 0)
		r = sd_event_add_defer(absent->event, &place->again, on_again, place);
	if (r < 0)
		drop(place);
	return r < 0 ? r : 0;
}

void absent_remove(struct absent *absent, const char *path)
{
	for (struct place *place = absent->places; place; place = place->next)
		if (strcmp(place->path, path) == 0) {
			drop(place);
			return;
		}
}

int absent_new(struct absent **ret, sd_event *event,
	       void (*returned)(void *userdata, const char *path), void *userdata)
{
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	**ret = (struct absent){ .event = event, .returned = returned, .userdata = userdata };
	return 0;
}

void absent_free(struct absent *absent)
{
	if (!absent)
		return;
	while (absent->places)
		drop(absent->places);
	free(absent);
}
