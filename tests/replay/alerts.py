#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Replays the histories of real plans and holds the alerts against what the revisions themselves say.

Found: in each stretch of WINDOWS (at least a day without a revision) whose plan is under way there is an alert that names the silence, at
the very moment at which it has passed the limit; where a person is waited for, one that says so. False: within a stretch between two ticks
that is shorter than the limit there is none. Then how many alerts other settings of stall_after would have made.

Which items were ticked, what the limit is and whether a plan is under way is read from `planctl parse` and `planctl diff`, revision by
revision: not from what is replayed.

Usage: alerts.py PLANCTL HISTORIES WINDOWS SCRATCH
"""
import collections
import csv
import datetime
import json
import pathlib
import subprocess
import sys

planctl, histories, windows, scratch = sys.argv[1], *map(pathlib.Path, sys.argv[2:5])
SILENCE = ("stalled", "drifting", "churning")
DEFAULT = 2 * 3600
WORDS = {"stalled": "no tick, edit or commit for ", "drifting": "the plan is silent for ", "churning": "nothing ticked for ",
         "over": " has used ", "needs_you": ""}


def ask(*arguments):
    done = subprocess.run([planctl, *arguments, "--json"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"planctl {' '.join(arguments)}: {done.stderr}")
    return json.loads(done.stdout)["data"]


def seconds(instant):
    return datetime.datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp()


def replayed(*options):
    """By the folder's name: its changes, with times in seconds."""
    found = {}
    for source in ask("replay", "--all", *options, *map(str, folders))["sources"]:
        assert source["plans"] == 1, source["source"]
        for change in source["changes"]:
            change["at"] = seconds(change["at"])
            if change["episode"]:
                change["episode"]["fired_at"] = seconds(change["episode"]["fired_at"])
        source["until"] = seconds(source["until"])
        found[pathlib.Path(source["source"]).name] = source
    return found


# ---- What the revisions say ----

def limit_of(plan):
    for unit in "milestone", "plan":
        for t in plan["tolerances"]:
            if t["kind"] == "time" and t["applies_to"] == unit and t["seconds"]:
                return t["seconds"]
    return DEFAULT


def standing(plan):
    """Why no silence is to be told of a plan; None where it is under way."""
    status, counts = plan["status"] and plan["status"]["state"], plan["counts"]
    labelled = any(i["state"] == "done" and i["label"] for i in plan["items"])
    if not counts or not plan["items"]:
        return "no boxes"
    if status in ("complete", "superseded"):
        return "status is " + status
    if counts["open"] == 0 and counts["done"] == counts["total"]:
        return "every box is ticked"
    if status in ("blocked", "in_review") or (status == "draft" and not labelled):
        return "waits for a person"
    if counts["done"] == 0 and status != "in_progress":
        return "not started"
    return None


class Revision:
    def __init__(self, path, plan):
        self.path, self.at, self.plan = path, int(path.name.split("_")[1]), plan
        self.limit = limit_of(plan)


def read(folder):
    """The revisions from the first that the replay took for a plan; a revision that says it is older happens with the one before."""
    files = sorted(folder.glob("*.md"))
    plans = {p["path"]: p for p in ask("parse", *map(str, files))}
    revisions = [Revision(f, plans[str(f)]) for f in files]
    for before, after in zip(revisions, revisions[1:]):
        after.at = max(before.at, after.at)
    return revisions


def ticks(old, new):
    changes = ask("diff", str(old.path), str(new.path))["changes"]
    return any("item_done" in c["kinds"] or (c["new"] and not c["old"] and c["new"]["state"] == "done") for c in changes)


# ---- Found ----

def open_at(changes, moment):
    """The last thing that was said of the episode that is open at a moment."""
    last = None
    for change in changes:
        if change["at"] > moment:
            break
        if change["what"] != "verdict":
            last = None if change["what"] == "resolved" else change
    return last


def look_into(row, source, revisions):
    """What became of a row of WINDOWS: (class, what is wrong)."""
    files = [r.path.name for r in revisions]
    before = revisions[files.index(row["file_before"])]
    after = revisions[files.index(row["file_after"])]
    why = standing(before.plan)
    if why and why != "waits for a person":
        return "not applicable: " + why, ""
    # A draft is taken for complete ten minutes after its last edit.
    moment = before.at + (before.limit if why is None else 11 * 60) + 0.001
    if moment >= after.at:
        return "not applicable: the limit is longer", ""
    told = open_at(source["changes"], moment)
    wanted = ("stalled", "over") if why is None else ("needs_you",)
    good = told and told["verdict"] in wanted and WORDS[told["verdict"]] in told["reason"]
    # A stage may have been over before, and a person waited for; silence begins with the stretch.
    if not good or (told["verdict"] == "stalled" and abs(told["at"] - before.at - before.limit) > 0.001):
        return "MISSED", f"{row['dir']} {row['file_before']}: {why}, limit {before.limit}: {told and (told['at'] - before.at, told['reason'])}"
    last = open_at(source["changes"], after.at - 0.001)
    if not last or last["episode"]["verdict"] not in wanted:
        return "MISSED", f"{row['dir']} {row['file_before']}: no longer told at its end"
    words = told["verdict"] + (" fired" if told["at"] > before.at and told["what"] == "fired" else
                               " told in an open episode" if told["at"] > before.at else " told before")
    return "found: " + words, ""


