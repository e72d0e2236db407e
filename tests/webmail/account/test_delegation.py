"""The page "Ủy quyền": heads give and take back, leaders decide, delegates see what they have."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from mailserver.actor import SYSTEM
from mailserver.store import access, folders
from tests.routing.delegation.test_giving import demand_leave, rights, text
from tests.routing.world import World
from tests.webmail.visitor import Visitor, text_of


def give(visitor: Visitor, world: World, **fields: str) -> int:
    wanted = {"grant": f"{world.id('qhkt')}.{world.id('vankhain')}", "right": "handle", "first": "", "last": ""}
    return visitor.post("/uy-quyen/", **(wanted | fields)).status_code


def only(visitor: Visitor) -> str:
    """The path of the one delegation that the page shows a button for."""
    page = visitor.get("/uy-quyen/").text
    return "/uy-quyen/" + page.partition('action="/uy-quyen/')[2].partition("/")[0]


@pytest.mark.requirement("R-083")
def test_a_head_gives_and_takes_back(head: Visitor, specialist: Visitor, world: World) -> None:
    assert "chưa có ủy quyền nào" in text_of(specialist.get("/uy-quyen/"))
    assert give(head, world, last="2099-11-30") == 303
    assert rights(world)
    assert "đến hết 30/11/2099" in text_of(head.get("/uy-quyen/"))
    assert "Vương Đình Khôi cho bạn" in text_of(specialist.get("/uy-quyen/"))
    mine = only(head)
    assert specialist.post(f"{mine}/thu-hoi").status_code == 403
    assert head.post(f"{mine}/thu-hoi").status_code == 303
    assert not rights(world)
    assert head.post(f"{mine}/thu-hoi").status_code == 409


@pytest.mark.requirement("R-083", "R-212")
def test_others_do_not_and_a_head_only_to_the_unit_s_people(head: Visitor, specialist: Visitor, world: World) -> None:
    assert give(specialist, world) == 422
    answer = head.post("/uy-quyen/", grant=f"{world.id('qhkt')}.{world.id('anl')}", right="read")
    assert answer.status_code == 422
    assert "Chỉ ủy quyền cho người trong đơn vị." in text_of(answer)
    assert not rights(world) and not rights(world, "anl")


@pytest.mark.parametrize("fields", [{"grant": "x.y"}, {"right": "everything"}, {"last": "31/02/2026"}])
def test_nonsense_is_refused(head: Visitor, world: World, fields: dict[str, str]) -> None:
    assert give(head, world, **fields) == 422
    assert not rights(world)


@pytest.mark.requirement("R-211")
def test_a_leader_decides_where_the_regulation_wants_it(head: Visitor, director: Visitor, world: World) -> None:
    demand_leave(world)
    assert give(head, world) == 303
    assert "chờ lãnh đạo duyệt" in text_of(head.get("/uy-quyen/"))
    assert not rights(world)
    asked = only(director)
    assert head.post(f"{asked}/duyet", approve="1").status_code == 403
    assert director.post(f"{asked}/duyet", approve="1").status_code == 303
    assert rights(world)


def test_who_chooses_nobody_is_asked_for_a_person(head: Visitor) -> None:
    answer = head.post("/uy-quyen/", grant="", right=["read"])
    assert answer.status_code == 422 and "Hãy chọn người." in text_of(answer)


def make_folder(world: World, name: str) -> str:
    """A folder of the unit's; its number."""
    return str(world.store.db.write(lambda tx: folders.create_tx(tx, world.id("qhkt"), name).id, SYSTEM))


def may_read(world: World, name: str) -> bool:
    def read(conn: Connection) -> bool:
        folder = folders.get(conn, world.id("qhkt"), name)
        return "r" in access.rights_on(conn, world.actor("vankhain"), folder)

    return world.store.db.read(read)


