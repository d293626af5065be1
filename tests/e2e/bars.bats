#!/usr/bin/env bats
# One line for a status bar: waybar, tmux, anything.
load helpers

setup() { private_world; }
teardown() {
	[ -z "${TMUX_USED:-}" ] || { tmux -L "$TMUX_USED-out" kill-server; tmux -L "$TMUX_USED-in" kill-server; } 2>/dev/null || true
	end_world
}

nasty() { # FILE: its title means something to tmux, to Pango, to strftime and to a terminal
	write_plan "$1"
	sed -i $'1s/.*/# Add <b> \\& #[fg=red]"x" #(id) %H \e[31m/' "$1"
}

@test "the line tells who needs me first, and how many more" {
	write_plan "$PLAN"
	write_plan "$T/work/execplans/keys.md"
	sed -i 's/Add a parser/Rotate the keys/; s/^Status: .*/Status: BLOCKED/; s/\[x\]/[ ]/' "$T/work/execplans/keys.md"
	start_daemon "$T/work"
	[ "$("$PLANCTL" status --format plain)" = "needs you: Rotate the keys 0/4 (+1)" ]
	[ "$("$PLANCTL" status --format plain add-parser)" = "moving: Add a parser 1/4" ]
	"$PLANCTL" status --format waybar | jq -e '
		.text == "needs you: Rotate the keys 0/4 (+1)" and .alt == "needs_you" and .class == ["needs_you"] and .percentage == 0
		and (.tooltip | split("\n") | length == 4 and .[0] == "needs you: Rotate the keys 0/4" and .[2] == "moving: Add a parser 1/4")'
	"$PLANCTL" status --format waybar add-parser | jq -e '.percentage == 25'
}

@test "nothing to say is an empty line; many plans are counted" {
	start_daemon "$T/work"
	run "$PLANCTL" status --format plain
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	"$PLANCTL" status --format waybar | jq -e '.text == "" and .tooltip == "" and .class == ["quiet"]'
	for n in $(seq 20); do write_plan "$T/work/execplans/$n.md"; done
	"$PLANCTL" sync
	"$PLANCTL" status --format waybar | jq -e '(.text | endswith("(+19)")) and (.tooltip | split("\n") | length == 25 and .[-1] == "and 8 more")'
}

@test "without a daemon it says so" {
	write_plan "$PLAN"
	start_daemon "$T/work"
	stop_daemon
	run "$PLANCTL" status --format plain
	[ "$output" = "moving: Add a parser 1/4 (not watched)" ]
	"$PLANCTL" status --format waybar | jq -e '.class == ["moving", "not-watched"] and (.tooltip | contains("planwatchd is not running"))'
}

@test "a title is text to waybar's Pango, whatever it contains" {
	nasty "$PLAN"
	start_daemon "$T/work"
	"$PLANCTL" status --format waybar >"$T/line"
	[ "$(wc -l <"$T/line")" -eq 1 ]
	python3 - "$T/line" <<-'PY'
	import json, sys, xml.etree.ElementTree as tree
	line = json.load(open(sys.argv[1]))
	for key in "text", "tooltip":
	    markup = tree.fromstring("<markup>" + line[key] + "</markup>")
	    assert len(markup) == 0, "a tag got through"
	    assert 'Add <b> & #[fg=red]"x" #(id) %H' in markup.text, markup.text
	    assert "\033" not in markup.text
	PY
}

@test "a title is text to tmux, whatever it contains: as tmux shows it" {
	command -v tmux >/dev/null || skip "tmux is not installed"
	nasty "$PLAN"
	start_daemon "$T/work"
	export TMUX_TMPDIR=$T TMUX_USED=planwatch
	unset TMUX
	printf 'set -g status-interval 1\nset -g status-left ""\nset -g status-right-length 100\nset -g status-right "#(%s status --format tmux)"\n' "$PLANCTL" >"$T/tmux.conf"
	tmux -L planwatch-out -f /dev/null new-session -d -x 120 -y 10 "tmux -L planwatch-in -f '$T/tmux.conf' new-session cat"
	shown() { tmux -L planwatch-out capture-pane -p | grep -qF 'moving: Add <b> & #[fg=red]"x" #(id) %H'; }
	wait_until shown || { tmux -L planwatch-out capture-pane -p; false; }
}

@test "a format that is none is an error" {
	run "$PLANCTL" status --format i3
	[ "$status" -eq 2 ]
	[[ $output == *"--format i3: expected waybar, tmux or plain"* ]]
}
