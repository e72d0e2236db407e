"""Features as grounds that people can be told."""

from __future__ import annotations

import pytest

from mailbox_policies.spam.reasons import MOST_DETAIL, codes, grounds, told
from mailserver.opinions import Reason


@pytest.mark.parametrize(
    ("feature", "code", "detail"),
    [
        ("trúng", "words", "trúng"),
        ("~trung", "words", "trung"),
        ("trung _ xe", "words", "trung xe"),
        ("s:ưu", "subject", "ưu"),
        ("s:~uu dai", "subject", "uu dai"),
        ("f@shop.example", "author", "shop.example"),
        ("f=a@shop.example", "author", "a@shop.example"),
        ("r@x.example", "reply-to", "x.example"),
        ("u:bit.example", "link", "bit.example"),
        ("u/login", "link", "login"),
        ("v:203.0", "way", "203.0"),
        ("v@mail.example", "way", "mail.example"),
        ("h-message-id", "form", ""),
        ("<font color=red", "form", ""),
        ("v#unnamed", "form", ""),
        ("a" * 99, "words", "a" * MOST_DETAIL),
    ],
)
def test_a_feature_is_told_by_its_kind(feature: str, code: str, detail: str) -> None:
    assert told(feature, 1.5) == Reason(code, detail, 1.5)


def test_the_strongest_come_first_and_none_twice() -> None:
    found = grounds([("trúng", 1.0), ("h-date", 2.0), ("c:utf-8", 1.9), ("họp", -3.0)], [Reason("proved", "", -0.05)])
    assert [one.code for one in found] == ["words", "form", "words", "proved"]
    assert found[0].detail == "họp"


def test_a_header_field_names_kinds_and_no_words() -> None:
    found = grounds([("trúng", 1.0), ("thưởng", 0.9), ("họp", -3.0)], [Reason("first-contact", "", 0.0)])
    assert codes(found) == "words,first-contact"
    assert codes([]) == "none"
