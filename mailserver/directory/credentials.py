"""Setting, making and revoking secrets. Whether one is right is `login`'s to say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from mailserver.directory import passkeys, passwords, rows, verifiers, websessions
from mailserver.directory.authenticated import Authenticated
from mailserver.directory.errors import NotAllowed
from mailserver.directory.login import Authenticator
from mailserver.directory.records import Kind
from mailserver.directory.schema import address, credential
from mailserver.directory.scram import Verifier
from mailserver.directory.version import bump_tx
from mailserver.store import audit
from mailserver.store.database import Database, Tx

__all__ = [
    "AppPassword",
    "Authenticated",
    "Authenticator",
    "app_passwords",
    "create_app_password_tx",
    "has_password",
    "is_in_use",
    "must_change",
    "password_since",
    "prepare",
    "revoke_all_tx",
    "revoke_tx",
    "set_password_tx",
]

PASSWORD, APP = "password", "app"


@dataclass(frozen=True, slots=True)
class AppPassword:
    """One of a person's app passwords; the secret itself is shown once, when it is made.

    doors: those it opens, () for all. expires_at: None for never.
    """

    id: int
    label: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    doors: tuple[str, ...]


def prepare(db: Database, principal_id: int, password: str) -> passwords.Hashed:
    """Check and hash a person's new password before the transaction that sets it: 60 ms that nobody waits for.

    Raises WeakPassword, NoSuchPrincipal.
    """
    names = db.read(lambda conn: _names(conn, principal_id))
    hashed = passwords.prepare(password, names)
    return passwords.Hashed(hashed.text, verifiers.derive(db, principal_id, password).text())


def set_password_tx(
    tx: Tx,
    principal_id: int,
    password: str | passwords.Hashed,
    must_change: bool = False,
    *,
    enforce: bool = True,
    keep_session: str | None = None,
) -> None:
    """Set a person's password; web sessions end, but for the one of the token `keep_session`.

    must_change: a first password, good for nothing but choosing one's own (132/QĐ-STTTT, Điều 6 khoản 2).
    password: hashing takes 60 ms; what `prepare` made beforehand spares the transaction that, and is
    not checked again. enforce: False lets an administrator set one that is too easy.
    Emits "credential.changed". Raises WeakPassword, NoSuchPrincipal.
    """
    bump_tx(tx)
    rows.require(tx.conn, principal_id, Kind.PERSON, Kind.SERVICE)
    if isinstance(password, str):
        passwords.check_usable(password)
        if enforce:
            passwords.check(password, _names(tx.conn, principal_id))
        salting = verifiers.salting(tx.conn, principal_id, verifiers.secret_tx(tx))
        password = passwords.Hashed(passwords.hashed(password), Verifier.of(password, *salting).text())
    _revoke_passwords(tx, principal_id)
    verifier = verifiers.suitable(tx.conn, principal_id, password.scram)
    _insert(tx, principal_id, PASSWORD, password.text, verifier, must_change=must_change)
    websessions.close_all_tx(tx, principal_id, keep=keep_session)
    _tell_tx(tx, "password.set", principal_id, must_change=must_change)


def create_app_password_tx(
    tx: Tx, principal_id: int, label: str, doors: Collection[str] = (), expires_at: datetime | None = None
) -> str:
    """Make a password for one mail client; returns it, to be shown this once.

    label: the person's name for the client, at most 100 characters. doors: "imap", "smtp", () for all mail
    doors. expires_at: from when on it is worthless, None for never. Emits "credential.added": open
    sessions may go on.
    """
    bump_tx(tx)
    rows.require(tx.conn, principal_id, Kind.PERSON, Kind.SERVICE)
    plain = passwords.new_app_password()
    verifier = Verifier.of(plain, *verifiers.salting(tx.conn, principal_id, verifiers.secret_tx(tx)))
    limits: dict[str, Any] = {"doors": " ".join(sorted(doors)), "expires_at": expires_at}
    hashed = passwords.app_hashed(plain)
    credential_id = _insert(tx, principal_id, APP, hashed, verifier.text(), label=label[:100], **limits)
    tx.emit("credential.added", owner_id=principal_id)
    audit.record_tx(tx, "app_password.made", owner_id=principal_id, credential_id=credential_id, label=label[:100])
    return plain


def revoke_tx(tx: Tx, principal_id: int, credential_id: int) -> None:
    """Make one of a person's credentials worthless at once. Raises NotAllowed if it is not theirs."""
    bump_tx(tx)
    own = (credential.c.id == credential_id, credential.c.principal_id == principal_id)
    done = tx.conn.execute(update(credential).where(*own, _open()).values(revoked_at=tx.now, scram=None))
    if done.rowcount == 0:
        raise NotAllowed(credential_id)
    _tell_tx(tx, "credential.revoked", principal_id, credential_id=credential_id)


