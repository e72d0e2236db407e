"""Links in letters to people outside: made when the letter leaves, not before, and only if it may leave."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from mailbox_policies import chain
from mailbox_policies.chain import Settings
from mailbox_policies.forwarding.asking import Asking
from mailbox_policies.forwarding.border import Border
from mailbox_policies.forwarding.consent import Consents
from mailbox_policies.forwarding.keeping import Holding, Letters
from mailbox_policies.forwarding.requests import Way
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.holding.moderating import Owners
from mailbox_policies.rules import forward_consent
from mailbox_policies.sentfiles import ending
from mailbox_policies.sentfiles.addresses import Addresses
from mailbox_policies.sentfiles.linked import looking
from mailserver.actor import SYSTEM
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.submission import Letter, submit_sync
from mailserver.delivery.trace import Received
from mailserver.mime.address import Address
from mailserver.mime.compose import Draft, compose
from tests.routing.world import DOMAIN, World
from tests.webmail.mail.test_composing import LETTER, fresh
from tests.webmail.mail.test_linking import CHOICE, names, resumed
from tests.webmail.mail.test_shrink import begin, choice
from tests.webmail.mail.test_shrinking import NOISE, TEXT
from tests.webmail.sentfiles.outside import Agency
from tests.webmail.visitor import Visitor, hidden, text_of
from tests.webmail.world import now
from webmail.mail import undoing

LAN, TAM = "lan@ngoai.example", "tam@khac.example"


@pytest.fixture
def agency(world: World, tmp_path: Path) -> Agency:
    return Agency(world, tmp_path / "cache")


def linked(visitor: Visitor, **more: str) -> dict[str, object]:
    """A letter with a link instead of one of its two files, as the form has it."""
    path = begin(visitor, (NOISE.filename, NOISE.data), (TEXT.filename, TEXT.data), **more)
    page = choice(visitor, path)
    assert "mỗi người ở ngoài nhận một đường dẫn riêng" in text_of(page)
    done = visitor.post(CHOICE, **{"nhap": hidden(page, "nhap"), "way-0": "link", "way-1": "keep"})
    return {**resumed(visitor, str(done.location)), **more}


def send(visitor: Visitor, form: dict[str, object]) -> TestResponse:
    """Send it, whatever is asked about it: nobody has written to these places before."""
    asked = visitor.post("/thu/soan", **form)
    assert asked.status_code == 422 and "Nơi chưa từng trao đổi thư" in text_of(asked)
    carried = re.findall(r'name="carry" value="([^"]+)"', asked.text)
    again = {"draft": hidden(asked, "draft"), "seen": hidden(asked, "seen"), "carry": carried, "do": "anyway"}
    sent = visitor.post("/thu/soan", **{**form, **again})
    assert sent.status_code == 303, text_of(sent)
    return sent


def forge(agency: Agency, name: str) -> None:
    """Send a letter with the identifier of the one that waits, and the file's page where no reader sees it."""
    ((message_id,),) = agency.rows("SELECT message_id FROM sent_file WHERE id = 1")
    me = Address("", name, DOMAIN)
    hidden = '<a href="https://mail.example/tep/1">Chào</a>'
    data = compose(Draft(me, (), (), (), "Chào", "Chào", now(), str(message_id), html=hidden))
    trace = Received("", "127.0.0.1", "ESMTPA", "forged")
    submit_sync(agency.services.delivery, agency.world.actor(name), Letter(data, me.addr, (LAN,), trace))


