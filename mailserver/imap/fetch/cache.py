"""Rendered runs of messages, kept within a budget: what never changes is rendered once a process."""

from __future__ import annotations

from collections import OrderedDict

from mailserver.imap.fetch.plan import Run

# Python's own cost of a kept cell: the bytes object, its key, the slot in the table.
OVERHEAD = 120


class Table:
    """Cells of one run in one folder by uid; `octets` is what they cost."""

    __slots__ = ("cells", "octets")

    def __init__(self) -> None:
        self.cells: dict[int, bytes] = {}
        self.octets = 0


class RenderCache:
    """Tables by folder and run; the least recently used table goes first."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._tables: OrderedDict[tuple[int, Run], Table] = OrderedDict()
        self.octets = 0

    def table(self, folder_id: int, run: Run) -> Table:
        key = (folder_id, run)
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = Table()
        else:
            self._tables.move_to_end(key)
        return table

    def add(self, table: Table, cells: dict[int, bytes]) -> None:
        """Keep cells; a table that alone is over half the budget starts anew."""
        octets = sum(map(len, cells.values())) + OVERHEAD * len(cells)
        if table.octets + octets > self._budget // 2:
            self.octets -= table.octets
            table.cells.clear()
            table.octets = 0
        if octets > self._budget // 2:
            return
        table.cells.update(cells)
        table.octets += octets
        self.octets += octets
        while self.octets > self._budget:
            _, oldest = self._tables.popitem(last=False)
            self.octets -= oldest.octets
            oldest.cells.clear()
            oldest.octets = 0
