#!/usr/bin/env bats
# Real plans, where they are at hand: beside the checkout, or where PLANWATCH_CORPUS says. They are not part of the project.
load ../e2e/helpers

setup_file() { export BATS_TEST_TIMEOUT=900; }

setup() {
	private_world
	CORPUS=${PLANWATCH_CORPUS:-$BATS_TEST_DIRNAME/../../../shared/corpus}
	[ -d "$CORPUS/plans" ] || skip "no corpus of real plans at $CORPUS"
}
teardown() { end_world; }

@test "the items of real plans are those that an independent reader found" {
	find "$CORPUS/plans" -name '*.md' -print0 | sort -z | xargs -0 "$PLANCTL" parse --json >"$T/ours.json"
	run python3 - "$CORPUS" "$T/ours.json" <<-'PY'
	import json, sys
	ours = {}
	for plan in json.load(open(sys.argv[2]))["data"]:
	    found = ours.setdefault(plan["path"].split("/corpus/")[1], [])
	    if plan["progress_source"] == "progress":
	        found += [[i["line"], i["mark"]] for i in plan["items"]]
	agree, differ = 0, []
	for line in open(sys.argv[1] + "/expected.jsonl"):
	    expected = json.loads(line)
	    # The other reader tells items of a Progress section only.
	    if sorted(map(tuple, ours[expected["file"]])) == sorted((l, m) for l, m in expected["items"]):
	        agree += 1
	    else:
	        differ.append(expected["file"])
	print(f"{agree} of {agree + len(differ)} files agree", *differ, sep="\n  ")
	sys.exit(bool(differ) or agree == 0)
	PY
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "no instruction, template or other format is taken for a plan; no plan with a Progress is refused" {
	names() { (cd "$1" && find . -name '*.md' | while read -r file; do
		# "a__b__c.md" stands for a/b/c.md
		target=$T/work/$2/$(dirname "$file")/$(basename "$file" | sed 's|__|/|g')
		mkdir -p "$(dirname "$target")" && cp "$file" "$target"
	done); }
	names "$CORPUS/nonplans" non
	names "$CORPUS/otherplans" other
	start_daemon "$T/work"
	run sql "SELECT path FROM v_plans"
	echo "$output"
	[ -z "$output" ]
}

@test "histories of real plans: after each revision the record is what the reader reads, and the laws hold" {
	start_daemon "$T/work"
	run python3 "$BATS_TEST_DIRNAME/histories.py" "$PLANCTL" "$CORPUS/histories" "$T/work"
	echo "$output"
	[ "$status" -eq 0 ]
	run "$PLANCTL" verify
	echo "$output"
	[ "$status" -eq 0 ]
	# The same revisions imported, into a database of their own: the same events, but for their origin and times.
	"$PLANCTL" log --limit 0 --json >"$T/live.json"
	stop_daemon
	export PLANWATCH_DB=$T/imported.db
	for folder in "$CORPUS"/histories/*/; do
		plan=$T/work/$(basename "$folder")/execplans/plan.md
		"$PLANCTL" import "$plan" --dir "$folder" || [ $? -eq 4 ]
	done >"$T/imports" 2>"$T/refused"
	run "$PLANCTL" verify
	echo "$output"
	[ "$status" -eq 0 ]
	"$PLANCTL" log --limit 0 --json >"$T/imported.json"
	run python3 "$BATS_TEST_DIRNAME/imports.py" "$T/live.json" "$T/imported.json"
	echo "$output"
	echo "# ${lines[0]}" >&3
	[ "$status" -eq 0 ]
	# Again: nothing is added.
	before=$(sqlite3 -readonly "$PLANWATCH_DB" 'SELECT count(*) FROM observations')
	for folder in "$CORPUS"/histories/*/; do
		"$PLANCTL" import "$T/work/$(basename "$folder")/execplans/plan.md" --dir "$folder" || [ $? -eq 4 ]
	done >"$T/imports" 2>"$T/refused"
	[ "$(sqlite3 -readonly "$PLANWATCH_DB" 'SELECT count(*) FROM observations')" -eq "$before" ]
}

@test "histories of real plans, imported before what was witnessed of them" {
	import_all() {
		for folder in "$T"/early/*/; do
			"$PLANCTL" "$@" import "$T/work/$(basename "$folder")/execplans/plan.md" --dir "$folder" || [ $? -eq 4 ]
		done >"$T/imports" 2>"$T/refused"
	}
	witnessed() { sql "SELECT * FROM v_events WHERE origin <> 'import' ORDER BY id; SELECT * FROM v_items; SELECT * FROM v_plans"; }
	# The last revision is witnessed, those before it are imported.
	for folder in "$CORPUS"/histories/*/; do
		name=$(basename "$folder")
		mkdir -p "$T/early/$name" "$T/work/$name/execplans"
		cp "$folder"/*.md "$T/early/$name"
		mv "$(find "$T/early/$name" -name '*.md' | sort | tail -n 1)" "$T/work/$name/execplans/plan.md"
	done
	# And into a database of its own, where nothing is witnessed.
	import_all --db "$T/alone.db" --socket "$T/none"
	start_daemon "$T/work"
	witnessed | sort >"$T/before"
	import_all
	run "$PLANCTL" verify
	echo "$output"
	[ "$status" -eq 0 ]
	# Plans that were gone by then are there now, and no row of before is another one.
	witnessed | sort | comm -23 "$T/before" - >"$T/changed"
	[ ! -s "$T/changed" ]
	"$PLANCTL" log --limit 0 --json >"$T/prefix.json"
	"$PLANCTL" --db "$T/alone.db" log --limit 0 --json >"$T/alone.json"
	run python3 "$BATS_TEST_DIRNAME/imports.py" --imported "$T/prefix.json" "$T/alone.json"
	echo "$output"
	echo "# ${lines[0]}" >&3
	[ "$status" -eq 0 ]
	before=$(sql "SELECT count(*) FROM v_events")
	import_all
	[ "$(sql "SELECT count(*) FROM v_events")" -eq "$before" ]
}

@test "histories of real plans, replayed: each long silence is told at its moment, and none between two ticks in time" {
	[ -f "$CORPUS/../windows.tsv" ] || skip "no windows.tsv beside the corpus"
	run python3 "$BATS_TEST_DIRNAME/alerts.py" "$PLANCTL" "$CORPUS/histories" "$CORPUS/../windows.tsv" "$T"
	echo "$output"
	printf '# %s\n' "${lines[@]}" >&3
	[ "$status" -eq 0 ]
}

@test "real tolerance sentences mean what their readers said" {
	[ -f "$CORPUS/../tolerances.tsv" ] || skip "no tolerances.tsv beside the corpus"
	run python3 - "$CORPUS/../tolerances.tsv" "$PLANCTL" <<-'PY'
	import json, subprocess, sys
	right, wrong = 0, []
	for line in open(sys.argv[1]).read().splitlines()[2:]:
	    applies, seconds, basis, sentence = line.split("\t")
	    plan = "# P\n\n## Tolerances\n\n- " + sentence + "\n\n## Progress\n\n- [ ] x\n"
	    out = subprocess.run([sys.argv[2], "parse", "-", "--json"], input=plan, capture_output=True, text=True).stdout
	    entry = json.loads(out)["data"][0]["tolerances"][0]
	    good = (entry["applies_to"] == applies and (seconds in ("", "*") or entry["seconds"] == int(seconds))
	            and basis in ("", entry["basis"]))
	    right += good
	    wrong += [] if good else [sentence]
	print(f"{right} of {right + len(wrong)} sentences", *wrong, sep="\n  ")
	sys.exit(bool(wrong) or right == 0)
	PY
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "md4c sees the boxes, headings and blocks of real plans and their revisions as the block scanner does" {
	for folder in plans histories nonplans otherplans; do
		run "$BUILD/tests/unit/test_oracle" "$CORPUS/$folder"
		echo "$folder: $output"
		echo "# $folder: ${lines[-2]}; ${lines[-1]}" >&3
		[ "$status" -eq 0 ]
	done
}

@test "every item of real plans is ticked and unticked, and their statuses set, without touching anything else" {
	for folder in plans histories; do
		run "$BUILD/tests/unit/test_edit" "$CORPUS/$folder"
		echo "$folder: $output"
		echo "# $folder: ${lines[-2]}; ${lines[-1]}" >&3
		[ "$status" -eq 0 ]
	done
}

@test "real plans in every format: each read by its programs, and back as the same items" {
	"$BUILD/tests/unit/test_convert_random" "$CORPUS"/plans/*/*.md
	# Starting six programs for each file takes minutes; every fourth is enough here.
	mapfile -t files < <(find "$CORPUS/plans" -name "*.md" | LC_ALL=C sort | awk 'NR % 4 == 1')
	[ "${#files[@]}" -gt 0 ]
	run "$BATS_TEST_DIRNAME/../e2e/consumers.py" "$PLANCTL" "$T" "${files[@]}"
	echo "$output"
	[ "$status" -eq 0 ]
}
