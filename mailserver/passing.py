"""The extension point for what a letter passes on: asked at submission, answered by whoever looks into mailboxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from mailserver.actor import Actor


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A message of somebody else's that a letter passes on.

    authors: addresses; readers: the letter's recipients, as it names them, who get of it and have not had it.
    by: how it was recognised.
    """

    message_pk: int
    authors: tuple[str, ...]
    subject: str
    readers: tuple[str, ...]
    by: str


def written(passes_on: Sequence[PassedOn]) -> list[dict[str, Any]]:
    """As JSON, for a letter that waits."""
    return [asdict(one) for one in passes_on]


def read(kept: Sequence[dict[str, Any]]) -> tuple[PassedOn, ...]:
    """What `written` wrote."""
    return tuple(
        PassedOn(**{**one, "authors": tuple(one["authors"]), "readers": tuple(one["readers"])}) for one in kept
    )


# What of others' mail a person's letter passes on: its octets, and the recipients of its envelope.
Passing = Callable[[Connection, Actor, bytes, Sequence[str]], tuple[PassedOn, ...]]


def nothing_passed_on(conn: Connection, actor: Actor, data: bytes, recipients: Sequence[str]) -> tuple[PassedOn, ...]:
    """Of a server that does not look."""
    return ()
