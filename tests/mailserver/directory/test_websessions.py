from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from mailserver.directory import principals, websessions
from mailserver.directory.schema import web_session
from mailserver.directory.websessions import ABSOLUTE, IDLE, TOUCH_EVERY
from mailserver.store.schema import audit as audit_table
from tests.mailserver.directory.conftest import Office


@pytest.fixture
def minh(office: Office) -> int:
    return office.person("minhnv")


def opened(office: Office, person: int, **options: str) -> str:
    return office.write(lambda tx: websessions.open_tx(tx, person, "203.0.113.7", "Firefox", **options))  # type: ignore[arg-type]


def is_open(office: Office, token: str, after: timedelta = timedelta(0)) -> bool:
    return office.read(lambda conn: websessions.find(conn, token, office.now + after)) is not None


def test_a_token_finds_its_person(office: Office, minh: int) -> None:
    token = opened(office, minh)
    found = office.read(lambda conn: websessions.find(conn, token))
    assert found is not None
    person, session = found
    assert (person, session.remote, session.agent) == (minh, "203.0.113.7", "Firefox")
    assert len(token) >= 43


def test_signing_in_is_audited_without_the_token(office: Office, minh: int) -> None:
    token = opened(office, minh)
    rows = office.read(lambda conn: conn.execute(select(audit_table).where(audit_table.c.owner_id == minh)).all())
    assert rows[-1].action == "session.opened"
    assert token not in str(rows)


def test_only_the_hash_is_kept(office: Office, minh: int) -> None:
    token = opened(office, minh)
    row = office.read(lambda conn: conn.execute(select(web_session)).one())
    assert token not in str(row)
    assert token.encode() not in bytes(row.token_hash)


@pytest.mark.parametrize("token", ["", "x", "\x00", "é", "a" * 10_000])
def test_other_tokens_find_nobody(office: Office, minh: int, token: str) -> None:
    opened(office, minh)
    assert not is_open(office, token)


def test_a_session_ends_after_idling_and_at_the_end_of_the_day(office: Office, minh: int) -> None:
    token = opened(office, minh)
    margin = timedelta(minutes=1)
    assert is_open(office, token, IDLE - margin)
    assert not is_open(office, token, IDLE + margin)
    session = office.read(lambda conn: websessions.sessions(conn, minh))[0]
    assert session.expires_at - session.created_at == ABSOLUTE
    assert not is_open(office, token, ABSOLUTE + margin)


def test_a_session_is_touched_now_and_then(office: Office, minh: int) -> None:
    token = opened(office, minh)
    found = office.read(lambda conn: websessions.find(conn, token))
    assert found is not None
    assert not found[1].needs_touch(office.now)
    assert found[1].needs_touch(office.now + TOUCH_EVERY + timedelta(seconds=5))
    office.write(lambda tx: websessions.touch_tx(tx, found[1].id))
    assert is_open(office, token)


def test_signing_in_again_ends_the_session_the_browser_came_with(office: Office, minh: int) -> None:
    before = opened(office, minh)
    after = opened(office, minh, replaces=before)
    assert before != after
    assert (is_open(office, before), is_open(office, after)) == (False, True)


def test_sessions_are_listed_and_ended_one_by_one_or_all(office: Office, minh: int) -> None:
    one, two, three = (opened(office, minh) for _ in range(3))
    other = office.person("an")
    sessions = office.read(lambda conn: websessions.sessions(conn, minh))
    assert len(sessions) == 3
    office.write(lambda tx: websessions.close_by_id_tx(tx, other, sessions[0].id))
    assert len(office.read(lambda conn: websessions.sessions(conn, minh))) == 3
    office.write(lambda tx: websessions.close_tx(tx, one))
    assert [is_open(office, token) for token in (one, two, three)] == [False, True, True]
    assert office.write(lambda tx: websessions.close_all_tx(tx, minh, keep=three)) == 1
    assert [is_open(office, token) for token in (one, two, three)] == [False, False, True]


def test_whoever_may_not_sign_in_has_no_session(office: Office, minh: int) -> None:
    token = opened(office, minh)
    office.write(lambda tx: principals.leave_tx(tx, minh))
    assert not is_open(office, token)
    office.write(lambda tx: principals.unlock_person_tx(tx, minh))
    assert not is_open(office, token)


def test_dead_sessions_are_swept(office: Office, minh: int) -> None:
    alive = opened(office, minh)
    office.write(lambda tx: websessions.open_tx(tx, minh, "", "", lasts=timedelta(0)))
    assert office.write(websessions.sweep_tx) == 1
    assert is_open(office, alive)
