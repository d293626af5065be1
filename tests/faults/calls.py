# SPDX-License-Identifier: GPL-2.0-or-later
"""System calls that fail one by one, by strace's injection: the n-th call of a kind, alone or with all that follow until the fault ends."""
import collections
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

from outcome import AT_ONCE, Outcome, messages, run_all
from world import STEPS, Failure, World, await_true


def injected(world, call, error, when):
    """The command that puts a program under the fault, and the file in which it tells of it."""
    trace = world.top / "trace"
    return ["strace", "-D", "-qq", "-o", str(trace), "-e", f"trace={call}", "-e", f"inject={call}:{error}:when={when}"], trace


def first_hit(trace):
    """The line of the trace with the first call that failed, None where none did."""
    return next((line for line in trace.read_text().splitlines() if "(INJECTED)" in line), None)


def count(command, call, env):
    """How many calls of a kind a program makes."""
    with tempfile.NamedTemporaryFile() as trace:
        subprocess.run(["strace", "-qq", "-o", trace.name, "-e", f"trace={call}", *map(str, command)], env=env, check=False,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return len(re.findall(r"^[a-z_0-9]+\(", pathlib.Path(trace.name).read_text(), re.MULTILINE))


def end_fault(world):
    """The program goes on without its tracer, if it does."""
    status = pathlib.Path(f"/proc/{world.daemon.pid}/status")

    def tracer():
        return int(re.search(r"TracerPid:\s*(\d+)", status.read_text())[1]) if world.daemon.poll() is None else 0

    if tracer():
        os.kill(tracer(), signal.SIGKILL)
    await_true(lambda: tracer() == 0, "the fault to end")


# ---- planwatchd ----

# Polling at its slowest takes a minute.
HEALED_WITHIN = 70

# What is done while the fault lasts, and which events of each plan it can have, however much of it was seen.
ALLOWED = {
    "saved": {"plan_found", "item_added", "item_done"},
    "renamed": {"plan_found", "item_added", "plan_moved"},
    "gone": {"plan_found", "item_added", "plan_gone"},
    "fresh": {"plan_found", "item_added", "item_done"},
}

# While these fail, or memory, a plan at its new place is not known for the one that has left the old place.
READING = {"openat2", "newfstatat", "read", "memory"}


def text(name, done=0):
    """No two plans have so much in common that one could be taken for the other, renamed."""
    items = "".join(f"- [{'x' if n < done else ' '}] {name}: part {n} of what is {name}, and how\n" for n in range(STEPS))
    return f"# {name.title()}\n\nThis ExecPlan is a living document.\n\n## Progress\n\n{items}"


def write_plans(world):
    folder = world.work / "execplans"
    folder.mkdir()
    for name in ("saved", "renamed", "gone"):
        (folder / f"{name}.md").write_text(text(name))
    (world.work / ".git").mkdir()
    (world.work / ".git/HEAD").write_text("ref: refs/heads/main\n")


def work(world):
    folder = world.work / "execplans"
    (folder / "saved.md").write_text(text("saved", 1))
    os.rename(folder / "renamed.md", folder / "renamed-now.md")
    (folder / "gone.md").unlink()
    (world.work / "new/execplans").mkdir(parents=True)
    fresh = world.work / "new/execplans/fresh.md"
    fresh.with_name("beside").write_text(text("fresh", 2))
    os.rename(fresh.with_name("beside"), fresh)


def await_start(world, lasting):
    """Returns when it answers or has ended; where nobody can be let in as long as the fault lasts, after a moment."""
    deadline = time.monotonic() + (5 if lasting else 60)
    while world.daemon.poll() is None and not world.answers(5):
        if time.monotonic() > deadline:
            if lasting:
                return
            raise Failure(f"it does not answer: {world.log.read_text()}")
        time.sleep(0.01)


def try_to_sync(world, seconds):
    """Whether everything was recorded within so many seconds."""
    try:
        return subprocess.run([world.build / "planctl", "sync"], env=world.env, capture_output=True, timeout=seconds).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def on_record(world):
    """The plans that are on record as present, each with its text; None where the record changed meanwhile."""
    try:
        return {plan["plan"]["path"]: world.recorded(plan["plan"]["path"]) for plan in world.ask("status")}
    except Failure:
        return None


def on_disk(world):
    return {str(path): path.read_text() for path in world.work.rglob("*.md")}


def false_events(world, call):
    """Events of what nobody did, and those that are there twice."""
    seen, false = collections.Counter(), []
    for event in world.ask("log", "--limit", 0):
        if not event["plan"]:
            if event["kind"] != "gap":
                false.append(event["kind"])
            continue
        name = event["plan"]["title"].lower()
        key = (name, event["kind"], event["item"] and event["item"]["text"])
        seen[key] += 1
        unseen = {"plan_gone", "plan_returned"} if name == "renamed" and call in READING else set()
        if seen[key] > 1 or event["kind"] not in ALLOWED[name] | unseen:
            false.append(key)
    return false


def differing(world):
    recorded, there = on_record(world) or {}, on_disk(world)
    return sorted(path for path in recorded.keys() | there if recorded.get(path) != there.get(path))


def held_against_disk(world, call, outcome, what):
    """The fault is over: everything that stands is recorded, nothing else, and the daemon goes on recording."""
    saved = world.work / "execplans/saved.md"
    try:
        for done in (1, 2):
            saved.write_text(text("saved", done))
            # Where a fault lasts until now whoever asks may be hung up on.
            await_true(lambda: try_to_sync(world, 30), f"sync: {world.daemon.poll()}, {world.log.read_text()}")
            deadline = time.monotonic() + HEALED_WITHIN
            while on_record(world) != on_disk(world) and time.monotonic() < deadline:
                time.sleep(0.1)
            if on_record(world) != on_disk(world):
                outcome.lost += 1
                outcome.problems.append(f"{what}: {differing(world)} not on record as on disk, {world.log.read_text()}")
                break
        false = false_events(world, call)
        world.verify()
        world.stop()
    except (Failure, subprocess.TimeoutExpired) as failure:
        outcome.lost += 1
        outcome.problems.append(f"{what}: {failure} ({world.daemon and world.daemon.poll()}, {world.log.read_text()})")
        return
    if false:
        outcome.false += len(false)
        outcome.problems.append(f"{what}: {false}")


def daemon_case(build, call, error, number, lasting):
    outcome, what = Outcome(), f"planwatchd {call}:{error}:when={number}{'+' if lasting else ''}"
    try:
        under_fault(build, call, error, number, lasting, outcome, what)
    except (Failure, subprocess.TimeoutExpired) as failure:
        outcome.lost += 1
        outcome.problems.append(f"{what}: {failure}")
    return outcome


def under_fault(build, call, error, number, lasting, outcome, what):
    with World(build) as world:
        write_plans(world)
        command, trace = injected(world, call, error, f"{number}+" if lasting else str(number))
        world.spawn(*command)
        await_start(world, lasting)
        work(world)
        try_to_sync(world, 2 if lasting else 20)
        end_fault(world)
        if not world.answers(30):  # where it cannot go on it may end, and say why: it is started again then
            if world.daemon.wait(30) not in (1, 2) or not world.log.read_text():
                outcome.problems.append(f"{what}: it ended with {world.daemon.returncode}, {world.log.read_text()!r}")
            world.start()
        outcome.cases = int(first_hit(trace) is not None)
        outcome.seen = messages(world.log.read_text())
        held_against_disk(world, call, outcome, what)
        if outcome.problems:
            outcome.problems.append(f"{what}: {first_hit(trace)}")


# Errors that each call can return (its manual page), of those that a machine in trouble gives.
DAEMON_FAULTS = [
    ("openat", "error=EMFILE"), ("openat", "error=EIO"), ("openat2", "error=EMFILE"), ("openat2", "error=EIO"),
    ("read", "error=EIO"), ("read", "error=EINTR"), ("pread64", "error=EIO"),
    ("pwrite64", "error=ENOSPC"), ("pwrite64", "error=EIO"), ("fdatasync", "error=EIO"), ("ftruncate", "error=EIO"),
    ("inotify_add_watch", "error=ENOSPC"), ("inotify_add_watch", "error=ENOMEM"), ("getdents64", "error=EIO"),
    ("newfstatat", "error=EIO"), ("mmap", "error=ENOMEM"), ("mkdir", "error=ENOSPC"), ("socket", "error=EMFILE"),
    ("accept4", "error=EMFILE"), ("sendto", "error=ENOBUFS"), ("epoll_wait", "error=EINTR"), ("epoll_ctl", "error=ENOMEM"),
    ("pselect6", "error=EINTR"), ("flock", "error=ENOLCK"),
]


def daemon_counts(build, call):
    """Of the calls of one kind: how many the loader makes, and how many there are until the daemon has stopped."""
    with World(build) as world:
        write_plans(world)
        world.spawn(*injected(world, call, "error=EIO", 1 << 15)[0])
        world.await_answer()
        work(world)
        world.sync()
        world.stop()
        calls = len(re.findall(r"^[a-z_0-9]+\(", (world.top / "trace").read_text(), re.MULTILINE))
        return count([world.build / "planwatchd", "--version"], call, world.env), calls


def daemon(build, stride):
    """Of all calls every so many, from those on that the loader makes; alone, and with all that follow until the fault ends."""
    cases = []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        counts = pool.map(lambda fault: daemon_counts(build, fault[0]), DAEMON_FAULTS)
    for (call, error), (loader, calls) in zip(DAEMON_FAULTS, counts):
        for number in range(loader + 1, calls + 1):
            for lasting in (False, True):
                if error != "error=EINTR" or not lasting:
                    cases.append((daemon_case, build, call, error, number, lasting))
    return run_all(cases[::stride])


# ---- Memory ----


def daemon_memory_case(build, first, last):
    """Allocations fail from the first to the last, then there is memory again. Without any it may end, and say why, while it starts."""
    outcome, what = Outcome(1), f"planwatchd, allocations {first} to {last}"
    try:
        with World(build) as world:
            write_plans(world)
            world.spawn(LD_PRELOAD=str(world.build / "tests/doors/memory.so"), MEMORY_FIRST=str(first), MEMORY_LAST=str(last),
                        ASAN_OPTIONS="verify_asan_link_order=0:exitcode=99")
            await_start(world, False)
            if world.daemon.poll() is not None:
                if world.daemon.returncode not in (1, 2) or not world.log.read_text():
                    outcome.problems.append(f"{what}: it ended with {world.daemon.returncode}, {world.log.read_text()!r}")
                world.start()
            work(world)
            outcome.seen = messages(world.log.read_text())
            held_against_disk(world, "memory", outcome, what)
    except (Failure, subprocess.TimeoutExpired) as failure:
        outcome.problems.append(f"{what}: {failure}")
    return outcome


def daemon_memory(build, stride):
    """Of all allocations until it has stopped every so many; alone, and with nine and ninety-nine that follow."""
    with World(build) as world, tempfile.NamedTemporaryFile() as count_file:
        write_plans(world)
        world.start(LD_PRELOAD=str(world.build / "tests/doors/memory.so"), DOOR_COUNT=count_file.name,
                    ASAN_OPTIONS="verify_asan_link_order=0:exitcode=99")
        work(world)
        world.sync()
        world.stop()
        allocations = int(pathlib.Path(count_file.name).read_text())
    return run_all([(daemon_memory_case, build, first, first + more) for first in range(1, allocations + 1)
                    for more in (0, 9, 99)][::stride])
