"""New messages: what we write is what we, and Python's own parser, read."""

from __future__ import annotations

import email
import email.policy
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.mime.address import Address
from mailserver.mime.body import decode_body, text_of
from mailserver.mime.compose import Attachment, Draft, compose, new_message_id
from mailserver.mime.scan import scan

DRAFT = Draft(
    from_=Address("Nguyễn Văn A", "a", "x.vn"),
    to=(Address("Trần, Bình", "b", "x.vn"), Address("", "c", "y.vn")),
    cc=(),
    bcc=(Address("", "secret", "z.vn"),),
    subject="Công văn số 12/UBND về việc triển khai chuyển đổi số năm 2024 trên địa bàn toàn tỉnh",
    text="Kính gửi\nXin chào",
    date=datetime(2024, 1, 4, 3, 0, tzinfo=UTC),
    message_id="1@x.vn",
)
LONG_NAME = "Quyết định về việc ban hành quy chế làm việc của Ủy ban nhân dân xã.pdf"


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_header_as_we_and_others_read_it() -> None:
    raw = compose(
        replace(DRAFT, in_reply_to="0@x.vn", references=("r@x.vn", "0@x.vn"), cc=(Address("C", "c", "x.vn"),))
    )
    scanned = scan(raw)
    assert scanned.subject == DRAFT.subject
    assert (scanned.from_, scanned.to) == ((DRAFT.from_,), DRAFT.to)
    assert scanned.cc == (Address("C", "c", "x.vn"),)
    assert scanned.date == 1_704_337_200
    assert (scanned.message_id, scanned.in_reply_to) == ("1@x.vn", ("0@x.vn",))
    assert scanned.references == ("r@x.vn", "0@x.vn")
    assert scanned.defects == frozenset()
    assert parsed(raw)["subject"] == DRAFT.subject
    assert [str(address.addr_spec) for address in parsed(raw)["to"].addresses] == ["b@x.vn", "c@y.vn"]


def test_the_octets_are_what_smtp_takes_everywhere() -> None:
    raw = compose(replace(DRAFT, html="<p>Kính gửi</p>", attachments=(Attachment(LONG_NAME, "a/b", b"\0" * 5_000),)))
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert b"secret" not in raw


def test_file_names_are_written_for_old_and_new_clients() -> None:
    raw = compose(replace(DRAFT, attachments=(Attachment(LONG_NAME, "application/pdf", b"%PDF"),)))
    assert b" filename*0*=UTF-8''Quy%E1%BA%BFt" in raw
    assert b' name="=?UTF-8?B?' in raw
    part = scan(raw).structure.root.children[1]
    assert part.filename == LONG_NAME
    assert [p.get_filename() for p in parsed(raw).iter_attachments()] == [LONG_NAME]


def test_structure_follows_what_is_in_the_draft() -> None:
    logo, file = (
        Attachment("l.png", "image/png", b"x", inline_id="logo@x"),
        Attachment("a.pdf", "application/pdf", b"y"),
    )
    raw = compose(replace(DRAFT, html="<img src=cid:logo@x>", attachments=(logo, file)))
    structure = scan(raw).structure
    assert [(part.path, part.media_type) for part in structure.walk()] == [
        ((), "multipart/mixed"),
        ((1,), "multipart/alternative"),
        ((1, 1), "text/plain"),
        ((1, 2), "multipart/related"),
        ((1, 2, 1), "text/html"),
        ((1, 2, 2), "image/png"),
        ((2,), "application/pdf"),
    ]
    assert structure.section((1, 2, 2)).content_id == "logo@x"  # type: ignore[union-attr]


def test_files_are_in_base64_of_76_columns() -> None:
    data = bytes(range(256)) * 10
    raw = compose(replace(DRAFT, attachments=(Attachment("a.bin", "application/octet-stream", data),)))
    part = scan(raw).structure.root.children[1]
    lines = raw[slice(*part.body)].split(b"\r\n")
    assert lines[-1] == b""
    assert {len(line) for line in lines[:-2]} == {76}
    assert decode_body(raw[slice(*part.body)], part.encoding) == data


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("plain text", "7bit"), ("Kính gửi " * 20, "base64"), ("long line é " + "x" * 500, "quoted-printable")],
)
def test_text_is_written_in_the_shortest_encoding(text: str, encoding: str) -> None:
    raw = compose(replace(DRAFT, text=text))
    part = scan(raw).structure.root
    assert part.encoding == encoding
    assert text_of(raw[slice(*part.body)], part) == text.strip("\n") + "\n"


@pytest.mark.parametrize("bad", ["a\r\nBcc: x@y", "a\nb", "a\rb", "a\0b", "a\u2028b", "a\x85b"])
@pytest.mark.parametrize(
    "field",
    [
        lambda bad: {"subject": bad},
        lambda bad: {"from_": Address(bad, "a", "b")},
        lambda bad: {"to": (Address("", bad, "b"),)},
        lambda bad: {"cc": (Address("", "a", bad),)},
        lambda bad: {"sender": Address(bad, "a", "b")},
        lambda bad: {"message_id": bad},
        lambda bad: {"in_reply_to": bad},
        lambda bad: {"references": (bad,)},
        lambda bad: {"extra_headers": (("X-A", bad),)},
        lambda bad: {"extra_headers": ((bad, "x"),)},
        lambda bad: {"attachments": (Attachment(bad, "a/b", b""),)},
        lambda bad: {"attachments": (Attachment("a", bad, b""),)},
        lambda bad: {"html": "", "attachments": (Attachment("a", "a/b", b"", inline_id=bad),)},
    ],
)
def test_nothing_a_user_types_adds_a_field(field: Any, bad: str) -> None:
    with pytest.raises(ValueError, match=r"one line|not a"):
        compose(replace(DRAFT, **field(bad)))


@pytest.mark.parametrize(
    "change",
    [
        {"date": datetime(2024, 1, 4, 3, 0)},
        {"to": (Address("", "", "x.vn"),)},
        {"to": (Address("", "a", ""),)},
        {"to": (Address("", "a", "b c"),)},
        {"message_id": ""},
        {"message_id": "<a@b>"},
        {"extra_headers": (("X:Y", "z"),)},
        {"extra_headers": (("", "z"),)},
        {"attachments": (Attachment("a", "text", b""),)},
    ],
)
def test_what_is_no_message_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not a|time zone"):
        compose(replace(DRAFT, **change))


def test_message_ids_are_never_the_same() -> None:
    made = {new_message_id("x.vn") for _ in range(100)}
    assert len(made) == 100
    assert all(identifier.endswith("@x.vn") for identifier in made)


# Without what is refused, and without space at the ends or in runs, which readers may change.
LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs", "Mn", "Mc"]), max_size=80)


@given(subject=LINE, name=LINE, text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Mn"])))
def test_what_is_written_is_read_back(subject: str, name: str, text: str) -> None:
    raw = compose(replace(DRAFT, subject=subject, from_=Address(name, "a", "x.vn"), text=text))
    scanned = scan(raw)
    assert scanned.subject == nfc(subject)
    assert scanned.from_ == (Address("".join(c if c.isprintable() else " " for c in nfc(name)).strip(), "a", "x.vn"),)
    part = scanned.structure.root
    assert text_of(raw[slice(*part.body)], part) == nfc(text) + "\n"
    assert raw.isascii()


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
