"""What a mail client does in Văn bản đến, and what follows or is refused, with nothing half done."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from mailserver.store import entries
from mailserver.store.errors import MoveRefused
from mailserver.store.ingest import prepare
from routing import cases, views
from routing.schema import step
from routing.types import State, StepState
from tests.routing.world import COPY, FINISHED, PENDING, World

MAIL = b"From: a@b.example\r\nSubject: x\r\n\r\ny\r\n"


def state(world: World, document_id: int) -> State:
    now = datetime.now(UTC)
    return world.store.db.read(lambda c: views.document(c, world.actor("anhhtk"), document_id, now)).summary.state


@pytest.fixture
def task(world: World) -> int:
    """A document with the specialist, filed: its task can be finished by a move. The document's id."""
    document_id, _step = world.with_handler()
    case_id = cases.create(world.store, world.actor("vankhain"), "Hồ sơ")
    cases.file_in_case(world.store, world.actor("vankhain"), document_id, case_id)
    return document_id


def test_moving_a_task_to_finished_finishes_it(world: World, task: int) -> None:
    world.move("vankhain", PENDING, 1, FINISHED, by="vankhain")
    assert state(world, task) is State.FINISHED
    assert (world.uids("vankhain", PENDING), world.uids("vankhain", FINISHED)) == ([], [1])
    row = world.store.db.read(lambda c: c.execute(select(step).order_by(step.c.id.desc())).first())
    assert (row.state, row.closed_by_id) == (StepState.DONE.value, world.id("vankhain"))


def test_copying_then_expunging_finishes_it_too(world: World, task: int) -> None:
    world.copy("vankhain", PENDING, 1, FINISHED, by="vankhain")
    assert state(world, task) is State.FINISHED
    world.expunge("vankhain", PENDING, 1, by="vankhain")
    assert (world.uids("vankhain", PENDING), world.uids("vankhain", FINISHED)) == ([], [1])


def test_a_copy_kept_elsewhere_may_be_put_into_finished_and_leaves_nothing_pending(world: World, task: int) -> None:
    world.copy("vankhain", PENDING, 1, "Archive", by="vankhain")
    assert state(world, task) is State.WITH_HANDLER
    world.move("vankhain", "Archive", 1, FINISHED, by="vankhain")
    assert (state(world, task), world.uids("vankhain", PENDING)) == (State.FINISHED, [])


@pytest.mark.parametrize("target", ["Archive", "Trash", "INBOX", COPY])
def test_a_task_leaves_for_no_other_folder(world: World, task: int, target: str) -> None:
    with pytest.raises(MoveRefused, match="Kết thúc"):
        world.move("vankhain", PENDING, 1, target, by="vankhain")
    assert (state(world, task), world.uids("vankhain", PENDING)) == (State.WITH_HANDLER, [1])


def test_a_task_is_not_moved_into_somebody_elses_finished(world: World, task: int) -> None:
    with pytest.raises(MoveRefused):
        world.move("vankhain", PENDING, 1, FINISHED, by="vankhain", target_owner="khoivd")
    assert state(world, task) is State.WITH_HANDLER


def test_a_task_is_not_expunged_before_it_is_settled(world: World, task: int) -> None:
    with pytest.raises(MoveRefused, match="không thể xóa"):
        world.expunge("vankhain", PENDING, 1, by="vankhain")
    assert world.uids("vankhain", PENDING) == [1]
    world.move("vankhain", PENDING, 1, FINISHED, by="vankhain")
    world.expunge("vankhain", FINISHED, 1, by="vankhain")
    assert state(world, task) is State.FINISHED


def test_a_refusal_is_in_the_readers_language(world: World) -> None:
    world.with_handler()
    folder_id, target = world.folder("vankhain", PENDING), world.folder("vankhain", FINISHED)
    for locale, words in (("vi", "Văn bản số đến 1 chưa được đưa vào hồ sơ"), ("en", "not in a case file yet")):
        with pytest.raises(MoveRefused) as caught:
            world.store.db.write(
                lambda tx: entries.move_tx(tx, folder_id, [1], target),
                world.actor("vankhain", "imap", locale),
            )
        assert words in caught.value.sentence


