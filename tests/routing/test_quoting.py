from __future__ import annotations

import pytest

from routing.quoting import MAX_OPINION, new_words


@pytest.mark.parametrize(
    "reply",
    [
        "Đồng ý.\n\nOn Mon, Nov 2, 2026 at 9:00 AM A <a@b.example> wrote:\n> cũ\n",
        "Đồng ý.\r\n\r\nVào 09:00, Th 2, 2 thg 11, 2026 A <a@b.example> đã viết:\r\n> cũ\r\n",
        "Đồng ý.\n\nVào Th 2, 2 thg 11, 2026 vào lúc 09:00 Nguyễn Văn A\n<a@b.example> đã viết:\n\n> cũ\n",
        "Đồng ý.\n\n-----Original Message-----\nFrom: A\nSent: Monday\n\ncũ\n",
        "Đồng ý.\n\n________________________________\nTừ: A <a@b.example>\n\ncũ\n",
        "Đồng ý.\n\nFrom: A <a@b.example>\nSent: Monday\nTo: B\n\ncũ\n",
        "Đồng ý.\n\n---- Thư gốc ----\ncũ",
        "Đồng ý.\n-- \nNguyễn Văn A\nSở Xây dựng\n",
        "On 02/11/2026 09:00, A wrote:\n> cũ\n> cũ nữa\n\nĐồng ý.\n",
        "> cũ\nĐồng ý.\n",
        "Đồng ý.",
    ],
)
def test_only_the_new_words_count(reply: str) -> None:
    assert new_words(reply) == "Đồng ý."


@pytest.mark.parametrize("reply", ["", "\n\n", "> cũ\n> cũ\n", "On 02/11/2026 09:00, A wrote:\n> cũ\n", "-- \nA\n"])
def test_a_reply_without_new_words_says_nothing(reply: str) -> None:
    assert new_words(reply) == ""


def test_words_that_only_look_like_a_quotation_stay() -> None:
    text = "Từ ngày 02/11 đã làm:\n- Vào sổ đủ\nNgày 05 sẽ viết: báo cáo"
    assert new_words(text) == text


@pytest.mark.timeout(30)
def test_an_opinion_has_a_limit_and_hostile_text_holds_nobody_up() -> None:
    assert len(new_words("x" * (MAX_OPINION + 10))) == MAX_OPINION
    new_words("on " + "x " * 200_000 + "\n" + "- " * 100_000)
