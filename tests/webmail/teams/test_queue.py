"""The queue of a unit's mail in the browser: take, give, give back, done; who sees it, and what each act leaves."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from mailserver.actor import SYSTEM
from mailserver.delivery import automatic
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory import grants
from mailserver.store import raw
from mailserver.store.database import Tx
from mailserver.store.flagging import FlagChange, store_flags_tx
from mailserver.store.flags import Flag
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.schema import entry
from mailserver.teams import items
from mailserver.teams.items import Item
from mailserver.teams.states import State
from routing import intake
from routing.types import MessageRef
from tests.routing.world import DOMAIN, FIELDS, World
from tests.support.dialogue import mail
from tests.webmail.visitor import Visitor, links, text_of

UNIT = "qhkt"


def come(world: World, subject: str = "Xin số liệu dân số") -> int:
    """A message comes to the unit; its number."""
    prepared = prepare(mail(subject), world.store.blobs)

    def work(tx: Tx) -> int:
        pk = store_message_tx(tx, prepared)
        deliver_tx(tx, pk, [world.id(UNIT)])
        return pk

    return world.store.db.write(work, SYSTEM)


def item(world: World, pk: int) -> Item:
    return world.store.db.read(lambda conn: items.get(conn, world.id(UNIT), pk))


def lies_in(world: World, owner: str, pk: int) -> list[str]:
    """The names of the folders of a mailbox in which a message lies."""
    query = "SELECT f.name FROM entry e JOIN folder f ON f.id = e.folder_id WHERE f.owner_id = ? AND e.message_pk = ?"
    return [row[0] for row in world.store.db.read(lambda conn: raw.rows(conn, query, (world.id(owner), pk)))]


def let_in(world: World, who: str) -> None:
    """A specialist may handle the unit's mail."""
    world.store.db.write(lambda tx: grants.grant_tx(tx, world.id(UNIT), world.id(who), ["handle"], tx.now), SYSTEM)


def path(world: World, tab: str = "cho") -> str:
    return f"/don-vi/{world.id(UNIT)}?tab={tab}"


def act(visitor: Visitor, world: World, **fields: object) -> str:
    """What the page says after the act."""
    answer = visitor.post(f"/don-vi/{world.id(UNIT)}/viec", **fields)
    return text_of_toast(visitor, answer.location)


def text_of_toast(visitor: Visitor, location: str) -> str:
    page = visitor.get(location).text
    return page.partition('id="toasts"')[2]


def told(world: World, subject: str, *, asks: bool) -> int:
    """A letter of the program's own comes to the unit; its number."""
    sender, to = automatic.program(DOMAIN), automatic.address(f"{UNIT}@{DOMAIN}")
    letter = automatic.Letter(sender, to, subject, "Nội dung.\n", asks=asks)
    return world.store.db.write(
        lambda tx: automatic.deliver_own_tx(tx, world.store.blobs, letter, [world.id(UNIT)]), SYSTEM
    )


@pytest.mark.requirement("R-084")
def test_what_the_program_tells_is_no_work_unless_it_asks_or_somebody_takes_it(head: Visitor, world: World) -> None:
    told(world, "Xin ý kiến chuyển tiếp", asks=True)
    pk = told(world, "Thư không chuyển hướng được", asks=False)
    page = text_of(head.get(path(world)))
    assert "Xin ý kiến chuyển tiếp" in page and "Thư không chuyển hướng được" not in page
    inbox = world.folder(UNIT, "INBOX")
    assert "Thư không chuyển hướng được" in text_of(head.get(f"/thu/{inbox}")), "it is there to be read"
    assert "Đã nhận 1 thư." in act(head, world, one=f"take:{pk}")
    act(head, world, do="undo", message=str(pk))
    assert "Thư không chuyển hướng được" in text_of(head.get(path(world))), "somebody said that it is work"


