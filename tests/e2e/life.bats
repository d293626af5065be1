#!/usr/bin/env bats
# Starting, stopping, dying, and coming back.
load helpers

setup() { private_world; write_plan "$PLAN"; }
teardown() { end_world; }

@test "SIGTERM ends it within a second, with everything recorded" {
	start_daemon "$T/work"
	tick "$PLAN" "write the"
	before=$(date +%s%N)
	stop_daemon
	[ $((($(date +%s%N) - before) / 1000000)) -lt 1000 ]
	[ "$(events item_done)" -eq 1 ]
	[ ! -e "$XDG_RUNTIME_DIR/planwatch/socket" ]
	verified
}

@test "what happened while it was stopped is found, told once, with the interval" {
	start_daemon "$T/work"
	stop_daemon
	looked=$(sql "SELECT max(at) FROM v_events")
	tick "$PLAN" "write the"
	start_daemon "$T/work"
	[ "$(events item_done)" -eq 1 ]
	"$PLANCTL" log --json --kind item_done | jq -e '.data[0] | .origin == "startup" and .not_before < .at'
	[ "$(sql "SELECT not_before >= $looked FROM v_events WHERE kind = 'item_done'")" -eq 1 ]
	[ "$(sql "SELECT reason FROM v_coverage")" = "planwatchd was not running" ]
	verified
}

@test "a restart over an unchanged tree writes no row" {
	for n in 1 2 3; do write_plan "$T/work/execplans/plan-$n.md"; done
	start_daemon "$T/work"
	stop_daemon
	rows() { for table in $(sqlite3 "$DB" "SELECT name FROM sqlite_schema WHERE type = 'table'"); do sql "SELECT '$table', count(*) FROM $table"; done; }
	before=$(rows; sha256sum <"$DB")
	start_daemon "$T/work"
	stop_daemon
	[ "$(rows; sha256sum <"$DB")" = "$before" ]
}

@test "a plan that was moved or deleted while it was stopped" {
	write_plan "$T/work/execplans/second.md"
	sed -i 's/Add a parser/Second/' "$T/work/execplans/second.md"
	start_daemon "$T/work"
	stop_daemon
	mkdir "$T/work/execplans/completed"
	mv "$PLAN" "$T/work/execplans/completed/"
	rm "$T/work/execplans/second.md"
	start_daemon "$T/work"
	[ "$(events plan_moved)" -eq 1 ]
	[ "$(events plan_gone)" -eq 1 ]
	[ "$(sql "SELECT path FROM v_plans WHERE present")" = "$T/work/execplans/completed/add-parser.md" ]
	verified
}

@test "SIGKILL at any moment leaves a database that the next start continues from" {
	rounds=${PLANWATCH_KILL_ROUNDS:-10}
	start_daemon "$T/work"
	for round in $(seq "$rounds"); do
		(
			for n in $(seq 40); do
				if [ $((n % 2)) -eq 1 ]; then sed -i 's/^- \[ \]/- [x]/' "$PLAN"; else sed -i 's/^- \[x\]/- [ ]/' "$PLAN"; fi
				printf '\nNote %s of round %s.\n' "$n" "$round" >>"$PLAN"
			done
		) &
		writer=$!
		# At a moment that differs from round to round: after so many saves.
		wait_until eval '[ "$(grep -c "of round $round\." "$PLAN")" -ge $((round * 7 % 37 + 1)) ]'
		kill_daemon
		wait $writer
		"$PLANCTL" verify
		start_daemon "$T/work"
		"$PLANCTL" verify
		[ "$("$PLANCTL" parse "$PLAN" --json | jq -c '[.data[0].items[] | [.line, .mark, .text]]')" = \
			"$("$PLANCTL" show add-parser --json | jq -c '[.data.items[] | [.line, .mark, .text]]')" ]
	done
	[ "$(events plan_found)" -eq 1 ]
	[ "$(events item_added)" -eq 4 ]
	[ "$(events item_removed)" -eq 0 ]
}

@test "of two daemons on one database the second says who holds it" {
	start_daemon "$T/work"
	run "$PLANWATCHD" --socket "$T/other" "$T/work"
	[ "$status" -eq 1 ]
	[[ $output == *"another program writes this database: planwatchd, process $DAEMON"* ]]
	run "$PLANWATCHD" --db "$T/other.db" "$T/work"
	[ "$status" -eq 1 ]
	[[ $output == *"another planwatchd listens there"* ]]
	"$PLANCTL" ping
}

@test "the database is the user's alone, and of others it refuses what it does not know" {
	start_daemon "$T/work"
	[ "$(stat -c %a "$DB")" = 600 ]
	[ "$(stat -c %a "$(dirname "$DB")")" = 700 ]
	[ "$(stat -c %a "$XDG_RUNTIME_DIR/planwatch/socket")" = 600 ]
	stop_daemon
	sqlite3 "$DB" "PRAGMA user_version = 99"
	run "$PLANWATCHD" "$T/work"
	[ "$status" -eq 1 ]
	[[ $output == *"newer Planwatch"* ]]
	run "$PLANCTL" status
	[ "$status" -eq 5 ]
	sqlite3 "$T/foreign.db" "CREATE TABLE theirs (x)"
	run "$PLANWATCHD" --db "$T/foreign.db" "$T/work"
	[ "$status" -eq 1 ]
	[[ $output == *"not a Planwatch database"* ]]
	head -c 20000 /dev/urandom >"$T/noise.db"
	run "$PLANCTL" status --db "$T/noise.db"
	[ "$status" -eq 5 ]
}

