#!/usr/bin/env bats
# planctl notify: alerts on the desktop, each step of theirs once, whatever goes away meanwhile.
load helpers
load screen

setup() {
	private_world
	mkdir -p "$XDG_CONFIG_HOME/planwatch"
	CONF=$XDG_CONFIG_HOME/planwatch/planwatch.conf
	printf '[limits]\nstall_after = 1s\n' >"$CONF"
}
teardown() {
	stop_notifier
	stop_screen
	end_world
}

# stalling NAME...: plans that have stalled a second after they are seen.
stalling() {
	local name
	for name; do
		write_plan "$T/draft.md"
		sed -i "s|^# .*|# ${TITLE:-$name}|; /^- Time/d" "$T/draft.md"
		mv "$T/draft.md" "$T/work/execplans/$name.md"
	done
}
# breaching NAME: one that is near its limit, and soon over it.
breaching() {
	write_plan "$T/draft.md"
	sed -i "s/^# .*/# $1/; s/more than 4 hours/more than 1 second/" "$T/draft.md"
	mv "$T/draft.md" "$T/work/execplans/$1.md"
}
finished() { sed -i 's/^- \[ \]/- [x]/; s/^Status: .*/Status: COMPLETE/' "$1"; }
complete() { # NAME...
	local name
	for name; do finished "$T/work/execplans/$name.md"; done
	"$PLANCTL" sync
}

start_notifier() { # [OPTION...]
	"$PLANCTL" notify --follow "$@" >>"$T/notifier.log" 2>&1 3>&- </dev/null &
	NOTIFIER=$!
}
stop_notifier() {
	[ -z "${NOTIFIER:-}" ] || end_pid "$NOTIFIER"
	NOTIFIER=
}

# A failing "! COMMAND" ends no test.
alerts() { [ "$(sql "SELECT count(*) FROM v_episodes WHERE $1")" -eq "$2" ]; }
# There were steps to show, and all are shown.
all_shown() { [ "$(sql "SELECT count(*) > 0 AND min(shown_step = step) FROM v_episodes")" = 1 ]; }
none_to_show() { wait_until all_shown; }
# shown JQ COUNT: waits until so many of the notifications that the server has taken are such; there must not be more.
is_shown() { [ "$(received "map(select($1)) | length")" -ge "$2" ]; }
shown() {
	wait_until is_shown "$1" "$2" || { cat "$T/notifier.log" >&2; cat "$T/server.log" >&2; return 1; }
	[ "$(received "map(select($1)) | length")" -eq "$2" ]
}

@test "a breach: its warning is replaced, it stays, and what resolves it takes its place and goes by itself" {
	need dbus-daemon python3
	start_bus
	start_server
	breaching parser
	start_daemon "$T/work"
	start_notifier
	shown '.hints.category == "x-planwatch.over"' 1
	[ "$(received '.[-1] | [.app, .icon, .summary, .hints.urgency, .hints["desktop-entry"], .hints.resident, .timeout] | @csv')" = \
		'"Planwatch","io.github.planwatch.planwatch","parser: stage has used 1 s, limit 1 s",2,"io.github.planwatch.planwatch",true,0' ]
	[ "$(received '.[-1] | .hints["x-dunst-stack-tag"] + " " + .hints["x-canonical-private-synchronous"] + " " + (.actions | join(","))')" = \
		"1 1 default,Open,ack,Acknowledge,snooze,Snooze 1 h" ]
	complete parser
	shown '.hints.category == "x-planwatch.resolved"' 1
	[ "$(received '.[-1] | [.summary, .body[:12], .hints.urgency, .hints.transient, .timeout] | @csv')" = '"parser: resolved","it was over:",0,true,10000' ]
	[ "$(received 'map(.id) | unique | length')" -eq 1 ] # each in the place of the one before
	none_to_show
}

@test "each step once, over restarts of the notifier, the daemon, the server and the bus" {
	need dbus-daemon python3
	start_bus
	start_server
	stalling first
	start_daemon "$T/work"
	start_notifier
	shown '.summary | startswith("first: no tick")' 1
	none_to_show
	stop_daemon
	start_daemon "$T/work"
	stop_notifier
	start_notifier
	stop_server
	start_server
	stalling second
	"$PLANCTL" sync
	shown '.summary | startswith("second: no tick")' 1
	none_to_show
	end_pid "$BUS"
	end_pid "$SERVER"
	rm -f "$T/bus"
	stalling third
	"$PLANCTL" sync
	wait_until grep -q "did not take the notification" "$T/notifier.log"
	start_bus
	start_server
	shown '.summary | startswith("third: no tick")' 1
	none_to_show
	complete first second third
	none_to_show
	[ "$(received 'map(select(.summary | test("no tick"))) | length')" -eq 3 ]
	[ "$(wc -l <"$T/notifier.log")" -le 3 ] # each trouble is said once
}

