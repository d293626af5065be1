# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks that are full, read-only, cut off; databases that somebody else holds; file systems below the plans.

Mounts are made in a mount namespace of the process's own (and a user namespace where it is not root's): call in_own_mounts().
"""
import ctypes
import fcntl
import itertools
import multiprocessing
import os
import pathlib
import random
import signal
import sqlite3
import struct
import subprocess
import threading
import traceback

from outcome import Outcome, messages
from world import STEPS, Failure, World, await_true, plan_text

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
EXT4_IOC_SHUTDOWN, NOLOGFLUSH = 0x8004587D, 2  # fs/ext4/ext4.h


class Impossible(Exception):
    """This machine cannot do it."""


def enter_own_mounts():
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNS | (0 if uid == 0 else CLONE_NEWUSER)):
        raise Impossible(f"no mount namespace: {os.strerror(ctypes.get_errno())}")
    if uid:
        pathlib.Path("/proc/self/setgroups").write_text("deny")
        pathlib.Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
        pathlib.Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    mount("--make-rprivate", "/")


def mount(*arguments):
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise Impossible(done.stderr.strip())


def unmount(folder):
    subprocess.run(["umount", "-R", str(folder)], check=True)


def in_own_mounts(scenario, *arguments):
    """What the scenario returns, from a child that has its own mounts."""
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)

    def child():
        try:
            enter_own_mounts()
            writer.send(scenario(*arguments))
        except Impossible as impossible:
            writer.send(impossible)
        except BaseException:
            writer.send(Failure(traceback.format_exc()))

    process = context.Process(target=child)
    process.start()
    writer.close()
    result = reader.recv()
    process.join()
    if isinstance(result, Exception):
        raise result
    return result


def save(path, done):
    path.write_text(plan_text(path.stem, "x" * done + " " * (STEPS - done)))


def on_record(world):
    return {plan["plan"]["path"]: world.recorded(plan["plan"]["path"]) for plan in world.ask("status")}


def on_disk(world):
    return {str(path): path.read_text() for path in world.work.rglob("*.md")}


def make_plans(world, count):
    paths = [world.work / f"execplans/plan-{n}.md" for n in range(count)]
    paths[0].parent.mkdir()
    for path in paths:
        save(path, 0)
    return paths


def told(world, words):
    return world.log.read_text().count(words)


def answers(world, outcome, what):
    """planctl's readers go on while nothing can be written."""
    for command in ("ping", "-q"), ("status",), ("log",), ("show", "plan-0"):
        done = subprocess.run([world.build / "planctl", *command], env=world.env, capture_output=True, text=True)
        outcome.seen += messages(done.stderr)
        if done.returncode:
            outcome.problems.append(f"{what}: planctl {command[0]} ended with {done.returncode}: {done.stderr}")


def healed(world, outcome, what):
    """The fault is over."""
    world.sync()
    if on_record(world) != on_disk(world):
        outcome.lost += 1
        outcome.problems.append(f"{what}: not on record as it is on disk")
    for event in world.ask("log", "--limit", "0"):
        if event["kind"] not in ("plan_found", "item_added", "item_done", "item_undone", "gap"):
            outcome.false += 1
            outcome.problems.append(f"{what}: {event['kind']} of {event['plan']}")
    world.verify()


# ---- A full disk ----


def full_disk(build, rounds):
    """Each round some room less is left, then five plans are ticked, then there is room again."""
    outcome = Outcome(rounds)
    with World(build) as world:
        world.db.parent.mkdir(parents=True, mode=0o700)
        mount("-t", "tmpfs", "-o", "size=2m", "none", world.db.parent)
        plans, filler = make_plans(world, 5), world.db.parent / "filler"
        world.start()
        for number in range(rounds):
            what, before = f"full disk, {number} KiB left", told(world, "the disk is full")
            with open(filler, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(1024))
                except OSError:
                    os.truncate(filler, max(0, file.tell() - number * 1024))
            for step in itertools.count(1):  # until it is too much
                for path in plans:
                    save(path, (number + step) % STEPS)
                    with open(path, "a") as file:
                        file.write("".join(f"\nNote {random.random()}." for _ in range(100)))
                world.planctl("ping", "-q")
                if told(world, "the disk is full") > before:
                    break
            answers(world, outcome, what)
            if told(world, "the disk is full") != before + 1:
                outcome.problems.append(f"{what}: told {told(world, 'the disk is full') - before} times")
            filler.unlink()
            healed(world, outcome, what)
        outcome.seen += messages(world.log.read_text())
        world.stop()
        unmount(world.db.parent)
    return outcome


