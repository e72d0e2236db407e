"""The administrators' pages of outgoing mail."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from mailserver.actor import SYSTEM
from mailserver.delivery.outside import Parcel
from mailserver.directory import agencies, credentials, passwords, people
from mailserver.directory.records import PersonData
from mailserver.outbound import listing
from mailserver.outbound.parcels import enqueue_tx
from mailserver.outbound.states import Step
from mailserver.outbound.steps import add_step_tx
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare, store_message_tx
from tests.routing.world import World
from tests.support.mail import letter
from tests.webmail.visitor import Visitor, text_of
from tests.webmail.world import PASSWORD


def make_admin(world: World, agency_id: int, local: str) -> None:
    hashed = passwords.prepare(PASSWORD, ())

    def work(tx: Tx) -> None:
        person = PersonData("Hà", "Thanh", "Tuấn", local_part=local, roles=("it_admin",))
        world.ids[local] = people.create_person_tx(tx, agency_id, person)
        credentials.set_password_tx(tx, world.ids[local], hashed)

    world.store.db.write(work, SYSTEM)


@pytest.fixture
def admin(world: World, app: Flask) -> Visitor:
    """An administrator of the agency."""
    make_admin(world, world.agency_id, "tuanht")
    return Visitor(app).signed_in("tuanht")


def queue(world: World, *to: str, number: int = 1) -> int:
    """Mail that a person of the agency has sent and that waits."""
    prepared = prepare(letter(number=number), world.store.blobs)

    def work(tx: Tx) -> int:
        message_id = f"{number}@so.example.vn"
        parcel = Parcel(store_message_tx(tx, prepared), "vankhain@sxd.example", to, "web.1", message_id, 900)
        made = enqueue_tx(tx, parcel)
        answer = "451 4.3.0 <b>not</b> now"
        query = "UPDATE outbound_recipient SET attempts = 1, last_answer = '{}', last_host = 'mx.far.test'"
        tx.conn.exec_driver_sql(query.format(answer))
        add_step_tx(tx, made, Step.DEFERRED, host="mx.far.test", answer=answer)
        return made

    return world.store.db.write(work, world.actor("vankhain"))


def states(world: World, number: int) -> list[str]:
    found = world.store.db.read(lambda conn: listing.get(conn, number, datetime.now(UTC)))
    return [one.state.value for one in found.recipients]


def test_only_administrators_find_the_page(world: World, admin: Visitor, director: Visitor, outsider: Visitor) -> None:
    number = queue(world, "ba@far.test")
    paths = ("/hang-doi/", f"/hang-doi/{number}", f"/hang-doi/{number}/bo", "/hang-doi/theo-doi?id=1")
    for path in paths:
        assert admin.get(path).status_code == 200, path
        assert director.get(path).status_code == outsider.get(path).status_code == 404, path
    assert "/hang-doi/" in admin.get("/viec").text
    assert "/hang-doi/" not in director.get("/viec").text
    assert director.post(f"/hang-doi/{number}", do="delete").status_code == 404
    assert states(world, number) == ["waiting"]
    query = "SELECT count(*) FROM audit WHERE action = 'access.refused'"
    assert world.store.db.read(lambda conn: conn.exec_driver_sql(query).scalar()) == 9


def test_an_administrator_of_another_agency_finds_nothing(world: World, app: Flask) -> None:
    number = queue(world, "ba@far.test")

    def found(tx: Tx) -> int:
        return agencies.create_agency_tx(tx, "SYT", "Sở Y tế", "syt.example", "kt")

    make_admin(world, world.store.db.write(found, SYSTEM), "laadmin")
    other = Visitor(app).signed_in("laadmin@syt.example")
    assert "Không có thư nào đang chờ" in text_of(other.get("/hang-doi/"))
    assert other.get(f"/hang-doi/{number}").status_code == 404
    assert other.post(f"/hang-doi/{number}", do="hold").status_code == 404
    assert "Không có thư nào mang" in text_of(other.get("/hang-doi/theo-doi?id=1@so.example.vn"))
    assert states(world, number) == ["waiting"]


def test_the_list_shows_who_waits_and_why_and_no_subject(world: World, admin: Visitor) -> None:
    queue(world, "ba@far.test", "tu@far.test")
    page = admin.get("/hang-doi/")
    said = text_of(page)
    for word in ("vankhain@sxd.example", "ba@far.test", "tu@far.test", "mx.far.test:", "sẽ gửi lại", "đã thử 1 lần"):
        assert word in said
    assert "&lt;b&gt;not&lt;/b&gt;" in page.text
    assert "Lịch họp" not in said


def test_an_empty_queue_says_so(admin: Visitor) -> None:
    assert "Không có thư nào đang chờ" in text_of(admin.get("/hang-doi/"))


def test_many_recipients_and_many_messages_have_pages(world: World, admin: Visitor) -> None:
    queue(world, *(f"a{number}@far.test" for number in range(7)))
    for number in range(2, 53):
        queue(world, "ba@far.test", number=number)
    first, second = admin.get("/hang-doi/"), admin.get("/hang-doi/?trang=2")
    assert "và 2 người nhận nữa" in text_of(first)
    assert (first.text.count('class="queue-mail"'), second.text.count('class="queue-mail"')) == (50, 2)
    assert admin.get("/hang-doi/?trang=-5").status_code == admin.get("/hang-doi/?trang=x").status_code == 200


@pytest.mark.parametrize(
    ("acts", "state", "said"),
    [
        (("hold",), "held", "Đã giữ lại"),
        (("hold", "release"), "waiting", "Đã bỏ giữ"),
        (("retry",), "waiting", "Đang gửi lại"),
        (("delete",), "deleted", "Đã bỏ thư"),
        (("hold", "hold"), "held", "không còn gì để làm"),
    ],
)
def test_acts(world: World, admin: Visitor, acts: tuple[str, ...], state: str, said: str) -> None:
    number = queue(world, "ba@far.test")
    for act in acts:
        answer = admin.post(f"/hang-doi/{number}", do=act)
    assert states(world, number) == [state]
    assert said in admin.follow(answer).text


def test_nonsense_does_nothing(world: World, admin: Visitor) -> None:
    number = queue(world, "ba@far.test")
    assert admin.post(f"/hang-doi/{number}", do="explode").status_code == 422
    assert admin.post(f"/hang-doi/{number}").status_code == 422
    assert admin.post("/hang-doi/99999", do="hold").status_code == 404
    assert admin.get("/hang-doi/99999").status_code == admin.get("/hang-doi/99999/bo").status_code == 404
    assert states(world, number) == ["waiting"]


def test_giving_up_is_asked_twice(world: World, admin: Visitor) -> None:
    number = queue(world, "ba@far.test")
    assert f'href="/hang-doi/{number}/bo"' in admin.get(f"/hang-doi/{number}").text
    assert "người gửi không được báo" in text_of(admin.get(f"/hang-doi/{number}/bo"))
    assert states(world, number) == ["waiting"]


def test_a_message_is_followed_by_its_id(world: World, admin: Visitor) -> None:
    queue(world, "ba@far.test")
    said = text_of(admin.get("/hang-doi/theo-doi?id=%3C1@so.example.vn%3E"))
    for word in ("ba@far.test", "Vào hàng đợi", "Chưa gửi được", "Nguyễn Văn Khải"):
        assert word in said
    assert "Không có thư nào mang" in text_of(admin.get("/hang-doi/theo-doi?id=none"))


def test_the_pages_are_there_in_english(world: World, admin: Visitor) -> None:
    number = queue(world, "ba@far.test")
    admin.post("/tai-khoan/ngon-ngu", locale="en")
    assert "Outgoing mail that waits" in text_of(admin.get("/hang-doi/"))
    assert "Queued" in text_of(admin.get(f"/hang-doi/{number}"))
