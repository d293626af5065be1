# SPDX-License-Identifier: GPL-2.0-or-later
"""What comes of a row of faults."""
import collections
import concurrent.futures
import dataclasses
import re

# What a run waits for is mostly a commit that is tried again; the processors are idle meanwhile.
AT_ONCE = 8


@dataclasses.dataclass
class Outcome:
    """`seen`: what a user reads, without what differs from run to run, and how often."""
    cases: int = 0
    lost: int = 0
    false: int = 0
    seen: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    problems: list = dataclasses.field(default_factory=list)

    def add(self, other):
        self.cases += other.cases
        self.lost += other.lost
        self.false += other.false
        self.seen += other.seen
        self.problems += other.problems


def messages(text):
    """The lines of a text, without paths, numbers and the name of the program."""
    found = collections.Counter()
    for line in text.splitlines():
        line = re.sub(r"(^|(?<=[\s(]))(/|RUN/)[^\s:,;]*", "PATH", line.split(": ", 1)[-1])
        found[re.sub(r"\d+", "N", line)] += 1
    return found


def run_all(cases):
    """Calls each case, a tuple of a function and its arguments, and returns the sum of what came of them."""
    sum_of_all = Outcome()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for outcome in pool.map(lambda case: case[0](*case[1:]), cases):
            sum_of_all.add(outcome)
            for problem in outcome.problems:
                print(f"  {problem}", flush=True)
    return sum_of_all
