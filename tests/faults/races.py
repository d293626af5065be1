#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""races.py BUILD [ROUNDS [NAME...]]: what watchers of folders lose, while a daemon watches.

Each row is so many rounds of one race; nothing may be lost in any. Lost is a plan whose last bytes are not on record, that is recorded
where it is not, or whose events are not those of what was done. Exit code 1: something was lost.
"""
import ctypes
import datetime
import itertools
import os
import pathlib
import random
import select
import shutil
import signal
import subprocess
import sys
import time

from ticking import Ticker
from world import STEPS, Failure, World, await_true, chosen, plan_text

CROWD = 5000  # folders in the way of a first look
FOUND = ["plan_found"] + ["item_added"] * STEPS
PLANS = 50    # that are saved while the queue is full


def save(path, title, done=0):
    path.write_text(plan_text(title, "x" * done + " " * (STEPS - done)))


def kinds(world):
    """The kinds of all events, by the path of their plan."""
    found = {}
    for event in world.ask("log", "--limit", 0):
        if event["plan"]:
            found.setdefault(event["plan"]["path"], []).append(event["kind"])
    return found


def present(world):
    return {plan["plan"]["path"]: plan["done"] for plan in world.ask("status")}


def count_lost(world, paths, expected=None):
    """How many of the plans that are to be there are not on record as they are, or with other events than expected."""
    known, paths, wrong = present(world), set(map(str, paths)), {}
    events = kinds(world) if expected else {}
    for path in paths:
        if path not in known:
            wrong[path] = "is not on record"
        elif world.recorded(path) != open(path).read():
            wrong[path] = "other bytes are on record"
        elif expected and events[path] not in expected:
            wrong[path] = events[path]
    wrong.update((path, "is on record, and not there") for path in known.keys() - paths)
    for path, what in itertools.islice(wrong.items(), 5):
        print(f"  {path}: {what}", file=sys.stderr)
    return len(wrong)


# ---- Folders that are made in bursts ----


def made_with_a_plan(world, rounds):
    world.start()
    paths = [world.work / f"new-{n}/a/b/execplans/plan.md" for n in range(rounds)]
    for n, path in enumerate(paths):
        path.parent.mkdir(parents=True)
        save(path, f"Plan {n}")
    world.sync()
    lost = count_lost(world, paths, [FOUND])
    for n, path in enumerate(paths):
        save(path, f"Plan {n}", 1)
    world.sync()
    return lost + count_lost(world, paths, [FOUND + ["item_done"]])


def made_with_a_plan_and_ticked(world, rounds):
    """Two states, back to back: the first may be over before anybody can read it."""
    world.start()
    paths = [world.work / f"new-{n}/execplans/plan.md" for n in range(rounds)]
    for n, path in enumerate(paths):
        path.parent.mkdir(parents=True)
        save(path, f"Plan {n}")
        save(path, f"Plan {n}", 1)
    world.sync()
    return count_lost(world, paths, [FOUND, FOUND + ["item_done"]])


def moved_in(world, rounds):
    """A tree that was made elsewhere."""
    world.start()
    paths = [world.work / f"new-{n}/a/b/execplans/plan.md" for n in range(rounds)]
    for n, path in enumerate(paths):
        made = world.top / "side" / path.relative_to(world.work)
        made.parent.mkdir(parents=True)
        save(made, f"Plan {n}")
        os.rename(world.top / f"side/new-{n}", world.work / f"new-{n}")
    world.sync()
    lost = count_lost(world, paths, [FOUND])
    for n, path in enumerate(paths):
        save(path, f"Plan {n}", 1)
    world.sync()
    return lost + count_lost(world, paths, [FOUND + ["item_done"]])


def made_and_removed(world, rounds):
    """Folders that are gone before they can be looked at, and come again under the same name."""
    world.start()
    path = world.work / "build-tree/execplans/plan.md"
    for n in range(rounds):
        for _ in range(3):
            shutil.rmtree(path.parent.parent, ignore_errors=True)
            path.parent.mkdir(parents=True)
            save(path, f"Plan {n}", n % STEPS)
    world.sync()
    return count_lost(world, [path])


# ---- The first look ----


def crowd(world):
    """Many folders, in a tree of some depth."""
    folders = [world.work]
    for n in range(CROWD):
        folders.append(folders[n // 4] / f"d{n}")
        folders[-1].mkdir()
    return folders


def made_during_the_first_look(world, rounds):
    """From the moment that the daemon has its socket, right before its first look, until it answers: folders here and there."""
    folders, paths, lost, chance = crowd(world), [], 0, random.Random(1)
    while len(paths) < rounds:
        fresh = []
        world.socket.unlink(missing_ok=True)
        world.spawn()
        while not world.socket.exists():
            pass
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.close(reader)
            world.await_answer()
            os._exit(0)
        os.close(writer)
        os.set_blocking(reader, False)
        while True:  # until the child is gone, and with it its end of the pipe
            path = chance.choice(folders) / f"zz{len(paths) + len(fresh)}/execplans/plan.md"
            path.parent.mkdir(parents=True)
            if len(fresh) % 2:
                save(path, f"Plan {path}")
            fresh.append(path)
            time.sleep(chance.random() / 1000)
            try:
                if os.read(reader, 1) == b"":
                    break
            except BlockingIOError:
                pass
        os.close(reader)
        os.wait()
        world.sync()
        lost += count_lost(world, paths + fresh[1::2])
        for done in 0, 1:
            for path in fresh:
                save(path, f"Plan {path}", done)
            world.sync()
        paths += fresh
        lost += count_lost(world, paths, [FOUND + ["item_done"]])
        world.stop()
    return lost, len(paths)


def churn(folders):
    """Temporary files and folders come and go, until the process is killed."""
    for folder in itertools.cycle(folders):
        for n in range(4):
            (folder / f"t{n}.tmp").touch()
        (folder / "t").mkdir(exist_ok=True)
        (folder / "t/t.md").touch()
        for n in range(4):
            (folder / f"t{n}.tmp").unlink()
        (folder / "t/t.md").unlink()
        (folder / "t").rmdir()


def vanishing_during_the_first_look(world, rounds):
    """Every folder has a plan, and one in a folder of its own, that are saved afterwards."""
    folders = [world.work / f"execplans/d{n}" for n in range(50)]
    paths = [path for folder in folders for path in (folder / "plan.md", folder / "sub/plan.md")]
    lost = played = 0
    for folder in folders:
        (folder / "sub").mkdir(parents=True)
        for n in range(100):
            (folder / f"f{n}").touch()
    while played < rounds:
        child = os.fork()
        if child == 0:
            churn(folders)
        world.socket.unlink(missing_ok=True)
        world.start()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for folder in folders:  # what the child was killed over
            shutil.rmtree(folder / "t", ignore_errors=True)
        played += len(paths)
        for path in paths:
            save(path, f"Plan {path}", played // len(paths) % STEPS)
        world.sync()
        lost += count_lost(world, paths)
        world.stop()
    return lost, played


# ---- Renames ----


def renamed_then_saved(world, rounds):
    olds = [world.work / f"a-{n}/docs/execplans/plan.md" for n in range(rounds)]
    news = [world.work / f"b-{n}/docs/execplans/plan.md" for n in range(rounds)]
    for n, path in enumerate(olds):
        path.parent.mkdir(parents=True)
        save(path, f"Plan {n}")
    world.start()
    for n in range(rounds):
        os.rename(world.work / f"a-{n}", world.work / f"b-{n}")
        save(news[n], f"Plan {n}", 1)
    world.sync()
    return count_lost(world, news, [FOUND + ["plan_moved", "item_done"]])


def renamed_again_and_again(world, rounds):
    """A folder goes through several names, and back to one that it had, then its plan is saved."""
    paths = [world.work / f"n-{n}-0/execplans/plan.md" for n in range(rounds)]
    for n, path in enumerate(paths):
        path.parent.mkdir(parents=True)
        save(path, f"Plan {n}")
    world.start()
    for n, path in enumerate(paths):
        names = [world.work / f"n-{n}-{i}" for i in (0, 1, 2, 0, 3, 0)]
        for old, new in zip(names, names[1:]):
            os.rename(old, new)
        save(path, f"Plan {n}", 1)
    world.sync()
    return count_lost(world, paths)


def exchanged_then_saved(world, rounds):
    paths = [world.work / f"{side}-{n}/execplans/plan.md" for n in range(rounds) for side in "ab"]
    libc = ctypes.CDLL(None, use_errno=True)
    for path in paths:
        path.parent.mkdir(parents=True)
        save(path, f"Plan {path}")
    world.start()
    for a, b in zip(paths[::2], paths[1::2]):
        if libc.renameat2(-100, bytes(a.parent.parent), -100, bytes(b.parent.parent), 2):
            raise OSError(ctypes.get_errno(), "renameat2")
        for path in a, b:
            path.write_text(path.read_text().replace("- [ ]", "- [x]", 1))
    world.sync()
    return count_lost(world, paths)


def handed_through(world, rounds):
    """Each plan moves into the folder that the next one has just left."""
    paths = [world.work / f"p-{n}/execplans/plan.md" for n in range(rounds + 1)]
    for n, path in enumerate(paths):
        path.parent.mkdir(parents=True)
        if n < rounds:
            save(path, f"Plan {n}")
    world.start()
    for n in reversed(range(rounds)):
        os.rename(paths[n], paths[n + 1])
        save(paths[n + 1], f"Plan {n}", 1)
    world.sync()
    return count_lost(world, paths[1:])


# ---- A full queue ----


def flood(folder):
    """More events than the queue holds. Two files in turn, because the kernel merges an event with its like before it."""
    names = [bytes(folder / "noise-0"), bytes(folder / "noise-1")]
    for n in range(int(open("/proc/sys/fs/inotify/max_queued_events").read()) + 1000):
        os.close(os.open(names[n % 2], os.O_WRONLY | os.O_CREAT))


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def gap_lost(world, start, end):
    """0 where the record says last that it was blind from `start` to `end`."""
    gap = world.ask("log", "--limit", 1, "--kind", "gap")
    told = gap and instant(gap[0]["not_before"]) <= start and instant(gap[0]["at"]) >= end
    if not told:
        print(f"  no gap for {start} to {end}: {gap}", file=sys.stderr)
    return not told


def overflow(world, rounds):
    """While the daemon is stopped, more happens than the queue holds, and then plans are saved, made, moved and deleted."""
    paths = [world.work / f"execplans/plan-{n}.md" for n in range(PLANS)]
    noise = world.work / "noise"
    for path in (noise, world.work / "execplans"):
        path.mkdir()
    for n, path in enumerate(paths):
        save(path, f"Plan {n}")
    world.start()
    lost, moving, made = 0, world.work / "execplans/moving-0/plan.md", []
    moving.parent.mkdir()
    save(moving, "Moving")
    for number in range(1, rounds + 1):
        world.sync()
        world.daemon.send_signal(signal.SIGSTOP)
        start = time.time()
        flood(noise)
        for n, path in enumerate(paths):
            save(path, f"Plan {n}", number % STEPS)
        os.rename(moving.parent, moving.parent.with_name(f"moving-{number}"))
        moving = moving.parent.with_name(f"moving-{number}") / "plan.md"
        save(moving, "Moving", number % STEPS)
        made.append(world.work / f"made-{number}/execplans/plan.md")
        made[-1].parent.mkdir(parents=True)
        save(made[-1], f"Made {number}")
        if number % 10 == 0:  # not each time: a loss is held for a second
            while made:
                shutil.rmtree(made.pop().parent)
        end = time.time()
        world.daemon.send_signal(signal.SIGCONT)
        world.sync()
        lost += gap_lost(world, start, end) + count_lost(world, paths + [moving] + made)
    return lost


# ---- Load ----


def account(ticker):
    """What is wrong with the record of a ticker's plans, which has come to its end."""
    false, lost = ticker.false_changes(), ticker.finals_lost()
    if false or lost:
        print(f"  changes that nobody made: {false}; last states lost: {lost}", file=sys.stderr)
    return len(false) + lost


