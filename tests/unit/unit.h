/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmocka and what it wants included before it. */
#ifndef PLANWATCH_TESTS_UNIT_H
#define PLANWATCH_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
