"""Awkward mail as a client sees it: listed, read octet for octet, cut into sections, searched."""

from __future__ import annotations

import pytest

from mailserver.actor import SYSTEM
from mailserver.mime.scan import scan
from mailserver.store import entries, folders
from mailserver.store.ingest import prepare
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.mailserver.imap.conftest import Office, OpenDoor
from tests.support import awkward
from tests.support.dialogue import Client

# What is said about a message does not depend on the database; how its octets are kept does.
COUNT = {"sqlite": 510, "postgresql": 120}
STEP = 60
LARGE = ("header line of a megabyte", "1,000 levels")
LISTED = "(UID RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY)"


@pytest.fixture
async def corpus(store: Store, office: Office) -> list[bytes]:
    """The octets of the mail in An's INBOX, in its order."""
    large = [one for one in awkward.large() if one.name in LARGE]
    made = [one.octets for one in (*awkward.messages(COUNT[store.db.dialect]), *large)]
    prepared = [prepare(octets, store.blobs) for octets in made]

    def work(tx: Tx) -> None:
        folder = folders.get(tx.conn, office.an, "INBOX").id
        for one in prepared:
            entries.append_tx(tx, folder, one, 0, "", 1_767_571_200)

    await store.db.awrite(work, SYSTEM)
    return made


async def test_every_client_can_list_read_and_search_it(open_door: OpenDoor, corpus: list[bytes]) -> None:
    client = await (await open_door()).selected()
    await _check_listing(client, corpus)
    await _check_octets(client, corpus)
    await _check_sections(client, corpus)
    for program in ("TEXT nghỉ", "BODY x", "HEADER Subject a", "SENTSINCE 1-Jan-2024", "FROM an", "HEADER X-A b"):
        assert (await client.ok(f"SEARCH CHARSET UTF-8 {program}"))[0].startswith(b"* SEARCH")
    for command in ("SORT (DATE SUBJECT FROM) UTF-8 ALL", "THREAD REFERENCES UTF-8 ALL"):
        found = (await client.ok(command))[0]
        assert all(b"%d" % number in found for number in (1, len(corpus)))


async def _fetched(client: Client, items: str, count: int) -> list[bytes]:
    """The answers for the first messages, asked for some at a time: no answer has to come at once."""
    lines: list[bytes] = []
    for start in range(1, count + 1, STEP):
        lines += (await client.ok(f"FETCH {start}:{min(start + STEP - 1, count)} {items}"))[:-1]
    assert len(lines) == count
    return lines


async def _check_listing(client: Client, corpus: list[bytes]) -> None:
    lines = await _fetched(client, LISTED, len(corpus))
    for number, (line, octets) in enumerate(zip(lines, corpus, strict=True), 1):
        known = scan(octets)
        head = b"* %d FETCH (UID %d RFC822.SIZE %d " % (number, number, len(octets))
        answers = (known.envelope, known.bodystructure, known.body)
        assert line == head + b"ENVELOPE %b BODYSTRUCTURE %b BODY %b)" % answers


async def _check_octets(client: Client, corpus: list[bytes]) -> None:
    lines = await _fetched(client, "BODY.PEEK[]", len(corpus))
    for number, (line, octets) in enumerate(zip(lines, corpus, strict=True), 1):
        assert line == b"* %d FETCH (BODY[] {%d}\r\n%b)" % (number, len(octets), octets)


async def _check_sections(client: Client, corpus: list[bytes]) -> None:
    """Each section is what the message has at its place; of what is not there, NIL."""
    count = len(corpus) - len(LARGE)
    for name, text in (
        ("HEADER", b"HEADER"),
        ("TEXT", b"TEXT"),
        ("1", b"1"),
        ("1.MIME", b"1.MIME"),
        ("2.HEADER", b"2.HEADER"),
    ):
        lines = await _fetched(client, f"BODY.PEEK[{name}]", count)
        for line, octets in zip(lines, corpus[:count], strict=True):
            _, _, answer = line.partition(b" FETCH (BODY[" + text + b"] ")
            marker, _, content = answer.removesuffix(b")").partition(b"\r\n")
            assert marker == b"NIL" or (int(marker[1:-1]) == len(content) and content in octets)
    for items in ("BINARY.SIZE[1]", "BINARY.PEEK[1]", "PREVIEW", "BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)]<0.20>"):
        for number in range(1, count, 25):
            answer = (await client.command(f"FETCH {number} ({items})"))[-1]
            assert answer.startswith((b"OK", b"NO [UNKNOWN-CTE]")), answer


async def test_a_message_without_an_octet_is_answered_like_any_other(
    open_door: OpenDoor, store: Store, office: Office
) -> None:
    nothing = prepare(b"", store.blobs)

    def work(tx: Tx) -> None:
        entries.append_tx(tx, folders.get(tx.conn, office.an, "INBOX").id, nothing, 0, "", 1_767_571_200)

    await store.db.awrite(work, SYSTEM)
    client = await (await open_door()).selected()
    assert (await client.append("INBOX", b"Subject: next\r\n\r\n")).startswith(b"OK")
    found = await client.ok("UID FETCH 1:* (BODY[] BODY[TEXT] RFC822.SIZE)")
    assert found[0] == b"* 1 FETCH (UID 1 BODY[] {0}\r\n BODY[TEXT] {0}\r\n RFC822.SIZE 0 FLAGS (\\Seen \\Recent))"
    assert found[1].startswith(b"* 2 FETCH (UID 2 BODY[] {17}\r\nSubject: next")
    assert (await client.ok("SEARCH HEADER Subject next"))[0] == b"* SEARCH 2"
    assert (await client.ok("SEARCH NOT HEADER X-A y"))[0] == b"* SEARCH 1 2"
