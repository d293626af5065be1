#!/usr/bin/env bats
# planctl import: history from before anybody watched, from git or a folder.
load helpers

setup() {
	private_world
	git_ init -q -b main
	mkdir -p "$T/work/execplans/active"
	PLAN=$T/work/execplans/active/add-parser.md
	write_plan "$PLAN"
	commit 1700000000 one
}

teardown() { end_world; }

git_() {
	git -C "$T/work" -c user.name=a -c user.email=a@b "$@"
}

commit() { # UNIXTIME MESSAGE: everything, by an author at that time
	git_ add -A
	GIT_AUTHOR_DATE="$1 +0000" git_ commit -qm "$2"
}

# Ticks on main, and a move to another folder with an edit in the same commit.
make_history() {
	tick "$PLAN" "write the"
	commit 1700000100 two
	mkdir -p "$T/work/execplans/completed"
	git_ mv execplans/active/add-parser.md execplans/completed/add-parser.md
	PLAN=$T/work/execplans/completed/add-parser.md
	tick "$PLAN" "test the"
	commit 1700000200 three
}

count() { sql "SELECT count(*) FROM $1"; }

# All that was recorded, in its order, but for the times of recording.
everything() {
	sql "SELECT * FROM v_events ORDER BY id"
	sql "SELECT * FROM v_revisions ORDER BY id"
	sql "SELECT * FROM v_items ORDER BY plan, id"
}

log_json() { "$PLANCTL" log --limit 0 --json "$@" | jq -c '.data[]'; }

@test "a plan's commits become its history, with their authors' times" {
	make_history
	"$PLANCTL" import "$PLAN" --git --utc >"$T/out" 2>"$T/err"
	[ ! -s "$T/err" ]
	[ "$(cat "$T/out")" = "$PLAN	3 revisions, 2023-11-14 22:13:20Z to 2023-11-14 22:16:40Z" ]
	verified
	log_json --kind item_done | jq -se '
		map([.item.text, .at, .not_before, .origin]) == [
		["Stage B: write the tokenizer.", "2023-11-14T22:15:00.000000Z", "2023-11-14T22:13:20.000000Z", "import"],
		["Stage B: test the tokenizer.", "2023-11-14T22:16:40.000000Z", "2023-11-14T22:15:00.000000Z", "import"]]'
	log_json --kind plan_found | jq -se 'length == 1 and .[0].not_before == null and .[0].branch == "main"'
	log_json --kind plan_moved | jq -se --arg t "$T" 'length == 1 and
		.[0].from == $t + "/work/execplans/active/add-parser.md" and
		.[0].to == $t + "/work/execplans/completed/add-parser.md"'
	[ "$(log_json --kind item_done | tail -1 | jq -r .commit)" = "$(git_ rev-parse HEAD)" ]
	"$PLANCTL" show "$PLAN" --json | jq -e '.data.plan.done == 3'
	"$PLANCTL" show "$PLAN" --at 2023-11-14T22:14:00Z --json | jq -e '[.data.items[] | select(.state == "done")] | length == 1'
}

@test "importing again adds nothing, and later what was committed since" {
	make_history
	"$PLANCTL" import "$PLAN" --git
	everything >"$T/before"
	run "$PLANCTL" import "$PLAN" --git
	[ "$status" -eq 0 ]
	[[ $output == *"nothing new" ]]
	everything | diff "$T/before" -
	tick "$PLAN" "wire it"
	commit 1700000300 four
	run "$PLANCTL" import "$PLAN" --git --json
	jq -e '.data[0] | .revisions == 1 and .known == 3' <<<"$output"
	[ "$(events item_done)" -eq 3 ]
	[ "$(events plan_found)" -eq 1 ]
	verified
}

