"""The story: a mail arrives, is registered, directed, assigned, answered from a mail client, finished."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, date, datetime

import pytest

from mailserver.store.errors import MoveRefused
from routing import cases, intake, journeys, registers, statistics, views, work
from routing.types import Cc, State, StepState
from tests.routing.world import COPY, FIELDS, FINISHED, PENDING, REGISTERED, SCAN, World


def now() -> datetime:
    return datetime.now(UTC)


def token_of(octets: bytes) -> str:
    found = re.search(rb"vb\+([0-9a-f]+)@", octets)
    assert found is not None
    return found[1].decode()


def parsed(octets: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(octets, policy=email.policy.default)  # type: ignore[return-value]


def test_a_document_travels_from_the_mail_it_came_in_to_its_end(world: World) -> None:
    store, clerk, director = world.store, world.actor("anhhtk"), world.actor("truongpk")
    ref = world.arrive()

    assert [item.ref for item in store.db.read(lambda c: intake.queue(c, clerk))] == [ref]
    assert store.db.read(lambda c: intake.queue(c, world.actor("khoivd"))) == []
    made = intake.register(store, clerk, ref, FIELDS)
    assert (made.number, world.uids("sxd", "INBOX"), len(world.uids("sxd", REGISTERED))) == (1, [], 1)

    step = journeys.submit(store, clerk, made.document_id)
    assert len(world.uids("giamdoc", PENDING)) == 1
    assert [i.step_id for i in store.db.read(lambda c: work.my_work(c, director, now())).to_direct] == [step]

    readers = (Cc(world.id("diemttn"), "Để biết."), Cc(world.id("hoavc"), "Để biết."))
    step = journeys.assign(
        store, director, step, world.id("qhkt"), "Rà soát, báo cáo.", cc=readers, due_on=date(2099, 11, 18)
    )
    assert (world.uids("giamdoc", PENDING), len(world.uids("giamdoc", FINISHED))) == ([], 1)
    assert [len(world.uids(*box)) for box in (("qhkt", PENDING), ("diemttn", COPY), ("hoavc", COPY))] == [1, 1, 1]

    step = journeys.assign(store, world.actor("khoivd"), step, world.id("vankhain"), "Đ/c Khải dự thảo.")
    task = world.octets("vankhain", PENDING)
    message = parsed(task)
    assert message["Subject"].startswith("[Đến số 1] V/v rà soát quy hoạch")
    assert message["Subject"].endswith("giao xử lý, hạn 18/11/2099")
    attached = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert attached["1482_UBND-KTN.pdf"] == SCAN

    world.reply("vankhain", "vankhain", token_of(task), "Đã rà soát, dự thảo kèm theo.\n\nVào 12/11 đã viết:\n> cũ\n")
    page = store.db.read(lambda c: views.document(c, world.actor("vankhain"), made.document_id, now()))
    assert [(o.text, o.by_mail, o.level) for o in page.opinions] == [
        ("Đã rà soát, dự thảo kèm theo.", True, "specialist")
    ]
    assert len(world.uids("qhkt", COPY)) == 1  # whoever gave the task finds the reply

    uid = world.uids("vankhain", PENDING)[0]
    with pytest.raises(MoveRefused, match="chưa được đưa vào hồ sơ"):
        world.move("vankhain", PENDING, uid, FINISHED, by="vankhain")
    assert world.uids("vankhain", PENDING) == [uid]

    case_id = cases.create(store, world.actor("vankhain"), "Quy hoạch ven sông Lệ")
    cases.file_in_case(store, world.actor("vankhain"), made.document_id, case_id)
    world.move("vankhain", PENDING, uid, FINISHED, by="vankhain")

    page = store.db.read(lambda c: views.document(c, clerk, made.document_id, now()))
    assert page.summary.state is State.FINISHED
    assert [h.action for h in page.history] == [
        "register", "submit", "assign", "assign", "opinion", "file", "finish",
    ]  # fmt: skip
    assert {s.state for s in page.steps if s.role.value == "main"} == {StepState.DONE}
    book = store.db.read(lambda c: registers.listing(c, clerk, made.year, now=now()))
    assert [(line.number, line.state) for line in book.items] == [(1, State.FINISHED)]
    today = date.today()
    counted = store.db.read(
        lambda c: statistics.figures(
            c, clerk, today.replace(month=1, day=1), today.replace(month=12, day=31), now=now()
        )
    )[0]
    assert (counted.received, counted.finished, counted.open) == ((made.document_id,), (made.document_id,), ())
    assert world.blobs() == 1  # one copy of the scan, however many messages carried it
