#!/usr/bin/env bats
# Edits of a plan in its file: tick, untick, approve, block, complete, new.
load helpers

setup() {
	private_world
	export USER=robin
	write_plan "$PLAN"
	chmod 640 "$PLAN"
}
teardown() { end_world; }

# Nothing lies beside the plan.
alone() { [ "$(ls -A "$(dirname "$PLAN")")" = add-parser.md ]; }

set_status() { sed -i "s/^Status: .*/Status: $1/" "$PLAN"; }

@test "tick finds an item by number, label and words, and changes nothing else" {
	cp "$PLAN" "$T/before"
	"$PLANCTL" tick "$PLAN" 3 --now 2026-03-04T05:06:07Z
	"$PLANCTL" tick "$PLAN" 'stage b' --now 2026-03-04T06:07Z
	run "$PLANCTL" tick "$PLAN" COMMAND --now 2026-03-05T00:00Z
	[ "$status" -eq 0 ]
	[ "$output" = "$PLAN"$'\t17\tdone\t(2026-03-05 00:00Z) Stage C: wire it into the command.' ]
	run diff "$T/before" "$PLAN"
	[ "$output" = '15,17c15,17
< - [ ] Stage B: write the tokenizer.
< - [ ] Stage B: test the tokenizer.
< - [ ] Stage C: wire it into the command.
---
> - [x] (2026-03-04 06:07Z) Stage B: write the tokenizer.
> - [x] (2026-03-04 05:06Z) Stage B: test the tokenizer.
> - [x] (2026-03-05 00:00Z) Stage C: wire it into the command.' ]
	for item in 2 3 4; do "$PLANCTL" untick "$PLAN" $item; done
	cmp "$T/before" "$PLAN"
	alone
}

@test "an item's mark reaches no terminal as a control" {
	printf '# P\n\n## Progress\n\n- [\x1b] go one\n- [\x1b] go two\n' >"$T/odd.md"
	run "$PLANCTL" tick "$T/odd.md" go
	[ "$status" -eq 2 ]
	[[ $output == *"2 items fit"* && $output == *'[\x1B] go two'* && $output != *$'\e'* ]]
}

@test "tick takes the number that show has in front of the item" {
	run script -qec "stty cols 80; '$PLANCTL' show --color=never '$PLAN'" /dev/null
	number=$(tr -d '\r' <<<"$output" | awk '/test the tokenizer/ { print $1 }')
	[ "$number" = 3 ]
	"$PLANCTL" tick "$PLAN" "$number" --now 2026-03-04T05:06Z
	grep -qF -e '- [x] (2026-03-04 05:06Z) Stage B: test the tokenizer.' "$PLAN"
}

@test "the time is now, in UTC" {
	export TZ=Asia/Tokyo
	before=$(date -u '+%F %H:%MZ')
	"$PLANCTL" tick "$PLAN" 2 --json | jq -e '.kind == "tick" and .data.part == 1
		and (.data.item | .number == 2 and .line == 15 and .state == "done")'
	after=$(date -u '+%F %H:%MZ')
	grep -qF -e "- [x] ($before) Stage B: write" -e "- [x] ($after) Stage B: write" "$PLAN"
}

@test "what fits several items is an error that lists them" {
	cp "$PLAN" "$T/before"
	run "$PLANCTL" tick "$PLAN" tokenizer
	[ "$status" -eq 2 ]
	[[ $output == *"2 items fit"* ]]
	[[ ${lines[1]} == *"2  line 15"*"[ ] Stage B: write the tokenizer."* ]]
	[[ ${lines[2]} == *"3  line 16"*"[ ] Stage B: test the tokenizer."* ]]
	"$PLANCTL" tick "$PLAN" B --json 2>/dev/null | jq -e '.error.code == 2 and (.warnings | length == 2)
		and (.warnings[1] | test("^3 .line 16.: Stage B: test"))'
	run "$PLANCTL" tick "$PLAN" parser
	[ "$status" -eq 4 ]
	run "$PLANCTL" tick "$PLAN" 5
	[ "$status" -eq 4 ]
	run "$PLANCTL" tick "$PLAN" 1
	[ "$status" -eq 2 ]
	[[ $output == *"item 1 (line 14) is done already"* ]]
	run "$PLANCTL" untick "$PLAN" 2
	[ "$status" -eq 2 ]
	cmp "$T/before" "$PLAN"
}

@test "what is no plan file is not edited" {
	run "$PLANCTL" tick "$T/nowhere.md" 1
	[ "$status" -eq 4 ]
	run "$PLANCTL" tick "$T/work" 1
	[ "$status" -eq 2 ]
	run "$PLANCTL" tick - 1
	[ "$status" -eq 2 ]
	mkfifo "$T/pipe.md"
	run timeout 10 "$PLANCTL" tick "$T/pipe.md" 1
	[ "$status" -eq 2 ]
	[[ $output == *"not a regular file"* ]]
	truncate -s 5M "$T/large.md"
	run "$PLANCTL" tick "$T/large.md" 1
	[ "$status" -eq 2 ]
	[[ $output == *"too large"* ]]
}

@test "mode, owner, group and links stay" {
	mkdir "$T/links"
	ln -s "$PLAN" "$T/links/plan.md"
	chmod 604 "$PLAN"
	[ "$(id -u)" -ne 0 ] || chown 1234:2345 "$PLAN"
	before=$(stat -c '%a %u %g' "$PLAN")
	"$PLANCTL" tick "$T/links/plan.md" 2
	grep -q '^- \[x\] (20.*Z) Stage B: write' "$PLAN"
	[ "$(stat -c '%a %u %g' "$PLAN")" = "$before" ]
	[ -L "$T/links/plan.md" ]
	[ "$(ls -A "$T/links")" = plan.md ]
	alone
}

@test "a file that may not be written is left alone" {
	[ "$(id -u)" -ne 0 ] || skip "root may write everything"
	chmod 440 "$PLAN"
	cp "$PLAN" "$T/before"
	run "$PLANCTL" tick "$PLAN" 2
	[ "$status" -eq 2 ]
	cmp "$T/before" "$PLAN"
}

meddled() { # HOW
	env LD_PRELOAD="$BUILD/tests/doors/meddle.so" ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		MEDDLE_DOOR="$PLAN" MEDDLE_HOW="$1" "$PLANCTL" tick "$PLAN" 2
}

@test "what somebody else saved meanwhile is not overwritten" {
	for how in rename write quiet; do
		write_plan "$PLAN"
		# As long as before, so that only the bytes tell.
		sed 's/wire it/tie it!/' "$PLAN" >"$PLAN.new"
		sed -i 's/tie it!/tie it /' "$PLAN.new"
		cp "$PLAN.new" "$T/theirs"
		run meddled "$how"
		echo "$how: $output"
		[ "$status" -eq 2 ]
		[[ $output == *"changed by somebody else meanwhile; nothing was written"* ]]
		cmp "$T/theirs" "$PLAN"
		rm -f "$PLAN.new"
		alone
	done
}

@test "a disk that is full leaves the plan as it was" {
	cp "$PLAN" "$T/before"
	run meddled fail
	[ "$status" -eq 2 ]
	[[ $output == *"No space left"* ]]
	cmp "$T/before" "$PLAN"
	alone
}

@test "ticks at the same time all count" {
	{ printf '## Progress\n\n'; for i in $(seq 40); do echo "- [ ] item <$i>"; done; } >"$PLAN"
	for i in $(seq 40); do "$PLANCTL" tick "$PLAN" "<$i>" >/dev/null 2>>"$T/errors" 3>&- & done
	wait
	cat "$T/errors"
	[ "$(grep -c '^- \[x\] (20..-..-.. ..:..Z) item <' "$PLAN")" -eq 40 ]
	alone
}

@test "a draft is not worked on before it is approved" {
	set_status DRAFT
	run "$PLANCTL" tick "$PLAN" 2
	[ "$status" -eq 2 ]
	[[ $output == *"planctl approve"* ]]
	run "$PLANCTL" complete "$PLAN"
	[ "$status" -eq 2 ]
	run "$PLANCTL" block "$PLAN" --reason x
	[ "$status" -eq 2 ]
	run "$PLANCTL" approve "$PLAN" --by 'Ada Lovelace' --now 2026-03-04T05:06Z
	[ "$status" -eq 0 ]
	[ "$output" = "$PLAN"$'\t5\tapproved\tAPPROVED' ]
	[ "$(tail -4 "$PLAN")" = '## Revision note

2026-03-04 05:06Z: status changed from "DRAFT" to APPROVED by Ada Lovelace. The
work of the plan may begin.' ]
	"$PLANCTL" tick "$PLAN" 2
	run "$PLANCTL" approve "$PLAN"
	[ "$status" -eq 2 ]
	[[ $output == *"approved already"* ]]
}

@test "who: the repository's user, the user's, the login name, and no guess" {
	by() { write_plan "$PLAN"; set_status DRAFT; "$PLANCTL" approve "$PLAN" && tr '\n' ' ' <"$PLAN" | grep -qF "by $1. The"; }
	by robin
	git config --file "$HOME/.gitconfig" user.name 'Home User'
	by 'Home User'
	git -C "$T/work" init -q
	by 'Home User'
	git -C "$T/work" config user.name 'Repo User'
	by 'Repo User'
	rm -rf "$T/work/.git" "$HOME/.gitconfig"
	write_plan "$PLAN"
	set_status DRAFT
	run env -u USER "$PLANCTL" approve "$PLAN"
	[ "$status" -eq 2 ]
	[[ $output == *"--by NAME"* ]]
}

@test "block needs a reason, complete needs all items" {
	run "$PLANCTL" block "$PLAN"
	[ "$status" -eq 2 ]
	[[ $output == *"--reason"* ]]
	run "$PLANCTL" complete "$PLAN"
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == *"3 of 4 items are not done"* ]]
	[[ ${lines[3]} == *"4  line 17"*"Stage C: wire"* ]]
	"$PLANCTL" block "$PLAN" --reason 'the staging account is missing' --json | jq -e '.data.status
		== {state: "blocked", raw: "BLOCKED (the staging account is missing)", line: 5}'
	for item in 2 3 4; do "$PLANCTL" tick "$PLAN" $item; done
	"$PLANCTL" complete "$PLAN"
	grep -qx 'Status: COMPLETE' "$PLAN"
	[ "$(grep -c '^20.*: status changed from' "$PLAN")" -eq 2 ]
	[ "$(grep -c '^## Revision note$' "$PLAN")" -eq 1 ]
}