@test "the daemon goes on from what was imported" {
	make_history
	"$PLANCTL" import "$PLAN" --git
	everything >"$T/before"
	start_daemon "$T/work"
	everything | diff "$T/before" -
	tick "$PLAN" "wire it"
	"$PLANCTL" sync
	[ "$(events plan_found)" -eq 1 ]
	[ "$(events item_done)" -eq 3 ]
	[ "$(count v_plans)" -eq 1 ]
	log_json --kind item_done | tail -1 | jq -e '.origin == "live" and .item.id == 4'
	verified
	# It is witnessed now: between the two there is no place.
	everything >"$T/before"
	"$PLANCTL" import "$PLAN" --git
	everything | diff "$T/before" -
}

@test "two branches and a worktree: no box is unticked, and the plan stands as it is checked out" {
	make_history
	git_ checkout -q -b topic HEAD~1
	sed -i -e 's/- \[ \] Stage B: test/- [x] Stage B: test/' -e 's/.*Stage C: wire.*/&\n- [ ] Stage D: tell users./' \
		"$T/work/execplans/active/add-parser.md"
	commit 1700000250 "on topic"
	git_ checkout -q main
	git_ worktree add -q --detach "$T/tree" main
	tick "$T/tree/execplans/completed/add-parser.md" "wire it"
	git -C "$T/tree" -c user.name=a -c user.email=a@b commit -qam five --date "1700000400 +0000"
	"$PLANCTL" import "$PLAN" --git
	verified
	[ "$(count 'v_revisions')" -ge 5 ]
	[ "$(events item_undone)" -eq 0 ]
	[ "$(events item_removed)" -eq 0 ]
	# "Test" was ticked twice: once on each branch.
	[ "$(sql "SELECT group_concat(branch || ':' || item, ' ') FROM (SELECT * FROM v_events WHERE kind = 'item_done' ORDER BY id)")" \
		= "main:2 main:3 topic:3 :4" ]
	"$PLANCTL" show "$PLAN" --json | jq -e '[.data.items[] | .state] == ["done", "done", "done", "open"] and .data.plan.plan.branch == "main"'
	everything >"$T/before"
	"$PLANCTL" import "$PLAN" --git
	everything | diff "$T/before" -
	# As the daemon sees it: nothing changed.
	start_daemon "$T/work"
	everything | diff "$T/before" -
	# The worktree's own copy stands as it is checked out there.
	cd "$T/tree/execplans"
	"$PLANCTL" import completed/add-parser.md --git
	"$PLANCTL" show "$T/tree/execplans/completed/add-parser.md" --json | jq -e '.data.plan | .done == 4 and .plan.branch == null'
	verified
}

@test "a branch that was imported goes on as it stood there" {
	git_ checkout -q -b topic
	tick "$PLAN" "write the"
	commit 1700000100 "on topic"
	git_ checkout -q main
	sed -i 's/- \[ \] Stage C.*/&\n- [ ] Stage D: tell users./' "$PLAN"
	commit 1700000200 "on main"
	"$PLANCTL" import "$PLAN" --git
	start_daemon "$T/work"
	everything >"$T/before"
	git_ checkout -q topic
	"$PLANCTL" sync
	[ "$(events branch_switched)" -eq 1 ]
	[ "$(sql "SELECT count(*) FROM v_events WHERE origin <> 'import'")" -eq 1 ]
	"$PLANCTL" show "$PLAN" --json | jq -e '[.data.items[] | [.id, .state]] == [[1, "done"], [2, "done"], [3, "open"], [4, "open"]]'
	git_ checkout -q main
	"$PLANCTL" sync
	[ "$(sql "SELECT count(*) FROM v_events WHERE origin <> 'import'")" -eq 2 ]
	"$PLANCTL" show "$PLAN" --json | jq -e '[.data.items[] | [.id, .state]] ==
		[[1, "done"], [2, "open"], [3, "open"], [4, "open"], [5, "open"]]'
	verified
}

