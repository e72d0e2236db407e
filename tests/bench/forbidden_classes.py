"""How many papers that must not be in the system are found, and how many innocent ones are accused.

    python -m tests.bench.forbidden_classes [--count 1000] [--seed 1] [--wrong]

Each paper is a file by itself, under a name and in a letter that tell nothing.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, field

from mailbox_policies.forbidden.detector import detect
from mailbox_policies.forbidden.finding import Document, Finding, Letter
from mailserver.mime import extract_child
from mailserver.mime.charsets import decode
from mailserver.mime.extract import parse_page
from tests.support.papers import Paper, papers


@dataclass(slots=True)
class Result:
    """counts: papers by (kind that should be found, outcome); wrong: the papers with another outcome."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[tuple[Paper, tuple[Finding, ...]]] = field(default_factory=list)

    def share(self, kind: str) -> float:
        total = sum(number for (wanted, _), number in self.counts.items() if wanted == kind)
        return self.counts[kind, "right"] / total if total else 1.0

    @property
    def found(self) -> float:
        """Of the papers in which something is to be found, those in which it was."""
        of = [(outcome, number) for (wanted, outcome), number in self.counts.items() if wanted != "nothing"]
        return sum(number for outcome, number in of if outcome == "right") / max(1, sum(number for _, number in of))

    @property
    def false_alarms(self) -> float:
        return 1 - self.share("nothing")


def read(paper: Paper) -> Document:
    """What the child would tell, read in this process: thousands of children take hours."""
    kind = "pdf" if paper.media_type == "application/pdf" else "docx"
    text = decode("".join(extract_child.READERS[kind](paper.data)).encode(), "utf-8")
    page = parse_page("".join(extract_child.PAGES[kind](paper.data)).encode())
    return Document(paper.name, text, page)


def measure(count: int, seed: int) -> Result:
    result = Result()
    for paper in papers(count, seed):
        found = detect(Letter("Gửi văn bản", "Kính gửi anh chị.", (read(paper),)))
        first = found[0].kind if found else None
        outcome = "right" if first is paper.kind else "missed" if first is None else f"taken for {first.value}"
        result.counts[paper.kind.value if paper.kind else "nothing", outcome] += 1
        if outcome != "right":
            result.wrong.append((paper, found))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="print what came out wrong")
    asked = parser.parse_args()
    result = measure(asked.count, asked.seed)
    print("| should be found | outcome | papers |\n|---|---|---|")
    for (kind, outcome), number in sorted(result.counts.items()):
        print(f"| {kind} | {outcome} | {number:,} |")
    print(f"\nfound: {result.found:.2%}, false alarms: {result.false_alarms:.2%}")
    for paper, found in result.wrong if asked.wrong else ():
        print(paper.how, [(one.kind.value, one.excerpt) for one in found])


if __name__ == "__main__":
    main()
