from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.directory.credentials import Authenticator
from mailserver.directory.importing import LOOK, NO_UNIT, TAKEN, Imported, Outcome, Report, column_of, import_people
from mailserver.directory.naming import GIALAI, KONTUM, Scheme
from mailserver.directory.people_files import BAD_DATE, BAD_ROLE, NO_NAME, Unreadable, read_people
from mailserver.store import folders
from mailserver.store.database import Tx
from tests.mailserver.directory.conftest import DOMAIN, Office

HEADINGS = ("Mã cán bộ", "Họ và tên", "Ngày sinh", "Đơn vị", "Chức vụ", "Tài khoản")
STAFF = (
    ("CB01", "Nguyễn Văn Minh", "11/02/1973", "QLXD", "Trưởng phòng", ""),
    ("CB02", "Đặng Thị Hồng Đào", "3-8-1980", "p. quản lý xây dựng", "Chuyên viên", ""),
    ("CB03", "Huỳnh Thị Kim Anh", "", "VP", "Văn thư, chuyên viên", "van.thu"),
)


def write_csv(path: Path, *rows: tuple[str, ...], encoding: str = "utf-8-sig", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows((HEADINGS, *rows))
    return path


def run(office: Office, path: Path, scheme: Scheme = GIALAI, *, dry_run: bool = False) -> Report:
    return import_people(office.db, path, office.agency, scheme, SYSTEM, dry_run=dry_run)


def outcomes(report: Report) -> list[tuple[str, str]]:
    return [(row.outcome.value, row.address.removesuffix(f"@{DOMAIN}")) for row in report.rows]


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-8", ";"), ("utf-16", "\t"), ("utf-8", "\t")]
)
def test_lists_are_read_as_offices_save_them(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = read_people(write_csv(tmp_path / "a.csv", *STAFF, encoding=encoding, delimiter=delimiter))
    assert [row.number for row in rows] == [2, 3, 4]
    first, second, third = rows
    assert (first.family, first.middle, first.given) == ("Nguyễn", "Văn", "Minh")
    assert (first.staff_code, first.birth_date, first.unit, first.roles) == (
        "CB01",
        date(1973, 2, 11),
        "QLXD",
        ("unit_head",),
    )
    assert second.birth_date == date(1980, 8, 3)
    assert (third.roles, third.address) == (("registry", "specialist"), "van.thu")


def test_a_list_in_the_old_windows_encoding_is_repaired(tmp_path: Path) -> None:
    path = tmp_path / "cu.csv"
    decomposed = "Ho\u0323 va\u0300 tên\r\nNguyê\u0303n Văn Minh\r\n"
    path.write_bytes(decomposed.encode("cp1258"))
    (row,) = read_people(path)
    assert row.full_name == "Nguyễn Văn Minh"


def test_a_workbook_is_read_with_its_dates_and_numbers(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(("Họ", "Tên lót", "Tên", "Ngày sinh", "Mã NV"))
    sheet.append(("Âu Dương", "Minh", "Triết", datetime(1975, 7, 5), 17))
    sheet.append((None, None, None, None, None))
    book.save(tmp_path / "a.xlsx")
    (row,) = read_people(tmp_path / "a.xlsx")
    assert (row.family, row.middle, row.given) == ("Âu Dương", "Minh", "Triết")
    assert (row.birth_date, row.staff_code) == (date(1975, 7, 5), "17")


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("a.csv", b""),
        ("a.csv", b"\x00\xff\x00"),
        ("a.csv", "Ngày sinh;Đơn vị\n1;2\n".encode()),
        ("a.xlsx", b"no workbook"),
        ("a.xlsx", b"PK\x05\x06" + bytes(18)),
    ],
)
def test_what_is_no_list_of_people_is_refused_whole(tmp_path: Path, name: str, octets: bytes) -> None:
    (tmp_path / name).write_bytes(octets)
    with pytest.raises(Unreadable) as refusal:
        read_people(tmp_path / name)
    assert refusal.value.sentence.vi


def test_everything_wrong_with_a_row_is_told(tmp_path: Path) -> None:
    rows = read_people(
        write_csv(tmp_path / "a.csv", ("CB1", "", "31/02/1980", "VP", "Thủ kho", ""), ("CB2", "Lê Ân", "", "", "", ""))
    )
    assert rows[0].faults == (NO_NAME, BAD_DATE, BAD_ROLE)
    assert rows[1].faults == ()


def test_people_are_made_with_names_by_the_rule_units_roles_and_one_time_passwords(
    office: Office, tmp_path: Path
) -> None:
    report = run(office, write_csv(tmp_path / "a.csv", *STAFF))
    assert outcomes(report) == [("created", "minhnv"), ("created", "daodth"), ("created", "van.thu")]
    assert office.read(lambda conn: principals.head_of(conn, office.qlxd, date(2026, 11, 2))) is not None
    auth = Authenticator(office.db)
    for row in report.rows:
        assert auth.verify(row.address, row.password, "web").must_change
        assert row.password not in repr(row)
    auth.close()
    minh = office.read(lambda conn: principals.by_address(conn, report.rows[0].address))
    assert minh is not None
    assert office.read(lambda conn: folders.get(conn, minh.id, "INBOX")).messages == 0


