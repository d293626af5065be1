#!/usr/bin/env bats
# Time that passed for nobody: suspend, a clock that is set, a machine that was off. Through tests/doors/clock.c.
load helpers

setup() {
	private_world
	make_door
	write_plan "$PLAN"
}
teardown() { end_world; }

lapse() { # CAUSE: its length in seconds
	sqlite3 -readonly "$DB" "SELECT (o.at - o.not_before) / 1000000 FROM journal j JOIN observations o ON o.id = j.observation WHERE j.before = '$1'"
}

@test "a machine that slept: a gap with its interval, and all is looked at again" {
	start_behind_door "$T/work"
	turn_clock 7800 0
	wake_clock
	wait_until grep -q "the machine was suspended for 2 h 10 m" "$T/daemon.log"
	"$PLANCTL" sync
	[ "$(lapse suspended)" = 7800 ]
	door "$PLANCTL" log --kind gap --json | jq -e '.data | length == 1 and .[0].from == "suspended" and .[0].not_before < .[0].at'
	door "$PLANCTL" log --kind gap | grep -q "suspended for 2 h 10 m"
	tick "$PLAN" "Stage B: write"
	"$PLANCTL" sync
	[ "$(events item_done)" -eq 1 ]
	[ "$(events gap)" -eq 1 ]
	verified
}

@test "a clock that is set back: history keeps its order, no interval ends before it begins" {
	start_behind_door "$T/work"
	tick "$PLAN" "Stage B: write"
	"$PLANCTL" sync
	turn_clock 0 -3600
	wake_clock
	wait_until grep -q "the clock was set back by 1 h" "$T/daemon.log"
	tick "$PLAN" "Stage B: test"
	"$PLANCTL" sync
	[ "$(lapse clock)" = -3600 ]
	door "$PLANCTL" log --kind item_done --json >"$T/log"
	jq -e '.data | length == 2 and .[0].at > .[1].at and all(.[]; .not_before <= .at)' "$T/log"
	jq -e '.data[1].item.text | test("test the tokenizer")' "$T/log"
	verified
}

@test "a clock that is set forward: the time that never was is told" {
	start_behind_door "$T/work"
	turn_clock 0 86400
	wake_clock
	wait_until grep -q "the clock was set forward by 1 d" "$T/daemon.log"
	"$PLANCTL" sync
	[ "$(lapse clock)" = 86400 ]
	verified
}

@test "a clock that was set back while nobody looked" {
	start_behind_door "$T/work"
	stop_daemon
	turn_clock 0 -7200
	tick "$PLAN" "Stage B: write"
	start_behind_door "$T/work"
	door "$PLANCTL" log --kind item_done --json | jq -e '.data | length == 1 and .[0].not_before <= .[0].at'
	verified
}

@test "a write that makes no event in a watched folder is found by the audit, within the hour that it may be older" {
	ln "$PLAN" "$T/elsewhere.md"
	start_behind_door "$T/work"
	sed 's/\[ \] Stage B: write/[x] Stage B: write/' "$PLAN" >"$T/edited"
	cat "$T/edited" >"$T/elsewhere.md"
	"$PLANCTL" sync
	[ "$(events item_done)" -eq 0 ]
	turn_clock 0 0 4500
	wait_until eval '"$PLANCTL" ping && [ "$(events item_done)" -eq 1 ]'
	[ "$(sql "SELECT origin || ' ' || ((at - not_before) / 60000000) FROM v_events WHERE kind = 'item_done'")" = "rescan 75" ]
	[ "$(events gap)" -eq 0 ]
	verified
}

@test "a machine that was off between two looks" {
	start_behind_door "$T/work"
	stop_daemon
	[ "$(events gap)" -eq 0 ]
	touch -m -d "-3 days" "$DB.lock" # the last look, and then the machine was started
	start_daemon "$T/work"
	boot=$(awk '/^btime/ { print $2 }' /proc/stat)
	if [ "$boot" -gt "$(date -d "-3 days" +%s)" ]; then
		[ "$(lapse off)" -gt 0 ]
	else
		[ -z "$(lapse off)" ]
	fi
	stop_daemon
}
