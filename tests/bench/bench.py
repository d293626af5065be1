#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench.py BUILD [SUBJECT...]: the measurements, one subject after the other, and at the end the table of goals.

Floor, peer and product take turns in every round, because the machine's own speed changes, and what is told is the median of the
rounds. A peer that is not installed is skipped, and its row says so. A subject prints a row of the table as a line that begins with
"G" and a number and has tabs between its columns (goal() in measure.py); nothing here passes or fails, but where a subject does not
come to its end.

From the environment: SIZES (folders of the trees), EVENTS (of the large record), IDLE (seconds), ROUNDS (of what is counted),
REAL_PLANS (a folder of plans to read besides those that are made here).
"""
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

import measure  # first: it says where the harnesses are
from world import chosen

HERE = pathlib.Path(__file__).resolve().parent
COLUMNS = ("", "what", "ours", "floor", "peers", "ratio", "goal", "holds")


def subjects(build, scratch):
    program = build / "tests/bench/bench"
    sizes = (os.environ.get("SIZES") or "1000 10000 100000").split()
    real = [os.environ["REAL_PLANS"]] if os.environ.get("REAL_PLANS") else []
    return {
        "latency": [program, "latency", scratch, build],
        "watchers": [HERE / "watchers.py", build],
        "start": [HERE / "start.py", build, *sizes],
        "healing": [HERE / "healing.py", build],
        "idle": [HERE / "idle.py", build, os.environ.get("IDLE") or "30"],
        "recording": [program, "recording", scratch],
        "saving": [HERE / "saving.py", build],
        "scale": [HERE / "scale.py", build, os.environ.get("EVENTS") or "10000000"],
        "reading": [program, "reading", scratch, *real],
        "files": [HERE / "files.py", build],
        "hostile": [program, "hostile"],
        "doubling": [HERE / "doubling.py", build],
        "alerts": [HERE / "alerts.py", build],
        "counted": [HERE / "counted.py", build, os.environ.get("ROUNDS") or "30"],
    }


def run(name, command):
    """Passes on what a subject prints. Returns its rows of the table, and whether it came to its end."""
    began, rows = time.monotonic(), []
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if re.match(r"G\d+\t", line):
                rows.append(tuple(line.rstrip("\n").split("\t")))
            else:
                print(line, end="", flush=True)
    print(f"({name}: {time.monotonic() - began:.0f} s{f', ended with {process.returncode}' if process.returncode else ''})", flush=True)
    return rows, process.returncode == 0


def machine():
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    memory = int(open("/proc/meminfo").readline().split()[1]) / 1048576
    return f"{os.cpu_count()} processors ({cpu}), {memory:.0f} GiB, Linux {platform.release()}, load {os.getloadavg()[0]:.1f}"


def print_table(rows):
    rows = sorted(rows, key=lambda row: int(row[0][1:]))
    widths = [max(len(row[i]) for row in (COLUMNS, *rows)) for i in range(len(COLUMNS))]
    print(f"\n{machine()}, {time.strftime('%Y-%m-%d')}\n")
    for row in (COLUMNS, tuple("-" * width for width in widths), *rows):
        print("| " + " | ".join(f"{cell:{width}}" for cell, width in zip(row, widths)) + " |")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    scratch = tempfile.mkdtemp(prefix="bench-data-", dir=build)
    try:
        all_of_them = subjects(build, scratch)
        rows, ended = zip(*(run(name, all_of_them[name]) for name in chosen(sys.argv[2:], all_of_them)))
    finally:
        shutil.rmtree(scratch)
    print_table(sum(rows, []))
    if not all(ended):
        sys.exit("bench.py: not every subject came to its end")


if __name__ == "__main__":
    main()
