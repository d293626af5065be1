#!/usr/bin/env bats
# What the daemon records of saves, of all kinds.
load helpers

setup() { private_world; write_plan "$PLAN"; }
teardown() { end_world; }

@test "the first look is a baseline: the plan, its items, no tick that nobody saw" {
	start_daemon "$T/work"
	[ "$(events plan_found)" -eq 1 ]
	[ "$(events item_added)" -eq 4 ]
	[ "$(events item_done)" -eq 0 ]
	[ "$(sql "SELECT count(*) FROM v_items WHERE done_at IS NOT NULL")" -eq 0 ]
	verified
}

@test "a tick is one event with the witnessed and the claimed time" {
	start_daemon "$T/work"
	sed -i 's/^- \[ \] Stage B: write/- [x] (2026-01-05 11:30Z) Stage B: write/' "$PLAN"
	"$PLANCTL" sync
	[ "$(events item_done)" -eq 1 ]
	[ "$(events item_reworded)" -eq 0 ]
	run "$PLANCTL" log --json --kind item_done
	[ "$status" -eq 0 ]
	echo "$output" | jq -e '.data[0] | .from == "open" and .to == "done" and .origin == "live" and .item.line == 15
		and .claimed.at == "2026-01-05T11:30:00.000000Z" and .claimed.precision == "minute" and .at > "2026-01-06"'
	verified
}

@test "a tick that rewords keeps the identity of the item" {
	start_daemon "$T/work"
	id=$(sql "SELECT id FROM v_items WHERE text LIKE '%write the tokenizer%'")
	sed -i 's/^- \[ \] Stage B: write the tokenizer\./- [x] (2026-01-05 11:30Z) Stage B: wrote the tokenizer in lexer.c, found two bugs./' "$PLAN"
	"$PLANCTL" sync
	[ "$(sql "SELECT id FROM v_items WHERE text LIKE '%wrote the tokenizer%'")" = "$id" ]
	[ "$(events item_done)" -eq 1 ]
	[ "$(events item_reworded)" -eq 1 ]
	[ "$(events item_removed)" -eq 0 ]
	verified
}

@test "a save that changes nothing, and one that only wraps, make no event" {
	start_daemon "$T/work"
	before=$(sql "SELECT count(*) FROM v_events")
	cp "$PLAN" "$T/copy"; cat "$T/copy" >"$PLAN"
	touch "$PLAN"
	cp "$T/copy" "$T/work/.new"; mv "$T/work/.new" "$PLAN"
	"$PLANCTL" sync
	[ "$(sql "SELECT count(*) FROM v_events")" -eq "$before" ]
	sed -i 's/^- \[ \] Stage C: wire it into the command\./- [ ] Stage C: wire it\n  into the command./' "$PLAN"
	"$PLANCTL" sync
	[ "$(sql "SELECT count(*) FROM v_events")" -eq "$before" ]
	[ "$(sql "SELECT count(*) FROM v_revisions")" -eq 2 ]
	verified
}

