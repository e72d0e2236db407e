"""The page of prose beside a rule, with its examples, for people: a few marks of Markdown and nothing else.

Each page is there in Vietnamese (`RULE.vi.md`) and in English (`RULE.md`), with the same examples.

What the pages hold is ours, and it is escaped all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from markupsafe import Markup, escape

_MARKS = ((re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"), (re.compile(r"\*\*([^*\n]+)\*\*"), r"<strong>\1</strong>"))
# The line below the heading of a table.
_RULER = re.compile(r"\|[-| :]+\|")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph as HTML, or an example as it stands in the page, or the rows of a table, its heading first: cells as
    HTML."""

    text: str
    example: bool
    rows: tuple[tuple[Markup, ...], ...] = ()


@cache
def of_rule(name: str, language: str) -> tuple[Block, ...]:
    """The blocks below the title; none if the rule has no page. language: "vi" or "en"."""
    ending = ".md" if language == "en" else ".vi.md"
    page = files("mailbox_policies.rules") / f"{name.replace('-', '_')}{ending}"
    return read(page.read_text(encoding="utf-8")) if page.is_file() else ()


def read(page: str) -> tuple[Block, ...]:
    """The blocks of a page without its title."""
    blocks = re.split(r"\n[ \t]*\n", page.strip("\n"))
    return tuple(_block(block) for block in blocks if not block.startswith("# "))


def _block(block: str) -> Block:
    if block.startswith("    "):
        return Block("\n".join(line[4:] for line in block.split("\n")), example=True)
    if block.startswith("|"):
        lines = [line for line in block.split("\n") if not _RULER.fullmatch(line)]
        rows = (tuple(Markup(_marked(cell)) for cell in line.strip("|").split("|")) for line in lines)
        return Block("", example=False, rows=tuple(rows))
    return Block(_marked(block), example=False)


def _marked(text: str) -> str:
    found = str(escape(" ".join(text.split())))
    for pattern, tag in _MARKS:
        found = pattern.sub(tag, found)
    return found


def html(block: Block) -> Markup:
    """A paragraph, ready to be shown."""
    return Markup(block.text)