def test_the_same_list_again_changes_nothing(office: Office, tmp_path: Path) -> None:
    without_codes = [("", *row[1:]) for row in STAFF]
    for rows in (STAFF, without_codes):
        path = write_csv(tmp_path / "a.csv", *rows)
        run(office, path)
        again = run(office, path)
        assert [row.outcome for row in again.rows] == [Outcome.EXISTS] * 3
        assert {row.password for row in again.rows} == {""}
    assert len(office.read(lambda conn: principals.people(conn, office.agency))) == 3


@pytest.mark.parametrize(
    "second",
    [
        ("CB01", "Nguyễn Văn Minh", "11/02/1973", "VP", "Phó phòng", ""),
        ("", "Nguyễn Văn Minh", "11/02/1973", "QLXD", "", ""),
        ("", "Nguyễn Văn Minh", "", "VP", "", "minhnv"),
        STAFF[0],
    ],
    ids=["code", "name", "address", "all"],
)
def test_a_person_who_stands_twice_in_a_list_is_a_fault_of_the_second_row(
    office: Office, tmp_path: Path, second: tuple[str, ...]
) -> None:
    path = write_csv(tmp_path / "a.csv", *STAFF, second)
    for dry_run in (True, False):
        report = run(office, path, dry_run=dry_run)
        assert [row.outcome for row in report.rows] == [*[Outcome.CREATED] * 3, Outcome.FAILED]
        (note,) = report.rows[3].notes
        assert "dòng 2" in note.vi and "row 2" in note.en and column_of(note) == "name"
    assert [row.outcome for row in run(office, path).rows] == [*[Outcome.EXISTS] * 3, Outcome.FAILED]


def test_a_dry_run_shows_the_names_and_makes_nobody(office: Office, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", *STAFF, ("CB04", "Nguyễn Vũ Minh", "", "VP", "", ""))
    tried = run(office, path, dry_run=True)
    assert office.read(lambda conn: principals.people(conn, office.agency)) == []
    done = run(office, path)
    assert outcomes(tried) == outcomes(done)
    assert [row.renamed for row in tried.rows] == [row.renamed for row in done.rows]


def test_two_with_the_same_plain_name_both_get_the_longer_one(office: Office, tmp_path: Path) -> None:
    rows = (("", "Ngô Vĩnh Khải", "", "", "", ""), ("", "Nguyễn Văn Khải", "", "", "", ""))
    report = run(office, write_csv(tmp_path / "a.csv", *rows))
    assert outcomes(report) == [("created", "khainv"), ("created", "vankhain")]
    assert report.rows[1].renamed == ((f"khainv@{DOMAIN}", f"vinhkhain@{DOMAIN}"),)
    old = office.read(lambda conn: principals.by_address(conn, f"khainv@{DOMAIN}"))
    assert old is not None
    assert (old.name, old.local_part) == ("Ngô Vĩnh Khải", "vinhkhain")


def test_namesakes_are_told_apart_by_their_birth_dates(office: Office, tmp_path: Path) -> None:
    rows = (
        ("", "Trương Thị Thu Hà", "12/03/1988", "QLXD", "", ""),
        ("", "Trần Thị Thu Hà", "05/07/1991", "VP", "", ""),
    )
    report = run(office, write_csv(tmp_path / "a.csv", *rows))
    assert report.rows[1].address == f"hattt05071991@{DOMAIN}"
    assert report.rows[1].renamed == ((f"hattt@{DOMAIN}", f"hattt12031988@{DOMAIN}"),)


def test_the_other_rule_renames_nobody(office: Office, tmp_path: Path) -> None:
    rows = (("", "Nguyễn Văn Minh", "", "", "", ""), ("", "Nguyễn Vũ Minh", "", "", "", ""))
    report = run(office, write_csv(tmp_path / "a.csv", *rows), KONTUM)
    assert outcomes(report) == [("created", "nvminh.tp"), ("created", "nvminh2.tp")]
    assert report.rows[1].notes == (LOOK,)


def test_a_broken_row_breaks_no_other(office: Office, tmp_path: Path) -> None:
    office.person("van.thu")
    rows = (("", "Lê Ân", "", "KHÔNG CÓ", "", ""), *STAFF, ("", "Lê Bình", "", "", "", "binh@gmail.com"))
    report = run(office, write_csv(tmp_path / "a.csv", *rows))
    assert [row.outcome.value for row in report.rows] == ["failed", "created", "created", "failed", "failed"]
    assert report.rows[0].notes == (NO_UNIT,)
    assert report.rows[3].notes == (TAKEN,)
    assert (report.count(Outcome.CREATED), report.count(Outcome.FAILED)) == (2, 3)


def test_the_caller_prepares_mailboxes_and_is_told_of_progress(office: Office, tmp_path: Path) -> None:
    def prepare(tx: Tx, person: int) -> None:
        folders.create_tx(tx, person, "Văn bản đến")

    told: list[tuple[int, int]] = []
    path = write_csv(tmp_path / "a.csv", *STAFF)
    report = import_people(
        office.db,
        path,
        office.agency,
        GIALAI,
        SYSTEM,
        prepare=prepare,
        progress=lambda done, of: told.append((done, of)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
    made: Imported = report.rows[0]
    who = office.read(lambda conn: principals.by_address(conn, made.address))
    assert who is not None
    assert office.read(lambda conn: folders.get(conn, who.id, "Văn bản đến")).name == "Văn bản đến"
