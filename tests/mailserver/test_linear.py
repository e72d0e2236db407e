"""No input takes super-linear time: fragments that hostile mail and clients repeat, once, twice, four times.

Sources of the fragments: RELIABILITY §2.2 and §2.5 (Dovecot CVE-2020-12100, CVE-2024-23184,
CVE-2026-27857, CVE-2026-27859; Stalwart CVE-2026-26312).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mailserver.delivery.heading import claims
from mailserver.directory import scram
from mailserver.imap.commands import COMMANDS, append
from mailserver.imap.frames import Frame, ReadLimits, read_frame
from mailserver.imap.literals import MemoryLiteral
from mailserver.imap.mutf7 import NameInvalid, decode
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused, ParseError
from mailserver.imap.patterns import make_patterns
from mailserver.imap.responses import Reply
from mailserver.mime.address import AddressBudget, mailboxes, parse_addresses
from mailserver.mime.body import searchable_text
from mailserver.mime.scan import scan
from mailserver.mime.words import decode_text, encode_text
from mailserver.outbound.recoding import as_seven_bit, with_short_lines
from mailserver.senderauth import header, spf_record
from mailserver.senderauth.dkim import Message
from mailserver.smtp.address import BadParameters, BadPath, parse
from mailserver.smtp.data import DataDecoder
from tests.mailserver.imap.fed import Fed, Gate, result_of
from tests.support.steps import grows_linearly, steps

SIZE = 40  # repetitions to begin with
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
REFUSALS = (ParseError, NameRefused, NameInvalid, BadPath, BadParameters, spf_record.BadRecord, scram.Malformed)


def check(work: Callable[[int], object], size: int) -> None:
    def refused_or_done(times: int) -> None:
        with suppress(*REFUSALS):
            work(times)

    fine, counted = grows_linearly(refused_or_done, size)
    assert fine, counted


def test_the_measure_tells_linear_from_quadratic() -> None:
    assert grows_linearly(lambda size: [size for _ in range(size)], 300)[0]
    assert grows_linearly(lambda size: b"x" * size, 300)[0]
    assert not grows_linearly(lambda size: [[0 for _ in range(size)] for _ in range(size)], 30)[0]
    assert not grows_linearly(lambda size: [None for at in range(size) for _ in range(at)], 30)[0]
    assert steps(lambda: None) < 20


FROM = b"From: a@b\r\n"
MULTIPART = FROM + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def mail(before: bytes, fragment: bytes, behind: bytes = b"\r\n\r\nx\r\n") -> Callable[[int], bytes]:
    return lambda times: before + fragment * times + behind


MAIL: dict[str, Callable[[int], bytes]] = {
    "fields": mail(FROM, b"X-A: b\r\n"),
    "From fields": mail(b"", FROM),
    "Content-Type fields": mail(FROM, b"Content-Type: multipart/mixed; boundary=b\r\n"),
    "folds": mail(FROM + b"Subject: a", b"\r\n b"),
    "folds of blanks": mail(FROM + b"Subject: a", b"\r\n \t "),
    "empty lines": mail(FROM, b"\r\n"),
    "delimiters": mail(MULTIPART, b"--b\r\n"),
    "closing delimiters": mail(MULTIPART, b"--b--\r\n"),
    "parts": mail(MULTIPART, b"--b\r\nContent-Type: a/b; name=c\r\n\r\nx\r\n"),
    "lines like delimiters": mail(MULTIPART + b"--b\r\n", b"--bX\r\n"),
    "unclosed multiparts in a row": mail(MULTIPART, b"--b\r\nContent-Type: multipart/a; boundary=c\r\n\r\n--c\r\n"),
    "digests": mail(FROM + b"Content-Type: multipart/digest; boundary=b\r\n\r\n", b"--b\r\n\r\nSubject: x\r\n\r\n"),
    "base64": mail(FROM + b"Content-Transfer-Encoding: base64\r\n\r\n", b"QUJD==\r\n"),
    "quoted-printable": mail(FROM + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n", b"=\r\n=E1 "),
    "uuencode": mail(FROM + b"Content-Transfer-Encoding: x-uuencode\r\n\r\n", b"begin 644 a\r\n"),
    "addresses": mail(FROM + b"To: ", b"a@b, "),
    "Message-IDs": mail(FROM + b"References: ", b"<a@b>\r\n "),
    "encoded words": mail(FROM + b"Subject: ", b"=?utf-8?q?a?= "),
    "languages": mail(FROM + b"Content-Language: ", b"vi,"),
}  # fmt: skip
for piece in (b"(", b")", b'"', b'"(', b"<", b'<"', b",", b"\\", b"[", b":", b"x:;", b"@", b"G:", b"a ", b"((\\"):
    MAIL[f"To: {piece!r}"] = mail(FROM + b"To: ", piece)
for piece in (b"; x*0=a", b";x*0*=%41", b"; a=b", b";", b'"', b"(", b"(a)", b"\\", b" a", b"=", b'; a="', b"*"):
    MAIL[f"Content-Type: {piece!r}"] = mail(FROM + b"Content-Type: a/b; c=", piece)
    MAIL[f"Content-Disposition: {piece!r}"] = mail(FROM + b"Content-Disposition: attachment; filename=", piece)
for piece in (b"=?", b"?=", b"=?a?q?", b"=?utf-8?b?====?= ", b"Re: ", b"[a]", b"[", b"(fwd)", b"[fwd:", b"\xcc\x81"):
    MAIL[f"Subject: {piece!r}"] = mail(FROM + b"Subject: ", piece)
for piece in (b"<", b"<p>", b"<script", b"<!--", b"</style>", b"&#", b"&#7879;", b"&amp", b"<a href='"):
    MAIL[f"page: {piece!r}"] = mail(FROM + b"Content-Type: text/html\r\n\r\n", piece)


@pytest.mark.parametrize("name", MAIL)
def test_mail(name: str) -> None:
    def work(times: int) -> None:
        raw = MAIL[name](times)
        scanned = scan(raw)
        searchable_text(raw, scanned)
        assert scanned.body

    check(work, SIZE)


@pytest.mark.parametrize("name", MAIL)
def test_mail_that_is_encoded_anew(name: str) -> None:
    def work(times: int) -> None:
        raw = MAIL[name](times) + ("đ" * 1000).encode()
        as_seven_bit(raw)
        with_short_lines(raw)

    check(work, SIZE)


def nested(opening: bytes, levels: int, x: bytes) -> bytes:
    return FROM + b"".join(opening.replace(b"%", b"%d" % level) for level in range(levels)) + b"\r\n\r\n" + x


@pytest.mark.parametrize(
    "opening",
    [b"Content-Type: multipart/mixed; boundary=b%.\r\n\r\n--b%.\r\n", b"Content-Type: message/rfc822\r\n\r\n"],
)
def test_deep_mail_costs_its_length_times_a_depth_that_has_a_limit(opening: bytes) -> None:
    check(lambda levels: scan(nested(opening, levels, b"x")), 110)  # beyond MAX_DEPTH nothing is opened
    check(lambda times: scan(nested(opening, 50, b"--b\r\n" * times)), 50)


@pytest.mark.parametrize("fragment", [b"a@b,", b"(", b'"', b"<a@b>", b"G:;", b"a.b "])
def test_address_lists(fragment: bytes) -> None:
    check(lambda times: mailboxes(parse_addresses(fragment * times, AddressBudget())), 100)


@pytest.mark.parametrize(
    "fragment", [b'"', b'\\"', b"(", b"a@b.c", b"a", b"a@", b".", b"=?", b"<", b"\\", b"a@b.c\r\n ", FROM]
)
def test_claims_to_be_the_author(fragment: bytes) -> None:
    def work(times: int) -> None:
        header = b"Resent-From: " + fragment * times + b"\r\n\r\n"
        claims(header, len(header))

    check(work, 100)


@pytest.mark.parametrize("fragment", ["ệ", "a", "\u0301", "=?"])
def test_texts_written_and_read_back(fragment: str) -> None:
    # From 400 on: below, ever more of the ways in which a text may be in an old encoding have to be tried.
    check(lambda times: decode_text(b" ".join(encode_text(fragment * times))), 400)


IMAP: list[tuple[bytes, bytes, bytes, bytes]] = [
    (b"FETCH", b" ", b"1:2,", b"1 FLAGS"),
    (b"FETCH", b" 1 (", b"FLAGS ", b"UID)"),
    (b"FETCH", b" 1 (", b"BODY[HEADER.FIELDS (A B)] ", b"UID)"),
    (b"FETCH", b" 1 BODY[HEADER.FIELDS (", b"A ", b"B)]"),
    (b"FETCH", b" 1 ", b"(", b""),
    (b"FETCH", b" 1 BODY[", b"1.", b"1]"),
    (b"SEARCH", b" ", b"NOT ", b"ALL"),
    (b"SEARCH", b" ", b"OR ALL ", b"ALL"),
    (b"SEARCH", b" ", b"(", b"ALL"),
    (b"SEARCH", b" ", b"UNSEEN ", b"ALL"),
    (b"SEARCH", b" ", b"1,", b"1"),
    (b"SEARCH", b" ", b"SUBJECT a ", b"ALL"),
    (b"SEARCH", b" ALL", b" ", b"ALL"),
    (b"STORE", b" 1 FLAGS ", b"a ", b"b"),
    (b"STORE", b" 1 FLAGS (", b"\\Seen ", b"b)"),
    (b"STORE", b" 1 FLAGS a", b" ", b"b"),
    (b"LIST", b' "" (', b"%* ", b"%)"),
    (b"LIST", b' "" ', b"%", b""),
    (b"STATUS", b" INBOX (", b"MESSAGES ", b"UNSEEN)"),
    (b"ID", b" (", b'"a" "b" ', b")"),
    (b"SELECT", b' "', b'\\"', b'"'),
    (b"SELECT", b" ", b"&AOE-", b""),
    (b"SELECT", b" &", b"A", b"-"),
    (b"NOTIFY", b" SET ", b"(inboxes (MessageNew)) ", b"(personal NONE)"),
    (b"SETMETADATA", b" INBOX (", b"/private/a NIL ", b"/private/b NIL)"),
    (b"SETACL", b" INBOX an ", b"lrs", b""),
    (b"ENABLE", b" ", b"CONDSTORE ", b"UTF8=ACCEPT"),
]


@pytest.mark.parametrize(("name", "before", "fragment", "behind"), IMAP)
def test_imap_commands(name: bytes, before: bytes, fragment: bytes, behind: bytes) -> None:
    check(lambda times: COMMANDS[name].parse(Cursor(before + fragment * times + behind)), 100)


class AppendGate(Gate):
    """Asks about every literal what the door asks about messages."""

    def __init__(self) -> None:
        room = SimpleNamespace(has=lambda _size: True)
        services = SimpleNamespace(settings=SimpleNamespace(append_limit=1_000_000), store=SimpleNamespace(room=room))
        self.session = cast(Any, SimpleNamespace(enabled=SimpleNamespace(utf8=False), services=services))

    def admit(self, frame: Frame, size: int) -> Reply | None:
        return append.admit(self.session, frame, size)


def test_several_messages_in_one_append() -> None:
    """RFC 3502: what has been read of the arguments is not read again for each message."""

    def work(times: int) -> None:
        stream = b"a APPEND INBOX" + b" (\\Seen a b) {1+}\r\nx" * times + b"\r\n"
        frame = result_of(read_frame(Fed([stream]), AppendGate(), ReadLimits(60_000, 60_000, idle=1, literal=1)))
        assert frame.refusal is None
        assert len(frame.literals) == times
        command = COMMANDS[b"APPEND"].parse(Cursor(frame.data[8:], at_offsets(frame, 8)))
        assert len(command.messages) == times

    check(work, 20)


def at_offsets(frame: Frame, cut: int) -> dict[int, MemoryLiteral]:
    return {at - cut: literal for at, literal in frame.literals.items() if isinstance(literal, MemoryLiteral)}


@pytest.mark.parametrize("fragment", [b"&AOE-", b"&-", b"&", b"a", "ệ".encode()])
def test_names_of_folders(fragment: bytes) -> None:
    check(lambda times: decode(fragment * times), 100)


@pytest.mark.parametrize("pattern", ["*a", "%", "a%", "%/", "*%"])
def test_patterns_cost_their_length_times_that_of_a_name(pattern: str) -> None:
    check(lambda times: make_patterns("", [pattern * 20])[0].matches("a" * times), 50)
    check(lambda times: make_patterns("", [pattern * times])[0].matches("a" * 20), 50)


@pytest.mark.parametrize("fragment", ["<", '"', "\\", "a@", "@a,", " A=B", " A", "a.", "[", '"\\"', "é"])
def test_smtp_paths(fragment: str) -> None:
    for shape in ("FROM:<a@b> {}", "FROM:<{}>", 'FROM:<"{}"@a>', "FROM:{}"):
        check(lambda times, shape=shape: parse(shape.format(fragment * times), "FROM:"), 100)  # type: ignore[misc]


@pytest.mark.parametrize("fragment", [b"\r\n.", b".", b"\r\n..\r\n", b"\r", b"\n", b"a" * 50])
def test_data_in_small_chunks(fragment: bytes) -> None:
    def work(times: int) -> None:
        decoder = DataDecoder(lambda _octets: None, 1_000_000)
        for _ in range(times):
            decoder.feed(fragment)

    check(work, 100)


@pytest.mark.parametrize(
    "fragment",
    [
        b"Authentication-Results: mx;\r\n",
        b"a;",
        b"(",
        b'"',
        b"a=b;",
        b" ip4:1.2.3.4",
        b" a:%{d}",
        b"h=from:",
        b"\r\n ",
        b" ",
    ],
)
def test_what_senders_are_judged_by(fragment: bytes) -> None:
    def work(times: int) -> None:
        raw = fragment * times
        header.without_forged(b"Authentication-Results: " + raw + b"\r\n\r\n", "mx")
        header.read_ours(b"Authentication-Results: mx; " + raw + b"\r\n\r\n")
        message = Message.read(b"DKIM-Signature: v=1; " + raw + b"\r\n\r\n" + raw, NOW)
        assert len(message.found) <= 10
        spf_record.read("v=spf1 " + raw.decode("latin-1"))

    check(work, SIZE)
