"""No pattern that mail goes through can backtrack without end (RELIABILITY §2.5).

A count of steps does not see inside `re`, so its patterns are looked at themselves. Found are, in what
is not possessive: a repetition inside a repetition, two repetitions in a row that can take the same
characters, alternatives of a repetition that begin alike; and in what is searched for: a repetition at
the beginning that something must follow, which is tried again from each of its characters.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from re import _constants as sre
from re import _parser
from typing import Any

import pytest

import mailserver
from mailserver.mime.header import _selector

ROOT = Path(mailserver.__file__).parent
# A repetition that ends after so many characters costs a constant.
FEW = 128
SEARCHING = {"search", "findall", "finditer", "sub", "subn", "split"}
# Patterns that break a rule, and why they may.
ALLOWED = {
    "mailserver.mime.transfer:_UU_BEGIN": "begins behind a line end, and its repetition takes none",
    "mailserver.senderauth.domains:_NAME": "labels begin behind dots; a name is not longer than 253 characters",
}

Item = tuple[Any, Any]
Characters = frozenset[int]
ALPHABET = frozenset(range(256))


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """(module:NAME, pattern) of every compiled pattern of the engine."""
    for module in pkgutil.walk_packages(mailserver.__path__, "mailserver."):
        if module.name.rpartition(".")[2].startswith("extract_child"):
            continue  # runs in a process with limits of its own
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                yield f"{module.name}:{name}", value
    for path, node in nodes():
        match node:
            case ast.Call(ast.Attribute(ast.Name("re"), str(name)), [ast.Constant(str() | bytes() as text), *_]):
                if name in SEARCHING | {"match", "fullmatch"}:
                    yield f"{path}:{node.lineno}:{name}", re.compile(text)
    for invert in (False, True):
        yield f"fields chosen, inverted: {invert}", _selector(frozenset({b"from", b"x-a"}), invert)


def nodes() -> Iterator[tuple[str, ast.AST]]:
    """(module, node) of all the engine's source."""
    for path in sorted(ROOT.rglob("*.py")):
        module = ".".join(("mailserver", *path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield module, node


PATTERNS = sorted(dict(patterns()).items())


def searched() -> set[str]:
    """module:NAME of patterns that are looked for anywhere in a text, not matched at one place."""
    return {
        f"{module}:{node.value.id}"
        for module, node in nodes()
        if isinstance(node, ast.Attribute) and node.attr in SEARCHING and isinstance(node.value, ast.Name)
    }


def parsed(pattern: re.Pattern[Any]) -> list[Item]:
    return list(_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE | (pattern.flags & re.UNICODE)))


def flat(sequence: list[Item]) -> list[Item]:
    """The sequence with what groups hold in their place."""
    return [one for item in sequence for one in (flat(list(item[1][3])) if item[0] is sre.SUBPATTERN else [item])]


def is_long(low: int, high: Any) -> bool:
    return low != high and (high is sre.MAXREPEAT or high > FEW)


def inside(item: Item) -> list[list[Item]]:
    """The sequences within an item."""
    op, argument = item
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return [list(argument[2])]
    if op is sre.SUBPATTERN:
        return [list(argument[3])]
    if op is sre.ATOMIC_GROUP:
        return [list(argument)]
    if op is sre.BRANCH:
        return [list(branch) for branch in argument[1]]
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return [list(argument[1])]
    return []


def characters(item: Item) -> Characters:
    """What one character of an item may be: exactly for a set, everything where it is not known."""
    op, argument = item
    if op is sre.LITERAL:
        return frozenset({min(argument, 255)})
    if op is sre.NOT_LITERAL:
        return ALPHABET - {argument}
    if op is sre.IN:
        return _of_set(argument)
    if op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        return frozenset()
    if op is sre.ANY or not inside(item):
        return ALPHABET
    return frozenset().union(*(first(sequence) for sequence in inside(item)))


_CATEGORIES = {
    sre.CATEGORY_DIGIT: rb"\d",
    sre.CATEGORY_NOT_DIGIT: rb"\D",
    sre.CATEGORY_SPACE: rb"\s",
    sre.CATEGORY_NOT_SPACE: rb"\S",
    sre.CATEGORY_WORD: rb"\w",
    sre.CATEGORY_NOT_WORD: rb"\W",
}


def _of_set(items: list[Item]) -> Characters:
    found: set[int] = set()
    negated = False
    for op, argument in items:
        if op is sre.NEGATE:
            negated = True
        elif op is sre.LITERAL:
            found.add(min(argument, 255))
        elif op is sre.RANGE:
            found.update(range(min(argument[0], 255), min(argument[1], 255) + 1))
        elif op is sre.CATEGORY:
            found.update(code for code in ALPHABET if re.match(_CATEGORIES[argument], bytes((code,))))
    return ALPHABET - found if negated else frozenset(found)


def is_optional(item: Item) -> bool:
    op, argument = item
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return argument[0] == 0 or all(map(is_optional, argument[2]))
    if op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        return True
    sequences = inside(item)
    return bool(sequences) and any(all(map(is_optional, sequence)) for sequence in sequences)


def first(sequence: list[Item]) -> Characters:
    """What the first character of a sequence may be."""
    found: set[int] = set()
    for item in sequence:
        found |= characters(item)
        if not is_optional(item):
            break
    return frozenset(found)


def repeats(sequence: list[Item]) -> Iterator[Item]:
    """Long repetitions that backtrack, however deep in groups and alternatives; not inside one another."""
    for item in sequence:
        op, argument = item
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT) and is_long(argument[0], argument[1]):
            yield item
        elif op not in (sre.POSSESSIVE_REPEAT, sre.ATOMIC_GROUP):
            for within in inside(item):
                yield from repeats(within)


