"""What each version of a choice changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mailbox_policies import changes
from mailbox_policies.chain import Choice
from mailbox_policies.choices import Version
from mailbox_policies.modes import Mode
from mailbox_policies.rules.message_size import RULE, Settings

START = Choice(Mode.ENFORCE, Settings(limit=10))


def version(number: int, mode: Mode | None, **settings: Any) -> Version:
    return Version(RULE.name, number, mode, settings, None, None, datetime(2026, 1, number, tzinfo=UTC))


def test_each_version_is_compared_with_the_one_before_and_the_first_with_the_start() -> None:
    history = [version(3, None), version(2, Mode.TRIAL, limit=20), version(1, Mode.TRIAL, limit=30)]
    found = changes.of_history(RULE, START, history)
    told = [
        (one.version.version, one.was, one.now, [(it.field.name, it.before, it.after) for it in one.fields])
        for one in found
    ]
    assert told == [
        (3, Mode.TRIAL, Mode.ENFORCE, [("limit", 20, 10)]),
        (2, Mode.TRIAL, Mode.TRIAL, [("limit", 30, 20)]),
        (1, Mode.ENFORCE, Mode.TRIAL, [("limit", 10, 30)]),
    ]


def test_a_setting_that_the_rule_has_no_more_is_left_out() -> None:
    [one] = changes.of_history(RULE, START, [version(1, None, gone=5)])
    assert (one.fields, one.was, one.now) == ((), Mode.ENFORCE, Mode.ENFORCE)


def test_who_has_chosen_nothing_has_changed_nothing() -> None:
    assert changes.of_history(RULE, START, []) == []
