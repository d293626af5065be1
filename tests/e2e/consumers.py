#!/usr/bin/python3
"""Checklists in every format, each read by a program that people have for it, and held against `planctl parse`.

    consumers.py PLANCTL FOLDER FILE...

FOLDER is for what is written on the way. Says how many items each program has read; fails with what it read otherwise.
"""
import csv
import json
import os
import re
import subprocess
import sys

import html5lib
import icalendar

planctl, folder = sys.argv[1], sys.argv[2]
files = [os.path.abspath(f) for f in sys.argv[3:]]
read = {}
findings = []


def run(*command, **options):
    options.setdefault("check", True)
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def expect(what, file, got, wanted):
    if got != wanted:
        findings.append(f"{what}: {file}: read {got!r}, expected {wanted!r}")


def printable(text):
    """As planctl writes what a terminal would obey (include/planwatch/text.h)."""
    code = lambda c: "\\x%02X" % ord(c) if ord(c) < 0x100 else "\\u{%04X}" % ord(c)
    return "".join(code(c) if re.match("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", c) else c for c in text)


def expect_texts(what, file, got, items):
    """What a program read is the item's text, which may lack the stamp and the label at its start, and brackets around them."""
    letters = lambda text: re.sub(r"\W", "", text).lower()
    expect(f"{what} count", file, len(got), len(items))
    for text, item in zip(got, items):
        stamp = (item["stamp"] or {}).get("raw") or ""
        # What else stands in the stamp's parenthesis goes to the end.
        whole = re.sub(r"^\(" + re.escape(stamp) + r", (.+?)\) (.*)$", r"\2 (\1)", printable(item["text"])) or text
        same = len(os.path.commonprefix([text[::-1], whole[::-1]]))
        head, wanted = text[:len(text) - same], whole[:len(whole) - same]
        for known in (stamp, item["label"] and item["label"]["kind"], item["label"] and item["label"]["id"]):
            if known and known.lower() not in head.lower():
                wanted = re.sub(re.escape(known), "", wanted, count=1, flags=re.I)
        if letters(head) != letters(wanted):
            findings.append(f"{what} text: {file}:{item['line']}: read {text!r}, expected {whole!r}")


def export(file, form):
    return run(planctl, "checklist", "--format", form, file).stdout


def counted(form, n):
    read[form] = read.get(form, 0) + n


def parsed(file):
    """The items of the file as the reader has them, with their stage's name and their text without stamp and label."""
    items = [item for plan in json.loads(run(planctl, "parse", "--json", file).stdout)["data"] for item in plan["items"]]
    for item in items:
        dropped = item["state"] == "other" and item["mark"] in "~-"
        item["kind"] = "dropped" if dropped else item["state"]
    return items


def check_markdown(file, items):
    page = run("cmark-gfm", "-e", "tasklist", "-e", "strikethrough", input=export(file, "md")).stdout.decode()
    boxes = re.findall(r'<li><input type="checkbox"( checked="")? disabled="" ?/>', page)
    expect("md", file, [bool(box) for box in boxes], [item["state"] == "done" for item in items])
    expect("md comments", file, page.count("&lt;!-- line"), 0)
    counted("md", len(boxes))


def check_html(file, items):
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(export(file, "html"))
    boxes = [e for e in document.iter("input")]
    expect("html", file, [e.get("checked") is not None for e in boxes], [item["state"] == "done" for item in items])
    texts = ["".join(e.itertext()) for e in document.iter("span") if "text" in e.get("class").split()]
    expect_texts("html", file, texts, [dict(item, text=item["text"].replace("`", "")) for item in items])
    expect("html scripts", file, len(list(document.iter("script"))), 0)
    counted("html", len(boxes))


def check_csv(file, items):
    rows = list(csv.reader(export(file, "csv").decode().splitlines(keepends=True), strict=True))
    expect("csv columns", file, {len(row) for row in rows}, {len(rows[0])})
    table = [dict(zip(rows[0], row)) for row in rows[1:]]
    lines = [(int(row["line"]), row["state"]) for row in table if row["kind"] == "item"]
    expect("csv", file, lines, [(item["line"], item["state"]) for item in items])
    expect_texts("csv", file, [re.sub(r"^'([=+@-])", r"\1", row["text"]) for row in table if row["kind"] == "item"], items)
    expect("csv formulas", file, [cell for row in rows for cell in row if re.match(r"[=+@\t\r-]", cell)], [])
    counted("csv", len(lines))


