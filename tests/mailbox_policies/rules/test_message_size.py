"""Messages larger than the agency allows."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from mailbox_policies.rules import message_size
from mailbox_policies.rules.message_size import Counts, Settings, announced_size, check, most_generous
from mailbox_policies.verdict import Action, Case, Cause, Stage, annotate

LIMIT = 1_000_000
DECODED, WIRE = Settings(LIMIT), Settings(LIMIT, Counts.WIRE)
ROOM = announced_size(DECODED)


@pytest.mark.parametrize(
    ("settings", "size", "decoded_size", "action"),
    [
        (DECODED, None, None, Action.ACCEPT),
        (DECODED, 0, None, Action.ACCEPT),
        (DECODED, ROOM, None, Action.ACCEPT),
        (DECODED, ROOM + 1, None, Action.REJECT),
        (DECODED, ROOM, LIMIT - 1, Action.ACCEPT),
        (DECODED, ROOM, LIMIT, Action.ACCEPT),
        (DECODED, LIMIT + 1, LIMIT + 1, Action.REJECT),
        (WIRE, LIMIT, None, Action.ACCEPT),
        (WIRE, LIMIT + 1, None, Action.REJECT),
        (WIRE, LIMIT + 1, 10, Action.REJECT),
        (WIRE, LIMIT, LIMIT, Action.ACCEPT),
        (WIRE, None, LIMIT + 1, Action.REJECT),
        (Settings(0), 10**12, 10**12, Action.ACCEPT),
        (Settings(LIMIT, on_hit=annotate), LIMIT * 2, LIMIT * 2, Action.ANNOTATE),
    ],
)
def test_sizes(settings: Settings, size: int | None, decoded_size: int | None, action: Action) -> None:
    assert check(settings, Case(Stage.DATA, size=size, decoded_size=decoded_size)).action is action


def test_a_hit_says_why_and_on_what_ground() -> None:
    verdict = check(DECODED, Case(Stage.DATA, size=LIMIT + 1, decoded_size=LIMIT + 1))
    assert (verdict.rule, verdict.cause) == ("message-size", Cause.TOO_LARGE)
    assert str(verdict.article) == "123/QĐ-SCT, Điều 6 khoản 2"
    assert verdict.facts == {"limit": LIMIT, "size": LIMIT + 1}


def test_a_hit_names_the_agency_whose_limit_it_is() -> None:
    verdict = check(Settings(LIMIT, whose="Sở Y tế"), Case(Stage.DATA, decoded_size=LIMIT + 1))
    assert verdict.facts == {"limit": LIMIT, "size": LIMIT + 1, "agency": "Sở Y tế"}


@pytest.mark.parametrize(
    ("settings", "most"),
    [((DECODED, WIRE), DECODED), ((WIRE, Settings(2 * LIMIT, Counts.WIRE)), None), ((DECODED, Settings(0)), None)],
)
def test_the_most_generous_lets_the_largest_pass(settings: tuple[Settings, ...], most: Settings | None) -> None:
    assert most_generous(settings) == most_generous(settings[::-1]) == (most or settings[-1])


def test_a_file_at_the_limit_fits_on_the_wire() -> None:
    """57 octets become 78: what is announced must have room for the largest message allowed."""
    assert -(-LIMIT // 57) * 78 + 60_000 <= ROOM
    assert announced_size(Settings(0)) == 0


def test_the_page_beside_the_rule_tells_the_truth() -> None:
    page = Path(message_size.__file__).with_suffix(".md")
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.attempted > 5
    assert result.failed == 0
