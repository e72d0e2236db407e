"""Yes and no in replies."""

from __future__ import annotations

import pytest

from mailbox_policies.forwarding.replies import agreed

QUOTED = "\n\nVào 08:00, Thứ Hai, Vanthu <dong-y+abc@sxd.example> đã viết:\n> Từ chối hoặc Đồng ý?\n> đồng ý\n"


@pytest.mark.parametrize(
    "said",
    ["Đồng ý", "đồng ý.", "ĐỒNG Ý", "dong y", "Tôi đồng ý cho gửi", "Nhất trí!", "Yes", "ok", "I agree", "“Đồng ý”",
     "Kính gửi đồng chí,\n\nĐồng ý.", "Dear An,\nYes, please do"],
)  # fmt: skip
@pytest.mark.parametrize("behind", ["", QUOTED, "\n-- \nTrần Thị Bình\nTừ chối trách nhiệm"])
def test_yes(said: str, behind: str) -> None:
    assert agreed(said + behind) is True


@pytest.mark.parametrize(
    "said",
    ["Từ chối", "Không đồng ý", "Tôi không đồng ý cho gửi", "Không", "No.", "I refuse", "TU CHOI", "chưa đồng ý"],
)
@pytest.mark.parametrize("behind", ["", QUOTED])
def test_no(said: str, behind: str) -> None:
    assert agreed(said + behind) is False


@pytest.mark.parametrize(
    "said",
    ["", QUOTED, "Đồng ý nhưng bỏ phụ lục", "Ai hỏi vậy?", "Đồng ý? Không", "Không, à đồng ý", "Yes if I see it first",
     "Không biết, để hỏi",
     "From: Vanthu\nSubject: Đồng ý", "-----Original Message-----\nĐồng ý", "Không biết " * 20, "okapi", "Nothing"],
)  # fmt: skip
def test_what_a_person_has_to_read(said: str) -> None:
    assert agreed(said) is None


def test_an_answer_below_the_quotation() -> None:
    assert agreed("On Mon, Vanthu wrote:\n> Đồng ý?\n> Từ chối\n\nTừ chối\n") is False
