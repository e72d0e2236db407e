from __future__ import annotations

import email
import email.policy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.directory.principals import PersonData
from mailserver.store import audit
from mailserver.store.errors import MoveRefused
from routing import intake, journeys, registers, setup, views
from routing.corrections import correct
from routing.errors import DocumentMissing, Duplicate, Incomplete, NotYourTurn, RoutingError, SourceTaken
from routing.schema import correction, document, history, register
from routing.types import Fields, FileRole, MessageRef, Secrecy, State, Upload
from tests.routing.world import FIELDS, PENDING, REGISTERED, SCAN, World


def now() -> datetime:
    return datetime.now(UTC)


def count(world: World, table: object) -> int:
    query = select(func.count()).select_from(table)  # type: ignore[arg-type]
    return world.store.db.read(lambda conn: conn.execute(query).scalar_one())


def test_a_candidate_proposes_what_the_mail_says(world: World) -> None:
    ref = world.arrive(subject="905/STC-NS V/v góp ý dự thảo dự toán ngân sách 2027", name="905_STC-NS.pdf")
    found = intake.candidate(world.store, world.actor("anhhtk"), ref)
    assert [(f.filename, f.media_type) for f in found.files] == [("905_STC-NS.pdf", "application/pdf")]
    assert abs(found.files[0].size - len(SCAN)) < len(SCAN) / 20
    number, summary, issuer = found.best("number"), found.best("summary"), found.best("issuer")
    assert number is not None and (number.value, number.source) == ("905", "subject")
    assert summary is not None and summary.value == "V/v góp ý dự thảo dự toán ngân sách 2027"
    assert issuer is not None and issuer.value == "UBND tỉnh Hưng Bình"
    assert (found.next_number, found.text.strip()) == (1, "Kính gửi Sở Xây dựng.")
    opened = intake.open_source_file(world.store, world.actor("anhhtk"), ref, found.files[0].part)
    assert opened.data == SCAN


def test_registering_keeps_the_files_and_the_original(world: World) -> None:
    made = world.registered()
    page = world.store.db.read(lambda c: views.document(c, world.actor("anhhtk"), made.document_id, now()))
    assert [(f.filename, f.role, f.size) for f in page.files] == [("1482_UBND-KTN.pdf", FileRole.MAIN, len(SCAN))]
    opened = views.open_file(world.store, world.actor("anhhtk"), made.document_id, page.files[0].id, now())
    assert opened.data == SCAN
    assert page.source_message == MessageRef(world.folder("sxd", REGISTERED), 1)
    assert page.summary.fields == replace(FIELDS, arrived_on=page.summary.fields.arrived_on)
    assert world.blobs() == 1


def test_the_original_of_a_registered_document_neither_leaves_nor_is_deleted(world: World) -> None:
    world.registered()
    with pytest.raises(MoveRefused, match="bản gốc"):
        world.move("sxd", REGISTERED, 1, "Archive", by="anhhtk")
    with pytest.raises(MoveRefused, match="bản gốc"):
        world.expunge("sxd", REGISTERED, 1, by="anhhtk")
    with pytest.raises(MoveRefused):
        world.move("sxd", "INBOX", world.arrive().uid, REGISTERED, by="anhhtk")
    assert world.uids("sxd", REGISTERED) == [1]


def test_only_a_clerk_of_the_agency_registers(world: World) -> None:
    ref = world.arrive()
    for name in ("truongpk", "khoivd", "camltm"):  # the last is clerk of a subordinate centre
        with pytest.raises(NotYourTurn):
            intake.register(world.store, world.actor(name), ref, FIELDS)
        with pytest.raises(NotYourTurn):
            intake.candidate(world.store, world.actor(name), ref)
        assert world.store.db.read(lambda c, n=name: intake.queue(c, world.actor(n))) == []
        assert world.store.db.read(lambda c, n=name: intake.may_register(c, world.actor(n), now())) is False
    with pytest.raises(NotYourTurn):
        intake.register(world.store, SYSTEM, ref, FIELDS)
    assert (count(world, document), world.uids("sxd", "INBOX")) == (0, [1])
    assert world.store.db.read(lambda c: intake.may_register(c, world.actor("anhhtk"), now())) is True
    assert intake.register(world.store, world.actor("anhhtk"), ref, FIELDS).number == 1


