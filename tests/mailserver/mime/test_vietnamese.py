"""What could be a Vietnamese syllable, and what not."""

from __future__ import annotations

import unicodedata

import pytest

from mailserver.mime.vietnamese import COMMON, is_syllable, may_be_syllable

SYLLABLES = """
Cộng hòa hoà xã hội chủ nghĩa Việt Nam độc lập tự do hạnh phúc kính gửi ủy uỷ nghỉ lễ quốc khánh giải quyết giêng gì
giết gìn quý quyển nghiêng khuya khuỷu thuở xoong toàn ngoài ngoáy khoẻ khỏe quạch quỳnh huệ ngoằn ngoèo rượu hươu ưu
nguyễn yến yêu lý kỹ mỹ sỹ hy ý á à ở ừ ấp ứng ốc oanh uyên quất quê giữa giờ gấp ghế vượt mướt trước HÒA BỘ
"""
OTHERS = "ộtộ oự dốs cafộ bỏo Grửòe fỹr cac mạs aỏt gỏt cỏt ằ â đ ôamiằ and pour kà cế ghà ngê quỏp á́ Nghiêngg"


@pytest.mark.parametrize("word", SYLLABLES.split())
def test_syllables(word: str) -> None:
    assert is_syllable(unicodedata.normalize("NFC", word))


@pytest.mark.parametrize("word", OTHERS.split())
def test_what_is_none(word: str) -> None:
    assert not is_syllable(word)


def test_without_marks_a_stop_needs_no_tone() -> None:
    assert may_be_syllable("cac") and may_be_syllable("hop") and not may_be_syllable("and")
    assert not may_be_syllable("càc"), "a tone that cannot be is no missing one"


def test_the_common_syllables_are_syllables() -> None:
    assert [word for word in COMMON if not may_be_syllable(word)] == []
