"""One run of retention over all agencies: safe to repeat, and to break off anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from mailbox_policies.chain import Settings
from mailbox_policies.modes import Mode
from mailbox_policies.retention import forgetting, holds, listing, removing, telling
from mailbox_policies.retention.telling import Desk
from mailbox_policies.rules import retention
from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.store.store import Store


@dataclass(slots=True)
class Done:
    """How many letters went out, and messages went into the vault and out of it."""

    letters: int = 0
    removed: int = 0
    forgotten: int = 0


def run(store: Store, settings_of: Callable[[int], Settings], web: str, now: datetime) -> Done:
    """Do what is due at `now` (aware). settings_of: of an agency, as they are now. web: as `telling.Desk`.

    Raises StoreUnavailable; what was done until then stays done, and the next run does the rest.
    """
    done = Done()
    for agency in store.db.read(principals.agencies):
        choice = settings_of(agency.id).choice(retention.RULE)
        store.db.write(partial(holds.end_due_tx, agency_id=agency.id, now=now), SYSTEM)
        if choice.mode is Mode.OFF:
            store.db.write(partial(listing.clear_tx, agency_id=agency.id), SYSTEM)
        else:
            listing.renew(store.db, agency.id, choice.settings, now)
        if choice.mode in (Mode.WARN, Mode.ENFORCE):
            desk = Desk(store, web, removes=choice.mode is Mode.ENFORCE)
            done.letters += telling.tell(desk, agency.id, now)
        if choice.mode is Mode.ENFORCE:
            done.removed += removing.remove(store.db, agency.id, choice.settings, now)
        done.forgotten += forgetting.forget(store.db, agency.id, choice.settings.vault_days, now)
    return done
