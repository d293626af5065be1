#!/usr/bin/env bats
# Replays: what would have been said of a plan, and when, from a folder of its revisions and from the record.
load helpers

setup() { private_world; H=$T/history; mkdir "$H"; write_plan "$PLAN"; }
teardown() { end_world; }

# revision TIME: the plan as it is now, of 2026-01-05.
revision() {
	local n
	n=$(find "$H" -type f | wc -l)
	cp "$PLAN" "$H/$(printf '%04d_%s_x.md' $((n + 1)) "$(date -u -d "2026-01-05T$1Z" +%s)")"
}

told() { "$PLANCTL" replay "$@" "$H" | cut -f 1-4 | sed 's/^2026-01-//; s/\t/ /g'; }

without_limit() { sed -i '/^- Time/d' "$PLAN"; }
tick_all() { sed -i 's/^- \[ \]/- [x]/' "$PLAN"; }

@test "a limit is told at its moment: nearing, over, and that it is over with" {
	revision 10:00
	sed -i 's/^- \[ \] Stage B/- [x] Stage B/' "$PLAN"; revision 15:00
	tick_all; revision 15:30
	run told
	echo "$output"
	[ "${lines[0]}" = "05T13:12:00.000001Z fired nearing nearing" ]
	[ "${lines[1]}" = "05T14:00:00.000001Z worsened over over" ]
	[ "${lines[2]}" = "05T15:00:00.000000Z resolved over moving" ]
	[ "${lines[3]}" = "total 1 19800 1" ]
	[ "${#lines[@]}" -eq 4 ]
}

@test "silence is told once, under the words that fit, until the next tick" {
	without_limit
	revision 10:00
	echo "A thought." >>"$PLAN"; revision 11:00
	tick "$PLAN" "write the"; revision 15:00
	tick_all; revision 15:30
	run told
	echo "$output"
	[ "${lines[0]}" = "05T12:00:00.000001Z fired churning churning" ]
	[ "${lines[1]}" = "05T13:00:00.000001Z turned stalled stalled" ]
	[ "${lines[2]}" = "05T15:00:00.000000Z resolved stalled moving" ]
	# It counts as the gravest that it came to.
	"$PLANCTL" replay --json "$H" | jq -e '.data.sources[0].episodes == {"needs_you":0,"over":0,"stalled":1,"drifting":0,"churning":0,"nearing":0}'
	"$PLANCTL" replay --json "$H" | jq -e '.data.sources[0].changes[0] |
		.reason == "edited, but nothing ticked for 2 h" and .limit == {"seconds":7200,"source":"default","line":null}
		and .episode == {"verdict":"churning","fired_at":"2026-01-05T12:00:00.000001Z"} and .plan == {"title":"Add a parser","part":1}'
}

@test "a tick in time is no alert, and one a microsecond late is none before it" {
	without_limit
	revision 10:00
	tick "$PLAN" "write the"; revision 12:00
	tick_all; revision 14:00
	run told
	[ "${#lines[@]}" -eq 1 ]
	[ "${lines[0]}" = "total 1 14400 0" ]
}

@test "settings are tried with --config" {
	without_limit
	revision 10:00
	tick_all; revision 15:00
	printf '[limits]\nstall_after = %s\n' 30m >"$T/soon.conf"
	printf '[limits]\nstall_after = %s\n' 6h >"$T/late.conf"
	[ "$(told --config "$T/soon.conf" | head -n 1)" = "05T10:30:00.000001Z fired stalled stalled" ]
	[ "$(told --config "$T/late.conf")" = "total 1 18000 0" ]
	# Of one path only.
	printf '[limits elsewhere]\npath = %s\nstall_after = 1h\n[limits here]\npath = %s\nstall_after = 90m\n' "$T/work" "$H" >"$T/here.conf"
	[ "$(told --config "$T/here.conf" | head -n 1)" = "05T11:30:00.000001Z fired stalled stalled" ]
}

@test "a waiting draft is told and told again; --until and the end of a folder" {
	sed -i 's/^Status: .*/Status: DRAFT/; s/^- \[x\]/- [ ]/' "$PLAN"
	revision 10:00
	run told --until 2026-01-07T17:00:00Z
	echo "$output"
	[ "${lines[0]}" = "05T10:11:00.000000Z fired needs_you needs_you" ]
	[ "${lines[1]}" = "05T14:11:00.000000Z reminded needs_you needs_you" ]
	[ "${lines[2]}" = "05T22:11:00.000000Z reminded needs_you needs_you" ]
	[ "${lines[3]}" = "06T14:11:00.000000Z reminded needs_you needs_you" ]
	[ "${lines[4]}" = "07T14:11:00.000000Z reminded needs_you needs_you" ]
	[ "${lines[5]}" = "total 1 198000 1" ]
	# A day after the last revision, where nothing is said.
	[ "$(told | tail -n 1)" = "total 1 86400 1" ]
	[ "$(told --until 2026-01-05T10:11:00Z | head -n 1)" = "05T10:11:00.000000Z fired needs_you needs_you" ]
	[ "$(told --until 2026-01-05T10:10:59Z)" = "total 1 659 0" ]
}