def hold_windows(sources, known):
    classes, missed = collections.Counter(), []
    for row in csv.DictReader(open(windows), delimiter="\t"):
        if row["dir"] not in sources:
            classes["not applicable: no plan"] += 1
            continue
        kind, sentence = look_into(row, sources[row["dir"]], known[row["dir"]])
        classes[kind] += 1
        if kind == "MISSED":
            missed.append(sentence)
    found = sum(n for kind, n in classes.items() if kind.startswith("found"))
    print(f"{sum(classes.values())} stretches of a day or more: {found} found, {len(missed)} missed")
    for kind, n in sorted(classes.items()):
        print(f"  {n:3}  {kind}")
    print(*missed, sep="\n")
    return found > 0 and not missed


# ---- False ----

def hold_ticks(sources, known):
    stretches, false = 0, []
    for name, source in sources.items():
        since, limit = None, None
        for old, new in zip(known[name], known[name][1:]):
            since, limit = (old.at, old.limit) if since is None else (since, min(limit, old.limit))
            if not ticks(old, new):
                continue
            if new.at - since <= limit:
                stretches += 1
                false += [f"{name}: {c['verdict']} {c['what']} at {c['at']}: {c['reason']}" for c in source["changes"]
                          if c["episode"] and c["what"] == "fired" and c["verdict"] in SILENCE and since < c["at"] < new.at]
            since, limit = new.at, new.limit
    print(f"{stretches} stretches between ticks that are shorter than the limit: {len(false)} alerts of silence in them")
    print(*false, sep="\n")
    return stretches > 0 and not false


# ---- Settings ----

UNDER_WAY = ("moving", "nearing", "over") + SILENCE


def under_way(source):
    """Days in which a plan was under way."""
    changes = source["changes"]
    ends = [c["at"] for c in changes[1:]] + [source["until"]]
    return sum(end - c["at"] for c, end in zip(changes, ends) if c["verdict"] in UNDER_WAY) / 86400


def worked_on(known):
    """Days of the calendar on which a plan was saved."""
    return len({r.at // 86400 for r in known})


def silences(sources):
    """How long each episode of silence stood; None for one that nothing ended."""
    for source in sources.values():
        for i, change in enumerate(source["changes"]):
            if change["what"] != "fired" or change["verdict"] not in SILENCE:
                continue
            ends = [c["at"] - change["at"] for c in source["changes"][i + 1:] if c["what"] == "resolved"]
            yield ends[0] if ends else None


def table(known):
    names = ("needs_you", "over", "nearing") + SILENCE
    hours = (("1 h", 1), ("4 h", 4), ("24 h", 24), ("later", 1e9))
    sources = replayed()
    open_days = sum(s["open_seconds"] for s in sources.values()) / 86400
    way_days = sum(map(under_way, sources.values()))
    saved_days = sum(worked_on(known[name]) for name in sources)
    print(f"Episodes in {len(sources)} plans, by their gravest verdict; a plan and day of the {open_days:.0f} on which one was open; those of"
          f" silence a plan and day of the {way_days:.0f} on which one was under way, and of the {saved_days} on which one was saved; and how"
          " soon those of silence were over.")
    print(f"{'stall_after':11}", *(f"{n:>9}" for n in names), "  all/open silence/way silence/saved", *(f"{n:>5}" for n, _ in hours), "never")
    for setting in "1h", "2h", "4h", "8h", "24h":
        config = scratch / f"{setting}.conf"
        config.write_text(f"[limits]\nstall_after = {setting}\n")
        sources = replayed("--config", str(config))
        counts = collections.Counter()
        for source in sources.values():
            counts.update(source["episodes"])
        lengths = list(silences(sources))
        ended = [n / 3600 for n in lengths if n is not None]
        within = [sum(n <= high for n in ended) for _, high in hours]
        within = [n - before for n, before in zip(within, [0] + within)]
        print(f"{setting:11}", *(f"{counts[n]:9}" for n in names), f"{sum(counts.values()) / open_days:10.3f} {len(lengths) / way_days:11.3f}"
              f" {len(lengths) / saved_days:13.3f}", *(f"{n:5}" for n in within), f"{len(lengths) - len(ended):5}")


folders = sorted(d for d in histories.iterdir() if d.is_dir())
default = replayed()
revisions = {name: read(histories / name) for name in default}
good = hold_windows(default, revisions)
good = hold_ticks(default, revisions) and good
table(revisions)
sys.exit(not good)
