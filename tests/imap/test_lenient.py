"""The lenient ear lets pass what the RFCs leave free, and nothing else."""

from __future__ import annotations

import pytest

from tests.imap.lenient import Lenient
from tests.imap.syntax import REST, Length, parse
from tests.imap.transcript import Expected
from tests.imap.words import Words

SAME = {
    "the text": (["OK Done"], ["OK [XCODE 1] Something else"]),
    "the spelling of a string": (['* LIST () "/" "a"', "OK"], ['* LIST () "/" a', "OK Listed"]),
    "a literal": (["* 1 FETCH (BODY[1] {2}...", "OK"], ['* 1 FETCH (BODY[1] "ab")', "OK"]),
    "the order of flags, and Recent": (
        [r"* 1 FETCH (FLAGS (\Seen a \Recent))", "OK"],
        [r"* 1 FETCH (FLAGS (a \Seen))", "OK"],
    ),
    "the order of items, and more of them": (
        ["* 1 FETCH (UID 7 FLAGS ())", "OK"],
        ["* 1 FETCH (FLAGS () MODSEQ (3) UID 7)", "OK"],
    ),
    "the order of responses": (
        ["* 2 FETCH (UID 2)", "* 3 FETCH (UID 3)", "OK"],
        ["* 3 FETCH (UID 3)", "* 2 FETCH (UID 2)", "OK"],
    ),
    "expunged from the end": (["* 1 EXPUNGE", "* 3 EXPUNGE", "OK"], ["* 4 EXPUNGE", "* 1 EXPUNGE", "OK"]),
    "numbered after what is gone": (
        ["* 1 EXPUNGE", "* 2 FETCH (UID 3)", "* 4 EXISTS", "OK"],
        ["* 5 EXISTS", "* 3 FETCH (UID 3)", "* 1 EXPUNGE", "OK"],
    ),
    "news of flags": (["OK"], [r"* 3 FETCH (FLAGS (\Seen) UID 3)", "* OK [UNSEEN 2] First", "OK"]),
    "numbers found": (["* SEARCH 1 2", "OK"], ["* SEARCH 2 1", "OK"]),
    "the order of figures": (["* STATUS a (X 1 Y 2)", "OK"], ["* STATUS a (Y 2 X 1)", "OK"]),
    "no word of children": ([r'* LIST (\HasNoChildren) "/" a', "OK"], ['* LIST () "/" a', "OK"]),
    "a gap": (["...", "* 3 EXISTS", "OK"], ["* FLAGS ()", "* LIST () / a", "* 3 EXISTS", "OK"]),
    "a greater number": (["* SORT $a", "* THREAD $b>$a", "OK"], ["* SORT 4", "* THREAD 10", "OK"]),
    "a name twice": (["* SORT $a", "* 1 FETCH (UID $a)", "OK"], ["* 1 FETCH (UID 4)", "* SORT 4", "OK"]),
}
DIFFERENT = {
    "another status": (["OK"], ["NO Not so"]),
    "no code that clients need": (["OK [APPENDUID $v 1] ..."], ["OK Appended"]),
    "another UID in it": (["OK [APPENDUID $v 1] ..."], ["OK [APPENDUID 5 2] Appended"]),
    "a flag too few": ([r"* 1 FETCH (FLAGS (\Seen a))", "OK"], [r"* 1 FETCH (FLAGS (\Seen))", "OK"]),
    "a flag too many": (["* 1 FETCH (FLAGS ())", "OK"], [r"* 1 FETCH (FLAGS (\Seen))", "OK"]),
    "an item too few": (["* 1 FETCH (UID 1 FLAGS ())", "OK"], ["* 1 FETCH (FLAGS ())", "OK"]),
    "another message": (["* 1 FETCH (UID 1)", "OK"], ["* 2 FETCH (UID 1)", "OK"]),
    "the wrong ones expunged": (["* 1 EXPUNGE", "* 3 EXPUNGE", "OK"], ["* 1 EXPUNGE", "* 4 EXPUNGE", "OK"]),
    "expunged unasked": (["OK"], ["* 1 EXPUNGE", "OK"]),
    "another literal": (["* 1 FETCH (BODY[1] {2}...", "OK"], ['* 1 FETCH (BODY[1] "abc")', "OK"]),
    "a message too many found": (["* SEARCH 1 2", "OK"], ["* SEARCH 1 2 3", "OK"]),
    "found in another order": (["* SORT 1 2", "OK"], ["* SORT 2 1", "OK"]),
    "another figure": (["* STATUS a (X 1)", "OK"], ["* STATUS a (X 2)", "OK"]),
    "a figure too many": (["* STATUS a (X 1)", "OK"], ["* STATUS a (X 1 Y 2)", "OK"]),
    "children that are not there": ([r'* LIST (\HasNoChildren) "/" a', "OK"], [r'* LIST (\HasChildren) "/" a', "OK"]),
    "a folder too many": (['* LIST () "/" a', "OK"], ['* LIST () "/" a', '* LIST () "/" b', "OK"]),
    "no answer": (["* SEARCH 1", "OK"], ["OK"]),
    "no greater number": (["* SORT $a", "* THREAD $b>$a", "OK"], ["* SORT 4", "* THREAD 4", "OK"]),
    "another value for a name": (["* SORT $a", "* THREAD $a", "OK"], ["* SORT 4", "* THREAD 5", "OK"]),
}


def listen(wanted: list[str], heard: list[str]) -> None:
    Lenient(Words()).answer([Expected(text) for text in wanted], [line.encode() for line in heard])


@pytest.mark.parametrize(("wanted", "heard"), SAME.values(), ids=SAME)
def test_it_is_the_same(wanted: list[str], heard: list[str]) -> None:
    listen(wanted, heard)


@pytest.mark.parametrize(("wanted", "heard"), DIFFERENT.values(), ids=DIFFERENT)
def test_it_is_not_the_same(wanted: list[str], heard: list[str]) -> None:
    with pytest.raises(AssertionError):
        listen(wanted, heard)


def test_a_line_may_be_missing_where_the_transcript_says_so() -> None:
    ear = Lenient(Words())
    ear.answer([Expected("* SEARCH 1", optional=True), Expected("OK")], [b"OK"])


def test_responses_are_taken_apart() -> None:
    assert parse(b'1 FETCH (BODY[HEADER.FIELDS ("TO")]<0> {3}\r\na)b FLAGS (\\Seen) X "q\\"")') == [
        b"1", b"FETCH", [b'BODY[HEADER.FIELDS ("TO")]<0>', b"a)b", b"FLAGS", [b"\\Seen"], b"X", b'q"'],
    ]  # fmt: skip
    assert parse(b"1 FETCH (BODY[1] ~{3}...") == [b"1", b"FETCH", [b"BODY[1]", Length(3), REST]]
    for nonsense in (b"(a", b"a)"):
        with pytest.raises(ValueError, match="parenthesis"):
            parse(nonsense)
