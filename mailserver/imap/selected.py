"""The folder that a session has open, and what it is to the session."""

from __future__ import annotations

from dataclasses import dataclass, field

from mailserver.imap.hub import OpenFolder
from mailserver.imap.view import View
from mailserver.store.folders import Folder


@dataclass(slots=True)
class Selected:
    """The folder of the SELECTED state. name: as the client calls it. rights: RFC 4314 letters.

    checked_at: when the rights were last looked at, on the loop's clock. opened_at: the modseq that SELECT told.
    """

    folder: Folder
    name: str
    rights: frozenset[str]
    read_only: bool
    open: OpenFolder
    view: View
    checked_at: float = 0
    opened_at: int = field(init=False)

    def __post_init__(self) -> None:
        self.opened_at = self.open.state.modseq
