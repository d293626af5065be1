/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of lint, as a table: a plan without findings, one change to it, and whether a rule finds that. Each rule must have a row
 * where it finds something and one, close by, where it must not.
 */
#include "unit.h"

#include "planwatch/lint.h"

#include <stdio.h>
#include <string.h>

#define NOW instant_from_civil(2026, 3, 9, 12, 0, 0, 0)

static const char good[] =
    "# Teach the greeter Dutch\n"
    "\n"
    "This ExecPlan is a living document.\n"
    "\n"
    "Status: IN PROGRESS\n"
    "\n"
    "## Purpose / Big Picture\n"
    "\n"
    "Whoever runs the greeter with `--dutch` is greeted in Dutch.\n"
    "\n"
    "## Constraints\n"
    "\n"
    "- The English greeting stays as it is.\n"
    "\n"
    "## Tolerances (Exception Triggers)\n"
    "\n"
    "- Scope: if more than 4 files change, stop and escalate.\n"
    "- Iterations: if tests still fail after 3 attempts, stop and escalate.\n"
    "- Time: if a stage takes more than 2 hours, stop and escalate.\n"
    "\n"
    "## Risks\n"
    "\n"
    "- Risk: the greeting is rude\n"
    "  Mitigation: ask a Dutch speaker\n"
    "\n"
    "## Progress\n"
    "\n"
    "- [x] (2026-03-04 09:10Z) Stage A: read how greetings are chosen.\n"
    "- [x] (2026-03-04 10:20Z) Stage B: a table of greetings.\n"
    "- [x] (2026-03-05) Asked a Dutch speaker.\n"
    "- [ ] Stage C: the flag `--dutch`.\n"
    "\n"
    "## Surprises & Discoveries\n"
    "\n"
    "- Observation: the greeter greets twice\n"
    "  Evidence: the output has two lines\n"
    "\n"
    "## Decision Log\n"
    "\n"
    "- Decision: one table for all languages\n"
    "  Rationale: a switch for each would be longer\n"
    "  Date/Author: 2026-03-04, Mo\n"
    "\n"
    "## Outcomes & Retrospective\n"
    "\n"
    "None yet.\n"
    "\n"
    "## Context and Orientation\n"
    "\n"
    "Greetings are printed by `src/greet.c`; `greet.c` has one function.\n"
    "\n"
    "## Plan of Work\n"
    "\n"
    "First a table in `src/greet.c`, then the flag.\n"
    "\n"
    "## Concrete Steps\n"
    "\n"
    "Run this, and expect two lines:\n"
    "\n"
    "    make test\n"
    "\n"
    "## Validation and Acceptance\n"
    "\n"
    "The greeter says `Hallo`.\n";

#define HEAD "# A\n\nThis ExecPlan is short.\n\n## Progress\n\n"
#define TICKED(status) "# A\n\nStatus: " status "\n\n## Progress\n\n- [x] (2026-03-05) Print it.\n"

/* What rows change of the plan above, in several ways. */
#define STEPS "Run this, and expect two lines:\n\n    make test\n"
#define RATIONALE "  Rationale: a switch for each would be longer\n"
#define DECISION \
	"- Decision: one table for all languages\n" RATIONALE "  Date/Author: 2026-03-04, Mo\n"
#define PRINTED "Greetings are printed by `src/greet.c`; `greet.c` has one function."

#define TEN_LINES "One.\nTwo.\nThree.\nFour.\nFive.\nSix.\nSeven.\nEight.\nNine.\nTen.\n"
#define TEN_PATHS(name)                                                          \
	"s/" name "0.c s/" name "1.c s/" name "2.c s/" name "3.c s/" name "4.c " \
	"s/" name "5.c s/" name "6.c s/" name "7.c s/" name "8.c s/" name "9.c\n"

struct row {
	const char *rule;
	const char *from, *to; /* the first `from` in the plan becomes `to`; NULL: all of it does */
	const char
	    *at; /* the finding is in the line with this text; NULL: no finding of this rule */
	const char *path;
	bool edited; /* the plan without the change is what it was before */
};

