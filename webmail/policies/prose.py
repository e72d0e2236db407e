"""The page of prose beside a rule, with its examples, for people: a few marks of Markdown and nothing else.

What the pages hold is ours, and it is escaped all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from markupsafe import Markup, escape

_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph as HTML, or an example as it stands in the page."""

    text: str
    example: bool


@cache
def of_rule(name: str) -> tuple[Block, ...]:
    """The blocks below the title; none if the rule has no page."""
    page = files("mailbox_policies.rules") / f"{name.replace('-', '_')}.md"
    return read(page.read_text(encoding="utf-8")) if page.is_file() else ()


def read(page: str) -> tuple[Block, ...]:
    """The blocks of a page without its title."""
    blocks = re.split(r"\n[ \t]*\n", page.strip("\n"))
    return tuple(_block(block) for block in blocks if not block.startswith("# "))


def _block(block: str) -> Block:
    if block.startswith("    "):
        return Block("\n".join(line[4:] for line in block.split("\n")), example=True)
    return Block(_CODE.sub(r"<code>\1</code>", str(escape(" ".join(block.split())))), example=False)


def html(block: Block) -> Markup:
    """A paragraph, ready to be shown."""
    return Markup(block.text)
