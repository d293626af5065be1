#!/usr/bin/env bats
# planctl lint: findings, formats, severities, mending. The rules themselves are in tests/unit/test_lint.c.
load helpers

setup() {
	private_world
	cd "$T/work" || return 1
	write_sloppy execplans/sloppy.md
}

write_sloppy() {
	cat >"$1" <<'PLAN'
# Add a parser
This ExecPlan is a living document.

Status: DONE

## Tolerances

- Iterations: after many attempts, stop.

## Progress

- [x] Read the grammar.
- [] Write the tokenizer.
PLAN
}

lint() { "$PLANCTL" lint --now 2026-03-09T12:00:00Z "$@"; }

@test "each finding is a line with its place, its rule and its severity" {
	run lint execplans/sloppy.md
	[ "$status" -eq 1 ]
	[[ $output == *"execplans/sloppy.md:1:3: PLN062 warning: no blank line below the heading [heading-blank, --fix]"* ]]
	[[ $output == *"execplans/sloppy.md:12:3: PLN030 warning: done, and no word of when [stamp-missing]"* ]]
	[[ $output == *"execplans/sloppy.md:13:3: PLN051 error: "*"[box-malformed, --fix]"* ]]
	lint - <execplans/sloppy.md | grep -q '^-:12:3: PLN030 warning'
}

@test "advice alone is no failure; a missing file and a wrong word are" {
	cat >advice.md <<'PLAN'
# A

This ExecPlan is short.

## Progress

- [ ] Write the tokenizer.

## Surprises

None yet.

## Decision Log

None yet.

## Outcomes

None yet.
PLAN
	run lint advice.md
	[ "$status" -eq 0 ]
	[[ $output == *"PLN003 advice"* ]]
	[[ $output != *warning* && $output != *error* ]]
	run lint no-such-file.md
	[ "$status" -eq 4 ]
	run lint --format xml advice.md
	[ "$status" -eq 2 ]
	run lint
	[ "$status" -eq 2 ]
	run lint --explain PLN999
	[ "$status" -eq 2 ]
}

@test "a named file is examined, in a folder only plans are" {
	echo "# Notes" >notes.md
	cp notes.md execplans/notes.md
	cp execplans/sloppy.md execplans/README.md
	run lint notes.md
	[ "$status" -eq 1 ]
	[[ $output == *"PLN000"* ]]
	[ "${#lines[@]}" -eq 1 ]
	lint . | cut -d: -f1 | sort -u >found || true
	[ "$(cat found)" = execplans/sloppy.md ]
}

@test "a terminal gets lines that end at words, and a sum; a pipe has a finding a line" {
	run script -qec "stty cols 60; '$PLANCTL' lint --color=never --now 2026-03-09T12:00:00Z execplans/sloppy.md" /dev/null
	tr -d '\r' <<<"$output" | sed '$d' >shown
	awk 'length($0) > 60 { exit 1 }' shown
	grep -q '^    ' shown
	# Joined again, the same words.
	lint execplans/sloppy.md | tr -s ' \n' ' ' | diff - <(tr -s ' \n' ' ' <shown)
	count() { lint execplans/sloppy.md | grep -c ": PLN[0-9]* $1:"; }
	[[ ${lines[-1]} == "$(count error) errors, $(count warning) warnings, $(count advice) pieces of advice in 1 file; --fix mends "[1-9]* ]]
}

@test "json is the envelope" {
	lint --format json execplans/sloppy.md >out.json || [ $? -eq 1 ]
	jq -e '.schema_version == 1 and .kind == "lint" and .data.files == 1 and .data.fixed == 0
		and any(.data.findings[]; . == {path: "execplans/sloppy.md", line: 12, column: 3, rule: "PLN030",
		name: "stamp-missing", severity: "warning", message: "done, and no word of when", fixable: false})' out.json
	lint --json execplans/sloppy.md | jq -e --slurpfile first out.json '.data == $first[0].data'
	run lint --format json no-such-file.md
	[ "$status" -eq 4 ]
	echo "${lines[0]}" | jq -e '.error.code == 4 and .data == null'
}