@pytest.mark.requirement("R-082", "R-084")
def test_a_head_takes_answers_and_finishes(head: Visitor, world: World) -> None:
    pk = come(world)
    assert "Xin số liệu dân số" in text_of(head.get(path(world)))
    assert "Đã nhận 1 thư." in act(head, world, one=f"take:{pk}")
    assert item(world, pk).state is State.TAKEN
    assert lies_in(world, UNIT, pk) == ["Đang xử lý"]
    assert "Xin số liệu dân số" in text_of(head.get(path(world, "toi")))
    assert "Chưa có trả lời" in act(head, world, one=f"done:{pk}")
    assert item(world, pk).state is State.TAKEN
    assert "Đã xong 1 thư." in act(head, world, **{"one": f"done:{pk}", f"note_{pk}": "Đã gọi điện trả lời."})
    assert (item(world, pk).state, item(world, pk).note) == (State.DONE, "Đã gọi điện trả lời.")
    assert lies_in(world, UNIT, pk) == ["Xong"]
    assert "Đã gọi điện trả lời." in text_of(head.get(path(world, "xong")))


def test_mail_in_hand_is_forwarded_by_the_letter_that_weighs_it(head: Visitor, world: World) -> None:
    pk = come(world)
    act(head, world, one=f"take:{pk}")
    [link] = [one for one in links(head.get(path(world, "toi"))) if "chuyen_tiep=" in one]
    written = head.get(link)
    assert "Xin số liệu dân số" in subject_in(written.text)


def subject_in(page: str) -> str:
    """The subject that the form begins with."""
    found = re.search(r'<input[^>]*name="subject"[^>]*value="([^"]*)"', page) or re.search(
        r'<input[^>]*value="([^"]*)"[^>]*name="subject"', page
    )
    assert found is not None
    return found[1]


def test_an_answered_message_needs_no_note(head: Visitor, world: World) -> None:
    pk = come(world)
    inbox = world.folder(UNIT, "INBOX")
    world.store.db.write(lambda tx: store_flags_tx(tx, inbox, [1], FlagChange.ADD, Flag.ANSWERED), SYSTEM)
    act(head, world, one=f"done:{pk}")
    assert item(world, pk).state is State.DONE
    assert item(world, pk).handler_id == world.id("khoivd")


@pytest.mark.requirement("R-084")
def test_the_second_to_take_is_told_who_was_faster(head: Visitor, specialist: Visitor, world: World) -> None:
    let_in(world, "vankhain")
    pk = come(world)
    act(specialist, world, one=f"take:{pk}")
    assert "Nguyễn Văn Khải đã nhận xử lý thư này lúc" in act(head, world, one=f"take:{pk}")
    assert item(world, pk).handler_id == world.id("vankhain")


@pytest.mark.requirement("R-084")
def test_mail_is_passed_to_people_of_the_unit_and_to_nobody_else(head: Visitor, world: World) -> None:
    pk = come(world)
    assert "không thuộc đơn vị" in act(head, world, do="give", message=str(pk), to=str(world.id("anl")))
    assert item(world, pk).state is State.NEW
    assert "Đã giao 1 thư." in act(head, world, do="give", message=str(pk), to=str(world.id("vinhkhain")))
    assert (item(world, pk).state, item(world, pk).handler_id) == (State.PASSED, world.id("vinhkhain"))
    assert lies_in(world, "vinhkhain", pk) == ["INBOX"]
    assert "Ngô Vĩnh Khải" in text_of(head.get(path(world, "giao")))
    act(head, world, do="undo", message=str(pk))
    assert item(world, pk).state is State.NEW
    assert lies_in(world, UNIT, pk) == ["INBOX"]
    assert lies_in(world, "vinhkhain", pk) == []


@pytest.mark.requirement("R-084")
def test_what_the_registry_registers_is_settled_for_the_unit(head: Visitor, world: World) -> None:
    pk = come(world)
    act(head, world, do="give", message=str(pk), to=str(world.id("sxd")))
    folder_id = world.folder("sxd", "INBOX")
    query = select(entry.c.uid).where(entry.c.folder_id == folder_id, entry.c.message_pk == pk)
    uid = world.store.db.read(lambda conn: conn.execute(query).scalar_one())
    intake.register(world.store, world.actor("anhhtk"), MessageRef(folder_id, uid), FIELDS)
    assert item(world, pk).state is State.REGISTERED
    assert lies_in(world, UNIT, pk) == ["Xong"]
    assert "Đã vào sổ" in text_of(head.get(path(world, "xong")))


