"""Letters that wait some seconds: taken back as they were typed, or sent once by the worker, whatever dies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailbox_policies.sentfiles.desk import Desk
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.waiting import Waiting
from mailserver.mime.scan import scan
from mailserver.store import raw
from mailserver.store.database import Tx
from tests.routing.world import World
from tests.webmail.mail.test_composing import LETTER, fresh
from tests.webmail.visitor import Visitor, hidden, text_of
from tests.webmail.world import desk_of, now, web_settings
from webmail.app import create_app
from webmail.mail import undoing
from webmail.services import WebServices

CHOOSE = "/thu/soan/cho-hoan-tac"


@pytest.fixture
def later(world: World, services: WebServices) -> Delivery:
    """The worker's, a minute from now."""
    return Delivery(world.store, services.delivery.hostname, lambda: now() + timedelta(minutes=1))


class Killed(BaseException):
    """As SIGKILL leaves it."""


def waiting(world: World) -> int:
    return int(world.store.db.read(lambda conn: raw.rows(conn, "SELECT count(*) FROM waiting_letter"))[0][0])


def send(visitor: Visitor, **more: str) -> str:
    """A letter in a form; the page that follows."""
    answer = visitor.post("/thu/soan", **fresh(visitor), **{**LETTER, **more})
    assert answer.status_code == 303, text_of(answer)
    return visitor.get(answer.location, follow_redirects=True).text


def undo_path(page: str) -> str:
    return page.partition('action="/thu/soan/hoan-tac/')[2].partition('"')[0]


def test_a_letter_is_taken_back_as_it_was_typed(director: Visitor, world: World, later: Delivery) -> None:
    assert director.post(CHOOSE, seconds="7").status_code == 422
    assert director.post(CHOOSE, seconds="10").status_code == 303
    assert "Hoàn tác khi gửi thư" in text_of(director.get("/tai-khoan/"))
    page = send(director, cc="hoavc, lamhs", bcc="vinhbt")
    assert "Thư sẽ được gửi sau 10 giây." in page
    assert world.uids("anl", "INBOX") == world.uids("truongpk", "Sent") == []
    number = undo_path(page)
    back = director.post(f"/thu/soan/hoan-tac/{number}")
    form = director.follow(back)
    assert hidden(form, "draft")
    assert 'value="hoavc, lamhs"' in form.text and 'value="vinhbt"' in form.text and "Kính mời." in form.text
    again = director.post(f"/thu/soan/hoan-tac/{number}")
    assert "không lấy lại được" in director.get(again.location, follow_redirects=True).text
    undoing.send_due(later, desk_of(world))
    assert world.uids("anl", "INBOX") == [] and waiting(world) == 0


def test_who_has_chosen_nothing_waits_as_long_as_the_agency_says(
    world: World, services: WebServices, tmp_path: Path
) -> None:
    app = create_app(replace(services, undo_seconds=lambda _conn, agency_id: 10), web_settings(tmp_path / "cache"))
    director = Visitor(app).signed_in("truongpk")
    assert 'value="10" aria-pressed="true"' in director.get("/tai-khoan/").text
    assert "Thư sẽ được gửi sau 10 giây." in send(director)
    assert waiting(world) == 1 and world.uids("anl", "INBOX") == []
    director.post(CHOOSE, seconds="0")
    assert "Đã gửi thư." in send(director)
    assert len(world.uids("anl", "INBOX")) == 1