# What the schema of SARIF 2.1.0 requires of the parts that we write; `make lint-peers` holds it against the schema itself.
@test "sarif has what its schema requires" {
	mv execplans/sloppy.md "execplans/a plan: 100%.md"
	lint --format sarif execplans/* >out.sarif || [ $? -eq 1 ]
	jq -e '.version == "2.1.0" and (.runs | length) == 1 and (.runs[0] | .columnKind == "unicodeCodePoints"
		and .tool.driver.name == "planctl lint" and (.results | length) > 5)' out.sarif
	jq -e '.runs[0] | .tool.driver.rules as $rules | all(.results[];
		.ruleId == $rules[.ruleIndex].id and (.level | IN("none", "note", "warning", "error")) and (.message.text | length) > 0
		and (.locations[0].physicalLocation | .artifactLocation.uri == "execplans/a%20plan%3A%20100%25.md"
		and .region.startLine >= 1 and .region.startColumn >= 1) and (.partialFingerprints["ruleAndLine/v1"] | length) == 16)
		and all($rules[]; (.shortDescription.text | length) > 0 and (.fullDescription.text | length) > 0
		and (.defaultConfiguration.level | IN("note", "warning", "error")))' out.sarif
}

@test "a fingerprint stays when lines come above" {
	prints() { lint --format sarif "$1" | jq -r '.runs[0].results[] | select(.ruleId == "PLN030") | .partialFingerprints[]'; }
	before=$(prints execplans/sloppy.md)
	sed -i '2a\\nOne more line.' execplans/sloppy.md
	[ -n "$before" ]
	[ "$before" = "$(prints execplans/sloppy.md)" ]
}

@test "github's commands are escaped" {
	mv execplans/sloppy.md "execplans/50%, or: more.md"
	lint --format github execplans/* >out || [ $? -eq 1 ]
	grep -q '^::error file=execplans/50%25%2C or%3A more.md,line=13,col=3,title=PLN051 box-malformed::' out
	grep -q '^::notice file=' out
	[ "$(grep -vc '^::' out)" -eq 0 ]
}

@test "--fix mends once, and keeps mode and line endings; --diff only shows" {
	sed -i 's/$/\r/' execplans/sloppy.md
	chmod 640 execplans/sloppy.md
	cp execplans/sloppy.md before
	run lint --diff execplans/sloppy.md
	[ "$status" -eq 1 ]
	[[ $output == *"-- [] Write the tokenizer."* && $output == *"+- [ ] Write the tokenizer."* ]]
	cmp before execplans/sloppy.md
	run lint --fix execplans/sloppy.md
	[ "$status" -eq 1 ]
	[[ $output != *"--fix]"* && $output == *PLN030* ]]
	[ "$(stat -c %a execplans/sloppy.md)" = 640 ]
	printf '# Add a parser\r\n\r\nThis ExecPlan' | cmp -n 28 - execplans/sloppy.md
	[ "$(grep -vc $'\r$' execplans/sloppy.md)" -eq 0 ]
	grep -q '^Status: COMPLETE' execplans/sloppy.md
	cp execplans/sloppy.md once
	lint --fix execplans/sloppy.md || true
	cmp once execplans/sloppy.md
	lint --diff execplans/sloppy.md
	lint --fix --json execplans/sloppy.md | jq -e '.data.fixed == 0'
	[ -z "$(find . -name '.planctl-*')" ]
	run lint --fix -
	[ "$status" -eq 2 ]
}

@test "--fix changes nothing that the reader sees of a plan whose items are sound" {
	printf '# A\nThis ExecPlan is short.\n\n## Progress\n- [x] (2026-03-04 09:10Z) One.\n  - [ ] Two.\n- [~] Three.\n' >a.md
	"$PLANCTL" parse --json a.md | jq '[.data[0].counts, [.data[0].items[] | [.state, .depth, .text]]]' >before
	lint --fix a.md || true
	"$PLANCTL" parse --json a.md | jq '[.data[0].counts, [.data[0].items[] | [.state, .depth, .text]]]' | cmp before -
	[ "$(wc -l <a.md)" -eq 9 ]
}

@test "a comment, the configuration and the repository say how severe a rule is" {
	sed -i '12i <!-- planctl-disable PLN030 -->' execplans/sloppy.md
	run lint execplans/sloppy.md
	[[ $output != *PLN030* && $output == *PLN051* ]]

	mkdir -p "$XDG_CONFIG_HOME/planwatch" .git
	printf '[lint]\nPLN051 = advice\nsection-missing = off\n' >"$XDG_CONFIG_HOME/planwatch/planwatch.conf"
	run lint execplans/sloppy.md
	[[ $output == *"PLN051 advice"* && $output != *PLN001* ]]

	printf '[lint]\nbox-malformed = error\n' >.planwatch.conf
	run lint execplans/sloppy.md
	[[ $output == *"PLN051 error"* && $output != *PLN001* ]]
	printf '[lint]\nPLN051 = off\n' >../.planwatch.conf # beyond the top of the repository
	[ "$(lint execplans/sloppy.md)" = "$output" ]
}

@test "a pipe in the place of a repository's rules is refused, not waited for" {
	mkfifo .planwatch.conf
	run timeout 60 "$PLANCTL" lint execplans/sloppy.md
	[ "$status" -eq 2 ]
	[[ $output == *".planwatch.conf: is no regular file"* ]]
}

@test "a wrong setting is an error with its line" {
	printf '[lint]\nPLN051 = loud\n' >.planwatch.conf
	run lint execplans/sloppy.md
	[ "$status" -eq 2 ]
	[[ $output == *".planwatch.conf:2: PLN051 = loud: expected"* ]]
	printf '[lint]\nPLN999 = off\n' >.planwatch.conf
	run lint execplans/sloppy.md
	[[ $output == *".planwatch.conf:2: PLN999 = off: expected"* ]]
	printf '[watch]\nroot = /\n' >.planwatch.conf
	run lint execplans/sloppy.md
	[ "$status" -eq 2 ]
	[[ $output == *".planwatch.conf:2: [watch]: a repository's file holds [lint] alone"* ]]
}

@test "--git holds an edit against the last commit" {
	git init -q .
	write_plan "$PLAN"
	git add . && git -c user.name=t -c user.email=t@t commit -qm one
	run lint --git "$PLAN"
	[[ $output != *PLN09* ]]
	sed -i 's/more than 4 hours/more than 9 hours/' "$PLAN"
	run lint "$PLAN"
	[[ $output != *PLN09* ]]
	run lint --git "$PLAN"
	[[ $output == *"PLN091 warning: the limit \`Time\` is another than before"* ]]
	cp "$PLAN" execplans/new.md
	run lint --git execplans/new.md
	[ "$status" -eq 1 ]
	[[ $output != *PLN09* && $output != *git* ]]
}

@test "rules are explained, and the manual lists each of them" {
	run lint --explain complete-but-open
	[ "$status" -eq 0 ]
	[[ $output == "PLN023 complete-but-open (error)"*"cannot tell which"* ]]
	lint --explain all | cut -d' ' -f1,2 >rules
	[ "$(wc -l <rules)" -gt 50 ]
	while read -r code name; do
		grep -qx "\.It $code Ar $name" "$BATS_TEST_DIRNAME/../../man/planctl.1" || { echo "not in the manual: $code $name"; return 1; }
	done <rules
}

@test "the hook of pre-commit names a command that works" {
	hooks=$BATS_TEST_DIRNAME/../../.pre-commit-hooks.yaml
	entry=$(sed -n 's/^ *entry: planctl //p' "$hooks")
	pattern=$(sed -n "s/^ *files: '\(.*\)'/\1/p" "$hooks")
	[ -n "$entry" ] && [ -n "$pattern" ]
	for path in docs/execplans/a.md .agents/exec-plans/active/b.md plans/c.md; do
		[[ $path =~ $pattern ]]
	done
	[[ ! docs/guide.md =~ $pattern ]]
	git init -q .
	# shellcheck disable=SC2086 # the hook's words
	run "$PLANCTL" $entry execplans/sloppy.md
	[ "$status" -eq 1 ]
	[[ $output == *PLN051* ]]
}
