"""The page "Ủy quyền": heads give and take back, leaders decide, delegates see what they have."""

from __future__ import annotations

import pytest

from tests.routing.delegation.test_giving import demand_leave, rights
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
