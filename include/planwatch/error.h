/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the library tells what went wrong: every function that can fail returns 0 (or a count) or a
 * negative errno, and, where a user will see it, fills a struct error with one sentence: what
 * happened, to which file, and what to do about it.
 */
#ifndef PLANWATCH_ERROR_H
#define PLANWATCH_ERROR_H

#include <errno.h>
#include <stdarg.h>

struct error {
	int code;	    /* negative errno; 0 while nothing went wrong */
	char message[1024]; /* one sentence without a newline; bytes from files may be in it: escape
			       for output */
};

/*
 * Sets the error and returns `code`, so that a failing function can end with `return
 * error_set(...)`. A NULL error is allowed: then only the code is told. A message that is too long
 * is cut.
 */
#define error_set(error, ...) error_code(error_put(error, __VA_ARGS__))

int error_put(struct error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An error is below 0 also where a library has left errno at 0. */
static inline int error_code(int code)
{
	return code < 0 ? code : -EIO;
}

/* Puts "CONTEXT: " before the message that is there. Returns the error's code. */
int error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
