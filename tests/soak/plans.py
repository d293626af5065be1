# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of plans, and what people do to it. Each item carries a token of its own ("q17x"), so that an event can be held against
the edit that made it. Pure: bytes of text in, text out, all chance from the caller's generator."""
import datetime
import itertools
import os
import re

WORDS = """anchor barrel canvas dagger ember fathom gravel harbor indigo jasper kettle lantern marble nickel orchid pebble quartz
ribbon saddle timber umbrella velvet walnut yonder zephyr bramble copper drizzle feather glacier hollow ivory juniper kernel lattice
meadow nutmeg opal parcel quiver raven shuttle thimble upland vessel willow yarrow basil cobalt dune eclipse""".split()
ITEM = re.compile(r"^- \[(.)\] .*?\b(q\d+x)\b.*$", re.M)
_numbers = itertools.count(1)


def token():
    """Unique over all writers: each is a process."""
    return f"q{os.getpid()}{next(_numbers):07d}x"


def sentence(rng, low, high):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(low, high)))


def new_item(rng):
    lead = rng.choice(["", "", f"Stage {rng.choice('ABC')}: ", f"Milestone {rng.randint(1, 3)}: "])
    return f"- [ ] {lead}{sentence(rng, 3, 6)} {token()} {sentence(rng, 3, 6)}."


def new_plan(rng, title):
    """One in eight is a file of two plans."""
    text = part(rng, title)
    return text + "\n" + part(rng, title + " again") if rng.random() < 0.125 else text


def part(rng, title):
    items = "\n".join(new_item(rng) for _ in range(rng.randint(3, 12)))
    return f"""# {title} {sentence(rng, 2, 3)}

This ExecPlan is a living document.

Status: DRAFT

## Tolerances (Exception Triggers)

- Time: if a stage takes more than {rng.randint(2, 9)} hours, stop and escalate.

## Progress

{items}

## Decision Log

- Decision: {sentence(rng, 4, 9)}.
"""


class Edits:
    """What was done to one text: tokens that were ticked, and tokens that were taken out."""

    def __init__(self):
        self.ticked, self.removed = set(), set()


def tick(rng, text, edits):
    found = [m for m in ITEM.finditer(text) if m[1] == " "]
    if not found:
        return text
    m = rng.choice(found)
    edits.ticked.add(m[2])
    stamp = ""
    if rng.random() < 0.5:
        stamp = datetime.datetime.now(datetime.timezone.utc).strftime("(%Y-%m-%d %H:%MZ) ")
    return f"{text[:m.start()]}- [x] {stamp}{text[m.start() + 6:]}"


def untick(rng, text, edits):
    found = [m for m in ITEM.finditer(text) if m[1] == "x" and m[2] not in edits.ticked]
    if not found:
        return text
    m = rng.choice(found)
    return f"{text[:m.start()]}- [ ] {text[m.start() + 6:]}"


def mark(rng, text, _):
    found = [m for m in ITEM.finditer(text) if m[1] in " ~/"]
    if not found:
        return text
    m = rng.choice(found)
    return f"{text[:m.start()]}- [{rng.choice(' ~/')}] {text[m.start() + 6:]}"


def add(rng, text, _):
    found = list(ITEM.finditer(text))
    if not found or len(found) > 60:
        return text
    at = rng.choice(found).start()
    return text[:at] + new_item(rng) + "\n" + text[at:]


def remove(rng, text, edits):
    found = list(ITEM.finditer(text))
    if len(found) < 4:
        return text
    m = rng.choice(found)
    edits.removed.add(m[2])
    edits.ticked.discard(m[2])
    return text[:m.start()] + text[m.end() + 1:]


def reword(rng, text, _):
    found = list(ITEM.finditer(text))
    if not found:
        return text
    m = rng.choice(found)
    return text[:m.end() - 1] + " " + rng.choice(WORDS) + text[m.end() - 1:]


def reorder(rng, text, _):
    found = list(ITEM.finditer(text))
    if len(found) < 2:
        return text
    i = rng.randrange(len(found) - 1)
    a, b = found[i], found[i + 1]
    if a.end() + 1 != b.start():
        return text
    return text[:a.start()] + b[0] + "\n" + a[0] + text[b.end():]


def decide(rng, text, _):
    return text.rstrip("\n") + f"\n- Decision: {sentence(rng, 3, 8)}.\n"


def set_status(rng, text, _):
    return re.sub(r"^Status: .*$", "Status: " + rng.choice(["DRAFT", "IN PROGRESS", "BLOCKED", "COMPLETE"]), text, count=1, flags=re.M)


# What may be read in two ways is not mixed: an item that is replaced by another at its place may be that one reworded, one that is
# unticked, moved and reworded at once may be another one.
MANNERS = [[tick] * 6 + [add] * 3 + [mark, reword, decide, set_status],
           [tick] * 3 + [remove] * 3 + [mark, decide],
           [tick] * 2 + [untick, mark, decide],
           [tick] * 2 + [reorder] * 2 + [decide]]
WEIGHTS = [5, 2, 1, 1]


def some_manner(rng):
    """How one text is edited for as long as nobody has looked between."""
    return rng.choices(MANNERS, WEIGHTS)[0]


def edit(rng, text, edits, manner):
    """One to three edits."""
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        text = rng.choice(manner)(rng, text, edits)
    return text
