"""Unfit posts in the browser: reported, hidden at once, and decided on as the regulation of the agency says."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from mailbox_policies.retention import holds
from mailbox_policies.retention.holds import HoldKind
from mailserver.actor import SYSTEM
from mailserver.boards.kinds import BoardKind
from mailserver.directory.schema import person_role
from mailserver.store import raw
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing.moderation import acting
from routing.moderation.schema import board_case
from tests.mailbox_policies.retention.test_holds import NOW, hold
from tests.routing.world import DOMAIN, World
from tests.webmail.boards.test_boards import INDEX, made, put_up, uid_of
from tests.webmail.visitor import Visitor, text_of
from tests.webmail.world import web_services, web_settings, with_passwords
from webmail.app import create_app

REPORTS = f"{INDEX}bai-bi-bao/"
TITLE = "Bán xe máy"


def letters(world: World, who: str) -> list[str]:
    """The subjects and texts of what lies in somebody's inbox."""
    found = [message_from_bytes(world.octets(who, "INBOX", uid), policy=default) for uid in world.uids(who, "INBOX")]
    return [f"{one['Subject']}\n{one.get_content()}" for one in found]


def reported(visitor: Visitor, board: str) -> str:
    """Report the post; what the page says."""
    uid = uid_of(visitor, board, TITLE)
    form = f"{board}/{uid}/bao"
    assert "Vì sao bài không phù hợp" in visitor.get(form).text
    assert visitor.post(form, reason="").status_code == 422
    return visitor.follow(visitor.post(form, reason="Rao vặt không phải việc cơ quan.")).text


def case_of(visitor: Visitor) -> str:
    found = re.search(r'href="(/thu-muc-chung/bai-bi-bao/\d+)"', visitor.get(REPORTS).text)
    assert found is not None
    return found.group(1)


def administrator(world: World, name: str) -> None:
    role = {"person_id": world.id(name), "role": "it_admin", "unit_id": None}
    world.store.db.write(lambda tx: tx.conn.execute(person_role.insert().values(**role)), SYSTEM)


@pytest.mark.requirement("R-102")
def test_the_administrator_hides_and_the_director_decides(
    app: Flask, world: World, specialist: Visitor, head: Visitor, director: Visitor, keeper: Visitor
) -> None:
    board = made(world, BoardKind.OPEN)
    put_up(specialist, board, TITLE)
    uid = uid_of(specialist, board, TITLE)
    assert "Đã báo bài này" in reported(head, board)
    told = letters(world, "anl")
    assert len(told) == 1 and f"Bài bị báo không phù hợp: {TITLE}" in told[0] and "Rao vặt" in told[0]
    assert head.get(REPORTS).status_code == 404 and specialist.get(REPORTS).status_code == 404
    case = case_of(keeper)
    assert head.get(case).status_code == 404 and specialist.get(case).status_code == 404
    assert "Vương Đình Khôi báo không phù hợp" in text_of(keeper.get(case))

    assert keeper.post(case, do="hide").status_code == 422
    assert "Đã ẩn bài" in keeper.follow(keeper.post(case, do="hide", reason="Không đúng chỗ.")).text
    assert (
        TITLE not in text_of(head.get(board)) and head.get(f"/thu/{board.rpartition('/')[2]}/{uid}").status_code == 404
    )
    clerk = Visitor(app).signed_in("anhhtk")
    assert TITLE not in text_of(clerk.get(board)) and clerk.get(case).status_code == 404
    own = text_of(specialist.get(case))
    assert "Bài của bạn đang bị ẩn" in text_of(specialist.get(board)) and "Nội dung" in own
    assert "Không đúng chỗ." in own and "Vương Đình Khôi" not in own
    assert specialist.post(case, do="show").status_code == 404
    told = letters(world, "vankhain")
    assert len(told) == 1 and "tạm bị ẩn" in told[0] and "Lý do: Không đúng chỗ." in told[0]

    assert "Xóa bài" not in text_of(keeper.get(case))
    refused = keeper.follow(keeper.post(case, do="delete", reason="Xóa."))
    assert "người khác quyết định" in refused.text
    keeper.post(case, do="propose", reason="Đề nghị cho xóa.")
    assert len(letters(world, "truongpk")) == 1 and "(1)" in text_of(director.get(INDEX))
    page = director.follow(director.post(case, do="delete", reason="Đồng ý xóa."))
    assert "Đã xóa bài" in page.text and len(letters(world, "vankhain")) == 2

    director.post(case, do="show")
    assert TITLE in text_of(head.get(board)) and len(letters(world, "vankhain")) == 3
    again = director.follow(director.post(case, do="show"))
    assert "đã có người quyết định trước" in again.text
    acts = "SELECT action FROM audit WHERE action LIKE 'board.post%' ORDER BY id"
    assert [row[0] for row in world.store.db.read(lambda conn: raw.rows(conn, acts))] == [
        f"board.post_{act}" for act in ("report", "hide", "propose", "delete", "show")
    ]


