# SPDX-License-Identifier: GPL-2.0-or-later
"""Who works on the watched tree: each writer is a process with a folder of its own, does one random operation after the other at
a given rate, and stops between two of them when it is told to. What it did meanwhile it then reports."""
import collections
import contextlib
import multiprocessing
import os
import random
import shutil
import time
import traceback

import plans
import saves

SLOW = 0.4  # seconds: a half-done state that stood nearly as long as the daemon believes it (0.5) may be believed


class Report:
    """What a writer did since the last barrier."""

    def __init__(self):
        self.operations = collections.Counter()
        self.ticks = {}       # token -> [when the save began, when it or the last move had ended, path]
        self.saves = {}       # token of such a tick -> when each later save of its plan began and had ended
        self.removed = set()  # tokens
        self.slow = set()     # paths that were half-done for too long
        self.steady = set()   # paths of plans that were only saved: nothing was deleted, moved or exchanged
        self.still = set()    # those of them to which the same bytes were written, only
        self.error = None


class Writer:
    """Its life in this process is ask() and answer(); everything else happens in the other one."""

    bursts, rest = [1, 1, 3, 10, 40], 0  # operations one after the other, and at least so many seconds until the next ones

    def __init__(self, world, name, seed, rate):
        self.world, self.name, self.rate = world, name, rate
        self.folder = os.path.join(world, "work", name)
        self.rng = random.Random(f"{seed} {name}")
        self.report = Report()
        self.manners = {}  # path -> how it is edited until the next barrier
        self.ours, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=self.live, args=(theirs,), daemon=True)
        self.process.start()

    def ask(self, word):
        with contextlib.suppress(BrokenPipeError):  # it has failed: its last report says why
            self.ours.send(word)

    def answer(self):
        if not self.ours.poll(120):
            raise RuntimeError(f"{self.name} does not stop")
        return self.ours.recv()

    # ---- In the process of the writer ----

    def live(self, connection):
        try:
            self.log = open(os.path.join(self.world, self.name + ".log"), "w", buffering=1)
            os.makedirs(self.folder, exist_ok=True)
            self.prepare()
            word = self.wait(connection)
            while word == "go":
                burst = self.rng.choice(self.bursts)
                until = time.time() + burst / self.rate
                for _ in range(burst):
                    self.operate()
                    if connection.poll():
                        break
                until = max(until, time.time() + self.rest)
                while time.time() < until and not connection.poll():
                    time.sleep(0.005)
                if connection.poll():
                    connection.recv()
                    word = self.wait(connection)
        except Exception:
            self.report.error = traceback.format_exc()
            connection.send(self.report)

    def wait(self, connection):
        """At a barrier: hands over what was done."""
        self.settle()
        connection.send(self.report)
        self.report = Report()
        self.manners = {}
        word = connection.recv()
        self.log.seek(0)
        self.log.truncate()
        return word

    def operate(self):
        weights, names = zip(*self.operations)
        name = self.rng.choices(names, weights)[0]
        self.note(name)
        getattr(self, name)()
        self.report.operations[name] += 1

    def note(self, *words):
        print(f"{time.time():.6f}", *words, file=self.log)

    def prepare(self):
        """Makes what is there at the beginning."""

    def settle(self):
        """Before a barrier."""

    # ---- What they have in common ----

    def write(self, path, text, save, edits=None):
        began = time.time()
        self.note("  ", save.__name__, path, *(sorted(edits.ticked) if edits else []))
        save(self.rng, path, text.encode())
        ended = time.time()
        for _, token in plans.ITEM.findall(text):
            if token in self.report.ticks:
                self.report.saves.setdefault(token, []).append((began, ended))
        if ended - began > SLOW:
            self.report.slow.add(path)
        if edits:
            self.report.removed |= edits.removed
            for token in edits.ticked:
                self.report.ticks.setdefault(token, [began, ended, path])[1] = ended

    def manner(self, path):
        if path not in self.manners:
            self.manners[path] = plans.some_manner(self.rng)
        return self.manners[path]

    def edit(self, path, save, text=None):
        text = open(path).read() if text is None else text
        edits = plans.Edits()
        text = plans.edit(self.rng, text, edits, self.manner(path))
        self.write(path, text, save, edits)
        return text

    def moved(self):
        """A tick may be seen at the new place only."""
        for times in self.report.ticks.values():
            times[1] = time.time()

    def new_plan(self, path):
        self.write(path, plans.new_plan(self.rng, f"Plan {os.path.basename(path)}"), saves.temporary)


