"""The one fold for index and query."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.text import accented, fold, has_diacritics, nfc, storable


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Công văn ĐI", "cong van di"),
        ("  nhiều \t khoảng\r\n trắng ", "nhieu khoang trang"),
        ("Đường Điện Biên Phủ", "duong dien bien phu"),
        ("Co\u0302ng va\u0306n", "cong van"),
        ("STRASSE straße", "strasse strasse"),
        ("abc-123/SXD", "abc-123/sxd"),
        ("", ""),
    ],
)
def test_case_diacritics_and_space_do_not_count(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoà bình", "hòa  BÌNH"),
        ("thuỷ", "thủy"),
        ("Nguye\u0302\u0303n", "nguyễn"),
        ("việc-làm", "Vie\u0323\u0302c-la\u0300m"),
        ("đường", "ĐƯỜNG"),
    ],
)
def test_spellings_with_the_same_diacritics(one: str, other: str) -> None:
    assert accented(one) == accented(other)
    assert has_diacritics(one) and has_diacritics(other)


@pytest.mark.parametrize(
    ("one", "other"), [("má", "mà"), ("ma", "mã"), ("dinh", "đinh"), ("hoà", "hoa"), ("tăng", "tâng")]
)
def test_spellings_with_other_diacritics(one: str, other: str) -> None:
    assert accented(one) != accented(other)
    assert fold(one) == fold(other)


def test_plain_words_have_no_diacritics() -> None:
    assert not has_diacritics("Cong  van 123/SXD")


@given(st.text())
def test_what_counts_of_diacritics_is_the_same_composed_and_decomposed(text: str) -> None:
    assert accented(nfc(text)) == accented(text)
    assert fold(accented(text)) == fold(text)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_composed_and_decomposed_spellings_fold_alike(text: str) -> None:
    assert fold(nfc(text)) == fold(text)


@given(st.text(alphabet=st.characters()))
def test_storable_text_can_be_encoded_and_has_no_nul(text: str) -> None:
    assert b"\0" not in storable(text + "\0\ud800").encode()


def test_a_megabyte_of_combining_marks_is_cut_to_a_run_that_languages_have() -> None:
    # Sorted in canonical order these would take minutes; marks of two classes in turn are the worst.
    assert len(nfc("a" + "\u0301\u0316" * 400_000 + "b")) <= 32
    assert fold("a" + "\u0301\u0316" * 400_000 + "b") == "ab"


def test_a_word_of_nothing_but_marks_leaves_no_space_behind() -> None:
    assert fold("văn \u0301 thư") == "van thu"
