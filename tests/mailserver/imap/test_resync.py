"""A client that comes and goes keeps a copy of a folder by QRESYNC alone, while others change it at random."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import folders, raw, tombstones
from mailserver.store.database import Tx
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

    async def visit(self, client: Client, folder: str = "work") -> None:
        await client.ok("ENABLE QRESYNC")
        if self.modseq:
            self.hear(await client.ok(f"SELECT {folder} (QRESYNC ({self.uidvalidity} {self.modseq}))"))
            return
        self.hear(await client.ok(f"SELECT {folder}"))
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


@pytest.mark.parametrize("seed", range(2))
async def test_a_folder_that_forgets_gives_the_same_copy_as_one_that_does_not(door: Door, seed: int) -> None:
    """Clients that come seldom and often, at a folder and its twin; only of the first it is forgotten what went."""
    rnd = random.Random(seed)
    changers = {name: await door.client() for name in ("work", "twin")}
    for name, client in changers.items():
        await client.ok(f"CREATE {name}")
        for number in range(12):
            await client.append(name, mail(str(number)))
        await client.ok(f"SELECT {name}")
    copies = [{name: Copy() for name in changers} for _ in range(3)]
    for _ in range(12):
        for every, pair in enumerate(copies, 1):
            if rnd.randrange(every) == 0:
                for name, copy in pair.items():
                    client = await door.client()
                    await copy.visit(client, name)
                    await client.close()
                assert pair["work"].flags == pair["twin"].flags
        for _ in range(rnd.randint(1, 4)):
            command = change(rnd, list(range(1, 20)))
            for name, client in changers.items():
                await client.ok(command.replace(" work", f" {name}"))
        for name, client in changers.items():
            await client.append(name, mail("more"))
        forget(door, "work", rnd.randint(0, 3))
    truth = Copy()
    truth.hear(await changers["work"].ok("UID FETCH 1:* (FLAGS)"))
    assert copies[0]["work"].flags != {}
    for pair in copies:
        last = await door.client()
        await pair["work"].visit(last)
        assert pair["work"].flags == truth.flags


def forget(door: Door, name: str, newest: int) -> None:
    """All that went from the folder but what went in its newest changes."""

    def work(tx: Tx) -> None:
        folder = folders.get(tx.conn, door.office.an, name)
        upto = folder.highestmodseq - newest
        raw.run(tx.conn, "UPDATE folder SET forgotten_modseq = ? WHERE id = ?", (upto, folder.id))

    door.store.db.write(work, SYSTEM)
    tombstones.prune(door.store.db, datetime.now(UTC))


async def test_who_was_away_too_long_is_told_of_all_that_is_not_there(door: Door) -> None:
    """RFC 7162 §3.2.5.2, §3.2.6: of what it asks for; who was away for a short time, only of what went since."""
    other = await door.client()
    for number in range(9):
        await other.append("INBOX", mail(str(number)))
    valid, old = await numbers(other)
    await other.ok("UID STORE 2,3,6 +FLAGS.SILENT (\\Deleted)")
    await other.ok("EXPUNGE")
    _, recent = await numbers(other)
    forget(door, "INBOX", 0)
    await other.ok("UID STORE 9 +FLAGS.SILENT (\\Deleted)")
    await other.ok("EXPUNGE")
    client = await door.client()
    await client.ok("ENABLE QRESYNC")

    async def told(command: str) -> list[bytes]:
        return [line for line in await client.ok(command) if b"VANISHED" in line]

    assert await told(f"SELECT INBOX (QRESYNC ({valid} {recent}))") == [b"* VANISHED (EARLIER) 9"]
    assert await told(f"SELECT INBOX (QRESYNC ({valid} {old}))") == [b"* VANISHED (EARLIER) 2:3,6,9"]
    assert await told(f"SELECT INBOX (QRESYNC ({valid} {old} 1:2,5:7))") == [b"* VANISHED (EARLIER) 2,6"]
    assert await told(f"SELECT INBOX (QRESYNC ({valid} {old} 1:* (1,2 1,2)))") == [b"* VANISHED (EARLIER) 2:3,6,9"]
    # A sample of numbers and uids tells that what went up to the last that agree is known.
    assert await told(f"SELECT INBOX (QRESYNC ({valid} {old} 1:* (1:2,4 1,4,7)))") == [b"* VANISHED (EARLIER) 9"]
    assert await told(f"SELECT INBOX (QRESYNC ({valid} {old} 1:9 (1:4294967295 1,4:4294967295)))") == [
        b"* VANISHED (EARLIER) 6,9"
    ]
    assert await told(f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {recent} VANISHED)") == [b"* VANISHED (EARLIER) 9"]
    assert await told(f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {old} VANISHED)") == [b"* VANISHED (EARLIER) 2:3,6,9"]
    assert await told("UID FETCH 3:8,99:200 (FLAGS) (CHANGEDSINCE 0 VANISHED)") == [b"* VANISHED (EARLIER) 3,6"]


async def numbers(client: Client) -> tuple[int, int]:
    """UIDVALIDITY and HIGHESTMODSEQ of the INBOX, which is open then."""
    said = b"\n".join(await client.ok("SELECT INBOX"))
    valid, modseq = re.search(rb"UIDVALIDITY (\d+)", said), re.search(rb"HIGHESTMODSEQ (\d+)", said)
    assert valid is not None and modseq is not None
    return int(valid[1]), int(modseq[1])


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


async def test_who_has_not_heard_of_a_removal_goes_on_from_before_it(door: Door) -> None:
    """RFC 7162 §3.1: the modseq that is told with CONDSTORE must not lie behind what a FETCH may not tell."""
    reader, other = await door.client(), await door.client()
    for number in range(2):
        await reader.append("INBOX", mail(str(number)))
    await reader.ok("SELECT INBOX")
    await other.ok("SELECT INBOX")
    await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
    await other.ok("EXPUNGE")
    await door.store.feed.caught_up()
    told = re.search(rb"\[HIGHESTMODSEQ (\d+)\]", b" ".join(await reader.ok("FETCH 2 (MODSEQ)")))
    removed = re.search(rb"HIGHESTMODSEQ (\d+)", b" ".join(await other.ok("STATUS INBOX (HIGHESTMODSEQ)")))
    assert told is not None and removed is not None
    assert int(told[1]) < int(removed[1])
    assert b"* 1 EXPUNGE" in await reader.ok("NOOP")
