/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines that planctl setup writes into planwatch.conf(5): a block of their own between two comments, so that the rest of the file
 * is its owner's, and the block can be taken out again.
 */
#ifndef PLANCTL_SETUP_CONFIG_H
#define PLANCTL_SETUP_CONFIG_H

#include "planwatch/error.h"

#include <stdbool.h>

struct setup_config {
	char *path;    /* the file itself, where the name is a link */
	char *block;   /* the lines; "" where there will be none */
	char *content; /* the whole file as it will be */
	bool found;    /* a block is there now */
};

/*
 * Reads the file, which may not be there, and works out how it will be: with the block's roots and these, or, with NULL, without the
 * block. Nothing is written. The caller ends *ret with setup_config_done(), also after an error.
 */
int setup_config_make(const char *path, const char *const *roots, struct setup_config *ret,
		      struct error *error);

/* False for a root that would be read as another: with a newline in its name, or what begins a comment. */
bool setup_config_holds(const char *root);

/*
 * Puts the new content in place of the old at once, mode kept; a file without content goes. -EINVAL where it would be no configuration
 * with these roots: nothing has changed then.
 */
int setup_config_write(const struct setup_config *config, const char *const *roots,
		       struct error *error);
void setup_config_done(struct setup_config *config);

#endif
