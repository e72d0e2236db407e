"""The demands of the regulations (`register.toml`) and the tests that carry their numbers."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
TOP = TESTS.parent
REGISTER = Path(__file__).with_name("register.toml")
MARKER = "pytest.mark.requirement"


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand: its number ("R-083"), what it asks for, and the articles it stands in."""

    id: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    demands: tuple[Demand, ...]


@dataclass(frozen=True, slots=True, order=True)
class Proof:
    """A test function that names demands; test: as pytest calls it, without parameters."""

    test: str
    demands: tuple[str, ...]


def chapters() -> list[Chapter]:
    """The register, in its order."""
    read = tomllib.loads(REGISTER.read_text(encoding="utf-8"))
    return [
        Chapter(one["title"], tuple(Demand(number, *words) for number, words in one["demands"].items()))
        for one in read["chapter"]
    ]


def proofs() -> list[Proof]:
    """Every marked test, sorted; found by reading the files, so that nothing has to run."""
    return sorted(proof for path in TESTS.rglob("test_*.py") for proof in _in_file(path))


def _in_file(path: Path) -> Iterator[Proof]:
    source = path.read_text(encoding="utf-8")
    if MARKER not in source:
        return
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (named := tuple(_named(node))):
            yield Proof(f"{path.relative_to(TOP)}::{node.name}", named)


def _named(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == MARKER:
            yield from (ast.literal_eval(argument) for argument in decorator.args)