@test "a merge of two lines that changed the plan" {
	git_ checkout -q -b topic
	tick "$PLAN" "write the"
	commit 1700000100 "on topic"
	git_ checkout -q main
	tick "$PLAN" "wire it"
	commit 1700000200 "on main"
	git_ merge -q --no-commit topic || true
	sed -i '/^[<=>]/d' "$PLAN"
	commit 1700000300 merge
	"$PLANCTL" import "$PLAN" --git
	verified
	[ "$(events item_undone)" -eq 0 ]
	"$PLANCTL" show "$PLAN" --json | jq -e '.data.plan.done == 3'
	[ "$(log_json --kind item_done | tail -1 | jq -r .commit)" = "$(git_ rev-parse HEAD)" ]
}

@test "a copy is another plan, and a stash is no history" {
	cp "$PLAN" "$T/work/execplans/copy.md"
	commit 1700000100 copy
	tick "$T/work/execplans/copy.md" "write the"
	commit 1700000200 "tick the copy"
	tick "$T/work/execplans/copy.md" "test the"
	git_ stash -q
	"$PLANCTL" import "$T/work/execplans/copy.md" --git
	[ "$(count v_revisions)" -eq 2 ]
	[ "$(sql 'SELECT min(at) FROM v_events')" = 1700000100000000 ]
}

@test "a clock that went back gives no interval that is none" {
	tick "$PLAN" "write the"
	commit 1600000000 "from the past"
	"$PLANCTL" import "$PLAN" --git
	log_json --kind item_done | jq -e '.at == "2020-09-13T12:26:40.000000Z" and .not_before == null'
	verified
	everything >"$T/before"
	"$PLANCTL" import "$PLAN" --git
	everything | diff "$T/before" -
}

# A history with an item that went away and one that was split, before the first look at it.
witness() {
	make_history
	sed -i 's/^- \[ \] Stage C.*/&\n- [ ] Stage C: tell the world./' "$PLAN"
	commit 1700000300 four
	sed -i '/tell the world/d' "$PLAN"
	commit 1700000350 five
	sed -i -e 's/^- \[ \] Stage C: wire it into the command\./- [x] Stage C: wire it into the command (completed: the parser).\n- [ ] Stage C: wire it into the command (remaining: the help)./' "$PLAN"
	commit 1700000400 six
	start_daemon "$T/work"
	tick "$PLAN" "remaining"
	"$PLANCTL" sync
}

witnessed() {
	sql "SELECT * FROM v_events WHERE origin <> 'import' ORDER BY id"
	sql "SELECT * FROM v_revisions WHERE origin <> 'import' ORDER BY id"
	sql "SELECT * FROM v_items ORDER BY plan, id"
	sql "SELECT * FROM v_plans"
}

check_prefix() {
	verified
	witnessed | diff "$T/before" -
	[ "$(sql "SELECT max(id) FROM v_events WHERE origin = 'import'")" -lt 0 ]
	[ "$(sql "SELECT min(id) FROM v_events WHERE origin <> 'import'")" -gt 0 ]
	log_json | jq -se 'map(.origin) | (index("startup") // index("live")) as $n
		| $n > 10 and all(.[:$n][]; . == "import") and all(.[$n:][]; . != "import")'
	log_json --kind item_done | jq -se 'map(.at)[:2] == ["2023-11-14T22:15:00.000000Z", "2023-11-14T22:16:40.000000Z"]'
	# The items are those that the first look found; what went away before it has an id of its own.
	[ "$(sql "SELECT count(*) FROM v_items i JOIN v_events e ON e.plan = i.plan AND e.item = i.id
		WHERE e.origin = 'import' AND e.kind = 'item_added' AND substr(e.text, 1, 16) = substr(i.text, 1, 16)")" -ge 3 ]
	[ "$(sql "SELECT item FROM v_events WHERE kind = 'item_removed'")" -gt "$(sql 'SELECT max(id) FROM v_items')" ]
	[ "$(sql "SELECT e.before FROM v_events e JOIN v_items i ON i.plan = e.plan AND i.id = e.before
		WHERE e.kind = 'item_split' AND i.text LIKE '%completed: the parser%'" | wc -l)" -eq 1 ]
	"$PLANCTL" show "$PLAN" --at 2023-11-14T22:15:30Z --json | jq -e '[.data.items[] | select(.state == "done")] | length == 2'
	everything >"$T/after"
	"$PLANCTL" import "$PLAN" --git
	everything | diff "$T/after" -
}

