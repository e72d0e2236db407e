"""The page of requirements tells of the tests that are there."""

from __future__ import annotations

import re

from tests.requirements.demands import Chapter, Demand, Proof, chapters, proofs
from tests.requirements.page import FAILED, OPEN, PAGE, PASSED, write

ROW = re.compile(r"^\| (R-\d{3}) \|.*\| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)


def test_every_number_that_a_test_names_is_a_demand() -> None:
    known = {demand.id for chapter in chapters() for demand in chapter.demands}
    assert {number for proof in proofs() for number in proof.demands} - known == set()


def test_the_page_names_the_tests_that_are_there_and_none_has_failed() -> None:
    """If this fails: python -m tests.requirements."""
    rows = {number: (tests, ended) for number, tests, ended in ROW.findall(PAGE.read_text(encoding="utf-8"))}
    expected = ROW.findall(write(chapters(), proofs(), {proof.test: True for proof in proofs()}))
    assert rows == {number: (tests, ended) for number, tests, ended in expected}


def test_a_demand_is_met_only_if_all_its_tests_passed() -> None:
    demands = (Demand("R-001", "a", "x"), Demand("R-002", "b", "y"), Demand("R-003", "c", "z"))
    marked = [Proof("t.py::one", ("R-001", "R-002")), Proof("t.py::two", ("R-002",))]
    page = write([Chapter("A", demands)], marked, {"t.py::one": True, "t.py::two": False})
    assert [ended for _, _, ended in ROW.findall(page)] == [PASSED, FAILED, OPEN]