@test "--step tells the verdict at each step, and changes nothing else" {
	revision 10:00
	without_limit; revision 11:07
	sed -i 's/^Status: .*/Status: BLOCKED/' "$PLAN"; revision 14:20
	sed -i 's/^Status: .*/Status: IN PROGRESS/' "$PLAN"; revision 18:20
	tick_all; revision 23:59
	told --all >"$T/plain"
	told --all --step 10m >"$T/steps"
	diff "$T/plain" <(grep -v ' step ' "$T/steps")
	# A day and 13:59 from the first look, both ends.
	[ "$(grep -c ' step ' "$T/steps")" -eq 228 ]
	grep -q '^05T12:00:00.000000Z step  moving' "$T/steps"
	grep -q '^05T17:00:00.000000Z step needs_you needs_you' "$T/steps"
	grep -q '^05T14:20:00.000000Z resolved stalled needs_you$' "$T/plain"
	# Who gets an answer begins anew.
	grep -q '^05T18:20:00.000000Z resolved needs_you moving$' "$T/plain"
	grep -q '^05T20:20:00.000001Z fired stalled stalled$' "$T/plain"
}

@test "a plan that is gone has no alert; one that comes back goes on" {
	start_daemon "$T/work"
	mv "$PLAN" "$T/away"; wait_until eval '"$PLANCTL" sync; [ "$(events plan_gone)" -eq 1 ]'
	mv "$T/away" "$PLAN"; wait_until eval '"$PLANCTL" sync; [ "$(events plan_returned)" -eq 1 ]'
	run "$PLANCTL" replay add-parser --all --now "$(date -u -d +1hour +%Y-%m-%dT%H:%M:%SZ)"
	echo "$output"
	[ "$(cut -f 2,4 <<<"$output" | head -n 3 | tr '\t\n' '  ')" = "verdict moving verdict unknown verdict moving " ]
	[[ ${lines[1]} == *"the plan is not there" ]]
}

@test "from the record: what the daemon told is what a replay tells" {
	sed -i 's/more than 4 hours/more than 1 second/' "$PLAN"
	start_daemon "$T/work"
	wait_until eval '[ "$(sql "SELECT verdict FROM v_episodes")" = over ]'
	# The daemon counts from the file's own time, a replay from the first look: both have passed.
	wait_until eval '[ "$(sql "SELECT first_seen_at < (julianday() - 2440587.5) * 86400e6 - 1.1e6 FROM v_plans")" -eq 1 ]'
	sed -i 's/more than 1 second/more than 5 hours/' "$PLAN"; "$PLANCTL" sync
	wait_until eval '[ -n "$(sql "SELECT resolved_at FROM v_episodes")" ]'
	sed -i 's/^Status: .*/Status: COMPLETE/' "$PLAN"; tick_all; "$PLANCTL" sync
	run "$PLANCTL" replay add-parser
	echo "$output"
	[ "$(cut -f 1-3 <<<"$output" | cut -c 28- | tr '\t\n' '  ')" = " fired nearing  worsened over  resolved over  " ]
	# The replay's clock is exact: 80 % of the second after the first look.
	[ "$(date -d "$(cut -f 1 <<<"${lines[0]}")" +%s%6N)" -eq "$(sql "SELECT first_seen_at + 800001 FROM v_plans")" ]
	# And in the future, from here: --now.
	sed -i 's/^Status: .*/Status: BLOCKED/; 0,/^- \[x\]/s//- [ ]/' "$PLAN"; "$PLANCTL" sync
	run "$PLANCTL" replay add-parser --now "$(date -u -d +5hours +%Y-%m-%dT%H:%M:%SZ)"
	[ "$(cut -f 2,3 <<<"$output" | sed -n 4,5p | tr '\t\n' '  ')" = "fired needs_you reminded needs_you " ]
}

@test "from the record: a branch that is checked out ticks nothing" {
	git init -q -b main "$T/work"
	commit() { git -C "$T/work" add -A && git -C "$T/work" -c user.name=N -c user.email=n@example.org commit -qm "$1"; }
	commit first
	start_daemon "$T/work"
	git -C "$T/work" checkout -qb other
	tick "$PLAN" "write the"; "$PLANCTL" sync; commit second
	git -C "$T/work" checkout -q main; "$PLANCTL" sync
	wait_until eval '"$PLANCTL" sync; [ "$("$PLANCTL" status --json | jq ".data[0].done")" -eq 1 ]'
	"$PLANCTL" replay add-parser --all --json --now "$(date -u -d +3hours +%Y-%m-%dT%H:%M:%SZ)" >"$T/replayed"
	jq -e '[.data.sources[0].changes[].verdict] | unique == ["moving"]' "$T/replayed"
	[ "$(events item_undone)" -eq 0 ]
}

