#!/usr/bin/env bats
# What once went wrong.
load helpers

setup() { private_world; write_plan "$PLAN"; }
teardown() { end_world; }

@test "a subscriber that stops reading does not take the daemon with it" {
	start_daemon "$T/work"
	mkdir -p "$T/second/execplans"; write_plan "$T/second/execplans/b.md"
	python3 - "$XDG_RUNTIME_DIR/planwatch/socket" "$T/second" <<-'PY'
	import json, socket, sys
	s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
	s.sendall(b'{"method":"subscribe"}\n'); s.recv(99); s.shutdown(socket.SHUT_RD)
	s.sendall(json.dumps({"method": "watch", "path": sys.argv[2]}).encode() + b"\n")
	PY
	wait_until eval '[ "$(events plan_found)" -eq 2 ]'
	"$PLANCTL" ping
}

@test "a plan that cannot be read holds up no other" {
	deep=$T/work
	for n in $(seq 20); do deep=$deep/$(printf 'd%.0s' $(seq 220)); done
	start_daemon "$T/work"
	python3 - "$T/work" <<-'PY'
	import os, sys
	os.chdir(sys.argv[1])
	for n in range(20):
	    os.mkdir("d" * 220); os.chdir("d" * 220)
	os.mkdir("execplans"); os.chdir("execplans")
	open("plan.md", "w").write("# P\n\n## Progress\n\n- [ ] deep\n")
	PY
	tick "$PLAN" "write the"
	"$PLANCTL" sync
	[ "$(events item_done)" -eq 1 ]
	not grep -q "trying again" "$T/daemon.log"
}

@test "of several plans in a file, one that is gone takes no place of one that is there" {
	printf '# Alpha\n\n## Progress\n\n- [ ] alpha one\n\n# Beta\n\n## Progress\n\n- [ ] beta first\n- [ ] beta second\n' >"$PLAN"
	start_daemon "$T/work"
	sed -i '1,/alpha one/d' "$PLAN"
	"$PLANCTL" sync
	[ "$(events plan_gone)" -eq 1 ]
	sed -i 's/^# Beta/# Beta, renamed/; s/- \[ \] beta first/- [x] beta first/' "$PLAN"
	"$PLANCTL" sync
	[ "$(events item_done)" -eq 1 ]
	[ "$(events plan_returned)" -eq 0 ]
	rm "$PLAN"; "$PLANCTL" sync
	printf '# Beta, renamed\n\n## Progress\n\n- [x] beta first\n- [ ] beta second\n' >"$PLAN"; "$PLANCTL" sync
	[ "$("$PLANCTL" status --json | jq -c '[.data[].plan.title]')" = '["Beta, renamed"]' ]
	verified
}

@test "watching what is a root already changes no other root" {
	mkdir -p "$T/second" "$T/third"
	start_daemon "$T/work" "$T/second" "$T/third"
	"$PLANCTL" watch "$T/work"
	[ "$("$PLANCTL" roots --json | jq '[.data[] | select(.source == "command line")] | length')" -eq 3 ]
	run "$PLANCTL" unwatch "$T/third"
	[ "$status" -ne 0 ]
	[[ $output == *"command line"* ]]
}

@test "a file is never taken for a socket" {
	echo precious >"$T/note.txt"
	run "$PLANWATCHD" --socket "$T/note.txt" "$T/work"
	[ "$status" -eq 1 ]
	[[ $output == *"is no socket"* ]]
	[ "$(cat "$T/note.txt")" = precious ]
}

@test "what happened while the database could not be written has the interval of that" {
	start_daemon "$T/work"
	looked=$(date +%s%6N)
	python3 - "$DB" "$PLAN" "$T/daemon.log" <<-'PY'
	import sqlite3, sys, time
	lock = sqlite3.connect(sys.argv[1], isolation_level=None)
	lock.execute("BEGIN IMMEDIATE")
	plan = open(sys.argv[2]).read()
	open(sys.argv[2], "w").write(plan.replace("- [ ] Stage C", "- [x] Stage C"))
	deadline = time.time() + 20
	while "trying again" not in open(sys.argv[3]).read() and time.time() < deadline:
	    time.sleep(0.02)
	lock.execute("ROLLBACK")
	PY
	wait_until grep -q "can be written again" "$T/daemon.log"
	"$PLANCTL" sync
	[ "$(sql "SELECT not_before < $looked + 2000000 AND origin = 'rescan' FROM v_events WHERE kind = 'item_done'")" -eq 1 ]
	[ "$(sql "SELECT count(*) FROM v_coverage WHERE reason LIKE '%could not be written%'")" -eq 1 ]
	verified
}

