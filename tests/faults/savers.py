#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""savers.py BUILD [ROUNDS [NAME...]]: every way in which programs save a file, each with a daemon that watches.

Each round ticks (or unticks) one item and saves it in that way, then saves the same bytes again in that way. The record must have
exactly one event for each real change, in order, none for the other saves, and the file's bytes at the end. Exit code 1: not so.
"""
import ctypes
import dataclasses
import mmap
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import time
from typing import Callable

from world import STEPS, Failure, World, await_true, chosen, plan_text

# A state that stands for half a second is believed, as it should be: a save that this machine kept for so long proves nothing.
BELIEVED_AFTER = 0.4
PAUSE = 0.1


@dataclasses.dataclass
class Save:
    """One save that is to be done: `path` is to contain `new`, which has `mark` in the box of `step`."""
    path: pathlib.Path
    side: pathlib.Path  # a folder that nobody watches, on the same file system
    old: bytes
    new: bytes
    step: int
    mark: str
    env: dict

    def run(self, *command, text=None):
        done = subprocess.run([str(word) for word in command], cwd=self.path.parent, env=self.env, input=text, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise Failure(f"{command}: {done.stdout}")
        return done.stdout.strip()

    def beside(self, name):
        """A file outside with the new bytes."""
        file = self.side / name
        file.write_bytes(self.new)
        return file

    def temporary(self, name):
        """A file beside the plan with the new bytes."""
        file = self.path.with_name(name)
        file.write_bytes(self.new)
        return file

    def box(self):
        """A regular expression for the box and the words of the step, and what is to be there: the same for sed, perl and vim."""
        return rf"- \[.\] Step {self.step}:", f"- [{self.mark}] Step {self.step}:"


# ---- System calls, as editors and languages do them ----


def in_place(save):
    save.path.write_bytes(save.new)


def in_halves(save):
    half = len(save.new) // 2
    with open(save.path, "wb", buffering=0) as file:
        file.write(save.new[:half])
        time.sleep(PAUSE)
        file.write(save.new[half:])


def empty_for_a_moment(save):
    with open(save.path, "wb", buffering=0) as file:
        time.sleep(PAUSE)
        file.write(save.new)


def closed_empty_for_a_moment(save):
    save.path.write_bytes(b"")
    time.sleep(PAUSE)
    save.path.write_bytes(save.new)


def line_by_line(save):
    with open(save.path, "wb", buffering=0) as file:
        for line in save.new.splitlines(keepends=True):
            file.write(line)


def over_itself(save):
    """Without truncation: the old bytes are overwritten, and what is left over is cut off."""
    with open(save.path, "r+b") as file:
        file.write(save.new)
        file.truncate()


def truncate_when_open(save):
    """VS Code."""
    fd = os.open(save.path, os.O_RDWR)
    os.ftruncate(fd, 0)
    os.write(fd, save.new)
    os.fdatasync(fd)
    os.close(fd)


def rename_over(save):
    os.replace(save.temporary(".ship-it.md.tmp"), save.path)


def rename_over_synced(save):
    with open(save.path.with_name(".ship-it.md.tmp"), "wb") as file:
        file.write(save.new)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, save.path)


def rename_from_elsewhere(save):
    os.replace(save.beside("elsewhere.md"), save.path)


def rename_from_a_plan_name(save):
    """The temporary file looks like a plan itself."""
    os.replace(save.temporary("ship-it.tmp.md"), save.path)


def vscode_atomic(save):
    os.replace(save.temporary("ship-it.md.vsctmp"), save.path)


def jetbrains(save):
    new, old = save.temporary("ship-it.md___jb_tmp___"), save.path.with_name("ship-it.md___jb_old___")
    os.rename(save.path, old)
    os.rename(new, save.path)
    old.unlink()


def emacs_backup_by_rename(save):
    os.rename(save.path, save.path.with_name("ship-it.md~"))
    save.path.write_bytes(save.new)


def emacs_backup_by_copy(save):
    shutil.copy2(save.path, save.path.with_name("ship-it.md~"))
    save.path.write_bytes(save.new)


def unlink_and_create(save):
    save.path.unlink()
    save.path.write_bytes(save.new)


def unlink_pause_create(save):
    save.path.unlink()
    time.sleep(PAUSE)
    save.path.write_bytes(save.new)


def mapped(save):
    with open(save.path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        memory[:] = save.new
        memory.flush()


def appended(save):
    with open(save.path, "ab", buffering=0) as file:
        file.write(save.new[len(save.old):])


def shortened(save):
    os.truncate(save.path, len(save.new))


def exchanged(save):
    """RENAME_EXCHANGE."""
    other = save.temporary("other.txt")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(-100, bytes(other), -100, bytes(save.path), 2):
        raise OSError(ctypes.get_errno(), "renameat2")


def folder_exchanged(save):
    """All plans of a folder at once."""
    folder, new = save.path.parent, save.side / "folder"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    (new / save.path.name).write_bytes(save.new)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(-100, bytes(new), -100, bytes(folder), 2):
        raise OSError(ctypes.get_errno(), "renameat2")


def folder_replaced(save):
    folder, new, old = save.path.parent, save.path.parent.with_name("new"), save.path.parent.with_name("old")
    new.mkdir()
    (new / save.path.name).write_bytes(save.new)
    os.rename(folder, old)
    os.rename(new, folder)
    shutil.rmtree(old)


def copied_in_the_kernel(save):
    with open(save.beside("source"), "rb") as source, open(save.path, "wb") as file:
        while os.copy_file_range(source.fileno(), file.fileno(), 1 << 20):
            pass


def sent(save):
    with open(save.beside("source"), "rb") as source, open(save.path, "wb") as file:
        while os.sendfile(file.fileno(), source.fileno(), None, 1 << 20):
            pass


def linked_from_nameless(save):
    """O_TMPFILE: the file has its name after its bytes, which is IN_CREATE alone."""
    fd = os.open(save.path.parent, os.O_TMPFILE | os.O_RDWR, 0o644)
    os.write(fd, save.new)
    save.path.unlink()
    # Only with a folder does Python call linkat(2), which follows the link.
    proc = os.open("/proc", os.O_PATH)
    os.link(f"self/fd/{fd}", save.path, src_dir_fd=proc, follow_symlinks=True)
    os.close(proc)
    os.close(fd)


def linked_from_elsewhere(save):
    source = save.side / "linked.md"
    source.unlink(missing_ok=True)
    save.beside("linked.md")
    save.path.unlink()
    os.link(source, save.path)


class KeptOpen:
    """A writer that never closes: IN_MODIFY is all that there is."""

    def __init__(self):
        self.fds = {}

    def __call__(self, save):
        if save.path not in self.fds:
            self.fds[save.path] = os.open(save.path, os.O_WRONLY)
        os.pwrite(self.fds[save.path], save.new, 0)


# ---- Programs ----


def shell(script):
    """The new bytes are in $NEW, the plan is $PLAN, and $SIDE a folder outside."""
    def saver(save):
        save.run("env", f"NEW={save.beside('new.md')}", f"PLAN={save.path}", f"SIDE={save.side}", "sh", "-ec", script)
    return saver


def sed(*options):
    def saver(save):
        old, new = save.box()
        save.run("sed", *options, f"s/{old}/{new}/", save.path)
    return saver


def perl(option):
    def saver(save):
        old, new = save.box()
        save.run("perl", option, "-pe", f"s/{old}/{new}/", save.path)
    return saver


def vim(settings):
    def saver(save):
        old, new = save.box()
        save.run("vim.tiny", "-u", "NONE", "-es", "-c", f"set {settings}", "-c", f"%s/{old}/{new}/", "-c", "wq", save.path)
    return saver


def ed(save):
    save.run("ed", "-s", save.path, text=f"/Step {save.step}:/s/\\[.\\]/[{save.mark}]/\nw\nq\n")


def patch(save):
    old, new = save.side / "old.md", save.beside("new.md")
    old.write_bytes(save.path.read_bytes())
    difference = subprocess.run(["diff", "-u", old, new], capture_output=True, text=True).stdout
    if difference:
        save.run("patch", "-s", save.path, text=difference)


def nano(save):
    """Deletes what is in the box, types the mark, saves when it leaves."""
    line = save.path.read_text().splitlines().index(next(
        words for words in save.path.read_text().splitlines() if f"Step {save.step}:" in words)) + 1
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe("nano", ["nano", "--ignorercfiles", "--saveonexit", f"+{line},4", str(save.path)], save.env)
    os.read(terminal, 4096)  # it has drawn its screen, or begun to
    os.write(terminal, b"\x04" + save.mark.encode() + b"\x18")
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:  # EIO: the other end is closed
        pass
    os.close(terminal)
    if os.waitpid(child, 0)[1]:
        raise Failure("nano failed")


class Git:
    """Saves through a repository around the plan; `how` is told the object that has the new bytes."""

    def __init__(self, how):
        self.how = how

    def __call__(self, save):
        if not (save.path.parent / ".git").exists():
            save.run("git", "init", "-q")
            save.run("git", "add", "ship-it.md")
            save.run("git", "commit", "-qm", "one")
        blob = save.run("git", "hash-object", "-w", save.beside("new.md"))
        self.how(save, blob)


def git_checkout_file(save, blob):
    save.run("git", "update-index", "--cacheinfo", f"100644,{blob},ship-it.md")
    save.run("git", "checkout", "-q", "--", "ship-it.md")


def git_reset(save, blob):
    tree = save.run("git", "mktree", text=f"100644 blob {blob}\tship-it.md\n")
    commit = save.run("git", "commit-tree", tree, "-p", "HEAD", "-m", "another")
    save.run("git", "reset", "-q", "--hard", commit)


def git_apply(save, blob):
    now = save.run("git", "hash-object", "-w", "ship-it.md")
    difference = save.run("git", "diff", now, blob).replace(now, "ship-it.md").replace(blob, "ship-it.md")
    if difference:
        save.run("git", "apply", "-", text=difference + "\n")


# ---- What a round changes, and what the record must say of it ----


class Toggle:
    """Each round another box; when all are ticked, they are unticked again."""

    def __init__(self, title, rounds):
        self.title = title
        self.marks = [" "] * STEPS

    def first(self):
        return plan_text(self.title, self.marks)

    def next(self, n):
        step = n % STEPS
        mark = "x" if self.marks[step] == " " else " "
        self.marks[step] = mark
        return step, mark, self.first(), ("item_done" if mark == "x" else "item_undone",
                                                            f"Step {step}: part {step} of the work.")


class Grow:
    def __init__(self, title, rounds):
        self.title, self.extra = title, ""

    def first(self):
        return plan_text(self.title, " " * STEPS, self.extra)

    def next(self, n):
        self.extra += f"- [ ] Errand {n}.\n"
        return 0, " ", self.first(), ("item_added", f"Errand {n}.")


class Shrink:
    """As many errands as there are rounds, and one less each time."""

    def __init__(self, title, rounds):
        self.title, self.errands = title, [f"Errand {n}." for n in range(rounds)]

    def first(self):
        return plan_text(self.title, " " * STEPS, "".join(f"- [ ] {words}\n" for words in self.errands))

    def next(self, n):
        gone = self.errands.pop()
        return 0, " ", self.first(), ("item_removed", gone)


class Same:
    def __init__(self, title, rounds):
        self.title = title

    def first(self):
        return plan_text(self.title, " " * STEPS)

    def next(self, n):
        return 0, " ", self.first(), None


@dataclasses.dataclass
class Saver:
    name: str
    do: Callable
    change: Callable = Toggle
    barrier: bool = True  # without it nothing hurries the daemon: what it holds must settle of itself
    timed: bool = False   # what is on disk in between may not stand long enough to be believed
    seconds: float = 0    # that a round takes by its nature; with many rounds there are fewer of these


SAVERS = [
    Saver("truncate, write", in_place),
    Saver("truncate, write in halves", in_halves, timed=True, seconds=0.2),
    Saver("empty for a moment", empty_for_a_moment, timed=True, seconds=0.2),
    Saver("closed empty, then written", closed_empty_for_a_moment, timed=True, seconds=0.2),
    Saver("line by line", line_by_line, timed=True),
    Saver("overwrite, cut off the rest", over_itself),
    Saver("VS Code", truncate_when_open, timed=True),
    Saver("VS Code, atomic", vscode_atomic),
    Saver("temporary file, rename", rename_over),
    Saver("temporary file, fsync, rename", rename_over_synced),
    Saver("temporary file elsewhere, rename", rename_from_elsewhere),
    Saver("temporary file named as a plan", rename_from_a_plan_name, timed=True, seconds=2),
    Saver("JetBrains", jetbrains, timed=True),
    Saver("Emacs, backup by rename", emacs_backup_by_rename, timed=True),
    Saver("Emacs, backup by copy", emacs_backup_by_copy, timed=True),
    Saver("unlink, create", unlink_and_create, timed=True),
    Saver("unlink, pause, create", unlink_pause_create, timed=True, seconds=0.2),
    Saver("mmap, msync", mapped),
    Saver("O_APPEND", appended, change=Grow),
    Saver("truncate(2)", shortened, change=Shrink, seconds=1),
    Saver("kept open", KeptOpen()),
    Saver("kept open, nobody asks", KeptOpen(), barrier=False, seconds=0.3),
    Saver("RENAME_EXCHANGE", exchanged),
    Saver("RENAME_EXCHANGE of its folder", folder_exchanged, timed=True),
    Saver("its folder replaced", folder_replaced, timed=True),
    Saver("copy_file_range", copied_in_the_kernel, timed=True),
    Saver("sendfile", sent, timed=True),
    Saver("O_TMPFILE, linkat", linked_from_nameless, timed=True),
    Saver("link(2) into place", linked_from_elsewhere, timed=True),
    Saver("sh: cat >", shell('cat "$NEW" >"$PLAN"'), timed=True),
    Saver("tee", shell('tee "$PLAN" <"$NEW" >/dev/null'), timed=True),
    Saver("cp", shell('cp "$NEW" "$PLAN"'), timed=True),
    Saver("cp -p", shell('cp -p "$NEW" "$PLAN"'), timed=True),
    Saver("cp --remove-destination", shell('cp --remove-destination "$NEW" "$PLAN"'), timed=True),
    Saver("mv", shell('mv "$NEW" "$PLAN"')),
    Saver("install", shell('install -m 644 "$NEW" "$PLAN"'), timed=True),
    Saver("ln -f", shell('ln -f "$NEW" "$PLAN"; rm "$NEW"'), timed=True),
    Saver("dd conv=notrunc", shell('dd if="$NEW" of="$PLAN" conv=notrunc status=none')),
    Saver("dd bs=16", shell('dd if="$NEW" of="$PLAN" bs=16 status=none'), timed=True),
    Saver("tar -x", shell('cp "$NEW" "$SIDE/ship-it.md"; tar -C "$SIDE" -cf - ship-it.md | tar -xf -'), timed=True),
    Saver("rsync", shell('rsync -I "$NEW" "$PLAN"')),
    Saver("rsync --inplace", shell('rsync -I --inplace "$NEW" "$PLAN"')),
    Saver("rsync --delay-updates", shell('rsync -I --delay-updates "$NEW" "$PLAN"')),
    Saver("sed -i", sed("-i")),
    Saver("sed -i.bak", sed("-i.bak"), timed=True),
    Saver("perl -i", perl("-i"), timed=True),
    Saver("perl -i.bak", perl("-i.bak"), timed=True),
    Saver("ed", ed, timed=True),
    Saver("patch", patch, timed=True),
    Saver("vim backupcopy=no", vim("writebackup backupcopy=no"), timed=True),
    Saver("vim backupcopy=yes", vim("writebackup backupcopy=yes"), timed=True),
    Saver("vim backup", vim("backup backupcopy=auto"), timed=True),
    Saver("vim nowritebackup", vim("nowritebackup"), timed=True),
    Saver("nano", nano, timed=True),
    Saver("git checkout FILE", Git(git_checkout_file), seconds=0.5),
    Saver("git reset --hard", Git(git_reset), seconds=0.5),
    Saver("git apply", Git(git_apply), seconds=0.5),
    Saver("touch", shell('touch "$PLAN"'), change=Same),
    Saver("chmod", shell('chmod 600 "$PLAN"; chmod 644 "$PLAN"'), change=Same),
    Saver("opened for writing, closed", shell(': >>"$PLAN"'), change=Same),
    Saver("linked elsewhere, unlinked", shell('ln "$PLAN" "$SIDE/link.md"; rm "$SIDE/link.md"'), change=Same),
    Saver("renamed away and back", shell('mv "$PLAN" "$SIDE/away.md"; mv "$SIDE/away.md" "$PLAN"'),
          change=Same, timed=True),
]


def save_and_wait(world, saver, save, expected, path):
    """Returns how long the file may have been something else than the one or the other."""
    start = time.monotonic()
    saver.do(save)
    took = time.monotonic() - start
    if path.read_bytes() != save.new:
        raise Failure("the saver did not save")
    if saver.barrier:
        world.sync()
    elif expected:
        await_true(lambda: world.events(path)[-1] == expected, expected)
    return took if saver.timed else 0


def rounds_of(world, saver, rounds, path, side):
    """All rounds of one saver. Returns the events that are to be there, and whether one round was too slow to prove anything."""
    change, expected, slow = saver.change(f"{saver.name}, {side.name}", rounds), [], False
    text = change.first()
    path.parent.mkdir(parents=True)
    side.mkdir(parents=True)
    path.write_text(text)
    world.sync()
    baseline = len(world.events(path))
    for n in range(rounds):
        step, mark, new, event = change.next(n)
        first = Save(path, side, text.encode(), new.encode(), step, mark, world.env)
        again = dataclasses.replace(first, old=new.encode())
        slow |= save_and_wait(world, saver, first, event, path) > BELIEVED_AFTER
        slow |= save_and_wait(world, saver, again, None, path) > BELIEVED_AFTER
        expected += [event] if event else []
        text = new
    world.sync()
    return expected, world.events(path)[baseline:], slow


def check(world, saver, rounds):
    if saver.seconds and rounds > 10:
        rounds = max(10, min(rounds, int(60 / saver.seconds)))
    name = "".join(c if c.isalnum() else "-" for c in saver.name)
    for attempt in range(10):
        path = world.work / f"{name}-{attempt}" / "execplans" / "ship-it.md"
        side = world.top / "side" / f"{name}-{attempt}"
        expected, found, slow = rounds_of(world, saver, rounds, path, side)
        if found == expected or not slow:
            break
    problem = ""
    if found != expected:
        at = next((i for i, pair in enumerate(zip(found, expected)) if pair[0] != pair[1]), min(len(found), len(expected)))
        problem = f"  WRONG at {at}: {found[at:at + 4]} for {expected[at:at + 2]}"
    elif world.recorded(path) != path.read_text():
        problem = "  WRONG: not the last bytes"
    print(f"{saver.name:34} {2 * rounds:6} {len(expected):8} {len(found):9}{problem}", flush=True)
    return not problem


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    names = chosen(sys.argv[3:], [saver.name for saver in SAVERS])
    savers = [saver for saver in SAVERS if saver.name in names]
    with World(sys.argv[1]) as world:
        world.env.update(GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example.org", GIT_COMMITTER_NAME="a",
                         GIT_COMMITTER_EMAIL="a@example.org", GIT_CONFIG_GLOBAL="/dev/null")
        world.start()
        print(f"{'saver':34} {'saves':>6} {'changes':>8} {'recorded':>9}")
        wrong = [saver.name for saver in savers if not check(world, saver, rounds)]
        world.verify()
        if wrong:
            raise Failure(f"{len(wrong)} of {len(savers)} savers: {', '.join(wrong)}\n{world.log.read_text()}")
        print(f"{len(savers)} savers: one event for each change, none for the others")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"savers.py: {failure}")