def torn(world, rounds):
    """As fast as it can, each save truncates and writes two halves: no half may be believed. 50 saves each round."""
    ticker = Ticker(world, 1, rounds * 50, 0, "halves")
    world.start()
    ticker.go()
    ticker.finish()
    world.sync()
    return account(ticker), rounds * 50


def storm(world, rounds):
    """1,000 files made each round, as fast as it can, in a watched folder, beside 100 plans that are ticked."""
    noise = world.work / "noise"
    noise.mkdir()
    ticker = Ticker(world, 100, rounds * 20, 500, "inplace")
    world.start()
    ticker.go()
    subprocess.run([world.build / "tests/faults/storm", noise, str(rounds * 1000)], check=True, stdout=subprocess.DEVNULL)
    ticker.finish()
    world.sync()
    return account(ticker), rounds * 1000


def stalled_disk(world, rounds):
    """No commit returns for ten seconds (in short forms for less), while plans are ticked and the queue overflows."""
    door, noise = world.top / "stalled", world.work / "noise"
    noise.mkdir()
    length = min(10, rounds / 30)
    ticker = Ticker(world, 100, int(100 * (length + 1)), 100, "inplace")
    world.start(LD_PRELOAD=str(world.build / "tests/doors/disk.so"), DISK_DOOR=str(door), ASAN_OPTIONS="verify_asan_link_order=0")
    ticker.go()
    door.touch()
    await_true(lambda: not world.answers(0.2), "the disk to stall")
    flood(noise)
    time.sleep(length)
    if select.select([ticker.process.stdout], [], [], 0)[0]:
        raise Failure("the saves were over before the stall was")
    door.unlink()
    ticker.finish()
    world.sync()
    gaps = world.ask("log", "--limit", 0, "--kind", "gap")
    if len(gaps) != 1 or instant(gaps[0]["at"]) - instant(gaps[0]["not_before"]) < length:
        raise Failure(f"the disk did not stall, or no gap says so: {gaps}")
    return account(ticker), 1


