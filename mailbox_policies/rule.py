"""What a rule declares of itself at the end of its file, so that chain, settings and pages know it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from mailbox_policies.fields import Field
from mailbox_policies.modes import Mode
from mailbox_policies.verdict import Article, Case, Stage, Verdict

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Rule(Generic[S]):
    """A rule of mail.

    name: as in events and settings, "message-size". title, summary: for people, Vietnamese; summary is one or two
    sentences. start: the settings of who has chosen nothing; mode: how far it goes there.
    check: pure, answers as in full force. fields: what of the settings people may change. by_opinion: whether it goes
    by `Case.opinions`, which a dry run then has formed anew.
    stages: none for a rule that no door asks, whose work a job does. meanings: what a mode does where that is not
    what it does for mail that comes or goes, Vietnamese.
    """

    name: str
    title: str
    summary: str
    article: Article
    stages: frozenset[Stage]
    start: S
    check: Callable[[S, Case], Verdict]
    fields: Sequence[Field] = ()
    mode: Mode = Mode.ENFORCE
    by_opinion: bool = False
    meanings: Mapping[Mode, str] = dataclasses.field(default_factory=dict)

    def words(self) -> Iterator[str]:
        """All that pages show of it, Vietnamese; pages translate it by their own catalogue."""
        yield from (self.title, self.summary)
        yield from self.meanings.values()
        for field in self.fields:
            yield from (field.label, field.help, *(label for _value, label in field.choices))
