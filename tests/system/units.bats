#!/usr/bin/env bats
# The units under a real user manager: started, ready, reloaded, killed by the watchdog, started by a connection, stopped.
load ../e2e/helpers
load manager

setup_file() { start_manager; }
teardown_file() { stop_manager; }

setup() {
	[ -z "$REFUSED" ] || skip "$REFUSED"
	as_user mkdir -p /home/me/src/execplans /home/me/.config/planwatch
	: | as_user tee /home/me/log
	write_plan "$BATS_TEST_TMPDIR/plan.md"
	as_user tee /home/me/src/execplans/add-parser.md <"$BATS_TEST_TMPDIR/plan.md" >/dev/null
	printf '[watch]\nroot = ~/src\n' | as_user tee /home/me/.config/planwatch/planwatch.conf >/dev/null
}

teardown() {
	[ -z "$REFUSED" ] || return 0
	ctl stop planwatchd.socket planwatchd.service 2>/dev/null || true
	ctl reset-failed 2>/dev/null || true
	as_user rm -rf /home/me/.config /home/me/.local
	ctl daemon-reload
	[ -n "${BATS_TEST_COMPLETED:-}" ] || as_user tail -n 30 /home/me/log
}

override() { # UNIT LINE...: a drop-in
	as_user mkdir -p "/home/me/.config/systemd/user/$1.d"
	printf '%s\n' "${@:2}" | as_user tee "/home/me/.config/systemd/user/$1.d/test.conf" >/dev/null
	ctl daemon-reload
}

@test "it starts, is ready when it has looked, records in its sandbox, and stops within a second" {
	ctl start planwatchd
	[ "$(property planwatchd ActiveState)" = active ]
	# Ready means: the first look is taken and recorded.
	as_user planctl status --json | jq -e '.data | length == 1 and .[0].total == 4'
	as_user sed -i 's/^- \[ \] Stage B: write/- [x] Stage B: write/' /home/me/src/execplans/add-parser.md
	as_user planctl sync
	as_user planctl log --json --kind item_done | jq -e '.data | length == 1'
	[ "$(as_user stat -c %a /home/me/.local/state/planwatch /home/me/.local/state/planwatch/planwatch.db | tr '\n' ' ')" = "700 600 " ]
	before=$(date +%s%N)
	ctl stop planwatchd.socket planwatchd
	[ $((($(date +%s%N) - before) / 1000000)) -lt 1000 ]
	[ "$(property planwatchd Result)" = success ]
	as_user planctl verify
}

