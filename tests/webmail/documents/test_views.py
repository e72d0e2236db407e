from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from sqlalchemy import select

from mailserver.store.schema import audit
from routing import cases, journeys
from routing.types import DocumentView, State
from routing.views import document
from tests.routing.world import COPY, PENDING, World
from tests.webmail.visitor import Visitor, text_of
from tests.webmail.world import now


def view(world: World, document_id: int, name: str = "anhhtk") -> DocumentView:
    return world.store.db.read(lambda conn: document(conn, world.actor(name), document_id, now()))


def state(world: World, document_id: int) -> State:
    return view(world, document_id).summary.state


Make = Callable[[World], tuple[int, int]]
ACTS: list[tuple[str, Make, str]] = [
    ("trinh", lambda world: (world.registered().document_id, 0), "clerk"),
    ("giao", World.submitted, "director"),
    ("tra-lai", World.with_handler, "specialist"),
    ("ket-thuc", World.with_handler, "specialist"),
    ("y-kien", World.with_handler, "specialist"),
    ("ho-so", World.with_handler, "specialist"),
    ("thong-bao", World.with_handler, "specialist"),
]
OF_DOCUMENT = ("trinh", "y-kien", "ho-so", "thong-bao")


def path(act: str, document_id: int, step_id: int) -> str:
    return f"/van-ban/{document_id}/{act}" if act in OF_DOCUMENT else f"/van-ban/buoc/{step_id}/{act}"


@pytest.mark.requirement("R-028")
@pytest.mark.parametrize(("act", "make", "_who"), ACTS, ids=[act for act, *_ in ACTS])
def test_a_stranger_finds_nothing_and_it_is_noted(
    outsider: Visitor, world: World, act: str, make: Make, _who: str
) -> None:
    document_id, step_id = make(world)
    assert outsider.get(f"/van-ban/{document_id}").status_code == 404
    assert outsider.post(path(act, document_id, step_id), text="x", reason="x").status_code == 404
    query = select(audit.c.action).where(audit.c.actor_id == world.id("anl"), audit.c.action == "access.refused")
    assert len(world.store.db.read(lambda conn: conn.execute(query).all())) == 2


@pytest.mark.parametrize("act", [act for act, *_ in ACTS])
def test_what_is_missing_is_404(director: Visitor, world: World, act: str) -> None:
    assert director.post(path(act, 99999, 99999), text="x").status_code == 404
    assert director.get("/van-ban/99999").status_code == 404


def test_the_clerk_submits(clerk: Visitor, world: World) -> None:
    document_id = world.registered().document_id
    page = clerk.get(f"/van-ban/{document_id}")
    assert "Việc tiếp theo: trình lãnh đạo" in text_of(page) and "Chờ văn thư trình" in text_of(page)
    done = clerk.post(f"/van-ban/{document_id}/trinh", note="Kính trình.")
    assert (done.status_code, done.location) == (303, f"/van-ban/{document_id}")
    assert state(world, document_id) is State.AWAITING
    assert len(world.uids("giamdoc", PENDING)) == 1
    assert "Chờ Giám đốc Phùng Khắc Trường cho ý kiến" in text_of(clerk.follow(done))
    assert clerk.post(f"/van-ban/{document_id}/trinh").status_code == 409


def test_the_director_assigns_a_unit_with_two_in_copy(director: Visitor, world: World) -> None:
    document_id, step_id = world.submitted()
    page = director.get(f"/van-ban/{document_id}")
    assert page.text.count('type="radio" name="main"') > 3
    who = [world.id("diemttn"), world.id("hoavc")]
    done = director.post(
        f"/van-ban/buoc/{step_id}/giao",
        instruction="QHKT chủ trì.",
        main=world.id("qhkt"),
        due_on="2099-11-18",
        cc=[str(one) for one in who],
        **{f"cc_text_{one}": "Để biết, theo dõi." for one in who},
    )
    assert done.status_code == 303
    assert state(world, document_id) is State.WITH_UNIT
    assert len(world.uids("qhkt", PENDING)) == len(world.uids("diemttn", COPY)) == len(world.uids("hoavc", COPY)) == 1
    again = director.post(f"/van-ban/buoc/{step_id}/giao", instruction="x", main=world.id("qlxd"))
    assert again.status_code == 409
    assert len(world.uids("qlxd", PENDING)) == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"instruction": ""}, "Hãy ghi nội dung giao việc."),
        ({"main": ""}, "Hãy chọn một đơn vị hoặc người xử lý chính."),
        ({"instruction": "x" * 2001}, "Tối đa 2.000 ký tự."),
        ({"due_on": "hôm qua"}, ""),
    ],
)
def test_an_incomplete_assignment_keeps_what_was_typed(
    director: Visitor, world: World, change: dict[str, str], said: str
) -> None:
    document_id, step_id = world.submitted()
    diem = str(world.id("diemttn"))
    typed = {
        "instruction": "QHKT chủ trì gấp.",
        "main": str(world.id("qhkt")),
        "cc": diem,
        f"cc_text_{diem}": "Theo dõi",
    }
    refused = director.post(f"/van-ban/buoc/{step_id}/giao", **{**typed, **change})
    assert refused.status_code == 422
    assert said in text_of(refused)
    assert "has-error" in refused.text and "Cần xem lại" in refused.text
    assert 'value="Theo dõi"' in refused.text
    if "instruction" not in change:
        assert "QHKT chủ trì gấp." in refused.text
    assert state(world, document_id) is State.AWAITING


