"""Whatever a peer says: parsers answer or refuse, and every command has its one answer."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.delivery.envelope import from_xtext, to_xtext
from mailserver.directory import scram
from mailserver.smtp import notification
from mailserver.smtp.address import BadParameters, BadPath, parse
from mailserver.store.store import Store
from tests.mailserver.smtp.conftest import Doors
from tests.support.office import Office


@pytest.fixture
def office(shared_office: Office) -> Office:
    return shared_office


@pytest.fixture
def store(shared_office: Office) -> Store:
    return shared_office.store


PIECES = st.sampled_from(
    [
        "FROM:",
        "TO:",
        "<",
        ">",
        "@",
        '"',
        "\\",
        " ",
        ":",
        ",",
        "[",
        "]",
        "=",
        "+",
        "a",
        "sct.test",
        "SIZE=1",
        "é",
        "\x00",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=20).map("".join)))
def test_an_argument_is_a_path_or_refused(argument: str) -> None:
    try:
        path = parse("FROM:" + argument, "FROM:")
    except (BadPath, BadParameters):
        return
    assert path is not None
    assert not set(path.address) & set("\x00\r\n")
    assert parse(f"FROM:<{path.address}>", "FROM:").address == path.address


@pytest.mark.parametrize("piece", ["<", '"', "\\", "a@", "@a:", "@a,", " A=B", " =", "a.", "[", '"\\"'])
def test_no_argument_takes_long(piece: str) -> None:
    """A pattern that backtracks would not come back from this."""
    for argument in (piece * 12_000, "<" + piece * 12_000 + ">", '<"' + piece * 12_000 + '"@a>'):
        try:
            parse("FROM:" + argument, "FROM:")
        except (BadPath, BadParameters):
            continue


@given(st.dictionaries(st.sampled_from(["RET", "ENVID", "NOTIFY", "ORCPT"]), st.none() | st.text(max_size=30)))
def test_wishes_are_read_or_refused(parameters: dict[str, str | None]) -> None:
    for read in (notification.of_mail, notification.of_recipient):
        try:
            read(parameters)
        except ValueError:
            continue


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1))
def test_every_printable_text_survives_xtext(text: str) -> None:
    assert from_xtext(to_xtext(text)) == text


@given(
    st.one_of(
        st.binary(max_size=60),
        st.lists(st.sampled_from([b"n", b"y", b"p=", b",", b"a=", b"r=", b"c=", b"=2C", b"=", b"x", b"\xff"])).map(
            b"".join
        ),
    )
)
def test_messages_of_scram_are_read_or_malformed(message: bytes) -> None:
    for read in (scram.First.parse, scram.Final.parse):
        try:
            read(message)
        except scram.Malformed:
            continue


COMMANDS = [
    b"NOOP\r\n", b"RSET\r\n", b"EHLO x\r\n", b"HELO x\r\n", b"VRFY a\r\n", b"FROB\r\n", b"\r\n",
    b"MAIL FROM:<x@y.test>\r\n", b"MAIL FROM:<x@y.test> RET=FULL\r\n", b"MAIL\r\n", b"RCPT TO:<an@sct.test>\r\n",
    b"RCPT TO:<nobody@sct.test>\r\n", b"RCPT TO:<an@sct.test> NOTIFY=NEVER\r\n", b"AUTH PLAIN =\r\n", b"DATA x\r\n",
]  # fmt: skip
CONTENT = b"From: x@y.test\r\n\r\nQUIT\r\n.\r\nBDAT 5 LAST\r\nMAIL FROM:<evil@x.test>\r\nDATA\r\n"


@pytest.mark.parametrize("seed", range(5))
async def test_every_command_has_one_answer_however_they_are_mixed_and_cut(
    doors: Doors, office: Office, seed: int
) -> None:
    """No octet of a chunk is heard as a command, and none of a command as content, in any state."""
    chance = random.Random(seed)

    def command() -> bytes:
        if chance.random() < 0.6:
            return chance.choice(COMMANDS)
        content = CONTENT[: chance.randrange(len(CONTENT))]
        return b"BDAT %d%b\r\n%b" % (len(content), chance.choice([b"", b" LAST"]), content)

    peer = await doors.connect(max_junk_commands=10_000, soft_errors=10_000, hard_errors=10_000)
    said = [command() for _ in range(400)]
    wire = b"".join(said) + b"HELP\r\n"
    while wire:
        size = chance.choice([1, 7, 300, 5000])
        peer.send(wire[:size])
        await peer.writer.drain()
        wire = wire[size:]
    answers = [await peer.reply() for _ in said]
    assert {answer[:3] for answer in answers} <= {"250", "252", "500", "501", "502", "503", "550", "554", "555"}
    assert await peer.reply() == "214 2.0.0 See RFC 5321"
