"""What the words of a reply say."""

from __future__ import annotations

import unicodedata

import pytest

from routing.comments.replies import Said, said


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Đồng ý với dự thảo.", Said("Đồng ý với dự thảo.")),
        ("Không có ý kiến", Said("", declined=True)),
        ("Không có ý kiến.\n", Said("", declined=True)),
        ("Không có ý kiến: ngoài chuyên môn", Said("ngoài chuyên môn", declined=True)),
        ("không có ý kiến\nNội dung không thuộc phòng.", Said("Nội dung không thuộc phòng.", declined=True)),
        ("KHONG CO Y KIEN - da thong nhat", Said("da thong nhat", declined=True)),
        ("No comments: agreed", Said("agreed", declined=True)),
        ("Không có ý kiến khác, nhưng sửa Điều 3", Said("Không có ý kiến khác, nhưng sửa Điều 3")),
        ("Không có ý kiến, trừ Điều 3", Said("Không có ý kiến, trừ Điều 3")),
        ("Phòng không có ý kiến: đã họp", Said("Phòng không có ý kiến: đã họp")),
        ("", Said("")),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_reply_is_a_comment_or_says_that_there_is_none_and_why(words: str, found: Said, form: str) -> None:
    assert said(unicodedata.normalize(form, words)) == found  # type: ignore[arg-type]
