#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""saving.py BUILD: how many saves a second are recorded where plans are saved as fast as a program can, renamed over, in memory: one
plan, and 1,000 in turn. The time ends when the last state is on record. A state that was replaced before anybody could look is no more.
"""
import contextlib
import pathlib
import sqlite3
import sys
import time

from measure import heading, row, spread
from ticking import Ticker
from world import Failure, World

ROUNDS, SAVES = 3, 10000


def revisions(world):
    with contextlib.closing(sqlite3.connect(f"file:{world.db}?mode=ro", uri=True)) as db:
        return db.execute("SELECT count(*) FROM v_revisions").fetchone()[0]


def measure(build, plans, files):
    """Saves a second, states recorded a second, seconds between the last save and its row."""
    with World(build, plans) as world:
        ticker = Ticker(world, files, SAVES, 1000000, "rename")
        world.start()
        before = revisions(world)
        began = time.monotonic()
        ticker.go()
        rate = ticker.finish()
        saved = time.monotonic()
        world.sync()
        ended = time.monotonic()
        if {(plan, SAVES // files) for plan in range(files)} - ticker.states_recorded():
            raise Failure("a last state was lost")
        return rate, (revisions(world) - before) / (ended - began), ended - saved


def main():
    plans = "/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None
    heading(f"{SAVES} saves, as fast as they go", "saves a second", "recorded a second", "s behind at the end")
    for files in (1, 1000):
        rounds = [measure(sys.argv[1], plans, files) for _ in range(ROUNDS)]
        saved, recorded, behind = zip(*rounds)
        row(f"{files} plan{'s' * (files > 1)}", spread(saved, digits=0), spread(recorded, digits=0), spread(behind, digits=2))


if __name__ == "__main__":
    main()