static const struct row rows[] = {
	{ "PLN000", NULL, "# Notes\n\nBread, milk.\n", "# Notes", NULL, false },
	{ "PLN000", "- [", "- {", NULL, NULL, false },
	{ "PLN000", NULL,
	  "# A\n\n## Constraints\n\nNone.\n\n## Risks\n\nNone.\n\n## Decision Log\n\nNone.\n", NULL,
	  NULL, false },
	{ "PLN000", NULL, "# A\n\n## Constraints\n\nNone.\n\n## Risks\n\nNone.\n", "# A", NULL,
	  false },

	{ "PLN001", "## Decision Log", "## Choices", "# Teach", NULL, false },
	{ "PLN001", "## Decision Log", "## Decision log (live)", NULL, NULL, false },
	{ "PLN001", "## Decision Log", "## Decison Log", NULL, NULL, false },
	{ "PLN001", NULL, "This ExecPlan has no headings.\n", "This", NULL, false },
	{ "PLN001", NULL, "This ExecPlan has no title.\n\n## Progress\n\n- [ ] Print it.\n", "This",
	  NULL, false },
	{ "PLN002", "## Risks", "## Dangers", "# Teach", NULL, false },
	{ "PLN002", "## Risks", "# Risks", NULL, NULL, false },
	{ "PLN002", "## Risks", "## Risks and mitigations", NULL, NULL, false },
	{ "PLN003", "## Constraints\n\n- The English greeting stays as it is.\n\n## Tolerances",
	  "## Limits", "# Teach", NULL, false },
	{ "PLN003", "## Constraints", "## Limits", NULL, NULL, false },
	{ "PLN004", "## Concrete Steps", "## What to type", "# Teach", NULL, false },
	{ "PLN004", "## Validation and Acceptance", "## Validation", NULL, NULL, false },
	{ "PLN005", "\nNone yet.\n", "", "## Outcomes", NULL, false },
	{ "PLN005", "First a table in `src/greet.c`, then the flag.\n",
	  "## Stage A: the table\n\nA table.\n", NULL, NULL, false },
	{ "PLN005", "## Risks\n\n- Risk: the greeting is rude\n  Mitigation: ask a Dutch speaker\n",
	  "## Risks", "## Risks", NULL, false },
	{ "PLN005", "## Validation and Acceptance\n\nThe greeter says `Hallo`.\n",
	  "## Recovery\n## Plan of Work\n", "## Recovery", NULL, false },
	{ "PLN005", NULL,
	  "# A\n\nThis ExecPlan is short.\n\n## Progress\n\n- [ ] Print it.\n\n## Plan of Work\n",
	  "## Plan", NULL, false },
	{ "PLN005", "First a table in `src/greet.c`, then the flag.\n", "### Stage A\n", NULL, NULL,
	  false },
	{ "PLN005", "Status: IN PROGRESS\n", "## Status\n", NULL, NULL, false },
	{ "PLN005",
	  "## Plan of Work\n\nFirst a table in `src/greet.c`, then the flag.\n\n## Concrete",
	  "## Plan of Work\n\n### Concrete", NULL, NULL, false },
	{ "PLN006", "## Purpose / Big Picture\n\nWhoever", "## Plan of Work\n\nWhoever",
	  "## Plan of Work\n\nWhoever", NULL, false },
	{ "PLN006", "## Constraints\n", "## Glossary\n\nNo words.\n\n## Constraints\n", NULL, NULL,
	  false },
	{ "PLN007", "## Decision Log", "## Decison Log", "Decison", NULL, false },
	{ "PLN007", "## Decision Log", "## Divisions\n\nOne.\n\n## Decision Log", NULL, NULL,
	  false },
	{ "PLN007", "## Decision Log", "### Decison Log", NULL, NULL, false },
	{ "PLN007", "## Decision Log", "## (Decison Log)", NULL, NULL, false },
	{ "PLN007", "## Decision Log", "## Decison Log: (live)", "Decison", NULL, false },
	{ "PLN007", "## Decision Log", "## Decision Logs of all the work that was done here", NULL,
	  NULL, false },
	{ "PLN008", "## Context", "## Decision Log\n\nMore.\n\n## Context",
	  "## Decision Log\n\nMore", NULL, false },
	{ "PLN008", "## Context", "## Progress Notes\n\nMore.\n\n## Context", NULL, NULL, false },
	{ "PLN008", "## Context", "### Decision Log\n\nMore.\n\n## Context", NULL, NULL, false },
	{ "PLN008", "## Decision Log", "### Decision Log\n\nMore.\n\n## Decision Log", NULL, NULL,
	  false },
	{ "PLN009", "## Risks", "# Risks", "# Risks", NULL, false },
	{ "PLN009", "# Teach the greeter Dutch", "# Risks of greeting in Dutch", NULL, NULL,
	  false },
	{ "PLN010", "# Teach", "## Teach", "## Teach", NULL, false },
	{ "PLN010", "# Teach the greeter Dutch\n", "---\ntitle: Teach the greeter\n---\n", NULL,
	  NULL, false },

	{ "PLN020", "Status: IN PROGRESS\n", "\n", "# Teach", NULL, false },
	{ "PLN020", "Status: IN PROGRESS\n", "**Status**: DRAFT\n", NULL, NULL, false },
	{ "PLN020", NULL, "# A\n\nThis ExecPlan is short.\n\n## Progress\n\n- [ ] Print it.\n",
	  NULL, NULL, false },
	{ "PLN021", "IN PROGRESS", "DRAFT | APPROVED | IN PROGRESS", "Status", NULL, false },
	{ "PLN021", "IN PROGRESS", "under way since Monday", NULL, NULL, false },
	{ "PLN022", "IN PROGRESS", "active (since Monday)", "Status", NULL, false },
	{ "PLN022", "IN PROGRESS", "Active only on Mondays", NULL, NULL, false },
	{ "PLN022", "IN PROGRESS", "PAUSED", NULL, NULL, false },
	{ "PLN022", "Status: IN PROGRESS", "## Status\n\nDone", "Done", NULL, false },
	{ "PLN023", "IN PROGRESS", "COMPLETE", "Status", NULL, false },
	{ "PLN023", "IN PROGRESS", "PARTIALLY COMPLETED", NULL, NULL, false },
	{ "PLN024", "- [ ]", "- [x]", "Status", NULL, false },
	{ "PLN024", "- [ ]", "- [/]", NULL, NULL, false },
	{ "PLN024", NULL, TICKED("IN PROGRESS"), "Status", NULL, false },
	{ "PLN024", NULL, TICKED("PARTIALLY COMPLETED"), NULL, NULL, false },
	{ "PLN024", NULL, TICKED("Partly done"), NULL, NULL, false },
	{ "PLN024", NULL, TICKED("INCOMPLETE"), NULL, NULL, false },
	{ "PLN024", NULL, TICKED("Unfinished"), NULL, NULL, false },
	{ "PLN024", NULL, TICKED("Not complete"), NULL, NULL, false },
	{ "PLN024", NULL, "# A\n\nStatus: DRAFT\n\n## Progress\n\n- [~] Print it.\n", NULL, NULL,
	  false },
	{ "PLN025", "IN PROGRESS", "DRAFT", "Stage A", NULL, false },
	{ "PLN025", "IN PROGRESS", "APPROVED", NULL, NULL, false },
	{ "PLN025", NULL, TICKED("DRAFT"), NULL, NULL, false },
	{ "PLN026", "IN PROGRESS", "COMPLETE", "Status", "plans/active/dutch.md", false },
	{ "PLN026", "IN PROGRESS", "COMPLETE", NULL, "plans/interactive/dutch.md", false },
	{ "PLN026", "IN PROGRESS", "SUPERSEDED by dutch2.md", "Status", "active/dutch.md", false },
	{ "PLN026", "IN PROGRESS", "COMPLETE", NULL, "plans/completed/dutch.md", false },
	{ "PLN026", "IN PROGRESS", "COMPLETE", NULL, NULL, false },

	{ "PLN030", "(2026-03-05) Asked", "Asked", "Asked", NULL, false },
	{ "PLN030", "- [x] (2026-03-05) Asked", "  - [x] Asked", NULL, NULL, false },
	{ "PLN031", "(2026-03-05)", "(2026-02-30)", "02-30", NULL, false },
	{ "PLN031", "(2026-03-05)", "(2026-03-05 25:10Z)", "25:10Z", NULL, false },
	{ "PLN031", "(2026-03-05)", "(2028-02-29)", NULL, NULL, false },
	{ "PLN031", "(2026-03-05)", "(2026-03-05 24:10Z)", "24:10Z", NULL, false },
	{ "PLN031", "(2026-03-05)", "(2026-03-05 10:75Z)", "10:75Z", NULL, false },
	{ "PLN031", "(2026-03-05)", "(2026-03-05 24:00Z)", NULL, NULL, false },
	{ "PLN031", "(2026-03-05)", "(2026-03-05 10:20 CST)", NULL, NULL, false },
	{ "PLN031", "(2026-03-05) Asked a Dutch speaker.", "Asked (2026-02-30) a Dutch speaker.",
	  NULL, NULL, false },
	{ "PLN032", "(2026-03-05)", "(2026-03-09 12:30Z)", "12:30Z", NULL, false },
	{ "PLN032", "(2026-03-05)", "(2026-03-11)", "03-11", NULL, false },
	{ "PLN032", "(2026-03-05)", "(2026-03-09 12:09Z)", NULL, NULL, false },
	{ "PLN032", "(2026-03-05)", "(2026-03-10)", NULL, NULL, false },
	{ "PLN032", "(2026-03-05)", "(2026-03-09 22:00)", NULL, NULL, false },
	{ "PLN032", "(2026-03-05)", "(2026-03-09 21:30+09:00)", "21:30+09:00", NULL, false },
	{ "PLN032", "- [ ] Stage C", "- [ ] (2026-04-01) Stage C", NULL, NULL, false },
	{ "PLN033", "(2026-03-04 10:20Z)", "(2026-03-04 08:20Z)", "08:20Z", NULL, false },
	{ "PLN033", "(2026-03-04 10:20Z)", "(2026-03-04 11:05+02:00)", NULL, NULL, false },
	{ "PLN033", "(2026-03-04 10:20Z)", "(2026-03-04 08:20)", NULL, NULL, false },
	{ "PLN033", "(2026-03-04 09:10Z)", "(2026-03-04 11:10)", NULL, NULL, false },
	{ "PLN033", "(2026-03-04 10:20Z)", "(2026-03-04 00:00Z)", NULL, NULL, false },
	{ "PLN033", "(2026-03-04 10:20Z) Stage B: a table of greetings.",
	  "Stage B: a table of greetings (2026-03-02).", NULL, NULL, false },
	{ "PLN033", NULL,
	  HEAD
	  "- [x] (2026-03-08) D.\n- [x] (2026-03-06) C.\n- [x] (2026-03-04) B.\n- [x] (2026-03-02) A.\n",
	  NULL, NULL, false },
	{ "PLN033", NULL,
	  HEAD
	  "- [x] (2026-03-08) D.\n- [x] (2026-03-04) C.\n- [x] (2026-03-06) B.\n- [x] (2026-03-02) A.\n- [x] (2026-02-27) O.\n",
	  "B.", NULL, false },
	{ "PLN034", "(2026-03-05)", "(YYYY-MM-DD HH:MMZ)", "YYYY", NULL, false },
	{ "PLN034", "(2026-03-05)", "(timestamp)", "(timestamp)", NULL, false },
	{ "PLN034", "(2026-03-05)", "(2026-03-05) Date:", NULL, NULL, false },
	{ "PLN034", "(2026-03-05)", "(noon)", NULL, NULL, false },
	{ "PLN034", "- [ ] Stage C", "- [ ] (date) Stage C", NULL, NULL, false },
	{ "PLN034", "(2026-03-05) Asked a Dutch speaker.", "", NULL, NULL, false },
	{ "PLN035", "(2026-03-05)", "(2026-03-05 00:00Z)", "00:00Z", NULL, false },
	{ "PLN035", "(2026-03-05)", "(2026-03-05 00:01Z)", NULL, NULL, false },
	{ "PLN035", "(2026-03-05)", "(2026-03-05 00:00:30Z)", NULL, NULL, false },
	{ "PLN035", "(2026-03-05) Asked a Dutch speaker.", "Asked (2026-03-05 00:00Z).", NULL, NULL,
	  false },
	{ "PLN036", "(2026-03-05) Asked a Dutch speaker.",
	  "(2026-03-04 10:20Z) Asked.\n- [x] (2026-03-04 10:20Z) Thanked.", "Stage B", NULL,
	  false },
	{ "PLN036", "(2026-03-05)", "(2026-03-04 10:20Z)", NULL, NULL, false },
	{ "PLN036", "(2026-03-05) Asked a Dutch speaker.",
	  "Asked (2026-03-04 10:20Z).\n- [x] Thanked (2026-03-04 10:20Z).", NULL, NULL, false },
	{ "PLN037", "(2026-03-05)", "(2026-03-05 10:20 CST)", "CST", NULL, false },
	{ "PLN037", "(2026-03-05)", "(2026-03-05 10:20)", "10:20)", NULL, false },
	{ "PLN037", "(2026-03-05)", "(2026-03-05 10:20 CET)", NULL, NULL, false },

	{ "PLN040", "after 3 attempts", "after many attempts", "many", NULL, false },
	{ "PLN040", "after 3 attempts", "twice", NULL, NULL, false },
	{ "PLN040", "fail after 3 attempts", "fail in 2 of the folders", NULL, NULL, false },
	{ "PLN040", "fail after 3 attempts", "fail in two of the folders", NULL, NULL, false },
	{ "PLN040", "fail after 3 attempts", "fail in an odd way", "odd way", NULL, false },
	{ "PLN041", "4 files", "<N> files", "<N>", NULL, false },
	{ "PLN041", "4 files", "4 files of `List<N>`", NULL, NULL, false },
	{ "PLN041", "- Scope: if more than 4 files change", "- <N> files change", NULL, NULL,
	  false },
	{ "PLN042", "- Time: if a stage takes more than 2 hours, stop and escalate.\n", "",
	  "## Tolerances", NULL, false },
	{ "PLN042", "more than 2 hours", "long", NULL, NULL, false },
	{ "PLN042", NULL,
	  "# A\n\nThis ExecPlan is short.\n\n## Tolerances\n\nIt is too small for any.\n\n## Progress\n\n- [ ] Print it.\n",
	  NULL, NULL, false },
	{ "PLN043", "more than 2 hours", "long", "takes long", NULL, false },
	{ "PLN043", "more than 2 hours", "half a day", NULL, NULL, false },
	{ "PLN043", "if a stage takes more than 2 hours, stop and escalate", "no limit", NULL, NULL,
	  false },

	{ "PLN050",
	  "## Progress\n\n- [x] (2026-03-04 09:10Z) Stage A: read how greetings are chosen.\n"
	  "- [x] (2026-03-04 10:20Z) Stage B: a table of greetings.\n- [x] (2026-03-05) Asked a Dutch speaker.\n"
	  "- [ ] Stage C: the flag `--dutch`.\n",
	  "## Progress\n\n- 2026-03-04: read a lot.\n", "## Progress", NULL, false },
	{ "PLN050", "- [ ] Stage C: the flag `--dutch`.\n", "", NULL, NULL, false },
	{ "PLN050", NULL, "# A\n\nThis ExecPlan is short.\n\n## Progress\n\n## Risks\n\nNone.\n",
	  NULL, NULL, false },
	{ "PLN051", "- [ ] Stage C", "- [] Stage C", "Stage C", NULL, false },
	{ "PLN051", "- [ ] Stage C", "-[ ] Stage C", "Stage C", NULL, false },
	{ "PLN051", "- [ ] Stage C", "- [x]Stage C", "Stage C", NULL, false },
	{ "PLN051", "- [ ] Stage C", "\n[ ] Stage C", "Stage C", NULL, false },
	{ "PLN051", "- [ ] Stage C", "- [x](https://example.org/x) Stage C", NULL, NULL, false },
	{ "PLN051", "- [ ] Stage C", "- [ X] Stage C", "Stage C", NULL, false },
	{ "PLN051", "- [ ] Stage C", "\n[x] Stage C", "Stage C", NULL, false },
	{ "PLN051", "- [ ] Stage C", "\n[1] Stage C", NULL, NULL, false },
	{ "PLN051", "- [ ] Stage C", "\n[\u2713] Stage C", NULL, NULL, false },
	{ "PLN051", "- [ ] Stage C", "\n[] Stage C", NULL, NULL, false },
	{ "PLN051", "- [ ] Stage C", "\n-dutch in Stage C", NULL, NULL, false },
	{ "PLN051", "- [ ] Stage C", "- [xx] Stage C", NULL, NULL, false },
	{ "PLN051", "- [ ] Stage C", "- [7d] Stage C", NULL, NULL, false },
	{ "PLN051", "- [ ] Stage C", "- [see below] Stage C", NULL, NULL, false },
	{ "PLN051", "- [ ] Stage C", "> - [] Stage C", NULL, NULL, false },
	{ "PLN051", "- [ ] Stage C: the flag `--dutch`.", "- []", NULL, NULL, false },
	{ "PLN051", "- [ ] Stage C: the flag `--dutch`.", "- [", NULL, NULL, false },
	{ "PLN051", "- [ ] Stage C: the flag `--dutch`.", "-[ ]", "-[ ]", NULL, false },
	{ "PLN052", "- [ ] Stage C: the flag `--dutch`.", "- [ ]", "- [ ]", NULL, false },
	{ "PLN052", "- [ ] Stage C: the flag `--dutch`.", "- [ ]\n  Stage C: the flag", NULL, NULL,
	  false },
	{ "PLN053", "Stage C: the flag `--dutch`.", "Clean up and testing.", "Clean up", NULL,
	  false },
	{ "PLN053", "Stage C: the flag `--dutch`.", "Update docs for `--dutch`.", NULL, NULL,
	  false },
	{ "PLN053", "Stage C: the flag `--dutch`.", "Add the code and the tests.", NULL, NULL,
	  false },
	{ "PLN053", "Stage C: the flag `--dutch`.", "...", NULL, NULL, false },
	{ "PLN054", "- [x] (2026-03-04 09:10Z)", "    - [x] (2026-03-04 09:10Z)", "09:10Z", NULL,
	  false },
	{ "PLN054", "- [x] (2026-03-04 10:20Z)", "    - [x] (2026-03-04 10:20Z)", NULL, NULL,
	  false },
	{ "PLN054", "- [x] (2026-03-04 09:10Z)", "    - No box.\n\n- [x] (2026-03-04 09:10Z)", NULL,
	  NULL, false },
	{ "PLN054", "- [x] (2026-03-04 09:10Z)", "    - - [x] (2026-03-04 09:10Z)", NULL, NULL,
	  false },
	{ "PLN055", "- [ ] Stage C", "- [?] Stage C", "Stage C", NULL, false },
	{ "PLN055", "- [x] (2026-03-05)", "- [X] (2026-03-05)", "[X]", NULL, false },
	{ "PLN055", "- [ ] Stage C", "- [~] Stage C", NULL, NULL, false },
	{ "PLN055", "- [ ] Stage C", "- [\u2713] Stage C", "Stage C", NULL, false },
	{ "PLN056", "Asked a Dutch speaker.", "Asked (completed: Mo; remaining: Jo).", "Jo", NULL,
	  false },
	{ "PLN056", "Asked a Dutch speaker.", "Asked (completed: Mo; remaining: none).", NULL, NULL,
	  false },
	{ "PLN056", "Asked a Dutch speaker.", "Asked (completed: Mo; remaining: nonexistent Jo).",
	  "Jo", NULL, false },
	{ "PLN056", "Asked a Dutch speaker.", "Asked (completed: Mo; remaining: nothing).", NULL,
	  NULL, false },
	{ "PLN056", "Asked a Dutch speaker.", "Asked (completed: Mo; remaining: n/a).", NULL, NULL,
	  false },
	{ "PLN056", "Asked a Dutch speaker.", "Asked (completed: Mo; remaining: -).", NULL, NULL,
	  false },
	{ "PLN056", "Asked a Dutch speaker.", "Asked, completed: Mo; remaining:", NULL, NULL,
	  false },
	{ "PLN056", "Asked a Dutch speaker.", "Asked (remaining: Jo; completed: Mo).", NULL, NULL,
	  false },

	{ "PLN060", NULL,
	  "```md\n# A\n\nThis ExecPlan is short.\n\n## Progress\n\n- [ ] Print it.\n\n```sh\nmake\n```\n\nEnd.\n```\n",
	  "```sh", NULL, false },
	{ "PLN060", NULL,
	  "```md\n# A\n\nThis ExecPlan is short.\n\n## Progress\n\n- [ ] Print it.\n\n    make\n```\n",
	  NULL, NULL, false },
	{ "PLN060", NULL,
	  "```md\n# A\n\nThis ExecPlan is short.\n\n## Progress\n\n- [ ] Print it.\n\n~~~\nls\n~~~\n\nEnd.\n```\n",
	  "~~~", NULL, false },
	{ "PLN061", NULL,
	  "```md\n# A\n\nThis ExecPlan is short.\n\n## Progress\n\n- [ ] Print it.\n```\n", "```md",
	  "plans/a.md", false },
	{ "PLN061", NULL,
	  "```md\n# A\n\nThis ExecPlan is short.\n\n## Progress\n\n- [ ] Print it.\n```\n", NULL,
	  "-", false },
	{ "PLN062", "## Risks\n\n", "## Risks\n", "## Risks", NULL, false },
	{ "PLN062", "    make test\n", "    # make\n    make test\n", NULL, NULL, false },
	{ "PLN062", "- The English greeting stays as it is.", "- ## English\n  It stays.", NULL,
	  NULL, false },
	{ "PLN062", "- The English greeting stays as it is.", "> ## English\n> It stays.", NULL,
	  NULL, false },
	{ "PLN062", "## Validation and Acceptance\n\nThe greeter says `Hallo`.\n", "## Validation",
	  NULL, NULL, false },
	{ "PLN063", "- The English", "\u2022 The English", "The English", NULL, false },
	{ "PLN063", "The English greeting stays", "It stays \u2022 as it is", NULL, NULL, false },
	{ "PLN064", "First a table in `src/greet.c`, then the flag.",
	  "- A table.\n- A flag.\n- A test.", "## Plan of Work", NULL, false },
	{ "PLN064", "First a table in `src/greet.c`, then the flag.",
	  "In this order:\n\n- A table.\n- A flag.\n- A test.", NULL, NULL, false },
	{ "PLN064", "First a table in `src/greet.c`, then the flag.",
	  "- A table:\n  - a row,\n  - a test.", NULL, NULL, false },
	{ "PLN065", "and expect two lines", "in the top folder", "make test", NULL, false },
	{ "PLN065", "    make test\n", "    ls\n", NULL, NULL, false },
	{ "PLN065", "and expect two lines", "and record how many lines it has", NULL, NULL, false },
	{ "PLN065", STEPS, "Run this:\n\n    $ greet --dutch\n", "$ greet", NULL, false },
	{ "PLN065", STEPS, "Run this:\n\n```sh\n# at the top\n\nmake test\n```\n", "make test",
	  NULL, false },
	{ "PLN065", STEPS, "Run this:\n\n~~~\nmake test\n~~~\n", "make test", NULL, false },
	{ "PLN065", STEPS, "Run this:\n\n```\n$ make test\ntwo lines\n```\n", NULL, NULL, false },
	{ "PLN065", STEPS, "Run this:\n\n    cd src\n", NULL, NULL, false },
	{ "PLN065", STEPS, "Expect two lines of this:\n\n    make test\n", NULL, NULL, false },
	{ "PLN065", STEPS, "Run this twice, unexpectedly:\n\n    make test\n", "make test", NULL,
	  false },
	{ "PLN065", STEPS, "Run this:\n\n    $HOME/bin/greet\n", NULL, NULL, false },
	{ "PLN066", "2026-03-04, Mo", "<timestamp and who decided>", "<timestamp", NULL, false },
	{ "PLN066", "2026-03-04, Mo", "2026-03-04, <mo@example.org>", NULL, NULL, false },
	{ "PLN066", "Asked a Dutch speaker.", "Example completed step.", "Example", NULL, false },
	{ "PLN066", "Asked a Dutch speaker.", "Example completed step. Asked.", NULL, NULL, false },
	{ "PLN066", "- Risk: the greeting is rude\n", "- Risk: <description>\n", "Risk: <", NULL,
	  false },
	{ "PLN067", "Whoever runs",
	  "Explain in a few sentences what someone gains after this change and how\nthey",
	  "Explain", NULL, false },
	{ "PLN067", "Whoever runs", "We explain in a few sentences what someone gains after", NULL,
	  NULL, false },

	{ "PLN070", "  Rationale: a switch for each would be longer\n", "", "Decision: one", NULL,
	  false },
	{ "PLN070", "  Rationale: a switch for each would be longer\n",
	  "- Rationale: a switch is longer\n", NULL, NULL, false },
	{ "PLN070", "  Rationale: a switch", "  A switch", NULL, NULL, false },
	{ "PLN070", "one table for all languages\n  Rationale: a switch for each would be longer\n",
	  "(none yet, the first stage is open)\n", NULL, NULL, false },
	{ "PLN070", "- Decision: one table", "- Decision: two tables\n- Decision: one table",
	  "Decision: two", NULL, false },
	{ "PLN070", RATIONALE, "  Reasonable people agree\n", "Decision: one", NULL, false },
	{ "PLN070", RATIONALE, "  It is v1.2 of a table, e.g. short\n", "Decision: one", NULL,
	  false },
	{ "PLN070", RATIONALE, "  It is short. Switches are long\n", NULL, NULL, false },
	{ "PLN070", RATIONALE, "  It is short. `switch` is long\n", NULL, NULL, false },
	{ "PLN070", RATIONALE, "  It is short; a switch is long\n", NULL, NULL, false },
	{ "PLN070", RATIONALE, "Rationale: a switch is long\n", NULL, NULL, false },
	{ "PLN070", RATIONALE, "\n      Rationale: a switch is long\n", NULL, NULL, false },
	{ "PLN070", DECISION, "- Decision makers met\n", NULL, NULL, false },
	{ "PLN070", DECISION, "- Decision: ?\n", NULL, NULL, false },
	{ "PLN070", DECISION, "- Decision: nothing yet\n", NULL, NULL, false },
	{ "PLN070", DECISION, "- Decision: n/a until Stage C\n", NULL, NULL, false },
	{ "PLN070", DECISION, "- Decision: TBD, in Stage C\n", NULL, NULL, false },
	{ "PLN070", DECISION, "    - Decision: one table\n", "Decision: one", NULL, false },
	{ "PLN070", DECISION,
	  "    - Decision: one table\n      Rationale: short\n    - Decision: two flags\n",
	  "Decision: two", NULL, false },
	{ "PLN070", DECISION, "    - Decision: one table\n      - Rationale: short\n", NULL, NULL,
	  false },
	{ "PLN070", DECISION, "    Decision: one table\n", NULL, NULL, false },
	{ "PLN070", DECISION, "    It is\n    -- Decision: one table\n", NULL, NULL, false },
	{ "PLN071", "2026-03-04, Mo", "Mo", "Decision: one", NULL, false },
	{ "PLN071", "2026-03-04, Mo", "room 42026, Mo", "Decision: one", NULL, false },
	{ "PLN071", "2026-03-04, Mo", "2026-03-04/mo", NULL, NULL, false },
	{ "PLN071", "2026-03-04, Mo", "4 March 2026", NULL, NULL, false },
	{ "PLN071",
	  "- Decision: one table for all languages\n  Rationale: a switch for each would be longer\n"
	  "  Date/Author: 2026-03-04, Mo\n",
	  "### 2026-03-04\n\n- Decision: one table\n  Rationale: short\n", NULL, NULL, false },
	{ "PLN071", "2026-03-04, Mo", "20 people, 203 of them 20 x 20265, Mo", "Decision: one",
	  NULL, false },
	{ "PLN071", "2026-03-04, Mo", "in2026, Mo", "Decision: one", NULL, false },
	{ "PLN072", "  Evidence: the output has two lines\n", "", "Observation", NULL, false },
	{ "PLN072", "  Evidence: the output has two lines\n", "  as `greet | wc -l` shows\n", NULL,
	  NULL, false },
	{ "PLN072", "the greeter greets twice\n  Evidence: the output has two lines\n",
	  "none but what the risks name\n", NULL, NULL, false },
	{ "PLN072", "  Evidence: the output has two lines\n", "  It did so. Nobody knew\n", NULL,
	  NULL, false },
	{ "PLN073", "  Mitigation: ask a Dutch speaker\n", "", "Risk: the", NULL, false },
	{ "PLN073", "  Mitigation:", "  Contingency:", NULL, NULL, false },
	{ "PLN074", "Status: IN PROGRESS", "Status: COMPLETE", "## Outcomes", NULL, false },
	{ "PLN074", "None yet.", "It greets in Dutch now.", NULL, NULL, false },
	{ "PLN074", NULL, TICKED("COMPLETE") "\n## Outcomes\n\nIt is printed.\n", NULL, NULL,
	  false },
	{ "PLN074", NULL, TICKED("COMPLETE"), NULL, NULL, false },

	{ "PLN080", "First a table", "As in docs/execplans/french.md first a table", "french",
	  "docs/execplans/dutch.md", false },
	{ "PLN080", "First a table", "As in docs/execplans/dutch.md first a table", NULL,
	  "docs/execplans/dutch.md", false },
	{ "PLN080", "First a table", "As in docs/execplans/french.md first a table", "french",
	  "dutch.md", false },
	{ "PLN080", "First a table", "As in docs/execplans/french.md first a table", NULL, "-",
	  false },
	{ "PLN080", "First a table", "As in docs/execplans/PLANS.md first a table", NULL,
	  "dutch.md", false },
	{ "PLN080", "First a table", "As in docs/execplans/README.md first a table", NULL,
	  "dutch.md", false },
	{ "PLN080", "First a table", "As in docs/execplans/french.txt first a table", NULL,
	  "dutch.md", false },
	{ "PLN080", "First a table", "As in execplans/ first a table", NULL, "dutch.md", false },
	{ "PLN080", "First a table", "As in docs/french.md first a table", NULL, "dutch.md",
	  false },
	{ "PLN081", "First a table in `src/greet.c`", "First a table in `hello.c`", "hello.c", NULL,
	  false },
	{ "PLN081", "First a table in `src/greet.c`", "First a table in `greet.c`", NULL, NULL,
	  false },
	{ "PLN081", "First a table in `src/greet.c`", "First a table in `hello-dutch.c`",
	  "hello-dutch.c", NULL, false },
	{ "PLN081", "First a table in `src/greet.c`", "First a table in `build.rs`", NULL, NULL,
	  false },
	{ "PLN081", "First a table in `src/greet.c`", "First a table in `.hello.c`", NULL, NULL,
	  false },
	{ "PLN081", "First a table in `src/greet.c`", "First a table in `hello(1).c`", NULL, NULL,
	  false },
	{ "PLN081", "First a table in `src/greet.c`", "A table / a flag in `hello.c`", "hello.c",
	  NULL, false },
	{ "PLN081", "First a table in `src/greet.c`", "/ and /etc have no `hello.c`", "hello.c",
	  NULL, false },
	{ "PLN081", PRINTED, "`hello.c` prints.\n\nIt is src/hello.c.", NULL, NULL, false },
	{ "PLN081", PRINTED, "`hello.c` prints.\n\nIt is in src/...", "hello.c", NULL, false },
	{ "PLN081", PRINTED, "`src/greet.c` prints.\n" TEN_LINES TEN_LINES "`hello.c`, too.\n",
	  "`hello.c`", NULL, false },
	{ "PLN081", PRINTED, "`src/greet.c` prints.\n" TEN_LINES "`hello.c`, too.\n", NULL, NULL,
	  false },
	{ "PLN081", PRINTED,
	  "`a0.c` and `d9.c` print.\n\n" TEN_PATHS("a") TEN_PATHS("b") TEN_PATHS("c")
	      TEN_PATHS("d"),
	  NULL, NULL, false },
	{ "PLN081", PRINTED,
	  "`e0.c` prints.\n\n" TEN_PATHS("a") TEN_PATHS("b") TEN_PATHS("c") TEN_PATHS("d"), "e0.c",
	  NULL, false },

	{ "PLN090", "First a table", "Before that the tests, and then a table", "## Plan of Work",
	  NULL, true },
	{ "PLN090", "First a table in `src/greet.c`, then the flag.", "Both.", "## Plan of Work",
	  NULL, true },
	{ "PLN090", "First a table", "First, the sorted, THE long, table", NULL, NULL, true },
	{ "PLN090", "First a table",
	  "Before that the tests, and then a table.\n\n## Revision note\n\nThe tests are new, because",
	  NULL, NULL, true },
	{ "PLN090", "- [ ]", "- [x]", NULL, NULL, true },
	{ "PLN090", "First a table",
	  "Before that the tests, and then a table.\n\nRevision note: the tests are new, because",
	  NULL, NULL, true },
	{ "PLN090", "First a table in `src/greet.c`, then the flag.", "...", "## Plan of Work",
	  NULL, true },
	{ "PLN090", "The greeter says `Hallo`.\n", "It greets as a speaker of Dutch would",
	  "## Validation", NULL, true },
	{ "PLN090", "## Validation",
	  "## Recovery\n\nIt only reads, and so each step can be taken again.\n\n## Validation",
	  NULL, NULL, true },
	{ "PLN090", "## Concrete Steps\n\nRun this, and expect two lines:\n\n    make test\n\n", "",
	  NULL, NULL, true },
	{ "PLN090", NULL,
	  HEAD
	  "- [ ] Print it.\n\n## Plan of Work\n\nAll of these words are other ones than before.\n\n# B\n\n## Progress\n\n- [ ] Print it.\n",
	  NULL, NULL, true },
	{ "PLN091", "more than 2 hours", "more than 4 hours", "4 hours", NULL, true },
	{ "PLN091", "stop and escalate", "stop, and escalate", NULL, NULL, true },
	{ "PLN091", "4 files", "5 files", "5 files", NULL, true },
	{ "PLN091", "4 files change", "4 files or 300 lines change", "300 lines", NULL, true },
	{ "PLN091", "3 attempts", "4 attempts", "4 attempts", NULL, true },
	{ "PLN091", "- Scope: if more than 4 files change, stop and escalate.\n", "",
	  "## Tolerances", NULL, true },
	{ "PLN091", "- Iterations: if tests still fail after 3 attempts, stop and escalate.\n", "",
	  "## Tolerances", NULL, true },
	{ "PLN091", "- Time: if a stage takes more than 2 hours, stop and escalate.\n", "",
	  "## Tolerances", NULL, true },
	{ "PLN091", "- Scope:", "- Ambiguity: if it can be read in two ways, ask.\n- Scope:", NULL,
	  NULL, true },
	{ "PLN091", "- Scope: if more than 4 files change, stop and escalate.\n",
	  "- Ambiguity: if it can be read in two ways, ask.\n", NULL, NULL, true },
};

