"""How a FETCH is answered: which columns come from the folder's rows, which from the messages.

An answer is one template and some columns of equal length, so that a line costs one formatting
operation however many items it has. Items that never change for an entry are rendered together, as
one `Run`, and kept by `cache`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby, repeat

from mailserver.imap import responses
from mailserver.imap.fetch.items import Item, Octets, Simple, Text
from mailserver.imap.view import View

# Items that the folder's rows hold; the format of their cell.
_IN_ROWS = {
    Simple.UID: b"UID %d",
    Simple.FLAGS: b"FLAGS %b",
    Simple.MODSEQ: b"MODSEQ (%d)",
    Simple.SIZE: b"RFC822.SIZE %d",
    Simple.INTERNALDATE: b"INTERNALDATE %b",
    Simple.SAVEDATE: b"SAVEDATE %b",
    Simple.EMAILID: b"EMAILID (M%d)",
}
# In the rows too, but part of a run if there is one: they never change.
_FIXED = (Simple.SIZE, Simple.INTERNALDATE)


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring items that are rendered from a message once."""

    items: tuple[Item, ...]

    @property
    def needs_body(self) -> bool:
        """Whether octets behind the header are wanted; such runs are not kept."""
        return any(isinstance(item, Octets) and not is_header(item) for item in self.items)


@dataclass(frozen=True, slots=True)
class Plan:
    """items: in the order of the answer. columns: a row item, or a run. template: of one line."""

    items: tuple[Item, ...]
    columns: tuple[Simple | Run, ...]
    template: bytes

    @property
    def runs(self) -> tuple[Run, ...]:
        return tuple(column for column in self.columns if isinstance(column, Run))

    @property
    def needs_body(self) -> bool:
        return any(run.needs_body for run in self.runs)


def is_header(item: Octets) -> bool:
    """Whether the message's own header is enough for it."""
    return not item.section.path and item.section.text in (Text.HEADER, Text.FIELDS, Text.FIELDS_NOT)


def make_plan(items: Iterable[Item]) -> Plan:
    """UID first, the others in the order asked for (Dovecot `imap-fetch.c:154`)."""
    ordered = sorted(dict.fromkeys(items), key=lambda item: item is not Simple.UID)
    fixed_in_rows = all(item in _IN_ROWS for item in ordered)

    def in_rows(item: Item) -> bool:
        return item in _IN_ROWS and (fixed_in_rows or item not in _FIXED)

    columns: list[Simple | Run] = []
    for from_rows, group in groupby(ordered, in_rows):
        if from_rows:
            columns.extend(item for item in group if isinstance(item, Simple))
        else:
            columns.append(Run(tuple(group)))
    cells = [b"%b" if isinstance(column, Run) else _IN_ROWS[column] for column in columns]
    template = b"* %d FETCH (" + b" ".join(cells) + b")\r\n"
    return Plan(tuple(ordered), tuple(columns), template)


def lines(plan: Plan, view: View, span: range, offset: int, runs: Sequence[Iterable[bytes | None]] = ()) -> list[bytes]:
    """One line for each index of `span`; runs: the rendered cells of each of the plan's runs, none of them None.

    offset: minutes east of UTC that dates are written in.
    """
    rendered = iter(runs)
    columns: list[Iterable[object]] = [range(span.start + 1, span.stop + 1)]
    for column in plan.columns:
        columns.append(next(rendered) if isinstance(column, Run) else _cells(column, view, span, offset))
    template = plan.template
    return [template % cells for cells in zip(*columns, strict=True)]


def cell(item: Simple, view: View, index: int, offset: int) -> bytes:
    """One message's cell with its name."""
    return _IN_ROWS[item] % next(iter(_cells(item, view, range(index, index + 1), offset)))


def _cells(item: Simple, view: View, span: range, offset: int) -> Iterable[object]:
    rows, part = view.rows, slice(span.start, span.stop)
    if item is Simple.UID:
        return rows.uids[part]
    if item is Simple.SIZE:
        return rows.sizes[part]
    if item is Simple.INTERNALDATE:
        return responses.date_times(rows.dates[part], offset)
    if item is Simple.SAVEDATE:
        return responses.date_times(rows.save_dates[part], offset)
    if item is Simple.EMAILID:
        return rows.pks[part]
    if item is Simple.MODSEQ:
        return rows.modseqs[part] if view.is_current else [at.modseqs[i] for at, i in map(view.row, span)]
    return _flag_cells(view, span)


def _flag_cells(view: View, span: range) -> Iterable[bytes]:
    rows = view.rows
    recent_at = bisect_left(rows.uids, view.recent_from, span.start, span.stop)
    recent = chain(repeat(False, recent_at - span.start), repeat(True))
    if view.is_current:
        part = slice(span.start, span.stop)
        return map(responses.flag_list, rows.flags[part], rows.keywords[part], recent)
    found = [view.row(index) for index in span]
    bits = [at.flags[index] for at, index in found]
    words = [at.keywords[index] for at, index in found]
    return map(responses.flag_list, bits, words, recent)


def flag_lines(view: View, indexes: Sequence[int], *, uid: bool, flags: bool, modseq: bool) -> list[bytes]:
    """FETCH lines that tell of flags: answers to STORE, and changes by others."""
    plan = _flag_plan(uid, flags, modseq)
    return [line for span in spans(indexes) for line in lines(plan, view, span, 0)]


@lru_cache(maxsize=8)
def _flag_plan(uid: bool, flags: bool, modseq: bool) -> Plan:
    asked = ((Simple.UID, uid), (Simple.FLAGS, flags), (Simple.MODSEQ, modseq))
    return make_plan(item for item, wanted in asked if wanted)


def spans(indexes: Sequence[int]) -> list[range]:
    """Ascending indexes as ranges without gaps."""
    if isinstance(indexes, range):
        return [indexes]
    found: list[range] = []
    start = 0
    for at in range(1, len(indexes) + 1):
        if at == len(indexes) or indexes[at] != indexes[at - 1] + 1:
            found.append(range(indexes[start], indexes[at - 1] + 1))
            start = at
    return found if indexes else []
