"""Files for people outside: a link for each, known to nobody else, that asks before it gives, and ends."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from mailbox_policies.retention import holds
from mailbox_policies.retention.holds import HoldKind
from mailbox_policies.sentfiles import ending
from mailserver.store.collect import collect_garbage
from mailserver.store.database import Tx
from tests.routing.world import DOMAIN, World
from tests.webmail.sentfiles.outside import Agency, text_in
from tests.webmail.visitor import Visitor, links, text_of
from tests.webmail.world import now
from webmail.sentfiles.outside import OF_LINK

OCTETS = bytes(range(256)) * 400
LAN, TAM = "lan@ngoai.example", "tam@khac.example"
NEW = "/tep/moi"


@pytest.fixture
def agency(world: World, tmp_path: Path) -> Agency:
    return Agency(world, tmp_path / "cache")


def send(visitor: Visitor, to: str, octets: bytes = OCTETS, name: str = "bản đồ.bin") -> tuple[int, str]:
    answer = visitor.post(NEW, to=to, file=(io.BytesIO(octets), name), days="9", note="Kính gửi")
    return answer.status_code, text_of(answer)


@pytest.mark.requirement("R-033", "R-086")
def test_each_reader_outside_has_a_link_that_asks_first_and_tells_the_sender(agency: Agency, world: World) -> None:
    sender, reader = agency.visitor("vankhain"), agency.visitor()
    assert send(sender, f"truongpk, {LAN}, {TAM}")[0] == 303
    left, found = agency.left(), agency.links()
    assert set(found) == {LAN, TAM} and found[LAN] != found[TAM]
    assert "https://mail.example/tep/" not in left[LAN] and "Kính gửi" in left[LAN]
    for kept in (world.octets("vankhain", "Sent"), world.octets("truongpk", "INBOX")):
        assert "https://mail.example/tep/1" in text_in(kept) and "lay-tep" not in text_in(kept)
    assert found[LAN].rpartition("/")[2] not in str(agency.audited("sent_file.link_left"))

    page = reader.get(found[LAN])
    words = text_of(page)
    assert page.status_code == 200 and "Tải tệp về" in words
    for said in ("bản đồ.bin", "100 KB", f"vankhain@{DOMAIN}", sha256(OCTETS).hexdigest(), "chưa được quét"):
        assert said in words, said
    assert "Download the file" in text_of(reader.get(found[LAN], headers={"Accept-Language": "en-GB,en;q=0.9"}))
    assert "Download the file" in text_of(reader.get(f"{found[LAN]}?lang=en"))
    assert reader.client.head(found[LAN]).status_code == 200
    for link in links(page):
        if link.startswith("/lay-tep"):
            assert reader.get(link).data != OCTETS, "nothing that a scanner follows gives the file"
    assert reader.get(f"{found[LAN]}/tep").status_code == 303
    assert reader.get(f"{found[LAN]}/tep?ve=x").status_code == 303
    assert agency.count("sent_file_link_fetch") == 0 and "chưa tải" in text_of(sender.get("/tep/1"))

    foreign = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}  # as browsers send it from such a page
    pressed = reader.client.post(found[LAN], headers=foreign)
    whole = reader.get(pressed.location)
    assert (pressed.status_code, whole.status_code, whole.data) == (303, 200, OCTETS)
    assert whole.headers["Content-Disposition"].startswith("attachment; ")
    for answer in (page, pressed, whole):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "Set-Cookie" not in answer.headers
    rest = reader.get(pressed.location, headers={"Range": "bytes=1000-", "If-Range": whole.headers["ETag"]})
    assert (rest.status_code, rest.data) == (206, OCTETS[1000:])
    assert reader.client.head(pressed.location).headers["Content-Length"] == str(len(OCTETS))
    assert reader.get(pressed.location.replace(found[LAN], found[TAM])).status_code == 303, "a ticket is for one link"
    assert agency.count("sent_file_link_fetch") == 1
    (entry,) = agency.audited("sent_file.link_fetched")
    assert LAN in entry and "127.0.0.1" in entry
    shown = text_of(sender.get("/tep/1"))
    assert "đã tải 1 lần" in shown and "chưa tải" in shown and TAM in shown
    assert "đã tải 1 lần" in text_of(sender.get("/tep/?xem=gui"))
    assert TAM not in text_of(agency.visitor("truongpk").get("/tep/1"))


@pytest.mark.requirement("R-033")
def test_a_link_ends_at_once_comes_back_and_ends_by_itself_with_one_answer_for_all(
    agency: Agency, world: World
) -> None:
    sender, reader = agency.visitor("vankhain"), agency.visitor()
    assert send(sender, f"{LAN}, {TAM}")[0] == 303
    path = agency.links()[LAN]
    taken = reader.client.post(path).location
    nothing = reader.get("/lay-tep/" + "x" * 32)
    assert nothing.status_code == 404 and "không mở được tệp nào" in text_of(nothing)

    def is_shut() -> bool:
        answers = [reader.get(path), reader.client.post(path), reader.get(taken)]
        return all(
            (one.status_code, one.data, dict(one.headers)) == (404, nothing.data, dict(nothing.headers))
            for one in answers
        )

    assert not is_shut()
    other = agency.visitor("anl")
    assert other.post("/tep/1/duong-dan/1/dung").status_code == 404
    assert sender.post("/tep/1/duong-dan/1/dung").status_code == 303
    assert is_shut() and reader.get(agency.links()[TAM]).status_code == 200
    assert sender.post("/tep/1/duong-dan/1/dung").status_code == 409
    assert sender.post("/tep/1/duong-dan/1/mo-lai").status_code == 303
    assert not is_shut()
    agency.terms = replace(agency.terms, outside=False)
    assert is_shut(), "the agency has no links any more"
    agency.terms = replace(agency.terms, outside=True)
    assert sender.post("/tep/1/dung").status_code == 303
    assert is_shut()
    assert sender.post("/tep/1/mo-lai").status_code == 303
    assert sender.post("/tep/1/gia-han", days="29").status_code == 303
    agency.later = timedelta(days=9, hours=23)
    assert not is_shut()
    agency.later = timedelta(days=10, hours=1)
    assert is_shut(), "as long as the agency lets links open, though the file is kept longer"

    def hold_tx(tx: Tx) -> int:
        who = f"vankhain@{DOMAIN}"
        return holds.hold_tx(tx, world.agency_id, HoldKind.PERSON, who, "lệnh", None, now())

    store, late = world.store, now() + timedelta(days=31)
    store.db.write(hold_tx, world.actor("anl"))
    ending.end_due(store, late)
    assert agency.count("sent_file_piece") == 1, "under an order it stays"
    (standing,) = store.db.read(lambda conn: holds.of_agency(conn, world.agency_id))
    store.db.write(lambda tx: holds.end_tx(tx, world.agency_id, standing.id, now()), world.actor("anl"))
    before = len(list(store.blobs.digests()))
    ending.end_due(store, late)
    collect_garbage(store.db, store.blobs, timedelta(0))
    assert agency.count("sent_file_piece") == 0 and len(list(store.blobs.digests())) < before


def test_who_asks_too_often_waits(agency: Agency) -> None:
    assert send(agency.visitor("vankhain"), LAN)[0] == 303
    path, reader = agency.links()[LAN], agency.visitor()
    agency.stopped = now()
    seen = [reader.client.head(path).status_code for _ in range(OF_LINK + 1)]
    assert seen == [200] * OF_LINK + [429]
    agency.stopped += timedelta(minutes=1)
    assert reader.get(path).status_code == 200


@pytest.mark.requirement("R-020", "R-026")
def test_what_may_not_go_outside_as_an_attachment_goes_not_by_a_link_either(agency: Agency, world: World) -> None:
    sender = agency.visitor("vankhain")
    status, page = send(sender, LAN, b"so lieu", "Công văn TUYỆT MẬT.pdf")
    assert status == 422 and "TUYỆT MẬT" in page
    status, page = send(sender, LAN, b"MZ" + bytes(500), "a.exe")
    assert status == 422 and "có thể gây hại" in page
    agency.terms = replace(agency.terms, outside=False)
    assert send(sender, LAN)[0] == 422
    assert agency.left() == {} and agency.count("sent_file_link") == 0
    assert world.uids("vankhain", "Sent") == []