root_problem() { # ROOT
	"$PLANCTL" roots --json | jq -r --arg root "$1" '.data[] | select(.path == $root) | .problem'
}

@test "a root that is deleted and made again is watched again" {
	start_daemon "$T/work"
	mv "$T/work" "$T/elsewhere"
	"$PLANCTL" sync
	[ "$(root_problem "$T/work")" != null ]
	"$PLANCTL" status --json | jq -e '.data | length == 0'
	mkdir -p "$T/work/execplans"
	write_plan "$PLAN"
	wait_until eval '[ "$(root_problem "$T/work")" = null ]'
	"$PLANCTL" sync
	"$PLANCTL" status --json | jq -e '.data | length == 1'
	tick "$PLAN" "write the"
	"$PLANCTL" sync
	[ "$(events item_done)" -eq 1 ]
	[ "$(events plan_found)" -eq 1 ]
	verified
}

@test "a root of the configuration that is not there yet is watched as soon as it is, folders above it included" {
	mkdir -p "$T/config/planwatch"
	printf '[watch]\nroot = %s\n' "$T/later/src/plans" >"$T/config/planwatch/planwatch.conf"
	start_daemon "$T/work"
	[ "$(root_problem "$T/later/src/plans")" != null ]
	mkdir -p "$T/later/src/plans"
	write_plan "$T/later/src/plans/new.md"
	wait_until eval '[ "$(root_problem "$T/later/src/plans")" = null ]'
	"$PLANCTL" sync
	"$PLANCTL" status --json | jq -e '[.data[].plan.path] | any(endswith("new.md"))'
	rm -r "$T/later"
	"$PLANCTL" sync
	mkdir -p "$T/later/src"
	mkdir "$T/later/src/plans"
	wait_until eval '[ "$(root_problem "$T/later/src/plans")" = null ]'
	verified
}

@test "a file that is a root comes back" {
	start_daemon "$PLAN"
	rm "$PLAN"
	"$PLANCTL" sync
	write_plan "$PLAN"
	"$PLANCTL" sync
	"$PLANCTL" status --json | jq -e '.data | length == 1'
}

@test "the configuration is read again, and a wrong one changes nothing" {
	mkdir -p "$T/config/planwatch" "$T/second/execplans"
	write_plan "$T/second/execplans/b.md"
	start_daemon "$T/work"
	printf '[watch]\nroot = %s\n[limits]\nstall_after = 3h\n' "$T/second" >"$T/config/planwatch/planwatch.conf"
	"$PLANCTL" reload
	"$PLANCTL" sync
	"$PLANCTL" status --json | jq -e '.data | length == 2'
	printf '[watch]\nroots = x\n' >"$T/config/planwatch/planwatch.conf"
	run "$PLANCTL" --config /dev/null reload
	[ "$status" -eq 2 ]
	[[ "$output" == *"planwatch.conf:2:"* ]]
	kill -HUP "$DAEMON"
	wait_until grep -q "the last good configuration stays" "$T/daemon.log"
	"$PLANCTL" --config /dev/null roots --json | jq -e '.data | length == 2'
	: >"$T/config/planwatch/planwatch.conf"
	kill -HUP "$DAEMON"
	wait_until eval '[ "$("$PLANCTL" roots --json | jq ".data | length")" -eq 1 ]'
	"$PLANCTL" status --json | jq -e '.data | length == 1'
	verified
}

@test "a configuration that never ends is refused" {
	mkfifo "$T/pipe"
	for file in /dev/zero "$T/pipe"; do
		run timeout 10 "$PLANWATCHD" --config "$file" "$T/work"
		[ "$status" -eq 2 ]
		[[ "$output" == *"no regular file"* ]]
	done
}

