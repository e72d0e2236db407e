"""Rewritten senders with the database: keys, tokens, and how long each is good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailserver.actor import SYSTEM
from mailserver.srs import keys, scheme, senders
from mailserver.srs.schema import srs_key, srs_sender
from mailserver.store.database import Tx
from mailserver.store.store import Store
from tests.support.office import found_office

LONG = f"{'l' * 60}@elsewhere.test"
DAYS = timedelta(days=1)


@pytest.mark.parametrize("sender", ["lan@elsewhere.test", LONG, "lãn@elsewhere.test"])
def test_a_sender_is_found_again_for_three_weeks(store: Store, sender: str) -> None:
    office = found_office(store)

    def work(tx: Tx) -> None:
        made = senders.rewritten_tx(tx, sender, office.agency_id, "sct.test")
        assert made.endswith("@sct.test") and len(made.rpartition("@")[0]) <= scheme.MOST_LOCAL
        assert senders.rewritten_tx(tx, sender, office.agency_id, "sct.test") == made  # no second token
        for days, found in ((0, sender), (scheme.VALID_DAYS, sender), (scheme.VALID_DAYS + 1, None)):
            assert senders.original(tx.conn, made, tx.now + days * DAYS) == found
        assert senders.original(tx.conn, made.replace("@sct.test", "@elsewhere.test"), tx.now) is None
        for same in ("", "an@sct.test"):
            assert senders.rewritten_tx(tx, same, office.agency_id, "sct.test") == same

    store.db.write(work, SYSTEM)


def test_a_key_that_was_replaced_is_taken_while_its_addresses_are_valid(store: Store) -> None:
    office = found_office(store)

    def work(tx: Tx) -> None:
        made = senders.rewritten_tx(tx, "lan@elsewhere.test", office.agency_id, "sct.test")
        old = keys.signing_tx(tx, office.agency_id)
        keys.rotate_tx(tx, office.agency_id)
        assert keys.signing_tx(tx, office.agency_id) != old
        assert senders.original(tx.conn, made, tx.now) == "lan@elsewhere.test"
        # Whoever has got hold of it makes no new addresses with it for long.
        later = tx.now + keys.KEEP_OLD + DAYS
        local = scheme.wrap("lan@elsewhere.test", old, senders.day_of(later))
        assert senders.original(tx.conn, f"{local}@sct.test", later) is None
        tx.conn.execute(srs_key.update().values(made_at=tx.now - keys.KEEP_OLD - DAYS))
        keys.rotate_tx(tx, office.agency_id)
        assert len(tx.conn.execute(srs_key.select()).all()) == 2  # the newest before, and the new one

    store.db.write(work, SYSTEM)


def test_a_token_is_forgotten_when_nothing_can_come_back_to_it(store: Store) -> None:
    office = found_office(store)

    def work(tx: Tx) -> None:
        senders.rewritten_tx(tx, LONG, office.agency_id, "sct.test")
        senders.forget_tx(tx)
        assert len(tx.conn.execute(srs_sender.select()).all()) == 1
        tx.conn.execute(srs_sender.update().values(used_on=(tx.now - 25 * DAYS).date()))
        senders.forget_tx(tx)
        assert tx.conn.execute(srs_sender.select()).all() == []

    store.db.write(work, SYSTEM)
