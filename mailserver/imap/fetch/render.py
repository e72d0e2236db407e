"""Rendering the items of messages as octets; pure, given what the store has of them.

Many messages are rendered at once, item by item: a run is one template and a few columns of values, so
that a message costs one formatting operation however many items it has (see `plan`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mailserver.imap import responses
from mailserver.imap.fetch import binary
from mailserver.imap.fetch.items import Form, Item, Octets, Section, Simple, Text
from mailserver.imap.fetch.plan import is_header
from mailserver.mime import listed
from mailserver.mime.bodystructure import without_extensions
from mailserver.mime.header import field_chooser
from mailserver.mime.structure import Part, Structure


class Sources(NamedTuple):
    """Messages as columns of equal length. Those that the items do not need are empty; octets: of whole
    messages.

    dates: seconds since 1970 of the entries. offset: minutes east of UTC to write them in.
    """

    sizes: Sequence[int]
    dates: Sequence[int]
    offset: int
    envelope: Sequence[bytes] = ()
    bodystructure: Sequence[bytes] = ()
    header: Sequence[bytes] = ()
    listed_fields: Sequence[bytes] = ()
    structure: Sequence[bytes] = ()
    octets: Sequence[bytes] = ()
    preview: Sequence[str] = ()
    thread_id: Sequence[int] = ()


# The format of an item, and one column for each value in it.
Cells = tuple[bytes, tuple[Iterable[object], ...]]


def columns_for(items: Iterable[Item]) -> list[str]:
    """The columns of table `message` that these items need; named as the fields of `Sources`."""
    wanted: dict[str, None] = {}
    for item in items:
        if item is Simple.ENVELOPE:
            wanted["envelope"] = None
        elif item in (Simple.BODYSTRUCTURE, Simple.BODY):
            wanted["bodystructure"] = None
        elif item is Simple.PREVIEW:
            wanted["preview"] = None
        elif item is Simple.THREADID:
            wanted["thread_id"] = None
        elif isinstance(item, Octets):
            if is_header(item):
                wanted["listed_fields" if _is_listed(item.section) else "header"] = None
            elif item.section != Section() or item.form is not Form.WIRE:
                wanted["structure"] = None
    return list(wanted)


def render(items: Iterable[Item], sources: Sources) -> list[bytes]:
    """Static items with their names, one space between; one piece for each message."""
    formats: list[bytes] = []
    columns: list[Iterable[object]] = []
    for item in items:
        cells = _octets(item, sources) if isinstance(item, Octets) else _simple(item, sources)
        formats.append(cells[0])
        columns.extend(cells[1])
    template = b" ".join(formats)
    return [template % values for values in zip(*columns, strict=True)]


def _simple(item: Simple, sources: Sources) -> Cells:
    if item is Simple.ENVELOPE:
        return b"ENVELOPE %b", (sources.envelope,)
    if item is Simple.BODYSTRUCTURE:
        return b"BODYSTRUCTURE %b", (sources.bodystructure,)
    if item is Simple.BODY:
        return b"BODY %b", (map(without_extensions, sources.bodystructure),)
    if item is Simple.SIZE:
        return b"RFC822.SIZE %d", (sources.sizes,)
    if item is Simple.INTERNALDATE:
        return b"INTERNALDATE %b", (responses.date_times(sources.dates, sources.offset),)
    if item is Simple.PREVIEW:
        return b"PREVIEW %b", ([responses.string(preview.encode()) for preview in sources.preview],)
    if item is Simple.THREADID:
        return b"THREADID (T%d)", (sources.thread_id,)
    raise AssertionError(f"{item} is no static item")


def _octets(item: Octets, sources: Sources) -> Cells:
    label = item.label.replace(b"%", b"%%")
    if item.form is not Form.WIRE:
        pairs = zip(sources.structure, sources.octets, strict=True)
        return label + b" %b", ([binary.rendered(item, *one) for one in pairs],)
    if not is_header(item) and item.section != Section():
        return label + b" %b", ([_of_part(item, *one) for one in zip(sources.structure, sources.octets, strict=True)],)
    contents = _headers(item.section, sources) if is_header(item) else sources.octets
    if item.partial is not None:
        contents = [clip(content, item.partial) for content in contents]
    return label + b" {%d}\r\n%b", (map(len, contents), contents)


def _is_listed(section: Section) -> bool:
    return section.text is Text.FIELDS and listed.holds(section.names)


def _headers(section: Section, sources: Sources) -> Sequence[bytes]:
    if _is_listed(section):
        return list(map(listed.chooser(section.names), sources.listed_fields))
    blocks = [header or b"" for header in sources.header]  # a message without an octet has no segment
    if section.text is Text.HEADER:
        return blocks
    return list(map(field_chooser(section.names, section.text is Text.FIELDS_NOT), blocks))


def _of_part(item: Octets, structure: bytes, octets: bytes) -> bytes:
    found = locate(item.section, Structure.decode(structure))
    if found is None:
        return b"NIL"
    return responses.literal(clip(chosen_fields(item.section, octets[found[0] : found[1]]), item.partial))


def clip(content: bytes, partial: tuple[int, int] | None) -> bytes:
    """The octets that `<first.count>` means; none of them behind the end (RFC 3501 §6.4.5)."""
    return content if partial is None else content[partial[0] : partial[0] + partial[1]]


def chosen_fields(section: Section, block: bytes) -> bytes:
    """A header block, or those of its fields that the section is about."""
    if section.text in (Text.FIELDS, Text.FIELDS_NOT):
        return field_chooser(section.names, section.text is Text.FIELDS_NOT)(block)
    return block


def locate(section: Section, structure: Structure) -> tuple[int, int] | None:
    """The octets [start, end) of the message that a section is about, None if there is no such part.

    For HEADER.FIELDS that is the whole header of the part.
    """
    part = structure.section(section.path)
    if part is None:
        return None
    if section.text is Text.MIME:
        return part.header
    if not section.path:
        return _of_message(section.text, part)
    if section.text is Text.WHOLE:
        return part.body
    # HEADER and TEXT of a part mean the message inside it (RFC 3501 §6.4.5).
    return None if part.message is None else _of_message(section.text, part.message)


def _of_message(text: Text, root: Part) -> tuple[int, int]:
    if text is Text.WHOLE:
        return root.header[0], root.body[1]
    return root.body if text is Text.TEXT else root.header
