#!/usr/bin/env bats
# Alerts through their lives, and the commands that tell of them. Hours pass through tests/doors/clock.c.
load helpers

setup() {
	private_world
	make_door
	write_plan "$PLAN"
}
teardown() { end_world; }

# SECONDS since the start; the daemon sees them when it wakes up.
pass() { turn_clock 0 0 "$1"; "$PLANCTL" ping >/dev/null; }

ctl() { door "$PLANCTL" "$@"; }

episode() { sql "SELECT $1 FROM v_episodes ORDER BY id DESC LIMIT 1"; }
# Behind the door no timer of the kernel's ends: the daemon sees that its moment has come when it is asked something.
is() {
	"$PLANCTL" ping >/dev/null || true
	[ "$(episode "$1")" = "$2" ]
}

@test "an alert from its warning to its end: nearing, over, reminded with growing pauses, and then silent" {
	start_behind_door "$T/work"
	tick "$PLAN" "Stage B: write"
	"$PLANCTL" sync
	[ "$(ctl status --json | jq -r '.data[0].verdict')" = moving ]
	pass $((3 * 3600 + 1800))
	wait_until is "verdict || step" nearing1
	for hour in 4:2 11:2 13:3 28:3 30:4 53:4 55:5 90:5; do # the pauses are 8 h, 16 h and a day
		pass $((${hour%:*} * 3600 + 300))
		wait_until is "verdict || step" "over${hour#*:}"
	done
	[ "$(sql "SELECT count(*) FROM v_episodes")" -eq 1 ]
	tick "$PLAN" "Stage B: test"
	"$PLANCTL" sync
	wait_until is "resolved_at IS NOT NULL" 1
	[ "$(ctl alerts --json | jq '.data | length')" -eq 0 ]
	[ "$(ctl alerts --all --json | jq '.data | length')" -eq 1 ]
	verified
}

@test "ack and snooze: silent until it worsens, for as long as was said, or until work resumes" {
	start_behind_door "$T/work"
	tick "$PLAN" "Stage B: write"
	"$PLANCTL" sync
	pass $((3 * 3600 + 1800))
	wait_until is "verdict || step" nearing1
	run ctl ack add-parser
	[ "$status" -eq 0 ]
	[ "$output" = "alert 1 is acknowledged" ]
	ctl alerts | grep -q acknowledged
	pass $((5 * 3600))
	wait_until is "verdict || step" over2 # graver: told again
	[ -z "$(episode acknowledged_at)" ]
	ctl snooze 1 --for 6h
	ctl alerts | grep -q "snoozed until"
	pass $((10 * 3600))
	is step 2
	pass $((11 * 3600 + 60))
	wait_until is step 3
	ctl snooze 1 --for 30d
	tick "$PLAN" "Stage B: test"
	"$PLANCTL" sync
	wait_until is "resolved_at IS NOT NULL" 1
	run ctl ack 1
	[ "$status" -ne 0 ]
	[[ $output == *"episode 1 is over"* ]]
	run ctl ack 99
	[ "$status" -eq 4 ]
	run ctl ack add-parser
	[ "$status" -eq 4 ]
	run ctl snooze add-parser --for ever
	[ "$status" -eq 2 ]
}

@test "without a daemon an acknowledgement is written down" {
	start_behind_door "$T/work"
	pass $((3 * 3600 + 1800))
	wait_until is verdict nearing
	stop_daemon
	run ctl ack add-parser
	[ "$status" -eq 0 ]
	[ -n "$(episode acknowledged_at)" ]
}

@test "suspended time, and the time that a person was waited for, are not the agent's" {
	start_behind_door "$T/work"
	tick "$PLAN" "Stage B: write"
	"$PLANCTL" sync
	turn_clock $((9 * 3600)) 0 3600
	wake_clock
	wait_until grep -q "was suspended" "$T/daemon.log"
	[ "$(ctl status --json | jq -r '.data[0] | .verdict + " " + (.used_seconds / 60 | floor | tostring)')" = "moving 60" ]
	sed -i 's/^Status: .*/Status: BLOCKED/' "$PLAN"
	"$PLANCTL" sync
	turn_clock $((9 * 3600)) 0 $((6 * 3600))
	[ "$(ctl status --json | jq -r '.data[0].verdict')" = needs_you ]
	sed -i 's/^Status: .*/Status: IN PROGRESS/' "$PLAN"
	"$PLANCTL" sync
	turn_clock $((9 * 3600)) 0 $((7 * 3600))
	[ "$(ctl status --json | jq -r '.data[0] | .verdict + " " + (.used_seconds / 60 | floor | tostring)')" = "moving 120" ]
	ctl explain add-parser --json | jq -e '.data.clock | .of == "stage" and (.left_out_seconds | .lapses == 32400 and .waiting >= 17990 and .quiet == 0)'
	ctl explain add-parser | grep -q "5 h waiting for a person"
	verified
}

