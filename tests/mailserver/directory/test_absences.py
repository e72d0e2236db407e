from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from mailserver.directory import absences, principals
from mailserver.directory.absences import Wish
from mailserver.directory.errors import AbsenceInvalid, NoSuchAbsence
from mailserver.directory.records import office_day
from tests.mailserver.directory.conftest import Office

DAY = timedelta(days=1)


@pytest.fixture
def today(office: Office) -> date:
    return office_day(office.now)


@pytest.fixture
def minh(office: Office) -> int:
    return office.person("minhnv", office.qlxd)


@pytest.fixture
def lan(office: Office) -> int:
    return office.person("lanht", office.qlxd)


def announce(office: Office, person: int, first: date, last: date, deputy: int | None = None) -> int:
    return office.write(lambda tx: absences.announce_tx(tx, person, Wish(first, last, deputy, "Tôi đi vắng.")))


def fault(office: Office, person: int, first: date, last: date, deputy: int | None = None) -> str:
    with pytest.raises(AbsenceInvalid) as caught:
        announce(office, person, first, last, deputy)
    return caught.value.field


def acts_for(office: Office, deputy: int, at: datetime) -> frozenset[int]:
    return office.read(lambda conn: absences.deputised(conn, deputy, at))


def test_both_days_belong_to_it_and_it_ends_by_itself(office: Office, minh: int, lan: int, today: date) -> None:
    announce(office, minh, today, today + 2 * DAY, lan)
    away = [
        office.read(lambda conn, n=n: absences.current(conn, minh, today + n * DAY)) is not None for n in range(-1, 4)
    ]
    assert away == [False, True, True, True, False]
    assert [acts_for(office, lan, office.now + n * DAY) for n in (0, 2, 3)] == [{minh}, {minh}, frozenset()]


def test_a_deputy_acts_for_posts_and_units_but_not_for_whom_the_absent_one_stands_in(
    office: Office, minh: int, lan: int, today: date
) -> None:
    head_post = office.post("tp-qlxd", office.qlxd, "unit_head", minh)
    other = office.person("tung", office.qlxd)
    announce(office, minh, today, today + DAY, lan)
    assert acts_for(office, lan, office.now) == {minh, head_post, office.qlxd}
    assert office.read(lambda conn: absences.deputy_of(conn, head_post, today)) == lan
    assert office.read(lambda conn: absences.deputy_of(conn, office.qlxd, today)) == lan
    assert office.read(lambda conn: absences.deputy_of(conn, office.vp, today)) is None
    announce(office, other, today + 2 * DAY, today + 3 * DAY, minh)
    assert acts_for(office, lan, office.now + 2 * DAY) == frozenset()
    assert other in acts_for(office, minh, office.now + 2 * DAY)


def test_a_deputy_of_somebody_locked_acts_for_nobody(office: Office, minh: int, lan: int, today: date) -> None:
    announce(office, minh, today, today, lan)
    office.write(lambda tx: principals.lock_person_tx(tx, minh))
    assert acts_for(office, lan, office.now) == frozenset()


def test_what_cannot_be_is_refused_with_its_field(office: Office, minh: int, lan: int, today: date) -> None:
    assert fault(office, minh, today, today - DAY) == "ends_on"
    assert fault(office, minh, today - 3 * DAY, today - DAY) == "over"
    assert fault(office, minh, today, today + 4000 * DAY) == "ends_on"
    assert fault(office, minh, today, today, minh) == "deputy"
    assert fault(office, minh, today, today, office.vp) == "deputy"
    announce(office, lan, today, today + DAY)
    assert fault(office, minh, today + DAY, today + 2 * DAY, lan) == "deputy_away"
    assert fault(office, lan, today + DAY, today + 3 * DAY) == "starts_on"
    announce(office, minh, today + 2 * DAY, today + 3 * DAY, lan)


def test_a_head_leaves_the_unit_to_somebody_of_it(office: Office, minh: int, lan: int, today: date) -> None:
    stranger = office.person("hung", office.vp)
    office.post("tp-qlxd", office.qlxd, "unit_head", minh)
    assert fault(office, minh, today, today, stranger) == "deputy_unit"
    announce(office, minh, today, today, lan)
    announce(office, lan, today + DAY, today + DAY, stranger)


def test_who_comes_back_earlier_was_back_already(office: Office, minh: int, lan: int, today: date) -> None:
    made = announce(office, minh, today - 3 * DAY, today + 3 * DAY, lan)
    office.write(lambda tx: absences.return_tx(tx, minh, made, today - DAY))
    assert acts_for(office, lan, office.now) == frozenset()
    assert office.read(lambda conn: absences.current(conn, minh, today - 2 * DAY)) is not None
    with pytest.raises(NoSuchAbsence):
        office.write(lambda tx: absences.return_tx(tx, minh, made, today))


def test_an_absence_that_has_not_begun_is_taken_back(office: Office, minh: int, lan: int, today: date) -> None:
    made = announce(office, minh, today + DAY, today + 3 * DAY, lan)
    with pytest.raises(AbsenceInvalid):
        office.write(lambda tx: absences.return_tx(tx, minh, made, today + 5 * DAY))
    with pytest.raises(NoSuchAbsence):
        office.write(lambda tx: absences.return_tx(tx, lan, made, today + DAY))
    office.write(lambda tx: absences.return_tx(tx, minh, made, today + DAY))
    assert office.read(lambda conn: absences.upcoming(conn, minh, today)) == []
    announce(office, minh, today + DAY, today + DAY)


def test_who_was_told_is_forgotten_once_an_absence_is_long_over(
    office: Office, minh: int, lan: int, today: date
) -> None:
    long_ago = announce(office, minh, today - 60 * DAY, today)
    office.write(lambda tx: absences.return_tx(tx, minh, long_ago, today - 31 * DAY))
    lately = announce(office, minh, today - 20 * DAY, today)
    office.write(lambda tx: absences.return_tx(tx, minh, lately, today - 3 * DAY))
    now = announce(office, lan, today - 60 * DAY, today + DAY)
    for made in (long_ago, lately, now):
        office.write(lambda tx, made=made: absences.note_answer_tx(tx, made, "a@b.vn"))
    assert office.write(absences.forget_answers_tx) == 1
    told = [office.write(lambda tx, made=made: absences.note_answer_tx(tx, made, "a@b.vn")) for made in (lately, now)]
    assert told == [False, False]
