"""What keywords of mail programs say of a message."""

from __future__ import annotations

import pytest

from mailbox_policies.spam.keywords import UNWANTED, WANTED, meaning


@pytest.mark.parametrize("write", [str, str.upper, str.title])
def test_each_program_s_word_is_understood_in_any_case(write: type[str]) -> None:
    assert {meaning([write(one), "$Label1"]) for one in UNWANTED} == {"spam"}
    assert {meaning([write(one), "$Forwarded"]) for one in WANTED} == {"ham"}


def test_other_words_and_both_at_once_say_nothing() -> None:
    assert meaning([]) is meaning(["$Label1", "JunkRecorded", "$MDNSent"]) is None
    assert {meaning([one, other]) for one in UNWANTED for other in WANTED} == {None}