@test "history cannot be changed: the tables of events refuse it" {
	start_daemon "$T/work"
	stop_daemon
	for change in "events SET kind = 1" "observations SET at = 1" "contents SET size = 1" "texts SET text = 'x'"; do
		run sqlite3 "$DB" "UPDATE $change"
		[ "$status" -ne 0 ]
		[[ $output == *"${change%% *} is append-only"* ]]
	done
	run sqlite3 "$DB" "DELETE FROM events"
	[[ $output == *"events is append-only"* ]]
}

@test "verify finds what was tampered with" {
	start_daemon "$T/work"
	tick "$PLAN" "write the"; "$PLANCTL" sync
	stop_daemon
	"$PLANCTL" verify -q
	cp "$DB" "$T/sound.db"
	sqlite3 "$DB" "UPDATE items SET mark = 'x', state = 1 WHERE id = 4"
	run "$PLANCTL" verify
	[ "$status" -eq 1 ]
	[[ $output == *"law 1: the events do not give the items as they stand"* ]]
	cp "$T/sound.db" "$DB"
	sqlite3 "$DB" "DROP TRIGGER events_no_delete; DELETE FROM events WHERE kind = 6"
	run "$PLANCTL" verify
	[ "$status" -eq 1 ]
	[[ $output == *"law 1: the events do not give the items"* ]]
	cp "$T/sound.db" "$DB"
	sqlite3 "$DB" "UPDATE items SET position = 5 - position"
	run "$PLANCTL" verify
	[ "$status" -eq 1 ]
}

@test "a full disk holds it up, loses nothing that still stands, and is told" {
	unshare -rm true 2>/dev/null || skip "no private mounts here"
	BUILD_DIR=$BUILD run unshare -rm bash -ec '
		mkdir -p "$1/state/planwatch"; mount -t tmpfs -o size=600k none "$1/state/planwatch"
		. "'"$BATS_TEST_DIRNAME"'/helpers.bash"
		T=$1 PLAN=$1/work/execplans/add-parser.md
		start_daemon "$T/work"
		dd if=/dev/zero of="$T/state/planwatch/filler" bs=1k 2>/dev/null || true
		for n in $(seq 60); do head -c 3000 /dev/urandom | base64 >>"$PLAN"; "$PLANCTL" ping -q; done
		sed -i "s/^- \[ \] Stage B: write/- [x] Stage B: write/" "$PLAN"
		wait_until grep -q "the disk is full" "$T/daemon.log"
		"$PLANCTL" ping -q
		status=0; "$PLANCTL" sync 2>"$T/told" || status=$?
		[ "$status" -eq 5 ]; grep -q "the disk is full" "$T/told"
		rm "$T/state/planwatch/filler"
		wait_until grep -q "can be written again" "$T/daemon.log"
		"$PLANCTL" sync
		"$PLANCTL" verify
		"$PLANCTL" log --json --kind item_done | jq -e ".data | length == 1"
		"$PLANCTL" log --json --kind gap | jq -e ".data | length >= 1"
		stop_daemon
	' _ "$T"
	[ "$status" -eq 0 ] || { echo "$output"; cat "$T/daemon.log"; false; }
}

@test "the socket bears nonsense: garbage, half a line, a megabyte, and clients that go away" {
	start_daemon "$T/work"
	run python3 - "$XDG_RUNTIME_DIR/planwatch/socket" <<-'PY'
	import socket, sys, json
	def connect():
	    s = socket.socket(socket.AF_UNIX); s.settimeout(10); s.connect(sys.argv[1]); return s
	def ask(s, line):
	    s.sendall(line); return json.loads(s.makefile().readline())
	s = connect()
	assert not ask(s, b"nonsense\n")["ok"]
	assert not ask(s, b"{}\n")["ok"]
	assert not ask(s, b'{"method":"dance"}\n')["ok"]
	assert not ask(s, b'{"method":"watch","path":"relative"}\n')["ok"]
	assert not ask(s, b'{"method":"shown","episode":12345}\n')["ok"]
	assert not ask(s, b"[" * 5000 + b"\n")["ok"]
	assert ask(s, b'{"method":"ping"}\n')["ok"]
	half = connect(); half.sendall(b'{"method":')
	big = connect()
	try:
	    big.sendall(b"x" * (1 << 20))
	    big.recv(100000)
	except OSError:
	    pass
	for n in range(200):
	    c = connect(); c.sendall(b'{"method":"sync"}\n'); c.close()
	assert ask(s, b'{"method":"ping"}\n')["ok"]
	PY
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	tick "$PLAN" "write the"; "$PLANCTL" sync
	[ "$(events item_done)" -eq 1 ]
}

@test "what was destroyed while nobody looked has its gap, though it is held for a moment first" {
	start_daemon "$T/work"
	stop_daemon
	sed -i '/Stage C/d' "$PLAN"
	start_daemon "$T/work"
	"$PLANCTL" sync
	[ "$(events item_removed)" -eq 1 ]
	[ "$(events gap)" -eq 1 ]
	[ "$(sql "SELECT count(*) FROM v_coverage WHERE blind_from IS NOT NULL")" -eq 1 ]
	[ "$(sql "SELECT origin FROM v_events WHERE kind = 'item_removed'")" = startup ]
}
