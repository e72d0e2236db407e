"""Keys that sign mail: made once, changed in two steps, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import dkim
import pytest

from mailserver.actor import SYSTEM
from mailserver.directory import agencies
from mailserver.senderauth import keys, signing
from mailserver.senderauth.keys import Key, NoSuchKey, NotOurs
from mailserver.store.store import Store
from tests.mailserver.senderauth.signed import LETTER
from tests.support.office import DOMAIN, found_office

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def now() -> datetime:
    """dkimpy, which verifies below, looks at the clock itself."""
    return datetime.now(UTC)


def of(store: Store, domain: str = DOMAIN) -> list[Key]:
    return store.db.read(lambda conn: keys.keys_of(conn, domain))


@pytest.fixture
def office(store: Store) -> Store:
    found_office(store)
    return store


def test_every_domain_gets_one_key_whoever_asks_first(office: Store) -> None:
    before = now()
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: keys.ensure(office.db), range(2)))
    assert sorted(name for one in made for name in one) == [DOMAIN]
    assert keys.ensure(office.db) == []
    [key] = of(office)
    assert key.active_since is not None
    assert key.selector in {f"v{day:%Y%m}" for day in (before, now())}
    assert key.record.startswith("v=DKIM1; k=rsa; p=MII")
    assert key.private().key_size == 2048
    assert "PRIVATE" not in repr(key)


def test_a_new_domain_gets_its_own(office: Store) -> None:
    keys.ensure(office.db)
    agency_id = office.db.read(agencies.agencies)[0].id
    office.db.write(lambda tx: agencies.add_domain_tx(tx, agency_id, "khac.test"), SYSTEM)
    assert keys.ensure(office.db) == ["khac.test"]
    assert of(office)[0].pem != of(office, "khac.test")[0].pem


def test_another_key_signs_only_after_it_was_put_to_use(office: Store) -> None:
    keys.ensure(office.db)
    first = of(office)[0]
    second = keys.rotate(office.db, DOMAIN, SYSTEM)
    assert second.selector == f"{first.selector}-2"
    assert keys.signing(of(office)) == first
    office.db.write(lambda tx: keys.activate_tx(tx, DOMAIN, second.selector), SYSTEM)
    current = keys.signing(of(office))
    assert current is not None
    assert current.selector == second.selector
    with pytest.raises(NoSuchKey):
        office.db.write(lambda tx: keys.activate_tx(tx, DOMAIN, "v1"), SYSTEM)
    with pytest.raises(NotOurs):
        keys.rotate(office.db, "gov.test", SYSTEM)


def test_the_record_of_an_old_key_stays_for_a_while() -> None:
    def key(name: str, active_since: datetime | None) -> Key:
        return Key("x.test", name, "", NOW, active_since)

    waiting, current, old = key("c", None), key("b", NOW), key("a", NOW - timedelta(days=400))
    assert keys.to_publish([waiting, current, old], NOW + keys.KEEP_OLD / 2) == [waiting, current, old]
    assert keys.to_publish([waiting, current, old], NOW + keys.KEEP_OLD) == [waiting, current]
    assert keys.to_publish([waiting], NOW) == [waiting]
    assert keys.signing([waiting]) is None


def test_a_signer_signs_for_our_domains_only(office: Store) -> None:
    keys.ensure(office.db)
    signer = signing.Signer(office.db, now)
    data = signer.field(LETTER, DOMAIN) + LETTER
    record = of(office)[0].record.encode()
    assert dkim.verify(data, dnsfunc=lambda *_, **__: record)
    for domain in ("gov.test", f"a.{DOMAIN}", "test", ""):
        with pytest.raises(NotOurs):
            signer.field(LETTER, domain)


def test_mail_is_signed_by_the_domain_of_its_author(office: Store) -> None:
    keys.ensure(office.db)
    signer = signing.Signer(office.db, now)
    own = LETTER.replace(b"an@gov.test", f"an@{DOMAIN.upper()}".encode())
    data = signer.signed(own)
    assert data.startswith(b"DKIM-Signature: ")
    assert data.endswith(own)
    record = of(office)[0].record.encode()
    assert dkim.verify(data, dnsfunc=lambda *_, **__: record)
    long = b"X: y\r\n" + b" x\r\n" * 1_000_000 + own
    assert signer.signed(long) == long
    for other in (LETTER, LETTER.replace(b"an@gov.test", b"nobody"), LETTER.replace(b"From:", b"X:"), b""):
        assert signer.signed(other) == other


def test_mail_whose_header_is_none_goes_unsigned(office: Store) -> None:
    keys.ensure(office.db)
    own = LETTER.replace(b"an@gov.test", f"an@{DOMAIN}".encode())
    broken = own.replace(b"\r\nTo:", b"\r\nno field at all\r\nTo:")
    signer = signing.Signer(office.db, now)
    assert signer.signed(own) != own
    assert signer.signed(broken) == broken


def test_a_change_of_keys_is_seen_by_a_signer_that_runs(office: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.ensure(office.db)
    monkeypatch.setattr(signing, "KEPT", 0.0)
    signer = signing.Signer(office.db, now)
    first = of(office)[0].selector.encode()
    assert b"s=" + first + b";" in signer.field(LETTER, DOMAIN)
    second = keys.rotate(office.db, DOMAIN, SYSTEM).selector
    office.db.write(lambda tx: keys.activate_tx(tx, DOMAIN, second), SYSTEM)
    assert b"s=" + second.encode() + b";" in signer.field(LETTER, DOMAIN)
