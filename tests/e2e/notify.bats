#!/usr/bin/env bats
# planctl notify: alerts on the desktop, each step of theirs once, whatever goes away meanwhile.
load helpers
load screen

setup() {
	private_world
	mkdir -p "$XDG_CONFIG_HOME/planwatch"
	CONF=$XDG_CONFIG_HOME/planwatch/planwatch.conf
}
teardown() {
	stop_notifier
	stop_screen
	end_world
}

# stalling NAME...: plans that have stalled a second after they are seen.
stalling() {
	local name
	grep -qs stall_after "$CONF" || printf '[limits]\nstall_after = 1s\n' >>"$CONF"
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
complete() { # NAME...
	local name
	for name; do sed -i 's/^- \[ \]/- [x]/; s/^Status: .*/Status: COMPLETE/' "$T/work/execplans/$name.md"; done
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
		"1 1 default,Open,open,Open,ack,Acknowledge,snooze,Snooze 1 h" ]
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
	! grep -c . "$T/notifier.log" | grep -qv '^[0-3]$' # each trouble is said once
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
	! grep . "$T/notifier.log"
}

@test "on another real screen: notification-daemon's own button; a click on the text opens the plan at its line" {
	server=/usr/lib/notification-daemon/notification-daemon
	need Xvfb dbus-daemon import xdotool $server
	install_icon
	printf '[notify]\neditor = %s {file}:{line} "two words"\n' "$T/editor" >"$CONF"
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
	! acknowledged 2
	! grep . "$T/notifier.log"
}
find_window() {
	wait_until xdotool search --onlyvisible --class notification-daemon
	eval "$(xdotool search --onlyvisible --class notification-daemon getwindowgeometry --shell)"
}
no_window() { ! xdotool search --onlyvisible --class notification-daemon; }
