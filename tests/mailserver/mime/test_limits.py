"""Hostile mail: each limit holds, is named in the defects, and nothing raises.

Times are measured in `tests/bench`; here the suite's time limit catches what is not linear.
"""

from __future__ import annotations

import pytest

from mailserver.mime import limits
from mailserver.mime.body import searchable_text
from mailserver.mime.scan import scan
from mailserver.mime.structure import Part, Structure
from tests.mailserver.mime import imaplist
from tests.mailserver.mime.samples import HEAD, crlf, nested, typed


def depth(root: Part) -> int:
    waiting, deepest = [(root, 0)], 0
    while waiting:
        part, level = waiting.pop()
        deepest = max(deepest, level)
        inside = part.children if part.message is None else (part.message,)
        waiting.extend((child, level + 1) for child in inside)
    return deepest


@pytest.mark.parametrize("levels", [99, 100, 101, 1_000, 20_000])
def test_nested_multiparts(levels: int) -> None:
    scanned = scan(nested(levels))
    assert depth(scanned.structure.root) == min(levels, limits.MAX_DEPTH)
    assert ("depth" in scanned.defects) == (levels > limits.MAX_DEPTH)
    imaplist.check_body(imaplist.parse(scanned.bodystructure), extended=True)
    if levels > limits.MAX_DEPTH:
        leaf = list(scanned.structure.walk())[-1]
        assert leaf.media_type == "application/octet-stream"


@pytest.mark.parametrize("levels", [100, 1_000, 20_000])
def test_nested_messages(levels: int) -> None:
    scanned = scan(crlf(HEAD + b"Content-Type: message/rfc822\n\n" * levels + b"\nx"))
    assert depth(scanned.structure.root) == limits.MAX_DEPTH
    assert ("depth" in scanned.defects) == (levels > limits.MAX_DEPTH)
    imaplist.check_body(imaplist.parse(scanned.body), extended=False)


def test_more_parts_than_allowed_stay_in_the_last_one() -> None:
    raw = typed("multipart/mixed; boundary=b", b"--b\n\nx\n" * (limits.MAX_PARTS + 5) + b"--b--\n")
    scanned = scan(raw)
    children = scanned.structure.root.children
    assert len(children) == limits.MAX_PARTS - 1
    assert children[-1].body[1] == len(raw)
    assert "parts" in scanned.defects
    assert Structure.decode(scanned.structure.encode()) == scanned.structure


def test_a_content_type_behind_fifty_thousand_recipients_is_still_read() -> None:
    to = b", ".join(b"u%d@x.vn" % number for number in range(50_000))
    scanned = scan(crlf(b"From: a@b\nTo: " + to + b"\nContent-Type: text/html\n\nx\n"))
    assert len(scanned.to) == limits.MAX_ADDRESSES
    assert scanned.structure.root.subtype == "html"
    assert {"addresses", "header-size"} <= scanned.defects


def test_a_hundred_thousand_fields() -> None:
    scanned = scan(crlf(HEAD + b"X-A: b\n" * 100_000 + b"Content-Type: text/html\n\nx\n"))
    assert {"header-fields", "header-size"} <= scanned.defects
    assert scanned.subject == "s"
    assert scanned.structure.root.lines == 1


def test_a_header_line_of_a_megabyte() -> None:
    scanned = scan(crlf(b"Subject: " + b"a" * 1_000_000 + b"\nFrom: a@b\n\nx\n"))
    assert scanned.subject == "a" * limits.MAX_SUBJECT
    assert scanned.from_[0].addr == "a@b"
    assert "header-size" in scanned.defects


def test_twenty_thousand_parameters() -> None:
    split = b"; ".join(b"name*%d*=%%41" % number for number in range(2_000))
    scanned = scan(typed(b"application/x; " + split))
    assert scanned.structure.root.filename == "A" * limits.MAX_PARAMETERS
    assert "parameters" in scanned.defects


@pytest.mark.parametrize("piece", ["a", "a/", "\\", "=?utf-8?q?a?=", "%41", "\u202e"])
def test_a_file_name_as_long_as_a_header_may_be(piece: str) -> None:
    """A pattern tried at each octet would not come back from this."""
    name = piece * (limits.MAX_HEADER_OCTETS // len(piece.encode()) // 3)
    fields = f"Content-Disposition: attachment; filename=\"{name}\"; x*=utf-8''{name}\n"
    scanned = scan(typed(f'a/b; name="{name}"', more=fields))
    shown = scanned.structure.root.filename
    assert shown is None or len(shown.encode()) <= limits.MAX_FILENAME_OCTETS


def test_lines_that_only_begin_like_delimiters() -> None:
    raw = typed("multipart/mixed; boundary=b", b"--b\n\n" + b"--bX\n" * 100_000 + b"--b--\n")
    scanned = scan(raw)
    assert "delimiters" in scanned.defects
    assert len(scanned.structure.root.children) == 1


@pytest.mark.parametrize(
    "piece", [b"(", b'"', b"<", b'<"', b",", b"\\", b"[", b":", b"x:;", b"x@y:", b" .", b"@", b"((\\", b'"\\', b"<a@b>"]
)
def test_address_fields_of_nothing_but_specials(piece: bytes) -> None:
    count = limits.MAX_FIELD_OCTETS // len(piece)
    scanned = scan(crlf(b"From: a@b\nTo: " + piece * count + b"\nCc: c@d\n\nx\n"))
    imaplist.check_envelope(imaplist.parse(scanned.envelope))
    assert len(scanned.to) <= limits.MAX_ADDRESSES


@pytest.mark.parametrize("piece", [b";", b'"', b"(", b' ("', b'\\"', b" a", b"=", b"a=", b"*0*=", b"a*=';", b"%"])
def test_parameters_of_nothing_but_specials(piece: bytes) -> None:
    raw = typed(b"a/b; x=" + piece * 20_000, more=b"Content-Disposition: " + piece * 20_000 + b"\n")
    imaplist.check_body(imaplist.parse(scan(raw).bodystructure), extended=True)


@pytest.mark.parametrize(
    "piece", ["=?", "=?a?q?", "=?utf-8?b?====?= ", "Re: ", "[a]", "[", "(fwd)", "[fwd:", "\u0301\u0316"]
)
def test_subjects_of_nothing_but_prefixes(piece: str) -> None:
    scanned = scan(crlf("From: a@b\nSubject: " + piece * (60_000 // len(piece)) + "\n\nx\n"))
    assert len(scanned.subject) <= limits.MAX_SUBJECT
    imaplist.check_envelope(imaplist.parse(scanned.envelope))


@pytest.mark.parametrize(
    "piece", ["<", "<script", "<!--", "<style></style>", "<p ", "&#", "&#1111111111", "\n ", "\u0301\u0316"]
)
def test_pages_of_nothing_but_markup(piece: str) -> None:
    raw = typed("text/html; charset=utf-8", piece * (500_000 // len(piece)))
    text = searchable_text(raw, scan(raw), limit=1_000)
    assert len(text.body) <= 1_000
    assert len(text.preview) <= limits.MAX_PREVIEW


def test_identifiers_beyond_the_limit_keep_the_root_and_the_parents() -> None:
    references = b" ".join(b"<%d@x>" % number for number in range(5_000))
    scanned = scan(crlf(b"From: a@b\nReferences: " + references + b"\n\nx\n"))
    assert len(scanned.references) == limits.MAX_MESSAGE_IDS
    assert scanned.references[0] == "0@x"
    assert scanned.references[-1] == "4999@x"
