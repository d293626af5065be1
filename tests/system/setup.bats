#!/usr/bin/env bats
# planctl setup with a real user manager: from nothing to a daemon that watches, and back.
load ../e2e/helpers
load manager

setup_file() { start_manager; }
teardown_file() { stop_manager; }
setup() { [ -z "$REFUSED" ] || skip "$REFUSED"; }

@test "planctl setup enables and starts the units, and --undo takes all of it back" {
	as_user mkdir -p /home/me/src/parser/execplans /home/me/src/parser/.git
	write_plan "$BATS_TEST_TMPDIR/plan.md"
	as_user tee /home/me/src/parser/execplans/a.md <"$BATS_TEST_TMPDIR/plan.md" >/dev/null
	as_user planctl setup --yes
	[ "$(property planwatchd ActiveState)" = active ]
	[ "$(ctl is-enabled planwatchd.service planwatchd.socket | sort -u)" = enabled ]
	[ "$(as_user planctl status --format plain)" = "moving: Add a parser 1/4" ]
	# A daemon that runs already learns of a root that comes later.
	as_user mkdir /home/me/more
	as_user planctl setup --yes /home/me/more
	as_user planctl roots --json | jq -e '.data | length == 2'
	as_user planctl setup --yes --undo
	[ "$(property planwatchd ActiveState)" = inactive ]
	run ctl is-enabled planwatchd.service planwatchd.socket planwatch-notify.service
	[ "$(sort -u <<<"$output")" = disabled ]
	run as_user ls /home/me/.config/planwatch /home/me/.local/state/planwatch
	[[ $output != *planwatch.conf* && $output == *planwatch.db* ]]
}