@test "two daemons at one socket: the second says so, even without a listener yet" {
	start_daemon "$T/work"
	run timeout 10 "$PLANWATCHD" --db "$T/other.db" "$T/work"
	[ "$status" -ne 0 ]
	[[ "$output" == *"another planwatchd listens there"* ]]
	rm "$XDG_RUNTIME_DIR/planwatch/socket"
	run timeout 10 "$PLANWATCHD" --db "$T/other.db" "$T/work"
	[ "$status" -ne 0 ]
	[[ "$output" == *"another planwatchd listens there"* ]]
}

@test "what makes no event is seen by polling, where that is asked for" {
	mkdir -p "$T/config/planwatch"
	printf '[watch]\npoll = %s\n' "$T/work" >"$T/config/planwatch/planwatch.conf"
	start_daemon "$T/work"
	"$PLANCTL" roots --json | jq -e '.data[0].polled == true'
	ln "$PLAN" "$T/elsewhere.md" # a write through it makes no event in a watched folder
	"$PLANCTL" sync
	sed 's/\[ \] Stage B: write/[x] Stage B: write/' "$PLAN" >"$T/edited"
	cat "$T/edited" >"$T/elsewhere.md"
	wait_until eval '[ "$(events item_done)" -eq 1 ]'
	"$PLANCTL" doctor | grep -q "^note.root.*polled"
	: >"$T/config/planwatch/planwatch.conf"
	"$PLANCTL" reload
	"$PLANCTL" roots --json | jq -e '.data[0].polled == false'
	verified
}

@test "a database that is deleted below the daemon is begun anew, with the roots, and says so" {
	start_daemon
	"$PLANCTL" watch "$T/work"
	rm -r "$XDG_STATE_HOME/planwatch"
	tick "$PLAN" "Stage B: write"
	wait_until grep -q "the database can be written again" "$T/daemon.log"
	grep -q "was deleted or moved away" "$T/daemon.log"
	[ "$(grep -c "deleted or moved" "$T/daemon.log")" -eq 1 ]
	"$PLANCTL" sync
	[ "$(sql "SELECT done FROM v_plans")" -eq 2 ]
	[ "$(events gap)" -eq 1 ]
	tick "$PLAN" "Stage B: test"
	"$PLANCTL" sync
	[ "$(events item_done)" -eq 1 ]
	stop_daemon
	start_daemon
	"$PLANCTL" roots --json | jq -e '.data | length == 1 and .[0].source == "registered"'
	verified
}

@test "folders beyond the limit of watches are polled, said, and watched when it is raised" {
	unshare -rU true 2>/dev/null || skip "no user namespaces here"
	mkdir -p "$T/work/a/execplans" "$T/work/b/execplans"
	write_plan "$T/work/a/execplans/a.md"
	write_plan "$T/work/b/execplans/b.md"
	BUILD_DIR=$BUILD run unshare -rU bash -ec '
		BATS_TEST_DIRNAME='"$BATS_TEST_DIRNAME"' BATS_TEST_TMPDIR='"$BATS_TEST_TMPDIR"'
		. "$BATS_TEST_DIRNAME/helpers.bash"
		private_world
		trap end_world EXIT
		limit=/proc/sys/user/max_inotify_watches
		echo 3 >$limit
		start_daemon "$T/work"
		"$PLANCTL" doctor --json | jq -e ".data.checks[] | select(.name == \"limits\") | .health == \"bad\""
		"$PLANCTL" status --json | jq -e ".coverage.limited == true and .coverage.polled == 1"
		for plan in "$PLAN" "$T/work/a/execplans/a.md" "$T/work/b/execplans/b.md"; do
			tick "$plan" "Stage B: write"
		done
		wait_until eval "[ \$(events item_done) -eq 3 ]"
		echo 100 >$limit
		wait_until eval "! \"\$PLANCTL\" roots --json | jq -e .data[0].polled"
		tick "$PLAN" "Stage B: test"
		"$PLANCTL" sync
		[ "$(events item_done)" -eq 4 ]
		grep "not watched, but polled.*max_user_watches" "$T/daemon.log"
		grep "every folder is watched now" "$T/daemon.log"
		verified
	'
	echo "$output"
	[ "$status" -eq 0 ]
}
