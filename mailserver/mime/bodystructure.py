"""BODYSTRUCTURE and BODY as octets for the wire (RFC 3501 §7.4.2), in Dovecot's spelling."""

from __future__ import annotations

import re
from typing import Final

from mailserver.mime.envelope import HeaderFacts
from mailserver.mime.media_type import MediaType
from mailserver.mime.params import without_comments
from mailserver.mime.wire import nstring, quoted

_LANGUAGE_TAG: Final = re.compile(rb"[A-Za-z0-9\-]++")
_ITEM: Final = re.compile(rb'\(|\)|"(?:[^"\\]++|\\.)*+"|[^ ()"]++', re.DOTALL)


def multipart_wire(children: list[bytes], media: MediaType, disposition: bytes, facts: HeaderFacts) -> bytes:
    """The list of a multipart: its children's lists, subtype, parameters and extension data."""
    return b"(%b %b %b %b)" % (
        b"".join(children),
        media.subtype_wire,
        media.params_wire,
        _extension_wire(disposition, facts),
    )


def leaf_wire(
    media: MediaType, encoding: bytes, size: int, inside: bytes, disposition: bytes, facts: HeaderFacts
) -> bytes:
    """The list of any other part.

    size: octets of the body, encoded. inside: what stands between the size and the extension data,
    with a space in front: the number of lines of a text; envelope, body and lines of a message.
    """
    first = facts.first
    return b"(%b %b %b %b %b %b %d%b %b %b)" % (
        media.type_wire,
        media.subtype_wire,
        media.params_wire,
        nstring(facts.get(b"content-id")) if b"content-id" in first else b"NIL",
        nstring(facts.get(b"content-description")) if b"content-description" in first else b"NIL",
        encoding,
        size,
        inside,
        nstring(facts.get(b"content-md5")) if b"content-md5" in first else b"NIL",
        _extension_wire(disposition, facts),
    )


def _extension_wire(disposition: bytes, facts: HeaderFacts) -> bytes:
    """Disposition, language and location, the extension data that all parts have."""
    language = facts.get(b"content-language")
    location = facts.get(b"content-location")
    if language is None and location is None:
        return disposition + b" NIL NIL"
    tags = _LANGUAGE_TAG.findall(without_comments(language or b""))
    languages = b"(" + b" ".join([quoted(tag) for tag in tags]) + b")" if tags else b"NIL"
    return b"%b %b %b" % (disposition, languages, nstring(location))


def without_extensions(bodystructure: bytes) -> bytes:
    """The BODY form of a BODYSTRUCTURE of ours: every body's extension data left out."""
    # Lists being read; one is a list of its items, each an atom's octets or a finished list.
    open_lists: list[list[bytes]] = [[]]
    for match in _ITEM.finditer(bodystructure):
        item = match[0]
        if item == b"(":
            open_lists.append([])
        elif item == b")" and len(open_lists) > 1:
            items = open_lists.pop()
            open_lists[-1].append(_short(items))
        else:
            open_lists[-1].append(item)
    return b"".join(open_lists[0])


def _short(items: list[bytes]) -> bytes:
    """A list's octets, cut behind what BODY shows if the list is a body, whole if it is not."""
    if not items:
        return b"()"
    bodies = 0
    while bodies < len(items) and _is_list(items[bodies]):
        bodies += 1
    if bodies and bodies < len(items) and items[bodies].startswith(b'"'):
        return b"(" + b"".join(items[:bodies]) + b" " + items[bodies] + b")"
    if bodies == len(items):
        # Addresses, and the bodies of nothing: no space between lists.
        return b"(" + b"".join(items) + b")"
    if not _is_body(items):
        return b"(" + b" ".join(items) + b")"
    kind = items[0].lower()
    shown = 8 if kind == b'"text"' else 7
    if kind == b'"message"' and _is_list(items[7]):
        shown = 10
    return b"(" + b" ".join(items[:shown]) + b")"


def _is_list(item: bytes) -> bool:
    return item.startswith(b"(")


def _is_body(items: list[bytes]) -> bool:
    """Whether these are the items of a leaf: the seventh is the number of its octets."""
    return len(items) >= 11 and items[6].isdigit()