@test "every way of saving is one tick: in place, rename over, backup and rename, append, vim, git" {
	start_daemon "$T/work"
	for n in 1 2 3 4 5 6 7; do echo "- [ ] Step $n: save number $n." >>"$PLAN"; "$PLANCTL" sync; done
	# The Decision Log is the last section: the new items belong in the Progress.
	python3 - "$PLAN" <<-'PY'
	import sys
	text = open(sys.argv[1]).read()
	head, log = text.split("## Decision Log")
	decision, *items = log.split("- [ ]")
	open(sys.argv[1], "w").write(head.rstrip() + "\n" + "".join("- [ ]" + i for i in items) + "\n## Decision Log" + decision)
	PY
	"$PLANCTL" sync
	[ "$(sql "SELECT total FROM v_plans")" -eq 11 ]

	python3 -c 'import sys; p=sys.argv[1]; t=open(p).read(); open(p,"w").write(t.replace("- [ ] Step 1","- [x] Step 1"))' "$PLAN"
	"$PLANCTL" sync; [ "$(events item_done)" -eq 1 ]
	sed -i 's/^- \[ \] Step 2/- [x] Step 2/' "$PLAN"
	"$PLANCTL" sync; [ "$(events item_done)" -eq 2 ]
	cp "$PLAN" "$PLAN~"; mv "$PLAN" "$PLAN.bak"; sed 's/^- \[ \] Step 3/- [x] Step 3/' "$PLAN.bak" >"$PLAN"
	"$PLANCTL" sync; [ "$(events item_done)" -eq 3 ]
	vim.tiny -u NONE -es -c 'set writebackup backupcopy=no' -c '%s/- \[ \] Step 4/- [x] Step 4/' -c wq "$PLAN"
	"$PLANCTL" sync; [ "$(events item_done)" -eq 4 ]
	vim.tiny -u NONE -es -c 'set writebackup backupcopy=yes' -c '%s/- \[ \] Step 5/- [x] Step 5/' -c wq "$PLAN"
	"$PLANCTL" sync; [ "$(events item_done)" -eq 5 ]
	sed 's/^- \[ \] Step 6/- [x] Step 6/' "$PLAN" >"$T/new"; rm "$PLAN"; cp "$T/new" "$PLAN"
	"$PLANCTL" sync; [ "$(events item_done)" -eq 6 ]
	sed 's/^- \[ \] Step 7/- [x] Step 7/' "$PLAN" >"$T/new"; install -m 644 "$T/new" "$PLAN"
	"$PLANCTL" sync; [ "$(events item_done)" -eq 7 ]

	[ "$(events item_removed)" -eq 0 ]
	[ "$(events item_undone)" -eq 0 ]
	[ "$(events plan_gone)" -eq 0 ]
	[ "$(events plan_found)" -eq 1 ]
	verified
}

# A state that stands for half a second is believed: a round in which this machine took longer is done again.
torn_round() {
	local start end
	removed=$(events item_removed)
	start=$(date +%s%N)
	: >"$PLAN"
	"$PLANCTL" ping >/dev/null # gives the daemon something to do in between
	head -c 200 "$T/whole" >"$PLAN"
	cat "$T/whole" >"$PLAN"
	end=$(date +%s%N)
	"$PLANCTL" sync
	[ $((end - start)) -lt 400000000 ] || return 1
	[ "$(events item_removed)" -eq "$removed" ] || { echo "believed after $((end - start)) ns" >&2; exit 1; }
}

@test "a save that is cut off in its last lines is held, and believed when it stands" {
	printf '\n## Outcomes\n\n- It works.\n' >>"$PLAN"
	start_daemon "$T/work"
	cp "$PLAN" "$T/whole"
	for cut in 3 8 12 20 25 40; do # 12: all of the section but its heading; 25: the whole section
		start=$(date +%s%N)
		head -c -"$cut" "$T/whole" >"$PLAN"
		"$PLANCTL" ping >/dev/null
		cat "$T/whole" >"$PLAN"
		end=$(date +%s%N)
		"$PLANCTL" sync
		[ $((end - start)) -lt 400000000 ] || slow=1 # such a state may be believed
		[ -n "${slow:-}" ] || [ "$("$PLANCTL" log --limit 0 --json | jq '[.data[] | select(.kind | test("section|reworded"))] | length')" -eq 0 ]
	done
	head -c -25 "$T/whole" >"$PLAN"
	"$PLANCTL" sync
	[ "$(events section_changed)" -ge 1 ]
	verified
}

@test "a torn save is not believed: truncated first, written a moment later" {
	start_daemon "$T/work"
	cp "$PLAN" "$T/whole"
	good=0
	for n in $(seq 50); do
		if torn_round; then good=$((good + 1)); fi
		[ "$good" -lt 5 ] || break
	done
	[ "$good" -eq 5 ]
	tick "$T/whole" "test the"
	wait_until torn_round
	[ "$(events item_done)" -ge 1 ]
	verified
}

