from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from mailserver.directory import credentials, passwords, principals, throttle, websessions
from mailserver.directory.credentials import Authenticator
from mailserver.directory.errors import (
    AccountLocked,
    BadCredentials,
    LoginRefused,
    MustChangePassword,
    NoSuchPrincipal,
    NotAllowed,
    Throttled,
    WeakPassword,
)
from mailserver.directory.schema import credential
from mailserver.store import audit
from mailserver.store.schema import event
from tests.mailserver.directory.conftest import DOMAIN, Office

RIGHT, WRONG = "mưa phùn tháng ba", "mưa rào tháng bảy"
LOGIN = f"minhnv@{DOMAIN}"
DOORS = ("imap", "smtp", "web")


class Watched(passwords.PasswordHasher):
    """Counts the argon2 computations."""

    count = 0

    def verify(self, stored: str | bytes, password: str | bytes) -> bool:
        Watched.count += 1
        return super().verify(stored, password)


@pytest.fixture
def hashings(monkeypatch: pytest.MonkeyPatch) -> type[Watched]:
    Watched.count = 0
    monkeypatch.setattr(passwords, "_HASHER", Watched(time_cost=2, memory_cost=19 * 1024, parallelism=1))
    return Watched


@pytest.fixture
def auth(office: Office) -> Iterator[Authenticator]:
    opened = Authenticator(office.db)
    yield opened
    opened.close()


@pytest.fixture
def minh(office: Office) -> int:
    person = office.person("minhnv", office.vp, name="Nguyễn Văn Minh")
    office.write(lambda tx: credentials.set_password_tx(tx, person, RIGHT))
    return person


@pytest.mark.parametrize("door", DOORS)
def test_the_right_password_opens_every_door(auth: Authenticator, minh: int, office: Office, door: str) -> None:
    who = auth.verify(LOGIN, RIGHT, door, "203.0.113.7")
    assert (who.principal.id, who.credential_kind, who.must_change) == (minh, "password", False)
    actor = who.actor(door, "203.0.113.7")
    assert (actor.principal_id, actor.agency_id, actor.door) == (minh, office.agency, door)


@pytest.mark.parametrize("login", [LOGIN.upper(), f"bi-danh@{DOMAIN}", "minhnv", f"minhnv@{DOMAIN}."])
def test_any_of_ones_addresses_is_a_login(auth: Authenticator, minh: int, office: Office, login: str) -> None:
    office.write(lambda tx: principals.add_alias_tx(tx, minh, f"bi-danh@{DOMAIN}"))
    assert auth.verify(login, RIGHT, "imap").principal.id == minh


def test_a_short_login_is_refused_where_it_could_mean_two_people(
    auth: Authenticator, minh: int, office: Office
) -> None:
    office.write(lambda tx: principals.create_agency_tx(tx, "SYT", "Sở Y tế", "syt.example", "qn"))
    with pytest.raises(BadCredentials):
        auth.verify("minhnv", RIGHT, "imap")


@pytest.mark.parametrize(
    ("login", "password"),
    [
        (LOGIN, WRONG),
        (LOGIN, ""),
        (LOGIN, RIGHT + "\x00"),
        (LOGIN, RIGHT + " " * 300),
        (f"nobody@{DOMAIN}", RIGHT),
        ("", ""),
        ("\x00\ud800", "\ud800"),
        (f"vp@{DOMAIN}", RIGHT),
        (f"minhnv+x@{DOMAIN}", RIGHT),
    ],
)
def test_everything_else_is_refused_with_one_sentence(
    auth: Authenticator, minh: int, hashings: type[Watched], login: str, password: str
) -> None:
    with pytest.raises(BadCredentials) as refusal:
        auth.verify(login, password, "imap")
    assert refusal.value.sentence == BadCredentials.sentence
    assert hashings.count == 1  # an unknown account takes as long as a known one


def test_a_person_without_a_password_cannot_sign_in(auth: Authenticator, office: Office) -> None:
    office.person("anl")
    with pytest.raises(BadCredentials):
        auth.verify(f"anl@{DOMAIN}", "", "imap")


def test_a_password_seen_before_needs_no_argon2(auth: Authenticator, minh: int, hashings: type[Watched]) -> None:
    for _ in range(20):
        auth.verify(LOGIN, RIGHT, "imap")
    assert hashings.count == 1
    with pytest.raises(BadCredentials):
        auth.verify(LOGIN, WRONG, "imap")
    assert hashings.count == 2


def test_a_new_password_makes_the_old_one_worthless_at_once(auth: Authenticator, minh: int, office: Office) -> None:
    auth.verify(LOGIN, RIGHT, "imap")
    office.write(lambda tx: credentials.set_password_tx(tx, minh, WRONG))
    with pytest.raises(BadCredentials):
        auth.verify(LOGIN, RIGHT, "imap")
    assert auth.verify(LOGIN, WRONG, "imap").principal.id == minh


