"""Delegation as a service: who may give what to whom, leave, announcement, and the end of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailserver.actor import SYSTEM
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory import grants
from mailserver.directory.people import set_locale_tx
from mailserver.directory.principals import set_setting_tx
from mailserver.directory.rights import Right
from mailserver.mime.body import text_of
from mailserver.mime.scan import scan
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.teams import items, service
from mailserver.teams.states import State
from routing.delegation import ending, giving
from routing.delegation.mandates import Mandate, Standing, Wish
from routing.errors import Incomplete, NoSuchMove, NotYourTurn
from tests.routing.world import World
from tests.support.dialogue import mail

READ_AND_HANDLE = frozenset((Right.READ, Right.HANDLE))


def wish(world: World, owner: str = "qhkt", grantee: str = "vankhain", days: int | None = 3) -> Wish:
    now = datetime.now(UTC)
    ends_at = None if days is None else now + timedelta(days=days)
    return Wish(world.id(owner), world.id(grantee), READ_AND_HANDLE, now - timedelta(minutes=1), ends_at)


def give(world: World, by: str = "khoivd", wanted: Wish | None = None) -> Mandate:
    wanted = wanted or wish(world)
    return world.store.db.write(lambda tx: giving.give_tx(tx, world.store.blobs, wanted), world.actor(by))


def decide(world: World, made: Mandate, by: str, *, approve: bool = True) -> Mandate:
    return world.store.db.write(
        lambda tx: giving.decide_tx(tx, world.store.blobs, made.id, approve=approve), world.actor(by)
    )


def take_back(world: World, made: Mandate, by: str) -> Mandate:
    return world.store.db.write(lambda tx: giving.take_back_tx(tx, world.store.blobs, made.id), world.actor(by))


def rights(world: World, who: str = "vankhain", owner: str = "qhkt") -> frozenset[Right]:
    """What somebody may do in a mailbox now."""
    found = world.store.db.read(lambda conn: grants.effective_rights(conn, world.id(who), datetime.now(UTC)))
    return found.get(world.id(owner), frozenset())


def text(world: World, who: str) -> str:
    """The text of the newest mail in an inbox."""
    octets = world.octets(who, "INBOX")
    part = scan(octets).structure.root
    return text_of(octets[part.body[0] : part.body[1]], part)


def demand_leave(world: World) -> None:
    """As 132/QĐ-STTTT, Điều 4 khoản 5 has it."""

    def work(tx: Tx) -> None:
        for key in ("delegation.approval", "delegation.announce"):
            set_setting_tx(tx, world.agency_id, key, True)
        roles = ["view_all_documents", "approve_delegation"]
        set_setting_tx(tx, world.agency_id, "roles.director", roles)  # type: ignore[arg-type]

    world.store.db.write(work, SYSTEM)


@pytest.mark.requirement("R-048", "R-049", "R-083")
def test_a_head_gives_and_the_delegate_is_told_what_may_be_done(world: World) -> None:
    assert not rights(world)
    assert give(world).state is Standing.GRANTED
    assert rights(world) >= READ_AND_HANDLE
    told = text(world, "vankhain")
    assert "- đọc thư" in told and "- xử lý thư" in told and "gửi thư thay" not in told


def test_each_is_told_in_their_own_language(world: World) -> None:
    world.store.db.write(lambda tx: set_locale_tx(tx, world.id("vankhain"), "en"), SYSTEM)
    demand_leave(world)
    made = give(world)
    decide(world, made, "truongpk")
    announced = text(world, "vankhain"), text(world, "anl")
    assert "Vương Đình Khôi lets Nguyễn Văn Khải into the mailbox" in announced[0]
    assert ", to: read mail, handle mail" in announced[0] and "ủy quyền cho" in announced[1]
    take_back(world, made, "khoivd")
    english, vietnamese = text(world, "vankhain"), text(world, "khoivd")
    assert "may no longer act for the mailbox" in english and "- nothing" in english
    assert "đã kết thúc" in vietnamese and "- không có việc nào" in vietnamese


@pytest.mark.requirement("R-083")
@pytest.mark.parametrize("by", ["vankhain", "lamhs", "anhhtk", "truongpk"])
def test_nobody_else_gives(world: World, by: str) -> None:
    with pytest.raises(NotYourTurn):
        give(world, by, wish(world, grantee="vinhkhain"))
    assert not rights(world, "vinhkhain")


@pytest.mark.requirement("R-083")
def test_who_was_given_the_mailbox_does_not_pass_it_on(world: World) -> None:
    give(world, wanted=replace(wish(world), rights=frozenset((Right.MANAGE,))))
    assert Right.MANAGE in rights(world)
    with pytest.raises(NotYourTurn):
        give(world, "vankhain", wish(world, grantee="vinhkhain"))


@pytest.mark.requirement("R-212")
def test_a_unit_is_left_to_its_own_people_and_a_leader_s_post_to_anybody(world: World) -> None:
    with pytest.raises(Incomplete) as refused:
        give(world, wanted=wish(world, grantee="anl"))
    assert "trong đơn vị" in refused.value.sentence("vi")
    assert give(world, "truongpk", wish(world, "giamdoc", "anl")).state is Standing.GRANTED
    assert rights(world, "anl", "giamdoc") >= READ_AND_HANDLE


def test_a_period_that_is_over_and_no_right_at_all_are_refused(world: World) -> None:
    with pytest.raises(Incomplete):
        give(world, wanted=wish(world, days=-1))
    with pytest.raises(Incomplete):
        give(world, wanted=replace(wish(world), rights=frozenset()))


@pytest.mark.requirement("R-211", "R-213")
def test_where_leaders_must_agree_nothing_holds_before_they_do_and_then_all_are_told(world: World) -> None:
    demand_leave(world)
    made = give(world)
    assert made.state is Standing.PENDING
    assert not rights(world)
    assert "đề nghị ủy quyền" in text(world, "truongpk")
    for nobody in ("khoivd", "vankhain", "diemttn"):
        with pytest.raises(NotYourTurn):
            decide(world, made, nobody)
    assert decide(world, made, "truongpk").state is Standing.GRANTED
    assert rights(world) >= READ_AND_HANDLE
    announced = text(world, "anl")
    assert "Vương Đình Khôi ủy quyền cho Nguyễn Văn Khải" in announced and "đến hết" in announced
    with pytest.raises(NoSuchMove):
        decide(world, made, "truongpk")


@pytest.mark.requirement("R-211")
def test_what_leaders_refuse_never_holds(world: World) -> None:
    demand_leave(world)
    made = give(world)
    assert decide(world, made, "truongpk", approve=False).state is Standing.REFUSED
    assert not rights(world)
    assert "chưa đồng ý" in text(world, "khoivd")


@pytest.mark.requirement("R-083")
def test_taken_back_it_ends_at_once_and_what_was_in_hand_goes_back(world: World) -> None:
    made = give(world)
    prepared = prepare(mail("Việc của phòng"), world.store.blobs)

    def come(tx: Tx) -> int:
        pk = store_message_tx(tx, prepared)
        deliver_tx(tx, pk, [world.id("qhkt")])
        return pk

    pk = world.store.db.write(come, SYSTEM)
    world.store.db.write(lambda tx: service.take_by_tx(tx, world.id("qhkt"), [pk]), world.actor("vankhain"))
    with pytest.raises(NotYourTurn):
        take_back(world, made, "vankhain")
    assert take_back(world, made, "khoivd").state is Standing.ENDED
    assert not rights(world)
    assert world.store.db.read(lambda conn: items.get(conn, world.id("qhkt"), pk)).state is State.NEW
    for who in ("khoivd", "vankhain"):
        assert "1 thư đã nhận xử lý" in text(world, who)
        assert "1 thư đang xử lý đã trả về" in text(world, who)


@pytest.mark.requirement("R-083")
def test_it_ends_by_itself_with_a_summary_once(world: World) -> None:
    made = give(world)
    assert made.grant_id is not None
    world.store.db.write(lambda tx: grants.revoke_tx(tx, made.grant_id or 0), SYSTEM)

    def settle() -> int:
        return world.store.db.write(lambda tx: ending.end_due_tx(tx, world.store.blobs), SYSTEM)

    assert (settle(), settle()) == (1, 0)
    assert "đã kết thúc" in text(world, "khoivd")