static char *change(const struct row *row)
{
	const char *at = row->from ? strstr(good, row->from) : NULL;
	char *text;

	if (!row->from)
		return strdup(row->to);
	if (!at)
		fail_msg("%s: `%s` is not in the plan", row->rule, row->from);
	assert_true(asprintf(&text, "%.*s%s%s", (int)(at - good), good, row->to,
			     at + strlen(row->from)) > 0);
	return text;
}

static struct lint_report *examine(const char *text, const char *path, const char *previous)
{
	struct lint_severities severities;
	struct lint_report *report;

	lint_severities_init(&severities);
	assert_int_equal(
	    lint_run(&(struct lint_input){ .bytes = text,
					   .length = strlen(text),
					   .path = path,
					   .now = NOW,
					   .previous = previous,
					   .previous_length = previous ? strlen(previous) : 0,
					   .severities = &severities },
		     &report),
	    0);
	return report;
}

static uint32_t line_of(const char *text, const char *words)
{
	const char *at = strstr(text, words);
	uint32_t line = 1;

	if (!at)
		fail_msg("`%s` is not in the changed plan", words);
	for (const char *c = text; c < at; c++)
		line += *c == '\n';
	return line;
}

static void check(const struct row *row)
{
	cleanup_free char *text = change(row);
	cleanup_lint struct lint_report *report =
	    examine(text, row->path, row->edited ? good : NULL);
	uint32_t found = 0, expected = row->at ? line_of(text, row->at) : 0;

	for (size_t i = report->count; i > 0; i--)
		if (strcmp(lint_rule(report->findings[i - 1].rule)->code, row->rule) == 0)
			found = report->findings[i - 1].line;
	if (found != expected)
		fail_msg("%s, `%s` for `%s`: found in line %u, expected %u", row->rule, row->to,
			 row->from ? row->from : "all", found, expected);
}

