#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Soak: several writers do random real operations on a watched tree, saves of all kinds, moves of files and folders, git in three
working trees, at a high rate; every few seconds they stop, and the record, the watches, memory and descriptors of planwatchd are held
against what the tree says. In each of the --rounds the daemon is killed at a random moment and started again at once.

Usage: soak.py [--build DIR] [--minutes N] [--rounds N] [--seed N] [--rate N] [--keep]

The seed gives each writer the same operations again; how they fall together with one another and with the daemon is the machine's.
The world (tree, database, logs of all sides) is left behind where something was wrong.
"""
import argparse
import os
import random
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import checks
import trees
import writers
from daemon import Daemon, Failed


EXIT_NO_DAEMON = 3  # planctl(1): or it did not answer in time


class Soak:
    def __init__(self, arguments):
        self.world = os.path.realpath(tempfile.mkdtemp(prefix="planwatch-soak-"))
        self.rng = random.Random(arguments.seed)
        self.daemon = Daemon(os.path.abspath(arguments.build), self.world)
        repository = os.path.join(self.daemon.root, "trees", "main")
        trees.make_repository(repository, self.world)
        rate, slower = arguments.rate, arguments.rate / 6
        kinds = [(writers.Saver, "saver-1", rate), (writers.Saver, "saver-2", rate), (writers.Mover, "mover-1", rate),
                 (writers.Mover, "mover-2", rate), (trees.Tree, "trees/main", slower), (trees.Tree, "trees/two", slower),
                 (trees.Tree, "trees/three", slower)]
        os.makedirs(os.path.join(self.world, "trees"))
        self.writers = [kind(self.world, name, arguments.seed, rate) for kind, name, rate in kinds]
        self.reports = self.pause()
        self.daemon.start()
        self.checks = checks.Checks(self.daemon)

    def go(self):
        for writer in self.writers:
            writer.ask("go")

    def pause(self):
        reports = [writer.answer() for writer in self.writers]
        for writer, report in zip(self.writers, reports):
            if report.error:
                raise RuntimeError(f"{writer.name}: {report.error}")
        return reports

    def halt(self):
        for writer in self.writers:
            writer.ask("pause")
        return self.pause()

    def work(self, seconds):
        """The writers write; somebody looks at the record now and then, and waits for it to be complete."""
        until = time.time() + seconds
        while time.time() < until:
            self.ask(self.rng.choice(["status", "log", "sync", "roots"]))
            time.sleep(min(self.rng.random(), max(0.0, until - time.time())))

    def ask(self, command):
        """On a busy machine an answer may be late, and a sync for as long as git does not let go of its lock; at a barrier it must not."""
        done = self.daemon.ctl(command, check=False)
        if done.returncode == EXIT_NO_DAEMON:
            self.checks.counts[f"late {command}"] += 1
        elif done.returncode:
            raise Failed(f"planctl {command} ended with {done.returncode}: {done.stderr}")

    def barrier(self):
        reports = self.halt()
        return self.checks.barrier(reports)

    def soak(self, minutes):
        end = time.time() + minutes * 60
        while time.time() < end:
            self.go()
            self.work(self.rng.uniform(1, 5))
            self.barrier()

    def kills(self, rounds):
        for _ in range(rounds):
            self.go()
            time.sleep(self.rng.expovariate(2))
            self.checks.before_kill()
            self.daemon.kill()
            self.daemon.start()
            time.sleep(self.rng.expovariate(2))
            self.barrier()

    def end(self):
        for writer in self.writers:
            writer.process.kill()
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--rounds", type=int, default=0, help="after that: the daemon is killed in each")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--rate", type=float, default=60, help="operations a second of each writer")
    parser.add_argument("--keep", action="store_true", help="the world, also where nothing was wrong")
    arguments = parser.parse_args()
    print(f"soak: seed {arguments.seed}", flush=True)
    soak = Soak(arguments)
    try:
        soak.soak(arguments.minutes)
        soak.kills(arguments.rounds)
        soak.checks.all_over()
    except BaseException as error:
        print(f"soak: the world is in {soak.world}", file=sys.stderr)
        if isinstance(error, (checks.Wrong, Failed)):
            sys.exit(f"soak: {error}")
        raise
    finally:
        soak.end()
    if not arguments.keep:
        shutil.rmtree(soak.world)


if __name__ == "__main__":
    main()