def test_a_first_password_is_good_for_the_web_only(auth: Authenticator, minh: int, office: Office) -> None:
    plain = office.write(lambda tx: credentials.create_app_password_tx(tx, minh, "Thunderbird"))
    office.write(lambda tx: credentials.set_password_tx(tx, minh, "mot-lan-2026", must_change=True))
    assert auth.verify(LOGIN, "mot-lan-2026", "web").must_change
    assert office.read(lambda conn: credentials.must_change(conn, minh))
    for door, password in (("imap", "mot-lan-2026"), ("smtp", "mot-lan-2026"), ("imap", plain)):
        with pytest.raises(MustChangePassword) as refusal:
            auth.verify(LOGIN, password, door)
        assert "mật khẩu" in refusal.value.sentence.vi
    with pytest.raises(BadCredentials):
        auth.verify(LOGIN, WRONG, "imap")
    office.write(lambda tx: credentials.set_password_tx(tx, minh, RIGHT))
    assert not auth.verify(LOGIN, RIGHT, "imap").must_change
    assert not office.read(lambda conn: credentials.must_change(conn, minh))
    assert auth.verify(LOGIN, plain, "imap").credential_kind == "app"


def test_a_locked_account_says_so_only_to_who_knows_the_password(
    auth: Authenticator, minh: int, office: Office
) -> None:
    auth.verify(LOGIN, RIGHT, "imap")
    office.write(lambda tx: principals.lock_person_tx(tx, minh, "lộ mật khẩu"))
    for door in DOORS:
        with pytest.raises(AccountLocked):
            auth.verify(LOGIN, RIGHT, door)
        with pytest.raises(BadCredentials):
            auth.verify(LOGIN, WRONG, door)
    office.write(lambda tx: principals.unlock_person_tx(tx, minh))
    assert auth.verify(LOGIN, RIGHT, "imap").principal.id == minh


def test_locking_ends_web_sessions_and_tells_the_doors(minh: int, office: Office) -> None:
    token = office.write(lambda tx: websessions.open_tx(tx, minh, "203.0.113.7", "Firefox"))
    office.write(lambda tx: principals.lock_person_tx(tx, minh))
    assert office.read(lambda conn: websessions.find(conn, token)) is None
    found = office.read(
        lambda conn: conn.execute(select(event.c.kind, event.c.data).where(event.c.owner_id == minh)).all()
    )
    assert ("principal.locked", {"status": "locked"}) in [tuple(row) for row in found]


def test_app_passwords_open_mail_doors_until_they_are_revoked(auth: Authenticator, minh: int, office: Office) -> None:
    plain = office.write(lambda tx: credentials.create_app_password_tx(tx, minh, "điện thoại"))
    other = office.write(lambda tx: credentials.create_app_password_tx(tx, minh, "máy bàn"))
    assert auth.verify(LOGIN, plain.upper().replace("-", " "), "smtp").credential_kind == "app"
    with pytest.raises(BadCredentials):
        auth.verify(LOGIN, plain, "web")
    made = office.read(lambda conn: credentials.app_passwords(conn, minh))
    assert [one.label for one in made] == ["điện thoại", "máy bàn"]
    office.write(lambda tx: credentials.revoke_tx(tx, minh, made[0].id))
    with pytest.raises(BadCredentials):
        auth.verify(LOGIN, plain, "smtp")
    assert auth.verify(LOGIN, other, "smtp").credential_id == made[1].id


def test_nobody_revokes_a_credential_of_somebody_else(minh: int, office: Office) -> None:
    office.write(lambda tx: credentials.create_app_password_tx(tx, minh, "điện thoại"))
    (made,) = office.read(lambda conn: credentials.app_passwords(conn, minh))
    other = office.person("anl")
    with pytest.raises(NotAllowed):
        office.write(lambda tx: credentials.revoke_tx(tx, other, made.id))
    office.write(lambda tx: credentials.revoke_tx(tx, minh, made.id))
    with pytest.raises(NotAllowed):
        office.write(lambda tx: credentials.revoke_tx(tx, minh, made.id))


def test_an_expired_credential_is_none(auth: Authenticator, minh: int, office: Office) -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)
    office.write(lambda tx: tx.conn.execute(update(credential).values(expires_at=past)))
    with pytest.raises(BadCredentials):
        auth.verify(LOGIN, RIGHT, "imap")