static void test_rules(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

static void test_each_rule_has_rows(void **unused)
{
	(void)unused;
	for (size_t rule = 0; rule < lint_rule_count(); rule++) {
		unsigned finds = 0, silent = 0;
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			if (strcmp(rows[i].rule, lint_rule(rule)->code) != 0)
				continue;
			finds += rows[i].at != NULL;
			silent += rows[i].at == NULL;
		}
		if (!finds || !silent)
			fail_msg("%s: %u rows that find it, %u that do not", lint_rule(rule)->code,
				 finds, silent);
	}
}

static void test_good_plan(void **unused)
{
	cleanup_lint struct lint_report *report = examine(good, "docs/execplans/dutch.md", good);

	(void)unused;
	if (report->count)
		fail_msg("line %u: %s", report->findings[0].line, report->findings[0].message);
}

static void test_positions(void **unused)
{
	cleanup_lint struct lint_report *report = examine(
	    "# \u00c4\n\nThis ExecPlan is short.\n\n## Progress\n\n- [ ] Say \u00e4\u00f6 \n\n## Risks\n\n\u00e4 <what must pass>\n",
	    NULL, NULL);
	const struct lint_finding *last = &report->findings[report->count - 1];

	(void)unused;
	assert_string_equal(lint_rule(last->rule)->code, "PLN066");
	assert_int_equal(last->line, 11);
	assert_int_equal(last->column, 3);
	/* "# A": the title begins in the third column. */
	assert_int_equal(report->findings[0].line, 1);
	assert_int_equal(report->findings[0].column, 3);
	for (size_t i = 1; i < report->count; i++)
		assert_true(report->findings[i - 1].line <= report->findings[i].line);
}