# ---- A database that somebody else holds ----


def locked_database(build, rounds):
    """Another program writes it for longer than we wait, while plans are ticked."""
    outcome = Outcome(rounds)
    with World(build) as world:
        plans = make_plans(world, 5)
        world.start()
        for number in range(rounds):
            what, before = f"locked database, round {number}", told(world, "in use by another program")
            holder = sqlite3.connect(world.db, isolation_level=None)
            holder.execute("BEGIN EXCLUSIVE")
            for path in plans:
                save(path, (number + 1) % STEPS)
            await_true(lambda: told(world, "in use by another program") > before, "the lock to be met")
            answers(world, outcome, what)
            holder.execute("ROLLBACK")
            holder.close()
            healed(world, outcome, what)
        outcome.seen += messages(world.log.read_text())
    return outcome


# ---- A read-only disk ----


def read_only_disk(build, _):
    """The database comes to lie on a disk that nobody can write. The plans are seen, but not recorded; nothing is broken."""
    outcome = Outcome(2)
    with World(build) as world:
        make_plans(world, 1)
        disk = world.db.parent
        disk.mkdir(parents=True, mode=0o700)
        mount("-t", "tmpfs", "none", disk)
        world.start()
        world.stop()
        mount("-o", "remount,ro", disk)
        before = world.db.read_bytes()
        for command in ("status",), ("log",), ("verify",):
            done = subprocess.run([world.build / "planctl", *command], env=world.env, capture_output=True, text=True)
            outcome.seen += messages(done.stderr)
            if done.returncode != 5 or "read-only disk" not in done.stderr:
                outcome.problems.append(f"read-only disk: planctl {command[0]} ended with {done.returncode}: {done.stderr}")
        world.spawn()
        if world.daemon.wait(60) != 1:
            outcome.problems.append(f"read-only disk: planwatchd ended with {world.daemon.returncode}")
        outcome.seen += messages(world.log.read_text())
        world.daemon = None
        if world.db.read_bytes() != before:
            outcome.problems.append("read-only disk: it was written")
        mount("-o", "remount,rw", disk)
        world.start()
        save(world.work / "execplans/plan-0.md", 1)
        healed(world, outcome, "read-only disk")
        world.stop()
        unmount(disk)
    return outcome


# ---- Power cuts ----


