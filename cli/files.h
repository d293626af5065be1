/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plan files that a user names on the command line. */
#ifndef PLANCTL_FILES_H
#define PLANCTL_FILES_H

#include "cli.h"

#include "planwatch/error.h"
#include "planwatch/plan.h"

/*
 * The path that "FILE|PLAN" means: a file that is there or "-", else the file of a recorded plan; *part is that plan's place in
 * the file, 0 for a file. 0 and the path, which the caller frees; else the exit code after having said why.
 */
int file_find(struct cli *cli, const char *name, char **ret, uint32_t *part);

/* Reads a file, "-" for standard input, of at most one byte more than a plan may have. The caller frees *ret. */
int file_read(const char *path, char **ret, size_t *length, struct error *error);

/* Parses what was read from `path`. The caller ends *ret with plan_free(). */
int file_parse_bytes(const char *path, const char *bytes, size_t length, struct plan_file **ret,
		     struct error *error);

/* Both. */
int file_parse(const char *path, struct plan_file **ret, struct error *error);

#endif
