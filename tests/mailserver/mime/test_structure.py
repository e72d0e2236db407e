"""Part numbers, section lookups and the stored form of the part tree."""

from __future__ import annotations

import pytest

from mailserver.mime.scan import scan
from mailserver.mime.structure import Structure
from tests.mailserver.mime.samples import crlf, nested, typed

# The example of RFC 3501 §6.4.5, shortened to two levels of embedded messages.
EXAMPLE = typed(
    "multipart/mixed; boundary=o",
    "--o\n\none\n"
    "--o\nContent-Type: application/octet-stream\n\ntwo\n"
    "--o\nContent-Type: message/rfc822\n\n"
    "Subject: three\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\n3.1\n--i\n\n3.2\n--i--\n\n"
    "--o\nContent-Type: multipart/mixed; boundary=m\n\n"
    "--m\nContent-Type: image/gif\n\n4.1\n"
    "--m\nContent-Type: message/rfc822\n\nSubject: deep\n\n4.2.1\n"
    "--m--\n--o--\n",
)


@pytest.mark.parametrize(
    ("number", "content"),
    [((1,), b"one"), ((2,), b"two"), ((3, 1), b"3.1"), ((3, 2), b"3.2"), ((4, 1), b"4.1"), ((4, 2, 1), b"4.2.1")],
)
def test_leaves_are_found_by_their_number(number: tuple[int, ...], content: bytes) -> None:
    part = scan(EXAMPLE).structure.section(number)
    assert part is not None
    assert part.path == number
    assert EXAMPLE[slice(*part.body)] == content


@pytest.mark.parametrize("number", [(0,), (5,), (1, 1), (3, 3), (3, 1, 1), (4, 2, 2), (4, 2, 1, 1)])
def test_numbers_without_a_part_give_none(number: tuple[int, ...]) -> None:
    assert scan(EXAMPLE).structure.section(number) is None


def test_header_text_and_mime_of_an_embedded_message_are_ranges() -> None:
    part = scan(EXAMPLE).structure.section((3,))
    assert part is not None and part.message is not None
    assert EXAMPLE[slice(*part.header)] == b"Content-Type: message/rfc822\r\n\r\n"
    assert EXAMPLE[slice(*part.message.header)].startswith(b"Subject: three\r\n")
    assert EXAMPLE[slice(*part.message.header)].endswith(b"\r\n\r\n")
    assert EXAMPLE[slice(*part.message.body)].startswith(b"--i\r\n")
    assert part.body == (part.message.header[0], part.message.body[1])


def test_a_simple_message_is_its_own_part_one() -> None:
    raw = crlf("Subject: s\n\nhello\n")
    structure = scan(raw).structure
    assert structure.root.path == (1,)
    assert structure.section(()) is structure.section((1,)) is structure.root
    assert raw[slice(*structure.root.header)] == b"Subject: s\r\n\r\n"
    assert structure.root.lines == 1


def test_a_message_that_is_only_an_embedded_message_counts_below_one() -> None:
    raw = typed("message/rfc822", "Subject: in\n\ninner\n")
    structure = scan(raw).structure
    inner = structure.section((1, 1))
    assert inner is not None
    assert raw[slice(*inner.body)] == b"inner\r\n"
    assert inner.path == (1, 1)


def test_walk_gives_containers_before_their_contents() -> None:
    types = [part.media_type for part in scan(EXAMPLE).structure.walk()]
    assert types == [
        "multipart/mixed",
        "text/plain",
        "application/octet-stream",
        "message/rfc822",
        "multipart/mixed",
        "text/plain",
        "text/plain",
        "multipart/mixed",
        "image/gif",
        "message/rfc822",
        "text/plain",
    ]


@pytest.mark.parametrize("raw", [EXAMPLE, nested(99), crlf("\n"), b""], ids=["example", "deep", "empty", "nothing"])
def test_the_stored_form_gives_back_the_same_tree(raw: bytes) -> None:
    structure = scan(raw).structure
    assert Structure.decode(structure.encode()) == structure


def test_large_trees_are_stored_deflated() -> None:
    structure = scan(nested(99)).structure
    assert structure.encode()[:1] == b"\x81"
    assert len(structure.encode()) < 2_000


def test_an_unknown_stored_form_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown form"):
        Structure.decode(b"\x02[]")


def test_attachments_are_leaves_with_a_disposition_or_a_name() -> None:
    raw = typed(
        "multipart/mixed; boundary=b",
        "--b\n\ntext\n"
        "--b\nContent-Type: application/pdf; name=a.pdf\n\nx\n"
        "--b\nContent-Disposition: attachment\n\nx\n"
        "--b\nContent-Type: image/png\nContent-ID: <logo@x>\nContent-Disposition: inline\n\nx\n--b--\n",
    )
    scanned = scan(raw)
    assert scanned.attachments == 2
    assert [part.is_attachment for part in scanned.structure.root.children] == [False, True, True, False]
    assert scanned.structure.root.children[3].content_id == "logo@x"
    assert scanned.structure.root.children[1].filename == "a.pdf"
