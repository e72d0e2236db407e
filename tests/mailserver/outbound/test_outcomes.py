"""What a reply of a remote server means."""

from __future__ import annotations

import pytest

from mailserver.outbound.outcomes import End, Stage, of_reply, status_of


@pytest.mark.parametrize(
    ("stage", "code", "text", "end"),
    [
        (Stage.DATA, 250, "2.0.0 Ok", End.SENT),
        (Stage.RCPT, 550, "5.1.1 no such user", End.FAILED),
        (Stage.RCPT, 450, "4.2.1 greylisted", End.AGAIN),
        (Stage.MAIL, 553, "sender refused", End.FAILED),
        (Stage.MAIL, 421, "4.3.2 closing", End.AGAIN),
        (Stage.DATA, 554, "5.7.1 spam", End.FAILED),
        (Stage.DATA, 451, "later", End.AGAIN),
        # Another host, another hour: what a host says before MAIL is about itself.
        (Stage.HELLO, 554, "no mail here", End.AGAIN),
        (Stage.RCPT, 452, "4.5.3 too many", End.AGAIN),
        (Stage.RCPT, 552, "too many recipients", End.AGAIN),
        (Stage.RCPT, 552, "5.2.2 mailbox full", End.FAILED),
        (Stage.RCPT, 354, "nonsense", End.AGAIN),
    ],
)
def test_replies(stage: Stage, code: int, text: str, end: End) -> None:
    assert of_reply(stage, code, text, "mx.far.test").end is end


def test_too_many_recipients_are_tried_again_at_once() -> None:
    assert of_reply(Stage.RCPT, 452, "4.5.3 too many", "mx", taken_before=True).end is End.SOON
    assert of_reply(Stage.RCPT, 552, "too many", "mx", taken_before=True).end is End.SOON
    assert of_reply(Stage.RCPT, 552, "5.2.2 full", "mx", taken_before=True).end is End.FAILED


@pytest.mark.parametrize(
    ("code", "words", "status"),
    [
        (550, "5.1.1 no such user", "5.1.1"),
        (550, "no such user", "5.0.0"),
        (450, "4.2.1", "4.2.1"),
        (450, "5.1.1 contradicts itself", "4.0.0"),
        (550, "5.1.1234 too long", "5.0.0"),
        (354, "go on", "4.0.0"),
    ],
)
def test_enhanced_status_codes(code: int, words: str, status: str) -> None:
    assert status_of(code, words) == status


def test_words_stand_on_one_line() -> None:
    outcome = of_reply(Stage.RCPT, 550, "5.1.1 no\n\x00such\r\nuser ", "mx")
    assert outcome.answer == "550 5.1.1 no such user"
