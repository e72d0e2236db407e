from __future__ import annotations

from tests.routing.world import World
from tests.webmail.visitor import Visitor, text_of


def test_a_case_file_is_made_listed_and_found(specialist: Visitor, world: World) -> None:
    made = specialist.post("/van-ban/ho-so", title="Quy hoạch ven sông Lệ", code="05.QH")
    assert made.status_code == 303
    assert "05.QH" in text_of(specialist.follow(made))
    assert "Quy hoạch ven sông Lệ" in text_of(specialist.get("/van-ban/ho-so?q=quy+hoach"))
    assert "Quy hoạch ven sông Lệ" not in text_of(specialist.get("/van-ban/ho-so?q=zzz"))


def test_it_needs_a_title_and_a_free_code(specialist: Visitor) -> None:
    refused = specialist.post("/van-ban/ho-so", title="", code="05.QH")
    assert refused.status_code == 422
    assert "Hãy ghi tiêu đề hồ sơ." in text_of(refused) and 'value="05.QH"' in refused.text
    assert specialist.post("/van-ban/ho-so", title="A", code="05.QH").status_code == 303
    assert specialist.post("/van-ban/ho-so", title="B", code="05.QH").status_code == 422


def test_another_units_case_file_is_404(specialist: Visitor, outsider: Visitor) -> None:
    made = specialist.post("/van-ban/ho-so", title="Của phòng", code="")
    assert outsider.get(made.location).status_code == 404
    assert outsider.get("/van-ban/ho-so/99999").status_code == 404
