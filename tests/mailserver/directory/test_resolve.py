from __future__ import annotations

from collections.abc import Iterator
from multiprocessing import get_context

import pytest

from mailserver.actor import SYSTEM
from mailserver.directory import principals, version
from mailserver.directory.principals import PersonData
from mailserver.directory.resolve import Former, Locked, Mailbox, Many, Resolver, Unknown, resolve, resolve_many
from mailserver.store.database import Database
from tests.mailserver.directory.conftest import DOMAIN, Office


@pytest.fixture
def resolver(office: Office) -> Resolver:
    return Resolver(office.db)


@pytest.fixture(params=["uncached", "cached", "cached twice"])
def ask(request: pytest.FixtureRequest, office: Office, resolver: Resolver):  # type: ignore[no-untyped-def]
    """The same answers with and without a cache, cold and warm."""

    def asked(address: str) -> object:
        if request.param == "uncached":
            return office.read(lambda conn: resolve(conn, address))
        if request.param == "cached twice":
            resolver.resolve(address)
        return resolver.resolve(address)

    return asked


def test_an_address_is_a_mailbox_in_any_spelling(office: Office, ask) -> None:  # type: ignore[no-untyped-def]
    minh = office.person("minhnv")
    assert ask(f"minhnv@{DOMAIN}") == Mailbox(minh)
    assert ask(f"MinhNV@{DOMAIN.upper()}.") == Mailbox(minh)
    assert ask(f'"minhnv"@{DOMAIN}') == Mailbox(minh)
    assert ask(f"vp@{DOMAIN}") == Mailbox(office.vp)


def test_the_subaddress_is_told_as_written(office: Office, ask) -> None:  # type: ignore[no-untyped-def]
    minh = office.person("minhnv")
    assert ask(f"minhnv+HoSo.12+a@{DOMAIN}") == Mailbox(minh, "HoSo.12+a")
    assert ask(f"minhnv+@{DOMAIN}") == Mailbox(minh)
    assert ask(f"minhnv@{DOMAIN}") == Mailbox(minh)


def test_unknown_here_differs_from_not_ours(ask) -> None:  # type: ignore[no-untyped-def]
    assert ask(f"nobody@{DOMAIN}") == Unknown(local=True)
    assert ask(f"+x@{DOMAIN}") == Unknown(local=True)
    for foreign in ("somebody@gmail.com", "somebody@", "@", "", "somebody", "postmaster@gmail.com"):
        assert ask(foreign) == Unknown(local=False)


def test_a_locked_person_still_gets_mail_and_one_who_left_does_not(office: Office, ask) -> None:  # type: ignore[no-untyped-def]
    locked, left = office.person("locked"), office.person("left")
    office.write(lambda tx: principals.lock_person_tx(tx, locked, "lộ mật khẩu"))
    office.write(lambda tx: principals.leave_tx(tx, left, "chuyển công tác"))
    assert ask(f"locked@{DOMAIN}") == Mailbox(locked)
    assert ask(f"left+x@{DOMAIN}") == Former(left)


def test_a_retired_alias_is_a_former_address(office: Office, ask) -> None:  # type: ignore[no-untyped-def]
    minh = office.person("minhnv")
    office.write(lambda tx: principals.add_alias_tx(tx, minh, f"cu@{DOMAIN}"))
    assert ask(f"cu@{DOMAIN}") == Mailbox(minh)
    office.write(lambda tx: principals.retire_alias_tx(tx, minh, f"cu@{DOMAIN}"))
    assert ask(f"cu@{DOMAIN}") == Former(minh)


def test_a_group_is_all_its_members_once(office: Office, ask) -> None:  # type: ignore[no-untyped-def]
    an, binh, left = office.person("an"), office.person("binh"), office.person("left")

    def make(tx):  # type: ignore[no-untyped-def]
        inner = principals.create_group_tx(tx, office.agency, "Chi ủy", "chiuy")
        outer = principals.create_group_tx(tx, office.agency, "Toàn cơ quan", "toancoquan")
        for group, members in ((inner, (an, binh, left)), (outer, (inner, binh, office.vp))):
            for member in members:
                principals.add_member_tx(tx, group, member)
        principals.leave_tx(tx, left)
        return outer

    outer = office.write(make)
    found = ask(f"toancoquan+tin@{DOMAIN}")
    assert (found.group_id, sorted(found.members), found.detail) == (outer, sorted((an, binh, office.vp)), "tin")


def test_a_closed_unit_in_a_group_gets_nothing(office: Office, ask) -> None:  # type: ignore[no-untyped-def]
    def make(tx):  # type: ignore[no-untyped-def]
        group = principals.create_group_tx(tx, office.agency, "Các phòng", "phong")
        for unit in (office.vp, office.qlxd):
            principals.add_member_tx(tx, group, unit)
        principals.close_tx(tx, office.qlxd)

    office.write(make)
    assert ask(f"phong@{DOMAIN}").members == (office.vp,)


