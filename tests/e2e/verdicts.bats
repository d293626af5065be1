#!/usr/bin/env bats
# What is said of a plan, and when: verdicts, episodes, and the notification on a real screen.
load helpers
load screen

setup() { private_world; write_plan "$PLAN"; }
teardown() { stop_screen; end_world; }

@test "the verdict follows the clock: --now moves it" {
	start_daemon "$T/work"
	tick "$PLAN" "write the"; "$PLANCTL" sync
	at() { "$PLANCTL" status --json --now "$(date -u -d "+$1" +%Y-%m-%dT%H:%M:%SZ)" | jq -r '.data[0].verdict'; }
	[ "$(at 1minute)" = moving ]
	[ "$(at 200minutes)" = nearing ]
	[ "$(at 250minutes)" = over ]
	run "$PLANCTL" stalled --exit-code
	[ "$status" -eq 0 ]
	run "$PLANCTL" stalled --exit-code --now "$(date -u -d '+5hours' +%Y-%m-%dT%H:%M:%SZ)"
	[ "$status" -eq 1 ]
	[[ $output == over*"limit 4 h"* ]]
}

@test "a plan without a limit of its own stalls after the default" {
	sed -i '/^- Time/d' "$PLAN"
	start_daemon "$T/work"
	"$PLANCTL" status --json --now "$(date -u -d '+181minutes' +%Y-%m-%dT%H:%M:%SZ)" |
		jq -e '.data[0] | .verdict == "stalled" and .limit.source == "default" and (.reason | test("no tick, edit or commit for 3 h"))'
}

@test "drafts and blocked plans wait for a person; finished ones are done, or doubtful" {
	sed -i 's/^Status: .*/Status: DRAFT/; s/^- \[x\]/- [ ]/' "$PLAN"
	start_daemon "$T/work"
	verdict() { "$PLANCTL" sync; "$PLANCTL" status --json "$@" | jq -r '.data[0].verdict'; }
	[ "$(verdict)" = moving ] # it is being written
	[ "$(verdict --now "$(date -u -d "+11 minutes" +%Y-%m-%dT%H:%M:%SZ)")" = needs_you ]
	sed -i 's/^Status: .*/Status: APPROVED/' "$PLAN"; [ "$(verdict)" = idle ]
	sed -i 's/^Status: .*/Status: BLOCKED on the schema/' "$PLAN"; [ "$(verdict)" = needs_you ]
	sed -i 's/^Status: .*/Status: COMPLETE/' "$PLAN"; [ "$(verdict)" = 'done?' ]
	sed -i 's/^- \[ \]/- [x]/' "$PLAN"; [ "$(verdict)" = 'done' ]
	sed -i 's/^Status: .*/Status: IN PROGRESS/' "$PLAN"; [ "$(verdict)" = 'done?' ]
	sed -i 's/^- \[x\] /- /' "$PLAN"; [ "$(verdict)" = unknown ]
}

# A limit of one second stands for any: the daemon's timer is the same.
short_limit() { sed -i 's/more than 4 hours/more than 1 second/' "$PLAN"; }

@test "an episode fires once when the limit passes, and resolves when work goes on" {
	short_limit
	start_daemon "$T/work"
	wait_until eval '[ "$(sql "SELECT verdict FROM v_episodes")" = over ]'
	sed -i 's/more than 1 second/more than 5 hours/' "$PLAN"
	"$PLANCTL" sync
	wait_until eval '[ -n "$(sql "SELECT resolved_at FROM v_episodes")" ]'
	stop_daemon
	start_daemon "$T/work"
	[ "$(sql "SELECT count(*) FROM v_episodes")" -eq 1 ]
}

@test "an episode is not fired again by a restart" {
	short_limit
	start_daemon "$T/work"
	wait_until eval '[ "$(sql "SELECT count(*) FROM v_episodes")" -eq 1 ]'
	for n in 1 2 3; do stop_daemon; start_daemon "$T/work"; done
	tick "$T/work/execplans/other.md" x 2>/dev/null || true
	[ "$(sql "SELECT count(*) FROM v_episodes")" -eq 1 ]
	[ -z "$(sql "SELECT resolved_at FROM v_episodes")" ]
}

@test "notify --once shows the episode on a real screen, and only once" {
	short_limit
	sed -i 's/^# Add a parser/# Add <b>a<\/b> parser \& more/' "$PLAN"
	start_screen
	start_daemon "$T/work"
	wait_until eval '[ "$(sql "SELECT verdict FROM v_episodes")" = over ]'
	screenshot "$T/before.png"
	run "$PLANCTL" notify --once
	[ "$status" -eq 0 ]
	[ "$output" = "1 shown" ]
	[ "$(on_screen)" -eq 1 ]
	wait_until screen_differs "$T/before.png" "$T/after.png"
	[ -n "$(sql "SELECT shown_at FROM v_episodes")" ]
	run "$PLANCTL" notify --once
	[ "$output" = "0 shown" ]
	dunstctl close-all
	wait_until eval '[ "$(dunstctl count history)" -eq 1 ]'
	dunstctl history | jq -e '.data[0][0].summary.data | test("Add <b>a</b> parser & more: stage has used .*, limit 1 s")'
	dunstctl history | jq -e '.data[0][0].timeout.data == 0 and .data[0][0].category.data == "x-planwatch.over" and (.data[0][0].body.data | test("Stage B: write the tokenizer"))'
}

@test "without a desktop the alert stays to be shown" {
	short_limit
	start_daemon "$T/work"
	wait_until eval '[ "$(sql "SELECT count(*) FROM v_episodes")" -eq 1 ]'
	unset DISPLAY
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$T/no-bus
	run "$PLANCTL" notify --once
	[ "$status" -eq 2 ]
	[[ $output == *"did not take the notification"* ]]
	[ -z "$(sql "SELECT shown_at FROM v_episodes")" ]
}
