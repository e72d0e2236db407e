"""Văn bản thông báo: notices gather by themselves, for each reader those that concern them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.routing.world import FIELDS, World
from tests.webmail.visitor import Visitor, text_of

PAGE = "/van-ban/thong-bao"
NOTICE = replace(FIELDS, type_name="Thông báo", notation="TB-UBND", summary="Thông báo kết luận họp giao ban tháng 11")


@pytest.mark.requirement("R-116")
def test_notices_gather_and_each_reader_sees_their_own(
    world: World, clerk: Visitor, head: Visitor, outsider: Visitor
) -> None:
    assert "Chưa có văn bản thông báo nào" in text_of(clerk.get(PAGE))
    world.with_unit(NOTICE)
    world.with_unit(replace(FIELDS, number="1483"))
    for reader in (clerk, head):
        assert PAGE in reader.get("/thu-muc-chung/").text
        page = text_of(reader.get(PAGE))
        assert "Thông báo kết luận họp giao ban tháng 11" in page and FIELDS.summary not in page
    assert "Thông báo kết luận họp" not in text_of(outsider.get(PAGE))
    assert "Thông báo kết luận họp" not in text_of(clerk.get(f"{PAGE}?trang=2"))
