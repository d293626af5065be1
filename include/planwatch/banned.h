/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions that this project does not use, because each has a safer neighbour. The compiler is
 * given this file before every source file; the headers that declare the functions come first, so
 * that only our own uses are refused.
 *
 *   strcpy strcat sprintf vsprintf   snprintf, asprintf, open_memstream
 *   gets scanf sscanf                strtoll and friends, with their end pointer checked
 *   strtok                           strsep, strcspn
 *   atoi atol atof                   strtoll
 *   system popen fork                posix_spawn
 *   gmtime localtime ctime asctime   gmtime_r, localtime_r
 *   tmpnam mktemp                    mkostemp
 */
#ifndef PLANWATCH_BANNED_H
#define PLANWATCH_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* glibc's fortified headers define these as macros for Clang, and a macro cannot be poisoned. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat sprintf vsprintf
#pragma GCC poison gets scanf sscanf
#pragma GCC poison strtok
#pragma GCC poison atoi atol atof
#pragma GCC poison popen fork
#pragma GCC poison gmtime localtime ctime asctime
#pragma GCC poison tmpnam mktemp

#endif
