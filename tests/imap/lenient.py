"""How another server is listened to: held to what its answers mean, free in what the RFCs leave free.

Free are (RFC 3501 §7, RFC 9051 §7 unless told otherwise):

- the order of untagged responses, also of those that come unasked; what they number is compared as numbered before
  the command, so that EXPUNGE from the end and from the beginning are the same;
- RECENT and `\\Recent` (no server can be relied on: RFC 9051 appendix E);
- the order of FETCH items, STATUS items, flags, SEARCH results; more FETCH items and LIST attributes than asked for,
  and whether a LIST tells of children at all (RFC 5258 §4);
- the case of INBOX, and of what BODYSTRUCTURE says;
- news of flags with any command, and untagged OK with codes nobody asked for;
- the texts for people, and response codes but those in `CODES`.

A line marked optional may be missing. All else must be said, and nothing else may be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.imap.syntax import REST, Length, Tree, parse
from tests.imap.transcript import Expected, Server
from tests.imap.words import Words, octets
from tests.support.dialogue import Client

# Response codes that clients act on, so that every server must send them where one does.
CODES = {
    b"APPENDUID", b"COPYUID", b"UIDVALIDITY", b"UIDNEXT", b"HIGHESTMODSEQ", b"MODIFIED", b"READ-ONLY", b"READ-WRITE",
    b"TRYCREATE", b"UNKNOWN-CTE",
}  # fmt: skip
# Untagged responses that may come with any command.
_FREE = {b"OK", b"RECENT", b"FLAGS", b"CAPABILITY"}
_NEWS = {b"FLAGS", b"UID", b"MODSEQ"}
_CHILDREN = {b"\\HASCHILDREN", b"\\HASNOCHILDREN"}
_NUMBERED = {b"EXISTS", b"RECENT", b"EXPUNGE", b"FETCH"}
_STATUS = re.compile(rb"(OK|NO|BAD|BYE|PREAUTH)(?: \[([A-Z0-9-]+) ?(.*?)\](?: .*)?| .*)?", re.DOTALL)


@dataclass(frozen=True)
class Item:
    """An untagged response. number: of the message, as before the command; 0 where there is none."""

    kind: bytes
    number: int
    words: list[Tree]


class Lenient:
    server = Server.DOVECOT

    def __init__(self, words: Words) -> None:
        self.words = words
        self.early: dict[Client, list[bytes]] = {}

    def answer(self, expected: Sequence[Expected], lines: list[bytes]) -> None:
        *untagged, tagged = lines
        assert self._ends_as(expected[-1].text, tagged), f"expected {expected[-1].text!r}, heard {tagged!r}"
        heard = _items(untagged)
        gap = any(one.text == "..." for one in expected)
        wanted = [one for one in expected[:-1] if one.text != "..."]
        for one, item in zip(wanted, _items([_octets(one.text) for one in wanted]), strict=True):
            found = next((index for index, other in enumerate(heard) if self._same(item, other)), None)
            if found is not None:
                heard.pop(found)
            else:
                assert one.optional or _may_be_missing(item), f"never heard {one.text!r} in {lines!r}"
        rest = [item for item in heard if not _is_free(item)]
        assert gap or not rest, f"also heard {rest!r}"

    async def unasked(self, expected: Expected, client: Client) -> None:
        """Wait for the line; others may come before it, for which the transcript still waits."""
        early = self.early.setdefault(client, [])
        if expected.optional or (expected.text.startswith("*") and _may_be_missing(_only(_octets(expected.text)))):
            return
        for line in early:
            if self._is(expected.text, line):
                early.remove(line)
                return
        while not self._is(expected.text, line := await client.line()):
            early.append(line)

    def end(self) -> None:
        rest = [line for lines in self.early.values() for line in lines]
        rest = [line for line in rest if not line.startswith(b"* ") or not _is_free(_only(line))]
        assert not rest, f"also heard {rest!r}"

    def _is(self, text: str, line: bytes) -> bool:
        if not text.startswith("* ") or not line.startswith(b"* "):
            return self.words.take(text, line)
        return self._same(_only(_octets(text)), _only(line))

    def _ends_as(self, text: str, tagged: bytes) -> bool:
        if text.startswith("+"):
            return tagged.startswith(b"+")
        wanted, heard = _status(_octets(text)), _status(tagged)
        return wanted[0] == heard[0] and (
            wanted[1] not in CODES or (wanted[1] == heard[1] and self._match(wanted[2], heard[2]))
        )

    def _same(self, wanted: Item, heard: Item) -> bool:
        if (wanted.kind, wanted.number) != (heard.kind, heard.number):
            return False
        known = dict(self.words.known)
        same = _SAME.get(wanted.kind, Lenient._match)(self, wanted.words, heard.words)
        if not same:
            self.words.known.clear()
            self.words.known.update(known)
        return same

    def _match(self, wanted: list[Tree], heard: list[Tree]) -> bool:
        """Word for word."""
        for index, word in enumerate(wanted):
            if word is REST:
                return True
            if index >= len(heard) or not self._word(word, heard[index]):
                return False
        return len(wanted) == len(heard)

    def _word(self, wanted: Tree, heard: Tree) -> bool:
        if isinstance(wanted, list) and isinstance(heard, list):
            return self._match(wanted, heard)
        if isinstance(wanted, Length) and isinstance(heard, bytes):
            return wanted.octets == len(heard)
        if not isinstance(wanted, bytes) or not isinstance(heard, bytes):
            return False
        return self.words.take(wanted.decode(), heard) or wanted.upper() == heard.upper() == b"INBOX"

    def _pairs(self, wanted: list[Tree], heard: list[Tree]) -> bool:
        """Names and values, in any order; heard may be more."""
        values = {_upper(name): value for name, value in zip(heard[::2], heard[1::2], strict=False)}
        for name, value in zip(wanted[::2], wanted[1::2], strict=False):
            other = values.get(_upper(name))
            if name is REST or value is REST:
                return name is REST or _upper(name) in values
            if other is None:
                return False
            if _upper(name) == b"FLAGS":
                if _flags(value) != _flags(other):
                    return False
            elif _upper(name) in (b"BODY", b"BODYSTRUCTURE"):
                if _lower(value) != _lower(other):
                    return False
            elif not self._word(value, other):
                return False
        return True

    def _fetch(self, wanted: list[Tree], heard: list[Tree]) -> bool:
        return self._pairs(_list(wanted[0]), _list(heard[0]))

    def _named_pairs(self, wanted: list[Tree], heard: list[Tree]) -> bool:
        """STATUS, METADATA: a name, then pairs."""
        if wanted[1] is REST:
            return self._word(wanted[0], heard[0])
        return (
            len(_list(wanted[1])) == len(_list(heard[1]))
            and self._word(wanted[0], heard[0])
            and self._pairs(_list(wanted[1]), _list(heard[1]))
        )

    def _listed(self, wanted: list[Tree], heard: list[Tree]) -> bool:
        """LIST: attributes, separator, name, further data."""
        attributes = _flags(heard[0])
        needed = _flags(wanted[0]) if attributes & _CHILDREN else _flags(wanted[0]) - _CHILDREN
        return needed <= attributes and self._match(wanted[1:], heard[1:])

    def _subscribed(self, wanted: list[Tree], heard: list[Tree]) -> bool:
        """LSUB: its attributes need not be right but for `\\Noselect` (RFC 3501 §7.2.3)."""
        return _flags(wanted[0]) & {b"\\NOSELECT"} <= _flags(heard[0]) and self._match(wanted[1:], heard[1:])

    def _found(self, wanted: list[Tree], heard: list[Tree]) -> bool:
        """SEARCH: numbers, and perhaps MODSEQ in parentheses."""
        numbers = [[word for word in words if isinstance(word, bytes)] for words in (wanted, heard)]
        lists = [[word for word in words if isinstance(word, list)] for words in (wanted, heard)]
        return sorted(numbers[0]) == sorted(numbers[1]) and self._match(lists[0], lists[1])

    def _extended(self, wanted: list[Tree], heard: list[Tree]) -> bool:
        """ESEARCH: the tag, UID or not, then pairs."""
        by_uid = wanted[1:2] == [b"UID"]
        start = 2 if by_uid else 1
        return (
            len(wanted) == len(heard)
            and self._word(wanted[0], heard[0])
            and by_uid == (heard[1:2] == [b"UID"])
            and self._pairs(wanted[start:], heard[start:])
        )

    def _coded(self, wanted: list[Tree], heard: list[Tree]) -> bool:
        return self._match(wanted, heard)


_SAME: dict[bytes, Callable[[Lenient, list[Tree], list[Tree]], bool]] = {
    b"FETCH": Lenient._fetch,
    b"STATUS": Lenient._named_pairs,
    b"METADATA": Lenient._named_pairs,
    b"LIST": Lenient._listed,
    b"LSUB": Lenient._subscribed,
    b"SEARCH": Lenient._found,
    b"ESEARCH": Lenient._extended,
    b"OK": Lenient._coded,
}


def _items(lines: Sequence[bytes]) -> list[Item]:
    """What these lines say, with messages numbered as before the first of them."""
    gone: list[int] = []
    found = []
    for line in lines:
        assert line.startswith(b"* "), f"neither untagged nor the tag: {line!r}"
        item = _item(line[2:])
        if item.kind in (b"EXISTS", b"RECENT"):
            item = Item(item.kind, item.number + (len(gone) if item.kind == b"EXISTS" else 0), [])
        elif item.number:
            number = item.number
            for earlier in sorted(gone):
                number += earlier <= number
            if item.kind == b"EXPUNGE":
                gone.append(number)
            item = Item(item.kind, number, item.words)
        found.append(item)
    return found


def _only(line: bytes) -> Item:
    return _items([line])[0]


def _item(line: bytes) -> Item:
    if line.startswith((b"OK ", b"NO ", b"BAD ", b"BYE ")):
        kind, code, arguments = _status(line)
        return Item(kind, 0, [code, *arguments])
    words = parse(line)
    first, second = words[0], _upper(words[1]) if len(words) > 1 else b""
    if isinstance(first, bytes) and second in _NUMBERED:
        return Item(second, int(first) if first.isdigit() else 0, words[2:])
    return Item(_upper(words[0]), 0, words[1:])


def _status(line: bytes) -> tuple[bytes, bytes, list[Tree]]:
    """OK, NO, BAD or BYE, the response code, its arguments."""
    match = _STATUS.fullmatch(line)
    assert match is not None, f"no status: {line!r}"
    code = match[2] or b""
    return match[1], code, parse(match[3]) if code in CODES else []


def _is_free(item: Item) -> bool:
    names = {_upper(name) for name in _list(item.words[0])[::2]} if item.kind == b"FETCH" else set()
    return item.kind in _FREE or bool(names and names <= _NEWS)


def _may_be_missing(item: Item) -> bool:
    return item.kind in (b"RECENT", b"FLAGS") or (item.kind == b"OK" and item.words[0] not in CODES)


def _octets(text: str) -> bytes:
    return octets(text).encode()


def _upper(word: Tree) -> bytes:
    return word.upper().replace(b'"', b"") if isinstance(word, bytes) else b""


def _lower(word: Tree) -> Tree:
    return (
        [_lower(one) for one in word] if isinstance(word, list) else word.lower() if isinstance(word, bytes) else word
    )


def _list(word: Tree) -> list[Tree]:
    return word if isinstance(word, list) else []


def _flags(word: Tree) -> set[bytes]:
    return {_upper(flag) for flag in _list(word)} - {b"\\RECENT"}
