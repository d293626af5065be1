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

# ---- Files ----

traps() { # FOLDER: everything there that has a plan's name and is none
	mkfifo "$1/pipe.md"
	ln -s /etc/passwd "$1/passwd.md"
	ln -s /dev/zero "$1/zero.md"
	ln -s self.md "$1/self.md"
	ln -s ../.. "$1/up"
	ln -s "$T/outside" "$1/outside"
	truncate -s 1G "$1/sparse.md"
	/usr/bin/python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$1/socket.md"
	[ "$(id -u)" -ne 0 ] || mknod "$1/device.md" c 1 5 || mknod "$1/disk.md" b 7 0
}

@test "pipes, devices, sockets, links out and in circles, 1 GiB of nothing, folders 5,000 deep: at the start and as they come" {
	write_plan "$PLAN"
	mkdir -p "$T/outside/execplans"
	write_plan "$T/outside/execplans/secret.md"
	traps "$T/work/execplans"
	mkdir "$T/work/plans"
	/usr/bin/python3 - "$T/work" <<-'PY'
	import os, sys
	os.chdir(sys.argv[1])
	for n in range(5000):
	    os.mkdir("d"); os.chdir("d")
	PY
	start_daemon "$T/work"
	traps "$T/work/plans"
	records "write the" 1
	# The plan itself becomes one, and is a plan again.
	mv "$PLAN" "$T/away"; mkfifo "$PLAN"; "$PLANCTL" sync
	rm "$PLAN"; ln -s "$T/away" "$PLAN"; "$PLANCTL" sync
	rm "$PLAN"; mv "$T/away" "$PLAN"
	records "test the" 2
	[ "$("$PLANCTL" status --json | jq '.data | length')" -eq 1 ]
	[ "$(events plan_found)" -eq 1 ]
	# What it holds in memory is not what others make of it.
	[ "$(awk '/^VmHWM/ {print $2}' "/proc/$DAEMON/status")" -lt 100000 ] || [[ $BUILD == *asan* ]]
	# Those who look for plans themselves do not wait for a pipe either.
	HOME=$T/work run timeout 60 "$PLANCTL" setup --yes --json
	[ "$status" -ne 124 ]
	verified
}

@test "pipes in the places of git's files hold up no daemon" {
	git() { command git -C "$T/work/$1" -c user.name=A -c user.email=a@b "${@:2}"; }
	local pipe
	for pipe in .git .git/HEAD .git/logs/HEAD .git/packed-refs .git/index .git/config .git/commondir; do
		local name=pipe${pipe//\//-}
		mkdir -p "$T/work/$name/execplans"
		write_plan "$T/work/$name/execplans/plan.md"
		if [ "$pipe" != .git ]; then
			git "$name" init -q
			git "$name" commit -q --allow-empty -m x
			rm -rf "$T/work/$name/.git/refs/heads" # or the packed ones would not be asked for
		fi
		rm -f "$T/work/$name/$pipe"
		mkfifo "$T/work/$name/$pipe"
	done
	mkdir -p "$T/work/endless/execplans"
	write_plan "$T/work/endless/execplans/plan.md"
	echo "gitdir: /dev/zero" >"$T/work/endless/.git"
	start_daemon "$T/work"
	for plan in "$T"/work/*/execplans/plan.md; do tick "$plan" "write the"; done
	"$PLANCTL" sync
	[ "$(events item_done)" -eq 8 ]
	[ "$("$PLANCTL" status --json | jq '.data | length')" -eq 8 ]
}

# ---- The database ----

@test "planctl reads a database that lies: texts gone, kinds and states that do not exist, times beyond any calendar" {
	write_plan "$PLAN"
	start_daemon "$T/work"
	tick "$PLAN" "write the"; "$PLANCTL" sync
	stop_daemon
	cp "$DB" "$T/whole.db"
	for lie in "DELETE FROM texts" "UPDATE events SET kind = 99" "UPDATE events SET kind = 0" "UPDATE events SET position = -5" \
		"UPDATE observations SET origin = 77" "UPDATE observations SET at = 9223372036854775807, not_before = -9223372036854775807" \
		"UPDATE items SET state = 9, gist = 1 << 40" "UPDATE plans SET done = -1, total = 4000000000, first_seen_at = -1 << 63" \
		"UPDATE plans SET title = char(27) || ']0;x', stage_label = char(27) || '[2J'" "UPDATE contents SET size = 1 << 40" \
		"UPDATE contents SET zstd = zeroblob(100)" "UPDATE texts SET id = -id" "DELETE FROM observations" "DELETE FROM files" \
		"UPDATE plans SET stage_limit = 1 << 62, stage_since = 0" \
		"INSERT INTO episodes SELECT 9, 1, char(27) || '[31m', char(27) || '[2J', 0, NULL, 1 << 62, NULL, 1, 0, 0, 0, 1 << 62, 1 << 62, 0"; do
		cp "$T/whole.db" "$DB"
		rm -f "$DB-wal" "$DB-shm"
		# Whoever can write the file is held by no trigger and no constraint of ours.
		sqlite3 "$DB" "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_schema WHERE type = 'trigger'" >"$T/drop.sql"
		{ echo "PRAGMA ignore_check_constraints = ON;"; cat "$T/drop.sql"; echo "$lie;"; } | sqlite3 "$DB" || { echo "$lie"; false; }
		for command in status log "show add-parser" "explain add-parser" "diff add-parser" verify "alerts --all" "replay add-parser"; do
			run script -qec "$PLANCTL --color=never $command" /dev/null
			[ "$status" -le 5 ] && [[ $output != *$'\033'* ]] || { echo "$lie: $command: $status: $output"; false; }
		done
		for command in log "show add-parser" status "alerts --all" "checklist add-parser"; do
			# shellcheck disable=SC2086 # words
			run "$PLANCTL" $command --json
			[ "$status" -le 5 ] || { echo "$lie: $command --json: $status: $output"; false; }
		done
	done
	# The daemon works on with it, or says why not, and goes when it is told to.
	for lie in "DELETE FROM texts" "UPDATE texts SET id = -id" "UPDATE items SET state = 9" "DELETE FROM contents"; do
		cp "$T/whole.db" "$DB"
		rm -f "$DB-wal" "$DB-shm" "$T/daemon.log"
		{ cat "$T/drop.sql"; echo "$lie;"; } | sqlite3 "$DB"
		"$PLANWATCHD" "$T/work" 2>"$T/daemon.log" 3>&- &
		DAEMON=$!
		wait_until "$PLANCTL" ping
		tick "$PLAN" "test the"
		wait_until recorded_or_told 3 || { echo "$lie"; cat "$T/daemon.log"; false; }
		"$PLANCTL" ping -q
		stop_daemon || { echo "$lie"; cat "$T/daemon.log"; false; }
		sed -i '/test the/s/\[x\]/[ ]/' "$PLAN"
	done
}

recorded_or_told() { [ "$(sql "SELECT count(*) FROM v_revisions")" -ge "$1" ] || grep -q "planwatch.db: .*trying again" "$T/daemon.log"; }
