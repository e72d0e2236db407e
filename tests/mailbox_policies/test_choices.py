"""What an agency chooses for a rule, with its history."""

from __future__ import annotations

import pytest

from deploy.agency_rules import AgencyRules
from mailbox_policies import choices
from mailbox_policies.choices import ChangedMeanwhile, NoSuchVersion
from mailbox_policies.fields import SettingInvalid
from mailbox_policies.modes import Mode
from mailbox_policies.rules.message_size import RULE, Settings
from mailserver.actor import Actor
from mailserver.store import raw
from mailserver.store.audit import verify
from mailserver.store.store import Store
from tests.support.office import Office, found_office


@pytest.fixture
def office(store: Store) -> Office:
    return found_office(store)


def test_choices_have_a_history_and_come_back(store: Store, office: Office) -> None:
    agency, an = office.agency_id, Actor(office.ids["an"], office.agency_id, "web")

    def choose(mode: Mode, limit: int, after: int) -> int:
        return store.db.write(lambda tx: choices.set_tx(tx, agency, RULE, mode, {"limit": limit}, after=after), an)

    def holds() -> tuple[Mode, int]:
        choice = AgencyRules(store.db, Settings(99)).of(agency).choice(RULE)
        return choice.mode, choice.settings.limit

    assert holds()[0] is Mode.ENFORCE
    start = holds()
    assert [choose(Mode.TRIAL, 10, 0), choose(Mode.ENFORCE, 20, 1)] == [1, 2]
    assert holds() == (Mode.ENFORCE, 20)
    with pytest.raises(ChangedMeanwhile):
        choose(Mode.OFF, 30, 1)
    assert store.db.write(lambda tx: choices.restore_tx(tx, agency, RULE, 1), an) == 3
    assert holds() == (Mode.TRIAL, 10)
    assert AgencyRules(store.db, Settings(99)).message_size(agency).limit == 0  # what is only tried refuses nothing
    assert store.db.write(lambda tx: choices.restore_tx(tx, agency, RULE, 0), an) == 4
    assert holds() == start
    with pytest.raises(NoSuchVersion):
        store.db.write(lambda tx: choices.restore_tx(tx, agency, RULE, 9), an)
    with pytest.raises(SettingInvalid):
        choose(Mode.ENFORCE, -1, 4)
    kept = store.db.read(lambda conn: choices.history(conn, agency, RULE.name))
    assert [(one.version, one.restores, one.actor_id) for one in kept] == [
        (4, 0, office.ids["an"]),
        (3, 1, office.ids["an"]),
        (2, None, office.ids["an"]),
        (1, None, office.ids["an"]),
    ]
    audited = store.db.read(lambda c: raw.rows(c, "SELECT actor_id FROM audit WHERE action = 'policy.changed'"))
    assert [row[0] for row in audited] == [office.ids["an"]] * 4
    assert store.db.read(verify) is None
