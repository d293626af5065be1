# SPDX-License-Identifier: GPL-2.0-or-later
"""What the watched tree says itself, and what planwatch says of it. The two know nothing of each other: the first is a walk over the
folders with `planctl parse` of what lies there, the second the record."""
import json
import os
import subprocess

# As planwatch.conf(5) has them, as far as the writers make such folders.
PRUNED = {".git", "node_modules"}
PLACES = {"execplans", "plans"}
COUNTS = ("done", "open", "other", "total")
NO_PLANS = {"README.md", "template.md"}


class Tree:
    """A walk: `files` that are candidates by their place, and the inodes of the `folders` to be watched."""

    def __init__(self, root):
        self.root, self.files, self.folders, self.repositories = root, [], {os.stat(root).st_ino: root}, {}
        self.walk(root, False)

    def walk(self, folder, place):
        for entry in os.scandir(folder):
            if entry.name == ".git":
                self.repositories[folder] = git_folder(entry.path)
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in PRUNED:
                    self.folders[entry.inode()] = entry.path
                    self.walk(entry.path, place or entry.name in PLACES)
            elif entry.is_file(follow_symlinks=False) and entry.name.endswith(".md") and entry.name not in NO_PLANS:
                if place or entry.name == "PLAN.md":
                    self.files.append(entry.path)

    def repository_of(self, path):
        return max((r for r in self.repositories if path.startswith(r + "/")), key=len, default=None)


def git_folder(path):
    """.git itself, or what the file .git of a working tree names."""
    if os.path.isdir(path):
        return path
    return open(path).read().removeprefix("gitdir: ").rstrip("\n")


def branch_of(git):
    head = open(os.path.join(git, "HEAD")).read().strip()
    return head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else None


def item(i):
    return (i["line"], i["end_line"], i["depth"], i["state"], i["mark"], i["text"])


def parsed(planctl, files):
    """path -> its plans, in their order: (title, status, counts, items)."""
    found = {}
    for at in range(0, len(files), 500):
        done = subprocess.run([planctl, "parse", "--json", *files[at:at + 500]], capture_output=True, check=True)
        for plan in json.loads(done.stdout)["data"]:
            if plan["is_plan"]:
                counts, status = plan["counts"], plan["status"]
                found.setdefault(plan["path"], []).append(
                    (plan["title"], status and status["raw"], tuple(counts[k] if counts else 0 for k in COUNTS),
                     tuple(map(item, plan["items"]))))
    return found


def recorded(database):
    """The same from the views of planwatch-db(7), and the path of each plan's id."""
    items, found, paths = {}, {}, {}
    for plan, *fields in database.execute("SELECT plan, line, end_line, depth, state, mark, text FROM v_items ORDER BY plan, position"):
        items.setdefault(plan, []).append(tuple(fields))
    for number, path, title, status, *counts in database.execute(
            "SELECT id, path, title, status_text, done, open, other, total FROM v_plans WHERE present AND watched ORDER BY path, part"):
        found.setdefault(path, []).append((title, status, tuple(counts), tuple(items.get(number, []))))
        paths[number] = path
    return found, paths


def differences(expected, actual):
    for path in sorted(expected.keys() | actual.keys()):
        if path not in actual:
            yield f"{path}: is there and not recorded"
        elif path not in expected:
            yield f"{path}: is recorded and not there"
        elif expected[path] != actual[path]:
            yield f"{path}: recorded otherwise than it is: {first_difference(expected[path], actual[path])}"


def first_difference(expected, actual):
    if len(expected) != len(actual):
        return f"{len(actual)} plans in it instead of {len(expected)}"
    for there, known in zip(expected, actual):
        for a, b in zip(there[:3], known[:3]):
            if a != b:
                return f"{b!r} instead of {a!r}"
        for a, b in zip(there[3], known[3]):
            if a != b:
                return f"item {b!r} instead of {a!r}"
    return "another number of items"


def inode(folder):
    return os.stat(folder).st_ino
