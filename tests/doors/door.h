/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What doors share that let one call in so many fail: a number from the environment, and how many calls there were. */
#ifndef PLANWATCH_TESTS_DOOR_H
#define PLANWATCH_TESTS_DOOR_H

#include <stdio.h>
#include <stdlib.h>

static long count;

/* 0 where the environment has none. */
static long number(const char *name)
{
	const char *value = getenv(name);

	return value ? strtol(value, NULL, 10) : 0;
}

/* To the file DOOR_COUNT, when the program ends. */
__attribute__((destructor)) static void tell_count(void)
{
	const char *path = getenv("DOOR_COUNT");
	FILE *file = path ? fopen(path, "w") : NULL;

	if (!file)
		return;
	(void)fprintf(file, "%ld\n", count);
	(void)fclose(file);
}

#endif
