# SPDX-License-Identifier: GPL-2.0-or-later
"""planctl under faults: each command does what it does without any, or says that it could not, and leaves files and database whole."""
import collections
import dataclasses
import pathlib
import re
import shutil
import subprocess
import tempfile

from outcome import Outcome, messages, run_all
from world import World, plan_text

NOW = "2030-01-02T03:04:05Z"  # so that two runs say the same
BARE = """# Move the store

This ExecPlan is a living document.

Status: APPROVED

## Plan of Work

### Stage A: Read

Write the reader.

### Stage B: Write

Write the writer.
"""


@dataclasses.dataclass(frozen=True)
class Command:
    """`arguments`: {file} is a plan of the run's own, {bare} one without boxes, {recorded} one on record, {history} its older revisions."""
    arguments: tuple
    edits: str = ""        # the file that it edits
    records: bool = False  # it writes the database


COMMANDS = [
    Command(("status",)),
    Command(("log", "--json")),
    Command(("show", "{recorded}")),
    Command(("verify",)),
    Command(("parse", "{file}", "--json")),
    Command(("lint", "{file}")),
    Command(("checklist", "{file}", "--format", "ics")),
    Command(("checklist", "{recorded}", "--format", "json")),
    Command(("diff", "{history}/0001_1767225600_a.md", "{file}")),
    Command(("tick", "{file}", "2"), edits="plan.md"),
    Command(("lint", "--fix", "{file}"), edits="plan.md"),
    Command(("checklist", "--init", "-i", "{bare}"), edits="bare.md"),
    Command(("import", "{recorded}", "--dir", "{history}"), records=True),
]


@dataclasses.dataclass
class Run:
    """What came of a command: its exit code and words, the plans that it left and, where it records, the record."""
    code: int
    out: str
    err: str
    files: dict
    record: str


