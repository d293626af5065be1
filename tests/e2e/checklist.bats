#!/usr/bin/env bats
# planctl checklist: every format in the hands of a program that people have for it.
load helpers

setup() { private_world; write_plan "$PLAN"; }
teardown() { end_world; }

@test "every format is read by its programs: cmark-gfm, html5lib, csv, Org, todo-txt, Taskwarrior, icalendar, prove" {
	data=$BATS_TEST_DIRNAME/../data
	printf -- '# Empty\n' >"$T/empty.md"
	printf -- '# T\n\n## Progress\n\n- [ ] (A) x due:1 @a +b [3/4] :t:\n- [x] =1+1; a,b # TODO\n- [-] *gone*\n- [ ] x AT&amp;T\n- [ ] @now\n- [ ] COMMENT it\n- [ ] Föhn C:\\d, \\\\e\n- [x] (2026-01-05, 7fc57169) why\n- [ ] `#` | <b>"x"\n' >"$T/signs.md"
	printf -- '# \xff\x1b[2J\n\n## Progress\n\n- [ ] bell\x07 \xe2\x80\xae \xc3\n  - [\x1b] deep\n    - [x] deeper\n' >"$T/bytes.md"
	run "$BATS_TEST_DIRNAME/consumers.py" "$PLANCTL" "$T" "$PLAN" "$T/empty.md" "$T/signs.md" "$T/bytes.md" "$data"/*.md
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == "7 files: md 33, html 33, csv 33, tap 33, ics 33, taskwarrior 33, todo.txt 33, org 33" ]]
	[ ! -e "$DB" ]
}

@test "a watched plan has witnessed times, and identities that survive a reword" {
	start_daemon "$T/work"
	"$PLANCTL" checklist add-parser --format ics | grep ^UID >"$T/before"
	sed -i 's/^- \[ \] Stage B: write the tokenizer\./- [x] (2026-01-05) Stage B: wrote it, 90 lines./' "$PLAN"
	"$PLANCTL" sync
	"$PLANCTL" checklist add-parser --format ics >"$T/plan.ics"
	grep ^UID "$T/plan.ics" | diff - "$T/before"
	grep -q '^CREATED:20' "$T/plan.ics"
	grep -q '^SUMMARY:wrote it' "$T/plan.ics"
	"$PLANCTL" checklist "$PLAN" --json | jq -e '.data[0].stages[1].items[0] | .done_at > "2026-01-06" and .claimed_at == "2026-01-05T00:00:00.000000Z"
		and .first_seen_at < .done_at and (.uuid | length == 36)'
	"$PLANCTL" checklist add-parser | grep -q '^- \[x\] (2026-01-05) wrote it, 90 lines. (witnessed 20.*Z) <!-- line 15 -->$'
	"$PLANCTL" checklist add-parser --format org | grep -q '^- State "DONE"       from "TODO"       \[20'
	"$PLANCTL" checklist add-parser --format todo.txt | grep -Eq '^x 20[0-9-]+ 20[0-9-]+ wrote it, 90 lines. \+add-parser @Stage-B line:15 claimed:2026-01-05 witnessed:20'
	# The path means the same plan as its name.
	diff <("$PLANCTL" checklist "$PLAN" --format csv) <("$PLANCTL" checklist add-parser --format csv)
	rm "$PLAN"; "$PLANCTL" sync
	run "$PLANCTL" checklist add-parser
	[ "$status" -eq 4 ]
}

@test "a later import into Taskwarrior updates the tasks of the first" {
	export TASKDATA=$T/task TASKRC=/dev/null
	mkdir "$TASKDATA"
	import() { "$PLANCTL" checklist "$PLAN" --format taskwarrior | task rc.confirmation=off rc.verbose=nothing import -; }
	count() { task rc.verbose=nothing "$@" count 2>/dev/null; }
	import
	[ "$(count)" -eq 5 ] # the plan is one, too
	[ "$(count status:completed)" -eq 1 ]
	[ "$(count +READY)" -eq 3 ]
	"$PLANCTL" tick "$PLAN" 2
	import
	[ "$(count)" -eq 5 ]
	[ "$(count status:completed)" -eq 2 ]
	[ "$(count status:completed description:'write the tokenizer.')" -eq 1 ]
}

@test "prove fails while work is left, and passes when it is done" {
	"$PLANCTL" checklist "$PLAN" --format tap >"$T/plan.tap"
	run prove -e cat "$T/plan.tap"
	[ "$status" -ne 0 ]
	[[ $output == *"Failed 3/4 subtests"* ]]
	sed -i 's/^- \[ \] /- [x] /' "$PLAN"
	"$PLANCTL" checklist - --format tap <"$PLAN" >"$T/plan.tap"
	prove -e cat "$T/plan.tap"
}

@test "a checklist of another program becomes a plan" {
	printf '%s\n' '#+TITLE: Errands' '#+TODO: TODO NEXT | DONE CANCELED' '* Stage A' '** DONE [#A] [1/1] call' 'CLOSED: [2026-01-05 Mon 10:02]' \
		'*** CANCELED write' '** NEXT visit' '   - [X] ring' '     the bell' '   - [-] wait' '* Town' '** TODO shop  :food:' >"$T/errands.org"
	"$PLANCTL" checklist --from org "$T/errands.org" >"$T/plan.md"
	[ "$(head -1 "$T/plan.md")" = "# Errands" ]
	diff <(sed -n '/^## Progress/,/^## Surprises/p' "$T/plan.md") - <<-END
	## Progress

	- [x] (2026-01-05 10:02) Stage A: call
	  - [~] write
	- [ ] Stage A: visit
	  - [x] ring the bell
	  - [/] wait

	### Town

	- [ ] shop  :food:

	## Surprises & Discoveries
	END
	"$PLANCTL" parse --json "$T/plan.md" | jq -e '.data[0] | .is_plan and .status.state == "draft" and .counts.total == 5 and .progress_source == "progress"'
	printf '(A) 2026-01-02 call mom +Family @phone due:2026-02-01\nx 2026-01-05 2026-01-02 pay @Stage-B +Family\n' >"$T/todo.txt"
	run "$PLANCTL" checklist --from todo.txt - <"$T/todo.txt"
	[[ $output == *"- [ ] (A) 2026-01-02 call mom +Family @phone due:2026-02-01"* ]]
	[[ $output == *"- [x] (2026-01-05) Stage B: pay"* ]]
	printf -- '# Release\n\n## Validation\n\n- [ ] tests\n\n## Ship\n\n* [x] tag\n' | "$PLANCTL" checklist --from md - >"$T/plan.md"
	grep -A 9 '^## Progress' "$T/plan.md" | diff - <(printf '## Progress\n\n### Validation\n\n- [ ] tests\n\n### Ship\n\n- [x] tag\n\n')
	# All but the Progress is what `new` writes.
	without_progress() { sed -e 1d -e '/^## Progress/,/^## Surprises/d' -e '/^## Revision note/,$d' "$1" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'; }
	new=$(cd "$T" && "$PLANCTL" new Release --dir "$T/new")
	diff <(without_progress "$T/plan.md") <(without_progress "$new")
	run "$PLANCTL" checklist --from md "$T/todo.txt"
	[ "$status" -eq 2 ]
	[[ $output == *"has no item"* ]]
	run "$PLANCTL" checklist --from html "$PLAN"
	[ "$status" -eq 2 ]
}

write_bare_plan() { # FILE: a plan without Progress
	cat >"$1" <<-'END'
	# Add a parser

	This ExecPlan is a living document.

	## Purpose

	- none of this is work

	## Decision Log

	- Decision: none yet.

	## Plan of Work

	### Stage A: read the grammar

	- in prose.

	### Stage B: write it

	## Concrete Steps

	### Stage B

	1. Run `make lexer`. It takes a while,
	   so wait.
	   - not this
	2. Run `make parser` and look at what it says about precedence and so on:

	## Validation and Acceptance

	- Tests: `make test` passes.
	END
}

@test "--init makes a Progress of stages, steps and validation, in place with all else kept" {
	write_bare_plan "$T/bare.md"
	cat >"$T/expected" <<-'END'
	## Progress

	- [ ] Stage A: read the grammar
	- [ ] Stage B: write it
	  - [ ] Run `make lexer`.
	  - [ ] Run `make parser` and look at what it says about precedence and so on
	- [ ] Validate: Tests: `make test` passes.
	END
	"$PLANCTL" checklist --init "$T/bare.md" | diff - "$T/expected"
	cp "$T/bare.md" "$T/before.md"
	chmod 640 "$T/bare.md"
	"$PLANCTL" checklist --init -i "$T/bare.md"
	[ "$(stat -c %a "$T/bare.md")" = 640 ]
	# Between what the format has before and behind it; the rest byte for byte.
	diff "$T/before.md" "$T/bare.md" >"$T/changes" || true
	[ "$(grep -c '^<' "$T/changes")" -eq 0 ]
	sed -n 's/^> //p' "$T/changes" | grep . | diff - <(grep . "$T/expected")
	grep -A 8 '^## Progress' "$T/bare.md" | tail -1 | grep -qx '## Decision Log'
	"$PLANCTL" parse --json "$T/bare.md" | jq -e '.data[0].progress_source == "progress" and .data[0].counts.total == 5'
	run "$PLANCTL" checklist --init -i "$T/bare.md"
	[ "$status" -eq 2 ]
	[[ $output == *"has checkboxes already"* ]]
	# What is ticked where it stood is ticked.
	printf '# T\n\n## Acceptance criteria\n\n- [x] It runs.\n  - [ ] not this\n- [ ] It is\n  fast.\n- [~] It is small.\n- It is told.\n' >"$T/ticked.md"
	"$PLANCTL" checklist --init "$T/ticked.md" | tail -n +3 |
		diff - <(printf -- '- [x] Validate: It runs.\n- [ ] Validate: It is fast.\n- [~] Validate: It is small.\n- [ ] Validate: It is told.\n')
	printf '# T\n\nprose\n' >"$T/prose.md"
	run "$PLANCTL" checklist --init "$T/prose.md"
	[ "$status" -eq 2 ]
	for command in "status -i" "checklist -i $PLAN"; do
		# shellcheck disable=SC2086 # words
		run "$PLANCTL" $command
		[ "$status" -eq 2 ]
	done
}

@test "--init keeps line ends, a missing last newline, and the fence around a whole file" {
	write_bare_plan "$T/bare.md"
	sed 's/$/\r/' "$T/bare.md" >"$T/crlf.md"
	"$PLANCTL" checklist --init -i "$T/crlf.md"
	[ "$(grep -c $'\r$' "$T/crlf.md")" -eq "$(wc -l <"$T/crlf.md")" ]
	printf '# T\n\n## Steps\n\n### Stage A: a\n\n### Stage B: b' >"$T/end.md"
	"$PLANCTL" checklist --init -i "$T/end.md"
	diff "$T/end.md" <(printf '# T\n\n## Steps\n\n### Stage A: a\n\n### Stage B: b\n\n## Progress\n\n- [ ] Stage A: a\n- [ ] Stage B: b\n')
	{ printf '```md\n'; sed '/^## Progress/,$d' "$T/end.md"; printf '```\n'; } >"$T/fence.md"
	"$PLANCTL" checklist --init -i "$T/fence.md"
	[ "$(head -1 "$T/fence.md"; tail -2 "$T/fence.md")" = '```md'$'\n''- [ ] Stage B: b'$'\n''```' ] || { cat "$T/fence.md"; false; }
	"$PLANCTL" parse --json "$T/fence.md" | jq -e '.data[0].counts.total == 2'
}

@test "an unknown format is refused with the list of those that are known" {
	run "$PLANCTL" checklist "$PLAN" --format pdf
	[ "$status" -eq 2 ]
	[[ $output == *"--format pdf: expected json, md, html, csv, org, todo.txt, taskwarrior, ics or tap"* ]]
	run "$PLANCTL" checklist "$T/missing.md"
	[ "$status" -eq 4 ]
}
