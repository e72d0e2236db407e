"""Keys with a text find the same whichever way is taken: by reading, by the index, in a range, one by one."""

from __future__ import annotations

import random

import pytest

from mailserver.actor import SYSTEM
from mailserver.imap.hub import load_state
from mailserver.imap.search import stored
from mailserver.imap.search.evaluate import evaluate
from mailserver.imap.search.frozen import freeze
from mailserver.imap.search.program import And, Contains, Field, Key, Not, Or
from mailserver.imap.view import View
from mailserver.store import entries
from mailserver.store.store import Store
from tests.support.mail import Box, letter

COLOURS = ("xanh", "trắng", "vàng")
NAMES = ("Hùng", "Dũng", "Lan", "Mai", "Cúc")


def words(number: int) -> set[str]:
    return {COLOURS[number % 3], NAMES[number % 5], f"số{number}"}


@pytest.fixture(scope="module", params=["together", "apart"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(store: Store, kind: str) -> tuple[int, list[int]]:
    """A folder, and which letter each of its messages is. apart: others lie between, some are there twice."""
    box = Box.make(store)
    kept = [number for number in range(24) if kind == "together" or number % 4 == 0]
    for number in range(24):
        text = " ".join(sorted(words(number)))
        box.put(letter(text, text, number), "INBOX" if number in kept else "Archive")
    if kind == "apart":
        inbox = box.folder().id
        box.store.db.write(lambda tx: entries.copy_tx(tx, inbox, [1, 2], inbox), SYSTEM)
        kept += kept[:2]
    return box.folder().id, kept


def programs(dice: random.Random, depth: int = 3) -> Key:
    inner = [programs(dice, depth - 1) for _ in range(dice.randint(1, 3))] if depth else []
    match dice.choice(["and", "or", "not", "text"]) if depth else "text":
        case "and":
            return And(tuple(inner))
        case "or":
            return Or(inner[0], inner[-1])
        case "not":
            return Not(inner[0])
    field = dice.choice([Field.TEXT, Field.BODY, Field.SUBJECT])
    return Contains(field, dice.choice([*COLOURS, *NAMES, f"số{dice.randint(10, 23)}", "không có"]))


def fits(key: Key, number: int) -> bool:
    match key:
        case And(keys):
            return all(fits(one, number) for one in keys)
        case Or(left, right):
            return fits(left, number) or fits(right, number)
        case Not(inner):
            return not fits(inner, number)
        case Contains(_, text):
            return text in words(number)
    raise AssertionError(key)


@pytest.mark.parametrize(("little", "few"), [(1 << 22, 8), (1, 8), (1, 1), (1, 1000), (3000, 2)])
def test_any_program_of_words(
    store: Store, folder: tuple[int, list[int]], monkeypatch: pytest.MonkeyPatch, little: int, few: int
) -> None:
    monkeypatch.setattr(stored, "LITTLE", little)
    monkeypatch.setattr(stored, "MOST_TEXT", 500)
    monkeypatch.setattr(stored, "FEW", few)
    folder_id, letters = folder
    view = View(store.db.read(lambda conn: load_state(conn, folder_id)), 0)
    frozen = freeze(view, folder_id, 0, 420, lambda _: [])
    dice = random.Random(2026)
    for _ in range(40):
        program = programs(dice)
        expected = [index for index, number in enumerate(letters) if fits(program, number)]
        assert store.db.read(lambda conn, p=program: evaluate(conn, frozen, p)) == expected, program
