"""What reading a message costs, and that it stays linear in hostile mail.

    python -m tests.bench.mime_times [--bench DIR]

DIR holds benchlib.py, whose messages are then measured too. Prints processor microseconds a call (the
least of several rounds), and for each hostile shape the milliseconds at its full size beside those at a
quarter of it: a ratio far above 4 is not linear.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mailserver.mime.body import searchable_text
from mailserver.mime.bodystructure import without_extensions
from mailserver.mime.header import header_end, select_fields
from mailserver.mime.scan import scan
from mailserver.mime.structure import Structure

HEAD = b"From: a@b.vn\r\n"
ROUNDS = 7
LISTED = frozenset({b"from", b"to", b"subject", b"date"})


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of hostile mail: `make(count)`, at its full count."""

    name: str
    count: int
    make: Callable[[int], bytes]


def _nested(levels: int) -> bytes:
    opening = (b"Content-Type: multipart/mixed; boundary=b%d.\r\n\r\n--b%d.\r\n" % (n, n) for n in range(levels))
    return HEAD + b"".join(opening) + b"\r\nx\r\n"


def _deep(filler: bytes) -> Callable[[int], bytes]:
    return lambda count: _nested(100) + filler * count


def _field(name: bytes, piece: bytes) -> Callable[[int], bytes]:
    return lambda count: HEAD + name + b": " + piece * count + b"\r\n\r\nx\r\n"


def _text(kind: bytes, piece: bytes) -> Callable[[int], bytes]:
    return lambda count: HEAD + b"Content-Type: text/" + kind + b"; charset=utf-8\r\n\r\n" + piece * count


def _numbered(name: bytes, piece: bytes) -> Callable[[int], bytes]:
    return lambda count: HEAD + name + b": " + b", ".join(piece % n for n in range(count)) + b"\r\n\r\nx\r\n"


def _parts(piece: bytes) -> Callable[[int], bytes]:
    return lambda count: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + piece * count


SHAPES = (
    Shape("nested multiparts", 20_000, _nested),
    Shape("nested messages", 20_000, lambda n: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * n),
    Shape("header fields", 100_000, lambda n: HEAD + b"X-A: b\r\n" * n + b"\r\nx"),
    Shape("header line", 1_000_000, _field(b"To", b"a")),
    Shape("folds", 300_000, _field(b"To", b"a\r\n ")),
    Shape("addresses", 50_000, _numbered(b"To", b"user%d@example.vn")),
    Shape("parameters", 20_000, lambda n: HEAD + b"Content-Type: a/b" + b"; n*1=%41" * n + b"\r\n\r\nx"),
    *[Shape(f"To {piece!r}", 60_000 // len(piece), _field(b"To", piece)) for piece in (b"(", b'"', b"<", b":", b"\\")],
    Shape("encoded words", 4_000, _field(b"To", b"=?utf-8?q?a?= ")),
    Shape("Re:", 15_000, _field(b"Subject", b"Re: ")),
    Shape("References", 30_000, _field(b"References", b"<a@b> ")),
    Shape("parts", 20_000, _parts(b"--b\r\n\r\nx\r\n")),
    Shape("false delimiters", 2_000_000, _parts(b"--bX\n")),
    Shape("deep, dashes", 2_500_000, _deep(b"\r\n--")),
    Shape("deep, line ends", 10_000_000, _deep(b"\n")),
    Shape("unclosed tags", 2_000_000, _text(b"html", b"<")),
    Shape("unclosed scripts", 300_000, _text(b"html", b"<script")),
    Shape("character references", 100_000, _text(b"html", b"&#11111111111")),
    Shape("combining marks", 400_000, _text(b"plain", "\u0301\u0316".encode())),
    Shape("NUL", 1_000_000, lambda n: b"\0" * n),
)


def least(work: Callable[[], Any], calls: int) -> float:
    """Processor seconds of one call, the least of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(calls):
            work()
        rounds.append((time.process_time() - begun) / calls)
    return min(rounds)


def everything(raw: bytes) -> None:
    """What delivery does with a message."""
    scanned = scan(raw)
    searchable_text(raw, scanned)
    scanned.structure.encode()


def ordinary(make_message: Callable[..., bytes]) -> Iterator[tuple[str, float]]:
    """Microseconds of each step over messages of the benchmark."""
    messages = [make_message(number, 4096, "user1@bench.test", "run") for number in range(200)]
    scans = [scan(raw) for raw in messages]
    headers = [raw[: header_end(raw, 0, len(raw))] for raw in messages]
    stored = [scanned.structure.encode() for scanned in scans]
    pairs = list(zip(messages, scans, strict=True))
    steps: dict[str, Callable[[], Any]] = {
        "scan, 4 KiB": lambda: [scan(raw) for raw in messages],
        "searchable_text, 4 KiB": lambda: [searchable_text(raw, scanned) for raw, scanned in pairs],
        "Structure.encode": lambda: [scanned.structure.encode() for scanned in scans],
        "Structure.decode": lambda: [Structure.decode(raw) for raw in stored],
        "select_fields": lambda: [select_fields(header, LISTED) for header in headers],
        "without_extensions": lambda: [without_extensions(scanned.bodystructure) for scanned in scans],
    }
    for name, work in steps.items():
        yield name, least(work, 1) / len(messages) * 1e6
    large = make_message(1, 4096, "user1@bench.test", "run", attach=7_300_000)
    yield "scan, 10 MB with an attachment", least(lambda: scan(large), 1) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", help="folder of benchlib.py")
    options = parser.parse_args()
    if options.bench:
        sys.path.insert(0, options.bench)
        import benchlib  # type: ignore[import-not-found]

        for name, microseconds in ordinary(benchlib.make_message):
            print(f"{name:34} {microseconds:10.1f} µs")
    for shape in SHAPES:
        full, quarter = shape.make(shape.count), shape.make(shape.count // 4)
        slow, fast = (least(lambda raw=raw: everything(raw), 1) * 1e3 for raw in (full, quarter))  # type: ignore[misc]
        print(f"{shape.name:34} {slow:10.1f} ms  {slow / max(fast, 0.05):6.1f} times a quarter")


if __name__ == "__main__":
    main()
