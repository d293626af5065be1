#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""files.py BUILD: plans read a second, warm and cold, each by a process of its own: all that is in 10,000 plans (plan_parse), beside
ripgrep, which finds the lines of their boxes. Cold: the files' pages are dropped from the cache; their names and inodes stay.
"""
import os
import pathlib
import shutil
import sys
import tempfile

from measure import Asker, heading, installed, middle, row, skipped
from world import plan_text

PLANS, ROUNDS = 10000, 7
SENTENCE = "What is done here, and why, in a sentence of some length, as plans have them.\n"


def make_plans(folder):
    for n in range(PLANS):
        (folder / f"plan-{n}.md").write_text(plan_text(f"Plan {n}", "xxxxxxxxx       ", "\n## Context\n\n" + SENTENCE * 70))
    os.sync()


def forget(folder):
    """Drops what is clean, which is all after a sync."""
    for path in folder.iterdir():
        fd = os.open(path, os.O_RDONLY)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-files-", dir=build))
    try:
        make_plans(folder)
        readers = {"plan_parse": [build / "tests/bench/bench", "parse", folder]}
        if installed("rg"):
            readers["rg, boxes"] = ["rg", "-c", r"^\s*- \[", folder]
            readers["rg -j1, boxes"] = ["rg", "-j1", "-c", r"^\s*- \[", folder]
        warm, cold = Asker(os.environ), Asker(os.environ)
        for _ in range(ROUNDS):
            warm.ask(readers, 1)
            for name, command in readers.items():
                forget(folder)
                cold.ask({name: command}, 1)
    finally:
        shutil.rmtree(folder)
    heading(f"{PLANS} plans", "plans a second, warm", "ms on processors", "cold")
    for name in readers:
        row(name, f"{PLANS / warm[name]:.0f}", f"{middle(warm.ran[name]) * 1e3:.0f}", f"{PLANS / cold[name]:.0f}")
    if not installed("rg"):
        skipped("rg")


if __name__ == "__main__":
    main()