def make_ext4(world, name, megabytes):
    image = world.top / name
    with open(image, "wb") as file:
        file.truncate(megabytes << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    return image


def cut_power(folder, begun):
    """From now on nothing reaches the disk, as if it had no power; what was not written yet is lost."""
    fd = os.open(folder, os.O_RDONLY)
    begun.set()
    try:
        fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
    finally:
        os.close(fd)


def tick_or_untick(plan):
    save(plan, 1 - plan.read_text().count("[x]"))


def acknowledged(world):
    try:
        return subprocess.run([world.build / "planctl", "sync"], env=world.env, capture_output=True, timeout=1).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def ticks(world):
    return sum(event["kind"] in ("item_done", "item_undone") for event in world.ask("log", "--limit", "0"))


def power_cuts(build, rounds):
    """The power of the database's disk is cut while a plan is ticked and unticked; each time is acknowledged before the next."""
    if os.getuid():
        raise Impossible("needs root")
    outcome, acknowledgements = Outcome(rounds), 0
    with World(build) as world:
        image, disk, chance = make_ext4(world, "image", 64), world.db.parent, random.Random(1)
        disk.mkdir(parents=True, mode=0o700)
        mount("-o", "loop", image, disk)
        plan = make_plans(world, 1)[0]
        world.start()
        for number in range(rounds):
            noted = ticks(world)
            begun = threading.Event()
            cutter = threading.Timer(chance.random(), cut_power, (disk, begun))
            cutter.start()
            while tick_or_untick(plan) or acknowledged(world):
                if not begun.is_set():  # the cut is no single step: what is acknowledged meanwhile proves nothing
                    noted += 1
                    acknowledgements += 1
            cutter.join()
            world.daemon.kill()
            world.daemon.wait()
            world.daemon = None
            unmount(disk)
            mount("-o", "loop", image, disk)
            world.verify()
            if ticks(world) < noted:
                outcome.lost += noted - ticks(world)
                outcome.problems.append(f"power cut {number}: {noted} ticks were acknowledged, {ticks(world)} are on record")
            world.start()
            healed(world, outcome, f"power cut {number}")
        outcome.seen += messages(world.log.read_text())
        outcome.seen["(ticks acknowledged)"] = acknowledgements
        world.stop()
        unmount(disk)
    return outcome


# ---- File systems below the plans ----


def overlay(world):
    top = world.top / "disk"
    top.mkdir()
    mount("-t", "tmpfs", "none", top)  # an overlay cannot be the upper layer of another, as where this runs in a container
    for name in ("lower", "upper", "over"):
        (top / name).mkdir()
    mount("-t", "overlay", "-o", f"lowerdir={top}/lower,upperdir={top}/upper,workdir={top}/over", "none", world.work)


def bound(world):
    (world.top / "elsewhere").mkdir()
    mount("--bind", world.top / "elsewhere", world.work)


def loop(world):
    if os.getuid():
        raise Impossible("needs root")
    mount("-o", "loop", make_ext4(world, "image", 64), world.work)


FILE_SYSTEMS = {"tmpfs": lambda world: mount("-t", "tmpfs", "none", world.work), "overlay": overlay, "bind mount": bound, "ext4": loop}


def file_system(build, name, rounds):
    """Ticks in a folder of old and in new ones, all of them there, and told by events. Then another file system is mounted over it."""
    outcome = Outcome(rounds)
    with World(build) as world:
        FILE_SYSTEMS[name](world)
        plans = make_plans(world, 5)
        world.start()
        if world.ask("roots")[0]["polled"]:
            outcome.problems.append(f"{name}: it is polled")
        for number in range(rounds):
            for path in plans:
                save(path, (number + 1) % STEPS)
            fresh = world.work / f"new-{number}/execplans/fresh-{number}.md"
            fresh.parent.mkdir(parents=True)
            save(fresh, 3)
            healed(world, outcome, f"{name}, round {number}")
        mount("-t", "tmpfs", "none", plans[0].parent)  # no event tells of it
        save(plans[0], 5)
        world.planctl("reload")
        world.sync()
        if world.recorded(plans[0]) != plans[0].read_text():
            outcome.lost += 1
            outcome.problems.append(f"{name}: what was mounted over it is not on record")
        unmount(plans[0].parent)
        world.planctl("reload")
        world.sync()
        if on_record(world) != on_disk(world):
            outcome.lost += 1
            outcome.problems.append(f"{name}: what is there again is not on record as it is")
        world.verify()
        world.stop()
        outcome.seen += messages(world.log.read_text())
        unmount(world.work)
        if (world.top / "disk").exists():
            unmount(world.top / "disk")
    return outcome


def file_systems(build, rounds):
    outcome = Outcome()
    for name in FILE_SYSTEMS:
        try:
            outcome.add(in_own_mounts(file_system, build, name, rounds))
        except Impossible as impossible:
            outcome.seen[f"({name} not tried: {impossible})"] += 1
    return outcome


# ---- A daemon that is stopped ----


def stopped(build, rounds):
    """SIGSTOP, plans are ticked several times, made and removed, SIGCONT."""
    outcome = Outcome(rounds)
    with World(build) as world:
        plans = make_plans(world, 5)
        world.start()
        for number in range(rounds):
            world.daemon.send_signal(signal.SIGSTOP)
            for step in range(3):
                for path in plans:
                    save(path, (number + step) % STEPS)
            save(world.work / f"execplans/made-{number}.md", 2)
            world.daemon.send_signal(signal.SIGCONT)
            healed(world, outcome, f"stopped, round {number}")
        outcome.seen += messages(world.log.read_text())
    return outcome
