"""One pass over a message: everything the store keeps beside the octets.

`scan` never raises, whatever the octets are, and takes time linear in them (times the nesting, at
most MAX_DEPTH). Lines may end in CRLF or, in mail from files, in a bare LF.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from mailserver.mime import bodystructure
from mailserver.mime.address import Address, mailboxes
from mailserver.mime.dates import parse_date
from mailserver.mime.envelope import envelope_wire
from mailserver.mime.limits import MAX_SUBJECT
from mailserver.mime.line_count import LineCount
from mailserver.mime.media_type import NO_DISPOSITION, disposition
from mailserver.mime.message_ids import message_id, message_ids
from mailserver.mime.params import without_comments
from mailserver.mime.parts import Node, PartScan
from mailserver.mime.structure import Part, Structure
from mailserver.mime.subjects import base_subject
from mailserver.mime.transfer import decoded_length
from mailserver.mime.wire import quoted
from mailserver.mime.words import decode_text

__all__ = ["Address", "Scanned", "scan"]

_ENCODING: Final = re.compile(rb"\s*+\"?([^\s;()\"]++)")
_SEVEN_BIT: Final = (b'"7bit"', "7bit")
# What nearly every mail has, without a search.
_ENCODINGS: Final = {
    value: (quoted(value.strip()), value.strip().lower().decode())
    for name in (b"7bit", b"8bit", b"binary", b"base64", b"quoted-printable", b"Quoted-Printable", b"7BIT", b"BASE64")
    for value in (name, b" " + name, b" " + name + b"\r")
}


# Fields of which a message has one at most (RFC 5322 §3.6); of several the first is shown.
_ONCE: Final = (b"from", b"sender", b"subject", b"date", b"message-id")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a message says about itself.

    size: octets on the wire; decoded_size: the same with base64 and quoted-printable undone.
    header_size: octets of the header block with its empty line.
    envelope, bodystructure: parenthesised lists for IMAP, 7 bits, without literals.
    subject: decoded, on one line; base_subject: RFC 5256 §2.1, folded.
    from_ … bcc: mailboxes, at most MAX_ADDRESSES each, those in groups included.
    date: seconds since 1970 of the Date field. message_id and the like: without angle brackets.
    attachments: leaves that people see as files.
    defects: what was wrong or beyond a limit; "several-from" and its like matter to policies.
    """

    size: int
    decoded_size: int
    header_size: int
    structure: Structure
    envelope: bytes
    bodystructure: bytes
    subject: str
    base_subject: str
    from_: tuple[Address, ...]
    sender: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    date: int | None
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    attachments: int
    defects: frozenset[str]

    def behind(self, octets: int) -> Scanned:
        """What `scan` says with so many octets of fields more in the header, none of which it reads."""
        return replace(
            self,
            size=self.size + octets,
            decoded_size=self.decoded_size + octets,
            header_size=self.header_size + octets,
            structure=self.structure.behind(octets),
        )

    @property
    def body(self) -> bytes:
        """BODY, the form of BODYSTRUCTURE without extension data."""
        return bodystructure.without_extensions(self.bodystructure)


def scan(data: bytes) -> Scanned:
    """Everything about one message (octets as they came in, header and body). Never raises."""
    parts = PartScan(data)
    root = parts.run()
    tree = _TreeBuilder(data, parts.nodes)
    tree.build()
    facts = root.facts
    subject = _one_line(decode_text(facts.first[b"subject"])) if b"subject" in facts.first else ""
    lists = {name: mailboxes(entries) for name, entries in facts.addresses.items()}
    message_identifier = facts.get(b"message-id")
    return Scanned(
        size=len(data),
        decoded_size=len(data) - tree.saved,
        header_size=root.body,
        structure=Structure(tree.root),
        envelope=envelope_wire(facts),
        bodystructure=tree.wire,
        subject=subject,
        base_subject=base_subject(subject),
        from_=lists.get(b"from", ()),
        sender=lists.get(b"sender", ()),
        reply_to=lists.get(b"reply-to", ()),
        to=lists.get(b"to", ()),
        cc=lists.get(b"cc", ()),
        bcc=lists.get(b"bcc", ()),
        date=parse_date(facts.get(b"date") or b""),
        message_id=None if message_identifier is None else message_id(message_identifier),
        in_reply_to=message_ids(facts.first.get(b"in-reply-to", b"")),
        references=message_ids(facts.first.get(b"references", b"")),
        attachments=tree.attachments,
        defects=frozenset(parts.defects | tree.defects | _defects(data, root)),
    )


