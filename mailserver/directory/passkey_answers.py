"""Whose passkey has answered. Apart from `passkeys`, for what reads the answers of devices takes long to load, and who
only keeps or forgets passkeys need not wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from mailserver.directory import passkey_proofs as proofs
from mailserver.directory.passkey_proofs import NotProved, Party
from mailserver.directory.passkey_schema import passkey
from mailserver.directory.passkeys import Used


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    principal_id: int
    handle: bytes
    public_key: bytes
    label: str


def proved(
    conn: Connection, party: Party, challenge: bytes, answer: str, *, of_person: int | None, verified: bool
) -> tuple[Used, int]:
    """Whose passkey has answered, and its counter, which `passkeys.use_tx` judges. Writes nothing. Raises NotProved.

    of_person: who it must be of, known by a password or a session; None: the device says who it is. verified: whether
    its person must have shown themselves to it.
    """
    claim = proofs.claimed(answer)
    known = _known(conn, claim.credential_id)
    if known is None or of_person not in (None, known.principal_id):
        raise NotProved("unknown, or of somebody else")
    if claim.handle != known.handle and (of_person is None or claim.handle is not None):
        # WebAuthn-3 §7.2, step 6.
        raise NotProved("the user handle is of somebody else")
    count = proofs.count_proved(party, challenge, answer, known.public_key, verified=verified)
    return Used(known.principal_id, known.id, known.label), count


def _known(conn: Connection, credential_id: bytes) -> _Known | None:
    table = passkey.c
    columns = (table.id, table.principal_id, table.handle, table.public_key, table.label)
    row = conn.execute(select(*columns).where(table.credential_id == credential_id)).first()
    return None if row is None else _Known(*row)
