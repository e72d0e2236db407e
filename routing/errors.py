"""What routing finds wrong. When one of these is raised nothing has changed.

`sentence(locale)` gives the words for the user; the table is in `sentences`.
"""

from __future__ import annotations

from routing.sentences import sentence


class RoutingError(Exception):
    """Base of all. facts: values for the sentence; not secret from the actor."""

    key = "refused"

    def __init__(self, key: str | None = None, **facts: object) -> None:
        self.key = key or self.key
        self.facts = facts
        super().__init__(self.key, facts)

    def sentence(self, locale: str = "vi") -> str:
        """Why, in the reader's language."""
        return self.say(self.key, locale)

    def say(self, key: str, locale: str) -> str:
        """The facts in other words than this error's own."""
        return sentence(key, locale, **self.facts)


class NoSuchMove(RoutingError):
    """The document's state has no such action."""

    key = "no-such-move"


class StepClosed(NoSuchMove):
    """Somebody acted first: the step is not pending any more. facts: who, at."""

    key = "step-closed"


class NotYourTurn(RoutingError):
    """The document is with somebody else, or the actor's role may not do this."""

    key = "not-your-turn"


class Incomplete(RoutingError):
    """A guard is not satisfied; `field` names what is missing, as the form calls it."""

    def __init__(self, field: str, key: str | None = None, **facts: object) -> None:
        self.field = field
        super().__init__(key or f"incomplete-{field}", **facts)


class DocumentMissing(RoutingError):
    """No such document, step, file or case, or none that this actor may see."""

    key = "document-missing"


class Duplicate(RoutingError):
    """A document with this number, sign, issuer and date is in the register already.

    document_id, number, year: of the first one. Pass `accept_duplicate=True` to register anyway.
    """

    key = "duplicate"

    def __init__(self, document_id: int, number: int, year: int) -> None:
        self.document_id, self.number, self.year = document_id, number, year
        super().__init__(number=number, year=year)


class SourceTaken(RoutingError):
    """The message was registered, or moved away, by somebody else in the meantime."""

    key = "source-taken"


class NobodyInRole(RoutingError):
    """The route leads to a role that nobody holds; facts: role."""

    key = "nobody-in-role"


class ProfileError(Exception):
    """A profile file is wrong; the text names the file and the key."""
