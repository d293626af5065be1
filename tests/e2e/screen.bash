# A real screen for the tests: an X server, a session bus and a notification server (dunst) of their own.

start_screen() {
	local program
	for program in Xvfb dbus-daemon dunst dunstctl import; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
	mkfifo "$T/display.fifo"
	exec 8<>"$T/display.fifo"
	Xvfb -displayfd 8 -screen 0 800x600x24 -nolisten tcp >/dev/null 2>&1 3>&- &
	SCREEN_PIDS=$!
	read -r -t 20 number <&8
	export DISPLAY=:$number
	exec 8>&-
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$T/bus
	dbus-daemon --session --nofork --address="$DBUS_SESSION_BUS_ADDRESS" >/dev/null 2>&1 3>&- &
	SCREEN_PIDS="$SCREEN_PIDS $!"
	wait_until test -S "$T/bus"
	mkdir -p "$XDG_CONFIG_HOME/dunst"
	printf '[global]\nfont = DejaVu Sans 12\nwidth = 500\norigin = top-left\noffset = 20x20\n' >"$XDG_CONFIG_HOME/dunst/dunstrc"
	dunst >"$T/dunst.log" 2>&1 3>&- &
	SCREEN_PIDS="$SCREEN_PIDS $!"
	wait_until dunstctl count displayed
}

stop_screen() {
	local pid
	for pid in ${SCREEN_PIDS:-}; do kill "$pid" 2>/dev/null || true; done
	for pid in ${SCREEN_PIDS:-}; do wait "$pid" 2>/dev/null || true; done
	SCREEN_PIDS=
}

on_screen() { dunstctl count displayed; }

screenshot() { import -window root "$1"; }

# screen_differs BEFORE AFTER: takes AFTER and compares.
screen_differs() {
	screenshot "$2"
	! compare -metric AE "$1" "$2" null: >/dev/null 2>&1
}