def test_a_message_of_another_mailbox_is_no_source(world: World) -> None:
    world.submitted()
    with pytest.raises(DocumentMissing):
        intake.register(world.store, world.actor("anhhtk"), MessageRef(world.folder("giamdoc", PENDING), 1), FIELDS)
    assert count(world, document) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"summary": ""}, "summary"),
        ({"summary": "V/v mời họp"}, "summary"),
        ({"secrecy": Secrecy.SECRET}, "secrecy"),
        ({"issuer": " "}, "issuer"),
        ({"number": "mười hai"}, "number"),
        ({"notation": "X" * 41}, "notation"),
    ],
)
def test_a_refused_registration_takes_no_number_and_moves_nothing(
    world: World, change: dict[str, object], field: str
) -> None:
    ref, clerk = world.arrive(), world.actor("anhhtk")
    with pytest.raises(Incomplete) as caught:
        intake.register(world.store, clerk, ref, replace(FIELDS, **change))  # type: ignore[arg-type]
    assert caught.value.field == field
    assert (world.uids("sxd", "INBOX"), count(world, document)) == ([1], 0)
    assert intake.register(world.store, clerk, ref, FIELDS).number == 1


def test_a_double_is_shown_and_can_be_accepted(world: World) -> None:
    clerk, first = world.actor("anhhtk"), world.registered()
    again = replace(FIELDS, issuer="ubnd  TỈNH", number="1482", notation="UBND-ktn")
    assert [d.id for d in world.store.db.read(lambda c: intake.duplicates(c, clerk, again))] == [first.document_id]
    ref = world.arrive()
    with pytest.raises(Duplicate) as caught:
        intake.register(world.store, clerk, ref, again)
    assert (caught.value.document_id, caught.value.number) == (first.document_id, 1)
    other = replace(again, issued_on=date(2026, 11, 3))
    assert intake.register(world.store, clerk, ref, other).number == 2
    assert intake.register(world.store, clerk, world.arrive(), again, accept_duplicate=True).number == 3


def test_two_clerks_with_one_mail_make_one_document(world: World) -> None:
    ref, clerk = world.arrive(), world.actor("anhhtk")

    def attempt(_n: int) -> object:
        try:
            return intake.register(world.store, clerk, ref, FIELDS, accept_duplicate=True)
        except RoutingError as refusal:
            return type(refusal)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, range(4)))
    refusals = [one for one in outcomes if isinstance(one, type)]
    assert len(refusals) == 3 and set(refusals) <= {SourceTaken, DocumentMissing}
    assert (count(world, document), world.registered().number) == (1, 2)


def test_twenty_registrations_at_once_number_without_gaps(world: World) -> None:
    clerk = world.actor("anhhtk")
    refs = [world.arrive(data=SCAN + bytes([n])) for n in range(20)]
    bad = replace(FIELDS, summary="")

    def attempt(n: int) -> int | None:
        if n % 4 == 3:  # refused ones in between give their place back
            with pytest.raises(Incomplete):
                intake.register(world.store, clerk, refs[n], bad)
        return intake.register(world.store, clerk, refs[n], FIELDS, accept_duplicate=True).number

    with ThreadPoolExecutor(10) as pool:
        numbers = list(pool.map(attempt, range(20)))
    assert sorted(n for n in numbers if n) == list(range(1, 21))
    query = select(register.c.next_number)
    assert world.store.db.read(lambda c: c.execute(query).scalars().all()) == [21]
    assert (world.uids("sxd", "INBOX"), len(world.uids("sxd", REGISTERED))) == ([], 20)


def test_paper_comes_as_an_upload(world: World) -> None:
    clerk = world.actor("anhhtk")
    upload = Upload("C:\\quet\\Công văn.pdf", "application/pdf", SCAN)
    made = intake.register(world.store, clerk, None, FIELDS, uploads=[upload])
    page = world.store.db.read(lambda c: views.document(c, clerk, made.document_id, now()))
    assert [f.filename for f in page.files] == ["Công văn.pdf"]
    assert page.source_message is None
    with pytest.raises(Incomplete) as caught:
        intake.register(world.store, clerk, None, replace(FIELDS, number="1"))
    assert caught.value.field == "files"


def test_a_mail_without_attachments_is_a_document_of_its_own_words(world: World) -> None:
    clerk, ref = world.actor("anhhtk"), world.arrive(subject="V/v đấu nối cấp nước khu Bàu Tre")
    made = intake.register(world.store, clerk, ref, FIELDS, files=[])
    page = world.store.db.read(lambda c: views.document(c, clerk, made.document_id, now()))
    opened = views.open_file(world.store, clerk, made.document_id, page.files[0].id, now())
    assert opened.filename == "noi-dung-thu.txt"
    assert "V/v đấu nối cấp nước khu Bàu Tre" in opened.data.decode()
    assert "Kính gửi Sở Xây dựng." in opened.data.decode()


