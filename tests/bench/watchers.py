#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""watchers.py BUILD: from a save until the watcher says so, beside the peers: what inotifywait, fswatch, entr and a subscription to
watchman print of it, and what planwatchd tells its followers when the row is durable, which none of the others writes.

The clock starts before the save's last system call (close, or rename). All take turns. A save that nothing is said of within half
a second is lost. fswatch tells each write, before the file is closed. Beside the floor, ours is measured by latency.c; here the saver
is a Python program, for all of them alike.
"""
import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import time

from measure import goal, heading, installed, middle, row, skipped
from peers import EVENTS, Watchman, stop
from world import World, plan_text

ROUNDS, SAVES = 7, 15


class Follower:
    """Of planwatchd."""

    name, program = "planwatchd, durable", None

    def __init__(self, world, folder):
        self.client = socket.socket(socket.AF_UNIX)
        self.client.connect(str(world.socket))
        self.client.sendall(b'{"method":"subscribe"}\n')
        self.client.recv(4096)
        self.heard = self.client.fileno()

    def stop(self):
        self.client.close()


class Printer:
    """A program that prints something of each save."""

    def __init__(self, world, folder):
        self.process = subprocess.Popen(["sh", "-c", self.command.format(folder=folder)], stdout=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.heard = self.process.stdout.fileno()

    def stop(self):
        stop(self.process)


class Inotifywait(Printer):
    name, program = "inotifywait -m", "inotifywait"
    command = f"exec inotifywait -q -m -e {EVENTS} {{folder}}"


class Fswatch(Printer):
    name, program = "fswatch -l 0.1", "fswatch"
    command = "exec fswatch -m inotify_monitor -l 0.1 --event Updated --event MovedTo {folder}"


class Entr(Printer):
    name, program = "entr", "entr"
    command = "echo {folder}/plan.md >{folder}.list && exec entr -n echo changed <{folder}.list"


class Subscription:
    name, program = "watchman subscription", "watchman"

    def __init__(self, world, folder):
        self.server = Watchman(folder)
        self.server.ready()
        wanted = ["subscribe", str(folder), "bench", {"expression": ["name", "plan.md"], "fields": ["name"]}]
        self.process = subprocess.Popen(self.server.client("-j", "-p", "--server-encoding=json"), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.process.stdin.write(json.dumps(wanted).encode())
        self.process.stdin.close()
        self.heard = self.process.stdout.fileno()

    def stop(self):
        stop(self.process)
        self.server.stop()


WATCHERS = (Follower, Inotifywait, Subscription, Fswatch, Entr)


def hears(watcher, seconds):
    if not select.select([watcher.heard], [], [], seconds)[0]:
        return False
    if not os.read(watcher.heard, 65536):
        raise RuntimeError(f"{watcher.name} ended")
    return True


def save(folder, renames, count):
    """Ticks or unticks. Returns when the last system call began."""
    path = f"{folder}/.plan.tmp" if renames else f"{folder}/plan.md"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.write(fd, plan_text("Plan", "xxx     " if count % 2 else "xx      ").encode())
    began = time.perf_counter()
    os.close(fd)
    if renames:
        began = time.perf_counter()
        os.rename(path, f"{folder}/plan.md")
    return began


class Measurement:
    def __init__(self, world, kind):
        self.folder = world.work / kind.__name__ / "execplans"
        self.folder.mkdir(parents=True)
        (self.folder / "plan.md").write_text(plan_text("Plan", "xxx     "))
        if kind is Follower:
            world.start()
        self.watcher, self.count, self.lost = kind(world, self.folder), 0, 0
        self.took = {False: [], True: []}
        while not self.save_and_hear(False):  # until it is ready
            pass
        self.took, self.lost = {False: [], True: []}, 0

    def save_and_hear(self, renames):
        self.count += 1
        began = save(self.folder, renames, self.count)
        if not hears(self.watcher, 0.5):
            self.lost += 1
            return False
        self.took[renames].append(time.perf_counter() - began)
        while hears(self.watcher, 0.005):
            pass
        return True


def main():
    with contextlib.ExitStack() as stack:
        world = stack.enter_context(World(sys.argv[1]))
        measured = []
        for kind in WATCHERS:
            if kind.program and not installed(kind.program):
                skipped(kind.name)
                continue
            measured.append(Measurement(world, kind))
            stack.callback(measured[-1].watcher.stop)
        for _ in range(ROUNDS):
            for one in measured:
                for renames in (False, True):
                    for _ in range(SAVES):
                        one.save_and_hear(renames)
    heading("from a save to its line", "in place, us p50", "p99", "rename, us p50", "p99", "lost")
    for one in measured:
        times = [f"{value * 1e6:.0f}" for renames in (False, True)
                 for value in (middle(one.took[renames]), sorted(one.took[renames])[len(one.took[renames]) * 99 // 100])]
        row(one.watcher.name, *times, one.lost)
    ours = middle(measured[0].took[False])
    for one in measured:
        if isinstance(one.watcher, Subscription):
            theirs = middle(one.took[False])
            goal(3, "save to durable row, beside a watcher", f"{ours * 1e6:.0f} us", "", f"watchman {theirs * 1e6:.0f} us",
                 f"1/{theirs / ours:.0f}", "1/50", ours <= theirs / 50)


if __name__ == "__main__":
    main()
