#!/usr/bin/env bats
# What `make install` leaves, and that `make uninstall` takes all of it back.
load helpers

setup() { private_world; SOURCE=$BATS_TEST_DIRNAME/../..; }

@test "install and uninstall under DESTDIR and PREFIX" {
	make -s -C "$SOURCE" BUILD="$BUILD" DESTDIR="$T/root" PREFIX=/opt/pw install >/dev/null
	run "$T/root/opt/pw/bin/planctl" --version
	[ "$output" = "planctl 0.1.0" ]
	[ -x "$T/root/opt/pw/bin/planwatchd" ]
	[ -x "$T/root/opt/pw/libexec/planwatch/planwatch-notify" ]
	grep -q '^ExecStart=/opt/pw/bin/planwatchd$' "$T/root/opt/pw/lib/systemd/user/planwatchd.service"
	[ "$(find "$T/root" -name '*.[1578]' | wc -l)" -eq 5 ]
	grep -q '^ExecStart=/opt/pw/bin/planctl notify' "$T/root/opt/pw/lib/systemd/user/planwatch-notify.service"
	run grep -r '@PREFIX@' "$T/root"
	[ "$status" -eq 1 ]
	# It finds its helper, and that finds no bus.
	DBUS_SESSION_BUS_ADDRESS=unix:path=$T/no-bus run "$T/root/opt/pw/bin/planctl" notify --test
	[ "$status" -eq 2 ]
	[[ $output != *"cannot start"* && $output == *"there is no session bus"* ]] || { echo "$output"; false; }
	share=$T/root/opt/pw/share
	bash -n "$share/bash-completion/completions/planctl"
	grep -q '^#compdef planctl' "$share/zsh/site-functions/_planctl"
	grep -q '^complete -c planctl' "$share/fish/vendor_completions.d/planctl.fish"
	make -s -C "$SOURCE" BUILD="$BUILD" DESTDIR="$T/root" PREFIX=/opt/pw uninstall
	[ -z "$(find "$T/root" -type f)" ]
}

@test "every command and global option is in the manual" {
	page=$SOURCE/man/planctl.1
	for command in $("$PLANCTL" --help | sed -n '/^Commands:/,/^$/p' | awk 'NR > 1 && NF {print $1}'); do
		grep -q "Cm $command\b" "$page" || { echo "$command"; false; }
	done
	for command in $("$PLANCTL" --help | sed -n '/^Commands:/,/^$/p' | awk 'NR > 1 && NF {print $1}'); do
		for option in $("$PLANCTL" "$command" --help | grep -oE '^  --[a-z-]+' | sed 's/^  --//'); do
			grep -qE "Fl -$option\b" "$page" || { echo "$command --$option"; false; }
		done
	done
	for option in $("$PLANCTL" --help | grep -oE '^  --[a-z]+' | tr -d ' -'); do
		grep -qE "(Fl -|-)$option\b" "$page" || { echo "$option"; false; }
	done
}

@test "the package, the AppStream data and the programs are of one version" {
	version=$(sed -n 's/^VERSION := //p' "$SOURCE/Makefile")
	[ "$("$PLANCTL" --version)" = "planctl $version" ]
	head -n 1 "$SOURCE/debian/changelog" | grep -qF "planwatch ($version)"
	grep -q "<release version=\"$version\"" "$SOURCE/desktop/"*.metainfo.xml
}
