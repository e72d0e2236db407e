"""Files for people outside: a link for each, known to nobody else, that asks before it gives, and ends."""

from __future__ import annotations

import email
import email.policy
import io
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from mailbox_policies.retention import holds
from mailbox_policies.retention.holds import HoldKind
from mailbox_policies.sentfiles import ending
from mailbox_policies.sentfiles.handing import MOST_OUTSIDE
from mailserver.actor import SYSTEM
from mailserver.directory import mailing_changes
from mailserver.directory.mailing_changes import Wanted
from mailserver.directory.mailing_lists import Settings
from mailserver.store.collect import collect_garbage
from mailserver.store.database import Tx
from tests.routing.world import DOMAIN, World
from tests.webmail.sentfiles.outside import Agency, text_in
from tests.webmail.visitor import Visitor, links, text_of
from tests.webmail.world import now
from webmail.sentfiles.outside import OF_LINK
from webmail.streams import AGAIN_S, MOST_BY_LINK

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


@pytest.mark.requirement("R-033")
def test_members_of_a_list_have_links_of_their_own_and_are_not_named(agency: Agency, world: World) -> None:
    def make(tx: Tx) -> None:
        list_id = mailing_changes.create_tx(tx, world.agency_id, "Đối tác", "doitac", Settings(takes_outside=True))
        mailing_changes.add_tx(tx, list_id, Wanted(world.id("anl")))
        mailing_changes.add_tx(tx, list_id, Wanted(outsider=TAM))

    world.store.db.write(make, SYSTEM)
    assert send(agency.visitor("vankhain"), f"{LAN}, doitac@{DOMAIN}")[0] == 303
    found = agency.links()
    assert set(found) == {LAN, TAM} and found[LAN] != found[TAM]
    reader = agency.visitor()
    assert reader.get(reader.client.post(found[TAM]).location).data == OCTETS
    letter = email.message_from_bytes(world.octets("vankhain", "Sent"), policy=email.policy.default)
    assert LAN in str(letter["To"]) and TAM not in letter.as_string()
    assert agency.visitor("anl").get("/tep/1").status_code == 200
    assert "https://mail.example/tep/1" in text_in(world.octets("anl", "INBOX"))


@pytest.mark.requirement("R-033")
def test_a_hold_on_the_letter_keeps_the_file_and_opens_nothing(agency: Agency, world: World) -> None:
    assert send(agency.visitor("vankhain"), LAN)[0] == 303
    path, reader, late = agency.links()[LAN], agency.visitor(), now() + timedelta(days=31)
    ((message_id,),) = agency.rows("SELECT message_id FROM sent_file")
    store, admin = world.store, world.actor("anl")

    def hold_tx(tx: Tx) -> int:
        return holds.hold_tx(tx, world.agency_id, HoldKind.MESSAGE, str(message_id), "lệnh", None, now())

    store.db.write(hold_tx, admin)
    ending.end_due(store, late)
    assert agency.count("sent_file_piece") == 1
    agency.later = timedelta(days=31)
    assert reader.get(path).status_code == 404, "its time is over all the same"
    for one in store.db.read(lambda conn: holds.of_agency(conn, world.agency_id)):
        store.db.write(lambda tx, one=one: holds.end_tx(tx, world.agency_id, one.id, now()), admin)  # type: ignore[misc]
    ending.end_due(store, late)
    assert agency.count("sent_file_piece") == 0


def test_more_people_outside_than_letters_can_be_made_for_are_refused_with_words(agency: Agency) -> None:
    sender = agency.visitor("vankhain")
    many = [f"ban{number}@ngoai.example" for number in range(MOST_OUTSIDE + 1)]
    status, page = send(sender, ", ".join(many))
    assert status == 422 and f"nhiều nhất {MOST_OUTSIDE} người ngoài cơ quan" in page
    assert agency.left() == {} and agency.count("sent_file_link") == 0
    assert send(sender, ", ".join(many[1:]))[0] == 303
    assert len(set(agency.links().values())) == MOST_OUTSIDE


@pytest.mark.parametrize(("lang", "words"), [("vi", "Hệ thống tạm thời bận"), ("en", "The system is busy")])
def test_who_comes_when_all_places_are_taken_is_told_so_without_a_cookie(agency: Agency, lang: str, words: str) -> None:
    assert send(agency.visitor("vankhain"), LAN)[0] == 303
    path, reader = agency.links()[LAN], agency.visitor()
    ticket = reader.client.post(path).location
    reading = [reader.client.get(ticket, buffered=False) for _number in range(MOST_BY_LINK)]
    busy = reader.get(f"{ticket}&lang={lang}")
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, str(AGAIN_S))
    assert "Set-Cookie" not in busy.headers and busy.headers["Cache-Control"] == "no-store"
    assert words in text_of(busy) and "dang-nhap" not in busy.text
    for one in reading:
        one.close()
    assert reader.get(ticket).data == OCTETS