@test "the half of a save is not believed because another save comes right after it" {
	start_daemon "$T/work"
	python3 - "$PLAN" "$XDG_RUNTIME_DIR/planwatch/socket" "$DAEMON" <<-'PY'
	import os, signal, socket, sys, time
	plan, path, daemon = sys.argv[1], sys.argv[2], int(sys.argv[3])
	whole = open(plan).read().replace("- [ ] Stage B: write", "- [x] Stage B: write")

	def ask(request):
	    client = socket.socket(socket.AF_UNIX)
	    client.connect(path)
	    client.sendall(request)
	    return client

	def first_half_was_read(file):
	    start = time.monotonic()
	    file.truncate(0)
	    file.seek(0)
	    file.write(whole[:whole.index("- [ ] Stage B: test")])
	    file.flush()
	    syncing = ask(b'{"method":"sync"}\n') # reads at once what is open; its answer comes when the file has settled
	    for n in range(2): # requests of one moment come in no order
	        ask(b'{"method":"ping"}\n').recv(999)
	    os.kill(daemon, signal.SIGSTOP)
	    return time.monotonic() - start < 0.4 # what stands for half a second is believed

	with open(plan, "r+") as file:
	    while not first_half_was_read(file):
	        os.kill(daemon, signal.SIGCONT)
	        file.seek(0)
	        file.write(whole)
	        file.flush()
	    file.seek(0)
	    file.write(whole)
	open(plan, "w").write(whole.replace("- [ ] Stage B: test", "- [x] Stage B: test").replace("Status: IN PROGRESS", "Status: BLOCKED"))
	os.kill(daemon, signal.SIGCONT)
	PY
	"$PLANCTL" sync
	[ "$(events item_removed)" -eq 0 ]
	[ "$(events item_added)" -eq 4 ]
	[ "$(events item_done)" -eq 2 ]
	verified
}

# The rest of a save is overwritten by the next one before it can be read.
half_round() {
	local start end
	start=$(date +%s%N)
	head -c 200 "$T/whole" >"$PLAN"
	"$PLANCTL" ping >/dev/null
	kill -STOP "$DAEMON"
	cat "$T/whole" >"$PLAN"
	: >"$PLAN"
	kill -CONT "$DAEMON"
	"$PLANCTL" ping >/dev/null
	cat "$T/whole" >"$PLAN"
	end=$(date +%s%N)
	"$PLANCTL" sync
	[ $((end - start)) -lt 400000000 ]
}

@test "half of a save is not believed where the other half was never seen" {
	start_daemon "$T/work"
	cp "$PLAN" "$T/whole"
	good=0
	for n in $(seq 50); do
		before=$(sql "SELECT count(*) FROM v_events")
		half_round || continue
		[ "$(sql "SELECT count(*) FROM v_events")" -eq "$before" ]
		good=$((good + 1))
		[ "$good" -lt 5 ] || break
	done
	[ "$good" -eq 5 ]
	verified
}

@test "what was held for a moment did not happen after it was seen" {
	write_plan "$T/work/execplans/other.md"
	start_daemon "$T/work"
	sed -i '/Stage C/d' "$PLAN"
	seen=$(date +%s%6N)
	tick "$T/work/execplans/other.md" "write the" # recorded while the other is held
	"$PLANCTL" sync
	[ "$(sql "SELECT count(*) FROM v_events WHERE kind = 'item_removed' AND not_before <= $seen")" -eq 1 ]
	[ "$(sql "SELECT count(*) FROM v_events WHERE not_before > at")" -eq 0 ]
}

@test "items that are really gone are removed, after a moment" {
	start_daemon "$T/work"
	sed -i '/Stage C/d' "$PLAN"
	"$PLANCTL" sync
	[ "$(events item_removed)" -eq 1 ]
	[ "$(sql "SELECT total FROM v_plans")" -eq 3 ]
	verified
}

