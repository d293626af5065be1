#!/usr/bin/env bats
# What the desktop reads: entry, icon, AppStream data.
bats_require_minimum_version 1.5.0

setup() {
	DESKTOP=$BATS_TEST_DIRNAME/../../desktop
	ID=io.github.planwatch.planwatch
}

needs() { command -v "$1" >/dev/null || skip "$1 is not installed"; }

@test "the desktop entry is valid, and names the icon that is installed" {
	needs desktop-file-validate
	run desktop-file-validate "$DESKTOP/$ID.desktop"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	grep -qx "Icon=$ID" "$DESKTOP/$ID.desktop"
}

@test "the AppStream data is valid, also to a pedant" {
	needs appstreamcli
	run appstreamcli validate --no-net --pedantic "$DESKTOP/$ID.metainfo.xml"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ $output != *": "* ]] || { echo "$output"; false; }
}

@test "the icon is drawn at every size, and its tick can be told from its face at 16 pixels" {
	needs rsvg-convert
	needs convert
	for size in 16 32 128; do
		rsvg-convert -w $size -h $size "$DESKTOP/$ID.svg" -o "$BATS_TEST_TMPDIR/$size.png"
	done
	# Orange, teal and white each have a pixel of nearly their own colour.
	convert "$BATS_TEST_TMPDIR/16.png" -background black -flatten -depth 8 txt:- >"$BATS_TEST_TMPDIR/pixels"
	run -0 awk -F'[(,)]' 'NR > 1 {
		r = $3; g = $4; b = $5
		orange += r > 220 && g < 150 && b < 90
		teal += r < 40 && g > 100 && b > 90
		white += r > 240 && g > 240 && b > 240
	} END { exit !(orange >= 4 && teal >= 20 && white >= 10) }' "$BATS_TEST_TMPDIR/pixels"
}
