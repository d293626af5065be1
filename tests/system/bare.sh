#!/usr/bin/env bash
# bare.sh FOLDER VERSION: the package of FOLDER in a Debian 12 with nothing else in it: installed, used, upgraded, removed, purged. What
# it leaves is what it found. Needs root, debootstrap and the packages of this machine's own sources.
set -euo pipefail

folder=$1 version=$2
package=$(echo "$folder"/planwatch_"$version"_*.deb)
work=$(mktemp -d /tmp/planwatch-bare.XXXXXX)
bare=$work/root
trap 'umount "$bare/proc" 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT
inside() { chroot "$bare" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
say() { printf '== %s\n' "$*"; }
die() { printf 'bare: %s\n' "$*" >&2; exit 1; }

say "debootstrap --variant=minbase bookworm"
mirror=$(apt-get indextargets --format '$(CREATED_BY) $(SUITE) $(SITE)' | awk '$1 == "Packages" && $2 ~ /^(bookworm|oldstable|stable)$/ {print $3; exit}')
debootstrap --variant=minbase --include=init-system-helpers bookworm "$bare" "${mirror:-http://deb.debian.org/debian}" >"$work/debootstrap.log" 2>&1 ||
	{ tail -n 20 "$work/debootstrap.log"; die "debootstrap failed"; }
mount -t proc proc "$bare/proc"

# The next version: the same content under another number.
dpkg-deb -R "$package" "$work/next"
sed -i "s/^Version: .*/Version: $version+1/" "$work/next/DEBIAN/control"
dpkg-deb -b "$work/next" "$work/next.deb" >/dev/null
cp "$package" "$bare/planwatch.deb"
cp "$work/next.deb" "$bare/next.deb"

# All files but the package manager's own notes and caches.
files() { (cd "$bare" && find etc usr var opt home root lib bin srv -xdev \! -path 'var/lib/dpkg/*' \! -path 'var/cache/*' \! -path 'var/log/*' \
	\! -path 'var/lib/apt/*' | sort); }

# What it needs comes first, so that what it leaves can be told from what it needs.
say "what it depends on"
inside apt-get update -qq
mapfile -t needs < <(dpkg-deb -f "$package" Depends | tr ',' '\n' | sed 's/ *(.*//; s/^ *//')
inside apt-get install -y -qq --no-install-recommends "${needs[@]}" >"$work/needs.log" 2>&1 || { tail "$work/needs.log"; die "dependencies"; }
files >"$work/before"

say "install"
inside dpkg -i /planwatch.deb
[ "$(inside dpkg-query -W -f '${db:Status-Status} ${Version}' planwatch)" = "installed $version" ] || die "not installed"

say "use, as a user"
inside useradd -m me
inside su me -c '
	set -e
	export XDG_RUNTIME_DIR=$HOME/run; mkdir -m 700 $XDG_RUNTIME_DIR; mkdir -p $HOME/src/execplans
	printf "# A plan\n\n## Progress\n\n- [ ] Stage A: begin.\n- [ ] Stage B: end.\n" >$HOME/src/execplans/a.md
	planwatchd $HOME/src & daemon=$!
	until planctl ping -q 2>/dev/null; do sleep 0.1; done
	sed -i "0,/\[ \]/s//[x]/" $HOME/src/execplans/a.md
	planctl sync
	planctl log --kind item_done
	[ "$(planctl status --format plain)" = "moving: A plan 1/2" ]
	kill $daemon; wait $daemon
	planctl verify'
for unit in planwatchd.service planwatchd.socket planwatch-notify.service; do
	[ -f "$bare/usr/lib/systemd/user/$unit" ] || die "$unit is missing"
	[ -z "$(find "$bare/etc/systemd/user" -name "$unit" 2>/dev/null)" ] || die "$unit was enabled for everybody, unasked"
done

say "upgrade"
inside dpkg -i /next.deb
[ "$(inside dpkg-query -W -f '${db:Status-Status} ${Version}' planwatch)" = "installed $version+1" ] || die "not upgraded"
inside su me -c 'planctl verify'

say "remove"
inside dpkg -r planwatch
say "purge"
inside dpkg -P planwatch
! inside dpkg-query -W planwatch 2>/dev/null || die "still known to dpkg"
[ -f "$bare/home/me/.local/state/planwatch/planwatch.db" ] || die "a user's record was taken away"
inside userdel -r me 2>/dev/null
files >"$work/after"
# /etc/passwd and the like have the user's backup copies.
left=$(diff "$work/before" "$work/after" | grep -E '^[<>]' | grep -vE '^> etc/(passwd|group|shadow|gshadow|subuid|subgid)-$' || true)
[ -z "$left" ] || die "it left or took something:
$left"
say "nothing is left"