@test "a plan that is deleted is gone, and goes on where it stood when it returns" {
	start_daemon "$T/work"
	cp "$PLAN" "$T/saved"; rm "$PLAN"
	"$PLANCTL" sync
	[ "$(events plan_gone)" -eq 1 ]
	[ "$("$PLANCTL" status --plain | wc -l)" -eq 0 ]
	tick "$T/saved" "test the"; cp "$T/saved" "$PLAN"
	"$PLANCTL" sync
	[ "$(events plan_returned)" -eq 1 ]
	[ "$(events plan_found)" -eq 1 ]
	[ "$(events item_done)" -eq 1 ]
	verified
}

@test "a plan that is renamed and edited at once keeps its identity" {
	start_daemon "$T/work"
	id=$("$PLANCTL" status --json | jq '.data[0].plan.id')
	mkdir -p "$T/work/execplans/completed"
	# As git does on a checkout: the old file is deleted, another one is made.
	sed 's/\[ \] Stage B: write the tokenizer/[x] (2026-01-06 09:00Z) Stage B: wrote it/; s/IN PROGRESS/COMPLETE/' \
		"$PLAN" >"$T/edited"
	rm "$PLAN"
	cp "$T/edited" "$T/work/execplans/completed/parser-done.md"
	"$PLANCTL" sync
	"$PLANCTL" status --json | jq -e --argjson id "$id" \
		'(.data | length) == 1 and .data[0].plan.id == $id and (.data[0].plan.path | endswith("parser-done.md"))'
	[ "$(events plan_moved)" -eq 1 ]
	[ "$(events plan_found)" -eq 1 ]
	[ "$(events plan_gone)" -eq 0 ]
	[ "$(events item_removed)" -eq 0 ]
	verified
}

@test "a plan that is moved by copying and deleting keeps its identity" {
	start_daemon "$T/work"
	id=$("$PLANCTL" status --json | jq '.data[0].plan.id')
	cp "$PLAN" "$T/work/execplans/moved.md"
	rm "$PLAN"
	"$PLANCTL" sync
	"$PLANCTL" status --json | jq -e --argjson id "$id" '(.data | length) == 1 and .data[0].plan.id == $id'
	verified
}

@test "a copy is a plan of its own, and what comes to a deleted file's inode, too" {
	start_daemon "$T/work"
	id=$("$PLANCTL" status --json | jq '.data[0].plan.id')
	cp "$PLAN" "$T/work/execplans/copy.md"
	"$PLANCTL" sync
	[ "$(events plan_found)" -eq 2 ]
	"$PLANCTL" status --json | jq -e --argjson id "$id" \
		'any(.data[]; .plan.id == $id and (.plan.path | endswith("add-parser.md")))'
	rm "$T/work/execplans/copy.md"
	printf '# Another one\n\n## Progress\n\n- [ ] Paint the shed.\n' >"$T/work/execplans/other.md"
	"$PLANCTL" sync
	[ "$(events plan_found)" -eq 3 ]
	[ "$(events plan_moved)" -eq 0 ]
	[ "$(events plan_gone)" -eq 1 ]
	verified
}

@test "a plan that is renamed keeps its history" {
	start_daemon "$T/work"
	id=$(sql "SELECT id FROM v_plans")
	mkdir -p "$T/work/execplans/completed"
	mv "$PLAN" "$T/work/execplans/completed/parser.md"
	"$PLANCTL" sync
	[ "$(events plan_moved)" -eq 1 ]
	[ "$(events plan_gone)" -eq 0 ]
	[ "$(sql "SELECT id || path FROM v_plans")" = "$id$T/work/execplans/completed/parser.md" ]
	mv "$T/work/execplans" "$T/work/plans"
	"$PLANCTL" sync
	[ "$(sql "SELECT id || path FROM v_plans WHERE present")" = "$id$T/work/plans/completed/parser.md" ]
	verified
}

@test "new folders and files count from the moment they appear" {
	start_daemon "$T/work"
	for n in $(seq 20); do
		mkdir -p "$T/work/project-$n/docs/execplans/active"
		write_plan "$T/work/project-$n/docs/execplans/active/plan.md"
	done
	"$PLANCTL" sync
	[ "$(events plan_found)" -eq 21 ]
	for n in $(seq 20); do tick "$T/work/project-$n/docs/execplans/active/plan.md" "test the"; done
	"$PLANCTL" sync
	[ "$(events item_done)" -eq 20 ]
	verified
}

