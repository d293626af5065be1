/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzz targets share: a check that stops the run, and libFuzzer's entry point. */
#ifndef PLANWATCH_TESTS_FUZZ_H
#define PLANWATCH_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                      \
	do {                                                                                  \
		if (!(condition)) {                                                           \
			(void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                              \
		}                                                                             \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
