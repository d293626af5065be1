/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from plan files and paths: bytes that nobody promised to be UTF-8, and that must reach
 * neither a terminal nor JSON as they are. Results are new NUL-terminated strings that the caller
 * frees, NULL when memory is out.
 */
#ifndef PLANWATCH_TEXT_H
#define PLANWATCH_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Reads one code point (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF) at
 * text[0..length). Returns its bytes, 1 to 4; for a byte that starts no valid sequence 1 with *ret
 * = U+FFFD, and *valid (may be NULL) false.
 */
size_t text_decode(const char *text, size_t length, uint32_t *ret, bool *valid);

/* Valid UTF-8: each invalid byte, and each NUL, becomes U+FFFD. */
char *text_repair(const char *text, size_t length);

/* What a terminal would obey instead of showing: C0, DEL, C1, and what reorders or breaks a line (Unicode UAX 9). */
bool text_is_unprintable(uint32_t code);

/*
 * Fit for a terminal, on one line: C0 and C1 controls and DEL, bidirectional controls (Unicode UAX
 * 9), line and paragraph separators are written as "\xNN" or "\u{NNNN}", invalid bytes as U+FFFD.
 */
char *text_printable(const char *text);
/* Writes it so. Needs no memory. */
void text_print(const char *text, FILE *out);

/* Columns that a terminal uses for valid UTF-8: two for wide East Asian characters and emoji, none
 * for combining marks. */
size_t text_width(const char *text);

/* Cuts valid UTF-8 to at most `columns`, with a final ellipsis where something was cut. */
char *text_cut(const char *text, size_t columns);

/* True where `text` starts with `prefix`, ASCII letters compared without case. */
bool text_starts(const char *text, const char *prefix);

/* Puts a copy (or NULL) in the place of a string, which is freed. -ENOMEM. */
int text_replace(char **slot, const char *value);

/*
 * Ends a stream of open_memstream(3) and returns its text, which the caller frees. NULL, as *text is then, where memory ran out: on
 * the way, or at the end, of which fclose() says nothing (glibc, libio/memstream.c).
 */
char *text_stream_end(FILE *stream, char **text);

#endif
