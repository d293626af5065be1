# Shared by the end-to-end tests: a private world for each test (home, database, socket), a daemon in it, and plans to work on.
# Nothing sleeps to give time: `planctl sync` is the barrier.

BUILD=${BUILD_DIR:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)/build}
PLANCTL=$BUILD/planctl
PLANWATCHD=$BUILD/planwatchd

private_world() {
	T=$BATS_TEST_TMPDIR
	export HOME=$T/home XDG_STATE_HOME=$T/state XDG_CONFIG_HOME=$T/config XDG_RUNTIME_DIR=$T/run
	export TZ=UTC LC_ALL=C.UTF-8 TERM=xterm-256color
	unset PLANWATCH_DB PLANWATCH_SOCKET PLANWATCH_CONFIG NO_COLOR COLUMNS
	unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
	mkdir -p "$HOME" "$XDG_RUNTIME_DIR" "$T/work/execplans"
	chmod 700 "$XDG_RUNTIME_DIR"
	DB=$XDG_STATE_HOME/planwatch/planwatch.db
	PLAN=$T/work/execplans/add-parser.md
}

# wait_until COMMAND...: until it succeeds, at most 20 s.
wait_until() {
	local deadline=$((SECONDS + 20))
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || { echo "waited in vain for: $*" >&2; return 1; }
		sleep 0.02
	done
}

# Fails where the command succeeds: a failing "! command" is nothing to bats where it is not the last one.
not() { ! "$@"; }

start_daemon() { # ROOT...
	"$PLANWATCHD" "$@" 2>>"$T/daemon.log" 3>&- &
	DAEMON=$!
	wait_until "$PLANCTL" ping || { cat "$T/daemon.log" >&2; return 1; }
	"$PLANCTL" sync
}

stop_daemon() {
	[ -n "${DAEMON:-}" ] || return 0
	kill -TERM "$DAEMON" 2>/dev/null || true
	wait "$DAEMON"
	local status=$?
	DAEMON=
	return $status
}

kill_daemon() {
	kill -KILL "$DAEMON"
	wait "$DAEMON" 2>/dev/null || true
	DAEMON=
}

end_world() {
	stop_daemon || cat "$T/daemon.log" >&2
}

write_plan() { # FILE: a plan with four items, one done
	cat >"$1" <<'PLAN'
# Add a parser

This ExecPlan is a living document.

Status: IN PROGRESS

## Tolerances (Exception Triggers)

- Time: if a stage takes more than 4 hours, stop and escalate.
- Scope: if more than 6 files or 300 lines (net) change, stop.

## Progress

- [x] (2026-01-05 10:00Z) Stage A: read the grammar.
- [ ] Stage B: write the tokenizer.
- [ ] Stage B: test the tokenizer.
- [ ] Stage C: wire it into the command.

## Decision Log

- Decision: a hand-written scanner.
PLAN
}

tick() { # FILE WORDS: ticks the open item with these words, in place
	sed -i "s/^- \[ \] \(.*$2\)/- [x] \1/" "$1"
}

sql() { sqlite3 -readonly "$DB" "$1"; }

# events KIND: how many there are.
events() { sql "SELECT count(*) FROM v_events WHERE kind = '$1'"; }

verified() { "$PLANCTL" verify; }

# ---- Through tests/doors/clock.c ----

make_door() {
	export CLOCK_DOOR=$T/clock
	turn_clock
	mkfifo "$CLOCK_DOOR.set"
}

# SLEPT SET PASSED: in seconds, altogether.
turn_clock() {
	perl -e 'print pack("q3", map { $_ * 1e6 } @ARGV)' "${1:-0}" "${2:-0}" "${3:-0}" | dd of="$CLOCK_DOOR" conv=notrunc status=none
}

# As the kernel does when the machine wakes up or the clock was set.
wake_clock() { printf x >"$CLOCK_DOOR.set"; }

door() { env LD_PRELOAD="$BUILD/tests/doors/clock.so" ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 "$@"; }

start_behind_door() { # ROOT...
	env LD_PRELOAD="$BUILD/tests/doors/clock.so" ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		"$PLANWATCHD" "$@" 2>>"$T/daemon.log" 3>&- &
	DAEMON=$!
	wait_until "$PLANCTL" ping
	"$PLANCTL" sync
}
