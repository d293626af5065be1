#!/usr/bin/env bats
# What `make install` leaves, and that `make uninstall` takes all of it back.
load helpers

setup() { private_world; SOURCE=$BATS_TEST_DIRNAME/../..; }

@test "install and uninstall under DESTDIR and PREFIX" {
	make -s -C "$SOURCE" BUILD="$BUILD" DESTDIR="$T/root" PREFIX=/opt/pw install >/dev/null
	run "$T/root/opt/pw/bin/planctl" --version
	[ "$output" = "planctl 0.1.0" ]
	[ -x "$T/root/opt/pw/bin/planwatchd" ]
	[ -x "$T/root/opt/pw/libexec/planwatch-notify" ]
	grep -q '^ExecStart=/opt/pw/bin/planwatchd$' "$T/root/opt/pw/lib/systemd/user/planwatchd.service"
	[ "$(find "$T/root" -name '*.[1578]' | wc -l)" -eq 5 ]
	make -s -C "$SOURCE" BUILD="$BUILD" DESTDIR="$T/root" PREFIX=/opt/pw uninstall
	[ -z "$(find "$T/root" -type f)" ]
}

@test "every command and global option is in the manual" {
	page=$SOURCE/man/planctl.1
	for command in $("$PLANCTL" --help | sed -n '/^Commands:/,/^$/p' | awk 'NR > 1 && NF {print $1}'); do
		grep -q "Cm $command\b" "$page" || { echo "$command"; false; }
	done
	for option in $("$PLANCTL" --help | grep -oE '^  --[a-z]+' | tr -d ' -'); do
		grep -qE "(Fl -|-)$option\b" "$page" || { echo "$option"; false; }
	done
}