@test "one of several plans in a file" {
	write_plan "$T/second"
	sed -i 's/a parser/a printer/' "$T/second"
	cat "$T/second" >>"$PLAN"
	run "$PLANCTL" tick "$PLAN" 2
	[ "$status" -eq 2 ]
	[[ $output == *"holds 2 plans"*"--part"* ]]
	run "$PLANCTL" tick "$PLAN" 2 --part 3
	[ "$status" -eq 4 ]
	run "$PLANCTL" tick "$PLAN" 2 --part x
	[ "$status" -eq 2 ]
	"$PLANCTL" tick "$PLAN" 2 --part 2
	[ "$("$PLANCTL" parse "$PLAN" --json | jq -c '[.data[].counts.done]')" = '[1,2]' ]
	# A recorded plan is one of them.
	start_daemon "$T/work"
	"$PLANCTL" tick "Add a printer" 3
	[ "$("$PLANCTL" parse "$PLAN" --json | jq -c '[.data[].counts.done]')" = '[1,3]' ]
}

@test "the daemon sees an edit as what it is, and the plan as the same one" {
	start_daemon "$T/work"
	"$PLANCTL" tick add-parser 'write the'
	"$PLANCTL" untick add-parser 'write the'
	"$PLANCTL" block add-parser --reason 'no disk'
	"$PLANCTL" sync
	[ "$(sql "SELECT group_concat(kind) FROM v_events WHERE kind <> 'item_added'")" = \
		plan_found,item_done,item_undone,item_reworded,status_changed,section_changed ]
	[ "$(sql "SELECT count(*) FROM v_plans")" -eq 1 ]
	verified
}