@test "a plan that was witnessed gets what is older before it, and nothing witnessed changes" {
	witness
	stop_daemon
	witnessed >"$T/before"
	"$PLANCTL" import "$PLAN" --git
	check_prefix
	# And it goes on.
	start_daemon "$T/work"
	echo "- [ ] Stage D: celebrate." >>"$PLAN"
	sed -i 's/^- \[x\] Stage C.*remaining.*/&\n- [ ] Stage C: one more./' "$PLAN"
	"$PLANCTL" sync
	[ "$(sql "SELECT count(*) FROM v_events WHERE kind = 'item_added' AND text LIKE '%one more%'")" -eq 1 ]
	verified
}

@test "the same through the daemon, which does all the writing" {
	witness
	witnessed >"$T/before"
	"$PLANCTL" import "$PLAN" --git
	[ -z "$(find "$XDG_RUNTIME_DIR" -name 'import-*')" ]
	check_prefix
	tick "$PLAN" "never there"
	mkdir -p "$T/other"
	write_plan "$T/other/a-plan.md"
	mkdir "$T/old"
	write_plan "$T/old/0001_1700000000_a.md"
	"$PLANCTL" import "$T/other/a-plan.md" --dir "$T/old"
	[ "$(sql "SELECT count(*) FROM v_revisions WHERE path = '$T/other/a-plan.md'")" -eq 1 ]
	verified
}

@test "several plans in one file, of which one had gone before the first look" {
	for part in First Second Third; do
		printf '# %s\n\nThis ExecPlan lives.\n\n## Progress\n\n- [ ] Do %s.\n- [ ] Check %s.\n\n' $part $part $part
	done >"$PLAN"
	commit 1700000100 parts
	sed -i 's/- \[ \] Do/- [x] Do/' "$PLAN"
	commit 1700000200 ticks
	sed -i '/^# Second/,/^- \[ \] Check Second/d' "$PLAN"
	commit 1700000300 "two left"
	start_daemon "$T/work"
	sed -i 's/- \[ \] Check/- [x] Check/' "$PLAN"
	"$PLANCTL" sync
	witnessed >"$T/before"
	"$PLANCTL" import "$PLAN" --git
	verified
	sql "SELECT * FROM v_events WHERE origin <> 'import' ORDER BY id" >"$T/events"
	head -n "$(wc -l <"$T/events")" "$T/before" | diff - "$T/events"
	[ "$("$PLANCTL" status --plain | wc -l)" -eq 2 ]
	log_json --kind plan_gone | jq -se 'any(.plan.title == "Second")'
	[ "$(sql "SELECT count(DISTINCT plan) FROM v_events WHERE kind = 'item_done' AND text LIKE 'Do %'")" -eq 3 ]
}

@test "a folder of numbered files" {
	mkdir "$T/old"
	write_plan "$T/old/0001_1700000000_first.md"
	cp "$T/old/0001_1700000000_first.md" "$T/old/0002_1700000100_second.md"
	tick "$T/old/0002_1700000100_second.md" "write the"
	cp "$T/old/0002_1700000100_second.md" "$T/old/0003_1700000200_same.md"
	echo junk >"$T/old/notes.md"
	ln -s /etc/passwd "$T/old/0004_1700000300_link.md" || true
	run "$PLANCTL" import "$T/elsewhere/plan.md" --dir "$T/old" --json
	[ "$status" -ne 0 ]
	rm "$T/old/0004_1700000300_link.md"
	run "$PLANCTL" import "$T/elsewhere/plan.md" --dir "$T/old" --json
	[ "$status" -eq 0 ]
	jq -e '.data[0] | .revisions == 3 and .first_at == "2023-11-14T22:13:20.000000Z"' <<<"$output"
	[ "$(events item_done)" -eq 1 ]
	verified
	everything >"$T/before"
	"$PLANCTL" import "$T/elsewhere/plan.md" --dir "$T/old"
	everything | diff "$T/before" -
}

