"""The rights on a shared folder are obeyed in the browser as over IMAP (RFC 4314 §4), and so are personal flags."""

from __future__ import annotations

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import acl, choosing, folders
from mailserver.store.flags import Flag
from mailserver.store.letters import ALL
from tests.routing.world import World
from tests.webmail.mail.test_views import flags, path, receive
from tests.webmail.visitor import Visitor, text_of


def share(world: World, folder_id: int, letters: str, name: str = "anl") -> None:
    world.store.db.write(lambda tx: acl.put_tx(tx, folder_id, world.id(name), frozenset(letters)), SYSTEM)


def test_one_shared_folder_is_shown_and_nothing_else_of_its_mailbox(outsider: Visitor, world: World) -> None:
    ref = receive(world)
    assert outsider.get(f"/thu/{ref.folder_id}").status_code == 404
    share(world, ref.folder_id, "lr")
    page = outsider.get(f"/thu/{ref.folder_id}")
    assert page.status_code == 200
    assert f'href="/thu/{ref.folder_id}"' in page.text
    archive = world.folder("truongpk", "Archive")
    assert f"/thu/{archive}" not in page.text
    assert outsider.get(f"/thu/{archive}").status_code == 404
    assert "Kính gửi anh." in text_of(outsider.get(path(ref)))
    assert flags(world, ref) == 0  # no "s"
    assert "Lịch họp giao ban" in text_of(outsider.get("/tim?q=giao+ban"))
    share(world, ref.folder_id, "l")
    assert outsider.get(f"/thu/{ref.folder_id}").status_code == 404
    assert "Lịch họp giao ban" not in text_of(outsider.get("/tim?q=giao+ban"))


@pytest.mark.parametrize(
    ("do", "needed"),
    [("seen", "s"), ("unseen", "s"), ("flag", "w"), ("unflag", "w"), ("delete", "te"), ("move", "te")],
)
def test_an_act_needs_its_right_and_no_other(outsider: Visitor, world: World, do: str, needed: str) -> None:
    ref = receive(world)
    fields = {"uid": ref.uid, "do": do, "to": world.folder("anl", "INBOX")}
    for right in needed:
        share(world, ref.folder_id, "".join(ALL - {right}))
        assert outsider.post(f"/thu/{ref.folder_id}/viec", **fields).status_code == 404, right
        assert world.uids("truongpk", "INBOX") == [ref.uid] and flags(world, ref) == 0
    share(world, ref.folder_id, "lr" + needed)
    assert outsider.post(f"/thu/{ref.folder_id}/viec", **fields).status_code == 303


def test_mail_comes_into_a_shared_folder_with_i_and_flags_as_far_as_allowed(outsider: Visitor, world: World) -> None:
    own, theirs = receive(world, to="anl"), world.folder("truongpk", "Archive")
    outsider.post(f"/thu/{own.folder_id}/viec", uid=own.uid, do="seen")
    for letters, status in (("lr", 404), ("lri", 303)):
        share(world, theirs, letters)
        answer = outsider.post(f"/thu/{own.folder_id}/viec", uid=own.uid, do="move", to=theirs)
        assert answer.status_code == status
    (uid,) = world.uids("truongpk", "Archive")
    found = world.store.db.read(lambda conn: folders.by_id(conn, theirs))
    assert (uid, found.unseen) == (1, 1)


def test_what_one_has_read_in_a_mailbox_with_personal_flags_is_new_to_others(
    director: Visitor, outsider: Visitor, world: World
) -> None:
    ref = receive(world)
    share(world, ref.folder_id, "lrs")
    world.store.db.write(lambda tx: choosing.choose_tx(tx, world.id("truongpk"), int(Flag.SEEN)), SYSTEM)
    outsider.get(path(ref))
    assert "Chưa đọc:" not in text_of(outsider.get(f"/thu/{ref.folder_id}"))
    assert "Lịch họp" not in text_of(outsider.get(f"/thu/{ref.folder_id}?loc=chua-doc"))
    assert "Chưa đọc:" in text_of(director.get(f"/thu/{ref.folder_id}"))
    assert "Lịch họp" in text_of(director.get(f"/thu/{ref.folder_id}?loc=chua-doc"))
    assert director.get("/dem").json["mail"] == 1
    assert flags(world, ref) == 0