def test_what_was_done_can_be_undone(head: Visitor, world: World) -> None:
    pk = come(world)
    act(head, world, one=f"take:{pk}")
    act(head, world, one=f"back:{pk}")
    assert item(world, pk).state is State.NEW
    act(head, world, **{"one": f"done:{pk}", f"note_{pk}": "Không phải việc của phòng."})
    act(head, world, do="reopen", message=str(pk))
    assert (item(world, pk).state, item(world, pk).handler_id) == (State.TAKEN, world.id("khoivd"))


def choose(visitor: Visitor, world: World, what: str, *chosen: int) -> None:
    """Tick several messages and press a button."""
    data = {"csrf_token": visitor.token(), "do": what, "message": [str(one) for one in chosen]}
    assert visitor.client.post(f"/don-vi/{world.id(UNIT)}/viec", data=data).status_code == 303


def test_several_at_once_all_or_none(head: Visitor, specialist: Visitor, world: World) -> None:
    let_in(world, "vankhain")
    first, second, third = (come(world, subject) for subject in ("Một", "Hai", "Ba"))
    act(specialist, world, one=f"take:{second}")
    choose(head, world, "take", first, second)
    assert item(world, first).state is State.NEW
    choose(head, world, "take", first, third)
    assert {item(world, one).state for one in (first, third)} == {State.TAKEN}


@pytest.mark.requirement("R-083")
def test_the_queue_is_for_who_handles_the_mail(outsider: Visitor, specialist: Visitor, world: World) -> None:
    pk = come(world)
    for visitor in (outsider, specialist):
        assert visitor.get(path(world)).status_code == 404
        assert visitor.post(f"/don-vi/{world.id(UNIT)}/viec", one=f"take:{pk}").status_code == 404
        assert visitor.post(f"/don-vi/{world.id(UNIT)}/xem", message=str(pk)).status_code == 404
    assert item(world, pk).state is State.NEW


def test_colleagues_see_who_is_looking(head: Visitor, specialist: Visitor, world: World) -> None:
    let_in(world, "vankhain")
    pk = come(world)
    assert specialist.post(f"/don-vi/{world.id(UNIT)}/xem", message=str(pk)).status_code == 204
    assert "Nguyễn Văn Khải đang xem" in text_of(head.get(path(world)))
    assert "đang xem" not in text_of(specialist.get(path(world)))


@pytest.mark.parametrize("fields", [{"do": "burn", "message": "1"}, {"one": "take:x"}, {"do": "give", "to": "x"}])
def test_nonsense_is_refused(head: Visitor, world: World, fields: dict[str, str]) -> None:
    assert head.post(f"/don-vi/{world.id(UNIT)}/viec", **fields).status_code == 422


def test_nothing_chosen_and_empty_tabs_say_so(head: Visitor, world: World, app: Flask) -> None:
    assert "Chưa chọn thư nào." in act(head, world, do="take")
    for tab, words in (
        ("cho", "Không có thư nào chờ"),
        ("toi", "không giữ thư nào"),
        ("giao", "Chưa giao"),
        ("xong", "Chưa có"),
    ):
        assert words in text_of(head.get(path(world, tab)))


def test_giving_to_nobody_says_so(head: Visitor, world: World) -> None:
    pk = come(world)
    assert "mới đến" in text_of(head.get(path(world)))
    assert "Chưa chọn giao cho ai." in act(head, world, do="give", message=str(pk), to="")
    assert item(world, pk).state is State.NEW


def test_what_one_gave_back_oneself_can_be_taken_again_at_once(
    head: Visitor, specialist: Visitor, world: World
) -> None:
    mine, theirs = come(world, "Của tôi"), come(world, "Của bạn")
    let_in(world, "vankhain")
    assert "Đã nhận 1 thư." in act(head, world, one=f"take:{mine}")
    assert "Đã nhận 1 thư." in act(specialist, world, one=f"take:{theirs}")
    said = act(head, world, one=f"back:{mine}")
    assert "Hoàn tác" in said and 'value="take"' in said
    assert "Hoàn tác" not in act(head, world, one=f"back:{theirs}"), "it would become the head's"
    assert "Đã nhận 1 thư." in act(head, world, do="take", message=str(mine))
    assert item(world, mine).state is State.TAKEN