def test_rules_for_passwords_hold_unless_an_administrator_says_otherwise(
    auth: Authenticator, minh: int, office: Office
) -> None:
    for easy in ("123456", LOGIN, "nguyenvanminh"):
        with pytest.raises(WeakPassword):
            office.write(lambda tx, easy=easy: credentials.set_password_tx(tx, minh, easy))
    assert auth.verify(LOGIN, RIGHT, "imap").principal.id == minh
    for unusable in ("", "x" * 257, "sec\nret"):
        with pytest.raises(WeakPassword):
            office.write(lambda tx, pw=unusable: credentials.set_password_tx(tx, minh, pw, enforce=False))
    office.write(lambda tx: credentials.set_password_tx(tx, minh, "secret", enforce=False))
    assert auth.verify(LOGIN, "secret", "imap").principal.id == minh


def test_units_have_no_password(office: Office) -> None:
    with pytest.raises(NoSuchPrincipal):
        office.write(lambda tx: credentials.set_password_tx(tx, office.vp, RIGHT))
    assert not office.read(lambda conn: credentials.has_password(conn, office.vp))


def test_a_changed_password_ends_the_other_web_sessions(minh: int, office: Office) -> None:
    mine, other = (office.write(lambda tx: websessions.open_tx(tx, minh, "", "")) for _ in range(2))
    office.write(lambda tx: credentials.set_password_tx(tx, minh, WRONG, keep_session=mine))
    assert office.read(lambda conn: websessions.find(conn, mine)) is not None
    assert office.read(lambda conn: websessions.find(conn, other)) is None


def test_no_secret_is_in_the_audit_or_the_event_log(minh: int, office: Office) -> None:
    plain = office.write(lambda tx: credentials.create_app_password_tx(tx, minh, "điện thoại"))
    for table in ("audit", "event"):
        texts = str(office.read(lambda conn, table=table: conn.exec_driver_sql(f"SELECT * FROM {table}").all()))
        assert plain not in texts
        assert RIGHT not in texts
        assert "argon2" not in texts
    assert office.read(audit.verify) is None


def test_guessing_is_slowed_down_over_all_doors(auth: Authenticator, minh: int) -> None:
    for number, door in enumerate(DOORS):
        with pytest.raises(BadCredentials):
            auth.verify(LOGIN, f"guess {number}", door, "198.51.100.9")
    with pytest.raises(Throttled) as refusal:
        auth.verify(LOGIN, RIGHT, "imap", "198.51.100.9")
    assert 0 < refusal.value.retry_after <= throttle.LONGEST_DELAY
    assert auth.verify(LOGIN, RIGHT, "imap", "203.0.113.7").principal.id == minh


def test_a_failed_login_is_logged_without_the_password(auth: Authenticator, minh: int) -> None:
    with capture_logs() as logged, pytest.raises(BadCredentials):
        auth.verify(LOGIN, WRONG, "imap", "198.51.100.9")
    assert [(line["event"], line["login"], line["remote"]) for line in logged] == [
        ("login_failed", LOGIN, "198.51.100.9")
    ]
    assert WRONG not in str(logged)


async def test_guesses_sent_all_at_once_are_slowed_down_too(
    auth: Authenticator, minh: int, hashings: type[Watched]
) -> None:
    tries = [auth.averify(LOGIN, f"guess {number}", "imap", "198.51.100.9") for number in range(50)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(outcome, LoginRefused) for outcome in outcomes)
    assert hashings.count <= throttle.FREE_FAILURES + 1 + 2 * 2


async def test_async_doors_get_the_same_answers(auth: Authenticator, minh: int) -> None:
    for _ in range(2):
        assert (await auth.averify(LOGIN, RIGHT, "imap")).principal.id == minh
    with pytest.raises(BadCredentials):
        await auth.averify(LOGIN, WRONG, "imap")
    with pytest.raises(BadCredentials):
        await auth.averify(f"nobody@{DOMAIN}", RIGHT, "imap")


def test_the_last_use_is_noted_but_not_at_every_login(office: Office, minh: int) -> None:
    auth = Authenticator(office.db)
    for _ in range(10):
        auth.verify(LOGIN, RIGHT, "imap")
    auth.close()
    used = office.read(lambda conn: conn.execute(select(credential.c.last_used_at)).scalar_one())
    assert used is not None
    again = Authenticator(office.db)
    again.verify(LOGIN, RIGHT, "imap")
    again.close()
    assert office.read(lambda conn: conn.execute(select(credential.c.last_used_at)).scalar_one()) == used


def test_secrets_do_not_show_in_a_repr(auth: Authenticator, minh: int) -> None:
    who = auth.verify(LOGIN, RIGHT, "imap")
    account = auth._accounts.load(LOGIN)
    assert "argon2" not in repr(account)
    assert RIGHT not in repr(who)
