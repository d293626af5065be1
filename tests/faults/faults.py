#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""faults.py BUILD [short|full [NAME...]]: what planwatchd and planctl do when the machine fails them.

Each row of the table is a fault, in so many cases. Lost is a state that stood, an acknowledged event, a file or a database that was
not whole, or a program that crashed, hung or failed without a word; false an event of what nobody did. Below a row is what a user reads,
with how often. Exit code 1: something was lost or false.
"""
import collections
import sys
import time

import calls
import commands
import databases
import disks
from world import Failure, chosen


def mounted(scenario):
    return lambda build, rounds: disks.in_own_mounts(scenario, build, rounds)


# The numbers are those of the short form and of the full one: of all calls or allocations every so many, or rounds.
ROWS = {
    "planwatchd, the n-th system call fails": (calls.daemon, 97, 2),
    "planctl, the n-th system call fails": (commands.calls, 29, 1),
    "planctl, reads and writes come short": (commands.short, 29, 1),
    "planctl, the n-th allocation fails": (commands.memory, 599, 7),
    "planwatchd, the n-th allocation fails": (calls.daemon_memory, 4999, 40),
    "the disk is full": (mounted(disks.full_disk), 1, 20),
    "the disk is read-only": (mounted(disks.read_only_disk), 1, 1),
    "the database is locked": (disks.locked_database, 1, 10),
    "the database is damaged": (databases.damaged, 3, 100),
    "the power is cut": (mounted(disks.power_cuts), 1, 50),
    "file systems, and one mounted over": (disks.file_systems, 1, 20),
    "planwatchd is stopped for a while": (disks.stopped, 3, 50),
}


def main():
    full, names = sys.argv[2:3] == ["full"], chosen(sys.argv[3:], ROWS)
    failed = 0
    print(f"{'fault':40} {'cases':>6} {'lost':>6} {'false':>6} {'seconds':>8}")
    for name in names:
        row, short_form, full_form = ROWS[name]
        start = time.monotonic()
        try:
            outcome = row(sys.argv[1], full_form if full else short_form)
        except disks.Impossible as impossible:
            print(f"{name:40} not tried: {impossible}", flush=True)
            continue
        failed += len(outcome.problems)
        print(f"{name:40} {outcome.cases:6} {outcome.lost:6} {outcome.false:6} {time.monotonic() - start:8.1f}", flush=True)
        for message, times in (collections.Counter(outcome.seen).most_common() if full else []):
            print(f"    {times:6} {message}")
    if failed:
        raise Failure(f"{failed} problems")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"faults.py: {failure}")
