"""Trying rules on the mail that has come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mailbox_policies import dryrun
from mailbox_policies.dryrun import Hit
from mailbox_policies.forwarding.border import Border
from mailbox_policies.rule import Rule
from mailbox_policies.rules import forward_consent, message_size, sender_authentication
from mailbox_policies.rules.message_size import Counts
from mailbox_policies.rules.sender_authentication import Mode
from mailserver.actor import SYSTEM
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.policy import Action
from mailserver.senderauth.header import field
from mailserver.senderauth.results import Disposition, Dmarc, Outcome, Results, Spf
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.support.forwards import KINDS, Forward, Original
from tests.support.office import Office, found_office


def deliver(office: Office, data: bytes, name: str = "an") -> None:
    prepared = prepare(data, office.store.blobs)

    def work(tx: Tx) -> None:
        deliver_tx(tx, store_message_tx(tx, prepared), [office.ids[name]])

    office.store.db.write(work, SYSTEM)


def plain(subject: str, octets: int) -> bytes:
    body = b"x" * 70 + b"\r\n"
    return f"From: a@b.example\r\nSubject: {subject}\r\n\r\n".encode() + body * (octets // len(body))


def hits(office: Office, rule: Rule[Any], settings: object) -> list[Hit]:
    since = datetime.now(UTC) - timedelta(days=1)
    found = dryrun.look(office.store, rule, settings, office.agency_id, since, seconds=600)
    assert found.last is None
    return list(found.hits)


def test_what_a_smaller_limit_would_have_refused_is_listed_with_its_owner(store: Store) -> None:
    office = found_office(store)
    deliver(office, plain("nho", 500))
    deliver(office, plain("lon", 50_000))
    found = hits(office, message_size.RULE, message_size.Settings(limit=10_000))
    assert [(hit.subject, hit.owners) for hit in found] == [("lon", ("Nguyễn Văn An",))]
    assert int(found[0].verdict.facts["size"]) > 49_000
    assert hits(office, message_size.RULE, message_size.Settings(limit=0)) == []
    assert hits(office, message_size.RULE, message_size.Settings(limit=100_000, counts=Counts.WIRE)) == []


def test_what_another_mode_would_have_done_with_senders_is_listed(store: Store) -> None:
    office = found_office(store)
    forged = Results(Spf(Outcome.FAIL, "evil.test"), (), Dmarc(Outcome.FAIL, "gov.test", Disposition.REJECT))
    stamped = field(forged, "mail.sct.test")
    deliver(office, stamped + plain("gia", 500))
    deliver(office, plain("that", 500))
    deliver(office, b"Received: by mail.sct.test; now\r\n" + stamped + plain("cheo", 500))
    found = hits(office, sender_authentication.RULE, sender_authentication.Settings(Mode.REJECT))
    assert [(hit.subject, hit.verdict.action) for hit in found] == [("gia", Action.REJECT)]
    assert hits(office, sender_authentication.RULE, sender_authentication.Settings(Mode.OFF)) == []


def test_forwards_that_have_left_are_listed_inside_the_border_that_is_tried(store: Store) -> None:
    """An's own letter, and a forward to somebody outside; to a colleague only where the unit is the border."""
    office = found_office(store)
    original = Original(office.address("binh"), "Bình", office.address("an"))
    deliver(office, original.octets())
    for at, to in enumerate(("lan@ngoai.example", office.address("chi"))):
        made = KINDS["thunderbird_inline"](Forward(replace(original), office.address("an"), to))
        deliver(office, made.replace(b"<forward@", f"<forward{at}@".encode()))
    rule, settings = forward_consent.RULE, forward_consent.Settings()
    [outside] = hits(office, rule, settings)
    assert (outside.verdict.action, outside.verdict.waits_for) == (Action.HOLD, original.sender)
    assert len(hits(office, rule, replace(settings, border=Border.UNIT))) == 2
