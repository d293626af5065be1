#!/usr/bin/env bats
# What planctl says, to people, pipes and programs.
load helpers

setup() { private_world; write_plan "$PLAN"; }
teardown() { end_world; }

@test "without a database, the first word is what to do" {
	run "$PLANCTL" status
	[ "$status" -eq 4 ]
	[[ $output == *"planwatchd FOLDER"* ]]
	run "$PLANCTL" status --json
	[ "$status" -eq 4 ]
	echo "${lines[0]}" | jq -e '.schema_version == 1 and .data == null and .error.code == 4'
}

@test "without a daemon, queries answer and say so" {
	start_daemon "$T/work"
	stop_daemon
	run "$PLANCTL" status
	[ "$status" -eq 0 ]
	[[ $output == *"not running"*"gap since 20"* ]]
	[[ $output == *"add-parser.md"* ]]
	"$PLANCTL" status --json | jq -e '.data[0].plan.title == "Add a parser" and (.warnings[0] | test("not running"))'
	"$PLANCTL" log -q | grep -q plan_found
	"$PLANCTL" show -q add-parser | grep -q tokenizer
	run "$PLANCTL" ping
	[ "$status" -eq 3 ]
	run "$PLANCTL" sync
	[ "$status" -eq 3 ]
	run "$PLANCTL" log --follow
	[ "$status" -eq 3 ]
}

@test "status --json has every field of the contract" {
	start_daemon "$T/work"
	"$PLANCTL" status --json | jq -e '.schema_version == 1 and .kind == "status" and (.generated_at | test("^20.*Z$"))
		and (.data[0] | .plan.id == 1 and .plan.title == "Add a parser" and .plan.repo == null and .verdict == "moving"
		and .status == "in_progress" and .done == 1 and .open == 3 and .other == 0 and .total == 4
		and .stage.label == "Stage B" and .stage.text == "write the tokenizer." and .used_seconds >= 0
		and .limit == {seconds: 14400, source: "plan", line: 9} and has("last_tick_at") and has("last_edit_at")
		and has("last_commit_at") and (.reason | length > 0))'
}

@test "show --json has items, tolerances and episodes" {
	start_daemon "$T/work"
	tick "$PLAN" "test the"
	"$PLANCTL" sync
	"$PLANCTL" show add-parser --json | jq -e '.data | (.items | length == 4) and .plan.plan.title == "Add a parser"
		and .items[0].claimed.precision == "minute" and .items[0].done_at == null
		and (.items[2].done_at | test("Z$")) and .items[2].state == "done" and .items[1].label == {kind: "stage", id: "B"}
		and .tolerances[0].seconds == 14400 and .tolerances[1].files == 6 and .tolerances[1].lines == 300 and .episodes == []'
}

@test "parse needs neither daemon nor database" {
	run "$PLANCTL" parse "$PLAN" --json
	[ "$status" -eq 0 ]
	echo "$output" | jq -e '.data[0] | .is_plan and .part == 1 and .progress_source == "progress" and .status.state == "in_progress"
		and .status.line == 5 and .counts == {done: 1, open: 3, other: 0, total: 4} and .other_boxes == 0
		and (.items[0] | .line == 14 and .end_line == 14 and .depth == 0 and .mark == "x" and .stamp.raw == "2026-01-05 10:00Z"
			and .stamp.leading) and ([.sections[].name] | index("decision_log"))'
	"$PLANCTL" parse - <"$PLAN" | grep -c Stage | grep -qx 4
	run "$PLANCTL" parse "$T/missing.md"
	[ "$status" -eq 4 ]
	[ ! -e "$DB" ]
}

@test "what cannot be written is said: a little at the end, much on the way" {
	run bash -c '"$0" parse "$1" --json >/dev/full' "$PLANCTL" "$PLAN"
	[ "$status" -eq 2 ]
	[ "$output" = "planctl: standard output: No space left on device" ]
	for n in $(seq 200); do echo "- [ ] Stage $n: $(printf 'x%.0s' {1..200})"; done >>"$PLAN"
	run bash -c '"$0" parse "$1" --json >/dev/full' "$PLANCTL" "$PLAN"
	[ "$status" -eq 2 ]
	[[ $output == "planctl: standard output: "* ]]
}

