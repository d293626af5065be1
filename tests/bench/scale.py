#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scale.py BUILD [EVENTS]: a record of 1,000 plans and so many events (ten million): its bytes, and what questions to it cost, beside
the same questions to a bare table of the events (floors/bare.c) and beside Taskwarrior's list of as many tasks. Ratios are those of
the times on a processor: nothing here waits for a disk, and other programs do not count then.

The library records a part of the history, in which each plan comes back to where it began (history.c); SQL repeats that part, as if
the plans had been ticked and unticked again and again; and the library records the last saves. `planctl verify` must find all sound.
"""
import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from measure import Asker, goal, heading, installed, middle, row, skipped

PLANS, ITEMS, TICKED = 1000, 40, 5
CYCLE = 2 * ITEMS // TICKED
LAST = 4  # saves of each plan at the end, which leave half of its items ticked
ROUNDS = 15

# In the order of the keys, plan by plan: so it takes a minute, and the pages are as full as they are in any order.
REPEAT = (
    "INSERT INTO observations SELECT id + n * :ids, at + n * :time, not_before + n * :time, origin, file, content, context"
    "  FROM temp.times CROSS JOIN observations WHERE id > :before",
    "INSERT INTO events SELECT plan, seq + ((n * :ids) << 20), kind, item, line, before, after, text, position, claimed_at,"
    "  claimed_precision FROM plans p CROSS JOIN temp.times CROSS JOIN events e WHERE e.plan = p.id AND e.seq >= (:before + 1) << 20",
)
BARE = (
    "CREATE TABLE plan (id INTEGER PRIMARY KEY, path TEXT, title TEXT, done INT, total INT, changed INT)",
    "CREATE TABLE item (plan INT, id INT, text TEXT, state INT, changed INT, PRIMARY KEY (plan, id)) WITHOUT ROWID",
    "CREATE TABLE event (plan INT, seq INT, at INT, kind INT, item INT, before TEXT, after TEXT, PRIMARY KEY (plan, seq))"
    "  WITHOUT ROWID",
    "INSERT INTO plan SELECT id, path, title, done, total, last_edit_at FROM ours.v_plans",
    "INSERT INTO item SELECT plan, id, text, state, done_at FROM ours.v_items",
    "INSERT INTO event SELECT plan, seq, at, kind, item, before, after FROM ours.events CROSS JOIN ours.observations o"
    "  ON o.id = seq >> 20",
)


def record(build, db, first, saves, began):
    """Returns the seconds that the library took."""
    return float(subprocess.run([build / "tests/bench/bench", "history", db, str(PLANS), str(first), str(saves), str(began)],
                                check=True, capture_output=True, text=True).stdout)


def connect(db):
    """For what is as good as lost with a crash of the machine."""
    connection = sqlite3.connect(db, isolation_level=None)
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144")
    return contextlib.closing(connection)


def repeat(db, times):
    with connect(db) as ours:
        before = ours.execute("SELECT max(id) FROM observations").fetchone()[0] - CYCLE * PLANS
        ours.execute("CREATE TEMP TABLE times AS WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?)"
                     " SELECT n FROM c WHERE n <= ?", (times, times))
        for statement in REPEAT:
            ours.execute(statement, {"ids": CYCLE * PLANS, "time": CYCLE * PLANS * 1000000, "before": before})


def make_records(build, db, small, events):
    """`small` is the same without the repetitions. Returns events a second, as the library records them."""
    times = max(0, round(events / (CYCLE * TICKED * PLANS)) - 1)
    began = int(time.time()) - ((times + 1) * CYCLE + LAST + 1) * PLANS
    record(build, db, 0, 1, began)
    took = record(build, db, 1, CYCLE, began)
    shutil.copy(db, small)
    repeat(db, times)
    record(build, small, 1 + CYCLE * (times + 1), LAST, began)
    record(build, db, 1 + CYCLE * (times + 1), LAST, began)
    return CYCLE * TICKED * PLANS / took


def make_bare(ours, bare):
    with connect(bare) as db:
        db.execute("ATTACH ? AS ours", (str(ours),))
        for statement in BARE:
            db.execute(statement)


def events_of(db):
    with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as ours:
        return ours.execute("SELECT count(*) FROM events").fetchone()[0]


def sizes(db):
    """Bytes of each table with its indices, and its rows."""
    with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as ours:
        found = {}
        for table, size in ours.execute("SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_schema m ON m.name = s.name"
                                        " GROUP BY 1"):
            found[table] = size, ours.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return found


def make_tasks(top):
    """1,000 tasks, for a Taskwarrior that knows of no other."""
    (top / "taskrc").write_text(f"data.location={top}/tasks\nconfirmation=no\nverbose=nothing\nhooks=off\n")
    tasks = [{"description": f"Do part {n} of the work of plan {n}, run its tests.", "status": "pending"} for n in range(PLANS)]
    (top / "tasks").mkdir()
    subprocess.run(["task", f"rc:{top}/taskrc", "import"], input=json.dumps(tasks), text=True, check=True, capture_output=True)
    return ["task", f"rc:{top}/taskrc", "list"]


def questions(build, bare, ours):
    """Each question: to the bare table, and to planctl."""
    floor, planctl = str(build / "tests/bench/floors/bare"), str(build / "planctl")
    plan = "/home/somebody/src/repository-500/execplans/plan.md"
    number = "(SELECT id FROM plan WHERE path LIKE '%repository-500/%')"
    event = "SELECT at, plan, kind, item, before, after FROM event"
    return {
        "start (bare)": [floor, bare, "SELECT id FROM plan LIMIT 1"],
        "planctl version": [planctl, "version"],
        "status (bare)": [floor, bare, "SELECT path, title, done, total, changed FROM plan ORDER BY path"],
        "planctl status": [planctl, "--db", ours, "status"],
        "log of a plan (bare)": [floor, bare, f"{event} WHERE plan = {number} ORDER BY seq DESC LIMIT 50"],
        "planctl log PLAN --limit 50": [planctl, "--db", ours, "log", plan, "--limit", "50"],
        "planctl log --limit 50": [planctl, "--db", ours, "log", "--limit", "50"],
        "show (bare)": [floor, bare, f"SELECT id, text, state, changed FROM item WHERE plan = {number}"],
        "planctl show PLAN": [planctl, "--db", ours, "show", plan],
    }


def history_of_a_plan(db):
    """Seconds of the query alone, of the last 50 events of a plan."""
    took = []
    with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as ours:
        for plan in range(1, PLANS, PLANS // 100):
            began = time.perf_counter()
            ours.execute("SELECT * FROM events WHERE plan = ? ORDER BY seq DESC LIMIT 50", (plan,)).fetchall()
            took.append(time.perf_counter() - began)
    return middle(took)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    events = int(sys.argv[2]) if len(sys.argv) > 2 else 10000000
    top = pathlib.Path(tempfile.mkdtemp(prefix="bench-scale-", dir=build))
    asker = Asker({**os.environ, "HOME": str(top), "XDG_RUNTIME_DIR": str(top), "TZ": "UTC"})
    try:
        measure(build, top, asker, events)
    finally:
        shutil.rmtree(top)


def measure(build, top, asker, events):
    ours, small, bare = str(top / "ours.db"), str(top / "small.db"), str(top / "bare.db")
    rate = make_records(build, ours, small, events)
    make_bare(ours, bare)
    found = sizes(ours)
    heading(f"{found['events'][1]} events of {PLANS} plans", "bytes", "rows", "bytes a row")
    for table in ("events", "observations", "contents", "texts", "items", "plans"):
        size, rows = found[table]
        row(table, size, rows, f"{size / rows:.1f}")
    with contextlib.closing(sqlite3.connect(bare)) as db:
        floor_bytes = os.path.getsize(bare) / db.execute("SELECT count(*) FROM event").fetchone()[0]

    asked = questions(build, bare, ours)
    asked["planctl status, few events"] = [str(build / "planctl"), "--db", small, "status"]
    if installed("task"):
        asked["task list"] = make_tasks(top)
    asker.ask(asked, ROUNDS)
    row("recorded by the library", f"{rate:.0f} events a second")
    heading("each a process of its own", "ms (lowest-highest)", "ms on a processor", "of the times on a processor")
    for name, floor in (("start (bare)", None), ("planctl version", "start (bare)"), ("status (bare)", None),
                        ("planctl status", "status (bare)"), ("planctl status, few events", "status (bare)"),
                        ("log of a plan (bare)", None), ("planctl log PLAN --limit 50", "log of a plan (bare)"),
                        ("planctl log --limit 50", "log of a plan (bare)"), ("show (bare)", None),
                        ("planctl show PLAN", "show (bare)")):
        asker.tell(name, floor)
    if installed("task"):
        asker.tell("task list", "planctl status")
    else:
        skipped("task list")
    asker.ask({"planctl verify": [str(build / "planctl"), "--db", ours, "verify"]}, 1)
    row("planctl verify", f"{asker['planctl verify']:.1f} s", f"{found['events'][1] / asker['planctl verify']:.0f} events a second")

    each, query = found["events"][0] / found["events"][1], history_of_a_plan(ours)
    goal(7, "bytes of an event", f"{each:.1f}", f"{floor_bytes:.1f}", "", f"{each / floor_bytes:.2f}", "32", each <= 32)
    goal(7, "last 50 of a plan, query", f"{query * 1e3:.3f} ms", "", "", "", "0.1 ms", query <= 1e-4)
    status, floor, few = (middle(asker.ran[name]) for name in ("planctl status", "status (bare)", "planctl status, few events"))
    task = middle(asker.ran["task list"]) if installed("task") else None
    goal(8, f"status of {PLANS} plans, {found['events'][1]} events", f"{status * 1e3:.2f} ms", f"{floor * 1e3:.2f} ms",
         f"task list {task * 1e3:.1f} ms" if task else "", f"{status / floor:.2f}" + (f" 1/{task / status:.1f}" if task else ""),
         "1.2, 1/15", status <= 1.2 * floor and (not task or status <= task / 15))
    goal(8, f"the same with {events_of(small)} events", f"{few * 1e3:.2f} ms", "", "", f"{status / few:.3f}", "1.05",
         status <= 1.05 * few)


if __name__ == "__main__":
    main()
