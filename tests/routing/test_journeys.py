"""Refusal and success side by side, for every act of the journey."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from mailserver.actor import SYSTEM
from mailserver.directory.grants import grant_tx
from mailserver.directory.schema import tenure
from mailserver.store.schema import event
from routing import cases, choosing, journeys, search, statistics, views, work
from routing.errors import DocumentMissing, Incomplete, NobodyInRole, NoSuchMove, NotYourTurn, RoutingError, StepClosed
from routing.schema import direction, step
from routing.types import Action, Cc, DocumentView, State, StepState, Treatment, Upload, Urgency
from tests.routing.world import COPY, FIELDS, FINISHED, PENDING, World, build


def now() -> datetime:
    return datetime.now(UTC)


def page(world: World, document_id: int, by: str = "anhhtk") -> DocumentView:
    return world.store.db.read(lambda c: views.document(c, world.actor(by), document_id, now()))


def filed(world: World, document_id: int, by: str) -> None:
    case_id = cases.create(world.store, world.actor(by), "Hồ sơ thử")
    cases.file_in_case(world.store, world.actor(by), document_id, case_id)


def test_only_the_clerk_submits_and_only_once(world: World) -> None:
    document_id = world.registered().document_id
    with pytest.raises(DocumentMissing):
        journeys.submit(world.store, world.actor("khoivd"), document_id)
    with pytest.raises(NotYourTurn):
        journeys.submit(world.store, world.actor("truongpk"), document_id)
    assert world.uids("giamdoc", PENDING) == []
    journeys.submit(world.store, world.actor("anhhtk"), document_id, note="Kính trình.")
    with pytest.raises(NoSuchMove):
        journeys.submit(world.store, world.actor("anhhtk"), document_id)
    assert len(world.uids("giamdoc", PENDING)) == 1


def test_the_clerk_may_choose_a_deputy_and_an_empty_post_is_passed_over(world: World) -> None:
    document_id = world.registered().document_id
    clerk = world.actor("anhhtk")
    offered = world.store.db.read(lambda c: choosing.submit_to(c, clerk, document_id, now()))
    assert [party.name for party in offered] == ["Giám đốc", "Phó Giám đốc"]
    with pytest.raises(Incomplete):
        journeys.submit(world.store, clerk, document_id, to=world.id("vinhbt"))
    journeys.submit(world.store, clerk, document_id, to=world.id("pgd"))
    assert len(world.uids("pgd", PENDING)) == 1

    vacate = delete(tenure).where(tenure.c.post_id == world.id("giamdoc"))
    world.store.db.write(lambda tx: tx.conn.execute(vacate), SYSTEM)
    document_id, _step = world.submitted()
    assert page(world, document_id).current.assignee.id == world.id("pgd")
    world.store.db.write(lambda tx: tx.conn.execute(delete(tenure)), SYSTEM)
    with pytest.raises(NobodyInRole) as caught:
        world.submitted()
    assert "Giám đốc" in caught.value.sentence("vi")


def test_a_stranger_sees_nothing_and_acts_on_nothing(world: World) -> None:
    document_id, step_id = world.submitted()
    with pytest.raises(DocumentMissing):
        page(world, document_id, by="anl")
    for act in (
        lambda who: journeys.assign(world.store, who, step_id, world.id("qhkt"), "x"),
        lambda who: journeys.finish(world.store, who, step_id),
        lambda who: journeys.add_opinion(world.store, who, document_id, "x"),
        lambda who: views.open_file(world.store, who, document_id, 1, now()),
    ):
        with pytest.raises(DocumentMissing):
            act(world.actor("anl"))
    assert page(world, document_id).summary.state is State.AWAITING


def test_assigning_needs_the_turn_an_instruction_one_main_handler_and_words_for_each_copy(world: World) -> None:
    document_id, step_id = world.submitted()
    director = world.actor("truongpk")
    main, reader = world.id("qhkt"), world.id("diemttn")
    with pytest.raises(NotYourTurn) as caught:
        journeys.assign(world.store, world.actor("anhhtk"), step_id, main, "x")
    assert "Giám đốc (Phùng Khắc Trường)" in caught.value.sentence("vi")
    refusals = [
        ({"instruction": " "}, "instruction"),
        ({"cc": [Cc(reader, "")]}, "cc"),
        ({"cc": [Cc(main, "x")]}, "cc"),
        ({"main": world.id("giamdoc")}, "main"),
        ({"main": world.id("sxd")}, "main"),
        ({"main": 999_999}, "main"),
        ({"due_on": date(2020, 1, 1)}, "due_on"),
    ]
    for change, field in refusals:
        wanted = {"main": main, "instruction": "x", "cc": (), "due_on": None} | change
        with pytest.raises(Incomplete) as missing:
            journeys.assign(
                world.store, director, step_id, wanted["main"], wanted["instruction"],
                cc=wanted["cc"], due_on=wanted["due_on"],
            )  # fmt: skip
        assert missing.value.field == field
    assert (world.uids("qhkt", PENDING), world.uids("diemttn", COPY)) == ([], [])
    journeys.assign(world.store, director, step_id, main, "x", cc=[Cc(reader, "Để biết.")])
    assert (len(world.uids("qhkt", PENDING)), len(world.uids("diemttn", COPY))) == (1, 1)
    assert page(world, document_id).summary.holder.name == "Phòng Quy hoạch – Kiến trúc"


def test_acting_twice_tells_who_was_first(world: World) -> None:
    _document, step_id = world.submitted()
    director = world.actor("truongpk")
    journeys.assign(world.store, director, step_id, world.id("qhkt"), "x")
    with pytest.raises(StepClosed) as caught:
        journeys.assign(world.store, director, step_id, world.id("qlxd"), "x")
    assert "Phùng Khắc Trường đã xử lý bước này lúc" in caught.value.sentence("vi")
    assert world.uids("qlxd", PENDING) == []


def test_of_many_who_assign_at_once_one_wins(world: World) -> None:
    document_id, step_id = world.submitted()

    def attempt(unit: str) -> str | None:
        try:
            journeys.assign(world.store, world.actor("truongpk"), step_id, world.id(unit), "x")
        except RoutingError:
            return None
        return unit

    with ThreadPoolExecutor(4) as pool:
        won = [unit for unit in pool.map(attempt, ["qhkt", "qlxd", "qhkt", "qlxd"]) if unit]
    assert len(won) == 1
    assert {unit: len(world.uids(unit, PENDING)) for unit in ("qhkt", "qlxd")} == {
        unit: int(unit == won[0]) for unit in ("qhkt", "qlxd")
    }
    assert [s.state for s in page(world, document_id).steps] == [StepState.DONE, StepState.PENDING]


def test_a_leader_may_pass_over_the_head_who_then_gets_a_notice(world: World) -> None:
    document_id, step_id = world.submitted()
    journeys.assign(world.store, world.actor("truongpk"), step_id, world.id("vankhain"), "Đ/c Khải làm ngay.")
    assert (len(world.uids("vankhain", PENDING)), len(world.uids("qhkt", COPY))) == (1, 1)
    notice = next(s for s in page(world, document_id).steps if s.assignee.name.startswith("Phòng"))
    assert "Nguyễn Văn Khải" in notice.text


def test_passing_on_follows_the_route_to_its_end(world: World) -> None:
    document_id, step_id = world.submitted()
    with pytest.raises(NotYourTurn):
        journeys.direct(world.store, world.actor("vinhbt"), step_id, "CVP phân phối.")
    step_id = journeys.direct(world.store, world.actor("truongpk"), step_id, "CVP phân phối.")
    assert len(world.uids("cvp", PENDING)) == 1
    with pytest.raises(Incomplete, match="route-ends"):
        journeys.direct(world.store, world.actor("vinhbt"), step_id, "chuyển nữa")
    journeys.assign(world.store, world.actor("vinhbt"), step_id, world.id("qhkt"), "QHKT xử lý.")
    rows = world.store.db.read(lambda c: c.execute(select(direction).order_by(direction.c.id)).all())
    assert [(r.text, r.author_id, r.on_behalf_of_id) for r in rows] == [
        ("CVP phân phối.", world.id("truongpk"), world.id("giamdoc")),
        ("QHKT xử lý.", world.id("vinhbt"), world.id("cvp")),
    ]
    assert page(world, document_id).current is not None


def test_the_head_gives_to_people_of_the_unit_and_changes_the_handler(world: World) -> None:
    document_id, step_id = world.with_unit()
    head = world.actor("khoivd")
    with pytest.raises(Incomplete) as caught:
        journeys.assign(world.store, head, step_id, world.id("anl"), "x")
    assert caught.value.field == "main"
    with pytest.raises(NotYourTurn):
        journeys.assign(world.store, world.actor("truongpk"), step_id, world.id("vankhain"), "x")
    first = journeys.assign(world.store, head, step_id, world.id("vankhain"), "Đ/c Văn Khải.")
    with pytest.raises(NotYourTurn):
        journeys.assign(world.store, world.actor("vankhain"), first, world.id("vinhkhain"), "x")
    second = journeys.assign(world.store, head, first, world.id("vinhkhain"), "Đ/c Vĩnh Khải thay.")
    assert (world.uids("vankhain", PENDING), len(world.uids("vankhain", FINISHED))) == ([], 1)
    assert len(world.uids("vinhkhain", PENDING)) == 1
    states = {s.id: s.state for s in page(world, document_id).steps}
    assert (states[first], states[second]) == (StepState.WITHDRAWN, StepState.PENDING)
    back = journeys.give_back(world.store, world.actor("vinhkhain"), second, "Không thuộc phần việc.")
    assert page(world, document_id).current.id == back
    assert page(world, document_id).current.assignee.id == world.id("qhkt")


def test_giving_back_needs_a_reason_and_goes_up_step_by_step_to_the_register(world: World) -> None:
    document_id, step_id = world.with_handler()
    with pytest.raises(Incomplete) as caught:
        journeys.give_back(world.store, world.actor("vankhain"), step_id, " ")
    assert caught.value.field == "reason"
    with pytest.raises(NotYourTurn):
        journeys.give_back(world.store, world.actor("khoivd"), step_id, "x")
    step_id = journeys.give_back(world.store, world.actor("vankhain"), step_id, "Không thuộc thẩm quyền.")
    assert (world.uids("vankhain", PENDING), len(world.uids("vankhain", FINISHED))) == ([], 1)
    step_id = journeys.give_back(world.store, world.actor("khoivd"), step_id, "Thuộc phòng QLXD.")
    assert page(world, document_id).current.assignee.id == world.id("giamdoc")
    step_id = journeys.give_back(world.store, world.actor("truongpk"), step_id, "Vào sổ nhầm.")
    assert page(world, document_id).summary.state is State.REGISTERED
    assert len(world.uids("sxd", PENDING)) == 1
    journeys.submit(world.store, world.actor("anhhtk"), document_id)
    assert (world.uids("sxd", PENDING), len(world.uids("sxd", FINISHED))) == ([], 1)
    assert page(world, document_id).summary.state is State.AWAITING


def test_finishing_wants_a_case_file_where_the_regulation_does(world: World) -> None:
    document_id, step_id = world.with_handler()
    handler = world.actor("vankhain")
    view = page(world, document_id, by="vankhain")
    assert Action.FINISH in view.may and "hồ sơ" in view.blockers[Action.FINISH]
    with pytest.raises(Incomplete) as caught:
        journeys.finish(world.store, handler, step_id, "Đã báo cáo.")
    assert caught.value.field == "case"
    with pytest.raises(NotYourTurn):
        journeys.finish(world.store, world.actor("khoivd"), step_id)
    filed(world, document_id, "vankhain")
    assert page(world, document_id, by="vankhain").blockers == {}
    journeys.finish(world.store, handler, step_id, "Đã báo cáo.")
    view = page(world, document_id)
    assert (view.summary.state, view.current, view.steps[-1].close_note) == (State.FINISHED, None, "Đã báo cáo.")
    for late in (
        lambda: journeys.finish(world.store, handler, step_id),
        lambda: journeys.add_opinion(world.store, handler, document_id, "x"),
        lambda: journeys.give_back(world.store, handler, step_id, "x"),
    ):
        with pytest.raises(NoSuchMove):
            late()


def test_a_document_for_information_ends_with_the_leader(world: World) -> None:
    info = replace(FIELDS, treatment=Treatment.INFORMATION)
    for fields, ends in ((FIELDS, False), (info, True)):
        document_id, step_id = world.submitted(fields)
        filed(world, document_id, "truongpk")
        if ends:
            journeys.finish(world.store, world.actor("truongpk"), step_id)
        else:
            with pytest.raises(Incomplete):
                journeys.finish(world.store, world.actor("truongpk"), step_id)
        assert (page(world, document_id).summary.state is State.FINISHED) is ends


def test_opinions_keep_author_level_and_files(world: World) -> None:
    document_id, _step = world.with_handler()
    with pytest.raises(Incomplete):
        journeys.add_opinion(world.store, world.actor("vankhain"), document_id, "  ")
    upload = Upload("so-lieu.xlsx", "application/vnd.ms-excel", b"PK")
    for name in ("truongpk", "khoivd", "diemttn"):
        journeys.add_opinion(world.store, world.actor(name), document_id, f"Ý kiến của {name}.")
    journeys.add_opinion(world.store, world.actor("vankhain"), document_id, "Xin số liệu.", uploads=[upload])
    view = page(world, document_id)
    assert [(o.author.name, o.level) for o in view.opinions] == [
        ("Phùng Khắc Trường", "leader"),
        ("Vương Đình Khôi", "unit"),
        ("Tạ Thị Ngọc Diễm", "specialist"),
        ("Nguyễn Văn Khải", "specialist"),
    ]
    assert [f.filename for f in view.opinions[-1].files] == ["so-lieu.xlsx"]
    assert len(world.uids("vankhain", COPY)) == 3  # the holder reads what the others say
    notice = world.octets("qhkt", COPY)  # whoever gave the task reads what the holder says
    assert b"so-lieu.xlsx" in notice and b"vb+" in notice
    assert [f.filename for f in view.files] == ["1482_UBND-KTN.pdf"]


def test_others_can_be_told_without_becoming_handlers(world: World) -> None:
    document_id, _step = world.with_handler()
    with pytest.raises(Incomplete):
        journeys.notify(world.store, world.actor("vankhain"), document_id, [Cc(world.id("anl"), "")])
    with pytest.raises(NotYourTurn):
        journeys.notify(world.store, world.actor("diemttn"), document_id, [Cc(world.id("anl"), "x")])
    journeys.notify(world.store, world.actor("vankhain"), document_id, [Cc(world.id("anl"), "Để phối hợp số liệu.")])
    assert len(world.uids("anl", COPY)) == 1
    assert page(world, document_id, by="anl").may == {Action.OPINE}
    assert page(world, document_id).summary.holder.id == world.id("vankhain")


def test_a_delegate_acts_in_the_name_of_the_post(world: World) -> None:
    document_id, step_id = world.submitted()
    deputy = world.actor("diemttn")
    with pytest.raises(RoutingError):
        journeys.assign(world.store, deputy, step_id, world.id("qhkt"), "x")
    start = datetime.now(UTC) - timedelta(minutes=1)
    world.store.db.write(lambda tx: grant_tx(tx, world.id("giamdoc"), world.id("diemttn"), ["handle"], start), SYSTEM)
    journeys.assign(world.store, deputy, step_id, world.id("qhkt"), "Thay Giám đốc: QHKT xử lý.")
    line = page(world, document_id).history[-1]
    assert line.actor is not None and line.on_behalf_of is not None
    assert (line.actor.name, line.on_behalf_of.name) == ("Tạ Thị Ngọc Diễm", "Giám đốc")


def test_copies_with_the_same_words_share_one_stored_message(world: World) -> None:
    document_id, _step = world.with_unit()
    rows = world.store.db.read(
        lambda c: c.execute(select(step.c.message_pk).where(step.c.role == "cc")).scalars().all()
    )
    assert len(rows) == 2 and len(set(rows)) == 1
    assert len(page(world, document_id).steps) == 4
    assert world.blobs() == 1


def test_choices_follow_the_route_and_the_unit(world: World) -> None:
    _document, step_id = world.submitted()
    choices = world.store.db.read(lambda c: choosing.assignees(c, world.actor("truongpk"), step_id, now()))
    assert (len(choices.units), len(choices.people), choices.may_pass_on) == (5, 11, True)
    assert choices.next_stage is not None and choices.next_stage.name == "Chánh Văn phòng"
    step_id = journeys.assign(world.store, world.actor("truongpk"), step_id, world.id("qhkt"), "x")
    choices = world.store.db.read(lambda c: choosing.assignees(c, world.actor("khoivd"), step_id, now()))
    assert (choices.units, choices.may_pass_on) == ((), False)
    assert {party.address.split("@")[0] for party in choices.people} == {"khoivd", "vankhain", "vinhkhain"}
    nothing = world.store.db.read(lambda c: choosing.assignees(c, world.actor("anhhtk"), step_id, now()))
    assert (nothing.units, nothing.people, nothing.next_stage) == ((), (), None)


def test_my_work_sorts_what_presses_first(world: World) -> None:
    hurry = replace(FIELDS, urgency=Urgency.FLASH, number="77", notation="CĐ-UBND")
    plain, _ = world.with_handler()
    flash, flash_step = world.with_handler(hurry)
    mine = world.store.db.read(lambda c: work.my_work(c, world.actor("vankhain"), now()))
    assert [item.document.id for item in mine.to_handle] == [flash, plain]
    assert (mine.to_handle[0].due_on, mine.overdue) == (date(2099, 11, 18), ())
    far = datetime(2100, 1, 1, tzinfo=UTC)
    late = world.store.db.read(lambda c: work.my_work(c, world.actor("vankhain"), far))
    assert late.overdue[0].step_id == flash_step and late.overdue[0].days_left < 0
    readers = world.store.db.read(lambda c: work.my_work(c, world.actor("hoavc"), now()))
    assert (len(readers.for_information), readers.to_handle) == (2, ())
    journeys.mark_read(world.store, world.actor("hoavc"), readers.for_information[0].step_id)
    assert len(world.store.db.read(lambda c: work.my_work(c, world.actor("hoavc"), now())).for_information) == 1
    clerk = world.store.db.read(lambda c: work.my_work(c, world.actor("anhhtk"), now()))
    world.registered()
    world.arrive()
    after = world.store.db.read(lambda c: work.my_work(c, world.actor("anhhtk"), now()))
    assert (len(after.to_submit) - len(clerk.to_submit), after.intake - clerk.intake) == (1, 1)


def test_looking_at_a_step_of_somebody_else_marks_nothing(world: World) -> None:
    document_id, step_id = world.with_handler()
    journeys.mark_read(world.store, world.actor("khoivd"), step_id)
    assert page(world, document_id).current.read_at is None
    journeys.mark_read(world.store, world.actor("vankhain"), step_id)
    assert page(world, document_id).current.read_at is not None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("1482/UBND", True),
        ("1482 / ubnd-ktn", True),
        ("ra soat song le", True),
        ("Lệ RÀ soát", True),
        ("ubnd tinh", True),
        ("1", True),
        ("1482", True),
        ("2", False),
        ("99/UBND", False),
        ("song hong", False),
        ("%", False),
        ("", False),
    ],
)
def test_search_folds_and_knows_numbers(world: World, words: str, found: bool) -> None:
    document_id = world.registered().document_id
    hits = world.store.db.read(lambda c: search.search(c, world.actor("anhhtk"), words, now=now()))
    assert [line.id for line in hits] == ([document_id] if found else [])
    assert world.store.db.read(lambda c: search.search(c, world.actor("anl"), words, now=now())) == []


def test_statistics_count_by_unit_with_the_documents_behind(world: World) -> None:
    waiting = world.registered().document_id
    open_one, _ = world.with_unit()
    done, step_id = world.with_handler()
    filed(world, done, "vankhain")
    journeys.finish(world.store, world.actor("vankhain"), step_id)
    year = datetime.now(UTC).year
    first, last = date(year, 1, 1), date(year, 12, 31)

    def lines(by: str, who: str, at: datetime) -> list[tuple[object, ...]]:
        found = world.store.db.read(
            lambda c: statistics.figures(c, world.actor(who), first, last, by=by, now=at)  # type: ignore[arg-type]
        )
        return [(f.label, f.received, f.finished, f.open, f.overdue) for f in found]

    all_ids = (waiting, open_one, done)
    assert lines("none", "anhhtk", now()) == [("", all_ids, (done,), (waiting, open_one), ())]
    assert lines("unit", "truongpk", now()) == [
        ("Phòng Quy hoạch – Kiến trúc", (open_one, done), (done,), (open_one,), ()),
        ("Chưa giao", (waiting,), (), (waiting,), ()),
    ]
    reader = replace(world.actor("truongpk"), locale="en")
    english = world.store.db.read(lambda c: statistics.figures(c, reader, first, last, by="unit", now=now()))
    assert english[-1].label == "Not assigned"
    assert lines("none", "khoivd", now()) == [("", (open_one, done), (done,), (open_one,), ())]
    late = datetime(2100, 1, 1, tzinfo=UTC)
    assert lines("unit", "truongpk", late)[0][4] == (open_one,)
    with pytest.raises(NotYourTurn):
        lines("none", "vankhain", now())
    behind = world.store.db.read(lambda c: statistics.summaries(c, world.actor("anhhtk"), all_ids, now()))
    assert [line.id for line in behind] == list(all_ids)
    assert world.store.db.read(lambda c: statistics.summaries(c, world.actor("anl"), all_ids, now())) == []


def test_case_files_belong_to_the_unit(world: World) -> None:
    store, handler = world.store, world.actor("vankhain")
    with pytest.raises(Incomplete):
        cases.create(store, handler, " ")
    case_id = cases.create(store, handler, "Quy hoạch ven sông Lệ", code="05.QH")
    with pytest.raises(Incomplete) as caught:
        cases.create(store, handler, "Khác", code="05.QH")
    assert caught.value.field == "code"
    assert store.db.read(lambda c: [one.code for one in cases.cases(c, world.actor("khoivd"), "song le")]) == ["05.QH"]
    assert store.db.read(lambda c: cases.cases(c, world.actor("anl"))) == []
    document_id, _step = world.with_handler()
    with pytest.raises(DocumentMissing):
        cases.file_in_case(store, world.actor("truongpk"), document_id, 999)
    for _twice in range(2):
        cases.file_in_case(store, handler, document_id, case_id)
    found, inside = store.db.read(lambda c: cases.case(c, handler, case_id))
    assert (found.documents, [line.id for line in inside]) == (1, [document_id])
    with pytest.raises(DocumentMissing):
        store.db.read(lambda c: cases.case(c, world.actor("anl"), case_id))


def test_each_act_leaves_events_for_those_who_should_look(world: World) -> None:
    document_id, step_id = world.with_unit()
    query = select(event.c.kind, event.c.owner_id, event.c.data).where(event.c.kind.like("document.%"))
    told = world.store.db.read(lambda c: c.execute(query.order_by(event.c.id)).all())
    assigned = {row.owner_id: row.data for row in told if row.kind == "document.assigned"}
    assert assigned.keys() >= {world.id(n) for n in ("qhkt", "diemttn", "hoavc", "giamdoc", "anhhtk", "sxd")}
    assert assigned[world.id("qhkt")] == {"document": document_id, "step": step_id}


ROUTES = {
    "db": [("truongpk", "assign", "qhkt"), ("khoivd", "assign", "vankhain")],
    "gl": [("truongpk", "assign", "vankhain")],
    "qn": [("truongpk", "direct", ""), ("vinhbt", "assign", "qhkt"), ("khoivd", "assign", "vankhain")],
    "tn": [("truongpk", "assign", "qhkt"), ("khoivd", "assign", "vankhain")],
    "kt": [("vinhbt", "direct", ""), ("truongpk", "direct", ""), ("vinhbt", "assign", "vankhain")],
}


@pytest.mark.parametrize("profile", ROUTES)
def test_a_document_goes_the_way_of_each_regulation(store: object, profile: str) -> None:
    world = build(store, profile)  # type: ignore[arg-type]
    full = replace(FIELDS, subject_field="Quy hoạch", due_on=date(2099, 11, 18))
    document_id, step_id = world.submitted(full)
    for who, act, to in ROUTES[profile]:
        if act == "direct":
            step_id = journeys.direct(world.store, world.actor(who), step_id, "Ý kiến.")
        else:
            step_id = journeys.assign(world.store, world.actor(who), step_id, world.id(to), "Ý kiến.")
    if profile != "db":
        filed(world, document_id, "vankhain")
    if profile == "kt":
        with pytest.raises(Incomplete):
            journeys.finish(world.store, world.actor("vankhain"), step_id)
    journeys.finish(world.store, world.actor("vankhain"), step_id, "Đã xong.")
    assert page(world, document_id).summary.state is State.FINISHED


def test_a_director_who_may_only_pass_on_cannot_assign(store: object) -> None:
    world = build(store, "qn")  # type: ignore[arg-type]
    _document, step_id = world.submitted()
    with pytest.raises(Incomplete) as caught:
        journeys.assign(world.store, world.actor("truongpk"), step_id, world.id("qhkt"), "x")
    assert "Quy chế" in caught.value.sentence("vi")
    assert journeys.direct(world.store, world.actor("truongpk"), step_id, "CVP phân phối.")
