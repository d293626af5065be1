#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""doubling.py BUILD: what twice the input costs, as the ratio of the times on a processor: about 2 is a cost that grows as its input
does, 1 one that does not grow. The reader on hostile input is in hostile.c.
"""
import random
import sys
import time

from measure import Asker, heading, middle, row, scheduled
from trees import make_tree
from world import World, plan_text

ROUNDS = 7
PLANS = 20  # with long histories
WORDS = [a + b for a in "ba do ke lu mi ra so ti".split() for b in "nder lling mpty rst gula ptor xis venk".split()]


def item_texts(count, seed):
    pick = random.Random(seed)
    return ["".join(f" {pick.choice(WORDS)}" for _ in range(12)) for _ in range(count)]


def write_lists(top, count):
    """A list, one that ticks it, one that rewords each item, one that has other items."""
    texts = item_texts(count, 1)
    pick = random.Random(2)
    for name, mark, lines in (("list", " ", texts), ("ticked", "x", texts),
                              ("reworded", "x", [f"{text} {pick.choice(WORDS)}" for text in texts]), ("others", " ", item_texts(count, 3))):
        (top / f"{name}-{count}.md").write_text(plan_text("Plan", "") + "".join(f"- [{mark}]{text}.\n" for text in lines))


def tell(name, unit, costs):
    """`costs` are those of n, 2n, 4n."""
    sizes, spent = zip(*costs.items())
    row(name, *(f"{size} {unit}: {cost * 1e3:.1f} ms" for size, cost in costs.items()),
        ", ".join(f"{b / a:.2f}" for a, b in zip(spent, spent[1:])))


def ask(world, what, unit, sizes, command):
    asker = Asker(world.env)
    asker.ask({size: command(size) for size in sizes}, ROUNDS)
    tell(what, unit, {size: middle(asker.ran[size]) for size in sizes})


def bench_diff(world):
    sizes = (500, 1000, 2000)
    for size in sizes:
        write_lists(world.top, size)
    for change in ("ticked", "reworded", "others"):
        ask(world, f"diff, all {change}", "items", sizes, lambda size, change=change: [
            world.build / "planctl", "diff", f"{world.top}/list-{size}.md", f"{world.top}/{change}-{size}.md"])


def bench_start(build):
    costs = {}
    for repositories in (2, 4, 8):
        with World(build) as world:
            make_tree(world.work, repositories * 1000)
            world.start()
            ran = []
            for _ in range(ROUNDS):
                world.stop()
                world.start()
                ran.append(scheduled(world.daemon.pid)[1] / 1e9)
            costs[repositories * 1000] = middle(ran)
    tell("start again", "folders", costs)


def bench_queries(world):
    planctl, program = world.build / "planctl", world.build / "tests/bench/bench"
    began = int(time.time()) - 10000000

    def record(name, plans, saves):
        Asker(world.env).ask({"": [program, "history", f"{world.top}/{name}.db", str(plans), "0", str(saves), str(began)]}, 1)

    recorded = Asker(world.env)
    for saves in (2000, 4000, 8000):
        recorded.ask({saves: [program, "history", f"{world.top}/one-{saves}.db", "1", "0", str(saves), str(began)]}, 1)
    tell("record a plan, one round", "saves", {saves: ran[0] for saves, ran in recorded.ran.items()})
    for plans in (1000, 2000, 4000):
        record(plans, plans, 2)
    ask(world, "status", "plans", (1000, 2000, 4000), lambda plans: [planctl, "--db", f"{world.top}/{plans}.db", "status"])
    for saves in (100, 200, 400):
        record(saves, PLANS, saves)
    for name, arguments in (("log --limit 50", ("log", "--limit", "50")), ("show", ("show", "Plan 7")), ("verify", ("verify",))):
        ask(world, f"{name}, {PLANS} plans", "saves", (100, 200, 400), lambda saves, arguments=arguments: [
            planctl, "--db", f"{world.top}/{saves}.db", *arguments])


def main():
    build = sys.argv[1]
    heading("twice and four times the input", "n", "2n", "4n", "2n / n, 4n / 2n")
    with World(build) as world:
        bench_diff(world)
        bench_queries(world)
    bench_start(build)


if __name__ == "__main__":
    main()
