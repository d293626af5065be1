#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""counted.py BUILD [ROUNDS]: the goals of which something is counted, by the harnesses that look for it: states captured, races, load,
SIGKILL and power cuts, in so many rounds of each (30; what the goals ask for, ROUNDS=1000, takes hours).

Where a harness finds more than something lost, such as a daemon that dies, this ends.
"""
import pathlib
import subprocess
import sys

from measure import goal, heading, middle, row  # first: it says where the harnesses are

import capture
import disks
import races

LOAD = {
    "torn saves at full speed": (4, "changes that nobody made, of torn saves", "0 of 1000000"),
    "storm of new files": (6, "last states lost, beside so many new files", "0 of 1000000"),
    "disk stalled": (6, "last states lost, while a disk stalls", "0"),
}
FILES, RATE, ROUNDS_OF_CAPTURE = 100, 10000, 5


def count_states(build):
    heading(f"states of 2 ms, {FILES} x {RATE // FILES} a second", "planwatchd", "a reader alone")
    for how in ("inplace", "rename"):
        shares = {watcher: [] for watcher in (capture.recorded, capture.witnessed)}
        for _ in range(ROUNDS_OF_CAPTURE):
            for watcher, found in shares.items():
                found.append(capture.measure(build, None, watcher, FILES, RATE, how)[2])
        ours, reader = (f"{middle(found):.1f} % ({min(found):.1f})" for found in shares.values())
        row(how, ours, reader)
        goal(4, f"states of 2 ms on record, {how}", ours, f"a reader {reader}", "", "", "all", middle(shares[capture.recorded]) == 100)


def count_lost(build, rounds):
    heading(f"races, {rounds} rounds", "lost", "of")
    lost_in_races = 0
    for name in races.RACES:
        lost, played = races.run(build, name, rounds)
        row(name, lost, played)
        if name in LOAD:
            number, what, limit = LOAD[name]
            goal(number, what, f"{lost} of {played}", "", "", "", limit, lost == 0)
        else:
            lost_in_races += lost
    goal(5, f"lost in {len(races.RACES) - len(LOAD)} races", f"{lost_in_races} in {rounds} rounds of each", "", "", "", "0 in 1000",
         lost_in_races == 0)


def kill(build, rounds):
    soak = pathlib.Path(races.__file__).parent.parent / "soak/soak.py"
    sound = subprocess.run([soak, "--build", build, "--rounds", str(rounds)], check=False).returncode == 0
    goal(12, "acknowledged rows lost, SIGKILL", f"{'0' if sound else 'some'} in {rounds}", "", "", "", "0 in 200", sound)


def cut_power(build, rounds):
    try:
        outcome = disks.in_own_mounts(disks.power_cuts, build, rounds)
    except disks.Impossible as impossible:
        row("power cuts", f"not tried: {impossible}")
        return
    goal(12, "acknowledged rows lost, power cuts", f"{outcome.lost} in {rounds}", "", "", "", "0 in 50", not outcome.problems)


def main():
    build, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30
    count_states(build)
    count_lost(build, rounds)
    kill(build, rounds)
    cut_power(build, rounds)


if __name__ == "__main__":
    main()
