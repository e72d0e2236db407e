"""Numbered letters: each has a name, which is in its Message-ID and in its text."""

from __future__ import annotations

import re

IDENTITY = re.compile(rb"(?im)^Message-ID: <([^@>]+)@")


def letter(name: str, sender: str = "vanphong@doitac.example", day: int = 2) -> bytes:
    """A small message with CRLF line ends and Vietnamese as mail programs send it. day: of November 2026."""
    return (
        f"From: =?UTF-8?B?TmfGsOG7nWkgZ+G7rWk=?= <{sender}>\r\nTo: an@sct.test\r\n"
        f"Subject: =?UTF-8?Q?C=C3=B4ng_v=C4=83n?= {name}\r\nDate: {day} Nov 2026 08:30:00 +0700\r\n"
        f"Message-ID: <{name}@doitac.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"Kính gửi, đây là thư {name}.\r\n"
    ).encode()


def name_of(octets: bytes) -> str:
    """The name of a letter. Raises AssertionError for a message that is none."""
    found = IDENTITY.search(octets)
    assert found, octets[:500]
    return found[1].decode()
