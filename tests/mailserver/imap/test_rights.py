"""Every command asks for its right on the folder it is about (RFC 4314 §4): a table, row by row."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mailserver.actor import SYSTEM
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.rights import parse_rights, written
from mailserver.store import acl, folders
from mailserver.store.entries import append_tx, snapshot
from mailserver.store.flags import Flag
from mailserver.store.ingest import prepare
from mailserver.store.letters import ALL, NONE, Letters, allowed_flags
from mailserver.store.tx import Tx
from tests.mailserver.imap.conftest import Door
from tests.support.dialogue import Client, mail

BOX = '"Other Users/an/Chung"'
BELOW = '"Other Users/an/Chung/a"'
OPEN = frozenset("lr")  # to have the folder open at all


@dataclass(frozen=True)
class Row:
    """command: needs all of `needed`. selected: it is about the folder that is open."""

    command: str
    needed: str
    selected: bool = False


ROWS = (
    Row(f"SELECT {BOX}", "r"),
    Row(f"EXAMINE {BOX}", "r"),
    Row(f"STATUS {BOX} (MESSAGES)", "r"),
    Row(f"APPEND {BOX} {{3+}}\r\nabc", "i"),
    Row(f"CREATE {BELOW}", "k"),
    Row(f"DELETE {BOX}", "x"),
    Row(f"RENAME {BOX} {BELOW}", "x"),
    Row(f"GETACL {BOX}", "a"),
    Row(f"SETACL {BOX} anyone lr", "a"),
    Row(f"DELETEACL {BOX} anyone", "a"),
    Row(f"LISTRIGHTS {BOX} anyone", "a"),
    Row("STORE 1 +FLAGS (\\Seen)", "s", selected=True),
    Row("STORE 1 -FLAGS (\\Deleted)", "t", selected=True),
    Row("STORE 1 +FLAGS (\\Flagged)", "w", selected=True),
    Row("STORE 1 +FLAGS (\\Answered)", "w", selected=True),
    Row("STORE 1 +FLAGS (\\Draft)", "w", selected=True),
    Row("STORE 1 +FLAGS ($Important)", "w", selected=True),
    Row("UID STORE 1 FLAGS (\\Flagged)", "w", selected=True),
    Row("EXPUNGE", "e", selected=True),
    Row("UID EXPUNGE 1", "e", selected=True),
    Row("MOVE 1 Archive", "te", selected=True),
    Row("REPLACE 1 Drafts {3+}\r\nabc", "te", selected=True),
    Row("UID MOVE 1 Archive", "te", selected=True),
)


def fill_tx(tx: Tx, door: Door, first: object, second: object) -> int:
    folder = folders.create_tx(tx, door.office.an, "Chung")
    append_tx(tx, folder.id, first, Flag.DELETED, "", 0)  # type: ignore[arg-type]
    append_tx(tx, folder.id, second, 0, "", 0)  # type: ignore[arg-type]
    return folder.id


async def box(door: Door, letters: Letters) -> int:
    """A's folder with two messages, the first \\Deleted, on which B has these letters."""
    one, two = (prepare(mail(f"Số {number}"), door.store.blobs) for number in range(2))

    def work(tx: Tx) -> int:
        folder_id = fill_tx(tx, door, one, two)
        acl.put_tx(tx, folder_id, door.office.binh, letters)
        return folder_id

    return await door.store.db.awrite(work, SYSTEM)


async def give(door: Door, folder_id: int, letters: Letters) -> None:
    await door.store.db.awrite(lambda tx: acl.put_tx(tx, folder_id, door.office.binh, letters), SYSTEM)


async def flags_of(door: Door, folder_id: int) -> list[tuple[int, str]]:
    def read(conn: object) -> list[tuple[int, str]]:
        found = snapshot(conn, folder_id)  # type: ignore[arg-type]
        return list(zip(found.flags, found.keywords, strict=True))

    return await door.store.db.aread(read)