def check_tap(file, items):
    path = os.path.join(folder, "x.tap")
    with open(path, "wb") as out:
        out.write(export(file, "tap"))
    result = run("prove", "-e", "cat", path, check=False)
    text = result.stdout.decode()
    expect("tap parse errors", file, "Parse errors" in text, False)
    left = sum(item["kind"] in ("open", "other") for item in items)
    expect("tap exit", file, result.returncode == 0, left == 0)
    if items:
        expect("tap total", file, re.search(r"Tests=(\d+)", text).group(1), str(len(items)))
        failed = re.search(r"Failed(?: tests?)? (\d+)/(\d+) subtests", text)
        expect("tap failed", file, int(failed.group(1)) if failed else 0, left)
    facts = "my $p = TAP::Parser->new({ tap => join '', <STDIN> }); while ($_ = $p->next) { print $_->directive, qq(\\n) if $_->is_test }"
    directives = run("perl", "-MTAP::Parser", "-e", facts, input=export(file, "tap")).stdout.decode().split("\n")[:-1]
    expect("tap directives", file, directives, ["SKIP" if item["kind"] == "dropped" else "" for item in items])
    counted("tap", len(items))


def check_ics(file, items):
    text = export(file, "ics")
    expect("ics long lines", file, [line for line in text.split(b"\r\n") if len(line) > 75], [])
    expect("ics bare newlines", file, text.replace(b"\r\n", b"").count(b"\n"), 0)
    for line in text.split(b"\r\n"):
        line.decode()  # folded between characters
    # RFC 5545, 3.3.11: the library forgives what others do not.
    values = re.findall(r"(?m)^(?:SUMMARY|DESCRIPTION|CATEGORIES):(.*?)\r$", text.replace(b"\r\n ", b"").decode())
    expect("ics escapes", file, [v for v in values if not re.fullmatch(r"(?:[^\\,;]|\\[\\,;nN])*", v)], [])
    todos = icalendar.Calendar.from_ical(text).walk("VTODO")
    expect("ics errors", file, [e for todo in todos for e in todo.errors], [])
    ids = [str(todo["UID"]) for todo in todos]
    expect("ics identities", file, len(set(ids)), len(ids))
    tasks = [todo for todo in todos if "RELATED-TO" in todo]
    expect("ics parents", file, {str(t["RELATED-TO"]) for t in tasks} - set(ids), set())
    states = {"done": "COMPLETED", "dropped": "CANCELLED"}
    got = [str(todo["STATUS"]) if str(todo["STATUS"]) in states.values() else "" for todo in tasks]
    expect("ics", file, got, [states.get(item["kind"], "") for item in items])
    lines = [re.match(r"Line (\d+) ", str(todo["DESCRIPTION"])).group(1) for todo in tasks]
    expect("ics percent", file, [int(t["PERCENT-COMPLETE"]) for t in tasks], [100 * (item["kind"] == "done") for item in items])
    expect("ics completed", file, [t for t in tasks if "COMPLETED" in t and str(t["STATUS"]) != "COMPLETED"], [])
    # The library takes backslashes off twice; that they are doubled is checked above.
    single = lambda text: re.sub(r"\\+", r"\\", text)
    expect_texts("ics", file, [single(str(todo["SUMMARY"])) for todo in tasks], [dict(item, text=single(item["text"])) for item in items])
    expect("ics lines", file, lines, [str(item["line"]) for item in items])
    counted("ics", len(tasks))


