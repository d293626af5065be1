/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines without a shell. */
#include "planwatch/command.h"

#include "unit.h"

#include <errno.h>
#include <string.h>

/* The words with a bar between them; NULL where it is refused. */
static const char *split(const char *text, char out[static 128])
{
	char **words;

	if (command_split(text, &words) < 0)
		return NULL;
	out[0] = '\0';
	for (char **word = words; *word; word++)
		(void)snprintf(out + strlen(out), 128 - strlen(out), "%s%s",
			       word == words ? "" : "|", *word);
	command_free(words);
	return out;
}

static void test_split(void **state)
{
	char out[128];

	(void)state;
	assert_string_equal(split("vim", out), "vim");
	assert_string_equal(split("  a \t b  ", out), "a|b");
	assert_string_equal(split("a 'b c' \"d 'e'\" f'g h'i", out), "a|b c|d 'e'|fg hi");
	assert_string_equal(split("a '' b", out), "a||b");
	assert_string_equal(split("$HOME;\\ *", out), "$HOME;\\|*");
	assert_null(split("", out));
	assert_null(split(" \t", out));
	assert_null(split("a 'b", out));
	assert_null(split("\"", out));
	assert_null(split("'' a", out));
}

static void test_fill(void **state)
{
	char **words, **filled;

	(void)state;
	assert_int_equal(command_split("e +{line} --go={file}:{line} {lines} {file}", &words), 0);
	filled = command_fill(words, "/a b/{line}.md", 12);
	assert_string_equal(filled[1], "+12");
	assert_string_equal(filled[2], "--go=/a b/{line}.md:12");
	assert_string_equal(filled[3], "{lines}");
	assert_string_equal(filled[4], "/a b/{line}.md");
	assert_null(filled[5]);
	command_free(filled);
	command_free(words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
