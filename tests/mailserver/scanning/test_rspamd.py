"""rspamd itself, asked by the client: what it advises, and that it hears of the envelope."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mailserver.scanning.found import Advice, NoAnswer, Opinion, Why
from mailserver.scanning.rspamd import Facts, Rspamd, opinion
from tests.support.daemons import AS_TOLD, ENVELOPE, MARKED, PUT_OFF, REJECTED, Daemon


@pytest.fixture
def real(rspamd: Daemon) -> Rspamd:
    return Rspamd(rspamd.at, seconds=60)


def letter(text: str, subject: str = "x") -> bytes:
    return (
        f"From: an@xa.example\r\nTo: binh@sct.test\r\nSubject: {subject}\r\nMessage-ID: <1@xa.example>\r\n"
        f"Date: Tue, 5 Mar 2024 08:30:00 +0700\r\n\r\n{text}\r\n"
    ).encode()


def test_the_daemon_says_that_it_is_there(real: Rspamd) -> None:
    real.ping(30)
    assert real.version(30).startswith("rspamd")


@pytest.mark.parametrize(
    ("octets", "advice"),
    [
        (letter("Kính gửi anh."), Advice.NONE),
        (letter(REJECTED), Advice.REJECT),
        (letter(MARKED), Advice.MARK),
        (letter("x", PUT_OFF), Advice.DELAY),
    ],
    ids=["ham", "reject", "add-header", "soft-reject"],
)
def test_its_advice(real: Rspamd, octets: bytes, advice: Advice) -> None:
    assert real.check(octets, ENVELOPE).advice is advice


def test_the_envelope_is_told(real: Rspamd) -> None:
    """A rule of its own compares what it hears with what was said."""
    assert AS_TOLD in real.check(letter("x"), ENVELOPE).symbols
    for other in (replace(ENVELOPE, helo="other.example"), replace(ENVELOPE, user=""), Facts()):
        assert AS_TOLD not in real.check(letter("x"), other).symbols


def test_no_address_ends_a_field_of_the_request(real: Rspamd) -> None:
    hostile = replace(ENVELOPE, helo="mx\r\nUser: admin", recipients=("a\r\n\r\nb@sct.test", "Đỗ@sct.test"))
    assert real.check(letter("x"), hostile).advice is Advice.NONE


def test_what_is_too_large_is_not_asked_about(real: Rspamd) -> None:
    with pytest.raises(NoAnswer) as caught:
        replace(real, most=10).check(letter("x"), ENVELOPE)
    assert caught.value.why is Why.TOO_LARGE


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"action": "greylist", "score": 4.5}, Opinion(Advice.NONE, 4.5)),
        ({"action": "rewrite subject", "score": 7}, Opinion(Advice.MARK, 7.0)),
        ({"action": "invented", "score": "x", "symbols": []}, Opinion(Advice.NONE)),
        (
            {"action": "reject", "score": 20.0, "symbols": {"A": {"score": -1}, "B": {"score": 3.5}, "C": None}},
            Opinion(Advice.REJECT, 20.0, ("B", "A")),
        ),
    ],
)
def test_what_an_answer_says(told: dict[str, Any], found: Opinion) -> None:
    assert opinion(told) == found


@pytest.mark.parametrize("told", [None, [], {}, {"action": 5}, {"score": 3}])
def test_an_answer_without_an_action_is_none(told: Any) -> None:
    with pytest.raises(NoAnswer):
        opinion(told)