@pytest.mark.requirement("R-083")
def test_folders_are_left_out_changed_and_put_back(head: Visitor, specialist: Visitor, world: World) -> None:
    private, other = make_folder(world, "Riêng tư"), make_folder(world, "Hồ sơ")
    assert give(head, world, closed=private) == 303
    assert (may_read(world, "Riêng tư"), may_read(world, "Hồ sơ"), may_read(world, "INBOX")) == (False, True, True)
    for visitor in (head, specialist):
        assert "Trừ thư mục: Riêng tư" in text_of(visitor.get("/uy-quyen/"))
    assert "Trừ thư mục: Riêng tư." in text(world, "vankhain")
    mine = only(head)
    assert specialist.post(f"{mine}/tru").status_code == 403
    told = text_of(head.follow(head.post(f"{mine}/tru", closed=other)))
    assert "Đã đổi thư mục được trừ" in told and "Trừ thư mục: Hồ sơ" in told and "Hoàn tác" in told
    assert (may_read(world, "Riêng tư"), may_read(world, "Hồ sơ")) == (True, False)
    assert "từ nay không gồm thư mục: Hồ sơ" in text(world, "vankhain")
    assert head.post(f"{mine}/tru", closed=private).status_code == 303  # what the toast's button sends
    assert not may_read(world, "Riêng tư")
    assert head.post(f"{mine}/tru").status_code == 303
    assert may_read(world, "Riêng tư") and may_read(world, "Hồ sơ")
    said = "SELECT count(*) FROM audit WHERE action = 'grant.closed'"
    assert world.store.db.read(lambda conn: conn.exec_driver_sql(said).scalar()) == 3
    head.post(f"{mine}/thu-hoi")
    assert head.post(f"{mine}/tru", closed=private).status_code == 409


def test_nobody_is_given_the_same_twice_nor_what_another_delegation_leaves_out(head: Visitor, world: World) -> None:
    private = make_folder(world, "Riêng tư")
    assert give(head, world, closed=private) == 303
    twice = {"grant": f"{world.id('qhkt')}.{world.id('vankhain')}", "first": "", "last": ""}
    answer = head.post("/uy-quyen/", **twice, right="handle", closed=private)
    assert answer.status_code == 422 and "đã được ủy quyền như vậy rồi" in text_of(answer)
    answer = head.post("/uy-quyen/", **twice, right="send_on_behalf")
    assert answer.status_code == 422 and "Hãy đổi thư mục được trừ ở đó trước" in text_of(answer)
    assert give(head, world, right="send_on_behalf", closed=private) == 303
    assert head.post(f"{only(head)}/tru").status_code == 303
    assert may_read(world, "Riêng tư"), "both let it in"
    assert head.post(f"{only(head)}/tru", closed=private).status_code == 303
    assert not may_read(world, "Riêng tư"), "both leave it out"


def test_what_mail_comes_and_goes_by_is_not_left_out_and_nobody_else_s_folder(head: Visitor, world: World) -> None:
    for owner, name in (("qhkt", "INBOX"), ("qhkt", "Đang xử lý"), ("qhkt", "Văn bản đến"), ("sxd", "INBOX")):
        answer = head.post(
            "/uy-quyen/",
            grant=f"{world.id('qhkt')}.{world.id('vankhain')}",
            right="handle",
            closed=str(world.folder(owner, name)),
        )
        assert answer.status_code == 422 and "Chỉ trừ được thư mục do đơn vị tự lập" in text_of(answer)
    assert give(head, world, closed="1 OR 1") == 422
    assert not rights(world)


@pytest.mark.requirement("R-211")
def test_what_a_leader_agreed_to_is_made_narrower_by_the_head_and_wider_by_the_leader(
    head: Visitor, director: Visitor, world: World
) -> None:
    demand_leave(world)
    private = make_folder(world, "Riêng tư")
    assert give(head, world, closed=private) == 303
    assert "Trừ thư mục: Riêng tư" in text_of(director.get("/uy-quyen/"))
    asked = only(director)
    assert director.post(f"{asked}/duyet", approve="1").status_code == 303
    assert not may_read(world, "Riêng tư")
    assert head.post(f"{asked}/tru").status_code == 403
    assert not may_read(world, "Riêng tư")
    assert director.post(f"{asked}/tru").status_code == 303
    assert may_read(world, "Riêng tư")
