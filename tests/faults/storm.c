/* SPDX-License-Identifier: GPL-2.0-or-later */
/* storm FOLDER N: makes N small files as fast as it can, as an installer of packages does, and prints how many a second. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long n = argc == 3 ? strtol(argv[2], NULL, 10) : -1;
	struct timespec start, end;
	char path[PATH_MAX];

	if (n < 0) {
		(void)fputs("storm FOLDER N\n", stderr);
		return 2;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	for (long i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/file-%ld", argv[1], i);
		int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
		if (fd < 0 || write(fd, "x", 1) != 1 || close(fd) < 0) {
			perror(path);
			return 2;
		}
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	double took =
	    (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	(void)printf("%.0f\n", (double)n / took);
	return 0;
}