@pytest.mark.parametrize("media_type", ["message/rfc822", "kein typ", "text/plain; charset=x", "a/b\r\nX: y", ""])
def test_a_file_of_any_type_travels(world: World, media_type: str) -> None:
    clerk = world.actor("anhhtk")
    upload = Upload("thư\u202e.eml", media_type, b"From: a@b.example\r\n\r\nx")
    made = intake.register(world.store, clerk, None, FIELDS, uploads=[upload])
    journeys.submit(world.store, clerk, made.document_id)
    message = email.message_from_bytes(world.octets("giamdoc", PENDING), policy=email.policy.default)
    sent = next(iter(message.iter_attachments()))  # type: ignore[attr-defined]
    assert sent.get_payload(decode=True) == upload.data


def test_what_no_database_takes_is_cleaned_away(world: World) -> None:
    odd = Fields(issuer="UBND\x00 tỉnh", summary="V/v  rà soát\nquy hoa\u0323ch Lệ \ud800", number="5", notation="UBND")
    made = world.registered(odd)
    page = world.store.db.read(lambda c: views.document(c, world.actor("anhhtk"), made.document_id, now()))
    assert page.summary.fields.summary == "V/v rà soát quy hoạch Lệ \ufffd"


def test_the_register_is_read_by_page_and_by_right(world: World) -> None:
    for n in range(3):
        world.registered(replace(FIELDS, number=str(n + 1)))
    clerk, year = world.actor("anhhtk"), world.registered().year

    def page(offset: int) -> list[int]:
        found = world.store.db.read(lambda c: registers.listing(c, clerk, year, now=now(), offset=offset, limit=2))
        assert found.total == 4
        return [line.number for line in found.items]

    assert (page(0), page(2)) == ([4, 3], [2, 1])
    assert world.store.db.read(lambda c: registers.years(c, clerk)) == [year]
    with pytest.raises(NotYourTurn):
        world.store.db.read(lambda c: registers.listing(c, world.actor("anl"), year, now=now()))


def test_a_correction_leaves_what_stood_there(world: World) -> None:
    made, clerk = world.registered(), world.actor("anhhtk")
    with pytest.raises(DocumentMissing):
        correct(world.store, world.actor("anl"), made.document_id, {"number": "1483"}, "nhầm")
    with pytest.raises(NotYourTurn):
        correct(world.store, world.actor("truongpk"), made.document_id, {"number": "1483"}, "nhầm")
    with pytest.raises(Incomplete):
        correct(world.store, clerk, made.document_id, {"number": "1483"}, " ")
    with pytest.raises(Incomplete):
        correct(world.store, clerk, made.document_id, {"summary": ""}, "nhầm")
    assert count(world, correction) == 0
    after = correct(world.store, clerk, made.document_id, {"number": "1483", "due_on": date(2026, 12, 1)}, "nhầm")
    assert after.code == "1483/UBND-KTN"
    query = select(correction.c.field, correction.c.before, correction.c.after).order_by(correction.c.id)
    assert world.store.db.read(lambda c: [tuple(r) for r in c.execute(query)]) == [
        ("number", "1482", "1483"),
        ("due_on", "None", "2026-12-01"),
    ]
    page = world.store.db.read(lambda c: views.document(c, clerk, made.document_id, now()))
    assert (page.summary.number, page.summary.due_on) == (1, date(2026, 12, 1))
    assert [line.action for line in page.history] == ["register", "correct"]


def test_preparing_an_agency_twice_changes_nothing(world: World) -> None:
    before = count(world, register)
    world.store.db.write(lambda tx: setup.prepare_agency_tx(tx, world.agency_id), SYSTEM)
    assert count(world, register) == before == 1
    assert world.registered().number == 1


def test_a_new_mailbox_gets_its_folders_when_the_first_step_comes(world: World) -> None:
    data = PersonData("Lý", "", "Mới", "moil", world.id("qhkt"))
    world.ids["moil"] = world.store.db.write(lambda tx: principals.create_person_tx(tx, world.agency_id, data), SYSTEM)
    _document, step = world.with_unit()
    journeys.assign(world.store, world.actor("khoivd"), step, world.id("moil"), "Đ/c Mới xử lý.")
    assert len(world.uids("moil", PENDING)) == 1


def test_history_says_who_registered_through_which_door(world: World) -> None:
    world.registered()
    row = world.store.db.read(lambda c: c.execute(select(history)).one())
    assert (row.action, row.from_state, row.to_state) == ("register", State.NEW.value, State.REGISTERED.value)
    assert (row.actor_id, row.door) == (world.id("anhhtk"), "web")
    assert world.store.db.read(audit.verify) is None
