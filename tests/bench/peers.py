# SPDX-License-Identifier: GPL-2.0-or-later
"""The watchers that ours is held against, each with the folder that it watches. `ready()` returns when it says that it watches all.

Its clock starts at `began`; that of watchman when its server runs, as it does all day.
"""
import json
import os
import shutil
import subprocess
import tempfile
import time

from measure import await_rest

EVENTS = "close_write,moved_to,create,delete"


class Inotifywait:
    program, name = "inotifywait", "inotifywait -mr"

    def __init__(self, folder):
        self.began = time.monotonic()
        self.process = subprocess.Popen(["inotifywait", "-m", "-r", "-e", EVENTS, folder], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)

    def ready(self):
        while b"established" not in (line := self.process.stderr.readline()):
            if not line:
                raise RuntimeError("inotifywait does not watch")

    def stop(self):
        stop(self.process)


class Watchman:
    """A server of our own, away from the user's."""

    program, name = "watchman", "watchman"

    def __init__(self, folder):
        self.folder, self.top = str(folder), tempfile.mkdtemp(prefix="planwatch-watchman-")
        files = [f"--{name}={self.top}/{name}" for name in ("sockname", "statefile", "logfile", "pidfile")]
        self.process = subprocess.Popen(["watchman", "--foreground", *files], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, "HOME": self.top})
        while not os.path.exists(f"{self.top}/sockname"):
            time.sleep(0.01)
        self.began = time.monotonic()

    def client(self, *arguments):
        return ["watchman", "--no-spawn", f"--sockname={self.top}/sockname", *arguments]

    def ready(self):
        subprocess.run(self.client("watch", self.folder), check=True, stdout=subprocess.DEVNULL)
        query = json.dumps(["query", self.folder, {"fields": ["name"], "expression": ["false"], "sync_timeout": 300000}])
        answer = subprocess.run(self.client("-j"), input=query, text=True, check=True, capture_output=True).stdout
        if "error" in json.loads(answer):
            raise RuntimeError(answer)

    def stop(self):
        stop(self.process)
        shutil.rmtree(self.top)


class Fswatch:
    program, name = "fswatch", "fswatch -r"

    def __init__(self, folder):
        self.process = subprocess.Popen(["fswatch", "-r", "-m", "inotify_monitor", "--event", "Updated", "--event", "MovedTo", folder],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)

    def ready(self):
        """It does not say when it is."""
        await_rest(self.process.pid, 0.3)

    def stop(self):
        stop(self.process)


def stop(process):
    process.terminate()
    process.wait()
