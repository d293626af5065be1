# SPDX-License-Identifier: GPL-2.0-or-later
"""What must be true at a barrier: the writers stand still, `planctl sync` has returned."""
import collections
import hashlib
import random
import re
import time

import model

TICKED = {"item_done", "item_added", "item_split"}
STARTED = re.compile(r"planwatchd: watching 1 root in \d+ folders$")
OVERFLOW = "planwatchd: the kernel's queue of file events was full"
WARM_UP = 60  # seconds
# KiB that the heap may grow after the warm-up: SQLite's page cache (2 MiB, filled in time) and what fragmentation leaves. ASan keeps
# freed blocks by their size and gives none of them back.
GROWTH, GROWTH_SANITIZED = 4096, 65536


class Wrong(Exception):
    """A law is broken."""


class Event:
    COLUMNS = "id, at, not_before, kind, plan, text, after, origin"

    def __init__(self, row):
        self.id, self.at, self.not_before, self.kind, self.plan, self.text, self.after, self.origin = row
        m = re.search(r"\bq\d+x\b", self.text or "")
        self.token = m and m[0]

    def __str__(self):
        return f"event {self.id} {self.kind} of plan {self.plan}, {self.origin}, {self.not_before}..{self.at}: {self.text}"


class Checks:
    def __init__(self, daemon):
        self.daemon, self.rng = daemon, random.Random(0)
        self.began = self.told = time.time()
        self.counts = collections.Counter()
        self.last, self.segments = 0, []  # the highest id that is known, and digests of the events up to it
        self.tokens, self.done = {}, set()  # path -> tokens of its items at the last barrier; tokens of all done items then
        self.told_done = set()              # tokens of which a tick is on record since before the last barrier
        self.kills = []                   # since the last barrier
        self.limits = None                # (KiB, descriptors), known after the warm-up
        self.peak, self.longest = collections.Counter(), collections.Counter()

    def expect(self, true, *words):
        if not true:
            raise Wrong(" ".join(map(str, words)))

    # ---- At a barrier ----

    def barrier(self, reports):
        self.longest["sync"] = max(self.longest["sync"], self.daemon.sync())
        tree = model.Tree(self.daemon.root)
        expected = model.parsed(self.daemon.planctl, tree.files)
        record = self.daemon.open_record()
        try:
            recorded, paths = model.recorded(record)
            self.same_watches(tree, expected)
            self.same(expected, recorded)
            self.same_answers(expected, tree)
            self.events(record, reports, expected, paths)
        finally:
            record.close()
        self.resources()
        self.messages()
        self.count(reports, expected)

    def same(self, expected, recorded):
        found = list(model.differences(expected, recorded))
        self.expect(not found, f"{len(found)} plans are recorded otherwise than they are:\n ", "\n  ".join(found[:10]))

    def same_answers(self, expected, tree):
        """`planctl status` of all, `planctl show` of some: as they stand, and folded from their events."""
        told = collections.Counter()
        for entry in self.daemon.ask("status"):
            plan, path = entry["plan"], entry["plan"]["path"]
            told.update([path] + [copy["path"] for copy in entry["copies"]])
            counts = tuple(entry[k] for k in model.COUNTS)
            self.expect(any(counts == p[2] for p in expected.get(path, [])), f"status: {path} {counts}")
            repository = tree.repository_of(path)
            self.expect(plan["repo"] == repository, f"status: {path} is in {repository}, not {plan['repo']}")
            branch = repository and model.branch_of(tree.repositories[repository])
            self.expect(plan["branch"] == branch, f"status: {path} is on {branch}, not {plan['branch']}")
        self.expect(told == {path: len(there) for path, there in expected.items()}, "status: other plans than there are:",
                    *(told.keys() ^ expected.keys()))
        alone = sorted(path for path, there in expected.items() if len(there) == 1)
        for path in self.rng.sample(alone, min(3, len(alone))):
            for arguments in ([], ["--at", "now"]):
                items = tuple(map(model.item, self.daemon.ask("show", path, *arguments)["items"]))
                self.expect(items == expected[path][0][3], f"show {path} {arguments}: other items than there are")

    def same_watches(self, tree, expected):
        """Each folder that is not pruned is watched once, and nothing else; and the folder with HEAD of each working tree that has plans,
        or had some, for as long as there is one."""
        watched, single = self.daemon.watches()
        self.expect(watched == sorted(tree.folders), "other folders are watched than there are: too many",
                    collections.Counter(watched) - collections.Counter(tree.folders.keys()), "missing",
                    [path for inode, path in tree.folders.items() if inode not in watched])
        heads = {model.inode(git): git for git in tree.repositories.values()}
        needed = {model.inode(tree.repositories[r]) for r in map(tree.repository_of, expected) if r}
        self.expect(len(single) == len(set(single)) and needed <= set(single) <= heads.keys(), "other HEADs are watched than there are:",
                    single, heads, needed)

    # ---- The events since the last barrier ----

    def events(self, record, reports, expected, paths):
        rows = record.execute(f"SELECT {Event.COLUMNS} FROM v_events WHERE id > ? ORDER BY id", (self.last,)).fetchall()
        events = [Event(row) for row in rows]
        for event in events:
            self.expect(event.not_before is None or event.not_before <= event.at, f"an interval that ends before it begins: {event}")
        self.ticks(reports, events, expected, paths)
        self.quiet(reports, events, paths)
        self.gaps(events)
        if rows:
            self.segments.append((self.last, rows[-1][0], digest(rows)))
            self.last = rows[-1][0]
        self.unchanged(record, self.segments[-2:])
        self.counts["events"] += len(rows)
        self.tokens = {path: {token for plan in there for token in tokens(plan)} for path, there in expected.items()}
        self.told_done |= {event.token for event in events if event.token and event.after == "x"}
        self.done = {token for there in expected.values() for plan in there for token in tokens(plan, "done")}

    def ticks(self, reports, events, expected, paths):
        """Each tick that was made since the last barrier and stands is told, with an interval in which it was made: at the earliest
        when the file was written last before it was read, if several saves fell between two looks. Where the file stayed at its
        place it is told as a tick of that plan; where it was moved about the place may have had another plan, of which one done item
        was then reworded to the other."""
        done, told = {}, {}
        in_sight = set().union(*self.tokens.values())
        came = {paths.get(event.plan) for event in events if event.kind in ("plan_returned", "plan_moved")}
        for path, there in expected.items():
            for plan in there:
                for token in tokens(plan, "done"):
                    done.setdefault(token, set()).add(path)
        for event in events:
            if event.token and event.after == "x":
                told.setdefault(event.token, []).append(event)
        for report in reports:
            for token, (began, ended, path) in report.ticks.items():
                if token not in done or token in self.done:
                    continue  # overwritten, deleted, moved out of sight; or unticked and ticked again
                found = told.get(token, [])
                saves = report.saves.get(token, [])
                if path not in report.steady and (any(event.at < began * 1e6 for event in found) or token in self.told_done - in_sight or
                                                  (token in self.told_done and done[token] & came)):
                    continue  # it came into sight ticked, or its plan had it ticked when it went; it was unticked and ticked again
                self.expect(any(tells(event, began, ended, saves) and
                                (path not in report.steady or (event.kind in TICKED and paths.get(event.plan) == path)) for event in found),
                            f"the tick of {token} in {path}, {began:.6f}..{ended:.6f}, is not told; it is in {done[token]} now:",
                            *map(str, found))
                self.counts["ticks told"] += 1

    def quiet(self, reports, events, paths):
        """Plans that were only saved: no plan came or went, no item but those that were added or removed. The same bytes: nothing."""
        steady = set().union(*(r.steady for r in reports))
        still = set().union(*(r.still for r in reports))
        removed = set().union(*(r.removed for r in reports))
        added = set()
        for event in events:
            path = paths.get(event.plan)
            if path not in steady or path not in self.tokens:
                continue
            self.expect(path not in still, f"the same bytes were written to {path}: {event}")
            self.expect(not event.kind.startswith("plan_"), f"{path} was only saved: {event}")
            if event.kind == "item_removed":
                self.expect(event.token in removed, f"{path}: nobody removed it: {event}")
            if event.kind in ("item_added", "item_split"):
                self.expect(event.token not in self.tokens[path] | added, f"{path}: it was there: {event}")
                added.add(event.token)

    def gaps(self, events):
        """What was found after a start carries the time of the stop, and a gap tells of it."""
        gaps = [e for e in events if e.kind == "gap"]
        new = {e.plan for e in events if e.kind == "plan_found"}
        for event in events:
            if event.origin != "startup" or event.plan in new or event.kind == "gap" or not self.kills:
                continue
            around = [k for k in self.kills if event.not_before <= k * 1e6 and event.at >= k * 1e6]
            self.expect(around, f"found after a start, and its interval has none: {event}")
            if event.plan:
                self.expect(any(g.not_before <= k * 1e6 <= g.at for g in gaps for k in around), f"no gap tells of the stop before {event}")
        self.counts["gaps"] += len(gaps)
        self.counts["overflows told"] += sum("queue of changes overflowed" in (g.text or "") for g in gaps)
        self.kills = []

    def unchanged(self, record, segments):
        """The record only grows."""
        for low, high, known in segments:
            rows = record.execute(f"SELECT {Event.COLUMNS} FROM v_events WHERE id > ? AND id <= ? ORDER BY id", (low, high)).fetchall()
            self.expect(digest(rows) == known, f"the events {low}..{high} are not what they were")

    # ---- What it costs ----

    def resources(self):
        memory, descriptors = self.daemon.memory(), self.daemon.descriptors()
        self.peak["KiB"] = max(self.peak["KiB"], memory)
        self.peak["descriptors"] = max(self.peak["descriptors"], descriptors)
        if self.kills or self.counts["kills"]:
            return  # each round has another process
        if not self.limits:
            if time.time() - self.began > WARM_UP:
                self.limits = self.peak["KiB"] + (GROWTH_SANITIZED if self.daemon.sanitized else GROWTH), self.peak["descriptors"]
            return
        self.expect(memory <= self.limits[0], f"memory grows: {memory} KiB, at most {self.limits[0]} were expected")
        self.expect(descriptors <= self.limits[1], f"descriptors leak: {descriptors} instead of {self.limits[1]}")

    def messages(self):
        lines = self.daemon.log_lines()
        overflows = sum(line.startswith(OVERFLOW) for line in lines)
        wrong = [line for line in lines if not STARTED.match(line) and not line.startswith(OVERFLOW)]
        self.expect(not wrong, "planwatchd says:\n ", "\n  ".join(wrong[:20]))
        self.expect(overflows <= self.counts["overflows told"], f"{overflows} overflows, {self.counts['overflows told']} of them told")

    def verify(self):
        began = time.time()
        done = self.daemon.ctl("verify", check=False)
        self.longest["verify"] = max(self.longest["verify"], time.time() - began)
        self.expect(done.returncode == 0, "verify:", done.stdout, done.stderr)
        self.counts["verified"] += 1
        return done.stdout.strip()

    def count(self, reports, expected):
        self.counts["barriers"] += 1
        self.counts["operations"] += sum(sum(r.operations.values()) for r in reports)
        self.counts["slow saves"] += sum(len(r.slow) for r in reports)
        # As often as it costs a tenth of the time, at most.
        if self.counts["barriers"] % (1 + int(self.longest["verify"] * 3)) == 0:
            self.verify()
        if time.time() - self.told > 30 or self.counts["barriers"] == 1:
            self.told = time.time()
            print(f"{time.time() - self.began:6.0f} s: {len(expected)} plans,", self.summary(), flush=True)

    def summary(self):
        counts = ", ".join(f"{n} {name}" for name, n in self.counts.items())
        return f"{counts}; at most {self.peak['KiB']} KiB, {self.peak['descriptors']} descriptors, " + ", ".join(
            f"{name} {seconds:.1f} s" for name, seconds in self.longest.items())

    # ---- Round about a kill, and at the end ----

    def before_kill(self):
        """What can be read before it is there after it."""
        record = self.daemon.open_record()
        rows = record.execute(f"SELECT {Event.COLUMNS} FROM v_events WHERE id > ? ORDER BY id", (self.last,)).fetchall()
        record.close()
        if rows:
            self.segments.append((self.last, rows[-1][0], digest(rows)))
        self.kills.append(time.time())
        self.counts["kills"] += 1

    def all_over(self):
        record = self.daemon.open_record()
        self.unchanged(record, self.segments)
        record.close()
        findings = self.verify()
        status, seconds = self.daemon.stop()
        self.expect(status == 0, f"planwatchd ended with {status}")
        self.expect(seconds < (20 if self.daemon.sanitized else 2), f"stopping took {seconds:.1f} s")
        self.messages()
        print(f"{time.time() - self.began:6.0f} s:", self.summary(), flush=True)
        print(f"verify: {findings}\nstopped in {seconds:.2f} s", flush=True)


def tells(event, began, ended, saves):
    ended = max([ended] + [end for start, end in saves if start * 1e6 <= event.at])
    return event.at >= began * 1e6 - 10 and (event.not_before or 0) <= ended * 1e6 + 10


def tokens(plan, state=None):
    for _, _, _, its_state, _, text in plan[3]:
        m = re.search(r"\bq\d+x\b", text)
        if m and state in (None, its_state):
            yield m[0]


def digest(rows):
    return hashlib.sha256(repr(rows).encode()).hexdigest()
