"""What scanners say, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique


@unique
class Why(Enum):
    """Why there is no answer."""

    DOWN = "down"
    LATE = "late"
    BUSY = "busy"
    CONFUSED = "confused"
    TOO_LARGE = "too-large"


class NoAnswer(Exception):
    """A scanner has not said anything of a message. detail: for the log."""

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(f"{why.value}: {detail}" if detail else why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Unanswered:
    """`NoAnswer` as a value, for rules."""

    why: Why


@dataclass(frozen=True, slots=True)
class Viruses:
    """What ClamAV found: the name of a signature, "" for nothing."""

    name: str = ""


@unique
class Advice(Enum):
    """What rspamd would have done with a message.

    DELAY is its "soft reject". Its "greylist" is a mere score and becomes NONE: the module that greylists says
    "soft reject" while it means it, and who takes the score for it refuses the same message for ever (rspamd #3295).
    """

    NONE = "none"
    MARK = "mark"
    DELAY = "delay"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What rspamd thinks. symbols: names of the tests that hit, the weightiest first."""

    advice: Advice
    score: float = 0.0
    symbols: tuple[str, ...] = ()


VirusAnswer = Viruses | Unanswered
SpamAnswer = Opinion | Unanswered
