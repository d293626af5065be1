# shellcheck shell=bash
# A real `systemd --user` of its own for a file of tests: private mount, process and cgroup namespaces, a user without rights (uid 1234)
# with an empty /home and /run. Planwatch is installed for it under $PREFIX, units and all, as `make install` leaves it.

SOURCE=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
MANAGED_UID=1234

# Sets REFUSED where this machine has no such manager for us.
start_manager() {
	local cgroups
	W=$(mktemp -d /tmp/planwatch-system.XXXXXX)
	chmod 755 "$W"
	export W PREFIX=$W/usr MANAGER='' REFUSED=''
	[ "$(id -u)" -eq 0 ] || { REFUSED="needs root: a user manager in namespaces of its own"; return 0; }
	[ -x /lib/systemd/systemd ] || { REFUSED="systemd is not installed"; return 0; }
	cgroups=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts)
	[ -n "$cgroups" ] || { REFUSED="no cgroup2 is mounted"; return 0; }
	CGROUP=$cgroups/planwatch-test-$$
	export CGROUP
	mkdir "$CGROUP" 2>/dev/null || { REFUSED="the cgroups are not ours to change"; return 0; }
	unshare --mount --cgroup --pid --fork --mount-proc true 2>/dev/null || { REFUSED="no private namespaces here"; return 0; }
	make -s -C "$SOURCE" BUILD="$BUILD_DIR" PREFIX="$PREFIX" install >/dev/null

	# There is no journal inside.
	mkdir "$PREFIX/lib/systemd/user/service.d"
	printf '[Service]\nStandardError=append:/home/me/log\n' >"$PREFIX/lib/systemd/user/service.d/log.conf"

	# shellcheck disable=SC2016 # expanded inside
	bash -c 'echo $$ >"$CGROUP/cgroup.procs" && exec unshare --mount --cgroup --pid --fork --kill-child --mount-proc bash -ec "$1" manager "$2"' _ '
		umount -l /sys/fs/cgroup
		mount -t cgroup2 cgroup2 /sys/fs/cgroup
		mount -t tmpfs run /run
		mount -t tmpfs home /home
		mkdir -p /run/systemd/system /run/systemd/unit-root /run/user/$1 /home/me/src /sys/fs/cgroup/user
		chmod 700 /run/user/$1
		chown -R $1:$1 /run/user/$1 /home/me /sys/fs/cgroup/user
		echo 0 >/sys/fs/cgroup/user/cgroup.procs
		# As the first process it would take itself for the manager of a system.
		setpriv --reuid $1 --regid $1 --clear-groups env -i \
			PATH=/usr/bin:/bin HOME=/home/me XDG_RUNTIME_DIR=/run/user/$1 SYSTEMD_UNIT_PATH="$PREFIX/lib/systemd/user:" \
			SYSTEMD_LOG_TARGET=console /lib/systemd/systemd --user &
		wait
	' "$MANAGED_UID" >"$W/manager.log" 2>&1 3>&- &
	MANAGER=$!
	wait_until manager_is_up || { cat "$W/manager.log" >&2; return 1; }
}

manager_is_up() {
	INSIDE=$(tr -d ' ' <"/proc/$MANAGER/task/$MANAGER/children")
	[ -n "$INSIDE" ] || return 1
	export MANAGER INSIDE
	as_user systemctl --user is-system-running | grep -qE 'running|degraded'
}

# as_user COMMAND...: as the managed user, inside.
as_user() {
	nsenter -t "$INSIDE" -m -p setpriv --reuid $MANAGED_UID --regid $MANAGED_UID --clear-groups env -i \
		PATH="$PREFIX/bin:/usr/bin:/bin" HOME=/home/me XDG_RUNTIME_DIR=/run/user/$MANAGED_UID LC_ALL=C.UTF-8 \
		SYSTEMD_UNIT_PATH="$PREFIX/lib/systemd/user:" "$@"
}

ctl() { as_user systemctl --user "$@"; }

# logged WORDS: a program said so since the test began.
logged() { as_user grep -q "$1" /home/me/log; }

# property UNIT NAME
property() { ctl show -P "$2" "$1"; }

# A cgroup can go when what was killed in it is gone.
no_cgroup() {
	find "$CGROUP" -depth -type d -exec rmdir {} \;
	[ ! -d "$CGROUP" ]
}

stop_manager() {
	# With its first process the namespace goes, and all that runs in it.
	[ -z "${INSIDE:-}" ] || kill -KILL "$INSIDE" 2>/dev/null || true
	[ -z "${MANAGER:-}" ] || wait "$MANAGER" 2>/dev/null || true
	[ -z "${CGROUP:-}" ] || wait_until no_cgroup
	rm -rf "$W"
}