def test_a_copy_without_words_is_refused_beside_the_form(director: Visitor, world: World) -> None:
    document_id, step_id = world.submitted()
    typed = {"instruction": "x", "main": world.id("qhkt"), "cc": world.id("diemttn")}
    assert director.post(f"/van-ban/buoc/{step_id}/giao", **typed).status_code == 422
    assert state(world, document_id) is State.AWAITING


def test_the_head_assigns_a_specialist_of_the_unit_only(head: Visitor, world: World) -> None:
    document_id, step_id = world.with_unit()
    page = head.get(f"/van-ban/{document_id}")
    assert "Nguyễn Văn Khải" in text_of(page)
    foreign = head.post(f"/van-ban/buoc/{step_id}/giao", instruction="x", main=world.id("anl"))
    assert foreign.status_code == 422 and state(world, document_id) is State.WITH_UNIT
    done = head.post(f"/van-ban/buoc/{step_id}/giao", instruction="Dự thảo.", main=world.id("vankhain"))
    assert done.status_code == 303
    assert len(world.uids("vankhain", PENDING)) == 1


def test_the_specialist_files_and_finishes(specialist: Visitor, world: World) -> None:
    document_id, step_id = world.with_handler()
    page = specialist.get(f"/van-ban/{document_id}")
    assert "đưa vào hồ sơ, rồi kết thúc" in text_of(page)
    refused = specialist.post(f"/van-ban/buoc/{step_id}/ket-thuc", result="Xong.")
    assert refused.status_code == 422 and "hồ sơ" in text_of(refused)
    nothing = specialist.post(f"/van-ban/{document_id}/ho-so", case_id=0, title="")
    assert nothing.status_code == 422
    assert specialist.post(f"/van-ban/{document_id}/ho-so", case_id=0, title="Ven sông Lệ").status_code == 303
    assert specialist.post(f"/van-ban/buoc/{step_id}/ket-thuc", result="Xong.").status_code == 303
    assert state(world, document_id) is State.FINISHED
    assert world.uids("vankhain", PENDING) == []
    assert specialist.post(f"/van-ban/buoc/{step_id}/ket-thuc", result="Xong.").status_code == 409
    assert "Đã kết thúc" in text_of(specialist.get(f"/van-ban/{document_id}"))


def test_an_existing_case_file_can_be_chosen(specialist: Visitor, world: World) -> None:
    document_id, _step = world.with_handler()
    case_id = cases.create(world.store, world.actor("vankhain"), "Quy hoạch 2026")
    assert specialist.post(f"/van-ban/{document_id}/ho-so", case_id=case_id).status_code == 303
    assert [one.id for one in view(world, document_id, "vankhain").cases] == [case_id]
    assert specialist.post(f"/van-ban/{document_id}/ho-so", case_id=99999).status_code == 404


def test_returning_needs_a_reason_and_goes_back_to_the_unit(specialist: Visitor, world: World) -> None:
    document_id, step_id = world.with_handler()
    refused = specialist.post(f"/van-ban/buoc/{step_id}/tra-lai", reason="")
    assert refused.status_code == 422 and "Hãy ghi lý do trả lại." in text_of(refused)
    done = specialist.post(f"/van-ban/buoc/{step_id}/tra-lai", reason="Không đúng lĩnh vực.")
    assert done.status_code == 303
    assert state(world, document_id) is State.WITH_UNIT
    assert "Không đúng lĩnh vực." in text_of(specialist.follow(done))
    assert specialist.post(f"/van-ban/buoc/{step_id}/tra-lai", reason="x").status_code == 409


