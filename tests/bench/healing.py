#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""healing.py BUILD [ROUNDS]: how long it takes until a plan that was saved while the kernel's queue was full is on record, beside the
least that looking at all folders again takes (crawl.c), in the same run.

The clock starts when the daemon, which was stopped meanwhile, goes on; so the events that the queue could hold are read in it, too.
Medians of the rounds. Exit code 1: a plan was lost, or no gap told.
"""
import json
import signal
import socket
import subprocess
import sys
import time

from measure import goal, middle
from races import flood, gap_lost, save
from world import STEPS, Failure, World

FOLDERS = 10000  # below a root, and 2.3 times as many more where nobody looks


def make_tree(world):
    folders = [world.work]
    for n in range(FOLDERS):
        folders.append(folders[n // 8] / f"d{n}")
        folders[-1].mkdir()
    for n in range(FOLDERS // 10):
        for m in range(23):
            (folders[n] / f"node_modules/m{m}").mkdir(parents=True)
    (world.work / "noise").mkdir()
    paths = [folders[n * FOLDERS // 100] / "execplans/plan.md" for n in range(100)]
    for n, path in enumerate(paths):
        path.parent.mkdir()
        save(path, f"Plan {n}")
    return paths


class Follower:
    def __init__(self, world):
        self.client = socket.socket(socket.AF_UNIX)
        self.client.settimeout(60)
        self.client.connect(str(world.socket))
        self.lines = self.client.makefile("rw")
        self.lines.write('{"method":"subscribe"}\n')
        self.lines.flush()
        self.lines.readline()

    def await_commit(self):
        while json.loads(self.lines.readline())["event"] != "changed":
            pass


def heal(world, follower, path, n):
    """Returns how long it took until the save was on record."""
    world.sync()
    world.daemon.send_signal(signal.SIGSTOP)
    stopped = time.time()
    flood(world.work / "noise")
    save(path, "Plan 0", n % STEPS)
    went_on = time.time()
    start = time.monotonic()
    world.daemon.send_signal(signal.SIGCONT)
    follower.await_commit()
    took = time.monotonic() - start
    world.sync()
    if world.recorded(path) != path.read_text() or gap_lost(world, stopped, went_on):
        raise Failure("lost")
    return took


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    with World(sys.argv[1]) as world:
        paths = make_tree(world)
        world.start()
        healed, crawled = [], []
        for n in range(1, rounds + 1):
            count, took = map(int, subprocess.run([world.build / "tests/faults/crawl", world.work], check=True,
                                                  capture_output=True, text=True).stdout.split())
            crawled.append(took / 1e6)
            follower = Follower(world)
            healed.append(heal(world, follower, paths[0], n))
            follower.client.close()
        floor, ours = middle(crawled), middle(healed)
        print(f"watch and read {count} folders   floor {floor * 1e3:8.1f} ms")
        print(f"overflow, healed and recorded       {ours * 1e3:8.1f} ms   {ours / floor:.2f} x floor")
        goal(5, "overflow, healed and told as a gap", f"{ours * 1e3:.1f} ms", f"{floor * 1e3:.1f} ms", "", f"{ours / floor:.2f}", "1.5",
             ours <= 1.5 * floor)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"healing.py: {failure}")
