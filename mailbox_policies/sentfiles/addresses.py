"""Where files are fetched: the page for people of ours, and the links of people outside. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

# As many digits as a number of ours can have in a text.
_NUMBER = rb"(\d{1,15})(?!\d)"


@dataclass(frozen=True, slots=True)
class Addresses:
    """web: https address of the web server, without "/" at its end."""

    web: str

    def page(self, file_id: int) -> str:
        """The page of a file, for who is signed in."""
        return f"{self.web}/tep/{file_id}"

    def link(self, token: str) -> str:
        """What one person outside gets."""
        return f"{self.web}/lay-tep/{token}"

    def named(self, text: bytes) -> set[int]:
        """The files whose pages a text in any charset that has ASCII in it names."""
        return {int(found[1]) for found in self._pages().finditer(text)}

    def replaced(self, text: bytes, links: dict[int, str]) -> bytes:
        """The same text with links instead of the pages of these files."""

        def link(found: re.Match[bytes]) -> bytes:
            there = links.get(int(found[1]))
            return found[0] if there is None else there.encode("ascii")

        return self._pages().sub(link, text)

    def _pages(self) -> re.Pattern[bytes]:
        return re.compile(re.escape(f"{self.web}/tep/").encode() + _NUMBER)
