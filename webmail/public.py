"""Views need a signed-in person unless they say otherwise here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Mark a view that anybody may open."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def own_right(view: View) -> View:
    """Mark a form that whoever has its address may send: it takes nothing from the browser's cookies, so that it does
    not matter which page sent it."""
    view.own_right = True  # type: ignore[attr-defined]
    return view


def before_second_factor(view: View) -> View:
    """Mark a view that is open to a person who still has to switch on a second factor."""
    view.before_second_factor = True  # type: ignore[attr-defined]
    return view


def before_password_change(view: View) -> View:
    """Mark a view that is open to a person who still has to choose a new password."""
    view.before_password_change = True  # type: ignore[attr-defined]
    return view
