"""What hostile and broken clients get (RELIABILITY: IMAP memory and CPU, LITERAL+ desync, cross-protocol)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailbox_policies import chain
from mailbox_policies.rules.message_size import Settings
from mailserver.actor import SYSTEM
from mailserver.directory import grants
from mailserver.directory.agencies import create_agency_tx
from mailserver.directory.posts import create_unit_tx
from mailserver.imap import server
from mailserver.imap.connection import READ_AHEAD, WRITE_HIGH, Connection
from mailserver.imap.conversation import BEFORE_LOGIN, COMMANDS_BEFORE_LOGIN, LINE
from mailserver.store import folders
from mailserver.store.database import Tx
from mailserver.store.entries import append_tx, copy_tx
from mailserver.store.ingest import prepare
from mailserver.store.store import Store
from tests.mailserver.imap.conftest import PASSWORD, Door, OpenDoor
from tests.support.dialogue import Client, eventually, mail


async def test_a_literal_before_login_has_8_kib_at_most(door: Door) -> None:
    client = await door.client(None)
    await client.send(b"a LOGIN {%d}\r\n" % (BEFORE_LOGIN + 1))
    assert (await client.line()).startswith(b"a BAD [TOOBIG]")
    await client.send(b"b LOGIN {2}\r\n")
    assert (await client.line()).startswith(b"+")
    await client.send(b"an {%d}\r\n" % BEFORE_LOGIN)
    assert (await client.line()).startswith(b"b BAD [TOOBIG]")
    await client.send(b"c LOGIN {2}\r\n")
    await client.line()
    await client.send(b"an {8}\r\n")
    await client.line()
    await client.send(PASSWORD.encode() + b"\r\n")
    assert (await client.line()).startswith(b"c OK")


async def test_an_oversized_literal_plus_is_read_over_and_never_run(door: Door) -> None:
    """stalwart #2768, Roundcube 2026: what is inside must not become commands."""
    client = await door.client(None)
    inside = b"x LOGOUT\r\n" * 2000
    await client.send(b"a LOGIN {%d+}\r\n" % len(inside) + inside + b" b\r\nc NOOP\r\n")
    assert (await client.line()).startswith(b"a BAD [TOOBIG]")
    assert (await client.line()).startswith(b"c OK")


@pytest.mark.parametrize("end", [b"", b" {3+}\r\nabc"])
async def test_a_line_that_is_too_long_is_dropped_with_what_hangs_on_it(door: Door, end: bytes) -> None:
    client = await door.client()
    await client.send(b"a NOOP " + b"x" * (3 * LINE) + end + b"\r\nb NOOP\r\n")
    assert (await client.line()).startswith(b"a BAD")
    assert (await client.line()).startswith(b"b OK")


