/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "absent.h"

#include "planwatch/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
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

/* On the nearest folder above that is there. -ENOENT where even "/" cannot be watched. */
static int watch_above(struct place *place)
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
			return 0;
		}
		if (slash == folder || r == -ENOMEM)
			return r;
	}
	return -ENOENT;
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