def test_an_opinion_stands_in_the_journey_as_text(specialist: Visitor, director: Visitor, world: World) -> None:
    document_id, _step = world.with_handler()
    assert specialist.post(f"/van-ban/{document_id}/y-kien", text="").status_code == 422
    evil = "<script>alert(1)</script> xem https://so.vn/a"
    file = (io.BytesIO(b"so lieu"), "số liệu.txt")
    assert specialist.post(f"/van-ban/{document_id}/y-kien", text=evil, files=file).status_code == 303
    page = director.get(f"/van-ban/{document_id}?loc=y-kien")
    assert "<script>alert" not in page.text and "&lt;script&gt;" in page.text
    assert 'href="https://so.vn/a"' in page.text and "số liệu.txt" in page.text


def test_others_are_told(specialist: Visitor, world: World) -> None:
    document_id, _step = world.with_handler()
    tung = world.id("vinhkhain")
    assert specialist.post(f"/van-ban/{document_id}/thong-bao").status_code == 422
    done = specialist.post(f"/van-ban/{document_id}/thong-bao", cc=tung, **{f"cc_text_{tung}": "Phối hợp."})
    assert done.status_code == 303
    assert len(world.uids("vinhkhain", COPY)) == 1


def test_acting_out_of_turn_is_refused(clerk: Visitor, world: World) -> None:
    _document, step_id = world.with_handler()
    answer = clerk.post(f"/van-ban/buoc/{step_id}/ket-thuc", result="x")
    assert answer.status_code in (403, 409)


def test_opening_marks_the_step_as_read(specialist: Visitor, world: World) -> None:
    document_id, _step = world.with_handler()
    assert view(world, document_id, "vankhain").my_step.read_at is None  # type: ignore[union-attr]
    specialist.get(f"/van-ban/{document_id}")
    assert view(world, document_id, "vankhain").my_step.read_at is not None  # type: ignore[union-attr]
    assert "Nguyễn Văn Khải" in text_of(specialist.get(f"/van-ban/{document_id}?loc=ai-xem"))


@pytest.mark.requirement("R-028", "R-030")
def test_the_file_can_be_saved_by_those_who_see_the_document(
    specialist: Visitor, outsider: Visitor, world: World
) -> None:
    document_id, _step = world.with_handler()
    file = view(world, document_id).files[0]
    answer = specialist.get(f"/van-ban/{document_id}/tep/{file.id}")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    for more in ("", "/hinh", "/trang/1/600.jpg"):
        assert outsider.get(f"/van-ban/{document_id}/tep/{file.id}{more}").status_code == 404
    other = world.registered().document_id
    assert specialist.get(f"/van-ban/{other}/tep/{file.id}").status_code == 404
    query = select(audit.c.actor_id, audit.c.detail).where(audit.c.action == "document.file_saved")
    [(who, detail)] = world.store.db.read(lambda conn: conn.execute(query).all())
    assert (who, detail["document"], detail["file"]) == (world.id("vankhain"), document_id, file.id)


def test_a_broken_pdf_can_still_be_saved(specialist: Visitor, world: World) -> None:
    document_id, _step = world.with_handler()
    page = specialist.get(f"/van-ban/{document_id}")
    assert "Tệp PDF hỏng, có mật khẩu, hoặc quá nặng." in text_of(page)


def test_the_work_page_shows_each_role_its_queue(
    world: World, clerk: Visitor, director: Visitor, head: Visitor
) -> None:
    world.registered()
    world.submitted()
    world.with_unit()
    assert "Đã vào sổ, chờ trình" in text_of(clerk.get("/viec"))
    assert "Chờ chỉ đạo" in text_of(director.get("/viec"))
    assert "Chờ giao người xử lý" in text_of(head.get("/viec"))


def test_what_came_by_mail_says_so(director: Visitor, world: World) -> None:
    document_id, step_id = world.with_handler()
    journeys.add_opinion(world.store, world.actor("vankhain", "smtp"), document_id, "Qua thư.")
    assert step_id and "Qua thư." in text_of(director.get(f"/van-ban/{document_id}"))
