/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl show: what there is to tell of one plan (command_show.c finds it), and how it is told (show.c). */
#ifndef PLANCTL_SHOW_H
#define PLANCTL_SHOW_H

#include "output.h"
#include "stages.h"

/* Where what is shown comes from. */
enum show_source {
	SHOW_PRESENT, /* the record: how the plan stands now */
	SHOW_THEN,    /* the record: how it stood at a moment */
	SHOW_FILE,    /* a file that nobody watches: no identities, nothing witnessed */
};

struct showing {
	struct cli *cli;
	enum show_source source;
	usec_t at; /* SHOW_THEN: the moment */
	struct plan_row row;
	struct verdict verdict;
	struct worktime time; /* what the clocks leave out; owns its waits */
	struct stage_list stages;
	struct item_list items;	 /* ids are 0 and times INSTANT_NONE for a file */
	const struct plan *plan; /* as the reader gives it; NULL where its bytes are not there */
	struct json *episodes;
	size_t firing;
};

void show_for_person(const struct showing *showing);

/* id, line, state, witnessed, text of each item, separated by tabs. */
void show_lines(const struct showing *showing);

/* `data` of the envelope. Takes the episodes. */
struct json *show_json(struct showing *showing);

#endif