@test "sync waits for a new file that is first taken for another one that is gone" {
	write_plan "$T/work/execplans/longer.md"
	sed -i '/Stage C: wire/a - [ ] Stage C: tell the others.' "$T/work/execplans/longer.md"
	start_daemon "$T/work"
	cp "$PLAN" "$T/work/execplans/copy.md"
	"$PLANCTL" ping # the copy is seen first
	rm "$T/work/execplans/longer.md"
	"$PLANCTL" sync
	[ "$("$PLANCTL" status --json | jq -c '[.data[].plan.path | split("/")[-1]] | sort')" = '["add-parser.md","copy.md"]' ]
	verified
}

@test "what is no plan is not recorded: other places, READMEs, templates, files without Progress" {
	write_plan "$T/work/notes.md"
	write_plan "$T/work/execplans/README.md"
	write_plan "$T/work/execplans/TEMPLATE.md"
	printf '# Notes\n\n- [ ] buy milk\n' >"$T/work/execplans/shopping.md"
	mkdir -p "$T/work/node_modules/execplans"; write_plan "$T/work/node_modules/execplans/plan.md"
	start_daemon "$T/work"
	[ "$(events plan_found)" -eq 1 ]
}

@test "links, pipes and folders with a plan's name are left alone" {
	write_plan "$T/secret.md"
	ln -s "$T/secret.md" "$T/work/execplans/link.md"
	mkfifo "$T/work/execplans/pipe.md"
	mkdir "$T/work/execplans/folder.md"
	ln -s "$T" "$T/work/execplans/up"
	start_daemon "$T/work"
	[ "$(events plan_found)" -eq 1 ]
	rm "$PLAN"; ln -s "$T/secret.md" "$PLAN"
	"$PLANCTL" sync
	[ "$(events plan_gone)" -eq 1 ]
}

@test "a file over 4 MiB is told, and what was recorded of it stays" {
	start_daemon "$T/work"
	cp "$PLAN" "$T/whole"
	head -c 5000000 /dev/zero | tr '\0' 'x' >>"$PLAN"
	"$PLANCTL" sync
	"$PLANCTL" status --json | jq -e '.data[0] | .verdict == "unknown" and (.reason | test("too large"))'
	[ "$(sql "SELECT count(*) FROM v_coverage WHERE reason LIKE '%too large%'")" -eq 1 ]
	cp "$T/whole" "$PLAN"
	"$PLANCTL" sync
	"$PLANCTL" status --json | jq -e '.data[0] | .verdict != "unknown" and .total == 4'
	verified
}

@test "status, tolerances and sections that change are events" {
	start_daemon "$T/work"
	sed -i 's/^Status: IN PROGRESS/Status: BLOCKED/; s/4 hours/8 hours/; s/hand-written scanner/generated scanner/' "$PLAN"
	"$PLANCTL" sync
	"$PLANCTL" log --json --kind status_changed | jq -e '.data[0] | .from == "IN PROGRESS" and .to == "BLOCKED"'
	"$PLANCTL" log --json --kind tolerance_changed | jq -e '.data[0].to | test("8 hours")'
	[ "$(events section_changed)" -eq 1 ]
	printf '%s\n' '- Decision: ship on Monday.' '  Rationale: the shop is closed on Sunday.' >>"$PLAN"
	"$PLANCTL" sync
	"$PLANCTL" log --json --kind section_changed |
		jq -e '[.data[] | select(.from != .to)] | length == 1 and (.[0] | (.to | tonumber) == (.from | tonumber) + 1)'
	"$PLANCTL" status --json | jq -e '.data[0].verdict == "needs_you"'
}