def _one_line(text: str) -> str:
    return " ".join(text[: 2 * MAX_SUBJECT].split())[:MAX_SUBJECT]


def _defects(data: bytes, root: Node) -> set[str]:
    found: set[str] = set()
    facts = root.facts
    if not data[: root.body].isascii():
        found.add("8bit-header")
    found.update([f"several-{name.decode()}" for name in _ONCE if name in facts.repeated])
    if len(facts.addresses.get(b"from", ())) > 1:
        found.add("several-authors")
    if not facts.addresses.get(b"from"):
        found.add("no-from")
    return found


class _TreeBuilder:
    """Parts and their BODYSTRUCTURE from the nodes of a scan, the innermost first.

    saved: octets by which undoing the transfer encodings shortens the message.
    """

    def __init__(self, data: bytes, nodes: list[Node]) -> None:
        self._data = data
        self._nodes = nodes
        self._lines = LineCount(data, [(n.body, n.end) for n in nodes if n.embedded is not None])
        self.saved = 0
        self.attachments = 0
        self.defects: set[str] = set()

    def build(self) -> None:
        """Fills `root` and `wire`."""
        built: dict[int, tuple[Part, bytes]] = {}
        for node in reversed(self._nodes):
            children = [built.pop(id(child)) for child in node.children]
            embedded = built.pop(id(node.embedded)) if node.embedded is not None else None
            built[id(node)] = self._part(node, children, embedded)
        self.root, self.wire = built[id(self._nodes[0])]

    def _part(
        self, node: Node, children: list[tuple[Part, bytes]], embedded: tuple[Part, bytes] | None
    ) -> tuple[Part, bytes]:
        facts, media = node.facts, node.media
        first = facts.first
        shown = disposition(first[b"content-disposition"]) if b"content-disposition" in first else NO_DISPOSITION
        if shown.defects:
            self.defects |= shown.defects
        filename = shown.filename or media.name
        encoding_wire, encoding = _encoding(first.get(b"content-transfer-encoding"))
        lines = 0
        if children:
            wire = bodystructure.multipart_wire([w for _, w in children], media, shown.wire, facts)
        else:
            inside = b""
            if embedded is not None:
                assert node.embedded is not None
                lines = self._lines.of(node.body, node.end)
                inside = b" %b %b %d" % (envelope_wire(node.embedded.facts), embedded[1], lines)
            else:
                if media.type == "text":
                    lines = self._data.count(b"\n", node.body, node.end)
                    inside = b" %d" % lines
                self.saved += node.end - node.body - decoded_length(self._data, node.body, node.end, encoding)
            if shown.kind == "attachment" or filename is not None:
                self.attachments += 1
            size = node.end - node.body
            wire = bodystructure.leaf_wire(media, encoding_wire, size, inside, shown.wire, facts)
        content_id = facts.get(b"content-id")
        return Part(
            node.path,
            (node.start, node.body),
            (node.body, node.end),
            media.type,
            media.subtype,
            media.charset,
            encoding,
            shown.kind,
            filename,
            None if content_id is None else message_id(content_id),
            tuple([part for part, _ in children]),
            None if embedded is None else embedded[0],
            lines,
        ), wire


def _encoding(value: bytes | None) -> tuple[bytes, str]:
    """The Content-Transfer-Encoding for the wire and in lower case, "7bit" without one."""
    if value is None:
        return _SEVEN_BIT
    known = _ENCODINGS.get(value)
    if known is not None:
        return known
    match = _ENCODING.match(without_comments(value) if b"(" in value else value)
    if match is None:
        return _SEVEN_BIT
    return quoted(match[1]), match[1].replace(b"\0", b"").lower().decode("latin-1")
