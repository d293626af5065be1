# SPDX-License-Identifier: GPL-2.0-or-later
"""One repository with three working trees, each with a writer of its own that edits plans and has git change them."""
import os
import subprocess

import saves
from writers import Writer

PLANS = os.path.join("docs", "execplans")


def environment(world):
    names = {f"GIT_{who}_{what}": "soak@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**os.environ, **names, "HOME": world, "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true"}


def make_repository(folder, world):
    def git(*arguments):
        subprocess.run(["git", "-C", folder, *arguments], check=True, env=environment(world), stdout=subprocess.DEVNULL)

    os.makedirs(folder)
    git("init", "-q", "-b", "trunk")
    git("config", "gc.auto", "0")
    git("commit", "-q", "--allow-empty", "-m", "begin")


class Tree(Writer):
    """Branches are named after the tree, so that each has its own; what others have committed is merged."""

    operations = [(40, "save"), (12, "commit"), (4, "branch"), (8, "switch"), (2, "detach"), (3, "stash"), (3, "stash_pop"),
                  (2, "reset"), (4, "merge"), (3, "rebase"), (2, "make"), (1, "drop"), (2, "pull_down")]

    # While git works on a tree that tree's plans are not read, for half a minute at most: it must come to rest now and then.
    bursts, rest = [1, 1, 3, 8], 0.4

    def git(self, *arguments, at=None):
        self.note("   git", *arguments)
        done = subprocess.run(["git", "-C", at or self.folder, *arguments], capture_output=True, text=True, timeout=60,
                              env=environment(self.world))
        if done.returncode:
            self.report.operations["git failed"] += 1
        return done

    def prepare(self):
        self.main = os.path.join(os.path.dirname(self.folder), "main")
        self.count = 0
        self.settled, self.changed = False, set()
        if os.listdir(self.folder):  # the main tree
            self.new_branch()
        else:
            os.rmdir(self.folder)
            self.set_up()
        for i in range(5):
            os.makedirs(os.path.join(self.folder, PLANS), exist_ok=True)
            self.new_plan(os.path.join(self.folder, PLANS, f"{self.name.split('/')[-1]}-{i}.md"))
        self.git("add", ".")
        self.git("commit", "-qm", "plans")

    def set_up(self):
        self.count += 1
        self.git("worktree", "add", "-q", "-b", f"{os.path.basename(self.folder)}-{self.count}", self.folder, at=self.main)

    def settle(self):
        """What is ticked from here on is ticked on a branch that was seen."""
        if self.settled:
            self.report.steady = set(self.plans()) - self.changed - self.report.slow
        self.settled, self.changed = True, set()

    def unsettle(self):
        """After a switch or the like nothing is claimed until the next barrier: what the daemon finds on a branch that it never saw is
        no tick."""
        self.settled = False
        self.report.ticks.clear()

    def plans(self):
        found = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(self.folder, PLANS)) for name in names
                 if name.endswith(".md")]
        return sorted(found)

    def save(self):
        found = self.plans()
        if found:
            self.edit(self.rng.choice(found), self.rng.choice([saves.in_place, saves.temporary, saves.backup]))
        if not self.settled:
            self.report.ticks.clear()

    def make(self):
        path = os.path.join(self.folder, PLANS, f"{os.path.basename(self.folder)}-{self.rng.randrange(12)}.md")
        if not os.path.isdir(os.path.dirname(path)):
            path = os.path.join(self.folder, "PLAN.md")
        if not os.path.exists(path):
            self.changed.add(path)
            self.new_plan(path)

    def drop(self):
        found = self.plans()
        if len(found) > 3:
            path = self.rng.choice(found)
            self.changed.add(path)
            os.unlink(path)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-qm", "work")

    def branches(self, pattern="*"):
        return self.git("for-each-ref", "--format=%(refname:short)", f"refs/heads/{pattern}").stdout.split()

    def own_branches(self):
        return self.branches(os.path.basename(self.folder) + "-*")

    def new_branch(self):
        self.count += 1
        return self.git("checkout", "-q", "-b", f"{os.path.basename(self.folder)}-{self.count}")

    def branch(self):
        self.unsettle()
        self.new_branch()
        branches = self.own_branches()
        if len(branches) > 6:
            self.git("branch", "-qD", branches[0])

    def switch(self):
        self.unsettle()
        if self.rng.random() < 0.5:
            self.commit()
        branches = self.own_branches()
        if branches:
            self.git("checkout", "-q", *self.rng.choice([["-f"], []]), self.rng.choice(branches))

    def detach(self):
        self.unsettle()
        self.git("checkout", "-q", "--detach")

    def stash(self):
        self.unsettle()
        self.git("stash", "-q")

    def stash_pop(self):
        self.unsettle()
        if self.git("stash", "pop", "-q").returncode:
            self.git("reset", "-q", "--hard")

    def reset(self):
        self.unsettle()
        self.git("reset", "-q", "--hard", self.rng.choice(["HEAD", "HEAD~1"]))

    def merge(self):
        self.unsettle()
        self.commit()
        branches = self.branches()
        if branches and self.git("merge", "-q", "-X", "theirs", self.rng.choice(branches)).returncode:
            self.git("merge", "--abort")
            self.git("reset", "-q", "--hard")

    def rebase(self):
        self.unsettle()
        self.commit()
        branches = self.branches()
        if branches and self.git("rebase", "-q", "-X", "theirs", "--onto", self.rng.choice(branches), "HEAD~3").returncode:
            self.git("rebase", "--abort")
            self.git("reset", "-q", "--hard")

    def pull_down(self):
        """The working tree is removed, and made again at the same place; the main one cannot be."""
        if self.folder == self.main:
            self.git("pack-refs", "--all")
            return
        self.unsettle()
        self.git("worktree", "remove", "--force", self.folder, at=self.main)
        if not os.path.isdir(self.folder):
            self.set_up()
