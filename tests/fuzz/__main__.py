"""`python -m tests.fuzz TARGET --minutes 10`: run one target, show how far it is, tell what it found."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.fuzz import growth
from tests.fuzz.target import NAMES, load

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "var" / "fuzz"
# What libFuzzer tells of itself: `#4711	NEW    cov: 157 ft: 178 corp: 12/43b lim: 14 exec/s: 900 …`.
_STATUS = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/")
_ARTIFACT = re.compile(r"Test unit written to (\S+)")


@dataclass
class Told:
    """What the fuzzer said last. faults: the inputs it kept because they broke the target."""

    runs: int = 0
    covered: int = 0
    features: int = 0
    corpus: int = 0
    faults: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def read(self, stream: IO[str]) -> None:
        for line in stream:
            if match := _STATUS.match(line):
                self.runs, self.covered, self.features, self.corpus = map(int, match.groups())
            elif match := _ARTIFACT.search(line):
                self.faults.append(match[1])
            elif not line.startswith("INFO: Instrumenting"):
                self.lines = [*self.lines[-60:], line]

    def line(self) -> str:
        return f"{self.runs:,} inputs, {self.covered:,} edges, {self.features:,} features, {self.corpus:,} kept"


def main() -> int:
    """0 if nothing was found, 1 for a fault; its input is kept and its path told."""
    asked = _arguments()
    console = Console()
    if asked.list:
        console.print(_table())
        return 0
    if asked.growth:
        return growth.report(console, asked.target, _corpus(asked))
    told, status = _run(console, asked)
    console.print(f"{asked.target}: {told.line()}")
    if status == 0 and not told.faults:
        return 0
    console.print("".join(told.lines), markup=False, highlight=False)
    for path in told.faults:
        console.print(f"kept: {path}", markup=False)
    return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="?", choices=NAMES)
    parser.add_argument("--list", action="store_true", help="name the targets")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to run")
    parser.add_argument("--runs", type=int, help="how many inputs to run instead")
    parser.add_argument("--seed", type=int, default=0, help="of the mutator; 0 takes another each time")
    parser.add_argument("--corpus", type=Path, default=FOLDER, help="folder of kept inputs; a run goes on from them")
    parser.add_argument("--growth", action="store_true", help="look for fragments whose repetition costs too much")
    asked = parser.parse_args()
    if not asked.list and asked.target is None:
        parser.error("a target, or --list")
    return asked


def _table() -> Table:
    table = Table("target", "what it reads")
    for name in NAMES:
        table.add_row(name, load(name).about)
    return table


def _corpus(asked: argparse.Namespace) -> Path:
    corpus: Path = asked.corpus / asked.target
    corpus.mkdir(parents=True, exist_ok=True)
    return corpus


def _run(console: Console, asked: argparse.Namespace) -> tuple[Told, int]:
    command = [sys.executable, "-m", "tests.fuzz.child", asked.target, str(_corpus(asked)), str(asked.seed)]
    seconds = asked.minutes * 60
    command.append(f"-runs={asked.runs}" if asked.runs else f"-max_total_time={int(seconds)}")
    told = Told()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[told]}"))
    fuzzer = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    assert fuzzer.stdout is not None
    reader = threading.Thread(target=told.read, args=(fuzzer.stdout,))
    reader.start()
    started = time.monotonic()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(asked.target, total=asked.runs or seconds, told="")
        try:
            while _goes_on(fuzzer):
                done = told.runs if asked.runs else time.monotonic() - started
                progress.update(bar, completed=done, told=told.line())
        finally:
            fuzzer.terminate()
            reader.join()
    return told, fuzzer.wait()


def _goes_on(fuzzer: subprocess.Popen[str]) -> bool:
    try:
        fuzzer.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