# ---- Anything ----


class Chaos:
    """Random changes of a small tree, with few names, so that they meet."""

    def __init__(self, top, seed):
        self.top, self.chance, self.n, self.seed = top, random.Random(seed), 0, seed

    def folder(self):
        return self.chance.choice([self.top, *(path for path in self.top.rglob("*") if path.is_dir())])

    def name(self, folder, kind):
        return folder / (self.chance.choice("abc") if kind == "folder" else f"{self.chance.choice('pqr')}.md")

    def make(self):
        folder = self.folder()
        if len(folder.relative_to(self.top).parts) < 4:
            self.name(folder, "folder").mkdir(exist_ok=True)

    def write(self):
        self.n += 1
        path = self.name(self.folder(), "plan")
        if not path.exists() or self.chance.random() < 0.5:
            save(path, f"Plan {self.seed} {self.n}", self.n % STEPS)
        else:
            path.write_text(path.read_text().replace("- [ ]", "- [x]", 1))

    def replace(self):
        self.n += 1
        folder = self.folder()
        save(folder / "tmp", f"Plan {self.seed} {self.n}", self.n % STEPS)
        os.replace(folder / "tmp", self.name(folder, "plan"))

    def rename(self, kind):
        old, new = self.name(self.folder(), kind), self.name(self.folder(), kind)
        try:
            os.rename(old, new)
        except OSError:  # not there, not empty, into itself
            pass

    def remove(self):
        path = self.name(self.folder(), self.chance.choice(["folder", "plan", "plan"]))
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def step(self):
        self.chance.choice([self.make, self.make, self.write, self.write, self.write, self.replace, self.remove,
                            lambda: self.rename("folder"), lambda: self.rename("folder"), lambda: self.rename("plan")])()