class Saver(Writer):
    """Saves plans in all ways; deletes, renames, copies and exchanges others."""

    operations = [(60, "save"), (10, "save_same"), (8, "save_still"), (8, "save_held"), (2, "make"), (2, "delete"), (2, "rename"),
                  (1, "rename_over"), (1, "swap"), (2, "copy"), (2, "litter")]

    def prepare(self):
        self.places = [os.path.join(self.folder, "execplans", name) for name in ("active", "completed", ".")]
        for place in self.places:
            os.makedirs(place, exist_ok=True)
        self.steady = [os.path.join(self.folder, "execplans", f"steady-{i}.md") for i in range(8)]
        self.still = [os.path.join(self.folder, "execplans", f"still-{i}.md") for i in range(4)]
        self.held_path = os.path.join(self.folder, "execplans", "held.md")
        for path in self.steady + self.still + [self.held_path]:
            self.new_plan(path)
        self.texts = {path: open(path).read() for path in self.steady + self.still + [self.held_path]}
        self.held = None

    def settle(self):
        """A plan of which a state stood half-done for too long is not steady this time."""
        self.report.steady = set(self.steady + self.still) - self.report.slow
        self.report.still = set(self.still) - self.report.slow

    def loose(self):
        """Plans that come and go."""
        return [os.path.normpath(os.path.join(place, name)) for place in self.places for name in os.listdir(place)
                if name.startswith("loose") and name.endswith(".md")]

    def some_name(self):
        return os.path.normpath(os.path.join(self.rng.choice(self.places), f"loose-{self.rng.randrange(12)}.md"))

    def one_of(self, paths):
        return self.rng.choice(paths) if paths else None

    def save(self):
        path = self.rng.choice(self.steady + self.loose())
        text = self.edit(path, self.rng.choice(saves.KINDS), self.texts.get(path))
        if path in self.texts:
            self.texts[path] = text

    def save_same(self):
        path = self.rng.choice(self.steady)
        self.write(path, self.texts[path], self.rng.choice(saves.KINDS))

    def save_still(self):
        path = self.rng.choice(self.still)
        self.write(path, self.texts[path], self.rng.choice(saves.KINDS))

    def save_held(self):
        if self.held and self.rng.random() < 0.1:
            self.held.close()
            self.held = None
            return
        self.held = self.held or saves.Held(self.held_path)
        edits = plans.Edits()
        text = plans.edit(self.rng, self.texts[self.held_path], edits, self.manner(self.held_path))
        self.write(self.held_path, text, lambda rng, _, data: self.held.save(rng, data), edits)
        self.texts[self.held_path] = text

    def make(self):
        path = self.some_name()
        if not os.path.exists(path):
            self.new_plan(path)

    def delete(self):
        path = self.one_of(self.loose())
        if path:
            self.note("  ", path)
            os.unlink(path)

    def rename(self):
        path, to = self.one_of(self.loose()), self.some_name()
        if path and not os.path.exists(to):
            self.note("  ", path, to)
            os.rename(path, to)
            self.moved()

    def rename_over(self):
        path, to = self.one_of(self.loose()), self.one_of(self.loose())
        if path:
            self.note("  ", path, to)
            os.rename(path, to)
            self.moved()

    def swap(self):
        path, to = self.one_of(self.loose()), self.one_of(self.loose())
        if path and path != to:
            self.note("  ", path, to)
            saves.exchange(path, to)
            self.moved()

    def copy(self):
        path, to = self.one_of(self.loose()), self.some_name()
        if path and not os.path.exists(to):
            self.note("  ", path, to)
            shutil.copyfile(path, to)
            self.moved()

    def litter(self):
        """What is no plan, in a place where plans are."""
        place = self.rng.choice(self.places)
        name = self.rng.choice(["README.md", "notes.txt", "template.md", "shopping.md", "link.md"])
        path = os.path.join(place, name)
        if os.path.lexists(path):
            os.unlink(path)
        elif name == "link.md":
            os.symlink(self.still[0], path)
        elif name == "shopping.md":
            saves.put(path, b"# Shopping\n\nMilk.\n")
        else:
            saves.put(path, plans.new_plan(self.rng, "No plan").encode())


