#!/usr/bin/env bats
# Completion, as a person has it: in a real bash, zsh and fish at a terminal, the keys typed, the screen read.
load ../e2e/helpers

setup() {
	private_world
	command -v tmux >/dev/null || skip "tmux is not installed"
	export PATH=$BUILD:$PATH TMUX_TMPDIR=$T
	unset TMUX
	write_plan "$PLAN"
	write_plan "$T/work/execplans/two words.md"
	write_plan "$T/work/execplans/zz\$(touch pwned).md"
	start_daemon "$T/work"
	mkdir "$T/folder-here"
	touch "$T/file-here.md"
	cd "$T"
}

teardown() {
	tmux kill-server 2>/dev/null || true
	end_world
}

in_terminal() { # COMMAND...: a terminal with this shell in it
	tmux -f /dev/null new-session -d -x 150 -y 40 -c "$T" "$@"
	wait_until on_terminal '> *$'
}

on_terminal() { tmux capture-pane -p | grep -E -- "$1"; }

# completes TYPED EXPECTED: typed and the Tab key pressed, the line becomes EXPECTED; then it is cleared.
completes() {
	tmux send-keys -l -- "$1"
	# The shell must have read all of it before the key.
	wait_until on_terminal "> .*$(tail -c 4 <<<"$1" | sed 's/[.[\*^$()+?{|\\]/\\&/g')"
	tmux send-keys Tab
	wait_until on_terminal "^> $2 *\$" || { tmux capture-pane -p | grep .; return 1; }
	tmux send-keys C-u
	wait_until on_terminal '^> *$'
}

# zsh adds the = of an option with a value itself.
completes_all() {
	completes "planctl stal" "planctl stalled"
	completes "planctl --col" "planctl --color=?"
	completes "planctl --color=al" "planctl --color=always"
	completes "planctl --color never stat" "planctl --color never status"
	completes "planctl status --for" "planctl status --format=?"
	completes "planctl status --format t" "planctl status --format tmux"
	completes "planctl checklist --format=j" "planctl checklist --format=json"
	completes "planctl show add-" "planctl show add-parser"
	completes "planctl show tw" 'planctl show two\\ words'
	completes "planctl parse file" "planctl parse file-here.md"
	completes "planctl show zz" "planctl show ['\"]?zz\\\\?\\$\\\\?\\(touch\\\\? pwned\\\\?\\)['\"]?"
	[ ! -e "$T/pwned" ]
	completes "planctl watch fol" "planctl watch folder-here/"
	completes "planctl -C fol" "planctl -C folder-here/"
	completes "planctl log --kind item_d" "planctl log --kind item_done"
	completes "planctl completion zs" "planctl completion zsh"
}

@test "bash completes" {
	in_terminal bash --norc --noprofile -c "PS1='> ' exec bash --norc --noprofile -i"
	tmux send-keys -l "bind 'set bell-style none'; . <(planctl completion bash)"; tmux send-keys Enter C-l
	wait_until on_terminal '^> *$'
	completes_all
}

@test "zsh completes" {
	command -v zsh >/dev/null || skip "zsh is not installed"
	mkdir "$T/functions"
	planctl completion zsh >"$T/functions/_planctl"
	mkdir -p "$T/dot"
	printf 'PS1="> "\nunsetopt beep promptsp\nfpath=(%q $fpath)\nautoload -U compinit; compinit -u -D\n' "$T/functions" >"$T/dot/.zshrc"
	in_terminal env ZDOTDIR="$T/dot" zsh -i -d
	completes_all
}

@test "fish completes" {
	command -v fish >/dev/null || skip "fish is not installed"
	mkdir -p "$XDG_CONFIG_HOME/fish/completions"
	planctl completion fish >"$XDG_CONFIG_HOME/fish/completions/planctl.fish"
	printf 'function fish_prompt; printf "> "; end\nset -g fish_greeting\nset -g fish_autosuggestion_enabled 0\n' >"$XDG_CONFIG_HOME/fish/config.fish"
	in_terminal fish -i
	completes_all
}

@test "every command and option is offered, in each shell" {
	for shell in bash zsh fish; do
		planctl completion $shell >"$T/script"
		for command in $(planctl --help | sed -n '/^Commands:/,/^$/p' | awk 'NR > 1 && NF {print $1}'); do
			grep -q "\b$command\b" "$T/script"
			for option in $(planctl "$command" --help | grep -oE '^  --[a-z-]+' | tr -d ' ' | sed 's/^--//'); do
				grep -qE -- "(--|-l )$option\b" "$T/script" || { echo "$shell: $command $option"; false; }
			done
		done
	done
	run planctl completion tcsh
	[ "$status" -eq 2 ]
}
