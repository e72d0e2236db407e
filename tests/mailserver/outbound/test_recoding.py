"""Messages for servers that take seven bits only, and those with long lines: read again, they say the same."""

from __future__ import annotations

import email
import email.policy
from base64 import b64encode
from email.message import EmailMessage

import pytest

from mailserver.outbound.recoding import LONGEST_LINE, as_seven_bit, has_long_line, with_short_lines
from tests.support.mail import letter

TEXT = "Biên bản \r\n.\r\nFrom đây\r\n"
MIXED = (
    "From: a@b.vn\r\nContent-Transfer-Encoding: 8bit\r\n (8 bits)\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "--b\r\n\r\nBiên\r\n"
    "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: 8bit\r\n\r\nđ\r\nđ\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nas it was\r\n"
    "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "Subject: inner\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>đ</p>\r\n--b--\r\n"
).encode()


def _read(octets: bytes) -> EmailMessage:
    return email.message_from_bytes(octets, policy=email.policy.default)


def _seven(octets: bytes) -> bytes:
    made = as_seven_bit(octets)
    assert made is not None
    assert made.isascii()
    return made


def test_text_says_the_same_in_quoted_printable() -> None:
    before = letter(text=TEXT)
    made = _read(_seven(before))
    assert made["Content-Transfer-Encoding"] == "quoted-printable"
    assert made.get_payload(decode=True) == before.partition(b"\r\n\r\n")[2]
    assert max(map(len, _seven(before).split(b"\r\n"))) <= 78 + len("Content-Type: ")


def test_what_names_no_type_gets_one_below_the_fields_of_servers() -> None:
    made = _seven(b"Received: by x\r\nFrom: a@b.vn\r\n\r\n" + TEXT.encode())
    assert made.startswith(
        b"Received: by x\r\nFrom: a@b.vn\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8"
    )
    assert _read(made).get_content() == TEXT
    assert b"charset=unknown-8bit" in _seven(b"From: a@b.vn\r\n\r\n\xff\r\n")


def test_each_part_is_encoded_by_itself_and_7bit_ones_are_left_alone() -> None:
    made = _seven(MIXED)
    message = _read(made)
    parts = list(message.walk())
    assert message.get_all("Content-Transfer-Encoding") == ["7bit"]
    labels = [part["Content-Transfer-Encoding"] for part in parts[1:]]
    assert labels == ["quoted-printable", "base64", None, "7bit", "quoted-printable"]
    assert parts[1].get_content() == "Biên"
    assert parts[2].get_payload(decode=True) == "đ\r\nđ".encode()
    assert parts[5].get_content() == "<p>đ</p>"
    assert b"--b\r\nContent-Type: text/plain\r\n\r\nas it was\r\n--b\r\n" in made


def test_a_broken_encoding_becomes_a_sound_one() -> None:
    head = b"From: a@b.vn\r\nContent-Type: text/plain; charset=utf-8\r\n"
    head += b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    assert _read(_seven(head + "=C4=91đ=0Dx\r\n".encode())).get_payload(decode=True) == "đđ\rx\r\n".encode()


SIGNED = "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nđ\r\n--b--\r\n"
AROUND = "Content-Type: multipart/mixed; boundary=b\r\n\r\nđ\r\n--b\r\n\r\nx\r\n--b--\r\n"
NO_PLACE = {
    "a field": "Subject: đ\r\n\r\nx\r\n",
    "under a signature": SIGNED,
    "around the parts": AROUND,
    "an unknown encoding": "Content-Type: text/plain\r\nContent-Transfer-Encoding: x-own\r\n\r\nđ\r\n",
    "a piece of a message": "Content-Type: message/partial\r\n\r\nđ\r\n",
}


@pytest.mark.parametrize("octets", NO_PLACE.values(), ids=NO_PLACE)
def test_what_cannot_be_encoded_is_none(octets: str) -> None:
    assert as_seven_bit(octets.encode()) is None


@pytest.mark.parametrize("before", [b"", b"x\r\n", b"y" * 998 + b"\r\n"])
@pytest.mark.parametrize("length", [0, 1, 996, 997, 998, 999, 1000, 1001, 5000])
@pytest.mark.parametrize("after", [b"", b"\r\n", b"\r\nz\r\n"])
def test_a_line_above_998_octets_is_seen(before: bytes, length: int, after: bytes) -> None:
    assert has_long_line(before + b"a" * length + after) is (length > LONGEST_LINE)


def test_parts_with_long_lines_are_encoded_and_no_others() -> None:
    long = "đ" * 700
    before = MIXED.replace("Biên\r\n".encode(), f"{long}\r\nBiên\r\n".encode())
    made = with_short_lines(before)
    assert not has_long_line(made)
    parts = list(_read(made).walk())
    assert parts[1].get_content() == f"{long}\r\nBiên"
    assert (
        made.partition(b"--b\r\nContent-Type: application")[2]
        == before.partition(b"--b\r\nContent-Type: application")[2]
    )
    assert with_short_lines(MIXED) is MIXED


def test_base64_in_one_line_is_cut_into_lines() -> None:
    header = b"From: a@b.vn\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    content = bytes(range(256)) * 20
    made = with_short_lines(header + b64encode(content) + b"\r\n")
    assert made.startswith(header) and not has_long_line(made)
    assert _read(made).get_payload(decode=True) == content


def test_long_lines_under_a_signature_stay() -> None:
    signed = SIGNED.replace("đ", "x" * 2000).encode()
    assert with_short_lines(signed) == signed


def test_a_line_that_is_broken_makes_no_delimiter() -> None:
    text = "đ" + "x" * 69 + "--b\r\n" + "y" * 100
    made = _read(_seven(MIXED.replace("Biên\r\n".encode(), f"{text}\r\n".encode())))
    assert [part.get_content_type() for part in made.walk()] == [
        part.get_content_type() for part in _read(MIXED).walk()
    ]
    assert list(made.walk())[1].get_content() == text


def test_a_header_that_readers_take_otherwise_is_left_alone() -> None:
    broken = b" Content-Transfer-Encoding: 8bit\r\nContent-Type: text/plain\r\n\r\n"
    assert as_seven_bit(broken + "đ\r\n".encode()) is None
