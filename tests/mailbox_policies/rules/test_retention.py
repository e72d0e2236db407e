"""The rule of retention as the frame of policies has it; the sums are in tests/mailbox_policies/retention."""

from __future__ import annotations

import doctest
from pathlib import Path

from mailbox_policies.chain import RULES
from mailbox_policies.fields import changed, difference, values_of
from mailbox_policies.retention.terms import Period
from mailbox_policies.rules import retention
from mailbox_policies.rules.retention import RULE, Settings


def test_the_page_tells_the_truth() -> None:
    page = Path(retention.__file__).with_suffix(".md")
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 10
    assert found.failed == 0


def test_its_settings_can_be_changed_and_kept() -> None:
    made = changed(Settings(), RULE.fields, {"notice": "quarter", "junk_days": 7, "notice_folders": ["Tin", " Tin "]})
    assert (made.notice, made.junk_days, made.notice_folders) == (Period.QUARTER, 7, ("Tin",))
    kept = difference(Settings(), RULE.fields, made)
    assert kept == {"notice": "quarter", "junk_days": 7, "notice_folders": ["Tin"]}
    assert set(values_of(RULE.fields, made)) == {field.name for field in RULE.fields}


def test_no_door_asks_it() -> None:
    assert RULE in RULES
    assert not RULE.stages
