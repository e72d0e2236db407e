"""How much work a call is, counted and not timed: the same figure on every machine.

Counted are the instructions of the interpreter. What a single one does inside C (a search of `bytes`, a
regular expression) is one step however long it takes: `tests/mailserver/test_regexes.py` looks at the
expressions, `python -m tests.fuzz TARGET --growth` measures the rest.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

# What doubling a doubled input may add, as a multiple of what the first doubling added. Exactly
# linear work has 2, quadratic work 4.
LINEAR = 2.3
# Steps by which chance may differ: a buffer that grows, a cache that fills.
SLACK = 400


def steps(call: Callable[[], object]) -> int:
    """Instructions that the interpreter executes in the call. What it raises is raised."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def grows_linearly(work: Callable[[int], object], size: int) -> tuple[bool, list[int]]:
    """Whether the work for `size`, twice and four times as much grows no faster, and the steps it takes."""
    work(size)  # imports and caches are filled
    counted = [steps(lambda times=times: work(size * times)) for times in (1, 2, 4)]  # type: ignore[misc]
    once, twice, four_times = counted
    return four_times - twice <= LINEAR * max(twice - once, 0) + SLACK, counted