async def answer(door: Door, row: Row) -> bytes:
    client = await door.client("binh")
    if row.selected:
        await client.ok(f"SELECT {BOX}")
    return (await client.command(row.command))[-1]


@pytest.mark.requirement("R-028")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.command.split("\r")[0].replace("Other Users/an/", ""))
async def test_a_command_needs_its_right_and_no_other(door: Door, row: Row) -> None:
    folder_id = await box(door, NONE)
    before = await flags_of(door, folder_id)
    for right in row.needed:
        await give(door, folder_id, ALL - {right})
        assert (await answer(door, row)).startswith(b"NO [NOPERM]"), right
        assert await flags_of(door, folder_id) == before
    if not row.selected:
        await give(door, folder_id, ALL - {*row.needed, "l"})  # who may not list it learns nothing
        assert (await answer(door, row)).startswith((b"NO [NONEXISTENT]", b"NO [TRYCREATE]"))
    await give(door, folder_id, frozenset(row.needed) | (OPEN if row.selected else NONE))
    if row.command.startswith("RENAME"):
        await give(door, folder_id, frozenset("xk"))
        assert (await answer(door, row)).startswith(b"NO [CANNOT]")  # the right is there; under itself is not
        return
    assert (await answer(door, row)).startswith(b"OK")


async def test_a_folder_is_listed_with_l_and_tells_its_figures_with_r(door: Door) -> None:
    folder_id = await box(door, ALL - {"l"})
    client = await door.client("binh")
    assert not any(b"Chung" in line for line in await client.ok('LIST "" *'))
    assert not any(b"Chung" in line for line in await client.ok('LSUB "" *'))
    await give(door, folder_id, frozenset("l"))
    lines = await client.ok('LIST "" "Other*" RETURN (MYRIGHTS STATUS (MESSAGES))')
    assert b'* LIST (\\HasNoChildren) "/" %b' % BOX.encode() in lines
    assert b"* MYRIGHTS %b l" % BOX.encode() in lines
    assert not any(line.startswith(b"* STATUS") for line in lines)
    await give(door, folder_id, frozenset("lr"))
    lines = await client.ok('LIST "" "Other*" RETURN (STATUS (MESSAGES))')
    assert b"* STATUS %b (MESSAGES 2)" % BOX.encode() in lines


async def test_renaming_needs_k_where_the_folder_comes_to(door: Door) -> None:
    folder_id = await box(door, frozenset("lx"))
    client = await door.client("binh")
    rename = f'RENAME {BOX} "Other Users/an/Archive/Chung"'
    assert (await client.command(rename))[-1].startswith(b"NO [NONEXISTENT]")
    archive = await door.store.db.aread(lambda conn: folders.get(conn, door.office.an, "Archive").id)
    await give(door, archive, frozenset("l"))
    assert (await client.command(rename))[-1].startswith(b"NO [NOPERM]")
    await give(door, archive, frozenset("lk"))
    await client.ok(rename)
    assert (await door.store.db.aread(lambda conn: folders.by_id(conn, folder_id))).name == "Archive/Chung"


async def test_reading_leaves_no_mark_without_s(door: Door) -> None:
    folder_id = await box(door, frozenset("lrw"))
    client = await door.client("binh")
    await client.ok(f"SELECT {BOX}")
    await client.ok("FETCH 2 BODY[]")
    assert (await flags_of(door, folder_id))[1] == (0, "")
    await give(door, folder_id, frozenset("lrs"))
    client = await door.client("binh")
    await client.ok(f"SELECT {BOX}")
    await client.ok("FETCH 2 BODY[]")
    assert (await flags_of(door, folder_id))[1] == (Flag.SEEN, "")


async def test_closing_expunges_only_with_e(door: Door) -> None:
    folder_id = await box(door, ALL - {"e"})
    for letters, left in ((ALL - {"e"}, 2), (frozenset("lre"), 1)):
        await give(door, folder_id, letters)
        client = await door.client("binh")
        await client.ok(f"SELECT {BOX}")
        await client.ok("CLOSE")
        assert len(await flags_of(door, folder_id)) == left


