# SPDX-License-Identifier: GPL-2.0-or-later
"""Databases that are damaged, cut, of somebody else or of another time.

Nobody may crash, hang or write over such a file: whoever cannot use it says so and leaves it as it is. Where it can be used, what stands
in the plans is recorded again.
"""
import os
import random
import shutil
import signal
import sqlite3
import subprocess

from outcome import Outcome, messages, run_all
from world import World, plan_text

READERS = [("status",), ("log", "--limit", "0"), ("verify",), ("doctor",)]
PATIENCE = 60  # seconds until something is said to hang


class Sound:
    """A database with some history: as planwatchd leaves it when it stops, and when it is killed."""

    def __init__(self, world):
        self.world, self.runs = world, 0
        self.plan = world.work / "execplans/plan.md"
        self.plan.parent.mkdir()
        self.plan.write_text(plan_text("Plan", " " * 8))
        world.start()
        for done in range(1, 5):
            self.plan.write_text(plan_text("Plan", "x" * done + " " * (8 - done)))
            world.sync()
        shutil.copytree(world.db.parent, world.top / "killed")
        world.stop()
        shutil.copytree(world.db.parent, world.top / "stopped")

    def copy(self, which):
        """A folder of its own for a run, with the database in it."""
        self.runs += 1
        folder = self.world.top / f"run-{self.runs:06}"
        shutil.copytree(self.world.top / which, folder / "state/planwatch")
        (folder / "run").mkdir(mode=0o700)
        return folder


def run(sound, folder, program, *arguments):
    """Exit code, standard output and standard error; the code is None for one that had to be killed."""
    env = {**sound.world.env, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "XDG_RUNTIME_DIR": str(folder / "run")}
    try:
        done = subprocess.run([sound.world.build / program, *arguments], env=env, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors="replace", timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        return None, "", ""


def daemon_on(sound, folder, problems, what):
    """planwatchd on that database, with one tick more: what it said. It may refuse to start, say that it cannot record, or record."""
    env = {**sound.world.env, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "XDG_RUNTIME_DIR": str(folder / "run")}
    log = folder / "daemon.log"
    with open(log, "wb") as file:
        daemon = subprocess.Popen([sound.world.build / "planwatchd", sound.plan], env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    recorded = False
    while daemon.poll() is None and run(sound, folder, "planctl", "ping", "-q")[0] != 0:
        pass
    if daemon.poll() is None:
        try:
            recorded = subprocess.run([sound.world.build / "planctl", "sync"], env=env, capture_output=True, timeout=2).returncode == 0
        except subprocess.TimeoutExpired:
            pass
        daemon.send_signal(signal.SIGTERM)
    try:
        code = daemon.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        daemon.kill()
        code = None
    said = log.read_text(errors="replace")
    if code not in (0, 1):
        problems.append(f"{what}: planwatchd ended with {code}: {said}")
    if code == 1 and not said:
        problems.append(f"{what}: planwatchd ended without a word")
    return code, recorded, said


def judge(sound, which, what, damage, refused=None):
    """Damages a copy and lets every program have a look. `refused`: whether planwatchd must refuse it; None: it may do either."""
    folder, problems, seen = sound.copy(which), [], Outcome().seen
    database = folder / "state/planwatch/planwatch.db"
    damage(database)
    before = database.read_bytes() if database.is_file() else None
    for arguments in READERS:
        code, out, err = run(sound, folder, "planctl", *arguments)
        if code not in (0, 1, 4, 5):
            problems.append(f"{what}: planctl {arguments[0]} ended with {code}: {err}")
        elif code in (4, 5) and not err:
            problems.append(f"{what}: planctl {arguments[0]} ended with {code} without a word")
        seen += messages(err)
    if before is not None and database.read_bytes() != before:
        problems.append(f"{what}: planctl wrote the database")
    code, recorded, said = daemon_on(sound, folder, problems, what)
    seen += messages(said)
    if code == 1 and before is not None and database.read_bytes() != before:
        problems.append(f"{what}: planwatchd refused the database and wrote it")
    if refused is not None and refused != (code == 1):
        problems.append(f"{what}: planwatchd {'took' if refused else 'refused'} it: {said}")
    if refused is False:
        if not recorded:
            problems.append(f"{what}: not recorded: {said}")
        code, out, err = run(sound, folder, "planctl", "verify")
        if code != 0:
            problems.append(f"{what}: verify says {out}{err}")
        if run(sound, folder, "planctl", "show", sound.plan, "--text")[1] != sound.plan.read_text():
            problems.append(f"{what}: not on record as it is on disk")
    shutil.rmtree(folder)
    return Outcome(1, len(problems), 0, seen, problems)


# ---- What happens to a file ----


def flip(seed):
    def damage(database):
        chance, data = random.Random(seed), bytearray(database.read_bytes())
        for _ in range(chance.choice([1, 1, 2, 8, 64])):
            data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
        database.write_bytes(data)
    return damage


def cut(seed):
    def damage(database):
        os.truncate(database, random.Random(seed).randrange(1, database.stat().st_size))
    return damage


def blank(seed):
    """Pages of zeros, as a file system leaves them that was not told of their bytes in time."""
    def damage(database):
        chance, data = random.Random(seed), bytearray(database.read_bytes())
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data) // 4096) * 4096
            data[at:at + 4096] = bytes(4096)
        database.write_bytes(data)
    return damage


def wal(damage):
    return lambda database: damage(database.with_name("planwatch.db-wal"))


def without(*suffixes):
    def damage(database):
        for suffix in suffixes:
            database.with_name("planwatch.db" + suffix).unlink()
    return damage


def sql(*statements):
    def damage(database):
        connection = sqlite3.connect(database)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
    return damage


def foreign(database):
    database.unlink()
    sql("CREATE TABLE theirs (x)")(database)


def folder(database):
    database.unlink()
    database.mkdir()


def replaced(content):
    return lambda database: database.write_bytes(content)


PLACES = [
    # what it is, of a daemon that was, what is done, whether planwatchd must refuse it
    ("of a newer Planwatch", "stopped", sql("PRAGMA user_version = 99"), True),
    ("of another program", "stopped", foreign, True),
    ("a text", "stopped", replaced(b"This is no database.\n" * 300), True),
    ("a folder", "stopped", folder, True),
    ("empty", "stopped", replaced(b""), False),
    ("gone", "stopped", lambda database: database.unlink(), False),
    ("as it was killed", "killed", lambda database: None, False),
    ("its -shm gone", "killed", without("-shm"), False),
    ("its -wal empty", "killed", wal(replaced(b"")), None),
]


def damaged(build, rounds):
    """So many of each kind of damage at random, each with its number as seed, and one of each special place."""
    with World(build) as world:
        sound = Sound(world)
        cases = [(judge, sound, which, f"a database {name}", damage, refused) for name, which, damage, refused in PLACES]
        for seed in range(rounds):
            cases += [(judge, sound, "stopped", f"bytes, seed {seed}", flip(seed)), (judge, sound, "stopped", f"cut, seed {seed}", cut(seed)),
                      (judge, sound, "stopped", f"pages, seed {seed}", blank(seed)),
                      (judge, sound, "killed", f"bytes of the -wal, seed {seed}", wal(flip(seed)), False),
                      (judge, sound, "killed", f"-wal cut, seed {seed}", wal(cut(seed)), False)]
        return run_all(cases)
