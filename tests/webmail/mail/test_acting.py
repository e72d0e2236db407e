from __future__ import annotations

import pytest

from mailserver.store.flags import Flag
from tests.routing.world import PENDING, World
from tests.webmail.mail.test_views import flags, receive
from tests.webmail.visitor import Visitor, text_of


def test_a_stranger_can_do_nothing(outsider: Visitor, world: World) -> None:
    ref = receive(world)
    for do in ("seen", "flag", "delete", "move", "destroy"):
        answer = outsider.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do=do, to=world.folder("anl", "INBOX"))
        assert answer.status_code == 404, do
    assert flags(world, ref) == 0


def test_mail_cannot_be_moved_into_a_strangers_mailbox(director: Visitor, world: World) -> None:
    ref = receive(world)
    target = world.folder("anl", "INBOX")
    assert director.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do="move", to=target).status_code == 404
    assert world.uids("truongpk", "INBOX") == [ref.uid]


@pytest.mark.parametrize(
    "fields", [{"uid": "1;DROP"}, {"uid": "-1"}, {"uid": "9" * 40}, {"uid": "1", "do": "nonsense"}]
)
def test_nonsense_is_422(director: Visitor, world: World, fields: dict[str, str]) -> None:
    ref = receive(world)
    assert director.post(f"/thu/{ref.folder_id}/viec", **{"do": "seen", **fields}).status_code == 422


def test_nothing_chosen_is_said(director: Visitor, world: World) -> None:
    ref = receive(world)
    page = director.follow(director.post(f"/thu/{ref.folder_id}/viec", do="delete"))
    assert "Chưa chọn thư nào." in page.text


@pytest.mark.parametrize(
    ("do", "expected"), [("seen", Flag.SEEN), ("flag", Flag.FLAGGED), ("unseen", 0), ("unflag", 0)]
)
def test_marking(director: Visitor, world: World, do: str, expected: int) -> None:
    first, second = receive(world), receive(world)
    answer = director.post(f"/thu/{first.folder_id}/viec", uid=[first.uid, second.uid], do=do)
    assert answer.status_code == 303
    assert {flags(world, first), flags(world, second)} == {expected}


@pytest.mark.requirement("R-030")
def test_delete_goes_to_the_wastebasket_and_comes_back(director: Visitor, world: World) -> None:
    ref = receive(world)
    page = director.follow(director.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do="delete"))
    assert "Đã chuyển 1 thư vào “Thùng rác”." in page.text
    (uid,) = world.uids("truongpk", "Trash")
    trash = world.folder("truongpk", "Trash")
    undone = director.post(f"/thu/{trash}/viec", uid=uid, do="move", to=ref.folder_id)
    assert undone.status_code == 303
    assert world.uids("truongpk", "Trash") == [] and len(world.uids("truongpk", "INBOX")) == 1


def test_the_undo_form_is_on_the_page(director: Visitor, world: World) -> None:
    ref = receive(world)
    page = director.follow(director.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do="delete"))
    trash = world.folder("truongpk", "Trash")
    assert f'action="/thu/{trash}/viec"' in page.text
    assert f'name="to" value="{ref.folder_id}"' in page.text


def test_deleting_in_the_wastebasket_asks_first(director: Visitor, world: World) -> None:
    ref = receive(world)
    director.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do="delete")
    trash = world.folder("truongpk", "Trash")
    (uid,) = world.uids("truongpk", "Trash")
    asked = director.post(f"/thu/{trash}/viec", uid=uid, do="delete")
    assert asked.status_code == 200 and "không lấy lại được" in text_of(asked)
    assert world.uids("truongpk", "Trash") == [uid]
    assert director.post(f"/thu/{trash}/viec", uid=uid, do="destroy").status_code == 303
    assert world.uids("truongpk", "Trash") == []


@pytest.mark.requirement("R-030")
def test_nothing_is_destroyed_outside_the_wastebasket(director: Visitor, world: World) -> None:
    ref = receive(world)
    assert director.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do="destroy").status_code == 404
    assert world.uids("truongpk", "INBOX") == [ref.uid]


def test_twice_is_once(director: Visitor, world: World) -> None:
    ref = receive(world)
    for _time in range(2):
        assert director.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do="delete").status_code == 303
    assert len(world.uids("truongpk", "Trash")) == 1


def test_a_folder_that_refuses_says_why_and_nothing_has_moved(specialist: Visitor, world: World) -> None:
    world.with_handler()
    (uid,) = world.uids("vankhain", PENDING)
    here, there = world.folder("vankhain", PENDING), world.folder("vankhain", "Văn bản đến/Kết thúc")
    page = specialist.follow(specialist.post(f"/thu/{here}/viec", uid=uid, do="move", to=there))
    assert "hồ sơ" in page.text and "toast-error" in page.text
    assert world.uids("vankhain", PENDING) == [uid]


def test_coming_back_leads_only_here(director: Visitor, world: World) -> None:
    ref = receive(world)
    answer = director.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do="seen", back="//evil.example")
    assert answer.location == f"/thu/{ref.folder_id}"
