"""Mailbox names: modified UTF-7 and UTF-8 are read as one name each, and patterns find them."""

from __future__ import annotations

from mailserver.imap import mutf7
from mailserver.imap.parser.cursor import mailbox_name
from mailserver.imap.parser.errors import NameRefused
from mailserver.imap.patterns import make_patterns
from tests.fuzz.target import Target


def check(raw: bytes) -> None:
    for utf8 in (False, True):
        try:
            name = mutf7.decode(raw, utf8)
        except mutf7.NameInvalid:
            continue
        wire = mutf7.encode(name)
        assert wire.isascii() and mutf7.decode(wire) == name
        assert not set(name) & set("\r\n\0")
        name.encode()
        _check_patterns(name)
    try:
        name = mailbox_name(raw)
    except NameRefused:
        return
    assert mailbox_name(mutf7.encode(name)) == name.removesuffix("/") or name.endswith("/")


def _check_patterns(name: str) -> None:
    (itself, anything) = make_patterns("", [name, "*"])
    assert anything.matches(name)
    if name[:5].upper() != "INBOX":
        assert itself.matches(name)


SEEDS = [
    b"INBOX/Sub/",
    b"V&AQM-n b&Hqs-n",
    b"&-",
    b"&AOE-&AOE-",
    "Văn bản đi".encode(),
    b"%/*",
    b"a%b*%c",
    b"&2AA-",
    b"&AAA-",
]
TARGET = Target(
    about="mailbox names in modified UTF-7 and UTF-8, and patterns of LIST",
    check=check,
    seeds=lambda: SEEDS,
    words="mutf7",
    longest=256,
)
