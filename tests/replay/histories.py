#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the histories of real plans into a watched folder, one revision of each at a time, and holds the record against the
reader after every step: the items of `planctl show` are those of `planctl parse`.

Usage: histories.py PLANCTL HISTORIES WORK
"""
import json
import pathlib
import subprocess
import sys

planctl, histories, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])


def ask(*arguments):
    done = subprocess.run([planctl, *arguments, "--json"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"planctl {' '.join(arguments)}: {done.stderr}")
    return json.loads(done.stdout)["data"]


def counts(plan):
    return plan and (plan["done"], plan["open"], plan["other"], plan["total"])


revisions = {d.name: sorted(d.glob("*.md")) for d in sorted(histories.iterdir()) if d.is_dir()}
steps = written = 0
wrong = []
for step in range(max(map(len, revisions.values()))):
    paths = []
    for name, files in revisions.items():
        if step < len(files):
            path = work / name / "execplans" / "plan.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[step].read_bytes())
            paths.append(str(path))
    subprocess.run([planctl, "sync"], check=True)
    recorded = {}
    for entry in ask("status"):
        recorded.setdefault(entry["plan"]["path"], []).append(counts(entry))
    parsed = {}
    for plan in ask("parse", *paths):
        parsed.setdefault(plan["path"], []).append(counts(plan["counts"]) or (0, 0, 0, 0))
    for path in paths:
        known = recorded.get(path)
        if known is None and not any(p["is_plan"] for p in ask("parse", path)):
            continue
        if sorted(known or []) != sorted(parsed[path]):
            wrong.append(f"step {step}: {path}: recorded {known}, read {parsed[path]}")
    steps += 1
    written += len(paths)

print(f"{len(revisions)} histories, {written} revisions in {steps} steps, {len(wrong)} differences")
for line in wrong[:20]:
    print(line)
sys.exit(bool(wrong) or written == 0)
