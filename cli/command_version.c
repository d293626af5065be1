/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl version */
#include "cli.h"

#include <stdio.h>

static int run(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (cli->options.json) {
		struct json *data = json_object();
		json_add_text(data, "version", PLANWATCH_VERSION);
		return cli_print_json(cli, data);
	}
	(void)puts("planctl " PLANWATCH_VERSION);
	return EXIT_DONE;
}

const struct command command_version = {
	.name = "version",
	.arguments = "",
	.summary = "The version",
	.run = run,
};