def revoke_all_tx(tx: Tx, principal_id: int) -> None:
    """Make all of a person's credentials worthless at once, passkeys too. Emits "credential.changed"."""
    bump_tx(tx)
    own = credential.c.principal_id == principal_id
    tx.conn.execute(update(credential).where(own, _open()).values(revoked_at=tx.now, scram=None))
    passkeys.remove_all_tx(tx, principal_id)
    _tell_tx(tx, "credential.all_revoked", principal_id)


def app_passwords(conn: Connection, principal_id: int) -> list[AppPassword]:
    """A person's app passwords that are not revoked, expired ones too, the oldest first."""
    table = credential.c
    columns = (table.id, table.label, table.created_at, table.last_used_at, table.expires_at, table.doors)
    own = (credential.c.principal_id == principal_id, credential.c.kind == APP)
    found = conn.execute(select(*columns).where(*own, _open()).order_by(table.id))
    return [AppPassword(*row[:5], tuple(row.doors.split())) for row in found]


def has_password(conn: Connection, principal_id: int) -> bool:
    """Whether the person has a password at all."""
    own = (credential.c.principal_id == principal_id, credential.c.kind == PASSWORD)
    return conn.execute(select(credential.c.id).where(*own, _open())).first() is not None


def is_in_use(conn: Connection, principal_id: int, credential_id: int) -> bool:
    """Whether this is a credential of the person that is not revoked."""
    own = (credential.c.id == credential_id, credential.c.principal_id == principal_id)
    return conn.execute(select(credential.c.id).where(*own, _open())).first() is not None


def password_since(conn: Connection, principal_id: int) -> datetime | None:
    """Since when the person has had the password; None without one."""
    own = (credential.c.principal_id == principal_id, credential.c.kind == PASSWORD)
    return conn.execute(select(credential.c.created_at).where(*own, _open()).order_by(credential.c.id.desc())).scalar()


def must_change(conn: Connection, principal_id: int) -> bool:
    """Whether the person's password is still a first one, good only for choosing another."""
    own = (credential.c.principal_id == principal_id, credential.c.kind == PASSWORD, credential.c.must_change)
    return conn.execute(select(credential.c.id).where(*own, _open())).first() is not None


def _open() -> ColumnElement[bool]:
    return credential.c.revoked_at.is_(None)


def _revoke_passwords(tx: Tx, principal_id: int) -> None:
    own = (credential.c.principal_id == principal_id, credential.c.kind == PASSWORD)
    tx.conn.execute(update(credential).where(*own, _open()).values(revoked_at=tx.now, scram=None))


def _insert(
    tx: Tx, principal_id: int, kind: str, stored: str, scram: str | None, *, must_change: bool = False, **more: Any
) -> int:
    row = {
        "principal_id": principal_id,
        "kind": kind,
        "hash": stored,
        "scram": scram,
        "label": "",
        "must_change": must_change,
        "created_at": tx.now,
        **more,
    }
    return rows.add(tx.conn, credential, **row)


def _names(conn: Connection, principal_id: int) -> list[str]:
    """What a person's password must not be. Raises NoSuchPrincipal."""
    query = select(address.c.address).where(address.c.principal_id == principal_id)
    return [rows.require(conn, principal_id).name, *conn.execute(query).scalars()]


def _tell_tx(tx: Tx, act: str, principal_id: int, **detail: Any) -> None:
    tx.emit("credential.changed", owner_id=principal_id)
    audit.record_tx(tx, act, owner_id=principal_id, **detail)
