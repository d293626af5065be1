/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File systems that change without telling inotify(7), because other machines, or other programs, write there. */
#ifndef PLANWATCH_FILESYSTEM_H
#define PLANWATCH_FILESYSTEM_H

/* The name of the file system at `path` where it is such a one, "NFS"; NULL where it tells, or cannot be asked. */
const char *filesystem_silent(const char *path);

#endif
