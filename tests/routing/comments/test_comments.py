"""Comment requests as services: who is asked, whose answers count, what reminders go out, and each of them once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from mailserver.actor import SYSTEM
from mailserver.boards.kinds import BoardKind
from mailserver.directory.grants import grant_tx
from mailserver.directory.principals import set_setting_tx
from mailserver.mime.compose import Attachment
from mailserver.store import raw
from mailserver.store.database import Tx
from mailserver.store.fsck import check
from routing import boards, cases
from routing.comments import access, answering, asking, deciding, reminding
from routing.comments.access import Seen
from routing.comments.answering import Reply
from routing.comments.replies import Said
from routing.comments.schema import comment_request
from routing.errors import DocumentMissing, Incomplete, NoSuchMove, NotYourTurn
from routing.standing import standing_of
from tests.routing.comments.asked import ASKED, ASKER, DAY, DRAFT, HEAD, ask, get, mails, reply, wish
from tests.routing.world import PEOPLE, UNITS, World


def test_each_gets_a_mail_of_their_own_and_replies_from_any_client_are_answers(world: World) -> None:
    request_id = ask(world)
    first, second = mails(world, "anl")[0], mails(world, "hoavc")[0]
    assert first["Reply-To"] != second["Reply-To"] and first["To"] == "Lê Ân <anl@sxd.hungbinh.example>"
    assert [part.get_filename() for part in first.iter_attachments()] == ["dự thảo.docx"]
    assert (world.blobs(), len(world.uids(ASKER, "Sent"))) == (1, 1)  # one file, however many are asked

    reply(world, "anl", first, "Đồng ý, trừ Điều 3.")
    reply(world, "anl", first, "Đồng ý cả Điều 3.", attachments=(Attachment("a.txt", "text/plain", b"x"),))
    reply(world, "hoavc", second, "Không có ý kiến: không thuộc Trung tâm.")
    one, other = get(world, request_id).invitees
    assert [said.text for said in one.answers] == ["Đồng ý, trừ Điều 3.", "Đồng ý cả Điều 3."]
    assert other.answer is not None and other.answer.declined and other.answer.text == "không thuộc Trung tâm."
    assert len(mails(world, ASKER)) == 3
    assert world.octets(ASKER, "INBOX").endswith(world.octets("vb", "INBOX")[-200:])  # the same mail, files and all


def test_an_answer_is_recognised_without_its_token_and_a_forged_one_is_refused(world: World) -> None:
    request_id = ask(world)
    asked = mails(world, "anl")[0]
    for intruder in ("hoavc", "vinhkhain", ASKER):
        before = len(mails(world, intruder))
        reply(world, intruder, asked, "Tôi trả lời thay.")
        assert "Chưa ghi được ý kiến" in mails(world, intruder)[before]["Subject"]
    assert get(world, request_id).answered == ()
    reply(world, "anl", asked, "Không qua địa chỉ riêng.", address="vb@sxd.hungbinh.example")
    assert [one.principal_id for one in get(world, request_id).answered] == [world.id("anl")]
    reply(world, "anl", asked, "Không có ý kiến")
    assert (
        "must say why" in mails(world, "anl")[-1].get_content() and len(get(world, request_id).invitees[0].answers) == 1
    )


def test_a_delegate_answers_for_a_unit_and_the_record_says_so(world: World) -> None:
    request_id = ask(world, wish(world, ("qlxd",)))
    invitee = get(world, request_id).invitees[0]
    said = Reply(request_id, invitee.id, Said("Phòng thống nhất."), (DRAFT,))
    with pytest.raises(DocumentMissing):
        answering.answer(world.store, world.actor("anl"), said, datetime.now(UTC))
    world.store.db.write(
        lambda tx: grant_tx(tx, world.id("qlxd"), world.id("anl"), ["handle"], tx.now - timedelta(minutes=1)), SYSTEM
    )
    answering.answer(world.store, world.actor("anl"), said, datetime.now(UTC))
    found = get(world, request_id).invitees[0].answer
    assert found is not None and found.author_id == world.id("anl")
    assert str(mails(world, ASKER)[0]["From"]).startswith('"Lê Ân (thay Phòng')
    query = "SELECT actor_id, on_behalf_of_id FROM audit WHERE action = ?"
    rows = world.store.db.read(lambda conn: raw.rows(conn, query, ("comments.answered",)))
    assert [tuple(row) for row in rows] == [(world.id("anl"), world.id("qlxd"))]


def test_reminders_and_the_list_of_the_silent_go_out_once_each(world: World) -> None:
    request_id = ask(world)
    reply(world, "anl", mails(world, "anl")[0], "Đồng ý.")
    due = get(world, request_id).due_at
    quiet = {one: len(mails(world, one)) for one in ("anl", HEAD)}
    for moment in (due - 2 * DAY, due - DAY, due - DAY, due, due, due + DAY):
        reminding.look(world.store, moment)
    subjects = [mail["Subject"] for mail in mails(world, "hoavc")]
    assert [one.partition(":")[0] for one in subjects[1:]] == ["Sắp đến hạn góp ý", "Đã hết hạn góp ý"]
    assert len(mails(world, "anl")) == quiet["anl"]
    for owner in (ASKER, HEAD):
        told = mails(world, owner)[-1]
        assert "(1/2)" in told["Subject"] and "- Văn Công Hòa" in told.get_content()
        assert "Lê Ân" not in told.get_content()
    assert len(mails(world, HEAD)) == quiet[HEAD] + 1
    # A reminder is answered like the mail that asked.
    reply(world, "hoavc", mails(world, "hoavc")[-1], "Đồng ý, xin lỗi đã muộn.")
    assert len(get(world, request_id).silent) == 0


def test_after_the_due_moment_the_silent_may_answer_late_and_nobody_changes_what_was_said(world: World) -> None:
    request_id = ask(world)
    one, other = get(world, request_id).invitees
    say(world, "anl", request_id, one.id)
    pass_due(world, request_id)
    say(world, "hoavc", request_id, other.id)
    for by, invitee in (("anl", one), ("hoavc", other)):
        with pytest.raises(NoSuchMove, match="comments-late"):
            say(world, by, request_id, invitee.id)
    reply(world, "anl", mails(world, "anl")[0], "Sửa.")
    assert "cannot be changed" in mails(world, "anl")[-1].get_content()
    found = get(world, request_id)
    assert [said.late for invitee in found.invitees for said in invitee.answers] == [False, True]


def test_another_due_moment_tells_the_silent_and_begins_the_reminders_again(world: World) -> None:
    request_id = ask(world)
    say(world, "anl", request_id, get(world, request_id).invitees[0].id)
    before = {one: len(mails(world, one)) for one in ASKED}
    reminding.look(world.store, get(world, request_id).due_at)
    later = get(world, request_id).due_at + 7 * DAY
    decide(world, lambda tx: deciding.extend_tx(tx, world.store.blobs, request_id, later))
    reminding.look(world.store, later - DAY)
    reminding.look(world.store, later)
    heads = [mail["Subject"].partition(":")[0] for mail in mails(world, "hoavc")[before["hoavc"] :]]
    assert heads == ["Đã hết hạn góp ý", "Đổi hạn góp ý", "Sắp đến hạn góp ý", "Đã hết hạn góp ý"]
    assert len(mails(world, "anl")) == before["anl"]


def test_summing_up_and_withdrawing_end_it_and_both_are_undone(world: World) -> None:
    request_id = ask(world)
    invitee = get(world, request_id).invitees[0]
    for end in (
        lambda tx: deciding.close_tx(tx, request_id),
        lambda tx: deciding.withdraw_tx(tx, world.store.blobs, request_id),
    ):
        decide(world, end)
        with pytest.raises(NoSuchMove):
            say(world, "anl", request_id, invitee.id)
        reminding.look(world.store, get(world, request_id).due_at + DAY)
        decide(world, lambda tx: deciding.reopen_tx(tx, world.store.blobs, request_id))
    say(world, "anl", request_id, invitee.id)
    subjects = [mail["Subject"].partition(":")[0] for mail in mails(world, "anl")[1:]]
    assert subjects == ["Đã rút việc lấy ý kiến", "Mở lại việc lấy ý kiến"]


def test_only_the_asker_decides_and_only_those_concerned_know_of_it(world: World) -> None:
    case_id = cases.create(world.store, world.actor(ASKER), "Hồ sơ quy chế")
    request_id = ask(world, wish(world, case_id=case_id))
    for local, whole in ((ASKER, True), (HEAD, True), ("truongpk", True), ("vinhkhain", True), ("anl", False)):
        assert seen(world, local, request_id).whole is whole
        if local != ASKER:
            with pytest.raises(NotYourTurn):
                decide(world, lambda tx: deciding.close_tx(tx, request_id), local)
    for stranger in ("anhhtk", "lamhs"):
        with pytest.raises(DocumentMissing):
            seen(world, stranger, request_id)
        with pytest.raises(DocumentMissing):
            decide(world, lambda tx: deciding.close_tx(tx, request_id), stranger)
    assert [one.id for one in world.store.db.read(lambda conn: access.of_case(conn, case_id))] == [request_id]


def test_more_people_are_asked_with_the_same_files(world: World) -> None:
    request_id = ask(world)
    added = asking.add(world.store, world.actor(ASKER), request_id, [world.id("lamhs"), world.id("anl")], now())
    assert (added, len(mails(world, "anl")), world.blobs()) == (1, 1, 1)
    assert [part.get_filename() for part in mails(world, "lamhs")[0].iter_attachments()] == ["dự thảo.docx"]
    with pytest.raises(Incomplete):
        asking.add(world.store, world.actor(ASKER), request_id, [world.id("anl")], now())


LACKING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("subject", {"subject": " "}),
    ("question", {"question": "", "files": ()}),
    ("people", {"people": ()}),
    ("people", {"people": (999_999,)}),
    ("due", {"due_at": datetime(2020, 1, 1, tzinfo=UTC)}),
)


def test_a_request_that_lacks_something_sends_nothing(world: World) -> None:
    for name, changed in LACKING:
        with pytest.raises(Incomplete) as refused:
            ask(world, replace(wish(world), **changed))
        assert refused.value.field == name
    assert (mails(world, "anl"), world.uids(ASKER, "INBOX")) == ([], [])


def test_the_whole_agency_is_asked_by_the_assigned_drafter_alone(world: World) -> None:
    everybody = tuple(one[0] for one in PEOPLE if one[0] != ASKER)
    for people in (everybody, tuple(code for code, _name in UNITS)):
        with pytest.raises(Incomplete, match="comments-everybody"):
            ask(world, wish(world, people))
    decide(
        world,
        lambda tx: boards.create_tx(
            tx, world.agency_id, "Lấy ý kiến", BoardKind.COMMENTS, f"{ASKER}@sxd.hungbinh.example"
        ),
        "anhhtk",
    )
    request_id = ask(world, wish(world, everybody))
    assert len(get(world, request_id).invitees) == len(everybody)


def test_the_head_gets_a_copy_where_the_regulation_says_so(world: World) -> None:
    for style, copies in (("personal", 0), ("copied", 1)):
        setting: Callable[[Tx], None] = partial(
            set_setting_tx, agency_id=world.agency_id, key="comments.style", value=style
        )
        world.store.db.write(setting, SYSTEM)
        ask(world)
        assert len(mails(world, HEAD)) == copies


def test_what_is_kept_of_requests_is_whole(world: World) -> None:
    request_id = ask(world)
    say(world, "anl", request_id, get(world, request_id).invitees[0].id)
    world.expunge(ASKER, "INBOX", world.uids(ASKER, "INBOX")[0], ASKER)
    assert check(world.store.db, world.store.blobs) == []


def now() -> datetime:
    return datetime.now(UTC)


def say(world: World, by: str, request_id: int, invitee_id: int) -> None:
    answering.answer(world.store, world.actor(by), Reply(request_id, invitee_id, Said("Ý kiến.")), now())


def decide(world: World, act: Callable[[Tx], object], by: str = ASKER) -> None:
    world.store.db.write(act, world.actor(by))


def pass_due(world: World, request_id: int) -> None:
    """As if the due moment had just been."""
    past = update(comment_request).where(comment_request.c.id == request_id).values(due_at=now() - timedelta(minutes=1))
    world.store.db.write(lambda tx: tx.conn.execute(past), SYSTEM)


def seen(world: World, local: str, request_id: int) -> Seen:
    who = world.actor(local)
    return world.store.db.read(lambda conn: access.see(conn, standing_of(conn, who, now()), request_id, now()))
