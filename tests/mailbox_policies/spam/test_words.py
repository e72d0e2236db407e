"""Words of a text as features."""

from __future__ import annotations

import pytest

from mailbox_policies.spam import words


def found(text: str) -> set[str]:
    return set(words.features("", words.words(text, 100)))


def test_a_word_counts_with_its_marks_and_without_them() -> None:
    assert {"tặng", "~tang"} <= found("Tặng")


def test_syllables_pair_whether_they_are_written_with_marks_or_not() -> None:
    assert "khuyen mai" in found("Khuyến mại") & found("khuyen mai")


def test_a_pair_reaches_over_a_word_between() -> None:
    assert "vay _ nhanh" in found("vay tiền nhanh")
    assert not any("vay" in one and "gon" in one for one in found("vay tiền nhanh gọn"))


def test_capitals_are_told_from_small_letters() -> None:
    assert "FREE" in found("FREE offer")
    assert "FREE" not in found("free offer")


@pytest.mark.parametrize(
    ("text", "expected"), [("$9.95", "$0.00"), ("100%", "000%"), ("now!!!", "!!!"), ("v1.2", "v0.0")]
)
def test_numbers_count_by_their_form(text: str, expected: str) -> None:
    assert expected in words.words(text, 10)


def test_no_more_words_are_taken_than_allowed() -> None:
    assert len(words.words("a " * 1_000, 7)) == 7


def test_a_web_address_counts_by_host_port_and_what_stands_before_the_host() -> None:
    found_ = set(words.url_features("http://bank.example@a.b.example:8080/login/x%41"))
    assert {"u:a.b.example", "u:b.example", "u:example", "u::8080", "u:@", "u/login", "u:%"} <= found_


def test_a_host_of_numbers_counts_by_its_network() -> None:
    assert set(words.domain_features("u:", "192.0.2.7")) == {"u:#ip", "u:192.0.2"}
