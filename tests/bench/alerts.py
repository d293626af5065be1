#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""alerts.py BUILD: how long after its moment an alert is told, to the command of `planctl notify --exec`, while the daemon is killed
and the notifier ended, and both started again, all the time.

Each plan has a limit of a minute for a stage: so it is near its limit after 48 s, and over it after 60. Exit code 1: one was not told, or
twice, or before its moment.
"""
import datetime
import json
import subprocess
import sys
import time

from measure import goal, heading, middle, row
from world import Failure, World, plan_text

PLANS, LIMIT = 20, 60
BEFORE = {"nearing": LIMIT * 0.2, "over": 0}
APART = 0.4    # seconds from one plan's tick to the next one's
PATIENCE = 3   # after the last moment; what comes later is late
RESTARTS = 1.5 # seconds from one to the next


class Teller:
    """The notifier, and what it has told."""

    def __init__(self, world):
        self.world, self.told = world, world.top / "told"
        self.command = world.top / "command"
        self.command.write_text(f"#!/bin/sh\nprintf '%s %s\\n' \"$(date +%s.%N)\" \"$(cat)\" >>{self.told}\n")
        self.command.chmod(0o755)

    def start(self):
        self.process = subprocess.Popen([self.world.build / "planctl", "notify", "--follow", "--exec", self.command], env=self.world.env,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def lines(self):
        for line in self.told.read_text().splitlines():
            at, alert = line.split(" ", 1)
            yield float(at), json.loads(alert)


def make_plans(world):
    tolerances = f"## Tolerances\n\n- Time: if a stage takes more than {LIMIT} seconds, stop.\n\n"
    text = plan_text("Plan", " " * 8).replace("## Progress", f"{tolerances}## Progress")
    paths = [world.work / f"repository-{n}/execplans/plan.md" for n in range(PLANS)]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return paths


def begin_work(path):
    path.write_text(path.read_text().replace("[ ]", "[x]", 1))


def restart_until(world, teller, end):
    while time.monotonic() < end:
        teller.stop()
        world.daemon.kill()
        world.daemon.wait()
        world.start()
        teller.start()
        time.sleep(RESTARTS)


def moments(world, paths):
    """Of each plan, when each of its alerts was due."""
    for path in paths:
        over = datetime.datetime.fromisoformat(world.ask("explain", path)["began_at"].replace("Z", "+00:00")).timestamp()
        for verdict, before in BEFORE.items():
            yield (str(path), verdict), over - before


def main():
    with World(sys.argv[1]) as world:
        paths, teller = make_plans(world), Teller(world)
        world.start()
        teller.start()
        for path in paths:
            begin_work(path)
            time.sleep(APART)
        restart_until(world, teller, time.monotonic() + LIMIT + PATIENCE)
        teller.stop()
        due = dict(moments(world, paths))
        delays = {}
        for at, alert in teller.lines():
            delays.setdefault((alert["plan"]["path"], alert["verdict"]), []).append(at - due[alert["plan"]["path"], alert["verdict"]])
        wrong = {key: delays.get(key, []) for key in due if len(delays.get(key, [])) != 1 or delays[key][0] < 0}
        if wrong:
            raise Failure(f"not told once, after their moment: {wrong}")
    took = [one for each in delays.values() for one in each]
    heading("alerts, from their moment", "p50", "latest", "told")
    row("nearing and over, daemon restarted", f"{middle(took) * 1e3:.0f} ms", f"{max(took) * 1e3:.0f} ms", f"{len(took)} of {len(due)}")
    goal(11, f"{len(took)} alerts over restarts, told once each", f"{middle(took) * 1e3:.0f} ms, latest {max(took) * 1e3:.0f} ms", "", "", "",
         "1 s", max(took) <= 1)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"alerts.py: {failure}")