@pytest.mark.requirement("R-085", "R-086", "R-033")
def test_a_link_for_people_outside_is_made_when_the_letter_has_really_left(agency: Agency, world: World) -> None:
    director, reader = agency.visitor("truongpk"), agency.visitor()
    worker = Delivery(world.store, "mail.example", lambda: now() + timedelta(minutes=1))
    worker.outside = agency.services.delivery.outside
    desk = agency.services.sent_files
    assert desk is not None
    assert director.post("/thu/soan/cho-hoan-tac", seconds="10").status_code == 303
    sent = send(director, {**linked(director), "to": f"anl, {LAN}", "bcc": TAM})
    number = director.get(sent.location, follow_redirects=True).text.partition("/hoan-tac/")[2].partition('"')[0]
    back = director.post(f"/thu/soan/hoan-tac/{number}")
    undoing.send_due(worker, desk)
    assert agency.left() == {} and agency.count("sent_file_link") == 0, "it was taken back"
    send(director, {**resumed(director, str(back.location)), "to": f"anl, {LAN}", "bcc": TAM})
    assert agency.left() == {} and agency.count("sent_file_link") == 0, "it waits"
    undoing.send_due(worker, desk)
    found = agency.links()
    assert set(found) == {LAN, TAM} and len(set(found.values())) == 2
    assert reader.get(reader.client.post(found[TAM]).location).data == NOISE.data
    assert names(world, "anl") == [(TEXT.filename, len(TEXT.data))]
    inside = text_of(agency.visitor("anl").get(f"/thu/{world.folder('anl', 'INBOX')}/1"))
    assert "https://mail.example/tep/1" in inside and "lay-tep" not in inside
    mine = text_of(director.get(f"/thu/{world.folder('truongpk', 'Sent')}/1"))
    assert "https://mail.example/tep/1" in mine and "lay-tep" not in mine


@pytest.mark.requirement("R-089")
def test_a_file_of_somebody_elses_mail_goes_by_a_link_only_with_their_consent(agency: Agency, world: World) -> None:
    store, delivery = world.store, agency.services.delivery
    way = delivery.outside
    consents = Consents(store.blobs, way, Letters(way, Owners(store.blobs)), "https://mail.example")
    delivery.keeper = Holding(Keeper(), consents)
    delivery.policy = chain.standard(chain.for_all(Settings(forward_consent.Settings())))
    delivery.passing = Asking(lambda _agency: Border.AGENCY, now, looking(Addresses("https://mail.example")))
    author, me = agency.visitor("anl"), agency.visitor("vankhain")
    given = (io.BytesIO(NOISE.data), NOISE.filename)
    form = {**LETTER, "identity": f"anl@{DOMAIN}", "to": "vankhain", "text": "Số liệu."}
    assert author.post("/thu/soan", **fresh(author), **form, files=given).status_code == 303

    handed = me.post("/tep/moi", to=LAN, file=(io.BytesIO(NOISE.data), "ten khac.bin"), days="3", note="")
    assert handed.status_code == 303, text_of(handed)
    assert "đang chờ anl@" in text_of(me.follow(handed))
    send(me, {**linked(me, identity=f"vankhain@{DOMAIN}"), "to": TAM})
    assert agency.links() == {} and agency.count("sent_file_link") == 2
    waiting = text_of(me.get("/tep/1"))
    assert "thư chưa đi" in waiting
    for other in ("anl", "vankhain"):  # a letter of the same identifier, past the form
        forge(agency, other)
    assert agency.audited("sent_file.link_left") == [] and agency.links() == {}
    ending.end_due(store, now() + timedelta(days=20))
    questions = b"".join(world.octets("anl", "INBOX", uid) for uid in world.uids("anl", "INBOX"))
    tokens = dict.fromkeys(re.findall(rb"dong-y\+([0-9a-f]+)@", questions))
    assert len(tokens) == 3
    for token in tokens:
        store.db.write(lambda tx, token=token: consents.answer_tx(tx, token.decode(), True, Way.LINK), SYSTEM)
    assert set(agency.links()) == {LAN, TAM}
    reader = agency.visitor()
    assert reader.get(reader.client.post(agency.links()[LAN]).location).data == NOISE.data
    mine = io.BytesIO(NOISE.data[::-1])
    assert me.post("/tep/moi", to=TAM, file=(mine, "của tôi.bin"), days="3", note="").status_code == 303
    assert len(agency.audited("sent_file.link_left")) == 3, "nobody is asked about one's own"
