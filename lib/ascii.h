/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a byte is in plan text, whatever the locale: <ctype.h> asks the locale, and the library has none. */
#ifndef LIB_ASCII_H
#define LIB_ASCII_H

#include <stdbool.h>

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Every byte beyond ASCII is part of a letter. */
static inline bool is_word(char c)
{
	return is_digit(c) || is_upper(c) || is_lower(c) || c == '_' || (unsigned char)c >= 0x80;
}

#endif