@test "nothing of a hostile repository runs" {
	make_history
	printf '#!/bin/sh\ntouch %s/evil\n' "$T" >"$T/evil.sh"
	chmod +x "$T/evil.sh"
	for hook in post-checkout reference-transaction post-index-change; do cp "$T/evil.sh" "$T/work/.git/hooks/$hook"; done
	mkdir "$T/hooks" && cp "$T/work/.git/hooks/"* "$T/hooks/"
	echo '*.md diff=evil filter=evil' >"$T/work/.git/info/attributes"
	# A signed commit, for which git log asks gpg.
	git_ update-ref refs/heads/main "$(git_ cat-file commit HEAD |
		sed '/^committer/a gpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----' |
		git_ hash-object -t commit -w --stdin)"
	blob=$(git_ rev-parse "HEAD~1:execplans/active/add-parser.md")
	for setting in core.pager pager.log pager.rev-list core.sshCommand diff.external diff.evil.command diff.evil.textconv \
		filter.evil.smudge filter.evil.clean filter.evil.process gpg.program core.editor core.askpass credential.helper core.fsmonitor; do
		git_ config "$setting" "$T/evil.sh"
	done
	git_ config core.hooksPath "$T/hooks"
	git_ config log.showSignature true
	for name in log rev-list cat-file ls-tree; do git_ config "alias.$name" "!$T/evil.sh"; done
	# A partial clone whose missing blobs are fetched by a program.
	git_ config remote.evil.url "ext::$T/evil.sh"
	git_ config remote.evil.promisor true
	git_ config remote.evil.uploadpack "$T/evil.sh"
	git_ config protocol.ext.allow always
	git_ config core.repositoryFormatVersion 1
	git_ config extensions.partialClone evil
	rm -f "$T/evil"
	export GIT_DIR=/nowhere GIT_EXTERNAL_DIFF=$T/evil.sh GIT_PAGER=$T/evil.sh PAGER=$T/evil.sh
	"$PLANCTL" import "$PLAN" --git
	[ "$(events item_done)" -eq 2 ]
	"$PLANCTL" import --all "$T/work"
	rm -f "$T/work/.git/objects/${blob:0:2}/${blob:2}"
	PLANWATCH_DB=$T/other.db run "$PLANCTL" import "$PLAN" --git
	echo "$output"
	[ ! -e "$T/evil" ]
	# Asked without care, git runs it: for the signature, for the index, for the missing blob.
	unset GIT_DIR GIT_EXTERNAL_DIFF GIT_PAGER PAGER
	for arguments in "log -1" "status" "cat-file -p $blob"; do
		# shellcheck disable=SC2086
		(cd "$T/work" && git $arguments || true) >/dev/null 2>&1
		[ -e "$T/evil" ]
		rm "$T/evil"
	done
}

