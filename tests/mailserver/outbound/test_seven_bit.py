"""Messages for servers that take seven bits only: read again, they say the same."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

import pytest

from mailserver.outbound.seven_bit import as_seven_bit
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
