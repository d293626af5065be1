#!/usr/bin/python3
"""Every output of planctl over plans, names and arguments that want to be more than text.

    hostile.py BUILD FOLDER     with a daemon that watches FOLDER/work, and the plans of `hostile.py BUILD FOLDER --make` in it

What comes out is held against what each reader takes for a command: a terminal its controls (also those of C1, and those that
reorder a line), a table its tabs, a program its JSON, a workflow its "::". Prints how many outputs were read, and what was wrong.
"""
import json
import os
import pty
import re
import subprocess
import sys

build, folder = sys.argv[1], sys.argv[2]
planctl = os.path.join(build, "planctl")
work = os.path.join(folder, "work").encode()
marker = os.path.join(folder, "PWNED").encode()

# What a terminal, a shell, SQL, markup, a spreadsheet, a calendar, a workflow, Org, tmux and JSON would obey. Each has a word in it.
TEXT = (
    b"t1\x1b]0;owned\x07 t2\x1b[2J t3\xc2\x9b31m t4\x9b31m t5\xc2\x85 t6\xff\xfe t7\xe2\x80\xae t8\xe2\x81\xa6 t9\xe2\x80\x8f "
    b"t10\xe2\x80\xa8 t11\xe2\x80\xa9 t12\x00 t13\x7f t14\x08\x08 t15\x0b\x0c t16\xef\xbb\xbf t17\xf3\xa0\x81\x81 t18\xed\xa0\x80 "
    b"<b>t19</b>&amp;<script>alert(1)</script> \"t20\" 't21' $(touch " + marker + b") `touch " + marker + b"` ; touch " + marker + b" "
    b"'; DROP TABLE event; -- %n%s%H #[fg=red]#(touch " + marker + b") \\n\\u0000 \",\"x\":\" ::error::t22 %0A::error::t23 ##[error] "
    b"{{{m}}} [[file:/etc/passwd]] END:VCALENDAR t24"
)
CR = b"before\rafter"


def long_name(start):
    return start + b"n" * (255 - len(start) - 3) + b".md"


def plan(title, text, status, limit):
    return b"".join(
        line + b"\n"
        for line in (
            b"# " + title,
            b"",
            b"This ExecPlan is a living document. " + text,
            b"",
            b"Status: " + status + b", " + text,
            b"",
            b"## Tolerances " + text,
            b"",
            b"- Time " + text + b": " + limit + b" " + text,
            b"- =1+1",
            b"",
            b"## Progress",
            b"",
            b"- [x] (2026-01-05 10:00Z) Stage A: =cmd|' /C calc'!A0 " + text,
            b"- [\x1b] Stage B: ::error::x " + text,
            b"- [\xc2\x9b] Stage B: @sum " + text,
            b"- [ ] Stage C: " + CR + b" " + text,
            b"  - [ ] " + text,
            b"- [ ] " + text,
            b"- [] malformed " + text,
            b"",
            b"## Decision Log",
            b"",
            b"- " + text,
        )
    )


NAMES = [
    b"execplans/plain.md",
    b"execplans/-rf.md",
    b"execplans/a\nb\x1b]0;owned\x07\xff\xe2\x80\xae\xc2\x9b$(touch PWNED)`touch PWNED`;'\"<b>&|.md",
    b"execplans/::error::x,y:z%0A.md",
    b"execplans/line\n::error::x.md",
    b"execplans/=1+1.md",
    b"execplans/" + long_name(b"long"),
    b"d\n\x1b[2J\xff\xe2\x80\xae/execplans/inside.md",
]


