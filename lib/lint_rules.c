/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of rules. A code is never given to another rule. Severities: error where a reader is misled or the contract's "must" is
 * broken, warning where it is broken without harm to a reader, advice where only a person can judge.
 */
#include "lint_private.h"

const struct lint_rule lint_rules[RULE_COUNT] = {
	[RULE_NOT_A_PLAN] = {
		.code = "PLN000",
		.name = "not-a-plan",
		.severity = LINT_WARNING,
		.summary = "the file is no ExecPlan",
		.explanation =
		    "A named file is examined as a plan. This one has no Progress with checkboxes, does not call itself an ExecPlan, and has fewer than three sections of the format, so no other rule is applied to it.",
	},
	[RULE_SECTION_MISSING] = {
		.code = "PLN001",
		.name = "section-missing",
		.severity = LINT_ERROR,
		.summary = "a living section is missing",
		.explanation =
		    "An ExecPlan has Progress, Surprises & Discoveries, Decision Log and Outcomes & Retrospective from its first draft to its end; whoever goes on with the plan reads them first. Add the heading; \"None yet.\" may stand below it.",
	},
	[RULE_LIMITS_SECTION_MISSING] = {
		.code = "PLN002",
		.name = "limits-section-missing",
		.severity = LINT_WARNING,
		.summary = "Constraints, Tolerances or Risks is missing",
		.explanation =
		    "The format has the limits of what an agent may do alone as sections of their own. The plan has Constraints or Tolerances, so that it is in this form: add what is missing.",
	},
	[RULE_LIMITS_ABSENT] = {
		.code = "PLN003",
		.name = "limits-absent",
		.severity = LINT_ADVICE,
		.summary = "the plan sets no limits",
		.explanation =
		    "The older form of the format knows no Constraints and Tolerances. Without tolerances nothing says when to stop and ask; planwatch then judges by its own defaults.",
	},
	[RULE_BODY_SECTION_MISSING] = {
		.code = "PLN004",
		.name = "body-section-missing",
		.severity = LINT_ADVICE,
		.summary = "a section of the skeleton is missing",
		.explanation =
		    "The skeleton has Purpose / Big Picture, Context and Orientation, Plan of Work, Concrete Steps, Validation and Acceptance. What they say may stand under other headings; then this says nothing new.",
	},
	[RULE_SECTION_EMPTY] = {
		.code = "PLN005",
		.name = "section-empty",
		.severity = LINT_WARNING,
		.summary = "nothing stands below a section's heading",
		.explanation =
		    "An empty section does not tell whether there is nothing to say or nobody has said it. Write \"None yet.\" or what belongs there.",
	},
	[RULE_SECTION_ORDER] = {
		.code = "PLN006",
		.name = "section-order",
		.severity = LINT_ADVICE,
		.summary = "a section stands elsewhere than in the skeleton",
		.explanation =
		    "Readers look for the sections in the order of the skeleton. The fewest sections are named that would have to move.",
	},
	[RULE_SECTION_MISSPELT] = {
		.code = "PLN007",
		.name = "section-misspelt",
		.severity = LINT_WARNING,
		.fixable = true,
		.summary = "a heading is nearly that of a section",
		.explanation =
		    "A section is known by its heading. One that is misspelt is not seen, and what is below it does not count.",
	},
	[RULE_SECTION_TWICE] = {
		.code = "PLN008",
		.name = "section-twice",
		.severity = LINT_WARNING,
		.summary = "a section stands twice",
		.explanation =
		    "Two sections with the same heading: one of them will be forgotten. Put them together.",
	},
	[RULE_SECTION_LEVEL] = {
		.code = "PLN009",
		.name = "section-level",
		.severity = LINT_WARNING,
		.fixable = true,
		.summary = "a section has a first-level heading",
		.explanation =
		    "A first-level heading names a plan; the sections of the format are of the second level. The reader does not see this one.",
	},
	[RULE_TITLE_MISSING] = {
		.code = "PLN010",
		.name = "title-missing",
		.severity = LINT_WARNING,
		.summary = "the plan has no title",
		.explanation =
		    "A plan begins with a first-level heading: a short description that says what is done.",
	},
	[RULE_STATUS_MISSING] = {
		.code = "PLN020",
		.name = "status-missing",
		.severity = LINT_WARNING,
		.summary = "the plan has no status",
		.explanation =
		    "`Status: DRAFT | APPROVED | IN PROGRESS | BLOCKED | COMPLETE` stands below the title. Without it nobody can tell a draft that waits for approval from a plan under way.",
	},
	[RULE_STATUS_UNKNOWN] = {
		.code = "PLN021",
		.name = "status-unknown",
		.severity = LINT_WARNING,
		.summary = "the status names no state",
		.explanation =
		    "The first words of the status give the state: DRAFT, APPROVED, IN PROGRESS, BLOCKED, COMPLETE, or a common word for one of them. What follows may be anything.",
	},
	[RULE_STATUS_WORD] = {
		.code = "PLN022",
		.name = "status-word",
		.severity = LINT_ADVICE,
		.fixable = true,
		.summary = "the status is not in the format's words",
		.explanation =
		    "The format has five words: DRAFT, APPROVED, IN PROGRESS, BLOCKED, COMPLETE. Planwatch reads common others, other tools may not.",
	},
	[RULE_COMPLETE_BUT_OPEN] = {
		.code = "PLN023",
		.name = "complete-but-open",
		.severity = LINT_ERROR,
		.summary = "the status says complete, and items are open",
		.explanation =
		    "A reader cannot tell which of the two is true. Tick what is done, mark what was dropped as `[~]`, or take the status back.",
	},
	[RULE_DONE_BUT_NOT_COMPLETE] = {
		.code = "PLN024",
		.name = "done-but-not-complete",
		.severity = LINT_WARNING,
		.summary = "all items are done, and the status is behind",
		.explanation =
		    "The status is to be updated when the state changes. Where something is still to do, it is missing from the Progress.",
	},
	[RULE_DRAFT_TICKED] = {
		.code = "PLN025",
		.name = "draft-ticked",
		.severity = LINT_WARNING,
		.summary = "work is ticked in a draft",
		.explanation =
		    "A draft waits for approval before work begins. Items with the label of a stage are work; ticks of writing the plan are not meant.",
	},
	[RULE_COMPLETE_IN_ACTIVE] = {
		.code = "PLN026",
		.name = "complete-in-active",
		.severity = LINT_ADVICE,
		.summary = "a finished plan lies among the active ones",
		.explanation =
		    "A finished plan in a folder named `active` is taken for an order to work on. Move it to the completed ones.",
	},
	[RULE_STAMP_MISSING] = {
		.code = "PLN030",
		.name = "stamp-missing",
		.severity = LINT_WARNING,
		.summary = "an item is done, and its time is missing",
		.explanation =
		    "The Progress has time stamps, `(2026-01-02 03:04Z)`, so that rates of progress and breaches of tolerances can be seen. Items nested in another one need none.",
	},
	[RULE_STAMP_IMPOSSIBLE] = {
		.code = "PLN031",
		.name = "stamp-impossible",
		.severity = LINT_ERROR,
		.summary = "a stamp names a time that does not exist",
		.explanation =
		    "There is no such day, or no such hour.",
	},
	[RULE_STAMP_FUTURE] = {
		.code = "PLN032",
		.name = "stamp-future",
		.severity = LINT_ERROR,
		.summary = "an item was done in the future",
		.explanation =
		    "The item is ticked and claims a time later than now. Clocks may differ by ten minutes; a day, or a time without a zone, may be 14 hours ahead.",
	},
	[RULE_STAMP_ORDER] = {
		.code = "PLN033",
		.name = "stamp-order",
		.severity = LINT_ADVICE,
		.summary = "a stamp is older than the one above",
		.explanation =
		    "Items are done one after the other, and lists are kept so. Work in parallel is a good reason for another order; a mistyped date is a bad one. A list with the newest first is in order, too.",
	},
	[RULE_STAMP_PLACEHOLDER] = {
		.code = "PLN034",
		.name = "stamp-placeholder",
		.severity = LINT_ERROR,
		.summary = "a placeholder stands for a time",
		.explanation =
		    "`(YYYY-MM-DD HH:MMZ)` and the like were to be replaced by the time at which the item was done.",
	},
	[RULE_STAMP_MIDNIGHT] = {
		.code = "PLN035",
		.name = "stamp-midnight",
		.severity = LINT_ADVICE,
		.summary = "a stamp is midnight to the minute",
		.explanation =
		    "Nobody is accused of anything: some do work at midnight. But `00:00Z` is most often what is written where only the day is known. Then write the day alone, `(2026-01-02)`. Told once a plan.",
	},
	[RULE_STAMP_BATCH] = {
		.code = "PLN036",
		.name = "stamp-batch",
		.severity = LINT_ADVICE,
		.summary = "three or more items claim the same time",
		.explanation =
		    "Items ticked together after the fact tell nothing of how long each took. There can be good reasons, such as a plan that was written down afterwards.",
	},
	[RULE_STAMP_ZONE] = {
		.code = "PLN037",
		.name = "stamp-zone",
		.severity = LINT_WARNING,
		.summary = "a time of day without a zone that tells one time",
		.explanation =
		    "CST, IST and BST are the names of several zones. The format has UTC: `Z`.",
	},
	[RULE_TOLERANCE_NO_NUMBER] = {
		.code = "PLN040",
		.name = "tolerance-no-number",
		.severity = LINT_WARNING,
		.summary = "a limit of attempts has no number",
		.explanation =
		    "A limit that nobody can tell to be reached is none. Say after how many attempts to stop.",
	},
	[RULE_TOLERANCE_PLACEHOLDER] = {
		.code = "PLN041",
		.name = "tolerance-placeholder",
		.severity = LINT_ERROR,
		.summary = "a limit still has the skeleton's placeholder",
		.explanation =
		    "`<N>`, `<M>`, `<K>` and `<T>` are to be replaced by numbers that fit the task.",
	},
	[RULE_TOLERANCE_NO_TIME] = {
		.code = "PLN042",
		.name = "tolerance-no-time",
		.severity = LINT_ADVICE,
		.summary = "no tolerance limits time",
		.explanation =
		    "With `Time: if a milestone takes more than 4 hours, stop and escalate` planwatch judges by the plan's own limit, else by its default.",
	},
	[RULE_TOLERANCE_TIME_UNCLEAR] = {
		.code = "PLN043",
		.name = "tolerance-time-unclear",
		.severity = LINT_ADVICE,
		.summary = "a time tolerance is not understood",
		.explanation =
		    "No number with a unit of time was found in it: planwatch cannot hold the plan to it.",
	},
	[RULE_PROGRESS_NO_BOXES] = {
		.code = "PLN050",
		.name = "progress-no-boxes",
		.severity = LINT_WARNING,
		.summary = "the Progress has no checkboxes",
		.explanation =
		    "The Progress is a list with checkboxes, `- [ ] What is to do`. Without any, how far the plan is cannot be told.",
	},
	[RULE_BOX_MALFORMED] = {
		.code = "PLN051",
		.name = "box-malformed",
		.severity = LINT_ERROR,
		.fixable = true,
		.summary = "what was meant for a checkbox is none",
		.explanation =
		    "A checkbox is a bullet, a blank, `[ ]` or `[x]`, a blank, text. What misses one of them is not counted, and nobody notices.",
	},
	[RULE_ITEM_EMPTY] = {
		.code = "PLN052",
		.name = "item-empty",
		.severity = LINT_WARNING,
		.summary = "a checkbox without text",
		.explanation =
		    "Say what is to be done, or delete it.",
	},
	[RULE_ITEM_VAGUE] = {
		.code = "PLN053",
		.name = "item-vague",
		.severity = LINT_WARNING,
		.summary = "an item says nothing that can be verified",
		.explanation =
		    "`Testing` and `Clean up` are done when somebody says so. Say what there is to see: which test passes, which file is gone.",
	},
	[RULE_ITEM_INDENTED] = {
		.code = "PLN054",
		.name = "item-indented",
		.severity = LINT_WARNING,
		.fixable = true,
		.summary = "an item is indented as far as code",
		.explanation =
		    "The skeleton's example is indented by four spaces, because it is an example. Copied so, Markdown shows code instead of checkboxes.",
	},
	[RULE_ITEM_MARK] = {
		.code = "PLN055",
		.name = "item-mark",
		.severity = LINT_ADVICE,
		.fixable = true,
		.summary = "a mark that is neither open nor done",
		.explanation =
		    "The format has `[ ]` and `[x]`; planwatch also knows `[~]` and `[-]` for dropped, `[/]` and `[>]` for under way. Only `[X]` is mended.",
	},
	[RULE_ITEM_REMAINS] = {
		.code = "PLN056",
		.name = "item-remains",
		.severity = LINT_WARNING,
		.summary = "a ticked item says that something remains",
		.explanation =
		    "`(completed: X; remaining: Y)` is for an item that is open. When X is done, split it: one item done, one open.",
	},
	[RULE_FENCE_NESTED] = {
		.code = "PLN060",
		.name = "fence-nested",
		.severity = LINT_ERROR,
		.summary = "a fence inside the plan's own fence",
		.explanation =
		    "A plan in a fence is one fenced block. A second fence inside it ends it early; commands, transcripts and code stand as indented blocks.",
	},
	[RULE_FENCE_AROUND] = {
		.code = "PLN061",
		.name = "fence-around",
		.severity = LINT_WARNING,
		.summary = "a file that is only the plan stands in a fence",
		.explanation =
		    "The fence is for a plan within an answer. In a file of its own it shows the whole plan as code: take it off.",
	},
	[RULE_HEADING_BLANK] = {
		.code = "PLN062",
		.name = "heading-blank",
		.severity = LINT_WARNING,
		.fixable = true,
		.summary = "no blank line below a heading",
		.explanation =
		    "The format has two line breaks after each heading.",
	},
	[RULE_LIST_MARKER] = {
		.code = "PLN063",
		.name = "list-marker",
		.severity = LINT_WARNING,
		.fixable = true,
		.summary = "a bullet that Markdown does not know",
		.explanation =
		    "A line that begins with a typographic bullet is a part of the paragraph. A list has `-`.",
	},
	[RULE_LIST_FOR_PROSE] = {
		.code = "PLN064",
		.name = "list-for-prose",
		.severity = LINT_ADVICE,
		.summary = "a list where the format asks for prose",
		.explanation =
		    "Purpose, Context and Plan of Work are told in sentences: a list leaves out why and how its entries belong together.",
	},
	[RULE_COMMAND_NO_OUTPUT] = {
		.code = "PLN065",
		.name = "command-no-output",
		.severity = LINT_ADVICE,
		.summary = "commands without what they should show",
		.explanation =
		    "A reader who knows nothing of the repository cannot tell success from failure. Show a short transcript, or say what to expect.",
	},
	[RULE_PLACEHOLDER] = {
		.code = "PLN066",
		.name = "placeholder",
		.severity = LINT_ERROR,
		.summary = "the skeleton's placeholder was not filled in",
		.explanation =
		    "Text in angle brackets and example items of the skeleton are to be replaced.",
	},
	[RULE_SKELETON_TEXT] = {
		.code = "PLN067",
		.name = "skeleton-text",
		.severity = LINT_WARNING,
		.summary = "the skeleton's instruction was left standing",
		.explanation =
		    "The sentence tells the author what to write here. Replace it by that.",
	},
	[RULE_DECISION_NO_RATIONALE] = {
		.code = "PLN070",
		.name = "decision-no-rationale",
		.severity = LINT_WARNING,
		.summary = "a decision without its rationale",
		.explanation =
		    "`Decision:` is followed by `Rationale:`: why this choice over the alternatives. Only entries of one sentence are examined, and not those in other words.",
	},
	[RULE_DECISION_NO_DATE] = {
		.code = "PLN071",
		.name = "decision-no-date",
		.severity = LINT_WARNING,
		.summary = "a decision without a date",
		.explanation =
		    "`Decision:` is followed by `Date/Author:`. A date in the heading above, or in the sentence above the list, counts.",
	},
	[RULE_SURPRISE_NO_EVIDENCE] = {
		.code = "PLN072",
		.name = "surprise-no-evidence",
		.severity = LINT_ADVICE,
		.summary = "an observation without its evidence",
		.explanation =
		    "`Observation:` is followed by `Evidence:`: how you know. An entry with a second sentence, or a name in code marks, is taken to say it.",
	},
	[RULE_RISK_NO_MITIGATION] = {
		.code = "PLN073",
		.name = "risk-no-mitigation",
		.severity = LINT_ADVICE,
		.summary = "a risk without a mitigation",
		.explanation =
		    "`Risk:` is followed by `Mitigation:`: how it is prevented, or what is done if it comes. An entry with a second sentence, or a name in code marks, is taken to say it.",
	},
	[RULE_RETROSPECTIVE_EMPTY] = {
		.code = "PLN074",
		.name = "retrospective-empty",
		.severity = LINT_WARNING,
		.summary = "a complete plan without its retrospective",
		.explanation =
		    "At completion Outcomes & Retrospective says what was achieved against the purpose, and what was learned.",
	},
	[RULE_OTHER_PLAN] = {
		.code = "PLN080",
		.name = "other-plan",
		.severity = LINT_ADVICE,
		.summary = "the plan refers to another plan",
		.explanation =
		    "A plan is read without any other. What is needed of the other one belongs here, in words. The work's own logs are not examined, and each plan is named once.",
	},
	[RULE_PATH_BARE] = {
		.code = "PLN081",
		.name = "path-bare",
		.severity = LINT_ADVICE,
		.summary = "a file is named without its folder",
		.explanation =
		    "Files are named by their full path from the repository's top, at least once.",
	},
	[RULE_REVISION_NOTE] = {
		.code = "PLN090",
		.name = "revision-note",
		.severity = LINT_ADVICE,
		.summary = "an edit without a revision note",
		.explanation =
		    "Who revises a plan appends a note: what changed, why, and how it affects the rest of the work. The living sections need none, nor does an edit of a few words. Asked only with --git.",
	},
	[RULE_LIMITS_CHANGED] = {
		.code = "PLN091",
		.name = "limits-changed",
		.severity = LINT_WARNING,
		.summary = "a tolerance changed, and no decision says so",
		.explanation =
		    "Tolerances are what was approved. Who changes a number, or takes a limit out, after work began writes a decision; another wording is none. Asked only with --git.",
	},
};
