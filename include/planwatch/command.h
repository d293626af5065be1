/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines that a user writes down for us, run without a shell: their words. */
#ifndef PLANWATCH_COMMAND_H
#define PLANWATCH_COMMAND_H

/*
 * Splits at blanks. What stands in '...' or "..." is one word, or a part of one; there is no other quoting, and nothing is expanded.
 * Returns 0 and a NULL-terminated list of at least one word, which the caller ends with command_free(). -EINVAL: no word, or a quotation
 * that does not end, or an empty first word. -ENOMEM.
 */
int command_split(const char *text, char ***ret);
void command_free(char **words);

/* The words with each "{file}" and "{line}" in them replaced; a new list. NULL without memory. */
char **command_fill(char *const *words, const char *file, unsigned line);

#endif
