#!/usr/bin/env bats
# What a bar runs every few seconds: fast enough not to be felt. (Not under a sanitizer, which is why it is not in e2e.)
load ../e2e/helpers

setup() { private_world; }
teardown() { end_world; }

@test "a status line takes less than 20 ms with 500 plans, at its best of twenty" {
	for n in $(seq 500); do write_plan "$T/work/execplans/$n.md"; done
	start_daemon "$T/work"
	best=1000000
	for n in $(seq 20); do
		before=$(date +%s%N)
		"$PLANCTL" status --format waybar >"$T/line"
		took=$((($(date +%s%N) - before) / 1000))
		[ "$took" -ge "$best" ] || best=$took
	done
	jq -e '.text | endswith("(+499)")' "$T/line"
	echo "best: $best us"
	[ "$best" -lt 20000 ]
}