def test_of_several_tasks_all_go_or_none(world: World, task: int) -> None:
    other, _step = world.with_handler()  # in no case file
    here, there = world.folder("vankhain", PENDING), world.folder("vankhain", FINISHED)
    with pytest.raises(MoveRefused):
        world.store.db.write(lambda tx: entries.move_tx(tx, here, [1, 2], there), world.actor("vankhain", "imap"))
    assert (state(world, task), state(world, other)) == (State.WITH_HANDLER, State.WITH_HANDLER)
    assert world.uids("vankhain", PENDING) == [1, 2]


def test_only_who_may_act_for_the_mailbox_finishes_its_task(world: World) -> None:
    document_id, _step = world.with_unit()
    case_id = cases.create(world.store, world.actor("khoivd"), "Hồ sơ")
    cases.file_in_case(world.store, world.actor("khoivd"), document_id, case_id)
    for name in ("vankhain", "truongpk", "anl"):  # a member, who assigned it, a stranger
        with pytest.raises(MoveRefused):
            world.move("qhkt", PENDING, 1, FINISHED, by=name)
    assert state(world, document_id) is State.WITH_UNIT
    world.move("qhkt", PENDING, 1, FINISHED, by="khoivd")
    assert state(world, document_id) is State.FINISHED


def test_a_leader_cannot_end_by_a_move_what_waits_to_be_assigned(world: World) -> None:
    document_id, _step = world.submitted()
    with pytest.raises(MoveRefused, match="giao xử lý"):
        world.move("giamdoc", PENDING, 1, FINISHED, by="truongpk")
    assert state(world, document_id) is State.AWAITING


@pytest.mark.parametrize("target", [PENDING, FINISHED])
def test_other_mail_does_not_enter(world: World, task: int, target: str) -> None:
    folder_id, trash = world.folder("vankhain", target), world.folder("vankhain", "Trash")
    prepared = prepare(MAIL, world.store.blobs)
    who = world.actor("vankhain", "imap")
    with pytest.raises(MoveRefused, match="hệ thống"):
        world.store.db.write(lambda tx: entries.append_tx(tx, folder_id, prepared, 0, "", 0), who)
    uid = world.store.db.write(lambda tx: entries.append_tx(tx, trash, prepared, 0, "", 0), who)
    for transfer in (entries.move_tx, entries.copy_tx):
        with pytest.raises(MoveRefused, match="hệ thống"):
            world.store.db.write(lambda tx, do=transfer: do(tx, trash, [uid], folder_id), who)
    assert world.uids("vankhain", "Trash") == [uid]


def test_what_is_settled_does_not_come_back_by_a_move_but_may_be_filed_away(world: World, task: int) -> None:
    world.move("vankhain", PENDING, 1, FINISHED, by="vankhain")
    with pytest.raises(MoveRefused):
        world.move("vankhain", FINISHED, 1, PENDING, by="vankhain")
    world.move("vankhain", FINISHED, 1, "Archive", by="vankhain")
    world.move("vankhain", "Archive", 1, FINISHED, by="vankhain")
    assert (state(world, task), len(world.uids("vankhain", FINISHED))) == (State.FINISHED, 1)


def test_a_move_onto_its_own_folder_is_no_act(world: World, task: int) -> None:
    world.move("vankhain", PENDING, 1, PENDING, by="vankhain")
    assert (state(world, task), len(world.uids("vankhain", PENDING))) == (State.WITH_HANDLER, 1)


def test_a_copy_for_information_leaves_freely_and_has_been_read_then(world: World) -> None:
    world.with_unit()
    query = select(step.c.state).where(step.c.assignee_id == world.id("diemttn"))
    assert world.store.db.read(lambda c: c.execute(query).scalar()) == StepState.PENDING.value
    world.move("diemttn", COPY, 1, "Archive", by="diemttn")
    assert world.store.db.read(lambda c: c.execute(query).scalar()) == StepState.READ.value
    query = select(step.c.state).where(step.c.assignee_id == world.id("hoavc"))
    assert world.store.db.read(lambda c: c.execute(query).scalar()) == StepState.PENDING.value
