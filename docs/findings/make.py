#!/usr/bin/env python3
"""Runs the commands of the pages of this folder and writes what they print below them.

    docs/findings/make.py BUILD [NAME...]

BUILD is the folder with the built tinseq; without names all pages. A page is one step of `tinseq tour`
(app/tour/tour.def): its title, what it is about, its commands, what to look at; a test holds them to that table,
another runs the commands of the blocks "console" and compares; those of "console all" take longer, and are run here
alone. The index, docs/findings.md, is written from the pages, and from what
`tinseq --version` and the models' folders say. Look at the difference before you commit it.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def commands_of(block):
    """The commands of a console block: lines that begin with "$ ", with those that they go on in."""
    commands, more = [], False
    for line in block.splitlines():
        if more:
            commands[-1] += "\n" + line
        elif line.startswith("$ "):
            commands.append(line[2:])
        else:
            continue
        more = line.endswith("\\")
    return commands


def run(commands, build):
    """Each command with what it prints, all in one new folder, which has the files of data/."""
    out = []
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HERE / "data", folder, dirs_exist_ok=True)
        environment = dict(os.environ, PATH=f"{build}:{os.environ['PATH']}", XDG_STATE_HOME=folder, LC_ALL="C.UTF-8")
        for command in commands:
            done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"{command}\nfailed:\n{done.stderr}")
            lines = [line.rstrip() for line in done.stdout.strip("\n").splitlines()]
            out.append("\n".join([f"$ {command}", *lines]))
    return "\n".join(out)


def remake(path, build):
    text = path.read_text()
    block = re.compile(r"^(```console(?: all)?\n)(.*?)(?=^```$)", re.S | re.M)
    path.write_text(block.sub(lambda m: m[1] + run(commands_of(m[2]), build) + "\n", text))


def versions(build):
    version = subprocess.run([f"{build}/tinseq", "--version"], capture_output=True, text=True, check=True)
    linked = subprocess.run(["ldd", f"{build}/tinseq_tn.so"], capture_output=True, text=True, check=True)
    torch = re.search(r"libtorch_cpu\.so(\.[0-9.]+)? => (\S+)", linked.stdout)
    number = re.search(r"\.so\.([0-9.]+)$", os.path.realpath(torch[2])) if torch else None
    return " ".join(version.stdout.split()) + (f" with libtorch {number[1]}" if number else "")


def index(build):
    """docs/findings.md: the list between its marks."""
    path = HERE.parent / "findings.md"
    names = re.findall(r'^STEP\(\s*\w+,\s*"([^"]+)"', (ROOT / "app/tour/tour.def").read_text(), re.M)
    rows = []
    for i, name in enumerate(names, 1):
        title = (HERE / f"{name}.md").read_text().splitlines()[0].removeprefix("# ")
        rows.append(f"{i}. [{title}](findings/{name}.md)")
    made = f"Their outputs are of {versions(build)}, on the models that `make models` fetches (`tests/setup/models-*.txt` pin them)."
    text = path.read_text()
    mark = re.compile(r"(?<=<!-- the pages -->\n).*?(?=<!-- end -->)", re.S)
    path.write_text(mark.sub("\n".join(rows) + f"\n\n{made}\n", text))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    for path in sorted(HERE.glob("*.md")):
        if not sys.argv[2:] or path.stem in sys.argv[2:]:
            remake(path, build)
    index(build)


main()
