#!/usr/bin/env python3
"""lint_peers.py BUILD [PLANS]: planctl lint beside markdownlint-cli2 on the same files in turn, and its SARIF against the schema.

10,000 files (FILES=n), made from the Markdown below PLANS (default: examples and tests/data) over and over. The peer and a validator
with the schema come from npm, pinned, into BUILD/peers. Processor time is compared, which other work on the machine touches least.
"""
import os
import pathlib
import resource
import subprocess
import sys

PEERS = ["markdownlint-cli2@0.22.1", "@microsoft/jest-sarif@1.0.0-beta.0"]
ROUNDS = int(os.environ.get("ROUNDS", "3"))
VALIDATE = """
const Ajv = require('ajv'), fs = require('fs');
const ajv = new Ajv({ schemaId: 'auto', unknownFormats: 'ignore', meta: false, allErrors: true });
ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json'));
ajv._opts.defaultMeta = 'http://json-schema.org/draft-04/schema';
const valid = ajv.compile(JSON.parse(fs.readFileSync('../../schemas/sarif-2.1.0-rtm.5.json', 'utf8').replace(/^\\uFEFF/, '')));
if (!valid(JSON.parse(fs.readFileSync(process.argv[1])))) { console.error(valid.errors.slice(0, 5)); process.exit(1); }
"""


def install(folder):
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules").exists():
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--prefix", folder, *PEERS], check=True)


def make_files(folder, sources, count):
    folder.mkdir(parents=True, exist_ok=True)
    texts = [source.read_bytes() for source in sources]
    for i in range(count):
        (folder / f"plan-{i:05}.md").write_bytes(texts[i % len(texts)])
    for old in sorted(folder.glob("plan-*.md"))[count:]:
        old.unlink()


def seconds(command, folder):
    """Processor time; 1 is the exit code of findings for both."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if code not in (0, 1):
        sys.exit(f"{command[0]}: exit code {code}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def validate(planctl, folder, peers):
    sarif = folder / "findings.sarif"
    with open(sarif, "wb") as out:
        subprocess.run([planctl, "lint", "--format", "sarif", "."], cwd=folder, stdout=out)
    validator = peers / "node_modules/@microsoft/jest-sarif"
    inner = next(path for path in (validator / "node_modules/ajv", peers / "node_modules/ajv") if path.exists())
    script = VALIDATE.replace("'../../schemas/", f"'{validator}/lib/schemas/")
    subprocess.run(["node", "-e", script, sarif], cwd=inner, check=True)
    print(f"SARIF 2.1.0: {sarif.stat().st_size} bytes, valid by its schema")
    sarif.unlink()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    roots = [pathlib.Path(sys.argv[2])] if len(sys.argv) > 2 else [pathlib.Path("examples"), pathlib.Path("tests/data")]
    sources = sorted(path for root in roots for path in root.rglob("*.md") if path.is_file())
    count, peers, folder = int(os.environ.get("FILES", "10000")), build / "peers", build / "lint-files" / "execplans"
    planctl = str(build / "planctl")

    install(peers)
    make_files(folder, sources, min(count, 200))
    validate(planctl, folder, peers)
    make_files(folder, sources, count)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(seconds([planctl, "lint", "."], folder))
        theirs.append(seconds([str(peers / "node_modules/.bin/markdownlint-cli2"), "*.md"], folder))
    ours, theirs = sorted(ours)[ROUNDS // 2], sorted(theirs)[ROUNDS // 2]
    print(f"lint of {count} files: planctl {ours:.2f} s, markdownlint-cli2 {theirs:.1f} s: {theirs / ours:.0f} times (goal: 50)")


main()
