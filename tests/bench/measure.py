# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by the measurements: medians with their spread, what a process costs, and the rows of the table of goals."""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "faults"))


def middle(values):
    return statistics.median(values)


def spread(values, scale=1.0, digits=1):
    """The median, and the lowest and highest in brackets."""
    return f"{middle(values) * scale:.{digits}f} ({min(values) * scale:.{digits}f}-{max(values) * scale:.{digits}f})"


def installed(program):
    """Whether a peer is there; where it is not, its row says so."""
    return shutil.which(program) is not None


def heading(title, *columns):
    print(f"\n{title:36} " + " ".join(f"{column:>24}" for column in columns), flush=True)


def row(name, *columns):
    print(f"{name:36} " + " ".join(f"{column:>24}" for column in columns), flush=True)


def skipped(program):
    row(program, "skipped: not installed")


def goal(number, what, ours, floor, peer, ratio, limit, holds):
    """A row of the table of goals (bench.py collects them). `floor` and `peer` are "" where there is none."""
    print("\t".join((f"G{number}", what, ours, floor, peer, ratio, limit, "yes" if holds else "no")), flush=True)


# ---- What a process costs ----

def memory(pid, field="Pss"):
    """KiB, of smaps_rollup: Pss counts shared pages by their share."""
    for line in open(f"/proc/{pid}/smaps_rollup"):
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    raise KeyError(field)


def watches(pid):
    count = 0
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            count += open(f"/proc/{pid}/fdinfo/{fd}").read().count("inotify wd")
        except FileNotFoundError:
            pass
    return count


def scheduled(pid):
    """How often its threads were given up, of their own will or not, and the nanoseconds that they ran."""
    switches = ran = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if "ctxt_switches" in line:
                switches += int(line.split()[1])
        ran += int((task / "schedstat").read_text().split()[0])
    return switches, ran


def await_rest(pid, seconds):
    """Returns when the process has not run for so long, which is how one tells that it is done with what it says nothing of."""
    rests_since, ran, deadline = time.monotonic(), -1, time.monotonic() + 120
    while time.monotonic() - rests_since < seconds:
        now = scheduled(pid)[1]
        if now != ran:
            rests_since, ran = time.monotonic(), now
        if time.monotonic() > deadline:
            return  # it never rests, which will be seen
        time.sleep(0.005)


class Asker:
    """Runs commands, each in turn, and keeps what they took."""

    def __init__(self, environment):
        self.environment, self.took, self.ran = environment, {}, {}

    def ask(self, questions, rounds):
        for _ in range(rounds):
            for name, command in questions.items():
                began = time.perf_counter()
                asked = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL)
                used = os.wait4(asked.pid, 0)
                self.took.setdefault(name, []).append(time.perf_counter() - began)
                asked.returncode = os.waitstatus_to_exitcode(used[1])
                if asked.returncode:
                    raise RuntimeError(f"{command} failed")
                self.ran.setdefault(name, []).append(used[2].ru_utime + used[2].ru_stime)

    def __getitem__(self, name):
        return middle(self.took[name])

    def tell(self, name, floor=None):
        row(name, spread(self.took[name], 1e3, 2), spread(self.ran[name], 1e3, 2),
            f"{middle(self.ran[name]) / middle(self.ran[floor]):.2f} x {floor}" if floor else "")
