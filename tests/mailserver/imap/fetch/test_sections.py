"""Parts of a message with a message inside, small and large (read from memory, and piece by piece)."""

from __future__ import annotations

import pytest

from tests.mailserver.imap.conftest import Door
from tests.support.dialogue import Client

INNER = (
    b"From: inner@bench.test\r\nSubject: Inside\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="in"\r\n\r\n'
    b"--in\r\nContent-Type: text/plain\r\n\r\ninner plain\r\n"
    b"--in\r\nContent-Type: text/html\r\nX-Part: yes\r\n\r\n<p>inner html</p>\r\n--in--\r\n"
)
MIME = b"Content-Type: message/rfc822\r\nContent-Description: forwarded\r\n\r\n"
HEADER = (
    b"From: an@bench.test\r\nSubject: Outside\r\nX-Long: one\r\n two\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="out"\r\n\r\n'
)
FIRST = b"Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"


def message(padding: int) -> bytes:
    text = "Kính gửi".encode() + b" " + b"x" * 60 + (b"\r\n" + b"y" * 70) * (padding // 72)
    return HEADER + b"--out\r\n" + FIRST + text + b"\r\n--out\r\n" + MIME + INNER + b"\r\n--out--\r\n"


CASES = [
    ("BODY.PEEK[HEADER]", HEADER),
    ("BODY.PEEK[HEADER.FIELDS (X-LONG)]", b"X-Long: one\r\n two\r\n\r\n"),
    (
        "BODY.PEEK[HEADER.FIELDS.NOT (X-LONG CONTENT-TYPE MIME-VERSION)]",
        b"From: an@bench.test\r\nSubject: Outside\r\n\r\n",
    ),
    ("BODY.PEEK[1.MIME]", FIRST),
    ("BODY.PEEK[2.MIME]", MIME),
    ("BODY.PEEK[2]", INNER),
    ("BODY.PEEK[2.HEADER]", INNER[: INNER.index(b"--in\r\n")]),
    ("BODY.PEEK[2.HEADER.FIELDS (SUBJECT)]", b"Subject: Inside\r\n\r\n"),
    ("BODY.PEEK[2.TEXT]", INNER[INNER.index(b"--in\r\n") :]),
    ("BODY.PEEK[2.1]", b"inner plain"),
    ("BODY.PEEK[2.2.MIME]", b"Content-Type: text/html\r\nX-Part: yes\r\n\r\n"),
    ("BODY.PEEK[2.2]<3.5>", b"inner"),
    ("BODY.PEEK[1]<0.9>", "Kính gửi".encode()[:9]),
    ("BODY.PEEK[2.3]", None),
    ("BODY.PEEK[1.1]", None),
    ("BODY.PEEK[2.1.HEADER]", None),
    ("BODY.PEEK[HEADER.FIELDS (Subject from cc)]", b"From: an@bench.test\r\nSubject: Outside\r\n\r\n"),
    ("BODY.PEEK[HEADER.FIELDS (SUBJECT)]<3.7>", b"ject: O"),
]


def content(line: bytes) -> bytes | None:
    """The literal of a FETCH of one item; None for NIL."""
    if line.endswith(b" NIL)"):
        return None
    size = int(line[line.rindex(b"{", 0, line.index(b"}\r\n")) + 1 : line.index(b"}\r\n")])
    start = line.index(b"}\r\n") + 3
    assert line[start + size :] == b")"
    return line[start : start + size]


@pytest.fixture(params=[0, 200_000], ids=["small", "large"])
async def client(request: pytest.FixtureRequest, door: Door) -> Client:
    client = await door.selected()
    assert (await client.append("INBOX", message(request.param))).startswith(b"OK")
    return client


async def test_every_section_is_octet_for_octet_what_came_in(client: Client) -> None:
    """BODY[n.MIME] of an embedded message is the part's own header (mox 39c21f8)."""
    for item, expected in CASES:
        line = (await client.ok(f"FETCH 1 {item}"))[0]
        assert content(line) == expected, item


async def test_all_at_once_and_in_the_order_asked_for(client: Client) -> None:
    items = " ".join(item for item, _ in CASES)
    line = (await client.ok(f"FETCH 1 (BODY.PEEK[2.1] FLAGS {items} BODYSTRUCTURE UID RFC822.SIZE)"))[0]
    at = 0
    for item, expected in CASES[:1] + CASES[3:5]:
        label = item.replace(".PEEK", "").encode()
        assert expected is not None
        at = line.index(label + b" {%d}\r\n" % len(expected) + expected, at)
    assert line.startswith(b"* 1 FETCH (UID 1 BODY[2.1] {11}\r\ninner plain FLAGS (")
    assert b'"message" "rfc822" NIL NIL "forwarded"' in line


async def test_the_whole_message_comes_back_unchanged(client: Client) -> None:
    size = int((await client.ok("FETCH 1 RFC822.SIZE"))[0].split()[-1].rstrip(b")"))
    whole = content((await client.ok("FETCH 1 BODY.PEEK[]"))[0])
    assert whole in (message(0), message(200_000))
    assert len(whole) == size
    pieces = [content((await client.ok(f"FETCH 1 BODY.PEEK[]<{at}.50000>"))[0]) or b"" for at in range(0, size, 50_000)]
    assert b"".join(pieces) == whole
