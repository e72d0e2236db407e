"""Hostile mail is delivered or refused with a code, is read by every client, and stops nothing."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator
from html import unescape

import pytest

from tests.e2e.bad_input.doors import Office, deliver, joined, messages_in
from tests.e2e.webvisitor import WebVisitor
from tests.support.hostile import DELIVERED, REFUSED

NEXT = b"From: a@b.test\r\nSubject: next\r\n\r\nnext\r\n"
# Words of a hostile message that a search must find all the same.
WORDS = {
    "8-bit header": ("SUBJECT", "cong van"),
    "no header": ("BODY", "body"),
    "1-MB header line": ("BODY", "body"),
    "100,000 fields": ("BODY", "body"),
    "50,000 addresses": ("BODY", "body"),
    "20,000 parameters": ("BODY", "body"),
    "NUL and surrogates in encoded words": ("FROM", "y@z.test"),
    "line ends in encoded words": ("SUBJECT", "x-injected: yes"),
}


@pytest.fixture(scope="module")
def uids(office: Office) -> dict[str, int]:
    """Every hostile message has been sent, each with an ordinary one behind; name of the sample → its uid."""
    found = {}
    client = office.imap()
    for name, data in DELIVERED.items():
        assert deliver(office, data, NEXT) == ["250", "250"], name
        client.select("INBOX", readonly=True)
        first, second = client.uid("SEARCH", "ALL")[1][0].split()[-2:]
        assert client.uid("SEARCH", "SUBJECT", "next")[1][0].split()[-1] == second
        found[name] = int(first)
    client.logout()
    return found


@pytest.fixture(scope="module")
def reader(office: Office) -> Iterator[imaplib.IMAP4]:
    """A mail client that looks into the inbox."""
    client = office.imap()
    client.select("INBOX", readonly=True)
    yield client
    client.logout()


@pytest.fixture(scope="module")
def visitor(office: Office) -> WebVisitor:
    return office.web()


@pytest.fixture(scope="module")
def inbox(visitor: WebVisitor) -> str:
    """The path of the inbox's page."""
    return visitor.get("/thu/").headers["location"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_has_a_code_and_stops_nothing(office: Office, name: str) -> None:
    data, code = REFUSED[name]
    before = messages_in(office, "INBOX")
    assert deliver(office, data) == [code[:3]]
    assert messages_in(office, "INBOX") == before


@pytest.mark.parametrize("name", DELIVERED)
def test_it_is_listed_and_fetched_octet_for_octet(uids: dict[str, int], reader: imaplib.IMAP4, name: str) -> None:
    uid = str(uids[name])
    reader.noop()
    described = reader.uid("FETCH", uid, "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY)")
    line = joined(described[1])
    assert b"ENVELOPE (" in line and b"BODYSTRUCTURE (" in line
    assert not re.search(rb"[\0-\x1f\x7f-\xff]", line), "printable octets only, outside of literals"
    whole = literal(reader, uid, "BODY.PEEK[]")
    assert whole.endswith(DELIVERED[name])
    assert whole == literal(reader, uid, "RFC822")
    assert whole == literal(reader, uid, "BODY.PEEK[HEADER]") + literal(reader, uid, "BODY.PEEK[TEXT]")
    assert b"RFC822.SIZE %d " % len(whole) in line


@pytest.mark.parametrize("name", DELIVERED)
def test_it_is_found(uids: dict[str, int], reader: imaplib.IMAP4, name: str) -> None:
    uid = uids[name]
    reader.noop()
    assert reader.uid("SEARCH", "UID", str(uid), "NOT", "SUBJECT", "next", "SINCE", "1-Jan-2020")[1] == [b"%d" % uid]
    if name in WORDS:
        key, words = WORDS[name]
        assert str(uid).encode() in reader.uid("SEARCH", key, f'"{words}"')[1][0].split()


@pytest.mark.parametrize("name", DELIVERED)
def test_it_is_opened_in_the_browser(uids: dict[str, int], visitor: WebVisitor, inbox: str, name: str) -> None:
    place = f"{inbox}/{uids[name]}"
    page = visitor.get(place)
    assert page.status == 200
    assert visitor.get(f"{place}/noi-dung").status in (200, 404)
    assert visitor.get(f"{place}/thu.eml").body.endswith(DELIVERED[name])
    links = {unescape(link) for link in re.findall(r'href="(/thu/[^"]+)"', page.text)}
    here = inbox.rpartition("/")[2]
    answers = {f"/thu/soan?{how}={here}.{uids[name]}" for how in ("tra_loi", "tra_loi_tat_ca", "chuyen_tiep")}
    for link in {link for link in links if link.startswith(f"{place}/")} | answers:
        assert (answer := visitor.get(link)).status < 400, (link, answer.status)


def test_lists_show_them_all(uids: dict[str, int], visitor: WebVisitor, inbox: str) -> None:
    assert len(uids) == len(DELIVERED)
    for path in (inbox, f"{inbox}?trang=2", f"{inbox}/danh-sach", "/tim?q=body"):
        page = visitor.get(path)
        assert page.status == 200, path
        assert "X-Injected" not in page.headers


def literal(client: imaplib.IMAP4, uid: str, item: str) -> bytes:
    """The octets of one item, quoted, as a literal, or none."""
    parts = client.uid("FETCH", uid, f"({item})")[1]
    if isinstance(parts[0], tuple):
        octets: bytes = parts[0][1]
        return octets
    found = re.search(rb'\] "(.*)"', parts[0])
    return found.group(1) if found else b""
