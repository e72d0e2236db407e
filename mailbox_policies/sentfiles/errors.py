"""What can be wrong with a file that is handed over. After any of these nothing has changed."""

from __future__ import annotations

from collections.abc import Sequence


class SentFileError(Exception):
    """A base for all."""


class FileMissing(SentFileError):
    """There is no such file, or it is not for this person, or it is gone."""


class TurnedOff(SentFileError):
    """The agency hands over no files."""


class FileEmpty(SentFileError):
    """It has no octets."""


class FileTooLarge(SentFileError):
    """limit: octets that the agency allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(str(limit))
        self.limit = limit


class NoRoom(SentFileError):
    """The person's files that are there are as many octets as the agency allows. limit: octets."""

    def __init__(self, limit: int) -> None:
        super().__init__(str(limit))
        self.limit = limit


class OutsideReader(SentFileError):
    """The agency has no links for people outside. addresses: theirs."""

    def __init__(self, addresses: Sequence[str]) -> None:
        super().__init__(", ".join(addresses))
        self.addresses = tuple(addresses)


class TooManyOutside(SentFileError):
    """limit: how many people outside get links by one letter."""

    def __init__(self, limit: int) -> None:
        super().__init__(str(limit))
        self.limit = limit


class Misplaced(SentFileError):
    """A piece does not begin where the last one ended, or the file is not whole. received: octets that are there."""

    def __init__(self, received: int) -> None:
        super().__init__(str(received))
        self.received = received


class Changed(SentFileError):
    """Somebody else, or the clock, was faster."""
