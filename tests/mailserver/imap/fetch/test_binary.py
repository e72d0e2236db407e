"""Large parts with their transfer encoding undone: kept decoded or not, whole and in pieces."""

from __future__ import annotations

import quopri
import random
import re

import pytest

from mailserver.imap.fetch import binary
from tests.mailserver.imap.conftest import Door
from tests.support.dialogue import Client
from tests.support.mail import with_file

CONTENT = random.Random(3516).randbytes(200_000)
TEXT = b"".join(b"d=C3=B2ng %d\r\n" % number for number in range(20_000))


async def value(client: Client, item: str) -> tuple[bytes, bytes]:
    """The marker in front of the literal, and its octets."""
    line = (await client.ok(f"FETCH 1 ({item})"))[0]
    found = re.fullmatch(rb"\* 1 FETCH \(\S+ (~?)\{(\d+)\}\r\n(.*)\)", line, re.DOTALL)
    assert found is not None and int(found[2]) == len(found[3])
    return found[1], found[3]


def quoted(text: bytes) -> bytes:
    header = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n"
    return header + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + text + b"\r\n--b--\r\n"


@pytest.mark.parametrize(
    ("message", "part", "content"),
    [
        pytest.param(with_file(CONTENT), 2, CONTENT, id="kept decoded"),
        pytest.param(with_file(CONTENT).replace(b"\r\n--edge--", b" \r\n--edge--"), 2, CONTENT, id="odd end"),
        pytest.param(with_file(CONTENT, width=70)[:-9] + b"=\r\n--edge--\r\n", 2, CONTENT, id="odd lines"),
        pytest.param(quoted(TEXT), 1, quopri.decodestring(TEXT), id="quoted-printable"),
    ],
)
async def test_a_large_part_comes_decoded(
    door: Door, monkeypatch: pytest.MonkeyPatch, message: bytes, part: int, content: bytes
) -> None:
    monkeypatch.setattr(binary, "PIECE", 70_000)
    client = await door.selected()
    assert (await client.append("INBOX", message)).startswith(b"OK")
    await client.ok("NOOP")
    marker, octets = await value(client, f"BINARY.PEEK[{part}]")
    assert octets == content
    assert marker == (b"~" if b"\0" in content else b"")
    for first, count in ((0, 10), (60_000, 90_000), (len(content) - 5, 100), (len(content), 1)):
        assert (await value(client, f"BINARY.PEEK[{part}]<{first}.{count}>"))[1] == content[first : first + count]
    sizes = await client.ok(f"FETCH 1 (BINARY.SIZE[{part}] BINARY.SIZE[] BINARY.SIZE[7] BINARY.PEEK[7])")
    told = b"BINARY.SIZE[%d] %d BINARY.SIZE[] %d BINARY.SIZE[7] 0 BINARY[7] NIL" % (part, len(content), len(message))
    assert sizes[0] == b"* 1 FETCH (" + told + b")"
    assert (await value(client, "BINARY.PEEK[]"))[1] == message


async def test_of_a_large_message_that_cannot_be_decoded_nothing_is_begun(door: Door) -> None:
    client = await door.selected()
    message = with_file(CONTENT).replace(b"Encoding: base64", b"Encoding: x-own")
    assert (await client.append("INBOX", message)).startswith(b"OK")
    await client.ok("NOOP")
    refused = await client.command("FETCH 1 (UID BINARY.PEEK[2])")
    assert len(refused) == 1 and refused[0].startswith(b"NO [UNKNOWN-CTE]")
    assert (await client.ok("FETCH 1 BODYSTRUCTURE"))[0].startswith(b"* 1 FETCH (BODYSTRUCTURE (")