@test "what began before anybody watched is not told, at the first start or a later one" {
	touch -d "-3 days" "$PLAN"
	start_behind_door "$T/work"
	[ "$(ctl status --json | jq -r '.data[0].verdict')" = over ]
	pass 3600
	"$PLANCTL" sync
	stop_daemon
	start_behind_door "$T/work"
	pass 7200
	"$PLANCTL" sync
	[ "$(sql "SELECT count(*) FROM v_episodes")" -eq 0 ]
}

@test "what came about while the daemon was stopped is told, once" {
	start_behind_door "$T/work"
	stop_daemon
	turn_clock 0 0 $((20 * 3600))
	start_behind_door "$T/work"
	wait_until is "verdict || step" over1
	stop_daemon
	start_behind_door "$T/work"
	"$PLANCTL" sync
	[ "$(sql "SELECT count(*) FROM v_episodes")" -eq 1 ]
}

@test "a person's turn is told when it has stood for a minute" {
	start_behind_door "$T/work"
	sed -i 's/^Status: .*/Status: IN REVIEW/' "$PLAN"
	"$PLANCTL" sync
	[ "$(ctl status --json | jq -r '.data[0].verdict')" = needs_you ]
	[ "$(sql "SELECT count(*) FROM v_episodes")" -eq 0 ]
	pass 61
	wait_until is verdict needs_you
}

@test "what the format forbids is remarked, with the event that did it and with the verdict" {
	start_behind_door "$T/work"
	tick "$PLAN" "Stage B: write"
	"$PLANCTL" sync
	pass $((5 * 3600))
	tick "$PLAN" "Stage B: test"
	"$PLANCTL" sync
	[ "$(sql "SELECT remark FROM v_events WHERE kind = 'item_done' ORDER BY id DESC LIMIT 1")" = ticked_past_limit ]
	ctl status --json | jq -e '.data[0].remarks == ["ticked_past_limit"]'
	printf '%s\n' '- Decision: go on. Rationale: nearly there.' >>"$PLAN"
	"$PLANCTL" sync
	ctl status --json | jq -e '.data[0].remarks == []'
	sed -i 's/more than 4 hours/more than 9 hours/' "$PLAN"
	"$PLANCTL" sync
	ctl log --kind tolerance_changed --json | jq -e '.data[0].remark == "limit_raised"'
	ctl status --json | jq -e '.data[0].remarks == ["limit_raised"]'
	sed -i 's/more than 6 files/more than 60 files/' "$PLAN"
	sed -i 's/^## Progress/## Constraints\n\n- Never touch the lexer.\n\n## Progress/' "$PLAN"
	"$PLANCTL" sync
	ctl status --json | jq -e '.data[0].remarks == ["limit_raised", "tolerances_changed", "constraints_changed"]'
	sed -i 's/^Status: .*/Status: APPROVED/' "$PLAN" # by whoever approves it as it is
	"$PLANCTL" sync
	ctl status --json | jq -e '.data[0].remarks == []'
	sed -i 's/^Status: .*/Status: DRAFT/' "$PLAN"
	tick "$PLAN" "Stage C"
	"$PLANCTL" sync
	[ "$(sql "SELECT remark FROM v_events WHERE kind = 'item_done' ORDER BY id DESC LIMIT 1")" = draft_ticked ]
	verified
}

@test "explain: the rule, the plan's own line, the clock, and what comes next" {
	start_behind_door "$T/work"
	tick "$PLAN" "Stage B: write"
	"$PLANCTL" sync
	pass $((4 * 3600 + 600))
	wait_until is verdict over
	run ctl explain add-parser
	[ "$status" -eq 0 ]
	[[ $output == *"over: stage has used 4 h 10 m, limit 4 h"* ]]
	[[ $output == *"from line 9 of the plan:"* ]]
	[[ $output == *"if a stage takes more than 4 hours"* ]]
	[[ $output == *"left out  nothing"* ]]
	ctl explain add-parser --json | jq -e '.data | .clock.of == "stage" and .episode.id == 1 and .reminder_at > .generated_at and .began_at != null'
	run ctl explain nobody
	[ "$status" -eq 4 ]
}