@test "new writes a draft that only its author must fill in" {
	cd "$T/work"
	run "$PLANCTL" new 'Add a CSV export, "fast"' --by Ada
	[ "$status" -eq 0 ]
	[ "$output" = execplans/add-a-csv-export-fast.md ]
	"$PLANCTL" parse "$output" --json | jq -e '.data[0] | .is_plan and .title == "Add a CSV export, \"fast\"" and .status.state == "draft"
		and (.tolerances | map(select(.kind == "time"))[0].seconds == 14400) and (.tolerances | all(.kind != "other"))
		and ([.sections[].name] == [null, "purpose", "constraints", "tolerances", "risks", "progress", "surprises", "decision_log",
		"outcomes", "context", "plan_of_work", "concrete_steps", "validation", "recovery", "artifacts", "interfaces", "revision_note"])
		and ([.items[].label.id] == [null, "A", "B", "C", "D"]) and (.sections | all(.level == 1 or .entries > 0 or (.name | IN("risks", "surprises",
		"decision_log", "outcomes", "artifacts"))))'
	grep -q '^20..-..-.. ..:..Z: initial draft by Ada\.$' "$output"
	# Nothing but the placeholders and the instructions that wait for the author.
	"$PLANCTL" lint --json "$output" | jq -e '[.data.findings[].rule] | unique == ["PLN066", "PLN067"]'
	cp "$output" "$T/before"
	run "$PLANCTL" new 'add a csv export FAST'
	[ "$status" -eq 2 ]
	cmp "$T/before" execplans/add-a-csv-export-fast.md
	"$PLANCTL" tick execplans/add-a-csv-export-fast.md 1
	"$PLANCTL" approve execplans/add-a-csv-export-fast.md
	"$PLANCTL" tick execplans/add-a-csv-export-fast.md A
}

@test "new goes where the repository's plans are, and names its PLANS.md" {
	git -C "$T/work" init -q
	mkdir -p "$T/work/docs/execplans" "$T/work/.agent" "$T/work/src"
	touch "$T/work/.agent/PLANS.md"
	cd "$T/work/src"
	run "$PLANCTL" new 'Föhn — wind'
	[ "$output" = "$(realpath "$T/work")/docs/execplans/föhn-wind.md" ]
	grep -qF 'in accordance with `.agent/PLANS.md`.' "$output"
	"$PLANCTL" new Here --dir a/b/
	[ -f a/b/here.md ]
	for title in '' ' ' README '!?' $'\e[31mred' $'\xff'; do
		run "$PLANCTL" new "$title"
		[ "$status" -eq 2 ]
	done
	[ "$(find "$T/work" -name '*.md' | wc -l)" -eq 4 ]
}