def make():
    for i, name in enumerate(NAMES):
        path = os.path.join(work, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            if i % 2 == 0:
                out.write(plan(TEXT, TEXT, b"BLOCKED", b"if a stage takes more than 4 hours, stop."))
            else:
                out.write(plan(b"::error:: " + TEXT, TEXT, b"IN PROGRESS", b"no words about it"))


# ---- What comes out ----

findings = []
count = 0
OURS = re.compile(r"\x1b\[(0|1|2|31|32|33|34)m")
# C0 but tab and newline, DEL, C1, what reorders, hides or breaks: written out here once more, not taken from the program.
BAD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


def expect(what, good, detail):
    if not good:
        findings.append(f"{what}: {detail!r}")


def check_text(what, data, colors=False):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        findings.append(f"{what}: not UTF-8: {data[max(0, e.start - 30):e.start + 30]!r}")
        return ""
    if colors:
        text = OURS.sub("", text)
    found = BAD.search(text)
    if found:
        findings.append(f"{what}: {text[max(0, found.start() - 60):found.end() + 30]!r}")
    return text


def execute(*arguments, stdin=b"", env=None):
    global count
    count += 1
    return subprocess.run([planctl, *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                          env=dict(os.environ, **(env or {})))


def at_terminal(*arguments):
    """What a terminal of 100 columns would be sent; its own carriage returns left out."""
    global count
    count += 1
    parent, child = pty.openpty()
    process = subprocess.Popen([planctl, *arguments], stdin=subprocess.DEVNULL, stdout=child, stderr=child, env=dict(os.environ, COLUMNS="100", PAGER="cat"))
    os.close(child)
    data = b""
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:
            break
        if not piece:
            break
        data += piece
    os.close(parent)
    process.wait(60)
    return re.sub(b"\r+\n", b"\n", data)


def name_of(arguments):
    return " ".join(a if isinstance(a, str) else a.decode("utf-8", "backslashreplace") for a in arguments).replace(folder, "")[:120]


def check(*arguments, codes=(0,), document=True):
    """A command in a pipe, at a terminal, and as JSON."""
    what = name_of(arguments)
    result = execute(*arguments)
    expect(what, result.returncode in codes, (result.returncode, result.stderr))
    check_text(what, result.stdout)
    check_text(what + " (errors)", result.stderr)
    check_text(what + " (terminal)", at_terminal(*arguments), colors=True)
    if document:
        result = execute("--json", *arguments)
        expect(what + " --json", result.returncode in codes, (result.returncode, result.stderr))
        text = check_text(what + " --json", result.stdout)
        check_text(what + " --json (terminal)", at_terminal("--json", *arguments))
        try:
            return json.loads(text)
        except json.JSONDecodeError as e:
            findings.append(f"{what} --json: {e}: {text[:200]!r}")
    return None


ARGUMENT = TEXT.replace(b"\0", b"") + b"\n::error::x"


def check_plans(paths):
    plans = check("status")["data"]
    expect("status", sorted(p["plan"]["id"] for p in plans) == list(range(1, len(paths) + 1)), plans)
    for arguments in (["log"], ["stalled"], ["alerts", "--all"], ["roots"], ["config", "--show-origin"], ["doctor"], ["verify"]):
        check(*arguments, codes=(0, 1))
    for form in "waybar", "tmux", "plain":
        check("status", "--format", form, document=False)
    for path in paths:
        for command in ("show", "log", "status", "explain", "diff", "replay", "parse", "lint", "checklist"):
            check(command, "--", path, codes=(0, 1) if command == "lint" else (0,))
        check("diff", "--text", "--", path, document=False)
        # In a pipe that is the file, byte for byte.
        check_text("show --text", at_terminal("show", "--text", "--", path), colors=True)
        check("wait", "--until", "status=complete", "--timeout", "0.01s", "--", path, codes=(124,))
        check("tick", "--", path, b"t1", codes=(2,))
        check("complete", "--", path, codes=(2,))


def check_formats(paths):
    for form in "text", "sarif", "github":
        check("lint", "--format", form, "--", *paths, codes=(1,), document=False)
    check("lint", "--diff", "--", *paths, codes=(1,), document=False)
    out = execute("lint", "--format", "sarif", "--", *paths).stdout
    for result in json.loads(out)["runs"][0]["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        expect("sarif", re.fullmatch(r"[!-~]*", uri), uri)
    lines = execute("lint", "--format", "github", "--", *paths).stdout.decode().splitlines()
    expect("github", lines, lines)
    for line in lines:
        expect("github", re.fullmatch(r"::(notice|warning|error) file=[^,:]*,line=\d+,col=\d+,title=[^,:]*::.*", line), line)
    for path in paths:
        for form in "md", "html", "json", "csv", "org", "todo.txt", "taskwarrior", "ics", "tap":
            data = execute("checklist", "--format", form, "--", path).stdout
            shown = at_terminal("checklist", "--format", form, "--", path)
            for piece in data.replace(b"\r\n", b"\n"), shown:
                # An empty character of our own keeps Org from reading what it stands in.
                check_text(f"{form} of {name_of([path])}", piece.replace(b"\xe2\x80\x8b", b"") if form == "org" else piece)
    bare = os.path.join(folder, "bare.md")
    with open(bare, "wb") as out:
        out.write(b"# " + TEXT + b"\n\n## Plan of Work\n\n### Stage A: " + TEXT + b"\n\n### Stage B: " + TEXT + b"\n")
    check("checklist", "--init", bare, document=False)
    for form in "md", "org", "todo.txt":
        listed = os.path.join(folder, "list." + form)
        with open(listed, "wb") as out:
            out.write({"md": b"- [ ] ", "org": b"* TODO ", "todo.txt": b""}[form] + TEXT + b"\n")
        check("checklist", "--from", form, listed, document=False)


def check_streams():
    """Alerts handed to a program, and the log as a stream of lines."""
    handed = os.path.join(folder, "handed")
    execute("notify", "--once", "--exec", f"tee -a {handed}")
    with open(handed, "rb") as file:
        lines = check_text("notify --exec", file.read()).splitlines()
    expect("notify --exec", lines, lines)
    for line in lines:
        json.loads(line)
    follower = subprocess.Popen([planctl, "log", "--follow", "--json"], stdout=subprocess.PIPE, env=os.environ)
    for _ in range(20):
        line = follower.stdout.readline()
        check_text("log --follow", line)
        json.loads(line)
    follower.terminate()
    follower.communicate(timeout=60)


def check_errors(paths):
    bad = ARGUMENT
    for arguments in (
        [bad], ["show", bad], ["log", bad], ["log", "--kind", bad], ["log", "--since", bad], ["diff", bad, bad],
        ["diff", paths[0], bad], ["explain", bad], ["wait", "--until", bad, "--", paths[0]], ["wait", "--timeout", bad, "--", paths[0]],
        ["parse", bad], ["lint", bad], ["lint", "--explain", bad], ["lint", "--format", bad, paths[0]], ["checklist", bad],
        ["checklist", "--format", bad, "--", paths[0]], ["checklist", "--from", bad, paths[0]], ["ack", bad], ["snooze", bad],
        ["watch", bad], ["unwatch", bad], ["status", "--format", bad], ["--config", bad, "status"], ["--db", bad, "status"],
        ["--socket", bad, "sync"], ["-C", bad, "status"], ["--now", bad, "status"], ["--color", bad, "status"], ["tick", paths[0], bad],
        ["new", bad], ["approve", "--by", bad, "--", paths[0]], ["block", "--reason", bad, "--", paths[0]], ["import", bad],
        ["replay", bad], ["notify", "--once", "--exec", bad], ["completion", bad], ["--" + "x".join("ab"), "status"], [b"--" + bad, "status"],
    ):
        check(*arguments, codes=(2, 3, 4, 5), document=arguments[0] != "lint" or arguments[1] == bad)


def main():
    paths = [os.path.join(work, name) for name in NAMES]
    check_plans(paths)
    check_formats(paths)
    check_streams()
    check_errors(paths)
    with open(os.path.join(folder, "daemon.log"), "rb") as log:
        check_text("the daemon's log", log.read())
    expect("nothing was run", not os.path.exists(marker) and not os.path.exists(b"PWNED"), marker)
    print(count, "outputs read")
    for finding in findings[:60]:
        print(finding)
    return 1 if findings else 0


if sys.argv[3:] == ["--make"]:
    make()
else:
    sys.exit(main())
