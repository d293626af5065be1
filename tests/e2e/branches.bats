#!/usr/bin/env bats
# Branches: what git does to the files is no work.

load helpers

setup() {
	private_world
	git_ init -q -b main
	for i in 1 2 3 4 5; do
		write_plan "$T/work/execplans/plan-$i.md"
		sed -i "s/^# .*/# Plan $i/" "$T/work/execplans/plan-$i.md"
	done
	git_ add .
	git_ commit -qm one
}

teardown() {
	end_world
}

git_() {
	git -C "$T/work" -c user.name=a -c user.email=a@b "$@"
}

count() { # KIND: events of it
	"$PLANCTL" log --kind "$1" --limit 0 --json | jq '.data | length'
}

# A branch on which everything is done and reworded.
make_branch() {
	git_ checkout -qb topic
	sed -i 's/- \[ \] Stage \(.\): \(.*\)/- [x] (2026-01-09 12:00Z) Stage \1: did \2/' "$T"/work/execplans/*.md
	git_ commit -qam two
	git_ checkout -q main
}

@test "a checkout is one event, however many plans it changes" {
	make_branch
	start_daemon "$T/work"
	before=$(count item_done)
	git_ checkout -q topic
	"$PLANCTL" sync
	[ "$(count branch_switched)" -eq 1 ]
	[ "$(count item_done)" -eq "$before" ]
	[ "$(count item_undone)" -eq 0 ]
	[ "$(count item_removed)" -eq 0 ]
	[ "$(count section_changed)" -eq 0 ]
	"$PLANCTL" status --json | jq -e '.data | length == 5 and
		([.[] | select(.done == 4)] | length) == 5 and all(.plan.branch == "topic")'
	"$PLANCTL" log --kind branch_switched --json | jq -e '.data[0] | .from == "main" and .to == "topic"'
	verified
}

@test "coming back continues where the plan stood" {
	make_branch
	start_daemon "$T/work"
	plan=$T/work/execplans/plan-1.md
	tick "$plan" "write the"
	"$PLANCTL" sync
	git_ commit -qam three
	ids=$("$PLANCTL" show "$plan" --json | jq -c '[.data.items[] | {id, done_at}]')
	git_ checkout -q topic
	"$PLANCTL" sync
	git_ checkout -q main
	"$PLANCTL" sync
	[ "$(count branch_switched)" -eq 2 ]
	[ "$(count item_done)" -eq 1 ]
	[ "$(count item_undone)" -eq 0 ]
	[ "$("$PLANCTL" show "$plan" --json | jq -c '[.data.items[] | {id, done_at}]')" = "$ids" ]
	tick "$plan" "test the"
	"$PLANCTL" sync
	[ "$(count item_done)" -eq 2 ]
	verified
}

@test "what others did on a branch meanwhile is told when it comes back" {
	git_ branch topic
	start_daemon "$T/work"
	plan=$T/work/execplans/plan-1.md
	git_ checkout -q topic
	"$PLANCTL" sync
	tick "$plan" "write the"
	"$PLANCTL" sync
	git_ commit -qam "on topic"
	git_ checkout -q main
	"$PLANCTL" sync
	[ "$(count item_done)" -eq 1 ]
	[ "$(count item_undone)" -eq 0 ]
	git_ merge -q topic
	"$PLANCTL" sync
	[ "$(count item_done)" -eq 2 ]
	verified
}

@test "a new branch takes the work along" {
	start_daemon "$T/work"
	plan=$T/work/execplans/plan-2.md
	tick "$plan" "write the"
	"$PLANCTL" sync
	git_ checkout -qb feature
	"$PLANCTL" sync
	tick "$plan" "test the"
	"$PLANCTL" sync
	[ "$(count branch_switched)" -eq 1 ]
	[ "$(count item_done)" -eq 2 ]
	"$PLANCTL" log --kind item_done --json | jq -e '.data[1].branch == "feature"'
	"$PLANCTL" status --json | jq -e '.data | length == 5 and all(.plan.branch == "feature")'
	verified
}

@test "a switch while nobody looked is told as one, too" {
	make_branch
	start_daemon "$T/work"
	stop_daemon
	git_ checkout -q topic
	start_daemon "$T/work"
	[ "$(count branch_switched)" -eq 1 ]
	[ "$(count item_done)" -eq 0 ]
	stop_daemon
	# A tick on a branch that was made meanwhile is work.
	git_ checkout -qb other
	sed -i 's/^- \[x\] \(.*did write\)/- [ ] \1/' "$T/work/execplans/plan-3.md"
	start_daemon "$T/work"
	[ "$(count item_undone)" -eq 1 ]
	verified
}

@test "plans that a branch does not have are not gone for good" {
	git_ checkout -q --orphan empty
	git_ rm -qrf .
	git_ commit -q --allow-empty -m none
	git_ checkout -q main
	start_daemon "$T/work"
	id=$("$PLANCTL" status --json | jq '[.data[] | select(.plan.title == "Plan 1")][0].plan.id')
	git_ checkout -q empty
	"$PLANCTL" sync
	[ "$(count plan_gone)" -le 1 ]
	"$PLANCTL" status --json | jq -e '.data | length <= 1'
	git_ checkout -q main
	"$PLANCTL" sync
	[ "$(count plan_returned)" -le 1 ]
	"$PLANCTL" status --json | jq -e --argjson id "$id" 'any(.data[]; .plan.title == "Plan 1" and .plan.id == $id)'
	verified
}

@test "rebase, stash and reset leave the record whole" {
	make_branch
	start_daemon "$T/work"
	plan=$T/work/execplans/plan-1.md
	printf '\nmore\n' >>"$T/work/execplans/plan-4.md"
	git_ commit -qam "on main"
	git_ checkout -q topic
	git_ rebase -q main
	"$PLANCTL" sync
	tick "$plan" "nothing" || true
	sed -i 's/- \[x\] \(.*did test\)/- [ ] \1/' "$plan"
	git_ stash -q
	"$PLANCTL" sync
	git_ stash pop -q
	git_ reset -q --hard HEAD~1
	"$PLANCTL" sync
	for i in 1 2 3 4 5; do
		[ "$("$PLANCTL" show "$T/work/execplans/plan-$i.md" --json | jq -c '[.data.items[] | [.text, .state]]')" = \
			"$("$PLANCTL" parse "$T/work/execplans/plan-$i.md" --json | jq -c '[.data[0].items[] | [.text, .state]]')" ]
	done
	verified
}

@test "commits are a sign of life: where they go on and the plan is silent, it drifts" {
	start_daemon "$T/work"
	tick "$T/work/execplans/plan-1.md" "write the"
	"$PLANCTL" sync
	later=$(($(date +%s) + 36000))
	GIT_COMMITTER_DATE="$((later - 600)) +0000" git_ commit -qam "one more"
	"$PLANCTL" status "$T/work/execplans/plan-1.md" --json --now "$(date -u -d "@$later" +%Y-%m-%dT%H:%M:%SZ)" |
		jq -e '.data[0] | .last_commit_at != null and (.verdict == "over" or .verdict == "drifting")'
	sed -i '/^- Time/d' "$T/work/execplans/plan-1.md"
	"$PLANCTL" sync
	"$PLANCTL" status "$T/work/execplans/plan-1.md" --json --now "$(date -u -d "@$later" +%Y-%m-%dT%H:%M:%SZ)" |
		jq -e '.data[0].verdict == "drifting"'
}

@test "nothing of a repository is run, and nothing in it is written" {
	mkdir -p "$T/work/.git/hooks"
	for hook in post-checkout post-index-change fsmonitor-watchman pre-commit; do
		printf '#!/bin/sh\ntouch "%s/owned"\n' "$T" >"$T/work/.git/hooks/$hook"
		chmod +x "$T/work/.git/hooks/$hook"
	done
	git_ config core.fsmonitor "touch $T/owned"
	git_ config core.pager "touch $T/owned"
	git_ config alias.status "!touch $T/owned"
	rm -f "$T/owned"
	find "$T/work/.git" -type f -exec sha1sum {} + | sort >"$T/git-before"
	start_daemon "$T/work"
	tick "$T/work/execplans/plan-1.md" "write the"
	"$PLANCTL" sync
	"$PLANCTL" status >/dev/null
	find "$T/work/.git" -type f -exec sha1sum {} + | sort >"$T/git-after"
	[ ! -e "$T/owned" ]
	cmp "$T/git-before" "$T/git-after"
}

@test "a plan in several working trees is one plan, and the one that is worked on speaks for it" {
	git_ worktree add -q -b topic "$T/tree"
	start_daemon "$T/work" "$T/tree"
	tick "$T/tree/execplans/plan-1.md" "write the"
	"$PLANCTL" sync
	"$PLANCTL" status --json | jq -e '(.data | length) == 5 and ([.data[] | select(.copies | length == 1)] | length) == 5 and
		([.data[] | select(.plan.title == "Plan 1")][0] | .plan.branch == "topic" and .done == 2 and
			.copies[0].branch == "main" and .copies[0].done == 1)'
	[ "$("$PLANCTL" status "$T/work/execplans/plan-1.md" --json | jq '.data[0].done')" -eq 1 ]
	verified
}

@test "a submodule is a working tree of its own, with its branch" {
	git_ init -q -b trunk "$T/part"
	mkdir "$T/part/plans"
	write_plan "$T/part/plans/part.md"
	git -C "$T/part" add .
	git -C "$T/part" -c user.name=a -c user.email=a@b commit -qm part
	git_ -c protocol.file.allow=always submodule --quiet add "$T/part" part
	git_ commit -qm "a part"
	[ -f "$T/work/part/.git" ] # a file that names the folder
	start_daemon "$T/work"
	"$PLANCTL" show "$T/work/part/plans/part.md" --json |
		jq -e --arg repo "$T/work/part" '.data.plan.plan | .repo == $repo and .branch == "trunk"'
	make_branch
	git_ checkout -q topic
	"$PLANCTL" sync
	[ "$(count branch_switched)" -ge 1 ]
	[ "$("$PLANCTL" log --kind branch_switched --json | jq -r '.data[].repo' | sort -u)" = "$T/work" ]
	git -C "$T/work/part" checkout -qb other
	tick "$T/work/part/plans/part.md" "write the"
	"$PLANCTL" sync
	"$PLANCTL" log --kind item_done --json | jq -e '.data | length == 1 and .[0].branch == "other"'
	verified
}

@test "a sparse checkout takes plans away and brings them back, without an un-tick" {
	mkdir -p "$T/work/far/plans"
	write_plan "$T/work/far/plans/far.md"
	git_ add .
	git_ commit -qm far
	start_daemon "$T/work"
	tick "$T/work/far/plans/far.md" "write the"
	git_ commit -qam tick
	"$PLANCTL" sync
	git_ sparse-checkout set execplans
	"$PLANCTL" sync
	[ "$("$PLANCTL" status --json | jq '.data | length')" -eq 5 ]
	git_ sparse-checkout disable
	"$PLANCTL" sync
	"$PLANCTL" show "$T/work/far/plans/far.md" --json | jq -e '.data.plan | .done == 2 and .total == 4'
	[ "$(count plan_gone)" -eq 1 ]
	[ "$(count plan_returned)" -eq 1 ]
	[ "$(count item_done)" -eq 1 ]
	[ "$(count item_undone)" -eq 0 ]
	verified
}

@test "a bare repository beside, pull and merge" {
	git init -q --bare -b main "$T/work/origin.git"
	git_ remote add origin "$T/work/origin.git"
	git_ push -q origin main
	git clone -q "$T/work/origin.git" "$T/other"
	start_daemon "$T/work"
	[ "$("$PLANCTL" status --json | jq '.data | length')" -eq 5 ]
	tick "$T/other/execplans/plan-1.md" "write the"
	git -C "$T/other" -c user.name=a -c user.email=a@b commit -qam theirs
	git -C "$T/other" push -q origin main
	tick "$T/work/execplans/plan-2.md" "write the"
	git_ commit -qam ours
	git_ pull -q --no-rebase --no-edit origin main
	"$PLANCTL" sync
	[ "$(count item_done)" -eq 2 ]
	[ "$(count branch_switched)" -eq 0 ]
	make_branch
	git_ merge -q --no-edit topic
	"$PLANCTL" sync
	[ "$("$PLANCTL" show "$T/work/execplans/plan-5.md" --json | jq .data.plan.done)" -eq 4 ]
	verified
}

@test "git that takes ticks back is an event that names them" {
	start_daemon "$T/work"
	tick "$T/work/execplans/plan-3.md" "write the"
	"$PLANCTL" sync
	git_ checkout -q -- .
	"$PLANCTL" sync
	"$PLANCTL" log plan-3 --kind item_undone --json | jq -e '.data | length == 1 and (.[0].item.text | test("write the tokenizer"))'
	"$PLANCTL" show plan-3 --text --at "$("$PLANCTL" log plan-3 --kind item_done --json | jq -r '.data[0].at')" | grep -q '\[x\] Stage B: write'
	verified
}

@test "a working tree that is removed and added again is known on its branch, and its switches are seen" {
	git_ worktree add -q -b topic "$T/work/tree"
	start_daemon "$T/work"
	git_ worktree remove --force "$T/work/tree"
	"$PLANCTL" sync
	[ "$(count branch_switched)" -eq 0 ]
	git_ worktree add -q -b other "$T/work/tree"
	"$PLANCTL" sync
	[ "$(count branch_switched)" -eq 1 ]
	"$PLANCTL" show "$T/work/tree/execplans/plan-1.md" --json | jq -e '.data.plan.plan.branch == "other"'
	before=$(count item_done)
	git -C "$T/work/tree" checkout -q -b third
	sed -i 's/- \[ \] Stage/- [x] Stage/' "$T"/work/tree/execplans/*.md
	"$PLANCTL" sync
	"$PLANCTL" log --kind branch_switched --json | jq -e '.data | length == 2 and .[1].from == "other" and .[1].to == "third"'
	[ "$(count item_done)" -gt "$before" ]
	verified
}

@test "what waited for git when the daemon was killed happened before it was killed, on record" {
	start_daemon "$T/work"
	touch "$T/work/.git/index.lock"
	mkdir -p "$T/work/other/.git" "$T/work/other/execplans"
	write_plan "$T/work/other/execplans/free.md"
	wait_until eval '[ "$(events plan_found)" -eq 6 ]'
	tick "$T/work/execplans/plan-3.md" "write the"
	ticked=$(date +%s%6N)
	# The one that need not wait is on record: the other was heard of.
	tick "$T/work/other/execplans/free.md" "write the"
	wait_until eval '[ "$(events item_done)" -eq 1 ]'
	kill_daemon
	rm "$T/work/.git/index.lock"
	start_daemon "$T/work"
	[ "$(sql "SELECT count(*) FROM v_events WHERE kind = 'item_done' AND origin = 'startup' AND not_before <= $ticked")" -eq 1 ]
	[ "$(events gap)" -eq 1 ]
	verified
}
