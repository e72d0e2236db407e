"""The demo agency: its tables fit together, its papers can be read, it is made once and whole."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import pypdf
import pytest
from click.testing import CliRunner

from deploy import clock, stores
from deploy.cli import main
from deploy.config import load
from deploy.demo import calendar, filling, paper, post, story, tables
from deploy.demo.passwords import Passwords
from mailserver.directory import principals
from mailserver.mime.scan import scan
from mailserver.store.fsck import check
from routing import registers
from routing.types import State
from tests.e2e.product import Product

DAY = date(2027, 3, 1)


def test_every_name_in_the_tables_is_somebody() -> None:
    demo = tables.agency()
    accounts = {person.account for person in demo.people}
    assert len(accounts) == len(demo.people) == 40
    assert {post_.holder for post_ in demo.posts} <= accounts
    assert {member for group in demo.groups for member in group.members} <= accounts
    locals_ = [unit.local for unit in demo.units] + [post_.local for post_ in demo.posts]
    locals_ += [group.local for group in demo.groups] + sorted(accounts)
    assert len(set(locals_)) == len(locals_)
    units = {unit.local for unit in demo.units}
    for document in tables.documents(DAY):
        assert document.unit in units
        assert document.after in story.STAGES
        assert (not document.handler) or document.handler in accounts
        assert document.urgency in story.URGENCIES
    for letter in tables.letters(DAY):
        assert {letter.sender, *letter.to, *letter.cc} <= set(locals_)


def test_dates_move_with_the_day_and_keep_their_distance() -> None:
    shown = {document.number: document for document in tables.documents(DAY)}
    later = {document.number: document for document in tables.documents(DAY + timedelta(days=1))}
    for number, document in shown.items():
        assert document.on < DAY
        assert later[number].on - document.on == timedelta(days=1)
    moved = calendar.moved_text("trước 20/11/2026, ngày 06 tháng 11 năm 2026; số 12/2026", timedelta(days=30))
    assert moved == "trước 20/12/2026, ngày 06 tháng 12 năm 2026; số 12/2026"
    assert calendar.moved_text("99/99/2026", timedelta(days=1)) == "99/99/2026"


def test_the_paper_reads_as_it_was_written() -> None:
    demo = tables.agency()
    for document in tables.documents(DAY):
        page = pypdf.PdfReader(io.BytesIO(paper.render(post.sheet(document, demo)))).pages[0]
        text = " ".join(page.extract_text().split())
        assert paper.MOTTO[0] in text
        assert f"Số: {document.number}" in text
        assert document.signer[2] in text
        assert f"tháng {document.on.month:02} năm {document.on.year}" in text


def test_the_mail_carries_the_scan_under_its_vietnamese_name() -> None:
    document = tables.documents(DAY)[0]
    mail = post.of_document(document, tables.agency())
    assert b"filename*" in mail.octets, "RFC 2231"
    scanned = scan(mail.octets)
    assert scanned.subject == f"{document.number}: {document.subject}"
    names = [part.filename for part in scanned.structure.walk() if part.filename]
    assert len(names) == 1
    assert names[0].endswith("rà soát quy hoạch phân khu ven sông Lệ, báo cáo trước 08_03_2027.pdf")


def test_passwords_are_made_once_and_kept_private(tmp_path: Path) -> None:
    path = tmp_path / "demo-accounts.json"
    first = Passwords(path).of("an@sxd.test")
    assert Passwords(path).of("an@sxd.test") == first
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_the_demo_takes_over_the_agency_that_init_made(tmp_path: Path) -> None:
    demo = tables.agency()
    product = Product(tmp_path, domain=demo.domain)
    product.init("--agency-code", "ABC", "--profile", "gl")
    assert "truongpk@" in product.command("demo")
    store = stores.open_store(load(product.config))
    (agency,) = store.db.read(principals.agencies)
    assert (agency.code, agency.name, agency.profile) == (demo.code, demo.name, demo.profile)
    assert store.db.read(lambda conn: principals.agency_mailbox(conn, agency.id)).address == f"sxd@{demo.domain}"
    assert filling.is_complete(store)
    store.close()


def test_the_demo_is_not_poured_over_the_people_of_an_office(tmp_path: Path) -> None:
    product = Product(tmp_path, domain=tables.agency().domain)
    product.init()
    product.add_user("an", "mat khau cua An 2026")
    done = CliRunner().invoke(main, ["--config", str(product.config), "demo"])
    assert done.exit_code == 2
    assert len(done.stderr.strip().splitlines()) == 1 and "data_dir" in done.stderr
    store = stores.open_store(load(product.config))
    assert len(store.db.read(lambda conn: principals.people(conn, 1))) == 1
    store.close()


def test_an_abbreviation_that_another_agency_has_is_told(tmp_path: Path) -> None:
    product = Product(tmp_path, domain="sxd.example")
    product.init("--agency-code", tables.agency().code)
    done = CliRunner().invoke(main, ["--config", str(product.config), "demo"])
    assert (done.exit_code, len(done.stderr.strip().splitlines())) == (1, 1)
    assert tables.agency().code in done.stderr


def test_the_demo_is_made_whole_and_only_once(tmp_path: Path) -> None:
    demo = tables.agency()
    product = Product(tmp_path, domain=demo.domain)
    told = product.command("demo")
    assert all(f"{person.account}@{demo.domain}" in told for person in demo.people)
    again = product.command("demo")
    assert again == told
    store = stores.open_store(load(product.config))
    assert filling.is_complete(store)
    assert check(store.db, store.blobs) == []
    clerk = story._Cast(store, demo, 1).actor(story.CLERK)
    today = clock.now().date()
    book = store.db.read(lambda conn: registers.listing(conn, clerk, today.year, now=clock.now())).items
    assert [line.number for line in book] == sorted(range(1, len(book) + 1), reverse=book[0].number > 1)
    wanted = [document for document in tables.documents(today) if document.after]
    assert len(book) == len(wanted)
    finished = sum(line.state is State.FINISHED for line in book)
    assert finished == sum(document.after == "finished" for document in wanted)
    people = store.db.read(lambda conn: principals.people(conn, 1))
    assert len(people) == len(demo.people)
    store.close()
