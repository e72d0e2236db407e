"""Rendering the items of a message as octets; pure, given what the store has of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from mailserver.imap import responses
from mailserver.imap.fetch import binary
from mailserver.imap.fetch.items import Form, Item, Octets, Section, Simple, Text
from mailserver.imap.fetch.plan import Run, is_header
from mailserver.mime.bodystructure import without_extensions
from mailserver.mime.header import select_fields
from mailserver.mime.structure import Part, Structure


class Source(NamedTuple):
    """One message. Fields that its plan does not need are empty; octets: the whole message.

    date: seconds since 1970 of the entry. offset: minutes east of UTC to write it in.
    """

    size: int
    date: int
    offset: int
    envelope: bytes = b""
    bodystructure: bytes = b""
    header: bytes = b""
    structure: bytes = b""
    octets: bytes = b""
    preview: str = ""
    thread_id: int = 0


Renderer = Callable[[Source], bytes]


def columns_for(items: Iterable[Item]) -> list[str]:
    """The columns of table `message` that these items need; named as the fields of `Source`."""
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
                wanted["header"] = None
            elif item.section != Section() or item.form is not Form.WIRE:
                wanted["structure"] = None
    return list(wanted)


def run_renderer(run: Run) -> Renderer:
    """Renders all items of a run with one space between; made once for many messages."""
    renderers = [item_renderer(item) for item in run.items]
    if len(renderers) == 1:
        return renderers[0]
    return lambda source: b" ".join([render(source) for render in renderers])


def item_renderer(item: Item) -> Renderer:
    """Renders a static item with its name."""
    return partial(_render_octets, item) if isinstance(item, Octets) else _SIMPLE[item]


_SIMPLE: dict[Simple, Renderer] = {
    Simple.ENVELOPE: lambda source: b"ENVELOPE " + source.envelope,
    Simple.BODYSTRUCTURE: lambda source: b"BODYSTRUCTURE " + source.bodystructure,
    Simple.BODY: lambda source: b"BODY " + without_extensions(source.bodystructure),
    Simple.SIZE: lambda source: b"RFC822.SIZE %d" % source.size,
    Simple.INTERNALDATE: lambda source: b"INTERNALDATE " + responses.date_time(source.date, source.offset),
    Simple.PREVIEW: lambda source: b"PREVIEW " + responses.string(source.preview.encode()),
    Simple.THREADID: lambda source: b"THREADID (T%d)" % source.thread_id,
}


def _render_octets(item: Octets, source: Source) -> bytes:
    if item.form is not Form.WIRE:
        return item.label + b" " + binary.rendered(item, source.structure, source.octets)
    content = _content(item, source)
    return item.label + (b" NIL" if content is None else b" " + responses.literal(content))


def _content(item: Octets, source: Source) -> bytes | None:
    if is_header(item):
        return clip(_header_content(item.section, source.header), item.partial)
    if item.section == Section():
        return clip(source.octets, item.partial)
    found = locate(item.section, Structure.decode(source.structure))
    if found is None:
        return None
    return clip(chosen_fields(item.section, source.octets[found[0] : found[1]]), item.partial)


def clip(content: bytes, partial: tuple[int, int] | None) -> bytes:
    """The octets that `<first.count>` means; none of them behind the end (RFC 3501 §6.4.5)."""
    return content if partial is None else content[partial[0] : partial[0] + partial[1]]


def _header_content(section: Section, header: bytes) -> bytes:
    return header if section.text is Text.HEADER else chosen_fields(section, header)


def chosen_fields(section: Section, block: bytes) -> bytes:
    if section.text is Text.FIELDS:
        return select_fields(block, section.names)
    if section.text is Text.FIELDS_NOT:
        return select_fields(block, section.names, invert=True)
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
