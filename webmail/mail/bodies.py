"""Which parts of a message are its text, which are pictures inside it, which are attachments."""

from __future__ import annotations

from dataclasses import dataclass

from mailserver.mime.structure import Part, Structure

DEEPEST = 30
MOST_ATTACHMENTS = 500
# Texts shown one below the other; a message may have 10,000, each of which is read by itself.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Bodies:
    """shown: text/plain and text/html leaves, in order. inline: pictures by content id.

    attachments: everything else, in order, texts beyond MOST_SHOWN first.
    """

    shown: tuple[Part, ...]
    inline: dict[str, Part]
    attachments: tuple[Part, ...]

    @property
    def has_html(self) -> bool:
        return any(part.subtype == "html" for part in self.shown)


def choose(structure: Structure) -> Bodies:
    """Sort the parts of a message as a reader expects them (RFC 2046 §5.1.4, RFC 2387)."""
    shown: list[Part] = []
    rest: list[Part] = []
    _visit(structure.root, shown, rest, 0)
    shown, rest = shown[:MOST_SHOWN], shown[MOST_SHOWN:] + rest
    if not any(part.subtype == "html" for part in shown):
        return Bodies(tuple(shown), {}, tuple(rest[:MOST_ATTACHMENTS]))
    inline = {part.content_id.strip("<> "): part for part in rest if part.content_id and part.type == "image"}
    pictures = set(map(id, inline.values()))
    kept = [part for part in rest if id(part) not in pictures or part.disposition == "attachment"]
    return Bodies(tuple(shown), inline, tuple(kept[:MOST_ATTACHMENTS]))


def _visit(part: Part, shown: list[Part], rest: list[Part], depth: int) -> None:
    if part.type == "multipart" and depth < DEEPEST:
        _visit_container(part, shown, rest, depth)
    elif _is_text(part):
        shown.append(part)
    else:
        rest.append(part)


def _visit_container(part: Part, shown: list[Part], rest: list[Part], depth: int) -> None:
    if part.subtype != "alternative":
        for child in part.children:
            _visit(child, shown, rest, depth + 1)
        return
    tried: list[tuple[list[Part], list[Part]]] = []
    for child in part.children:
        sides: tuple[list[Part], list[Part]] = ([], [])
        _visit(child, *sides, depth + 1)
        tried.append(sides)
    # The last form is the richest that can be shown.
    best = next((sides for sides in reversed(tried) if sides[0]), None)
    if best is None:
        for sides in tried:
            rest.extend(sides[1])
        return
    shown.extend(best[0])
    # A calendar or PDF that stands as another form of the text is still something to open.
    rest.extend(best[1] + [leaf for sides in tried if sides is not best and not sides[0] for leaf in sides[1]])


def _is_text(part: Part) -> bool:
    if part.type != "text" or part.subtype not in ("plain", "html"):
        return False
    return part.disposition != "attachment" and part.filename is None