@test "git gives each event its repository, branch and commit" {
	git -C "$T/work" init -q -b topic
	git -C "$T/work" -c user.name=a -c user.email=a@b add .
	git -C "$T/work" -c user.name=a -c user.email=a@b commit -qm one
	start_daemon "$T/work"
	tick "$PLAN" "test the"
	"$PLANCTL" sync
	commit=$(git -C "$T/work" rev-parse HEAD)
	"$PLANCTL" log --json --kind item_done | jq -e --arg c "$commit" --arg r "$T/work" \
		'.data[0] | .branch == "topic" and .commit == $c and .repo == $r'
	git -C "$T/work" pack-refs --all
	tick "$PLAN" "wire it"
	"$PLANCTL" sync
	"$PLANCTL" log --json --kind item_done | jq -e --arg c "$commit" '.data[1].commit == $c'
}

@test "several plans in one file are several plans" {
	{ cat "$PLAN"; echo; sed 's/Add a parser/Remove the parser/' "$PLAN"; } >"$T/both.md"
	cp "$T/both.md" "$T/work/execplans/both.md"
	start_daemon "$T/work"
	[ "$(events plan_found)" -eq 3 ]
	python3 -c 'import sys; p=sys.argv[1]; t=open(p).read(); i=t.rindex("- [ ] Stage C"); open(p,"w").write(t[:i]+"- [x]"+t[i+5:])' "$T/work/execplans/both.md"
	"$PLANCTL" sync
	"$PLANCTL" log --json --kind item_done | jq -e '.data | length == 1 and .[0].plan.title == "Remove the parser"'
	verified
}

@test "sync waits for nobody who never stops" {
	write_plan "$T/work/execplans/other.md"
	sed -i 's/^# .*/# Other/' "$T/work/execplans/other.md"
	start_daemon "$T/work"
	cp "$PLAN" "$T/whole"
	(
		n=0
		while [ ! -e "$T/stop" ]; do # each time another ruin
			n=$((n + 1))
			printf '# Ruin %s\n' "$n" >"$PLAN"
		done
	) >/dev/null 2>&1 3>&- &
	writer=$!
	for i in 1 2 3; do
		timeout 8 "$PLANCTL" sync
	done
	tick "$T/work/execplans/other.md" "write the"
	timeout 8 "$PLANCTL" sync
	[ "$("$PLANCTL" log "$T/work/execplans/other.md" --kind item_done --json | jq '.data | length')" -eq 1 ]
	touch "$T/stop"
	wait "$writer"
	cp "$T/whole" "$PLAN"
	"$PLANCTL" sync
	verified
}

@test "strange names: newlines, blanks, bytes that are no UTF-8, 255 bytes, and one that only changes its case" {
	local long=$T/work/execplans/$(printf 'x%.0s' {1..252}).md names
	names=("$T/work/execplans/two
lines.md" "$T/work/execplans/a b .md" "$T/work/execplans/"$'\xff\xfe.md' "$long")
	for name in "${names[@]}"; do write_plan "$name"; done
	start_daemon "$T/work"
	for name in "${names[@]}"; do tick "$name" "Stage B: write"; done
	mv "$PLAN" "$T/work/execplans/ADD-Parser.md"
	"$PLANCTL" sync
	[ "$(events item_done)" -eq 4 ]
	[ "$(events plan_moved)" -eq 1 ]
	[ "$(events plan_gone)" -eq 0 ]
	"$PLANCTL" status --json | jq -e '.data | length == 5'
	"$PLANCTL" status | wc -l | grep -qx 5
	verified
}

@test "what is put where a plan was, and is none, is not that plan again" {
	start_daemon "$T/work"
	mv "$PLAN" "$T/away"
	wait_until eval '"$PLANCTL" sync; [ "$(events plan_gone)" -eq 1 ]'
	echo "Not a plan." >"$PLAN"
	"$PLANCTL" sync
	[ "$(events plan_returned)" -eq 0 ]
	[ "$("$PLANCTL" status --json | jq '.data | length')" -eq 0 ]
	mv "$T/away" "$PLAN"
	"$PLANCTL" sync
	[ "$(events plan_returned)" -eq 1 ]
	[ "$(events item_removed)" -eq 0 ]
	verified
}
