"""A strict reader of the parenthesised lists in RFC 3501 §9, for the answers we store."""

from __future__ import annotations

import re

_STRING = re.compile(rb'"((?:[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x5b\x5d-\x7f]|\\["\\])*)"')
_NUMBER = re.compile(rb"[0-9]+")


def parse(wire: bytes) -> list[object]:
    """The list as Python lists, strings, numbers and None for NIL. Raises ValueError if it is none."""
    open_lists: list[list[object]] = [[]]
    at, after_item = 0, False
    while at < len(wire):
        if wire[at : at + 1] == b"(":
            open_lists.append([])
            at, after_item = at + 1, False
        elif wire[at : at + 1] == b")":
            done = open_lists.pop()
            open_lists[-1].append(done)
            at, after_item = at + 1, False
            if wire[at : at + 1] == b" ":
                at += 1
        elif after_item:
            raise ValueError(f"no space before {wire[at : at + 20]!r}")
        else:
            value, at = _atom(wire, at)
            open_lists[-1].append(value)
            after_item = wire[at : at + 1] != b" "
            at += not after_item
            after_item = after_item and wire[at : at + 1] != b")"
    if len(open_lists) != 1 or len(open_lists[0]) != 1 or not isinstance(open_lists[0][0], list):
        raise ValueError("not one list")
    return open_lists[0][0]


def _atom(wire: bytes, at: int) -> tuple[object, int]:
    if wire.startswith(b"NIL", at):
        return None, at + 3
    if match := _STRING.match(wire, at):
        return re.sub(rb'\\(["\\])', rb"\1", match[1]).decode("ascii"), match.end()
    if match := _NUMBER.match(wire, at):
        return int(match[0]), match.end()
    raise ValueError(f"neither NIL, string nor number: {wire[at : at + 40]!r}")


def check_envelope(items: object) -> None:
    """Raise AssertionError unless this is an envelope (RFC 3501 §9)."""
    assert isinstance(items, list)
    assert len(items) == 10
    for index in (0, 1, 8, 9):
        assert items[index] is None or isinstance(items[index], str)
    for index in range(2, 8):
        if items[index] is None:
            assert index > 4, "From, Sender and Reply-To are never NIL"
            continue
        assert isinstance(items[index], list) and items[index]
        for address in items[index]:
            assert isinstance(address, list) and len(address) == 4
            assert all(part is None or isinstance(part, str) for part in address)


def check_body(items: object, extended: bool) -> None:
    """Raise AssertionError unless this is a body, with or without its extension data."""
    waiting = [items]
    while waiting:
        body = waiting.pop()
        assert isinstance(body, list) and body
        if isinstance(body[0], list):
            waiting.extend(_multipart(body, extended))
        else:
            waiting.extend(_leaf(body, extended))


def _multipart(body: list[object], extended: bool) -> list[object]:
    bodies = [item for item in body if isinstance(item, list)]
    count = next(index for index, item in enumerate(body) if isinstance(item, str))
    assert all(isinstance(item, list) for item in body[:count])
    assert len(body) == count + (5 if extended else 1)
    if extended:
        _parameters(body[count + 1])
        _extension(body[count + 2 :])
    return bodies[:count]


def _leaf(body: list[object], extended: bool) -> list[object]:
    assert all(isinstance(body[index], str) for index in (0, 1, 5))
    _parameters(body[2])
    assert all(body[index] is None or isinstance(body[index], str) for index in (3, 4))
    assert isinstance(body[6], int)
    inner: list[object] = []
    at = 7
    kind = (str(body[0]).lower(), str(body[1]).lower())
    if kind[0] == "text":
        assert isinstance(body[7], int)
        at = 8
    elif kind in (("message", "rfc822"), ("message", "global")):
        check_envelope(body[7])
        inner.append(body[8])
        assert isinstance(body[9], int)
        at = 10
    assert len(body) == at + (4 if extended else 0)
    if extended:
        assert body[at] is None or isinstance(body[at], str)
        _extension(body[at + 1 :])
    return inner


def _parameters(item: object) -> None:
    if item is not None:
        assert isinstance(item, list) and item and len(item) % 2 == 0
        assert all(isinstance(part, str) for part in item)


def _extension(items: list[object]) -> None:
    shown, language, location = items
    if shown is not None:
        assert isinstance(shown, list) and len(shown) == 2 and isinstance(shown[0], str)
        _parameters(shown[1])
    if language is not None:
        assert isinstance(language, list) and language and all(isinstance(tag, str) for tag in language)
    assert location is None or isinstance(location, str)
