# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by the fault tests and the benchmarks of the daemon: a private world (home, database, socket), a daemon in it, and plans.

`sync()` is the barrier: it returns when everything that was on disk is recorded.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

STEPS = 8


class Failure(Exception):
    pass


def chosen(names, table):
    """Of a table's names those that were asked for, or all where none was. Ends the program where one is not there."""
    for name in names:
        if name not in table:
            sys.exit("\n  ".join([f"{sys.argv[0]}: {name}: not one of these:", *table]))
    return names or list(table)


def plan_text(title, marks, extra=""):
    """A plan with one item for each mark; its Progress comes last."""
    items = "".join(f"- [{mark}] Step {n}: part {n} of the work.\n" for n, mark in enumerate(marks))
    return f"# {title}\n\nThis ExecPlan is a living document.\n\nStatus: IN PROGRESS\n\n## Progress\n\n{items}{extra}"


class World:
    """`with World(build) as world:`. Its folders are removed at the end, unless something failed: then they are named.

    The plans are in `work`, below the folder `plans` where one is given, to have them on another file system.
    """

    def __init__(self, build, plans=None):
        self.build = pathlib.Path(build).resolve()
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="planwatch-world-"))
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="planwatch-world-", dir=plans or self.top))
        self.log = self.top / "daemon.log"
        self.db = self.top / "state/planwatch/planwatch.db"
        self.socket = self.top / "run/planwatch/socket"
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("PLANWATCH_", "GIT_", "XDG_"))}
        self.env.update(HOME=str(self.top), XDG_STATE_HOME=str(self.top / "state"), XDG_CONFIG_HOME=str(self.top / "config"),
                        XDG_RUNTIME_DIR=str(self.top / "run"), TZ="UTC", LC_ALL="C.UTF-8", TERM="xterm")
        self.daemon = None
        (self.top / "run").mkdir(mode=0o700)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            self.stop()
        finally:
            if kind:
                print(f"left behind: {self.top} {self.work}", flush=True)
            else:
                shutil.rmtree(self.work)
                shutil.rmtree(self.top)

    def planctl(self, *arguments):
        done = subprocess.run([self.build / "planctl", *map(str, arguments)], env=self.env, capture_output=True, text=True)
        if done.returncode:
            raise Failure(f"planctl {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout

    def ask(self, *arguments):
        return json.loads(self.planctl(*arguments, "--json"))["data"]

    def sync(self):
        self.planctl("sync")

    def spawn(self, *under, **environment):
        """Starts the daemon, `under` a program that becomes it, and does not wait for it."""
        with open(self.log, "ab") as log:
            self.daemon = subprocess.Popen([*under, self.build / "planwatchd", self.work], stdin=subprocess.DEVNULL,
                                           stdout=log, stderr=log, env={**self.env, **environment})

    def answers(self, seconds):
        """Whether the daemon answers within so many seconds."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(seconds)
                client.connect(str(self.socket))
                client.sendall(b'{"method":"ping"}\n')
                return bool(client.recv(4096))
        except (FileNotFoundError, ConnectionError, TimeoutError):
            return False

    def await_answer(self):
        """Returns when the daemon answers, which it does when its first look is over."""
        deadline = time.monotonic() + 60
        while not self.answers(60):
            if self.daemon.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"the daemon does not answer: {self.log.read_text()}")
            time.sleep(0.001)

    def start(self, **environment):
        self.spawn(**environment)
        self.await_answer()

    def stop(self):
        if self.daemon:
            daemon, self.daemon = self.daemon, None
            daemon.send_signal(signal.SIGCONT)
            daemon.terminate()
            if daemon.wait(timeout=60):
                raise Failure(f"the daemon ended with {daemon.returncode}: {self.log.read_text()}")

    def recorded(self, path):
        """The text of a plan's file as it is on record."""
        return self.planctl("show", path, "--text")

    def events(self, path):
        """What is on record of one plan: (kind, text of the item or None), oldest first."""
        return [(event["kind"], event["item"] and event["item"]["text"])
                for event in self.ask("log", path, "--limit", 0)]

    def verify(self):
        self.planctl("verify")


def await_true(condition, what):
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"waited in vain for: {what}")
        time.sleep(0.01)
