"""Two messages of which the filter had something to say, one in Junk, one in the INBOX; and what it has learned."""

from __future__ import annotations

from mailbox_policies.spam import judgements
from mailbox_policies.spam.judgements import Outcome
from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.mime.address import Address
from mailserver.mime.compose import Draft, compose, new_message_id
from mailserver.opinions import Opinion, Reason
from mailserver.store import entries, folders
from mailserver.store.database import Tx
from mailserver.store.entries import Target
from mailserver.store.ingest import prepare, store_message_tx
from tests.routing.world import World
from tests.support.filtering import teach

FIRST = Reason("first-contact", "", 0.0)
JUNK = (
    *(Reason("words", word, 2.0) for word in ("trúng thưởng", "hotline", "ưu đãi")),
    Reason("link", "uu-dai7.example", 1.8),
    Reason("form", "", 1.1),
    Reason("words", "trân trọng", -0.6),
    FIRST,
)
SUSPECT = (Reason("subject", "ưu đãi", 1.4), Reason("spf-fail", "hoithao.example", 0.1), FIRST)


def fill(world: World, who: str) -> dict[str, str]:
    """The paths of both, by "junk" and "suspect"."""
    agency = world.store.db.read(lambda conn: principals.agency_by_id(conn, world.agency_id))
    teach(world.store, [agency.principal_id])
    offer = Address("Chăm sóc khách hàng", "cskh7", "kh12.example")
    event = Address("Ban tổ chức Hội thảo", "moi", "hoithao.example")
    text = "Chúc mừng quý khách đã trúng thưởng xe máy!!!\nBấm vào đây http://uu-dai7.example/dang-ky để nhận quà.\n"
    return {
        "junk": _put(world, who, "Junk", offer, "Trúng thưởng xe máy - ưu đãi 90%", text, (83, JUNK)),
        "suspect": _put(
            world, who, "INBOX", event, "Ưu đãi đăng ký sớm hội thảo", "Kính mời quý cơ quan.\n", (41, SUSPECT)
        ),
    }


def _put(
    world: World, who: str, folder: str, author: Address, subject: str, text: str, found: tuple[int, tuple[Reason, ...]]
) -> str:
    own = world.id(who)

    def work(tx: Tx) -> str:
        to = principals.get(tx.conn, own)
        local, _, domain = to.address.partition("@")
        me = Address(to.name, local, domain)
        identity = new_message_id(author.domain)
        draft = Draft(author, (me,), (), (), subject, text, tx.now, identity)
        message_pk = store_message_tx(tx, prepare(compose(draft), world.store.blobs))
        there = folders.get(tx.conn, own, folder)
        [placed] = entries.deliver_tx(tx, message_pk, [Target(there.id)], tx.now_s)
        opinion = Opinion(own, world.agency_id, found[0], True, found[1])
        outcome = Outcome.JUNK if folder == "Junk" else Outcome.SUSPECT
        judgements.keep_tx(tx, message_pk, [(opinion, outcome)], 50)
        return f"/thu/{there.id}/{placed.uid}"

    return world.store.db.write(work, SYSTEM)
