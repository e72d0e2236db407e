"""What holds for the scan of any octets whatever; raises AssertionError where it does not."""

from __future__ import annotations

from mailserver.mime.scan import Scanned
from mailserver.mime.structure import Part, Structure
from tests.mailserver.mime import imaplist


def check(raw: bytes, scanned: Scanned) -> None:
    """Sizes, answers for the wire and the tree of parts fit the octets and one another."""
    assert scanned.size == len(raw)
    assert 0 <= scanned.decoded_size <= len(raw)
    assert 0 <= scanned.header_size <= len(raw)
    imaplist.check_envelope(imaplist.parse(scanned.envelope))
    imaplist.check_body(imaplist.parse(scanned.bodystructure), extended=True)
    imaplist.check_body(imaplist.parse(scanned.body), extended=False)
    assert scanned.envelope.isascii() and scanned.bodystructure.isascii()
    root = scanned.structure.root
    assert root.header == (0, scanned.header_size)
    assert root.body == (scanned.header_size, len(raw))
    for part in scanned.structure.walk():
        _check_part(part)
        if part.path:
            assert scanned.structure.section(part.path) is not None
    assert Structure.decode(scanned.structure.encode()) == scanned.structure


def _check_part(part: Part) -> None:
    """Parts lie within what contains them, one after the other."""
    assert part.header[0] <= part.header[1] == part.body[0] <= part.body[1]
    at = part.body[0]
    for child in part.children:
        assert at <= child.header[0] and child.body[1] <= part.body[1]
        at = child.body[1]
    if part.message is not None:
        assert (part.message.header[0], part.message.body[1]) == part.body
    for text in (part.filename, part.charset, part.encoding, part.content_id, part.disposition):
        if text is not None:
            assert "\0" not in text
            text.encode()


def texts_of(scanned: Scanned) -> list[str]:
    """Every text of a scan that is written into a database."""
    lists = (scanned.from_, scanned.sender, scanned.reply_to, scanned.to, scanned.cc, scanned.bcc)
    addresses = [address.display for addresses in lists for address in addresses]
    identifiers = [*scanned.references, *scanned.in_reply_to, scanned.message_id or ""]
    return [scanned.subject, scanned.base_subject, *addresses, *identifiers]


def check_storable(texts: list[str]) -> None:
    """No database takes NUL or half a surrogate pair."""
    for text in texts:
        assert "\0" not in text
        text.encode()