async def test_a_line_of_64_kib_is_taken(door: Door) -> None:
    """Dovecot `imap-settings.c:104`."""
    client = await door.selected()
    await client.append("INBOX", mail())
    numbers = "1," * ((LINE - 100) // 2) + "1"
    assert await client.ok(f"UID FETCH {numbers} UID")


async def test_messages_are_named_in_a_line_of_400_kib_and_no_others(door: Door) -> None:
    """RELIABILITY §2.2: who marks half of a large folder names tens of thousands of messages one by one."""
    client = await door.selected()
    for number in range(2):
        await client.append("INBOX", mail(str(number)))
    numbers = ",".join(str(number) for number in (1, *range(100_001, 158_001)))
    assert len(numbers) > 6 * LINE
    assert (await client.ok(f"UID FETCH {numbers} UID"))[-2] == b"* 1 FETCH (UID 1)"
    assert (await client.ok(f"UID SEARCH UID {numbers}"))[0] == b"* SEARCH 1"
    await client.ok(f"UID STORE {numbers} +FLAGS.SILENT (\\Seen)")
    for line in (f"NOOP {numbers}", f"UID FETCH {numbers},{numbers} UID", "UID FETCH " + "1," * 100_000 + "1 UID"):
        await client.send(b"a " + line.encode() + b"\r\nb NOOP\r\n")
        assert (await client.line()).startswith(b"a BAD")
        assert (await client.line()).startswith(b"b OK")


async def test_messages_have_a_limit_which_is_announced(open_door: OpenDoor) -> None:
    door = await open_door(append_limit=1000)
    client = await door.client()
    assert b"APPENDLIMIT=1000" in (await client.ok("CAPABILITY"))[0]
    await client.send(b"a APPEND INBOX {1001}\r\n")
    assert (await client.line()).startswith(b"a NO [TOOBIG]")
    assert (await client.append("INBOX", b"x" * 5000)).startswith(b"NO [TOOBIG]")
    await client.send(b"b APPEND INBOX {99999999999999999999}\r\n")
    assert (await client.line()).startswith(b"b NO [TOOBIG]")
    assert b"MESSAGES 0" in (await client.ok("STATUS INBOX (MESSAGES)"))[0]


async def test_arguments_in_the_wrong_order_are_refused_before_the_message_is_invited(door: Door) -> None:
    """Dovecot waits for the literal; a client that waits for "+" then hangs."""
    client = await door.client()
    await client.send(b'a APPEND INBOX "17-Jul-1996 02:44:25 -0700" (\\Seen) {10}\r\n')
    assert (await client.line()).startswith(b"a BAD")


async def test_other_literals_are_small(door: Door) -> None:
    client = await door.selected()
    await client.send(b"a SEARCH TEXT {70000}\r\n")
    assert (await client.line()).startswith(b"a BAD [TOOBIG]")


async def test_a_client_that_breaks_off_in_the_middle_of_an_append_leaves_nothing(door: Door) -> None:
    client = await door.client()
    await client.send(b"a APPEND INBOX {1000000}\r\n")
    assert (await client.line()).startswith(b"+")
    await client.send(b"x" * 600_000)
    await client.close()

    async def gone() -> bool:
        return door.server.connections == 0

    await eventually(gone)
    other = await door.client()
    assert b"MESSAGES 0" in (await other.ok("STATUS INBOX (MESSAGES)"))[0]


async def test_twenty_invalid_commands_end_the_connection(open_door: OpenDoor) -> None:
    door = await open_door(bad_commands=5)
    client = await door.client()
    for _ in range(4):
        await client.command("NONSENSE")
    await client.ok("NOOP")
    for _ in range(5):
        await client.command("NONSENSE")
    assert (await client.line()).startswith(b"* BYE")
    assert await client.ended()


async def test_somebody_who_never_signs_in_is_sent_away(door: Door) -> None:
    client = await door.client(None)
    for _ in range(COMMANDS_BEFORE_LOGIN):
        await client.command("NOOP")
    assert (await client.line()).startswith(b"* BYE")
    assert await client.ended()


async def test_signing_in_may_take_three_minutes(door: Door) -> None:
    slow, quick = await door.client(None), await door.client()
    door.clock.advance(179)
    await slow.ok("NOOP")
    await quick.ok("NOOP")
    door.clock.advance(2)
    assert (await slow.line()).startswith(b"* BYE")
    assert await slow.ended()
    await quick.ok("NOOP")


async def test_half_an_hour_of_silence_ends_a_session_and_less_does_not(door: Door) -> None:
    client = await door.selected()
    door.clock.advance(29 * 60)
    await client.ok("NOOP")
    door.clock.advance(30 * 60)
    assert (await client.line()).startswith(b"* BYE")


async def test_idle_says_still_here_every_two_minutes(door: Door) -> None:
    """Dovecot `imap_idle_notify_interval`, James `IdleProcessor.java:145`: Outlook and NAT need it."""
    client = await door.selected()
    await client.send(b"a IDLE\r\n")
    await client.line()
    for _ in range(14):
        door.clock.advance(120)
        assert await client.line() == b"* OK Still here"
    await client.send(b"DONE\r\n")
    assert (await client.line()).startswith(b"a OK")


@pytest.mark.parametrize(
    "request_line", [b"GET / HTTP/1.1", b"POST /x HTTP/1.0", b"CONNECT a:25 HTTP/1.1", b"Host: mail"]
)
async def test_a_browser_is_sent_away(door: Door, request_line: bytes) -> None:
    """Cross-protocol attack: a page that posts to this port must not get a command through."""
    client = await door.client(None)
    await client.send(request_line + b"\r\nx: a LOGIN an y\r\n\r\n")
    assert (await client.line()).startswith(b"* BYE")
    assert await client.ended()


async def test_connections_of_one_address_have_a_limit(open_door: OpenDoor) -> None:
    door = await open_door(trusted_networks=(), connections_per_address=3)
    clients = [await door.client(None) for _ in range(3)]
    refused = await door.client(None)
    assert refused.greeting.startswith(b"* BYE [LIMIT]")
    await clients[0].ok("LOGOUT")
    await clients[0].ended()

    async def admitted() -> bool:
        return (await door.client(None)).greeting.startswith(b"* OK")

    await eventually(admitted)


async def test_the_last_descriptors_of_the_process_are_for_the_store(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "is_one_of_the_last", lambda _sock: True)
    refused = await door.client(None)
    assert refused.greeting.startswith(b"* BYE [UNAVAILABLE]")
    assert await refused.ended()
    monkeypatch.undo()
    assert (await door.client(None)).greeting.startswith(b"* OK")


async def test_connections_of_one_user_have_a_limit_but_not_from_trusted_networks(open_door: OpenDoor) -> None:
    """An office behind one NAT address must not lock itself out (NethServer #7091)."""
    strict = await open_door(trusted_networks=(), connections_per_user=2)
    for _ in range(2):
        await strict.client()
    third = await strict.client(None)
    assert (await third.command(f'LOGIN an "{PASSWORD}"'))[-1].startswith(b"NO [LIMIT]")
    assert (await third.command(f'LOGIN binh "{PASSWORD}"'))[-1].startswith(b"OK")
    trusting = await open_door(connections_per_user=2)
    for _ in range(4):
        await trusting.client()


async def test_pipelined_commands_are_answered_in_order(door: Door) -> None:
    """Apple Mail counts on it (Dovecot `imap-sync.c:643`); STORE before EXPUNGE (stalwart 0.16.14)."""
    client = await door.selected()
    for number in range(3):
        await client.append("INBOX", mail(str(number)))
    await client.send(b"x STORE 2 +FLAGS.SILENT (\\Deleted)\r\ny EXPUNGE\r\nz UID SEARCH ALL\r\n")
    lines = await client.until(b"z")
    assert [line.split()[0:2] for line in lines if not line.startswith(b"*")] == [
        [b"x", b"OK"],
        [b"y", b"OK"],
        [b"z", b"OK"],
    ]
    assert b"* 2 EXPUNGE" in lines
    assert b"* SEARCH 1 3" in lines


def stalled(door: Door) -> Connection:
    """The server's side of the one session that has a folder open."""
    (found,) = (session for session in door.server._sessions if session.state.value == "selected")
    return found.connection


async def settled(door: Door, client: Client) -> None:
    """Let the server do what it can for a client that reads nothing."""
    other = await door.client()
    for _ in range(30):
        await other.ok("NOOP")
    assert client.writer.transport.is_reading() is False  # type: ignore[attr-defined]


@pytest.mark.parametrize(("size", "count"), [(10_000_000, 1), (50_000, 200), (2_000, 3_000)])
async def test_a_reader_that_stalls_holds_little_memory(door: Door, size: int, count: int) -> None:
    """A FETCH of some 10 MB to a client that reads nothing waits; others go on, and it comes whole in the end."""
    message = mail(text="x" * 70) + (b"y" * 98 + b"\r\n") * (size // 100)
    prepared = prepare(message, door.store.blobs)

    def fill(tx: Tx) -> None:
        inbox = folders.get(tx.conn, door.office.an, "INBOX")
        append_tx(tx, inbox.id, prepared, 0, "", 0)
        held = 1
        while held < count:
            more = min(held, count - held)
            copy_tx(tx, inbox.id, range(1, more + 1), inbox.id)
            held += more

    await door.store.db.awrite(fill, SYSTEM)
    client = await door.selected()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await client.send(b"a FETCH 1:* BODY.PEEK[]\r\n")
    await settled(door, client)
    assert stalled(door).transport.get_write_buffer_size() < 2_000_000
    client.writer.transport.resume_reading()  # type: ignore[attr-defined]
    said = 0
    while not (line := await client.line()).startswith(b"a OK"):
        assert line == b"* %d FETCH (BODY[] {%d}\r\n%b)" % (said + 1, len(message), message)
        said += 1
    assert said == count


async def test_commands_that_nobody_reads_the_answers_of_pile_up_nowhere(door: Door) -> None:
    """One command is carried out at a time; what comes meanwhile stays in the network."""
    client = await door.selected()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    client.writer.write(b"a NOOP\r\n" * 1_000_000)
    await settled(door, client)
    connection = stalled(door)
    assert connection.buffered() < 2 * READ_AHEAD + 256 * 1024
    assert connection.transport.get_write_buffer_size() < 2 * WRITE_HIGH
    client.writer.transport.abort()


async def test_a_set_of_numbers_is_bounded(door: Door) -> None:
    client = await door.client()
    for number in range(3):
        await client.append("INBOX", mail(str(number)))
    await client.ok("SELECT INBOX")
    many = ",".join(["1:*", "2", "*"] * 6_000)
    assert (await client.ok(f"FETCH {many} UID"))[:-1] == [b"* %d FETCH (UID %d)" % (n, n) for n in (1, 2, 3)]
    assert (await client.ok(f"UID SEARCH UID {many}"))[0] == b"* SEARCH 1 2 3"
    assert (await client.command(f"FETCH {many},{many},{many},{many} UID"))[-1].startswith(b"BAD")


async def test_going_down_says_bye_to_everybody(door: Door) -> None:
    """SIGTERM: idling sessions are told at once, commands under way are finished."""
    idle, quiet, busy = [await door.selected() for _ in range(3)]
    await idle.send(b"a IDLE\r\n")
    await idle.line()
    await busy.send(b"b APPEND INBOX {%d+}\r\n%b\r\n" % (len(mail()), mail()))
    assert any(line.startswith(b"b OK") for line in await busy.until(b"b"))
    await door.server.drain(5)
    assert b"* BYE" in await idle.reader.read()
    assert b"* BYE" in await quiet.reader.read()
    assert door.server.connections == 0


async def test_a_message_is_held_to_the_limit_of_the_mailbox_owners_agency(open_door: OpenDoor, store: Store) -> None:
    def neighbour_tx(tx: Tx) -> tuple[int, int]:
        agency = create_agency_tx(tx, "SYT", "Sở Y tế", "syt.gov.vn", "syt")
        return agency, create_unit_tx(tx, agency, "KH", "Ke hoach", "kehoach")

    agency, unit = store.db.write(neighbour_tx, SYSTEM)
    limits = {agency: 3_000}
    door = await open_door(
        policy=chain.standard(lambda agency_id: chain.Settings(Settings(limits.get(agency_id or 0, 9_000))))
    )
    begun = datetime.now(UTC) - timedelta(minutes=1)
    await store.db.awrite(lambda tx: grants.grant_tx(tx, unit, door.office.an, ["handle"], begun), SYSTEM)
    client = await door.client()
    between = b"Subject: x\r\n\r\n" + b"x" * 5_000
    assert (await client.append("INBOX", between)).startswith(b"OK")
    assert (await client.append('"Shared/Ke hoach/INBOX"', between)).startswith(b"NO [TOOBIG]")
    assert (await client.append('"Shared/Ke hoach/INBOX"', between[:2_000])).startswith(b"OK")
    assert (await client.append("INBOX", between * 2)).startswith(b"NO [TOOBIG]")


async def test_a_changed_limit_is_announced_to_who_connects_next(door: Door) -> None:
    early = await door.client()
    door.server.announce(2_000)
    late = await door.client()
    assert b"APPENDLIMIT=2000" in (await late.ok("CAPABILITY"))[0]
    assert b"APPENDLIMIT=2000" not in (await early.ok("CAPABILITY"))[0]
