"""What parsing finds wrong."""

from __future__ import annotations


class ParseError(ValueError):
    """The command breaks the grammar; answered BAD. The text is ours and quotes no input."""


class NameRefused(ValueError):
    """The grammar holds, but a name or value in it cannot be taken; answered NO.

    code: response code of RFC 5530 without brackets.
    """

    def __init__(self, text: str, code: bytes = b"CANNOT") -> None:
        super().__init__(text)
        self.code = code
