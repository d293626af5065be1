#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds two histories of the same revisions against each other: for each plan the same events in the same order, but for their origin
and times. With --imported only imported events, and the items may have other numbers: those of what was witnessed later.

Usage: imports.py [--imported] ONE OTHER    (each the output of planctl log --limit 0 --json)
"""
import json
import sys

imported = sys.argv[1] == "--imported"


def told(event):
    item = event["item"] and {"id": None if imported else event["item"]["id"], **{k: event["item"][k] for k in ("text", "line")}}
    before = None if imported and event["kind"] == "item_split" else event["from"]
    return event["kind"], item, before, event["to"]


def by_plan(name):
    plans = {}
    for event in json.load(open(name))["data"]:
        if event["plan"] and (event["origin"] == "import" or not imported):
            plans.setdefault(event["plan"]["path"], []).append(told(event))
    return plans


one, other = by_plan(sys.argv[-2]), by_plan(sys.argv[-1])
wrong = sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))
print(f"{len(one)} plans, {sum(map(len, one.values()))} events, held against {sum(map(len, other.values()))}: {len(wrong)} plans differ")
for path in wrong[:5]:
    a, b = one.get(path, []), other.get(path, [])
    print(path, len(a), len(b))
    for left, right in zip(a, b):
        if left != right:
            print("  ", left, "\n  ", right)
            break
sys.exit(bool(wrong) or not one)
