"""The keys that sign the mail of our domains (RFC 6376 §3.3): made, listed, changed.

They are in the database: all machines of an installation sign with the same ones, and a backup has
them. A domain's first key is in use at once; a later one when somebody says that its record is in DNS,
for until then no signature by it could be verified.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from sqlalchemy import Connection, insert, select, update

from mailserver.actor import SYSTEM, Actor
from mailserver.directory.schema import dkim_key, domain
from mailserver.store import audit
from mailserver.store.database import Database, Tx

# 1,024 can be broken; the record of 4,096 does not fit one UDP packet of old resolvers.
BITS = 2048
# Mail signed by the key before may still be on its way, or be read again.
KEEP_OLD = timedelta(days=14)


class NoSuchKey(LookupError):
    """The domain has no key of this selector."""


class NotOurs(LookupError):
    """The domain is none of this installation, or has no key yet."""


@dataclass(frozen=True, slots=True)
class Key:
    """active_since: None before it is in use."""

    domain: str
    selector: str
    pem: str = field(repr=False)
    created_at: datetime
    active_since: datetime | None

    @property
    def record_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """What its TXT record says (RFC 6376 §3.6.1)."""
        octets = self.private().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={b64encode(octets).decode()}"

    def pkcs1(self) -> bytes:
        """The private key in PEM of PKCS#1, as dkimpy reads it."""
        return self.private().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())

    def private(self) -> RSAPrivateKey:
        key = load_pem_private_key(self.pem.encode(), None)
        assert isinstance(key, RSAPrivateKey)  # nothing else is made
        return key


def keys_of(conn: Connection, name: str) -> list[Key]:
    """The keys of a domain, the newest first."""
    columns = dkim_key.c.domain, dkim_key.c.selector, dkim_key.c.private_key, dkim_key.c.created_at
    query = select(*columns, dkim_key.c.active_since).where(dkim_key.c.domain == name).order_by(dkim_key.c.id.desc())
    return [Key(*row) for row in conn.execute(query)]


def signing(keys: Sequence[Key]) -> Key | None:
    """The key among those of a domain that signs now: the one that was put to use last."""
    active = [(one.active_since, one) for one in keys if one.active_since is not None]
    return max(active, key=lambda pair: pair[0])[1] if active else None


def to_publish(keys: Sequence[Key], now: datetime) -> list[Key]:
    """Those whose records must be in DNS: the one that signs, coming ones, and for a while those before."""
    current = signing(keys)
    recent = current is not None and current.active_since is not None and now - current.active_since < KEEP_OLD
    return [one for one in keys if one is current or one.active_since is None or recent]


def ensure(db: Database, actor: Actor = SYSTEM) -> list[str]:
    """Make a key for each domain that has none, and put it to use; the domains that got one.

    Keys are made outside the transaction, which would hold up everybody else.
    """
    lacking = db.read(_without_key)
    if lacking:
        made = [(name, _new_pem()) for name in lacking]
        return db.write(lambda tx: [name for name, pem in made if _first_key_tx(tx, name, pem)], actor)
    return []


def _without_key(conn: Connection) -> list[str]:
    having = select(dkim_key.c.domain)
    return list(conn.execute(select(domain.c.name).where(domain.c.name.not_in(having))).scalars())


def _first_key_tx(tx: Tx, name: str, pem: str) -> bool:
    """False if another process was quicker."""
    if not _lock_tx(tx, name) or keys_of(tx.conn, name):
        return False
    _insert_tx(tx, name, pem, tx.now)
    return True


def rotate(db: Database, name: str, actor: Actor) -> Key:
    """Make another key for a domain; the present one goes on signing. Raises NotOurs."""
    pem = _new_pem()
    return db.write(lambda tx: _rotate_tx(tx, name, pem), actor)


def _rotate_tx(tx: Tx, name: str, pem: str) -> Key:
    if not _lock_tx(tx, name):
        raise NotOurs(name)
    return _insert_tx(tx, name, pem, None)


def activate_tx(tx: Tx, name: str, selector: str) -> None:
    """Sign with this key from now on. Raises NoSuchKey."""
    own = (dkim_key.c.domain == name) & (dkim_key.c.selector == selector)
    if not tx.conn.execute(update(dkim_key).where(own).values(active_since=tx.now)).rowcount:
        raise NoSuchKey(selector)
    audit.record_tx(tx, "dkim.key-activated", domain=name, selector=selector)


def _insert_tx(tx: Tx, name: str, pem: str, active_since: datetime | None) -> Key:
    taken = {one.selector for one in keys_of(tx.conn, name)}
    key = Key(name, _selector(tx.now, taken), pem, tx.now, active_since)
    values = {"selector": key.selector, "private_key": pem, "created_at": tx.now, "active_since": active_since}
    tx.conn.execute(insert(dkim_key).values(domain=name, **values))
    audit.record_tx(tx, "dkim.key-made", domain=name, selector=key.selector)
    return key


def _lock_tx(tx: Tx, name: str) -> bool:
    """Hold a domain's row until the end of the transaction; False if the domain is not ours."""
    return tx.conn.execute(select(domain.c.name).where(domain.c.name == name).with_for_update()).first() is not None


def _selector(now: datetime, taken: set[str]) -> str:
    """`v202611`: the month tells how old a key is; a second one of the month is `v202611-2`."""
    base = f"v{now.astimezone(UTC):%Y%m}"
    number = 1
    while (name := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return name


def _new_pem() -> str:
    key = generate_private_key(65537, BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