class Mover(Writer):
    """Makes, renames, moves, exchanges and deletes folders, with plans in them. Knows nothing of them but what is on the disk."""

    operations = [(30, "edit_some"), (14, "make"), (14, "rename"), (5, "rename_top"), (5, "move_out"), (5, "move_in"), (3, "delete"),
                  (3, "to_file"), (4, "exchange"), (4, "move_plan"), (3, "hide"), (3, "unhide"), (1, "link")]
    NAMES = ["a", "b", "c", "d", "execplans", "plans"]
    MOST = 60

    def prepare(self):
        self.outside = os.path.join(self.world, "outside-" + self.name)
        os.makedirs(self.outside)
        for _ in range(6):
            self.make()

    def folders(self, top=None):
        return [folder for folder, *_ in os.walk(top or self.folder)]

    def below(self):
        return self.folders()[1:]

    def some_plan(self):
        found = [os.path.join(folder, name) for folder, _, names in os.walk(self.folder) for name in names
                 if name.endswith(".md") and not os.path.islink(os.path.join(folder, name))]
        return self.rng.choice(found) if found else None

    def free_place(self):
        """A name that is not taken, not too deep."""
        parents = [f for f in self.folders() if f.count("/") - self.folder.count("/") < 5]
        path = os.path.join(self.rng.choice(parents), self.rng.choice(self.NAMES))
        return None if os.path.lexists(path) else path

    def move(self, path, to):
        self.note("  ", path, to)
        os.rename(path, to)
        self.moved()

    def edit_some(self):
        path = self.some_plan()
        if path:
            self.edit(path, self.rng.choice(saves.KINDS))

    def make(self):
        """mkdir -p, and a plan in it at once."""
        if len(self.folders()) > self.MOST:
            return self.delete()
        path = os.path.join(self.rng.choice(self.folders()), *self.rng.choices(self.NAMES, k=self.rng.randint(0, 3)), "execplans")
        self.note("  ", path)
        try:
            os.makedirs(path, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            return None  # one of the names is a file's
        plan = os.path.join(path, f"plan-{self.rng.randrange(3)}.md")
        if not os.path.lexists(plan):
            self.new_plan(plan)
        return None

    def rename(self):
        folders, to = self.below(), self.free_place()
        path = self.rng.choice(folders) if folders else None
        if path and to and not to.startswith(path + "/"):
            self.move(path, to)

    def rename_top(self):
        """A folder with much below it."""
        folders = [f.path for f in os.scandir(self.folder) if f.is_dir(follow_symlinks=False)]
        to = os.path.join(self.folder, self.rng.choice(self.NAMES))
        if folders and not os.path.lexists(to):
            self.move(self.rng.choice(folders), to)

    def move_out(self):
        folders = self.below()
        if folders and len(os.listdir(self.outside)) < 5:
            self.move(self.rng.choice(folders), os.path.join(self.outside, str(time.time_ns())))

    def move_in(self):
        """Sometimes with an edit made where nobody looks."""
        there, to = os.listdir(self.outside), self.free_place()
        if not there or not to:
            return
        path = os.path.join(self.outside, self.rng.choice(there))
        found = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names if name.endswith(".md")]
        if found and self.rng.random() < 0.5 and not os.path.islink(found[0]):
            self.edit(found[0], saves.in_place)
        self.move(path, to)

    def delete(self):
        folders = self.below()
        if folders:
            path = self.rng.choice(folders)
            self.note("  ", path)
            shutil.rmtree(path)

    def to_file(self):
        """A folder makes way for a file of its name, or a file for a folder."""
        folders, files = [f for f in self.below() if not f.endswith(".md")], [p for f in self.folders() for p in [os.path.join(f, n) for n in self.NAMES] if os.path.isfile(p)]
        if files and self.rng.random() < 0.7:
            path = self.rng.choice(files)
            os.unlink(path)
            os.makedirs(os.path.join(path, "execplans"))
            self.new_plan(os.path.join(path, "execplans", "plan-0.md"))
        elif folders:
            path = self.rng.choice(folders)
            shutil.rmtree(path)
            saves.put(path, b"A file.\n")
        else:
            return
        self.note("  ", path)

    def exchange(self):
        """Two folders take each other's names; or a folder and a plan do."""
        folders = self.below()
        if len(folders) < 2:
            return
        a, b = self.rng.sample(folders, 2)
        if self.rng.random() < 0.2:
            b = self.some_plan() or b
        if not (a + "/").startswith(b + "/") and not (b + "/").startswith(a + "/"):
            self.note("  ", a, b)
            saves.exchange(a, b)
            self.moved()

    def move_plan(self):
        path = self.some_plan()
        to = os.path.join(self.rng.choice(self.folders()), f"plan-{self.rng.randrange(6)}.md")
        if path and not os.path.isdir(to):
            self.move(path, to)

    def hide(self):
        """Into a name that is not watched."""
        folders = self.below()
        to = os.path.join(self.folder, "node_modules")
        if folders and not os.path.lexists(to):
            self.move(self.rng.choice(folders), to)

    def unhide(self):
        path, to = os.path.join(self.folder, "node_modules"), self.free_place()
        if os.path.isdir(path) and to and not to.startswith(path + "/"):
            self.move(path, to)

    def link(self):
        """A link to a folder is not followed."""
        path = os.path.join(self.folder, "link")
        if os.path.lexists(path):
            os.unlink(path)
        elif self.below():
            os.symlink(self.rng.choice(self.below()), path)
