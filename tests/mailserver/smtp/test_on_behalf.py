"""Letters in the name of a unit or a post through the submission door: the copy, and what the audit says."""

from __future__ import annotations

import pytest

from mailserver.actor import SYSTEM, Actor
from mailserver.delivery import onbehalf
from mailserver.delivery.onbehalf import SentCopyTo
from mailserver.directory import grants
from mailserver.store import raw
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.test_submission import signed_in, submit
from tests.support.office import Office

LETTER = b"From: cvp@sct.test\r\nTo: chi@sct.test\r\nSubject: Re: x\r\n\r\nHi\r\n"


def delegate(office: Office) -> None:
    """Bình answers for the post that An holds."""
    write = lambda tx: grants.grant_tx(tx, office.ids["cvp"], office.ids["binh"], ["handle"], tx.now)  # noqa: E731
    office.store.db.write(write, SYSTEM)


def choose(office: Office, where: SentCopyTo) -> None:
    holder = Actor(office.ids["an"], office.agency_id, "web")
    office.store.db.write(lambda tx: onbehalf.choose_sent_copy_tx(tx, office.ids["cvp"], where), holder)


def noted(office: Office) -> list[tuple[int, int, int | None]]:
    """(who, in whose name, in whose place) of the letters sent for others."""
    query = "SELECT actor_id, owner_id, on_behalf_of_id FROM audit WHERE action = 'mail.sent_for' ORDER BY id"
    return [tuple(row) for row in office.store.db.read(lambda conn: raw.rows(conn, query))]


@pytest.mark.requirement("R-011", "R-083")
async def test_a_delegate_s_letter_names_the_delegate_and_is_noted_as_in_whose_place(
    doors: Doors, office: Office
) -> None:
    delegate(office)
    peer = await signed_in(doors, "binh")
    assert (await submit(peer, LETTER, "cvp@sct.test", "chi@sct.test")).startswith("250")
    (stored,) = office.mail("chi")
    assert b"Sender: =?utf-8?" in stored and b"<binh@sct.test>" in stored
    assert noted(office) == [(office.ids["binh"], office.ids["cvp"], office.ids["an"])]
    assert office.mail("cvp", "Sent") == []


async def test_the_holder_writes_in_nobody_s_place(doors: Doors, office: Office) -> None:
    peer = await signed_in(doors)
    assert (await submit(peer, LETTER, "cvp@sct.test", "chi@sct.test")).startswith("250")
    assert noted(office) == [(office.ids["an"], office.ids["cvp"], None)]


@pytest.mark.parametrize("where", [SentCopyTo.OWNER, SentCopyTo.BOTH])
async def test_the_mailbox_keeps_what_is_sent_in_its_name_if_it_has_chosen_so(
    doors: Doors, office: Office, where: SentCopyTo
) -> None:
    delegate(office)
    choose(office, where)
    peer = await signed_in(doors, "binh")
    assert (await submit(peer, LETTER, "cvp@sct.test", "chi@sct.test")).startswith("250")
    (kept,) = office.mail("cvp", "Sent")
    assert kept.endswith(LETTER) and b"Sender:" in kept
    assert office.mail("binh", "Sent") == [], "the mail program files its own"


async def test_who_is_replaced_gets_a_copy_where_the_regulation_wants_it(doors: Doors, office: Office) -> None:
    delegate(office)
    doors.delivery.copies = lambda _conn, _agency_id: True
    peer = await signed_in(doors, "binh")
    assert (await submit(peer, LETTER, "cvp@sct.test", "chi@sct.test")).startswith("250")
    (copy,) = office.mail("an")
    assert copy.endswith(LETTER)
