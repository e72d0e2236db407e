"""Broken IMAP clients, and browsers made to talk to mail doors."""

from __future__ import annotations

import contextlib

import pytest

from tests.deploy.waiting import eventually
from tests.e2e.bad_input.doors import Office, files, imap, messages_in, talk

LINE = 65_536
LITERAL_BEFORE_LOGIN = 8192


def test_a_large_literal_before_login_is_refused_and_not_waited_for(office: Office) -> None:
    with imap(office, login=False) as peer:
        peer.send(b"a LOGIN {%d}\r\n" % (LITERAL_BEFORE_LOGIN + 1))
        assert peer.line().startswith(b"a BAD")
        peer.send(b"b LOGIN {%d+}\r\n" % 20_000 + b"x LOGOUT\r\n" * 2000 + b" y\r\nc NOOP\r\n")
        assert peer.line().startswith(b"b BAD")
        assert peer.line().startswith(b"c OK")


def test_an_endless_line_is_refused_and_the_connection_goes_on_or_ends(office: Office) -> None:
    with imap(office) as peer:
        peer.send(b"a NOOP " + b"x" * (LINE + 1) + b"\r\nb NOOP\r\n")
        assert peer.until(b"a").startswith(b"a BAD")
        assert peer.until(b"b").startswith(b"b OK")
    with imap(office, login=False) as peer:
        peer.send(b"a " + b"x" * LINE + b"\r\n")
        assert peer.line().split(b" ")[1] in (b"BAD", b"BYE")


def test_an_append_that_breaks_off_leaves_nothing(office: Office) -> None:
    before = messages_in(office, "INBOX"), files(office)
    with imap(office) as peer:
        peer.send(b"a APPEND INBOX {5000000}\r\n")
        assert peer.until(b"+").startswith(b"+")
        peer.send(b"x" * 3_000_000)
    with imap(office) as peer:
        peer.send(b"a APPEND INBOX {5000000+}\r\n" + b"y" * 2_000_000)
    eventually(lambda: (messages_in(office, "INBOX"), files(office)) == before)


def test_an_oversized_literal_plus_is_never_run_as_commands(office: Office) -> None:
    before = messages_in(office, "INBOX")
    inside = b"x DELETE Trash\r\n" * 1_500_000
    with imap(office) as peer:
        peer.send(b"a APPEND INBOX {%d+}\r\n" % len(inside))
        peer.send(inside + b"\r\nb NOOP\r\n")
        assert peer.until(b"a").startswith(b"a NO [TOOBIG]")
        assert peer.until(b"b").startswith(b"b OK")
    with imap(office) as peer:
        peer.send(b"a SEARCH TEXT {99999999999999999999+}\r\nb LOGOUT\r\n")
        assert peer.line().split(b" ")[1] in (b"BAD", b"NO", b"BYE")
    assert messages_in(office, "INBOX") == before
    assert messages_in(office, "Trash")


NAMES = [b"&AAA", b"&AAA-", b"&-&", b"&AA0ACg-", b"&2AA-", b"\xc3\xa1", b"&ZeVnLIqe", b"&!!-"]
WITH_A_NAME = [b"STATUS %s (MESSAGES)", b"CREATE %s", b"SELECT %s", b'LIST "" %s', b"DELETE %s", b"RENAME %s x"]


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_folder_name_hangs_nobody_and_splits_no_answer(office: Office, name: bytes) -> None:
    """pymap: an unfinished `&AAA` stopped the event loop; Dovecot: `&AA0ACg-` split the answer."""
    with imap(office) as peer:
        for command in WITH_A_NAME:
            peer.send(b"a " + command % (b'"' + name + b'"') + b"\r\n")
            while not (line := peer.line()).startswith(b"a "):
                assert line.startswith(b"* "), (command, line)
            assert line.endswith(b"\r\n")


@pytest.mark.parametrize(
    "command",
    [
        b"FETCH 1 (" + b"(" * 5000 + b")" * 5000,
        b"SEARCH " + b"NOT " * 10_000 + b"ALL",
        b"SEARCH " + b"(" * 5000 + b"ALL" + b")" * 5000,
        b"SEARCH " + b"OR ALL " * 5000 + b"ALL",
        b"FETCH 4294967296 FLAGS",
        b"FETCH 0 FLAGS",
        b"FETCH 1:* BODY[" + b"1." * 500 + b"1]<0.4294967295>",
        b"FETCH 1:* (BODY.PEEK[]<4294967295.4294967295>)",
        b"STORE 1 +FLAGS (" + b" ".join(b"k%d" % n for n in range(5000)) + b")",
        b"UID SEARCH CHARSET KLINGON TEXT x",
        b'SEARCH HEADER "" "" UNKEYWORD x\x01',
        b'LIST "" ' + b"*%" * 2000,
        b"SEARCH SINCE 99-Foo-0000",
        b"\x00\x01\x02",
        b"SELECT INBOX (CONDSTORE (((",
        b"FETCH 1 BODY[HEADER.FIELDS (" + b"x" * 60_000 + b")]",
    ],
)
def test_nonsense_costs_its_sender_an_answer_only(office: Office, command: bytes) -> None:
    with imap(office) as peer:
        peer.send(b"s EXAMINE INBOX\r\na " + command + b"\r\n")
        answer = peer.until(b"a")
        assert answer.split(b" ")[1] in (b"BAD", b"NO", b"OK"), answer
        assert b"Internal" not in answer and b"SERVERBUG" not in answer, answer
        peer.send(b"b NOOP\r\n")
        assert peer.until(b"b").startswith(b"b OK")


@pytest.mark.parametrize("verb", [b"GET", b"POST", b"CONNECT"])
@pytest.mark.parametrize("door", ["imap", "smtp", "submission", "lmtp"])
def test_a_browser_made_to_post_to_a_mail_door_is_hung_up_on(office: Office, door: str, verb: bytes) -> None:
    inside = b"a LOGOUT\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<%s>\r\nDATA\r\n" % office.address.encode()
    with talk(getattr(office.product.ports, door)) as peer:
        peer.line()
        with contextlib.suppress(ConnectionError):
            peer.send(verb + b" / HTTP/1.1\r\nHost: mail\r\nContent-Length: 99\r\n\r\n" + inside)
        told = peer.rest()
    assert b"354" not in told and b"a OK" not in told and b"250" not in told
