"""The second factor of a sign-in on the web: a code from the person's phone, or a recovery code (RFC 6238).

Who has it opens mail doors by app passwords only: a main password alone is half of a sign-in, whatever
the door (see `login`). Whether the password is right has been asked before all that is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, unique

from sqlalchemy import Connection, delete, func, insert, select, update

from mailserver.directory import otp, passwords, rows
from mailserver.directory.records import Kind
from mailserver.directory.second_schema import recovery_code, second_factor
from mailserver.directory.version import bump_tx
from mailserver.store import audit
from mailserver.store.database import Tx
from mailserver.vault import Vault, WrongKey

RECOVERY_CODES = 10
# Wrong codes in a row before each further one has to wait: of a million codes three are right at a time.
FREE_FAILURES = 5
PAUSE = timedelta(minutes=5)
# A secret that was shown and never proved is not offered again after this.
PENDING = timedelta(hours=1)


@unique
class Answer(Enum):
    """RIGHT: let in. LATER: too many wrong ones; this one was not looked at."""

    RIGHT = "right"
    WRONG = "wrong"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor that is asked for. left: recovery codes that are not used."""

    since: datetime
    left: int


def of(conn: Connection, person_id: int) -> Factor | None:
    """The person's second factor; None if none is asked for."""
    table = second_factor.c
    since = conn.execute(select(table.confirmed_at).where(table.principal_id == person_id)).scalar()
    if since is None:
        return None
    unused = (recovery_code.c.principal_id == person_id, recovery_code.c.used_at.is_(None))
    return Factor(since, int(conn.execute(select(func.count()).select_from(recovery_code).where(*unused)).scalar_one()))


def begin_tx(tx: Tx, person_id: int, vault: Vault) -> None:
    """Make a secret to be shown; it counts for nothing until `confirm_tx`. Nothing changes if one is asked for."""
    rows.require(tx.conn, person_id, Kind.PERSON)
    if of(tx.conn, person_id) is not None:
        return
    tx.conn.execute(delete(second_factor).where(second_factor.c.principal_id == person_id))
    sealed = vault.lock(otp.new_secret().hex())
    made = {"principal_id": person_id, "sealed": sealed, "created_at": tx.now, "last_step": -1, "failures": 0}
    tx.conn.execute(insert(second_factor).values(**made))


def pending(conn: Connection, person_id: int, vault: Vault, now: datetime) -> bytes | None:
    """The secret that waits to be proved, to be shown to its person; None if there is none."""
    table = second_factor.c
    fresh = (table.principal_id == person_id, table.confirmed_at.is_(None), table.created_at > now - PENDING)
    sealed = conn.execute(select(table.sealed).where(*fresh)).scalar()
    return None if sealed is None else _opened(vault, sealed)


def confirm_tx(tx: Tx, person_id: int, typed: str, vault: Vault) -> list[str]:
    """Ask for the factor from now on, if the code is right; the recovery codes, to be shown this once, or [].

    Emits "credential.changed": mail clients that came in by the main password are put out.
    """
    secret = pending(tx.conn, person_id, vault, tx.now)
    step = None if secret is None else otp.fitting_step(secret, typed, tx.now, -1)
    if step is None:
        return []
    bump_tx(tx)
    own = second_factor.c.principal_id == person_id
    tx.conn.execute(update(second_factor).where(own).values(confirmed_at=tx.now, last_step=step))
    tx.emit("credential.changed", owner_id=person_id)
    audit.record_tx(tx, "second_factor.on", owner_id=person_id)
    return _new_codes_tx(tx, person_id)


def verify_tx(tx: Tx, person_id: int, typed: str, vault: Vault) -> Answer:
    """Whether a code is right: of the app, or a recovery code. Each counts once; wrong ones are counted.

    RIGHT too where no factor is asked for any more. To be committed whatever the answer.
    """
    query = select(second_factor).where(second_factor.c.principal_id == person_id).with_for_update()
    row = tx.conn.execute(query).first()
    if row is None or row.confirmed_at is None:
        return Answer.RIGHT
    if row.failures >= FREE_FAILURES and row.failed_at is not None and tx.now < row.failed_at + PAUSE:
        return Answer.LATER
    own = update(second_factor).where(second_factor.c.principal_id == person_id)
    secret = _opened(vault, row.sealed)
    step = None if secret is None else otp.fitting_step(secret, typed, tx.now, row.last_step)
    if step is not None:
        tx.conn.execute(own.values(last_step=step, failures=0, failed_at=None))
        return Answer.RIGHT
    if _recover_tx(tx, person_id, typed):
        tx.conn.execute(own.values(failures=0, failed_at=None))
        return Answer.RIGHT
    tx.conn.execute(own.values(failures=row.failures + 1, failed_at=tx.now))
    audit.record_tx(tx, "second_factor.wrong", owner_id=person_id)
    return Answer.WRONG


def renew_codes_tx(tx: Tx, person_id: int) -> list[str]:
    """New recovery codes, to be shown this once; the old ones are worthless."""
    audit.record_tx(tx, "second_factor.codes_renewed", owner_id=person_id)
    return _new_codes_tx(tx, person_id)


def switch_off_tx(tx: Tx, person_id: int) -> bool:
    """Ask for no second factor any more; whether one was asked for."""
    was = of(tx.conn, person_id) is not None
    bump_tx(tx)
    tx.conn.execute(delete(recovery_code).where(recovery_code.c.principal_id == person_id))
    tx.conn.execute(delete(second_factor).where(second_factor.c.principal_id == person_id))
    if was:
        audit.record_tx(tx, "second_factor.off", owner_id=person_id)
    return was


def _recover_tx(tx: Tx, person_id: int, typed: str) -> bool:
    """Use a recovery code up; whether it was one."""
    wanted = passwords.app_hashed(typed)
    own = (recovery_code.c.principal_id == person_id, recovery_code.c.hash == wanted, recovery_code.c.used_at.is_(None))
    if tx.conn.execute(update(recovery_code).where(*own).values(used_at=tx.now)).rowcount == 0:
        return False
    audit.record_tx(tx, "second_factor.recovered", owner_id=person_id)
    return True


def _new_codes_tx(tx: Tx, person_id: int) -> list[str]:
    """Random and long, so that a fast hash is enough, as for app passwords."""
    codes = [passwords.new_app_password() for _ in range(RECOVERY_CODES)]
    tx.conn.execute(delete(recovery_code).where(recovery_code.c.principal_id == person_id))
    kept = [{"principal_id": person_id, "hash": passwords.app_hashed(code)} for code in codes]
    tx.conn.execute(insert(recovery_code), kept)
    return codes


def _opened(vault: Vault, sealed: bytes) -> bytes | None:
    try:
        return bytes.fromhex(vault.open(sealed))
    except WrongKey:
        return None
