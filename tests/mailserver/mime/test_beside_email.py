"""Well-formed generated mail: the same parts, numbers, sizes and contents as Python's own parser finds."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage, Message

from hypothesis import given, settings

from mailserver.mime.body import decode_body, read_text
from mailserver.mime.charsets import tidy
from mailserver.mime.scan import scan
from mailserver.mime.structure import Part
from tests.mailserver.mime import imaplist
from tests.mailserver.mime.wellformed import MAIL, TEXT, bodystructure, numbered, octets, wire


def contents(message: Message) -> list[tuple[str, str | None, bytes]]:
    """(type, file name, content) of all parts, as Python's parser has them."""
    found = []
    for part in message.walk():
        content = b"" if part.is_multipart() else part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append((part.get_content_type(), part.get_filename(), content))
    return found


def ours(raw: bytes, part: Part) -> tuple[str, str | None, bytes]:
    is_leaf = not part.children and part.message is None
    content = decode_body(raw[slice(*part.body)], part.encoding) if is_leaf else b""
    return part.media_type, part.filename, content


def normal(text: str) -> str:
    return tidy(text)


@given(MAIL, TEXT)
def test_parts_names_and_contents_agree(message: Message, subject: str) -> None:
    raw = wire(message, subject)
    other = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(other, EmailMessage)
    scanned = scan(raw)
    wanted = [(kind, name and normal(name), content) for kind, name, content in contents(other)]
    assert [ours(raw, part) for part in scanned.structure.walk()] == wanted
    assert scanned.subject == " ".join(normal(str(other["subject"])).split())
    assert "unclosed" not in scanned.defects


@settings(max_examples=60)
@given(MAIL, TEXT)
def test_part_numbers_octets_and_texts_agree(message: Message, subject: str) -> None:
    raw = wire(message, subject)
    scanned = scan(raw)
    found = dict(numbered(email.message_from_bytes(raw)))
    assert {part.path for part in scanned.structure.walk() if part.path} == set(found)
    for path, other in found.items():
        part = scanned.structure.section(path)
        assert part is not None and part.media_type == other.get_content_type()
        if other.is_multipart():
            continue
        assert raw[slice(*part.body)] == octets(other)
        assert part.lines == (octets(other).count(b"\n") if part.type == "text" else 0)
        if part.type == "text":
            content = other.get_payload(decode=True)
            assert isinstance(content, bytes)
            text = content.decode(str(other.get_content_charset()), "replace")
            assert read_text(octets(other), part).stated == normal(text).replace("\0", "")


@settings(max_examples=60)
@given(MAIL, TEXT)
def test_bodystructure_agrees(message: Message, subject: str) -> None:
    """Types, parameters, descriptions, encodings, sizes, lines and dispositions, on every level."""
    raw = wire(message, subject)
    wanted = bodystructure(email.message_from_bytes(raw))
    assert comparable(imaplist.parse(scan(raw).bodystructure)) == wanted


def comparable(body: object) -> object:
    """One of our lists in the form of `wellformed.bodystructure`."""
    assert isinstance(body, list)
    if isinstance(body[0], list):
        count = sum(isinstance(item, list) for item in body[:-4])
        subtype, params, *shown = body[count:]
        return [*map(comparable, body[:count]), subtype, shown_parameters(params), *shown_extension(shown)]
    kind, subtype, params, identifier, description, encoding, size, *rest = body
    found: list[object] = [kind, subtype, shown_parameters(params), identifier, description, encoding]
    if (kind, subtype) == ("message", "rfc822"):
        envelope, inner, lines, *rest = rest
        assert size > 0 and lines > 0
        return [*found, None, envelope[1], comparable(inner), None, rest[0], *shown_extension(rest[1:])]
    own = 2 if kind == "text" else 1
    return [*found, size, *rest[:own], *shown_extension(rest[own:])]


def shown_extension(items: list[object]) -> list[object]:
    shown, *others = items
    assert shown is None or isinstance(shown, list)
    return [shown and [shown[0], shown_parameters(shown[1])], *others]


def shown_parameters(params: object) -> object:
    if not isinstance(params, list):
        return params
    pairs = zip(params[::2], params[1::2], strict=True)
    return [item for name, value in pairs for item in (name, "" if name.endswith("*") else value)]