@test "a pipe gets tabs and no colour; a terminal gets a table; NO_COLOR is obeyed" {
	start_daemon "$T/work"
	run "$PLANCTL" status
	[ "$(printf '%s' "$output" | tr -cd '\t' | wc -c)" -eq 8 ]
	[[ $output != *$'\033'* ]]
	run script -qec "$PLANCTL status" /dev/null
	[[ $output == *$'\033['* ]]
	[[ $output == *"Add a parser"* ]]
	NO_COLOR=1 run script -qec "$PLANCTL status" /dev/null
	[[ $output != *$'\033['* ]]
	run "$PLANCTL" status --color=always --plain
	[ "$status" -eq 0 ]
	run "$PLANCTL" status --color=maybe
	[ "$status" -eq 2 ]
}

@test "nothing from a file reaches the terminal as a command" {
	printf '# Evil \033]0;owned\007 plan \342\200\256\n\nStatus: IN PROGRESS\033[31m\n\n## Progress\n\n- [x] \033[2J clear\n- [ ] next \233 \302\233 \377\n' >"$PLAN"
	start_daemon "$T/work"
	for command in "status" "log" "show add-parser" "parse $PLAN" "checklist $PLAN --json"; do
		run script -qec "$PLANCTL --color=never $command" /dev/null
		[ "$status" -eq 0 ]
		[[ $output != *$'\033'* ]] || { echo "$command"; false; }
		[[ $output != *$'\xe2\x80\xae'* ]]
		run "$PLANCTL" $command
		[[ $output != *$'\033'* ]]
	done
	"$PLANCTL" log --json | jq -e '.data | length > 2'
	"$PLANCTL" log --json | iconv -f UTF-8 -t UTF-8 >/dev/null
}

@test "log filters by plan, kind, time and number" {
	write_plan "$T/work/execplans/other.md"
	start_daemon "$T/work"
	tick "$PLAN" "test the"
	"$PLANCTL" sync
	[ "$("$PLANCTL" log --json | jq '.data | length')" -eq 11 ]
	[ "$("$PLANCTL" log --json --limit 3 | jq '.data | length')" -eq 3 ]
	[ "$("$PLANCTL" log add-parser --json | jq '.data | length')" -eq 6 ]
	[ "$("$PLANCTL" log --json --kind item_done,plan_found | jq '.data | length')" -eq 3 ]
	[ "$("$PLANCTL" log --json --since 1h | jq '.data | length')" -eq 11 ]
	[ "$("$PLANCTL" log --json --until 1h | jq '.data | length')" -eq 0 ]
	"$PLANCTL" log --json | jq -e '[.data[].id] == ([.data[].id] | sort)'
	run "$PLANCTL" log --kind nonsense
	[ "$status" -eq 2 ]
	run "$PLANCTL" log --since someday
	[ "$status" -eq 2 ]
	run "$PLANCTL" log nosuchplan
	[ "$status" -eq 4 ]
	run "$PLANCTL" log execplans
	[ "$status" -eq 2 ]
}

@test "log --follow --json streams one object a line, as it happens" {
	start_daemon "$T/work"
	"$PLANCTL" log --follow --json --limit 1 >"$T/stream" 3>&- &
	follower=$!
	wait_until test -s "$T/stream"
	tick "$PLAN" "write the"; "$PLANCTL" sync
	wait_until grep -q item_done "$T/stream"
	tick "$PLAN" "test the"; "$PLANCTL" sync
	wait_until eval '[ "$(grep -c item_done "$T/stream")" -eq 2 ]'
	kill $follower; wait $follower || true
	[ "$(jq -s 'map(select(.kind == "item_done")) | length' "$T/stream")" -eq 2 ]
	[ "$(jq -s '[.[].id] | length == (unique | length)' "$T/stream")" = true ]
}

