"""Nobody closes to evade: the leader sees what ended without output, and opens it again (04/2017/QĐ-UBND, Điều 23)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from mailserver.actor import SYSTEM
from mailserver.directory.schema import agency
from mailserver.store.schema import audit
from routing import cases
from routing.closings import says_something
from routing.types import State
from tests.routing.world import COPY, FINISHED, PENDING, World
from tests.webmail.documents.test_views import state, view
from tests.webmail.visitor import Visitor, text_of

LIST = "/bao-cao/khong-san-pham"


def filed(world: World) -> tuple[int, int]:
    """With the specialist, in a case file: nothing but a result is missing."""
    document_id, step_id = world.with_handler()
    khai = world.actor("vankhain")
    cases.file_in_case(world.store, khai, document_id, cases.create(world.store, khai, f"Hồ sơ {document_id}"))
    return document_id, step_id


@pytest.mark.requirement("R-031")
def test_what_was_closed_without_output_is_listed_and_opened_again(
    specialist: Visitor, director: Visitor, head: Visitor, outsider: Visitor, world: World
) -> None:
    empty, step_id = filed(world)
    done, other_step = filed(world)
    assert specialist.post(f"/van-ban/buoc/{step_id}/ket-thuc", result="Đã xong.").status_code == 303
    specialist.post(f"/van-ban/buoc/{other_step}/ket-thuc", result="Trả lời bằng văn bản số 96/SXD-QH.")

    for who in (director, head):
        page = who.get(LIST)
        assert f'href="/van-ban/{empty}#viec"' in page.text and f"/van-ban/{done}#viec" not in page.text
        assert "“Đã xong.”" in text_of(page) and "Nguyễn Văn Khải" in text_of(page)
    assert LIST in director.get("/bao-cao").text
    assert outsider.get(LIST).status_code == specialist.get(LIST).status_code == 403
    assert 'name="reason"' not in specialist.get(f"/van-ban/{empty}").text
    assert specialist.post(f"/van-ban/{empty}/mo-lai", reason="Tự mở.").status_code == 403

    refused = director.post(f"/van-ban/{empty}/mo-lai", reason=" ")
    assert refused.status_code == 422 and state(world, empty) is State.FINISHED
    late = head.post(f"/van-ban/{empty}/mo-lai", reason="Chưa có báo cáo.", due_on="2100-01-01")
    assert late.status_code == 422 and "chỉ lãnh đạo được cho hạn sau ngày đó" in text_of(late)
    told = len(world.uids("sxd", COPY))
    opened = director.post(f"/van-ban/{empty}/mo-lai", reason="Chưa có báo cáo.", due_on="2100-01-01")
    assert (opened.status_code, state(world, empty)) == (303, State.WITH_HANDLER)
    task = world.octets("vankhain", PENDING).decode()
    assert "Vanthu-Action: reopen" in task and len(world.uids("vankhain", PENDING)) == 1
    assert len(world.uids("sxd", COPY)) == told + 1
    page = director.follow(opened)
    assert "mở lại" in text_of(page) and "Chưa có báo cáo." in text_of(page)
    assert "01/01/2100" in text_of(page) and f"/van-ban/{empty}#viec" not in director.get(LIST).text
    kept = select(audit.c.actor_id).where(audit.c.action == "document.reopen")
    assert world.store.db.read(lambda conn: list(conn.execute(kept).scalars())) == [world.id("truongpk")]
    assert director.post(f"/van-ban/{empty}/mo-lai", reason="Lần nữa.").status_code == 409

    step = view(world, empty, "vankhain").current
    assert step is not None and step.due_on is not None and step.due_on.year == 2100
    world.move("vankhain", PENDING, world.uids("vankhain", PENDING)[0], FINISHED, by="vankhain")
    assert [h.action for h in view(world, empty).history][-3:] == ["finish", "reopen", "finish"]
    assert f'href="/van-ban/{empty}#viec"' in head.get(LIST).text  # a move in a mail program says nothing


@pytest.fixture
def strict(world: World) -> Iterator[None]:
    """The agency asks for a result, as 04/2017/QĐ-UBND does."""
    settings = {"incoming.finish_requires_result": True}
    world.store.db.write(lambda tx: tx.conn.execute(update(agency).values(settings=settings)), SYSTEM)
    yield


@pytest.mark.requirement("R-031")
def test_where_the_regulation_asks_for_a_result_nothing_ends_without(
    strict: None, specialist: Visitor, world: World, app: Flask
) -> None:
    document_id, step_id = filed(world)
    page = specialist.post(f"/van-ban/buoc/{step_id}/ket-thuc", result="")
    assert page.status_code == 422 and "Chưa ghi kết quả giải quyết" in text_of(page)
    specialist.post(f"/van-ban/buoc/{step_id}/ket-thuc", result="Đã báo cáo UBND tỉnh.")
    assert state(world, document_id) is State.FINISHED


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ("", False),
        ("Đã xong.", False),
        ("OK", False),
        ("Đã xử lý xong văn bản!", False),
        ("Đã biết, lưu.", False),
        ("Trả lời bằng văn bản số 96", True),
        ("Không thuộc thẩm quyền", True),
    ],
)
def test_words_that_name_no_result(words: str, result: bool) -> None:
    assert says_something(words) is result
