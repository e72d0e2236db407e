"""The rule of files that are handed over, as the frame of policies has it."""

from __future__ import annotations

import doctest
from pathlib import Path

from mailbox_policies.chain import RULES
from mailbox_policies.fields import changed, difference, values_of
from mailbox_policies.rules import sent_files
from mailbox_policies.rules.sent_files import MIB, RULE, Settings


def test_the_page_tells_the_truth() -> None:
    page = Path(sent_files.__file__).with_suffix(".md")
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 6
    assert found.failed == 0


def test_its_settings_can_be_changed_and_kept_and_no_door_asks_it() -> None:
    made = changed(Settings(), RULE.fields, {"limit": 50 * MIB, "days": 14})
    assert (made.limit, made.days, made.person) == (50 * MIB, 14, 2048 * MIB)
    assert difference(Settings(), RULE.fields, made) == {"limit": 50 * MIB, "days": 14}
    assert set(values_of(RULE.fields, made)) == {field.name for field in RULE.fields}
    assert RULE in RULES and not RULE.stages
