"""No file takes from a file that takes from it, also not for types only or within a function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("deploy", "webmail", "routing", "mailbox_policies", "mailserver")
# What folders do and the transaction they do it in: each is part of what the other means.
TOGETHER = {("mailserver.store.tx", "mailserver.store.behaviours")}


def modules() -> dict[str, Path]:
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def taken_by(path: Path) -> Iterator[str]:
    """Dotted names of everything that is imported: of modules, and of what is in them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_imports_go_round_in_no_circle() -> None:
    known = modules()
    graph = {}
    for name, path in known.items():
        taken = {one if one in known else one.rpartition(".")[0] for one in taken_by(path)}
        graph[name] = {one for one in taken & known.keys() if one != name and (name, one) not in TOGETHER}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        raise AssertionError(" takes from ".join(reversed(found.args[1]))) from None
