#!/usr/bin/env bats
# Plans, names, files and clients that mean harm. More of it: import.bats (repositories), checklist.bats (formats, in the hands of
# their programs), bars.bats, notify.bats (markup), life.bats (garbage at the socket), record.bats (links, pipes). SECURITY.md has the list.
load helpers

setup() { private_world; }
teardown() { end_world; }

alerts() { [ "$(sql "SELECT count(*) FROM v_episodes")" -ge "$1" ]; }

@test "plans, names and arguments stay text: in a pipe, at a terminal, as JSON, in each format, in errors and in the log" {
	mkdir -p "$XDG_CONFIG_HOME/planwatch"
	printf '[limits]\nstall_after = 1s\n' >"$XDG_CONFIG_HOME/planwatch/planwatch.conf"
	"$BATS_TEST_DIRNAME/hostile.py" "$BUILD" "$T" --make
	start_daemon "$T/work"
	wait_until alerts 4
	cd "$T"
	run "$BATS_TEST_DIRNAME/hostile.py" "$BUILD" "$T"
	echo "$output"
	[ "$status" -eq 0 ]
	verified
}