def test_an_empty_group_is_nobody_but_not_unknown(office: Office, ask) -> None:  # type: ignore[no-untyped-def]
    made = office.write(lambda tx: principals.create_group_tx(tx, office.agency, "Trống", "trong"))
    assert ask(f"trong@{DOMAIN}") == Many(made, ())


def test_postmaster_reaches_the_it_admins_or_the_agency(office: Office, ask) -> None:  # type: ignore[no-untyped-def]
    mailbox = office.mailbox
    assert ask(f"Postmaster@{DOMAIN}") == Many(None, (mailbox,))
    admin = office.person("tuanht", office.vp, "it_admin")
    assert ask(f"abuse@{DOMAIN}") == Many(None, (admin,))
    assert ask("postmaster") == Many(None, (admin,))


def test_a_closed_unit_is_locked(office: Office, ask) -> None:  # type: ignore[no-untyped-def]
    office.write(lambda tx: principals.close_tx(tx, office.qlxd, "giải thể"))
    assert ask(f"qlxd@{DOMAIN}") == Locked(office.qlxd)


def test_many_are_resolved_in_few_queries(office: Office) -> None:
    people = [office.person(f"user{number}") for number in range(20)]
    wanted = [f"User{number}@{DOMAIN}" for number in range(20)]
    spread = [f"nobody{number}@{DOMAIN}" for number in range(500)] + [f"x{number}@gmail.com" for number in range(480)]
    found = office.read(lambda conn: resolve_many(conn, wanted + spread))
    assert [found[one] for one in wanted] == [Mailbox(person) for person in people]
    assert found["x3@gmail.com"] == Unknown(local=False)
    assert len(found) == 1000


async def test_a_door_resolves_without_blocking(office: Office, resolver: Resolver) -> None:
    minh = office.person("minhnv")
    assert await resolver.aresolve(f"minhnv@{DOMAIN}") == Mailbox(minh)
    wanted = [f"minhnv+1@{DOMAIN}", f"nobody@{DOMAIN}", f"minhnv@{DOMAIN}"]
    for _ in range(2):
        found = await resolver.aresolve_many(wanted)
        assert found == dict(zip(wanted, (Mailbox(minh, "1"), Unknown(local=True), Mailbox(minh)), strict=True))


def test_changes_of_this_process_are_seen_at_once(office: Office, resolver: Resolver) -> None:
    minh = office.person("minhnv")
    assert resolver.resolve(f"minhnv@{DOMAIN}") == Mailbox(minh)
    for _ in range(3):
        office.write(lambda tx: principals.leave_tx(tx, minh))
        assert resolver.resolve(f"minhnv@{DOMAIN}") == Former(minh)
        office.write(lambda tx: principals.unlock_person_tx(tx, minh))
        assert resolver.resolve(f"minhnv@{DOMAIN}") == Mailbox(minh)


def _in_another_process(url: str, agency: int, act: str, person: int) -> None:
    db = Database(url)
    if act == "add":
        data = PersonData("Lê", "", "Ân", "anl")
        db.write(lambda tx: principals.create_person_tx(tx, agency, data), SYSTEM)
    else:
        db.write(lambda tx: principals.leave_tx(tx, person), SYSTEM)
    db.close()


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a process that has itself changed nothing for a while: the cache is in full use."""
    monkeypatch.setattr("mailserver.directory.version._settling_until", float("-inf"))
    return


class Clock:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


def test_changes_of_another_process_are_seen_after_100_ms(
    office: Office, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    minh = office.person("minhnv")
    clock = Clock()
    monkeypatch.setattr(version, "time", clock)
    monkeypatch.setattr(version, "_settling_until", float("-inf"))
    url = office.db.url.render_as_string(hide_password=False)
    assert resolver.resolve(f"minhnv@{DOMAIN}") == Mailbox(minh)
    for act in ("add", "leave"):
        child = get_context("spawn").Process(target=_in_another_process, args=(url, office.agency, act, minh))
        child.start()
        child.join(60)
        assert child.exitcode == 0
    assert resolver.resolve(f"minhnv@{DOMAIN}") == Mailbox(minh)
    clock.now += 0.1
    assert resolver.resolve(f"minhnv@{DOMAIN}") == Former(minh)
    assert isinstance(resolver.resolve(f"anl@{DOMAIN}"), Mailbox)


def test_what_is_unknown_is_never_remembered(office: Office, resolver: Resolver, settled: None) -> None:
    assert resolver.resolve(f"anl@{DOMAIN}") == Unknown(local=True)
    an = office.person("anl")
    assert resolver.resolve(f"anl@{DOMAIN}") == Mailbox(an)


def test_the_cache_is_bounded(office: Office, resolver: Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailserver.directory.resolve.CACHE_SIZE", 10)
    for number in range(40):
        office.person(f"user{number}")
        resolver.resolve(f"user{number}@{DOMAIN}")
    for number in range(40):
        resolver.resolve(f"user{number}@{DOMAIN}")
    assert len(resolver._held[1]) <= 12
