"""The pages of the rules on sending say what they do."""

from __future__ import annotations

import doctest
from pathlib import Path
from types import ModuleType

import pytest

from mailbox_policies.rules import bulk_mail, sending_rate, unusual_sending


@pytest.mark.parametrize("rule", [bulk_mail, sending_rate, unusual_sending])
def test_the_page_beside_the_rule_says_what_it_does(rule: ModuleType) -> None:
    page = Path(str(rule.__file__)).with_suffix(".md")
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (result.failed, result.attempted > 0) == (0, True)
