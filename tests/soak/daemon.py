# SPDX-License-Identifier: GPL-2.0-or-later
"""planwatchd in a world of its own, planctl to ask it, and what the kernel says of it."""
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import time

IN_MODIFY = 2  # in the masks of the watched tree, not in those of single folders (HEAD, what lies above a root)


class Failed(Exception):
    """planwatchd or planctl did not do what was asked."""


class Daemon:
    def __init__(self, build, world):
        self.planctl, self.planwatchd = os.path.join(build, "planctl"), os.path.join(build, "planwatchd")
        self.world, self.root, self.log = world, os.path.join(world, "work"), os.path.join(world, "daemon.log")
        self.sanitized = b"__asan_init" in pathlib.Path(self.planwatchd).read_bytes()
        self.database = os.path.join(world, "state", "planwatch", "planwatch.db")
        self.environment = {
            **os.environ, "HOME": world, "XDG_STATE_HOME": f"{world}/state", "XDG_CONFIG_HOME": f"{world}/config",
            "XDG_RUNTIME_DIR": f"{world}/run", "TZ": "UTC", "LC_ALL": "C.UTF-8",
            # What is freed is kept for a while by ASan: a megabyte of it, so that memory can be said to be flat.
            "ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=64:allocator_release_to_os_interval_ms=100",
            "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        }
        for name in ("PLANWATCH_DB", "PLANWATCH_SOCKET", "PLANWATCH_CONFIG"):
            self.environment.pop(name, None)
        os.makedirs(f"{world}/run", mode=0o700)
        self.process = None

    # ---- Its life ----

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([self.planwatchd, self.root], stderr=log, stdin=subprocess.DEVNULL, env=self.environment)
        deadline = time.time() + 60
        while self.ctl("ping", check=False).returncode:
            if self.process.poll() is not None or time.time() > deadline:
                raise Failed(f"planwatchd does not start: exit status {self.process.poll()}, see {self.log}")
            time.sleep(0.005)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Returns its exit status and the seconds that it took."""
        began = time.time()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60), time.time() - began

    # ---- What it and the record say ----

    def ctl(self, *arguments, check=True):
        if self.process.poll() is not None:
            raise Failed(f"planwatchd has ended with status {self.process.poll()}, see {self.log}")
        done = subprocess.run([self.planctl, *arguments], env=self.environment, capture_output=True, text=True, timeout=300)
        if check and done.returncode:
            raise Failed(f"planctl {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done

    def ask(self, *arguments):
        return json.loads(self.ctl(*arguments, "--json").stdout)["data"]

    def sync(self):
        began = time.time()
        self.ctl("sync")
        return time.time() - began

    def open_record(self):
        return sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, isolation_level=None)

    def log_lines(self):
        return pathlib.Path(self.log).read_text().splitlines()

    # ---- What the kernel says ----

    def proc(self, name):
        return pathlib.Path(f"/proc/{self.process.pid}/{name}")

    def watches(self):
        """The inodes of the watched tree, and those of the single folders; lists, so that one watched twice is seen."""
        tree, single = [], []
        for file in self.proc("fdinfo").iterdir():
            try:
                lines = file.read_text().splitlines()
            except FileNotFoundError:  # the connection of a planctl that has ended
                continue
            for line in lines:
                m = re.match(r"inotify wd:\S+ ino:(\S+) sdev:\S+ mask:(\S+)", line)
                if m:
                    (tree if int(m[2], 16) & IN_MODIFY else single).append(int(m[1], 16))
        return sorted(tree), sorted(single)

    def descriptors(self):
        return len(list(self.proc("fd").iterdir()))

    def memory(self):
        """KiB of its own: heap, stacks, what it has written to. Mapped files (the database's index) are not counted."""
        return int(re.search(r"^Anonymous:\s+(\d+)", self.proc("smaps_rollup").read_text(), re.M)[1])
