"""What the rules of mail cost: deliveries acknowledged a second with all rules in force, beside all rules off.

    python -m tests.bench.policy_cost [--rounds 5] [--messages 500] [--connections 10] [--kinds text,mixed]

Two installations run side by side, each with its own store, one with every rule off, one with every rule in force.
The rounds alternate between them, the first of each is not counted. Best on a machine with nothing else to do.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from random import Random

from mailbox_policies.chain import RULES
from tests.e2e.product import Product
from tests.support import papers, sentences

MAILBOXES = 20
PASSWORD = "mưa phùn tháng ba 2026"
# No rule looks at a name; it only has to be nobody's here.
SENDER = "vanthu@elsewhere.test"


def text(random: Random) -> EmailMessage:
    """A letter of some 4 KiB."""
    message = _letter(random)
    message.set_content("\n".join(sentences.vietnamese(random) for _ in range(40)), cte="8bit")
    return message


def files(random: Random) -> EmailMessage:
    """A letter with a picture of 100 KiB, which no rule can read, and one with HTML beside its text."""
    message = text(random)
    message.add_alternative(f"<p>{sentences.vietnamese(random)}</p>" * 40, subtype="html")
    picture = b"\xff\xd8\xff\xe0" + random.randbytes(100_000)
    message.add_attachment(picture, maintype="image", subtype="jpeg", filename="hiện trường.jpg")
    return message


def documents(random: Random) -> EmailMessage:
    """A letter with a paper as PDF or DOCX, which rules read."""
    message = text(random)
    paper = random.choice(_innocent())
    main, _slash, sub = paper.media_type.partition("/")
    message.add_attachment(paper.data, maintype=main, subtype=sub, filename="công văn" + Path(paper.name).suffix)
    return message


def mixed(random: Random) -> EmailMessage:
    """As in an office: of 20 letters 15 are text, 4 have pictures, one has a paper."""
    kind = random.randrange(20)
    return (text if kind < 15 else files if kind < 19 else documents)(random)


KINDS: dict[str, Callable[[Random], EmailMessage]] = {
    "text": text,
    "files": files,
    "documents": documents,
    "mixed": mixed,
}
_PAPERS: list[papers.Paper] = []


def _innocent() -> list[papers.Paper]:
    if not _PAPERS:
        _PAPERS.extend(paper for paper in papers.papers(60, seed=7) if paper.kind is None)
    return _PAPERS


def _letter(random: Random) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = f"Văn thư <{SENDER}>", "u0@bench.test"
    message["Subject"] = "V/v " + random.choice(sentences.TOPICS)
    message["Date"] = "Tue, 24 Nov 2026 08:00:00 +0700"
    message["Message-ID"] = f"<{random.getrandbits(64):x}@elsewhere.test>"
    return message


@dataclass(slots=True)
class Side:
    """An installation and what it made of each kind: deliveries a second, a round each."""

    name: str
    product: Product
    rates: dict[str, list[float]] = field(default_factory=dict)


@contextmanager
def installed(name: str, mode: str, more: str) -> Iterator[Side]:
    """Running, with every rule in this mode. more: sections of vanthu.toml."""
    with tempfile.TemporaryDirectory(prefix=f"policy-cost-{name}-") as folder:
        product = Product(Path(folder))
        with product.config.open("a", encoding="utf-8") as out:
            out.write(more)
        product.init()
        product.add_users([f"u{number}" for number in range(MAILBOXES)], PASSWORD)
        for rule in RULES:
            product.command("policy", "mode", rule.name, mode)
        product.start()
        try:
            yield Side(name, product)
        finally:
            product.stop()


async def deliver(port: int, messages: Sequence[bytes], connections: int) -> float:
    """Deliveries acknowledged a second. Raises RuntimeError for another answer than 250."""
    waiting = iter(enumerate(messages))
    begun = time.perf_counter()
    await asyncio.gather(*(_one_connection(port, waiting) for _ in range(connections)))
    return len(messages) / (time.perf_counter() - begun)


async def _one_connection(port: int, waiting: Iterator[tuple[int, bytes]]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await _expect(reader, b"220")
    writer.write(b"EHLO elsewhere.test\r\n")
    await _expect(reader, b"250")
    for number, octets in waiting:
        whom = f"u{number % MAILBOXES}@bench.test"
        writer.write(f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{whom}>\r\nDATA\r\n".encode())
        for code in (b"250", b"250", b"354"):
            await _expect(reader, code)
        writer.write(octets + b".\r\n")
        await _expect(reader, b"250")
    writer.write(b"QUIT\r\n")
    writer.close()
    await writer.wait_closed()


async def _expect(reader: asyncio.StreamReader, code: bytes) -> None:
    while True:
        line = await asyncio.wait_for(reader.readline(), 120)
        if not line.startswith(code):
            raise RuntimeError(f"{code.decode()} expected: {line!r}")
        if line[3:4] != b"-":
            return


def wire(message: EmailMessage) -> bytes:
    octets = message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return octets.replace(b"\r\n.", b"\r\n..")


def measure(sides: Sequence[Side], kinds: Sequence[str], rounds: int, count: int, connections: int) -> None:
    for kind in kinds:
        for round_ in range(rounds + 1):
            random = Random(f"{kind} {round_}")
            messages = [wire(KINDS[kind](random)) for _ in range(count)]
            for side in sides if round_ % 2 else sides[::-1]:  # whoever comes second has no better time
                rate = asyncio.run(deliver(side.product.ports.smtp, messages, connections))
                if round_:
                    side.rates.setdefault(kind, []).append(rate)


def table(off: Side, on: Side) -> Iterator[str]:
    yield "| mail | all off, a second | all in force | ratio of medians | of single rounds |\n|---|---|---|---|---|"
    for kind, without in off.rates.items():
        with_ = on.rates[kind]
        ratio = statistics.median(with_) / statistics.median(without)
        ratios = [one / other for one, other in zip(with_, without, strict=True)]
        medians = f"{statistics.median(without):.0f} | {statistics.median(with_):.0f}"
        yield f"| {kind} | {medians} | {ratio:.0%} | {min(ratios):.0%} to {max(ratios):.0%} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=500, help="in a round")
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--clamd", default="", help="where a ClamAV listens, asked by the side with rules")
    parser.add_argument("--rspamd", default="", help="the same of rspamd")
    asked = parser.parse_args()
    named = {"clamd": asked.clamd, "rspamd": asked.rspamd}
    scanners = "".join(f'[{name}]\naddress = "{place}"\n' for name, place in named.items() if place)
    with installed("off", "off", "") as off, installed("on", "enforce", scanners) as on:
        measure((off, on), asked.kinds.split(","), asked.rounds, asked.messages, asked.connections)
    print("\n".join(table(off, on)))


if __name__ == "__main__":
    main()
