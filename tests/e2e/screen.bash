# A real screen for the tests: an X server, a session bus and a notification server (dunst) of their own; or a bus with a server of
# the tests' (server.py), which can be told to misbehave.

need() {
	local program
	for program; do command -v "$program" >/dev/null || skip "$program is not installed"; done
}

background() { # COMMAND...: ended by stop_screen
	"$@" >>"$T/screen.log" 2>&1 3>&- </dev/null &
	LAST_PID=$!
	SCREEN_PIDS="${SCREEN_PIDS:-} $LAST_PID"
}

start_display() {
	mkfifo "$T/display.fifo"
	exec 8<>"$T/display.fifo"
	background Xvfb -displayfd 8 -screen 0 800x600x24 -nolisten tcp
	read -r -t 20 number <&8
	export DISPLAY=:$number
	exec 8>&-
}

# Without services that it would start by itself: a test says which server there is, and when there is none.
start_bus() {
	cat >"$T/bus.conf" <<-CONF
		<busconfig><type>session</type><listen>unix:path=$T/bus</listen><policy context="default">
		<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
	CONF
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$T/bus
	background dbus-daemon --nofork --config-file="$T/bus.conf"
	BUS=$LAST_PID
	wait_until test -S "$T/bus"
}

start_screen() { # [SETTING...]: of dunst
	need Xvfb dbus-daemon dunst dunstctl import
	start_display
	start_bus
	mkdir -p "$XDG_CONFIG_HOME/dunst"
	printf '%s\n' '[global]' 'font = DejaVu Sans 12' 'width = 500' 'origin = top-left' 'offset = 20x20' "$@" >"$XDG_CONFIG_HOME/dunst/dunstrc"
	background dunst
	wait_until dunstctl count displayed
}

end_pid() { # PID...
	kill "$@" 2>/dev/null || true
	wait "$@" 2>/dev/null || true
}

stop_screen() {
	local pid
	for pid in ${SCREEN_PIDS:-}; do end_pid "$pid"; done
	SCREEN_PIDS=
}

# Our icon, where the theme's are looked for.
install_icon() {
	need rsvg-convert
	export XDG_DATA_HOME=$T/data
	mkdir -p "$XDG_DATA_HOME/icons/hicolor/48x48/apps"
	rsvg-convert -w 48 "$BATS_TEST_DIRNAME"/../../desktop/*.svg -o "$XDG_DATA_HOME/icons/hicolor/48x48/apps/io.github.planwatch.planwatch.png"
}

click() { xdotool mousemove "$1" "$2" click 1; } # X Y

on_screen() { dunstctl count displayed; }

screenshot() { import -window root "$1"; }

# screen_differs BEFORE AFTER: takes AFTER and compares.
screen_differs() {
	screenshot "$2"
	! compare -metric AE "$1" "$2" null: >/dev/null 2>&1
}

# ---- The tests' own server ----

start_server() {
	rm -f "$T/server.ready"
	background "$BATS_TEST_DIRNAME/server.py" "$T"
	SERVER=$LAST_PID
	wait_until test -e "$T/server.ready"
}

stop_server() { end_pid "$SERVER"; }

# behave WORD: ok, hang, error, forget (gives a new id where it should replace).
behave() { printf '%s' "$1" >"$T/server.mode"; }

# received JQ: over all notifications that the server has taken, in order, of all its lives.
received() { jq -sr "$1" "$T/server.log"; }
