/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/skeleton.h"

#include "planwatch/text.h"

#include <stdio.h>
#include <stdlib.h>

/* The words in angle brackets, and the sentences that ask for something, are the format's own: `lint` knows them. */
static const char intro[] =
    "This ExecPlan is a living document. The sections `Constraints`, `Tolerances`,\n"
    "`Risks`, `Progress`, `Surprises & Discoveries`, `Decision Log`, and\n"
    "`Outcomes & Retrospective` must be kept up to date as work proceeds.\n"
    "\n";

static const char up_to_limits[] =
    "## Purpose / Big Picture\n"
    "\n"
    "Explain in a few sentences what someone gains after this change and how they\n"
    "can see it working. State the user-visible behaviour you will enable.\n"
    "\n"
    "## Constraints\n"
    "\n"
    "Hard invariants that must hold throughout implementation. These are not\n"
    "suggestions; violation requires escalation, not workarounds.\n"
    "\n"
    "- Public interfaces stay as they are, but for what this plan names.\n"
    "- No file outside of those that this plan names is changed.\n"
    "\n"
    "If satisfying the objective requires violating a constraint, do not proceed.\n"
    "Document the conflict in `Decision Log` and escalate.\n"
    "\n"
    "## Tolerances (Exception Triggers)\n"
    "\n"
    "Thresholds that trigger escalation when breached. These define the boundaries\n"
    "of autonomous action, not quality criteria.\n"
    "\n";

static const char limits[] =
    "- Scope: if implementation requires changes to more than 12 files or 600 lines\n"
    "  of code (net), stop and escalate.\n"
    "- Interface: if a public API signature must change, stop and escalate.\n"
    "- Dependencies: if a new external dependency is required, stop and escalate.\n"
    "- Iterations: if tests still fail after 3 attempts, stop and escalate.\n"
    "- Time: if a stage takes more than 4 hours, stop and escalate.\n"
    "- Ambiguity: if multiple valid interpretations exist and the choice materially\n"
    "  affects the outcome, stop and present options with trade-offs.\n";

static const char up_to_progress[] = "\n"
				     "## Risks\n"
				     "\n"
				     "- Risk: <description>\n"
				     "  Severity: low | medium | high\n"
				     "  Likelihood: low | medium | high\n"
				     "  Mitigation: <how to prevent or reduce impact>\n"
				     "\n"
				     "## Progress\n"
				     "\n";

static const char stages[] = "- [ ] Write this plan, and have it approved.\n"
			     "- [ ] Stage A: understand and propose (no code changes).\n"
			     "- [ ] Stage B: scaffolding and tests (small, verifiable diffs).\n"
			     "- [ ] Stage C: implementation (minimal change to satisfy tests).\n"
			     "- [ ] Stage D: hardening, documentation, cleanup.\n";

static const char behind_progress[] =
    "\n"
    "## Surprises & Discoveries\n"
    "\n"
    "None yet.\n"
    "\n"
    "## Decision Log\n"
    "\n"
    "None yet.\n"
    "\n"
    "## Outcomes & Retrospective\n"
    "\n"
    "None yet.\n"
    "\n"
    "## Context and Orientation\n"
    "\n"
    "Describe the current state relevant to this task as if the reader knows\n"
    "nothing. Name the key files and modules by full path. Define any non-obvious\n"
    "term you will use. Do not refer to prior plans.\n"
    "\n"
    "## Plan of Work\n"
    "\n"
    "Describe, in prose, the sequence of edits and additions. For each edit, name\n"
    "the file and location (function, module) and what to insert or change. Keep it\n"
    "concrete and minimal.\n"
    "\n"
    "Each stage ends with validation. Do not proceed to the next stage if the\n"
    "current stage's validation fails.\n"
    "\n"
    "## Concrete Steps\n"
    "\n"
    "State the exact commands to run and where to run them (working directory).\n"
    "When a command generates output, show a short expected transcript so the\n"
    "reader can compare. This section must be updated as work proceeds.\n"
    "\n"
    "## Validation and Acceptance\n"
    "\n"
    "Describe how to start or exercise the system and what to observe. Phrase\n"
    "acceptance as behaviour, with specific inputs and outputs.\n"
    "\n"
    "## Idempotence and Recovery\n"
    "\n"
    "If steps can be repeated safely, say so. If a step is risky, provide a safe\n"
    "retry or rollback path. Keep the environment clean after completion.\n"
    "\n"
    "## Artifacts and Notes\n"
    "\n"
    "None yet.\n"
    "\n"
    "## Interfaces and Dependencies\n"
    "\n"
    "Be prescriptive. Name the libraries, modules, and services to use and why.\n"
    "Specify the types, traits/interfaces, and function signatures that must exist\n"
    "at the end of the milestone.\n";

char *skeleton_write(const struct skeleton *skeleton)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	(void)fprintf(out, "# %s\n\n%sStatus: %s\n\n", skeleton->title, intro,
		      skeleton->status ? skeleton->status : "DRAFT");
	if (skeleton->rules)
		(void)fprintf(out, "This document must be maintained in accordance with `%s`.\n\n",
			      skeleton->rules);
	(void)fprintf(out, "%s%s%s%s%s", up_to_limits, skeleton->limits ? skeleton->limits : limits,
		      up_to_progress, skeleton->progress ? skeleton->progress : stages,
		      behind_progress);
	if (skeleton->note)
		(void)fprintf(out, "\n## Revision note\n\n%s\n", skeleton->note);
	return text_stream_end(out, &text);
}
