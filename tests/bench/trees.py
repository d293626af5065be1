# SPDX-License-Identifier: GPL-2.0-or-later
"""Folders full of repositories, as large as the measurements want them."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "faults"))

from world import plan_text  # noqa: E402

REPOSITORY = 1000  # folders in each
# Which part of a repository's folders is where. What is watched is a third, and .git only where a branch is told by it.
PARTS = (("src", 0.3), ("node_modules", 0.5), (".git/objects", 0.1), ("target", 0.1))
FAN = 10


def fill(top, count):
    """`count` folders with 4 files each: `top`, and below it, ten in each."""
    folders = [top]
    top.mkdir(parents=True)
    for n in range(1, count):
        folders.append(folders[(n - 1) // FAN] / f"d{n}")
        folders[-1].mkdir()
    for folder in folders:
        for n in range(4):
            (folder / f"f{n}.c").touch()


def make_repository(top):
    for part, share in PARTS:
        fill(top / part, int(REPOSITORY * share) - 2)
    for folder in ("refs/heads", "logs"):
        (top / ".git" / folder).mkdir(parents=True)
    (top / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (top / ".git/refs/heads/main").write_text("0123456789abcdef0123456789abcdef01234567\n")
    (top / "docs/execplans").mkdir(parents=True)
    for n in range(2):
        (top / f"docs/execplans/plan-{n}.md").write_text(plan_text(f"Plan {n}", "xxx     "))


def make_tree(top, folders):
    for n in range(folders // REPOSITORY):
        make_repository(top / f"repository-{n}")
