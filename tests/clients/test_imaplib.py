"""imaplib of Python, under many other libraries."""

from __future__ import annotations

import imaplib

from tests.clients.far import PATIENCE_S, Far
from tests.clients.letters import letter
from tests.clients.server import Server, User

FOLDER = '"V&AQM-n b&HqM-n"'


def test_what_scripts_do_with_it(server: Server, user: User) -> None:
    with imaplib.IMAP4_SSL("localhost", server.imaps, ssl_context=server.trusting(), timeout=PATIENCE_S) as client:
        client.login(user.address, user.password)
        client.enable("CONDSTORE")
        assert client.append("INBOX", "(\\Flagged)", imaplib.Time2Internaldate(0), letter("a"))[0] == "OK"
        assert client.select("INBOX") == ("OK", [b"1"])
        assert client.response("UIDVALIDITY")[1][0] is not None
        kind, data = client.fetch("1", "(FLAGS RFC822)")
        assert kind == "OK" and isinstance(data[0], tuple) and data[0][1] == letter("a")
        assert client.search("UTF-8", "SUBJECT", '"cong van"') == ("OK", [b"1"])
        client.literal = "Công".encode()
        assert client.search("UTF-8", "SUBJECT")[1] == [b"1"]
        assert client.uid("STORE", "1", "+FLAGS", "(\\Deleted)")[0] == "OK"
        assert client.create(FOLDER)[0] == "OK"
        assert client.copy("1", FOLDER)[0] == "OK"
        assert client.expunge() == ("OK", [b"1"])
        assert client.status(FOLDER, "(MESSAGES)")[1] == [f"{FOLDER} (MESSAGES 1)".encode()]
        assert client.namespace()[0] == "OK"
        assert client.unselect()[0] == "OK"


def test_it_speaks_utf_8_once_it_has_asked_to(server: Server, user: User, far: Far) -> None:
    """ENABLE UTF8=ACCEPT (RFC 6855) over STARTTLS: names are sent as they are."""
    with imaplib.IMAP4("localhost", server.imap, timeout=PATIENCE_S) as client:
        client.starttls(server.trusting())
        client.login(user.address, user.password)
        assert client.enable("UTF8=ACCEPT")[0] == "OK"
        assert client.create('"Văn bản"')[0] == "OK"
        assert client.append('"Văn bản"', "", "", letter("a"))[0] == "OK"
        assert client.select('"Văn bản"') == ("OK", [b"1"])
        assert client.search(None, "SUBJECT", '"công văn"') == ("OK", [b"1"])
        assert '() "/" "Văn bản"'.encode() in b"".join(client.list()[1]).replace(b"\\HasNoChildren", b"")  # type: ignore[arg-type]
        client.sort("(REVERSE SUBJECT)", "UTF-8", "ALL")
    assert far.contents("Văn bản") == {"Văn bản": {"a": ""}}
