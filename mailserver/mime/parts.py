"""The part tree of a message, found level by level without recursion.

Multiparts are cut at their delimiter lines by searching for the octets, so a 10 MB attachment costs
one search and not a loop over lines. An enclosing boundary is looked for before an inner one.
"""

from __future__ import annotations

from typing import Final

from mailserver.mime.address import AddressBudget
from mailserver.mime.envelope import HeaderFacts
from mailserver.mime.header import fields_of, header_end
from mailserver.mime.limits import (
    MAX_DEPTH,
    MAX_FALSE_DELIMITERS,
    MAX_FIELDS,
    MAX_HEADER_OCTETS,
    MAX_PART_HEADER_OCTETS,
    MAX_PARTS,
)
from mailserver.mime.media_type import MESSAGE_RFC822, OCTET_STREAM, TEXT_PLAIN, MediaType, media_type

# RFC 2046 §5.2.1, RFC 6532 §3.7; RFC 9051 §9 gives both an envelope in BODYSTRUCTURE.
_MESSAGE_TYPES: Final = frozenset({"rfc822", "global"})


class Node:
    """A part while the tree is being built. `embedded`: of a message part. Offsets as in `Part`."""

    __slots__ = ("body", "children", "depth", "embedded", "end", "facts", "is_root", "media", "path", "start")

    def __init__(self, start: int, end: int, depth: int, path: tuple[int, ...], media: MediaType) -> None:
        self.start = start
        self.body = end
        self.end = end
        self.depth = depth
        self.path = path
        # Of the message or of an embedded one; has no part number of its own (see `Part.path`).
        self.is_root = False
        # The default until the header has been read.
        self.media = media
        self.facts: HeaderFacts
        self.children: list[Node] = []
        self.embedded: Node | None = None


class PartScan:
    """Finds the parts of one message. `nodes`: all of them, containers before their contents."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.nodes: list[Node] = []
        self.defects: set[str] = set()
        self._count = 1
        self._part_header_octets = 0
        self._false_delimiters = 0
        self._addresses = AddressBudget()

    def run(self) -> Node:
        """Scan the message; returns its root."""
        root = Node(0, len(self.data), 0, (), TEXT_PLAIN)
        root.is_root = True
        waiting = [root]
        while waiting:
            node = waiting.pop()
            self.nodes.append(node)
            self._read_header(node)
            waiting.extend(reversed(self._contents(node)))
        if self._addresses.exceeded:
            self.defects.add("addresses")
        return root

    def _contents(self, node: Node) -> list[Node]:
        """The parts within a part, noted in it; none for a leaf."""
        media = node.media
        if media.type == "multipart" and self._may_open(node):
            self._open_multipart(node)
            return node.children
        if node.is_root:
            node.path = (*node.path, 1)
        if media.type == "message" and media.subtype in _MESSAGE_TYPES and self._may_open(node):
            embedded = self._child(node, node.body, node.end, node.path, TEXT_PLAIN)
            embedded.is_root = True
            node.embedded = embedded
            return [embedded]
        return []

    def _may_open(self, node: Node) -> bool:
        """Whether the limits allow to look inside; if not, the part is shown as octets."""
        if node.depth >= MAX_DEPTH:
            self.defects.add("depth")
        elif self._count >= MAX_PARTS:
            self.defects.add("parts")
        else:
            return True
        node.media = OCTET_STREAM
        return False

    def _child(self, node: Node, start: int, end: int, path: tuple[int, ...], media: MediaType) -> Node:
        self._count += 1
        return Node(start, end, node.depth + 1, path, media)

    def _read_header(self, node: Node) -> None:
        node.body = header_end(self.data, node.start, node.end)
        block = self.data[node.start : node.body]
        if node.depth:
            self._part_header_octets += len(block)
            if self._part_header_octets > MAX_PART_HEADER_OCTETS:
                self.defects.add("header-size")
                block = b""
        if len(block) > MAX_HEADER_OCTETS:
            self.defects.add("header-size")
        fields = fields_of(block)
        if len(fields) >= MAX_FIELDS:
            self.defects.add("header-fields")
        facts = node.facts = HeaderFacts(fields)
        if node.is_root:
            facts.read_addresses(self._addresses)
        content_type = facts.first.get(b"content-type")
        if content_type is not None:
            node.media = media_type(content_type, node.media)
            if b"content-type" in facts.repeated:
                self.defects.add("several-content-type")
            if node.media.defects:
                self.defects |= node.media.defects

    def _open_multipart(self, node: Node) -> None:
        boundary = node.media.boundary
        if boundary is None:
            self.defects.add("boundary")
        regions = self._regions(node.body, node.end, boundary) if boundary is not None else []
        if not regions:
            # A multipart without parts is not allowed; like Dovecot, show one empty text.
            self.defects.add("no-parts")
            regions = [(node.end, node.end)]
        default = MESSAGE_RFC822 if node.media.subtype == "digest" else TEXT_PLAIN
        node.children = [
            self._child(node, start, end, (*node.path, number), default)
            for number, (start, end) in enumerate(regions, 1)
        ]

    def _regions(self, start: int, end: int, boundary: bytes) -> list[tuple[int, int]]:
        """Where the parts of a multipart are: from behind a delimiter line to before the next one.

        A delimiter is a line end, "--", the boundary, and then the end of the line or white space;
        with "--" behind the boundary it is the last one (RFC 2046 §5.1.1). A boundary that is only
        the beginning of a longer word is another's: writers append to the outer one for the inner.
        """
        data, delimiter = self.data, b"\n--" + boundary
        regions: list[tuple[int, int]] = []
        opened = -1
        # The line end before the first delimiter may be that of the header's empty line.
        at = start - 1
        while (hit := data.find(delimiter, at, end)) >= 0:
            at = data.find(b"\n", hit + len(delimiter), end)
            if at < 0:
                at = end
            behind = data[hit + len(delimiter) : hit + len(delimiter) + 2]
            last = behind == b"--"
            if not last and behind[:1].strip():
                self._false_delimiters += 1
                if self._false_delimiters > MAX_FALSE_DELIMITERS:
                    self.defects.add("delimiters")
                    break
                continue
            if opened >= 0:
                before = hit - 1 if data[hit - 1] == 0x0D else hit
                regions.append((opened, max(opened, before)))
                opened = -1
            if last:
                break
            opened = min(at + 1, end)
            if self._count + len(regions) + 1 >= MAX_PARTS:
                self.defects.add("parts")
                break
        if opened >= 0:
            regions.append((opened, end))
            self.defects.add("unclosed")
        return regions
