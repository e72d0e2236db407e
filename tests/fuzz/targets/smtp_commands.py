"""What an SMTP client sends: paths, parameters, AUTH messages, and the octets of DATA and BDAT.

The first octet chooses the size of the pieces that a body comes in.
"""

from __future__ import annotations

from mailserver.delivery.envelope import from_xtext, to_xtext
from mailserver.delivery.heading import glance
from mailserver.directory import scram
from mailserver.smtp import notification
from mailserver.smtp.address import BadParameters, BadPath, parse
from mailserver.smtp.chunks import Chunks
from mailserver.smtp.data import END, DataDecoder, normalise
from tests.fuzz.target import Target

_ROOM = 600  # octets a body may have, so that short inputs reach the limit


def check(raw: bytes) -> None:
    size, octets = 1 + raw[0] % 16 if raw else 1, raw[1:]
    text = octets.decode("utf-8", "surrogateescape")
    for keyword in ("FROM:", "TO:"):
        _check_path(text, keyword)
        _check_path(keyword + text, keyword)
    _check_data(octets, size)
    _check_chunks(octets, size)
    assert b"\r" not in normalise(octets).replace(b"\r\n", b"")
    heading = glance(octets)
    assert 0 <= heading.size <= len(octets)
    for read in (scram.First.parse, scram.Final.parse):
        try:
            read(octets)
        except scram.Malformed:
            continue


def _check_path(argument: str, keyword: str) -> None:
    try:
        path = parse(argument, keyword)
    except (BadPath, BadParameters):
        return
    if path is None:
        return
    assert not set(path.address) & set("\x00\r\n")
    again = parse(f"{keyword}<{path.address}>", keyword)
    assert again is not None and again.address == path.address
    for read in (notification.of_mail, notification.of_recipient):
        try:
            read(path.parameters)
        except ValueError:
            continue
    for value in path.parameters.values():
        if value is not None:
            _check_xtext(value)


def _check_xtext(value: str) -> None:
    try:
        text = from_xtext(value)
    except ValueError:
        return
    assert from_xtext(to_xtext(text)) == text


def _decoded(pieces: list[bytes]) -> tuple[bytes, bytes | None, bool, bool, int]:
    out = bytearray()
    decoder = DataDecoder(out.extend, _ROOM)
    rest: bytes | None = None
    for piece in pieces:
        rest = decoder.feed(piece) if rest is None else rest + piece
    return bytes(out), rest, decoder.too_large, decoder.bare, decoder.received


def _pieces(octets: bytes, size: int) -> list[bytes]:
    return [octets[at : at + size] for at in range(0, len(octets), size)]


def _check_data(octets: bytes, size: int) -> None:
    """The end is CRLF.CRLF wherever the pieces are cut; dots are undone; what follows is left alone."""
    ended = octets + b"\r\n.\r\nQUIT\r\n"
    out, rest, too_large, bare, received = _decoded([ended])
    cut = _decoded(_pieces(ended, size))
    assert cut[1:] == (rest, too_large, bare, received)
    assert rest is not None and ended.endswith(rest)
    if not too_large:
        assert cut[0] == out
        end = (b"\r\n" + ended).find(END)
        assert out == (b"\r\n" + ended)[: end + 2].replace(b"\r\n.", b"\r\n")[2:]
    else:
        assert len(cut[0]) <= _ROOM


def _check_chunks(octets: bytes, size: int) -> None:
    results = []
    for pieces in ([octets], _pieces(octets, size)):
        out = bytearray()
        chunks = Chunks(out.extend, _ROOM)
        for piece in pieces:
            chunks.feed(piece)
        chunks.end()
        assert chunks.received == len(octets)
        assert chunks.too_large == (len(octets) > _ROOM)
        results.append((chunks.too_large or bytes(out) == octets, chunks.too_large or chunks.bare))
    assert results[0] == results[1] and results[0][0]


SEEDS = [
    b"\x00<an@sct.test> SIZE=100 BODY=8BITMIME SMTPUTF8",
    b"\x00<> RET=HDRS ENVID=a+2Bb",
    b'\x00<"a b\\"c"@x.vn> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+40b',
    b"\x00<@relay,@two:an@[IPv6:::1]>",
    "\x00<đi@tỉnh.vn> ORCPT=utf-8;đi@tỉnh.vn NOTIFY=NEVER".encode(),
    b"\x00postmaster",
    b"\x03a\r\n.b\r\n..c\r\n.\r\nQUIT\r\n",
    b"\x05a\nb\rc\r\n.\n.\r\n",
    b"\x00n,,n=an,r=abc",
    b"\x00y,a=binh,n=a=2Cb,r=abc",
    b"\x00p=tls-exporter,,n=an,r=abc",
    b"\x00c=biws,r=abcdef,p=dGVzdA==",
    b"\x00From: a\r\nFrom: b\r\nReceived: c\r\n\r\nx",
]
TARGET = Target(
    about="paths and parameters of MAIL and RCPT, SCRAM messages, the octets of DATA and BDAT",
    check=check,
    seeds=lambda: SEEDS,
    words="smtp_commands",
    longest=1024,
)
