"""What the documents say about the code is true: paths, names, the diagram of transitions, standards."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from routing.incoming.transitions import ROWS
from routing.types import Action

TOP = Path(__file__).resolve().parent.parent
ROOMS = ("mailserver", "mailbox_policies", "routing", "webmail", "deploy")
FOLDERS = (*ROOMS, "tests", "docs", ".ci")
PAGES = sorted([TOP / "README.md", *(TOP / "docs").rglob("*.md")])
STANDARDS = TOP / "docs" / "standards.md"

# `folder/file.py`, `folder/`, and `folder/file.py:name` or `…:Class.method` for what stands in it.
QUOTED = re.compile(r"`([^`\n]+)`")
PLACE = re.compile(r"(?P<path>\.?[\w.-]+(?:/[\w.-]+)*/?)(?::(?P<name>[A-Za-z_][\w.]*))?")
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+\.md)(?:#[^)]*)?\)")
RFC = re.compile(r"RFC (\d{3,5})")
ARROW = re.compile(r"^\s*(\w+) --> (\w+): ([\w, ]+)$", re.MULTILINE)
# Acts that leave a document where it is; the diagram tells of them in a sentence.
STAYING = {Action.OPINE, Action.NOTIFY, Action.FILE, Action.ASK_TIME, Action.GRANT_TIME, Action.REFUSE_TIME}


def places(page: Path) -> Iterator[tuple[str, str]]:
    """(path, name or "") of everything in backquotes that looks like a place of this repository."""
    for quoted in QUOTED.findall(page.read_text(encoding="utf-8")):
        found = PLACE.fullmatch(quoted)
        if found and "/" in found["path"] and found["path"].partition("/")[0] in FOLDERS:
            yield found["path"], found["name"] or ""


def is_there(path: str, name: str) -> bool:
    place = TOP / path
    if not name:
        return place.exists()
    return place.suffix == ".py" and place.is_file() and name in defined(place)


@lru_cache(maxsize=256)
def defined(module: Path) -> frozenset[str]:
    """Functions, classes, methods and constants of a module, as "name" or "Class.name"."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return frozenset(name for node in tree.body for name in names(node))


def names(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.ClassDef):
        yield node.name
        yield from (f"{node.name}.{inner}" for child in node.body for inner in names(child))
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_every_place_named_in_a_document_is_there(page: Path) -> None:
    wrong = [f"{path}:{name}".removesuffix(":") for path, name in places(page) if not is_there(path, name)]
    wrong += [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert wrong == []


def test_names_that_are_not_there_are_found_out(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("`deploy/build.py:policy` `deploy/build.py:nothing` `deploy/nowhere.py` `a/b` `host:port`", "utf-8")
    assert [place for place in places(page) if not is_there(*place)] == [
        ("deploy/build.py", "nothing"),
        ("deploy/nowhere.py", ""),
    ]


def test_the_diagram_of_transitions_is_the_table() -> None:
    text = (TOP / "docs" / "architecture.md").read_text(encoding="utf-8")
    diagram = re.search(r"```mermaid\nstateDiagram-v2\n(.*?)```", text, re.DOTALL)
    assert diagram is not None
    drawn = {(a, act.strip(), b) for a, b, acts in ARROW.findall(diagram[1]) for act in acts.split(",")}
    assert drawn == {(r.state.value, r.action.value, r.next.value) for r in ROWS if r.action not in STAYING}


def test_every_standard_cited_in_code_has_a_row() -> None:
    rows = set(re.findall(r"^\| RFC (\d+) \|", STANDARDS.read_text(encoding="utf-8"), re.MULTILINE))
    assert cited() - rows == set()
    assert rows - cited() == set(), "rows that no code cites any more"


def cited() -> set[str]:
    files = (file for folder in (*ROOMS, "tests") for kind in ("*.py", "*.toml") for file in (TOP / folder).rglob(kind))
    return {number for file in files for number in RFC.findall(file.read_text(encoding="utf-8"))}
