/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disk that stalls, for LD_PRELOAD: as long as the file DISK_DOOR exists, fsync(2) and fdatasync(2) do not return.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void wait_for_disk(void)
{
	const char *stalled = getenv("DISK_DOOR");

	while (stalled && access(stalled, F_OK) == 0)
		(void)usleep(1000);
}

int fsync(int fd)
{
	wait_for_disk();
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	wait_for_disk();
	return (int)syscall(SYS_fdatasync, fd);
}
