# SPDX-License-Identifier: GPL-2.0-or-later
"""What is on record of the plans that the program `ticker` saves: which of their states, and whether anything else."""
import contextlib
import re
import sqlite3
import subprocess

from world import Failure

# A save flips the box of one item and rewords it. What else is recorded comes from a save that was half done.
TRUE_KINDS = {"plan_found", "item_added", "item_done", "item_undone", "item_reworded", "gap"}


def number_of(text):
    """The number of the save in an item's text; -1 where the text is cut off."""
    found = re.search(r"save (\d+)\.$", text)
    return int(found[1]) if found else -1


class Ticker:
    """Plans that are there, to be saved from `go()` on."""

    def __init__(self, world, files, saves, rate, how):
        self.world, self.files, self.saves = world, files, saves
        self.folder = world.work / "execplans"
        self.lives_file = world.top / "lives"
        self.folder.mkdir()
        self.process = subprocess.Popen(
            [world.build / "tests/faults/ticker", self.folder, str(files), str(saves), str(rate), how, self.lives_file],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "start\n":
            raise Failure("the ticker does not start")

    def go(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def finish(self):
        """Returns how many saves a second there were."""
        rate = self.process.stdout.readline()
        if self.process.wait():
            raise Failure("the ticker failed")
        return float(rate)

    def lives(self):
        """How long each state was whole on disk: {(plan, state): seconds}."""
        found = {}
        for line in open(self.lives_file):
            plan, state, life = map(int, line.split())
            found[plan, state] = life / 1e6
        return found

    def states_recorded(self):
        """The states on record: {(plan, state)}. A revision has the state of its highest number."""
        highest = {}
        with contextlib.closing(sqlite3.connect(f"file:{self.world.db}?mode=ro", uri=True)) as db:
            for path, at, text in db.execute("SELECT v_plans.path, v_events.at, v_events.text FROM v_events JOIN v_plans "
                                             "ON v_plans.id = v_events.plan WHERE kind = 'item_reworded'"):
                key = int(re.search(r"plan-(\d+)\.md$", path)[1]), at
                highest[key] = max(highest.get(key, 0), number_of(text))
        return {(plan, state) for (plan, at), state in highest.items()}

    def false_changes(self):
        """Events that no whole save accounts for: {kind: number}."""
        with contextlib.closing(sqlite3.connect(f"file:{self.world.db}?mode=ro", uri=True)) as db:
            counts = dict(db.execute("SELECT kind, count(*) FROM v_events GROUP BY kind"))
            found = {kind: n for kind, n in counts.items() if kind not in TRUE_KINDS}
            unordered = sum(numbers != sorted(set(numbers)) or numbers[0] < 0 for numbers in self.numbers(db))
        if counts["item_added"] != 40 * self.files or counts["plan_found"] != self.files:
            found["found or added"] = counts["item_added"], counts["plan_found"]
        if unordered:
            found["plans whose numbers do not rise"] = unordered
        return found

    @staticmethod
    def numbers(db):
        """The numbers of each item's saves, as they were recorded one after the other."""
        items = {}
        for plan, item, text in db.execute("SELECT plan, item, text FROM v_events WHERE kind = 'item_reworded' ORDER BY id"):
            items.setdefault((plan, item), []).append(number_of(text))
        return items.values()

    def finals_lost(self):
        """How many plans are on record with other bytes than they have."""
        paths = [self.folder / f"plan-{n}.md" for n in range(self.files)]
        return sum(self.world.recorded(path) != path.read_text() for path in paths)
