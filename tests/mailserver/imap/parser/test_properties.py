"""Whatever a client sends as arguments is read or refused: no command's parser fails in another way."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailserver.imap.commands import COMMANDS
from mailserver.imap.literals import MemoryLiteral
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused, ParseError

WORDS = rb"""
    ALL NOT OR UID HEADER SUBJECT TEXT SINCE 1-Feb-2024 SAVEDON OLDER 0 99999999999 MODSEQ EMAILID M1 CHARSET UTF-8
    RETURN SAVE PARTIAL 1:5 -1:-9 $ * 1,3:* RETURN() REVERSE DATE DISPLAYFROM REFERENCES
    FLAGS +FLAGS.SILENT \Seen BODY[] BODY.PEEK[1.MIME]<0.5> BINARY[1] BINARY.SIZE[] PREVIEW (LAZY)
    CHANGEDSINCE UNCHANGEDSINCE QRESYNC CONDSTORE USE STATUS MESSAGES MAILBOXID NOTIFY SET selected mailboxes
    INBOX "" "a\"b" "\x" NIL {3} {3+} ~{3} &AOE- &&& %
""".split()
PIECES = st.one_of(
    st.sampled_from(WORDS), st.binary(max_size=4), st.sampled_from([b"(", b")", b"[", b"]", b" ", b"  "])
)
ARGUMENTS = st.lists(st.tuples(PIECES, st.sampled_from([b" ", b" ", b" ", b""])), max_size=14)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(COMMANDS)), ARGUMENTS)
@example(b"SEARCH", [(b"(", b"")] * 500)
@example(b"SEARCH", [(b"NOT ", b"")] * 200)
@example(b"FETCH", [(b"1,", b"")] * 500)
def test_arguments_are_read_or_refused(name: bytes, pieces: list[tuple[bytes, bytes]]) -> None:
    data = b" " + b"".join(piece + space for piece, space in pieces)
    literals = {at + 1: MemoryLiteral(b"abc") for at, octet in enumerate(data) if octet == ord("}")}
    try:
        COMMANDS[name].parse(Cursor(data, literals))
    except (ParseError, NameRefused):
        return