def is_delimited(body: list[Item], inner: Item) -> bool:
    """Whether a repetition in a repeated body can only end in one place: what may follow it, the body from
    its beginning included, begins with another character."""
    if inner not in body:
        return False
    behind = [*body[body.index(inner) + 1 :], *body]
    return not characters(inner) & first(behind)


def branches(sequence: list[Item]) -> Iterator[Item]:
    """Alternatives in a sequence and in the groups of it."""
    for item in sequence:
        if item[0] is sre.BRANCH:
            yield item
        elif item[0] is sre.SUBPATTERN:
            yield from branches(list(item[1][3]))


def faults(sequence: list[Item]) -> Iterator[str]:
    """What of a sequence may take more than linear time where it is matched."""
    for index, item in enumerate(sequence):
        for within in inside(item):
            yield from faults(within)
        if item not in list(repeats([item])):
            continue
        body = flat(list(item[1][2]))
        if not all(is_delimited(body, one) for one in repeats(body)):
            yield "a repetition in a repetition"
        for branch in branches(body):
            firsts = [first(one) or first(body) for one in inside(branch)]
            if sum(map(len, firsts)) > len(frozenset().union(*firsts)):
                yield "alternatives that begin alike in a repetition"
        for later in sequence[index + 1 :]:
            if list(repeats([later])) and characters(later) & characters(item):
                yield "two repetitions of the same characters in a row"
            if not is_optional(later):
                break


def starts_over(sequence: list[Item]) -> bool:
    """Whether a search may try a long repetition again from each of its characters."""
    not_before: Characters = frozenset()
    for index, item in enumerate(sequence):
        if item[0] is sre.ASSERT_NOT and item[1][0] < 0:
            not_before |= first(list(item[1][1]))
        if item[0] in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT) and is_long(*item[1][:2]):
            if characters(item) <= not_before:
                return False
            begins = first(sequence)
            return bool(begins & characters(item)) and not all(map(is_optional, sequence[index + 1 :]))
        if item[0] is sre.SUBPATTERN and all(is_optional(one) for one in sequence[:index]):
            return starts_over([*sequence[:index], *item[1][3], *sequence[index + 1 :]])
        if not is_optional(item) and not characters(item) & ALPHABET:
            return False
    return False


def wrong_with(pattern: re.Pattern[Any], is_searched: bool) -> list[str]:
    items = parsed(pattern)
    found = list(faults(items))
    if is_searched and starts_over(items):
        found.append("a repetition that a search begins again and again")
    return found


@pytest.mark.parametrize(
    ("pattern", "is_searched"),
    [
        (r"(a+)+b", False),
        (r"(a*b*)*c", False),
        (r"(a|aa)*c", False),
        (r"a*a*b", False),
        (r"\s*\s+$", False),
        (r"[a-z]+[a-f]*x", False),
        (r".*/", True),
        (r"[ \t]++\r\n", True),
        (r"(\w+)@", True),
    ],
)
def test_bad_patterns_are_found(pattern: str, is_searched: bool) -> None:
    assert wrong_with(re.compile(pattern), is_searched)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:a++)*+b",
        r'"((?:[^"\\]|\\["\\])*)"',
        r"a+b+",
        r"[ \t]+",
        r"<([^<>]++)>",
        r"a{1,64}a{1,64}",
        r"\.*\Z",
        r"(?:,[a-z]=[^,]+)*",
    ],
)
def test_good_patterns_are_not(pattern: str) -> None:
    assert wrong_with(re.compile(pattern), is_searched=False) == []


def test_patterns_are_looked_at() -> None:
    assert len(PATTERNS) > 80
    assert {name for name, _ in PATTERNS} >= ALLOWED.keys()


def test_no_pattern_backtracks_without_end() -> None:
    looked_for = searched()
    found = {
        name: wrong_with(pattern, name in looked_for or name.rpartition(":")[2] in SEARCHING)
        for name, pattern in PATTERNS
    }
    assert {name: wrong for name, wrong in found.items() if wrong and name not in ALLOWED} == {}
    assert [name for name in ALLOWED if not found[name]] == []
