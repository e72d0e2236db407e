"""Short notices after an action, with the way back where there is one."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import flash, get_flashed_messages

CATEGORY = "note"


@dataclass(frozen=True, slots=True)
class Undo:
    """An ordinary form that takes the action back. fields: its hidden inputs, in order."""

    url: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Where to read on."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    error: bool = False
    undo: Undo | None = None
    link: Link | None = None


def say(text: str, undo: Undo | None = None, *, error: bool = False, link: Link | None = None) -> None:
    """Show `text` on the next page."""
    back = None if undo is None else {"url": undo.url, "fields": undo.fields}
    on = None if link is None else [link.url, link.label]
    flash(json.dumps({"text": text, "error": error, "undo": back, "link": on}), CATEGORY)


def notes() -> list[Note]:
    """What was said since the last page; each is shown once."""
    return [_parse(str(raw)) for raw in get_flashed_messages(category_filter=[CATEGORY])]


def _parse(raw: str) -> Note:
    said = json.loads(raw)
    back = said["undo"]
    undo = None if back is None else Undo(back["url"], tuple((n, v) for n, v in back["fields"]))
    return Note(said["text"], said["error"], undo, Link(*said["link"]) if said["link"] else None)
