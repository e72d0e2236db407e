"""From a stored message to the octets that leave."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# Puts signature fields in front of a message whose octets are final; must not change the rest.
Signer = Callable[[bytes], bytes]

_RETURN_PATH = re.compile(rb"Return-Path:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", re.I)
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def unsigned(octets: bytes) -> bytes:
    """The signer of a domain without a key."""
    return octets


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready to be sent. has_8bit: octets above 127 anywhere; utf8_header: in the header."""

    octets: bytes
    has_8bit: bool
    utf8_header: bool


def outgoing(stored: bytes, sign: Signer = unsigned) -> Outgoing:
    """Without our Return-Path, with CRLF alone for line ends, signed.

    The last server adds a Return-Path of its own (RFC 5321 §4.4). A bare CR or LF may end the message in the
    eyes of some servers (SMTP smuggling, CVE-2023-51764): none ever leaves.
    """
    own = _RETURN_PATH.match(stored)
    octets = stored[own.end() :] if own else stored
    if octets.count(b"\r\n") != octets.count(b"\n") or octets.count(b"\r\n") != octets.count(b"\r"):
        octets = _BARE.sub(b"\r\n", octets)
    if not octets.endswith(b"\r\n"):
        octets += b"\r\n"
    octets = sign(octets)
    end = octets.find(b"\r\n\r\n")
    header = octets if end < 0 else octets[:end]
    return Outgoing(octets, not octets.isascii(), not header.isascii())
