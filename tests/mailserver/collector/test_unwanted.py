"""Mail that is fetched from elsewhere comes from outside: it is looked at as what the MX takes in."""

from __future__ import annotations

from datetime import UTC, datetime

from mailbox_policies import chain, dryrun
from mailbox_policies.chain import Choice
from mailbox_policies.modes import Mode
from mailbox_policies.rules import spam
from mailbox_policies.rules.spam import Settings
from mailbox_policies.spam import judgements
from mailbox_policies.spam.assessing import Assessing
from mailbox_policies.spam.model import Count
from mailserver.actor import SYSTEM
from mailserver.delivery.delivery import Delivery
from mailserver.policy import Action
from mailserver.store import entries, folders
from mailserver.store.entries import FlagChange
from mailserver.store.flags import Flag
from tests.mailserver.collector.conftest import World
from tests.support.filtering import LONG_AFTER, learned, samples, teach, work

FORGED = (
    b"X-Vanthu-Spam: no; score=0; reasons=none\r\n"
    b"Authentication-Results: mail.sxd.gov.vn; spf=pass smtp.mailfrom=bank.example\r\n"
)


def filtering(world: World) -> None:
    settings = Settings()
    rules = chain.Settings().with_(spam.RULE, Choice(Mode.ENFORCE, settings))
    world.delivery = Delivery(
        world.store,
        "mail.sxd.gov.vn",
        lambda: datetime.now(UTC),
        chain.standard(chain.for_all(rules)),
        assessor=Assessing(lambda _agency_id: settings),
    )


async def test_unwanted_mail_from_elsewhere_goes_to_junk_and_the_rest_teaches(world: World) -> None:
    filtering(world)
    teach(world.store, [world.office.binh])
    [wanted], [unwanted] = samples(1, 1, seed=2)
    for octets in (FORGED + unwanted, wanted):
        world.elsewhere(octets)
    await world.visit(world.account())
    [(junk, _flags)], [(kept, _)] = world.content("Junk"), world.content("INBOX")
    assert junk.split(b"\r\n")[1].startswith(b"X-Vanthu-Spam: yes; score=")
    assert junk.endswith(unwanted) and kept.endswith(wanted)
    assert junk.count(b"X-Vanthu-Spam:") == 1 and b"bank.example" not in junk

    def look(conn):  # type: ignore[no-untyped-def]
        there = entries.snapshot(conn, folders.get(conn, world.office.binh, "Junk").id)
        return there.keywords, judgements.of(conn, there.message_pks[0], world.office.binh)

    words, found = world.store.db.read(look)
    assert list(words) == ["$Junk"] and found is not None and found.outcome is judgements.Outcome.JUNK

    long_ago = datetime.now(UTC) - LONG_AFTER
    [tried] = dryrun.look(world.store, spam.RULE, Settings(), world.office.agency, long_ago, seconds=60.0).hits
    assert (tried.verdict.action, list(tried.verdict.for_mailboxes or ())) == (Action.JUNK, [world.office.binh])

    inbox = world.store.db.read(lambda conn: folders.get(conn, world.office.binh, "INBOX").id)
    world.store.db.write(lambda tx: entries.store_flags_tx(tx, inbox, [1], FlagChange.ADD, Flag.SEEN), SYSTEM)
    before = learned(world.store, world.office.binh)
    work(world.store, LONG_AFTER)
    assert learned(world.store, world.office.binh) == Count(before.ham + 1, before.spam)