@pytest.mark.requirement("R-102")
@pytest.mark.parametrize("profile", ["tn", "kt"])
def test_where_the_regulation_says_so_the_administrator_deletes(store: Store, profile: str, tmp_path: Path) -> None:
    world = with_passwords(store, profile)
    administrator(world, "anl")
    services = web_services(world)
    app = create_app(services, web_settings(tmp_path / "cache"))
    author, reader, keeper = (Visitor(app).signed_in(name) for name in ("vankhain", "khoivd", "anl"))
    board = made(world, BoardKind.OPEN)
    put_up(author, board, TITLE)
    reported(reader, board)
    case = case_of(keeper)
    keeper.post(case, do="hide", reason="Không đúng chỗ.")
    assert "Đề nghị xóa" not in text_of(keeper.get(case))
    assert "Đã xóa bài" in keeper.follow(keeper.post(case, do="delete", reason="Không phù hợp.")).text
    assert TITLE not in text_of(reader.get(board)) and len(letters(world, "vankhain")) == 2

    def long_ago(past: timedelta) -> int:
        def work(tx: Tx) -> int:
            tx.conn.execute(update(board_case).values(since=tx.now - past))
            return acting.forget_due_tx(tx)

        return world.store.db.write(work, SYSTEM)

    assert long_ago(acting.KEPT - timedelta(days=1)) == 0
    (number,) = world.store.db.read(
        lambda conn: raw.rows(conn, "SELECT message_id FROM message WHERE subject = ?", (TITLE,))
    )[0]
    for kind, what in (
        (HoldKind.PERSON, f"vankhain@{DOMAIN}"),
        (HoldKind.MAILBOX, f"sxd@{DOMAIN}"),
        (HoldKind.MESSAGE, number),
    ):
        hold(world, kind, what)
    assert long_ago(acting.KEPT + timedelta(days=1)) == 0, "an order keeps it"
    for one in world.store.db.read(lambda conn: holds.of_agency(conn, world.agency_id)):
        assert long_ago(acting.KEPT + timedelta(days=1)) == 0, one.kind
        world.store.db.write(partial(holds.end_tx, agency_id=world.agency_id, hold_id=one.id, now=NOW), SYSTEM)
    assert long_ago(acting.KEPT + timedelta(days=1)) == 1
    assert "không đưa lại được nữa" in text_of(keeper.get(case))
    assert "đã có người quyết định" in keeper.follow(keeper.post(case, do="show")).text
    services.auth.close()


def test_a_report_without_ground_leaves_the_post_and_two_reports_are_one_case(
    world: World, specialist: Visitor, head: Visitor, director: Visitor, keeper: Visitor
) -> None:
    board = made(world, BoardKind.OPEN)
    put_up(specialist, board, TITLE)
    for reader in (head, head, director):
        reported(reader, board)
    assert len(letters(world, "anl")) == 2
    case = case_of(keeper)
    keeper.post(case, do="dismiss")
    assert TITLE in text_of(head.get(board)) and letters(world, "vankhain") == []
    reported(head, board)
    assert "bị báo" in text_of(keeper.get(case)) and keeper.get(REPORTS).text.count("bai-bi-bao/1") == 1
    uid = uid_of(specialist, board, TITLE)
    specialist.post(f"{board}/go", uid=uid)
    assert "đã gỡ hoặc thay bài này" in text_of(keeper.get(case))
    keeper.post(case, do="hide", reason="Không đúng chỗ.")
    assert world.uids("sxd", "Bài đã gỡ") == []
    assert head.get(f"{board}/999/bao").status_code == 404
