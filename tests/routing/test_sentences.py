"""Every refusal has its words, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import routing
from routing import errors, sentences

SOURCES = list(Path(routing.__file__).parent.rglob("*.py"))
RAISED = re.compile(
    r"""(?:Incomplete|NotYourTurn|NoSuchMove|DocumentMissing|SourceTaken|NobodyInRole|StepClosed|_refuse|sentence)
        \(\s*(?:tx,\s*)?"(?P<first>[\w-]+)"(?:,\s*"(?P<key>[\w-]+)")?""",
    re.VERBOSE,
)


def used_keys() -> set[str]:
    found = {cls.key for cls in vars(errors).values() if isinstance(cls, type) and hasattr(cls, "key")}
    found.discard(errors.Incomplete.key)
    for path in SOURCES:
        for match in RAISED.finditer(path.read_text(encoding="utf-8")):
            incomplete = match[0].startswith("Incomplete")
            found.add(match["key"] or (f"incomplete-{match['first']}" if incomplete else match["first"]))
    return found


def test_every_refusal_that_is_raised_has_words_in_both_languages() -> None:
    used = used_keys()
    assert len(used) > 30
    assert used <= sentences.keys()


@pytest.mark.parametrize("key", sorted(sentences.keys()))
def test_words_need_no_fact_to_be_said(key: str) -> None:
    vietnamese, english = sentences.sentence(key, "vi"), sentences.sentence(key, "en")
    assert vietnamese and english and vietnamese != english
    assert "{" not in vietnamese + english


def test_facts_stand_in_the_sentence() -> None:
    assert "số đến 12/2026" in errors.Duplicate(1, 12, 2026).sentence("vi")
    assert "12/2026" in errors.Duplicate(1, 12, 2026).sentence("en")
