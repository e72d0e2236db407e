"""What clients are known to break on, each with where it was seen; the transcripts hold the others."""

from __future__ import annotations

import re

from mailserver.imap.settings import MIB
from tests.mailserver.imap.conftest import Door
from tests.mailserver.imap.test_shared import grant
from tests.mailserver.mime.samples import nested
from tests.support.dialogue import mail


async def test_what_clients_stumble_over_is_not_announced(door: Door) -> None:
    """Office 365 enables UIDONLY and then asks by sequence number (mox #388, modern-email/defects #49); iOS
    waits for partial flushes of COMPRESS (mox f6132bd); XAPPLEPUSHSERVICE certificates are no longer renewed.
    Both LITERAL+ and LITERAL- may not be there (RFC 7888 §5)."""
    client = await door.client(None)
    announced = client.greeting.split()
    await client.ok('LOGIN an "mat khau"')
    announced += (await client.ok("CAPABILITY"))[0].split()
    assert not {b"UIDONLY", b"COMPRESS=DEFLATE", b"XAPPLEPUSHSERVICE", b"LITERAL-"} & set(announced)
    assert announced.count(b"LITERAL+") == 2


async def test_id_switches_nothing_on(door: Door) -> None:
    """RFC 2971 §1: nothing may depend on what a client says it is."""
    client = await door.client()
    before = await client.ok("CAPABILITY")
    await client.ok('ID ("name" "Outlook" "vendor" "Microsoft")')
    assert await client.ok("CAPABILITY") == before


async def test_the_list_of_id_may_be_padded(door: Door) -> None:
    """aioimaplib 2.0: `arguments_rfs2971` puts spaces inside the parentheses."""
    client = await door.client()
    assert (await client.ok('ID ( "name" "collector" "version" NIL )'))[0] == b'* ID ("name" "Vanthu")'
    assert (await client.command('ID ( "name" )'))[-1].startswith(b"BAD")


async def test_a_message_that_imaplib_has_wrapped_is_unwrapped(door: Door) -> None:
    """cpython #78319: after ENABLE UTF8=ACCEPT, imaplib up to Python 3.12 puts `UTF8 (` inside the literal."""
    client = await door.selected()
    wrapped = b"UTF8 (" + mail() + b")"
    assert (await client.append("INBOX", wrapped)).startswith(b"OK")
    await client.ok("ENABLE UTF8=ACCEPT")
    for small_or_large in (mail(), mail(text="x" * 300_000)):
        assert (await client.append("INBOX", b"UTF8 (" + small_or_large + b")")).startswith(b"OK")
    sizes = [line.split()[-1] for line in await client.ok("FETCH 1:* RFC822.SIZE") if line.startswith(b"* ")]
    expected = [len(wrapped), len(mail()), len(mail(text="x" * 300_000))]
    assert [int(size.rstrip(b")")) for size in sizes if size.endswith(b")")] == expected


async def test_a_message_without_from_has_one_in_its_envelope(door: Door) -> None:
    """stalwart 0.5.1: clients break on From NIL."""
    client = await door.selected()
    assert (await client.append("INBOX", b"Subject: x\r\n\r\nbody\r\n")).startswith(b"OK")
    await client.ok("NOOP")
    envelope = (await client.ok("FETCH 1 ENVELOPE"))[0]
    assert envelope == (
        b'* 1 FETCH (ENVELOPE (NIL "x" ((NIL NIL "MISSING_MAILBOX" "MISSING_DOMAIN"))'
        b' ((NIL NIL "MISSING_MAILBOX" "MISSING_DOMAIN")) ((NIL NIL "MISSING_MAILBOX" "MISSING_DOMAIN"))'
        b" NIL NIL NIL NIL NIL))"
    )


async def test_envelope_and_bodystructure_are_ascii_whatever_the_message_holds(door: Door) -> None:
    """stalwart 0.16.17: raw UTF-8 only for those who have enabled it; iOS sends 8-bit headers (mox `:2168`)."""
    client = await door.selected()
    raw = (
        "From: Nguyễn Văn An <an@bench.test>\r\nTo: Bình <binh@sxd.gov.vn>\r\nSubject: Thông báo\r\n"
        'Content-Type: application/pdf; name="Công văn.pdf"\r\n'
        'Content-Disposition: attachment; filename="Công văn.pdf"\r\nContent-Description: Bản gốc\r\n\r\nx\r\n'
    ).encode()
    assert (await client.append("INBOX", raw)).startswith(b"OK")
    await client.ok("NOOP")
    line = (await client.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE BODY)"))[0]
    assert line.isascii()
    assert b"=?" in line
    header = (await client.ok("FETCH 1 BODY.PEEK[HEADER]"))[0]
    assert "Subject: Thông báo".encode() in header


