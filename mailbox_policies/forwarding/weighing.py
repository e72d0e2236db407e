"""Which of the messages that a letter's trail led to are passed on by it, and to which new readers.

Pure. A message is passed on if the letter answers it or says that it forwards it, encloses it, introduces its text, or
carries one of its files or much of its words, and somebody reads the letter who has not had the message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum, unique

from mailbox_policies.forwarding import shingles
from mailbox_policies.forwarding.trail import Trail
from mailserver.mime.subjects import base_subject
from mailserver.passing import PassedOn
from mailserver.text import fold

# Runs in common from which words are passed on: some forty-five words, two or three sentences.
MUCH = 40
# Runs that are enough if the letter names the message among its references.
SOME = 12
# Words and files that so many others sent, and files that come with so many messages, are nobody's: disclaimers,
# forms, logos.
AUTHORS_OF_COMMONPLACES = 4
MESSAGES_WITH_ONE_PICTURE = 3
MESSAGES_WITH_ONE_FILE = 20


@unique
class By(Enum):
    """How a message was recognised."""

    REFERENCE = "reference"
    ENCLOSED = "enclosed"
    BLOCK = "block"
    FILE = "file"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Found:
    """A message that the forwarder has or was sent. Addresses in the form in which they are looked up.

    audience: authors, recipients, and those of the letter's readers who have it. mine: the forwarder, or a mailbox he
    writes for, is its only author. free: not work mail, or published: nobody is asked. digests: of its files.
    """

    message_pk: int
    message_id: str
    authors: tuple[str, ...]
    names: tuple[str, ...]
    subject: str
    audience: frozenset[str]
    words: tuple[str, ...]
    mine: bool = False
    free: bool = False
    digests: frozenset[bytes] = frozenset()


def weigh(
    trail: Trail, found: Sequence[Found], readers: Sequence[str], key: Callable[[str], str]
) -> tuple[PassedOn, ...]:
    """What the letter passes on.

    found: the oldest first: who had words or a file first is their author, whoever repeats them. readers: recipients
    beyond the border; key: brings an address into the form of `Found`.
    """
    shared = _shared_runs(trail, found)
    files = _own_files(trail, found)
    passed = []
    for one in found:
        new = tuple(reader for reader in readers if key(reader) not in one.audience)
        by = _recognised(trail, one, shared[one.message_pk], files)
        if by is not None and new and not one.mine and not one.free:
            passed.append(PassedOn(one.message_pk, one.authors, one.subject, new, by.value))
    return tuple(passed)


def _recognised(trail: Trail, one: Found, runs: int, files: Collection[tuple[int, bytes]]) -> By | None:
    if one.message_id in trail.enclosed:
        return By.ENCLOSED
    if one.message_id in trail.direct:
        return By.REFERENCE
    if any(_is_introduced(block.sender, block.name, block.subject, one) for block in trail.blocks):
        return By.BLOCK
    if any(message_pk == one.message_pk for message_pk, _ in files):
        return By.FILE
    enough = SOME if one.message_id in trail.thread else MUCH
    return By.WORDS if runs >= enough else None


def _is_introduced(sender: str, name: str, subject: str, one: Found) -> bool:
    if base_subject(subject) != base_subject(one.subject):
        return False
    if sender:
        return sender.lower() in one.authors
    return bool(name) and fold(name) in one.names


def _shared_runs(trail: Trail, found: Sequence[Found]) -> dict[int, int]:
    """How many runs of the letter each message was the first to have, commonplaces aside."""
    wanted = shingles.runs(trail.words)
    held = [(one, wanted & shingles.runs(one.words)) for one in found]
    authors: Counter[int] = Counter()
    for _, group in _by_authors(held).items():
        authors.update(group)
    left = {run for run in wanted if authors[run] < AUTHORS_OF_COMMONPLACES}
    counts: dict[int, int] = {}
    for one, runs in held:
        counts[one.message_pk] = len(runs & left)
        left -= runs
    return counts


def _by_authors(held: Sequence[tuple[Found, frozenset[int]]]) -> dict[tuple[str, ...], set[int]]:
    together: dict[tuple[str, ...], set[int]] = {}
    for one, runs in held:
        together.setdefault(one.authors, set()).update(runs)
    return together


def _own_files(trail: Trail, found: Sequence[Found]) -> set[tuple[int, bytes]]:
    """(message, digest) of files in the letter, each with the message that had it first."""
    first: set[tuple[int, bytes]] = set()
    for file in trail.files:
        holders = [one for one in found if file.digest in one.digests]
        most = MESSAGES_WITH_ONE_PICTURE if file.picture else MESSAGES_WITH_ONE_FILE
        authors = {one.authors for one in holders}
        if 0 < len(holders) < most and len(authors) < AUTHORS_OF_COMMONPLACES:
            first.add((holders[0].message_pk, file.digest))
    return first
