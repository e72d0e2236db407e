"""How many sentences in old encodings are put right exactly, and how many valid ones are left alone.

    python -m tests.bench.encoding_repair [--count 1000] [--seed 1]

Each sentence is a text of its own, as a subject is: the shorter the text, the less there is to recognise it by.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from random import Random

from mailserver.mime.charsets import decode
from tests.support import oldencodings, sentences

VALID = ("Vietnamese", "English", "French", "other languages")


@dataclass(frozen=True, slots=True)
class Row:
    """Of `total` texts, `right` came out as they should; wrong: examples of the others."""

    name: str
    total: int
    right: int
    wrong: tuple[tuple[str, str], ...]


def repaired(encoding: str, label: str, count: int, seed: int) -> Row:
    """Sentences in an encoding, labelled as mail is: "utf-8" are octets re-encoded as if they were windows-1252."""
    chance, wrong = Random(seed), []
    for _ in range(count):
        sentence = oldencodings.without_typography(sentences.vietnamese(chance), encoding)
        octets = oldencodings.ALL[encoding](sentence)
        if label == "utf-8":
            octets = oldencodings.re_encoded(octets)
        want, got = oldencodings.written(sentence, encoding), decode(octets, label or None)
        if got != want:
            wrong.append((want, got))
    return Row(f"{encoding}, {label or 'no label'}", count, count - len(wrong), tuple(wrong[:5]))


def untouched(kind: int, label: str, count: int, seed: int) -> Row:
    """Valid sentences in UTF-8, windows-1258 or, as far as it can write them, windows-1252."""
    chance, wrong, total = Random(seed), [], 0
    while total < count:
        sentence = sentences.valid(chance, kind)
        if label == "windows-1252" and not oldencodings.is_octets(sentence):
            sentence = oldencodings.only_octets(sentence)
        total += 1
        got = decode(_octets(sentence, label), label)
        if got != sentence:
            wrong.append((sentence, got))
    return Row(f"{VALID[kind]}, {label}", total, total - len(wrong), tuple(wrong[:5]))


def _octets(sentence: str, label: str) -> bytes:
    if label == "windows-1258":
        return oldencodings.cp1258(sentence)
    return sentence.encode("cp1252" if label == "windows-1252" else "utf-8")


def measure(count: int, seed: int) -> list[Row]:
    rows = []
    for encoding in oldencodings.ALL:
        for label in ("utf-8", "iso-8859-1", ""):
            rows.append(repaired(encoding, label, count, seed))
    for kind in range(len(VALID)):
        for label in ("utf-8", "windows-1252"):
            rows.append(untouched(kind, label, count, seed))
    rows.append(untouched(0, "windows-1258", count, seed))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="print examples of what came out wrong")
    asked = parser.parse_args()
    print("| text | sentences | right | share |\n|---|---|---|---|")
    for row in measure(asked.count, asked.seed):
        print(f"| {row.name} | {row.total:,} | {row.right:,} | {row.right / row.total:.2%} |")
        for want, got in row.wrong if asked.wrong else ():
            print(f"    want {want!r}\n    got  {got!r}")


if __name__ == "__main__":
    main()
