"""What never leaves by a redirect, whatever an agency's rules say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailserver.policy import Action, Cause, Verdict
from mailserver.redirects.guards import Why, came_back, found_by, mark, pretends

OWNER = 7


@pytest.mark.parametrize(
    ("field", "known"),
    [
        ("Delivered-To: binh@sct.test", True),
        ("delivered-to:  BINH@sct.test ", True),
        ("Delivered-To: chi@sct.test\r\nDelivered-To: binh@sct.test", True),
        ("Delivered-To: chi@sct.test", False),
        ("X-Delivered-To: binh@sct.test", False),
        ("Subject: x\r\n\r\nDelivered-To: binh@sct.test", False),
    ],
)
def test_a_letter_that_has_been_here_is_known_by_its_mark(field: str, known: bool) -> None:
    assert came_back(f"{field}\r\n\r\nx\r\n".encode(), ["b@sct.test", "binh@sct.test"]) is known


def test_the_mark_of_an_address_outside_ascii_is_ascii_and_known_again() -> None:
    assert mark("bình@sct.test").isascii()
    assert came_back(f"Delivered-To: {mark('bình@sct.test')}\r\n\r\n".encode(), ["bình@sct.test"])


@pytest.mark.parametrize(
    ("authors", "sender", "proven", "answer"),
    [
        (["giamdoc@sct.test"], "x@elsewhere.test", False, True),
        (["x@elsewhere.test", "giamdoc@SCT.test"], "x@elsewhere.test", False, True),
        (["x@elsewhere.test"], "giamdoc@sct.test", False, True),
        (["giamdoc@sct.test"], "giamdoc@sct.test", True, False),
        (["x@elsewhere.test"], "x@elsewhere.test", False, False),
        (["x@notsct.test"], "", False, False),
    ],
)
def test_what_says_it_is_ours_has_to_prove_it(authors: list[str], sender: str, proven: bool, answer: bool) -> None:
    assert pretends(authors, sender, ["sct.test"], proven=proven) is answer


def test_what_a_rule_found_counts_in_every_mode_and_for_its_mailboxes_only() -> None:
    spam = Verdict(Action.ANNOTATE, "spam", None, Cause.SPAM, would=Action.JUNK)
    assert found_by(spam, OWNER) is Why.JUNK
    assert found_by(replace(spam, for_mailboxes=frozenset({OWNER + 1})), OWNER) is None
    virus = Verdict(Action.ANNOTATE, "virus", None, Cause.VIRUS, notes=(spam,))
    assert found_by(virus, OWNER) is Why.HARM
    assert found_by(replace(spam, notes=(replace(virus, cause=Cause.FORBIDDEN_CLASS),)), OWNER) is Why.CLASS
    assert found_by(Verdict(Action.ANNOTATE, "size", None, Cause.TOO_LARGE), OWNER) is None
    assert found_by(Verdict(), OWNER) is None
