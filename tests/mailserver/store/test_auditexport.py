"""The audit as a file: whatever happens to a line of it is found."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import audit, auditexport
from mailserver.store.auditexport import Checked, Fault, Format
from mailserver.store.store import Store
from tests.mailserver.store.test_audit import fill

Lines = list[str]


def exported(store: Store, form: Format, first: int = 1, last: int = 12) -> Lines:
    out = io.StringIO(newline="")
    auditexport.write(store.db.read, out, first, last, form)
    return out.getvalue().splitlines(keepends=True)


@pytest.fixture
def store(store: Store) -> Store:
    fill(store)
    return store


@pytest.mark.parametrize("form", list(Format))
def test_a_whole_file_is_in_order_and_ends_at_the_head(store: Store, form: Format) -> None:
    lines = exported(store, form)
    head = store.db.read(audit.head)
    assert auditexport.check(lines) == Checked(12, head)
    assert store.db.read(lambda conn: auditexport.is_ours(conn, head))
    assert auditexport.check(exported(store, form, 4, 9)).count == 6
    assert auditexport.check(exported(store, form, 1, 0)).count == 0


def test_it_says_who_what_and_when_in_both_formats(store: Store) -> None:
    first = json.loads(exported(store, Format.JSONL)[0])
    assert (first["id"], first["actor_id"], first["action"], first["detail"]["text"]) == (1, 5, "test.done", "số 0")
    row = next(csv.DictReader(exported(store, Format.CSV)))
    assert (row["id"], row["action"], json.loads(row["detail"])) == ("1", "test.done", first["detail"])
    assert row["hash"] == first["hash"]


def without(at: int) -> Callable[[Lines], Lines]:
    return lambda lines: lines[:at] + lines[at + 1 :]


def swapped(lines: Lines) -> Lines:
    return [*lines[:4], lines[5], lines[4], *lines[6:]]


def with_words(old: str, new: str) -> Callable[[Lines], Lines]:
    return lambda lines: [line.replace(old, new) for line in lines]


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (without(5), Fault.BROKEN),
        (swapped, Fault.BROKEN),
        (lambda lines: [*lines[:5], lines[4], *lines[5:]], Fault.BROKEN),
        (with_words("số 7", "số 8"), Fault.CHANGED),
        (with_words("10.0.0.9", "10.0.0.8"), Fault.CHANGED),
        (with_words("test.done", "test.other"), Fault.CHANGED),
        (lambda lines: lines[:-1], Fault.CUT),
        (lambda lines: lines[:6], Fault.CUT),
        (lambda lines: [*lines[:-2], lines[-1]], Fault.BROKEN),
        (lambda lines: [*lines[:3], "rác\n", *lines[3:]], Fault.UNREADABLE),
        (lambda lines: [*lines[:3], "[" * 100_000 + "\n", *lines[3:]], Fault.UNREADABLE),
        (lambda lines: ["a,b\n", *lines[1:]], Fault.UNREADABLE),
        (lambda _lines: [], Fault.CUT),
    ],
)
def test_every_change_is_found(store: Store, form: Format, change: Callable[[Lines], Lines], fault: Fault) -> None:
    found = auditexport.check(change(exported(store, form)))
    assert found.fault is fault
    assert found.line > 0


def test_a_chain_made_anew_is_known_by_its_head(store: Store) -> None:
    head = auditexport.check(exported(store, Format.JSONL)).head
    other = audit.Head(head.id, bytes(32))
    assert not store.db.read(lambda conn: auditexport.is_ours(conn, other))


def test_records_of_some_days(store: Store) -> None:
    def bounds(since: int | None, until: int | None) -> tuple[int, int]:
        return store.db.read(lambda conn: auditexport.bounds(conn, since, until))

    assert bounds(None, None) == (1, 12)
    assert bounds(0, 1) == (1, 0)
    store.db.write(lambda tx: audit.record_tx(tx, "test.later"), SYSTEM)
    assert bounds(0, None) == (1, 13)