def test_without_that_the_worker_sends_it_once_even_if_it_dies(
    director: Visitor, outsider: Visitor, world: World, services: WebServices, later: Delivery
) -> None:
    director.post(CHOOSE, seconds="20")
    form = fresh(director)
    for status in (303, 409):
        assert director.post("/thu/soan", **form, **{**LETTER, "bcc": "vinhbt"}).status_code == status
    assert outsider.post("/thu/soan/hoan-tac/1").status_code == 303, "another's is none"
    undoing.send_due(services.delivery, desk_of(world))
    assert world.uids("anl", "INBOX") == [], "it is not due yet"

    def die(tx: Tx, old: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as dying:
        dying.setattr("webmail.mail.outgoing.drop_draft_tx", die)
        with pytest.raises(Killed):
            undoing.send_due(later, desk_of(world))
    assert (world.uids("anl", "INBOX"), waiting(world)) == ([], 1)
    for _again in range(2):
        undoing.send_due(later, desk_of(world))
    assert len(world.uids("anl", "INBOX")) == len(world.uids("vinhbt", "INBOX")) == 1
    assert len(world.uids("truongpk", "Sent")) == 1 and world.uids("truongpk", "Drafts") == []
    assert b"vinhbt" not in world.octets("anl", "INBOX")
    assert director.post("/thu/soan", **form, **LETTER).status_code == 409
    pins = "SELECT sum(pins) FROM message"
    assert world.store.db.read(lambda conn: raw.rows(conn, pins))[0][0] in (0, None)


def test_a_letter_that_waits_and_its_draft_are_kept_together(
    director: Visitor, world: World, later: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser sends the same form again when the server died before it answered."""
    director.post(CHOOSE, seconds="20")
    form = fresh(director)

    def die(*_: object) -> int:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("mailserver.delivery.waiting.keep_tx", die)
        with pytest.raises(Killed):
            director.post("/thu/soan", **form, **LETTER)
    assert world.uids("truongpk", "Drafts") == []
    assert director.post("/thu/soan", **form, **LETTER).status_code == 303
    assert len(world.uids("truongpk", "Drafts")) == 1
    undoing.send_due(later, desk_of(world))
    assert world.uids("truongpk", "Drafts") == [] and len(world.uids("anl", "INBOX")) == 1


def test_a_letter_that_goes_at_once_leaves_no_draft_behind_whatever_dies(
    director: Visitor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = director.post("/thu/soan", **fresh(director), **{**LETTER, "do": "save"})
    form = {**fresh(director), "draft": hidden(director.follow(kept), "draft")}

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("webmail.mail.outgoing.mark_answered_tx", die)
        with pytest.raises(Killed):
            director.post("/thu/soan", **form, **LETTER)
    assert (world.uids("anl", "INBOX"), len(world.uids("truongpk", "Drafts"))) == ([], 1)
    assert director.post("/thu/soan", **form, **LETTER).status_code == 303
    assert (len(world.uids("anl", "INBOX")), world.uids("truongpk", "Drafts")) == (1, [])


def test_what_could_not_be_sent_is_refused_at_once_and_what_cannot_any_more_comes_back(
    director: Visitor, world: World, later: Delivery
) -> None:
    director.post(CHOOSE, seconds="5")
    assert director.post("/thu/soan", **fresh(director), **{**LETTER, "to": "khongco"}).status_code == 422
    assert waiting(world) == 0
    send(director)

    def leave_tx(tx: Tx) -> None:
        raw.run(tx.conn, "UPDATE principal SET status = 'left' WHERE id = ?", (world.id("anl"),))

    world.store.db.write(leave_tx, world.actor("truongpk"))
    undoing.send_due(later, desk_of(world))
    assert waiting(world) == 0 and len(world.uids("truongpk", "Drafts")) == 1
    assert scan(world.octets("truongpk", "INBOX")).subject == "Thư chưa gửi được: Giấy mời họp"


def test_letters_of_who_has_chosen_nothing_go_at_once(director: Visitor, world: World) -> None:
    send(director)
    assert len(world.uids("anl", "INBOX")) == 1 and waiting(world) == 0


def test_a_fault_about_one_letter_keeps_no_other_from_going(
    director: Visitor, world: World, later: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    director.post(CHOOSE, seconds="5")
    for to in ("anl", "hoavc"):
        send(director, to=to)
    ours = undoing._send

    def stumble(delivery: Delivery, desk: Desk, one: Waiting) -> None:
        if one.envelope.recipients[0].startswith("anl@"):
            raise ZeroDivisionError
        ours(delivery, desk, one)

    with monkeypatch.context() as stumbling:
        stumbling.setattr(undoing, "_send", stumble)
        undoing.send_due(later, desk_of(world))
    assert (world.uids("anl", "INBOX"), len(world.uids("hoavc", "INBOX")), waiting(world)) == ([], 1, 1)
    much_later = Delivery(world.store, later.hostname, lambda: now() + timedelta(minutes=3))
    undoing.send_due(much_later, desk_of(world))
    assert len(world.uids("anl", "INBOX")) == 1 and waiting(world) == 0