@test "watch, unwatch and roots work while the daemon runs, and without" {
	start_daemon
	run "$PLANCTL" watch "$T/work"
	[ "$status" -eq 0 ]
	[ "$(events plan_found)" -eq 1 ]
	"$PLANCTL" roots --json | jq -e --arg p "$T/work" '.data[0].path == $p and .data[0].source == "registered"'
	tick "$PLAN" "test the"; "$PLANCTL" sync
	[ "$(events item_done)" -eq 1 ]
	run "$PLANCTL" unwatch "$T/work"
	[ "$status" -eq 0 ]
	[ "$("$PLANCTL" status --plain | wc -l)" -eq 0 ]
	tick "$PLAN" "wire it"; "$PLANCTL" sync
	[ "$(events item_done)" -eq 1 ]
	run "$PLANCTL" unwatch "$T/work"
	[ "$status" -eq 4 ]
	run "$PLANCTL" watch "$T/nowhere"
	[ "$status" -eq 4 ]
	stop_daemon
	"$PLANCTL" watch "$T/work"
	start_daemon
	[ "$(events item_done)" -eq 2 ]
	[ "$("$PLANCTL" status --plain | wc -l)" -eq 1 ]
}

@test "one file is watched by its name, whatever it is called" {
	printf '# Errands\n\n## Progress\n\n- [ ] buy milk\n' >"$T/todo.md"
	start_daemon
	"$PLANCTL" watch "$T/todo.md"
	tick "$T/todo.md" milk; "$PLANCTL" sync
	[ "$(events item_done)" -eq 1 ]
}

@test "the checklist is a task list, and JSON" {
	run "$PLANCTL" checklist "$PLAN"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^- \[x\]' <<<"$output")" -eq 1 ]
	[ "$(grep -c '^- \[ \]' <<<"$output")" -eq 3 ]
	[[ $output == *"## Stage B"* ]]
	"$PLANCTL" checklist "$PLAN" --format json | jq -e '.kind == "checklist" and (.data[0].stages | length == 3)
		and .data[0].stages[1].label.id == "B" and (.data[0].stages[1].items | length == 2)'
	run "$PLANCTL" checklist "$PLAN" --format pdf
	[ "$status" -eq 2 ]
}

@test "every command explains itself, and wrong use names what is wrong" {
	commands=$("$PLANCTL" --help | sed -n '/^Commands:/,/^$/p' | awk 'NR > 1 && NF {print $1}')
	[ "$(wc -w <<<"$commands")" -ge 15 ] # none is lost from the table
	for command in $commands; do
		run "$PLANCTL" "$command" --help
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == "Usage: planctl $command"* ]]
	done
	run "$PLANCTL" stauts
	[ "$status" -eq 2 ]
	[[ $output == *"did you mean \`status\`"* ]]
	run "$PLANCTL" status --nonsense
	[ "$status" -eq 2 ]
	[[ $output == *"--nonsense"* ]]
	run "$PLANCTL" show
	[ "$status" -eq 2 ]
	run "$PLANCTL"
	[ "$status" -eq 2 ]
	run "$PLANWATCHD" --help
	[ "$status" -eq 0 ]
	run "$PLANWATCHD" --nonsense
	[ "$status" -eq 2 ]
}

@test "a wrong configuration is an error with its line" {
	mkdir -p "$XDG_CONFIG_HOME/planwatch"
	printf '[limits]\nstall_after = soon\n' >"$XDG_CONFIG_HOME/planwatch/planwatch.conf"
	run "$PLANWATCHD" "$T/work"
	[ "$status" -eq 2 ]
	[[ $output == *"planwatch.conf:2: stall_after = soon: expected a duration"* ]]
	printf '[watch]\nroot = %s\n[limits]\nstall_after = 30m\n' "$T/work" >"$XDG_CONFIG_HOME/planwatch/planwatch.conf"
	sed -i '/^- Time/d' "$PLAN"
	start_daemon
	"$PLANCTL" status --json | jq -e '.data[0].limit == {seconds: 1800, source: "config", line: null}'
}

