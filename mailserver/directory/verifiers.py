"""Where the SCRAM verifiers of accounts come from, and the secret that salts are made with.

All verifiers of one account have the same salt and iterations, so that one proof can be tried against
its password and each of its app passwords. The salt follows from the account's address and a secret of
the installation, so a name that nobody has can be given one that never changes either.
"""

from __future__ import annotations

import logging
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection, insert, select, update

from mailserver.actor import SYSTEM
from mailserver.directory import passwords, rows, scram
from mailserver.directory.accounts import Account, Credential
from mailserver.directory.schema import credential, scram_secret
from mailserver.directory.scram import Verifier
from mailserver.directory.version import bump_tx
from mailserver.store.database import Database, Tx

log = logging.getLogger(__name__)


def secret(conn: Connection) -> bytes | None:
    """The installation's secret; None before it is first needed."""
    return conn.execute(select(scram_secret.c.secret)).scalar()


def secret_tx(tx: Tx) -> bytes:
    """As `secret`, made if need be. The directory's writers must be in line: after `bump_tx`."""
    found = secret(tx.conn)
    if found is None:
        found = secrets.token_bytes(32)
        tx.conn.execute(insert(scram_secret).values(id=1, secret=found))
    return found


def made_secret(db: Database) -> bytes:
    """As `secret`, made if need be in a transaction of its own."""

    def work(tx: Tx) -> bytes:
        bump_tx(tx)
        return secret_tx(tx)

    return db.read(secret) or db.write(work, SYSTEM)


def salting(conn: Connection, principal_id: int, key: bytes) -> tuple[bytes, int]:
    """Salt and iterations that a new verifier of this account must have.

    key: the installation's secret. Raises NoSuchPrincipal.
    """
    there = _in_use(conn, principal_id)
    if there is not None:
        return there.salt, there.iterations
    return scram.salt_for(key, rows.require(conn, principal_id).address), scram.ITERATIONS


def suitable(conn: Connection, principal_id: int, verifier: str | None) -> str | None:
    """The verifier, unless the account has others that were salted otherwise meanwhile."""
    there = _in_use(conn, principal_id)
    if verifier is None or there is None or Verifier.parse(verifier).fits(there.salt, there.iterations):
        return verifier
    return None


def _in_use(conn: Connection, principal_id: int) -> Verifier | None:
    """Any verifier of the account; revoked credentials have none."""
    own = (credential.c.principal_id == principal_id, credential.c.scram.is_not(None))
    stored = conn.execute(select(credential.c.scram).where(*own).limit(1)).scalar()
    return Verifier.parse(stored) if stored else None


def derive(db: Database, principal_id: int, password: str) -> Verifier:
    """A verifier that may be stored for this account. Blocks for some tens of milliseconds."""
    key = made_secret(db)
    salt, iterations = db.read(lambda conn: salting(conn, principal_id, key))
    return Verifier.of(password, salt, iterations)


class Completing:
    """Gives credentials from before SCRAM a verifier, from the password with which somebody signs in.

    In a thread of its own: nobody waits for it.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._under_way: set[int] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="verifiers")

    def note(self, account: Account, found: Credential, password: str) -> None:
        """Say that this password was right for this credential; returns at once."""
        if found.scram is not None:
            return
        with self._lock:
            if found.id in self._under_way:
                return
            self._under_way.add(found.id)
        typed = passwords.app_shown(password) if found.kind == "app" else password
        self._thread.submit(self._complete, account.principal.id, found.id, typed)

    def close(self) -> None:
        """Finish what has been noted."""
        self._thread.shutdown()

    def _complete(self, principal_id: int, credential_id: int, password: str) -> None:
        try:
            verifier = derive(self._db, principal_id, password)
            self._db.write(lambda tx: complete_tx(tx, principal_id, credential_id, verifier), SYSTEM)
        except Exception:
            # The next sign-in tries again.
            log.warning("could not keep a verifier for credential %d", credential_id, exc_info=True)
        finally:
            with self._lock:
                self._under_way.discard(credential_id)


def complete_tx(tx: Tx, principal_id: int, credential_id: int, verifier: Verifier) -> None:
    """Keep a verifier for a credential that has none; nothing happens if it was revoked or salted meanwhile."""
    bump_tx(tx)
    if verifier.fits(*salting(tx.conn, principal_id, secret_tx(tx))):
        lacking = (credential.c.id == credential_id, credential.c.scram.is_(None), credential.c.revoked_at.is_(None))
        tx.conn.execute(update(credential).where(*lacking).values(scram=verifier.text()))
