#!/usr/bin/env bats
# planctl setup, and back: what it finds, asks, writes and runs. The units themselves: tests/system/setup.bats.
load helpers
load screen

setup() {
	private_world
	CONFIG=$XDG_CONFIG_HOME/planwatch/planwatch.conf
	# What is run is written down; a systemctl that starts the daemon, as the real one does.
	mkdir "$T/bin"
	cat >"$T/bin/systemctl" <<-SH
		#!/bin/sh
		echo "\$*" >>"$T/systemctl.log"
		[ "\$2" = enable ] || exit 0
		"$PLANCTL" ping -q 2>/dev/null && exit 0
		"$PLANWATCHD" 2>>"$T/daemon.log" >/dev/null 3>&- &
		echo \$! >"$T/daemon.pid"
		until "$PLANCTL" ping -q 2>/dev/null; do sleep 0.02; done
	SH
	chmod +x "$T/bin/systemctl"
	PATH=$T/bin:$PATH
	unset DISPLAY WAYLAND_DISPLAY
	mkdir -p "$HOME/src/parser/.git" "$HOME/src/parser/.agent/execplans" "$HOME/notes/plans" "$HOME/.cache/plans" \
		"$HOME/src/empty/.git" "$HOME/src/parser/node_modules/x/plans"
	for plan in src/parser/.agent/execplans/one.md src/parser/.agent/execplans/two.md notes/plans/three.md .cache/plans/no.md \
		src/parser/node_modules/x/plans/no.md; do
		write_plan "$HOME/$plan"
	done
	sed -i 's/\[ \]/[x]/' "$HOME/notes/plans/three.md"
	echo "# No plan" >"$HOME/src/parser/.agent/execplans/notes.md"
}

teardown() {
	stop_screen
	[ ! -e "$T/daemon.pid" ] || kill "$(cat "$T/daemon.pid")" 2>/dev/null || true
	end_world
}

# answering ANSWERS COMMAND...: at a terminal.
answering() {
	local answers=$1
	shift
	printf "$answers" | script -qec "$*" /dev/null
}

@test "it finds repositories with plans, writes the configuration, starts the units, and the daemon watches" {
	run "$PLANCTL" setup --yes
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ $output == *"2 plans    2 open   $HOME/src/parser"* ]]
	[[ $output == *"1 plan     0 open   $HOME/notes/plans"* ]]
	[[ $output != *empty* && $output != *.cache* && $output != *node_modules* ]]
	[ "$(grep -c '^root = ' "$CONFIG")" -eq 2 ]
	grep -qx 'root = ~/src/parser' "$CONFIG"
	[ "$(cat "$T/systemctl.log")" = "--user enable --now planwatchd.socket planwatchd.service" ]
	"$PLANCTL" sync
	[ "$("$PLANCTL" status --json | jq '.data | length')" -eq 3 ]
}

@test "what is there already stays: comments, roots, the mode, a link; and a second time there is nothing to do" {
	mkdir -p "$T/dotfiles" "$(dirname "$CONFIG")"
	printf '# mine\n[watch]\nroot = ~/notes\n\n[limits]\nstall_after = 90m' >"$T/dotfiles/conf"
	chmod 640 "$T/dotfiles/conf"
	ln -s "$T/dotfiles/conf" "$CONFIG"
	cp "$T/dotfiles/conf" "$T/before"
	run "$PLANCTL" setup --yes
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ $output == *"notes/plans   (watched already)"* ]]
	[ -L "$CONFIG" ]
	[ "$(stat -c %a "$T/dotfiles/conf")" = 640 ]
	head -c "$(stat -c %s "$T/before")" "$CONFIG" | cmp - "$T/before"
	[ "$(grep -c '^root = ' "$CONFIG")" -eq 2 ]
	run "$PLANCTL" setup --yes
	[[ $output == *"nothing new to watch"* ]]
	# One more joins the others in the block.
	mkdir "$HOME/other"
	"$PLANCTL" setup --yes "$HOME/other" >/dev/null
	[ "$(grep -c 'planctl setup' "$CONFIG")" -eq 2 ]
	[ "$("$PLANCTL" roots --json | jq '.data | length')" -eq 3 ]
	"$PLANCTL" setup --yes --undo >/dev/null
	# The end of its last line, and an empty one, are all that differs.
	diff -B "$CONFIG" <(cat "$T/before"; echo)
}

