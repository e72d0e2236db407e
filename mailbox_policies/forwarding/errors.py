"""What answering a question of forward consent finds wrong. Each door turns them into its own answer."""

from __future__ import annotations


class ConsentError(Exception):
    """Base of all: nothing has changed when one of these is raised."""


class NoSuchQuestion(ConsentError):
    """Unknown token, or a letter that does not wait."""


class AnsweredBefore(ConsentError):
    """Somebody was faster, it is too late, or the letter was withdrawn."""


class NotForYou(ConsentError):
    """Neither the original sender nor somebody who may act for them; or the forwarder himself."""


class ReasonMissing(ConsentError):
    """A leader says why."""
