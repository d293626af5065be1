#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""measure.py PLANCTL: how well `planctl diff` matches items, on the labelled pairs beside this file (README.md has their format).

Exit code 0: at least 98 % of the cases are wholly right and nothing was merged wrongly; 1: not so; 2: a fixture is mislabelled.
"""
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HEAD = "# T\n\n## Progress\n\n"
HEAD_LINES = HEAD.count("\n")
ITEM = re.compile(r"^[\s>]*(?:[-*+]|\d+[.)])\s+\[.\]")
KEY = re.compile(r"\s*\{([a-z]\d?)(?:<([a-z]\d?)(\?)?|\|([a-z]\d?)|(\+))?\}$")


class Mislabelled(Exception):
    pass


class Item:
    """One item of a list: its line in the plan, its key, and what the key says about it."""

    def __init__(self, line, text):
        self.line, self.text, self.key = line, text.strip(), None

    def set_key(self, match):
        if self.key:
            raise Mislabelled(f"two keys on one item: {self.text}")
        self.key, self.parent, optional, self.other, part = match.groups()
        self.optional, self.part = bool(optional), bool(part)


class Side:
    """One version: the plan's text, and its items by their line."""

    def __init__(self, lines):
        plan, self.items, last = [], {}, None
        for number, line in enumerate(lines, HEAD_LINES + 1):
            if ITEM.match(line):
                last = self.items[number] = Item(number, KEY.sub("", line))
            key = KEY.search(line)
            if key:
                if not last:
                    raise Mislabelled(f"a key without an item: {line}")
                last.set_key(key)
            plan.append(KEY.sub("", line))
        self.text = HEAD + "\n".join(plan) + "\n"
        for item in self.items.values():
            if not item.key:
                raise Mislabelled(f"no key: {item.text}")


class Case:
    def __init__(self, kind, title, lines):
        self.kind, self.title = kind, title
        try:
            if lines.count("=>") != 1:
                raise Mislabelled("not one line `=>`")
            middle = lines.index("=>")
            self.old, self.new = Side(lines[:middle]), Side(lines[middle + 1 :])
            self.old_line = {item.key: line for line, item in self.old.items.items()}
            self.check()
        except Mislabelled as slip:
            raise Mislabelled(f"{kind}: {title}: {slip}") from None

    def check(self):
        if len(self.old_line) != len(self.old.items):
            raise Mislabelled("a key twice in the old list")
        seen, keys = set(), [item.key for item in self.new.items.values()]
        for item in self.old.items.values():
            if item.parent or item.other or item.part:
                raise Mislabelled(f"an old item with more than a key: {item.text}")
        for item in self.new.items.values():
            if item.key in seen and not item.part:
                raise Mislabelled(f"key {item.key} twice in the new list")
            seen.add(item.key)
            if item.parent and (item.parent not in self.old_line or item.key in self.old_line):
                raise Mislabelled(f"a split must add an item, off an old one: {item.text}")
            if item.part and (item.key not in self.old_line or keys.count(item.key) < 2):
                raise Mislabelled(f"not one of several parts of an old item: {item.text}")
            if item.other and not {item.key, item.other} <= set(self.old_line):
                raise Mislabelled(f"a merge of unknown items: {item.text}")
        for item in self.new.items.values():
            if item.parent and item.parent not in seen:
                raise Mislabelled(f"split off from an item that is gone: {item.text}")
            if item.other and item.other in seen:
                raise Mislabelled(f"merged, and still there: {item.text}")

    def readings(self):
        """Each matching that the labels allow, as {new line: old line} and {new line: new line of its parent}."""
        choices = []
        new = self.new.items.values()
        for item in new:
            if item.other:
                choices.append([(item.line, item.key), (item.line, item.other)])
            elif not item.part and item.key in self.old_line:
                choices.append([(item.line, item.key)])
        for key in {item.key for item in new if item.part}:
            choices.append([(item.line, key) for item in new if item.part and item.key == key])
        for choice in itertools.product(*choices):
            matched = {line: self.old_line[key] for line, key in choice}
            heir = {key: line for line, key in choice}
            parents = {item.line: heir[item.parent] for item in new if item.parent}
            parents |= {item.line: heir[item.key] for item in new if item.part and item.line not in matched}
            yield matched, parents

    def judge(self, changes):
        """Compares with what the program said; keeps the reading of the labels that is nearest to it."""
        said, said_parents, read_old, read_new = {}, {}, set(), set()
        for change in changes:
            if change["old"]:
                read_old.add(change["old"]["line"])
            if change["new"]:
                read_new.add(change["new"]["line"])
                said_parents[change["new"]["line"]] = change["parent_line"]
            if change["old"] and change["new"]:
                said[change["new"]["line"]] = change["old"]["line"]
        self.unread = len(set(self.old.items) ^ read_old) + len(set(self.new.items) ^ read_new)
        best = None
        for matched, parents in self.readings():
            merged = set(said.items()) - set(matched.items())
            separated = set(matched.items()) - set(said.items())
            parted = [line for line, item in self.new.items.items()
                      if said_parents.get(line) != parents.get(line)
                      and not (item.optional and said_parents.get(line) is None)]
            wrong = len(merged) + len(separated) + len(parted)
            if best is None or wrong < best:
                best, self.merged, self.separated, self.parted = wrong, merged, separated, parted
                self.expected, self.said_parents, self.parents = len(matched), said_parents, parents
        self.said, self.wrong = len(said), best + self.unread
        return self

    def tell(self):
        print(f"\n{self.kind}: {self.title}")
        if self.unread:
            print(f"    {self.unread} lines are items to one side only: to the fixture or to the program")
        for new, old in sorted(self.merged):
            print(f"    merged     {self.old.items[old].text}\n           =>  {self.new.items[new].text}")
        for new, old in sorted(self.separated):
            print(f"    separated  {self.old.items[old].text}\n           =>  {self.new.items[new].text}")
        for new in self.parted:
            said, meant = (self.new.items[line].text if line in self.new.items else "nothing"
                           for line in (self.said_parents.get(new), self.parents.get(new)))
            print(f"    split      {self.new.items[new].text}\n         off   {said}\n  instead of   {meant}")


