"""A client that comes and goes keeps a copy of a folder by QRESYNC alone, while others change it at random."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

import pytest

from tests.mailserver.imap.conftest import Door
from tests.support.dialogue import Client, mail

VISITS = 20


@dataclass
class Copy:
    """What a client keeps between its visits: flags by uid, and where it got to."""

    uidvalidity: int = 0
    modseq: int = 0
    flags: dict[int, frozenset[bytes]] = field(default_factory=dict)

    def hear(self, lines: list[bytes]) -> None:
        for line in lines:
            if (gone := re.match(rb"\* VANISHED (?:\(EARLIER\) )?([\d:,]+)$", line)) is not None:
                for part in gone[1].split(b","):
                    first, _, last = part.partition(b":")
                    for uid in range(int(first), int(last or first) + 1):
                        self.flags.pop(uid, None)
            elif (told := re.match(rb"\* \d+ FETCH \(UID (\d+).*FLAGS \((.*?)\)", line)) is not None:
                self.flags[int(told[1])] = frozenset(told[2].split()) - {b"\\Recent"}
            assert not re.match(rb"\* \d+ EXPUNGE", line)
            for modseq in re.findall(rb"MODSEQ \(?(\d+)", line):
                self.modseq = max(self.modseq, int(modseq))
            if (valid := re.search(rb"UIDVALIDITY (\d+)", line)) is not None:
                self.uidvalidity = int(valid[1])

    async def do(self, client: Client, command: str) -> None:
        lines = await client.ok(command)
        self.hear(lines)
        if any(line.endswith(b" EXISTS") for line in lines):
            self.hear(await client.ok(f"UID FETCH {max(self.flags, default=0) + 1}:* (FLAGS)"))

    async def visit(self, client: Client) -> None:
        await client.ok("ENABLE QRESYNC")
        if self.modseq:
            self.hear(await client.ok(f"SELECT work (QRESYNC ({self.uidvalidity} {self.modseq}))"))
            return
        self.hear(await client.ok("SELECT work"))
        self.hear(await client.ok("UID FETCH 1:* (FLAGS)"))


def change(rnd: random.Random, uids: list[int]) -> str:
    first = rnd.choice(uids)
    some = f"{first}:{first + rnd.randint(0, 3)}"
    return rnd.choice(
        [
            f"UID STORE {some} +FLAGS (\\Flagged)",
            f"UID STORE {some} -FLAGS (\\Flagged)",
            f"UID STORE {some} FLAGS (\\Seen x{first})",
            f"UID STORE {some} +FLAGS (\\Deleted)",
            f"UID EXPUNGE {some}",
            f"UID MOVE {first} Archive",
            f"UID COPY {some} work",
            "EXPUNGE",
            "NOOP",
        ]
    )


@pytest.mark.parametrize("seed", range(3))
async def test_the_copy_is_always_what_the_folder_is(door: Door, seed: int) -> None:
    rnd = random.Random(seed)
    other = await door.client()
    await other.ok("CREATE work")
    for number in range(15):
        await other.append("work", mail(str(number)))
    await other.ok("SELECT work")
    copy = Copy()
    for _ in range(VISITS):
        client = await door.client()
        await copy.visit(client)
        truth = Copy()
        truth.hear(await other.ok("UID FETCH 1:* (FLAGS)"))
        assert copy.flags == truth.flags
        for _ in range(rnd.randint(0, 4)):
            await other.ok(change(rnd, list(truth.flags) or [1]))
            await copy.do(client, change(rnd, list(copy.flags) or [1]))
        if rnd.random() < 0.5:
            copy.hear(await client.ok("CLOSE"))
            copy.flags = {uid: flags for uid, flags in copy.flags.items() if b"\\Deleted" not in flags}
        await client.close()
        for _ in range(rnd.randint(0, 4)):
            await other.ok(change(rnd, list(truth.flags) or [1]))
        await other.append("work", mail(f"more {rnd.random()}"))


@pytest.mark.parametrize(("extension", "begins"), [("CONDSTORE", rb"\* 1 FETCH \(BODY"), ("QRESYNC", rb".*\(UID 1 ")])
async def test_reading_tells_the_modseq_of_its_mark(door: Door, extension: str, begins: bytes) -> None:
    """RFC 7162 §3.1, §3.2.4: also of what comes about by itself."""
    client = await door.client()
    await client.append("INBOX", mail())
    await client.ok(f"ENABLE {extension}")
    await client.ok("SELECT INBOX")
    line = (await client.ok("FETCH 1 BODY[TEXT]"))[0]
    assert re.match(begins, line)
    assert re.search(rb" FLAGS \(\\Seen \\Recent\) MODSEQ \(\d+\)\)$", line)