acknowledged() { [ -n "$(sql "SELECT acknowledged_at FROM v_episodes WHERE id = $1")" ]; }

@test "on a real screen: a plan stalls, dunst shows it, a click acknowledges it and it leaves the screen" {
	need xdotool
	printf '#!/bin/sh\ngrep -i acknowledge\n' >"$T/menu"
	chmod +x "$T/menu"
	start_screen "dmenu = $T/menu" "mouse_left_click = context"
	screenshot "$T/before.png"
	TITLE='Add <b>a</b> parser' stalling parser
	start_daemon "$T/work"
	start_notifier
	wait_until eval '[ "$(on_screen)" -eq 1 ]'
	wait_until screen_differs "$T/before.png" "$T/alert.png"
	none_to_show
	click 100 50
	wait_until acknowledged 1
	wait_until eval '[ "$(on_screen)" -eq 0 ]'
	dunstctl history | jq -e '.data[0][0] | .summary.data == "Add <b>a</b> parser: no tick, edit or commit for 1 s"'
	dunstctl set-paused true # then it keeps what it is sent, for later
	stalling second
	wait_until alerts "id = 2 AND shown_step = step" 1
	[ "$(on_screen) $(dunstctl count waiting)" = "0 1" ]
	dunstctl set-paused false
	wait_until eval '[ "$(on_screen)" -eq 1 ]'
	not grep . "$T/notifier.log"
}

