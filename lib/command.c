/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/command.h"

#include "planwatch/cleanup.h"
#include "planwatch/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void command_free(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}

/* Copies the word at *text to `out`, which has room, and moves behind it. False where a quotation does not end. */
static bool take_word(const char **text, char *out)
{
	char quote = '\0';

	for (; **text && (quote || !strchr(" \t", **text)); (*text)++) {
		if (quote == **text)
			quote = '\0';
		else if (!quote && (**text == '\'' || **text == '"'))
			quote = **text;
		else
			*out++ = **text;
	}
	*out = '\0';
	return !quote;
}

int command_split(const char *text, char ***ret)
{
	cleanup_free char *word = malloc(strlen(text) + 1);
	/* Each word but the last is followed by a blank. */
	char **words = calloc(strlen(text) / 2 + 2, sizeof(*words));
	size_t count = 0;
	int r = word && words ? 0 : -ENOMEM;

	while (r == 0 && *(text += strspn(text, " \t"))) {
		if (!take_word(&text, word))
			r = -EINVAL;
		else if (!(words[count++] = strdup(word)))
			r = -ENOMEM;
	}
	if (r == 0 && (count == 0 || !*words[0]))
		r = -EINVAL;
	if (r == 0)
		*ret = words;
	else
		command_free(words);
	return r;
}

static char *fill(const char *word, const char *file, unsigned line)
{
	char *filled = NULL;
	size_t size;
	FILE *out = open_memstream(&filled, &size);

	if (!out)
		return NULL;
	while (*word) {
		if (strncmp(word, "{file}", 6) == 0) {
			(void)fputs(file, out);
			word += 6;
		} else if (strncmp(word, "{line}", 6) == 0) {
			(void)fprintf(out, "%u", line);
			word += 6;
		} else {
			(void)fputc(*word++, out);
		}
	}
	return text_stream_end(out, &filled);
}

char **command_fill(char *const *words, const char *file, unsigned line)
{
	size_t count = 0;
	char **filled;

	while (words[count])
		count++;
	filled = calloc(count + 1, sizeof(*filled));
	for (size_t i = 0; filled && i < count; i++) {
		filled[i] = fill(words[i], file, line);
		if (!filled[i]) {
			command_free(filled);
			return NULL;
		}
	}
	return filled;
}
