/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planctl verify: proves the laws of the record. */
#include "output.h"

#include "planwatch/verify.h"

#include <stdio.h>

struct verifying {
	struct cli *cli;
	struct json *findings;
};

static void found(void *userdata, const char *finding)
{
	struct verifying *verifying = userdata;

	json_add_text(verifying->findings, NULL, finding);
	if (!verifying->cli->options.json)
		print_field(finding, '\n');
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct verifying verifying = { .cli = cli };
	struct verify_counts counts;
	struct error error = { 0 };
	int r = cli_open_store(cli);

	(void)argc;
	(void)argv;
	if (r)
		return r;
	verifying.findings = json_array();
	if (verify_store(cli->store, found, &verifying, &counts, &error) < 0) {
		json_free(verifying.findings);
		return cli_fail(cli, EXIT_DATABASE, &error);
	}
	if (cli->options.json) {
		struct json *data = json_object();
		json_add_int(data, "plans", counts.plans);
		json_add_int(data, "revisions", counts.revisions);
		json_add_int(data, "events", counts.events);
		json_add(data, "findings", verifying.findings);
		r = cli_print_json(cli, data);
	} else {
		json_free(verifying.findings);
		if (!cli->options.quiet)
			(void)printf("%jd plans, %jd revisions, %jd events: %jd findings\n",
				     (intmax_t)counts.plans, (intmax_t)counts.revisions,
				     (intmax_t)counts.events, (intmax_t)counts.findings);
	}
	return r ? r : counts.findings ? EXIT_FINDINGS : EXIT_DONE;
}

const struct command command_verify = {
	.name = "verify",
	.arguments = "",
	.summary = "Proves the record: events against revisions, the database against itself",
	.examples = "  planctl verify && echo sound\n",
	.run = run,
};