/* In one line from left to right: the box is in front of its text. */
static void test_order_in_a_line(void **unused)
{
	cleanup_lint struct lint_report *report = examine(HEAD "    - [x] Read it.\n", NULL, NULL);
	const struct lint_finding *last = &report->findings[report->count - 1];

	(void)unused;
	assert_string_equal(lint_rule(last[-1].rule)->code, "PLN054");
	assert_int_equal(last[-1].column, 5);
	assert_string_equal(lint_rule(last->rule)->code, "PLN030");
	assert_int_equal(last->column, 7);
}

static unsigned count(const struct lint_report *report, const char *code)
{
	unsigned found = 0;

	for (size_t i = 0; i < report->count; i++)
		found += strcmp(lint_rule(report->findings[i].rule)->code, code) == 0;
	return found;
}

#define LIMITED(status, limits, log)                                                     \
	"# A\n\n" status "## Tolerances\n\n" limits "\n## Progress\n\n- [x] Print it.\n" \
	"\n## Decision Log\n\n" log "\n"

/* Whether a limit that changed owes a decision; where the plan before is another than the good one. */
static void test_changed_limits(void **unused)
{
	static const struct {
		const char *before, *now;
		bool found;
	} cases[] = {
		{ LIMITED("", "- Scope: 4 files\n", "No."),
		  LIMITED("", "- Scope: 5 files\n", "No."), true },
		{ LIMITED("", "- Scope: 4 files\n", "No."),
		  LIMITED("", "- Scope: 5 files\n", "Five."), false },
		{ LIMITED("Status: DRAFT\n\n", "- Scope: 4 files\n", "No."),
		  LIMITED("Status: APPROVED\n\n", "- Scope: 5 files\n", "No."), false },
		{ LIMITED("Status: hm\n\n", "- Scope: 4 files\n", "No."),
		  LIMITED("Status: APPROVED\n\n", "- Scope: 5 files\n", "No."), false },
		{ LIMITED("", "- Stop after 4 files\n", "No."),
		  LIMITED("", "- Stop after 5 files\n", "No."), false },
		{ LIMITED("", "- Ambiguity: ask\n- Scope: 4 files\n", "No."),
		  LIMITED("", "- Scope: 4 files\n", "No."), false },
		{ LIMITED("", "- Attempts: 3 attempts\n- Scope: 4 files\n", "No."),
		  LIMITED("", "- Scope: 4 files\n", "No."), true },
		{ LIMITED("", "- Scope: 300 lines\n- Time: 4 hours\n", "No."),
		  LIMITED("", "- Time: 4 hours\n", "No."), true },
		{ LIMITED("", "- Scope: 4 files\n- Scope: 300 lines\n", "No."),
		  LIMITED("", "- Scope: 4 files\n- Scope: 400 lines\n", "No."), true },
		{ LIMITED("", "- Scope: 4 files\n", "No."),
		  "# A\n\n## Progress\n\n- [x] Print it.\n\n## Decision Log\n\nNo.\n", false },
		{ LIMITED("", "- Scope: 4 files\n", "No.") "\n# B\n\n## Progress\n\n- [ ] Read.\n",
		  LIMITED("", "- Scope: 5 files\n", "No."), false },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_lint struct lint_report *report =
		    examine(cases[i].now, NULL, cases[i].before);
		if (count(report, "PLN091") != cases[i].found)
			fail_msg("%s: %u found", cases[i].now, count(report, "PLN091"));
	}
}
static void test_midnights_are_told_once(void **unused)
{
	cleanup_lint struct lint_report *report = examine(
	    HEAD
	    "- [x] (2026-03-03) Read it.\n- [x] (2026-03-04 00:00Z) Wrote it.\n- [x] (2026-03-04 00:30Z) Ran it.\n"
	    "- [x] (2026-03-05T00:00:00Z) Told Mo.\n- [ ] (2026-03-06 00:00Z) Ask Mo.\n",
	    NULL, NULL);
	unsigned found = 0;

	(void)unused;
	for (size_t i = 0; i < report->count; i++) {
		const struct lint_finding *finding = &report->findings[i];
		if (strcmp(lint_rule(finding->rule)->code, "PLN035") != 0)
			continue;
		found++;
		assert_int_equal(finding->line, 8);
		assert_non_null(
		    strstr(finding->message,
			   "`2026-03-04 00:00Z` is midnight to the minute, and 1 below it;"));
	}
	assert_int_equal(found, 1);
}

