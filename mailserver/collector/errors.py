"""What collecting finds wrong. Nothing has changed when one of these is raised."""

from __future__ import annotations

from mailserver.collector.records import Trouble


class CollectorError(Exception):
    """Base of all."""


class NoSuchAccount(CollectorError):
    """There is no account with this number."""


class AccountExists(CollectorError):
    """This login at this host is collected already."""


class TargetUnknown(CollectorError):
    """The address that shall get the mail is no single mailbox of ours that takes mail."""


class PasswordExposed(CollectorError):
    """A password would travel without TLS to another machine."""


class Failed(CollectorError):
    """A visit that failed. detail: the remote's words or the system's, one line, for the administrator."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(trouble.value, detail)
        self.trouble = trouble
        self.detail = plain(detail)


# Characters of a remote's words that are kept.
LONGEST_DETAIL = 200


def plain(text: str) -> str:
    """Somebody else's words on one line, without control characters."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST_DETAIL])
    return " ".join(shown.split())[:LONGEST_DETAIL]
