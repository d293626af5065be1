#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""capture.py BUILD [ROUNDS]: which part of a plan's states is on record, beside the least that can see them.

The reader (witness.c) and the daemon take turns with the same saves; the shares are medians of the rounds, with the lowest behind
them. "2 ms" are the states that were whole on disk for so long. Exit code 1: a plan's last state was not recorded, or a change that
nobody made was.
"""
import pathlib
import statistics
import subprocess
import sys

from ticking import Ticker
from world import Failure, World

SECONDS = 1
ROWS = [(files, rate, how)
        for files, rates in ((1, (10, 100, 1000)), (100, (1000, 10000)))
        for how in ("inplace", "rename")
        for rate in rates]
LIVED = 0.002


def share(seen, states):
    return 100 * len(states & seen) / len(states) if states else None


def witnessed(world, ticker):
    reader = subprocess.Popen([world.build / "tests/faults/witness", ticker.folder, str(ticker.files),
                               str(ticker.saves // ticker.files + 1)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if reader.stdout.readline() != "ready\n":
        raise Failure("the reader does not start")
    ticker.go()
    rate = ticker.finish()
    *seen, _ = reader.communicate()[0].splitlines()
    return rate, {tuple(map(int, line.split())) for line in seen}


def recorded(world, ticker):
    world.start()
    ticker.go()
    rate = ticker.finish()
    world.sync()
    lost, false = ticker.finals_lost(), ticker.false_changes()
    if lost or false:
        raise Failure(f"last states lost: {lost}; changes that nobody made: {false}")
    world.verify()
    return rate, ticker.states_recorded()


def measure(build, plans, watcher, files, rate, how):
    """The rate that was reached, the share of all states in percent, and of those that lived for long."""
    with World(build, plans) as world:
        ticker = Ticker(world, files, max(20, SECONDS * rate), rate, how)
        reached, seen = watcher(world, ticker)
        lives = ticker.lives()
        return reached, share(seen, set(lives)), share(seen, {state for state, life in lives.items() if life >= LIVED})


def column(values):
    values = [value for value in values if value is not None]
    return f"{statistics.median(values):6.2f} ({min(values):6.2f})" if values else f"{'none':>15}"


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    places = [("disk", None)] + [("memory", "/dev/shm")] * pathlib.Path("/dev/shm").is_dir()
    print(f"states recorded, in percent: medians of {rounds} rounds, the lowest in brackets\n")
    print(f"{'':30} {'saves/s':>8}  {'reader: all':>15} {'2 ms':>15}  {'planwatchd: all':>15} {'2 ms':>15}")
    for place, plans in places:
        for files, rate, how in ROWS:
            runs = {witnessed: [], recorded: []}
            for _ in range(rounds):
                for watcher, results in runs.items():
                    results.append(measure(sys.argv[1], plans, watcher, files, rate, how))
            reached = statistics.median(run[0] for results in runs.values() for run in results)
            shares = "  ".join(" ".join(column([run[i] for run in results]) for i in (1, 2)) for results in runs.values())
            print(f"{place:7} {files:4} x {rate / files:6g}/s {how:8} {reached:8.0f}  {shares}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"capture.py: {failure}")
