"""What the store finds wrong. Each door has one table from these to its own answers."""

from __future__ import annotations


class StoreError(Exception):
    """Base of all: nothing has changed when one of these is raised."""


class FolderMissing(StoreError):
    """No such folder, or none that this actor may see."""


class FolderExists(StoreError):
    """CREATE or RENAME onto a name that is taken."""


class FolderNameInvalid(StoreError):
    """Empty, too long, control characters, or more than 20 levels."""


class FolderInUse(StoreError):
    """A folder that must stay: INBOX, a folder with a behaviour, or one with children."""


class FolderHasChildren(FolderInUse):
    """A folder that cannot be deleted because there are others below it."""


class Forbidden(StoreError):
    """The actor lacks a right on the folder; `right` is its RFC 4314 letter."""

    def __init__(self, right: str = "") -> None:
        super().__init__(right)
        self.right = right


class GranteeMissing(StoreError):
    """Nobody by this name to share a folder with."""


class RightsFixed(StoreError):
    """These rights come with the whole mailbox (ownership, an office, a grant): no folder's list takes them away."""


class TooManyShares(StoreError):
    """A folder's list is as long as it may be."""


class MoveRefused(StoreError):
    """A folder behaviour said no; `sentence` is for the user, in the actor's language."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class MessageTooLarge(StoreError):
    """Over the agency's limit; `limit` in octets."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class TooManyAnnotations(StoreError):
    """There are as many notes as there may be."""


class OverQuota(StoreError):
    """The mailbox holds as much as it may; its owner can make room."""


class StoreFull(StoreError):
    """The disk has less than its reserve left, or a write found no space. Temporary."""


class StoreUnavailable(StoreError):
    """The database or the blob store does not answer in time. Temporary."""


class KeywordsInvalid(StoreError):
    """A keyword that is no atom or too long, or more of them than an entry may have."""
