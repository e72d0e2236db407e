"""The URL rules of the applications, compiled once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from werkzeug.routing import Rule

Build = Callable[..., tuple[str, str]]


@contextmanager
def compiled_once() -> Iterator[None]:
    """While this lasts, no function that fills in a rule is compiled a second time: that is half of making an app.

    Such a function is made of nothing but the rule's text, and belongs to no application.
    """
    made: dict[Any, Build] = {}
    compile_ = Rule._compile_builder

    def compiled(rule: Rule, append_unknown: bool = True) -> Build:
        if rule.defaults:
            return compile_(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in made:
            made[key] = compile_(rule, append_unknown)
        return made[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compiled)
        yield
