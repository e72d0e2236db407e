"""What a search looks at: the columns of a view as of one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mailserver.imap.search.program import Messages
from mailserver.imap.view import View


@dataclass(slots=True)
class Frozen:
    """A view's columns as of the moment of the search, safe to read in another thread.

    now: seconds since 1970. offset: minutes east of UTC in which dates are counted as days.
    """

    folder_id: int
    uids: Sequence[int]
    pks: Sequence[int]
    dates: Sequence[int]
    save_dates: Sequence[int]
    sizes: Sequence[int]
    modseqs: Sequence[int]
    flags: bytes
    keywords: list[str]
    recent_from: int
    now: int
    offset: int
    resolve: Callable[[Messages], Iterable[range]]


def freeze(view: View, folder_id: int, now: int, offset: int, resolve: Callable[[Messages], Iterable[range]]) -> Frozen:
    rows, end = view.rows, view.count
    if view.is_current:
        flags, keywords = bytes(rows.flags[:end]), rows.keywords[:end]
        modseqs: Sequence[int] = rows.modseqs[:end]
    else:
        found = [view.row(index) for index in range(end)]
        flags = bytes(at.flags[index] for at, index in found)
        keywords = [at.keywords[index] for at, index in found]
        modseqs = [at.modseqs[index] for at, index in found]
    return Frozen(
        folder_id, rows.uids[:end], rows.pks[:end], rows.dates[:end], rows.save_dates[:end],
        rows.sizes[:end], modseqs, flags, keywords, view.recent_from, now, offset, resolve,
    )  # fmt: skip
