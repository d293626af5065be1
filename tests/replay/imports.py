#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds imported histories against the same revisions as the daemon saw them: for each plan the same events in the same order, but
for their origin and times.

Usage: imports.py LIVE.json IMPORTED.json    (of planctl log --limit 0 --json)
"""
import json
import sys


def by_plan(name):
    plans = {}
    for event in json.load(open(name))["data"]:
        if event["plan"] is None:
            continue
        item = event["item"] and (event["item"]["id"], event["item"]["text"], event["item"]["line"])
        plans.setdefault(event["plan"]["path"], []).append((event["kind"], item, event["from"], event["to"]))
    return plans


live, imported = by_plan(sys.argv[1]), by_plan(sys.argv[2])
wrong = sorted(path for path in live.keys() | imported.keys() if live.get(path) != imported.get(path))
print(f"{len(live)} plans, {sum(map(len, live.values()))} events seen, {sum(map(len, imported.values()))} imported, "
      f"{len(wrong)} plans differ")
for path in wrong[:5]:
    a, b = live.get(path, []), imported.get(path, [])
    print(path, len(a), len(b))
    for left, right in zip(a, b):
        if left != right:
            print("  seen    ", left, "\n  imported", right)
            break
sys.exit(bool(wrong) or not live)
