/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is watched, how, and when we were blind: for whoever must know how far to trust the rest. */
#ifndef PLANCTL_COVERAGE_H
#define PLANCTL_COVERAGE_H

#include "cli.h"

/* After cli_open_store(). The caller frees. */
struct json *coverage_read(struct cli *cli);

#endif