@test "all plans of a repository, by the rules that the daemon has" {
	make_history
	write_plan "$T/work/execplans/second.md"
	write_plan "$T/work/execplans/TEMPLATE.md"
	mkdir -p "$T/work/node_modules/x/execplans" "$T/work/docs"
	write_plan "$T/work/node_modules/x/execplans/third.md"
	write_plan "$T/work/docs/fourth.md"
	write_plan "$T/work/execplans/deleted.md"
	echo "# Not one" >"$T/work/execplans/notes.md"
	commit 1700000500 more
	git_ rm -q execplans/deleted.md
	commit 1700000600 less
	cd "$T/work/docs"
	"$PLANCTL" import --all >"$T/out" 2>"$T/err"
	[ ! -s "$T/err" ]
	[ "$(cut -f 1 "$T/out")" = "$PLAN
$T/work/execplans/second.md" ]
	[ "$(sql 'SELECT path FROM v_plans ORDER BY path')" = "$PLAN
$T/work/execplans/second.md" ]
	everything >"$T/before"
	"$PLANCTL" import --all "$T/work"
	everything | diff "$T/before" -
	mkdir "$T/none" && git -C "$T/none" init -q && git -C "$T/none" -c user.name=a -c user.email=a@b commit -q --allow-empty -m one
	run "$PLANCTL" import --all "$T/none"
	[ "$status" -eq 4 ]
	[[ $output == *"is a plan by its place"* ]]
	# On a terminal it says how far it is.
	run script -qec "'$PLANCTL' import --all '$T/work'" /dev/null
	[[ $output == *░*0/3* ]]
}

@test "what cannot be imported is said" {
	run "$PLANCTL" import "$T/home/plan.md" --git
	[ "$status" -eq 4 ]
	[[ $output == *"not in a working tree of git"* ]]
	run "$PLANCTL" import "$T/work/execplans/none.md" --git
	[ "$status" -eq 4 ]
	[[ $output == *"git has no such file"* ]]
	run "$PLANCTL" import --all "$T/home"
	[ "$status" -eq 4 ]
	echo "# Not one" >"$T/work/notes.md"
	commit 1700000100 notes
	run "$PLANCTL" import "$T/work/notes.md" --git
	[ "$status" -eq 4 ]
	[[ $output == *"is a plan"* ]]
	run "$PLANCTL" import "$PLAN" --dir "$T/work"
	[ "$status" -eq 4 ]
	for arguments in "" "$PLAN" "--git" "$PLAN --git --dir $T" "--all --git"; do
		# shellcheck disable=SC2086
		run "$PLANCTL" import $arguments
		[ "$status" -eq 2 ]
	done
	mkdir -p "$T/empty/plans"
	git -C "$T/empty" init -q
	write_plan "$T/empty/plans/a.md"
	run "$PLANCTL" import "$T/empty/plans/a.md" --git
	[ "$status" -eq 2 ]
	[[ $output == *"git: fatal"* ]]
	PATH=/nowhere run "$PLANCTL" import "$PLAN" --git
	[ "$status" -eq 2 ]
	[[ $output == *"git is not installed"* ]]
	[ "$(count v_events)" -eq 0 ]
}

@test "the daemon reads only what its own user wrote for it" {
	start_daemon "$T/work"
	ask() {
		python3 - "$XDG_RUNTIME_DIR/planwatch/socket" "$1" <<-'PY'
		import json, socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.connect(sys.argv[1])
		s.sendall(json.dumps({"method": "import", "file": sys.argv[2]}).encode() + b"\n")
		print(s.makefile().readline())
		PY
	}
	before=$(count v_revisions)
	echo '{"path": "/tmp/x.md", "revisions": 1, "tip": 0}' >"$T/short"
	printf '{"path": "/tmp/x.md", "revisions": 1, "tip": 7}\n{"at": 5, "length": 1}\nx' >"$T/wild"
	printf '{"path": "/tmp/x.md", "revisions": 1}\n{"at": 5, "length": 1, "parent": 0}\nx' >"$T/loop"
	printf '{"path": "/tmp/x.md", "revisions": 1}\n{"at": 5, "length": 99999999}\nx' >"$T/huge"
	ln -s "$T/short" "$T/link"
	mkfifo "$T/fifo"
	for file in "$T/short" "$T/wild" "$T/loop" "$T/huge" "$T/link" "$T/fifo" "$T" /dev/zero relative ""; do
		ask "$file" | jq -e '.ok == false'
	done
	"$PLANCTL" ping
	[ "$(count v_revisions)" -eq "$before" ]
}

@test "a repository without plans says so" {
	git init -q "$T/bare"
	git -C "$T/bare" -c user.name=a -c user.email=a@b commit -q --allow-empty -m none
	run "$PLANCTL" import --all "$T/bare"
	[ "$status" -eq 4 ]
	[[ "$output" == *"no file in it is a plan"* ]]
}
