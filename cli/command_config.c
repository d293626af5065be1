/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl config: the settings that hold, and where each is from. */
#include "output.h"

#include <stdio.h>

struct listing {
	struct cli *cli;
	struct json *data; /* with --json */
};

static int print_setting(void *userdata, const char *section, const char *key, const char *value,
			 const char *origin)
{
	struct listing *listing = userdata;
	struct json *json;

	if (listing->data) {
		json = json_add_object(listing->data, NULL);
		json_add_text(json, "section", section);
		json_add_text(json, "key", key);
		json_add_text(json, "value", value);
		json_add_text(json, "origin", origin);
		return 0;
	}
	if (listing->cli->options.show_origin)
		print_field(origin, '\t');
	print_field(section, '.');
	print_field(key, '=');
	print_field(value, '\n');
	return 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct listing listing = { cli, cli->options.json ? json_array() : NULL };

	(void)argc;
	(void)argv;
	(void)config_each(&cli->config, print_setting, &listing);
	return listing.data ? cli_print_json(cli, listing.data) : EXIT_DONE;
}

static const struct command_option options[] = {
	OPTION("show-origin", NULL, show_origin, "where each is from: file and line, or default"),
	{ 0 },
};

const struct command command_config = {
	.name = "config",
	.arguments = "",
	.summary = "The settings that hold",
	.examples = "  planctl config --show-origin\n",
	.options = options,
	.run = run,
};
