/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that runs out, for LD_PRELOAD: of all allocations those from the MEMORY_FIRST-th to the MEMORY_LAST-th fail. How many there
 * were is written to the file DOOR_COUNT when the program ends. strdup(3), asprintf(3), open_memstream(3) and the like allocate by
 * malloc(3), too, and free(3) is left alone, so that this works in front of AddressSanitizer's allocator.
 */
#include "door.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>

static long first, last;

/* What is allocated before, for the loader and the libraries' own setting up, is not ours. */
__attribute__((constructor)) static void begin(void)
{
	first = number("MEMORY_FIRST");
	last = number("MEMORY_LAST");
	count = 0;
}

static int fails(void)
{
	count++;
	if (count < first || count > last)
		return 0;
	errno = ENOMEM;
	return 1;
}

__attribute__((visibility("default"))) void *malloc(size_t size)
{
	static void *(*real)(size_t);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "malloc");
	return fails() ? NULL : real(size);
}

__attribute__((visibility("default"))) void *calloc(size_t n, size_t size)
{
	static void *(*real)(size_t, size_t);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "calloc");
	return fails() ? NULL : real(n, size);
}

__attribute__((visibility("default"))) void *realloc(void *memory, size_t size)
{
	static void *(*real)(void *, size_t);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "realloc");
	return fails() ? NULL : real(memory, size);
}

__attribute__((visibility("default"))) void *reallocarray(void *memory, size_t n, size_t size)
{
	size_t product;

	if (__builtin_mul_overflow(n, size, &product)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(memory, product);
}