@test "show of an unwatched file needs neither daemon nor database" {
	run "$PLANCTL" show "$PLAN"
	[ "$status" -eq 0 ]
	[[ "$output" == *"build the tokenizer"* || "$output" == *"tokenizer"* ]]
	"$PLANCTL" show "$PLAN" --json |
		jq -e '.data | .plan.verdict == "unknown" and (.items | length) == 4 and .items[0].id == null'
	run "$PLANCTL" show "$T/nothing.md"
	[ "$status" -eq 4 ]
}

@test "show --at tells the plan as it stood" {
	start_daemon "$T/work"
	"$PLANCTL" sync
	before=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
	tick "$PLAN" "test the"
	sed -i 's/^Status: IN PROGRESS/Status: BLOCKED/' "$PLAN"
	"$PLANCTL" sync
	now=$("$PLANCTL" show "$PLAN" --json)
	then=$("$PLANCTL" show "$PLAN" --json --at "$before")
	jq -e '.data.plan.status == "blocked"' <<<"$now"
	jq -e '.data.plan.status == "in_progress"' <<<"$then"
	[ "$(jq '[.data.items[] | select(.state == "done")] | length' <<<"$now")" -eq \
		$(($(jq '[.data.items[] | select(.state == "done")] | length' <<<"$then") + 1)) ]
	[ "$(jq -c '[.data.items[].id]' <<<"$now")" = "$(jq -c '[.data.items[].id]' <<<"$then")" ]
	run "$PLANCTL" show "$PLAN" --at 2001-01-01
	[ "$status" -eq 4 ]
}

@test "diff of two files tells each item of either side" {
	cp "$PLAN" "$T/new.md"
	sed -i 's/\[ \] Stage B: write the tokenizer/[x] (2026-01-06 09:00Z) Stage B: wrote the tokenizer, 120 lines/; /test the/d' "$T/new.md"
	"$PLANCTL" diff "$PLAN" "$T/new.md" --json | jq -e '.data.changes |
		length == 4 and
		([.[] | select(.kinds == [])] | length) == 2 and
		any(.kinds == ["item_done", "item_reworded"] and .old.state == "open" and .new.state == "done") and
		any(.kinds == ["item_removed"] and .new == null)'
	run "$PLANCTL" diff "$PLAN" "$T/new.md"
	[ "${#lines[@]}" -eq 2 ]
	run "$PLANCTL" diff "$PLAN" "$T/new.md" --text
	[[ "$output" == *"-- [ ] Stage B: test the tokenizer."* ]]
	run "$PLANCTL" diff "$PLAN" "$T/new.md" --text --json
	[ "$status" -eq 2 ]
	run "$PLANCTL" diff "$PLAN" "$PLAN"
	[ "$status" -eq 0 ] && [ -z "$output" ]
	run "$PLANCTL" diff "$PLAN" "$T/nothing.md"
	[ "$status" -ne 0 ]
}

@test "diff of a plan goes from moment to moment" {
	start_daemon "$T/work"
	"$PLANCTL" sync
	start=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
	tick "$PLAN" "write the"
	"$PLANCTL" sync
	tick "$PLAN" "test the"
	"$PLANCTL" sync
	[ "$("$PLANCTL" diff "$PLAN" --json | jq '[.data.changes[] | select(.kinds != [])] | length')" -eq 1 ]
	[ "$("$PLANCTL" diff "$PLAN" "$start" --json | jq '[.data.changes[] | select(.kinds != [])] | length')" -eq 2 ]
	run "$PLANCTL" diff "$PLAN" "$start" --text
	[ "$(grep -c '^+- \[x\]' <<<"$output")" -eq 2 ]
	run "$PLANCTL" diff "$PLAN" someday
	[ "$status" -eq 2 ]
}

