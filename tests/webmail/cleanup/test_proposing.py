"""Dọn hộp thư: what is proposed and what never is; chosen mail goes to Trash and comes back; the mailbox as a file."""

from __future__ import annotations

import io
import mailbox
import re
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from mailbox_policies.retention import holds
from mailbox_policies.retention.holds import HoldKind
from mailserver.actor import SYSTEM
from mailserver.store import entries, folders, raw
from mailserver.store.database import Tx
from mailserver.store.flags import Flag
from mailserver.store.ingest import prepare
from mailserver.store.messages import pin_tx
from tests.mailbox_policies.retention.shelf import audited, subjects
from tests.routing.world import World
from tests.support.dialogue import mail
from tests.webmail.visitor import Visitor, text_of

NEWS = "List-Unsubscribe: <mailto:stop@shop.test>\r\n"


@pytest.fixture
def owner(app: Flask, world: World) -> Visitor:
    return Visitor(app).signed_in("lamhs")


def put(
    world: World,
    subject: str,
    name: str = "INBOX",
    *,
    extra: str = "",
    size: int = 0,
    age: timedelta = timedelta(0),
    flags: int = 0,
    owner: str = "lamhs",
) -> None:
    prepared = prepare(mail(subject, "x\r\n" * (size // 3), extra=extra), world.store.blobs)
    folder_id = world.folder(owner, name)
    came = int((datetime.now(UTC) - age).timestamp())
    world.store.db.write(lambda tx: entries.append_tx(tx, folder_id, prepared, flags, "", came), SYSTEM)


def proposed(visitor: Visitor, sort: str) -> list[str]:
    page = visitor.get(f"/don-thu/?loai={sort}")
    assert page.status_code == 200
    return re.findall(r'class="fw-medium cleanup-subject" href="[^"]+">([^<]*)</a>', page.text)


def places(visitor: Visitor, sort: str) -> list[str]:
    return re.findall(r'name="thu" value="([^"]+)"', visitor.get(f"/don-thu/?loai={sort}").text)


@pytest.mark.requirement("R-087")
def test_each_sort_proposes_its_own_and_what_frees_most_first(world: World, owner: Visitor) -> None:
    put(world, "Bản vẽ", size=6_000_000)
    put(world, "Ảnh", size=9_000_000)
    put(world, "Năm ngoái", age=timedelta(days=400))
    put(world, "Hai lần")
    put(world, "Hai lần", "Archive")
    put(world, "Bản tin", extra=NEWS)
    put(world, "Quảng cáo", "Junk")
    put(world, "Đã bỏ", "Trash", age=timedelta(days=400))
    put(world, "Thường")
    assert proposed(owner, "large") == ["Ảnh", "Bản vẽ"]
    assert proposed(owner, "old") == ["Năm ngoái"]
    assert proposed(owner, "twice") == ["Hai lần"]
    assert proposed(owner, "newsletter") == ["Bản tin"]
    assert proposed(owner, "junk") == ["Quảng cáo"]
    assert "2 thư, 14,3 MB." in text_of(owner.get("/don-thu/?loai=large"))
    assert "Lưu trữ" in text_of(owner.get("/don-thu/?loai=twice"))


@pytest.mark.requirement("R-087")
def test_what_is_chosen_goes_to_trash_and_comes_back(world: World, owner: Visitor) -> None:
    put(world, "Quảng cáo", "Junk")
    put(world, "Khuyến mãi", "Junk")
    put(world, "Bản tin", extra=NEWS)
    chosen = [*places(owner, "junk"), *places(owner, "newsletter")]
    answer = owner.client.post(
        "/don-thu/", data={"csrf_token": owner.token(), "hop": world.id("lamhs"), "loai": "junk", "thu": chosen}
    )
    page = owner.follow(answer)
    assert "Đã chuyển 3 thư vào Thùng rác" in page.text
    assert sorted(subjects(world, "lamhs", "Trash")) == ["Bản tin", "Khuyến mãi", "Quảng cáo"]
    toast = page.text.partition('action="/don-thu/hoan-tac"')[2].partition("</form>")[0]
    back = re.findall(r'name="thu" value="([^"]+)"', toast)
    fields = {"csrf_token": owner.token(), "hop": world.id("lamhs"), "loai": "junk", "thu": back}
    assert "Đã đưa 3 thư về chỗ cũ" in owner.follow(owner.client.post("/don-thu/hoan-tac", data=fields)).text
    assert subjects(world, "lamhs", "Trash") == []
    assert sorted(subjects(world, "lamhs", "Junk")) == ["Khuyến mãi", "Quảng cáo"]
    assert "Bản tin" in subjects(world, "lamhs", "INBOX")


@pytest.mark.requirement("R-087")
def test_registered_held_and_starred_mail_is_never_proposed_nor_deleted(world: World, owner: Visitor) -> None:
    for subject in ("Đã vào sổ", "Theo lệnh", "Bình thường"):
        put(world, subject, age=timedelta(days=500))
    put(world, "Có sao", age=timedelta(days=500), flags=int(Flag.FLAGGED))
    chosen = places(owner, "old")
    assert sorted(proposed(owner, "old")) == ["Bình thường", "Theo lệnh", "Đã vào sổ"]

    def keep(tx: Tx) -> None:
        query = "SELECT id, message_id FROM message WHERE subject = ?"
        pin_tx(tx, raw.rows(tx.conn, query, ("Đã vào sổ",))[0][0])
        number = raw.rows(tx.conn, query, ("Theo lệnh",))[0][1]
        holds.hold_tx(tx, world.agency_id, HoldKind.MESSAGE, number, "Lệnh", None, tx.now)

    world.store.db.write(keep, SYSTEM)
    assert proposed(owner, "old") == ["Bình thường"]
    answer = owner.client.post(
        "/don-thu/", data={"csrf_token": owner.token(), "hop": world.id("lamhs"), "loai": "old", "thu": chosen}
    )
    said = owner.follow(answer).text
    assert "Đã chuyển 1 thư vào Thùng rác" in said
    assert "2 thư được giữ nên để lại" in said
    assert subjects(world, "lamhs", "Trash") == ["Bình thường"]


def test_strangers_see_and_move_nothing(world: World, owner: Visitor, outsider: Visitor) -> None:
    put(world, "Quảng cáo", "Junk")
    (place,) = places(owner, "junk")
    theirs, mine = str(world.id("lamhs")), str(world.id("anl"))
    assert outsider.get(f"/don-thu/?hop={theirs}").status_code == 404
    assert outsider.get(f"/don-thu/xuat?hop={theirs}").status_code == 404
    for hop in (theirs, mine):
        assert outsider.post("/don-thu/", hop=hop, thu=place).status_code == 404
        assert outsider.post("/don-thu/hoan-tac", hop=hop, thu=place).status_code == 404
    for nonsense in ("x", "1", "1.x", "1.2.3"):
        assert owner.post("/don-thu/", hop=theirs, thu=nonsense).status_code == 422
    assert "Chưa chọn thư nào" in owner.follow(owner.post("/don-thu/", hop=theirs)).text
    assert subjects(world, "lamhs", "Junk") == ["Quảng cáo"]


@pytest.mark.requirement("R-088")
def test_a_mailbox_is_saved_as_files_octet_for_octet(world: World, owner: Visitor, tmp_path: Path) -> None:
    def folder(tx: Tx) -> None:
        folders.create_tx(tx, world.id("lamhs"), "Dự án/Cầu: a*b")

    world.store.db.write(folder, SYSTEM)
    put(world, "Hợp đồng/cầu", "Dự án/Cầu: a*b")
    put(world, "From chỗ khác", extra="X-A: 1\r\n")
    octets = [world.octets("lamhs", name) for name in ("INBOX", "Dự án/Cầu: a*b")]
    answer = owner.get("/don-thu/xuat?kieu=zip")
    assert answer.content_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = archive.namelist()
        assert names == ["INBOX/000001 From chỗ khác.eml", "Dự án/Cầu_ a_b/000001 Hợp đồng_cầu.eml"]
        assert [archive.read(name) for name in names] == octets
        assert archive.testzip() is None
    answer = owner.get("/don-thu/xuat?kieu=mbox")
    (tmp_path / "x.mbox").write_bytes(answer.data)
    with closing(mailbox.mbox(tmp_path / "x.mbox")) as found:
        assert [(one["X-Folder"] is not None, one["Message-ID"] is not None) for one in found] == [(True, True)] * 2
    assert owner.get("/don-thu/xuat?kieu=exe").status_code == 404
    assert audited(world, "mailbox.exported") == 2


@pytest.mark.requirement("R-088")
def test_the_page_says_how_much_the_mailbox_holds(world: World, owner: Visitor) -> None:
    put(world, "Ảnh", size=1_100_000)
    assert "đang dùng 1,0 MB, 1 thư" in text_of(owner.get("/don-thu/"))
    query = "INSERT INTO mailbox_settings (owner_id, octets_limit) VALUES (?, 2097152)"
    world.store.db.write(lambda tx: raw.run(tx.conn, query, (world.id("lamhs"),)), SYSTEM)
    assert "1,0 MB trong 2,0 MB" in text_of(owner.get("/don-thu/"))