@test "the sandbox holds: nothing of the user's but the record can be written, no network, no rights" {
	ctl start planwatchd
	pid=$(property planwatchd MainPID)
	inside() { nsenter -t "$INSIDE" -m -p nsenter -t "$pid" -m setpriv --reuid $MANAGED_UID --regid $MANAGED_UID --clear-groups "$@"; }
	for place in /home/me /home/me/src /home/me/.config /tmp /usr; do
		run inside touch "$place/planwatch-was-here"
		[[ $output == *"Read-only file system"* ]] || { echo "$place: $output"; false; }
	done
	inside touch /home/me/.local/state/planwatch/probe
	status_of=$(nsenter -t "$INSIDE" -m -p cat "/proc/$pid/status")
	grep -q '^NoNewPrivs:.1' <<<"$status_of"
	grep -q '^Seccomp:.2' <<<"$status_of"
	grep -q '^CapEff:.0000000000000000' <<<"$status_of"
	[ "$(nsenter -t "$INSIDE" -m -p readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

@test "a sandbox that forbids what plans are read with is told, instead of nothing being seen" {
	override planwatchd.service '[Service]' RestrictSUIDSGID=yes
	run ctl start planwatchd
	[ "$status" -ne 0 ]
	logged 'plans cannot be read: openat2(2): '
}

@test "a reload reads the configuration again, and the unit is told when it is done" {
	ctl start planwatchd
	[ "$(as_user planctl roots --json | jq '.data | length')" -eq 1 ]
	as_user mkdir -p /home/me/other
	printf 'root = ~/other\n' | as_user tee -a /home/me/.config/planwatch/planwatch.conf >/dev/null
	ctl reload planwatchd
	more_roots() { as_user planctl roots --json --config /dev/null | jq -e '.data | length == 2'; }
	wait_until more_roots
	[ "$(property planwatchd NRestarts)" -eq 0 ]
	# A configuration that is wrong changes nothing and ends nothing.
	printf 'nonsense\n' | as_user tee -a /home/me/.config/planwatch/planwatch.conf >/dev/null
	ctl reload planwatchd
	wait_until logged 'the last good configuration stays'
	more_roots
}

@test "the watchdog kills one that hangs, and it is started again" {
	override planwatchd.service '[Service]' WatchdogSec=1 RestartSec=100ms
	ctl start planwatchd
	pid=$(property planwatchd MainPID)
	as_user kill -STOP "$pid"
	back() { [ "$(property planwatchd NRestarts)" -ge 1 ] && [ "$(property planwatchd ActiveState)" = active ]; }
	wait_until back
	[ "$(property planwatchd MainPID)" != "$pid" ]
	as_user planctl ping
	as_user planctl verify
}

@test "one that is killed is started again; one with a wrong configuration is not" {
	override planwatchd.service '[Service]' RestartSec=100ms
	ctl start planwatchd
	as_user kill -KILL "$(property planwatchd MainPID)"
	back() { [ "$(property planwatchd NRestarts)" -ge 1 ] && [ "$(property planwatchd ActiveState)" = active ]; }
	wait_until back
	ctl stop planwatchd.socket planwatchd
	printf 'nonsense\n' | as_user tee /home/me/.config/planwatch/planwatch.conf >/dev/null
	run ctl start planwatchd
	[ "$status" -ne 0 ]
	[ "$(property planwatchd ActiveState)" = failed ]
	[ "$(property planwatchd NRestarts)" -eq 0 ]
	logged 'planwatch.conf:1: '
}

@test "a connection starts it, and is answered; the socket outlives it" {
	ctl start planwatchd.socket
	[ "$(property planwatchd ActiveState)" = inactive ]
	[ "$(as_user stat -c %a /run/user/$MANAGED_UID/planwatch /run/user/$MANAGED_UID/planwatch/socket | tr '\n' ' ')" = "700 600 " ]
	as_user planctl sync
	[ "$(property planwatchd ActiveState)" = active ]
	pid=$(property planwatchd MainPID)
	[ "$(as_user planctl ping --json | jq .data.pid)" -gt 0 ]
	ctl stop planwatchd.service
	as_user test -S /run/user/$MANAGED_UID/planwatch/socket
	as_user planctl ping
	[ "$(property planwatchd MainPID)" != "$pid" ]
	ctl stop planwatchd.socket planwatchd.service
	run as_user test -e /run/user/$MANAGED_UID/planwatch/socket
	[ "$status" -ne 0 ]
}

@test "one started by hand and the units: the second says who is there, and neither takes the other's address away" {
	# By hand beside the running unit.
	ctl start planwatchd
	run as_user planwatchd --db /home/me/other.db
	[ "$status" -eq 1 ]
	[[ $output == *"another planwatchd listens there"* ]]
	as_user planctl ping
	ctl stop planwatchd.socket planwatchd
	# The socket unit takes the address from one that was started by hand; when that one ends, the unit's socket stays.
	override planwatchd.service '[Unit]' StartLimitIntervalSec=0 '[Service]' RestartSec=100ms
	as_user planwatchd --db /home/me/other.db 3>&- 2>"$W/by-hand.log" &
	wait_until as_user planctl ping
	by_hand=$(as_user planctl ping --json | jq .data.pid)
	ctl start planwatchd.socket
	# Who connects now wakes the unit, which waits for the other to end.
	as_user planctl ping -q 3>&- &
	wait_until logged "another planwatchd listens there"
	as_user kill "$by_hand"
	# Its question is answered by the unit, when the other has gone.
	wait $!
	as_user test -S /run/user/$MANAGED_UID/planwatch/socket
	[ "$(property planwatchd MainPID)" != "$by_hand" ]
	[ "$(property planwatchd ActiveState)" = active ]
	as_user planctl verify
}

@test "the preset starts nothing that nobody asked for; enabling brings the socket" {
	[ "$(ctl is-enabled planwatchd.service planwatchd.socket planwatch-notify.service | sort -u)" = disabled ]
	nsenter -t "$INSIDE" -m install -D -t /run/systemd/user-preset "$PREFIX/lib/systemd/user-preset/80-planwatch.preset"
	ctl preset planwatchd.service planwatchd.socket planwatch-notify.service
	[ "$(ctl is-enabled planwatchd.service planwatchd.socket planwatch-notify.service | sort -u)" = disabled ]
	ctl enable planwatchd.service
	[ "$(ctl is-enabled planwatchd.service planwatchd.socket | sort -u)" = enabled ]
}

@test "the notifier follows the graphical session, and needs nothing of it to record" {
	override planwatch-notify.service '[Service]' ExecStart= "ExecStart=/bin/sleep 100"
	as_user mkdir -p /home/me/.config/systemd/user
	printf '[Unit]\nBindsTo=graphical-session.target\nBefore=graphical-session.target\n' |
		as_user tee /home/me/.config/systemd/user/desktop.target >/dev/null
	ctl daemon-reload
	ctl enable planwatch-notify.service
	ctl start planwatchd
	[ "$(property planwatch-notify ActiveState)" = inactive ]
	ctl start desktop.target
	wait_until test_active planwatch-notify
	ctl stop desktop.target graphical-session.target
	wait_until test_inactive planwatch-notify
	[ "$(property planwatchd ActiveState)" = active ]
}
test_active() { [ "$(property "$1" ActiveState)" = active ]; }
test_inactive() { [ "$(property "$1" ActiveState)" = inactive ]; }

@test "systemd finds no fault in the units, and grades the sandbox as good as a user unit's can be" {
	as_user systemd-analyze --user verify --recursive-errors=no "$PREFIX"/lib/systemd/user/planwatch*.*
	run as_user systemd-analyze --user verify --recursive-errors=no "$PREFIX"/lib/systemd/user/planwatch*.*
	[ -z "$output" ]
	as_user systemd-analyze --user security --offline=yes --threshold=13 "$PREFIX/lib/systemd/user/planwatchd.service"
}

@test "without user namespaces, the drop-in of planwatchd(8) makes it start" {
	sed -n '/^PrivateUsers=no/,/^\.Ed/{/^\.Ed/!p}' "$SOURCE/man/planwatchd.8" >"$BATS_TEST_TMPDIR/dropin"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/dropin")" -gt 3 ]
	override planwatchd.service '[Service]' "$(cat "$BATS_TEST_TMPDIR/dropin")"
	ctl start planwatchd
	[ "$(nsenter -t "$INSIDE" -m -p readlink "/proc/$(property planwatchd MainPID)/ns/user")" = "$(readlink /proc/self/ns/user)" ]
	as_user planctl sync
}
