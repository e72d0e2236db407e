"""A second factor for somebody, as if they had scanned the code."""

from __future__ import annotations

from datetime import UTC, datetime

from mailserver.actor import SYSTEM
from mailserver.directory import otp, second
from mailserver.store.database import Database
from mailserver.vault import Vault, new_key


def switch_on_second(db: Database, person_id: int) -> None:
    """The secret is known to nobody afterwards."""
    vault = Vault(new_key())
    db.write(lambda tx: second.begin_tx(tx, person_id, vault), SYSTEM)
    secret = db.read(lambda conn: second.pending(conn, person_id, vault, datetime.now(UTC)))
    assert secret is not None
    code = otp.code_at(secret, otp.step_at(datetime.now(UTC)))
    assert db.write(lambda tx: second.confirm_tx(tx, person_id, code, vault), SYSTEM)