class Bench:
    """A database with a plan on record, and no daemon. Every run has a copy of its own."""

    def __init__(self, world):
        self.world, self.runs = world, 0
        self.plan, self.history = world.work / "execplans/plan.md", world.top / "history"
        self.plan.parent.mkdir()
        self.history.mkdir()
        self.plan.write_text(plan_text("Plan", " " * 8))
        (self.history / "0001_1767225600_a.md").write_text(plan_text("Plan", " " * 8))
        (self.history / "0002_1767229200_b.md").write_text(plan_text("Plan", "/" + " " * 7))
        self.before = {"plan.md": plan_text("Plan", "x" + " " * 7).replace("## Progress\n\n", "## Progress\n"), "bare.md": BARE}
        world.start()
        self.plan.write_text(plan_text("Plan", "x" + " " * 7))
        world.sync()
        world.stop()
        self.untouched = self.record(world.env)
        self.loader = self.count_calls(Command(("version",)))
        self.clean = {command: self.run(command) for command in COMMANDS}

    def run(self, command, under=(), environment=None):
        self.runs += 1
        folder = self.world.top / f"run-{self.runs:06}"
        shutil.copytree(self.world.top / "state", folder / "state")
        for name, text in self.before.items():
            (folder / name).write_text(text)
        env = {**self.world.env, "XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder)}
        arguments = [argument.format(file=folder / "plan.md", bare=folder / "bare.md", recorded=self.plan, history=self.history)
                     for argument in command.arguments]
        done = subprocess.run([*under, self.world.build / "planctl", "--now", NOW, *arguments], env={**env, **(environment or {})},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        files = {path.name: without_times(path.read_text()) for path in folder.iterdir() if path.is_file()}
        record = self.record(env) if command.records else ""
        shutil.rmtree(folder)
        return Run(done.returncode, without_times(done.stdout.replace(str(folder), "RUN")), done.stderr.replace(str(folder), "RUN"),
                   files, record)

    def count_calls(self, command):
        """How many system calls of each kind a command makes."""
        with tempfile.NamedTemporaryFile() as trace:
            self.run(command, ["strace", "-qq", "-o", trace.name])
            return collections.Counter(re.findall(r"^(\w+)\(", pathlib.Path(trace.name).read_text(), re.MULTILINE))

    def door(self, name, **environment):
        """The environment of a program behind a door. A sanitizer that finds something ends it with 99, as no command ends."""
        return {"LD_PRELOAD": str(self.world.build / f"tests/doors/{name}.so"), "ASAN_OPTIONS": "verify_asan_link_order=0:exitcode=99", **environment}

    def count_at_door(self, name, command):
        """How often a command comes to what the door fails."""
        with tempfile.NamedTemporaryFile() as count:
            self.run(command, (), self.door(name, DOOR_COUNT=count.name))
            return int(pathlib.Path(count.name).read_text())

    def record(self, env):
        """What the database has, and whether it is whole."""
        def ask(*arguments):
            done = subprocess.run([self.world.build / "planctl", "--now", NOW, *arguments], env=env, capture_output=True, text=True)
            return f"{done.returncode} {done.stdout}"
        return without_times(ask("verify", "-q") + ask("log", "--limit", "0", "--plain"))


def without_times(text):
    """Nor the identifiers that are made of a plan's path. Without memory the C library knows no names of time zones."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)
    text = text.replace("may have a gap since -", "may have a gap since TIME")
    return re.sub(r"20\d\d-\d\d-\d\d[T ][\d:.]+(Z| UTC| )?|20\d{6}T\d{6}Z", "TIME", text)


def judge(bench, command, what, run):
    """An outcome of one case: what is wrong with a run under a fault."""
    clean, problems = bench.clean[command], []
    before = {name: without_times(text) for name, text in bench.before.items()}
    if run.code not in (0, 1, 2, 3, 4, 5):
        problems.append(f"ended with {run.code}")
    elif run.code == clean.code and run.out != clean.out and not run.err:
        problems.append("says something else, and of no error")
    elif run.code != clean.code and not run.err and not (run.code == 1 and run.out):  # findings are told on standard output
        problems.append(f"ended with {run.code} without a word")
    for name in run.files.keys() | before:
        whole = [before.get(name)] if command.edits != name else [clean.files[name]] if run.code == clean.code else [
            before[name], clean.files[name]]
        if run.files.get(name) not in whole:
            problems.append(f"{name} is not whole" if name in before else f"leaves {name} behind")
    if command.records and run.record not in ([clean.record] if run.code == clean.code else [clean.record, bench.untouched]):
        problems.append(f"leaves another record: {run.record}")
    return Outcome(1, len(problems), 0, messages(run.err),
                   [f"{what}: {problem} (exit code {run.code}, {run.err!r})" for problem in problems])


# ---- System calls ----

FAULTS = [
    ("openat", ("EMFILE", "EIO")), ("read", ("EIO", "EINTR")), ("pread64", ("EIO", "EINTR")), ("write", ("ENOSPC", "EIO", "EINTR")),
    ("pwrite64", ("ENOSPC", "EIO")), ("fsync", ("EIO",)), ("fdatasync", ("EIO",)), ("ftruncate", ("EIO",)), ("newfstatat", ("EIO",)),
    ("mmap", ("ENOMEM",)), ("socket", ("EMFILE",)), ("connect", ("EAGAIN",)), ("fcntl", ("EIO", "EDEADLK")),
    ("flock", ("ENOLCK", "EINTR")), ("rename", ("ENOSPC",)), ("fchmod", ("EIO",)), ("access", ("EIO",)), ("readlink", ("EIO",)),
    ("lseek", ("EIO",)), ("fgetxattr", ("EIO",)), ("close", ("EIO",)), ("mkdir", ("ENOSPC",)), ("getdents64", ("EIO",)),
]


def injected_run(bench, command, call, error, number):
    what = f"planctl {' '.join(command.arguments)}, {call}:error={error}:when={number}"
    under = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={number}"]
    return judge(bench, command, what, bench.run(command, under))


def calls(build, stride):
    """The n-th call of each kind fails, of all that there are every `stride`-th."""
    with World(build) as world:
        bench, cases = Bench(world), []
        for command in COMMANDS:
            numbers = bench.count_calls(command)
            for call, errors in FAULTS:
                first = bench.loader[call] + 1
                cases += [(injected_run, bench, command, call, error, number)
                          for error in errors for number in range(first, numbers[call] + 1)]
        return run_all(cases[::stride])


# ---- Reads and writes that come short ----


def short_run(bench, command, number):
    what = f"planctl {' '.join(command.arguments)}, the {number}th read or write comes short"
    return judge(bench, command, what, bench.run(command, (), bench.door("short", SHORT_NTH=str(number))))


def short(build, stride):
    """The n-th read or write of more than a byte does half of it: signals, pipes and quotas do that."""
    with World(build) as world:
        bench = Bench(world)
        cases = [(short_run, bench, command, number) for command in COMMANDS
                 for number in range(1, bench.count_at_door("short", command) + 1)]
        return run_all(cases[::stride])


# ---- Memory ----


def short_of_memory(bench, command, first, last):
    what = f"planctl {' '.join(command.arguments)}, allocations {first} to {last}"
    return judge(bench, command, what, bench.run(command, (), bench.door("memory", MEMORY_FIRST=str(first), MEMORY_LAST=str(last))))


def memory(build, stride):
    """The n-th allocation fails, alone or with all that follow, of all that there are every `stride`-th."""
    with World(build) as world:
        bench, cases = Bench(world), []
        for command in COMMANDS:
            for first in range(1, bench.count_at_door("memory", command) + 1):
                cases += [(short_of_memory, bench, command, first, last) for last in (first, 1 << 40)]
        return run_all(cases[::stride])