@pytest.mark.parametrize(
    ("letters", "bits", "keywords"),
    [
        ("i", 0, ""),
        ("is", Flag.SEEN, ""),
        ("it", Flag.DELETED, ""),
        ("iw", Flag.ANSWERED | Flag.FLAGGED, "$Important"),
        ("istw", Flag.SEEN | Flag.ANSWERED | Flag.FLAGGED | Flag.DELETED, "$Important"),
    ],
)
async def test_flags_come_into_a_folder_as_far_as_they_may_be_set_there(
    door: Door, letters: str, bits: int, keywords: str
) -> None:
    """APPEND, COPY and MOVE alike."""
    folder_id = await box(door, frozenset(letters) | OPEN)
    flags = "(\\Seen \\Answered \\Flagged \\Deleted $Important)"
    client = await door.client("binh")
    for _ in range(2):
        assert (await client.append("INBOX", mail("của tôi"), flags + " ")).startswith(b"OK")
    assert (await client.append(BOX, mail("mới"), flags + " ")).startswith(b"OK")
    await client.ok("SELECT INBOX")
    await client.ok(f"COPY 1 {BOX}")
    await client.ok(f"MOVE 1 {BOX}")
    assert (await flags_of(door, folder_id))[2:] == [(bits, keywords)] * 3


@pytest.mark.parametrize(
    ("letters", "state", "flags"),
    [
        ("lr", b"READ-ONLY", b""),
        ("lrs", b"READ-WRITE", b"\\Seen"),
        ("lrt", b"READ-WRITE", b"\\Deleted"),
        ("lri", b"READ-WRITE", b""),
        ("lrwst", b"READ-WRITE", b"\\Seen \\Answered \\Flagged \\Deleted \\Draft \\*"),
    ],
)
async def test_opening_says_which_flags_may_be_changed(door: Door, letters: str, state: bytes, flags: bytes) -> None:
    await box(door, frozenset(letters))
    client = await door.client("binh")
    lines = await client.ok(f"SELECT {BOX}")
    assert b"* OK [PERMANENTFLAGS (%b)] Flags permitted" % flags in lines
    assert lines[-1].startswith(b"OK [%b]" % state)


async def test_a_folder_one_may_only_put_mail_into_takes_it(door: Door) -> None:
    folder_id = await box(door, frozenset("i"))
    client: Client = await door.client("binh")
    assert (await client.append(BOX, mail("góp ý"))).startswith(b"OK")
    assert (await client.command(f"SELECT {BOX}"))[-1].startswith(b"NO [NONEXISTENT]")
    assert len(await flags_of(door, folder_id)) == 3


@pytest.mark.parametrize(
    ("text", "letters"),
    [("lrs", "lrs"), ("c", "kx"), ("d", "te"), ("lrswipcda", "lrswipkxtea"), ("", ""), ("ll", "l")],
)
def test_obsolete_letters_stand_for_those_that_replaced_them(text: str, letters: str) -> None:
    assert parse_rights(text) == frozenset(letters)


@pytest.mark.parametrize("text", ["q", "l r", "L", "0", "é"])
def test_a_letter_that_there_is_not_is_never_ignored(text: str) -> None:
    with pytest.raises(ParseError):
        parse_rights(text)


@pytest.mark.parametrize(
    ("letters", "said"), [("", b""), ("rl", b"lr"), ("k", b"kc"), ("e", b"ed"), ("lrswipkxtea", b"lrswipkxteacd")]
)
def test_obsolete_letters_are_said_with_any_of_their_parts(letters: str, said: bytes) -> None:
    assert written(frozenset(letters)) == said


@pytest.mark.parametrize(
    ("letters", "bits", "keywords"), [("", 0, False), ("s", 1, False), ("t", 8, False), ("w", 22, True)]
)
def test_each_letter_allows_its_flags(letters: str, bits: int, keywords: bool) -> None:
    allowed = allowed_flags(frozenset(letters))
    assert (allowed.bits, allowed.keywords, allowed.all) == (bits, keywords, False)
