from __future__ import annotations

import pytest
from flask import Flask

from mailserver.mime.scan import Scanned, scan
from webmail.mail.drafting import Beginning, answer, form_field, forward, references, resume

OWN = {"toi@so.example"}


def header(*fields: str) -> Scanned:
    return scan(("\r\n".join(fields) + "\r\n\r\n").encode())


LETTER = header(
    "From: Khôi <khoi@so.example>",
    "To: toi@so.example, an@so.example",
    "Cc: binh@so.example",
    "Subject: Lịch họp",
    "Message-ID: <2@so.example>",
    "References: <0@so.example> <1@so.example>",
)


@pytest.fixture(autouse=True)
def _request(app: Flask) -> object:
    with app.test_request_context("/"):
        yield


def test_an_answer_goes_to_the_author_with_the_text_quoted() -> None:
    made = answer(LETTER, "Mời họp\n\n8 giờ", "09:00", OWN, everyone=False)
    assert (made.to, made.cc, made.subject) == ("Khôi <khoi@so.example>", "", "Re: Lịch họp")
    assert made.text == "\n\nLúc 09:00, Khôi <khoi@so.example> viết:\n> Mời họp\n>\n> 8 giờ"


def test_an_answer_to_all_leaves_out_oneself() -> None:
    assert answer(LETTER, "", "", OWN, everyone=True).cc == "an@so.example, binh@so.example"


def test_reply_to_comes_before_from() -> None:
    letter = header("From: a@so.example", "Reply-To: vb+token@so.example", "Subject: RE: x")
    made = answer(letter, "", "", OWN, everyone=False)
    assert (made.to, made.subject) == ("vb+token@so.example", "RE: x")


def test_answering_ones_own_letter_goes_on_with_its_readers() -> None:
    letter = header("From: toi@so.example", "To: an@so.example", "Subject: x")
    assert answer(letter, "", "", OWN, everyone=False).to == "an@so.example"


def test_a_forward_says_where_it_is_from_and_is_addressed_to_nobody() -> None:
    made = forward(LETTER, "Mời họp", "09:00")
    assert (made.to, made.subject) == ("", "Fwd: Lịch họp")
    assert "Từ: Khôi <khoi@so.example>" in made.text and made.text.endswith("Mời họp")


def test_references_go_on() -> None:
    assert references(LETTER) == ("2@so.example", ("0@so.example", "1@so.example", "2@so.example"))
    assert references(header("From: a@so.example")) == (None, ())


def test_a_draft_gives_back_what_was_half_typed() -> None:
    typed = Beginning(to="anl, sai@", cc="Đào", bcc="b@so.example", identity="vp@so.example", answers="1.2")
    name, value = form_field(typed)
    block = f"From: toi@so.example\r\nSubject: x\r\n{name}: {value}\r\n\r\n".encode()
    back = resume(scan(block), block, "chữ")
    assert (back.to, back.cc, back.bcc, back.identity, back.answers) == (
        typed.to, typed.cc, typed.bcc, typed.identity, typed.answers,
    )  # fmt: skip
    assert back.text == "chữ"


@pytest.mark.parametrize("value", ["", "nonsense", "[]", '{"to": 5}', "null"])
def test_a_draft_of_another_client_is_read_from_its_fields(value: str) -> None:
    block = f"From: toi@so.example\r\nTo: an@so.example\r\nX-Vanthu-Draft: {value}\r\n\r\n".encode()
    assert resume(scan(block), block, "").to == "an@so.example"
