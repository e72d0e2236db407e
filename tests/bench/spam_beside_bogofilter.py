"""How well the classifier finds unwanted mail, beside bogofilter on the same messages in the same run.

    python -m tests.bench.spam_beside_bogofilter [--corpus FILE] [--out FILE] [--made COUNT]

FILE: a tar archive or folder whose folders are named with "ham" or "spam"; without one, mail made up in
Vietnamese is judged. Both learn and judge the same octets, without what the collection has added. bogofilter
(Debian's, default settings) learns from an mbox and judges with -T. Learns the past and judges what came
later (a fifth, a half), and by ten folds; and learns little, or much more of one kind than of the other.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from mailbox_policies.spam.features import features
from mailbox_policies.spam.model import THRESHOLD, Model
from mailserver.mime.scan import scan
from tests.bench.spam_corpus import Sample, read, vietnamese
from tests.bench.spam_figures import Judged, Split, area_lost, drawn, folds, in_time, recall

FOLDS = 10
PARTS = (0.2, 0.5)
# Wanted and unwanted messages that are learned, drawn so often; at most half of each kind.
FEW = ((20, 20), (100, 100), (50, 250), (500, 20), (500, 100))
DRAWS = 4
FALSE_ALARMS = 0.001
# From this bogofilter says "Spam" (its spam_cutoff).
BOGOFILTER_CUTOFF = 0.99
Filter = Callable[[Split], list[float]]
Figures = dict[str, Any]


def ours(samples: Sequence[Sample]) -> Filter:
    """Vanthu's classifier over these samples."""
    looked = [features(one.raw, scan(one.raw)) for one in samples]

    def judge(split: Split) -> list[float]:
        model = Model()
        for index in split.train:
            model.learn(looked[index], spam=samples[index].spam)
        return [model.score(looked[index]).value for index in split.test]

    return judge


def bogofilter(samples: Sequence[Sample]) -> Filter:
    """bogofilter over these samples. Raises CalledProcessError, FileNotFoundError without the program."""

    def judge(split: Split) -> list[float]:
        with tempfile.TemporaryDirectory(prefix="bogofilter-") as name:
            folder = Path(name)
            words = ["bogofilter", "-C", "-d", name]
            for spam, option in ((False, "-n"), (True, "-s")):
                box = b"".join(_mbox(samples[index].raw) for index in split.train if samples[index].spam is spam)
                subprocess.run([*words, "-M", option], input=box, check=True)
            files = []
            for index in split.test:
                files.append(folder / f"{index:07}.eml")
                files[-1].write_bytes(samples[index].raw)
            listed = "".join(f"{file}\n" for file in files)
            said = subprocess.run([*words, "-T", "-b"], input=listed, capture_output=True, text=True, check=False)
            scores = {Path(line.split()[0]).name: float(line.split()[-1]) for line in said.stdout.splitlines()}
            return [scores[file.name] for file in files]

    return judge


def _mbox(raw: bytes) -> bytes:
    quoted = b"\n".join(b">" + line if line.startswith(b"From ") else line for line in raw.split(b"\n"))
    return b"From a@b.example Mon Jan  5 00:00:00 2026\n" + quoted + b"\n\n"


def figures(samples: Sequence[Sample], filters: dict[str, tuple[Filter, float]]) -> list[Figures]:
    """What each filter achieves in each way of learning. filters: with the score from which it says spam."""
    kinds = [one.spam for one in samples]
    ways = {f"first {part:.0%}, then the rest": [in_time(kinds, part)] for part in PARTS}
    ways[f"{FOLDS} folds"] = list(folds(kinds, FOLDS))
    for few in FEW:
        if all(2 * count <= kinds.count(bool(kind)) for kind, count in enumerate(few)):
            ways["{} and {} drawn".format(*few)] = [drawn(kinds, *few, seed) for seed in range(DRAWS)]
    found: list[Figures] = []
    for way, splits in ways.items():
        for name, (judge, cutoff) in filters.items():
            judged: list[Judged] = []
            for split in splits:
                judged += zip(judge(split), (kinds[index] for index in split.test), strict=True)
            found.append({"way": way, "filter": name, **_summary(judged, cutoff)})
    return found


def _summary(judged: Sequence[Judged], cutoff: float) -> Figures:
    unwanted = sum(spam for _, spam in judged)
    return {
        "recall": recall(judged, FALSE_ALARMS),
        "area_lost_percent": 100 * area_lost(judged),
        "false_alarms": sum(score >= cutoff for score, spam in judged if not spam),
        "wanted": len(judged) - unwanted,
        "found": sum(score >= cutoff for score, spam in judged if spam),
        "unwanted": unwanted,
    }


def show(title: str, found: Sequence[Figures], console: Console) -> None:
    table = Table(title=title)
    for heading in ("learned", "filter", "recall at ≤ 0.1 % false", "1 − AUC, %", "false, by its default", "found"):
        table.add_column(heading, justify="left" if heading in ("learned", "filter") else "right")
    for one in found:
        table.add_row(
            one["way"],
            one["filter"],
            f"{one['recall']:.1%}",
            f"{one['area_lost_percent']:.4f}",
            f"{one['false_alarms']} of {one['wanted']}",
            f"{one['found']} of {one['unwanted']}",
        )
    console.print(table)


def compare(samples: Sequence[Sample]) -> list[Figures]:
    """Both filters on these samples."""
    both = {"Vanthu": (ours(samples), THRESHOLD), "bogofilter": (bogofilter(samples), BOGOFILTER_CUTOFF)}
    return figures(samples, both)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, help="tar archive or folder")
    parser.add_argument("--made", type=int, default=1_000, help="made-up wanted messages, without --corpus")
    parser.add_argument("--out", type=Path, help="figures, JSON")
    options = parser.parse_args()
    samples = read(options.corpus) if options.corpus else vietnamese(options.made)
    found = compare(samples)
    show(options.corpus.name if options.corpus else "made up in Vietnamese", found, Console(width=120))
    if options.out:
        options.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
