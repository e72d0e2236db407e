"""The audit as a file for inspection, and whether such a file is as it was written.

One record a line, JSON or CSV, in the order of the chain, none left out between the first and the last; each with
its hash and that of the one before. A last line says how many there are and which is the last: a file that was cut
is found too. Reading and writing hold one page of records in memory, however long the file.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, unique
from typing import IO, Any

from sqlalchemy import Connection

from mailserver.store import auditrecords, raw
from mailserver.store.audit import Head
from mailserver.store.auditrecords import KEYS, NotARecord, Record

PAGE = 2_000
# Characters of a line; a record's detail is far smaller.
LONGEST_LINE = 16_000_000
_END = "end"
Progress = Callable[[int, int], None]


@unique
class Format(Enum):
    JSONL = "jsonl"
    CSV = "csv"


@unique
class Fault(Enum):
    """What is not as it was written. UNREADABLE: a line is no record. CHANGED: a record is not as it was sealed.

    BROKEN: it does not follow the one before it: one was changed, removed, or put elsewhere. CUT: the end is missing.
    """

    UNREADABLE = "unreadable"
    CHANGED = "changed"
    BROKEN = "broken"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Checked:
    """count: of records read. head: the last one. line, fault: the first line that is not as it was written."""

    count: int
    head: Head
    line: int = 0
    fault: Fault | None = None


def bounds(conn: Connection, since_ms: int | None, until_ms: int | None) -> tuple[int, int]:
    """The first and the last record of a time, (1, 0) for none. until_ms: up to just before."""
    conditions, values = [], []
    for condition, value in (("at >= ?", since_ms), ("at < ?", until_ms)):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    found = raw.row(conn, f"SELECT min(id), max(id) FROM audit{where}", values)
    return (1, 0) if found is None or found[0] is None else (int(found[0]), int(found[1]))


def write(
    read: Callable[[Callable[[Connection], list[Record]]], list[Record]],
    out: IO[str],
    first: int,
    last: int,
    form: Format,
    progress: Progress = lambda _done, _total: None,
) -> Head:
    """Write the records first…last; the last one written. read: asks the database, as `Database.read`."""
    put = _jsonl(out) if form is Format.JSONL else _csv(out)
    head, count = Head(0, b""), 0
    for record in _records(read, first, last):
        put(record.to_json())
        head, count = Head(record.id, record.hash), count + 1
        if count % PAGE == 0:
            progress(count, last - first + 1)
    put({KEYS[0]: _END, "at": count, "hash": head.hash.hex()})
    progress(count, last - first + 1)
    return head


def check(lines: Iterable[str], progress: Progress = lambda _done, _total: None) -> Checked:
    """Whether the lines of a file are as they were written; up to the first that is not. Takes either format."""
    head, count, number = Head(0, b""), 0, 0
    for number, value in enumerate(_values(lines), 1):
        if isinstance(value, dict) and value.get(KEYS[0]) == _END:
            whole = value.get("at") == count and value.get("hash") == head.hash.hex()
            return Checked(count, head) if whole else Checked(count, head, number, Fault.BROKEN)
        try:
            record = auditrecords.from_json(value)
        except NotARecord:
            return Checked(count, head, number, Fault.UNREADABLE)
        if not record.is_sound:
            return Checked(count, head, number, Fault.CHANGED)
        if count and (record.id != head.id + 1 or record.prev_hash != head.hash):
            return Checked(count, head, number, Fault.BROKEN)
        head, count = Head(record.id, record.hash), count + 1
        if count % PAGE == 0:
            progress(count, 0)
    return Checked(count, head, number + 1, Fault.CUT)


def is_ours(conn: Connection, head: Head) -> bool:
    """Whether the last record of a file is one of this installation's audit: with it all that come before."""
    kept = auditrecords.of_ids(conn, [head.id])
    return head.id in kept and kept[head.id].hash == head.hash


def _records(
    read: Callable[[Callable[[Connection], list[Record]]], list[Record]], first: int, last: int
) -> Iterator[Record]:
    after = first - 1
    while after < last:
        page = read(lambda conn, after=after: auditrecords.page(conn, after, last, PAGE))  # type: ignore[misc]
        if not page:
            return
        yield from page
        after = page[-1].id


def _jsonl(out: IO[str]) -> Callable[[dict[str, Any]], None]:
    def put(value: dict[str, Any]) -> None:
        out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")

    return put


def _csv(out: IO[str]) -> Callable[[dict[str, Any]], None]:
    rows = csv.DictWriter(out, KEYS, restval="", lineterminator="\r\n")
    rows.writeheader()

    def put(value: dict[str, Any]) -> None:
        detail = value.get("detail")
        words = {} if detail is None else {"detail": json.dumps(detail, ensure_ascii=False, separators=(",", ":"))}
        rows.writerow({key: "" if one is None else one for key, one in (value | words).items()})

    return put


def _values(lines: Iterable[str]) -> Iterator[Any]:
    """What each line says; None for what cannot be read."""
    source = iter(lines)
    first = next(source, "")
    if first.startswith("{"):
        yield _json(first)
        for line in source:
            yield _json(line)
        return
    reader = csv.reader([first])
    names = next(reader, [])
    for row in _csv_rows(source):
        yield _of_csv(dict(zip(names, row, strict=False))) if len(row) == len(names) else None


def _csv_rows(source: Iterator[str]) -> Iterator[list[str]]:
    rows = csv.reader(source)
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield []


def _json(line: str) -> Any:
    try:
        return json.loads(line) if len(line) <= LONGEST_LINE else None
    except (ValueError, RecursionError):
        return None


def _of_csv(row: dict[str, str]) -> Any:
    """A row of CSV as the JSON that it was made of; None if it cannot have been made of any."""
    value: dict[str, Any] = dict(row)
    try:
        if value[KEYS[0]] == _END:
            return {KEYS[0]: _END, "at": int(value["at"]), "hash": value["hash"]}
        for key in ("id", "at"):
            value[key] = int(value[key])
        for key in ("actor_id", "on_behalf_of_id", "owner_id"):
            value[key] = int(value[key]) if value[key] else None
    except (KeyError, ValueError):
        return None
    value["detail"] = _json(value.get("detail", ""))
    return value
