#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""idle.py BUILD [SECONDS]: what watching costs while nothing happens: how often the process is woken, its time on a processor, its
memory; with 10, 1,000 and 10,000 plans, beside the peers on the largest of these trees, all in the same seconds.

And whether a start over 1,000 plans that did not change writes a row.
"""
import contextlib
import hashlib
import sqlite3
import sys
import time

from measure import await_rest, goal, heading, installed, memory, row, scheduled, skipped
from peers import Fswatch, Inotifywait, Watchman
from world import Failure, World, plan_text

SIZES = (10, 1000, 10000)
IN_A_FOLDER = 10


def make_plans(world, count):
    for n in range(count):
        folder = world.work / f"project-{n // IN_A_FOLDER}/execplans"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"plan-{n}.md").write_text(plan_text(f"Plan {n}", "xxx     "))


def digest(world):
    """Of all rows of the record."""
    found = hashlib.sha256()
    with contextlib.closing(sqlite3.connect(f"file:{world.db}?mode=ro", uri=True)) as db:
        for line in db.iterdump():
            found.update(line.encode())
    return found.hexdigest()


def writes_nothing(world):
    """Whether the daemon, started again, leaves the record as it is."""
    world.stop()
    before = digest(world)
    world.start()
    world.sync()
    return digest(world) == before


def watch_idle(processes, seconds):
    """Wake-ups and microseconds on a processor, in a minute, of each."""
    for pid in processes.values():
        await_rest(pid, 2)
    before = {name: scheduled(pid) for name, pid in processes.items()}
    time.sleep(seconds)
    after = {name: scheduled(pid) for name, pid in processes.items()}
    return {name: [(a - b) * 60 / seconds for a, b in zip(after[name], before[name])] for name in processes}


def main():
    build, seconds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30
    with contextlib.ExitStack() as stack:
        processes, quiet = {}, True
        for size in SIZES:
            world = stack.enter_context(World(build))
            make_plans(world, size)
            world.start()
            world.sync()
            if len(world.ask("status")) != size:
                raise Failure(f"not all of {size} plans are on record")
            if size == 1000:
                quiet = writes_nothing(world)
            processes[f"planwatchd, {size} plans"] = world.daemon.pid
        for peer in (Inotifywait, Watchman, Fswatch):
            if installed(peer.program):
                watcher = peer(world.work)
                stack.callback(watcher.stop)
                watcher.ready()
                processes[f"{peer.name}, {size} plans"] = watcher.process.pid
            else:
                skipped(peer.name)
        costs = watch_idle(processes, seconds)
        heading(f"idle for {seconds} s", "wake-ups a minute", "us a minute", "RSS, KiB", "PSS, KiB")
        for name, pid in processes.items():
            switches, ran = costs[name]
            row(name, f"{switches:.0f}", f"{ran / 1e3:.0f}", memory(pid, "Rss"), memory(pid))
        pss = memory(processes["planwatchd, 1000 plans"])
    ours = max(costs[f"planwatchd, {size} plans"][0] for size in SIZES)
    peer = ", ".join(f"{name.split()[0].rstrip(',')} {switches:.0f}" for name, (switches, _) in costs.items() if "planwatchd" not in name)
    goal(2, "memory with 1000 plans, PSS", f"{pss} KiB", "", "", "", "3072 KiB", pss <= 3072)
    goal(10, "wake-ups a minute, idle", f"{ours:.0f}", "0", peer, "", "0", ours == 0)
    goal(10, "rows of a start over 1000 same plans", "none" if quiet else "some", "", "", "", "none", quiet)


if __name__ == "__main__":
    main()
