from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.routing.world import FIELDS, World
from tests.webmail.mail.test_views import receive
from tests.webmail.visitor import Visitor, links, text_of
from tests.webmail.world import now

COLUMNS = (
    "Ngày đến", "Số đến", "Tác giả", "Số, ký hiệu", "Ngày tháng văn bản", "Tên loại và trích yếu nội dung",
    "Đơn vị hoặc người nhận", "Ngày chuyển", "Ký nhận", "Ghi chú",
)  # fmt: skip


def test_the_register_has_the_ten_columns_of_the_decree(clerk: Visitor, world: World) -> None:
    world.with_unit(replace(FIELDS, note="Bản giấy"))
    page = clerk.get("/so/den")
    heads = page.text.partition("<thead>")[2].partition("</thead>")[0]
    assert heads.count("<th ") == 10
    assert [column for column in COLUMNS if column not in heads] == []
    for fact in ("1482/UBND-KTN", "02/11/2026", "UBND tỉnh", "Phòng Quy hoạch – Kiến trúc", "Bản giấy"):
        assert fact in text_of(page)


def test_it_is_filtered_and_paged(clerk: Visitor, world: World) -> None:
    world.registered()
    world.registered(replace(FIELDS, summary="Công điện ứng phó bão số 12", number="77"))
    assert "bão số 12" in text_of(clerk.get("/so/den?q=ung+pho+bao"))
    assert "sông Lệ" not in text_of(clerk.get("/so/den?q=ung+pho+bao"))
    assert "Không có văn bản nào khớp" in text_of(clerk.get("/so/den?q=zzz"))
    for odd in ("nam=1999", "nam=x", "trang=0", "trang=x", "nam=999999999999"):
        assert clerk.get(f"/so/den?{odd}").status_code == 200


def test_who_may_not_read_the_register_is_told(outsider: Visitor) -> None:
    assert outsider.get("/so/den").status_code == 403
    assert outsider.get("/bao-cao").status_code == 403
    assert "/so/den" not in links(outsider.get("/viec"))


def test_every_number_opens_the_list_it_counts(clerk: Visitor, world: World) -> None:
    world.with_unit()
    world.registered(
        replace(FIELDS, due_on=now().date() - timedelta(days=2), issued_on=now().date() - timedelta(days=9))
    )
    page = clerk.get("/bao-cao")
    lists = [one for one in links(page) if one.startswith("/bao-cao/danh-sach")]
    assert len(lists) >= 6
    counted = text_of(clerk.get("/bao-cao/danh-sach?so=received"))
    assert "Văn bản đến" in counted and counted.count("Số đến") == 2
    assert text_of(clerk.get("/bao-cao/danh-sach?so=overdue")).count("Số đến") == 1
    for path in lists:
        assert clerk.get(path).status_code == 200


@pytest.mark.parametrize("period", ["tu=x", "tu=2026-13-01", "tu=2026-12-01&den=2026-01-01", "den="])
def test_an_odd_period_shows_this_month(clerk: Visitor, period: str) -> None:
    assert clerk.get(f"/bao-cao?{period}").status_code == 200


@pytest.mark.parametrize("query", ["so=nonsense", "so=received&don_vi=99999", ""])
def test_a_list_that_is_none_is_404(clerk: Visitor, query: str) -> None:
    assert clerk.get(f"/bao-cao/danh-sach?{query}").status_code == 404


def test_search_finds_mail_and_documents_that_the_reader_may_see(
    director: Visitor, outsider: Visitor, world: World
) -> None:
    world.submitted()
    receive(world, "Khảo sát sông Lệ")
    found = text_of(director.get("/tim?q=song+le"))
    assert "Khảo sát sông Lệ" in found and "1482/UBND-KTN" in found
    hidden = text_of(outsider.get("/tim?q=song+le"))
    assert "Khảo sát sông Lệ" not in hidden and "1482/UBND-KTN" not in hidden
    for odd in ("", "%22%20OR%20ALL", "x" * 5000, "*", "(((", "%0d%0aX:y"):
        assert director.get(f"/tim?q={odd}").status_code == 200