def read_cases(path):
    title, lines = None, []
    for line in path.read_text().splitlines() + ["## "]:
        if line.startswith("## "):
            if title:
                yield Case(path.stem, title, lines)
            title, lines = line[3:], []
        else:
            lines.append(line.rstrip())


def compare(planctl, case, folder):
    old, new = folder / "old.md", folder / "new.md"
    old.write_text(case.old.text)
    new.write_text(case.new.text)
    done = subprocess.run([planctl, "--json", "diff", old, new], stdout=subprocess.PIPE, check=True, timeout=20)
    return case.judge(json.loads(done.stdout)["data"]["changes"])


def percent(part, whole):
    return f"{100 * part / whole:5.1f} %" if whole else "    -  "


def report(name, cases):
    right = sum(not case.wrong for case in cases)
    merged, separated = (sum(len(getattr(case, what)) for case in cases) for what in ("merged", "separated"))
    said, expected = sum(case.said for case in cases), sum(case.expected for case in cases)
    print(f"{name:12} {right:4} / {len(cases):<4} {percent(right, len(cases))}   {percent(said - merged, said)}   "
          f"{percent(expected - separated, expected)}   {merged:6} {separated:9} {sum(len(case.parted) for case in cases):6}")
    return right, merged


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: measure.py PLANCTL")
    try:
        cases = [case for path in sorted(pathlib.Path(__file__).parent.glob("*.txt")) for case in read_cases(path)]
    except Mislabelled as slip:
        print(f"measure.py: {slip}", file=sys.stderr)
        sys.exit(2)
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            compare(sys.argv[1], case, pathlib.Path(folder))
    for case in sorted((case for case in cases if case.wrong), key=lambda case: -case.wrong):
        case.tell()
    print("\nkind          cases right         precision    recall   merged separated  split")
    for kind in sorted({case.kind for case in cases}):
        report(kind, [case for case in cases if case.kind == kind])
    right, merged = report("all", cases)
    sys.exit(right < 0.98 * len(cases) or merged > 0)


if __name__ == "__main__":
    main()
