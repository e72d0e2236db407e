"""What tests may not do: sleep, be skipped, or depend on how quick the machine is today."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent

# Helpers that look again and again until a deadline, and a power cut, which comes at any time.
SLEEPERS = {"tests/e2e/product.py", "tests/faults/kill_any.py", "tests/faults/power_cut.py"}
# Programs that measure; their figures are told, not judged.
MEASURERS = ("tests/bench/", "tests/faults/", "tests/fuzz/child.py", "tests/fuzz/growth.py")
STOPWATCHES = {"perf_counter", "perf_counter_ns", "process_time", "process_time_ns", "thread_time", "thread_time_ns"}
SKIPPING = {"skip", "skipif", "xfail", "importorskip"}
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "monotonic_ns"}


def sources() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in TESTS.rglob("*.py"))


def named(path: str) -> Iterator[tuple[str, str]]:
    """(module or object, name) of everything a file imports or reaches by a dot."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node.value), node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


@pytest.mark.parametrize("path", sources())
def test_nobody_sleeps_skips_or_holds_a_stopwatch(path: str) -> None:
    found = set(named(path))
    assert path in SLEEPERS or ("time", "sleep") not in found
    assert not [name for owner, name in found if owner.startswith("pytest") and name in SKIPPING]
    assert path.startswith(MEASURERS) or not [name for _owner, name in found if name in STOPWATCHES]


def run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Every node that is evaluated when the file is read, and none that waits to be called."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from run_at_import(child.args)
        elif not isinstance(child, ast.Lambda):
            yield child
            yield from run_at_import(child)


@pytest.mark.parametrize("path", sources())
def test_nobody_takes_the_time_at_import(path: str) -> None:
    """The last tests of a long run begin a quarter of an hour after their files were read."""
    nodes = run_at_import(ast.parse((ROOT / path).read_text(encoding="utf-8")))
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    assert not [ast.unparse(func) for func in calls if isinstance(func, ast.Attribute) and func.attr in CLOCKS]