@test "wait: for an item, a stage, a verdict and a status; 124 where it does not come" {
	start_behind_door "$T/work"
	"$PLANCTL" wait add-parser --until item=grammar
	for goal in item=2 stage=B; do
		run "$PLANCTL" wait add-parser --until $goal --timeout 1s
		[ "$status" -eq 124 ]
	done
	"$PLANCTL" wait add-parser --until stage=B --timeout 20s &
	waiter=$!
	tick "$PLAN" "Stage B: write"
	tick "$PLAN" "Stage B: test"
	wait $waiter
	"$PLANCTL" wait add-parser --until status=blocked --timeout 20s &
	waiter=$!
	sed -i 's/^Status: .*/Status: BLOCKED/' "$PLAN"
	wait $waiter
	"$PLANCTL" wait add-parser --until verdict=needs_you --timeout 20s
	for goal in "" nonsense verdict=happy status=fine item=; do
		run "$PLANCTL" wait add-parser --until "$goal"
		[ "$status" -eq 2 ]
	done
	run "$PLANCTL" wait add-parser --until item=nowhere
	[ "$status" -eq 4 ]
	stop_daemon
	run "$PLANCTL" wait add-parser --until status=complete
	[ "$status" -eq 3 ]
}

@test "status --watch tells anew when something changes" {
	start_behind_door "$T/work"
	"$PLANCTL" status --watch --json >"$T/watched" 3>&- &
	watcher=$!
	wait_until eval '[ "$(wc -l <"$T/watched")" -ge 1 ]'
	tick "$PLAN" "Stage B: write"
	wait_until eval 'tail -n 1 "$T/watched" | jq -e ".data[0].done == 2"'
	kill $watcher
}

@test "config tells what holds and where it is from; a path has limits of its own" {
	mkdir -p "$T/config/planwatch"
	conf=$T/config/planwatch/planwatch.conf
	cat >"$conf" <<-CONF
		[limits]
		stall_after = 90m
		# a comment
		[limits slow]
		path = $T/work
		stall_after = 1d
		alerts = no

		[quiet]
		hours = 22:00-07:00
	CONF
	"$PLANCTL" config --show-origin | grep -Fx "$conf:2	limits.stall_after=90m"
	"$PLANCTL" config --show-origin | grep -Fx "$conf:7	limits slow.alerts=no"
	"$PLANCTL" config --show-origin | grep -Fx "default	limits.draft_after=10m"
	"$PLANCTL" config --json | jq -e '.data | map(select(.key == "hours"))[0].value == "22:00-07:00"'
	start_behind_door "$T/work"
	[ "$(ctl status --json | jq -r '.data[0] | .verdict + " " + .reason')" = "idle quiet by configuration" ]
	sed -i 's/^alerts.*/alerts = maybe/' "$conf"
	run "$PLANCTL" reload
	[ "$status" -ne 0 ]
	run "$PLANCTL" config
	[ "$status" -eq 2 ]
	[[ $output == *"planwatch.conf:7: alerts = maybe: expected yes or no"* ]]
}

@test "show tells what each stage has used, without what does not count" {
	start_behind_door "$T/work"
	turn_clock 1800 0 3600
	wake_clock
	wait_until grep -q "was suspended for 30 m" "$T/daemon.log"
	tick "$PLAN" "Stage B: write"
	tick "$PLAN" "Stage B: test"
	"$PLANCTL" sync
	turn_clock 1800 0 4200
	ctl show add-parser --json | jq -e '.data.stages | map(.used_seconds) | .[0] == null and (.[1] - 3600 | fabs) < 30 and (.[2] - 600 | fabs) < 30'
	ctl show add-parser --json | jq -e '.data.stages[1] | .ended_at != null and .done == 2'
}

@test "what was worked on as a draft counts, also after an answer" {
	sed -i 's/^Status: .*/Status: DRAFT/' "$PLAN"
	start_behind_door "$T/work"
	tick "$PLAN" "Stage B: write"
	"$PLANCTL" sync
	turn_clock 0 0 3600
	sed -i 's/^Status: .*/Status: IN PROGRESS/' "$PLAN"
	"$PLANCTL" sync
	turn_clock 0 0 7200
	sed -i 's/^Status: .*/Status: BLOCKED/' "$PLAN"
	"$PLANCTL" sync
	turn_clock 0 0 10800
	sed -i 's/^Status: .*/Status: IN PROGRESS/' "$PLAN"
	"$PLANCTL" sync
	ctl explain add-parser --json | jq -e '.data | (.used_seconds - 7200 | fabs) < 30 and (.clock.left_out_seconds.waiting - 3600 | fabs) < 30'
}