@test "on a terminal: a title, a table in local time, the limit that is tried, and a sentence at the end" {
	without_limit
	sed -i 's/^# Add a parser/# Add \x1b[31ma parser/' "$PLAN"
	revision 10:00
	tick_all; revision 15:00
	export TZ=Europe/Berlin COLUMNS=120
	run script -qec "'$PLANCTL' replay '$H' --color never" /dev/null
	echo "$output"
	[[ ${lines[0]} == "Add "*"a parser"* && ${lines[0]} != *$'\e'* ]]
	[[ ${lines[1]} == "2026-01-05 13:00:00 CET  fired     stalled    no tick, edit or commit for 2 h (limit 2 h, default)"* ]]
	[[ ${lines[2]} == "2026-01-05 16:00:00 CET  resolved  stalled    after 3 h: "* ]]
	[[ ${lines[3]} == "1 episode in 1 plan, open for 5 h, 4.80 per plan and day: 1 stalled"* ]]
	[ "${#lines[@]}" -eq 4 ]
}

@test "several sources: a line for each, and one for all" {
	without_limit
	revision 10:00
	tick_all; revision 15:00
	mkdir "$T/second"
	cp "$H"/* "$T/second"
	rm "$T"/second/0002_*
	run "$PLANCTL" replay "$H" "$T/second"
	echo "$output"
	[ "${#lines[@]}" -eq 3 ]
	[ "$(tr '\t' ' ' <<<"${lines[0]}")" = "total 1 18000 1 4.800 0 0 1 0 0 0 $H" ]
	[ "$(tr '\t' ' ' <<<"${lines[1]}")" = "total 1 86400 1 1.000 0 0 1 0 0 0 $T/second" ]
	[ "$(tr '\t' ' ' <<<"${lines[2]}")" = "total 2 104400 2 1.655 0 0 2 0 0 0 all" ]
	"$PLANCTL" replay --json "$H" "$T/second" | jq -e '.data | (.sources | length == 2) and .total.plans == 2 and .total.episodes.stalled == 2'
}

@test "an order that is no order in time: the clock does not go back" {
	without_limit
	revision 10:00
	echo more >>"$PLAN"; revision 11:00
	tick "$PLAN" "write the"; revision 9:00
	tick_all; revision 11:30
	run told --all
	echo "$output"
	[ "$(cut -d ' ' -f 1 <<<"$output" | grep -v total | sort -c && echo sorted)" = sorted ]
	[ "${lines[-1]}" = "total 1 5400 0" ]
}

@test "what cannot be replayed is said, with its exit code" {
	revision 10:00
	fails() { # CODE WORDS ARGUMENT...
		local code=$1 words=$2
		shift 2
		run "$PLANCTL" replay "$@"
		[ "$status" -eq "$code" ] && [[ $output == *"$words"* ]] || { echo "$status: $output"; return 1; }
	}
	fails 2 "expected: planctl replay"
	fails 2 "--step 10: not a duration" --step 10 "$H"
	fails 2 "--step 0s: not a duration" --step 0s "$H"
	fails 2 "--until soon: not a time" --until soon "$H"
	printf '[limits]\nstall_after = never\n' >"$T/wrong.conf"
	fails 2 "stall_after" --config "$T/wrong.conf" "$H"
	fails 4 "no database yet" no-such-plan
	fails 4 "no file in it is named" "$T/work"
	fails 4 "no plan in it by then" --until 2026-01-05T09:59:59Z "$H"
	mkdir "$T/notes"; echo "# Notes" >"$T/notes/0001_1767261600_x.md"
	fails 4 "nothing to replay" "$T/notes"
	# Beside another one it is a remark.
	run "$PLANCTL" replay "$T/notes" "$H"
	[ "$status" -eq 0 ]
	[[ $output == *"notes: there was no plan"* ]]
	start_daemon "$T/work"
	fails 4 "no such plan" no-such-plan
	"$PLANCTL" replay nothing --json | jq -e '.error.code == 4 and .data == null'
}

@test "every query takes --now for its clock" {
	revision 10:00
	start_daemon "$T/work"
	for query in status stalled log roots "show add-parser" "diff add-parser" "parse $PLAN" "checklist $PLAN --format json" "replay $H"; do
		# shellcheck disable=SC2086
		"$PLANCTL" $query --json --now 2026-03-04T05:06:07Z | jq -e '.generated_at == "2026-03-04T05:06:07.000000Z"' || { echo "$query"; false; }
	done
}