@test "what diff shows in lines cannot reach the terminal as more than text" {
	printf '# P\n\n## Progress\n\n- [ ] a\033]0;owned\007\n' >"$T/bad.md"
	run "$PLANCTL" diff "$PLAN" "$T/bad.md" --text
	[ "$status" -eq 0 ]
	[[ "$output" != *$'\033'* && "$output" == *'\x1B'* ]]
	# Nor does a NUL make it binary, a newline in a name one more line of the head, or a tab more than a tab.
	printf '# P\n\n## Progress\n\n- [ ] a\tb\0c\n' >"$T/$(printf 'bad\n+- [x] d.md')"
	"$PLANCTL" diff "$PLAN" "$T/$(printf 'bad\n+- [x] d.md')" --text >"$T/out"
	grep -qx $'+- \[ \] a\tb\xef\xbf\xbdc' "$T/out"
	[ "$(grep -c '^+- ' "$T/out")" -eq 1 ]
}

@test "log keeps to a repository and to an item, and tells what speaks against a claim" {
	git -C "$T/work" init -q
	mkdir -p "$T/other/execplans"
	start_daemon "$T/work" "$T/other"
	write_plan "$T/other/execplans/second.md"
	sed -i 's/\[ \] Stage B: write/[x] (2031-01-01 10:00Z) Stage B: write/' "$PLAN"
	sed -i 's/\[ \] Stage C: wire/[x] (2026-01-01 00:00Z) Stage C: wire/' "$PLAN"
	"$PLANCTL" sync
	"$PLANCTL" log --repo "$T/work" --json | jq -e '.data | length > 0 and all(.repo != null)'
	[ "$("$PLANCTL" log --repo "$T/other" --json | jq '.data | length')" -eq 0 ]
	item=$("$PLANCTL" log --kind item_done --json | jq '[.data[] | select(.item.text | test("write"))][0].item.id')
	"$PLANCTL" log "$PLAN" --item "$item" --json |
		jq -e '.data | all(.item.text | test("write")) and any(.kind == "item_done" and .claimed.doubt == "future")'
	"$PLANCTL" log --kind item_done --json | jq -e '[.data[] | select(.claimed.doubt == "late")] | length == 1'
	run "$PLANCTL" log --item "$item"
	[ "$status" -eq 2 ]
}

@test "what a save has overwritten is told, and its text is not lost" {
	start_daemon "$T/work"
	cp "$PLAN" "$T/older"
	tick "$PLAN" "write the"
	tick "$PLAN" "test the"
	"$PLANCTL" sync
	cp "$PLAN" "$T/lost"
	now=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
	cp "$T/older" "$PLAN"
	"$PLANCTL" sync
	"$PLANCTL" log --kind item_undone --json | jq -e '[.data[].item.text] | length == 2 and any(test("write the"))'
	"$PLANCTL" show "$PLAN" --at "$now" --text | cmp - "$T/lost"
	"$PLANCTL" show "$PLAN" --text | cmp - "$T/older"
}

@test "doctor says what is wrong and what to do, and nothing where all is well" {
	run "$PLANCTL" doctor
	[ "$status" -eq 1 ]
	[[ "$output" == *"does not answer"*"systemctl --user start planwatchd"* ]]
	start_daemon "$T/work"
	run "$PLANCTL" doctor
	[ "$status" -eq 0 ]
	[ "$(grep -c ^bad <<<"$output")" -eq 0 ]
	mv "$T/work" "$T/away"
	"$PLANCTL" sync
	run "$PLANCTL" doctor --json
	[ "$status" -eq 1 ]
	jq -e '.data.checks | any(.name == "root" and .health == "bad" and .advice != null)' <<<"$output"
	mv "$T/away" "$T/work"
	wait_until "$PLANCTL" doctor
	stop_daemon
	tick "$PLAN" "write the"
	start_daemon "$T/work"
	"$PLANCTL" doctor | grep -q "^note.blind.*planwatchd was not running"
}