static void test_what_is_missing_is_told_once(void **unused)
{
	cleanup_lint struct lint_report *report = examine(HEAD "- [ ] Read it.\n", NULL, NULL);
	unsigned found = 0;

	(void)unused;
	for (size_t i = 0; i < report->count; i++) {
		if (strcmp(lint_rule(report->findings[i].rule)->code, "PLN001") != 0)
			continue;
		found++;
		assert_string_equal(
		    report->findings[i].message,
		    "the sections `Surprises & Discoveries`, `Decision Log` and `Outcomes & Retrospective` are missing");
	}
	assert_int_equal(found, 1);
}

static void test_what_is_said_twice_is_told_once(void **unused)
{
	static const char plan[] =
	    "# A\n\n## Context\n\nAs in execplans/b.md\nand execplans/b.md it prints.\n\n"
	    "## Concrete Steps\n\nEdit `a.c` and `a.c`.\n\n## Progress\n\n- [ ] Print it.\n";
	static const struct {
		const char *code;
		unsigned found;
	} cases[] = { { "PLN061", 1 }, { "PLN080", 2 }, { "PLN081", 2 } };
	char text[512];

	(void)unused;
	/* Two plans in a fence. */
	(void)snprintf(text, sizeof(text), "```md\n%s\n%s```\n", plan, plan);
	cleanup_lint struct lint_report *report = examine(text, "plans/c.md", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(count(report, cases[i].code), cases[i].found);
}

static void test_disables(void **unused)
{
	static const char two[] = "- [x] Read it.\n- [x] Said it.\n";
	char text[512];
	static const struct {
		const char *format;
		unsigned found;
	} cases[] = {
		{ HEAD "%s", 2 },
		{ "<!-- planctl-disable PLN030 -->\n\n" HEAD "%s", 0 },
		{ "<!-- planctl-disable -->\n" HEAD "%s", 0 },
		{ "<!-- planctl-disable PLN031 PLN052 -->\n" HEAD "%s", 2 },
		{ "---\nowner: mo\n---\n\n<!-- planctl-disable stamp-missing -->\n" HEAD "%s", 0 },
		{ HEAD "<!-- planctl-disable PLN030 -->\n\n%s", 1 },
		{ HEAD "- [x] Thought. <!-- planctl-disable PLN030 -->\n%s", 2 },
		{ HEAD "```\n<!-- planctl-disable PLN030 -->\n```\n%s", 2 },
		{ HEAD "    <!-- planctl-disable PLN030 -->\n\n%s", 2 },
		{ HEAD "<!-- planctl-disable -->\n%s", 1 },
		{ HEAD "<!-- planctl-disable PLN053 -->\n%s", 2 },
		{ HEAD "<!-- planctl-disable PLN053, PLN030 -->\n%s", 1 },
		{ HEAD "<!-- planctl-disable PLN999 -->\n%s", 2 },
		{ "<!-- planctl-disable\n-->\n\n" HEAD "%s", 0 },
		{ "<!-- planctl-disable PLN030\n-->\n\n" HEAD "%s", 0 },
		{ "<div><!-- planctl-disable PLN030 --></div>\n\n" HEAD "%s", 2 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *at = strstr(cases[i].format, "%s");
		(void)snprintf(text, sizeof(text), "%.*s%s", (int)(at - cases[i].format),
			       cases[i].format, two);
		cleanup_lint struct lint_report *report = examine(text, NULL, NULL);
		if (count(report, "PLN030") != cases[i].found)
			fail_msg("%s: %u found", cases[i].format, count(report, "PLN030"));
	}
}

static char *mend(const char *text, size_t length, size_t *fixed)
{
	struct lint_severities severities;
	char *mended;
	size_t size;

	lint_severities_init(&severities);
	assert_int_equal(lint_mend(&(struct lint_input){ .bytes = text,
							 .length = length,
							 .now = NOW,
							 .severities = &severities },
				   &mended, &size, fixed),
			 0);
	assert_int_equal(strlen(mended), size);
	return mended;
}

static void test_mending(void **unused)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ HEAD "- [] Read.\n", HEAD "- [ ] Read.\n" },
		{ HEAD "* [x]Read.\n* [ ] Say.\n", HEAD "* [x] Read.\n* [ ] Say.\n" },
		{ HEAD "-[x] Read.\n", HEAD "- [x] Read.\n" },
		{ HEAD "[ ] Read.\n", HEAD "- [ ] Read.\n" },
		{ HEAD "- [X] Read.\n", HEAD "- [x] Read.\n" },
		{ HEAD "    - [x] Read\n      it.\n    - [ ] Say.\n\nEnd.\n",
		  HEAD "- [x] Read\n  it.\n- [ ] Say.\n\nEnd.\n" },
		{ HEAD "\t- [x] Read.\n\t- [ ] Say.\n", HEAD "- [x] Read.\n- [ ] Say.\n" },
		{ "# A\r\nThis ExecPlan is short.\r\n", "# A\r\n\r\nThis ExecPlan is short.\r\n" },
		{ "A\n=\nThis ExecPlan is short.", "A\n=\n\nThis ExecPlan is short." },
		{ HEAD "\u2022 [ ] Read.\n\u2022 [ ] Say.\n", HEAD "- [ ] Read.\n- [ ] Say.\n" },
		{ "# A\n\nThis ExecPlan is short.\n\n## Progess\n- [ ] Say.\n",
		  HEAD "- [ ] Say.\n" },
		{ "# A\n\nThis ExecPlan is short.\n\nStatus: Done (today)\n",
		  "# A\n\nThis ExecPlan is short.\n\nStatus: COMPLETE (today)\n" },
		{ HEAD "- [ ] Say.\n\n# Risks\n", HEAD "- [ ] Say.\n\n## Risks\n" },
		{ HEAD "- [ ] Say.\n[ ] Sing.\n", HEAD "- [ ] Say.\n- [ ] Sing.\n" },
		{ HEAD "- [ ] Say\n  [x] it.\n", HEAD "- [ ] Say\n  [x] it.\n" },
		{ HEAD "- [ ] Say.\n\n## Progess\n\nNo.\n",
		  HEAD "- [ ] Say.\n\n## Progess\n\nNo.\n" },
		{ HEAD "- [ ] Say.\n", HEAD "- [ ] Say.\n" },
		/* Two in one place: the second in the next pass. */
		{ HEAD "    - [X] Read.\n", HEAD "- [x] Read.\n" },
		{ HEAD "    - [ ] Read\n  it.\n", HEAD "- [ ] Read\nit.\n" },
		{ HEAD "\t- [ ] Read\n\t  it.\n", HEAD "- [ ] Read\n  it.\n" },
		{ HEAD "- [ X] Read.\n", HEAD "- [x] Read.\n" },
		{ HEAD "[x] Read.\n", HEAD "- [x] Read.\n" },
		/* The title that is read has other bytes than the line; a line of `=` is no `#`. */
		{ HEAD "- [ ] Say.\n\n## Decison   Log\n\nNo.\n",
		  HEAD "- [ ] Say.\n\n## Decison   Log\n\nNo.\n" },
		{ HEAD "- [ ] Say.\n\nRisks\n=====\n\nNo.\n",
		  HEAD "- [ ] Say.\n\nRisks\n=====\n\nNo.\n" },
		{ "", "" },
	};
	size_t fixed;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *once = mend(cases[i].from, strlen(cases[i].from), &fixed);
		assert_string_equal(once, cases[i].to);
		assert_true((fixed > 0) == (strcmp(cases[i].from, cases[i].to) != 0));
		cleanup_free char *twice = mend(once, strlen(once), &fixed);
		assert_string_equal(twice, once);
		assert_int_equal(fixed, 0);
	}
}

static void test_names(void **unused)
{
	enum lint_severity severity;

	(void)unused;
	for (size_t i = 0; i < lint_rule_count(); i++) {
		const struct lint_rule *rule = lint_rule(i);
		assert_int_equal(lint_rule_find(rule->code, strlen(rule->code)), (int)i);
		assert_int_equal(lint_rule_find(rule->name, strlen(rule->name)), (int)i);
		assert_true(i == 0 || strcmp(lint_rule(i - 1)->code, rule->code) < 0);
	}
	assert_int_equal(lint_rule_find("PLN", 3), -1);
	assert_null(lint_rule(lint_rule_count()));
	assert_int_equal(lint_severity_parse("advice", &severity), 0);
	assert_int_equal(severity, LINT_ADVICE);
	assert_int_equal(lint_severity_parse("info", &severity), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_plan),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_each_rule_has_rows),
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_order_in_a_line),
		cmocka_unit_test(test_changed_limits),
		cmocka_unit_test(test_midnights_are_told_once),
		cmocka_unit_test(test_what_is_missing_is_told_once),
		cmocka_unit_test(test_what_is_said_twice_is_told_once),
		cmocka_unit_test(test_disables),
		cmocka_unit_test(test_mending),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
