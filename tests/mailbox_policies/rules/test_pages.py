"""Each rule has its page of prose in both languages, with the same examples; all of them hold."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

import mailbox_policies.rules
from mailbox_policies.chain import RULES
from mailbox_policies.rule import Rule
from mailserver.text import fold

FOLDER = Path(mailbox_policies.rules.__file__).parent


def blocks(page: Path) -> list[str]:
    return re.split(r"\n[ \t]*\n", page.read_text(encoding="utf-8").strip("\n"))


def examples(page: Path) -> list[str]:
    return [block for block in blocks(page) if block.startswith("    ")]


def prose(page: Path) -> list[str]:
    return [block for block in blocks(page) if not block.startswith(("    ", "# "))]


def letters_with_marks(text: str) -> float:
    """Which share of the letters of a text has Vietnamese marks: none in English, a quarter and more in Vietnamese."""
    letters = [one for one in re.sub(r"`[^`]*`|“[^”]*”", "", text) if one.isalpha()]
    return sum(fold(one) != one.lower() for one in letters) / max(1, len(letters))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_page_says_the_same_in_both_languages(rule: Rule[Any]) -> None:
    name = rule.name.replace("-", "_")
    english, vietnamese = FOLDER / f"{name}.md", FOLDER / f"{name}.vi.md"
    assert examples(vietnamese) == examples(english) != []
    assert len(prose(vietnamese)) == len(prose(english)), "paragraph by paragraph"
    assert letters_with_marks(" ".join(prose(vietnamese))) > 0.15
    assert letters_with_marks(" ".join(prose(english))) < 0.05
    for page in (english, vietnamese):
        found = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
        assert found.attempted > 2 and found.failed == 0, page.name