async def test_an_encoded_content_type_of_old_macos_is_read(door: Door) -> None:
    """Cyrus `message.c:1248`: RFC 2047 around the whole field."""
    client = await door.selected()
    raw = b"From: a@bench.test\r\nContent-Type: =?us-ascii?Q?text/html;_charset=3Dutf-8?=\r\n\r\n<p>x</p>\r\n"
    await client.append("INBOX", raw)
    await client.ok("NOOP")
    assert b'BODYSTRUCTURE ("text" "html" ("charset" "utf-8")' in (await client.ok("FETCH 1 BODYSTRUCTURE"))[0]


async def test_a_message_in_a_thousand_layers_has_a_bodystructure_with_an_end(door: Door) -> None:
    """CVE-2025-61600, CVE-2026-26312, CVE-2026-27859 (Dovecot): nesting took memory without bound."""
    client = await door.selected()
    raw = nested(1000)
    assert (await client.append("INBOX", raw)).startswith(b"OK")
    await client.ok("NOOP")
    line = (await client.ok("FETCH 1 BODYSTRUCTURE"))[0]
    assert len(line) < 2 * len(raw)
    assert line.count(b"(") == line.count(b")")


async def test_the_same_message_again_gets_its_uid(door: Door) -> None:
    """stalwart 0.12.4, 0.16.17: without the new UID, or with ALREADYEXISTS, clients try again for ever."""
    client = await door.selected()
    assert re.match(rb"OK \[APPENDUID \d+ 1\] ", await client.append("INBOX", mail("a")))
    assert re.match(rb"OK \[APPENDUID \d+ 2\] ", await client.append("INBOX", mail("a")))
    for uid in (b"1", b"2"):
        answer = (await client.ok("UID COPY 1 Archive"))[-1]
        assert re.match(rb"OK \[COPYUID \d+ 1 %b\] " % uid, answer)
    assert re.match(rb"\* OK \[COPYUID \d+ 1 3\] ", (await client.ok("UID MOVE 1 Archive"))[0])


async def test_uidvalidity_is_never_0_and_status_lines_have_no_loose_ends(door: Door) -> None:
    """modern-email/defects #52 and README: UIDVALIDITY 0, a space behind STATUS, codes without a text."""
    client = await door.client()
    lines = await client.ok('LIST "" "*" RETURN (STATUS (UIDVALIDITY MESSAGES))')
    figures = [line for line in lines if line.startswith(b"* STATUS")]
    assert len(figures) >= 6
    assert all(re.search(rb" \(UIDVALIDITY [1-9]\d* MESSAGES \d+\)$", line) for line in figures)
    lines = await client.ok("SELECT INBOX") + await client.ok("NOOP") + await client.ok("CLOSE")
    for line in lines:
        assert not re.search(rb"(?:OK|\])\s*$", line), line


async def test_folders_of_others_exist_also_in_an_extended_list(door: Door) -> None:
    """tmail-backend #1415: marked \\NonExistent, Thunderbird could not move mail into them."""
    await grant(door, door.office.planning, door.office.binh, "manage")
    client = await door.client("binh")
    commands = (
        'LIST (SUBSCRIBED RECURSIVEMATCH) "" "*" RETURN (CHILDREN)',
        'LIST (SUBSCRIBED) "" "*" RETURN (SUBSCRIBED STATUS (MESSAGES))',
        'LIST "" "*" RETURN (SUBSCRIBED)',
    )
    for command in commands:
        lines = await client.ok(command)
        assert not any(b"\\NonExistent" in line for line in lines), command
        inbox = [line for line in lines if line.startswith(b"* LIST") and line.endswith(b'/INBOX"')]
        assert len(inbox) == 1, command
        assert b"\\Noselect" not in inbox[0]


async def test_reading_a_large_message_slowly_holds_nobody_up(door: Door) -> None:
    """mox b822533: FETCH held the write lock while it wrote to a slow client."""
    reader, writer = await door.selected(), await door.client()
    await writer.append("INBOX", mail(text="x" * 70 + "\r\n" + ("y" * 76 + "\r\n") * (8 * MIB // 78)))
    await reader.ok("NOOP")
    await reader.send(b"slow UID FETCH 1 BODY.PEEK[]\r\n")
    assert (await writer.append("INBOX", mail("b"))).startswith(b"OK")
    assert (await writer.ok("STATUS INBOX (MESSAGES)"))[0].endswith(b"(MESSAGES 2)")
    assert (await reader.until(b"slow"))[-1].startswith(b"slow OK")