def check_taskwarrior(file, items):
    data = os.path.join(folder, "task")
    run("rm", "-rf", data)
    os.makedirs(data)
    task = ["task", f"rc.data.location={data}", "rc.confirmation=off", "rc.gc=off", "rc.verbose=nothing", "rc.json.array=on", "rc.hooks=off"]
    environment = dict(os.environ, TASKRC="/dev/null")

    def import_it():
        said = run(*task, "import", "-", input=export(file, "taskwarrior"), env=environment)
        tasks = json.loads(run(*task, "export", env=environment).stdout)
        return said.stderr.decode(), {t["uuid"]: t for t in tasks}

    errors, first = import_it()
    expect("taskwarrior says", file, errors, "")
    again = import_it()[1]
    for each in first, again:
        for t in each.values():
            del t["modified"], t["urgency"]
    expect("taskwarrior, imported twice", file, again, first)
    tasks = [t for t in first.values() if any(re.match(r"Line \d+ of", n["description"]) for n in t["annotations"])]
    line = lambda t: int(re.match(r"Line (\d+)", t["annotations"][0]["description"]).group(1))
    states = {"done": "completed", "dropped": "deleted"}
    got = sorted((line(t), t["status"]) for t in tasks)
    expect("taskwarrior", file, got, sorted((item["line"], states.get(item["kind"], "pending")) for item in items))
    expect_texts("taskwarrior", file, [t["description"] for t in sorted(tasks, key=line)], items)
    counted("taskwarrior", len(tasks))


def check_todotxt(file, items):
    path = os.path.join(folder, "todo.txt")
    with open(path, "wb") as out:
        out.write(export(file, "todo.txt"))
    config = os.path.join(folder, "todo.cfg")
    with open(config, "w") as out:
        out.write(f"export TODO_DIR={folder}\nexport TODO_FILE={path}\nexport DONE_FILE={folder}/done.txt\nexport REPORT_FILE={folder}/report.txt\n")
    for leftover in ("done.txt", "report.txt"):
        open(os.path.join(folder, leftover), "w").close()
    todo = ["todo-txt", "-d", config, "-p", "-a"]
    finished = sum(item["kind"] in ("done", "dropped") for item in items)
    expect("todo.txt priorities", file, re.findall(r"(?m)^TODO: \d+ of", run(*todo, "listpri").stdout.decode()), ["TODO: 0 of"])
    # It moves what it takes for finished to another file.
    run(*todo, "archive")
    count = lambda name: sum(1 for line in open(os.path.join(folder, name), encoding="utf-8") if line.strip())
    expect("todo.txt", file, (count("todo.txt"), count("done.txt")), (len(items) - finished, finished))
    if items:
        projects = run(*todo, "listproj").stdout.decode().split()
        if finished < len(items):
            expect("todo.txt project", file, any(p.startswith("+") for p in projects), True)
    counted("todo.txt", len(items))


def check_org(file, items, org):
    expect("org lint", file, org["lint"], [])
    expect("org cookies", file, org["cookies-hold"], True)
    entries = [e for e in org["entries"] if e["keyword"]]
    states = {"done": "DONE", "dropped": "CANCELLED"}
    got = [(e["line"], e["keyword"] if e["keyword"] in states.values() else "") for e in entries]
    expect("org", file, got, [(str(item["line"]), states.get(item["kind"], "")) for item in items])
    expect_texts("org", file, [re.sub(r"^\[\d+/\d+\] ", "", e["text"]) for e in entries], items)
    expect("org identities", file, len({e["id"] for e in entries}), len(items))
    expect("org accidents", file, [e for e in org["entries"] if e["tags"] or e["comment"] is True or e["priority"] is True], [])
    counted("org", len(entries))


def main():
    items = {file: parsed(file) for file in files}
    for file in files:
        for check in (check_markdown, check_html, check_csv, check_tap, check_ics, check_taskwarrior, check_todotxt):
            try:
                check(file, items[file])
            except Exception as e:  # what a program refused is a finding of that file
                detail = e.stderr.decode()[-300:] if isinstance(e, subprocess.CalledProcessError) else ""
                findings.append(f"{check.__name__}: {file}: {type(e).__name__} {e} {detail}")
    names = []
    for i, file in enumerate(files):
        names.append(os.path.join(folder, f"{i}.org"))
        with open(names[-1], "wb") as out:
            out.write(export(file, "org"))
    here = os.path.dirname(os.path.abspath(__file__))
    said = run("emacs", "-Q", "--batch", "-l", f"{here}/consumers.el", *names).stdout.decode()
    for file, line in zip(files, said.splitlines(), strict=True):
        check_org(file, items[file], json.loads(line))
    print(f"{len(files)} files:", ", ".join(f"{form} {n}" for form, n in read.items()))
    for finding in findings[:30]:
        print(finding)
    return 1 if findings else 0


sys.exit(main())
