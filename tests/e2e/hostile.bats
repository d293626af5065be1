#!/usr/bin/env bats
# Plans, names, files and clients that mean harm. More of it: import.bats (repositories), checklist.bats (formats, in the hands of
# their programs), bars.bats, notify.bats (markup), life.bats (garbage at the socket), record.bats (links, pipes). SECURITY.md has the list.
load helpers

setup() { private_world; export T; }
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

# ---- The socket ----

# socket_script: Python on standard input, with connect(), ask(), and the socket's path in sys.argv[1].
socket_script() {
	{
		cat <<-'PY'
		import json, os, socket, sys
		def connect():
		    s = socket.socket(socket.AF_UNIX); s.settimeout(60); s.connect(sys.argv[1]); return s
		def ask(s, line):
		    s.sendall(line); return json.loads(s.makefile().readline())
		PY
		cat
	} >"$T/client.py"
	timeout 120 python3 "$T/client.py" "$XDG_RUNTIME_DIR/planwatch/socket"
}

records() { # the daemon still does what it is for
	tick "$PLAN" "$1"
	"$PLANCTL" sync
	[ "$(events item_done)" -eq "$2" ]
}

@test "a client that floods, sends a line of 1 GiB, hangs up before its answer, or never reads one" {
	write_plan "$PLAN"
	start_daemon "$T/work"
	socket_script <<-'PY'
	# As long as anybody takes it.
	big, sent = connect(), 0
	try:
	    while sent < 1 << 30:
	        sent += big.send(b"x" * (1 << 20))
	except OSError:
	    pass
	assert sent < 1 << 24, sent
	for n in range(50):
	    rude = connect(); rude.sendall(b"x" * (64 << 10)); rude.close()
	    rude = connect(); rude.sendall(b"nonsense\n" * 100); rude.close()
	    rude = connect(); rude.sendall(b'{"method":"sync"}\n' * 100); rude.close()
	deaf, sent = connect(), 0
	try:
	    while sent < 1 << 24:
	        sent += deaf.send(b'{"method":"roots"}\n' * 1000)
	except OSError:
	    pass
	assert sent < 1 << 24, sent
	# Two hundred at once, in one packet and byte by byte, are answered one by one.
	many = connect()
	many.sendall(b'{"method":"ping"}\n' * 200)
	lines = many.makefile()
	assert all(json.loads(lines.readline())["ok"] for n in range(200))
	for byte in b'{"method":"ping"}\n':
	    many.sendall(bytes([byte]))
	assert json.loads(lines.readline())["ok"]
	PY
	records "write the" 1
}

@test "clients that say nothing, or half a line, keep nobody out; one that waits keeps its place" {
	write_plan "$PLAN"
	start_daemon "$T/work"
	socket_script <<-'PY'
	import subprocess
	follower = connect()
	assert ask(follower, b'{"method":"subscribe"}\n')["ok"]
	idle = []
	for n in range(200):
	    idle.append(connect())
	    idle[-1].sendall(b"" if n % 2 else b'{"method":')
	assert ask(connect(), b'{"method":"ping"}\n')["ok"]
	plan = os.path.join(os.environ["T"], "work/execplans/second.md")
	with open(plan, "w") as out:
	    out.write("# S\n\n## Progress\n\n- [ ] a\n")
	assert ask(connect(), b'{"method":"sync"}\n')["ok"]
	assert follower.recv(1000)
	PY
	records "write the" 1
}

@test "another user is not answered, and is not asked" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to be somebody else"
	local open
	open=$(mktemp -d)
	chmod 755 "$open"
	export PLANWATCH_SOCKET=$open/run/socket
	write_plan "$PLAN"
	start_daemon "$T/work"
	# The folder keeps others out; where somebody has loosened it, the daemon does.
	[ "$(stat -c %a "$open/run") $(stat -c %a "$open/run/socket")" = "700 600" ]
	as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
	cat >"$open/ask.py" <<-'PY'
	import socket, sys
	s = socket.socket(socket.AF_UNIX); s.settimeout(60)
	s.connect(sys.argv[1])
	try:
	    s.sendall(b'{"method":"ping"}\n')
	    print(s.recv(1000))
	except OSError:
	    print(b"")
	PY
	run as_nobody /usr/bin/python3 "$open/ask.py" "$open/run/socket"
	[[ $output == *"PermissionError"* ]]
	chmod 755 "$open/run"; chmod 666 "$open/run/socket"
	run as_nobody /usr/bin/python3 "$open/ask.py" "$open/run/socket"
	[ "$output" = "b''" ]
	"$PLANCTL" ping -q
	stop_daemon
	# The other way round: a socket that somebody else has put in our way.
	mkdir "$open/theirs"; chown 65534 "$open/theirs"
	cat >"$open/listen.py" <<-'PY'
	import socket, sys
	s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()
	print("listening", flush=True)
	peer = s.accept()[0]
	print("received", peer.recv(1000), flush=True)
	PY
	as_nobody /usr/bin/python3 "$open/listen.py" "$open/theirs/socket" >"$T/theirs.log" 3>&- &
	local listener=$!
	wait_until grep -q listening "$T/theirs.log"
	run "$PLANCTL" --socket "$open/theirs/socket" ping
	[ "$status" -eq 3 ]
	[[ $output == *"another user"* ]]
	wait "$listener"
	grep -qx "received b''" "$T/theirs.log"
	rm -r "$open"
}

@test "a link that lies where the socket, its lock, or the database's lock would be is not followed" {
	local run=$XDG_RUNTIME_DIR/planwatch state=$XDG_STATE_HOME/planwatch
	mkdir -p "$run" "$state"
	echo precious >"$T/precious"
	for name in "$state/planwatch.db.lock" "$run/socket.lock" "$run/socket"; do
		ln -s "$T/precious" "$name"
		run timeout 20 "$PLANWATCHD" "$T/work"
		[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
		[[ $output == *"$name"* ]]
		[ "$(cat "$T/precious")" = precious ]
		rm "$name"
	done
	[ "$(stat -c %a "$T/precious")" = 644 ]
}
