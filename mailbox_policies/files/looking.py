"""All that is dangerous in one file, archives in archives included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mailbox_policies.files.archives import MOST_DEPTH, Bomb, Budget, Member, Unseen, is_archive, members
from mailbox_policies.files.kinds import HEAD, Danger, by_content, by_name, needs_all
from mailserver.octets import Octets

# Where office files of XML keep their macros.
MACROS = ("vbaproject.bin", "xl/macrosheets/")


@dataclass(frozen=True, slots=True)
class Found:
    """name: of the file, in archives behind a slash each."""

    name: str
    danger: Danger


def look(name: str, octets: Octets, budget: Budget) -> Iterator[Found]:
    """What is dangerous in a file; nothing is raised, and no more is unpacked than the budget has."""
    yield from _look(name, name, octets, budget, 0)


def _look(path: str, name: str, octets: Octets, budget: Budget, depth: int) -> Iterator[Found]:
    danger = by_content(octets) or by_name(name)
    if danger is not None:
        yield Found(path, danger)
        return
    try:
        yield from _inside(path, octets, budget, depth)
    except Bomb:
        yield Found(path, Danger.BOMB)
    except Unseen:
        yield Found(path, Danger.UNSEEN)


def _inside(path: str, octets: Octets, budget: Budget, depth: int) -> Iterator[Found]:
    held = members(octets, budget)
    if held is None:
        return
    if depth >= MOST_DEPTH:
        raise Bomb
    for member in held:
        inner = f"{path}/{member.name}" if member.name else path
        if member.name.lower().endswith(MACROS[0]) or member.name.lower().startswith(MACROS[1]):
            yield Found(path, Danger.MACRO)
            continue
        content = _telling(member)
        if content is not None:
            yield from _look(inner, member.name, content, budget, depth + 1)
        elif (danger := by_name(member.name)) is not None:
            yield Found(inner, danger)
        elif member.encrypted:
            yield Found(inner, Danger.ENCRYPTED)


def _telling(member: Member) -> bytes | None:
    """As much of a member as tells what it is: the beginning, all of what may hold more."""
    head = member.read(HEAD)
    if head is None or len(head) < HEAD or not (is_archive(head) or needs_all(head)):
        return head
    return member.read(None)