def anything(world, rounds):
    """Random changes at full speed in ten trees in turn, then the record is held against the disk. Each tree has its number as seed."""
    world.start()
    lost = 0
    for first in range(0, rounds, 10):
        trees = [Chaos(world.work / f"{seed}/execplans", seed) for seed in range(first, min(first + 10, rounds))]
        for tree in trees:
            tree.top.mkdir(parents=True)
        for _ in range(60):
            for tree in trees:
                tree.step()
        world.sync()
        lost += count_lost(world, world.work.rglob("*.md"))
        for tree in trees:
            shutil.rmtree(tree.top.parent)
    return lost


RACES = {
    "folders and a plan, made at once": made_with_a_plan,
    "the same, and ticked at once": made_with_a_plan_and_ticked,
    "a tree moved in": moved_in,
    "made, removed, made again": made_and_removed,
    "made during the first look": made_during_the_first_look,
    "vanishing during the first look": vanishing_during_the_first_look,
    "folder renamed, plan saved": renamed_then_saved,
    "folder renamed again and again": renamed_again_and_again,
    "folders exchanged, plans saved": exchanged_then_saved,
    "plans handed through": handed_through,
    "queue full": overflow,
    "torn saves at full speed": torn,
    "storm of new files": storm,
    "disk stalled": stalled_disk,
    "anything": anything,
}


def run(build, name, rounds):
    """Returns how much was lost, and of how many."""
    with World(build) as world:
        result = RACES[name](world, rounds)
        if world.daemon:
            world.verify()
    return result if isinstance(result, tuple) else (result, rounds)


def main():
    rounds, names = int(sys.argv[2]) if len(sys.argv) > 2 else 30, chosen(sys.argv[3:], RACES)
    lost_in_all = 0
    print(f"{'race':34} {'rounds':>6} {'lost':>6} {'seconds':>8}")
    for name in names:
        start = time.monotonic()
        lost, played = run(sys.argv[1], name, rounds)
        lost_in_all += lost
        print(f"{name:34} {played:6} {lost:6} {time.monotonic() - start:8.1f}", flush=True)
    if lost_in_all:
        raise Failure(f"{lost_in_all} lost")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"races.py: {failure}")
