/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two texts compared in lines by diff(1), what it prints made safe for a terminal. */
#ifndef PLANCTL_TEXT_DIFF_H
#define PLANCTL_TEXT_DIFF_H

#include "cli.h"

/* Prints a unified diff under the two names. 0, or a negative errno where diff cannot be run. */
int text_diff(const struct cli *cli, const char *old_name, const char *old_bytes, size_t old_length,
	      const char *new_name, const char *new_bytes, size_t new_length, struct error *error);

#endif
