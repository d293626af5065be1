/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plan files that a user names on the command line. */
#ifndef PLANCTL_FILES_H
#define PLANCTL_FILES_H

#include "planwatch/error.h"
#include "planwatch/plan.h"

/* Reads and parses a file, "-" for standard input. The caller ends *ret with plan_free(). */
int file_parse(const char *path, struct plan_file **ret, struct error *error);

#endif
