"""From a stored message to the octets that leave."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mailserver.mime.header import header_end
from mailserver.outbound.recoding import as_seven_bit, with_short_lines

# Puts signature fields in front of a message whose octets are final; must not change the rest.
Signer = Callable[[bytes], bytes]

_RETURN_PATH = re.compile(rb"Return-Path:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", re.I)
# Somebody has signed it already, and only the octets as they are prove it.
_SIGNED = re.compile(rb"^dkim-signature[ \t]*+:", re.I | re.M)
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def unsigned(octets: bytes) -> bytes:
    """The signer of a domain without a key."""
    return octets


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready to be sent.

    has_8bit: octets above 127 anywhere; utf8_header: in the header. signed_at: where what was
    signed begins, behind the signatures of `sign`.
    """

    octets: bytes
    has_8bit: bool
    utf8_header: bool
    signed_at: int
    sign: Signer

    def in_seven_bits(self) -> Outgoing:
        """The same in 7 bits and signed as such; itself where that cannot be done. Blocks: call it in a thread."""
        converted = as_seven_bit(self.octets[self.signed_at :]) if self.has_8bit else None
        return self if converted is None else _signed(converted, self.sign)


def outgoing(stored: bytes, sign: Signer = unsigned) -> Outgoing:
    """Without our Return-Path, with CRLF alone for line ends and no line that is too long, signed.

    The last server adds a Return-Path of its own (RFC 5321 §4.4). A bare CR or LF may end the message in the
    eyes of some servers (SMTP smuggling, CVE-2023-51764): none ever leaves. Long lines are refused by some servers and
    broken by others, which breaks our signature too; those of a letter that others have signed stay.
    """
    own = _RETURN_PATH.match(stored)
    octets = stored[own.end() :] if own else stored
    if octets.count(b"\r\n") != octets.count(b"\n") or octets.count(b"\r\n") != octets.count(b"\r"):
        octets = _BARE.sub(b"\r\n", octets)
    if not octets.endswith(b"\r\n"):
        octets += b"\r\n"
    if _SIGNED.search(octets, 0, header_end(octets, 0, len(octets))) is None:
        octets = with_short_lines(octets)
    return _signed(octets, sign)


def _signed(bare: bytes, sign: Signer) -> Outgoing:
    octets = sign(bare)
    header = octets[: header_end(octets, 0, len(octets))]
    return Outgoing(octets, not octets.isascii(), not header.isascii(), len(octets) - len(bare), sign)
