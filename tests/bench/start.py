#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""start.py BUILD [FOLDERS...]: how long until everything below so many folders is watched and every plan there is on record, and
what watching them costs, beside the least that a start can be (crawl.c) and beside the peers.

All take turns. The daemon starts on an empty record, which is its first day, and then again, which is each day after. Its time goes
from the start of the program to the READY=1 that it sends its service manager; that of the floor is without the program's start.
"""
import os
import pathlib
import socket
import subprocess
import sys
import time

from measure import goal, heading, installed, memory, middle, row, skipped, spread, watches
from peers import Inotifywait, Watchman
from trees import REPOSITORY, make_tree
from world import World

ROUNDS = 5
PLANS = 2  # in each repository


class Cost:
    """Of one watcher, from its rounds."""

    def __init__(self):
        self.took, self.pss, self.private, self.watches = [], [], [], 0

    def add(self, took, pid):
        self.took.append(took)
        self.pss.append(memory(pid))
        self.private.append(memory(pid, "Private_Dirty"))
        self.watches = watches(pid)

    def tell(self, name, floor):
        row(name, spread(self.took, 1e3), f"{middle(self.took) / floor:.2f} x floor",
            spread(self.pss, digits=0) if self.pss else "", self.watches)


def crawl(world, cost):
    """The floor."""
    told = subprocess.run([world.build / "tests/faults/crawl", world.work], check=True, capture_output=True, text=True).stdout
    cost.watches, took = map(int, told.split())
    cost.took.append(took / 1e6)


def start(world, cost):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(world.top / "notify"))
        manager.settimeout(600)
        began = time.monotonic()
        world.spawn(NOTIFY_SOCKET=str(world.top / "notify"))
        while b"READY=1" not in manager.recv(4096):
            pass
        cost.add(time.monotonic() - began, world.daemon.pid)
    os.unlink(world.top / "notify")


def start_ours(world, first, again, plans):
    for path in world.db.parent.glob("*") if world.db.parent.exists() else ():
        path.unlink()
    for cost in (first, again):
        start(world, cost)
        if len(world.ask("status")) != plans:
            raise RuntimeError("ready, and not all plans are on record")
        world.stop()


def start_peer(peer, world, cost):
    watcher = peer(world.work)
    watcher.ready()
    cost.add(time.monotonic() - watcher.began, watcher.process.pid)
    watcher.stop()


def measure(build, folders):
    """Returns the costs of floor, first start, start again, and those of the peers by name."""
    floor, first, again = Cost(), Cost(), Cost()
    peers = {peer: Cost() for peer in (Inotifywait, Watchman) if installed(peer.program)}
    with World(build) as world:
        make_tree(world.work, folders)
        plans = folders // REPOSITORY * PLANS
        for _ in range(ROUNDS):
            crawl(world, floor)
            start_ours(world, first, again, plans)
            for peer, cost in peers.items():
                start_peer(peer, world, cost)
    heading(f"start under {folders} folders, {plans} plans", "ms (lowest-highest)", "", "PSS, KiB", "watches")
    low = middle(floor.took)
    floor.tell("crawl and watch: the floor", low)
    first.tell("planwatchd, first start", low)
    again.tell("planwatchd, start again", low)
    for peer in (Inotifywait, Watchman):
        if peer in peers:
            peers[peer].tell(peer.name, low)
        else:
            skipped(peer.name)
    return floor, first, again, peers


def main():
    sizes = [int(size) for size in sys.argv[2:]] or [1000, 10000, 100000]
    costs = {size: measure(sys.argv[1], size) for size in sizes}
    small, large = costs[sizes[0]], costs[sizes[-1]]
    floor, first, again, peers = large
    low, ours = middle(floor.took), middle(again.took)
    beside = {peer.program: middle(cost.took) for peer, cost in peers.items()}
    goal(1, f"start again, {sizes[-1]} folders", f"{ours * 1e3:.0f} ms", f"{low * 1e3:.0f} ms",
         ", ".join(f"{name} {took * 1e3:.0f} ms" for name, took in beside.items()),
         " ".join([f"{ours / low:.2f}", *(f"1/{took / ours:.1f}" for took in beside.values())]), "1.25, 1/7, 1/18",
         ours <= 1.25 * low and ours <= beside.get("inotifywait", ours * 7) / 7 and ours <= beside.get("watchman", ours * 18) / 18)
    if len(sizes) > 1:
        more = middle(large[2].private) - middle(small[2].private)
        each = more * 1024 / (large[2].watches - small[2].watches)
        goal(2, "user memory of a watched folder", f"{each:.0f} bytes", "", "", "", "32 bytes", each <= 32)


if __name__ == "__main__":
    main()