@test "undo takes back what it did, and leaves the record" {
	"$PLANCTL" setup --yes >/dev/null
	"$PLANCTL" sync
	run "$PLANCTL" setup --yes --undo
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[ ! -e "$CONFIG" ]
	tail -n 1 "$T/systemctl.log" | grep -qx -- '--user disable --now planwatchd.socket planwatchd.service planwatch-notify.service'
	[ -f "$DB" ]
	[[ $output == *"the record stays: $DB"* ]]
}

@test "each step asks, and a no is a no" {
	run answering 'n\nn\n' "$PLANCTL" setup
	[[ $output == *"Write this? [y/n]"* ]]
	[[ $output == *"Run this? [y/n]"* ]]
	[ ! -e "$CONFIG" ]
	[ ! -e "$T/systemctl.log" ]
	run answering 'y\nn\n' "$PLANCTL" setup
	[ -e "$CONFIG" ]
	[ ! -e "$T/systemctl.log" ]
	# Nobody at the terminal is no yes.
	run "$PLANCTL" setup </dev/null
	[ "$status" -eq 2 ]
	[[ $output == *"say --yes"* ]]
}

@test "a folder that is named is watched as it is, with what comes later" {
	mkdir "$T/new"
	"$PLANCTL" setup --yes "$T/new" >/dev/null
	grep -qx "root = $T/new" "$CONFIG"
	mkdir "$T/new/plans"
	write_plan "$T/new/plans/later.md"
	"$PLANCTL" sync
	[ "$("$PLANCTL" status --json | jq '.data | length')" -eq 1 ]
	run "$PLANCTL" setup --yes "$T/nowhere"
	[ "$status" -eq 4 ]
}

@test "a name that the configuration cannot hold changes nothing" {
	mkdir "$T/odd ; name"
	run "$PLANCTL" setup --yes "$T/odd ; name"
	[ "$status" -eq 2 ]
	[[ $output == *"cannot stand in a configuration"* ]]
	[ ! -e "$CONFIG" ]
	[ -z "$(ls -A "$(dirname "$CONFIG")")" ]
	mkdir -p "$T/new"$'\n'line
	run "$PLANCTL" setup --yes "$T/new"$'\n'line
	[ "$status" -eq 2 ]
	[[ $output == *"cannot stand in a configuration"* ]]
	[ ! -e "$CONFIG" ]
}

@test "a repository whose name the configuration cannot hold is shown and left out, the others are watched" {
	mkdir -p "$HOME/odd"$'\n'name/{.git,execplans}
	write_plan "$HOME/odd"$'\n'name/execplans/four.md
	run "$PLANCTL" setup --yes
	[ "$status" -eq 0 ]
	[[ $output == *'odd\x0Aname   (left out: say planctl watch)'* ]]
	grep -q '^root = ~/src/parser$' "$CONFIG"
	not grep -q odd "$CONFIG"
}

@test "what fails is said, and the exit code tells it" {
	printf '#!/bin/sh\nexit 5\n' >"$T/bin/systemctl"
	run "$PLANCTL" setup --yes
	[ "$status" -eq 1 ]
	[[ $output == *"not done: systemctl ended with 5"* ]]
	[[ $output == *"not done: planwatchd is not running"* ]]
	rm "$T/bin/systemctl"
	PATH=$T/bin run "$PLANCTL" setup --yes --json
	[ "$status" -eq 1 ]
	jq -e '.data.steps | map(select(.done == false).step) == ["units", "daemon"]' <<<"$output"
}

@test "a daemon that keeps another record than planctl reads is found out" {
	sed -i "s|^\"$PLANWATCHD\"|XDG_STATE_HOME=$T/elsewhere &|" "$T/bin/systemctl"
	run "$PLANCTL" setup --yes
	[ "$status" -eq 1 ]
	[[ $output == *"not done: planwatchd keeps its record in $T/elsewhere/"* ]]
}

@test "with a screen the notifier is enabled, and a test notification shown" {
	start_screen
	run "$PLANCTL" setup --yes
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	grep -q 'planwatch-notify.service' "$T/systemctl.log"
	[ "$(on_screen)" -eq 1 ] # nobody is waited for
}