@test "on another real screen: notification-daemon's own button; a click on the text opens the plan at its line" {
	server=/usr/lib/notification-daemon/notification-daemon
	need Xvfb dbus-daemon import xdotool $server
	install_icon
	printf '[notify]\neditor = %s {file}:{line} "two words"\n' "$T/editor" >>"$CONF"
	printf '#!/bin/sh\nprintf "%%s\\n" "$@" >>"%s"\n' "$T/opened" >"$T/editor"
	chmod +x "$T/editor"
	start_display
	start_bus
	background $server
	screenshot "$T/before.png"
	stalling parser
	start_daemon "$T/work"
	start_notifier
	none_to_show
	wait_until screen_differs "$T/before.png" "$T/alert.png"
	find_window
	click $((X + WIDTH - 191)) $((Y + HEIGHT - 37)) # "Acknowledge"
	wait_until acknowledged 1
	wait_until no_window # it does not close one that is resident, whoever asks it to
	[ ! -e "$T/opened" ]
	breaching second
	wait_until alerts "verdict = 'over' AND shown_step = step" 1
	find_window
	click $((X + 150)) $((Y + 75)) # the text
	wait_until test -s "$T/opened"
	[ "$(cat "$T/opened")" = "$T/work/execplans/second.md:15
two words" ]
	not acknowledged 2
	not grep . "$T/notifier.log"
}
find_window() {
	wait_until xdotool search --onlyvisible --class notification-daemon
	eval "$(xdotool search --onlyvisible --class notification-daemon getwindowgeometry --shell)"
}
no_window() { ! xdotool search --onlyvisible --class notification-daemon; }

do_on_server() { echo "$*" >"$T/server.do"; }

# With the clock of tests/doors/clock.c, which is seen when something wakes the notifier up.
start_notifier_behind_door() { # [OPTION...]
	env LD_PRELOAD="$BUILD/tests/doors/clock.so" ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		"$PLANCTL" notify --follow "$@" >>"$T/notifier.log" 2>&1 3>&- </dev/null &
	NOTIFIER=$!
}
pass() { # SECONDS since the start
	turn_clock 0 0 "$1"
	echo >>"$T/work/execplans/calm.md"
	"$PLANCTL" sync
}
calm() {
	write_plan "$T/work/execplans/calm.md"
	finished "$T/work/execplans/calm.md"
}

@test "a server that hangs holds up nothing; it is left after its time, and tells what was missed once, as one" {
	need dbus-daemon
	make_door
	calm
	start_bus
	start_server
	behave hang
	stalling first
	start_daemon "$T/work"
	start_notifier_behind_door
	wait_until grep -q GetServerInformation "$T/server.waiting"
	stalling second
	wait_until alerts "verdict = 'stalled'" 2 # it goes on to be recorded
	pass 60
	not grep . "$T/notifier.log"
	pass 91
	wait_until grep -q "did not answer within 90 s" "$T/notifier.log"
	pass 120
	wait_until eval '[ "$(wc -l <"$T/server.waiting")" -ge 2 ]'
	alerts "shown_step > 0" 0
	behave ok
	shown '.summary == "2 plans need a look"' 1
	[ "$(received 'length, .[0].body')" = "1
first: no tick, edit or commit for 1 s
second: no tick, edit or commit for 1 s" ]
	none_to_show
	[ "$(wc -l <"$T/notifier.log")" -eq 1 ]
}

@test "a server that refuses is asked again; one without buttons and markup gets neither; one that forgets ids is told once" {
	need dbus-daemon
	echo body >"$T/server.caps"
	start_bus
	start_server
	behave error
	TITLE=$'A <b>\x1b[31m\xff\\&' stalling first
	start_daemon "$T/work"
	start_notifier
	wait_until grep -q "the stub refuses" "$T/notifier.log"
	behave forget
	shown '.summary != null' 1
	[ "$(received '.[0] | .summary, (.actions | length)')" = 'A <b>\x1B[31m'$'\xef\xbf\xbd''&: no tick, edit or commit for 1 s
0' ]
	none_to_show
	complete first
	shown '.summary != null' 2
	[ "$(received '.[1] | .replaces == 1 and .id == 2 and .hints.urgency == 0')" = true ]
	none_to_show
	stop_server
	rm "$T/server.caps"
	start_server
	TITLE='B' stalling 'a<b>&'
	shown '.body | test("/a&lt;b&gt;&amp;.md$")' 1
	none_to_show
}

@test "three of a burst are shown at once, the rest as one; buttons of a digest are for all of it" {
	need dbus-daemon
	make_door
	calm
	start_bus
	start_server
	start_daemon "$T/work"
	start_notifier_behind_door
	stalling one
	shown '.summary != null' 1
	stalling two
	shown '.summary != null' 2
	stalling three
	shown '.summary != null' 3
	stalling four five
	wait_until alerts "verdict = 'stalled'" 5
	breaching six # another urgency does not wait for them, nor is it among them
	shown '.hints.urgency == 2' 1
	pass 25
	shown '.hints.urgency == 1 and .hints.category == "x-planwatch.stalled"' 3
	pass 35
	shown '.summary | test("plans need a look")' 1
	[ "$(received '.[-1].body | split("\n") | map(split(":")[0]) | (. - ["six"]) | join(" ")')" = "four five" ]
	do_on_server action "$(received '.[-1].id')" ack
	wait_until acknowledged 4
	wait_until acknowledged 5
	not acknowledged 3
	do_on_server action 3 snooze
	wait_until alerts "id = 3 AND snoozed_until > 0 AND acknowledged_at IS NULL" 1
	"$PLANCTL" ack 1
	shown '.closed == 1' 1 # what is dealt with elsewhere leaves the screen
}

@test "quiet hours: nothing is shown, and what came is when they end" {
	need dbus-daemon
	make_door
	start_bus
	start_server
	printf '[quiet]\nhours = %s:00-%s:00\n' "$(date -u +%H)" "$(date -u -d '+2 hours' +%H)" >>"$CONF"
	stalling first second
	start_daemon "$T/work"
	start_notifier_behind_door
	wait_until alerts "verdict = 'stalled'" 2
	turn_clock 0 0 $((3 * 3600))
	wake_clock
	shown '.summary == "2 plans need a look"' 1
	none_to_show
	[ "$(received length)" -eq 1 ] # neither came before
}

lives_in_session() { ps -o stat= -s "$1" | grep -v "^Z"; }

@test "--exec: each step once as JSON to a command, without a shell; one that fails or does not end is tried again" {
	make_door
	calm
	# shellcheck disable=SC2016
	printf '#!/bin/sh\n[ -e "$1" ] || { mkdir "$1"; exit 3; }\n[ -e "$1/2" ] || { touch "$1/2"; echo $$ >"$1/pid"; sleep 1000; }\ncat >>"$1/got"\n' >"$T/command"
	chmod +x "$T/command"
	start_daemon "$T/work"
	start_notifier_behind_door --exec "'$T/command' '$T/a \$HOME'"
	stalling first
	wait_until grep -q "command: exited with 3" "$T/notifier.log"
	wait_until test -e "$T/a \$HOME/2"
	pass 20
	not grep -q "within 30 s" "$T/notifier.log"
	pass 31
	wait_until grep -q "did not end within 30 s" "$T/notifier.log"
	pass 60
	wait_until test -s "$T/a \$HOME/got"
	none_to_show
	not lives_in_session "$(cat "$T/a \$HOME/pid")" # killed, with what it had started
	complete first
	wait_until eval '[ "$(wc -l <"$T/a \$HOME/got")" -eq 2 ]'
	none_to_show
	jq -se '.[0].verdict == "stalled" and .[0].step == 1 and .[0].plan.title == "first" and .[0].resolved_at == null and .[1].resolved_at != null' "$T/a \$HOME/got"
}

# Of all threads of a process.
wakeups() { cat /proc/"$1"/task/*/status | awk '/^voluntary_ctxt/ {n += $2} END {print n}'; }

@test "nothing wakes up the notifier or its helper while nothing is due; a second notifier is refused" {
	need dbus-daemon
	start_bus
	start_server
	stalling first
	start_daemon "$T/work"
	start_notifier
	none_to_show
	helper=$(pgrep -P "$NOTIFIER" planwatch-notif)
	"$PLANCTL" sync
	settled() { before=$(wakeups "$NOTIFIER") && sleep 0.3 && [ "$(wakeups "$NOTIFIER")" -eq "$before" ]; }
	wait_until settled
	before="$(wakeups "$NOTIFIER") $(wakeups "$helper")"
	sleep 3
	[ "$(wakeups "$NOTIFIER") $(wakeups "$helper")" = "$before" ]
	run "$PLANCTL" notify --once
	[ "$status" -eq 2 ]
	[[ $output == *"another \`planctl notify\`"* ]]
	kill "$NOTIFIER" # and the helper ends with it
	wait_until eval '! kill -0 $helper'
}

@test "--test says what the server is, and which button was pressed; without a bus, that there is none" {
	need dbus-daemon
	start_bus
	start_server
	mkfifo "$T/typed"
	exec 9<>"$T/typed" # a terminal where nobody types
	script -qfec "$PLANCTL notify --test" "$T/terminal" <"$T/typed" >/dev/null 2>&1 3>&- &
	tester=$!
	wait_until grep -q capabilities "$T/terminal"
	do_on_server action 1 ack
	wait $tester
	tr -d '\r' <"$T/terminal" >"$T/said"
	grep -Fx "server         stub" "$T/said"
	grep -Fx "capabilities   actions body body-markup" "$T/said"
	grep -Fx "pressed        ack" "$T/said"
	"$PLANCTL" notify --test --json | jq -e '.data.capabilities == ["actions", "body", "body-markup"]'
	stop_server
	run "$PLANCTL" notify --test
	[ "$status" -eq 2 ]
	[[ $output == *"no notification server answers"* ]]
	end_pid "$BUS"
	run "$PLANCTL" notify --test
	[ "$status" -eq 2 ]
	[[ $output == *"there is no session bus"* ]]
	for wrong in "" "--once --follow" "--test --exec true" "--once --exec ''"; do
		# shellcheck disable=SC2086
		run "$PLANCTL" notify $wrong
		[ "$status" -eq 2 ]
	done
}

@test "a notifier that is told to end finishes first: restarted all the time it tells of each plan once" {
	need dbus-daemon
	start_bus
	start_server
	start_daemon "$T/work"
	(for n in 1 2 3 4 5 6 7 8 9; do stalling "plan$n"; sleep 0.3; done) 3>&- &
	feeder=$!
	while kill -0 $feeder 2>/dev/null; do
		start_notifier
		sleep "0.$((RANDOM % 8 + 1))"
		stop_notifier
	done
	wait_until alerts "verdict = 'stalled'" 9
	start_notifier
	none_to_show
	[ "$(received 'map(.summary, .body) | join("\n")' | grep -o '^plan.: no tick' | sort | uniq -c | grep -c '^ *1 ')" -eq 9 ]
}
